/*-------------------------------------------------------------------------
 *
 * transaction/touched.h
 *		The rows that waiting writes concern, and who may depend on them.
 *
 * A write that is rehearsed must be sent behind all waiting writes that its
 * outcome can depend on.  Most depend on none: they concern a row that no
 * other write of the transaction concerns.  To know that, the rows that wait
 * are kept here by their keys.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_TOUCHED_H
#define NEON_TRANSACTION_TOUCHED_H

#include "transaction/table_facts.h"

typedef enum NeonTouchKind
{
	NEON_TOUCH_ANY,				/* any rows of the table */
	NEON_TOUCH_ROWS,			/* the rows with these keys */
	NEON_TOUCH_NEW				/* new rows whose keys the remote makes */
} NeonTouchKind;

/* What one write concerns; where there is none, it may be anything. */
typedef struct NeonTouch
{
	NeonTouchKind kind;
	List	   *rows;			/* ROWS: char *, the values of each row's key,
								 * as made by neon_touch_row() */
	NeonFactSubject subject;
	const NeonFact *fact;		/* about the subject; NULL: not known yet */
	bool		relies;			/* the write would be another one if the fact
								 * were not true any more */
	bool		unseen;			/* queued without a rehearsal */
	const int  *expected;		/* errors that a rehearsal may return, see
								 * neon_remote_expect(); or NULL */
} NeonTouch;

typedef struct NeonTouched NeonTouched;

/*
 * An empty set, allocated in context, which is a parent of what the set
 * allocates later.
 */
extern NeonTouched *neon_touched_create(MemoryContext context);
extern void neon_touched_destroy(NeonTouched *touched);

/* Adds a waiting write; what touch, if not NULL, points to is copied. */
extern void neon_touched_add(NeonTouched *touched, const NeonTouch *touch);

/*
 * Can the outcome of a write depend on one that is in the set?  Yes for one
 * of which nothing is known.
 */
extern bool neon_touched_ties(NeonTouched *touched, const NeonTouch *touch);

/*
 * The values of a key as one string; NULL if one of them is null, which is
 * equal to nothing.  Allocates in the current memory context.
 */
extern char *neon_touch_row(const char *const *values, int nvalues);

#endif							/* NEON_TRANSACTION_TOUCHED_H */
