/*-------------------------------------------------------------------------
 *
 * http/wait.c
 *		Drives libcurl's multi handles by the process latch.
 *
 * One long-lived WaitEventSet watches the sockets that libcurl has named
 * together with the latch, so that Ctrl-C, statement_timeout and termination
 * act whatever the transfer is doing.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat/compat.h"
#include "http/flood.h"
#include "http/multi.h"
#include "http/socket.h"
#include "http/wait.h"

/*
 * event_set is used only if event_set_valid says that it was built to the end:
 * building may throw.
 */
static WaitEventSet *event_set = NULL;
static bool event_set_valid = false;
static int	event_set_used = 0; /* sockets in it, closed ones too */
static Latch *event_set_latch = NULL;

/* How many waits in a row have run timers and brought no event. */
static int	timers_in_vain = 0;

#define MAX_TIMERS_IN_VAIN	16

/*
 * How far what is on its way goes on while nobody waits for it: so many calls of
 * libcurl, 16 kB or more each, and each of them so long.
 */
#define MAX_TURNS	64
#define CALL_MS		5000

/* Latch and postmaster death stand before the sockets. */
#define NUM_FIXED_EVENTS	2
#define MAX_EVENTS_AT_ONCE	16

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

/*
 * Builds event_set anew: before version 18 no event can be taken out of a set.
 */
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
	/* single-user mode has no postmaster */
	if (IsUnderPostmaster)
		AddWaitEventToSet(event_set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET,
						  NULL, NULL);
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

/*
 * Handles an event of a socket, which is known by its serial: an event may be
 * of a socket that is gone, and whose number another one has.
 */
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
			neon_multi_act(sock->multi, sock->fd,
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

/*
 * How long to wait for a socket or the latch.  What a timer has done may be what
 * the caller waits for, so the sockets are only looked at then.  They must be:
 * libcurl 8.14 wants to be called again at once, each time, as long as a paused
 * transfer has data that it has read already, and what waits for another
 * transfer would wait for ever.  It gets a pause when that brings nothing.
 */
static long
time_to_wait(int64 deadline)
{
	int64		left;

	if (neon_multi_run_timers(&deadline))
		return ++timers_in_vain > MAX_TIMERS_IN_VAIN ? 1 : 0;
	timers_in_vain = 0;
	left = deadline - neon_clock();
	/* -1 would be for ever; an hour is as good and needs no special case */
	return (long) Max(Min(left, 3600 * 1000), 0);
}

/*
 * Returns whether anything has happened at a socket.  A call of libcurl is cut
 * short after the limit.
 */
static bool
wait_once(int64 deadline, int64 limit, uint32 wait_event, instr_time *waited)
{
	WaitEvent	events[MAX_EVENTS_AT_ONCE];
	instr_time	before;
	instr_time	after;
	long		left;
	int			n;

	handle_interrupts();
	neon_flood_limit(limit);
	left = time_to_wait(deadline);
	prepare_event_set();
	INSTR_TIME_SET_CURRENT(before);
	n = WaitEventSetWait(event_set, left, events, MAX_EVENTS_AT_ONCE,
						 wait_event);
	INSTR_TIME_SET_CURRENT(after);
	INSTR_TIME_ACCUM_DIFF(*waited, after, before);

	if (n > 0)
		timers_in_vain = 0;
	for (int i = 0; i < n; i++)
	{
		if (events[i].events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		else
			handle_event(&events[i]);
	}
	handle_interrupts();
	return n > 0;
}

void
neon_wait(int64 deadline, uint32 wait_event, instr_time *waited)
{
	(void) wait_once(deadline, deadline, wait_event, waited);
}

/*
 * libcurl hands no more than one buffer to a socket each time that it is called,
 * which the kernel would take many of.  A peer that sends without end must not
 * keep the caller here: who waits for the reply knows until when.
 */
void
neon_wait_nothing(uint32 wait_event, instr_time *waited)
{
	int			turns = 0;

	while (turns++ < MAX_TURNS &&
		   wait_once(neon_clock(), neon_clock() + CALL_MS, wait_event, waited))
		;
}
