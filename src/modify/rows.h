/*-------------------------------------------------------------------------
 *
 * modify/rows.h
 *		Rows to be written, kept in columns.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_ROWS_H
#define NEON_MODIFY_ROWS_H

#include "executor/tuptable.h"
#include "lib/stringinfo.h"

#include "json/request.h"

/*
 * Which columns of a table a row has, as an integer List.  A negative number
 * is that of a column which becomes DEFAULT: it has no values.
 */
extern int	neon_shape_values(List *shape);

/* Each column is the text of an array of texts (see remote/array_text.h). */
typedef struct NeonRows
{
	List	   *shape;			/* of the rows; its values come first */
	int			ncolumns;
	StringInfoData *columns;
	int64		count;			/* of rows */
} NeonRows;

/* In the current memory context; extra columns follow those of shape. */
extern void neon_rows_init(NeonRows *rows, List *shape, int extra);

/*
 * Fills in the parameters of a query: the columns, and with_count the number
 * of rows behind them.  If there are no columns, the number is in their
 * place.  After neon_rows_reopen() more rows can be added.
 */
extern void neon_rows_params(NeonRows *rows, NeonQuery *query,
							 bool with_count);
extern void neon_rows_reopen(NeonRows *rows);

/* Moves the first n rows to rows of their own. */
extern void neon_rows_split(NeonRows *rows, int64 n, NeonRows *first);

/* Appends copies of rows that have the same columns. */
extern void neon_rows_append(NeonRows *rows, const NeonRows *more);

/* Bytes of text. */
extern size_t neon_rows_size(const NeonRows *rows);

/* Prints values as the remote reads them. */
typedef struct NeonRowPrinter NeonRowPrinter;

extern NeonRowPrinter *neon_row_printer(TupleDesc desc);

/*
 * Begins and ends the printing of values: other settings hold meanwhile.
 * What is printed stays until the next row begins.
 */
extern void neon_row_print_begin(NeonRowPrinter *printer);
extern char *neon_row_print(NeonRowPrinter *printer, AttrNumber attnum,
							Datum value, bool isnull);
extern void neon_row_print_end(NeonRowPrinter *printer);

/* Appends the columns of rows->shape, from the first column on. */
extern void neon_rows_append_slot(NeonRows *rows, NeonRowPrinter *printer,
								  TupleTableSlot *slot);

#endif							/* NEON_MODIFY_ROWS_H */
