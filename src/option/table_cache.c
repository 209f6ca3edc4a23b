/*-------------------------------------------------------------------------
 *
 * option/table_cache.c
 *		What the options of foreign tables and their columns say, kept from
 *		statement to statement.
 *
 * To read the options of every column is the larger part of planning a
 * simple scan.  What is no longer right is freed only when the transaction
 * ends: planning may be using it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "compat/compat.h"
#include "option/table_cache.h"

typedef struct TableEntry
{
	Oid			relid;			/* hash key */
	MemoryContext context;		/* of all below; NULL: not valid */
	NeonTable	table;
} TableEntry;

static HTAB *entries = NULL;

/* Contexts of entries that are no longer valid are its children. */
static MemoryContext outdated = NULL;

static void
forget(TableEntry *entry)
{
	if (entry->context == NULL)
		return;
	MemoryContextSetParent(entry->context, outdated);
	entry->context = NULL;
}

/* A relation has changed, or anything may have. */
static void
forget_relation(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS status;
	TableEntry *entry;

	if (OidIsValid(relid))
	{
		entry = hash_search(entries, &relid, HASH_FIND, NULL);
		if (entry != NULL)
			forget(entry);
		return;
	}
	hash_seq_init(&status, entries);
	while ((entry = hash_seq_search(&status)) != NULL)
		forget(entry);
}

/* A schema may have been renamed: its name is a default. */
static void
forget_all(Datum arg, int cacheid, uint32 hashvalue)
{
	forget_relation((Datum) 0, InvalidOid);
}

static void
free_outdated(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		MemoryContextDeleteChildren(outdated);
}

static void
init_cache(void)
{
	HASHCTL		control = {0};

	outdated = AllocSetContextCreate(TopMemoryContext,
									 "neon_http_fdw outdated tables",
									 ALLOCSET_SMALL_SIZES);
	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(TableEntry);
	control.hcxt = TopMemoryContext;
	entries = hash_create("neon_http_fdw tables", 64, &control,
						  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget_all, (Datum) 0);
	RegisterXactCallback(free_outdated, NULL);
}

/* Reads the options into a context of their own, left to the caller. */
static MemoryContext
read_table(Oid relid, NeonTable *table)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon_http_fdw table",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(context);

	table->options = neon_table_options(relid);
	table->columns = neon_remote_columns(relid);
	MemoryContextSwitchTo(oldcontext);
	return context;
}

const NeonTable *
neon_table(Oid relid)
{
	TableEntry *entry;
	MemoryContext context;
	NeonTable	table;
	bool		found;

	if (entries == NULL)
		init_cache();
	entry = hash_search(entries, &relid, HASH_FIND, NULL);
	if (entry != NULL && entry->context != NULL)
		return &entry->table;

	/* This may fail, so nothing is entered before. */
	context = read_table(relid, &table);
	entry = hash_search(entries, &relid, HASH_ENTER, &found);
	if (found)
		forget(entry);
	MemoryContextSetParent(context, TopMemoryContext);
	entry->context = context;
	entry->table = table;
	return &entry->table;
}
