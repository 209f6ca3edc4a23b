/*-------------------------------------------------------------------------
 *
 * deparse/param_step.h
 *		Replace the local values of an expression or query by parameters.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_PARAM_STEP_H
#define NEON_DEPARSE_PARAM_STEP_H

#include "deparse/remote_sql.h"

/*
 * Returns a copy of a tree in which every local value is a parameter of the
 * statement, and every column of a remote relation is numbered as in the
 * statement's throw-away range table.
 */
extern Node *neon_sql_take_params(NeonRemoteSql *sql, Node *tree);

#endif							/* NEON_DEPARSE_PARAM_STEP_H */
