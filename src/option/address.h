/*-------------------------------------------------------------------------
 *
 * option/address.h
 *		Syntax of hosts, URLs and proxies.
 *
 * Every function takes the option's name for its messages and throws if the
 * value is not valid.  No message repeats a value, in which somebody may have
 * pasted a password.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_ADDRESS_H
#define NEON_OPTION_ADDRESS_H

extern void neon_value_check_url(const char *name, const char *value);
extern void neon_value_check_proxy(const char *name, const char *value);

/* The host without the "-pooler" suffix of its first label. */
extern char *neon_value_host(const char *name, const char *value);

/* Is this (valid) URL one of plain http? */
extern bool neon_value_is_plain_url(const char *value);

#endif							/* NEON_OPTION_ADDRESS_H */
