/*-------------------------------------------------------------------------
 *
 * schema/refresh_type.c
 *		Types that were imported are brought up to date with the remote ones.
 *
 * Only what is new on the remote is added.  A label that is here alone may
 * have been renamed or, with a new type in the place of the old one, dropped
 * there: nobody knows which, and local objects may use it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "schema/attempt.h"
#include "schema/import_match.h"
#include "schema/refresh_type.h"

/* Whoever is not the owner of the type is warned about it later. */
static bool
is_obstacle(const ErrorData *error)
{
	int			sqlstate = error->sqlerrcode;

	return sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE ||
		sqlstate == ERRCODE_FEATURE_NOT_SUPPORTED ||
		sqlstate == ERRCODE_DUPLICATE_OBJECT ||
		sqlstate == ERRCODE_DUPLICATE_COLUMN ||
		sqlstate == ERRCODE_TOO_MANY_COLUMNS ||
		sqlstate == ERRCODE_OBJECT_IN_USE;
}

static bool
alter_type(Oid local, const char *action)
{
	char	   *command = psprintf("ALTER TYPE %s %s",
								   format_type_be_qualified(local), action);

	return neon_attempt_command(command, is_obstacle) == NULL;
}

/* Are the elements of the first list in the second one, in this order? */
static bool
is_subsequence(List *part, List *whole)
{
	ListCell   *lc;
	ListCell   *next = list_head(part);

	foreach(lc, whole)
	{
		if (next != NULL && strcmp(lfirst(next), lfirst(lc)) == 0)
			next = lnext(part, next);
	}
	return next == NULL;
}

/*
 * Goes through the remote labels; here is the local label that comes next.
 * A new one is put before it, or at the end if there is none.
 */
void
neon_refresh_enum(Oid local, const NeonCatalogType *type)
{
	List	   *labels = neon_enum_labels(local);
	ListCell   *here = list_head(labels);
	ListCell   *lc;
	StringInfoData added;

	if (list_length(labels) == list_length(type->labels) ||
		!is_subsequence(labels, type->labels))
		return;
	initStringInfo(&added);
	foreach(lc, type->labels)
	{
		const char *label = quote_literal_cstr(lfirst(lc));

		if (here != NULL && strcmp(lfirst(here), lfirst(lc)) == 0)
		{
			here = lnext(labels, here);
			continue;
		}
		if (!alter_type(local,
						here == NULL ? psprintf("ADD VALUE %s", label) :
						psprintf("ADD VALUE %s BEFORE %s", label,
								 quote_literal_cstr(lfirst(here)))))
			break;
		appendStringInfo(&added, "%s%s", added.len > 0 ? ", " : "", label);
	}
	if (added.len > 0)
		ereport(NOTICE,
				(errmsg("type %s gets new labels: %s",
						format_type_be_qualified(local), added.data)));
}

void
neon_refresh_attribute(Oid local, const char *name, const char *definition)
{
	if (alter_type(local, psprintf("ADD ATTRIBUTE %s %s",
								   quote_identifier(name), definition)))
		ereport(NOTICE,
				(errmsg("type %s gets a new attribute: %s",
						format_type_be_qualified(local),
						quote_identifier(name))));
}
