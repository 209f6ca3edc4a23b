/*-------------------------------------------------------------------------
 *
 * transaction/behind.h
 *		Requests of a transaction, behind what it has written and read before.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_BEHIND_H
#define NEON_TRANSACTION_BEHIND_H

#include "remote/remote.h"
#include "transaction/queue.h"

typedef struct NeonBehind
{
	NeonBatchKind kind;			/* not a commit */
	List	   *writes;			/* behind which; of these, */
	CommandId	cid;			/* those that were made before this command */
	bool		all;			/* these are all that wait */
	const NeonQuery *reads;		/* each leaves a digest, where there are any */
	int			nreads;
	const NeonQuery *before;	/* run before what is wanted */
	int			nbefore;
	const NeonQuery *queries;	/* what is wanted */
	int			nqueries;
} NeonBehind;

/*
 * Sends a request, which fails with 40001 if what was read before has changed.
 * All that it points to is only read during the call.
 */
extern NeonReader *neon_send_behind(NeonQueue *queue,
									const NeonBehind *behind,
									NeonStats *stats);

#endif							/* NEON_TRANSACTION_BEHIND_H */
