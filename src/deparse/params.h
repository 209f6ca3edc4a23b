/*-------------------------------------------------------------------------
 *
 * deparse/params.h
 *		Compute parameter values here and print them for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_PARAMS_H
#define NEON_DEPARSE_PARAMS_H

#include "nodes/execnodes.h"

typedef struct NeonParams NeonParams;

/*
 * Prepares the parameters of a remote statement: the n-th expression of exprs,
 * which NeonRemoteSql.params has collected, is $n.  Allocates in the current
 * memory context.
 */
extern NeonParams *neon_params_init(List *exprs, PlanState *parent);

extern int	neon_params_count(NeonParams *params);

/*
 * Evaluates all parameters in econtext and returns their text forms (NULL for
 * SQL null), printed under the settings that the guard makes on the remote.
 * The result is valid until the next call.
 */
extern const char *const *neon_params_eval(NeonParams *params,
										   ExprContext *econtext);

/*
 * Sets, for this session, the settings under which values are printed for
 * the remote, until neon_local_settings_end() with the returned level.  That
 * of money matters only if there is some among the values, and the search
 * path only if there are names of objects, such as of a regclass.
 */
extern int	neon_set_transmission_modes(bool money, bool names);

#endif							/* NEON_DEPARSE_PARAMS_H */
