/*-------------------------------------------------------------------------
 *
 * stats/shared.c
 *		Shared memory for what all sessions do and have done.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/guc.h"

#include "stats/activity.h"
#include "stats/file.h"
#include "stats/shared.h"
#include "stats/totals.h"

#define AREA_NAME	"neon_http_fdw"

static int	stats_max = 500;
static bool stats_save = true;
static bool is_shared = false;

static shmem_request_hook_type next_request_hook = NULL;
static shmem_startup_hook_type next_startup_hook = NULL;

bool
neon_stats_shared(void)
{
	return is_shared;
}

static void
request_memory(void)
{
	if (next_request_hook)
		next_request_hook();
	RequestAddinShmemSpace(add_size(MAXALIGN(neon_activity_size()),
									neon_totals_size(stats_max)));
	RequestNamedLWLockTranche(AREA_NAME, 1);
}

/* The postmaster ends; after a crash what is there may be wrong. */
static void
save(int code, Datum arg)
{
	if (code == 0 && stats_save)
		neon_stats_save();
}

static void
start_memory(void)
{
	char	   *area;
	bool		found;

	if (next_startup_hook)
		next_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	area = ShmemInitStruct(AREA_NAME,
						   add_size(MAXALIGN(neon_activity_size()),
									neon_totals_size(stats_max)),
						   &found);
	if (!found)
		memset(area, 0, neon_activity_size());
	neon_activity_share(area);
	neon_totals_share(area + MAXALIGN(neon_activity_size()), stats_max, !found,
					  &GetNamedLWLockTranche(AREA_NAME)->lock);
	LWLockRelease(AddinShmemInitLock);
	is_shared = true;
	if (IsUnderPostmaster || found)
		return;
	on_shmem_exit(save, 0);
	if (stats_save)
		neon_stats_load();
}

void
neon_stats_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	DefineCustomIntVariable("neon_http_fdw.stats_max",
							"Sets how many pairs of server and user statistics are kept for.",
							NULL,
							&stats_max,
							500, 10, INT_MAX / 4096,
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);
	DefineCustomBoolVariable("neon_http_fdw.stats_save",
							 "Keeps statistics while the server is down.",
							 NULL,
							 &stats_save,
							 true,
							 PGC_SIGHUP,
							 0,
							 NULL, NULL, NULL);
	next_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	next_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_memory;
}
