/*-------------------------------------------------------------------------
 *
 * plan/partial.c
 *		Aggregates of partitions, which are combined here.
 *
 * Most aggregates have no final function: their state is their result, as an
 * aggregate on the remote returns it (count, sum of small numbers, min, max,
 * bool_and, bit_or and so on).  The state of averages of small numbers is an
 * array that can be computed.  That of other sums, averages and variances of
 * exact numbers is made byte by byte (plan/numeric_state.h).  Those of what is
 * aggregated into strings and arrays are not made.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"

#include "compat/compat.h"
#include "plan/numeric_state.h"
#include "plan/partial.h"

/*
 * Is what the aggregate returns its state?  Else *serialize is the function
 * that makes bytes of the state, if one does.
 */
static bool
is_own_state(Oid function, Oid *serialize)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(function));
	Form_pg_aggregate form;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for aggregate %u", function);
	form = (Form_pg_aggregate) GETSTRUCT(tuple);
	result = form->aggkind == AGGKIND_NORMAL &&
		!OidIsValid(form->aggfinalfn) && form->aggtranstype != INTERNALOID;
	*serialize = form->aggserialfn;
	ReleaseSysCache(tuple);
	return result;
}

/* The whole of another aggregate over the same input. */
static Node *
whole(Aggref *partial, Oid function, Oid type)
{
	Aggref	   *aggregate = copyObject(partial);

	aggregate->aggfnoid = function;
	aggregate->aggtype = type;
	aggregate->aggsplit = AGGSPLIT_SIMPLE;
	return (Node *) aggregate;
}

static Node *
zero(Oid type)
{
	return (Node *) (type == INT8OID ?
					 makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
							   Int64GetDatum(0), false, FLOAT8PASSBYVAL) :
					 makeConst(FLOAT8OID, -1, InvalidOid, sizeof(float8),
							   Float8GetDatum(0), false, FLOAT8PASSBYVAL));
}

/* The sum, which of no rows is 0 in a state. */
static Node *
sum_or_zero(Aggref *partial, Oid function, Oid type)
{
	CoalesceExpr *result = makeNode(CoalesceExpr);

	result->coalescetype = type;
	result->args = list_make2(whole(partial, function, type), zero(type));
	result->location = -1;
	return (Node *) result;
}

static Node *
make_array(Oid element, Oid type, List *elements)
{
	ArrayExpr  *array = makeNode(ArrayExpr);

	array->array_typeid = type;
	array->element_typeid = element;
	array->elements = elements;
	array->location = -1;
	return (Node *) array;
}

/* Of avg(smallint) and avg(integer): number and sum. */
static Node *
integer_average(Aggref *partial, Oid sum)
{
	return make_array(INT8OID, INT8ARRAYOID,
					  list_make2(whole(partial, F_COUNT_ANY, INT8OID),
								 sum_or_zero(partial, sum, INT8OID)));
}

/*
 * Of avg(double precision): number, sum, and what only variances need, which
 * have other aggregates.
 */
static Node *
float_average(Aggref *partial)
{
	Node	   *count = whole(partial, F_COUNT_ANY, INT8OID);

	count = (Node *) makeFuncExpr(F_FLOAT8_INT8, FLOAT8OID, list_make1(count),
								  InvalidOid, InvalidOid, COERCE_EXPLICIT_CAST);
	return make_array(FLOAT8OID, FLOAT8ARRAYOID,
					  list_make3(count,
								 sum_or_zero(partial, F_SUM_FLOAT8, FLOAT8OID),
								 zero(FLOAT8OID)));
}

Node *
neon_partial_state(Aggref *aggregate)
{
	Oid			serialize;

	if (aggregate->aggsplit != AGGSPLIT_INITIAL_SERIAL)
		return NULL;
	switch (aggregate->aggfnoid)
	{
		case F_AVG_INT2:
			return integer_average(aggregate, F_SUM_INT2);
		case F_AVG_INT4:
			return integer_average(aggregate, F_SUM_INT4);
		case F_AVG_FLOAT8:
			return float_average(aggregate);
		default:
			return is_own_state(aggregate->aggfnoid, &serialize) ?
				whole(aggregate, aggregate->aggfnoid, aggregate->aggtype) :
				neon_numeric_state(aggregate, serialize);
	}
}
