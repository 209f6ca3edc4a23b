/*-------------------------------------------------------------------------
 *
 * ship/portable_text.h
 *		Functions that print their arguments: is the text the same on both
 *		sides?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_PORTABLE_TEXT_H
#define NEON_SHIP_PORTABLE_TEXT_H

#include "ship/ship.h"

/*
 * True if values of the type print the same on both sides, whatever the
 * settings of the session that the guard does not send.
 */
extern bool neon_prints_alike(Oid type);

/* True for concat(), to_jsonb() and the like, which print arguments. */
extern bool neon_is_printer(Oid funcid);

/* True if this call of such a function prints the same on both sides. */
extern bool neon_printer_is_portable(NeonShipContext *ship, Oid funcid,
									 Node *call);

#endif							/* NEON_SHIP_PORTABLE_TEXT_H */
