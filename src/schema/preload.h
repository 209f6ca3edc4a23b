/*-------------------------------------------------------------------------
 *
 * schema/preload.h
 *		Loading the library before the first statement of a session.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_PRELOAD_H
#define NEON_SCHEMA_PRELOAD_H

/*
 * If sessions of this database do not load the library when they begin: has
 * the database set so if "set" (throws if the current user may not), or
 * else says in a notice how that is done.
 */
extern void neon_preload(bool set);

#endif							/* NEON_SCHEMA_PRELOAD_H */
