/*-------------------------------------------------------------------------
 *
 * schema/attempt.c
 *		Something that may fail without ending the transaction.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "schema/attempt.h"
#include "schema/run_command.h"

ErrorData *
neon_attempt(void (*action) (void *arg), void *arg,
			 NeonExpectedError is_expected)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		action(arg);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (!is_expected(error))
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_END_TRY();
	return error;
}

static void
run_command(void *command)
{
	neon_run_command(command);
}

ErrorData *
neon_attempt_command(const char *command, NeonExpectedError is_expected)
{
	return neon_attempt(run_command, unconstify(char *, command), is_expected);
}
