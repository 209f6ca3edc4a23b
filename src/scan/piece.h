/*-------------------------------------------------------------------------
 *
 * scan/piece.h
 *		Asking for the pieces of a result, those ahead included.
 *
 * Only scan/pieces.c has to do with this; everybody else has NeonPieces.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_PIECE_H
#define NEON_SCAN_PIECE_H

#include "option/settings.h"
#include "scan/division.h"
#include "scan/spill.h"

/* The part of the limit to aim at. */
#define NEON_PIECE_SHARE	0.7

/* One range that was asked for. */
typedef struct NeonPiece
{
	NeonReader *reader;			/* NULL: not in flight */
	int64		start;
	int64		step;			/* positions; the last piece is open-ended */
	bool		last;
	int			number;			/* from 1 on */
	bool		arrived;		/* as far as it was looked at: all of it */
} NeonPiece;

struct NeonPieces
{
	MemoryContext context;
	UserMapping *user;
	CommandId	cid;			/* it sees writes of commands before this one */
	const NeonQuery *query;
	uint64		statement;		/* neon_statement_hash() of what was given:
								 * query may read a spill, the caller's may be
								 * gone */
	NeonDivision division;
	bool		can_spill;		/* the whole result */
	NeonSpill  *spill;			/* the table is this one; NULL: none */
	NeonQuery	other_query;	/* which reads it, or without an order */
	int64		rows;			/* so far */
	int64		received;		/* bytes of earlier pieces */
	NeonStats  *stats;

	bool		begun;			/* the first reply has begun */
	bool		divided;
	int64		limit;			/* of a reply, in bytes */
	int64		end;			/* position behind the last page */
	int64		step;			/* for the next piece */
	NeonPiece	piece;			/* being read; the only one if not divided */
	NeonPiece	ahead[NEON_MAX_FETCH_AHEAD + 1];	/* in flight meanwhile,
													 * the next one first */
	int			nahead;
};

/* Sends a statement and returns without waiting. */
extern NeonReader *neon_piece_query(NeonPieces *pieces,
									const NeonQuery *query);

/* Asks for a piece that begins at start and is as long as seems to fit. */
extern void neon_piece_start(NeonPieces *pieces, NeonPiece *piece,
							 int64 start, int number);
extern void neon_piece_end(NeonPiece *piece);

/* Starts pieces until enough are in flight behind the current one. */
extern void neon_piece_start_ahead(NeonPieces *pieces);

/*
 * All of the current piece's reply has arrived: sets the length of later ones
 * by its size.  It is not in flight any more, so that another one may be.
 */
extern void neon_piece_arrived(NeonPieces *pieces);

#endif							/* NEON_SCAN_PIECE_H */
