/*-------------------------------------------------------------------------
 *
 * scan/spill.c
 *		Results that are kept in a table of the remote until they are read.
 *
 * The name of a table tells when it was made, so that one whose session has
 * died is found later.  An unlogged table is emptied when the remote crashes:
 * who reads it compares the number of rows with what the remote said when the
 * table was made.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <time.h>

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "remote/guard.h"
#include "scan/spill.h"

/* A name is this, ten digits for the second, "_", sixteen random ones. */
#define PREFIX			"neon_http_"
#define NAME_PATTERN	"^" PREFIX "[0-9]{10}_[0-9a-f]{16}$"

/* What is older is left over, even if its session should still live. */
#define LEFTOVER_AGE	"1 day"

/* So many leftovers are dropped by one request. */
#define PRUNE_AT_ONCE	100

/* At the end of a failed transaction the remote gets so long to reply. */
#define ABORT_DROP_MS	2000

/* Of this transaction, not dropped yet. */
static List *spills = NIL;

bool
neon_spill_possible(UserMapping *user, CommandId cid)
{
	return neon_transaction_connection(user)->options->spill_schema != NULL &&
		neon_transaction_may_keep(user, cid);
}

/* ---------- dropping ---------- */

/* The spill is no longer known, and freed. */
static void
forget(NeonSpill *spill)
{
	spills = list_delete_ptr(spills, spill);
	neon_connection_release(spill->connection);
	MemoryContextDelete(spill->context);
}

static void
run_drop(NeonSpill *spill, NeonBatchKind kind, NeonStats *stats)
{
	NeonQuery	query = {0};
	NeonBatch	batch = {kind, NULL, 0, &query, 1};
	NeonReader *reader;

	query.sql = psprintf("DROP TABLE IF EXISTS %s", spill->table);
	reader = neon_remote_run(spill->connection, &batch, stats);
	if (kind == NEON_BATCH_ALONE)
		neon_remote_limit(reader, ABORT_DROP_MS);
	(void) neon_remote_next_row(reader);
	neon_remote_close(reader);
}

/* Did somebody want this session to stop what it does? */
static bool
is_interrupt(int sqlstate)
{
	return sqlstate == ERRCODE_QUERY_CANCELED ||
		sqlstate == ERRCODE_ADMIN_SHUTDOWN;
}

/*
 * The rows have been read, or are not wanted: that the table stays is worth a
 * warning, but no error.  Only an interrupt is one, unless the transaction is
 * ending anyway.
 *
 * After a failure nothing may be looked up in the local catalogs, which the
 * settings of a batch need: so the command is sent alone then.  Errors are
 * caught without a subtransaction: what throws waits for the network, and
 * holds nothing that only an abort would release.  An error ends all holding
 * off of interrupts, but an abort, from which this may be called, still counts
 * on its own.  Returns false after an error.
 */
static bool
drop(NeonSpill *spill, bool ending, bool failed, NeonStats *stats)
{
	MemoryContext context = CurrentMemoryContext;
	uint32		holdoff = InterruptHoldoffCount;
	volatile bool dropped = true;

	PG_TRY();
	{
		run_drop(spill, failed ? NEON_BATCH_ALONE : NEON_BATCH_REPEATABLE,
				 stats);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (!ending && is_interrupt(error->sqlerrcode))
			PG_RE_THROW();
		FlushErrorState();
		InterruptHoldoffCount = holdoff;
		ereport(WARNING,
				(errcode(error->sqlerrcode),
				 errmsg("could not drop table %s of server \"%s\": %s",
						spill->table, spill->connection->server_name,
						error->message),
				 errhint("neon_http_spill_prune() drops what is left over.")));
		FreeErrorData(error);
		dropped = false;
	}
	PG_END_TRY();
	forget(spill);
	return dropped;
}

void
neon_spill_check(const NeonSpill *spill, int64 rows)
{
	if (rows != spill->rows)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("a result that was kept on server \"%s\" has " INT64_FORMAT " rows instead of " INT64_FORMAT,
						spill->connection->server_name, rows, spill->rows),
				 errdetail("The remote empties unlogged tables when it has crashed or was moved."),
				 errhint("Run the statement again.")));
}

void
neon_spill_drop(NeonSpill *spill, NeonStats *stats)
{
	(void) drop(spill, false, false, stats);
}

/*
 * Drops what scans have left that were not ended in order.  A remote that could
 * not be reached for one of them need not be waited for again.
 */
static void
end_transaction(XactEvent event, void *arg)
{
	bool		failed = event == XACT_EVENT_ABORT;
	bool		reachable = true;
	NeonStats	stats = {0};

	if (!failed && event != XACT_EVENT_PRE_COMMIT &&
		event != XACT_EVENT_PRE_PREPARE)
		return;
	while (spills != NIL)
	{
		if (reachable)
			reachable = drop(linitial(spills), true, failed, &stats);
		else
			forget(linitial(spills));
	}
}

/* ---------- leftovers ---------- */

static void
leftovers_query(NeonQuery *query, const char *schema, const char *age)
{
	const char **params = palloc(3 * sizeof(char *));

	memset(query, 0, sizeof(NeonQuery));
	query->sql = "SELECT c.relname FROM pg_catalog.pg_class c"
		" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
		" WHERE n.nspname = $1::text AND c.relkind = 'r'"
		" AND c.relpersistence = 'u'"
		" AND pg_catalog.pg_has_role(c.relowner, 'USAGE')"
		" AND CASE WHEN c.relname ~ $2::text THEN"
		" pg_catalog.to_timestamp(pg_catalog.substr(c.relname::text, 11, 10)::float8)"
		" <= pg_catalog.now() - $3::interval ELSE false END"
		" ORDER BY c.relname";
	params[0] = schema;
	params[1] = NAME_PATTERN;
	params[2] = age;
	query->params = params;
	query->nparams = 3;
	query->ncolumns = 1;
	query->shown = "";
}

/* The names in the current result. */
static List *
read_names(NeonReader *reader)
{
	List	   *names = NIL;
	const NeonRow *row;

	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		if (row->values[0] != NULL)
			names = lappend(names, pstrdup(row->values[0]));
	}
	return names;
}

static void
drop_leftovers(NeonConnection *connection, const char *schema, List *names,
			   NeonStats *stats)
{
	NeonQuery	queries[PRUNE_AT_ONCE];
	int			n = 0;
	ListCell   *lc;

	foreach(lc, names)
	{
		NeonQuery  *query = &queries[n++];
		NeonBatch	batch = {NEON_BATCH_REPEATABLE, NULL, 0, queries, n};
		NeonReader *reader;

		memset(query, 0, sizeof(NeonQuery));
		query->sql = psprintf("DROP TABLE IF EXISTS %s",
							  quote_qualified_identifier(schema, lfirst(lc)));
		if (n < PRUNE_AT_ONCE && lnext(names, lc) != NULL)
			continue;
		reader = neon_remote_run(connection, &batch, stats);
		while (neon_remote_next_result(reader))
			;
		neon_remote_close(reader);
		n = 0;
	}
}

int64
neon_spill_prune(UserMapping *user, const char *age, NeonStats *stats)
{
	NeonConnection *connection = neon_connection_get(user);
	char	   *schema = pstrdup(connection->options->spill_schema);
	NeonQuery	query;
	NeonReader *reader;
	List	   *names;

	leftovers_query(&query, schema, age);
	reader = neon_remote_read(connection, &query, 1, stats);
	names = read_names(reader);
	neon_remote_close(reader);
	drop_leftovers(neon_connection_get(user), schema, names, stats);
	return list_length(names);
}

/* ---------- making ---------- */

static char *
make_name(void)
{
	uint64		random;

	if (!pg_strong_random(&random, sizeof(random)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	return psprintf(PREFIX "%010lld_%016llx", (long long) time(NULL),
					(unsigned long long) random);
}

/* Makes a spill whose table is not there yet. */
static NeonSpill *
new_spill(NeonConnection *connection, int ncolumns)
{
	static bool registered = false;
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "neon spill",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NeonSpill  *spill = palloc0_object(NeonSpill);
	StringInfoData sql;

	spill->context = context;
	spill->table = quote_qualified_identifier(connection->options->spill_schema,
											  make_name());
	initStringInfo(&sql);
	for (int i = 1; i <= ncolumns; i++)
		appendStringInfo(&sql, "%s c%d", i == 1 ? "SELECT" : ",", i);
	appendStringInfo(&sql, " FROM %s", spill->table);
	spill->sql = sql.data;
	MemoryContextSwitchTo(TopMemoryContext);
	if (!registered)
		RegisterXactCallback(end_transaction, NULL);
	registered = true;
	spills = lappend(spills, spill);
	spill->connection = connection;
	neon_connection_hold(connection);
	MemoryContextSwitchTo(old);
	return spill;
}

/*
 * The statement may be repeated, as it drops what it has made before.  Access
 * method heap keeps rows in the order in which they come: without others who
 * write, each row goes behind the one before it.
 */
static void
create_query(NeonQuery *query, NeonSpill *spill, const NeonQuery *statement)
{
	StringInfoData sql;

	*query = *statement;
	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE UNLOGGED TABLE %s (", spill->table);
	for (int i = 1; i <= statement->ncolumns; i++)
		appendStringInfo(&sql, "%sc%d", i == 1 ? "" : ", ", i);
	appendStringInfo(&sql, ") USING heap AS\n%s", statement->sql);
	query->sql = sql.data;
	query->ncolumns = 0;
}

static void
size_query(NeonQuery *query, NeonSpill *spill)
{
	memset(query, 0, sizeof(NeonQuery));
	query->sql = "SELECT greatest(pg_catalog.pg_relation_size($1::pg_catalog.regclass)"
		" / pg_catalog.current_setting('block_size')::bigint, 1), c.relnatts"
		" FROM pg_catalog.pg_class c"
		" WHERE c.oid = $1::pg_catalog.regclass";
	query->params = neon_one_param(spill->table);
	query->nparams = 1;
	query->ncolumns = 2;
	query->shown = "";
}

/* SQLSTATEs by which the remote says that it makes no such table. */
static const int expected[] = {
	ERRCODE_INSUFFICIENT_PRIVILEGE, ERRCODE_READ_ONLY_SQL_TRANSACTION,
	ERRCODE_UNDEFINED_SCHEMA, ERRCODE_SYNTAX_ERROR,
	ERRCODE_INVALID_TABLE_DEFINITION, 0
};

static const char *
refusal_hint(int sqlstate)
{
	switch (sqlstate)
	{
		case ERRCODE_INSUFFICIENT_PRIVILEGE:
			return "Grant the remote role CREATE and USAGE on the schema that the server's option \"spill_schema\" names.";
		case ERRCODE_READ_ONLY_SQL_TRANSACTION:
			return "The endpoint only reads, as replicas do: read fewer rows or columns at once, or use an endpoint that can write.";
		case ERRCODE_UNDEFINED_SCHEMA:
			return "Create the schema that the server's option \"spill_schema\" names on the remote.";
		default:
			return "Read fewer rows or columns at once.";
	}
}

/* There is no table then, and nothing to be dropped. */
pg_noreturn static void
refuse(NeonSpill *spill, const NeonError *error)
{
	char	   *server = pstrdup(spill->connection->server_name);

	forget(spill);
	ereport(ERROR,
			(errcode(error->sqlstate),
			 errmsg("a result that does not fit into one reply of server \"%s\" could not be kept there: %s",
					server, error->message ? error->message : ""),
			 errhint("%s", refusal_hint(error->sqlstate))));
}

/*
 * Reads what the batch has returned: the size of the table and its number of
 * columns, then the leftovers.
 */
static List *
read_reply(NeonReader *reader, NeonSpill *spill, int *ncolumns, bool is_users)
{
	const NeonRow *row;

	(void) neon_remote_next_row(reader);
	spill->rows = neon_remote_rowcount(reader);
	(void) neon_remote_next_result(reader);
	if (is_users)
		(void) neon_remote_next_result(reader);
	row = neon_remote_next_row(reader);
	if (row == NULL || row->values[0] == NULL || row->values[1] == NULL ||
		spill->rows < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("invalid reply: the size of a table is missing")));
	spill->pages = Min(strtoll(row->values[0], NULL, 10), MaxBlockNumber);
	*ncolumns = atoi(row->values[1]);
	(void) neon_remote_next_result(reader);
	return read_names(reader);
}

/* Sends all that makes a table, and asks for what read_reply() reads. */
static NeonReader *
send_create(UserMapping *user, CommandId cid, NeonSpill *spill,
			const NeonQuery *statement, NeonStats *stats)
{
	bool		is_users = statement->read == NEON_READ_OF_USER;
	const char *schema = spill->connection->options->spill_schema;
	NeonQuery	before[2] = {0};
	NeonQuery	queries[4];
	int			nbefore = 0;
	int			n = 0;

	before[nbefore++].sql = psprintf("DROP TABLE IF EXISTS %s", spill->table);
	if (is_users)
		neon_guard_enter(&before[nbefore++], false);
	create_query(&queries[n++], spill, statement);
	if (is_users)
		neon_guard_leave(&queries[n++]);
	size_query(&queries[n++], spill);
	leftovers_query(&queries[n++], schema, LEFTOVER_AGE);
	return neon_transaction_keep(user, cid, statement, before, nbefore,
								 queries, n, stats);
}

NeonSpill *
neon_spill_create(UserMapping *user, CommandId cid, const NeonQuery *statement,
				  NeonStats *stats)
{
	bool		is_users = statement->read == NEON_READ_OF_USER;
	NeonSpill  *spill = new_spill(neon_transaction_connection(user),
								  statement->ncolumns);
	NeonReader *reader = send_create(user, cid, spill, statement, stats);
	const NeonError *error = neon_remote_expect(reader, expected);
	List	   *leftovers;
	int			ncolumns;

	if (error != NULL)
	{
		if (!is_users || error->sqlstate != ERRCODE_SYNTAX_ERROR)
			refuse(spill, error);
		neon_remote_close(reader);
		forget(spill);
		return NULL;
	}
	leftovers = read_reply(reader, spill, &ncolumns, is_users);
	neon_remote_close(reader);
	if (ncolumns != statement->ncolumns)
	{
		neon_spill_drop(spill, stats);
		return NULL;
	}
	stats->spilled += spill->rows;
	drop_leftovers(spill->connection, spill->connection->options->spill_schema,
				   leftovers, stats);
	return spill;
}
