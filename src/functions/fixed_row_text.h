/*-------------------------------------------------------------------------
 *
 * functions/fixed_row_text.h
 *		Can a user's UPDATE or DELETE mean no other row than one?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_FIXED_ROW_TEXT_H
#define NEON_FUNCTIONS_FIXED_ROW_TEXT_H

/*
 * A condition in SQL, over the remote's catalog, under which the statement can
 * only ever concern the same row: that the columns for which it gives a value
 * hold a unique key of its table.  NULL if it gives none.  The statement is
 * one that neon_statement_text_countable() has accepted; the condition must be
 * evaluated with the search_path of the statement.  Allocates in the current
 * memory context.
 */
extern char *neon_fixed_row_condition(const char *sql);

#endif							/* NEON_FUNCTIONS_FIXED_ROW_TEXT_H */
