/*-------------------------------------------------------------------------
 *
 * statement/rehearsed.h
 *		What a rehearsal has brought, and what is queued of it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_REHEARSED_H
#define NEON_STATEMENT_REHEARSED_H

#include "statement/write_task.h"
#include "transaction/pinned_rows.h"

/* What a rehearsal brought, to be committed. */
typedef struct NeonRehearsal
{
	const NeonWriteTask *task;
	NeonTouch	touch;			/* what the statement concerns */
	NeonCommitForm form;		/* of the plan, or the one that had to do */
	NeonPinColumns columns;
	NeonPinColumns unnamed;		/* names is NULL if triggers are no matter */
	int64		nrows;			/* that the statement concerns */
	const char *digest;			/* of inserted rows that are not known */
	int64		ninserted;		/* those of them that are in inserted */
	StringInfoData inserted;	/* array of rows as text */
	int64		nupdated;
	StringInfoData updated;		/* the same */
	StringInfoData versions;	/* array of the versions of updated rows */
	int64		nown;			/* of them, this transaction wrote before */
	bool		has_unpinnable; /* some of updated are null */
} NeonRehearsal;

/* Must the commit do without the versions, or rows, that it was planned for? */
extern bool neon_rehearsal_lacks_versions(const NeonRehearsal *rehearsal);

/*
 * Does it check versions that were not planned?  The row of a change by its
 * whole key must be the same above READ COMMITTED, see deparse/versions.h.
 */
extern bool neon_rehearsal_adds_versions(const NeonRehearsal *rehearsal);

/* Does it check them? */
extern bool neon_rehearsal_checks_versions(const NeonRehearsal *rehearsal);

/* Do the rows come back, to be pinned? */
extern bool neon_rehearsal_pins(const NeonRehearsal *rehearsal);

/* Queues what the statement did; nothing if it did nothing. */
extern void neon_queue_rehearsed(NeonRehearsal *rehearsal);

/*
 * Queues the statement once more.  Together with others that differ in their
 * values only, it may become a turn.
 */
extern void neon_queue_again(NeonRehearsal *rehearsal);

#endif							/* NEON_STATEMENT_REHEARSED_H */
