/*-------------------------------------------------------------------------
 *
 * functions/function.c
 *		What the SQL-callable functions share.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "option/own.h"

ForeignServer *
neon_function_server(const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, false);
	AclResult	result = neon_server_aclcheck(server->serverid, GetUserId());

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FOREIGN_SERVER, server->servername);
	if (!neon_is_own_server(server))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("server \"%s\" does not belong to foreign-data wrapper \"%s\"",
						server->servername, "neon_http_fdw")));
	return server;
}

UserMapping *
neon_function_mapping(const char *server_name)
{
	ForeignServer *server = neon_function_server(server_name);

	return GetUserMapping(GetUserId(), server->serverid);
}

char *
neon_function_interval(const Interval *interval)
{
	return psprintf("%d months %d days " INT64_FORMAT " microseconds",
					interval->month, interval->day, interval->time);
}

bool
neon_may_use_server(Oid serverid)
{
	return neon_server_aclcheck(serverid, GetUserId()) == ACLCHECK_OK;
}

bool
neon_may_read_all_stats(void)
{
	return has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
}

void
neon_result_add(NeonResultRow *row, Datum value)
{
	Assert(row->n < NEON_MAX_RESULT_COLUMNS);
	row->nulls[row->n] = false;
	row->values[row->n++] = value;
}

void
neon_result_add_null(NeonResultRow *row)
{
	Assert(row->n < NEON_MAX_RESULT_COLUMNS);
	row->nulls[row->n] = true;
	row->values[row->n++] = (Datum) 0;
}

void
neon_result_add_text(NeonResultRow *row, const char *text)
{
	if (text == NULL || text[0] == '\0')
		neon_result_add_null(row);
	else
		neon_result_add(row, CStringGetTextDatum(text));
}

void
neon_result_add_name(NeonResultRow *row, const char *name)
{
	neon_result_add(row, DirectFunctionCall1(namein, CStringGetDatum(name)));
}

void
neon_result_add_traffic(NeonResultRow *row, const NeonTraffic *traffic)
{
	neon_result_add(row, Int64GetDatum(traffic->connects));
	neon_result_add(row, Int64GetDatum(traffic->reused));
	neon_result_add(row, Int64GetDatum(traffic->bytes_sent));
	neon_result_add(row, Int64GetDatum(traffic->bytes_received));
}

void
neon_result_put(FunctionCallInfo fcinfo, NeonResultRow *row)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	Assert(row->n == result->setDesc->natts);
	tuplestore_putvalues(result->setResult, result->setDesc, row->values,
						 row->nulls);
	row->n = 0;
}
