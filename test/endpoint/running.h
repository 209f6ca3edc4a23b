/*-------------------------------------------------------------------------
 *
 * running.h
 *		A statement that runs on the server, and the client that waits.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_RUNNING_H
#define ENDPOINT_RUNNING_H

#include "pool.h"

typedef struct Running
{
	Backend    *backend;
	PGconn	   *conn;
	const Client *client;
	Outcome    *outcome;
	bool		broken;			/* the connection is beyond repair */
} Running;

/*
 * The next result of the running statement, NULL at its end.  When the
 * client leaves, the statement is cancelled and the outcome says so.
 */
extern PGresult *running_next(Running *running);

/* Asks the server to end the running statement. */
extern void running_cancel(Running *running);

/* Waits for the end of the running statement, whatever it is. */
extern void running_drain(Running *running);

/*
 * Runs a command of ours, even if the client leaves: the hosted endpoint does
 * not cancel a COMMIT.  False if it failed, the outcome then says how.
 */
extern bool running_command(Running *running, const char *sql);

/*
 * Has the session got no notification?  The hosted endpoint closes the
 * connection when one comes; the outcome then says so.
 */
extern bool running_unnotified(Running *running);

#endif							/* ENDPOINT_RUNNING_H */
