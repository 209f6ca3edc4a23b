/*-------------------------------------------------------------------------
 *
 * scan/input_mode.h
 *		The settings under which input functions read what the remote prints.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_INPUT_MODE_H
#define NEON_SCAN_INPUT_MODE_H

/* What matters for the types that are read; starts as all zeros. */
typedef struct NeonInputMode
{
	bool		money;			/* parsed by lc_monetary */
	bool		xml;			/* by xmloption */
	bool		array;			/* by array_nulls */
	bool		names;			/* of objects, looked up in search_path */
} NeonInputMode;

/* Takes note of a type, and of all the types that it is made of. */
extern void neon_input_mode_add(NeonInputMode *mode, Oid type);

/*
 * Sets what the session has otherwise than the remote printed it.  Returns
 * the level for neon_local_settings_end(), which must follow.
 */
extern int	neon_input_mode_set(const NeonInputMode *mode);

#endif							/* NEON_SCAN_INPUT_MODE_H */
