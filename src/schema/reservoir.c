/*-------------------------------------------------------------------------
 *
 * schema/reservoir.c
 *		A random sample of fixed size from rows that come one by one.
 *
 * PostgreSQL knows how many rows to leave out; this keeps count of them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"

#include "schema/reservoir.h"

void
neon_reservoir_init(NeonReservoir *reservoir, HeapTuple *rows, int target)
{
	memset(reservoir, 0, sizeof(NeonReservoir));
	reservoir->rows = rows;
	reservoir->target = target;
	reservoir->skip = -1;
	reservoir_init_selection_state(&reservoir->state, target);
}

int
neon_reservoir_next(NeonReservoir *reservoir)
{
	double		before = reservoir->seen;

	reservoir->seen += 1;
	if (reservoir->filled < reservoir->target)
	{
		reservoir->rows[reservoir->filled] = NULL;
		return reservoir->filled++;
	}

	if (reservoir->skip < 0)
		reservoir->skip = reservoir_get_next_S(&reservoir->state, before,
											   reservoir->target);
	reservoir->skip -= 1;
	if (reservoir->skip >= 0)
		return -1;
	return (int) (reservoir->target *
				  sampler_random_fract(&reservoir->state.randstate));
}

void
neon_reservoir_put(NeonReservoir *reservoir, int place, HeapTuple row)
{
	if (reservoir->rows[place] != NULL)
		heap_freetuple(reservoir->rows[place]);
	reservoir->rows[place] = row;
}
