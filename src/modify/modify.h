/*-------------------------------------------------------------------------
 *
 * modify/modify.h
 *		Writing to a foreign table row by row.
 *
 * The executor hands over one row after the other.  They are gathered and
 * become one statement, which takes its rows from arrays; only if something
 * here depends on what the remote makes of a row is it sent at once.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_MODIFY_H
#define NEON_MODIFY_MODIFY_H

#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"

#include "compat/compat.h"
#include "modify/rows.h"
#include "modify/sql.h"
#include "remote/remote.h"
#include "scan/row.h"
#include "transaction/pending.h"
#include "transaction/pinned_rows.h"

struct ExplainState;
struct HTAB;

/* What a row that was read is known by within one statement. */
typedef struct NeonRowPlace
{
	uint32		tableoid;
	uint32		block;
	uint32		offset;
} NeonRowPlace;

/* State of one table that a statement writes to. */
typedef struct NeonModify
{
	NeonModifySql sql;
	CmdType		operation;
	Relation	rel;
	UserMapping *user;
	CommandId	cid;
	bool		autocommit;
	bool		rehearses;		/* see neon_transaction_wants_rehearsal() */
	bool		hands_back;		/* the remote's row is wanted at once */
	List	   *returned;		/* its columns */
	NeonRowFormat *format;		/* of these; made on first use */
	NeonRowPrinter *printer;
	bool	   *required;		/* INSERT: columns sent in any case */
	List	   *shape;			/* UPDATE: columns sent in any case */
	bool		compares;		/* a trigger may have changed others, too */

	/* UPDATE, DELETE: where the row to be changed is found */
	AttrNumber	ctid;			/* in the plan's row, as are these */
	AttrNumber	xmin;
	AttrNumber	tableoid;
	AttrNumber	wholerow;
	AttrNumber *keys;
	struct HTAB *seen;			/* rows that were changed already */

	struct NeonWrites *writes;	/* rows gathered, or NULL */
	MemoryContext row_context;	/* what was handed back last */
	struct NeonAhead *ahead;	/* INSERT: NULL if it goes row by row */
	NeonStats	stats;
} NeonModify;

/* Rows that wait to be queued; in a context of their own. */
typedef struct NeonWrites
{
	NeonPending pending;
	MemoryContext context;
	NeonModify *owner;
	NeonRows	rows;
	bool		rehearsed;		/* nothing can go wrong that was not seen */
	bool		pinned;			/* rows are those that a rehearsal returned */
	NeonPinColumns pin;
} NeonWrites;

/* modify/plan.c */
enum NeonModifyPrivate
{
	NEON_MODIFY_RETURNED,		/* integer List: columns wanted back */
	NEON_MODIFY_OVERRIDE,		/* Integer: OverridingKind */
	NEON_MODIFY_DO_NOTHING,		/* Boolean: ON CONFLICT DO NOTHING */
	NEON_MODIFY_NAMED			/* integer List: INSERT, columns to be sent */
};

extern int	neonIsForeignRelUpdatable(Relation rel);
extern void neonAddForeignUpdateTargets(PlannerInfo *root, Index rtindex,
										RangeTblEntry *target_rte,
										Relation target_relation);
extern List *neonPlanForeignModify(PlannerInfo *root, ModifyTable *plan,
								   Index result_relation, int subplan_index);

/* The name under which a key column is in the plan's row. */
extern char *neon_modify_key_name(TupleDesc desc, AttrNumber attnum);

/* modify/modify.c */
extern void neonBeginForeignModify(ModifyTableState *mtstate,
								   ResultRelInfo *result, List *private,
								   int subplan_index, int eflags);
extern TupleTableSlot *neonExecForeignInsert(EState *estate,
											 ResultRelInfo *result,
											 TupleTableSlot *slot,
											 TupleTableSlot *plan_slot);
extern TupleTableSlot **neonExecForeignBatchInsert(EState *estate,
												   ResultRelInfo *result,
												   TupleTableSlot **slots,
												   TupleTableSlot **plan_slots,
												   int *nslots);
extern int	neonGetForeignModifyBatchSize(ResultRelInfo *result);
extern TupleTableSlot *neonExecForeignUpdate(EState *estate,
											 ResultRelInfo *result,
											 TupleTableSlot *slot,
											 TupleTableSlot *plan_slot);
extern TupleTableSlot *neonExecForeignDelete(EState *estate,
											 ResultRelInfo *result,
											 TupleTableSlot *slot,
											 TupleTableSlot *plan_slot);
extern void neonEndForeignModify(EState *estate, ResultRelInfo *result);
extern void neonExplainForeignModify(ModifyTableState *mtstate,
									 ResultRelInfo *result, List *private,
									 int subplan_index,
									 struct ExplainState *es);

/*
 * modify/begin.c: what the statement does to the table, as far as EXPLAIN
 * shows it; what is needed to do it.  private is the plan's, NIL for a table
 * that rows are routed to.
 */
extern NeonModify *neon_modify_begin(EState *estate, ResultRelInfo *result,
									 CmdType operation, List *private,
									 bool all_columns);
extern void neon_modify_start(NeonModify *modify, EState *estate,
							  ResultRelInfo *result);
extern void neon_modify_find_rows(NeonModify *modify, Plan *subplan);
extern void neonBeginForeignInsert(ModifyTableState *mtstate,
								   ResultRelInfo *result);
extern void neonEndForeignInsert(EState *estate, ResultRelInfo *result);

/*
 * modify/send.c: the rows that another one with these columns is to be added
 * to.  With pinned they are rows as a rehearsal returned them.
 */
extern NeonWrites *neon_modify_writes(NeonModify *modify, List *shape);
extern NeonWrites *neon_modify_pinned_writes(NeonModify *modify);

/* Nothing more is gathered. */
extern void neon_modify_finish(NeonModify *modify);

/* The statement that is queued for rows; in the current memory context. */
extern void neon_modify_query(NeonWrites *writes, NeonQuery *query);

/*
 * modify/now.c: has rows inserted.  Returns how many were; so many slots of
 * result then have what they have become, as far as that is wanted.  With
 * all, less than all of them are as good as none: then -1 is returned, and
 * nothing has happened.
 */
extern int	neon_modify_insert_now(NeonModify *modify, List *shape,
								   TupleTableSlot **slots, int nslots,
								   TupleTableSlot **result, bool all);

/* Has a row changed, which is printed already; slot gets what became of it. */
extern void neon_modify_update_now(NeonModify *modify, NeonRows *row,
								   TupleTableSlot *slot);

#endif							/* NEON_MODIFY_MODIFY_H */
