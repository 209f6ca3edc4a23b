/*-------------------------------------------------------------------------
 *
 * remote/known_error.h
 *		Errors of the endpoint that are not the database's, told by their
 *		status and text.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_KNOWN_ERROR_H
#define NEON_REMOTE_KNOWN_ERROR_H

#include "http/credentials.h"
#include "remote/error.h"

/*
 * Fills in what an error means: SQLSTATE, hint, whether it is worth trying
 * again and whether anything can have run.  The message must be there if
 * there is one.  What is not recognized is left as it is.
 */
extern void neon_error_recognize(NeonError *error, int status,
								 const NeonCredentials *credentials);

#endif							/* NEON_REMOTE_KNOWN_ERROR_H */
