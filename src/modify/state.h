/*-------------------------------------------------------------------------
 *
 * modify/state.h
 *		What a statement knows of one table that it writes to row by row.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_STATE_H
#define NEON_MODIFY_STATE_H

#include "access/attnum.h"
#include "nodes/execnodes.h"

#include "compat/compat.h"
#include "modify/rows.h"
#include "modify/sql.h"
#include "remote/remote.h"
#include "scan/row.h"
#include "transaction/pending.h"
#include "transaction/pinned_rows.h"

struct HTAB;
struct NeonAhead;

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
	bool		rehearses;		/* the statement does not stand alone */
	bool		hands_back;		/* the remote's row is wanted at once */
	List	   *returned;		/* its columns */
	NeonRowFormat *format;		/* of these; made on first use */
	NeonRowPrinter *printer;
	bool	   *required;		/* INSERT: columns sent in any case, save for
								 * those that a row has DEFAULT for */
	struct NeonRowDefaults *defaults;	/* where that stands, or NULL */
	List	   *shape;			/* UPDATE: columns sent in any case */
	bool		compares;		/* a trigger may have changed others, too */
	bool		checks_partition;	/* a row may not belong here any more */

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

#endif							/* NEON_MODIFY_STATE_H */
