/*-------------------------------------------------------------------------
 *
 * scan/quick_input.h
 *		Values of common types, without their input functions.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_QUICK_INPUT_H
#define NEON_SCAN_QUICK_INPUT_H

/* How the values of a column can be read. */
typedef enum NeonQuickInput
{
	NEON_QUICK_NONE,			/* by the type's input function alone */
	NEON_QUICK_BOOL,
	NEON_QUICK_INT2,
	NEON_QUICK_INT4,
	NEON_QUICK_INT8,
	NEON_QUICK_TEXT,			/* also of a limited length */
	NEON_QUICK_NUMERIC,
	NEON_QUICK_DATE,
	NEON_QUICK_TIMESTAMP,
	NEON_QUICK_TIMESTAMPTZ
} NeonQuickInput;

extern NeonQuickInput neon_quick_input_kind(Oid type, int32 typmod);

/*
 * Reads a value of a kind but NONE, len bytes and a NUL in the server's
 * encoding, for a column with this typmod.  False: it is not written as it mostly is, and the type's input
 * function must tell what it means, or what is wrong with it.
 */
extern bool neon_quick_input(NeonQuickInput kind, int32 typmod,
							 const char *text, int len, Datum *value);

#endif							/* NEON_SCAN_QUICK_INPUT_H */
