/*
 * Runs SQL in a background worker as pg_cron does: all statements of a text in
 * one transaction, each in a portal like that of a client's message.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(run_in_worker);
PGDLLEXPORT void worker_main(Datum arg);

typedef struct Task
{
	Oid			database;
	Oid			user;
	char		sql[BGW_EXTRALEN - 2 * sizeof(Oid)];
} Task;

static List *
planned(RawStmt *raw, const char *sql)
{
	List	   *queries = pg_analyze_and_rewrite_fixedparams(raw, sql, NULL, 0,
															 NULL);

	return pg_plan_queries(queries, sql, CURSOR_OPT_PARALLEL_OK, NULL);
}

static void
run(RawStmt *raw, const char *sql)
{
	DestReceiver *receiver = CreateDestReceiver(DestNone);
	Portal		portal = CreatePortal("", true, true);

	PushActiveSnapshot(GetTransactionSnapshot());
	PortalDefineQuery(portal, NULL, sql, CreateCommandTag(raw->stmt),
					  planned(raw, sql), NULL);
	PopActiveSnapshot();
	PortalStart(portal, NULL, 0, InvalidSnapshot);
#if PG_VERSION_NUM >= 180000
	PortalRun(portal, FETCH_ALL, true, receiver, receiver, NULL);
#else
	PortalRun(portal, FETCH_ALL, true, true, receiver, receiver, NULL);
#endif
	PortalDrop(portal, false);
	CommandCounterIncrement();
}

void
worker_main(Datum arg)
{
	Task		task;
	ListCell   *lc;

	memcpy(&task, MyBgworkerEntry->bgw_extra, sizeof(task));
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(task.database, task.user, 0);
	StartTransactionCommand();
	foreach(lc, pg_parse_query(task.sql))
		run(lfirst(lc), task.sql);
	CommitTransactionCommand();
}

/* run_in_worker(library, sql): returns when the worker has ended. */
Datum
run_in_worker(PG_FUNCTION_ARGS)
{
	BackgroundWorker worker = {0};
	BackgroundWorkerHandle *handle;
	Task		task = {MyDatabaseId, GetUserId()};

	if (strlcpy(task.sql, text_to_cstring(PG_GETARG_TEXT_PP(1)),
				sizeof(task.sql)) >= sizeof(task.sql))
		elog(ERROR, "too long for a background worker");
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name,
			text_to_cstring(PG_GETARG_TEXT_PP(0)), MAXPGPATH);
	strlcpy(worker.bgw_function_name, "worker_main", BGW_MAXLEN);
	strlcpy(worker.bgw_name, "tests of neon_http_fdw", BGW_MAXLEN);
	memcpy(worker.bgw_extra, &task, sizeof(task));
	worker.bgw_notify_pid = MyProcPid;
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		elog(ERROR, "no background worker is free");
	PG_RETURN_BOOL(WaitForBackgroundWorkerShutdown(handle) == BGWH_STOPPED);
}
