/*-------------------------------------------------------------------------
 *
 * compat/client.h
 *		What PostgreSQL has already received from this backend's client.
 *
 * libpq/libpq.h declares these functions, but it needs the headers of GSSAPI
 * in a server that was built with it, which the packages with PostgreSQL's
 * headers do not bring.  So they are declared here as they are there.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_COMPAT_CLIENT_H
#define NEON_COMPAT_CLIENT_H

#include "storage/latch.h"

/* The wait event set of the client's socket, and the socket's place in it. */
extern PGDLLIMPORT WaitEventSet *FeBeWaitSet;
#ifndef FeBeWaitSetSocketPos
#define FeBeWaitSetSocketPos 0
#endif

extern void pq_startmsgread(void);
extern void pq_endmsgread(void);
extern bool pq_is_reading_msg(void);
extern int	pq_peekbyte(void);

#if PG_VERSION_NUM >= 170000
extern ssize_t pq_buffer_remaining_data(void);
#else
extern bool pq_buffer_has_data(void);
#endif

/* Is there a byte of the next message that need not be waited for? */
static inline bool
neon_client_has_data(void)
{
#if PG_VERSION_NUM >= 170000
	return pq_buffer_remaining_data() > 0;
#else
	return pq_buffer_has_data();
#endif
}

#endif							/* NEON_COMPAT_CLIENT_H */
