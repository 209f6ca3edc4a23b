/*-------------------------------------------------------------------------
 *
 * scan/together.c
 *		Scans of one statement that are sent as one request.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "plan/cost.h"
#include "scan/sure_scans.h"
#include "scan/together.h"

/*
 * Text of the statements and parameters that are taken along, at most: the
 * request must not exceed what the endpoint takes.
 */
#define MAX_TEXT	(512 * 1024)

/* A scan that may be taken along. */
typedef struct Candidate
{
	NeonScanState *scan;
	ScanState  *node;
} Candidate;

/* All scans of one execution of a statement. */
typedef struct Statement
{
	struct Statement *next;
	EState	   *estate;
	List	   *candidates;		/* in es_query_cxt */
	MemoryContextCallback cleanup;
} Statement;

/* Statements that are being executed, the innermost first. */
static Statement *statements = NULL;

static void
forget_statement(void *arg)
{
	Statement **link = &statements;

	while (*link != arg)
		link = &(*link)->next;
	*link = (*link)->next;
}

static Statement *
find_statement(EState *estate)
{
	Statement  *statement = statements;

	while (statement != NULL && statement->estate != estate)
		statement = statement->next;
	return statement;
}

/* Does a parameter's expression depend on what other nodes have computed? */
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

void
neon_together_add(NeonScanState *scan, ScanState *node)
{
	EState	   *estate = node->ps.state;
	Statement  *statement;
	Candidate  *candidate;
	MemoryContext old;

	/* EvalPlanQual has the rows already; a plan may have a single node. */
	if (estate->es_epq_active != NULL ||
		(estate->es_plannedstmt->planTree == node->ps.plan &&
		 estate->es_plannedstmt->subplans == NIL) ||
		depends_walker((Node *) scan->exprs, NULL))
		return;
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	statement = find_statement(estate);
	if (statement == NULL)
	{
		statement = palloc0_object(Statement);
		statement->estate = estate;
		statement->next = statements;
		statement->cleanup.func = forget_statement;
		statement->cleanup.arg = statement;
		statements = statement;
		MemoryContextRegisterResetCallback(estate->es_query_cxt,
										   &statement->cleanup);
	}
	candidate = palloc_object(Candidate);
	candidate->scan = scan;
	candidate->node = node;
	statement->candidates = lappend(statement->candidates, candidate);
	scan->waiting = true;
	MemoryContextSwitchTo(old);
}

/* ---------- what is taken along ---------- */

/* The scan of a plan node that waits to be sent with this user and command. */
static Candidate *
find_candidate(Statement *statement, Plan *plan, UserMapping *user,
			   CommandId cid)
{
	ListCell   *lc;

	foreach(lc, statement->candidates)
	{
		Candidate  *candidate = lfirst(lc);
		NeonScanState *scan = candidate->scan;

		if (candidate->node->ps.plan == plan && scan->waiting &&
			scan->user->umid == user->umid && scan->cid == cid)
			return candidate;
	}
	return NULL;
}

static bool
waits(Statement *statement, Plan *asking)
{
	ListCell   *lc;

	foreach(lc, statement->candidates)
	{
		Candidate  *candidate = lfirst(lc);

		if (candidate->scan->waiting && candidate->node->ps.plan != asking)
			return true;
	}
	return false;
}

static Size
text_size(const NeonQuery *query)
{
	Size		size = strlen(query->sql);

	for (int i = 0; i < query->nparams; i++)
		size += query->params[i] != NULL ? strlen(query->params[i]) : 0;
	return size;
}

/* Sets the query of a scan that is taken along. */
static void
fill_query(Candidate *candidate)
{
	NeonScanState *scan = candidate->scan;

	scan->query.sql = scan->sql;
	scan->query.nparams = neon_params_count(scan->params);
	scan->query.params = neon_params_eval(scan->params,
										  candidate->node->ps.ps_ExprContext);
	scan->query.ncolumns = scan->ncolumns;
}

/*
 * The candidates of a request, in the order in which they are sent; NULL
 * stands for the scan that asks.  A scan whose rows are likely not to fit into
 * the reply besides the others stays behind.
 */
static List *
choose(Statement *statement, Plan *asking, UserMapping *user, CommandId cid)
{
	List	   *chosen = NIL;
	double		rows = asking->plan_rows;
	double		bytes = rows * asking->plan_width;
	Size		text = 0;
	bool		found = false;
	ListCell   *lc;

	foreach(lc, neon_sure_scans(statement->estate->es_plannedstmt, asking))
	{
		Plan	   *plan = lfirst(lc);
		Candidate  *candidate;

		if (plan == asking)
		{
			found = true;
			chosen = lappend(chosen, NULL);
			continue;
		}
		candidate = find_candidate(statement, plan, user, cid);
		if (candidate == NULL)
			continue;
		bytes += plan->plan_rows * plan->plan_width;
		fill_query(candidate);
		text += text_size(&candidate->scan->query);
		if (!neon_fits_reply(bytes, 1) || text > MAX_TEXT)
		{
			bytes -= plan->plan_rows * plan->plan_width;
			text -= text_size(&candidate->scan->query);
			continue;
		}
		chosen = lappend(chosen, candidate);
	}
	return found ? chosen : lcons(NULL, chosen);
}

NeonPart *
neon_together_send(EState *estate, Plan *plan, UserMapping *user,
				   CommandId cid, const NeonQuery *query, NeonStats *stats)
{
	Statement  *statement = find_statement(estate);
	NeonPart   *result = NULL;
	NeonPart  **parts;
	NeonQuery  *queries;
	List	   *chosen;
	ListCell   *lc;

	if (statement == NULL || !waits(statement, plan))
		return NULL;
	chosen = choose(statement, plan, user, cid);
	if (list_length(chosen) <= 1)
		return NULL;
	queries = palloc_array(NeonQuery, list_length(chosen));
	foreach(lc, chosen)
	{
		Candidate  *candidate = lfirst(lc);

		queries[foreach_current_index(lc)] =
			candidate != NULL ? candidate->scan->query : *query;
	}
	parts = neon_shared_send(estate->es_query_cxt, user, cid, queries,
							 list_length(chosen), stats);
	foreach(lc, chosen)
	{
		Candidate  *candidate = lfirst(lc);
		NeonPart   *part = parts[foreach_current_index(lc)];

		if (candidate == NULL)
		{
			result = part;
			continue;
		}
		candidate->scan->part = part;
		candidate->scan->part_begun = false;
		candidate->scan->waiting = false;
	}
	return result;
}
