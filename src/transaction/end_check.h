/*-------------------------------------------------------------------------
 *
 * transaction/end_check.h
 *		Must what was only read be checked at the end of the transaction?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_END_CHECK_H
#define NEON_TRANSACTION_END_CHECK_H

#include "transaction/queue.h"

/*
 * Must what was read on this server be computed again at the commit, although
 * nothing is written there?
 */
extern bool neon_queue_wants_check(const NeonQueue *queue);
extern bool neon_queues_want_check(void);

/* Has the transaction read anything that is checked? */
extern bool neon_queues_hold_reads(void);

#endif							/* NEON_TRANSACTION_END_CHECK_H */
