/*-------------------------------------------------------------------------
 *
 * option/definition.h
 *		Every option that there is: where it belongs, what its value looks
 *		like, who may set it, and which field it fills.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_DEFINITION_H
#define NEON_OPTION_DEFINITION_H

#include "compat/compat.h"
#include "option/settings.h"

/* What an option belongs to. */
typedef enum NeonOptionObject
{
	NEON_OPTION_SERVER,
	NEON_OPTION_USER_MAPPING,
	NEON_OPTION_TABLE,
	NEON_OPTION_COLUMN,
	NEON_OPTION_IMPORT,			/* IMPORT FOREIGN SCHEMA */
	NEON_OPTION_NOWHERE			/* the foreign-data wrapper has none */
} NeonOptionObject;

/* What a value must look like, and the type of the field that holds it. */
typedef enum NeonOptionKind
{
	NEON_OPTION_TEXT,			/* char *, not empty */
	NEON_OPTION_PRINTABLE,		/* char *, printable ASCII, not empty */
	NEON_OPTION_TOKEN,			/* char *, fit for an Authorization header */
	NEON_OPTION_BOOL,			/* bool */
	NEON_OPTION_OVERRIDE,		/* NeonOverride, written as a bool */
	NEON_OPTION_INTEGER,		/* int, from min to max */
	NEON_OPTION_COST,			/* double, not negative */
	NEON_OPTION_HOST,			/* char * */
	NEON_OPTION_URL,			/* char * */
	NEON_OPTION_PROXY,			/* char * */
	NEON_OPTION_SSLMODE,		/* NeonSslMode */
	NEON_OPTION_REQUEST_HOST,	/* NeonRequestHost */
	NEON_OPTION_CONSISTENCY,	/* bool: strict */
	NEON_OPTION_READ_CHECKS,	/* NeonReadChecks */
	NEON_OPTION_TRANSACTIONS,	/* bool: autocommit */
	NEON_OPTION_RELATION,		/* char *, quoted where it must be */
	NEON_OPTION_SAMPLING,		/* NeonSampling */
	NEON_OPTION_EXTENSIONS,		/* List * of OIDs */
	NEON_OPTION_EXTENSION_SCHEMAS,	/* List * of NeonExtensionSchema */
	NEON_OPTION_TYPE			/* char * */
} NeonOptionKind;

/*
 * Which values only superusers may set: those with which a server could be
 * made to send a password unprotected or to another place, or to act with
 * rights that the local user lacks.
 */
typedef enum NeonOptionRule
{
	NEON_OPTION_ANYBODY,
	NEON_OPTION_SUPERUSER,		/* any value */
	NEON_OPTION_SUPERUSER_FALSE,
	NEON_OPTION_SUPERUSER_UNVERIFIED,	/* an sslmode but verify-full */
	NEON_OPTION_SUPERUSER_PLAIN /* a URL with plain http */
} NeonOptionRule;

typedef struct NeonOption
{
	const char *name;
	NeonOptionObject object;
	NeonOptionKind kind;
	NeonOptionRule rule;
	size_t		offset;			/* in the structure of the object's options */
	const char *initial;		/* default as a value, NULL: none */
	const char *description;	/* one line, the reference's */
	int			min;			/* of INTEGER */
	int			max;
} NeonOption;

extern const NeonOption neon_option_table[];	/* ends with name NULL */

extern const NeonOption *neon_option_find(NeonOptionObject object,
										  const char *name);

/* Throws for an option that this kind of object does not have. */
pg_noreturn extern void neon_option_unknown(NeonOptionObject object,
											const char *name);

#endif							/* NEON_OPTION_DEFINITION_H */
