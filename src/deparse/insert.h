/*-------------------------------------------------------------------------
 *
 * deparse/insert.h
 *		Print INSERT for the remote; private to deparse/write.c.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_INSERT_H
#define NEON_DEPARSE_INSERT_H

#include "deparse/frame.h"

/* Fills in the result's forms of the statement. */
extern void neon_print_insert(NeonWriteDeparse *deparse);

#endif							/* NEON_DEPARSE_INSERT_H */
