/*-------------------------------------------------------------------------
 *
 * scan/row_lock.c
 *		Execution of SELECT ... FOR UPDATE and its like.
 *
 * The node that locks rows knows only their ctid.  So the scans remember, for
 * every row that they read, what else identifies it: the remote table, since
 * each partition of a partitioned table has rows with the same ctid, and the
 * version (xmin).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "option/remote_columns.h"
#include "option/table_cache.h"
#include "scan/row_lock.h"
#include "scan/row_lock_check.h"

/* Rows with one ctid. */
typedef struct ReadRow
{
	ItemPointerData ctid;		/* the hash key */
	NeonRowVersion version;
	List	   *others;			/* more NeonRowVersions; hardly ever any */
	HeapTuple	tuple;			/* NULL: not kept */
} ReadRow;

/* A locked table of the query; ExecRowMark.ermExtra. */
typedef struct LockedTable
{
	MemoryContext context;
	NeonLock	lock;
	HTAB	   *rows;
} LockedTable;

/* One of the tables whose rows a scan reads. */
struct NeonScanLock
{
	LockedTable *table;
	AttrNumber	ctid;			/* columns of the scan's tuple */
	AttrNumber	xmin;
	AttrNumber	tableoid;
	AttrNumber	row;			/* of a join: the whole row; 0: the tuple is
								 * the row */
	bool		keeps_tuples;	/* for EvalPlanQual */
	NeonScanLock *next;
};

/* ---------- what is locked ---------- */

/*
 * Does the query lock rows of local tables?  If one of them has changed,
 * EvalPlanQual needs the rows of all tables that it was joined with.
 */
static bool
locks_local_rows(EState *estate)
{
	for (Index rti = 1; rti <= estate->es_range_table_size; rti++)
	{
		ExecRowMark *erm = ExecFindRowMark(estate, rti, true);

		if (erm != NULL && RowMarkRequiresRowShareLock(erm->markType) &&
			erm->relation != NULL &&
			erm->relation->rd_rel->relkind != RELKIND_FOREIGN_TABLE)
			return true;
	}
	return false;
}

static const char *
lock_clause(RowMarkType type)
{
	switch (type)
	{
		case ROW_MARK_EXCLUSIVE:
			return "FOR UPDATE";
		case ROW_MARK_NOKEYEXCLUSIVE:
			return "FOR NO KEY UPDATE";
		case ROW_MARK_SHARE:
			return "FOR SHARE";
		default:
			return "FOR KEY SHARE";
	}
}

static LockedTable *
make_table(ForeignScanState *node, ExecRowMark *erm, UserMapping *user)
{
	EState	   *estate = node->ss.ps.state;
	const NeonTable *table = neon_table(erm->relid);
	LockedTable *locked = palloc0(sizeof(LockedTable));
	HASHCTL		control = {0};

	control.keysize = sizeof(ItemPointerData);
	control.entrysize = sizeof(ReadRow);
	control.hcxt = CurrentMemoryContext;
	locked->context = CurrentMemoryContext;
	locked->rows = hash_create("neon locked rows", 64, &control,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	locked->lock.user = user;
	locked->lock.cid = estate->es_output_cid;
	locked->lock.clause = lock_clause(erm->markType);
	locked->lock.table =
		pstrdup(quote_qualified_identifier(table->options->schema_name,
										   table->options->table_name));
	locked->lock.alone =
		estate->es_plannedstmt->commandType == CMD_SELECT &&
		!estate->es_plannedstmt->hasModifyingCTE &&
		neon_transaction_commits_now(user, estate);
	return locked;
}

/*
 * The column of a scan's tuple that holds a column of one of its tables, a
 * system column or the whole row (0); 0 if there is none.
 */
static AttrNumber
find_column(ForeignScan *plan, Index rti, AttrNumber attnum)
{
	ListCell   *lc;

	if (plan->scan.scanrelid > 0)
		return attnum;
	foreach(lc, plan->fdw_scan_tlist)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Var		   *var = (Var *) tle->expr;

		if (IsA(var, Var) && var->varno == rti && var->varattno == attnum)
			return tle->resno;
	}
	return InvalidAttrNumber;
}

/* As find_column(), for a column that says which row it is. */
static AttrNumber
find_identity(ForeignScan *plan, Index rti, AttrNumber attnum)
{
	attnum = find_column(plan, rti, attnum);
	if (attnum == InvalidAttrNumber)
		elog(ERROR, "row to be locked has no identity");
	return attnum;
}

NeonScanLock *
neon_lock_begin(ForeignScanState *node, UserMapping *user)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	EState	   *estate = node->ss.ps.state;
	NeonScanLock *locks = NULL;
	int			rti = -1;

	if (estate->es_rowmarks == NULL)
		return NULL;
	while ((rti = bms_next_member(plan->fs_relids, rti)) >= 0)
	{
		ExecRowMark *erm = ExecFindRowMark(estate, rti, true);
		NeonScanLock *lock;

		if (erm == NULL || !RowMarkRequiresRowShareLock(erm->markType))
			continue;
		/* The plan for EvalPlanQual has the same tables, and comes later. */
		if (erm->ermExtra == NULL)
			erm->ermExtra = make_table(node, erm, user);
		lock = palloc(sizeof(NeonScanLock));
		lock->table = erm->ermExtra;
		lock->ctid = find_identity(plan, rti, SelfItemPointerAttributeNumber);
		lock->xmin = find_identity(plan, rti, MinTransactionIdAttributeNumber);
		lock->tableoid = find_identity(plan, rti, NEON_TABLEOID_ATTRIBUTE);
		lock->row = find_column(plan, rti, InvalidAttrNumber);
		lock->keeps_tuples = locks_local_rows(estate) &&
			(plan->scan.scanrelid > 0 || lock->row != InvalidAttrNumber);
		lock->next = locks;
		locks = lock;
	}
	return locks;
}

/* ---------- rows ---------- */

static Datum
get_column(TupleTableSlot *slot, AttrNumber attnum)
{
	bool		isnull;
	Datum		value = attnum < 0 ? slot_getsysattr(slot, attnum, &isnull) :
		slot_getattr(slot, attnum, &isnull);

	/* The nullable side of an outer join cannot be locked. */
	if (isnull)
		elog(ERROR, "row to be locked has no identity");
	return value;
}

static bool
is_same(const NeonRowVersion *a, const NeonRowVersion *b)
{
	return a->tableoid == b->tableoid && a->xmin == b->xmin;
}

static void
add_version(ReadRow *row, const NeonRowVersion *version)
{
	NeonRowVersion *copy;
	ListCell   *lc;

	if (is_same(&row->version, version))
		return;
	foreach(lc, row->others)
	{
		if (is_same(lfirst(lc), version))
			return;
	}
	copy = palloc(sizeof(NeonRowVersion));
	*copy = *version;
	row->others = lappend(row->others, copy);
}

/* The row of the locked table, copied from the scan's tuple. */
static HeapTuple
copy_row(NeonScanLock *lock, TupleTableSlot *slot)
{
	HeapTupleHeader header;
	HeapTupleData tuple = {0};

	if (lock->row == InvalidAttrNumber)
		return ExecCopySlotHeapTuple(slot);
	header = DatumGetHeapTupleHeader(get_column(slot, lock->row));
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	ItemPointerSetInvalid(&tuple.t_self);
	return heap_copytuple(&tuple);
}

static void
remember_row(NeonScanLock *lock, TupleTableSlot *slot)
{
	LockedTable *table = lock->table;
	MemoryContext old = MemoryContextSwitchTo(table->context);
	NeonRowVersion version;
	ReadRow    *row;
	bool		found;

	version.ctid = *(ItemPointer) DatumGetPointer(get_column(slot, lock->ctid));
	version.xmin = DatumGetTransactionId(get_column(slot, lock->xmin));
	version.tableoid = DatumGetObjectId(get_column(slot, lock->tableoid));
	row = hash_search(table->rows, &version.ctid, HASH_ENTER, &found);
	if (!found)
	{
		row->version = version;
		row->others = NIL;
		row->tuple = lock->keeps_tuples ? copy_row(lock, slot) : NULL;
	}
	add_version(row, &version);
	MemoryContextSwitchTo(old);
}

void
neon_lock_remember(NeonScanLock *locks, TupleTableSlot *slot)
{
	for (; locks != NULL; locks = locks->next)
		remember_row(locks, slot);
}

/*
 * If several rows with this ctid were read, all of them are locked, for it is
 * not known which of them is meant.
 */
void
neonRefetchForeignRow(EState *estate, ExecRowMark *erm, Datum rowid,
					  TupleTableSlot *slot, bool *updated)
{
	LockedTable *table = erm->ermExtra;
	ReadRow    *row = NULL;
	ListCell   *lc;

	if (table != NULL)
		row = hash_search(table->rows, DatumGetPointer(rowid), HASH_FIND,
						  NULL);
	if (row == NULL)
		elog(ERROR, "row to be locked was not read");
	neon_lock_gather(&table->lock, &row->version);
	foreach(lc, row->others)
		neon_lock_gather(&table->lock, lfirst(lc));

	/* An empty slot would mean that the row is gone. */
	if (row->tuple != NULL)
		ExecForceStoreHeapTuple(row->tuple, slot, false);
	else
		ExecStoreAllNullTuple(slot);
}
