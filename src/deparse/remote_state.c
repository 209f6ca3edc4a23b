/*-------------------------------------------------------------------------
 *
 * deparse/remote_state.c
 *		SQL that proves that nothing on the remote has changed.
 *
 * A snapshot lists the transactions that it does not see.  Two that are equal
 * see the same, if they come from one run of one primary server: a standby
 * does not list them, and a crash can lose commits that were seen.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "deparse/remote_state.h"
#include "remote/error.h"

#define NOW		"pg_catalog.pg_current_snapshot()"

/*
 * The run of a server ends with the postmaster, or with a crash that the
 * postmaster survives, after which statistics begin anew.  Before version 15
 * their time comes from a file, which takes too long.
 */
#define STATE \
	"CASE WHEN pg_catalog.current_setting('server_version_num')::int >= 150000" \
	" AND NOT pg_catalog.pg_is_in_recovery()" \
	" THEN " NOW "::text || ' ' || pg_catalog.pg_postmaster_start_time()::text" \
	" || ' ' || coalesce(pg_catalog.pg_stat_get_bgwriter_stat_reset_time()::text, '')" \
	" END"

/* The text of a state behind the snapshot. */
#define SERVER(state)	"substr(" state ", strpos(" state ", ' '))"

/* More transactions than these are not looked at one by one. */
#define MAX_ENDED	"10000"

const char *
neon_state_column(void)
{
	return STATE;
}

/*
 * All that one snapshot sees and the other does not was rolled back.  A
 * subtransaction reads as seen while its transaction is under way, and is then
 * found not to be rolled back: that errs on the safe side.
 */
#define ROLLED_BACK \
	"(SELECT " SERVER("n.state") " = " SERVER("b.state") \
	" AND n.high - b.high BETWEEN 0 AND " MAX_ENDED \
	" AND NOT EXISTS (SELECT FROM pg_snapshot_xip(n.s) x" \
	" WHERE pg_visible_in_snapshot(x, b.s))" \
	" AND NOT EXISTS (SELECT FROM (SELECT pg_snapshot_xip(b.s) UNION ALL" \
	" SELECT g::text::xid8 FROM generate_series(b.high," \
	" least(n.high - 1, b.high + " MAX_ENDED ")) g) e (x)" \
	" WHERE pg_visible_in_snapshot(e.x, n.s)" \
	" AND pg_xact_status(e.x) IS DISTINCT FROM 'aborted')" \
	" FROM (SELECT " STATE ", s, pg_snapshot_xmax(s)::text::bigint" \
	" FROM " NOW " s) n (state, s, high)," \
	" (SELECT t, s, pg_snapshot_xmax(s)::text::bigint" \
	" FROM CAST($%d AS text) t," \
	" CAST(split_part(t, ' ', 1) AS pg_snapshot) s) b (state, s, high))"

const char *
neon_state_proof(NeonStateProof proof, int param)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "(CASE WHEN ");
	if (proof == NEON_STATE_SAME)
		appendStringInfo(&sql, STATE " = $%d::text", param);
	else
		appendStringInfo(&sql, ROLLED_BACK, param);
	appendStringInfoString(&sql, " THEN '0' ELSE '" NEON_STATE_PREFIX
						   "it may have changed' END)::int");
	return sql.data;
}
