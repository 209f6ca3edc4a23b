/*-------------------------------------------------------------------------
 *
 * json/row.h
 *		What comes out of a reply.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_ROW_H
#define NEON_JSON_ROW_H

/* The decoder of one reply: json/response.h. */
typedef struct NeonResponse NeonResponse;

typedef enum NeonResponseEvent
{
	NEON_RESPONSE_NEED_INPUT,	/* all input consumed: feed more, or finish */
	NEON_RESPONSE_ROW,			/* neon_response_row() is valid */
	NEON_RESPONSE_RESULT_END,	/* one result is complete and was checked */
	NEON_RESPONSE_END,			/* the whole reply is complete */
	NEON_RESPONSE_BROKEN		/* see neon_response_problem(); final */
} NeonResponseEvent;

/*
 * One row, valid until the next call of neon_response_next().  Values are
 * NUL-terminated UTF-8 (verified), NULL for SQL null.
 */
typedef struct NeonRow
{
	int			ncolumns;
	char	  **values;
	int		   *lengths;		/* in bytes, without the NUL */
	bool		ascii;			/* no value has a byte >= 0x80 */
} NeonRow;

#endif							/* NEON_JSON_ROW_H */
