/*-------------------------------------------------------------------------
 *
 * stats/activity.c
 *		What the requests of all sessions are doing now.
 *
 * A slot says which process it belongs to, and since when that has been
 * running: what a process leaves behind that ended without a word is not
 * shown, and is cleared by the next process with the same number.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "stats/activity.h"

/*
 * Requests of one backend that are shown at a time.  One that reads ahead, or
 * from several servers at once, has a few.
 */
#define MAX_REQUESTS	8

typedef struct Slot
{
	int			pid;			/* 0: nobody's */
	TimestampTz started;		/* the process */
	NeonActivity requests[MAX_REQUESTS];
} Slot;

static Slot *shared_slots = NULL;	/* NULL: there are none */
static Slot *my_slot = NULL;

Size
neon_activity_size(void)
{
	return mul_size(MaxBackends, sizeof(Slot));
}

void
neon_activity_share(void *area)
{
	shared_slots = area;
}

/* ---------- this backend's ---------- */

static void
leave_slot(int code, Datum arg)
{
	my_slot->pid = 0;
	for (int i = 0; i < MAX_REQUESTS; i++)
		my_slot->requests[i].used = false;
}

static Slot *
take_slot(void)
{
	int			number = neon_backend_number();

	if (my_slot != NULL)
		return my_slot;
	if (shared_slots == NULL || number < 0 || number >= MaxBackends)
	{
		my_slot = MemoryContextAllocZero(TopMemoryContext, sizeof(Slot));
		my_slot->pid = MyProcPid;
		return my_slot;
	}
	on_shmem_exit(leave_slot, 0);
	my_slot = &shared_slots[number];
	my_slot->pid = 0;
	pg_write_barrier();
	memset(my_slot->requests, 0, sizeof(my_slot->requests));
	my_slot->started = MyStartTimestamp;
	pg_write_barrier();
	my_slot->pid = MyProcPid;
	return my_slot;
}

static void
begin_change(NeonActivity *activity)
{
	activity->changes++;
	pg_write_barrier();
}

static void
end_change(NeonActivity *activity)
{
	pg_write_barrier();
	activity->changes++;
}

/* To copy byte by byte, as strlcpy() does, would be half of what it costs. */
static void
set_text(char *text, size_t size, const char *value)
{
	size_t		len = strnlen(value, size - 1);

	memcpy(text, value, len);
	text[len] = '\0';
}

NeonActivity *
neon_activity_begin(Oid serverid, Oid userid, const char *server_name,
					NeonRequestPurpose purpose)
{
	Slot	   *slot = take_slot();
	NeonActivity *activity = NULL;

	for (int i = 0; i < MAX_REQUESTS && activity == NULL; i++)
	{
		if (!slot->requests[i].used)
			activity = &slot->requests[i];
	}
	if (activity == NULL)
		return NULL;
	begin_change(activity);
	activity->used = true;
	activity->dbid = MyDatabaseId;
	activity->serverid = serverid;
	activity->userid = userid;
	activity->purpose = purpose;
	activity->begun = GetCurrentTimestamp();
	activity->rows_sent = 0;
	activity->piece = activity->pieces = 0;
	set_text(activity->server_name, NAMEDATALEN, server_name);
	end_change(activity);
	neon_activity_attempt(activity, 1);
	return activity;
}

void
neon_activity_end(NeonActivity *activity)
{
	if (activity == NULL)
		return;
	begin_change(activity);
	activity->used = false;
	end_change(activity);
}

void
neon_activity_attempt(NeonActivity *activity, int attempt)
{
	if (activity == NULL)
		return;
	begin_change(activity);
	activity->attempt = attempt;
	activity->phase = NEON_PHASE_SETUP;
	activity->since = attempt == 1 ? activity->begun : GetCurrentTimestamp();
	activity->request_id[0] = '\0';
	activity->bytes_sent = 0;
	activity->bytes_received = 0;
	activity->rows_received = 0;
	end_change(activity);
}

void
neon_activity_phase(NeonActivity *activity, NeonPhase phase)
{
	if (activity == NULL || activity->phase == phase)
		return;
	begin_change(activity);
	activity->phase = phase;
	activity->since = GetCurrentTimestamp();
	end_change(activity);
}

void
neon_activity_request_id(NeonActivity *activity, const char *id)
{
	if (activity == NULL)
		return;
	begin_change(activity);
	set_text(activity->request_id, NEON_REQUEST_ID_SIZE, id);
	end_change(activity);
}

void
neon_activity_piece(NeonActivity *activity, int piece, int pieces)
{
	if (activity == NULL)
		return;
	activity->piece = piece;
	activity->pieces = pieces;
}

/* ---------- everybody's ---------- */

/* Reads a request while its backend may be changing it. */
static bool
copy_request(NeonActivity *copy, const NeonActivity *activity)
{
	for (;;)
	{
		uint32		before = activity->changes;

		pg_read_barrier();
		*copy = *activity;
		pg_read_barrier();
		if (before == activity->changes && (before & 1) == 0)
			return copy->used;

		/* the backend that writes it may have ended meanwhile */
		CHECK_FOR_INTERRUPTS();
		if (!activity->used)
			return false;
	}
}

static List *
add_requests(List *list, const Slot *slot, Oid session_user)
{
	for (int i = 0; i < MAX_REQUESTS; i++)
	{
		NeonActivityRow *row;

		if (!slot->requests[i].used)
			continue;
		row = palloc(sizeof(NeonActivityRow));
		if (!copy_request(&row->activity, &slot->requests[i]))
			continue;
		row->pid = slot->pid;
		row->session_user = session_user;
		list = lappend(list, row);
	}
	return list;
}

static bool
has_requests(const Slot *slot)
{
	for (int i = 0; slot->pid != 0 && i < MAX_REQUESTS; i++)
	{
		if (slot->requests[i].used)
			return true;
	}
	return false;
}

/* The backend whose slot this is, NULL if it is not there any more. */
static PgBackendStatus *
find_backend(const Slot *slot)
{
	int			n = pgstat_fetch_stat_numbackends();

	for (int i = 1; i <= n; i++)
	{
		PgBackendStatus *backend = neon_backend_status(i);

		if (backend != NULL && backend->st_procpid == slot->pid &&
			backend->st_proc_start_timestamp == slot->started)
			return backend;
	}
	return NULL;
}

List *
neon_activity_list(void)
{
	List	   *list = NIL;

	if (shared_slots == NULL)
		return my_slot == NULL ? NIL :
			add_requests(NIL, my_slot, GetSessionUserId());
	for (int i = 0; i < MaxBackends; i++)
	{
		const Slot *slot = &shared_slots[i];
		PgBackendStatus *backend = NULL;

		if (has_requests(slot))
			backend = find_backend(slot);
		if (backend != NULL)
			list = add_requests(list, slot, backend->st_userid);
	}
	return list;
}
