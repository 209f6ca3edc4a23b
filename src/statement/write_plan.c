/*-------------------------------------------------------------------------
 *
 * statement/write_plan.c
 *		What a plan says of a whole statement that writes.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/value.h"

#include "compat/compat.h"
#include "statement/write_plan.h"

/*
 * The items of the list: texts (String, empty for NULL), numbers (Integer),
 * the columns and numbers of parameters (integer Lists), a list like this one
 * (NIL for NULL), and the server and the user (OID List).
 */
enum
{
	TEXTS,
	NUMBERS,
	COLUMNS,
	KEY_PARAMS,
	CELL_PARAMS,
	GATHERED_FORM,
	OIDS
};

enum
{
	TEXT_NOW,
	TEXT_REHEARSAL,
	TEXT_COMMIT,
	TEXT_PINNED,
	TEXT_VERSIONED,
	TEXT_VERSIONED_COMMIT,
	TEXT_TABLE,
	TEXT_KEYS,
	TEXT_SOURCE,
	TEXT_NAMED,
	TEXT_NAMES,
	TEXT_KEY_NAMES,
	TEXT_WRITTEN_NAMES,
	TEXT_READS,
	NTEXTS
};

enum
{
	NUMBER_FORM,
	NUMBER_RETURNS,
	NUMBER_PINS_OWN,
	NUMBER_SAFE,
	NUMBER_SKIPS,
	NUMBER_GATHERED,
	NUMBER_NAMES,
	NUMBER_SOURCE,
	NUMBER_COMMAND,
	NUMBER_KEY_KIND,
	NUMBER_KEY_ROWS,
	NUMBER_KEY_ARRAYS,
	NUMBER_CELL_ROWS,
	NUMBER_CELL_ARRAYS,
	NUMBER_READS,
	NNUMBERS
};

List *
neon_write_plan_list(const NeonWritePlan *plan)
{
	const char *texts[NTEXTS] = {
		[TEXT_NOW] = plan->now,
		[TEXT_REHEARSAL] = plan->rehearsal,
		[TEXT_COMMIT] = plan->commit,
		[TEXT_PINNED] = plan->pinned,
		[TEXT_VERSIONED] = plan->versioned,
		[TEXT_VERSIONED_COMMIT] = plan->versioned_commit,
		[TEXT_TABLE] = plan->table,
		[TEXT_KEYS] = plan->keys,
		[TEXT_SOURCE] = plan->source,
		[TEXT_NAMED] = plan->named,
		[TEXT_NAMES] = plan->names,
		[TEXT_KEY_NAMES] = plan->key_names,
		[TEXT_WRITTEN_NAMES] = plan->written_names,
		[TEXT_READS] = plan->reads
	};
	int			numbers[NNUMBERS] = {
		[NUMBER_FORM] = plan->form,
		[NUMBER_RETURNS] = plan->returns,
		[NUMBER_PINS_OWN] = plan->pins_own,
		[NUMBER_SAFE] = plan->safe,
		[NUMBER_SKIPS] = plan->skips,
		[NUMBER_GATHERED] = plan->ngathered,
		[NUMBER_NAMES] = plan->nnames,
		[NUMBER_SOURCE] = plan->nsource,
		[NUMBER_COMMAND] = plan->command,
		[NUMBER_KEY_KIND] = plan->key_kind,
		[NUMBER_KEY_ROWS] = plan->key_rows,
		[NUMBER_KEY_ARRAYS] = plan->key_arrays,
		[NUMBER_CELL_ROWS] = plan->cell_rows,
		[NUMBER_CELL_ARRAYS] = plan->cell_arrays,
		[NUMBER_READS] = plan->nreads
	};
	List	   *text_list = NIL;
	List	   *number_list = NIL;
	List	   *gathered_form = NIL;

	for (int i = 0; i < NTEXTS; i++)
		text_list = lappend(text_list,
							makeString(pstrdup(texts[i] ? texts[i] : "")));
	for (int i = 0; i < NNUMBERS; i++)
		number_list = lappend(number_list, makeInteger(numbers[i]));
	if (plan->gathered_form != NULL)
		gathered_form = neon_write_plan_list(plan->gathered_form);
	return lappend(lappend(list_make5(text_list, number_list, plan->columns,
									  plan->key_params, plan->cell_params),
						   gathered_form),
				   list_make2_oid(plan->serverid, plan->userid));
}

static const char *
read_text(List *list, int i)
{
	const char *text = strVal(list_nth((List *) list_nth(list, TEXTS), i));

	return text[0] != '\0' ? text : NULL;
}

static int
read_number(List *list, int i)
{
	return intVal(list_nth((List *) list_nth(list, NUMBERS), i));
}

void
neon_write_plan_read(NeonWritePlan *plan, List *list)
{
	List	   *oids = list_nth(list, OIDS);
	List	   *gathered_form = list_nth(list, GATHERED_FORM);

	plan->now = read_text(list, TEXT_NOW);
	plan->rehearsal = read_text(list, TEXT_REHEARSAL);
	plan->commit = read_text(list, TEXT_COMMIT);
	plan->pinned = read_text(list, TEXT_PINNED);
	plan->versioned = read_text(list, TEXT_VERSIONED);
	plan->versioned_commit = read_text(list, TEXT_VERSIONED_COMMIT);
	plan->table = read_text(list, TEXT_TABLE);
	plan->keys = read_text(list, TEXT_KEYS);
	plan->source = read_text(list, TEXT_SOURCE);
	plan->named = read_text(list, TEXT_NAMED);
	plan->names = read_text(list, TEXT_NAMES);
	plan->key_names = read_text(list, TEXT_KEY_NAMES);
	plan->written_names = read_text(list, TEXT_WRITTEN_NAMES);
	plan->reads = read_text(list, TEXT_READS);
	plan->form = read_number(list, NUMBER_FORM);
	plan->returns = read_number(list, NUMBER_RETURNS);
	plan->pins_own = read_number(list, NUMBER_PINS_OWN);
	plan->safe = read_number(list, NUMBER_SAFE);
	plan->skips = read_number(list, NUMBER_SKIPS);
	plan->ngathered = read_number(list, NUMBER_GATHERED);
	plan->nnames = read_number(list, NUMBER_NAMES);
	plan->nsource = read_number(list, NUMBER_SOURCE);
	plan->command = read_number(list, NUMBER_COMMAND);
	plan->key_kind = read_number(list, NUMBER_KEY_KIND);
	plan->key_rows = read_number(list, NUMBER_KEY_ROWS);
	plan->key_arrays = read_number(list, NUMBER_KEY_ARRAYS);
	plan->nreads = read_number(list, NUMBER_READS);
	plan->columns = list_nth(list, COLUMNS);
	plan->key_params = list_nth(list, KEY_PARAMS);
	plan->cell_rows = read_number(list, NUMBER_CELL_ROWS);
	plan->cell_params = list_nth(list, CELL_PARAMS);
	plan->cell_arrays = read_number(list, NUMBER_CELL_ARRAYS);
	if (gathered_form != NIL)
	{
		plan->gathered_form = palloc0(sizeof(NeonWritePlan));
		neon_write_plan_read(plan->gathered_form, gathered_form);
	}
	plan->serverid = linitial_oid(oids);
	plan->userid = lsecond_oid(oids);
}
