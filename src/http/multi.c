/*-------------------------------------------------------------------------
 *
 * http/multi.c
 *		libcurl multi handles that neon_wait() drives.
 *
 * libcurl tells which sockets and timers it wants watched.  Its callbacks only
 * record that: they run inside libcurl and must not throw.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <pthread.h>
#include <signal.h>

#include "lib/ilist.h"
#include "storage/latch.h"

#include "http/clock.h"
#include "http/flood.h"
#include "http/multi.h"
#include "http/socket.h"

/*
 * Idle connections kept per multi handle.  A backend reads from one server
 * with one request at a time, with a few when a statement scans several
 * tables; more than that would only hold file descriptors.
 */
#define MAX_KEPT_CONNECTIONS	8L

/*
 * When a transfer starts, over a kept connection what an earlier one had asked
 * for may still come first, some MB at most.
 */
#define START_MS	5000

struct NeonMulti
{
	dlist_node	node;			/* in multis */
	CURLM	   *handle;
	NeonMultiDone done;
	int64		timer;			/* when libcurl wants to be called */
	int			ntransfers;
	bool		retired;
	bool		dead;
};

static dlist_head multis = DLIST_STATIC_INIT(multis);

static void
block_signals(sigset_t *saved)
{
	sigset_t	all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, saved);
}

static void
restore_signals(const sigset_t *saved)
{
	pthread_sigmask(SIG_SETMASK, saved, NULL);
}

/* ---------- callbacks of libcurl ---------- */

/* What libcurl wants to know of a socket; -1 makes it give up the handle. */
static int
socket_callback(CURL *easy, curl_socket_t fd, int what, void *client,
				void *unused)
{
	NeonSocket *sock = neon_socket_find(fd);

	if (what == CURL_POLL_REMOVE)
	{
		if (sock == NULL)
			return 0;
		sock->multi = NULL;
		sock->events = 0;

		/*
		 * A socket that was not opened here, but by the resolver, may be
		 * closed unseen.
		 */
		if (!sock->counted)
			neon_socket_remove(sock);
		return 0;
	}
	if (sock == NULL && (sock = neon_socket_add(fd)) == NULL)
		return -1;
	sock->multi = (NeonMulti *) client;
	sock->events = ((what & CURL_POLL_IN) ? WL_SOCKET_READABLE : 0) |
		((what & CURL_POLL_OUT) ? WL_SOCKET_WRITEABLE : 0);
	return 0;
}

static int
timer_callback(CURLM *handle, long timeout, void *client)
{
	NeonMulti  *multi = (NeonMulti *) client;

	multi->timer = timeout < 0 ? NEON_NO_DEADLINE : neon_clock() + timeout;
	return 0;
}

/* ---------- multi handles ---------- */

NeonMulti *
neon_multi_create(void)
{
	NeonMulti  *multi = palloc0(sizeof(NeonMulti));
	CURLM	   *handle = curl_multi_init();

	/*
	 * A transfer gets a connection of its own.  Two that share an HTTP/2
	 * connection would wait for each other: one whose reader is slow stops
	 * the frames of the other, and this backend may want the other first.
	 */
	if (handle == NULL ||
		curl_multi_setopt(handle, CURLMOPT_PIPELINING,
						  (long) CURLPIPE_NOTHING) != CURLM_OK ||
		curl_multi_setopt(handle, CURLMOPT_MAXCONNECTS,
						  MAX_KEPT_CONNECTIONS) != CURLM_OK ||
		curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION,
						  socket_callback) != CURLM_OK ||
		curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, multi) != CURLM_OK ||
		curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION,
						  timer_callback) != CURLM_OK ||
		curl_multi_setopt(handle, CURLMOPT_TIMERDATA, multi) != CURLM_OK)
	{
		if (handle != NULL)
			curl_multi_cleanup(handle);
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("could not set up libcurl's multi interface")));
	}
	multi->handle = handle;
	multi->timer = NEON_NO_DEADLINE;
	dlist_push_tail(&multis, &multi->node);
	return multi;
}

/* Watches no socket and no timer of a multi handle any more. */
static void
forget_multi(NeonMulti *multi)
{
	multi->timer = NEON_NO_DEADLINE;
	for (int i = 0; i < neon_nsockets; i++)
	{
		if (neon_sockets[i].multi == multi)
		{
			neon_sockets[i].multi = NULL;
			neon_sockets[i].events = 0;
		}
	}
}

void
neon_multi_destroy(NeonMulti *multi)
{
	sigset_t	saved;

	block_signals(&saved);
	curl_multi_cleanup(multi->handle);
	restore_signals(&saved);
	dlist_delete(&multi->node);
	neon_socket_forget_closed();
	forget_multi(multi);
	pfree(multi);
}

void
neon_multi_retire(NeonMulti *multi)
{
	Assert(multi->ntransfers > 0);
	multi->retired = true;
}

CURLcode
neon_multi_prepare(CURL *easy)
{
	CURLcode	rc;

	rc = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, neon_socket_open);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION,
							  neon_socket_close);
	return rc;
}

bool
neon_multi_dead(const NeonMulti *multi)
{
	return multi->dead;
}

void
neon_multi_act(NeonMulti *multi, curl_socket_t fd, int what)
{
	sigset_t	saved;
	CURLMsg    *msg;
	int			unused;

	block_signals(&saved);
	neon_flood_begin();
	if (curl_multi_socket_action(multi->handle, fd, what,
								 &unused) != CURLM_OK)
	{
		multi->dead = true;
		forget_multi(multi);
	}
	neon_flood_end();
	restore_signals(&saved);
	while ((msg = curl_multi_info_read(multi->handle, &unused)) != NULL)
	{
		if (msg->msg == CURLMSG_DONE)
			multi->done(msg->easy_handle, msg->data.result);
	}
}

/*
 * Runs the timer of a multi handle if it has run out; returns whether it had.
 */
static bool
multi_run_timer(NeonMulti *multi)
{
	if (multi->timer > neon_clock())
		return false;
	multi->timer = NEON_NO_DEADLINE;
	neon_multi_act(multi, CURL_SOCKET_TIMEOUT, 0);
	return true;
}

CURLMcode
neon_multi_add(NeonMulti *multi, CURL *easy, NeonMultiDone done)
{
	sigset_t	saved;
	CURLMcode	rc;

	multi->done = done;
	multi->ntransfers++;
	block_signals(&saved);
	rc = curl_multi_add_handle(multi->handle, easy);
	restore_signals(&saved);
	if (rc == CURLM_OK)
	{
		neon_flood_limit(neon_clock() + START_MS);
		multi_run_timer(multi);
	}
	return rc;
}

void
neon_multi_remove(NeonMulti *multi, CURL *easy)
{
	sigset_t	saved;

	block_signals(&saved);
	curl_multi_remove_handle(multi->handle, easy);
	restore_signals(&saved);
	neon_socket_forget_closed();
	if (--multi->ntransfers == 0 && multi->retired)
		neon_multi_destroy(multi);
}

void
neon_multi_unpause(CURL *easy)
{
	sigset_t	saved;

	block_signals(&saved);
	/* an error shows up as the transfer's own when it goes on */
	curl_easy_pause(easy, CURLPAUSE_CONT);
	restore_signals(&saved);
}

bool
neon_multi_run_timers(int64 *deadline)
{
	dlist_iter	iter;
	bool		ran = false;

	dlist_foreach(iter, &multis)
	{
		NeonMulti  *multi = dlist_container(NeonMulti, node, iter.cur);

		if (multi_run_timer(multi))
			ran = true;
		*deadline = Min(*deadline, multi->timer);
	}
	return ran;
}
