/*-------------------------------------------------------------------------
 *
 * transaction/behind.c
 *		Requests of a transaction, behind what it has written and read before.
 *
 * What was read is verified by a proof that the remote is in the same state,
 * if there is a state to compare with.  If the proof fails, another request
 * takes the place of the first one, of which nothing has run: it computes all
 * digests again.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat/compat.h"
#include "transaction/behind.h"
#include "transaction/read_digests.h"
#include "transaction/rollback_proof.h"
#include "transaction/script.h"

/* A request, and what it takes to make the one in its place. */
typedef struct Sending
{
	NeonQueue  *queue;
	NeonBehind	behind;
	NeonDigests *digests;		/* NULL: nothing that is read is checked */
	NeonQuery	proof;			/* that the endpoint rolls back */
	int			nproof;
	int64		counted;		/* checks that were counted, though unproved */
	NeonStats  *stats;
} Sending;

static NeonQuery *
copy_queries(const NeonQuery *queries, int n)
{
	NeonQuery  *copies = palloc_array(NeonQuery, n);

	for (int i = 0; i < n; i++)
		neon_query_copy(&copies[i], &queries[i]);
	return copies;
}

/* What the caller may forget once the request is sent is needed longer. */
static void
keep_queries(NeonBehind *behind)
{
	behind->before = copy_queries(behind->before, behind->nbefore);
	behind->queries = copy_queries(behind->queries, behind->nqueries);
}

static void
fill_batch(Sending *sending, NeonVerify verify, NeonBatch *batch)
{
	NeonQueue  *queue = sending->queue;
	NeonDigests *digests = sending->digests;
	const NeonBehind *behind = &sending->behind;
	List	   *writes = behind->all ? queue->writes : behind->writes;
	int			bound = sending->nproof + behind->nbefore +
		neon_script_bound(queue, writes, verify);
	NeonQuery  *first;
	int			n = 0;

	if (digests != NULL)
		bound += neon_digests_bound(digests);
	first = palloc_array(NeonQuery, bound);
	if (sending->nproof > 0)
		first[n++] = sending->proof;
	if (digests != NULL)
		n += neon_digests_state_sql(digests, verify, writes == NIL, &first[n],
									n);
	n += neon_script(queue, writes, behind->all, behind->cid, verify,
					 first + n, sending->stats);
	if (digests != NULL)
		n += neon_digests_sql(digests, first + n, n);
	for (int i = 0; i < behind->nbefore; i++)
		first[n++] = behind->before[i];
	*batch = (NeonBatch)
	{
		.kind = behind->kind,.before = first,.nbefore = n,
			.queries = behind->queries,.nqueries = behind->nqueries
	};
	if (digests == NULL)
		return;
	neon_digests_sent(digests, behind->kind == NEON_BATCH_REHEARSAL);
	batch->before_row = neon_digests_row;
	batch->before_arg = digests;
}

/* A NeonInstead. */
static void
compute_digests(void *arg, NeonBatch *batch)
{
	Sending    *sending = arg;

	sending->stats->read_checks -= sending->counted;
	neon_digests_unproved(&sending->queue->reads);
	fill_batch(sending, NEON_VERIFY_ALL, batch);
}

static NeonDigests *
make_digests(NeonQueue *queue, const NeonBehind *behind, bool each)
{
	NeonDigests *digests = neon_digests_create(&queue->reads, queue->context,
											   each);

	for (int i = 0; i < behind->nreads; i++)
		neon_digests_add(digests, &behind->reads[i], behind->cid,
						 queue->number, queue->writes);
	return digests;
}

NeonReader *
neon_send_behind(NeonQueue *queue, const NeonBehind *behind,
				 NeonStats *stats)
{
	Sending    *sending = palloc0_object(Sending);
	NeonVerify	verify = NEON_VERIFY_NOT;
	int64		counted = stats->read_checks;
	NeonBatch	batch;

	sending->queue = queue;
	sending->behind = *behind;
	sending->stats = stats;
	if (behind->kind == NEON_BATCH_REHEARSAL)
		sending->nproof = neon_rollback_proof(queue->connection,
											  &sending->proof, stats);
	if (sending->nproof > 0)
		queue->reads.rehearsed = true;
	if (neon_reads_are_checked(queue->connection))
	{
		bool		each = queue->connection->options->read_checks ==
			NEON_READ_CHECKS_EACH;

		verify = neon_digests_verify(&queue->reads, each);
		sending->digests = make_digests(queue, behind, each);
	}
	fill_batch(sending, verify, &batch);
	neon_script_sent(queue, behind->kind == NEON_BATCH_REHEARSAL);
	if (verify == NEON_VERIFY_STATE)
	{
		keep_queries(&sending->behind);
		sending->counted = stats->read_checks - counted;
		batch.instead = compute_digests;
		batch.instead_arg = sending;
	}
	return neon_remote_run(queue->connection, &batch, stats);
}
