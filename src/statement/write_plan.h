/*-------------------------------------------------------------------------
 *
 * statement/write_plan.h
 *		What a plan says of a whole statement that writes; private to
 *		statement/write.c, statement/write_exec.c and statement/rehearse.c.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_PLAN_H
#define NEON_STATEMENT_WRITE_PLAN_H

#include "nodes/extensible.h"
#include "utils/tuplestore.h"

#include "deparse/write.h"
#include "scan/scan.h"

/* Items of CustomScan.custom_private. */
enum NeonWritePrivate
{
	NEON_WRITE_NOW,				/* String: see deparse/write.h, also below */
	NEON_WRITE_REHEARSAL,		/* String */
	NEON_WRITE_COMMIT,			/* String */
	NEON_WRITE_TABLE,			/* String */
	NEON_WRITE_KEYS,			/* String, empty if none */
	NEON_WRITE_FORM,			/* Integer: NeonCommitForm */
	NEON_WRITE_COLUMNS,			/* integer List: 1 to the number of columns */
	NEON_WRITE_RETURNS,			/* Boolean: the statement has RETURNING */
	NEON_WRITE_SAFE,			/* Boolean: RETURNING computes nothing, so
								 * that it cannot fail after the commit */
	NEON_WRITE_SKIPS,			/* Boolean: it may leave rows out that are
								 * there already (ON CONFLICT) */
	NEON_WRITE_GATHERED,		/* Integer: columns of the rows that the plan
								 * below makes; 0: there is none */
	NEON_WRITE_SOURCE,			/* List of source, named, names (String),
								 * columns and rows (Integer), or NIL */
	NEON_WRITE_OIDS				/* OID List: server, user or InvalidOid */
};

typedef struct NeonWriteState
{
	CustomScanState css;		/* must be first */
	NeonScanState scan;			/* sql, parameters, format, what it cost */
	List	   *private;		/* custom_private */
	NeonCommitForm form;
	bool		returns;
	bool		executed;
	int64		ngathered;		/* rows that were made here */
	Tuplestorestate *rows;		/* to be returned, NULL: none */
	TupleTableSlot *row_slot;	/* one of them, as it is stored */
} NeonWriteState;

extern const char *neon_write_text(NeonWriteState *state, int item);

/* Keeps the leading columns of a row for whoever reads the node. */
extern void neon_write_keep_row(NeonWriteState *state, const NeonRow *row);

/*
 * Rehearses the statement with these parameters, and queues what it did as
 * written by command cid.  Returns how many rows it concerns.
 */
extern int64 neon_write_later(NeonWriteState *state, const NeonQuery *query,
							  CommandId cid);

extern Node *neon_write_create_state(CustomScan *plan);

extern const CustomExecMethods neon_write_exec_methods;

#endif							/* NEON_STATEMENT_WRITE_PLAN_H */
