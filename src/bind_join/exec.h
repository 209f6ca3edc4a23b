/*-------------------------------------------------------------------------
 *
 * bind_join/exec.h
 *		Execution of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_EXEC_H
#define NEON_BIND_JOIN_EXEC_H

#include "nodes/extensible.h"

extern const CustomScanMethods neon_bind_scan_methods;

/* Registers the plan node. */
extern void neon_bind_exec_init(void);

#endif							/* NEON_BIND_JOIN_EXEC_H */
