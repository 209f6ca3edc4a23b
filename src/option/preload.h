/*-------------------------------------------------------------------------
 *
 * option/preload.h
 *		Loading the library before the first statement of a session.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_PRELOAD_H
#define NEON_OPTION_PRELOAD_H

/*
 * The command that has sessions of this database load the library when they
 * begin; NULL if they do.
 */
extern char *neon_preload_command(void);

/*
 * Shows it in a notice, unless they do: once in a session, and again when it
 * has become another one.
 */
extern void neon_preload_tell(void);

#endif							/* NEON_OPTION_PRELOAD_H */
