/*-------------------------------------------------------------------------
 *
 * http/wait.c
 *		Drives libcurl's multi handles by the process latch.
 *
 * libcurl tells which sockets and timers it wants watched; one long-lived
 * WaitEventSet watches them together with the latch, so that Ctrl-C,
 * statement_timeout and termination act whatever the transfer is doing.
 * Callbacks of libcurl only record what it wants: they run inside libcurl
 * and must not throw.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <pthread.h>
#include <signal.h>

#include "lib/ilist.h"
#include "miscadmin.h"

#include "compat/compat.h"
#include "http/multi.h"
#include "http/socket.h"
#include "http/wait.h"

/*
 * Idle connections kept per multi handle.  A backend reads from one server
 * with one request at a time, with a few when a statement scans several
 * tables; more than that would only hold file descriptors.
 */
#define MAX_KEPT_CONNECTIONS	8L

struct NeonMulti
{
	dlist_node	node;			/* in multis */
	CURLM	   *handle;
	NeonMultiDone done;
	int64		timer;			/* when libcurl wants to be called */
	bool		dead;
};

static dlist_head multis = DLIST_STATIC_INIT(multis);

/* Valid only if built to the end: building it may throw. */
static WaitEventSet *event_set = NULL;
static bool event_set_valid = false;
static int	event_set_used = 0; /* sockets in it, closed ones too */
static Latch *event_set_latch = NULL;

/* Latch and postmaster death stand before the sockets. */
#define NUM_FIXED_EVENTS	2
#define MAX_EVENTS_AT_ONCE	16

int64
neon_clock(void)
{
	static instr_time start;
	static bool started = false;
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	if (!started)
	{
		start = now;
		started = true;
	}
	INSTR_TIME_SUBTRACT(now, start);
	return (int64) INSTR_TIME_GET_MILLISEC(now);
}

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
		/* One not opened here (the resolver's) may be closed unseen. */
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

/* Watches nothing for it any more. */
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

/* Tells libcurl of an event or a timer, then reports finished transfers. */
static void
multi_action(NeonMulti *multi, curl_socket_t fd, int what)
{
	sigset_t	saved;
	CURLMsg    *msg;
	int			unused;

	block_signals(&saved);
	if (curl_multi_socket_action(multi->handle, fd, what,
								 &unused) != CURLM_OK)
	{
		multi->dead = true;
		forget_multi(multi);
	}
	restore_signals(&saved);
	while ((msg = curl_multi_info_read(multi->handle, &unused)) != NULL)
	{
		if (msg->msg == CURLMSG_DONE)
			multi->done(msg->easy_handle, msg->data.result);
	}
}

/* True if the timer had run out. */
static bool
multi_run_timer(NeonMulti *multi)
{
	if (multi->timer > neon_clock())
		return false;
	multi->timer = NEON_NO_DEADLINE;
	multi_action(multi, CURL_SOCKET_TIMEOUT, 0);
	return true;
}

CURLMcode
neon_multi_add(NeonMulti *multi, CURL *easy, NeonMultiDone done)
{
	sigset_t	saved;
	CURLMcode	rc;

	multi->done = done;
	block_signals(&saved);
	rc = curl_multi_add_handle(multi->handle, easy);
	restore_signals(&saved);
	if (rc == CURLM_OK)
		multi_run_timer(multi);
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

/* ---------- waiting ---------- */

/* Can event_set be used as it is, but for the masks? */
static bool
event_set_fits(void)
{
	int			wanted = 0;

	if (!event_set_valid || event_set_latch != MyLatch)
		return false;
	for (int i = 0; i < neon_nsockets; i++)
	{
		if (neon_sockets[i].events == 0)
			continue;
		if (neon_sockets[i].pos < 0)
			return false;
		wanted++;
	}
	return wanted == event_set_used;
}

/* Builds event_set anew: before version 18 nothing leaves one. */
static void
build_event_set(void)
{
	int			wanted = 0;

	event_set_valid = false;
	for (int i = 0; i < neon_nsockets; i++)
	{
		neon_sockets[i].pos = -1;
		if (neon_sockets[i].events != 0)
			wanted++;
	}
	if (event_set != NULL)
	{
		WaitEventSet *old = event_set;

		event_set = NULL;
		FreeWaitEventSet(old);
	}
	event_set = neon_create_wait_event_set(NUM_FIXED_EVENTS + wanted);
	AddWaitEventToSet(event_set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch,
					  NULL);
	AddWaitEventToSet(event_set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL,
					  NULL);
	for (int i = 0; i < neon_nsockets; i++)
	{
		NeonSocket *sock = &neon_sockets[i];

		if (sock->events == 0)
			continue;
		sock->pos = AddWaitEventToSet(event_set, sock->events, sock->fd, NULL,
									  (void *) sock->serial);
		sock->pos_events = sock->events;
	}
	event_set_used = wanted;
	event_set_latch = MyLatch;
	event_set_valid = true;
}

static void
prepare_event_set(void)
{
	if (!event_set_fits())
	{
		build_event_set();
		return;
	}
	for (int i = 0; i < neon_nsockets; i++)
	{
		NeonSocket *sock = &neon_sockets[i];

		if (sock->events == 0 || sock->events == sock->pos_events)
			continue;
		event_set_valid = false;	/* in case this throws */
		ModifyWaitEvent(event_set, sock->pos, sock->events, NULL);
		sock->pos_events = sock->events;
		event_set_valid = true;
	}
}

/* Serials, not numbers: an event may be of a socket that is gone by now. */
static void
handle_event(const WaitEvent *event)
{
	uintptr_t	serial = (uintptr_t) event->user_data;

	for (int i = 0; i < neon_nsockets; i++)
	{
		NeonSocket *sock = &neon_sockets[i];

		if (sock->serial != serial)
			continue;
		if (sock->multi != NULL)
			multi_action(sock->multi, sock->fd,
						 ((event->events & WL_SOCKET_READABLE) ?
						  CURL_CSELECT_IN : 0) |
						 ((event->events & WL_SOCKET_WRITEABLE) ?
						  CURL_CSELECT_OUT : 0));
		return;
	}
}

static bool throws_end = false;

bool
neon_wait_throw_end(bool throw)
{
	bool		before = throws_end;

	throws_end = throw;
	return before;
}

static void
handle_interrupts(void)
{
	if (throws_end && ProcDiePending && InterruptHoldoffCount == 0)
		ereport(ERROR,
				(errcode(ERRCODE_ADMIN_SHUTDOWN),
				 errmsg("terminating connection due to administrator command")));
	CHECK_FOR_INTERRUPTS();
}

void
neon_wait(int64 deadline, instr_time *waited)
{
	WaitEvent	events[MAX_EVENTS_AT_ONCE];
	instr_time	before;
	instr_time	after;
	dlist_iter	iter;
	bool		ran = false;
	int64		left;
	int			n;

	handle_interrupts();
	dlist_foreach(iter, &multis)
	{
		NeonMulti  *multi = dlist_container(NeonMulti, node, iter.cur);

		if (multi_run_timer(multi))
			ran = true;
		deadline = Min(deadline, multi->timer);
	}
	if (ran)
		return;

	prepare_event_set();
	left = deadline - neon_clock();
	/* -1 would be for ever; an hour is as good and needs no special case */
	left = Max(Min(left, 3600 * 1000), 0);
	INSTR_TIME_SET_CURRENT(before);
	n = WaitEventSetWait(event_set, (long) left, events, MAX_EVENTS_AT_ONCE,
						 neon_wait_event_info());
	INSTR_TIME_SET_CURRENT(after);
	INSTR_TIME_ACCUM_DIFF(*waited, after, before);

	for (int i = 0; i < n; i++)
	{
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		else
			handle_event(&events[i]);
	}
	handle_interrupts();
}
