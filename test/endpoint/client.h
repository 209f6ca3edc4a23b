/*-------------------------------------------------------------------------
 *
 * client.h
 *		The HTTP client, watched while work is done for it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_CLIENT_H
#define ENDPOINT_CLIENT_H

#include <poll.h>
#include <stdbool.h>

typedef struct Client
{
	int			fd;				/* -1: nobody to watch */
	short		events;			/* of poll(): that tell that it left */
} Client;

typedef enum WaitResult
{
	WAIT_READY,
	WAIT_TIMEOUT,
	WAIT_GONE					/* the client left, or we are to stop */
} WaitResult;

extern void client_init(void);

/* The time of a clock that only goes forward. */
extern long client_now_ms(void);

/* Makes all waits return WAIT_GONE; safe in a signal handler. */
extern void client_stop_all(void);

/*
 * Waits until fd (may be -1) has one of events, the client hangs up or the
 * time (in ms, -1: none) is over.
 */
extern WaitResult client_wait(const Client *client, int fd, short events,
							  long timeout);

/*
 * The same for up to MAX_WAIT descriptors, whose revents tell what there is.
 */
#define MAX_WAIT 4
extern WaitResult client_wait_many(const Client *client, struct pollfd *fds,
								   int nfds, long timeout);

#endif							/* ENDPOINT_CLIENT_H */
