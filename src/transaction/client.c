/*-------------------------------------------------------------------------
 *
 * transaction/client.c
 *		What the client sends next, as far as it has sent that already.
 *
 * Drivers send a statement's Execute and the Sync behind it in one packet,
 * and a pipeline's statements one behind the other: so the message that comes
 * next nearly always waits in the backend's input buffer.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqcomm.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/wait_event.h"

#include "compat/client.h"
#include "transaction/client.h"

/*
 * How long to wait for the next message if none is there, in milliseconds.
 * A client that has sent Execute alone must send something behind it, or it
 * never gets an answer: nobody is kept waiting.  But it may take its time, on
 * a busy machine or since it makes each row when it sends it; the price of
 * not waiting is a rehearsal, a round trip to the remote.
 */
#define CLIENT_WAIT		20

/* Types of messages of the frontend, see "Message Formats". */
#define MESSAGE_SYNC	'S'
#define MESSAGE_FLUSH	'H'
#define MESSAGE_PARSE	'P'
#define MESSAGE_BIND	'B'
#define MESSAGE_DESCRIBE 'D'
#define MESSAGE_EXECUTE	'E'
#define MESSAGE_CLOSE	'C'

/*
 * Is there something to read on the socket?  Through TLS or GSSAPI that would
 * not mean that a byte of a message can be had without waiting: there may be
 * a part of a record only.
 */
static bool
wait_for_client(void)
{
	WaitEvent	event;

	if (MyBEEntry == NULL || MyBEEntry->st_ssl || MyBEEntry->st_gss ||
		FeBeWaitSet == NULL)
		return false;
	ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetSocketPos, WL_SOCKET_READABLE,
					NULL);
	return WaitEventSetWait(FeBeWaitSet, CLIENT_WAIT, &event, 1,
							WAIT_EVENT_CLIENT_READ) == 1 &&
		event.events == WL_SOCKET_READABLE;
}

NeonClientNext
neon_client_next(void)
{
	int			type;

	if (whereToSendOutput != DestRemote || MyProcPort == NULL ||
		MyBackendType == B_BG_WORKER || pq_is_reading_msg())
		return NEON_CLIENT_UNKNOWN;
	if (!neon_client_has_data() && !wait_for_client())
		return NEON_CLIENT_UNKNOWN;
	pq_startmsgread();
	type = pq_peekbyte();
	pq_endmsgread();
	switch (type)
	{
		case MESSAGE_SYNC:
			return NEON_CLIENT_SYNC;
		case MESSAGE_FLUSH:
			return NEON_CLIENT_FLUSH;
		case MESSAGE_PARSE:
		case MESSAGE_BIND:
		case MESSAGE_DESCRIBE:
		case MESSAGE_EXECUTE:
		case MESSAGE_CLOSE:
			return NEON_CLIENT_MORE;
		default:
			return NEON_CLIENT_UNKNOWN;
	}
}

/*
 * The portals of cursors, and of statements in functions, have names.  Those of
 * background workers (pg_cron's) may have none, but nobody says whether their
 * transaction goes on: such a worker may run several statements in one.
 */
PlannedStmt *
neon_client_only_statement(void)
{
	if (MyBackendType == B_BG_WORKER || ActivePortal == NULL ||
		ActivePortal->name[0] != '\0' ||
		list_length(ActivePortal->stmts) != 1)
		return NULL;
	return linitial_node(PlannedStmt, ActivePortal->stmts);
}

bool
neon_client_statement(EState *estate)
{
	PlannedStmt *stmt = neon_client_only_statement();

	return stmt != NULL && stmt == estate->es_plannedstmt;
}

/* Only a statement of the extended protocol has a cached plan. */
bool
neon_client_is_simple(void)
{
	return ActivePortal != NULL && ActivePortal->cplan == NULL;
}
