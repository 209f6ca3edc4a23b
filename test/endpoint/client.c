/*-------------------------------------------------------------------------
 *
 * client.c
 *		The HTTP client's socket, watched while work is done for it.
 *
 * A client that closes its connection gives up its query.  Only the hangup
 * is watched, not readability: under TLS a client may send bytes that mean
 * nothing while it waits.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

WaitResult
client_wait(const Client *client, int fd, short events, long timeout)
{
	struct pollfd fds[3];
	long		deadline = timeout < 0 ? 0 : now_ms() + timeout;

	fds[0].fd = fd;
	fds[0].events = events;
	fds[1].fd = client->fd;
	fds[1].events = POLLRDHUP;
	fds[2].fd = stop_fd;
	fds[2].events = POLLIN;
	for (;;)
	{
		int			n = poll(fds, 3, timeout < 0 ? -1 : (int) timeout);

		if (n > 0)
		{
			/* the client first: rows may keep coming for a long time */
			if (fds[1].revents || fds[2].revents)
				return WAIT_GONE;
			return WAIT_READY;
		}
		if (n < 0 && errno != EINTR)
		{
			perror("neon_endpoint: poll");
			abort();
		}
		if (timeout >= 0)
		{
			timeout = deadline - now_ms();
			if (timeout <= 0)
				return WAIT_TIMEOUT;
		}
	}
}
