/*-------------------------------------------------------------------------
 *
 * pool.c
 *		Connections to the database.
 *
 * Idle connections are kept by user, database and password, so a pooled
 * connection is never handed to somebody who does not know the password.
 * No session state survives a request: a connection that is not idle after
 * it is closed, any other is reset.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "pool.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * ROLLBACK is not part of it: a connection with an open transaction is
 * closed, and outside of one it would only fill the server's log.
 */
#define RESET_SQL "RESET ALL; DEALLOCATE ALL; DISCARD TEMP; UNLISTEN *; " \
	"SELECT pg_catalog.pg_advisory_unlock_all()"

/* Seconds to connect; the server is next door. */
#define CONNECT_TIMEOUT 10

/* Fields of a connection failure's text; libpq offers nothing better. */
typedef struct ConnectFailure
{
	char	   *text;			/* cut into the strings below */
	DatabaseError error;
} ConnectFailure;

static const char *pg_host;
static const char *pg_port;
static int	pool_size;

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static Backend *idle;			/* most recently used first */

void
pool_init(const char *host, const char *port, int size)
{
	pg_host = host;
	pg_port = port;
	pool_size = size;
}

static void
backend_close(Backend *backend)
{
	PQfreeCancel(backend->cancel);
	PQfinish(backend->conn);
	free(backend->key);
	free(backend);
}

static void
ignore_notice(void *arg, const PGresult *result)
{
	(void) arg;
	(void) result;
}

/* Strings that cannot run into each other, as none holds a NUL. */
static char *
make_key(const Target *target)
{
	Buffer		key = {0};

	buffer_append_json_str(&key, target->user);
	buffer_append_json_str(&key, target->dbname);
	buffer_append_json_str(&key, target->password);
	buffer_append_str(&key, target->by_token ? "token" : "password");
	return buffer_terminate(&key);
}

/* false if the connection is of no more use */
static bool
send_reset(Backend *backend)
{
	backend->dirty = false;
	return PQsendQuery(backend->conn, RESET_SQL) != 0;
}

/* Waits for the reset's end; false if the connection is of no more use. */
static bool
finish_reset(Backend *backend)
{
	PGresult   *result;
	struct pollfd fd = {.events = POLLIN};
	bool		ok = true;

	if (backend->dirty && !send_reset(backend))
		return false;
	while ((result = PQgetResult(backend->conn)) != NULL)
	{
		ExecStatusType status = PQresultStatus(result);

		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			ok = false;
		PQclear(result);
	}

	/* the server may have closed it meanwhile, after a last message */
	fd.fd = PQsocket(backend->conn);
	while (ok && poll(&fd, 1, 0) != 0)
	{
		ok = PQconsumeInput(backend->conn) != 0;
		PQfreemem(PQnotifies(backend->conn));
	}
	return ok && PQstatus(backend->conn) == CONNECTION_OK &&
		PQtransactionStatus(backend->conn) == PQTRANS_IDLE;
}

static Backend *
take_idle(const char *key)
{
	Backend    *found = NULL;

	pthread_mutex_lock(&pool_lock);
	for (Backend **link = &idle; *link != NULL; link = &(*link)->next)
	{
		if (strcmp((*link)->key, key) == 0)
		{
			found = *link;
			*link = found->next;
			break;
		}
	}
	pthread_mutex_unlock(&pool_lock);
	return found;
}

/*
 * Reads "SEVERITY:  SQLSTATE: message", "DETAIL:  ..." and so on, the form
 * of PQERRORS_VERBOSE, behind "connection to server ... failed: ".  False if
 * the server did not say anything.
 */
static bool
parse_failure(ConnectFailure *failure, const char *message)
{
	static const char *const severities[] = {"FATAL:  ", "ERROR:  ",
	"PANIC:  "};
	const char *start = NULL;
	char	   *line;
	char	   *save;

	for (size_t i = 0; i < 3 && start == NULL; i++)
		start = strstr(message, severities[i]);
	if (start == NULL || strlen(start) < 15 || start[13] != ':')
		return false;

	failure->text = must_strdup(start);
	failure->text[5] = '\0';
	failure->text[13] = '\0';
	failure->error.severity = failure->text;
	failure->error.code = failure->text + 8;
	line = strtok_r(failure->text + 15, "\n", &save);
	failure->error.message = line ? line : "";
	while ((line = strtok_r(NULL, "\n", &save)) != NULL)
	{
		if (strncmp(line, "DETAIL:  ", 9) == 0)
			failure->error.detail = line + 9;
		else if (strncmp(line, "HINT:  ", 7) == 0)
			failure->error.hint = line + 7;
		else if (strncmp(line, "LOCATION:  ", 11) == 0)
		{
			char	   *comma = strstr(line, ", ");
			char	   *colon = comma ? strrchr(comma, ':') : NULL;

			if (colon == NULL)
				continue;
			*comma = '\0';
			*colon = '\0';
			failure->error.routine = line + 11;
			failure->error.file = comma + 2;
			failure->error.line = colon + 1;
		}
	}
	return true;
}

static void
password_error(const Target *target, Outcome *outcome)
{
	error_plain(outcome, 400, "password authentication failed for user '%s'",
				target->user);
}

static void
connect_error(const char *message, const Target *target, Outcome *outcome)
{
	ConnectFailure failure;

	memset(&failure, 0, sizeof(failure));
	if (!parse_failure(&failure, message))
		error_plain(outcome, 500, "Couldn't connect to compute node");
	else if (strncmp(failure.error.code, "28", 2) == 0)
		password_error(target, outcome);
	else
		error_database(outcome,
					   strcmp(failure.error.code, "3D000") == 0 ? 400 : 500,
					   &failure.error);
	free(failure.text);
}

/* Waits for a connection; false if it failed or the client left. */
static bool
wait_connected(PGconn *conn, const Client *client, bool *gone)
{
	for (;;)
	{
		PostgresPollingStatusType status = PQconnectPoll(conn);
		short		events;

		if (status == PGRES_POLLING_OK)
			return true;
		if (status == PGRES_POLLING_FAILED)
			return false;
		events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		switch (client_wait(client, PQsocket(conn), events,
							CONNECT_TIMEOUT * 1000))
		{
			case WAIT_READY:
				break;
			case WAIT_TIMEOUT:
				return false;
			case WAIT_GONE:
				*gone = true;
				return false;
		}
	}
}

static PGconn *
connect_backend(const Target *target, const Client *client, Outcome *outcome)
{
	const char *const keywords[] = {"host", "port", "user", "password",
	"dbname", "gssencmode", NULL};
	const char *const values[] = {pg_host, pg_port, target->user,
	target->password, target->dbname, "disable", NULL};
	PGconn	   *conn;
	bool		gone = false;

	conn = PQconnectStartParams(keywords, values, 0);
	if (conn == NULL)
		abort();

	/* the only way to learn the SQLSTATE of a refused connection */
	PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(conn, ignore_notice, NULL);
	if (PQstatus(conn) != CONNECTION_BAD &&
		wait_connected(conn, client, &gone))
		return conn;

	if (gone)
		error_cancelled(outcome);
	else
		connect_error(PQerrorMessage(conn), target, outcome);
	PQfinish(conn);
	return NULL;
}

Backend *
pool_acquire(const Target *target, bool pooled, const Client *client,
			 Outcome *outcome)
{
	char	   *key = make_key(target);
	Backend    *backend;
	PGconn	   *conn;

	while (pooled && (backend = take_idle(key)) != NULL)
	{
		if (finish_reset(backend))
		{
			free(key);
			backend->reused = true;
			backend->reusable = false;
			return backend;
		}
		backend_close(backend);
	}

	conn = connect_backend(target, client, outcome);
	if (conn == NULL)
	{
		free(key);
		return NULL;
	}
	backend = must_alloc(sizeof(Backend));
	backend->conn = conn;
	backend->cancel = PQgetCancel(conn);
	backend->key = key;
	backend->pooled = pooled;
	return backend;
}

void
pool_set_claims(Backend *backend, const char *claims)
{
	const char *const values[] = {claims};

	/* a connection that is broken shows so with the first statement */
	PQclear(PQexecParams(backend->conn, "SELECT pg_catalog."
						 "set_config('request.jwt.claims', $1, false)",
						 1, NULL, values, NULL, NULL, 0));
}

void
pool_release(Backend *backend)
{
	Backend    *surplus = NULL;
	int			kept = 0;

	if (!backend->pooled || !backend->reusable || pool_size == 0 ||
		PQtransactionStatus(backend->conn) != PQTRANS_IDLE)
	{
		backend_close(backend);
		return;
	}

	backend->dirty = true;
	pthread_mutex_lock(&pool_lock);
	backend->next = idle;
	idle = backend;
	for (Backend **link = &idle; *link != NULL; link = &(*link)->next)
	{
		if (++kept > pool_size)
		{
			surplus = *link;	/* the one unused for longest */
			*link = NULL;
			break;
		}
	}
	pthread_mutex_unlock(&pool_lock);
	if (surplus != NULL)
		backend_close(surplus);
}

void
pool_reset(const Backend *backend)
{
	pthread_mutex_lock(&pool_lock);
	for (Backend *b = idle; b != NULL; b = b->next)
	{
		/* a failure shows when it is taken from the pool */
		if (b == backend && b->dirty)
			send_reset(b);
	}
	pthread_mutex_unlock(&pool_lock);
}
