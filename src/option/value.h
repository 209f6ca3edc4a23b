/*-------------------------------------------------------------------------
 *
 * option/value.h
 *		Syntax of the values that options may have.
 *
 * Every function takes the option's name for its messages and throws if the
 * value is not valid.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_VALUE_H
#define NEON_OPTION_VALUE_H

#include "option/settings.h"

/* Every value must pass this one first. */
extern void neon_value_check_characters(const char *name, const char *value);

extern void neon_value_check_not_empty(const char *name, const char *value);
extern void neon_value_check_printable(const char *name, const char *value);
extern void neon_value_check_token(const char *name, const char *value);

extern bool neon_value_bool(const char *name, const char *value);
extern int	neon_value_integer(const char *name, const char *value,
							   int min, int max);
extern double neon_value_cost(const char *name, const char *value);
extern bool neon_value_consistency(const char *name, const char *value);
extern NeonReadChecks neon_value_read_checks(const char *name,
											 const char *value);
extern bool neon_value_autocommit(const char *name, const char *value);
extern NeonSslMode neon_value_sslmode(const char *name, const char *value);
extern NeonRequestHost neon_value_request_host(const char *name,
											   const char *value);
extern NeonSampling neon_value_sampling(const char *name, const char *value);

/*
 * The type's name as SQL, qualified as it was given, each part quoted where
 * it must be.  Length and precision are dropped: this is what values are cast
 * to, and a cast must not shorten them.
 */
extern char *neon_value_type(const char *name, const char *value);

/* "schema.table", each part quoted where it must be. */
extern char *neon_value_relation(const char *name, const char *value);

/* What a token looks like, for messages. */
#define NEON_TOKEN_SYNTAX \
	"A token consists of letters, digits and the characters -._~+/=, without the word \"Bearer\" before it."

extern bool neon_value_is_token(const char *value);

#endif							/* NEON_OPTION_VALUE_H */
