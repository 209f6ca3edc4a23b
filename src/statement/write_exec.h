/*-------------------------------------------------------------------------
 *
 * statement/write_exec.h
 *		Execution of a whole INSERT, UPDATE or DELETE.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_EXEC_H
#define NEON_STATEMENT_WRITE_EXEC_H

#include "nodes/extensible.h"

extern Node *neon_write_create_state(CustomScan *plan);

extern const CustomExecMethods neon_write_exec_methods;

#endif							/* NEON_STATEMENT_WRITE_EXEC_H */
