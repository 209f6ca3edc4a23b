/*-------------------------------------------------------------------------
 *
 * schema/attach_server.h
 *		The server and the user mapping of neon_http_attach().
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_ATTACH_SERVER_H
#define NEON_SCHEMA_ATTACH_SERVER_H

#include "foreign/foreign.h"
#include "utils/array.h"

#include "schema/attach_url.h"

/*
 * Creates the server, or gives it the options that the connection string and
 * the array ("name=value" each, may be NULL) say.  If the name is NULL, the
 * server is named after the endpoint.
 *
 * Throws if the server exists and the caller does not trust its owner, if it
 * leads to another place (unless it is to be replaced), or if it has options
 * that lead the password on another way than the caller knows of.
 */
extern ForeignServer *neon_attach_server(const char *name, const NeonUrl *url,
										 ArrayType *options, bool replace);

/*
 * Creates the current user's mapping, or changes it.  A connection string
 * without a password leaves that as it is.
 */
extern void neon_attach_mapping(ForeignServer *server, const NeonUrl *url);

#endif							/* NEON_SCHEMA_ATTACH_SERVER_H */
