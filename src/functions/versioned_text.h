/*-------------------------------------------------------------------------
 *
 * functions/versioned_text.h
 *		A user's UPDATE or DELETE that tells which rows it concerns.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_VERSIONED_TEXT_H
#define NEON_FUNCTIONS_VERSIONED_TEXT_H

/* The column of what the statement returns that has a row's old version. */
#define NEON_VERSION_COLUMN	"neon_http_version"

/*
 * The statement, which neon_statement_text_countable() has accepted, joined to
 * its own target, of which it returns the versions of the rows before.  NULL
 * if it is no UPDATE or DELETE.  Allocates in the current memory context.
 */
extern char *neon_versioned_text(const char *sql);

#endif							/* NEON_FUNCTIONS_VERSIONED_TEXT_H */
