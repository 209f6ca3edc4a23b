/*-------------------------------------------------------------------------
 *
 * scan/async.h
 *		Foreign scans below an Append that is read in the order of arrival.
 *
 * PostgreSQL's Append asks all of its asynchronous children for a row, and
 * takes the one that comes first: a slow server does not hold up the others.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_ASYNC_H
#define NEON_SCAN_ASYNC_H

#include "executor/execAsync.h"

/* Callbacks, see PostgreSQL's fdwhandler documentation. */
extern void neonForeignAsyncRequest(AsyncRequest *areq);
extern void neonForeignAsyncConfigureWait(AsyncRequest *areq);
extern void neonForeignAsyncNotify(AsyncRequest *areq);

#endif							/* NEON_SCAN_ASYNC_H */
