/*-------------------------------------------------------------------------
 *
 * ship/portable_text.c
 *		Functions that print their arguments: is the text the same on both
 *		sides?
 *
 * concat(), to_jsonb() and the like are stable, because they call the output
 * functions of their arguments' types, which may look at settings of the
 * session.  Those of most types do not.  JSON has a form of its own for dates
 * and times, which follows the TimeZone alone; the guard sends that.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "ship/portable_text.h"
#include "ship/row.h"

typedef enum Printer
{
	PRINTER_NONE,
	PRINTER_TEXT,
	PRINTER_JSON
} Printer;

static Printer
printer(Oid funcid)
{
	switch (funcid)
	{
		case F_CONCAT:
		case F_CONCAT_WS:
		case F_FORMAT_TEXT:
		case F_FORMAT_TEXT_ANY:
		case F_ARRAY_TO_STRING_ANYARRAY_TEXT:
		case F_ARRAY_TO_STRING_ANYARRAY_TEXT_TEXT:
			return PRINTER_TEXT;
		case F_TO_JSON:
		case F_TO_JSONB:
		case F_ROW_TO_JSON_RECORD:
		case F_ROW_TO_JSON_RECORD_BOOL:
		case F_ARRAY_TO_JSON_ANYARRAY:
		case F_ARRAY_TO_JSON_ANYARRAY_BOOL:
		case F_JSON_BUILD_ARRAY_:
		case F_JSON_BUILD_ARRAY_ANY:
		case F_JSON_BUILD_OBJECT_:
		case F_JSON_BUILD_OBJECT_ANY:
		case F_JSONB_BUILD_ARRAY_:
		case F_JSONB_BUILD_ARRAY_ANY:
		case F_JSONB_BUILD_OBJECT_:
		case F_JSONB_BUILD_OBJECT_ANY:
		case F_JSON_AGG:
		case F_JSONB_AGG:
		case F_JSON_OBJECT_AGG:
		case F_JSONB_OBJECT_AGG:
			return PRINTER_JSON;
		default:
			return PRINTER_NONE;
	}
}

bool
neon_is_printer(Oid funcid)
{
	return printer(funcid) != PRINTER_NONE;
}

/*
 * Types that print the same on both sides.  That cannot be read from the
 * catalog: the output functions of floats and bytea are immutable there,
 * although they follow extra_float_digits and bytea_output.  The guard sets
 * extra_float_digits so that floats print the shortest text that reads back
 * exactly, which any positive value means.
 */
bool
neon_prints_alike(Oid type)
{
	if (type_is_enum(type))
		return true;
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case OIDOID:
		case OID8OID:
		case CHAROID:
		case NAMEOID:
		case TEXTOID:
		case BPCHAROID:
		case VARCHAROID:
		case UUIDOID:
		case TIMEOID:
		case TIMETZOID:
		case BITOID:
		case VARBITOID:
		case INETOID:
		case CIDROID:
		case MACADDROID:
		case MACADDR8OID:
		case JSONOID:
		case JSONBOID:
		case TSVECTOROID:
		case TSQUERYOID:
		case TIDOID:
		case XIDOID:
		case XID8OID:
		case PG_LSNOID:
			return true;
		case FLOAT4OID:
		case FLOAT8OID:
			return extra_float_digits > 0;
		default:
			return false;
	}
}

/*
 * JSON functions use a cast to json where the type has one, which need not be
 * the same on both sides.
 */
static bool
has_json_cast(Oid type)
{
	Oid			function;

	return type_is_enum(type) &&
		find_coercion_pathway(JSONOID, type, COERCION_EXPLICIT,
							  &function) == COERCION_PATH_FUNC;
}

static bool
prints_alike(Oid type, Printer by)
{
	Oid			element;

	type = getBaseType(type);
	element = get_element_type(type);
	if (OidIsValid(element))
		return prints_alike(element, by);
	switch (type)
	{
		case UNKNOWNOID:		/* a literal, taken for text */
			return true;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return by == PRINTER_JSON;
		default:
			return neon_prints_alike(type) &&
				!(by == PRINTER_JSON && has_json_cast(type));
	}
}

/*
 * The fields of a row, one below the other.  JSON has a form for rows; the
 * text of a row in text functions quotes its fields, and none are allowed.
 */
static bool
is_row_printed_alike(NeonShipContext *ship, Node *row, Printer by)
{
	List	   *types = NIL;
	ListCell   *lc;

	if (by != PRINTER_JSON || !neon_row_field_types(ship, row, &types))
		return false;
	foreach(lc, types)
	{
		if (!prints_alike(lfirst_oid(lc), by))
			return false;
	}
	return true;
}

static bool
is_row(Node *arg)
{
	return exprType(arg) == RECORDOID ||
		(IsA(arg, Var) && ((Var *) arg)->varattno == 0);
}

/* The arguments of a call. */
static bool
are_printed_alike(NeonShipContext *ship, List *args, Printer by)
{
	ListCell   *lc;

	foreach(lc, args)
	{
		Node	   *arg = lfirst(lc);

		if (IsA(arg, TargetEntry))
			arg = (Node *) ((TargetEntry *) arg)->expr;
		if (is_row(arg) ? !is_row_printed_alike(ship, arg, by) :
			!prints_alike(exprType(arg), by))
			return false;
	}
	return true;
}

bool
neon_printer_is_portable(NeonShipContext *ship, Oid funcid, Node *call)
{
	Printer		by = printer(funcid);

	switch (nodeTag(call))
	{
		case T_FuncExpr:
			return are_printed_alike(ship, ((FuncExpr *) call)->args, by);
		case T_Aggref:
			return are_printed_alike(ship, ((Aggref *) call)->args, by);
		case T_WindowFunc:
			return are_printed_alike(ship, ((WindowFunc *) call)->args, by);
		default:
			return false;
	}
}
