/*-------------------------------------------------------------------------
 *
 * deparse/local_setting.c
 *		Settings of this session that hold while something is printed or read.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "deparse/local_setting.h"

void
neon_local_setting(int *level, const char *name, const char *value)
{
	if (*level == NEON_NOTHING_SET)
		*level = NewGUCNestLevel();
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* Not by locale_monetary: its header needs ICU's, which may be missing. */
void
neon_local_setting_money(int *level)
{
	if (strcmp(GetConfigOption("lc_monetary", false, false), "C") != 0)
		neon_local_setting(level, "lc_monetary", "C");
}
