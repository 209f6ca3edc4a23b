/*-------------------------------------------------------------------------
 *
 * neon_http_fdw.c
 *		Module entry of the foreign-data wrapper for Neon over HTTPS.
 *
 * Only what PostgreSQL looks up by name stands here: the module magic,
 * _PG_init and the handler with its table of callbacks.  What the callbacks
 * do is in src/.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "foreign/fdwapi.h"
#include "utils/guc.h"

#include "bind_join/path.h"
#include "compat/compat.h"
#include "http/credentials.h"
#include "modify/modify.h"
#include "modify/plan.h"
#include "modify/truncate.h"
#include "option/own.h"
#include "plan/base_rel.h"
#include "plan/foreign_plan.h"
#include "plan/join.h"
#include "plan/key_stats.h"
#include "plan/row_lock.h"
#include "plan/size.h"
#include "plan/upper.h"
#include "remote/application_name.h"
#include "remote/request_log.h"
#include "scan/async.h"
#include "scan/explain.h"
#include "scan/row_lock.h"
#include "scan/scan.h"
#include "schema/analyze.h"
#include "schema/import.h"
#include "statement/direct.h"
#include "statement/direct_plan.h"
#include "statement/planner_hook.h"
#include "stats/shared.h"
#include "transaction/read_check.h"
#include "transaction/transaction.h"
#include "transaction/write_settings.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "neon_http_fdw",.version = "1.1");
#else
PG_MODULE_MAGIC;
#endif

PG_FUNCTION_INFO_V1(neon_http_fdw_handler);

void		_PG_init(void);

void
_PG_init(void)
{
	DefineCustomBoolVariable("neon_http_fdw.statement_pushdown",
							 "Runs a statement remotely as a whole if everything in it allows that.",
							 NULL,
							 &neon_statement_pushdown,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);
	DefineCustomBoolVariable("neon_http_fdw.bind_join",
							 "Lets a join ask for the remote rows of many keys with one request.",
							 NULL,
							 &neon_bind_join,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);
	neon_credentials_init();
	neon_application_name_init();
	neon_request_log_init();
	neon_stats_init();
	neon_write_settings_init();
	neon_read_checks_init();
	MarkGUCPrefixReserved("neon_http_fdw");

	neon_plan_size_init();
	neon_statement_init();
	neon_bind_join_init();
	neon_key_stats_init();
	neon_transaction_init();
}

Datum
neon_http_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	neon_own_callback(neonGetForeignRelSize);

	/* Planning */
	routine->GetForeignRelSize = neonGetForeignRelSize;
	routine->GetForeignPaths = neonGetForeignPaths;
	routine->GetForeignPlan = neonGetForeignPlan;
	routine->GetForeignJoinPaths = neonGetForeignJoinPaths;
	routine->GetForeignUpperPaths = neonGetForeignUpperPaths;

	/* Scanning */
	routine->BeginForeignScan = neonBeginForeignScan;
	routine->IterateForeignScan = neonIterateForeignScan;
	routine->ReScanForeignScan = neonReScanForeignScan;
	routine->RecheckForeignScan = neonRecheckForeignScan;
	routine->EndForeignScan = neonEndForeignScan;

	/* Scans below an Append */
	routine->IsForeignPathAsyncCapable = neonIsForeignPathAsyncCapable;
	routine->ForeignAsyncRequest = neonForeignAsyncRequest;
	routine->ForeignAsyncConfigureWait = neonForeignAsyncConfigureWait;
	routine->ForeignAsyncNotify = neonForeignAsyncNotify;

	/* Row locks */
	routine->GetForeignRowMarkType = neonGetForeignRowMarkType;
	routine->RefetchForeignRow = neonRefetchForeignRow;

	/* TRUNCATE */
	routine->ExecForeignTruncate = neonExecForeignTruncate;

	/* Writing */
	routine->IsForeignRelUpdatable = neonIsForeignRelUpdatable;
	routine->AddForeignUpdateTargets = neonAddForeignUpdateTargets;
	routine->PlanForeignModify = neonPlanForeignModify;
	routine->BeginForeignModify = neonBeginForeignModify;
	routine->ExecForeignInsert = neonExecForeignInsert;
	routine->ExecForeignBatchInsert = neonExecForeignBatchInsert;
	routine->GetForeignModifyBatchSize = neonGetForeignModifyBatchSize;
	routine->ExecForeignUpdate = neonExecForeignUpdate;
	routine->ExecForeignDelete = neonExecForeignDelete;
	routine->EndForeignModify = neonEndForeignModify;
	routine->BeginForeignInsert = neonBeginForeignInsert;
	routine->EndForeignInsert = neonEndForeignInsert;
	routine->PlanDirectModify = neonPlanDirectModify;
	routine->BeginDirectModify = neonBeginDirectModify;
	routine->IterateDirectModify = neonIterateDirectModify;
	routine->EndDirectModify = neonEndDirectModify;

	/* EXPLAIN */
	routine->ExplainForeignScan = neonExplainForeignScan;
	routine->ExplainForeignModify = neonExplainForeignModify;
	routine->ExplainDirectModify = neonExplainDirectModify;

	/* ANALYZE */
	routine->AnalyzeForeignTable = neonAnalyzeForeignTable;

	/* IMPORT FOREIGN SCHEMA */
	routine->ImportForeignSchema = neonImportForeignSchema;

	PG_RETURN_POINTER(routine);
}
