/*-------------------------------------------------------------------------
 *
 * error.c
 *		What a request came to, and the bodies of error replies.
 *
 * All keys are always present, absent fields are null and numbers are
 * strings: that is what the official driver expects.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
append_member(Buffer *body, const char *key, const char *value)
{
	buffer_printf(body, "%s\"%s\":", body->len ? "," : "{", key);
	buffer_append_json_str(body, value);
}

void
error_database(Outcome *outcome, int status, const DatabaseError *error)
{
	Buffer	   *body = &outcome->body;
	bool		internal = error->position == NULL &&
		error->internal_position != NULL;

	outcome->status = status;
	body->len = 0;
	append_member(body, "message", error->message);
	append_member(body, "code", error->code);
	append_member(body, "detail", error->detail);
	append_member(body, "hint", error->hint);
	append_member(body, "position", error->position);
	append_member(body, "internalPosition",
				  internal ? error->internal_position : NULL);
	append_member(body, "internalQuery",
				  internal ? error->internal_query : NULL);
	append_member(body, "severity", error->severity);
	append_member(body, "where", error->where);
	append_member(body, "table", error->table);
	append_member(body, "column", error->column);
	append_member(body, "schema", error->schema);
	append_member(body, "dataType", error->datatype);
	append_member(body, "constraint", error->constraint);
	append_member(body, "file", error->file);
	append_member(body, "line", error->line);
	append_member(body, "routine", error->routine);
	buffer_append_char(body, '}');
}

void
error_plain(Outcome *outcome, int status, const char *format,...)
{
	DatabaseError error = {.code = "",.severity = ""};
	char	   *message;
	va_list		args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);

	error.message = message ? message : "";
	error_database(outcome, status, &error);
	free(message);
}

void
error_statement(Outcome *outcome, const PGresult *result, const PGconn *conn)
{
	DatabaseError error;
	const char *text;
	size_t		len;

	memset(&error, 0, sizeof(error));
	if (result != NULL)
	{
		error.message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
		error.code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	}
	if (error.code != NULL && error.message != NULL)
	{
		error.detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
		error.hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
		error.position = PQresultErrorField(result,
											PG_DIAG_STATEMENT_POSITION);
		error.internal_position =
			PQresultErrorField(result, PG_DIAG_INTERNAL_POSITION);
		error.internal_query = PQresultErrorField(result,
												  PG_DIAG_INTERNAL_QUERY);
		error.severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
		error.where = PQresultErrorField(result, PG_DIAG_CONTEXT);
		error.table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
		error.column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
		error.schema = PQresultErrorField(result, PG_DIAG_SCHEMA_NAME);
		error.datatype = PQresultErrorField(result, PG_DIAG_DATATYPE_NAME);
		error.constraint = PQresultErrorField(result,
											  PG_DIAG_CONSTRAINT_NAME);
		error.file = PQresultErrorField(result, PG_DIAG_SOURCE_FILE);
		error.line = PQresultErrorField(result, PG_DIAG_SOURCE_LINE);
		error.routine = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
		error_database(outcome, 400, &error);
		return;
	}

	if (PQstatus(conn) == CONNECTION_BAD)
	{
		error_plain(outcome, 400, "connection closed");
		return;
	}

	/* libpq's own words, say for more parameters than the protocol has */
	text = PQerrorMessage(conn);
	len = strlen(text);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	error_plain(outcome, 400, "error encoding message to server: %.*s",
				(int) len, text);
}

void
error_cancelled(Outcome *outcome)
{
	outcome->status = 400;
	outcome->cancelled = true;
	outcome->body.len = 0;
	buffer_append_str(&outcome->body,
					  "{\"message\":\"Query cancelled, connection was "
					  "terminated\",\"code\":\"08P01\"}");
}
