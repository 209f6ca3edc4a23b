/*-------------------------------------------------------------------------
 *
 * schema/run_command.c
 *		Commands that this extension runs in the local database.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "parser/parser.h"

#include "schema/run_command.h"

void
neon_run_command(const char *command)
{
	int			result;

	/* some commands quote what the remote says: check that it stays quoted */
	if (list_length(raw_parser(command, RAW_PARSE_DEFAULT)) != 1)
		elog(ERROR, "a command is not one statement");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	result = SPI_execute(command, false, 0);
	if (result != SPI_OK_UTILITY)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
	SPI_finish();
}
