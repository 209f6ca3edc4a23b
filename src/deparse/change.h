/*-------------------------------------------------------------------------
 *
 * deparse/change.h
 *		Print UPDATE and DELETE for the remote; private to deparse/write.c.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_CHANGE_H
#define NEON_DEPARSE_CHANGE_H

#include "deparse/frame.h"

/* Fills in the result's forms of the statement. */
extern void neon_print_change(NeonWriteDeparse *deparse);

#endif							/* NEON_DEPARSE_CHANGE_H */
