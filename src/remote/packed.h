/*-------------------------------------------------------------------------
 *
 * remote/packed.h
 *		Statements with more parameters than the endpoint takes.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_PACKED_H
#define NEON_REMOTE_PACKED_H

#include "json/request.h"

/*
 * The most parameters that a statement may have on its way: the endpoint
 * counts them in 16 bits, with a sign.
 */
#define NEON_MAX_PARAMS		32767

/*
 * The statement as it can be sent: itself if it has no more parameters than
 * that.  Otherwise one whose parameters are arrays, and which names their
 * elements where the other one names its parameters.  The text must cast each
 * parameter to its type.  Allocates in the current memory context.
 */
extern NeonQuery neon_packed_query(const NeonQuery *query);

#endif							/* NEON_REMOTE_PACKED_H */
