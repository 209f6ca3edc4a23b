/*-------------------------------------------------------------------------
 *
 * modify/defaults.h
 *		DEFAULT in statements that write row by row.
 *
 * PostgreSQL's rewriter puts NULL where a statement says DEFAULT for a column
 * that has no default here.  The remote column may have one.  So the planner
 * hook marks such NULLs before the statement is planned; the plan of a table
 * that is written to finds the marks, and the remote is told DEFAULT.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_DEFAULTS_H
#define NEON_MODIFY_DEFAULTS_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

/*
 * The place in the statement's text of a NULL that stands for DEFAULT, and of
 * one that does not.  Other constants have a place there, or -1: nothing else
 * tells such a NULL apart from one that planning makes of an expression.
 */
#define NEON_LOCATION_DEFAULT	(-2)
#define NEON_LOCATION_NULL		(-3)

/* Is this one of our tables, or does it have some among its children? */
extern bool neon_concerns_us(RangeTblEntry *target);

/* Calls a function for a statement and each of its WITH queries. */
extern void neon_for_each_statement(Query *query, void (*function) (Query *));

/*
 * Marks what a statement, and each WITH query of it that writes, says DEFAULT
 * for.  To be called on the rewriter's query, which is changed.
 */
extern void neon_mark_defaults(Query *query);

/*
 * Takes columns that have DEFAULT in every row of VALUES out of a statement,
 * and out of each WITH query of it, that inserts into a table of ours.
 */
extern void neon_drop_defaults(Query *query);

/*
 * The planner hook is at work on a statement that has been marked, until
 * neon_defaults_end().
 */
extern void neon_defaults_begin(void);
extern void neon_defaults_end(void);

/*
 * The columns of the target that an UPDATE being planned sets to DEFAULT, as
 * an integer List.  Throws if the statement, INSERT or UPDATE, has a NULL that
 * may stand for DEFAULT but was not marked, as nothing was: this library was
 * loaded after the planning had begun.
 */
extern List *neon_planned_defaults(PlannerInfo *root, Index result_relation);

/*
 * A junk column of an INSERT, of type text: the numbers of those columns that
 * a row has DEFAULT for, with spaces between them; NULL if there are none.
 * They are numbered as in the table that the statement names.
 */
#define NEON_DEFAULTS_COLUMN	"neon_defaults"

/* Makes a plan fit for that column. */
extern void neon_finish_defaults(PlannedStmt *stmt);

#endif							/* NEON_MODIFY_DEFAULTS_H */
