/*-------------------------------------------------------------------------
 *
 * scan/row.c
 *		Text cells of a reply to Datums.
 *
 * Every value arrives in its type's text form, printed under the settings
 * of the guard, and goes through the type's input function, under settings
 * of the session that fit; those of common types mostly go a shorter way.
 * An error there is the user's to understand: the context names column and
 * table.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/heap.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "mb/pg_wchar.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "deparse/local_setting.h"
#include "option/remote_columns.h"
#include "scan/input_mode.h"
#include "scan/quick_input.h"
#include "scan/row.h"

/* How one cell becomes a Datum. */
typedef struct CellFormat
{
	AttrNumber	attnum;
	NeonQuickInput quick;
	FmgrInfo	input;
	Oid			ioparam;
	int32		typmod;
	bool		nullable_input; /* input function must see nulls (domains) */
	const char *column;			/* names for error contexts */
	const char *relname;		/* NULL: computed by a query */
} CellFormat;

struct NeonRowFormat
{
	TupleDesc	desc;
	int			ncells;
	CellFormat *cells;
	bool		has_header;		/* system columns, which need a tuple */
	NeonInputMode mode;
	int			current;		/* cell being converted, for error contexts */
};

/* System columns that a row may bring, as they stand in a tuple's header. */
typedef struct RowHeader
{
	ItemPointerData ctid;
	TransactionId xmin;
	CommandId	tableoid;		/* the remote's, see NEON_TABLEOID_ATTRIBUTE */
} RowHeader;

static Oid
system_column_type(AttrNumber attnum)
{
	switch (attnum)
	{
		case SelfItemPointerAttributeNumber:
			return TIDOID;
		case MinTransactionIdAttributeNumber:
			return XIDOID;
		case NEON_TABLEOID_ATTRIBUTE:
			return CIDOID;
	}
	elog(ERROR, "system column %d cannot be fetched", attnum);
}

static void
init_cell(NeonRowFormat *format, CellFormat *cell, AttrNumber attnum)
{
	Form_pg_attribute attr;
	Oid			function;

	cell->attnum = attnum;
	if (attnum < 0)
	{
		format->has_header = true;
		getTypeInputInfo(system_column_type(attnum), &function,
						 &cell->ioparam);
		cell->typmod = -1;
		cell->column = NameStr(SystemAttributeDefinition(attnum)->attname);
	}
	else
	{
		attr = TupleDescAttr(format->desc, attnum - 1);
		getTypeInputInfo(attr->atttypid, &function, &cell->ioparam);
		cell->typmod = attr->atttypmod;
		cell->column = NameStr(attr->attname);
		cell->quick = neon_quick_input_kind(attr->atttypid, attr->atttypmod);
		if (cell->quick == NEON_QUICK_NONE)
			neon_input_mode_add(&format->mode, attr->atttypid);
	}
	fmgr_info(function, &cell->input);
	cell->nullable_input = !cell->input.fn_strict;
}

/*
 * The column of a foreign table that a query's result just passes on.  Names
 * are looked up beforehand: an error context must not.
 */
static void
set_origin(NeonRowFormat *format, CellFormat *cell, TargetEntry *tle)
{
	if (!OidIsValid(tle->resorigtbl) ||
		get_rel_relkind(tle->resorigtbl) != RELKIND_FOREIGN_TABLE)
		return;
	cell->relname = get_rel_name(tle->resorigtbl);
	if (tle->resorigcol != InvalidAttrNumber)
	{
		cell->column = get_attname(tle->resorigtbl, tle->resorigcol, false);
		return;
	}

	/* The old row of an UPDATE has type record, which has no input. */
	cell->column = "(all)";
	if (exprType((Node *) tle->expr) == RECORDOID)
	{
		cell->ioparam = get_rel_type_id(tle->resorigtbl);
		neon_input_mode_add(&format->mode, cell->ioparam);
	}
}

NeonRowFormat *
neon_row_format(TupleDesc desc, List *attnums, const char *relname,
				List *targets)
{
	NeonRowFormat *format = palloc0(sizeof(NeonRowFormat));
	int			i = 0;
	ListCell   *lc;

	format->desc = desc;
	format->ncells = list_length(attnums);
	format->cells = palloc0(sizeof(CellFormat) * Max(format->ncells, 1));
	foreach(lc, attnums)
	{
		CellFormat *cell = &format->cells[i++];

		init_cell(format, cell, lfirst_int(lc));
		cell->relname = relname;
		if (targets != NIL)
		{
			/* an outer join makes nulls of any type, and may do so */
			cell->nullable_input = false;
			set_origin(format, cell,
					   list_nth_node(TargetEntry, targets, cell->attnum - 1));
		}
	}
	return format;
}

static void
conversion_error_callback(void *arg)
{
	NeonRowFormat *format = arg;
	CellFormat *cell = &format->cells[format->current];

	if (cell->relname != NULL)
		errcontext("column \"%s\" of foreign table \"%s\"",
				   cell->column, cell->relname);
	else
		errcontext("column \"%s\" of the remote query's result",
				   cell->column);
}

static void
set_header(RowHeader *header, AttrNumber attnum, Datum value)
{
	if (attnum == SelfItemPointerAttributeNumber)
		header->ctid = *(ItemPointer) DatumGetPointer(value);
	else if (attnum == MinTransactionIdAttributeNumber)
		header->xmin = DatumGetTransactionId(value);
	else
		header->tableoid = DatumGetCommandId(value);
}

static void
convert_cells(NeonRowFormat *format, const NeonRow *row, Datum *values,
			  bool *nulls, RowHeader *header)
{
	bool		convert = !row->ascii &&
		GetDatabaseEncoding() != PG_UTF8;
	int			i;

	for (i = 0; i < format->ncells; i++)
	{
		CellFormat *cell = &format->cells[i];
		char	   *text = row->values[i];
		Datum		value = (Datum) 0;

		format->current = i;
		if (text != NULL && convert)
			text = pg_any_to_server(text, row->lengths[i], PG_UTF8);
		if (text != NULL && !convert && cell->quick != NEON_QUICK_NONE &&
			neon_quick_input(cell->quick, cell->typmod, text,
							 row->lengths[i], &value))
			 /* done */ ;
		else if (text != NULL || cell->nullable_input)
			value = InputFunctionCall(&cell->input, text, cell->ioparam,
									  cell->typmod);
		if (cell->attnum < 0)
		{
			if (text != NULL)
				set_header(header, cell->attnum, value);
			continue;
		}
		values[cell->attnum - 1] = value;
		nulls[cell->attnum - 1] = (text == NULL);
	}
}

/* A system column needs a tuple to stand in. */
static void
store_tuple(NeonRowFormat *format, RowHeader *header, TupleTableSlot *slot)
{
	HeapTuple	tuple = heap_form_tuple(format->desc, slot->tts_values,
										slot->tts_isnull);

	tuple->t_self = header->ctid;
	tuple->t_data->t_ctid = header->ctid;
	/* all of them, or they show what else this space is used for */
	HeapTupleHeaderSetXmin(tuple->t_data, header->xmin);
	HeapTupleHeaderSetXmax(tuple->t_data, InvalidTransactionId);
	HeapTupleHeaderSetCmin(tuple->t_data, header->tableoid);
	ExecForceStoreHeapTuple(tuple, slot, false);
}

void
neon_row_store(NeonRowFormat *format, const NeonRow *row, TupleTableSlot *slot)
{
	ErrorContextCallback context;
	RowHeader	header = {.xmin = InvalidTransactionId,.tableoid = FirstCommandId};
	int			level;

	ExecClearTuple(slot);
	ItemPointerSetInvalid(&header.ctid);
	memset(slot->tts_values, 0, sizeof(Datum) * format->desc->natts);
	memset(slot->tts_isnull, true, sizeof(bool) * format->desc->natts);

	context.callback = conversion_error_callback;
	context.arg = format;
	context.previous = error_context_stack;
	error_context_stack = &context;
	level = neon_input_mode_set(&format->mode);
	convert_cells(format, row, slot->tts_values, slot->tts_isnull, &header);
	neon_local_settings_end(level);
	error_context_stack = context.previous;

	if (format->has_header)
		store_tuple(format, &header, slot);
	else
		ExecStoreVirtualTuple(slot);
}
