/*-------------------------------------------------------------------------
 *
 * json/reply.h
 *		The shape of a reply, lexeme by lexeme, and the decoder's state.
 *
 * Only json/response.c has to do with this, which takes bytes in and hands
 * events out.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_REPLY_H
#define NEON_JSON_REPLY_H

#include "json/lexer.h"
#include "json/row.h"

/* Longest "command"; the endpoint sends the first word of a command tag. */
#define NEON_MAX_COMMAND	63

/* The container that the next lexeme stands in. */
typedef enum NeonPlace
{
	PLACE_START,				/* before the reply */
	PLACE_REPLY,				/* its top-level object */
	PLACE_RESULTS,
	PLACE_RESULT,
	PLACE_ROWS,
	PLACE_ROW,
	PLACE_FIELDS,				/* anywhere in there */
	PLACE_SKIPPED				/* anywhere in an unknown value */
} NeonPlace;

/* Keys that are known, as bits of what was seen. */
#define KEY_RESULTS		0x01
#define KEY_FIELDS		0x02
#define KEY_ROWS		0x04
#define KEY_COMMAND		0x08
#define KEY_ROWCOUNT	0x10
#define KEY_UNKNOWN		0

struct NeonResponse
{
	NeonLexer	lexer;

	NeonPlace	place;
	unsigned int key;			/* whose value comes next, in an object */
	NeonPlace	outer;			/* where PLACE_FIELDS or PLACE_SKIPPED ends */
	int			nested;			/* containers open in there */
	bool		results_seen;

	bool		single;			/* the reply is the result */
	int			nresults;		/* as asked for */
	int		   *ncolumns;

	int			result;			/* results begun so far */
	unsigned int seen;			/* keys of the current one */
	int			expected;		/* columns of its rows, -1: not known yet */
	int64		nrows;			/* begun so far */
	char		command[NEON_MAX_COMMAND + 1];
	int64		rowcount;

	char	   *fields;			/* raw text, NUL-terminated */
	size_t		fields_size;
	size_t		fields_used;	/* without the NUL */
	const char *capture;		/* from here on it is not copied yet */
	uint64		capture_start;	/* its offset in the reply */

	bool		row_done;		/* ROW was the last event */
	size_t	   *offsets;		/* of the row's values in the buffer */
	int			row_size;		/* allocated entries of the row's arrays */
	NeonRow		row;

	/* where the decoder was when something of use had come */
	int			useful_result;
	int64		useful_row;
	size_t		useful_text;	/* of a row's values so far */
	uint64		useful_offset;

	bool		finished;		/* END was returned */
	bool		is_broken;
	uint64		offset;
	char		problem[256];
};

/*
 * Takes the lexeme that was just read.  NEED_INPUT: all is well, go on with
 * the next one.
 */
extern NeonResponseEvent neon_reply_take(NeonResponse *r, NeonLexeme lexeme);

/*
 * Takes a whole row at once, if the next bytes are one and the number of its
 * columns is known; limit: most bytes of a value.  In PLACE_ROWS only.
 */
extern bool neon_reply_take_row(NeonResponse *r, size_t limit);

/* Copies what was read of "fields" since the last call. */
extern NeonResponseEvent neon_reply_capture(NeonResponse *r);

/* Notes what is wrong at which byte, and returns BROKEN. */
extern NeonResponseEvent neon_reply_broken(NeonResponse *r, uint64 offset,
										   const char *format,...)
			pg_attribute_printf(3, 4);

#endif							/* NEON_JSON_REPLY_H */
