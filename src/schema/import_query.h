/*-------------------------------------------------------------------------
 *
 * schema/import_query.h
 *		The statements that read the remote's catalog.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_QUERY_H
#define NEON_SCHEMA_IMPORT_QUERY_H

#include "nodes/parsenodes.h"

#include "json/request.h"

/* Which statement is which. */
enum
{
	QUERY_SCHEMA,				/* has a row if the schema exists */
	QUERY_TYPES,
	QUERY_TABLES,
	QUERY_EXTENSIONS,			/* name and schema of each */
	NEON_IMPORT_QUERIES
};

/* The columns that describe a type with its modifier and its collation. */
enum
{
	TYPING_TYPE,
	TYPING_MODIFIER,
	TYPING_COLLATION_SCHEMA,
	TYPING_COLLATION,
	TYPING_COLUMNS
};

/*
 * The rows of QUERY_TYPES are types, attributes of composite types, or labels
 * of enums.  Built-in types are the same everywhere, so there is no need to
 * look inside of them.
 */
enum
{
	ROW_TYPE,
	ROW_ATTRIBUTE,
	ROW_LABEL
};

/* Columns of QUERY_TYPES; rows that are no types have no more than NAME. */
enum
{
	TYPES_ROW,					/* kind of row */
	TYPES_OID,					/* of the type */
	TYPES_NUMBER,				/* order of attributes and labels */
	TYPES_NAME,
	TYPES_TYPING,				/* what a type is made of; an attribute's */
	TYPES_KIND = TYPES_TYPING + TYPING_COLUMNS,
	TYPES_SCHEMA,
	TYPES_EXTENSION,
	TYPES_SQL_NAME,
	TYPES_IS_TABLE,
	TYPES_COLUMNS
};

/* Columns of QUERY_TABLES. */
enum
{
	TABLES_NAME,
	TABLES_COLUMN,				/* its name; null: the table has no columns */
	TABLES_TYPING,
	TABLES_NOT_NULL = TABLES_TYPING + TYPING_COLUMNS,
	TABLES_KEY,
	TABLES_GENERATED,
	TABLES_EXPRESSION,
	TABLES_ROWS,
	TABLES_COLUMNS
};

/*
 * Fills in the statements for the tables that the IMPORT asks for, but for
 * the commit ledger, whose name may be NULL.
 */
extern void neon_import_queries(NeonQuery *queries,
								ImportForeignSchemaStmt *stmt,
								const char *ledger);

#endif							/* NEON_SCHEMA_IMPORT_QUERY_H */
