/*-------------------------------------------------------------------------
 *
 * modify/now.h
 *		Rows whose outcome is wanted before the next one comes.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_NOW_H
#define NEON_MODIFY_NOW_H

#include "modify/state.h"

/*
 * Has rows inserted and returns how many were; so many slots of result then
 * hold what the rows have become, as far as that is wanted.  With all, fewer
 * rows than were given are as good as none: then the function returns -1, and
 * nothing has happened.
 */
extern int	neon_modify_insert_now(NeonModify *modify, List *shape,
								   TupleTableSlot **slots, int nslots,
								   TupleTableSlot **result, bool all);

/*
 * Has rows changed, whose values are printed already; as many slots get what
 * has become of them.
 */
extern void neon_modify_update_now(NeonModify *modify, NeonRows *rows,
								   TupleTableSlot **slots);

#endif							/* NEON_MODIFY_NOW_H */
