/*-------------------------------------------------------------------------
 *
 * remote/guard.h
 *		The statement that every batch starts with.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_GUARD_H
#define NEON_REMOTE_GUARD_H

#include "http/connection.h"
#include "json/request.h"

/*
 * Fills in one statement that makes the remote transaction's settings those
 * that SQL and values are written for: names resolve in pg_catalog only,
 * text forms are the ISO ones, time zone and timeouts are this session's, text
 * travels in UTF-8.  Its strings are in the current memory context or static.
 * It returns one row.  commits: the batch is one whose outcome is unknown if
 * it is cut off here.
 */
extern void neon_guard(const NeonConnection *connection, NeonQuery *query,
					   bool commits);

/*
 * What stands before and after a statement that the user wrote for the
 * remote: it runs with the remote's own search_path (or what such a statement
 * before it has set), and whatever it does to the guard's settings is undone.
 * read_only: from here on nothing may be written.
 */
extern void neon_guard_enter(NeonQuery *query, bool read_only);
extern void neon_guard_leave(NeonQuery *query);

#endif							/* NEON_REMOTE_GUARD_H */
