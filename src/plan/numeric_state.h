/*-------------------------------------------------------------------------
 *
 * plan/numeric_state.h
 *		States of sums, averages and variances of numbers, in the form in which
 *		PostgreSQL hands them from one process to another.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_NUMERIC_STATE_H
#define NEON_PLAN_NUMERIC_STATE_H

#include "nodes/primnodes.h"

/*
 * The expression by which the remote computes the state of a partial
 * aggregate, which is serialized by this function.  NULL if it cannot.
 */
extern Node *neon_numeric_state(Aggref *partial, Oid serialize);

#endif							/* NEON_PLAN_NUMERIC_STATE_H */
