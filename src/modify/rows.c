/*-------------------------------------------------------------------------
 *
 * modify/rows.c
 *		Rows to be written, kept in columns.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "deparse/local_setting.h"
#include "deparse/params.h"
#include "modify/rows.h"
#include "remote/array_text.h"
#include "scan/input_mode.h"

int
neon_shape_values(List *shape)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, shape)
		n += lfirst_int(lc) > 0;
	return n;
}

void
neon_rows_init(NeonRows *rows, List *shape, int extra)
{
	rows->shape = list_copy(shape);
	rows->ncolumns = neon_shape_values(shape) + extra;
	rows->columns = palloc(sizeof(StringInfoData) * Max(rows->ncolumns, 1));
	for (int i = 0; i < rows->ncolumns; i++)
		initStringInfo(&rows->columns[i]);
	rows->count = 0;
}

void
neon_rows_params(NeonRows *rows, NeonQuery *query, bool with_count)
{
	const char **params = palloc((rows->ncolumns + 1) * sizeof(char *));
	int			n = 0;

	for (int i = 0; i < rows->ncolumns; i++)
	{
		neon_array_end(&rows->columns[i]);
		params[n++] = rows->columns[i].data;
	}
	if (with_count || n == 0)
		params[n++] = psprintf(INT64_FORMAT, rows->count);
	query->nparams = n;
	query->params = params;
	query->nrows = rows->count;
}

void
neon_rows_reopen(NeonRows *rows)
{
	for (int i = 0; i < rows->ncolumns; i++)
		rows->columns[i].data[--rows->columns[i].len] = '\0';
}

void
neon_rows_append(NeonRows *rows, const NeonRows *more)
{
	for (int i = 0; i < rows->ncolumns; i++)
	{
		StringInfo	column = &rows->columns[i];

		if (more->columns[i].len == 0)
			continue;
		appendStringInfoChar(column, column->len == 0 ? '{' : ',');
		appendBinaryStringInfo(column, more->columns[i].data + 1,
							   more->columns[i].len - 1);
	}
	rows->count += more->count;
}

size_t
neon_rows_size(const NeonRows *rows)
{
	size_t		size = 0;

	for (int i = 0; i < rows->ncolumns; i++)
		size += rows->columns[i].len;
	return size;
}

/* Length of the first n elements of an array, the brace before included. */
static int
prefix_length(const char *array, int64 n)
{
	const char *p = array;

	for (; n > 0; n--)
	{
		p++;					/* brace or comma */
		if (*p != '"')
		{
			p += strlen("NULL");
			continue;
		}
		for (p++; *p != '"'; p++)
		{
			if (*p == '\\')
				p++;
		}
		p++;
	}
	return p - array;
}

void
neon_rows_split(NeonRows *rows, int64 n, NeonRows *first)
{
	neon_rows_init(first, rows->shape,
				   rows->ncolumns - neon_shape_values(rows->shape));
	first->count = n;
	rows->count -= n;
	for (int i = 0; i < rows->ncolumns; i++)
	{
		StringInfo	column = &rows->columns[i];
		int			len = prefix_length(column->data, n);

		appendBinaryStringInfo(&first->columns[i], column->data, len);
		/* the comma behind them becomes the brace of the others */
		column->len -= len;
		memmove(column->data, column->data + len, column->len + 1);
		if (column->len > 0)
			column->data[0] = '{';
	}
}

/* ---------- printing ---------- */

struct NeonRowPrinter
{
	TupleDesc	desc;
	FmgrInfo   *output;			/* by column; looked up on first use */
	NeonInputMode mode;			/* what is among the values */
	MemoryContext context;		/* of all this */
	MemoryContext values;		/* of what is printed */
	MemoryContext caller;
	int			level;
};

NeonRowPrinter *
neon_row_printer(TupleDesc desc)
{
	NeonRowPrinter *printer = palloc0(sizeof(NeonRowPrinter));

	printer->desc = desc;
	printer->output = palloc0(sizeof(FmgrInfo) * Max(desc->natts, 1));
	printer->context = CurrentMemoryContext;
	printer->values = AllocSetContextCreate(CurrentMemoryContext,
											"neon_http_fdw printed row",
											ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i)->attisdropped)
			neon_input_mode_add(&printer->mode, TupleDescAttr(desc, i)->atttypid);
	}
	return printer;
}

void
neon_row_print_begin(NeonRowPrinter *printer)
{
	MemoryContextReset(printer->values);
	printer->caller = MemoryContextSwitchTo(printer->values);
	/* the remote looks names up in pg_catalog alone */
	printer->level = neon_set_transmission_modes(printer->mode.money,
												 printer->mode.names);
}

char *
neon_row_print(NeonRowPrinter *printer, AttrNumber attnum, Datum value,
			   bool isnull)
{
	FmgrInfo   *output = &printer->output[attnum - 1];

	if (isnull)
		return NULL;
	if (!OidIsValid(output->fn_oid))
	{
		Oid			function;
		bool		isvarlena;

		getTypeOutputInfo(TupleDescAttr(printer->desc, attnum - 1)->atttypid,
						  &function, &isvarlena);
		fmgr_info_cxt(function, output, printer->context);
	}
	return OutputFunctionCall(output, value);
}

void
neon_row_print_end(NeonRowPrinter *printer)
{
	neon_local_settings_end(printer->level);
	MemoryContextSwitchTo(printer->caller);
}

void
neon_rows_append_slot(NeonRows *rows, NeonRowPrinter *printer,
					  TupleTableSlot *slot)
{
	int			n = 0;
	ListCell   *lc;

	slot_getallattrs(slot);
	foreach(lc, rows->shape)
	{
		int			attnum = lfirst_int(lc);

		if (attnum < 0)
			continue;
		neon_array_append(&rows->columns[n++],
						  neon_row_print(printer, attnum,
										 slot->tts_values[attnum - 1],
										 slot->tts_isnull[attnum - 1]));
	}
}
