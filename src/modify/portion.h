/*-------------------------------------------------------------------------
 *
 * modify/portion.h
 *		Rows that are committed at once, in as many portions as the endpoint's
 *		limit requires.
 *
 * In autocommit mode the rows of one statement need not be committed
 * together.  A portion is sent when it is large enough for a request, and is
 * on its way while the next one is gathered: so memory stays flat, whatever
 * the size of the statement.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_PORTION_H
#define NEON_MODIFY_PORTION_H

#include "modify/state.h"

/*
 * Fills in the statement that writes rows; allocates in the current memory
 * context.
 */
extern void neon_portion_query(NeonModify *modify, NeonRows *rows,
							   NeonQuery *query);

/* Sends rows, and waits until all of them are committed.  None are left. */
extern void neon_portion_run(NeonModify *modify, NeonRows *rows);

/*
 * Sends rows that were taken off the list of pending writes, and returns
 * without waiting: they go back on the list until they are committed.
 */
extern void neon_portion_start(NeonWrites *writes);

/*
 * Lets it leave; not called within PG_TRY(), which would take off the list an
 * error context callback that stays.
 */
extern void neon_portion_leave(NeonModify *modify);

/*
 * Have as many rows been gathered as should be sent by one request?  Where
 * rows wait for the commit, fails as soon as they are too many for one.  Meant
 * to be called for each row: also keeps the portion going that is on its way.
 */
extern bool neon_portion_is_full(NeonModify *modify, const NeonRows *rows);

#endif							/* NEON_MODIFY_PORTION_H */
