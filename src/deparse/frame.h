/*-------------------------------------------------------------------------
 *
 * deparse/frame.h
 *		What printing INSERT shares with printing UPDATE and DELETE; private
 *		to deparse/write.c, deparse/insert.c and deparse/change.c.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_FRAME_H
#define NEON_DEPARSE_FRAME_H

#include "deparse/deparse.h"
#include "deparse/write_sql.h"
#include "ship/write.h"

/* The target's alias: it is always the first relation. */
#define NEON_TARGET	"r1"

typedef struct NeonWriteDeparse
{
	NeonRemoteWrite *write;
	Query	   *query;
	NeonRemoteColumns *columns; /* the target's */
	NeonRemoteSql sql;			/* the statement being printed */
	NeonWriteSql *result;
	List	   *foreign;		/* Vars of RETURNING that belong to other
								 * relations than the target */
} NeonWriteDeparse;

/* Quoted remote name of a column of the target. */
extern const char *neon_frame_column(NeonWriteDeparse *deparse,
									 AttrNumber attno);

/* "a = expression, ..."; between neon_sql_begin_print() and its end. */
extern void neon_frame_append_assignments(NeonWriteDeparse *deparse,
										  List *targets);

/*
 * Appends RETURNING: the columns that are wanted and, if not NULL, something
 * more.  Columns of other relations come from the joined SELECT, as s.f1 ...
 */
extern void neon_frame_append_returning(NeonWriteDeparse *deparse,
										const char *more);

/*
 * Returns the text printed so far, with RETURNING as above; another text can
 * be printed then.
 */
extern char *neon_frame_take(NeonWriteDeparse *deparse, bool returning,
							 const char *more);

#endif							/* NEON_DEPARSE_FRAME_H */
