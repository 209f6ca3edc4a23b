/*-------------------------------------------------------------------------
 *
 * bind_join/key.c
 *		Keys of a bind join: what the rows of both sides have in common.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "executor/executor.h"
#include "nodes/plannodes.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "bind_join/key.h"
#include "bind_join/node.h"
#include "compat/compat.h"

/* An element of the set: values by column. */
typedef struct KeyEntry
{
	Datum	   *values;
	uint32		hash;
	char		status;
} KeyEntry;

static bool equal_values(NeonBindKeys *keys, const Datum *a, const Datum *b);

#define SH_PREFIX entries
#define SH_ELEMENT_TYPE KeyEntry
#define SH_KEY_TYPE Datum *
#define SH_KEY values
#define SH_HASH_KEY(tb, key) ((uint32) 0)	/* is given with the key */
#define SH_EQUAL(tb, a, b) equal_values((tb)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct NeonBindKeySet
{
	NeonBindKeys *keys;
	MemoryContext context;
	entries_hash *entries;
	int64		size;
};

static void
init_column(CustomScanState *parent, NeonBindKeyState *key, int i)
{
	CustomScan *plan = (CustomScan *) parent->ss.ps.plan;
	List	   *private = plan->custom_private;
	Oid			operator;
	bool		left;			/* outer is the left operand */
	RegProcedure left_hash;
	RegProcedure right_hash;
	Oid			left_equal;
	Oid			right_equal;

	operator = list_nth_oid(list_nth(private, NEON_BIND_KEY_OPERATORS), i);
	left = list_nth_int(list_nth(private, NEON_BIND_KEY_SIDES), i);
	if (!get_op_hash_functions(operator, &left_hash, &right_hash) ||
		!get_compatible_hash_operators(operator, &left_equal, &right_equal))
		elog(ERROR, "could not find hash functions for operator %u", operator);
	fmgr_info(left ? left_hash : right_hash, &key->outer_hash);
	fmgr_info(left ? right_hash : left_hash, &key->inner_hash);
	fmgr_info(get_opcode(left ? left_equal : right_equal), &key->outer_equal);
	key->outer = ExecInitExpr(list_nth(list_nth(plan->custom_exprs,
												NEON_BIND_OUTER_KEYS), i),
							  &parent->ss.ps);
	key->inner = ExecInitExpr(list_nth(list_nth(plan->custom_exprs,
												NEON_BIND_INNER_KEYS), i),
							  &parent->ss.ps);
	key->collation = list_nth_oid(list_nth(private, NEON_BIND_KEY_COLLATIONS),
								  i);
	key->param = list_nth_int(list_nth(private, NEON_BIND_KEY_PARAMS), i);
	key->array_type = list_nth_oid(list_nth(private, NEON_BIND_KEY_ARRAYS), i);
	key->type = get_element_type(key->array_type);
	get_typlenbyvalalign(key->type, &key->typlen, &key->typbyval,
						 &key->typalign);
}

NeonBindKeys *
neon_bind_keys_init(CustomScanState *parent)
{
	CustomScan *plan = (CustomScan *) parent->ss.ps.plan;
	NeonBindKeys *keys = palloc0(sizeof(NeonBindKeys));
	int			i;

	keys->count = list_length(list_nth(plan->custom_private,
									   NEON_BIND_KEY_PARAMS));
	keys->columns = palloc0(sizeof(NeonBindKeyState) * keys->count);
	keys->values = palloc0(sizeof(Datum) * keys->count);
	for (i = 0; i < keys->count; i++)
		init_column(parent, &keys->columns[i], i);
	return keys;
}

bool
neon_bind_keys_hash(NeonBindKeys *keys, ExprContext *econtext, bool outer,
					uint32 *hash)
{
	MemoryContext oldcontext;
	uint32		result = 0;
	bool		isnull = false;
	int			i;

	oldcontext = MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
	for (i = 0; i < keys->count; i++)
	{
		NeonBindKeyState *key = &keys->columns[i];
		Datum		value = ExecEvalExpr(outer ? key->outer : key->inner,
										 econtext, &isnull);

		if (isnull)
			break;
		if (outer)
			keys->values[i] = value;
		value = FunctionCall1Coll(outer ? &key->outer_hash : &key->inner_hash,
								  key->collation, value);
		result = hash_combine(result, DatumGetUInt32(value));
	}
	MemoryContextSwitchTo(oldcontext);
	*hash = murmurhash32(result);
	return !isnull;
}

static bool
equal_values(NeonBindKeys *keys, const Datum *a, const Datum *b)
{
	int			i;

	for (i = 0; i < keys->count; i++)
	{
		NeonBindKeyState *key = &keys->columns[i];

		if (!DatumGetBool(FunctionCall2Coll(&key->outer_equal, key->collation,
											a[i], b[i])))
			return false;
	}
	return true;
}

NeonBindKeySet *
neon_bind_set_create(NeonBindKeys *keys, MemoryContext context)
{
	NeonBindKeySet *set = MemoryContextAlloc(context, sizeof(NeonBindKeySet));

	set->keys = keys;
	set->context = context;
	set->size = 0;
	set->entries = entries_create(context, 256, keys);
	return set;
}

void
neon_bind_set_add(NeonBindKeySet *set, uint32 hash)
{
	NeonBindKeys *keys = set->keys;
	MemoryContext oldcontext;
	KeyEntry   *entry;
	bool		found;
	int			i;

	entry = entries_insert_hash(set->entries, keys->values, hash, &found);
	if (found)
		return;
	oldcontext = MemoryContextSwitchTo(set->context);
	entry->values = palloc(sizeof(Datum) * keys->count);
	for (i = 0; i < keys->count; i++)
	{
		NeonBindKeyState *key = &keys->columns[i];

		/* A toasted value must not be looked up again for each comparison. */
		entry->values[i] = key->typlen == -1 ?
			PointerGetDatum(PG_DETOAST_DATUM_COPY(keys->values[i])) :
			datumCopy(keys->values[i], key->typbyval, key->typlen);
		set->size += datumGetSize(entry->values[i], key->typbyval,
								  key->typlen);
	}
	MemoryContextSwitchTo(oldcontext);
}

int64
neon_bind_set_count(NeonBindKeySet *set)
{
	return set->entries->members;
}

int64
neon_bind_set_size(NeonBindKeySet *set)
{
	return set->size;
}

/* One column's values of some of the keys. */
static ArrayType *
column_array(NeonBindKeySet *set, int column, int64 first, int64 count)
{
	NeonBindKeyState *key = &set->keys->columns[column];
	Datum	   *elements = palloc(sizeof(Datum) * count);
	entries_iterator iterator;
	KeyEntry   *entry;
	int64		position = 0;
	int			n = 0;
	ArrayType  *result;

	entries_start_iterate(set->entries, &iterator);
	while (n < count &&
		   (entry = entries_iterate(set->entries, &iterator)) != NULL)
	{
		if (position++ >= first)
			elements[n++] = entry->values[column];
	}
	result = construct_array(elements, n, key->type, key->typlen,
							 key->typbyval, key->typalign);
	pfree(elements);
	return result;
}

void
neon_bind_set_params(NeonBindKeySet *set, int64 first, int64 count,
					 EState *estate)
{
	int			i;

	for (i = 0; i < set->keys->count; i++)
	{
		NeonBindKeyState *key = &set->keys->columns[i];
		ParamExecData *param = &estate->es_param_exec_vals[key->param];

		param->execPlan = NULL;
		param->value = PointerGetDatum(column_array(set, i, first, count));
		param->isnull = false;
	}
}
