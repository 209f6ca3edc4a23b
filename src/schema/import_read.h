/*-------------------------------------------------------------------------
 *
 * schema/import_read.h
 *		What the remote's catalog says about a schema.
 *
 * Nothing is decided here: schema/import.c and schema/import_type.c say what
 * becomes of tables and types.  All names are copies in the server's encoding,
 * allocated in the current memory context.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_READ_H
#define NEON_SCHEMA_IMPORT_READ_H

#include "nodes/parsenodes.h"
#include "utils/hsearch.h"

#include "http/connection.h"

/* Type, modifier and collation of a column, an attribute or a domain. */
typedef struct NeonTyping
{
	Oid			type;			/* remote OID */
	int32		typmod;
	char	   *collation_schema;
	char	   *collation;		/* NULL if it is the type's own */
} NeonTyping;

/* Attribute of a composite type. */
typedef struct NeonRemoteAttribute
{
	char	   *name;
	NeonTyping	typing;
} NeonRemoteAttribute;

/*
 * Why a type or column cannot be imported.  Both texts are whole sentences.
 */
typedef struct NeonProblem
{
	const char *detail;
	const char *hint;			/* may be NULL */
} NeonProblem;

/* Instead of a typtype: array of another type of the catalog. */
#define NEON_TYPTYPE_ARRAY 'A'

typedef struct NeonCatalogType
{
	Oid			oid;			/* remote OID, hash key */
	char	   *schema;
	char	   *name;
	char	   *sql;			/* name as SQL, as format_type() has it */
	char		kind;			/* typtype or NEON_TYPTYPE_ARRAY */
	char	   *extension;		/* to which it belongs, or NULL */
	bool		is_table;		/* row type of a table or view */
	NeonTyping	related;		/* what a domain, array or range is made of;
								 * of a multirange: its range */
	List	   *attributes;		/* of a composite type: NeonRemoteAttribute */
	List	   *labels;			/* of an enum, in order: char * */

	/* worked out by schema/import_type.c, zero at first */
	int			state;
	Oid			local;			/* counterpart here, if there is one yet */
	bool		unordered;		/* labels come in another order here */
	NeonProblem problem;
} NeonCatalogType;

typedef struct NeonTypeCatalog
{
	HTAB	   *hash;
} NeonTypeCatalog;

typedef struct NeonRemoteColumn
{
	char	   *name;
	NeonTyping	typing;
	bool		notnull;
	bool		key;			/* part of the primary key */
	bool		generated;
	char	   *expression;		/* default, NULL if there is none */
} NeonRemoteColumn;

typedef struct NeonRemoteTable
{
	char	   *name;
	double		rows;			/* estimate, negative if there is none */
	List	   *columns;		/* NeonRemoteColumn */
} NeonRemoteTable;

typedef struct NeonRemoteSchema
{
	List	   *tables;			/* NeonRemoteTable, by name */
	NeonTypeCatalog types;		/* all that they need */
	List	   *extensions;		/* NeonExtensionSchema, all of the database */
} NeonRemoteSchema;

/*
 * Reads the tables and views that the statement asks for, in one request.
 * Throws if the schema does not exist.
 */
extern NeonRemoteSchema *neon_read_schema(ImportForeignSchemaStmt *stmt,
										  Oid serverid);

/* Throws if the remote's reply has no such type. */
extern NeonCatalogType *neon_catalog_type(NeonTypeCatalog *catalog, Oid type);

/* Is it a type that every server has under the same name? */
extern bool neon_catalog_type_is_builtin(const NeonCatalogType *type);

#endif							/* NEON_SCHEMA_IMPORT_READ_H */
