/*-------------------------------------------------------------------------
 *
 * transaction/transaction.h
 *		What a local transaction has written, and its commit.
 *
 * The endpoint keeps no transaction between requests.  So what is written
 * waits here, in a queue per user mapping, and is sent as one batch when the
 * local transaction commits; to roll back is to forget.  A statement whose
 * outcome is wanted before that is rehearsed: it is sent behind all that
 * waits, and rolled back.
 *
 * On a server with transactions 'autocommit' nothing waits.
 *
 * The folder transaction/ may call deparse/ and what is below; it knows
 * neither plans nor scans.  It promises that what was queued is committed as
 * a whole with the local transaction, or not at all.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_TRANSACTION_H
#define NEON_TRANSACTION_TRANSACTION_H

#include "nodes/execnodes.h"

#include "remote/remote.h"
#include "transaction/pending.h"
#include "transaction/touched.h"

/*
 * Sends statements that read, as of command cid: they see what commands
 * before it have written.  As neon_remote_read() otherwise.
 */
extern NeonReader *neon_transaction_read(UserMapping *user, CommandId cid,
										 const NeonQuery *queries,
										 int nqueries, NeonStats *stats);

/*
 * Is the statement that is being executed a transaction of its own, which has
 * read and written nothing yet, on any server or here?  If it reads in one
 * request only, no check of that is needed (NeonQuery.alone).
 */
extern bool neon_transaction_reads_once(EState *estate);

/*
 * Sends statements, some of them before those whose results are wanted, that
 * keep on the remote what the statement read returns as of command cid, and
 * commits them at once.  They may run twice.  Not if neon_transaction_may_keep()
 * says that read depends on what must not be committed yet.
 */
extern NeonReader *neon_transaction_keep(UserMapping *user, CommandId cid,
										 const NeonQuery *read,
										 const NeonQuery *before, int nbefore,
										 const NeonQuery *queries,
										 int nqueries, NeonStats *stats);
extern bool neon_transaction_may_keep(UserMapping *user, CommandId cid);

/*
 * Is what the transaction reads checked by its later requests and its end?
 * Then several requests show one state, or the transaction fails.
 */
extern bool neon_transaction_checks_reads(UserMapping *user);

/* Would a read as of command cid see anything that waits? */
extern bool neon_transaction_has_writes(UserMapping *user, CommandId cid);

/*
 * Is the fact about the subject of a touch known?  Sets it if so.
 */
extern bool neon_transaction_knows(UserMapping *user, NeonTouch *touch);

/*
 * Sends statements that write, behind all that waits, and has them rolled
 * back: what they return is what they will do at the commit.  Nothing is
 * queued by that.  If before is not NULL, that statement runs first, and its
 * result is not handed out.
 *
 * touch says what the statements concern, NULL if that is not known.  Writes
 * that wait are not sent if the outcome cannot depend on them.  A fact about
 * the subject that is not known yet is asked for, and set.  If it expects an
 * error, the caller must ask the reader for that first.
 */
extern NeonReader *neon_transaction_rehearse(UserMapping *user,
											 NeonTouch *touch,
											 const NeonQuery *before,
											 const NeonQuery *queries,
											 int nqueries, NeonStats *stats);

/*
 * The same for statements that concern what several touches say; the first
 * one says what errors are expected.
 */
extern NeonReader *neon_transaction_rehearse_all(UserMapping *user,
												 NeonTouch *const *touches,
												 int ntouches,
												 const NeonQuery *before,
												 const NeonQuery *queries,
												 int nqueries,
												 NeonStats *stats);

/*
 * Adds a statement, copied, to those that are committed with the local
 * transaction; command cid wrote it.  Nobody looks at its result: what must
 * hold, the statement must check by itself (see deparse/check.h).  touch is
 * what the statement concerns, NULL if that is not known.
 */
extern void neon_transaction_queue(UserMapping *user, const NeonQuery *query,
								   CommandId cid, const NeonTouch *touch);

/*
 * The same without copying: context holds all that query points to, and
 * belongs to the queue from now on.
 */
extern void neon_transaction_adopt(UserMapping *user, MemoryContext context,
								   const NeonQuery *query, CommandId cid,
								   const NeonTouch *touch);

/*
 * Adopts a statement that checks, and locks, what command cid has read at
 * that nesting level.  It is sent before all that waits, because rows that
 * this transaction changes after it has read them must not fail the check.
 * An idle check is only sent if there is something else to commit.
 */
extern void neon_transaction_adopt_check(UserMapping *user,
										 MemoryContext context,
										 const NeonQuery *query,
										 CommandId cid, int level, bool idle);

/* Is the commit of the local transaction under way? */
extern bool neon_transaction_is_committing(void);

/*
 * Sends statements that write and commits them at once, behind all that
 * statements under way have gathered: a trigger may change those rows.
 */
extern NeonReader *neon_transaction_run(UserMapping *user,
										const NeonQuery *queries,
										int nqueries, NeonStats *stats);

/* The connection that this transaction talks through, until its end. */
extern NeonConnection *neon_transaction_connection(UserMapping *user);

/* Does each statement on this server commit by itself? */
extern bool neon_transaction_autocommit(UserMapping *user);

/*
 * May the writes of the statement that is being executed be committed as soon
 * as they are made?  Yes in autocommit; and when the statement stands alone
 * (see transaction/alone.h) and this transaction has written nothing before.
 */
extern bool neon_transaction_commits_now(UserMapping *user, EState *estate);

extern void neon_transaction_init(void);

#endif							/* NEON_TRANSACTION_TRANSACTION_H */
