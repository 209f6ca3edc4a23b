/*-------------------------------------------------------------------------
 *
 * transaction/transaction.h
 *		What a local transaction has written, and its commit.
 *
 * The endpoint keeps no transaction between requests.  So what is written
 * waits here, in a queue per user mapping, and is sent as one batch when the
 * local transaction commits; to roll back is to forget.  Statements whose
 * outcome is wanted before that are rehearsed: sent behind all that waits,
 * and rolled back.
 *
 * In a server with transactions 'autocommit' nothing waits.
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

/*
 * Sends statements that read, as of command cid: they see what commands
 * before it have written.  As neon_remote_read() otherwise.
 */
extern NeonReader *neon_transaction_read(UserMapping *user, CommandId cid,
										 const NeonQuery *queries,
										 int nqueries, NeonStats *stats);

/* Does a read as of command cid see anything that waits? */
extern bool neon_transaction_has_writes(UserMapping *user, CommandId cid);

/*
 * Sends statements that write, behind all that waits, and has them rolled
 * back: what they return is what they will do at the commit.  Nothing is
 * queued by that.
 */
extern NeonReader *neon_transaction_rehearse(UserMapping *user,
											 const NeonQuery *queries,
											 int nqueries, NeonStats *stats);

/*
 * Adds a statement, copied, to those that are committed with the local
 * transaction; it was written by command cid.  Its result is not looked at:
 * what must hold, it must check by itself (see deparse/check.h).
 */
extern void neon_transaction_queue(UserMapping *user, const NeonQuery *query,
								   CommandId cid);

/*
 * The same without copying: context holds all that query points to, and
 * belongs to the queue from now on.
 */
extern void neon_transaction_adopt(UserMapping *user, MemoryContext context,
								   const NeonQuery *query, CommandId cid);

/*
 * Adopts a check of what command cid has read, at that nesting level: it runs
 * before all that waits, since what was read and written is not to be
 * checked.  If it is idle, then the transaction only runs it if there is
 * something else to commit.
 */
extern void neon_transaction_adopt_check(UserMapping *user,
										 MemoryContext context,
										 const NeonQuery *query,
										 CommandId cid, int level, bool idle);

/* Sends statements that write and commits them at once. */
extern NeonReader *neon_transaction_run(UserMapping *user,
										const NeonQuery *queries,
										int nqueries, NeonStats *stats);

/* Does each statement on this server commit by itself? */
extern bool neon_transaction_autocommit(UserMapping *user);

/*
 * May the writes of the statement that is being executed be committed as soon
 * as they are made?  Yes in autocommit; and when the statement is a
 * transaction of its own, with nothing before it and nothing that could
 * follow.
 */
extern bool neon_transaction_commits_now(UserMapping *user, EState *estate);

/*
 * Must what the statement writes be rehearsed, so that its errors are its
 * own?  Not if it is the only one of a simple query and outside of a
 * transaction block: then whoever sent it hears of the commit's errors in the
 * same place.
 */
extern bool neon_transaction_wants_rehearsal(EState *estate);

/*
 * Is a utility statement of this kind all that the client has sent, outside
 * of a transaction block?  For these there is no executor's state to ask by.
 */
extern bool neon_transaction_is_utility(NodeTag kind);

extern void neon_transaction_init(void);

#endif							/* NEON_TRANSACTION_TRANSACTION_H */
