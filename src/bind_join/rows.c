/*-------------------------------------------------------------------------
 *
 * bind_join/rows.c
 *		Remote rows in memory, found by the hash value of their keys.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "bind_join/rows.h"
#include "compat/planner.h"

/* All rows of one hash value. */
typedef struct RowEntry
{
	uint32		hash;
	NeonBindRow *rows;
	char		status;
} RowEntry;

#define SH_PREFIX rows
#define SH_ELEMENT_TYPE RowEntry
#define SH_KEY_TYPE uint32
#define SH_KEY hash
#define SH_HASH_KEY(tb, key) (key)
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct NeonBindRows
{
	MemoryContext context;
	rows_hash  *table;
};

NeonBindRows *
neon_bind_rows_create(MemoryContext context)
{
	NeonBindRows *rows = MemoryContextAlloc(context, sizeof(NeonBindRows));

	rows->context = context;
	rows->table = rows_create(context, 256, NULL);
	return rows;
}

void
neon_bind_rows_add(NeonBindRows *rows, TupleDesc desc, Datum *values,
				   bool *isnull, uint32 hash)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(rows->context);
	MinimalTuple tuple = neon_form_minimal_tuple(desc, values, isnull);
	NeonBindRow *row;
	RowEntry   *entry;
	bool		found;

	row = palloc(MAXALIGN(sizeof(NeonBindRow)) + tuple->t_len);
	memcpy(NEON_BIND_ROW_TUPLE(row), tuple, tuple->t_len);
	pfree(tuple);
	entry = rows_insert(rows->table, hash, &found);
	row->next = found ? entry->rows : NULL;
	entry->rows = row;
	MemoryContextSwitchTo(oldcontext);
}

NeonBindRow *
neon_bind_rows_find(NeonBindRows *rows, uint32 hash)
{
	RowEntry   *entry = rows_lookup(rows->table, hash);

	return entry != NULL ? entry->rows : NULL;
}

bool
neon_bind_rows_is_empty(NeonBindRows *rows)
{
	return rows->table->members == 0;
}

Size
neon_bind_rows_size(NeonBindRows *rows)
{
	return MemoryContextMemAllocated(rows->context, false);
}
