--
-- More values than a statement may have parameters (32,767)
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS wm CASCADE;
CREATE SCHEMA wm;
SET search_path = wm;
CREATE TABLE t (
  id int PRIMARY KEY, a int, b text, d date, n numeric, tags text[],
  f float8, j jsonb, e int DEFAULT 5, s serial);

\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS wm CASCADE;
CREATE SCHEMA wm;
IMPORT FOREIGN SCHEMA wm FROM SERVER neon INTO wm;
SET search_path = wm;
-- the rows of VALUES: what format() makes of each number
CREATE FUNCTION rows(n int, pattern text, first int DEFAULT 1) RETURNS text
LANGUAGE sql AS $$
  SELECT string_agg(replace(pattern, '%', i::text), ', ' ORDER BY i)
  FROM generate_series(first, first + n - 1) i
$$;
CREATE FUNCTION summary(OUT rows bigint, OUT ids bigint, OUT a bigint,
  OUT b bigint, OUT e bigint, OUT in_order bool)
LANGUAGE sql AS $$
  SELECT count(*), sum(id), sum(a), sum(length(b)), sum(e),
         bool_and(id = s - base + first) FROM t,
         (SELECT min(s) AS base, min(id) AS first FROM t) m
$$;
RESET client_min_messages;

-- literals of all kinds, NULL among them, print as they are
SELECT format($$
INSERT INTO t (id, a, b, d, n, tags, f, j) VALUES %s
$$, rows(40, $$(%, -%, 'it''s "%" \', '2024-02-01', %.50, ARRAY['a,%', NULL, '{"}'], %.1e-5, '{"k": "%"}')$$))
AS insert \gset
SET DateStyle = 'SQL, DMY';
SET extra_float_digits = 0;
:insert, (41, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM t WHERE id IN (1, 40, 41) ORDER BY id;
RESET DateStyle;
RESET extra_float_digits;
SELECT * FROM summary();
-- one parameter for each column
SELECT format('EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO t (id, a) VALUES %s', rows(50, '(%, 1)')) AS explain \gset
:explain;

-- OR, also where it is a condition of a foreign scan
SELECT 'SELECT count(*) FROM t WHERE ' || string_agg(format('id = %s AND b = ''v''', i), ' OR ') AS q FROM generate_series(1, 33000) i \gset
:q;
SET neon_http_fdw.statement_pushdown = off;
:q;
SET neon_http_fdw.statement_pushdown = on;

-- around and above the limit, whole and row by row, with and without RETURNING
CREATE FUNCTION try(what text, stmt text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  EXECUTE stmt;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN format('%s: %s rows, %s', what, n, summary());
EXCEPTION WHEN OTHERS THEN
  RETURN format('%s: %s %s', what, SQLSTATE, SQLERRM);
END $$;
TRUNCATE t;
SELECT try('3 of each', format('INSERT INTO t (id, a, b) VALUES %s', rows(11000, '(%, 0, ''v'')')));
DELETE FROM t;
SELECT try('with DEFAULT everywhere', format('INSERT INTO t (id, a, b, e) VALUES %s', rows(16400, '(%, 0, ''v'', DEFAULT)')));
DELETE FROM t;
SELECT try('with DEFAULT in one', format('INSERT INTO t (id, a, b, e) VALUES %s, (0, 0, ''v'', DEFAULT)', rows(10999, '(%, 0, ''v'', 1)')));
DELETE FROM t;
SELECT try('expressions', format('INSERT INTO t (id, a, b) VALUES %s', rows(11000, '(%, length(''abc''), upper(''v''))')));
DELETE FROM t;
SELECT try('a local function', format('INSERT INTO t (id, a) VALUES %s', rows(17000, '(%, pg_backend_pid() * 0)')));
DELETE FROM t;
SELECT try('upsert', format('INSERT INTO t (id, a, b) VALUES %s ON CONFLICT (id) DO UPDATE SET a = t.a + 1', rows(11000, '(%, 0, ''v'')')));
SELECT try('upsert again', format('INSERT INTO t (id, a, b) VALUES %s ON CONFLICT (id) DO UPDATE SET a = t.a + excluded.a + 1', rows(11000, '(%, 0, ''v'')', 5000)));
SELECT count(*), sum(a) FROM t;

-- reading: VALUES, IN, OR
SELECT format('SELECT count(*), sum(t.a + v.x) FROM t JOIN (VALUES %s) v (id, x) ON v.id = t.id', rows(32768, '(%, 1)')) AS q \gset
:q;
SELECT format('SELECT count(*) FROM t WHERE id IN (VALUES %s)', rows(32768, '(%)')) AS q \gset
:q;
SELECT format('SELECT count(*) FROM t WHERE id IN (%s)', rows(32768, '%')) AS q \gset
:q;
SELECT format('SELECT count(*) FROM t WHERE (id, a) IN (%s)', rows(100, '(%, 0)')) AS q \gset
:q;

-- UPDATE and DELETE
SELECT try('update', format('UPDATE t SET a = v.x FROM (VALUES %s) v (id, x) WHERE v.id = t.id', rows(20000, '(%, 2)')));
SELECT try('delete', format('DELETE FROM t USING (VALUES %s) v (id, x) WHERE v.id = t.id', rows(17000, '(%, 2)', 100)));
SELECT format('UPDATE t SET a = v.x FROM (VALUES %s) v (id, x) WHERE v.id = t.id AND t.id < 3 RETURNING t.id, t.a, v.x', rows(17000, '(%, 7)')) AS q \gset
BEGIN;
:q;
COMMIT;

-- row by row
SET neon_http_fdw.statement_pushdown = off;
DELETE FROM t;
SELECT try('3 of each', format('INSERT INTO t (id, a, b) VALUES %s', rows(11000, '(%, 0, ''v'')')));
DELETE FROM t;
SELECT try('with DEFAULT in one', format('INSERT INTO t (id, a, b, e) VALUES (0, 0, ''v'', DEFAULT), %s', rows(10999, '(%, 0, ''v'', 1)')));
SELECT try('update', format('UPDATE t SET a = v.x FROM (VALUES %s) v (id, x) WHERE v.id = t.id', rows(20000, '(%, 2)')));

-- SQL of the user's own has no casts, and is refused
SELECT public.neon_http_exec('neon', 'SELECT 1', VARIADIC array_fill('1'::text, ARRAY[33000]));
SELECT count(*) FROM public.neon_http_query('neon', 'SELECT 1', VARIADIC array_fill('1'::text, ARRAY[33000])) AS r (x int);

SET client_min_messages = warning;
DROP SCHEMA wm CASCADE;
