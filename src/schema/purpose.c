/*-------------------------------------------------------------------------
 *
 * schema/purpose.c
 *		Requests that no user has written say what they are for.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "schema/purpose.h"

static void
add_context(void *arg)
{
	errcontext("%s", ((NeonPurpose *) arg)->text);
}

void
neon_purpose_begin(NeonPurpose *purpose, const char *text, NeonQuery *queries,
				   int nqueries)
{
	purpose->text = text;
	purpose->context.callback = add_context;
	purpose->context.arg = purpose;
	purpose->context.previous = error_context_stack;
	error_context_stack = &purpose->context;
	for (int i = 0; i < nqueries; i++)
	{
		ereport(DEBUG1,
				(errmsg_internal("remote SQL command: %s", queries[i].sql)));
		queries[i].shown = "";
	}
}

void
neon_purpose_end(NeonPurpose *purpose)
{
	error_context_stack = purpose->context.previous;
}
