/*-------------------------------------------------------------------------
 *
 * scan/shared_reply.h
 *		One reply to the statements of several scans.
 *
 * The results of a reply arrive one after the other, in the order of the
 * statements, but the scans want rows in any order.  What arrives before it is
 * wanted is kept in a tuplestore.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_SHARED_REPLY_H
#define NEON_SCAN_SHARED_REPLY_H

#include "foreign/foreign.h"

#include "transaction/transaction.h"

/* The rows of one scan. */
typedef struct NeonPart NeonPart;

/*
 * Sends the statements of n scans as one request, as of command cid, and
 * returns an array of their parts.  Allocates in context, whose end ends the
 * transfer.  stats must live as long; the queries are only read during the
 * call.
 */
extern NeonPart **neon_shared_send(MemoryContext context, UserMapping *user,
								   CommandId cid, const NeonQuery *queries,
								   int n, NeonStats *stats);

/*
 * Waits for the reply.  False if it exceeds the endpoint's limit, or if one of
 * the statements has failed, which perhaps nobody would have asked for.  Then
 * no part has any rows, and each scan has to send its statement by itself.
 */
extern bool neon_part_works(NeonPart *part);

/*
 * As neon_remote_ready().  A part is not ready as long as one before it is to
 * be read, which is what neon_part_is_behind() says.
 */
extern bool neon_part_ready(NeonPart *part, int64 *deadline);
extern bool neon_part_is_behind(const NeonPart *part);

/* As neon_remote_next_row(). */
extern const NeonRow *neon_part_next_row(NeonPart *part);

/* Bytes of the values that the part has returned. */
extern int64 neon_part_received(NeonPart *part);

/*
 * The scan wants no more rows.  The transfer ends when no scan wants any of
 * what is still to come.
 */
extern void neon_part_close(NeonPart *part);

#endif							/* NEON_SCAN_SHARED_REPLY_H */
