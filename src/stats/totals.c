/*-------------------------------------------------------------------------
 *
 * stats/totals.c
 *		What has been sent to each server for each user, and what became of it.
 *
 * Entries never move, and each of those in shared memory has a spinlock of its
 * own, under which its key and numbers change.  Whoever counts remembers where
 * the entry was, and tests the key under the spinlock: the lock on all entries
 * is only taken to find or make one, to read them, and to forget them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/spin.h"
#include "utils/memutils.h"

#include "stats/totals.h"

/* Entries of a session's own. */
#define OWN_ENTRIES		64

struct NeonTotalsEntry
{
	slock_t		mutex;			/* protects all that follows */
	bool		used;
	TimestampTz last;			/* the statement that counted last */
	NeonTotalsRow row;
};

typedef struct Area
{
	NeonTotalsInfo info;
	NeonTotalsEntry entries[FLEXIBLE_ARRAY_MEMBER];
} Area;

typedef struct Store
{
	Area	   *area;			/* NULL: there is none, or not yet */
	int			nentries;
	LWLock	   *lock;			/* NULL: nobody else sees the area */
} Store;

static Store own = {NULL, 0, NULL};
static Store shared = {NULL, 0, NULL};

Size
neon_totals_size(int n)
{
	return add_size(offsetof(Area, entries),
					mul_size(n, sizeof(NeonTotalsEntry)));
}

static void
initialize(Store *store)
{
	memset(store->area, 0, neon_totals_size(store->nentries));
	store->area->info.reset = GetCurrentTimestamp();
	for (int i = 0; i < store->nentries; i++)
		SpinLockInit(&store->area->entries[i].mutex);
}

void
neon_totals_share(void *area, int n, bool new, LWLock *lock)
{
	shared.area = area;
	shared.nentries = n;
	shared.lock = lock;
	if (new)
		initialize(&shared);
}

static void
make_own_area(void)
{
	if (own.area != NULL)
		return;
	own.area = MemoryContextAlloc(TopMemoryContext,
								  neon_totals_size(OWN_ENTRIES));
	own.nentries = OWN_ENTRIES;
	initialize(&own);
}

static void
lock_area(Store *store, LWLockMode mode)
{
	if (store->lock != NULL)
		LWLockAcquire(store->lock, mode);
}

static void
unlock_area(Store *store)
{
	if (store->lock != NULL)
		LWLockRelease(store->lock);
}

static void
lock_entry(Store *store, NeonTotalsEntry *entry)
{
	if (store->lock != NULL)
		SpinLockAcquire(&entry->mutex);
}

static void
unlock_entry(Store *store, NeonTotalsEntry *entry)
{
	if (store->lock != NULL)
		SpinLockRelease(&entry->mutex);
}

/* ---------- counting ---------- */

static bool
is_entry_of(const NeonTotalsEntry *entry, const NeonTotalsKey *key)
{
	return entry->used &&
		memcmp(&entry->row.key, key, sizeof(NeonTotalsKey)) == 0;
}

/*
 * An entry for this key, with the area locked: the one that there is, else one
 * that is free, else the one that has not been used for longest.
 */
static NeonTotalsEntry *
choose_entry(Store *store, const NeonTotalsKey *key)
{
	NeonTotalsEntry *chosen = NULL;

	for (int i = 0; i < store->nentries; i++)
	{
		NeonTotalsEntry *entry = &store->area->entries[i];

		if (is_entry_of(entry, key))
			return entry;
		if (chosen == NULL || (chosen->used && !entry->used) ||
			(chosen->used && entry->last < chosen->last))
			chosen = entry;
	}
	return chosen;
}

/* Finds or makes the entry, and leaves it locked. */
static NeonTotalsEntry *
find_or_make(Store *store, const NeonTotalsRef *ref)
{
	NeonTotalsEntry *entry;

	lock_area(store, LW_EXCLUSIVE);
	entry = choose_entry(store, &ref->key);
	lock_entry(store, entry);
	if (!is_entry_of(entry, &ref->key))
	{
		if (entry->used)
			store->area->info.evicted++;
		memset(&entry->row, 0, sizeof(entry->row));
		entry->row.key = ref->key;
		entry->row.since = GetCurrentStatementStartTimestamp();
		entry->used = true;
	}
	strlcpy(entry->row.server_name, ref->server_name, NAMEDATALEN);
	unlock_area(store);
	return entry;
}

void
neon_totals_refer(NeonTotalsRef *ref, Oid serverid, Oid userid,
				  const char *server_name)
{
	make_own_area();
	ref->key.dbid = MyDatabaseId;
	ref->key.serverid = serverid;
	ref->key.userid = userid;
	ref->server_name = server_name;
	ref->own = ref->shared = NULL;
}

/* Returns the entry, which was there when it was found last. */
static NeonTotalsEntry *
change_in(Store *store, NeonTotalsEntry *entry, const NeonTotalsRef *ref,
		  NeonTotalsChange change, const void *arg)
{
	if (entry != NULL)
	{
		lock_entry(store, entry);
		if (!is_entry_of(entry, &ref->key))
		{
			unlock_entry(store, entry);
			entry = NULL;
		}
	}
	if (entry == NULL)
		entry = find_or_make(store, ref);
	entry->last = GetCurrentStatementStartTimestamp();
	change(&entry->row.totals, arg);
	unlock_entry(store, entry);
	return entry;
}

/* A process that is ending cannot wait for a lock any more. */
void
neon_totals_change(NeonTotalsRef *ref, NeonTotalsChange change,
				   const void *arg)
{
	ref->own = change_in(&own, ref->own, ref, change, arg);
	if (shared.area != NULL && MyProc != NULL)
		ref->shared = change_in(&shared, ref->shared, ref, change, arg);
}

void
neon_totals_add_class(NeonTotals *totals, int category, int64 n)
{
	int			i = 0;

	if (n == 0)
		return;
	while (i < NEON_ERROR_CLASSES - 1 && totals->classes[i].count > 0 &&
		   totals->classes[i].category != category)
		i++;
	totals->classes[i].category = i < NEON_ERROR_CLASSES - 1 ? category : 0;
	totals->classes[i].count += n;
}

void
neon_totals_add(NeonTotals *sum, const NeonTotals *totals)
{
	for (int i = 0; i < NEON_NPURPOSES; i++)
		sum->requests[i] += totals->requests[i];
	sum->unsent += totals->unsent;
	sum->incomplete += totals->incomplete;
	for (int i = 0; i < NEON_NRETRY_REASONS; i++)
		sum->retries[i] += totals->retries[i];
	sum->errors += totals->errors;
	for (int i = 0; i < NEON_ERROR_CLASSES; i++)
		neon_totals_add_class(sum, totals->classes[i].category,
							  totals->classes[i].count);
	sum->serialization_failures += totals->serialization_failures;
	sum->unknown_outcomes += totals->unknown_outcomes;
	sum->rows_sent += totals->rows_sent;
	sum->rows_received += totals->rows_received;
	sum->pieces += totals->pieces;
	sum->spills += totals->spills;
	sum->spilled_rows += totals->spilled_rows;
	sum->traffic.connects += totals->traffic.connects;
	sum->traffic.reused += totals->traffic.reused;
	sum->traffic.bytes_sent += totals->traffic.bytes_sent;
	sum->traffic.bytes_received += totals->traffic.bytes_received;
	neon_latency_sum(&sum->latency, &totals->latency);
}

/* ---------- reading and forgetting ---------- */

static Store *
widest_store(void)
{
	if (shared.area != NULL)
		return &shared;
	make_own_area();
	return &own;
}

List *
neon_totals_list(bool session)
{
	Store	   *store = session ? &own : widest_store();
	List	   *list = NIL;
	NeonTotalsRow *rows;
	int			n = 0;

	rows = palloc(store->nentries * sizeof(NeonTotalsRow));
	lock_area(store, LW_SHARED);
	for (int i = 0; i < store->nentries; i++)
	{
		NeonTotalsEntry *entry = &store->area->entries[i];

		lock_entry(store, entry);
		rows[n] = entry->row;
		if (entry->used)
			n++;
		unlock_entry(store, entry);
	}
	unlock_area(store);
	for (int i = 0; i < n; i++)
		list = lappend(list, &rows[i]);
	return list;
}

static void
reset(Store *store, Oid serverid)
{
	lock_area(store, LW_EXCLUSIVE);
	for (int i = 0; i < store->nentries; i++)
	{
		NeonTotalsEntry *entry = &store->area->entries[i];

		lock_entry(store, entry);
		if (!OidIsValid(serverid) ||
			(entry->row.key.serverid == serverid &&
			 entry->row.key.dbid == MyDatabaseId))
			entry->used = false;
		unlock_entry(store, entry);
	}
	if (!OidIsValid(serverid))
	{
		store->area->info.reset = GetCurrentTimestamp();
		store->area->info.evicted = 0;
	}
	unlock_area(store);
}

void
neon_totals_reset(Oid serverid)
{
	make_own_area();
	reset(&own, serverid);
	if (shared.area != NULL)
		reset(&shared, serverid);
}

NeonTotalsInfo
neon_totals_info(void)
{
	Store	   *store = widest_store();
	NeonTotalsInfo info;

	lock_area(store, LW_SHARED);
	info = store->area->info;
	unlock_area(store);
	return info;
}

/* ---------- from the file ---------- */

void
neon_totals_restore(const NeonTotalsRow *row)
{
	for (int i = 0; i < shared.nentries; i++)
	{
		NeonTotalsEntry *entry = &shared.area->entries[i];

		if (entry->used)
			continue;
		entry->used = true;
		entry->row = *row;
		return;
	}
}

void
neon_totals_restore_info(const NeonTotalsInfo *info)
{
	shared.area->info = *info;
}
