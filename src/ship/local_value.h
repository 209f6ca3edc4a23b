/*-------------------------------------------------------------------------
 *
 * ship/local_value.h
 *		Which parts of an expression are values of the local session?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_LOCAL_VALUE_H
#define NEON_SHIP_LOCAL_VALUE_H

#include "ship/ship.h"

/*
 * True if node is to be computed here and sent as a parameter: it has no
 * column of the remote relations, nothing volatile, no aggregate, window
 * function, sublink or set, and its type is known on the remote.
 *
 * conditional says that the node is below one that neon_is_conditional().
 * There an expression over parameters is not computed here, only each
 * parameter is sent: computing the expression ahead of the condition could
 * raise an error that the condition is there to prevent.
 */
extern bool neon_is_local_value(NeonShipContext *ship, Node *node,
								bool conditional);

/*
 * The same for whoever asks about a node and then about the nodes below it.
 * Without a memo each question would walk down to the same remote column, and
 * a tree as deep as "a || $1 || $2 ..." would take quadratic time.  A memo must
 * be zero at first, and serves one tree, while the tree is not changed.
 */
typedef struct NeonLocalMemo
{
	struct remote_nodes_hash *nodes;	/* known to have a remote part */
} NeonLocalMemo;

extern bool neon_is_local_part(NeonShipContext *ship, NeonLocalMemo *memo,
							   Node *node, bool conditional);

/* True if this node evaluates its arguments only under a condition. */
extern bool neon_is_conditional(Node *node);

#endif							/* NEON_SHIP_LOCAL_VALUE_H */
