/*-------------------------------------------------------------------------
 *
 * remote/guard.c
 *		The statement that every batch starts with.
 *
 * Nothing of a session survives on the endpoint, and the remote role or
 * database may have defaults of its own: so each batch says what it relies
 * on.  The settings end with its transaction.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "pgtime.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "compat/compat.h"
#include "remote/application_name.h"
#include "remote/guard.h"

/*
 * client_encoding: the endpoint does not set it, and a role or a database may.
 * It comes first, and what comes with it is in ASCII: everything is read and
 * written in another encoding until this has run.
 * extra_float_digits: any value above 0 prints floats exactly.
 * lc_monetary: without it the text form of money is the remote's locale's.
 * array_nulls and xmloption: how parameters are read.
 *
 * They are arguments of one function, which are computed in their order: a
 * reply describes each column of a result, and nobody reads these.
 */
static const char *const fixed_settings[][2] = {
	{"client_encoding", "UTF8"},
	{"search_path", "pg_catalog"},
	{"DateStyle", "ISO"},
	{"IntervalStyle", "postgres"},
	{"extra_float_digits", "1"},
	{"bytea_output", "hex"},
	{"lc_monetary", "C"},
	{"array_nulls", "on"},
	{"xmloption", "content"},
	{"standard_conforming_strings", "on"},
};

/* TimeZone, application_name and two timeouts come on top. */
#define MAX_SETTINGS	(lengthof(fixed_settings) + 4)

/*
 * So much of the time that is left, but not more than so many milliseconds, is
 * kept for the reply of a remote that gives up a commit.
 */
#define REPLY_SHARE		0.25
#define REPLY_TIME		1000

typedef struct Guard
{
	StringInfoData sql;
	const char **values;
	int			n;
} Guard;

static void
add_setting(Guard *guard, const char *name, const char *value)
{
	char		number[12];

	guard->values[guard->n++] = value;
	pg_ltoa(guard->n, number);
	appendStringInfoString(&guard->sql, guard->n == 1 ?
						   "SELECT pg_catalog.concat(pg_catalog.set_config('" :
						   ", pg_catalog.set_config('");
	appendStringInfoString(&guard->sql, name);
	appendStringInfoString(&guard->sql, "', $");
	appendStringInfoString(&guard->sql, number);
	appendStringInfoString(&guard->sql, ", true)");
}

/*
 * What is left of the local statement's time.  The local timeout would end
 * the transfer anyway; this ends the remote statement even if the endpoint
 * does not notice.  A commit that is cut off here has an unknown outcome, so
 * the remote must give it up early enough to say so.
 */
static void
add_timeouts(Guard *guard, bool commits)
{
	TimestampTz deadline = neon_statement_deadline();
	int64		left;

	if (LockTimeout > 0)
		add_setting(guard, "lock_timeout", psprintf("%d", LockTimeout));
	if (deadline == DT_NOEND)
		return;
	left = (deadline - GetCurrentTimestamp()) / 1000;
	if (commits)
		left -= Min((int64) (left * REPLY_SHARE), REPLY_TIME);
	add_setting(guard, "statement_timeout",
				psprintf(INT64_FORMAT, Max(left, 1)));
}

void
neon_guard(const NeonConnection *connection, NeonQuery *query, bool commits)
{
	Guard		guard = {0};

	guard.values = palloc(MAX_SETTINGS * sizeof(char *));
	initStringInfo(&guard.sql);
	for (int i = 0; i < lengthof(fixed_settings); i++)
		add_setting(&guard, fixed_settings[i][0], fixed_settings[i][1]);
	add_setting(&guard, "TimeZone", pg_get_timezone_name(session_timezone));
	add_setting(&guard, "application_name",
				neon_application_name(connection->options->application_name));
	add_timeouts(&guard, commits);
	appendStringInfoChar(&guard.sql, ')');

	memset(query, 0, sizeof(NeonQuery));
	query->sql = guard.sql.data;
	query->nparams = guard.n;
	query->params = guard.values;
	query->ncolumns = 1;
}

/* ---------- around statements of the user ---------- */

/*
 * The remote's transaction remembers what is set back, in settings of our
 * own: so these statements are the same ones wherever they stand in a queue.
 */
#define FRAME_PREFIX	"SELECT pg_catalog.set_config('neon_http."

static void
set_frame(NeonQuery *query, const char *sql, int ncolumns)
{
	memset(query, 0, sizeof(NeonQuery));
	query->sql = sql;
	query->ncolumns = ncolumns;
	query->shown = "";
}

/*
 * NULL as the value of search_path stands for its default: unless a statement
 * of the user has set it in this transaction, the next one has the search_path
 * of the remote role.
 */
void
neon_guard_enter(NeonQuery *query, bool read_only)
{
	set_frame(query,
			  psprintf(FRAME_PREFIX "zone',"
					   " pg_catalog.current_setting('TimeZone'), true)%s,"
					   " pg_catalog.set_config('search_path',"
					   " NULLIF(pg_catalog.current_setting('neon_http.path', true), ''), true)",
					   read_only ?
					   ", pg_catalog.set_config('transaction_read_only', 'on', true)" :
					   ""),
			  read_only ? 3 : 2);
}

/*
 * Names and operators of this statement are looked up along the user's
 * search_path, so that they are written with their schema.
 */
void
neon_guard_leave(NeonQuery *query)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, FRAME_PREFIX "path',"
						   " pg_catalog.current_setting('search_path'), true),"
						   " pg_catalog.set_config('TimeZone',"
						   " pg_catalog.current_setting('neon_http.zone'), true)");
	for (int i = 0; i < lengthof(fixed_settings); i++)
		appendStringInfo(&sql, ", pg_catalog.set_config('%s', '%s', true)",
						 fixed_settings[i][0], fixed_settings[i][1]);
	set_frame(query, sql.data, lengthof(fixed_settings) + 2);
}
