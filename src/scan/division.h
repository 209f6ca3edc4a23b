/*-------------------------------------------------------------------------
 *
 * scan/division.h
 *		How a statement is divided whose reply would be too large.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_DIVISION_H
#define NEON_SCAN_DIVISION_H

/* The rows of one statement, see scan/pieces.h. */
typedef struct NeonPieces NeonPieces;

typedef struct NeonDivision
{
	const char *table;			/* quoted and qualified; NULL: not at all */
	bool		has_where;
	const char *unsorted;		/* the statement without its ORDER BY; NULL:
								 * it has none */
	int			fetch_ahead;	/* -1: as the server's option says */
} NeonDivision;

#endif							/* NEON_SCAN_DIVISION_H */
