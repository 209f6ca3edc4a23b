/*-------------------------------------------------------------------------
 *
 * stats/file.c
 *		Totals are kept in a file while the server is down.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <unistd.h>

#include "pgstat.h"
#include "storage/fd.h"

#include "stats/file.h"
#include "stats/totals.h"

#define FILE_NAME	PGSTAT_STAT_PERMANENT_DIRECTORY "/neon_http_fdw.stat"

/* To be changed whenever the meaning of what follows the header is. */
#define FILE_FORMAT	0x4e480002

typedef struct Header
{
	uint32		format;
	uint32		row_size;
	uint32		nrows;
	NeonTotalsInfo info;
} Header;

static bool
write_rows(FILE *file)
{
	List	   *rows = neon_totals_list(false);
	ListCell   *lc;
	Header		header;

	memset(&header, 0, sizeof(header));
	header.format = FILE_FORMAT;
	header.row_size = sizeof(NeonTotalsRow);
	header.nrows = list_length(rows);
	header.info = neon_totals_info();
	if (fwrite(&header, sizeof(header), 1, file) != 1)
		return false;
	foreach(lc, rows)
	{
		if (fwrite(lfirst(lc), sizeof(NeonTotalsRow), 1, file) != 1)
			return false;
	}
	return true;
}

void
neon_stats_save(void)
{
	FILE	   *file = AllocateFile(FILE_NAME ".tmp", PG_BINARY_W);
	bool		written = file != NULL && write_rows(file);

	if (file != NULL && FreeFile(file) != 0)
		written = false;
	if (written)
	{
		(void) durable_rename(FILE_NAME ".tmp", FILE_NAME, LOG);
		return;
	}
	ereport(LOG,
			(errcode_for_file_access(),
			 errmsg("could not write file \"%s\": %m", FILE_NAME ".tmp")));
	unlink(FILE_NAME ".tmp");
}

/* Returns false if the file is not as neon_stats_save() writes it. */
static bool
read_rows(FILE *file)
{
	Header		header;
	NeonTotalsRow row;

	if (fread(&header, sizeof(header), 1, file) != 1 ||
		header.format != FILE_FORMAT ||
		header.row_size != sizeof(NeonTotalsRow))
		return false;
	neon_totals_restore_info(&header.info);
	for (uint32 i = 0; i < header.nrows; i++)
	{
		if (fread(&row, sizeof(row), 1, file) != 1)
			return false;
		row.server_name[NAMEDATALEN - 1] = '\0';
		neon_totals_restore(&row);
	}
	return true;
}

void
neon_stats_load(void)
{
	FILE	   *file = AllocateFile(FILE_NAME, PG_BINARY_R);

	if (file == NULL)
	{
		if (errno != ENOENT)
			ereport(LOG,
					(errcode_for_file_access(),
					 errmsg("could not read file \"%s\": %m", FILE_NAME)));
		return;
	}
	if (!read_rows(file))
		ereport(LOG,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("ignoring invalid data in file \"%s\"", FILE_NAME)));
	FreeFile(file);
	unlink(FILE_NAME);
}
