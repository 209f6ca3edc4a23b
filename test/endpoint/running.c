/*-------------------------------------------------------------------------
 *
 * running.c
 *		A statement that runs on the server, and the client that waits.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "running.h"

#include <poll.h>
#include <stddef.h>

/*
 * A cancel request can arrive before the server has begun to execute, and is
 * then lost.  It is repeated in this interval (ms) until the statement ends,
 * at most this many times.
 */
#define CANCEL_INTERVAL 50
#define CANCEL_ATTEMPTS 100

static const Client nobody = {.fd = -1};

void
running_cancel(Running *running)
{
	char		message[256];

	if (running->backend->cancel != NULL)
		PQcancel(running->backend->cancel, message, sizeof(message));
}

/* Cancels the running statement and waits for its end. */
static void
cancel_and_wait(Running *running)
{
	for (int i = 0; i < CANCEL_ATTEMPTS; i++)
	{
		running_cancel(running);
		while (client_wait(&nobody, PQsocket(running->conn), POLLIN,
						   CANCEL_INTERVAL) == WAIT_READY)
		{
			if (!PQconsumeInput(running->conn))
				return;
			while (!PQisBusy(running->conn))
			{
				PGresult   *result = PQgetResult(running->conn);

				if (result == NULL)
					return;
				PQclear(result);
			}
		}
	}
	running->broken = true;
}

PGresult *
running_next(Running *running)
{
	if (running->broken || running->outcome->cancelled)
		return NULL;
	while (PQisBusy(running->conn))
	{
		if (client_wait(running->client, PQsocket(running->conn), POLLIN,
						-1) == WAIT_GONE)
		{
			cancel_and_wait(running);
			error_cancelled(running->outcome);
			return NULL;
		}
		if (!PQconsumeInput(running->conn))
			break;				/* PQgetResult tells what happened */
	}
	return PQgetResult(running->conn);
}

void
running_drain(Running *running)
{
	PGresult   *result;

	while ((result = running_next(running)) != NULL)
	{
		ExecStatusType status = PQresultStatus(result);

		PQclear(result);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
			status == PGRES_COPY_BOTH)
		{
			/* these never end by themselves */
			running->broken = true;
			return;
		}
	}
}

bool
running_command(Running *running, const char *sql)
{
	const Client *client = running->client;
	PGresult   *result;

	if (!PQsendQuery(running->conn, sql))
	{
		error_statement(running->outcome, NULL, running->conn);
		return false;
	}
	running->client = &nobody;
	while ((result = running_next(running)) != NULL)
	{
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			error_statement(running->outcome, result, running->conn);
		PQclear(result);
	}
	running->client = client;
	return running->outcome->status == 0;
}

bool
running_unnotified(Running *running)
{
	PGnotify   *notification = PQnotifies(running->conn);

	if (notification == NULL)
		return true;
	PQfreemem(notification);
	error_plain(running->outcome, 400, "connection closed");
	running->broken = true;
	return false;
}
