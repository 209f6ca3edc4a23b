/*-------------------------------------------------------------------------
 *
 * remote/row_text.c
 *		Cells of a reply as text of this server.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "remote/row_text.h"

char *
neon_row_text(const NeonRow *row, int i)
{
	char	   *text = row->values[i];

	if (text != NULL && !row->ascii && GetDatabaseEncoding() != PG_UTF8)
		text = pg_any_to_server(text, row->lengths[i], PG_UTF8);
	return text;
}

char *
neon_row_not_null(const NeonRow *row, int i)
{
	if (row->values[i] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("remote catalog has an unexpected null value"),
				 errdetail("The null is in column %d of %d.",
						   i + 1, row->ncolumns)));
	return row->values[i];
}
