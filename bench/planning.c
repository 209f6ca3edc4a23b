/*-------------------------------------------------------------------------
 *
 * planning.c
 *		What does the extension add to planning?
 *
 * Times EXPLAIN, interleaved, on one machine in one run:
 * - of a statement on local tables, in a session with the library loaded and
 *   in one without it: the difference is the planner hook's;
 * - of a join of two foreign tables, as a whole statement and with
 *   statement_pushdown off, against postgres_fdw's plan for the same join.
 *
 * The environment is that of test/stack.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS	1000
#define WARMUP	50

static const char *const local_sql =
"EXPLAIN SELECT a.id, count(*), sum(b.v) FROM bench_planning.l1 a"
" JOIN bench_planning.l2 b ON a.id = b.v"
" LEFT JOIN bench_planning.l1 x ON x.id = b.id"
" WHERE a.v IN (SELECT id FROM bench_planning.l2 WHERE t LIKE 'x%')"
" AND EXISTS (SELECT 1 FROM bench_planning.l1 y WHERE y.v = b.id)"
" GROUP BY a.id HAVING count(*) > 3 ORDER BY 2";

static const char *const join_sql =
"EXPLAIN SELECT p.title, i.price FROM %s.products p"
" JOIN %s.order_items i ON i.product_id = p.id WHERE p.id < 5";

static const char *const setup_sql =
"DROP SCHEMA IF EXISTS bench_planning, bench_neon, bench_pg CASCADE;"
"CREATE SCHEMA bench_planning; CREATE SCHEMA bench_neon; CREATE SCHEMA bench_pg;"
"CREATE TABLE bench_planning.l1 (id int PRIMARY KEY, v int, t text);"
"CREATE TABLE bench_planning.l2 (id int PRIMARY KEY, v int, t text);"
"IMPORT FOREIGN SCHEMA public LIMIT TO (products, order_items)"
" FROM SERVER neon INTO bench_neon;"
"CREATE EXTENSION IF NOT EXISTS postgres_fdw;"
"DROP SERVER IF EXISTS bench_pg CASCADE;";

static const char *
need_env(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
	{
		fprintf(stderr, "planning: %s is not set; start test/stack first\n",
				name);
		exit(1);
	}
	return value;
}

static void
run_sql(PGconn *conn, const char *sql)
{
	PGresult   *result = PQexec(conn, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK &&
		PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		fprintf(stderr, "planning: %s: %s\n", sql, PQerrorMessage(conn));
		exit(1);
	}
	PQclear(result);
}

static PGconn *
open_session(void)
{
	PGconn	   *conn = PQconnectdb("");

	if (PQstatus(conn) != CONNECTION_OK)
	{
		fprintf(stderr, "planning: %s\n", PQerrorMessage(conn));
		exit(1);
	}
	run_sql(conn, "SET client_min_messages = error");
	return conn;
}

static double
timed(PGconn *conn, const char *sql)
{
	struct timespec start;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	run_sql(conn, sql);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - start.tv_sec) * 1e6 +
		(end.tv_nsec - start.tv_nsec) / 1e3;
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

/* The same remote tables through postgres_fdw. */
static void
create_postgres_fdw(PGconn *conn)
{
	char		sql[2048];
	char	   *password = PQescapeLiteral(conn, need_env("REMOTE_PGPASSWORD"),
										   strlen(need_env("REMOTE_PGPASSWORD")));

	snprintf(sql, sizeof(sql),
			 "CREATE SERVER bench_pg FOREIGN DATA WRAPPER postgres_fdw"
			 " OPTIONS (host '%s', port '%s', dbname '%s');"
			 "CREATE USER MAPPING FOR CURRENT_USER SERVER bench_pg"
			 " OPTIONS (user '%s', password %s);"
			 "IMPORT FOREIGN SCHEMA public LIMIT TO (products, order_items)"
			 " FROM SERVER bench_pg INTO bench_pg",
			 need_env("REMOTE_PGHOST"), need_env("REMOTE_PGPORT"),
			 need_env("REMOTE_PGDATABASE"), need_env("REMOTE_PGUSER"),
			 password);
	run_sql(conn, sql);
	PQfreemem(password);
}

int
main(void)
{
	enum
	{
		WITHOUT, WITH, WHOLE, PARTS, POSTGRES_FDW, NTIMES
	};
	static double times[NTIMES][ROUNDS];
	double		medians[NTIMES];
	char		neon_join[512];
	char		pg_join[512];
	PGconn	   *plain = open_session();
	PGconn	   *loaded = open_session();

	run_sql(loaded, need_env("STACK_SQL"));
	run_sql(loaded, setup_sql);
	create_postgres_fdw(loaded);
	snprintf(neon_join, sizeof(neon_join), join_sql, "bench_neon", "bench_neon");
	snprintf(pg_join, sizeof(pg_join), join_sql, "bench_pg", "bench_pg");

	for (int i = -WARMUP; i < ROUNDS; i++)
	{
		int			k = i < 0 ? 0 : i;

		times[WITHOUT][k] = timed(plain, local_sql);
		times[WITH][k] = timed(loaded, local_sql);
		times[WHOLE][k] = timed(loaded, neon_join);
		run_sql(loaded, "SET neon_http_fdw.statement_pushdown = off");
		times[PARTS][k] = timed(loaded, neon_join);
		run_sql(loaded, "RESET neon_http_fdw.statement_pushdown");
		times[POSTGRES_FDW][k] = timed(loaded, pg_join);
	}
	for (int i = 0; i < NTIMES; i++)
		medians[i] = median(times[i]);

	printf("planning, medians of %d, EXPLAIN and its round trip included\n",
		   ROUNDS);
	printf("  local statement: %.0f us without the library, %.0f us with it: "
		   "%+.0f us (target < 50)\n",
		   medians[WITHOUT], medians[WITH], medians[WITH] - medians[WITHOUT]);
	printf("  join of two foreign tables: whole %.0f us, in parts %.0f us, "
		   "postgres_fdw %.0f us: ratios %.2f and %.2f (target 1.50)\n",
		   medians[WHOLE], medians[PARTS], medians[POSTGRES_FDW],
		   medians[WHOLE] / medians[POSTGRES_FDW],
		   medians[PARTS] / medians[POSTGRES_FDW]);
	PQfinish(plain);
	PQfinish(loaded);
	return 0;
}
