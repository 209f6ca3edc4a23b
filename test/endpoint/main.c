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
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
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
"  --http1                offer no HTTP/2 (which needs TLS)\n"
"  --pg-host HOST         PostgreSQL server (127.0.0.1)\n"
"  --pg-port PORT         its port (5432)\n"
"  --pool-size N          idle database connections kept (20)\n"
"  --max-request BYTES    limit of a request's body (10 MiB)\n"
"  --max-response BYTES   limit of a reply's rows (10 MiB)\n"
"  --latency MS           added to each request (0)\n"
"  --log FILE             request log, one JSON object per line\n"
"  --faults FILE          control file for faults, see fault.h\n"
"  --refuse NAME          refuse all requests: rate, attempts, permit,\n"
"                         compute, control, ip, vpc or network\n"
"  --rate-limit LIST      refuse what is beyond: 500@1,300@60,200@600 (500 a\n"
"                         second within 1 s, ...) is the hosted endpoint's\n"
"  --no-closing-rollback  commit a batch that ends with ROLLBACK\n"
"\n"
"Logins by token (JWT, RS256 or ES256), on hosts named apiauth.*:\n"
"  --jwks FILE            the keys (JWKS), read anew for each token;\n"
"                         without it tokens are refused\n"
"  --jwt-password-file FILE  first line: password of the roles that log in\n"
"                         by token, as PostgreSQL itself knows no tokens\n"
"  --jwt-audience NAME    audience that tokens must be for\n"
"  --jwt-host NAME        another host that takes tokens, and only these\n";

typedef struct Options
{
	const char *listen;
	long		port;
	const char *port_file;
	const char *cert;
	const char *key;
	const char *pg_host;
	const char *pg_port;
	bool		http1;
	long		pool_size;
	long		max_request;
	long		max_response;
	long		latency;
	const char *log;
	const char *faults;
	const char *refuse;
	const char *rate_limit;
	bool		no_closing_rollback;
	const char *jwks;
	const char *jwt_password_file;
	const char *jwt_audience;
	const char *jwt_host;
} Options;

typedef enum OptionKind
{
	OPTION_TEXT,
	OPTION_NUMBER,				/* long, 0 to max */
	OPTION_FLAG					/* bool, no argument */
} OptionKind;

typedef struct OptionSpec
{
	const char *name;
	OptionKind	kind;
	size_t		offset;			/* in Options */
	long		max;
} OptionSpec;

static const OptionSpec specs[] = {
	{"listen", OPTION_TEXT, offsetof(Options, listen), 0},
	{"port", OPTION_NUMBER, offsetof(Options, port), 65535},
	{"port-file", OPTION_TEXT, offsetof(Options, port_file), 0},
	{"cert", OPTION_TEXT, offsetof(Options, cert), 0},
	{"key", OPTION_TEXT, offsetof(Options, key), 0},
	{"http1", OPTION_FLAG, offsetof(Options, http1), 0},
	{"pg-host", OPTION_TEXT, offsetof(Options, pg_host), 0},
	{"pg-port", OPTION_TEXT, offsetof(Options, pg_port), 0},
	{"pool-size", OPTION_NUMBER, offsetof(Options, pool_size), 1000},
	{"max-request", OPTION_NUMBER, offsetof(Options, max_request), INT_MAX},
	{"max-response", OPTION_NUMBER, offsetof(Options, max_response),
	LONG_MAX},
	{"latency", OPTION_NUMBER, offsetof(Options, latency), 3600000},
	{"log", OPTION_TEXT, offsetof(Options, log), 0},
	{"faults", OPTION_TEXT, offsetof(Options, faults), 0},
	{"refuse", OPTION_TEXT, offsetof(Options, refuse), 0},
	{"rate-limit", OPTION_TEXT, offsetof(Options, rate_limit), 0},
	{"no-closing-rollback", OPTION_FLAG,
	offsetof(Options, no_closing_rollback), 0},
	{"jwks", OPTION_TEXT, offsetof(Options, jwks), 0},
	{"jwt-password-file", OPTION_TEXT, offsetof(Options, jwt_password_file),
	0},
	{"jwt-audience", OPTION_TEXT, offsetof(Options, jwt_audience), 0},
	{"jwt-host", OPTION_TEXT, offsetof(Options, jwt_host), 0},
};

#define N_SPECS (sizeof(specs) / sizeof(specs[0]))

static void
__attribute__((format(printf, 1, 2), noreturn))
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

static void
set_option(Options *options, const OptionSpec *spec, const char *value)
{
	char	   *place = (char *) options + spec->offset;
	char	   *end;
	long		number;

	switch (spec->kind)
	{
		case OPTION_TEXT:
			*(const char **) place = value;
			break;
		case OPTION_NUMBER:
			errno = 0;
			number = strtol(value, &end, 10);
			if (end == value || *end || errno || number < 0 ||
				number > spec->max)
				die("invalid value for --%s: %s", spec->name, value);
			*(long *) place = number;
			break;
		case OPTION_FLAG:
			*(bool *) place = true;
			break;
	}
}

static void
parse_options(int argc, char **argv, Options *options)
{
	struct option names[N_SPECS + 2];
	int			c;

	memset(names, 0, sizeof(names));
	for (size_t i = 0; i < N_SPECS; i++)
	{
		names[i].name = specs[i].name;
		names[i].has_arg = specs[i].kind != OPTION_FLAG;
		names[i].val = i + 1;
	}
	names[N_SPECS].name = "help";
	names[N_SPECS].val = N_SPECS + 1;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1)
	{
		if (c == N_SPECS + 1)
		{
			fputs(usage, stdout);
			exit(0);
		}
		if (c < 1 || c > (int) N_SPECS)
		{
			fputs("Try \"neon_endpoint --help\".\n", stderr);
			exit(2);
		}
		set_option(options, &specs[c - 1], optarg);
	}
	if (optind < argc)
		die("unexpected argument: %s", argv[optind]);
	if ((options->cert == NULL) != (options->key == NULL))
		die("--cert and --key go together");
	if ((options->jwks == NULL) != (options->jwt_password_file == NULL))
		die("--jwks and --jwt-password-file go together");
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
open_socket(const char *address, long *port)
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
		die("could not listen on %s port %ld: %s", address, *port,
			strerror(errno));
	*port = ntohs(sa.sin_port);
	return fd;
}

/* The file appears with its content, never empty. */
static void
write_port(const char *path, long port)
{
	char	   *temporary;
	FILE	   *file;

	if (asprintf(&temporary, "%s.tmp", path) < 0)
		abort();
	file = fopen(temporary, "w");
	if (file == NULL || fprintf(file, "%ld\n", port) < 0 ||
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

static void
set_tokens(TokenOptions *tokens, const Options *options)
{
	char	   *password;

	tokens->jwt.jwks = options->jwks;
	tokens->jwt.audience = options->jwt_audience;
	tokens->host = options->jwt_host;
	if (options->jwks == NULL)
		return;
	free(read_file(options->jwks)); /* it is there, at least */
	tokens->password = password = read_file(options->jwt_password_file);
	password[strcspn(password, "\n")] = '\0';
}

int
main(int argc, char **argv)
{
	Options		options = {
		.listen = "127.0.0.1",
		.pg_host = "127.0.0.1",
		.pg_port = "5432",
		.pool_size = DEFAULT_POOL_SIZE,
		.max_request = DEFAULT_MAX_REQUEST,
		.max_response = DEFAULT_MAX_RESPONSE
	};
	HttpOptions http = {0};
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
	if (!refusal_init(options.refuse, options.rate_limit))
		die("invalid value for --refuse or --rate-limit");
	client_init();
	pool_init(options.pg_host, options.pg_port, (int) options.pool_size);

	http.latency_ms = options.latency;
	http.max_request = options.max_request;
	http.limits.max_response = options.max_response;
	http.limits.closing_rollback = !options.no_closing_rollback;
	http.certificate = options.cert;
	http.key = options.key;
	http.http1 = options.http1;
	set_tokens(&http.tokens, &options);
	http.listen_fd = open_socket(options.listen, &options.port);
	if (!http_start(&http))
		die("could not start the HTTP server");
	if (options.port_file != NULL)
		write_port(options.port_file, options.port);
	fprintf(stderr, "neon_endpoint: listening on %s://%s:%ld/sql\n",
			options.cert ? "https" : "http", options.listen, options.port);

	sigwait(&signals, &signal_number);
	client_stop_all();
	http_stop();
	return 0;
}
