/*-------------------------------------------------------------------------
 *
 * functions/spill_prune.c
 *		neon_http_spill_prune(): drops what sessions that died have left.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "functions/function.h"
#include "scan/spill.h"

PG_FUNCTION_INFO_V1(neon_http_spill_prune);

/* It acts at once, whatever becomes of the local transaction. */
Datum
neon_http_spill_prune(PG_FUNCTION_ARGS)
{
	Interval   *age = PG_GETARG_INTERVAL_P(1);
	UserMapping *user;
	NeonConnection *connection;
	NeonStats	stats = {0};

	PreventCommandIfReadOnly("neon_http_spill_prune()");
	user = neon_function_mapping(NameStr(*PG_GETARG_NAME(0)));
	connection = neon_connection_get(user);
	if (connection->options->spill_schema == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("server \"%s\" keeps no results on the remote",
						connection->server_name),
				 errhint("Its option \"spill_schema\" is not set.")));
	PG_RETURN_INT64(neon_spill_prune(user, neon_function_interval(age),
									 &stats));
}
