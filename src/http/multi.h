/*-------------------------------------------------------------------------
 *
 * http/multi.h
 *		libcurl multi handles that neon_wait() drives.
 *
 * None of these functions throws unless it says so.  All signals are blocked
 * while libcurl runs: it may start a thread (the resolver), and a thread
 * inherits the signal mask; PostgreSQL's handlers must run on its own thread
 * only.  A call that lasts lets them in at times (http/flood.h).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_MULTI_H
#define NEON_HTTP_MULTI_H

#include "compat/curl.h"

typedef struct NeonMulti NeonMulti;

/*
 * Called when a transfer is over, from inside neon_wait() or neon_multi_add();
 * must not throw.
 */
typedef void (*NeonMultiDone) (CURL *easy, CURLcode result);

/*
 * Allocates in the current memory context, throws when that fails.  Must be
 * destroyed before the context goes away, when no transfer is left in it.
 */
extern NeonMulti *neon_multi_create(void);
extern void neon_multi_destroy(NeonMulti *multi);

/*
 * No transfer will be added any more, because a connection may have gone bad
 * that libcurl would use again: destroyed with its last transfer, of which it
 * must have one.
 */
extern void neon_multi_retire(NeonMulti *multi);

/* Sets the options by which a handle's sockets come to be known here. */
extern CURLcode neon_multi_prepare(CURL *easy);

/*
 * Starts a transfer and takes it as far as it gets without waiting.  All
 * transfers of a multi handle have the same done.
 */
extern CURLMcode neon_multi_add(NeonMulti *multi, CURL *easy,
								NeonMultiDone done);

/* Takes out a transfer that was to be added, whether it was or not. */
extern void neon_multi_remove(NeonMulti *multi, CURL *easy);

/* Goes on with a transfer whose write callback had no room. */
extern void neon_multi_unpause(CURL *easy);

/* True when libcurl gave this handle up; transfers on it never end. */
extern bool neon_multi_dead(const NeonMulti *multi);

/*
 * For neon_wait(): tells libcurl of events (CURL_CSELECT_*) of a socket, and
 * runs the timers that have run out.  The second returns true if there were
 * any, and lowers the deadline to that of the next.  Both report the transfers
 * that are over then.
 */
extern void neon_multi_act(NeonMulti *multi, curl_socket_t fd, int what);
extern bool neon_multi_run_timers(int64 *deadline);

#endif							/* NEON_HTTP_MULTI_H */
