/*-------------------------------------------------------------------------
 *
 * deparse/versions.c
 *		Are statements that can mean no other rows printed with versions, too?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"

#include "deparse/versions.h"

/* Sessions that never are above READ COMMITTED do not pay for it. */
static bool wanted = false;

bool
neon_versions_wanted(void)
{
	return wanted || IsolationUsesXactSnapshot();
}

bool
neon_want_versions(void)
{
	if (wanted || !IsolationUsesXactSnapshot())
		return false;
	wanted = true;
	return true;
}
