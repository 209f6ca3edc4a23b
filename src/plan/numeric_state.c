/*-------------------------------------------------------------------------
 *
 * plan/numeric_state.c
 *		States of sums, averages and variances of numbers, in the form in which
 *		PostgreSQL hands them from one process to another.
 *
 * The state is a number of rows, the sum, for variances the sum of squares,
 * and some more of numeric, as bytes in network order, in the form of the
 * version that runs here; see the functions whose names end with _serialize in
 * PostgreSQL's numeric.c.  All of it is
 * exact, so it is the same whoever computes it.  Equal aggregates within the
 * expression are computed once.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"

#include "compat/compat.h"
#include "plan/numeric_state.h"

#define TWO_TO_63	"9223372036854775808"
#define TWO_TO_64	"18446744073709551616"
#define TWO_TO_127	"170141183460469231731687303715884105728"

/* ---------- expressions ---------- */

static Expr *
call(Oid function, Oid type, List *args)
{
	return (Expr *) makeFuncExpr(function, type, args, InvalidOid, InvalidOid,
								 COERCE_EXPLICIT_CALL);
}

/* A built-in operator with two operands of the same type. */
static Expr *
operate(Expr *left, char *name, Expr *right, Oid result)
{
	Oid			type = exprType((Node *) left);
	List	   *names = list_make2(makeString("pg_catalog"), makeString(name));
	Expr	   *expr = make_opclause(OpernameGetOprid(names, type, type), result,
									 false, left, right, InvalidOid,
									 InvalidOid);

	set_opfuncid((OpExpr *) expr);
	return expr;
}

static Expr *
integer(int value)
{
	return (Expr *) makeConst(INT4OID, -1, InvalidOid, sizeof(int32),
							  Int32GetDatum(value), false, true);
}

static Expr *
bigint(int64 value)
{
	return (Expr *) makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
							  Int64GetDatum(value), false, FLOAT8PASSBYVAL);
}

static Expr *
number(char *text)
{
	return (Expr *) makeConst(NUMERICOID, -1, InvalidOid, -1,
							  DirectFunctionCall3(numeric_in,
												  CStringGetDatum(text),
												  ObjectIdGetDatum(InvalidOid),
												  Int32GetDatum(-1)),
							  false, false);
}

static Expr *
bytes(char *text)
{
	return (Expr *) makeConst(BYTEAOID, -1, InvalidOid, -1,
							  DirectFunctionCall1(byteain,
												  CStringGetDatum(text)),
							  false, false);
}

static Expr *
or_else(Expr *value, Expr *otherwise)
{
	CoalesceExpr *result = makeNode(CoalesceExpr);

	result->coalescetype = exprType((Node *) value);
	result->args = list_make2(value, otherwise);
	result->location = -1;
	return (Expr *) result;
}

/* Byte strings, one behind the other. */
static Expr *
concatenate(List *parts)
{
	Expr	   *result = linitial(parts);

	for (int i = 1; i < list_length(parts); i++)
		result = call(F_BYTEACAT, BYTEAOID,
					  list_make2(result, list_nth(parts, i)));
	return result;
}

/* ---------- a number as bytes ---------- */

/* Two bytes, counted from 1 on, of what numeric_send() returns. */
static Expr *
two_bytes(Expr *sent, int from)
{
	return call(F_SUBSTR_BYTEA_INT4_INT4, BYTEAOID,
				list_make3(copyObject(sent), integer(from), integer(2)));
}

/* The two bytes that stand before two others, to make four. */
static Expr *
sign_of(Expr *sent, int from)
{
	CaseExpr   *result = makeNode(CaseExpr);
	CaseWhen   *when = makeNode(CaseWhen);
	Expr	   *byte = call(F_GET_BYTE, INT4OID,
							list_make2(copyObject(sent), integer(from - 1)));

	when->expr = operate(byte, ">", integer(127), BOOLOID);
	when->result = bytes("\\xffff");
	when->location = -1;
	result->casetype = BYTEAOID;
	result->args = list_make1(when);
	result->defresult = bytes("\\x0000");
	result->location = -1;
	return (Expr *) result;
}

/*
 * numeric_send() has the number of digits, the weight, which may be negative,
 * the sign and the scale in two bytes each, then the digits.  In a state, all
 * but the digits have four.
 */
static Expr *
numeric_bytes(Expr *value)
{
	Expr	   *sent = call(F_NUMERIC_SEND, BYTEAOID, list_make1(value));
	List	   *parts = list_make2(bytes("\\x0000"), two_bytes(sent, 1));

	parts = lappend(parts, sign_of(sent, 3));
	parts = lappend(parts, two_bytes(sent, 3));
	parts = lappend(parts, bytes("\\x0000"));
	parts = lappend(parts, two_bytes(sent, 5));
	parts = lappend(parts, bytes("\\x0000"));
	parts = lappend(parts, call(F_SUBSTR_BYTEA_INT4, BYTEAOID,
								list_make2(copyObject(sent), integer(7))));
	return concatenate(parts);
}

static Expr *
bigint_bytes(Expr *value)
{
	return call(F_INT8SEND, BYTEAOID, list_make1(value));
}

/* A number between 0 and 2^64, less 2^63, as eight bytes. */
static Expr *
eight_bytes(Expr *value)
{
	Expr	   *less = operate(value, "-", number(TWO_TO_63), NUMERICOID);

	return bigint_bytes(call(F_INT8_NUMERIC, INT8OID, list_make1(less)));
}

/*
 * A whole number as a signed integer of 16 bytes, the upper half first.  What
 * is divided is made positive, so that both halves are rounded down.
 */
static Expr *
int128_bytes(Expr *value)
{
	Expr	   *upper = operate(value, "+", number(TWO_TO_127), NUMERICOID);
	Expr	   *lower = operate(copyObject(upper), "+", number(TWO_TO_63),
								NUMERICOID);

	upper = call(F_DIV, NUMERICOID, list_make2(upper, number(TWO_TO_64)));
	lower = call(F_MOD_NUMERIC_NUMERIC, NUMERICOID,
				 list_make2(lower, number(TWO_TO_64)));
	return call(F_BYTEACAT, BYTEAOID,
				list_make2(eight_bytes(upper), eight_bytes(lower)));
}

/* ---------- aggregates ---------- */

typedef struct Input
{
	Aggref	   *partial;
	Expr	   *value;			/* as numeric */
	bool		is_numeric;		/* and as it is */
	bool		is_int128;		/* so is its sum in the state */
	Expr	   *finite;			/* what a sum takes; NULL: all */
} Input;

/*
 * Another aggregate over the same rows, or those of them that meet a condition
 * (NULL: none).
 */
static Expr *
aggregate(const Input *input, Oid function, Oid type, Expr *argument,
		  Expr *condition)
{
	Aggref	   *result = copyObject(input->partial);
	List	   *filters = list_make1(copyObject(condition));

	result->aggfnoid = function;
	result->aggtype = type;
	result->aggsplit = AGGSPLIT_SIMPLE;
	result->aggargtypes = list_make1_oid(exprType((Node *) argument));
	result->args = list_make1(makeTargetEntry(copyObject(argument), 1, NULL,
											  false));
	if (condition == NULL)
		return (Expr *) result;
	if (result->aggfilter != NULL)
		filters = lcons(result->aggfilter, filters);
	result->aggfilter = make_ands_explicit(filters);
	return (Expr *) result;
}

static Expr *
count_bytes(const Input *input, Expr *condition)
{
	return bigint_bytes(aggregate(input, F_COUNT_ANY, INT8OID, input->value,
								  condition));
}

static Expr *
sum_bytes(const Input *input, Expr *argument)
{
	Expr	   *sum = or_else(aggregate(input, F_SUM_NUMERIC, NUMERICOID,
										argument, input->finite),
							  number("0"));

	return input->is_int128 ? int128_bytes(sum) : numeric_bytes(sum);
}

static Expr *
compare(const Input *input, char *operator, char *text)
{
	return operate(copyObject(input->value), operator, number(text), BOOLOID);
}

/*
 * What follows the sums of numeric: the largest scale, how many have it, which
 * only moving windows look at, and how many are no numbers.
 */
static List *
specials(const Input *input)
{
	Expr	   *scale = integer(0);
	List	   *result;
	char	   *names[] = {"NaN", "Infinity", "-Infinity"};

	if (input->is_numeric)
		scale = or_else(aggregate(input, F_MAX_INT4, INT4OID,
								  call(F_SCALE, INT4OID,
									   list_make1(copyObject(input->value))),
								  input->finite),
						scale);
	result = list_make2(call(F_INT4SEND, BYTEAOID, list_make1(scale)),
						bigint_bytes(bigint(1)));
	for (int i = 0; i < lengthof(names); i++)
		result = lappend(result, input->is_numeric ?
						 count_bytes(input, compare(input, "=", names[i])) :
						 bigint_bytes(bigint(0)));
	return result;
}

/* What is aggregated; false if it is no exact number. */
static bool
take_input(Aggref *partial, Input *input)
{
	Expr	   *value = ((TargetEntry *) linitial(partial->args))->expr;
	Oid			cast = InvalidOid;

	switch (linitial_oid(partial->aggargtypes))
	{
		case INT2OID:
			cast = F_NUMERIC_INT2;
			break;
		case INT4OID:
			cast = F_NUMERIC_INT4;
			break;
		case INT8OID:
			cast = F_NUMERIC_INT8;
			break;
		case NUMERICOID:
			break;
		default:
			return false;
	}
	input->partial = partial;
	input->is_numeric = !OidIsValid(cast);
	input->value = input->is_numeric ? value :
		(Expr *) makeFuncExpr(cast, NUMERICOID, list_make1(value), InvalidOid,
							  InvalidOid, COERCE_EXPLICIT_CAST);
	input->finite = NULL;

	/* NaN is greater than all others */
	if (input->is_numeric)
		input->finite = make_ands_explicit(list_make2(compare(input, ">", "-Infinity"),
													  compare(input, "<", "Infinity")));
	return true;
}

Node *
neon_numeric_state(Aggref *partial, Oid serialize)
{
	Input		input;
	List	   *parts;

	if (list_length(partial->args) != 1 || !take_input(partial, &input))
		return NULL;
	input.is_int128 = neon_states_have_int128() &&
		(serialize == F_INT8_AVG_SERIALIZE ||
		 serialize == F_NUMERIC_POLY_SERIALIZE);
	parts = list_make2(count_bytes(&input, input.finite),
					   sum_bytes(&input, input.value));
	if (serialize == F_NUMERIC_POLY_SERIALIZE ||
		serialize == F_NUMERIC_SERIALIZE)
		parts = lappend(parts,
						sum_bytes(&input, operate(copyObject(input.value), "*",
												  copyObject(input.value),
												  NUMERICOID)));
	else if (serialize != F_INT8_AVG_SERIALIZE &&
			 serialize != F_NUMERIC_AVG_SERIALIZE)
		return NULL;
	if (serialize == F_NUMERIC_AVG_SERIALIZE ||
		serialize == F_NUMERIC_SERIALIZE)
		parts = list_concat(parts, specials(&input));
	return (Node *) concatenate(parts);
}
