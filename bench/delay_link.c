/*-------------------------------------------------------------------------
 *
 * delay_link.c
 *		A network link that delays every frame.
 *
 *	delay_link DELAY_US NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B
 *
 * Makes a TAP device in each of two network namespaces (paths below
 * /run/netns) and carries frames between them, each DELAY_US microseconds
 * after it was sent: half of a round trip.  All is delayed, handshakes and
 * acknowledgements too.  Prints "ready" when the devices are there, and when
 * SIGTERM ends it, how many frames and bytes went each way.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* As a router drops frames when its queue is full. */
#define MAX_FRAMES	32768
#define MAX_FRAME	2048

typedef struct Frame
{
	int64_t		due;			/* in nanoseconds */
	int			size;
	char		data[MAX_FRAME];
} Frame;

/* Frames on their way in one direction, in order. */
typedef struct Direction
{
	int			from;
	int			to;
	Frame	   *frames;
	unsigned	first;
	unsigned	count;
	int64_t		nframes;
	int64_t		nbytes;
} Direction;

static volatile sig_atomic_t stop = 0;

static void
handle_signal(int signo)
{
	stop = 1;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int
open_tap(const char *namespace, const char *device)
{
	struct ifreq request;
	int			ns = open(namespace, O_RDONLY);
	int			fd;

	if (ns < 0 || setns(ns, CLONE_NEWNET) != 0)
		die(namespace);
	close(ns);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (fd < 0)
		die("/dev/net/tun");
	memset(&request, 0, sizeof(request));
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	strncpy(request.ifr_name, device, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request) != 0)
		die(device);
	return fd;
}

/* Takes in what has come, to be sent on later. */
static void
receive(Direction *direction, int64_t delay)
{
	while (direction->count < MAX_FRAMES)
	{
		Frame	   *frame = &direction->frames[(direction->first +
												direction->count) % MAX_FRAMES];
		int			size = read(direction->from, frame->data, MAX_FRAME);

		if (size <= 0)
			return;
		frame->size = size;
		frame->due = now() + delay;
		direction->count++;
		direction->nframes++;
		direction->nbytes += size;
	}
}

/* Sends what is due; returns when the next frame is, or INT64_MAX. */
static int64_t
deliver(Direction *direction)
{
	while (direction->count > 0)
	{
		Frame	   *frame = &direction->frames[direction->first];

		if (frame->due > now())
			return frame->due;
		if (write(direction->to, frame->data, frame->size) < 0 &&
			errno == EAGAIN)
			return now() + 100000;
		direction->first = (direction->first + 1) % MAX_FRAMES;
		direction->count--;
	}
	return INT64_MAX;
}

static void
carry(Direction *directions, int64_t delay)
{
	struct pollfd fds[2] = {{directions[0].from, POLLIN, 0},
	{directions[1].from, POLLIN, 0}};

	while (!stop)
	{
		int64_t		next = INT64_MAX;
		struct timespec timeout = {1, 0};

		for (int i = 0; i < 2; i++)
		{
			int64_t		due;

			receive(&directions[i], delay);
			due = deliver(&directions[i]);
			if (due < next)
				next = due;
		}
		if (next != INT64_MAX)
		{
			int64_t		left = next - now();

			if (left < 0)
				left = 0;
			timeout.tv_sec = left / 1000000000;
			timeout.tv_nsec = left % 1000000000;
		}
		if (ppoll(fds, 2, &timeout, NULL) < 0 && errno != EINTR)
			die("ppoll");
	}
}

int
main(int argc, char **argv)
{
	Direction	directions[2] = {{0}};

	if (argc != 6)
	{
		fprintf(stderr, "delay_link DELAY_US NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B\n");
		return 2;
	}
	signal(SIGTERM, handle_signal);
	signal(SIGINT, handle_signal);
	directions[0].from = directions[1].to = open_tap(argv[2], argv[3]);
	directions[1].from = directions[0].to = open_tap(argv[4], argv[5]);
	for (int i = 0; i < 2; i++)
	{
		directions[i].frames = malloc(MAX_FRAMES * sizeof(Frame));
		if (directions[i].frames == NULL)
			die("malloc");
	}
	printf("ready\n");
	fflush(stdout);
	carry(directions, atoll(argv[1]) * 1000);
	for (int i = 0; i < 2; i++)
		printf("%s: %lld frames, %lld bytes\n", i == 0 ? "out" : "back",
			   (long long) directions[i].nframes,
			   (long long) directions[i].nbytes);
	return 0;
}
