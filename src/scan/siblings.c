/*-------------------------------------------------------------------------
 *
 * scan/siblings.c
 *		Nodes of one execution of a statement, which do not know each other.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "scan/siblings.h"

/* One execution of a statement. */
typedef struct Execution
{
	struct Execution *next;
	EState	   *estate;
	List	   *nodes[NEON_SIBLING_KINDS];	/* in es_query_cxt */
	MemoryContextCallback cleanup;
} Execution;

/* Those under way, the innermost first. */
static Execution *executions = NULL;

static void
forget_execution(void *arg)
{
	Execution **link = &executions;

	while (*link != arg)
		link = &(*link)->next;
	*link = (*link)->next;
}

static Execution *
find_execution(EState *estate)
{
	Execution  *execution = executions;

	while (execution != NULL && execution->estate != estate)
		execution = execution->next;
	return execution;
}

void
neon_sibling_add(EState *estate, NeonSiblingKind kind, void *node)
{
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	Execution  *execution = find_execution(estate);

	if (execution == NULL)
	{
		execution = palloc0_object(Execution);
		execution->estate = estate;
		execution->next = executions;
		execution->cleanup.func = forget_execution;
		execution->cleanup.arg = execution;
		executions = execution;
		MemoryContextRegisterResetCallback(estate->es_query_cxt,
										   &execution->cleanup);
	}
	execution->nodes[kind] = lappend(execution->nodes[kind], node);
	MemoryContextSwitchTo(old);
}

List *
neon_siblings(EState *estate, NeonSiblingKind kind)
{
	Execution  *execution = find_execution(estate);

	return execution != NULL ? execution->nodes[kind] : NIL;
}

static bool
depends_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubPlan) ||
		(IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC))
		return true;
	return expression_tree_walker(node, depends_walker, context);
}

bool
neon_depends_on_siblings(List *exprs)
{
	return depends_walker((Node *) exprs, NULL);
}
