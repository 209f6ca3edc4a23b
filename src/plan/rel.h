/*-------------------------------------------------------------------------
 *
 * plan/rel.h
 *		Relations that one remote statement yields: what joins, groupings,
 *		sorts and limits have in common.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_REL_H
#define NEON_PLAN_REL_H

#include "plan/rel_info.h"

/*
 * A column (or PlaceHolderVar) of a relation that cannot be named above it in
 * the remote statement, and what is to be taken for it.
 */
typedef struct NeonReplacement
{
	Node	   *what;			/* Var or PlaceHolderVar */
	Node	   *by;
} NeonReplacement;

/*
 * The conditions in RestrictInfos, those without columns among them: where no
 * Result node checks these, they go along.
 */
extern List *neon_bare_clauses(List *rinfos);

/*
 * What is known of a relation that the remote can yield as a part of a
 * larger statement; NULL if it cannot.
 */
extern NeonRelInfo *neon_rel_info(RelOptInfo *rel);

/*
 * An expression over a relation in the terms of the remote statement, NULL
 * if that is not possible.  Not judged otherwise.
 */
extern Node *neon_rel_expr(NeonRelInfo *info, Node *expr);

/* Also judged: NULL if it may not run remotely. */
extern Node *neon_rel_remote_expr(NeonRelInfo *info, Node *expr);

extern void neon_rel_replace(NeonRelInfo *info, Node *what, Node *by);

/* True for a column that a replacement is for. */
extern bool neon_is_replaced(NeonRelInfo *info, Node *node);

/*
 * What must come from the remote for expressions to be computed here: their
 * columns, and those PlaceHolderVars that are computed there.
 */
extern List *neon_rel_inputs(NeonRelInfo *info, List *exprs);

/* True if the column, which may be a system column, may be fetched. */
extern bool neon_is_column_known(NeonRelInfo *info, Var *var);

/* True if all that may be fetched; NIL columns in a statement are "NULL". */
extern bool neon_are_inputs_known(NeonRelInfo *info, List *exprs);

/*
 * Info of a relation above another one: the same statement, to which more is
 * added.
 */
extern NeonRelInfo *neon_rel_above(NeonRelInfo *input);

/*
 * The statement of anything but a plain foreign table, with the columns that
 * it has to return for exprs to be computed here; scan_tlist is what these
 * are.
 */
extern NeonSelect neon_rel_select(PlannerInfo *root, NeonRelInfo *info,
								  List *exprs, List **scan_tlist);

#endif							/* NEON_PLAN_REL_H */
