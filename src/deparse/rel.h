/*-------------------------------------------------------------------------
 *
 * deparse/rel.h
 *		Print a SELECT over joined relations.
 *
 * The planner code describes what a relation of its own (a join, a grouping,
 * a sort ...) is on the remote.  One SELECT is enough for any of them, because
 * PostgreSQL plans joins, grouping, sorting and LIMIT in the order in which
 * the clauses of a SELECT work.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_REL_H
#define NEON_DEPARSE_REL_H

#include "deparse/deparse.h"

/* Conditions, all of which must hold. */
typedef struct NeonConditions
{
	List	   *exprs;			/* shippable expressions */
	List	   *exists;			/* NeonExists */
} NeonConditions;

/* What stands in a FROM clause. */
typedef struct NeonFrom
{
	Index		relid;			/* of a table or a subquery; 0: a join */
	NeonTableOptions *table;	/* of a table; NULL: a subquery or a join */
	JoinType	jointype;		/* of a join: JOIN_INNER, _LEFT or _FULL */
	struct NeonFrom *left;
	struct NeonFrom *right;
	NeonConditions conditions;	/* of a join: ON */

	/*
	 * A subquery selects these expressions, as c1, c2 ..., from left, where
	 * the conditions hold.
	 */
	List	   *columns;
} NeonFrom;

/* [NOT] EXISTS (SELECT FROM from WHERE conditions) */
typedef struct NeonExists
{
	bool		negated;
	NeonFrom   *from;
	NeonConditions conditions;
} NeonExists;

typedef struct NeonSortKey
{
	Expr	   *expr;
	Oid			sortop;
	bool		nulls_first;
} NeonSortKey;

typedef struct NeonSelect
{
	NeonFrom   *from;
	NeonConditions where;
	bool		grouped;		/* GROUP BY, aggregates or HAVING */
	List	   *group;			/* expressions */
	List	   *having;			/* expressions */
	bool		distinct;
	List	   *distinct_on;	/* expressions */
	List	   *sort;			/* NeonSortKeys */
	Node	   *offset;			/* may be NULL */
	Node	   *count;			/* may be NULL */
	List	   *columns;		/* expressions to return */
} NeonSelect;

/* Appends the text of a SELECT. */
extern void neon_sql_append_select(NeonRemoteSql *sql, NeonSelect *select);

/* Appends " ORDER BY ..." to the scan of one table, which has no alias. */
extern void neon_sql_append_scan_sort(NeonRemoteSql *sql, List *sort);

/*
 * Describes a SELECT for EXPLAIN: "Aggregate on ((a) LEFT JOIN (b))".  rtable
 * is the range table of the query.
 */
extern char *neon_describe_select(NeonSelect *select, List *rtable);

/* The FROM clause of one table. */
extern NeonFrom *neon_from_table(Index relid, NeonTableOptions *table);

#endif							/* NEON_DEPARSE_REL_H */
