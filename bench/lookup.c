/*-------------------------------------------------------------------------
 *
 * lookup.c
 *		What does the foreign table add to a single-row lookup?
 *
 * Runs the same lookup in three ways, interleaved: through the local
 * PostgreSQL as a prepared statement and as one that is parsed and planned
 * each time, and as the very batch that the extension sent (taken from the
 * endpoint's log), sent by libcurl over a kept connection.  Prints the
 * medians and their ratios.
 *
 * The environment is that of test/stack.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include <curl/curl.h>
#include <json-c/json.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS	500
#define WARMUP	50

static const char *const lookup_sql =
"SELECT name, email FROM bench_lookup.customers WHERE id = $1";

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "lookup: %s: %s\n", what, why);
	exit(1);
}

static const char *
need_env(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		fail(name, "not set; start test/stack first");
	return value;
}

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void
run_sql(PGconn *conn, const char *sql)
{
	PGresult   *result = PQexec(conn, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK &&
		PQresultStatus(result) != PGRES_TUPLES_OK)
		fail(sql, PQerrorMessage(conn));
	PQclear(result);
}

static double
lookup_by_sql(PGconn *conn, int id, int prepared)
{
	char		text[16];
	const char *params[1] = {text};
	double		start;
	PGresult   *result;

	snprintf(text, sizeof(text), "%d", id);
	start = now_ms();
	result = prepared ?
		PQexecPrepared(conn, "lookup", 1, params, NULL, NULL, 0) :
		PQexecParams(conn, lookup_sql, 1, NULL, params, NULL, NULL, 0);
	start = now_ms() - start;
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
		fail("lookup", PQerrorMessage(conn));
	PQclear(result);
	return start;
}

/* The body of the last request in the endpoint's log. */
static char *
last_body(void)
{
	FILE	   *log = fopen(need_env("ENDPOINT_LOG"), "r");
	char	   *line = NULL;
	char	   *body = NULL;
	size_t		size = 0;

	if (log == NULL)
		fail("ENDPOINT_LOG", "cannot be read");
	while (getline(&line, &size, log) > 0)
	{
		struct json_object *entry = json_tokener_parse(line);
		struct json_object *value;

		if (json_object_object_get_ex(entry, "body", &value) && value)
		{
			free(body);
			body = strdup(json_object_is_type(value, json_type_string) ?
						  json_object_get_string(value) :
						  json_object_to_json_string_ext(value, 0));
		}
		json_object_put(entry);
	}
	free(line);
	fclose(log);
	if (body == NULL)
		fail("ENDPOINT_LOG", "holds no request");
	return body;
}

static size_t
discard(char *data, size_t size, size_t n, void *arg)
{
	(void) data;
	*(size_t *) arg += size * n;
	return size * n;
}

static char *
escaped(CURL *curl, const char *name)
{
	char	   *result = curl_easy_escape(curl, need_env(name), 0);

	if (result == NULL)
		fail(name, "cannot be escaped");
	return result;
}

static CURL *
open_curl(size_t *received)
{
	CURL	   *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	char		header[1024];

	snprintf(header, sizeof(header),
			 "Neon-Connection-String: postgresql://%s:%s@ep-test-123.local.neon.test/%s",
			 escaped(curl, "REMOTE_PGUSER"), escaped(curl, "REMOTE_PGPASSWORD"),
			 escaped(curl, "REMOTE_PGDATABASE"));
	headers = curl_slist_append(headers, header);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers, "Neon-Raw-Text-Output: true");
	headers = curl_slist_append(headers, "Neon-Array-Mode: true");
	headers = curl_slist_append(headers, "Neon-Pool-Opt-In: true");
	headers = curl_slist_append(headers,
								"Neon-Batch-Isolation-Level: RepeatableRead");
	headers = curl_slist_append(headers, "Neon-Batch-Read-Only: true");
	curl_easy_setopt(curl, CURLOPT_URL, need_env("ENDPOINT_URL"));
	curl_easy_setopt(curl, CURLOPT_CAINFO, need_env("ENDPOINT_CA"));
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, received);
	return curl;
}

static double
lookup_by_curl(CURL *curl, const char *body, size_t *received)
{
	double		start;
	long		status = 0;

	*received = 0;
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	start = now_ms();
	if (curl_easy_perform(curl) != CURLE_OK)
		fail("curl", "request failed");
	start = now_ms() - start;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200 || *received == 0)
		fail("curl", "endpoint refused the batch");
	return start;
}

static int
by_value(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static double
median(double *values)
{
	qsort(values, ROUNDS, sizeof(double), by_value);
	return (values[ROUNDS / 2 - 1] + values[ROUNDS / 2]) / 2;
}

int
main(void)
{
	static double by_sql[ROUNDS];
	static double by_prepared[ROUNDS];
	static double by_curl[ROUNDS];
	PGconn	   *conn = PQconnectdb("");
	size_t		received = 0;
	CURL	   *curl;
	char	   *body;
	double		sql_ms;
	double		prepared_ms;
	double		curl_ms;

	if (PQstatus(conn) != CONNECTION_OK)
		fail("local PostgreSQL", PQerrorMessage(conn));
	run_sql(conn, "SET client_min_messages = error");
	run_sql(conn, need_env("STACK_SQL"));
	run_sql(conn, "DROP SCHEMA IF EXISTS bench_lookup CASCADE;"
			"CREATE SCHEMA bench_lookup;"
			"IMPORT FOREIGN SCHEMA public LIMIT TO (customers)"
			" FROM SERVER neon INTO bench_lookup");

	curl_global_init(CURL_GLOBAL_DEFAULT);
	curl = open_curl(&received);
	PQclear(PQprepare(conn, "lookup", lookup_sql, 1, NULL));
	lookup_by_sql(conn, 7, 1);
	body = last_body();
	for (int i = -WARMUP; i < ROUNDS; i++)
	{
		int			id = 1 + (i + WARMUP) % 1000;
		double		sql_time = lookup_by_sql(conn, id, 0);
		double		prepared_time = lookup_by_sql(conn, id, 1);
		double		curl_time = lookup_by_curl(curl, body, &received);

		if (i < 0)
			continue;
		by_sql[i] = sql_time;
		by_prepared[i] = prepared_time;
		by_curl[i] = curl_time;
	}

	sql_ms = median(by_sql);
	prepared_ms = median(by_prepared);
	curl_ms = median(by_curl);
	printf("single-row lookup, medians of %d: curl %.3f ms; "
		   "prepared %.3f ms, ratio %.2f (target 1.25); "
		   "parsed and planned each time %.3f ms, ratio %.2f\n",
		   ROUNDS, curl_ms, prepared_ms, prepared_ms / curl_ms,
		   sql_ms, sql_ms / curl_ms);
	PQfinish(conn);
	return 0;
}
