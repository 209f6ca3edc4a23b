/*-------------------------------------------------------------------------
 *
 * remote/application_name.h
 *		What this session is called on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_APPLICATION_NAME_H
#define NEON_REMOTE_APPLICATION_NAME_H

/* Defines neon_http_fdw.application_name.  Called when the library loads. */
extern void neon_application_name_init(void);

/*
 * The remote's application_name, given the server's option (may be NULL),
 * with its escapes replaced; printable ASCII.  Allocated in the current
 * memory context.
 */
extern char *neon_application_name(const char *option);

#endif							/* NEON_REMOTE_APPLICATION_NAME_H */
