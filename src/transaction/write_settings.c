/*-------------------------------------------------------------------------
 *
 * transaction/write_settings.c
 *		Session parameters: when is the outcome of a write asked for?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/guc.h"

#include "transaction/write_settings.h"

enum
{
	ROW_COUNTS_EXACT,
	ROW_COUNTS_ASSUMED
};

enum
{
	ERRORS_STATEMENT,
	ERRORS_COMMIT
};

static const struct config_enum_entry row_counts_options[] = {
	{"exact", ROW_COUNTS_EXACT, false},
	{"assumed", ROW_COUNTS_ASSUMED, false},
	{NULL, 0, false}
};

static const struct config_enum_entry errors_options[] = {
	{"statement", ERRORS_STATEMENT, false},
	{"commit", ERRORS_COMMIT, false},
	{NULL, 0, false}
};

static int	pipeline_row_counts = ROW_COUNTS_EXACT;
static int	write_errors = ERRORS_STATEMENT;
static bool counts_here = true;

void
neon_write_settings_init(void)
{
	DefineCustomEnumVariable("neon_http_fdw.pipeline_row_counts",
							 "Row counts of UPDATE and DELETE by key within a pipeline: asked for, or assumed until its end.",
							 NULL,
							 &pipeline_row_counts,
							 ROW_COUNTS_EXACT,
							 row_counts_options,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);
	DefineCustomEnumVariable("neon_http_fdw.write_errors",
							 "Errors of writes whose row count is known here: raised by the statement, or by the commit.",
							 NULL,
							 &write_errors,
							 ERRORS_STATEMENT,
							 errors_options,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);
}

bool
neon_assumes_row_counts(void)
{
	return pipeline_row_counts == ROW_COUNTS_ASSUMED && counts_here;
}

bool
neon_errors_at_commit(void)
{
	return write_errors == ERRORS_COMMIT;
}

bool
neon_counts_here(void)
{
	return counts_here;
}

void
neon_count_remotely(void)
{
	counts_here = false;
}
