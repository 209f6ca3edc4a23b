/*-------------------------------------------------------------------------
 *
 * scan/start.c
 *		The request of one scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat/compat.h"
#include "scan/start.h"

void
neon_scan_fill_query(NeonScanState *state, ExprContext *econtext)
{
	NeonQuery  *query = &state->query;

	state->waiting = false;
	query->sql = state->sql;
	query->nparams = neon_params_count(state->params);
	query->params = neon_params_eval(state->params, econtext);
	query->reads = state->reads;
	query->nreads = query->nparams;
	query->ncolumns = state->ncolumns;
}

bool
neon_scan_may_send(const NeonScanState *state, int more)
{
	const NeonConnection *connection = neon_connection_get(state->user);

	return neon_http_client_transfers(connection->client) + more <
		connection->options->max_connections;
}

void
neon_scan_send_alone(NeonScanState *state)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(state->rows_context);

	state->rows = neon_pieces_open(state->user, state->cid, &state->query,
								   &state->division, state->expected,
								   &state->stats);
	MemoryContextSwitchTo(oldcontext);
}
