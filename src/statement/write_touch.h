/*-------------------------------------------------------------------------
 *
 * statement/write_touch.h
 *		The rows that one execution of a whole write concerns.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_TOUCH_H
#define NEON_STATEMENT_WRITE_TOUCH_H

#include "statement/write_plan.h"
#include "transaction/touched.h"

/*
 * Fills in touch from the plan and the values of the statement's parameters.
 * Allocates in the current memory context; touch refers to the plan.
 */
extern void neon_write_touch(NeonTouch *touch, const NeonWritePlan *plan,
							 const char *const *params);

#endif							/* NEON_STATEMENT_WRITE_TOUCH_H */
