/*-------------------------------------------------------------------------
 *
 * schema/import_default.c
 *		Which defaults of the remote may become defaults here.
 *
 * A default is evaluated with the rights of whoever inserts a row, who may be
 * a superuser, and its value is sent to the remote.  So whoever controls the
 * remote could have files read or functions called.  Therefore only constants
 * and built-in functions that are immutable, or on a short list, are let in.
 *
 * The text is judged in two steps.  The raw parse tree may have few kinds of
 * nodes and no names but those of built-in objects: analyzing it calls the
 * input functions of the types that it names, and the types of parameters of
 * the functions that it names.  Then the analyzed tree is searched for
 * functions, including those that casts and operators call.  Nothing is
 * evaluated, since a built-in function can take a long time, too.
 *
 * The names are looked up along the search_path that CREATE FOREIGN TABLE
 * will use.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "compat/compat.h"
#include "option/remote_type.h"
#include "schema/attempt.h"
#include "schema/import_default.h"

typedef struct Candidate
{
	const char *text;
	Oid			type;			/* of the column */
	int32		typmod;
	bool		harmless;
} Candidate;

/* ---------- the raw parse tree ---------- */

static bool is_harmless_raw(Node *node);

static bool
is_harmless_type(Oid type)
{
	return OidIsValid(type) && neon_is_builtin(type) &&
		get_typtype(type) != TYPTYPE_PSEUDO &&
		get_typtype(type) != TYPTYPE_COMPOSITE &&
		!neon_type_is_local_reference(type);
}

static bool
is_harmless_cast(TypeCast *cast)
{
	TypeName   *name = cast->typeName;

	return !name->setof && !name->pct_type &&
		is_harmless_type(LookupTypeNameOid(NULL, name, true)) &&
		is_harmless_raw(cast->arg);
}

/*
 * The name of a function or operator, without its schema.  NULL if that is
 * another schema than pg_catalog.
 */
static const char *
builtin_name(List *names)
{
	if (list_length(names) == 1 ||
		(list_length(names) == 2 &&
		 strcmp(strVal(linitial(names)), "pg_catalog") == 0))
		return strVal(llast(names));
	return NULL;
}

/* Can the name mean a function or operator that is not built-in? */
static bool
is_ambiguous_name(int cacheid, const char *name)
{
	CatCList   *list = SearchSysCacheList1(cacheid, CStringGetDatum(name));
	bool		ambiguous = false;

	for (int i = 0; i < list->n_members && !ambiguous; i++)
	{
		HeapTuple	tuple = &list->members[i]->tuple;
		Oid			oid = cacheid == OPERNAMENSP ?
			((Form_pg_operator) GETSTRUCT(tuple))->oid :
			((Form_pg_proc) GETSTRUCT(tuple))->oid;

		ambiguous = !neon_is_builtin(oid) &&
			(cacheid == OPERNAMENSP ? OperatorIsVisible(oid) :
			 FunctionIsVisible(oid));
	}
	ReleaseSysCacheList(list);
	return ambiguous;
}

static bool
is_harmless_name(int cacheid, List *names)
{
	const char *name = builtin_name(names);

	return name != NULL && !is_ambiguous_name(cacheid, name);
}

static bool
are_harmless_raw(List *list)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		if (!is_harmless_raw(lfirst(lc)))
			return false;
	}
	return true;
}

static bool
is_harmless_call(FuncCall *call)
{
	return is_harmless_name(PROCNAMEARGSNSP, call->funcname) &&
		call->agg_order == NIL && call->agg_filter == NULL &&
		call->over == NULL && !call->agg_within_group && !call->agg_star &&
		!call->agg_distinct && are_harmless_raw(call->args);
}

static bool
is_harmless_raw(Node *node)
{
	check_stack_depth();
	if (node == NULL)
		return true;
	switch (nodeTag(node))
	{
		case T_A_Const:
		case T_SQLValueFunction:
			return true;
		case T_TypeCast:
			return is_harmless_cast((TypeCast *) node);
		case T_FuncCall:
			return is_harmless_call((FuncCall *) node);
		case T_A_Expr:
			return ((A_Expr *) node)->kind == AEXPR_OP &&
				is_harmless_name(OPERNAMENSP, ((A_Expr *) node)->name) &&
				is_harmless_raw(((A_Expr *) node)->lexpr) &&
				is_harmless_raw(((A_Expr *) node)->rexpr);
		case T_A_ArrayExpr:
			return are_harmless_raw(((A_ArrayExpr *) node)->elements);
		case T_BoolExpr:
			return are_harmless_raw(((BoolExpr *) node)->args);
		case T_CoalesceExpr:
			return are_harmless_raw(((CoalesceExpr *) node)->args);
		default:
			return false;
	}
}

/* The one value without a name that the parser reads after SELECT, or NULL. */
static Node *
parse_one_value(const char *select)
{
	List	   *parsed = raw_parser(select, RAW_PARSE_DEFAULT);
	SelectStmt *plain = makeNode(SelectStmt);
	SelectStmt *stmt;
	ResTarget  *target;

	if (list_length(parsed) != 1)
		return NULL;
	stmt = (SelectStmt *) linitial_node(RawStmt, parsed)->stmt;
	if (!IsA(stmt, SelectStmt) || list_length(stmt->targetList) != 1)
		return NULL;
	target = linitial_node(ResTarget, stmt->targetList);
	plain->targetList = stmt->targetList;
	if (target->name != NULL || target->indirection != NIL ||
		!equal(stmt, plain))
		return NULL;
	return target->val;
}

/*
 * NULL if the text is not an expression that ends where it ends.  Without
 * parentheses it cannot close one that it did not open; within them it cannot
 * leave anything open, such as a comment.
 */
static Node *
parse_expression(const char *text)
{
	if (parse_one_value(psprintf("SELECT %s", text)) == NULL)
		return NULL;
	return parse_one_value(psprintf("SELECT (%s)", text));
}

/* ---------- the analyzed tree ---------- */

/*
 * Functions that are not immutable only because they read the clock, the time
 * zone or the source of random numbers.
 */
static bool
is_listed_function(Oid function)
{
	switch (function)
	{
		case F_NOW:
		case F_TRANSACTION_TIMESTAMP:
		case F_STATEMENT_TIMESTAMP:
		case F_CLOCK_TIMESTAMP:
		case F_GEN_RANDOM_UUID:
		case F_DATE_TIMESTAMPTZ:
		case F_TIMESTAMP_TIMESTAMPTZ:
		case F_TIMESTAMPTZ_PL_INTERVAL:
		case F_TIMESTAMPTZ_MI_INTERVAL:
			return true;
		default:
			return false;
	}
}

static bool
is_harmful_function(Oid function, void *context)
{
	return !neon_is_builtin(function) ||
		(func_volatile(function) != PROVOLATILE_IMMUTABLE &&
		 !is_listed_function(function));
}

/*
 * The values of these functions are about the session here, not about that of
 * the remote.
 */
static bool
is_session_value(SQLValueFunction *function)
{
	switch (function->op)
	{
		case SVFOP_CURRENT_ROLE:
		case SVFOP_CURRENT_USER:
		case SVFOP_USER:
		case SVFOP_SESSION_USER:
		case SVFOP_CURRENT_CATALOG:
		case SVFOP_CURRENT_SCHEMA:
			return true;
		default:
			return false;
	}
}

static bool
is_harmful(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (check_functions_in_node(node, is_harmful_function, NULL))
		return true;
	if (IsA(node, SQLValueFunction))
		return is_session_value((SQLValueFunction *) node);
	return expression_tree_walker(node, is_harmful, context);
}

static void
judge(void *arg)
{
	Candidate  *candidate = arg;
	Node	   *node = parse_expression(candidate->text);
	ParseState *pstate = make_parsestate(NULL);

	if (node == NULL || !is_harmless_raw(node))
		return;
	node = transformExpr(pstate, node, EXPR_KIND_COLUMN_DEFAULT);
	node = coerce_to_target_type(pstate, node, exprType(node),
								 candidate->type, candidate->typmod,
								 COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST,
								 -1);
	if (node == NULL)
		return;
	assign_expr_collations(pstate, node);
	candidate->harmless = !is_harmful(node, NULL);
}

/* Errors that say that this server does not understand the text. */
static bool
is_error_of_text(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION ||
		category == ERRCODE_DATA_EXCEPTION ||
		category == ERRCODE_FEATURE_NOT_SUPPORTED ||
		category == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}

bool
neon_default_is_harmless(const char *expression, Oid type, int32 typmod)
{
	Candidate	candidate = {expression, type, typmod, false};

	if (!is_harmless_type(type) ||
		neon_attempt(judge, &candidate, is_error_of_text) != NULL)
		return false;
	return candidate.harmless;
}
