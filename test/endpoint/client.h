/*-------------------------------------------------------------------------
 *
 * client.h
 *		The HTTP client's socket, watched while work is done for it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_CLIENT_H
#define ENDPOINT_CLIENT_H

#include <stdbool.h>

typedef struct Client
{
	int			fd;				/* -1: nobody to watch */
} Client;

typedef enum WaitResult
{
	WAIT_READY,
	WAIT_TIMEOUT,
	WAIT_GONE					/* the client left, or we are to stop */
} WaitResult;

extern void client_init(void);

/* Makes all waits return WAIT_GONE; safe in a signal handler. */
extern void client_stop_all(void);

/*
 * Waits until fd (may be -1) has one of events, the client hangs up or the
 * time (in ms, -1: none) is over.
 */
extern WaitResult client_wait(const Client *client, int fd, short events,
							  long timeout);

#endif							/* ENDPOINT_CLIENT_H */
