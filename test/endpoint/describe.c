/*-------------------------------------------------------------------------
 *
 * describe.c
 *		Which columns of a statement are arrays of a user-defined type.
 *
 * The server is asked only where values are converted: a column's type is
 * known before the statement runs, what kind of type that is stands in the
 * catalog.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

/* Types below this number are built in (FirstNormalObjectId). */
#define FIRST_USER_TYPE 16384

#define IS_ARRAY_SQL "SELECT 1 FROM pg_catalog.pg_type " \
	"WHERE oid = $1::pg_catalog.oid AND typcategory = 'A' AND typelem <> 0"

/* Waits for the end of what was sent; its last result, NULL on failure. */
static PGresult *
last_result(Running *running, bool sent)
{
	PGresult   *last = NULL;
	PGresult   *result;

	if (!sent)
	{
		error_statement(running->outcome, NULL, running->conn);
		return NULL;
	}
	while ((result = running_next(running)) != NULL)
	{
		ExecStatusType status = PQresultStatus(result);

		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			error_statement(running->outcome, result, running->conn);
		PQclear(last);
		last = result;
	}
	if (running->outcome->status == 0)
		return last;
	PQclear(last);
	return NULL;
}

static bool
is_known(const ArrayTypes *arrays, Oid type)
{
	for (int i = 0; i < arrays->ntypes; i++)
	{
		if (arrays->types[i] == type)
			return true;
	}
	return false;
}

static void
remember(ArrayTypes *arrays, Oid type)
{
	arrays->types = realloc(arrays->types,
							sizeof(Oid) * (arrays->ntypes + 1));
	if (arrays->types == NULL)
		abort();
	arrays->types[arrays->ntypes++] = type;
}

static bool
look_up(Running *running, Oid type, ArrayTypes *arrays)
{
	char		number[16];
	const char *const values[] = {number};
	PGresult   *result;

	snprintf(number, sizeof(number), "%u", type);
	result = last_result(running,
						 PQsendQueryParams(running->conn, IS_ARRAY_SQL, 1,
										   NULL, values, NULL, NULL, 0));
	if (result == NULL)
		return false;
	if (PQntuples(result) > 0)
		remember(arrays, type);
	PQclear(result);
	return true;
}

bool
describe_arrays(Running *running, const char *sql, ArrayTypes *arrays)
{
	PGresult   *result;
	bool		ok = true;

	result = last_result(running,
						 PQsendPrepare(running->conn, "", sql, 0, NULL));
	if (result == NULL)
		return false;
	PQclear(result);
	result = last_result(running, PQsendDescribePrepared(running->conn, ""));
	if (result == NULL)
		return false;
	for (int i = 0; i < PQnfields(result) && ok; i++)
	{
		Oid			type = PQftype(result, i);

		if (type >= FIRST_USER_TYPE && !is_known(arrays, type))
			ok = look_up(running, type, arrays);
	}
	PQclear(result);
	return ok;
}

void
describe_free(ArrayTypes *arrays)
{
	free(arrays->types);
	memset(arrays, 0, sizeof(*arrays));
}

/* Elements of a user-defined type are strings. */
Oid
describe_element(const ArrayTypes *arrays, Oid type)
{
	if (type >= FIRST_USER_TYPE)
		return is_known(arrays, type) ? VALUE_STRING : InvalidOid;
	return value_element(type);
}
