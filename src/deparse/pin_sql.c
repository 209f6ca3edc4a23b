/*-------------------------------------------------------------------------
 *
 * deparse/pin_sql.c
 *		SQL by which a rehearsal returns the rows that are committed later.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_trigger.h"

#include "deparse/pin_sql.h"

char *
neon_pin_row_sql(const char *alias)
{
	return psprintf("(%s.*)::text", alias);
}

/*
 * The numbers are bits of tgtype, see catalog/pg_trigger.h.  Only a row
 * trigger that runs before or instead of the statement's own work can change
 * the row.
 */
char *
neon_pin_triggers_sql(const char *table, bool upsert)
{
	int			when = TRIGGER_TYPE_BEFORE | TRIGGER_TYPE_INSTEAD;
	int			events = TRIGGER_TYPE_INSERT;

	if (upsert)
		events |= TRIGGER_TYPE_UPDATE;
	return psprintf("EXISTS (SELECT FROM pg_trigger WHERE (tgrelid = %s::regclass"
					" OR tgrelid IN (SELECT relid FROM pg_partition_tree(%s::regclass)))"
					" AND tgtype & %d <> 0 AND tgtype & %d <> 0"
					" AND tgtype & %d <> 0"
					" AND NOT tgisinternal AND tgenabled IN ('O', 'A'))",
					table, table, TRIGGER_TYPE_ROW, when, events);
}
