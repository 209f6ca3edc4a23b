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

/* Where on the remote a row was read: within one statement, its identity. */
typedef struct NeonRowPlace
{
	uint32		tableoid;
	uint32		block;
	uint32		offset;
} NeonRowPlace;

/* One table that a statement writes to. */
typedef struct NeonModify
{
	NeonModifySql sql;
	CmdType		operation;
	Relation	rel;
	UserMapping *user;
	CommandId	cid;
	bool		autocommit;
	bool		rehearses;		/* the statement does not stand alone */
	bool		hands_back;		/* the executor wants each row back, as the
								 * remote has made it */
	List	   *returned;		/* columns of the rows that come back */
	NeonRowFormat *format;		/* of these columns; made on first use */
	NeonRowPrinter *printer;
	bool	   *required;		/* INSERT: columns sent in any case, save for
								 * those that a row has DEFAULT for */
	struct NeonRowDefaults *defaults;	/* tells of such columns; NULL: none */
	List	   *shape;			/* UPDATE: columns sent in any case */
	bool		compares;		/* a trigger may have changed more columns */
	bool		checks_partition;	/* a row may not belong here any more */

	/* UPDATE, DELETE: where the row to be changed is found */
	AttrNumber	ctid;			/* columns of the plan's row, down to keys */
	AttrNumber	xmin;
	AttrNumber	tableoid;
	AttrNumber	wholerow;
	AttrNumber *keys;
	struct HTAB *seen;			/* NeonRowPlaces of rows changed already */

	struct NeonWrites *writes;	/* rows gathered, or NULL */
	bool		streams;		/* rows may be sent while others come */
	bool		more;			/* others come behind those being sent */
	bool		sending;		/* some are on their way */
	bool		lost;			/* some could not be queued, or sent */
	size_t		full_size;		/* see modify/portion.c; 0: to be found out */
	size_t		pumped;			/* bytes gathered when these last went on */
	MemoryContext row_context;	/* of the rows that came back last */
	struct NeonAhead *ahead;	/* NULL: the plan does not run ahead */
	NeonStats	stats;
} NeonModify;

/* Rows that a statement has gathered, in a context of their own. */
typedef struct NeonWrites
{
	NeonPending pending;
	MemoryContext context;
	NeonModify *owner;
	NeonRows	rows;
	bool		rehearsed;		/* each row has been through a rehearsal */
	bool		pinned;			/* the rows are as a rehearsal returned them */
	NeonPinColumns pin;
	NeonReader *reader;			/* the rows are on their way */
} NeonWrites;

#endif							/* NEON_MODIFY_STATE_H */
