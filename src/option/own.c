/*-------------------------------------------------------------------------
 *
 * option/own.c
 *		Which foreign tables, servers and wrappers are this extension's?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/lsyscache.h"

#include "option/own.h"

/*
 * NULL until the handler has run, before which nobody can have a table of its
 * callbacks.
 */
static GetForeignRelSize_function own_callback = NULL;

void
neon_own_callback(GetForeignRelSize_function callback)
{
	own_callback = callback;
}

bool
neon_is_own_routine(const FdwRoutine *routine)
{
	return own_callback != NULL && routine->GetForeignRelSize == own_callback;
}

bool
neon_is_own_table(Oid relid)
{
	return neon_is_own_routine(GetFdwRoutineByRelId(relid));
}

/*
 * A server is ours if the handler of its wrapper is: the name of the wrapper
 * can be changed.
 */
bool
neon_is_own_server(const ForeignServer *server)
{
	ForeignDataWrapper *fdw = GetForeignDataWrapper(server->fdwid);
	char	   *name;

	if (!OidIsValid(fdw->fdwhandler))
		return false;
	name = get_func_name(fdw->fdwhandler);
	return name != NULL && strcmp(name, "neon_http_fdw_handler") == 0;
}
