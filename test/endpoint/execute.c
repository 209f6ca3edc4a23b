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
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "describe.h"
#include "running.h"
#include "value.h"

/* The hosted endpoint counts parameters with 16 bits, signed. */
#define MAX_PARAMETERS 32767

typedef struct Execution
{
	Running		running;
	const Headers *headers;
	const ExecuteLimits *limits;
	Outcome    *outcome;

	/* of the current statement */
	bool		array_mode;
	ArrayTypes	arrays;
} Execution;

static void
append_fields(Execution *execution, const PGresult *result)
{
	Buffer	   *body = &execution->outcome->body;

	buffer_append_str(body, "{\"fields\":[");
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
		{
			Oid			type = PQftype(result, i);

			ok = value_append(body, value, len, type,
							  describe_element(&execution->arrays, type));
		}
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
		buffer_printf(body, ",\"rowCount\":%lld", rows);
	else
		buffer_append_str(body, ",\"rowCount\":null");
	buffer_printf(body, ",\"rowAsArray\":%s}",
				  execution->array_mode ? "true" : "false");
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
 * error.  The limit is looked at before a row is added, so the last row may
 * exceed it.
 */
static bool
append_rows(Execution *execution, const PGresult *result, bool *first)
{
	Outcome    *outcome = execution->outcome;
	size_t		max = execution->limits->max_response;

	for (int row = 0; row < PQntuples(result); row++)
	{
		if (outcome->body.len > max)
		{
			error_plain(outcome, 507,
						"response is too large (max is %zu bytes)", max);
			return false;
		}
		if (!append_row(execution, result, row, *first))
		{
			error_plain(outcome, 500, "could not parse postgres response");
			return false;
		}
		*first = false;
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
						"error parsing response from server: "
						"unknown message tag `%d`",
						PQresultStatus(result) == PGRES_COPY_IN ? 'G' : 'H');
			execution->running.broken = true;
			return false;
		default:
			error_statement(execution->outcome, result,
							execution->running.conn);
			return false;
	}
}

/* Can these parameters be sent at all? */
static bool
check_parameters(const Query *query, Outcome *outcome)
{
	if (query->nparams <= MAX_PARAMETERS)
		return check_nul(query, outcome);
	error_plain(outcome, 400, "error serializing parameter 0: "
				"value too large to transmit");
	return false;
}

/*
 * Takes all results of a statement that was sent.  False if it failed, the
 * outcome then says how.
 */
static bool
take_results(Execution *execution, bool in_transaction)
{
	Running    *running = &execution->running;
	bool		begun = false;
	bool		first = true;
	PGresult   *result;

	while ((result = running_next(running)) != NULL)
	{
		bool		ok = handle_result(execution, result, &begun, &first);

		PQclear(result);
		if (ok)
			continue;

		/*
		 * Nobody wants the rest.  A statement outside of a transaction must
		 * still do all it does, as it would with the hosted endpoint.
		 */
		if (!running->broken && in_transaction &&
			PQtransactionStatus(running->conn) == PQTRANS_ACTIVE)
			running_cancel(running);
		running_drain(running);
		return false;
	}
	return execution->outcome->status == 0;
}

/* False if it failed, the outcome then says how. */
static bool
run_query(Execution *execution, const Query *query)
{
	Running    *running = &execution->running;
	bool		in_transaction;
	bool		ok;

	if (!check_parameters(query, execution->outcome))
		return false;
	execution->array_mode = query->array_mode >= 0 ?
		query->array_mode : execution->headers->array_mode;
	in_transaction = PQtransactionStatus(running->conn) == PQTRANS_INTRANS;
	if (!execution->headers->raw_text &&
		!describe_arrays(running, query->sql, &execution->arrays))
		return false;
	if (!PQsendQueryParams(running->conn, query->sql, query->nparams, NULL,
						   query->params, NULL, NULL, 0))
	{
		error_statement(execution->outcome, NULL, running->conn);
		return false;
	}
	PQsetSingleRowMode(running->conn);
	ok = take_results(execution, in_transaction);
	return running_unnotified(running) && ok;
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
	ok = running_command(&execution->running, buffer_terminate(&sql));
	buffer_free(&sql);
	return ok;
}

/* False if the batch failed and was rolled back. */
static bool
run_batch(Execution *execution, const Payload *payload)
{
	Running    *running = &execution->running;
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
			if (!running->broken && !execution->outcome->cancelled)
				PQclear(PQexec(running->conn, "ROLLBACK"));
			return false;
		}
	}
	buffer_append_str(body, "]}");
	return running_command(running, "COMMIT") && running_unnotified(running);
}

void
execute_payload(Backend *backend, const Payload *payload,
				const Headers *headers, const Client *client,
				const ExecuteLimits *limits, Outcome *outcome)
{
	Execution	execution = {
		.running = {
			.backend = backend,
			.conn = backend->conn,
			.client = client,
			.outcome = outcome
		},
		.headers = headers,
		.limits = limits,
		.outcome = outcome
	};

	if (payload->batch ? run_batch(&execution, payload) :
		run_query(&execution, &payload->queries[0]))
		outcome->status = 200;
	describe_free(&execution.arrays);

	/* what was cancelled or broken may still have something to say */
	backend->reusable = !execution.running.broken && !outcome->cancelled &&
		PQstatus(backend->conn) == CONNECTION_OK &&
		PQtransactionStatus(backend->conn) == PQTRANS_IDLE;
}
