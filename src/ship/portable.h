/*-------------------------------------------------------------------------
 *
 * ship/portable.h
 *		Which functions and operators give the same result on both sides?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_PORTABLE_H
#define NEON_SHIP_PORTABLE_H

#include "ship/ship.h"

/*
 * True if both sides have the object: it is built in, or it belongs to one of
 * extensions, the OIDs of those known on both sides.
 */
extern bool neon_is_known(List *extensions, Oid classid, Oid objid);

/*
 * True if the functions that the node itself calls (not those below it) give
 * the same result there as here, under the settings that the guard sends.
 */
extern bool neon_calls_are_portable(NeonShipContext *ship, Node *node);

#endif							/* NEON_SHIP_PORTABLE_H */
