/*-------------------------------------------------------------------------
 *
 * functions/session.c
 *		SQL functions that list and close this session's connections.
 *
 * The list of connections is copied before a catalog is looked at: a catalog
 * look-up may process invalidations, which can free a connection.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "http/connection.h"

PG_FUNCTION_INFO_V1(neon_http_connections);
PG_FUNCTION_INFO_V1(neon_http_disconnect);
PG_FUNCTION_INFO_V1(neon_http_disconnect_all);

static const char *
http_version_name(int version)
{
	switch (version)
	{
		case 10:
			return "1.0";
		case 11:
			return "1.1";
		case 20:
			return "2";
		case 30:
			return "3";
		default:
			return NULL;
	}
}

/* Everybody sees the connections of a user mapping for PUBLIC. */
Datum
neon_http_connections(PG_FUNCTION_ARGS)
{
	List	   *copies = NIL;
	ListCell   *lc;
	NeonResultRow row = {0};
	bool		all;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, neon_connection_list())
	{
		NeonConnection *copy = palloc(sizeof(NeonConnection));

		*copy = *(NeonConnection *) lfirst(lc);
		copy->server_name = pstrdup(copy->server_name);
		copies = lappend(copies, copy);
	}
	all = neon_may_read_all_stats();
	foreach(lc, copies)
	{
		NeonConnection *connection = lfirst(lc);
		Oid			user = connection->mapping_user;

		if (OidIsValid(user) && user != GetUserId() && !all)
			continue;
		neon_result_add_name(&row, connection->server_name);
		neon_result_add_name(&row, MappingUserName(user));
		neon_result_add_text(&row,
							 http_version_name(connection->http_version));
		neon_result_add_text(&row, connection->tls_version);
		neon_result_add(&row, Int64GetDatum(connection->requests));
		neon_result_add_traffic(&row, &connection->traffic);
		neon_result_put(fcinfo, &row);
	}
	return (Datum) 0;
}

/*
 * Closes the connections to the servers in the list.  True if one was closed.
 */
static bool
disconnect(List *serverids)
{
	bool		closed = false;
	List	   *in_use = NIL;
	ListCell   *lc;

	foreach(lc, neon_connection_list())
	{
		NeonConnection *connection = lfirst(lc);
		char	   *name;

		if (!list_member_oid(serverids, connection->serverid))
			continue;
		name = pstrdup(connection->server_name);
		if (neon_connection_drop(connection))
			closed = true;
		else
			in_use = lappend(in_use, name);
	}
	foreach(lc, in_use)
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("connection to server \"%s\" is in use and will be closed after use",
						(char *) lfirst(lc))));
	return closed;
}

Datum
neon_http_disconnect(PG_FUNCTION_ARGS)
{
	ForeignServer *server = neon_function_server(NameStr(*PG_GETARG_NAME(0)));

	PG_RETURN_BOOL(disconnect(list_make1_oid(server->serverid)));
}

/* Leaves out servers that the user may not use. */
Datum
neon_http_disconnect_all(PG_FUNCTION_ARGS)
{
	List	   *serverids = NIL;
	List	   *allowed = NIL;
	ListCell   *lc;

	foreach(lc, neon_connection_list())
		serverids = list_append_unique_oid(serverids,
										   ((NeonConnection *) lfirst(lc))->serverid);
	foreach(lc, serverids)
	{
		if (GetForeignServerExtended(lfirst_oid(lc), FSV_MISSING_OK) == NULL ||
			neon_may_use_server(lfirst_oid(lc)))
			allowed = lappend_oid(allowed, lfirst_oid(lc));
	}
	PG_RETURN_BOOL(disconnect(allowed));
}
