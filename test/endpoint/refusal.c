/*-------------------------------------------------------------------------
 *
 * refusal.c
 *		Requests that are refused before anything runs.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "refusal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "buffer.h"

#define MAX_RATES 8

static const Refusal refusals[] = {
	{"rate", 500,
	"Too many connections to this endpoint. Please try again later."},
	{"attempts", 500, "Too many connections attempts"},
	{"permit", 500, "Failed to acquire permit to connect to the database. "
	"Too many database connection attempts are currently ongoing."},
	{"compute", 500, "Couldn't connect to compute node"},
	{"control", 500, "Control plane request failed"},
	{"ip", 400, "This IP address 127.0.0.1 is not allowed to connect to this "
		"endpoint. Please add it to the allowed list in the Neon console. "
	"Make sure to check for IPv4 or IPv6 addresses."},
	{"vpc", 400, "This VPC endpoint id vpce-0123456789 is not allowed to "
		"connect to this endpoint. Please add it to the allowed list in the "
	"Neon console."},
	{"network", 400, "This connection is trying to access this endpoint from "
	"a blocked network."},
};

/* So many requests within so many milliseconds. */
typedef struct Rate
{
	long		max;
	long		interval;
} Rate;

/* The requests of one endpoint, counted since the start of each interval. */
typedef struct Usage
{
	char	   *endpoint;
	long		count[MAX_RATES];
	long		start[MAX_RATES];
	struct Usage *next;
} Usage;

static const Refusal *always;
static Rate rates[MAX_RATES];
static int	nrates;

static pthread_mutex_t usage_lock = PTHREAD_MUTEX_INITIALIZER;
static Usage *usages;

const Refusal *
refusal_find(const char *name)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
	{
		if (strcmp(refusals[i].name, name) == 0)
			return &refusals[i];
	}
	return NULL;
}

static bool
parse_rates(const char *text)
{
	char	   *end;

	for (;;)
	{
		long		per_second = strtol(text, &end, 10);
		long		seconds;

		if (end == text || *end != '@' || nrates == MAX_RATES)
			return false;
		text = end + 1;
		seconds = strtol(text, &end, 10);
		if (end == text || per_second < 0 || seconds <= 0)
			return false;
		rates[nrates].max = per_second * seconds;
		rates[nrates++].interval = seconds * 1000;
		if (*end != ',')
			return *end == '\0';
		text = end + 1;
	}
}

bool
refusal_init(const char *name, const char *rate_list)
{
	if (name != NULL && (always = refusal_find(name)) == NULL)
		return false;
	return rate_list == NULL || parse_rates(rate_list);
}

/* An endpoint is known by the first label of its host. */
static Usage *
find_usage(const char *host)
{
	size_t		len = strcspn(host, ".");
	Usage	   *usage;

	for (usage = usages; usage != NULL; usage = usage->next)
	{
		if (strlen(usage->endpoint) == len &&
			strncasecmp(usage->endpoint, host, len) == 0)
			return usage;
	}
	usage = must_alloc(sizeof(Usage));
	usage->endpoint = must_strndup(host, len);
	usage->next = usages;
	usages = usage;
	return usage;
}

/* Counts one more; false if that is too many. */
static bool
count_request(const char *host)
{
	struct timespec ts;
	long		now;
	Usage	   *usage;
	bool		ok = true;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
	pthread_mutex_lock(&usage_lock);
	usage = find_usage(host);
	for (int i = 0; i < nrates; i++)
	{
		if (usage->start[i] == 0 ||
			now - usage->start[i] >= rates[i].interval)
		{
			usage->start[i] = now;
			usage->count[i] = 0;
		}
		if (usage->count[i] >= rates[i].max)
			ok = false;
	}
	for (int i = 0; i < nrates && ok; i++)
		usage->count[i]++;
	pthread_mutex_unlock(&usage_lock);
	return ok;
}

const Refusal *
refusal_of(const char *host)
{
	if (always != NULL)
		return always;
	if (nrates > 0 && !count_request(host))
		return refusal_find("rate");
	return NULL;
}
