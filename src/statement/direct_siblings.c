/*-------------------------------------------------------------------------
 *
 * statement/direct_siblings.c
 *		The children that one execution of a statement changes directly.
 *
 * The executor does not tell a node which others there are.  So they are
 * listed here, as long as the memory of the execution lives.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat/compat.h"
#include "statement/direct_siblings.h"

typedef struct DirectStatement
{
	struct DirectStatement *next;
	EState	   *estate;
	List	   *nodes;			/* in es_query_cxt */
	MemoryContextCallback cleanup;
} DirectStatement;

/* Statements that are being executed, the innermost first. */
static DirectStatement *statements = NULL;

static void
forget_statement(void *arg)
{
	DirectStatement **link = &statements;

	while (*link != arg)
		link = &(*link)->next;
	*link = (*link)->next;
}

static DirectStatement *
find_statement(EState *estate)
{
	DirectStatement *statement = statements;

	while (statement != NULL && statement->estate != estate)
		statement = statement->next;
	return statement;
}

void
neon_direct_add(ForeignScanState *node)
{
	EState	   *estate = node->ss.ps.state;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	DirectStatement *statement = find_statement(estate);

	if (statement == NULL)
	{
		statement = palloc0_object(DirectStatement);
		statement->estate = estate;
		statement->next = statements;
		statement->cleanup.func = forget_statement;
		statement->cleanup.arg = statement;
		statements = statement;
		MemoryContextRegisterResetCallback(estate->es_query_cxt,
										   &statement->cleanup);
	}
	statement->nodes = lappend(statement->nodes, node);
	MemoryContextSwitchTo(old);
}

List *
neon_direct_nodes(EState *estate)
{
	DirectStatement *statement = find_statement(estate);

	return statement != NULL ? statement->nodes : NIL;
}
