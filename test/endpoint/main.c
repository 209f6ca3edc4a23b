/*-------------------------------------------------------------------------
 *
 * main.c
 *		neon_endpoint: Neon's SQL over HTTP in front of any PostgreSQL.
 *
 * For development and tests.  Whatever host a connection string names, the
 * statements run on the server given on the command line, as the user, with
 * the password and in the database of the connection string.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fault.h"
#include "http.h"
#include "log.h"

/* The hosted endpoint's defaults. */
#define DEFAULT_MAX_REQUEST (10 * 1024 * 1024)
#define DEFAULT_MAX_RESPONSE (10 * 1024 * 1024)
#define DEFAULT_POOL_SIZE 20

extern char **environ;

static const char usage[] =
"neon_endpoint speaks Neon's SQL over HTTP in front of a PostgreSQL server.\n"
"\n"
"  --listen ADDR          address to listen on (127.0.0.1)\n"
"  --port PORT            port, 0 picks a free one (0)\n"
"  --port-file FILE       the port is written here once it is open\n"
"  --cert FILE            PEM certificate; without it: plain http\n"
"  --key FILE             PEM key of the certificate\n"
"  --pg-host HOST         PostgreSQL server (127.0.0.1)\n"
"  --pg-port PORT         its port (5432)\n"
"  --pool-size N          idle database connections kept (20)\n"
"  --max-request BYTES    limit of a request's body (10 MiB)\n"
"  --max-response BYTES   limit of a reply's rows (10 MiB)\n"
"  --latency MS           added to each request (0)\n"
"  --log FILE             request log, one JSON object per line\n"
"  --faults FILE          control file for faults, see fault.h\n"
"  --no-closing-rollback  commit a batch that ends with ROLLBACK\n";

typedef struct Options
{
	const char *listen;
	int			port;
	const char *port_file;
	const char *cert;
	const char *key;
	const char *pg_host;
	const char *pg_port;
	int			pool_size;
	const char *log;
	const char *faults;
	HttpOptions http;
} Options;

static void __attribute__((format(printf, 1, 2), noreturn))
die(const char *format,...)
{
	va_list		args;

	fputs("neon_endpoint: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static long
parse_number(const char *option, const char *text, long max)
{
	char	   *end;
	long		value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || *end || errno || value < 0 || value > max)
		die("invalid value for --%s: %s", option, text);
	return value;
}

static void
parse_options(int argc, char **argv, Options *options)
{
	enum
	{
		LISTEN = 1, PORT, PORT_FILE, CERT, KEY, PG_HOST, PG_PORT, POOL_SIZE,
		MAX_REQUEST, MAX_RESPONSE, LATENCY, LOG, FAULTS, NO_ROLLBACK, HELP
	};
	static const struct option names[] = {
		{"listen", required_argument, NULL, LISTEN},
		{"port", required_argument, NULL, PORT},
		{"port-file", required_argument, NULL, PORT_FILE},
		{"cert", required_argument, NULL, CERT},
		{"key", required_argument, NULL, KEY},
		{"pg-host", required_argument, NULL, PG_HOST},
		{"pg-port", required_argument, NULL, PG_PORT},
		{"pool-size", required_argument, NULL, POOL_SIZE},
		{"max-request", required_argument, NULL, MAX_REQUEST},
		{"max-response", required_argument, NULL, MAX_RESPONSE},
		{"latency", required_argument, NULL, LATENCY},
		{"log", required_argument, NULL, LOG},
		{"faults", required_argument, NULL, FAULTS},
		{"no-closing-rollback", no_argument, NULL, NO_ROLLBACK},
		{"help", no_argument, NULL, HELP},
		{NULL, 0, NULL, 0}
	};
	HttpOptions *http = &options->http;
	int			index = 0;
	int			c;

	while ((c = getopt_long(argc, argv, "", names, &index)) != -1)
	{
		const char *name = names[index].name;

		switch (c)
		{
			case LISTEN:
				options->listen = optarg;
				break;
			case PORT:
				options->port = (int) parse_number(name, optarg, 65535);
				break;
			case PORT_FILE:
				options->port_file = optarg;
				break;
			case CERT:
				options->cert = optarg;
				break;
			case KEY:
				options->key = optarg;
				break;
			case PG_HOST:
				options->pg_host = optarg;
				break;
			case PG_PORT:
				options->pg_port = optarg;
				break;
			case POOL_SIZE:
				options->pool_size = (int) parse_number(name, optarg, 1000);
				break;
			case MAX_REQUEST:
				http->max_request = parse_number(name, optarg, 2147483647);
				break;
			case MAX_RESPONSE:
				http->limits.max_response = parse_number(name, optarg,
														 1L << 40);
				break;
			case LATENCY:
				http->latency_ms = parse_number(name, optarg, 3600000);
				break;
			case LOG:
				options->log = optarg;
				break;
			case FAULTS:
				options->faults = optarg;
				break;
			case NO_ROLLBACK:
				http->limits.closing_rollback = false;
				break;
			case HELP:
				fputs(usage, stdout);
				exit(0);
			default:
				fputs("Try \"neon_endpoint --help\".\n", stderr);
				exit(2);
		}
	}
	if (optind < argc)
		die("unexpected argument: %s", argv[optind]);
	if ((options->cert == NULL) != (options->key == NULL))
		die("--cert and --key go together");
}

static char *
read_file(const char *path)
{
	Buffer		content = {0};
	char		chunk[4096];
	FILE	   *file = fopen(path, "r");
	size_t		n;

	if (file == NULL)
		die("could not open \"%s\": %s", path, strerror(errno));
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buffer_append(&content, chunk, n);
	fclose(file);
	return buffer_terminate(&content);
}

/* Returns the socket; *port becomes the one that was picked. */
static int
open_socket(const char *address, int *port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t	len = sizeof(sa);
	int			on = 1;
	int			fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_port = htons(*port);
	if (inet_pton(AF_INET, address, &sa.sin_addr) != 1)
		die("invalid address: %s", address);
	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(fd, (struct sockaddr *) &sa, sizeof(sa)) != 0 ||
		listen(fd, SOMAXCONN) != 0 ||
		getsockname(fd, (struct sockaddr *) &sa, &len) != 0)
		die("could not listen on %s port %d: %s", address, *port,
			strerror(errno));
	*port = ntohs(sa.sin_port);
	return fd;
}

/* The file appears with its content, never empty. */
static void
write_port(const char *path, int port)
{
	char	   *temporary;
	FILE	   *file;

	if (asprintf(&temporary, "%s.tmp", path) < 0)
		abort();
	file = fopen(temporary, "w");
	if (file == NULL || fprintf(file, "%d\n", port) < 0 ||
		fclose(file) != 0 || rename(temporary, path) != 0)
		die("could not write \"%s\": %s", path, strerror(errno));
	free(temporary);
}

/* Nothing but the connection string may say how to connect. */
static void
clear_pg_environment(void)
{
	char	  **entry = environ;

	while (*entry != NULL)
	{
		size_t		len = strcspn(*entry, "=");
		char	   *name;

		if (strncmp(*entry, "PG", 2) != 0)
		{
			entry++;
			continue;
		}
		name = must_strndup(*entry, len);
		unsetenv(name);
		free(name);
		entry = environ;
	}
}

static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
	{
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char **argv)
{
	Options		options = {
		.listen = "127.0.0.1",
		.pg_host = "127.0.0.1",
		.pg_port = "5432",
		.pool_size = DEFAULT_POOL_SIZE,
		.http = {
			.max_request = DEFAULT_MAX_REQUEST,
			.limits = {
				.max_response = DEFAULT_MAX_RESPONSE,
				.closing_rollback = true
			}
		}
	};
	struct MHD_Daemon *daemon;
	sigset_t	signals;
	int			signal_number;

	parse_options(argc, argv, &options);
	clear_pg_environment();
	raise_file_limit();

	/* blocked in all threads, main waits for them */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);

	log_open(options.log);
	fault_init(options.faults);
	client_init();
	pool_init(options.pg_host, options.pg_port, options.pool_size);
	if (options.cert != NULL)
	{
		options.http.certificate = read_file(options.cert);
		options.http.key = read_file(options.key);
	}
	options.http.listen_fd = open_socket(options.listen, &options.port);
	daemon = http_start(&options.http);
	if (daemon == NULL)
		die("could not start the HTTP server");
	if (options.port_file != NULL)
		write_port(options.port_file, options.port);
	fprintf(stderr, "neon_endpoint: listening on %s://%s:%d/sql\n",
			options.cert ? "https" : "http", options.listen, options.port);

	sigwait(&signals, &signal_number);
	client_stop_all();
	MHD_stop_daemon(daemon);
	return 0;
}
