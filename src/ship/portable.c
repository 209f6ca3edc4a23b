/*-------------------------------------------------------------------------
 *
 * ship/portable.c
 *		Which functions and operators give the same result on both sides?
 *
 * Immutable functions of PostgreSQL itself and of known extensions do, save
 * for some that look at the encoding although the catalog calls them
 * immutable (ship/encoding.c).  Stable functions do if they depend on nothing
 * but the TimeZone, because the guard of each request sends it along, or if
 * all they do is to print values (ship/portable_text.c).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "option/remote_type.h"
#include "ship/encoding.h"
#include "ship/portable.h"
#include "ship/portable_text.h"

/* What a called function is judged by. */
typedef struct CallerContext
{
	NeonShipContext *ship;
	Node	   *node;			/* the call */
} CallerContext;

bool
neon_is_known(List *extensions, Oid classid, Oid objid)
{
	if (neon_is_builtin(objid))
		return true;
	if (extensions == NIL)
		return false;
	return list_member_oid(extensions, getExtensionOfObject(classid, objid));
}

/*
 * Stable functions that depend on the TimeZone and on nothing else.  A test
 * compares this list with the catalog.  Functions that depend on the current
 * time as well (a cast of time to timetz) are not among them, nor are those
 * that read or print dates, which follow the DateStyle.
 */
static bool
follows_time_zone(Oid funcid)
{
	switch (funcid)
	{
		case F_EXTRACT_TEXT_TIMESTAMPTZ:
		case F_DATE_PART_TEXT_TIMESTAMPTZ:
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ:
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ_TEXT:
		case F_TIMESTAMP_TIMESTAMPTZ:
		case F_DATE_TIMESTAMPTZ:
		case F_TIME_TIMESTAMPTZ:
		case F_TIMETZ_TIMESTAMPTZ:
		case F_TIMESTAMPTZ_DATE:
		case F_TIMESTAMPTZ_DATE_TIME:
		case F_TIMESTAMPTZ_TIMESTAMP:
		case F_MAKE_TIMESTAMPTZ_INT4_INT4_INT4_INT4_INT4_FLOAT8:
		case F_MAKE_TIMESTAMPTZ_INT4_INT4_INT4_INT4_INT4_FLOAT8_TEXT:
		case F_TIMESTAMPTZ_PL_INTERVAL:
		case F_TIMESTAMPTZ_MI_INTERVAL:
		case F_INTERVAL_PL_TIMESTAMPTZ:
		case F_OVERLAPS_TIMESTAMPTZ_INTERVAL_TIMESTAMPTZ_INTERVAL:
		case F_OVERLAPS_TIMESTAMPTZ_INTERVAL_TIMESTAMPTZ_TIMESTAMPTZ:
		case F_OVERLAPS_TIMESTAMPTZ_TIMESTAMPTZ_TIMESTAMPTZ_INTERVAL:
		case F_GENERATE_SERIES_TIMESTAMPTZ_TIMESTAMPTZ_INTERVAL:
		case F_DATE_LT_TIMESTAMPTZ:
		case F_DATE_LE_TIMESTAMPTZ:
		case F_DATE_EQ_TIMESTAMPTZ:
		case F_DATE_GE_TIMESTAMPTZ:
		case F_DATE_GT_TIMESTAMPTZ:
		case F_DATE_NE_TIMESTAMPTZ:
		case F_DATE_CMP_TIMESTAMPTZ:
		case F_TIMESTAMPTZ_LT_DATE:
		case F_TIMESTAMPTZ_LE_DATE:
		case F_TIMESTAMPTZ_EQ_DATE:
		case F_TIMESTAMPTZ_GE_DATE:
		case F_TIMESTAMPTZ_GT_DATE:
		case F_TIMESTAMPTZ_NE_DATE:
		case F_TIMESTAMPTZ_CMP_DATE:
		case F_TIMESTAMP_LT_TIMESTAMPTZ:
		case F_TIMESTAMP_LE_TIMESTAMPTZ:
		case F_TIMESTAMP_EQ_TIMESTAMPTZ:
		case F_TIMESTAMP_GE_TIMESTAMPTZ:
		case F_TIMESTAMP_GT_TIMESTAMPTZ:
		case F_TIMESTAMP_NE_TIMESTAMPTZ:
		case F_TIMESTAMP_CMP_TIMESTAMPTZ:
		case F_TIMESTAMPTZ_LT_TIMESTAMP:
		case F_TIMESTAMPTZ_LE_TIMESTAMP:
		case F_TIMESTAMPTZ_EQ_TIMESTAMP:
		case F_TIMESTAMPTZ_GE_TIMESTAMP:
		case F_TIMESTAMPTZ_GT_TIMESTAMP:
		case F_TIMESTAMPTZ_NE_TIMESTAMP:
		case F_TIMESTAMPTZ_CMP_TIMESTAMP:
			return true;
		default:
			return false;
	}
}

/*
 * to_char() prints by the locale only where its format asks for that: with TM
 * for times, with D, G, L and S for numbers.  So the format must be known.
 */
static bool
is_portable_to_char(Oid funcid, Node *node)
{
	Const	   *format;
	char	   *picture;

	if (!IsA(node, FuncExpr))
		return false;
	format = lsecond(((FuncExpr *) node)->args);
	if (!IsA(format, Const) || format->constisnull)
		return false;
	picture = TextDatumGetCString(format->constvalue);
	switch (funcid)
	{
		case F_TO_CHAR_TIMESTAMPTZ_TEXT:
		case F_TO_CHAR_TIMESTAMP_TEXT:
		case F_TO_CHAR_INTERVAL_TEXT:
			return strstr(picture, "TM") == NULL && strstr(picture, "tm") == NULL;
		default:
			return strpbrk(picture, "DdGgLlSs") == NULL;
	}
}

static bool
is_to_char(Oid funcid)
{
	switch (funcid)
	{
		case F_TO_CHAR_TIMESTAMPTZ_TEXT:
		case F_TO_CHAR_TIMESTAMP_TEXT:
		case F_TO_CHAR_INTERVAL_TEXT:
		case F_TO_CHAR_NUMERIC_TEXT:
		case F_TO_CHAR_INT4_TEXT:
		case F_TO_CHAR_INT8_TEXT:
		case F_TO_CHAR_FLOAT4_TEXT:
		case F_TO_CHAR_FLOAT8_TEXT:
			return true;
		default:
			return false;
	}
}

static bool
is_unportable(Oid funcid, void *arg)
{
	CallerContext *context = arg;

	if (!neon_is_known(context->ship->extensions, ProcedureRelationId,
					   funcid) ||
		neon_remote_order_differs(context->ship->types, funcid))
		return true;
	if (neon_is_printer(funcid))
		return !neon_printer_is_portable(context->ship, funcid,
										 context->node) ||
			neon_encoding_matters(funcid, context->node);
	switch (func_volatile(funcid))
	{
		case PROVOLATILE_IMMUTABLE:
			return neon_encoding_matters(funcid, context->node);
		case PROVOLATILE_STABLE:
			/* enum values travel as labels, which both sides share */
			return funcid != F_ENUM_OUT && !follows_time_zone(funcid) &&
				!(is_to_char(funcid) &&
				  is_portable_to_char(funcid, context->node));
		default:
			return true;
	}
}

bool
neon_calls_are_portable(NeonShipContext *ship, Node *node)
{
	CallerContext context = {ship, node};

	/* GREATEST and LEAST name no function, but compare all the same */
	if (IsA(node, MinMaxExpr) &&
		neon_remote_order_differs(ship->types,
								  lookup_type_cache(exprType(node),
													TYPECACHE_CMP_PROC)->cmp_proc))
		return false;

	if (IsA(node, CoerceViaIO))
	{
		Oid			from = exprType((Node *) ((CoerceViaIO *) node)->arg);

		if (!neon_prints_alike(getBaseType(from)) ||
			neon_encoding_matters_for_cast(getBaseType(exprType(node))))
			return false;
	}
	return !check_functions_in_node(node, is_unportable, &context);
}
