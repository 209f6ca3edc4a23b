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
 * A Var or PlaceHolderVar that the remote statement cannot name above some
 * relation, and the expression that stands for it there.
 */
typedef struct NeonReplacement
{
	Node	   *what;			/* Var or PlaceHolderVar */
	Node	   *by;
} NeonReplacement;

/*
 * The conditions in a list of RestrictInfos.  Conditions without columns are
 * among them, because PostgreSQL makes no gating Result node for a relation
 * that is part of a remote join.
 */
extern List *neon_bare_clauses(List *rinfos);

/*
 * The info of a relation, with select and local_exprs set.  NULL if the
 * relation cannot be a part of a larger remote statement.
 */
extern NeonRelInfo *neon_rel_info(RelOptInfo *rel);

/*
 * An expression over a relation in the terms of the remote statement, NULL if
 * there are none for it.  Whether it may run remotely is not checked.
 */
extern Node *neon_rel_expr(NeonRelInfo *info, Node *expr);

/* As neon_rel_expr(), but NULL also if the expression may not run remotely. */
extern Node *neon_rel_remote_expr(NeonRelInfo *info, Node *expr);

/* Adds a replacement. */
extern void neon_rel_replace(NeonRelInfo *info, Node *what, Node *by);

/* True if there is a replacement for a Var or PlaceHolderVar. */
extern bool neon_is_replaced(NeonRelInfo *info, Node *node);

/*
 * The Vars and PlaceHolderVars that must come from the remote so that
 * expressions can be computed here.  A PlaceHolderVar that is not computed
 * remotely is replaced by its own inputs.
 */
extern List *neon_rel_inputs(NeonRelInfo *info, List *exprs);

/* True if a column, which may be a system column, can be fetched. */
extern bool neon_is_column_known(NeonRelInfo *info, Var *var);

/* True if all inputs of the expressions can be fetched. */
extern bool neon_are_inputs_known(NeonRelInfo *info, List *exprs);

/*
 * A new info for a relation above another one.  It has a copy of the other
 * one's statement, to which the caller adds.
 */
extern NeonRelInfo *neon_rel_above(NeonRelInfo *input);

/*
 * The statement of a join or an upper relation, with the columns that it has
 * to return so that exprs can be computed here.  *scan_tlist is set to a
 * target list of these columns.
 */
extern NeonSelect neon_rel_select(PlannerInfo *root, NeonRelInfo *info,
								  List *exprs, List **scan_tlist);

#endif							/* NEON_PLAN_REL_H */
