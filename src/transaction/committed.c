/*-------------------------------------------------------------------------
 *
 * transaction/committed.c
 *		Errors that come after something has been committed on a remote.
 *
 * PostgreSQL calls every error context callback while an error is being made,
 * and there its SQLSTATE can still be changed.  The callback stays until the
 * transaction has ended, in whatever function the error arises.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "transaction/committed.h"

/* What PostgreSQL has as ERRCODE_TRANSACTION_TIMEOUT since version 17. */
#define TRANSACTION_TIMEOUT_SQLSTATE	MAKE_SQLSTATE('2','5','P','0','4')

/* Names of the servers, in TopTransactionContext; NULL: none. */
static char *servers = NULL;

bool
neon_is_no_error(int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_SUCCESSFUL_COMPLETION ||
		category == ERRCODE_WARNING || category == ERRCODE_NO_DATA;
}

/*
 * Does an error of this SQLSTATE end the session?  Who loses the connection
 * does not know how the transaction ended, with any PostgreSQL; and drivers
 * must know that the connection is gone.
 */
static bool
ends_session(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_CONNECTION_EXCEPTION ||
		sqlstate == ERRCODE_ADMIN_SHUTDOWN ||
		sqlstate == ERRCODE_CRASH_SHUTDOWN ||
		sqlstate == ERRCODE_IDLE_SESSION_TIMEOUT ||
		sqlstate == TRANSACTION_TIMEOUT_SQLSTATE;
}

static void
tell(const char *names)
{
	int			sqlstate = geterrcode();

	if (neon_is_no_error(sqlstate))
		return;
	errcontext("statement or transaction that is committed on %s", names);
	if (ends_session(sqlstate) || sqlstate == NEON_ERRCODE_COMMITTED)
		return;
	errcode(NEON_ERRCODE_COMMITTED);
	errhint("What was written to %s stays. Do not repeat it.", names);
}

static void
tell_of_transaction(void *arg)
{
	if (servers != NULL)
		tell(servers);
}

static void
tell_of_statement(void *arg)
{
	tell(neon_committed_name(arg));
}

static ErrorContextCallback callback = {NULL, tell_of_transaction, NULL};

/*
 * The callbacks before it belong to functions that are being executed, and take
 * themselves off when they return; this one outlives them.
 */
void
neon_context_append(ErrorContextCallback *context)
{
	ErrorContextCallback **last = &error_context_stack;

	while (*last != NULL)
	{
		if (*last == context)
			return;
		last = &(*last)->previous;
	}
	context->previous = NULL;
	*last = context;
}

void
neon_context_remove(ErrorContextCallback *context)
{
	for (ErrorContextCallback **p = &error_context_stack; *p != NULL;
		 p = &(*p)->previous)
	{
		if (*p != context)
			continue;
		*p = context->previous;
		context->previous = NULL;
		return;
	}
}

char *
neon_committed_name(const NeonConnection *connection)
{
	return psprintf("server \"%s\" as \"%s\"", connection->server_name,
					connection->user->user);
}

void
neon_committed(const NeonConnection *connection)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	char	   *name = neon_committed_name(connection);

	servers = servers == NULL ? name : psprintf("%s, %s", servers, name);
	MemoryContextSwitchTo(old);
	neon_context_append(&callback);
}

/* Called at the end of every transaction. */
void
neon_committed_end(void)
{
	servers = NULL;
	neon_context_remove(&callback);
}

void
neon_committed_push(ErrorContextCallback *context, NeonConnection *connection)
{
	context->callback = tell_of_statement;
	context->arg = connection;
	context->previous = error_context_stack;
	error_context_stack = context;
}
