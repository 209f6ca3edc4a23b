/*-------------------------------------------------------------------------
 *
 * schema/run_command.h
 *		Commands that this extension runs in the local database.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_RUN_COMMAND_H
#define NEON_SCHEMA_RUN_COMMAND_H

/* Runs one utility command, as the current user and in this transaction. */
extern void neon_run_command(const char *command);

#endif							/* NEON_SCHEMA_RUN_COMMAND_H */
