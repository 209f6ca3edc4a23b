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

#include "utils/rel.h"

#include "compat/compat.h"
#include "option/option.h"
#include "option/table_cache.h"
#include "plan/cost.h"
#include "scan/siblings.h"
#include "scan/start.h"
#include "scan/sure_scans.h"
#include "scan/together.h"
#include "scan/too_large.h"

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

void
neon_together_add(NeonScanState *scan, ScanState *node)
{
	EState	   *estate = node->ps.state;
	Candidate  *candidate;

	/* EvalPlanQual has the rows already; a plan may have a single node. */
	if (estate->es_epq_active != NULL ||
		(estate->es_plannedstmt->planTree == node->ps.plan &&
		 estate->es_plannedstmt->subplans == NIL) ||
		neon_depends_on_siblings(scan->exprs))
		return;
	candidate = MemoryContextAlloc(estate->es_query_cxt, sizeof(Candidate));
	candidate->scan = scan;
	candidate->node = node;
	neon_sibling_add(estate, NEON_SIBLING_SCAN, candidate);
	scan->waiting = true;
}

/* ---------- what is taken along ---------- */

/* The scan of a plan node that waits to be sent with this user and command. */
static Candidate *
find_candidate(List *candidates, Plan *plan, UserMapping *user,
			   CommandId cid)
{
	ListCell   *lc;

	foreach(lc, candidates)
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
waits(List *candidates, Plan *asking)
{
	ListCell   *lc;

	foreach(lc, candidates)
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

/* Sets the query of a scan that may be taken along; it waits still. */
static void
fill_query(Candidate *candidate)
{
	neon_scan_fill_query(candidate->scan,
						 candidate->node->ps.ps_ExprContext);
	candidate->scan->waiting = true;
}

/* Is a scan known not to fit into a reply, even without others? */
static bool
is_too_large(Candidate *candidate)
{
	return neon_is_too_large(candidate->scan->user, &candidate->scan->query,
							 0);
}

/*
 * The candidates among the nodes of a list (Plans) that one request for this
 * user and command takes, in the order in which they are sent.  NULL stands for
 * the scan that asks, if it is one of these.  A scan whose rows are likely not
 * to fit into the reply besides the others stays behind.
 */
static List *
choose(List *candidates, List *plans, Plan *asking, UserMapping *user,
	   CommandId cid)
{
	List	   *chosen = NIL;
	double		bytes = 0;
	Size		text = 0;
	ListCell   *lc;

	if (asking != NULL)
		bytes = asking->plan_rows * asking->plan_width;
	foreach(lc, plans)
	{
		Plan	   *plan = lfirst(lc);
		double		more = plan->plan_rows * plan->plan_width;
		Candidate  *candidate = find_candidate(candidates, plan, user, cid);
		bool		alone = asking == NULL && chosen == NIL;

		if (plan == asking)
			chosen = lappend(chosen, NULL);
		else if (candidate != NULL &&
				 (alone || neon_fits_reply(user->umid, bytes + more,
										   NEON_USUAL_REPLY_LIMIT)))
		{
			fill_query(candidate);
			if (!alone && is_too_large(candidate))
				continue;
			text += text_size(&candidate->scan->query);
			if (!alone && text > MAX_TEXT)
				continue;
			bytes += more;
			chosen = lappend(chosen, candidate);
		}
	}
	return chosen;
}

/*
 * Sends what was chosen, and hands out the parts.  Returns the part of the scan
 * that asks, whose query is given.
 */
static NeonPart *
send_chosen(EState *estate, List *chosen, UserMapping *user,
			CommandId cid, const NeonQuery *query,
			NeonStats *stats)
{
	NeonQuery  *queries = palloc_array(NeonQuery, list_length(chosen));
	NeonPart   *result = NULL;
	NeonPart  **parts;
	ListCell   *lc;

	foreach(lc, chosen)
	{
		Candidate  *candidate = lfirst(lc);

		queries[foreach_current_index(lc)] =
			candidate != NULL ? candidate->scan->query : *query;
	}
	parts = neon_shared_send(estate->es_query_cxt, user, cid,
							 queries, list_length(chosen), stats);
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
	pfree(queries);
	return result;
}

/* May the scan be sent before its rows are wanted? */
static bool
is_async_capable(Candidate *candidate)
{
	Relation	rel = candidate->node->ss_currentRelation;
	bool		capable;

	capable = neon_connection_get(candidate->scan->user)->options->async_capable;
	if (rel == NULL)
		return capable;
	return neon_override(neon_table(RelationGetRelid(rel))->options->async_capable,
						 capable);
}

/*
 * Starts the scans on other servers, and those on this one that do not fit
 * into one reply with others.  Their remote work goes on while the scan that
 * asks is waited for, which may be sent only then; their rows wait in the
 * connections.
 */
static void
send_ahead(EState *estate, List *candidates, List *plans, Plan *asking,
		   UserMapping *user, bool is_sent)
{
	ListCell   *lc;

	foreach(lc, candidates)
	{
		Candidate  *candidate = lfirst(lc);
		NeonScanState *scan = candidate->scan;
		List	   *chosen;

		if (!scan->waiting || candidate->node->ps.plan == asking ||
			!list_member_ptr(plans, candidate->node->ps.plan) ||
			!is_async_capable(candidate) ||
			!neon_scan_may_send(scan, !is_sent &&
								scan->user->umid == user->umid ? 1 : 0))
			continue;
		chosen = choose(candidates, plans, NULL, scan->user, scan->cid);
		if (list_length(chosen) == 1)
		{
			scan = ((Candidate *) linitial(chosen))->scan;
			scan->waiting = false;
			neon_scan_send_alone(scan);
		}
		else
			(void) send_chosen(estate, chosen, scan->user, scan->cid, NULL,
							   &scan->stats);
	}
}

NeonPart *
neon_together_send(EState *estate, Plan *plan, UserMapping *user,
				   CommandId cid, const NeonQuery *query, NeonStats *stats)
{
	List	   *candidates = neon_siblings(estate, NEON_SIBLING_SCAN);
	NeonPart   *result = NULL;
	List	   *plans;
	List	   *chosen;

	if (!waits(candidates, plan))
		return NULL;
	plans = neon_sure_scans(estate->es_plannedstmt, plan);
	if (list_member_ptr(plans, plan))
		chosen = choose(candidates, plans, plan, user, cid);
	else
		chosen = lcons(NULL, choose(candidates, plans, plan, user, cid));
	if (list_length(chosen) > 1)
		result = send_chosen(estate, chosen, user, cid, query, stats);
	send_ahead(estate, candidates, plans, plan, user, result != NULL);
	return result;
}
