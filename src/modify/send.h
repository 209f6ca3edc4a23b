/*-------------------------------------------------------------------------
 *
 * modify/send.h
 *		What becomes of the rows that a statement has gathered.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_SEND_H
#define NEON_MODIFY_SEND_H

#include "modify/state.h"

/*
 * The gathered rows to which a row with the columns of shape is to be added.
 * Pinned ones are rows as a rehearsal has returned them.
 */
extern NeonWrites *neon_modify_writes(NeonModify *modify, List *shape);
extern NeonWrites *neon_modify_pinned_writes(NeonModify *modify);

/*
 * A row was added to the gathered ones: sends them if they are enough for a
 * request, where rows are sent as they come.
 */
extern void neon_modify_gathered(NeonModify *modify);

/* The statement gathers nothing more. */
extern void neon_modify_finish(NeonModify *modify);

/* Takes note of the columns of pinned rows. */
extern void neon_modify_pin(NeonWrites *writes, const NeonPinColumns *columns);

/*
 * Fills in the query by which gathered rows are queued; allocates in the
 * current memory context.
 */
extern void neon_modify_query(NeonWrites *writes, NeonQuery *query);

#endif							/* NEON_MODIFY_SEND_H */
