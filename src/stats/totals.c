/*-------------------------------------------------------------------------
 *
 * stats/totals.c
 *		What has been sent to each server for each user, and what became of it.
 *
 * Entries never move, and each has a spinlock of its own, under which its key
 * and numbers change.  Whoever counts remembers where the entry was, and tests
 * the key under the spinlock: the lock on all entries is only taken to find or
 * make one, to read them, and to forget them.
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

/* Entries of a session without shared memory. */
#define LOCAL_ENTRIES	64

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

static Area *area = NULL;
static int	nentries = 0;
static LWLock *area_lock = NULL;	/* NULL: the area is this session's own */

Size
neon_totals_size(int n)
{
	return add_size(offsetof(Area, entries),
					mul_size(n, sizeof(NeonTotalsEntry)));
}

static void
initialize(void)
{
	memset(area, 0, neon_totals_size(nentries));
	area->info.reset = GetCurrentTimestamp();
	for (int i = 0; i < nentries; i++)
		SpinLockInit(&area->entries[i].mutex);
}

void
neon_totals_share(void *shared, int n, bool new, LWLock *lock)
{
	area = shared;
	nentries = n;
	area_lock = lock;
	if (new)
		initialize();
}

static void
make_local_area(void)
{
	if (area != NULL)
		return;
	area = MemoryContextAlloc(TopMemoryContext,
							  neon_totals_size(LOCAL_ENTRIES));
	nentries = LOCAL_ENTRIES;
	initialize();
}

static void
lock_area(LWLockMode mode)
{
	if (area_lock != NULL)
		LWLockAcquire(area_lock, mode);
}

static void
unlock_area(void)
{
	if (area_lock != NULL)
		LWLockRelease(area_lock);
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
choose_entry(const NeonTotalsKey *key)
{
	NeonTotalsEntry *chosen = NULL;

	for (int i = 0; i < nentries; i++)
	{
		NeonTotalsEntry *entry = &area->entries[i];

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
find_or_make(const NeonTotalsRef *ref)
{
	NeonTotalsEntry *entry;

	lock_area(LW_EXCLUSIVE);
	entry = choose_entry(&ref->key);
	SpinLockAcquire(&entry->mutex);
	if (!is_entry_of(entry, &ref->key))
	{
		if (entry->used)
			area->info.evicted++;
		memset(&entry->row, 0, sizeof(entry->row));
		entry->row.key = ref->key;
		entry->row.since = GetCurrentStatementStartTimestamp();
		entry->used = true;
	}
	strlcpy(entry->row.server_name, ref->server_name, NAMEDATALEN);
	unlock_area();
	return entry;
}

void
neon_totals_refer(NeonTotalsRef *ref, Oid serverid, Oid userid,
				  const char *server_name)
{
	make_local_area();
	ref->key.dbid = MyDatabaseId;
	ref->key.serverid = serverid;
	ref->key.userid = userid;
	ref->server_name = server_name;
	ref->entry = NULL;
}

NeonTotals *
neon_totals_lock(NeonTotalsRef *ref)
{
	NeonTotalsEntry *entry = ref->entry;

	if (area_lock != NULL && MyProc == NULL)
		return NULL;
	if (entry != NULL)
	{
		SpinLockAcquire(&entry->mutex);
		if (!is_entry_of(entry, &ref->key))
		{
			SpinLockRelease(&entry->mutex);
			entry = NULL;
		}
	}
	if (entry == NULL)
		entry = find_or_make(ref);
	ref->entry = entry;
	entry->last = GetCurrentStatementStartTimestamp();
	return &entry->row.totals;
}

void
neon_totals_unlock(NeonTotalsRef *ref)
{
	SpinLockRelease(&ref->entry->mutex);
}

void
neon_totals_error(NeonTotals *totals, int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);
	int			i = 0;

	totals->errors++;
	if (sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE)
		totals->serialization_failures++;
	else if (sqlstate == ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN)
		totals->unknown_outcomes++;
	while (i < NEON_ERROR_CLASSES - 1 && totals->classes[i].count > 0 &&
		   totals->classes[i].category != category)
		i++;
	totals->classes[i].category = i < NEON_ERROR_CLASSES - 1 ? category : 0;
	totals->classes[i].count++;
}

/* ---------- reading and forgetting ---------- */

List *
neon_totals_list(void)
{
	List	   *list = NIL;
	NeonTotalsRow *rows;
	int			n = 0;

	if (area == NULL)
		return NIL;
	rows = palloc(nentries * sizeof(NeonTotalsRow));
	lock_area(LW_SHARED);
	for (int i = 0; i < nentries; i++)
	{
		NeonTotalsEntry *entry = &area->entries[i];

		SpinLockAcquire(&entry->mutex);
		rows[n] = entry->row;
		if (entry->used)
			n++;
		SpinLockRelease(&entry->mutex);
	}
	unlock_area();
	for (int i = 0; i < n; i++)
		list = lappend(list, &rows[i]);
	return list;
}

void
neon_totals_reset(Oid serverid)
{
	if (area == NULL)
		return;
	lock_area(LW_EXCLUSIVE);
	for (int i = 0; i < nentries; i++)
	{
		NeonTotalsEntry *entry = &area->entries[i];

		SpinLockAcquire(&entry->mutex);
		if (!OidIsValid(serverid) ||
			(entry->row.key.serverid == serverid &&
			 entry->row.key.dbid == MyDatabaseId))
			entry->used = false;
		SpinLockRelease(&entry->mutex);
	}
	if (!OidIsValid(serverid))
	{
		area->info.reset = GetCurrentTimestamp();
		area->info.evicted = 0;
	}
	unlock_area();
}

NeonTotalsInfo
neon_totals_info(void)
{
	NeonTotalsInfo info;

	make_local_area();
	lock_area(LW_SHARED);
	info = area->info;
	unlock_area();
	return info;
}

/* ---------- from the file ---------- */

void
neon_totals_restore(const NeonTotalsRow *row)
{
	for (int i = 0; i < nentries; i++)
	{
		NeonTotalsEntry *entry = &area->entries[i];

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
	area->info = *info;
}
