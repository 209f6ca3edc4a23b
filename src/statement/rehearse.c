/*-------------------------------------------------------------------------
 *
 * statement/rehearse.c
 *		Rehearsal of a whole statement that is committed later.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat/compat.h"
#include "deparse/array_text.h"
#include "deparse/check.h"
#include "remote/row_text.h"
#include "statement/write_plan.h"
#include "transaction/pinned_rows.h"
#include "transaction/transaction.h"
#include "transaction/turns.h"

/* What a rehearsal brought, to be committed. */
typedef struct Rehearsal
{
	NeonPinColumns columns;
	NeonPinColumns unnamed;		/* names is NULL if triggers are no matter */
	int64		nrows;			/* that it concerns */
	int64		ninserted;		/* of these, in inserted */
	StringInfoData inserted;	/* array of rows as text */
	int64		nupdated;
	StringInfoData updated;		/* the same */
	StringInfoData versions;	/* array of versions, those of updated */
	bool		has_own;		/* some of them this transaction's */
} Rehearsal;

static void
add_inserted(Rehearsal *rehearsal, const char *row)
{
	neon_array_append(&rehearsal->inserted, row);
	rehearsal->ninserted++;
}

/*
 * What the rehearsal returns behind the wanted columns, see deparse/write.h.
 */
static void
take_row(NeonWriteState *state, Rehearsal *rehearsal, const NeonRow *row)
{
	int			n = state->scan.ncolumns;

	switch (state->form)
	{
		case NEON_COMMIT_COUNT:
			break;
		case NEON_COMMIT_VERSIONS:
			neon_array_append(&rehearsal->versions, neon_row_text(row, n));
			break;
		case NEON_COMMIT_UPSERT:
			if (row->values[n + 1] != NULL)
			{
				if (strcmp(row->values[n + 1], "own") == 0)
					rehearsal->has_own = true;
				neon_array_append(&rehearsal->updated, neon_row_text(row, n));
				neon_array_append(&rehearsal->versions, neon_row_text(row, n + 1));
				rehearsal->nupdated++;
				break;
			}
			add_inserted(rehearsal, neon_row_text(row, n));
			break;
		case NEON_COMMIT_ROWS:
			add_inserted(rehearsal, neon_row_text(row, n));
			break;
	}
	neon_write_keep_row(state, row);
	rehearsal->nrows++;
}

/* An INSERT without RETURNING: a count, then rows only if they matter. */
static void
take_counted_row(Rehearsal *rehearsal, const NeonRow *row)
{
	if (row->values[1] != NULL)
		rehearsal->nrows = strtoll(row->values[1], NULL, 10);
	else
		add_inserted(rehearsal, neon_row_text(row, 0));
}

/* Was it made to check versions, but cannot? */
static bool
has_no_versions(NeonWriteState *state)
{
	return state->form != intVal(list_nth(state->private, NEON_WRITE_FORM));
}

static int
rehearsal_columns(NeonWriteState *state)
{
	int			n = state->scan.ncolumns;

	switch (state->form)
	{
		case NEON_COMMIT_COUNT:
			return state->returns ? Max(n, 1) : 0;
		case NEON_COMMIT_ROWS:
			return state->returns ? n + 1 : 2;
		case NEON_COMMIT_UPSERT:
			return n + 2;
		case NEON_COMMIT_VERSIONS:
			break;
	}
	return n + 1;
}

static void
rehearse(NeonWriteState *state, const NeonQuery *base, Rehearsal *rehearsal)
{
	NeonQuery	queries[3] = {0};
	NeonReader *reader;
	const NeonRow *row;
	bool		counted = state->form == NEON_COMMIT_ROWS && !state->returns;
	bool		pins = state->form == NEON_COMMIT_ROWS ||
		state->form == NEON_COMMIT_UPSERT;
	List	   *source = list_nth(state->private, NEON_WRITE_SOURCE);
	int			n = 0;

	if (pins)
	{
		neon_pin_columns_query(&queries[n++],
							   neon_write_text(state, NEON_WRITE_TABLE));
		neon_pin_unnamed_query(&queries[n++],
							   neon_write_text(state, NEON_WRITE_TABLE),
							   source != NIL ? strVal(lthird(source)) : "{}",
							   state->form == NEON_COMMIT_UPSERT);
	}
	queries[n] = *base;
	queries[n].shown = neon_write_text(state, NEON_WRITE_NOW);
	queries[n].sql = neon_write_text(state, has_no_versions(state) ?
									 NEON_WRITE_NOW : NEON_WRITE_REHEARSAL);
	queries[n++].ncolumns = rehearsal_columns(state);
	reader = neon_transaction_rehearse(state->scan.user, queries, n,
									   &state->scan.stats);
	if (pins)
	{
		neon_pin_columns_read(&rehearsal->columns, reader);
		(void) neon_remote_next_result(reader);
		neon_pin_unnamed_read(&rehearsal->unnamed, reader);
		(void) neon_remote_next_result(reader);
	}
	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		if (counted)
			take_counted_row(rehearsal, row);
		else
			take_row(state, rehearsal, row);
	}
	if (state->form == NEON_COMMIT_COUNT && !state->returns)
		rehearsal->nrows = Max(neon_remote_rowcount(reader), 0);
	neon_remote_close(reader);
}

/* The statement once more, with what it must concern behind its parameters. */
static void
make_again(NeonWriteState *state, const NeonQuery *base,
		   Rehearsal *rehearsal, NeonQuery *query)
{
	const char **params = palloc((base->nparams + 2) * sizeof(char *));

	*query = *base;
	memcpy(params, base->params, base->nparams * sizeof(char *));
	params[query->nparams++] = psprintf(INT64_FORMAT, rehearsal->nrows);
	if (state->form == NEON_COMMIT_VERSIONS)
	{
		neon_array_end(&rehearsal->versions);
		params[query->nparams++] = rehearsal->versions.data;
	}
	if (has_no_versions(state))
		query->sql = neon_check_sql(neon_write_text(state, NEON_WRITE_NOW),
									psprintf("count(*) = $%d::bigint",
											 query->nparams),
									"a row that this transaction changes was changed by another one");
	else
		query->sql = neon_write_text(state, NEON_WRITE_COMMIT);
	query->shown = neon_write_text(state, NEON_WRITE_NOW);
	query->params = params;
	query->ncolumns = 1;
}

/*
 * Queues it.  It may become a turn of a loop, with others that are the same
 * statement with other values.
 */
static void
queue_again(NeonWriteState *state, const NeonQuery *base,
			Rehearsal *rehearsal, CommandId cid)
{
	NeonQuery	query;

	make_again(state, base, rehearsal, &query);
	if (!state->returns && state->form != NEON_COMMIT_VERSIONS)
		query.loop = neon_loop_sql(query.shown, base->nparams,
								   "another transaction has changed what this one changes");
	neon_transaction_queue(state->scan.user, &query, cid);
}

/*
 * Rows of a table whose triggers change them: pins what the statement does
 * not say, if there is a row of the table for each of its rows.  False if
 * not.
 */
static bool
queue_unnamed(NeonWriteState *state, const NeonQuery *base,
			  Rehearsal *rehearsal, CommandId cid)
{
	List	   *items = list_nth(state->private, NEON_WRITE_SOURCE);
	NeonPinSource source = {.nparams = base->nparams,.params = base->params};
	NeonQuery	query = {0};
	int64		nsource;

	if (items == NIL)
		return false;
	source.sql = strVal(linitial(items));
	source.named = strVal(lsecond(items));
	source.ncolumns = intVal(lfourth(items));
	nsource = intVal(list_nth(items, 4));
	if (nsource == 0)
		nsource = state->ngathered;
	if (rehearsal->ninserted != nsource)
		return false;
	neon_array_end(&rehearsal->inserted);
	neon_pin_unnamed(&query, neon_write_text(state, NEON_WRITE_TABLE),
					 &rehearsal->unnamed, &source, rehearsal->inserted.data,
					 nsource);
	query.shown = neon_write_text(state, NEON_WRITE_NOW);
	neon_transaction_queue(state->scan.user, &query, cid);
	return true;
}

static void
queue_rows(NeonWriteState *state, Rehearsal *rehearsal, CommandId cid)
{
	const char *table = neon_write_text(state, NEON_WRITE_TABLE);
	NeonQuery	query = {0};

	if (rehearsal->ninserted > 0)
	{
		neon_array_end(&rehearsal->inserted);
		neon_pin_insert(&query, table, &rehearsal->columns,
						rehearsal->inserted.data, rehearsal->ninserted,
						boolVal(list_nth(state->private, NEON_WRITE_SKIPS)));
		query.shown = neon_write_text(state, NEON_WRITE_NOW);
		neon_transaction_queue(state->scan.user, &query, cid);
	}
	if (rehearsal->nupdated > 0)
	{
		neon_array_end(&rehearsal->updated);
		neon_array_end(&rehearsal->versions);
		neon_pin_update(&query, table, &rehearsal->columns,
						neon_write_text(state, NEON_WRITE_KEYS),
						rehearsal->updated.data, rehearsal->versions.data,
						rehearsal->nupdated);
		/* a row that was written before must be so again before this */
		query.joinable = !rehearsal->has_own;
		query.shown = neon_write_text(state, NEON_WRITE_NOW);
		neon_transaction_queue(state->scan.user, &query, cid);
	}
}

/*
 * The rows of a remote view have no versions.  What is returned of them can
 * only be counted at the commit, if the statement does without.
 */
static void
rehearse_versions(NeonWriteState *state, const NeonQuery *query,
				  Rehearsal *rehearsal)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool is_view = false;

	PG_TRY();
	{
		rehearse(state, query, rehearsal);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		if (geterrcode() != ERRCODE_UNDEFINED_COLUMN)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		if (strstr(error->message, "ctid") == NULL)
			ReThrowError(error);
		is_view = true;
	}
	PG_END_TRY();
	if (!is_view)
		return;
	state->form = NEON_COMMIT_COUNT;
	rehearse(state, query, rehearsal);
}

/* Nothing needs to be committed of a statement that did nothing. */
int64
neon_write_later(NeonWriteState *state, const NeonQuery *query, CommandId cid)
{
	Rehearsal	rehearsal = {0};

	initStringInfo(&rehearsal.inserted);
	initStringInfo(&rehearsal.updated);
	initStringInfo(&rehearsal.versions);
	if (state->form == NEON_COMMIT_VERSIONS)
		rehearse_versions(state, query, &rehearsal);
	else
		rehearse(state, query, &rehearsal);
	if (rehearsal.unnamed.names != NULL &&
		queue_unnamed(state, query, &rehearsal, cid))
		return rehearsal.nrows;
	if (rehearsal.ninserted + rehearsal.nupdated > 0 &&
		rehearsal.columns.names[0] != '\0' &&
		(rehearsal.unnamed.names == NULL || state->returns))
		queue_rows(state, &rehearsal, cid);
	else if (rehearsal.nrows > 0)
		queue_again(state, query, &rehearsal, cid);
	return rehearsal.nrows;
}
