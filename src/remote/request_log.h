/*-------------------------------------------------------------------------
 *
 * remote/request_log.h
 *		Requests that were slow are told to the server log.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_REQUEST_LOG_H
#define NEON_REMOTE_REQUEST_LOG_H

#include "http/transfer.h"

/* Defines neon_http_fdw.log_min_duration. */
extern void neon_request_log_init(void);

/*
 * Logs an attempt if it took so long; returns whether it did.  Neither SQL nor
 * values are shown: they may hold secrets.
 */
extern bool neon_log_slow_request(NeonTransfer *transfer,
								  const char *server_name, int attempt);

#endif							/* NEON_REMOTE_REQUEST_LOG_H */
