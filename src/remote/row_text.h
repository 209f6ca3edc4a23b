/*-------------------------------------------------------------------------
 *
 * remote/row_text.h
 *		Cells of a reply as text of this server.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_ROW_TEXT_H
#define NEON_REMOTE_ROW_TEXT_H

#include "json/response.h"

/*
 * A cell as text in the server's encoding, NULL for SQL null: as it stands in
 * the row, or converted in the current memory context.
 */
extern char *neon_row_text(const NeonRow *row, int i);

/*
 * A cell as it stands in a row that the remote's catalog was asked for; throws
 * if it is null.  Whether the statement can return a null there proves
 * nothing: it is another server that says it.
 */
extern char *neon_row_not_null(const NeonRow *row, int i);

#endif							/* NEON_REMOTE_ROW_TEXT_H */
