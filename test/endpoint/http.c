/*-------------------------------------------------------------------------
 *
 * http.c
 *		The HTTP server: connections in, requests answered.
 *
 * Under TLS the client chooses HTTP/2 or HTTP/1.1.  A connection has a thread
 * of its own, which speaks HTTP/2 itself.  HTTP/1.1 is spoken by
 * libmicrohttpd behind a pair of sockets, through which the thread passes on
 * what was encrypted.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "http.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http1.h"
#include "http2.h"

/* Bytes on their way through a connection of HTTP/1.1, in one direction. */
#define TUNNEL_SIZE 65536

/* Milliseconds after an accept() that failed. */
#define ACCEPT_PAUSE 100

/* Seconds that http_stop() waits for connections. */
#define STOP_TIMEOUT 2

typedef struct Flow
{
	char		data[TUNNEL_SIZE];
	size_t		start;
	size_t		end;
} Flow;

static const HttpOptions *http_options;
static pthread_t acceptor;
static atomic_ulong connections;

/* Threads of connections under TLS */
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t threads_ended = PTHREAD_COND_INITIALIZER;
static int	threads;

unsigned long
http_next_connection(void)
{
	return atomic_fetch_add(&connections, 1) + 1;
}

/* From the client to the inner socket; false at the end. */
static bool
pass_in(Flow *flow, Tls *tls, int inner, bool *deaf)
{
	long		n;

	if (flow->start == flow->end && !*deaf)
	{
		n = tls_read(tls, flow->data, TUNNEL_SIZE);
		if (n < 0)
			return false;
		flow->start = 0;
		flow->end = n;
	}
	if (flow->start == flow->end)
		return true;
	n = send(inner, flow->data + flow->start, flow->end - flow->start,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		flow->start += n;
	else if (errno != EAGAIN && errno != EINTR)
	{
		/* it has stopped to listen, but its reply may still be here */
		*deaf = true;
		flow->start = flow->end;
	}
	return true;
}

/* From the inner socket to the client; false at the end. */
static bool
pass_out(Flow *flow, Tls *tls, int inner)
{
	long		n;

	if (flow->start == flow->end)
	{
		n = recv(inner, flow->data, TUNNEL_SIZE, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		flow->start = 0;
		flow->end = n > 0 ? n : 0;
	}
	if (flow->start == flow->end)
		return true;
	n = tls_write(tls, flow->data + flow->start, flow->end - flow->start);
	if (n > 0)
		flow->start += n;
	return n >= 0;
}

/* Until one of both sides ends. */
static void
tunnel(Tls *tls, int inner)
{
	Flow	   *in = must_alloc(sizeof(Flow));
	Flow	   *out = must_alloc(sizeof(Flow));
	bool		deaf = false;

	while (pass_in(in, tls, inner, &deaf) && pass_out(out, tls, inner))
	{
		bool		sends = in->start < in->end;
		bool		replies = out->start < out->end;
		Client		client = {.fd = tls->fd,.events = POLLRDHUP};
		struct pollfd fds[2] = {{.fd = tls->fd}, {.fd = inner}};

		fds[0].events = (sends || deaf ? 0 : POLLIN) |
			(replies ? POLLOUT : 0);
		fds[1].events = (sends ? POLLOUT : 0) | (replies ? 0 : POLLIN);
		if (client_wait_many(&client, fds, 2, -1) == WAIT_GONE)
			break;
	}
	free(in);
	free(out);
}

static void
serve_http1(Tls *tls)
{
	int			pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	http1_serve(pair[1]);
	tunnel(tls, pair[0]);
	close(pair[0]);
}

static void *
connection_main(void *arg)
{
	int			fd = (int) (intptr_t) arg;
	int			on = 1;
	bool		orderly = false;
	Tls			tls;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (tls_accept(&tls, fd))
	{
		if (tls.http2)
			orderly = http2_serve(http_options, &tls);
		else
		{
			serve_http1(&tls);
			orderly = true;
		}
	}
	tls_close(&tls, orderly);
	pthread_mutex_lock(&threads_lock);
	threads--;
	pthread_cond_signal(&threads_ended);
	pthread_mutex_unlock(&threads_lock);
	return NULL;
}

static void
start_connection(int fd)
{
	pthread_t	thread;

	pthread_mutex_lock(&threads_lock);
	threads++;
	pthread_mutex_unlock(&threads_lock);
	if (pthread_create(&thread, NULL, connection_main,
					   (void *) (intptr_t) fd) == 0)
	{
		pthread_detach(thread);
		return;
	}
	perror("neon_endpoint: pthread_create");
	close(fd);
	pthread_mutex_lock(&threads_lock);
	threads--;
	pthread_mutex_unlock(&threads_lock);
}

static void *
accept_main(void *arg)
{
	Client		nobody = {.fd = -1};
	int			listen_fd = http_options->listen_fd;

	(void) arg;
	while (client_wait(&nobody, listen_fd, POLLIN, -1) == WAIT_READY)
	{
		int			fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			start_connection(fd);
		else					/* perhaps there are too many */
			client_wait(&nobody, -1, 0, ACCEPT_PAUSE);
	}
	close(listen_fd);
	return NULL;
}

bool
http_start(const HttpOptions *options)
{
	http_options = options;
	if (options->certificate == NULL)
		return http1_start(options, options->listen_fd);
	return tls_init(options->certificate, options->key, options->http1) &&
		http1_start(options, -1) &&
		pthread_create(&acceptor, NULL, accept_main, NULL) == 0;
}

void
http_stop(void)
{
	struct timespec until;

	if (http_options->certificate != NULL)
		pthread_join(acceptor, NULL);
	http1_stop();
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_TIMEOUT;
	pthread_mutex_lock(&threads_lock);
	while (threads > 0 &&
		   pthread_cond_timedwait(&threads_ended, &threads_lock,
								  &until) == 0)
		;
	pthread_mutex_unlock(&threads_lock);
}
