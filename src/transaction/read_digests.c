/*-------------------------------------------------------------------------
 *
 * transaction/read_digests.c
 *		The digests that the reads of one request leave, and the state of the
 *		remote that they are of.
 *
 * Several requests may be under way at a time, and each may be sent again.  So
 * a state counts only if the request that brought it has verified all digests
 * that had arrived by then, and as long as each one that arrives is of it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "deparse/read_digest.h"
#include "deparse/remote_state.h"
#include "remote/guard.h"
#include "transaction/read_digests.h"

/*
 * A proof that fails costs a request.  On a remote on which there is always
 * somebody who commits it is tried once in so many, at most.
 */
#define MAX_IN_FULL	32

struct NeonDigests
{
	NeonReads  *reads;
	MemoryContext context;
	bool		each;			/* the state is wanted */
	List	   *added;			/* NeonReadChecks */
	NeonVerify	verify;
	int64		seen;			/* digests that are verified or of this one */
	bool		partial;		/* it does not verify all of those */
	bool		rolled_back;
	NeonStateProof proof;
	const char *base;			/* the state that a proof compares with */
	const char *state;			/* the one that it is of, NULL: none so far */

	/* statements, by their number among those before what is wanted */
	int			state_at;		/* -1: none */
	int			state_column;	/* of that one's row */
	int			first;			/* digest */
	int			n;
	NeonReadCheck **checks;		/* NULL where a statement has no digest */
};

NeonDigests *
neon_digests_create(NeonReads *reads, MemoryContext context, bool each)
{
	NeonDigests *digests = MemoryContextAllocZero(context,
												  sizeof(NeonDigests));

	digests->reads = reads;
	digests->context = context;
	digests->each = each;
	return digests;
}

void
neon_digests_add(NeonDigests *digests, const NeonQuery *reading,
				 CommandId cid, int64 number, List *writes)
{
	NeonReadCheck *check = neon_read_check_add(digests->reads,
											   digests->context, reading, cid,
											   number, writes, digests->each);
	MemoryContext old = MemoryContextSwitchTo(digests->context);

	if (check != NULL)
		digests->added = lappend(digests->added, check);
	MemoryContextSwitchTo(old);
}

NeonVerify
neon_digests_verify(NeonReads *reads, bool each)
{
	if (reads->checks == NIL || !each)
		return NEON_VERIFY_NOT;
	if (reads->state == NULL)
		return NEON_VERIFY_ALL;
	if (reads->in_full > 0)
	{
		reads->in_full--;
		return NEON_VERIFY_ALL;
	}
	return NEON_VERIFY_STATE;
}

void
neon_digests_unproved(NeonReads *reads)
{
	reads->unproved = Min(Max(1, 2 * reads->unproved), MAX_IN_FULL);
	reads->in_full = reads->unproved;
}

/* ---------- statements ---------- */

/*
 * Appends columns for the state, or for a proof.  One that the state is the
 * same needs no other.
 */
static void
append_state(NeonDigests *digests, StringInfo sql, NeonQuery *query)
{
	const NeonReads *reads = digests->reads;
	int			n = query->nparams;
	const char **params;

	digests->base = NULL;
	digests->proof = reads->rehearsed ? NEON_STATE_ROLLED_BACK :
		NEON_STATE_SAME;
	if (digests->verify == NEON_VERIFY_STATE)
	{
		digests->base = reads->state;
		params = palloc((n + 1) * sizeof(char *));
		for (int i = 0; i < n; i++)
			params[i] = query->params[i];
		params[n] = digests->base;
		query->params = params;
		query->nparams = n + 1;
		query->ncolumns++;
		appendStringInfoString(sql, neon_state_proof(digests->proof, n + 1));
		if (digests->proof == NEON_STATE_SAME)
			return;
		appendStringInfoString(sql, ", ");
	}
	query->ncolumns++;
	appendStringInfoString(sql, neon_state_column());
}

static bool
is_printed(const NeonReadCheck *check)
{
	return check->query.read == NEON_READ_PRINTED;
}

int
neon_digests_state_sql(NeonDigests *digests, NeonVerify verify, bool alone,
					   NeonQuery *query, int i)
{
	StringInfoData sql;

	digests->verify = verify;
	digests->state_at = -1;
	if (!digests->each ||
		(digests->added == NIL && verify == NEON_VERIFY_NOT) ||
		(alone && digests->added != NIL &&
		 is_printed(linitial(digests->added))))
		return 0;
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	memset(query, 0, sizeof(NeonQuery));
	query->shown = "";
	append_state(digests, &sql, query);
	query->sql = sql.data;
	digests->state_at = i;
	digests->state_column = 0;
	return 1;
}

int
neon_digests_bound(const NeonDigests *digests)
{
	/* between two statements for a user's SQL, and the one for the state */
	return 3 * list_length(digests->added) + 1;
}

static void
digest_query(NeonDigests *digests, NeonQuery *query,
			 const NeonReadCheck *check, bool with_state)
{
	StringInfoData sql;

	*query = check->query;
	query->ncolumns = 2;
	if (!with_state)
	{
		query->sql = neon_digest_sql(check->query.sql);
		return;
	}
	initStringInfo(&sql);
	append_state(digests, &sql, query);
	query->sql = neon_digest_with_sql(check->query.sql, sql.data);
}

int
neon_digests_sql(NeonDigests *digests, NeonQuery *queries, int i)
{
	int			n = 0;
	ListCell   *lc;

	digests->first = i;
	digests->checks = MemoryContextAllocZero(digests->context,
											 neon_digests_bound(digests) *
											 sizeof(NeonReadCheck *));
	foreach(lc, digests->added)
	{
		NeonReadCheck *check = lfirst(lc);
		bool		with_state = digests->each && digests->state_at < 0;

		if (!is_printed(check))
			neon_guard_enter(&queries[n++], false);
		if (with_state)
		{
			digests->state_at = i + n;
			digests->state_column = 2;
		}
		digests->checks[n] = check;
		digest_query(digests, &queries[n++], check, with_state);
		if (!is_printed(check))
			neon_guard_leave(&queries[n++]);
	}
	digests->n = n;
	return n;
}

void
neon_digests_sent(NeonDigests *digests, bool rolled_back)
{
	digests->seen = digests->reads->arrived;
	digests->partial = digests->reads->unverified;
	digests->rolled_back = rolled_back;
	if (rolled_back)
		digests->reads->rehearsed = true;
}

/* ---------- what arrives ---------- */

/* Takes the columns that append_state() has asked for. */
static void
take_state(NeonDigests *digests, char **values)
{
	NeonReads  *reads = digests->reads;

	if (digests->base != NULL)
	{
		reads->unproved = 0;
		values++;
	}
	if (digests->base != NULL && digests->proof == NEON_STATE_SAME)
		digests->state = digests->base;
	else
		digests->state = values[0] == NULL ? NULL :
			MemoryContextStrdup(digests->context, values[0]);
	if (digests->partial || reads->arrived != digests->seen)
		return;
	reads->state = digests->state;
	reads->rehearsed = digests->rolled_back;
}

/* A request that is sent again brings the digests of another snapshot. */
static void
take_digest(NeonDigests *digests, NeonReadCheck *check, const NeonRow *row)
{
	NeonReads  *reads = digests->reads;

	if (check->count == NULL)
	{
		reads->arrived++;
		digests->seen++;
	}
	check->count = MemoryContextStrdup(digests->context, row->values[0]);
	check->sum = row->values[1] == NULL ? NULL :
		MemoryContextStrdup(digests->context, row->values[1]);
	if (reads->requests > check->request)
		reads->unverified = true;
}

static bool
is_same_state(const char *a, const char *b)
{
	return a != NULL && b != NULL && (a == b || strcmp(a, b) == 0);
}

void
neon_digests_row(void *arg, int i, const NeonRow *row)
{
	NeonDigests *digests = arg;
	NeonReads  *reads = digests->reads;
	NeonReadCheck *check = NULL;

	if (i >= digests->first && i < digests->first + digests->n)
		check = digests->checks[i - digests->first];
	if (i == digests->state_at)
		take_state(digests, row->values + digests->state_column);
	if (check != NULL)
		take_digest(digests, check, row);
	if ((check != NULL || i == digests->state_at) &&
		!is_same_state(reads->state, digests->state))
		reads->state = NULL;
}
