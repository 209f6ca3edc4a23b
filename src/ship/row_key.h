/*-------------------------------------------------------------------------
 *
 * ship/row_key.h
 *		Which rows, by their whole keys, does a write concern?
 *
 * A write that can concern no other row than one whose key is known when it
 * is executed need not be rehearsed behind all other writes of its
 * transaction, if nothing else ties it to them (see
 * transaction/table_facts.h).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_ROW_KEY_H
#define NEON_SHIP_ROW_KEY_H

#include "ship/write.h"

typedef enum NeonRowKeyKind
{
	NEON_ROW_KEY_NONE,			/* any rows of the table */
	NEON_ROW_KEY_GIVEN,			/* the rows with the values of the key */
	NEON_ROW_KEY_NEW			/* inserted rows whose keys the remote makes */
} NeonRowKeyKind;

typedef struct NeonRowKey
{
	NeonRowKeyKind kind;
	List	   *columns;		/* attribute numbers of the key, ascending */
	List	   *values;			/* GIVEN: for each column, in that order, a
								 * List of the local values of the rows */
	List	   *written;		/* attribute numbers of the columns that an
								 * UPDATE, or ON CONFLICT DO UPDATE, sets */
} NeonRowKey;

/*
 * Judges a write that neon_remote_write() has accepted.  The key is that of
 * the table's column option "key"; that the remote has such a key must be
 * seen there.  Values are of types of which equal values have equal text
 * forms.  Allocates in the current memory context, shares nodes of the query.
 */
extern NeonRowKey *neon_row_key(NeonRemoteWrite *write);

/*
 * The values of an INSERT of rows of local values that neon_remote_write() has
 * accepted: for each entry of its target list, a List of those of all rows.
 * NIL if its rows come from elsewhere, or have DEFAULT.  Shares nodes of the
 * query.
 */
extern List *neon_inserted_values(NeonRemoteWrite *write);

/*
 * Can an UPDATE or DELETE only ever mean the same row, because its condition
 * gives a value for each column of the key?  Less than NEON_ROW_KEY_GIVEN
 * says: the values may be of any type.
 */
extern bool neon_row_is_fixed(NeonRemoteWrite *write);

#endif							/* NEON_SHIP_ROW_KEY_H */
