/*-------------------------------------------------------------------------
 *
 * plan/remote_size.c
 *		Sizes of relations by the remote's catalog.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_foreign_server.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/syscache.h"

#include "compat/compat.h"
#include "option/option.h"
#include "plan/remote_size.h"
#include "remote/remote.h"
#include "remote/row_text.h"

/*
 * After a failure the remote is not asked again for so long, since each
 * attempt may take long to fail.
 */
#define GIVE_UP_SECONDS	60

/*
 * Only a manual ANALYZE updates a partitioned table's own entry in pg_class,
 * so the sizes are those of its partitions.  relpages and reltuples are from
 * the same moment: their quotient is the density at that time.
 * pg_relation_size() waits for locks on the table, which reading pg_class does
 * not, so it is called only if nothing else is known, or if the exact size is
 * wanted.
 */
static const char size_sql[] =
"WITH RECURSIVE tree (n, oid) AS ("
"SELECT a.n, c.oid"
" FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a (s, t, n)"
" JOIN pg_namespace s ON s.nspname = a.s::name"
" JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = a.t::name"
" UNION "
"SELECT t.n, i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid"
"), leaf AS ("
"SELECT t.n, c.relkind, c.reltuples::float8 AS tuples,"
" c.relpages::float8 AS analyzed_pages,"
" CASE WHEN c.relkind IN ('r', 'm') AND ($3::boolean OR c.reltuples < 0)"
" THEN coalesce(ceil(pg_relation_size(c.oid)"
" / current_setting('block_size')::float8), 0)"
" ELSE c.relpages END AS pages"
" FROM tree t JOIN pg_class c ON c.oid = t.oid"
") SELECT n,"
" bool_and(relkind IN ('r', 'm', 'p') OR relkind = 'f' AND tuples >= 0),"
" bool_and(relkind IN ('r', 'm', 'p')),"
" coalesce(sum(pages) FILTER (WHERE relkind <> 'p'), 0),"
" sum(CASE WHEN relkind = 'p' OR tuples < 0 THEN 0"
" WHEN analyzed_pages > 0 THEN tuples * pages / analyzed_pages"
" ELSE tuples END),"
" coalesce(sum(pages) FILTER (WHERE relkind <> 'p' AND tuples < 0), 0)"
" FROM leaf GROUP BY n";

#define SIZE_COLUMNS	6

/* Users may have mappings to different databases. */
typedef struct SizeKey
{
	Oid			relid;
	Oid			umid;
} SizeKey;

typedef struct SizeEntry
{
	SizeKey		key;
	bool		valid;
	uint32		server_hash;	/* syscache hash values, for invalidation */
	uint32		mapping_hash;
	TimestampTz until;			/* valid until then */
	NeonRemoteSize size;
} SizeEntry;

static HTAB *sizes = NULL;

/*
 * The number of invalidations so far, which shows if one has come while the
 * remote was asked.
 */
static uint64 ninvalidations = 0;

/* ---------- what is kept ---------- */

static void
invalidate(Oid relid, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS scan;
	SizeEntry  *entry;

	ninvalidations++;
	hash_seq_init(&scan, sizes);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (cacheid == FOREIGNSERVEROID ?
			hashvalue == 0 || hashvalue == entry->server_hash :
			cacheid == USERMAPPINGOID ?
			hashvalue == 0 || hashvalue == entry->mapping_hash :
			!OidIsValid(relid) || relid == entry->key.relid)
			entry->valid = false;
	}
}

static void
catalog_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	invalidate(InvalidOid, cacheid, hashvalue);
}

static void
relation_changed(Datum arg, Oid relid)
{
	invalidate(relid, -1, 0);
}

static void
create_cache(void)
{
	HASHCTL		ctl;

	ctl.keysize = sizeof(SizeKey);
	ctl.entrysize = sizeof(SizeEntry);
	sizes = hash_create("neon remote sizes", 64, &ctl, HASH_ELEM | HASH_BLOBS);

	/* the cast is for versions that have an enum for the cache's id */
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID,
								  (SyscacheCallbackFunction) catalog_changed,
								  0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID,
								  (SyscacheCallbackFunction) catalog_changed,
								  0);
	CacheRegisterRelcacheCallback(relation_changed, 0);
}

static void
keep(UserMapping *user, Oid relid, const NeonRemoteSize *size,
	 TimestampTz until, bool valid)
{
	SizeKey		key = {relid, user->umid};
	uint32		server = GetSysCacheHashValue1(FOREIGNSERVEROID,
											   ObjectIdGetDatum(user->serverid));
	uint32		mapping = GetSysCacheHashValue1(USERMAPPINGOID,
												ObjectIdGetDatum(user->umid));
	SizeEntry  *entry = hash_search(sizes, &key, HASH_ENTER, NULL);

	entry->size = *size;
	entry->until = until;
	entry->server_hash = server;
	entry->mapping_hash = mapping;
	entry->valid = valid;
}

bool
neon_size_find(Oid umid, Oid relid, NeonRemoteSize *size)
{
	SizeKey		key = {relid, umid};
	SizeEntry  *entry;

	if (sizes == NULL)
		create_cache();
	entry = hash_search(sizes, &key, HASH_FIND, NULL);
	if (entry == NULL || !entry->valid ||
		(entry->until != DT_NOEND && entry->until < GetCurrentTimestamp()))
		return false;
	*size = entry->size;
	return true;
}

void
neon_size_give_up(UserMapping *user, List *relids)
{
	NeonRemoteSize unknown = {false};
	TimestampTz until = GetCurrentTimestamp() +
		GIVE_UP_SECONDS * USECS_PER_SEC;
	ListCell   *lc;

	if (sizes == NULL)
		create_cache();
	foreach(lc, relids)
		keep(user, lfirst_oid(lc), &unknown, until, true);
}

/* ---------- asking ---------- */

/* Text form of an array of strings. */
static char *
text_array(Datum *texts, int n)
{
	ArrayType  *array = construct_array(texts, n, TEXTOID, -1, false,
										TYPALIGN_INT);

	return OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(array));
}

static double
number(const NeonRow *row, int i)
{
	double		value = DatumGetFloat8(DirectFunctionCall1(float8in,
														   CStringGetDatum(neon_row_not_null(row, i))));

	if (!isfinite(value) || value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("remote catalog has an invalid size of a relation")));
	return value;
}

static void
read_sizes(NeonReader *reader, NeonRemoteSize *result, int n)
{
	const NeonRow *row;

	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		double		i = number(row, 0);
		NeonRemoteSize *size;

		if (i < 1 || i > n)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
					 errmsg("remote catalog lists a relation that was not asked for")));
		size = &result[(int) i - 1];
		size->known = *neon_row_not_null(row, 1) == 't';
		size->sampleable = *neon_row_not_null(row, 2) == 't';
		size->pages = number(row, 3);
		size->tuples = number(row, 4);
		size->unanalyzed = number(row, 5);
	}
}

/* A request that is under way. */
struct NeonSizeRequest
{
	UserMapping *user;
	List	   *relids;
	NeonReader *reader;
	uint64		before;			/* ninvalidations when it was sent */
};

NeonSizeRequest *
neon_size_send(UserMapping *user, List *relids, bool exact, int64 patience)
{
	int			n = list_length(relids);
	NeonSizeRequest *request = palloc_object(NeonSizeRequest);
	Datum	   *schemas = palloc_array(Datum, n);
	Datum	   *names = palloc_array(Datum, n);
	const char *params[3];
	NeonQuery	query = {size_sql, lengthof(params), params, SIZE_COLUMNS};
	NeonStats  *stats = palloc0_object(NeonStats);
	ListCell   *lc;

	if (sizes == NULL)
		create_cache();
	request->user = user;
	request->relids = relids;
	request->before = ninvalidations;
	foreach(lc, relids)
	{
		NeonTableOptions *table = neon_table_options(lfirst_oid(lc));
		int			i = foreach_current_index(lc);

		schemas[i] = CStringGetTextDatum(table->schema_name);
		names[i] = CStringGetTextDatum(table->table_name);
	}
	params[0] = text_array(schemas, n);
	params[1] = text_array(names, n);
	params[2] = exact ? "t" : "f";

	request->reader = neon_remote_look_up(neon_connection_get(user), &query, 1,
										  stats);
	if (patience > 0)
		neon_remote_limit(request->reader, patience);
	return request;
}

NeonRemoteSize *
neon_size_receive(NeonSizeRequest *request)
{
	int			n = list_length(request->relids);
	NeonRemoteSize *result = palloc0_array(NeonRemoteSize, n);
	ListCell   *lc;

	read_sizes(request->reader, result, n);
	neon_remote_close(request->reader);
	foreach(lc, request->relids)
		keep(request->user, lfirst_oid(lc),
			 &result[foreach_current_index(lc)], DT_NOEND,
			 ninvalidations == request->before);
	return result;
}

NeonRemoteSize *
neon_size_ask(UserMapping *user, List *relids, bool exact, int64 patience)
{
	return neon_size_receive(neon_size_send(user, relids, exact, patience));
}
