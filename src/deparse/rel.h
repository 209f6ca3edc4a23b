/*-------------------------------------------------------------------------
 *
 * deparse/rel.h
 *		Print a SELECT over joined relations.
 *
 * The planner side describes what a relation of its own (a join, a grouping,
 * a sort ...) is on the remote; one SELECT without subqueries in its list is
 * enough for all of them, because their order is that of SQL's clauses.
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
	Index		relid;			/* a table, or the number of a subquery's alias;
								 * 0: a join */
	NeonTableOptions *table;	/* of a table, else NULL */
	JoinType	jointype;		/* of a join: inner, left or full */
	struct NeonFrom *left;
	struct NeonFrom *right;
	NeonConditions conditions;	/* of a join: ON */

	/*
	 * A subquery selects these from left, where conditions hold; they are
	 * named c1, c2 ...
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
	Node	   *offset;			/* may be NULL, as may count */
	Node	   *count;
	List	   *columns;		/* expressions that it returns */
} NeonSelect;

/* Appends the text of it. */
extern void neon_sql_append_select(NeonRemoteSql *sql, NeonSelect *select);

/*
 * Appends " ORDER BY ..." to the scan of one table, which has no alias.
 */
extern void neon_sql_append_scan_sort(NeonRemoteSql *sql, List *sort);

/*
 * Names what a statement reads for a reader: "Aggregate on (a) LEFT JOIN (b)".
 * rtable is the range table of the query.
 */
extern char *neon_describe_select(NeonSelect *select, List *rtable);

/* A table that only stands for itself. */
extern NeonFrom *neon_from_table(Index relid, NeonTableOptions *table);

#endif							/* NEON_DEPARSE_REL_H */
