/*-------------------------------------------------------------------------
 *
 * schema/attempt.h
 *		Something that may fail without ending the transaction.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_ATTEMPT_H
#define NEON_SCHEMA_ATTEMPT_H

/* Can the caller do without what was attempted, given this error? */
typedef bool (*NeonExpectedError) (const ErrorData *error);

/*
 * Calls the action in a subtransaction.  If it fails with an error that is
 * expected, everything that it did is rolled back and the error is returned,
 * allocated in the current memory context.  Other errors are thrown.  NULL
 * means that the action has succeeded.
 */
extern ErrorData *neon_attempt(void (*action) (void *arg), void *arg,
							   NeonExpectedError is_expected);

/* The same for a utility command (see schema/run_command.h). */
extern ErrorData *neon_attempt_command(const char *command,
									   NeonExpectedError is_expected);

#endif							/* NEON_SCHEMA_ATTEMPT_H */
