/*-------------------------------------------------------------------------
 *
 * http/authorities.h
 *		Where the system keeps the certificates of the authorities it trusts.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_AUTHORITIES_H
#define NEON_HTTP_AUTHORITIES_H

#include "compat/curl.h"

/*
 * libcurl's default is a file with all of them, which is read and parsed for
 * each connection: 20 ms with OpenSSL 3, and a megabyte of memory.  If there is
 * a directory, too, where OpenSSL finds the one that it needs by the hash of
 * its name, makes the handle use that alone, and returns true.
 */
extern bool neon_authorities_by_name(CURL *easy);

/*
 * Makes a handle use the file after all, if the verification has failed: it
 * may have more than the directory.
 */
extern bool neon_authorities_by_file(CURL *easy);

#endif							/* NEON_HTTP_AUTHORITIES_H */
