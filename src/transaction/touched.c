/*-------------------------------------------------------------------------
 *
 * transaction/touched.c
 *		The rows that waiting writes concern, and who may depend on them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "transaction/text_hash.h"
#include "transaction/touched.h"

typedef struct TouchedTable
{
	char	   *name;			/* must be first */
	bool		any_row;		/* something concerns rows that are not known */
	bool		new_row;		/* rows with keys of the remote's wait */
} TouchedTable;

typedef struct TouchedRow
{
	char	   *key;			/* must be first: table and values */
} TouchedRow;

struct NeonTouched
{
	MemoryContext context;
	bool		any_table;		/* something concerns tables that are not
								 * known */
	HTAB	   *tables;
	HTAB	   *rows;
};

NeonTouched *
neon_touched_create(MemoryContext context)
{
	MemoryContext own = AllocSetContextCreate(context, "neon touched rows",
											  ALLOCSET_DEFAULT_SIZES);
	NeonTouched *touched = MemoryContextAllocZero(own, sizeof(NeonTouched));

	touched->context = own;
	touched->tables = neon_text_hash("neon touched tables",
									 sizeof(TouchedTable), own);
	touched->rows = neon_text_hash("neon touched rows",
								   sizeof(TouchedRow), own);
	return touched;
}

void
neon_touched_destroy(NeonTouched *touched)
{
	MemoryContextDelete(touched->context);
}

/* Length and text of each: no two keys look alike. */
char *
neon_touch_row(const char *const *values, int nvalues)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < nvalues; i++)
	{
		if (values[i] == NULL)
			return NULL;
		appendStringInfo(&buf, "%zu:%s", strlen(values[i]), values[i]);
	}
	return buf.data;
}

static char *
row_key(const NeonTouch *touch, const char *row)
{
	return psprintf("%s %s", touch->fact->table, row);
}

static void
add_rows(NeonTouched *touched, const NeonTouch *touch)
{
	ListCell   *lc;

	foreach(lc, touch->rows)
	{
		char	   *key = row_key(touch, lfirst(lc));

		(void) hash_search(touched->rows, &key, HASH_ENTER, NULL);
	}
}

static bool
has_rows(NeonTouched *touched, const NeonTouch *touch)
{
	ListCell   *lc;

	foreach(lc, touch->rows)
	{
		char	   *key = row_key(touch, lfirst(lc));

		if (hash_search(touched->rows, &key, HASH_FIND, NULL) != NULL)
			return true;
	}
	return false;
}

void
neon_touched_add(NeonTouched *touched, const NeonTouch *touch)
{
	MemoryContext old;
	TouchedTable *table;
	char	   *name;
	bool		found;

	if (touch == NULL || touch->fact == NULL || !touch->fact->contained)
	{
		touched->any_table = true;
		return;
	}
	old = MemoryContextSwitchTo(touched->context);
	name = pstrdup(touch->fact->table);
	table = hash_search(touched->tables, &name, HASH_ENTER, &found);
	if (!found)
		table->any_row = table->new_row = false;
	if (touch->kind == NEON_TOUCH_NEW)
		table->new_row = true;
	else if (touch->kind == NEON_TOUCH_ROWS)
		add_rows(touched, touch);
	else
		table->any_row = true;
	MemoryContextSwitchTo(old);
}

static bool
has_parent(NeonTouched *touched, const NeonFact *fact)
{
	ListCell   *lc;

	foreach(lc, fact->parents)
	{
		char	   *name = lfirst(lc);

		if (hash_search(touched->tables, &name, HASH_FIND, NULL) != NULL)
			return true;
	}
	return false;
}

bool
neon_touched_ties(NeonTouched *touched, const NeonTouch *touch)
{
	TouchedTable *table;
	char	   *name;

	if (touched->any_table || touch == NULL || touch->fact == NULL ||
		!touch->fact->independent || touch->kind == NEON_TOUCH_ANY ||
		has_parent(touched, touch->fact))
		return true;
	name = unconstify(char *, touch->fact->table);
	table = hash_search(touched->tables, &name, HASH_FIND, NULL);
	if (table == NULL)
		return false;
	if (table->any_row)
		return true;
	if (touch->kind == NEON_TOUCH_NEW)
		return false;
	return table->new_row || has_rows(touched, touch);
}
