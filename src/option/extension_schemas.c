/*-------------------------------------------------------------------------
 *
 * option/extension_schemas.c
 *		Extensions that have another schema on the remote than here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "compat/compat.h"
#include "option/extension_schemas.h"

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* The name at *p, in quotes or not, which *p is set behind; NULL: none. */
static char *
take_name(const char **p)
{
	StringInfoData name;
	const char *end;

	initStringInfo(&name);
	*p = skip_blanks(*p);
	if (**p != '"')
	{
		size_t		len = strcspn(*p, "=,\" \t\r\n");

		appendBinaryStringInfo(&name, *p, len);
		*p += len;
	}
	else
		do
		{
			/* a doubled quote ends one part and begins another one */
			if (name.len > 0)
				appendStringInfoChar(&name, '"');
			end = strchr(*p + 1, '"');
			if (end == NULL)
				return NULL;
			appendBinaryStringInfo(&name, *p + 1, end - *p - 1);
			*p = end + 1;
		} while (**p == '"');
	*p = skip_blanks(*p);
	return name.len > 0 && name.len < NAMEDATALEN ? name.data : NULL;
}

List *
neon_extension_schemas_parse(const char *option, const char *value)
{
	List	   *schemas = NIL;
	const char *p = value;

	for (;;)
	{
		NeonExtensionSchema *entry = palloc0_object(NeonExtensionSchema);

		entry->extension = take_name(&p);
		if (entry->extension != NULL && *p == '=')
		{
			p++;
			entry->schema = take_name(&p);
		}
		if (entry->schema == NULL || (*p != ',' && *p != '\0'))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" must be a list of the form \"%s\"",
							option, "extension=schema, ...")));
		schemas = lappend(schemas, entry);
		if (*p == '\0')
			return schemas;
		p++;
	}
}

char *
neon_extension_schemas_print(List *schemas)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, schemas)
	{
		NeonExtensionSchema *entry = lfirst(lc);

		appendStringInfo(&text, "%s%s=", text.len > 0 ? ", " : "",
						 quote_identifier(entry->extension));
		appendStringInfoString(&text, quote_identifier(entry->schema));
	}
	return text.data;
}
