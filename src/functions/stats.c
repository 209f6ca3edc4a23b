/*-------------------------------------------------------------------------
 *
 * functions/stats.c
 *		SQL functions that show what sessions do and have done.
 *
 * Whose numbers somebody may see is as with pg_stat_activity: one's own, and
 * those of the roles that one is a member of; all with pg_read_all_stats.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "stats/activity.h"
#include "stats/shared.h"
#include "stats/totals.h"

PG_FUNCTION_INFO_V1(neon_http_activity);
PG_FUNCTION_INFO_V1(neon_http_session_stats);
PG_FUNCTION_INFO_V1(neon_http_stats);
PG_FUNCTION_INFO_V1(neon_http_latency);
PG_FUNCTION_INFO_V1(neon_http_stats_info);
PG_FUNCTION_INFO_V1(neon_http_stats_reset);

static bool
may_see(Oid role)
{
	return neon_may_read_all_stats() || has_privs_of_role(GetUserId(), role);
}

static const char *
scope(void)
{
	return neon_stats_shared() ? "server" : "session";
}

/* A name that may be gone meanwhile becomes a null. */
static void
add_name_or_null(NeonResultRow *row, const char *name)
{
	if (name == NULL)
		neon_result_add_null(row);
	else
		neon_result_add_name(row, name);
}

static void
add_count(NeonResultRow *row, int64 count)
{
	neon_result_add(row, Int64GetDatum(count));
}

/* ---------- activity ---------- */

static void
add_activity(NeonResultRow *row, const NeonActivity *activity)
{
	neon_result_add_name(row, activity->server_name);
	add_name_or_null(row, GetUserNameFromId(activity->userid, true));
	neon_result_add_text(row, neon_request_purpose_name(activity->purpose));
	neon_result_add_text(row, neon_phase_name(activity->phase,
											  activity->purpose));
	neon_result_add(row, Int32GetDatum(activity->attempt));
	add_count(row, activity->bytes_sent);
	add_count(row, activity->rows_sent);
	add_count(row, activity->bytes_received);
	add_count(row, activity->rows_received);
	if (activity->piece > 0)
		neon_result_add(row, Int32GetDatum(activity->piece));
	else
		neon_result_add_null(row);
	if (activity->pieces > 0)
		neon_result_add(row, Int32GetDatum(activity->pieces));
	else
		neon_result_add_null(row);
	neon_result_add_text(row, activity->request_id);
	neon_result_add(row, TimestampTzGetDatum(activity->begun));
	neon_result_add(row, TimestampTzGetDatum(activity->since));
}

/* What one may not see of a request is null, as in pg_stat_activity. */
Datum
neon_http_activity(PG_FUNCTION_ARGS)
{
	NeonResultRow row = {0};
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, neon_activity_list())
	{
		NeonActivityRow *found = lfirst(lc);

		neon_result_add(&row, Int32GetDatum(found->pid));
		add_name_or_null(&row, get_database_name(found->activity.dbid));
		add_name_or_null(&row, GetUserNameFromId(found->session_user, true));
		if (may_see(found->session_user))
			add_activity(&row, &found->activity);
		else
		{
			for (int i = 0; i < 14; i++)
				neon_result_add_null(&row);
		}
		neon_result_add_text(&row, scope());
		neon_result_put(fcinfo, &row);
	}
	return (Datum) 0;
}

/* ---------- totals ---------- */

/* Those that have totals which the user may see. */
static List *
visible_totals(void)
{
	List	   *list = NIL;
	ListCell   *lc;

	foreach(lc, neon_totals_list(false))
	{
		NeonTotalsRow *row = lfirst(lc);

		if (may_see(row->key.userid))
			list = lappend(list, row);
	}
	return list;
}

static void
add_key(NeonResultRow *row, const NeonTotalsRow *totals)
{
	add_name_or_null(row, get_database_name(totals->key.dbid));
	neon_result_add_name(row, totals->server_name);
	add_name_or_null(row, GetUserNameFromId(totals->key.userid, true));
}

static void
add_json(NeonResultRow *row, StringInfo json)
{
	appendStringInfoChar(json, '}');
	neon_result_add(row, DirectFunctionCall1(jsonb_in,
											 CStringGetDatum(json->data)));
	pfree(json->data);
}

static void
begin_json(StringInfo json)
{
	initStringInfo(json);
	appendStringInfoChar(json, '{');
}

static int64
count_sent(const NeonTotals *totals)
{
	int64		sum = 0;

	for (int i = 0; i < NEON_NPURPOSES; i++)
		sum += totals->requests[i];
	return sum;
}

static void
add_requests(NeonResultRow *row, const NeonTotals *totals)
{
	add_count(row, count_sent(totals));
	for (int i = 0; i < NEON_NPURPOSES; i++)
		add_count(row, totals->requests[i]);
	add_count(row, totals->unsent);
	add_count(row, totals->incomplete);
}

static int64
count_retries(const NeonTotals *totals)
{
	int64		sum = 0;

	for (int i = 0; i < NEON_NRETRY_REASONS; i++)
		sum += totals->retries[i];
	return sum;
}

/* The number of retries, and {"connect": 2, "conflict": 1}. */
static void
add_retries(NeonResultRow *row, const NeonTotals *totals)
{
	static const char *const names[] = {
		[NEON_RETRY_CONNECT] = "connect",
		[NEON_RETRY_LOST] = "lost",
		[NEON_RETRY_RESENT] = "resent",
		[NEON_RETRY_THROTTLED] = "throttled",
		[NEON_RETRY_UNAVAILABLE] = "unavailable",
		[NEON_RETRY_CONFLICT] = "conflict",
		[NEON_RETRY_UNPROVED] = "unproved"
	};
	StringInfoData json;

	begin_json(&json);
	for (int i = 0; i < NEON_NRETRY_REASONS; i++)
	{
		if (totals->retries[i] == 0)
			continue;
		appendStringInfo(&json, "%s\"%s\": " INT64_FORMAT,
						 json.len > 1 ? ", " : "", names[i],
						 totals->retries[i]);
	}
	add_count(row, count_retries(totals));
	add_json(row, &json);
}

/* The number of errors, and {"08": 2, "42": 1}; "other" had no room. */
static void
add_errors(NeonResultRow *row, const NeonTotals *totals)
{
	StringInfoData json;

	begin_json(&json);
	for (int i = 0; i < NEON_ERROR_CLASSES; i++)
	{
		const NeonErrorClass *class = &totals->classes[i];

		if (class->count == 0)
			continue;
		appendStringInfoString(&json, json.len > 1 ? ", " : "");
		if (i == NEON_ERROR_CLASSES - 1)
			appendStringInfoString(&json, "\"other\": ");
		else
			appendStringInfo(&json, "\"%c%c\": ", PGUNSIXBIT(class->category),
							 PGUNSIXBIT(class->category >> 6));
		appendStringInfo(&json, INT64_FORMAT, class->count);
	}
	add_count(row, totals->errors);
	add_json(row, &json);
}

static void
add_volume(NeonResultRow *row, const NeonTotals *totals)
{
	add_count(row, totals->rows_sent);
	add_count(row, totals->rows_received);
	add_count(row, totals->traffic.bytes_sent);
	add_count(row, totals->traffic.bytes_received);
	add_count(row, totals->traffic.connects);
	add_count(row, totals->traffic.reused);
	add_count(row, totals->pieces);
	add_count(row, totals->spills);
	add_count(row, totals->spilled_rows);
}

static void
add_percentile(NeonResultRow *row, const NeonLatency *latency, double part)
{
	if (latency->count == 0)
		neon_result_add_null(row);
	else
		neon_result_add(row,
						Float8GetDatum(neon_latency_percentile(latency, part)));
}

static void
add_waits(NeonResultRow *row, const NeonLatency *latency)
{
	neon_result_add(row, Float8GetDatum(latency->total / 1000.0));
	neon_result_add(row, Float8GetDatum(latency->max / 1000.0));
	add_percentile(row, latency, 0.5);
	add_percentile(row, latency, 0.95);
	add_percentile(row, latency, 0.99);
}

Datum
neon_http_stats(PG_FUNCTION_ARGS)
{
	NeonResultRow row = {0};
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, visible_totals())
	{
		NeonTotalsRow *found = lfirst(lc);

		add_key(&row, found);
		add_requests(&row, &found->totals);
		add_retries(&row, &found->totals);
		add_errors(&row, &found->totals);
		add_count(&row, found->totals.serialization_failures);
		add_count(&row, found->totals.unknown_outcomes);
		add_volume(&row, &found->totals);
		add_waits(&row, &found->totals.latency);
		neon_result_add(&row, TimestampTzGetDatum(found->since));
		neon_result_add_text(&row, scope());
		neon_result_put(fcinfo, &row);
	}
	return (Datum) 0;
}

/* Counts add up from bucket to bucket, as Prometheus has them. */
Datum
neon_http_latency(PG_FUNCTION_ARGS)
{
	NeonResultRow row = {0};
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, visible_totals())
	{
		NeonTotalsRow *found = lfirst(lc);
		int64		count = 0;

		for (int i = 0; i < NEON_LATENCY_BUCKETS; i++)
		{
			count += found->totals.latency.buckets[i];
			add_key(&row, found);
			neon_result_add(&row, Float8GetDatum(neon_latency_bound(i)));
			add_count(&row, count);
			neon_result_put(fcinfo, &row);
		}
	}
	return (Datum) 0;
}

/* ---------- this session's ---------- */

/* What the session has had to do with each server, for whomever. */
static List *
session_totals(void)
{
	List	   *sums = NIL;
	ListCell   *lc;

	foreach(lc, neon_totals_list(true))
	{
		NeonTotalsRow *row = lfirst(lc);
		NeonTotalsRow *sum = NULL;
		ListCell   *lc2;

		foreach(lc2, sums)
		{
			if (((NeonTotalsRow *) lfirst(lc2))->key.serverid ==
				row->key.serverid)
				sum = lfirst(lc2);
		}
		if (sum != NULL)
			neon_totals_add(&sum->totals, &row->totals);
		else
			sums = lappend(sums, row);
	}
	return sums;
}

Datum
neon_http_session_stats(PG_FUNCTION_ARGS)
{
	NeonResultRow row = {0};
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, session_totals())
	{
		NeonTotalsRow *found = lfirst(lc);
		const NeonTotals *totals = &found->totals;
		Oid			serverid = found->key.serverid;
		ForeignServer *server = GetForeignServerExtended(serverid,
														 FSV_MISSING_OK);

		if (server == NULL ||
			!(neon_may_read_all_stats() || neon_may_use_server(serverid)))
			continue;
		neon_result_add_name(&row, server->servername);
		add_count(&row, count_sent(totals) + totals->unsent);
		add_count(&row, count_retries(totals));
		add_errors(&row, totals);
		neon_result_add_traffic(&row, &totals->traffic);
		add_percentile(&row, &totals->latency, 0.5);
		add_percentile(&row, &totals->latency, 0.95);
		neon_result_put(fcinfo, &row);
	}
	return (Datum) 0;
}

/* ---------- of all of them ---------- */

Datum
neon_http_stats_info(PG_FUNCTION_ARGS)
{
	NeonTotalsInfo info = neon_totals_info();
	NeonResultRow row = {0};

	InitMaterializedSRF(fcinfo, 0);
	neon_result_add_text(&row, scope());
	neon_result_add(&row, TimestampTzGetDatum(info.reset));
	add_count(&row, info.evicted);
	neon_result_put(fcinfo, &row);
	return (Datum) 0;
}

Datum
neon_http_stats_reset(PG_FUNCTION_ARGS)
{
	Oid			serverid = InvalidOid;

	if (!PG_ARGISNULL(0))
		serverid = GetForeignServerByName(NameStr(*PG_GETARG_NAME(0)),
										  false)->serverid;
	neon_totals_reset(serverid);
	PG_RETURN_VOID();
}
