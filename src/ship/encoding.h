/*-------------------------------------------------------------------------
 *
 * ship/encoding.h
 *		Does it matter in which encoding this database stores text?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_ENCODING_H
#define NEON_SHIP_ENCODING_H

#include "nodes/nodes.h"

/*
 * True if an immutable function that node calls can give another result here
 * than on a remote that stores UTF-8.
 */
extern bool neon_encoding_matters(Oid funcid, Node *node);

/* True if a cast through text to that type can give another result. */
extern bool neon_encoding_matters_for_cast(Oid to);

#endif							/* NEON_SHIP_ENCODING_H */
