/*-------------------------------------------------------------------------
 *
 * deparse/pin_sql.h
 *		SQL by which a rehearsal returns the rows that are committed later.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_PIN_SQL_H
#define NEON_DEPARSE_PIN_SQL_H

/*
 * What RETURNING must have for one row, if the table's alias is alias: the
 * whole row as text.  Allocates in the current memory context.
 */
extern char *neon_pin_row_sql(const char *alias);

/*
 * A condition in SQL: does the table, which is given as a literal or as a
 * parameter, have triggers that may change a row before it is inserted?  With
 * upsert, those count as well that may change it before it is updated.
 * Allocates in the current memory context.
 */
extern char *neon_pin_triggers_sql(const char *table, bool upsert);

#endif							/* NEON_DEPARSE_PIN_SQL_H */
