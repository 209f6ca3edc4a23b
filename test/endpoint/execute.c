/*-------------------------------------------------------------------------
 *
 * execute.c
 *		Runs the statements of a request and builds its reply.
 *
 * Each statement is an unnamed statement of the extended protocol, all
 * parameters and results are text and the server infers parameter types.  A
 * batch is a transaction around its statements.  The reply is complete
 * before anything of it is sent, so that an error can still replace it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "execute.h"

#include <ctype.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "value.h"

/*
 * A cancel request can arrive before the server has begun to execute, and is
 * then lost.  It is repeated in this interval (ms) until the statement ends,
 * at most this many times.
 */
#define CANCEL_INTERVAL 50
#define CANCEL_ATTEMPTS 100

typedef struct Execution
{
	Backend    *backend;
	PGconn	   *conn;
	const Headers *headers;
	const Client *client;
	const ExecuteLimits *limits;
	Outcome    *outcome;
	bool		array_mode;		/* of the current statement */
	bool		broken;			/* the connection is beyond repair */
} Execution;

static void
send_cancel(Execution *execution)
{
	char		message[256];

	if (execution->backend->cancel != NULL)
		PQcancel(execution->backend->cancel, message, sizeof(message));
}

/* Cancels the running statement and waits for its end. */
static void
cancel_running(Execution *execution)
{
	Client		nobody = {.fd = -1};

	for (int i = 0; i < CANCEL_ATTEMPTS; i++)
	{
		send_cancel(execution);
		while (client_wait(&nobody, PQsocket(execution->conn), POLLIN,
						   CANCEL_INTERVAL) == WAIT_READY)
		{
			if (!PQconsumeInput(execution->conn))
				return;
			while (!PQisBusy(execution->conn))
			{
				PGresult   *result = PQgetResult(execution->conn);

				if (result == NULL)
					return;
				PQclear(result);
			}
		}
	}
	execution->broken = true;
}

/*
 * The next result of the running statement, NULL at its end.  When the
 * client leaves, the statement is cancelled and the outcome says so.
 */
static PGresult *
next_result(Execution *execution)
{
	if (execution->broken || execution->outcome->cancelled)
		return NULL;
	while (PQisBusy(execution->conn))
	{
		if (client_wait(execution->client, PQsocket(execution->conn), POLLIN,
						-1) == WAIT_GONE)
		{
			cancel_running(execution);
			error_cancelled(execution->outcome);
			return NULL;
		}
		if (!PQconsumeInput(execution->conn))
			break;				/* PQgetResult tells what happened */
	}
	return PQgetResult(execution->conn);
}

static void
drain(Execution *execution)
{
	PGresult   *result;

	while ((result = next_result(execution)) != NULL)
	{
		ExecStatusType status = PQresultStatus(result);

		PQclear(result);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
			status == PGRES_COPY_BOTH)
		{
			/* these never end by themselves */
			execution->broken = true;
			return;
		}
	}
}

/* A command of ours; false if it failed, the outcome then says how. */
static bool
run_command(Execution *execution, const char *sql)
{
	PGresult   *result;

	if (!PQsendQuery(execution->conn, sql))
	{
		error_statement(execution->outcome, NULL, execution->conn);
		return false;
	}
	while ((result = next_result(execution)) != NULL)
	{
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			error_statement(execution->outcome, result, execution->conn);
		PQclear(result);
	}
	return execution->outcome->status == 0;
}

static void
append_fields(Execution *execution, const PGresult *result)
{
	Buffer	   *body = &execution->outcome->body;

	buffer_printf(body, "{\"rowAsArray\":%s,\"fields\":[",
				  execution->array_mode ? "true" : "false");
	for (int i = 0; i < PQnfields(result); i++)
	{
		buffer_append_str(body, i > 0 ? ",{\"name\":" : "{\"name\":");
		buffer_append_json_str(body, PQfname(result, i));
		buffer_printf(body,
					  ",\"dataTypeID\":%u,\"tableID\":%u,\"columnID\":%d,"
					  "\"dataTypeSize\":%d,\"dataTypeModifier\":%d,"
					  "\"format\":\"text\"}",
					  PQftype(result, i), PQftable(result, i),
					  PQftablecol(result, i), PQfsize(result, i),
					  PQfmod(result, i));
	}
	buffer_append_str(body, "],\"rows\":[");
}

/* False if a value could not be converted. */
static bool
append_row(Execution *execution, const PGresult *result, int row, bool first)
{
	Buffer	   *body = &execution->outcome->body;
	bool		ok = true;

	if (!first)
		buffer_append_char(body, ',');
	buffer_append_char(body, execution->array_mode ? '[' : '{');
	for (int i = 0; i < PQnfields(result) && ok; i++)
	{
		const char *value = PQgetvalue(result, row, i);
		size_t		len = PQgetlength(result, row, i);

		if (i > 0)
			buffer_append_char(body, ',');
		if (!execution->array_mode)
		{
			buffer_append_json_str(body, PQfname(result, i));
			buffer_append_char(body, ':');
		}
		if (PQgetisnull(result, row, i))
			buffer_append(body, "null", 4);
		else if (execution->headers->raw_text)
			ok = buffer_append_json(body, value, len);
		else
			ok = value_append(body, value, len, PQftype(result, i));
	}
	buffer_append_char(body, execution->array_mode ? ']' : '}');
	return ok;
}

/* The tag's first word is the command, a number behind it the row count. */
static void
append_command(Execution *execution, const char *tag)
{
	Buffer	   *body = &execution->outcome->body;
	size_t		len = strcspn(tag, " ");
	const char *count = tag + len;
	char	   *end = NULL;
	long long	rows = 0;

	buffer_append_str(body, "],\"command\":");
	buffer_append_json(body, tag, len);
	if (*count == ' ')
		count++;
	if (len == 6 && memcmp(tag, "INSERT", 6) == 0)
		count += strcspn(count, " ");	/* an OID comes first */
	if (*count)
		rows = strtoll(count, &end, 10);
	if (end != NULL && end != count && *end == '\0')
		buffer_printf(body, ",\"rowCount\":%lld}", rows);
	else
		buffer_append_str(body, ",\"rowCount\":null}");
}

/* NULs end C strings, so libpq cannot send them; the replies are known. */
static bool
check_nul(const Query *query, Outcome *outcome)
{
	DatabaseError error = {
		.message = "invalid byte sequence for encoding \"UTF8\": 0x00",
		.code = "22021",
		.severity = "ERROR",
		.file = "mbutils.c",
		.routine = "report_invalid_encoding"
	};

	if (query->nul_in_sql)
		error_plain(outcome, 400, "error encoding message to server: "
					"string contains embedded null");
	else if (query->nul_in_params)
		error_database(outcome, 400, &error);
	return outcome->status == 0;
}

/*
 * Takes the rows of a result.  False to stop: the outcome then holds the
 * error.
 */
static bool
append_rows(Execution *execution, const PGresult *result, bool *first)
{
	Outcome    *outcome = execution->outcome;
	size_t		max = execution->limits->max_response;

	for (int row = 0; row < PQntuples(result); row++)
	{
		if (!append_row(execution, result, row, *first))
		{
			error_plain(outcome, 500, "could not parse postgres response");
			return false;
		}
		*first = false;
		if (outcome->body.len > max)
		{
			error_plain(outcome, 507,
						"response is too large (max is %zu bytes)", max);
			return false;
		}
	}
	return true;
}

/* False if the result ended the statement with an error. */
static bool
handle_result(Execution *execution, const PGresult *result, bool *begun,
			  bool *first)
{
	switch (PQresultStatus(result))
	{
		case PGRES_SINGLE_TUPLE:
		case PGRES_TUPLES_OK:
		case PGRES_COMMAND_OK:
		case PGRES_EMPTY_QUERY:
			if (!*begun)
				append_fields(execution, result);
			*begun = true;
			if (!append_rows(execution, result, first))
				return false;
			if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
				append_command(execution, PQcmdStatus((PGresult *) result));
			return true;
		case PGRES_COPY_IN:
		case PGRES_COPY_OUT:
		case PGRES_COPY_BOTH:
			error_plain(execution->outcome, 400,
						"unexpected message from server");
			execution->broken = true;
			return false;
		default:
			error_statement(execution->outcome, result, execution->conn);
			return false;
	}
}

/* False if it failed, the outcome then says how. */
static bool
run_query(Execution *execution, const Query *query)
{
	Outcome    *outcome = execution->outcome;
	bool		in_transaction;
	bool		begun = false;
	bool		first = true;
	PGresult   *result;

	if (!check_nul(query, outcome))
		return false;
	execution->array_mode = query->array_mode >= 0 ?
		query->array_mode : execution->headers->array_mode;
	in_transaction =
		PQtransactionStatus(execution->conn) == PQTRANS_INTRANS;
	if (!PQsendQueryParams(execution->conn, query->sql, query->nparams, NULL,
						   query->params, NULL, NULL, 0))
	{
		error_statement(outcome, NULL, execution->conn);
		return false;
	}
	PQsetSingleRowMode(execution->conn);

	while ((result = next_result(execution)) != NULL)
	{
		bool		ok = handle_result(execution, result, &begun, &first);

		PQclear(result);
		if (ok)
			continue;

		/*
		 * Nobody wants the rest.  A statement outside of a transaction must
		 * still do all it does, as it would with the hosted endpoint.
		 */
		if (!execution->broken && in_transaction &&
			PQtransactionStatus(execution->conn) == PQTRANS_ACTIVE)
			send_cancel(execution);
		drain(execution);
		return false;
	}
	return outcome->status == 0;
}

static bool
is_rollback(const char *sql)
{
	while (isspace((unsigned char) *sql))
		sql++;
	if (strncasecmp(sql, "rollback", 8) != 0)
		return false;
	return sql[8 + strspn(sql + 8, " \t\r\n;")] == '\0';
}

static bool
start_transaction(Execution *execution)
{
	const Headers *headers = execution->headers;
	Buffer		sql = {0};
	const char *separator = " ";
	bool		ok;

	buffer_append_str(&sql, "START TRANSACTION");
	if (headers->isolation_sql != NULL)
	{
		buffer_printf(&sql, " ISOLATION LEVEL %s", headers->isolation_sql);
		separator = ", ";
	}
	if (headers->read_only)
	{
		buffer_printf(&sql, "%sREAD ONLY", separator);
		separator = ", ";
	}
	if (headers->deferrable)
		buffer_printf(&sql, "%sDEFERRABLE", separator);
	ok = run_command(execution, buffer_terminate(&sql));
	buffer_free(&sql);
	return ok;
}

/* False if the batch failed and was rolled back. */
static bool
run_batch(Execution *execution, const Payload *payload)
{
	Buffer	   *body = &execution->outcome->body;

	if (!start_transaction(execution))
		return false;
	buffer_append_str(body, "{\"results\":[");
	for (int i = 0; i < payload->nqueries; i++)
	{
		const Query *query = &payload->queries[i];

		if (i > 0)
			buffer_append_char(body, ',');
		if (i == payload->nqueries - 1 && is_rollback(query->sql) &&
			!execution->limits->closing_rollback)
		{
			execution->array_mode = execution->headers->array_mode;
			append_fields(execution, NULL);
			append_command(execution, "ROLLBACK");
		}
		else if (!run_query(execution, query))
		{
			if (!execution->broken && !execution->outcome->cancelled)
				PQclear(PQexec(execution->conn, "ROLLBACK"));
			return false;
		}
	}
	buffer_append_str(body, "]}");
	return run_command(execution, "COMMIT");
}

void
execute_payload(Backend *backend, const Payload *payload,
				const Headers *headers, const Client *client,
				const ExecuteLimits *limits, Outcome *outcome)
{
	Execution	execution = {
		.backend = backend,
		.conn = backend->conn,
		.headers = headers,
		.client = client,
		.limits = limits,
		.outcome = outcome
	};

	if (payload->batch ? run_batch(&execution, payload) :
		run_query(&execution, &payload->queries[0]))
		outcome->status = 200;

	/* what was cancelled or broken may still have something to say */
	backend->reusable = !execution.broken && !outcome->cancelled &&
		PQstatus(backend->conn) == CONNECTION_OK &&
		PQtransactionStatus(backend->conn) == PQTRANS_IDLE;
}
