/*-------------------------------------------------------------------------
 *
 * client.c
 *		The HTTP client, watched while work is done for it.
 *
 * A client that closes its connection, or resets its stream of HTTP/2, gives
 * up its query.  Of a socket only the hangup is watched, not readability: a
 * client may send bytes that mean nothing while it waits.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "client.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static int	stop_fd = -1;

void
client_init(void)
{
	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
	{
		perror("neon_endpoint: eventfd");
		exit(1);
	}
}

void
client_stop_all(void)
{
	uint64_t	one = 1;

	if (write(stop_fd, &one, sizeof(one)) < 0)
		return;					/* it is set already */
}

long
client_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

WaitResult
client_wait(const Client *client, int fd, short events, long timeout)
{
	struct pollfd one = {.fd = fd,.events = events};

	return client_wait_many(client, &one, 1, timeout);
}

WaitResult
client_wait_many(const Client *client, struct pollfd *fds, int nfds,
				 long timeout)
{
	struct pollfd all[MAX_WAIT + 2];
	long		deadline = timeout < 0 ? 0 : client_now_ms() + timeout;

	all[0].fd = client->fd;
	all[0].events = client->events;
	all[1].fd = stop_fd;
	all[1].events = POLLIN;
	memcpy(all + 2, fds, sizeof(struct pollfd) * nfds);
	for (;;)
	{
		int			n = poll(all, nfds + 2, timeout < 0 ? -1 : (int) timeout);

		if (n > 0)
		{
			/* the client first: rows may keep coming for a long time */
			if (all[0].revents || all[1].revents)
				return WAIT_GONE;
			memcpy(fds, all + 2, sizeof(struct pollfd) * nfds);
			return WAIT_READY;
		}
		if (n < 0 && errno != EINTR)
		{
			perror("neon_endpoint: poll");
			abort();
		}
		if (timeout >= 0)
		{
			timeout = deadline - client_now_ms();
			if (timeout <= 0)
				return WAIT_TIMEOUT;
		}
	}
}
