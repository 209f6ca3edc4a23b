/*-------------------------------------------------------------------------
 *
 * scan/fields.c
 *		What the remote says of the columns of a result.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"

#include "compat/compat.h"
#include "remote/error.h"
#include "remote/error_text.h"
#include "scan/fields.h"

/* Types with lower OIDs are the same on every server. */
#define is_built_in(type)	((type) < FirstGenbkiObjectId)

typedef struct Field
{
	char	   *name;
	Oid			type;
} Field;

/* ---------- reading them ---------- */

/* Names of columns hold no secret. */
static const char *const no_secrets[] = {NULL};
static const NeonRedaction nothing = {no_secrets, 0};

char *
neon_fields_text(const char *fields)
{
	size_t		len = strlen(fields);

	return neon_text_show(fields, len, len + 1, &nothing);
}

/* A name for messages: not too long, without control characters. */
static char *
show_name(const char *name, int len)
{
	char	   *result = pnstrdup(name, pg_mbcliplen(name, len, NAMEDATALEN - 1));

	for (char *p = result; *p != '\0'; p++)
	{
		if (iscntrl((unsigned char) *p) && !IS_HIGHBIT_SET(*p))
			*p = '?';
	}
	return result;
}

/* False if the value is not an object with an OID and a name. */
static bool
read_field(JsonbValue *object, Field *field)
{
	JsonbValue *value;
	char	   *number;
	char	   *end;

	if (object == NULL || object->type != jbvBinary ||
		!JsonContainerIsObject(object->val.binary.data))
		return false;
	value = getKeyJsonValueFromContainer(object->val.binary.data,
										 "dataTypeID", 10, NULL);
	if (value == NULL || value->type != jbvNumeric)
		return false;
	number = DatumGetCString(DirectFunctionCall1(numeric_out,
												 NumericGetDatum(value->val.numeric)));
	field->type = (Oid) strtoul(number, &end, 10);
	if (number[0] == '-' || *end != '\0' || strlen(number) > 10)
		return false;
	value = getKeyJsonValueFromContainer(object->val.binary.data,
										 "name", 4, NULL);
	if (value == NULL || value->type != jbvString)
		return false;
	field->name = show_name(value->val.string.val, value->val.string.len);
	return true;
}

/* An array of *n fields; NULL if the text does not describe columns. */
static Field *
read_fields(const char *fields, int *n)
{
	Datum		json;
	Jsonb	   *jsonb;
	Field	   *result;

	if (fields[0] == '\0')
		return NULL;
	json = DirectFunctionCall1(jsonb_in,
							   CStringGetDatum(neon_fields_text(fields)));
	jsonb = DatumGetJsonbP(json);
	if (!JB_ROOT_IS_ARRAY(jsonb))
		return NULL;
	*n = JB_ROOT_COUNT(jsonb);
	result = palloc((*n + 1) * sizeof(Field));
	for (int i = 0; i < *n; i++)
	{
		if (!read_field(getIthJsonbValueFromContainer(&jsonb->root, i),
						&result[i]))
			return NULL;
	}
	return result;
}

/* ---------- judging them ---------- */

static bool
is_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

/* Can values of the remote type be read as the local one? */
static bool
fits(Oid remote, Oid local)
{
	local = getBaseType(local);
	if (local == TEXTOID || local == VARCHAROID)
		return true;
	if (is_text(get_element_type(local)) &&
		(!is_built_in(remote) || OidIsValid(get_element_type(remote))))
		return true;
	if (!is_built_in(local))
		return is_text(remote) || !is_built_in(remote);
	if (!is_built_in(remote))
		return false;
	if ((remote == JSONOID && local == JSONBOID) ||
		(remote == JSONBOID && local == JSONOID))
		return true;

	/* the number need not be that of a type; the parser would not expect it */
	return remote == local ||
		(SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(remote)) &&
		 can_coerce_type(1, &remote, &local, COERCION_IMPLICIT));
}

/* ---------- the error ---------- */

static void
append_column(StringInfo buf, const char *name, const char *type)
{
	neon_text_list(buf, psprintf("%s %s", quote_identifier(name), type));
}

/* The name of a type, if it is built in and so the same on both sides. */
static const char *
remote_type_name(Oid type)
{
	char	   *name = is_built_in(type) ?
		format_type_extended(type, -1, FORMAT_TYPE_INVALID_AS_NULL) : NULL;

	return name != NULL ? name : "(type that only the remote has)";
}

pg_noreturn static void
throw_mismatch(const Field *fields, int n, TupleDesc desc)
{
	StringInfoData remote;
	StringInfoData local;

	initStringInfo(&remote);
	initStringInfo(&local);
	for (int i = 0; i < n; i++)
		append_column(&remote, fields[i].name,
					  remote_type_name(fields[i].type));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(desc, i);

		append_column(&local, NameStr(attr->attname),
					  format_type_be(attr->atttypid));
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("result of the remote query does not match the column definition list"),
			 errdetail("The query returns (%s), the list is (%s).",
					   remote.data, local.data)));
}

void
neon_fields_check(const NeonConnection *connection, const char *fields,
				  TupleDesc desc)
{
	int			n = 0;
	Field	   *read = read_fields(fields, &n);

	if (read == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("invalid reply from server \"%s\": columns are not described",
						connection->server_name)));
	if (n != desc->natts)
		throw_mismatch(read, n, desc);
	for (int i = 0; i < n; i++)
	{
		if (!fits(read[i].type, TupleDescAttr(desc, i)->atttypid))
			throw_mismatch(read, n, desc);
	}
}
