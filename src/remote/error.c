/*-------------------------------------------------------------------------
 *
 * remote/error.c
 *		Throw what went wrong on the wire.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "remote/error.h"

static int
name_field(int field, const char *name)
{
	return name != NULL ? err_generic_string(field, name) : 0;
}

/*
 * Is the error about the command?  It is not if the command has not run,
 * unless the command was too large.
 */
static bool
is_about_command(const NeonError *error)
{
	return !error->not_executed ||
		error->sqlstate == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}

static bool wrong_count = false;

bool
neon_error_told_wrong_count(void)
{
	bool		result = wrong_count;

	wrong_count = false;
	return result;
}

bool
neon_error_is_of_statement(const NeonError *error)
{
	if (error->transient || error->conflict)
		return false;
	switch (ERRCODE_TO_CATEGORY(error->sqlstate))
	{
		case ERRCODE_CONNECTION_EXCEPTION:
		case ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION:
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
		case ERRCODE_FDW_ERROR:
		case ERRCODE_INTERNAL_ERROR:
			return false;
		default:
			return true;
	}
}

void
neon_error_throw(const NeonError *error, const char *sql)
{
	wrong_count = wrong_count || error->wrong_count;
	if (!is_about_command(error))
		sql = NULL;
	ereport(ERROR,
			(errcode(error->sqlstate),
			 errmsg_internal("%s", error->message != NULL ? error->message :
							 "error without a message"),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 error->hint ? errhint("%s", error->hint) : 0,
			 name_field(PG_DIAG_SCHEMA_NAME, error->schema_name),
			 name_field(PG_DIAG_TABLE_NAME, error->table_name),
			 name_field(PG_DIAG_COLUMN_NAME, error->column_name),
			 name_field(PG_DIAG_DATATYPE_NAME, error->datatype_name),
			 name_field(PG_DIAG_CONSTRAINT_NAME, error->constraint_name),
			 error->where ? errcontext("%s", error->where) : 0,
			 sql && sql[0] ? errcontext("remote SQL command: %s", sql) : 0,
			 error->request_id ?
			 errcontext("neon-request-id: %s", error->request_id) : 0));
}

/* PostgreSQL notes which function throws, also for errors that are copied. */
bool
neon_error_is_of_wire(const ErrorData *error)
{
	return error->funcname != NULL &&
		strcmp(error->funcname, "neon_error_throw") == 0;
}
