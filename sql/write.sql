--
-- Writes that go row by row: what becomes of remote tables, and what a
-- statement returns, is the same as on local tables
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

SELECT $tables$
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (x int, y text);
CREATE TABLE t (
  id serial PRIMARY KEY,
  a int UNIQUE,
  b jsonb,
  c text DEFAULT 'dflt',
  d numeric(8,2) CHECK (d < 1000),
  g int GENERATED ALWAYS AS (a * 2) STORED,
  n bigint GENERATED ALWAYS AS IDENTITY);
CREATE TABLE nokey (x int, y text[]);
CREATE TABLE typed (
  id int PRIMARY KEY,
  vc varchar(5),
  ch char(4),
  bi bit(3),
  by bytea,
  f4 real,
  f8 float8,
  tz timestamptz,
  iv interval,
  ia int[],
  ta text[][],
  m mood,
  ms mood[],
  p pair,
  r int4range,
  j json,
  u uuid,
  mo money,
  x xml,
  dom timestamp(0));
CREATE TABLE child (id int REFERENCES t, v text);
CREATE TABLE part_a (k int, v text, CHECK (k < 100));
CREATE TABLE part_b (k int, v text);
$tables$ AS tables \gset


\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS write_remote CASCADE;
CREATE SCHEMA write_remote;
SET search_path = write_remote;
:tables
CREATE VIEW big AS SELECT id, a, c FROM t WHERE a > 10;

\c :local
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
SET neon_http_fdw.statement_pushdown = off;
DROP SCHEMA IF EXISTS write_local, write_ft CASCADE;
CREATE SCHEMA write_local;
CREATE SCHEMA write_ft;
SET search_path = write_local;
:tables
IMPORT FOREIGN SCHEMA write_remote FROM SERVER neon INTO write_ft OPTIONS (import_types 'true');

-- Runs statements on foreign and on local tables, in savepoints, and compares
-- the rows or errors.
CREATE FUNCTION public.write_rows(path text, query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  result text[] := '{}';
  row record;
  n int;
BEGIN
  PERFORM set_config('search_path', path, true);
  BEGIN
    IF query ~* '^select|^with .*\) select|returning [^)]*$' THEN
      FOR row IN EXECUTE query LOOP
        result := result || row::text;
      END LOOP;
      result := ARRAY(SELECT r FROM unnest(result) r ORDER BY r COLLATE "C");
    ELSE
      EXECUTE query;
      GET DIAGNOSTICS n = ROW_COUNT;
      result := ARRAY[n || ' rows'];
    END IF;
  EXCEPTION WHEN OTHERS THEN
    result := ARRAY[sqlstate];
  END;
  RETURN result;
END $$;
CREATE FUNCTION public.same(VARIADIC queries text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  query text;
  here text[];
  there text[];
  old text := current_setting('search_path');
BEGIN
  FOREACH query IN ARRAY queries LOOP
    here := public.write_rows('write_local', query);
    there := public.write_rows('write_ft', query);
    PERFORM set_config('search_path', old, true);
    IF here IS DISTINCT FROM there THEN
      RETURN format('%s%s here: %s%s there: %s', query, E'\n', here, E'\n', there);
    END IF;
  END LOOP;
  RETURN there::text;
END $$;

-- INSERT
SELECT public.same($$INSERT INTO t (a, b) VALUES (1, '{"x": "a\"b\\"}'), (2, NULL)$$);
SELECT public.same($$INSERT INTO t (a, c) VALUES (3, NULL), (4, 'c') RETURNING *$$);
SELECT public.same($$INSERT INTO t DEFAULT VALUES$$, $$INSERT INTO t DEFAULT VALUES RETURNING id, t$$);
SELECT public.same($$INSERT INTO t (a) SELECT g FROM generate_series(11, 20) g RETURNING id + a, g, n, c$$);
SELECT public.same($$SELECT * FROM t ORDER BY id$$);
SELECT public.same($$INSERT INTO t (a) VALUES (1)$$);
SELECT public.same($$INSERT INTO t (d) VALUES (5000)$$);
SELECT public.same($$INSERT INTO t (n) VALUES (5000)$$);
SELECT public.same($$INSERT INTO t (a, n) OVERRIDING SYSTEM VALUE VALUES (30, 5000) RETURNING a, n$$);
SELECT public.same($$INSERT INTO t (a, n) OVERRIDING USER VALUE VALUES (31, 5000) RETURNING a, n < 100$$);
SELECT public.same($$INSERT INTO t (a) VALUES (1), (32), (32), (33) ON CONFLICT DO NOTHING$$);
SELECT public.same($$INSERT INTO t (a) VALUES (33), (34) ON CONFLICT DO NOTHING RETURNING a$$);
SELECT public.same($$SELECT a, b, c, d, g FROM t ORDER BY a$$);
INSERT INTO write_ft.t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;
INSERT INTO write_ft.t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET c = 'x';

-- UPDATE and DELETE
SELECT public.same($$UPDATE t SET c = c || '!', d = a / 3.0 WHERE a % 2 = 0$$);
SELECT public.same($$UPDATE t SET a = a + 100 WHERE a BETWEEN 11 AND 15 RETURNING a, g, c, t$$);
SELECT public.same($$UPDATE t SET id = id + 1000000 WHERE a > 100$$, $$SELECT count(*) FROM t WHERE id > 1000000$$);
SELECT public.same($$UPDATE t SET d = DEFAULT, b = '[1]' WHERE a = 2 RETURNING *$$);
SELECT public.same($$UPDATE t SET c = v.c FROM (VALUES (3, 'first'), (3, 'second'), (4, 'x')) v(a, c) WHERE v.a = t.a$$);
SELECT public.same($$UPDATE t SET d = 5000 WHERE a = 4$$);
SELECT public.same($$UPDATE t SET a = 1 WHERE a = 4$$);
SELECT public.same($$DELETE FROM t WHERE a IN (SELECT g FROM generate_series(16, 18) g) RETURNING a, c, t.tableoid::regclass::text = 't'$$);
SELECT public.same($$DELETE FROM t USING (VALUES (19), (19), (20)) v(a) WHERE v.a = t.a$$);
SELECT public.same($$DELETE FROM t WHERE false$$, $$UPDATE t SET a = 1 WHERE false RETURNING a$$);
SELECT public.same($$SELECT a, b, c, d, g FROM t ORDER BY a$$);

-- One transaction reads what it has written
BEGIN;
SELECT public.same($$INSERT INTO t (a) VALUES (201), (202)$$, $$UPDATE t SET a = a + 10 WHERE a > 200$$, $$SELECT a FROM t WHERE a > 200$$,
  $$UPDATE t SET c = 'twice' WHERE a > 200$$, $$DELETE FROM t WHERE a = 212$$, $$SELECT a, c FROM t WHERE a > 200$$);
SAVEPOINT s;
SELECT public.same($$DELETE FROM t$$, $$SELECT count(*) FROM t$$);
ROLLBACK TO s;
SELECT public.same($$SELECT count(*) FROM t$$, $$INSERT INTO t (a) VALUES (1)$$, $$INSERT INTO t (a) VALUES (213)$$);
COMMIT;
SELECT public.same($$SELECT a, b, c, d, g FROM t ORDER BY a$$);
BEGIN;
SELECT public.same($$DELETE FROM t$$);
ROLLBACK;
SELECT public.same($$SELECT count(*) FROM t$$);

-- Values of all kinds of types
SET DateStyle = 'SQL, DMY'; SET IntervalStyle = iso_8601; SET extra_float_digits = -5; SET TimeZone = 'Asia/Kolkata'; SET bytea_output = escape;
SELECT public.same($$INSERT INTO typed VALUES (1, 'abc', 'ab', '101', '\x00ff5c22', 1.1, 0.1::float8 + 0.2, '2024-02-01 03:04:05.123456', '1 mon -2 days 3:04', '{1,NULL,3}', '{{a,"b\"\\"},{NULL,""}}', 'ok', '{sad,NULL}', '(1,"a,\"b")', '[1,5)', '{"a": [1, 2]}', '7b41ef15-29d4-4c59-8e3b-4ff5a5b0d0b6', 12.34, '<a>x</a>', '2024-02-01 03:04:05')$$);
SELECT public.same($$INSERT INTO typed (id, vc, ch, ta) VALUES (2, '', '', '{}'), (3, 'NULL', 'nul', '{NULL}'), (4, E'a\n\t', E'\\', NULL)$$);
SELECT public.same($$INSERT INTO typed (id, f4, f8, tz, dom) VALUES (5, 'NaN', '-Infinity', 'infinity', '-infinity')$$);
SELECT public.same($$INSERT INTO typed (id, vc) SELECT 6, repeat('x', 6)$$);
SELECT public.same($$UPDATE typed SET m = 'sad', p = ROW(2, NULL), ia = ia || 4, tz = tz + '1 day' WHERE id = 1$$);
SELECT public.same($$SELECT row_to_json(typed)::text FROM typed ORDER BY id$$);
RESET DateStyle; RESET IntervalStyle; RESET extra_float_digits; RESET TimeZone; RESET bytea_output;

-- Without keys rows are found by where they are
SELECT public.same($$INSERT INTO nokey VALUES (1, '{a}'), (1, '{a}'), (2, NULL)$$, $$SELECT count(*) FROM nokey$$);
UPDATE write_local.nokey SET x = x + 1 WHERE y IS NULL;
UPDATE write_ft.nokey SET x = x + 1 WHERE y IS NULL;
SELECT public.same($$SELECT * FROM nokey ORDER BY x$$);
DELETE FROM write_local.nokey WHERE x = 3;
DELETE FROM write_ft.nokey WHERE x = 3;
SELECT public.same($$SELECT * FROM nokey ORDER BY x$$);
BEGIN;
INSERT INTO write_ft.nokey VALUES (7);
UPDATE write_ft.nokey SET x = 8 WHERE x = 7;
ROLLBACK;

-- Statements with several writes; local and remote tables mixed
SELECT public.same($$WITH p AS (INSERT INTO t (a) VALUES (301), (302) RETURNING id, a) INSERT INTO child SELECT id, 'of ' || a FROM p$$);
SELECT public.same($$WITH d AS (DELETE FROM child RETURNING v), u AS (UPDATE t SET c = 'cte' WHERE a > 300 RETURNING a) SELECT (SELECT string_agg(v, ',' ORDER BY v) FROM d), sum(a) FROM u$$);
SELECT public.same($$SELECT c, count(*) FROM t GROUP BY c ORDER BY c$$, $$SELECT count(*) FROM child$$);
CREATE TABLE public.write_here AS SELECT a, c FROM write_ft.t ORDER BY a LIMIT 3;
INSERT INTO public.write_here SELECT a, c FROM write_ft.t WHERE a > 300;
SELECT count(*) FROM public.write_here;
INSERT INTO write_ft.nokey SELECT a, ARRAY[c] FROM public.write_here;
INSERT INTO write_ft.nokey SELECT a, ARRAY[c] FROM write_ft.t WHERE a > 300;
SELECT x, y FROM write_ft.nokey WHERE x > 1 ORDER BY x;
UPDATE write_ft.t SET c = h.c || ' here' FROM public.write_here h WHERE h.a = t.a AND t.a > 300;
SELECT a, c FROM write_ft.t WHERE a > 300 ORDER BY a;

-- Many rows that are returned; rows that the remote skips
CREATE TABLE public.write_source AS SELECT g AS a, 'row ' || g AS c FROM generate_series(5001, 7500) g;
CREATE TEMP TABLE before AS SELECT coalesce(sum(requests), 0) AS n FROM public.neon_http_session_stats();
WITH i AS (INSERT INTO write_ft.t (a, c) SELECT a, c FROM public.write_source RETURNING *) SELECT count(*), count(DISTINCT id), sum(g), min(c), max(c) FROM i;
SELECT sum(requests) - min(n) FROM public.neon_http_session_stats(), before;
SELECT count(*), count(DISTINCT id), sum(g), min(c), max(c) FROM write_ft.t WHERE a > 5000;
SELECT public.neon_http_exec('neon', 'DELETE FROM write_remote.t WHERE a > 5000');
SELECT public.neon_http_exec('neon', 'CREATE FUNCTION write_remote.skip() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN IF NEW.a % 3 = 0 THEN RETURN NULL; END IF; RETURN NEW; END''');
SELECT public.neon_http_exec('neon', 'CREATE TRIGGER skip BEFORE INSERT ON write_remote.t FOR EACH ROW EXECUTE FUNCTION write_remote.skip()');
INSERT INTO write_ft.t (a) SELECT a FROM public.write_source ORDER BY a DESC LIMIT 4 RETURNING a;
SELECT public.neon_http_exec('neon', 'DROP TRIGGER skip ON write_remote.t');
SELECT public.neon_http_exec('neon', 'DELETE FROM write_remote.t WHERE a > 5000');

-- Triggers of the foreign table, checks of views
CREATE FUNCTION public.write_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_WHEN = 'BEFORE' AND TG_OP <> 'DELETE' THEN
    IF NEW.a = 666 THEN RETURN NULL; END IF;
    NEW.c := coalesce(NEW.c, '') || ' by trigger';
    RETURN NEW;
  END IF;
  RAISE NOTICE '% %: % %', TG_WHEN, TG_OP, CASE WHEN TG_OP <> 'INSERT' THEN format('%s,%s,%s', OLD.a, OLD.c, OLD.g) END,
    CASE WHEN TG_OP <> 'DELETE' THEN format('%s,%s,%s', NEW.a, NEW.c, NEW.g) END;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
SET client_min_messages = notice;
CREATE TRIGGER before BEFORE INSERT OR UPDATE ON write_ft.t FOR EACH ROW EXECUTE FUNCTION public.write_trigger();
INSERT INTO write_ft.t (a) VALUES (401), (666), (402);
INSERT INTO write_ft.t (a, c) VALUES (403, 'c') RETURNING a, c, g;
UPDATE write_ft.t SET d = 1 WHERE a = 401 RETURNING a, c;
CREATE TRIGGER after AFTER INSERT OR UPDATE OR DELETE ON write_ft.t FOR EACH ROW EXECUTE FUNCTION public.write_trigger();
INSERT INTO write_ft.t (a) VALUES (404), (405);
UPDATE write_ft.t SET a = a + 10 WHERE a = 404;
DELETE FROM write_ft.t WHERE a = 414;
DROP TRIGGER before ON write_ft.t;
DROP TRIGGER after ON write_ft.t;
DELETE FROM write_ft.t WHERE a > 400;
SET client_min_messages = warning;
CREATE VIEW public.write_view AS SELECT id, a, c FROM write_ft.t WHERE a < 1000 WITH CHECK OPTION;
INSERT INTO public.write_view (a, c) VALUES (501, 'view'), (502, 'view');
INSERT INTO public.write_view (a) VALUES (503), (1503);
UPDATE public.write_view SET a = 2000 WHERE a = 501;
UPDATE public.write_view SET c = 'changed' WHERE a = 501 RETURNING a, c;
SELECT a, c, g FROM write_ft.t WHERE a > 500 ORDER BY a;
DELETE FROM public.write_view WHERE a > 500;

-- A remote view takes rows
INSERT INTO write_ft.big (a) VALUES (601) RETURNING a, c;
DELETE FROM write_ft.t WHERE a = 601;

-- COPY, partitions
COPY write_ft.t (a, c) FROM stdin;
701	copied
702	\N
\.
SELECT a, c, g FROM write_ft.t WHERE a > 700 ORDER BY a;
BEGIN;
COPY write_ft.t (a) FROM stdin;
701
\.
ROLLBACK;
CREATE TABLE public.write_parts (k int, v text) PARTITION BY RANGE (k);
ALTER TABLE public.write_parts ATTACH PARTITION write_ft.part_a FOR VALUES FROM (0) TO (100);
ALTER TABLE public.write_parts ATTACH PARTITION write_ft.part_b FOR VALUES FROM (100) TO (200);
CREATE TABLE public.write_parts_c PARTITION OF public.write_parts FOR VALUES FROM (200) TO (300);
INSERT INTO public.write_parts SELECT k, 'row ' || k FROM generate_series(50, 250, 50) k;
COPY public.write_parts FROM stdin;
60	sixty
160	hundred and sixty
260	\N
\.
INSERT INTO public.write_parts VALUES (70, 'seventy'), (170, 'more') RETURNING tableoid::regclass, *;
SELECT tableoid::regclass, * FROM public.write_parts ORDER BY k;
UPDATE public.write_parts SET v = v || '!' WHERE k % 100 = 50 RETURNING tableoid::regclass, *;
UPDATE public.write_parts SET k = k - 200 WHERE k = 250 RETURNING tableoid::regclass, *;
UPDATE public.write_parts SET k = k + 200 WHERE k = 60;
DELETE FROM public.write_parts WHERE v LIKE '%!' RETURNING tableoid::regclass, k;
SELECT tableoid::regclass, * FROM public.write_parts ORDER BY k;

-- Plans
EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO write_ft.t (a, b) VALUES (1, '{}');
EXPLAIN (VERBOSE, COSTS OFF) UPDATE write_ft.t SET c = 'x' WHERE a = 1;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM write_ft.nokey RETURNING x;
EXPLAIN (COSTS OFF) DELETE FROM write_ft.nokey;

-- Autocommit
ALTER SERVER neon OPTIONS (ADD transactions 'autocommit');
BEGIN;
INSERT INTO write_ft.nokey VALUES (800, '{}'), (801, '{}');
UPDATE write_ft.nokey SET y = '{auto}' WHERE x = 800;
UPDATE write_ft.nokey SET y = '{auto}' WHERE x = 801 RETURNING x, y;
INSERT INTO write_ft.t (a) VALUES (1), (801) ON CONFLICT DO NOTHING;
INSERT INTO write_ft.t (a) VALUES (802) RETURNING a, c;
DELETE FROM write_ft.t WHERE a = 701;
ROLLBACK;
SELECT x, y FROM write_ft.nokey WHERE x >= 800 ORDER BY x;
SELECT a FROM write_ft.t WHERE a > 700 ORDER BY a;
ALTER SERVER neon OPTIONS (DROP transactions);

-- Not updatable
ALTER FOREIGN TABLE write_ft.t OPTIONS (ADD updatable 'false');
INSERT INTO write_ft.t (a) VALUES (900);
UPDATE write_ft.t SET a = 1;
DELETE FROM write_ft.t;

DROP FUNCTION public.same, public.write_rows, public.write_trigger CASCADE;
DROP TABLE public.write_here, public.write_parts, public.write_source;
DROP VIEW public.write_view;
DROP SCHEMA write_ft, write_local CASCADE;
