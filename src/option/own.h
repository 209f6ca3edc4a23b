/*-------------------------------------------------------------------------
 *
 * option/own.h
 *		Which foreign tables, servers and wrappers are this extension's?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_OWN_H
#define NEON_OPTION_OWN_H

#include "foreign/fdwapi.h"
#include "foreign/foreign.h"

/* Is this the table of callbacks that our handler returns? */
extern bool neon_is_own_routine(const FdwRoutine *routine);

/* Is this foreign table one of ours? */
extern bool neon_is_own_table(Oid relid);

/* Is it a server of this foreign-data wrapper? */
extern bool neon_is_own_server(const ForeignServer *server);

/* The handler names one of its callbacks, by which its tables are known. */
extern void neon_own_callback(GetForeignRelSize_function callback);

#endif							/* NEON_OPTION_OWN_H */
