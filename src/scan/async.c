/*-------------------------------------------------------------------------
 *
 * scan/async.c
 *		Foreign scans below an Append that is read in the order of arrival.
 *
 * An Append that has no row waits for events of sockets that its children
 * name.  A transfer of libcurl has several of them, which change, and timers.
 * So no socket is named: the child that is asked for one waits itself, for
 * whichever child gets a row first, and hands rows to the Append.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "executor/instrument.h"
#include "foreign/fdwapi.h"

#include "compat/compat.h"
#include "http/wait.h"
#include "scan/async.h"
#include "scan/scan.h"

static NeonScanState *
state_of(AsyncRequest *areq)
{
	return ((ForeignScanState *) areq->requestee)->fdw_state;
}

/* Hands the next row to the Append, if there is one without waiting. */
static void
produce(AsyncRequest *areq)
{
	NeonScanState *state = state_of(areq);
	TupleTableSlot *slot;

	state->polls = true;
	slot = ((PlanState *) areq->requestee)->ExecProcNodeReal(areq->requestee);
	state->polls = false;
	if (TupIsNull(slot) && !state->done)
		ExecAsyncRequestPending(areq);
	else
		ExecAsyncRequestDone(areq, TupIsNull(slot) ? NULL : slot);
}

/*
 * The same while the Append waits, when nobody else tells it, and no node's
 * rows are counted.
 */
static void
complete(AsyncRequest *areq)
{
	areq->callback_pending = false;
	produce(areq);
	ExecAsyncResponse(areq);
	if (areq->requestee->instrument != NULL)
		InstrUpdateTupleCount(areq->requestee->instrument,
							  TupIsNull(areq->result) ? 0.0 : 1.0);
}

/* ---------- waiting ---------- */

static bool
is_ours(AsyncRequest *areq)
{
	return IsA(areq->requestee, ForeignScanState) &&
		((ForeignScanState *) areq->requestee)->fdwroutine->ForeignAsyncRequest ==
		neonForeignAsyncRequest;
}

/*
 * Must somebody wait before the Append can go on?  Not if it has rows, or
 * other children to ask; and not if children of another kind wait, because
 * then the Append does that itself, for their sockets.
 */
static bool
must_wait(AppendState *append)
{
	if (!append->as_syncdone || append->as_nasyncresults > 0 ||
		!bms_is_empty(append->as_needrequest))
		return false;
	for (int i = 0; i < append->as_nplans; i++)
	{
		AsyncRequest *areq = append->as_asyncrequests[i];

		if (areq != NULL && areq->callback_pending && !is_ours(areq))
			return false;
	}
	return true;
}

/*
 * One of the children that can be asked for a row.  If all wait for others to
 * be read first, which none of these are, the first one is the one to ask.
 * NULL: not yet, and *deadline is lowered to when one must be asked.
 */
static AsyncRequest *
find_ready(AppendState *append, int64 *deadline)
{
	AsyncRequest *first = NULL;
	bool		all_behind = true;

	for (int i = 0; i < append->as_nplans; i++)
	{
		AsyncRequest *areq = append->as_asyncrequests[i];

		if (areq == NULL || !areq->callback_pending)
			continue;
		if (neon_scan_ready(state_of(areq), deadline))
			return areq;
		if (!neon_scan_is_behind(state_of(areq)))
			all_behind = false;
		if (first == NULL)
			first = areq;
	}
	return all_behind ? first : NULL;
}

static void
wait_for_any(AppendState *append, instr_time *waited)
{
	AsyncRequest *ready;
	int64		deadline = NEON_NO_DEADLINE;

	while ((ready = find_ready(append, &deadline)) == NULL)
	{
		neon_wait(deadline,
				  neon_phase_wait_event(NEON_PHASE_WAIT, NEON_PURPOSE_READ),
				  waited);
		deadline = NEON_NO_DEADLINE;
	}
	if (neon_scan_is_behind(state_of(ready)))
		state_of(ready)->waits = true;
	complete(ready);
}

/* ---------- callbacks ---------- */

void
neonForeignAsyncRequest(AsyncRequest *areq)
{
	produce(areq);
}

void
neonForeignAsyncConfigureWait(AsyncRequest *areq)
{
	AppendState *append = castNode(AppendState, areq->requestor);
	int64		deadline = NEON_NO_DEADLINE;

	if (neon_scan_ready(state_of(areq), &deadline))
		complete(areq);
	else if (must_wait(append))
		wait_for_any(append, &state_of(areq)->stats.wait);
}

/* No socket is ever named, so nothing is notified of. */
void
neonForeignAsyncNotify(AsyncRequest *areq)
{
	produce(areq);
}
