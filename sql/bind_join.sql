--
-- Local rows joined to remote rows: keys in batches, one request for each
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

-- the same tables on the remote, as foreign tables (far) and as local copies
-- (near); the tables of bind here are local and joined to either
SELECT $tables$
CREATE TYPE hue AS ENUM ('red', 'green', 'blue');
CREATE TABLE item (
  id int PRIMARY KEY,
  big bigint,
  small smallint,
  num numeric,
  dbl float8,
  name text,
  code varchar(20),
  pad char(8),
  ctext text COLLATE "C",
  day date,
  seen timestamptz,
  uid uuid,
  raw bytea,
  feel hue,
  tags int[],
  info jsonb);
INSERT INTO item
  SELECT g, nullif(g % 2000, 0), nullif(g % 300, 5), nullif(g % 1000, 7) / 4.0,
    g / 8.0, CASE WHEN g % 11 > 0 THEN 'na"me\{},' || g % 900 END,
    'c' || g % 500, 'p' || g % 70, 'x' || g % 1500,
    date '2020-01-01' + g % 400,
    timestamptz '2024-03-30 20:00+00' + g % 600 * interval '10 min',
    md5((g % 1000)::text)::uuid, decode(md5((g % 800)::text), 'hex'),
    (ARRAY['red', 'green', 'blue'])[1 + g % 3]::hue,
    ARRAY[g % 5, g % 6], jsonb_build_object('k', g % 4)
  FROM generate_series(1, 6000) g;
CREATE TABLE pair (a int, b text, v int, PRIMARY KEY (a, b));
INSERT INTO pair SELECT g / 4, 'b' || g % 4, g FROM generate_series(0, 7999) g;
CREATE TABLE none (id int PRIMARY KEY, v text);
$tables$ AS tables \gset


\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bind CASCADE;
CREATE SCHEMA bind;
SET search_path = bind;
:tables
\c :local
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS far, near, bind CASCADE;
CREATE SCHEMA bind;
CREATE SCHEMA far;
CREATE SCHEMA near;
IMPORT FOREIGN SCHEMA bind FROM SERVER neon INTO far;
SET search_path = near;
:tables
SET search_path = bind;
CREATE TABLE loc AS
  SELECT g AS id, nullif(g * 3 % 7000, 9) AS i, nullif(g % 2500, 3)::bigint AS b,
    nullif(g % 1200, 7) / 4.0 AS n, g / 4.0::float8 AS d,
    CASE WHEN g % 13 > 0 THEN 'na"me\{},' || g % 1000 END AS t,
    ('c' || g % 600)::varchar(20) AS c, ('p' || g % 80)::char(8) AS p,
    ('x' || g % 1600) COLLATE "C" AS x, 'b' || g % 5 AS pb,
    date '2020-01-01' + g % 500 AS dt,
    timestamptz '2024-03-30 20:00+00' + g % 700 * interval '10 min' AS ts,
    md5((g % 1100)::text)::uuid AS u, decode(md5((g % 900)::text), 'hex') AS r,
    (g % 4)::smallint AS s
  FROM generate_series(1, 4000) g;
CREATE TABLE few AS SELECT * FROM loc WHERE id <= 40 OR i IS NULL;
CREATE TABLE nothing AS SELECT * FROM loc WHERE false;
CREATE TABLE part (LIKE loc) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (MINVALUE) TO (1000);
CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (1000) TO (MAXVALUE);
INSERT INTO part SELECT * FROM loc WHERE id % 3 = 0;
CREATE INDEX ON loc (s);
CREATE FUNCTION bind.here(anyelement) RETURNS anyelement LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
ANALYZE loc, few, nothing, part;

-- Bind joins in a plan
CREATE FUNCTION bind_joins(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  line text;
  n int := 0;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    n := n + (line ~ 'Neon Bind Join')::int;
  END LOOP;
  RETURN n;
END $$;

-- A query's rows, counted and summed up so that their order does not matter
CREATE FUNCTION summary(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT count(*) || '' rows '' || coalesce(md5(string_agg(q::text, E''\n'' ORDER BY q::text COLLATE "C")), ''-'') FROM (%s) q', query)
    INTO result;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- The same on both: how many rows, and how many bind joins it took
CREATE FUNCTION compare(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  far text;
  near text;
  n int;
BEGIN
  SET LOCAL search_path = near, bind;
  near := summary(query);
  -- no other way to join: what is tested is whether this one is right
  SET LOCAL enable_hashjoin = off;
  SET LOCAL enable_mergejoin = off;
  SET LOCAL enable_nestloop = off;
  SET LOCAL enable_material = off;
  SET LOCAL search_path = far, bind;
  far := summary(query);
  n := bind_joins(query);
  SET LOCAL search_path = bind;
  SET LOCAL enable_hashjoin = on;
  SET LOCAL enable_mergejoin = on;
  SET LOCAL enable_nestloop = on;
  SET LOCAL enable_material = on;
  IF far <> near THEN
    RETURN format('WRONG: %s, expected %s', far, near);
  END IF;
  RETURN format('%s, %s bind joins', regexp_replace(far, ' rows .*', ' rows'), n);
END $$;

CREATE TABLE query (id serial, sql text);
INSERT INTO query (sql) VALUES
-- join types
  ('SELECT l.id, r.id, r.name FROM loc l JOIN item r ON r.id = l.i'),
  ('SELECT l.id, r.id, r.name FROM loc l LEFT JOIN item r ON r.id = l.i'),
  ('SELECT l.id, r.id FROM item r RIGHT JOIN loc l ON l.i = r.id'),
  ('SELECT l.id FROM loc l WHERE EXISTS (SELECT FROM item r WHERE r.big = l.i)'),
  ('SELECT l.id FROM loc l WHERE NOT EXISTS (SELECT FROM item r WHERE r.big = l.i)'),
  ('SELECT l.id FROM loc l WHERE l.b IN (SELECT r.big FROM item r)'),
  ('SELECT r.id, r.name FROM item r WHERE r.big IN (SELECT b FROM loc)'),
  ('SELECT r.id FROM item r WHERE EXISTS (SELECT FROM few WHERE few.b = r.big)'),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.id = l.i WHERE r.id IS NULL'),
  ('SELECT l.id, r.id FROM few l LEFT JOIN item r ON r.big = l.b WHERE r.name IS NOT NULL OR l.id % 2 = 0'),
-- duplicates on both sides
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.big = l.b'),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.small = l.b'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.small = l.s'),
-- conditions on the remote side that have no columns
  ('SELECT l.id, r.id FROM few l LEFT JOIN (SELECT * FROM item WHERE now() < ''2000-01-01'') r ON r.id = l.i'),
  ('SELECT l.id, r.id FROM few l LEFT JOIN (SELECT * FROM item WHERE now() > ''2000-01-01'') r ON r.id = l.i'),
-- several columns
  ('SELECT l.id, p.v FROM loc l JOIN pair p ON p.a = l.i AND p.b = l.pb'),
  ('SELECT l.id, p.v FROM loc l LEFT JOIN pair p ON p.a = l.i AND p.b = l.pb'),
  ('SELECT l.id FROM loc l WHERE EXISTS (SELECT FROM pair p WHERE p.a = l.i AND p.b = l.pb)'),
  ('SELECT l.id FROM loc l WHERE NOT EXISTS (SELECT FROM pair p WHERE p.a = l.i AND p.b = l.pb)'),
  ('SELECT l.id, p.v FROM loc l JOIN pair p ON p.a = l.i AND p.b = l.pb AND p.v > 100 AND p.v % 3 = l.s'),
  ('SELECT l.id FROM loc l WHERE (l.i, l.pb) IN (SELECT a, b FROM pair)'),
  ('SELECT p FROM pair p WHERE (a, b) IN (SELECT i, pb FROM loc)'),
-- types of keys, also another one on the other side
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.big = l.i'),
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.b'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.small = l.i'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.id = l.s'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.num = l.n'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.num = l.i'),
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.dbl = l.d'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.name = l.t'),
  ('SELECT l.id, r.id FROM few l LEFT JOIN item r ON r.name = l.t'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.code = l.c'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.code = l.t'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.pad = l.p'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.ctext = l.x'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.day = l.dt'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.seen = l.ts'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.uid = l.u'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.raw = l.r'),
-- expressions as keys
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i + 1'),
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id + 2 = l.i * 2'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON lower(r.name) = lower(l.t)'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON (r.info ->> ''k'')::int = l.s WHERE l.id < 9'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.code = ''c'' || l.i'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.tags[1] = l.s WHERE l.id < 9'),
  ('SELECT l.id, r.id FROM few l JOIN item r ON r.id = coalesce(l.i, 17)'),
-- further conditions
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.big = l.b AND r.name > ''na'' AND r.id < l.id'),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.id = l.i AND r.name = l.t'),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.big = l.b AND r.id > l.id AND r.feel = ''red'''),
  ('SELECT l.id FROM loc l WHERE EXISTS (SELECT FROM item r WHERE r.big = l.b AND r.id > l.id * 2)'),
  ('SELECT l.id FROM loc l WHERE NOT EXISTS (SELECT FROM item r WHERE r.big = l.b AND r.id > l.id * 2)'),
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i AND random() >= 0'),
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i WHERE to_char(r.num, ''FM999'') <> ''3'''),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.id = l.i AND l.id % 2 = 0'),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON l.i = r.id AND r.seen::date = l.dt'),
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i AND (r.big > 5 OR l.b < 7)'),
-- what comes out
  ('SELECT count(*) FROM loc l JOIN item r ON r.big = l.b'),
  ('SELECT r FROM few l JOIN item r ON r.id = l.i'),
  ('SELECT l, r FROM few l LEFT JOIN item r ON r.id = l.i'),
  ('SELECT l.id, r.tableoid::regclass::text ~ ''item'', r.id FROM few l LEFT JOIN item r ON r.id = l.i'),
  ('SELECT r.* FROM few l JOIN item r ON r.id = l.i'),
  ('SELECT l.id + r.id, upper(r.name) || l.t, CASE WHEN r.id > 50 THEN 1 / (r.id - 50) END FROM loc l JOIN item r ON r.id = l.i'),
  ('SELECT 1 FROM loc l JOIN item r ON r.id = l.i'),
  ('SELECT l.id, s.x, s.y FROM loc l LEFT JOIN (SELECT id, coalesce(big, -1) AS x, ''c'' AS y FROM item) s ON s.id = l.i'),
  ('SELECT l.id, s.x, s.y, s.z FROM loc l LEFT JOIN (SELECT id, coalesce(big, -1) AS x, to_char(num, ''FM9'') AS y, r AS z FROM item r WHERE id % 7 > 0) s ON s.id = l.i AND s.x > 3'),
  ('SELECT s.w, r.id FROM (SELECT i, coalesce(t, ''?'') AS w FROM loc) s LEFT JOIN item r ON r.id = s.i'),
-- several joins
  ('SELECT l.id, r.id, p.v FROM few l JOIN item r ON r.id = l.i JOIN pair p ON p.a = r.id AND p.b = l.pb'),
  ('SELECT l.id, r.id, p.v FROM loc l LEFT JOIN item r ON r.id = l.i LEFT JOIN pair p ON p.a = r.small AND p.b = l.pb'),
  ('SELECT l.id, a.id, b.id FROM few l LEFT JOIN item a ON a.id = l.i LEFT JOIN item b ON b.id = a.big AND b.name = a.name'),
  ('SELECT l.id, a.id FROM few l LEFT JOIN (item a JOIN few m ON m.i = a.id) ON a.id = l.i'),
  ('SELECT l.id, s.n FROM few l LEFT JOIN (SELECT a.big, count(*) AS n FROM item a JOIN loc m ON m.i = a.id GROUP BY 1) s ON s.big = l.b'),
  ('SELECT l.id, r.id FROM few l FULL JOIN (SELECT few.id, item.id AS rid FROM few JOIN item ON item.id = few.i) r USING (id)'),
-- nothing on either side
  ('SELECT l.id, r.id FROM nothing l JOIN item r ON r.id = l.i'),
  ('SELECT l.id, r.id FROM nothing l LEFT JOIN item r ON r.id = l.i'),
  ('SELECT l.id, r.id FROM loc l JOIN none r ON r.id = l.i'),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN none r ON r.id = l.i'),
  ('SELECT l.id FROM loc l WHERE NOT EXISTS (SELECT FROM none r WHERE r.id = l.i)'),
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i WHERE l.i IS NULL'),
  ('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.id = l.i WHERE l.i IS NULL'),
-- over and over: correlated subqueries and LATERAL
  ('SELECT f.id, (SELECT count(r.id) FROM loc l JOIN item r ON r.id = l.i WHERE l.s = f.s AND l.id < 1500) FROM few f WHERE f.id < 6'),
  ('SELECT f.id, x.n FROM few f, LATERAL (SELECT sum(r.id) AS n FROM loc l LEFT JOIN item r ON r.id = l.i AND r.big > f.b WHERE l.s = f.s) x WHERE f.id < 6'),
  ('SELECT f.id, x.* FROM few f, LATERAL (SELECT l.id AS lid, r.id AS rid FROM loc l JOIN item r ON r.id = l.i WHERE l.s = f.s ORDER BY l.id LIMIT 3) x WHERE f.id < 6'),
  ('SELECT f.id FROM few f WHERE f.id < 9 AND EXISTS (SELECT FROM loc l JOIN item r ON r.id = l.i WHERE r.big = f.id + 4)'),
  ('SELECT f.id, l.id, r.id FROM few f CROSS JOIN LATERAL (SELECT * FROM loc WHERE loc.s = f.s OFFSET 0) l JOIN item r ON r.id = l.i AND r.big > f.b WHERE f.id < 9'),
  ('SELECT l.id, (SELECT max(f.id) FROM few f WHERE f.id < r.small) FROM few l JOIN item r ON r.id = l.i AND r.small > (SELECT min(s) FROM few)'),
-- errors
  ('SELECT l.id, 1 / (r.id - 33) FROM loc l JOIN item r ON r.id = l.i'),
  ('SELECT l.id FROM loc l JOIN item r ON r.id = 100 / (l.id - 2000)'),
  ('SELECT l.id FROM few l JOIN item r ON r.id = l.i AND 10 / (r.id - 33) < 5'),
-- parameterized by a relation further out
  ('SELECT f.id, l.id, r.id FROM few f LEFT JOIN (loc l JOIN item r ON r.id = l.i AND r.big > 3) ON l.s = f.s AND r.small < f.b WHERE f.id < 6'),
  ('SELECT f.id, l.id, r.id FROM few f LEFT JOIN (loc l LEFT JOIN item r ON r.id = l.i AND r.big > 3) ON l.s = f.s AND r.small = f.b + 20 WHERE f.id < 6'),
-- recursion, partitions
  ('WITH RECURSIVE w (id, n) AS (SELECT min(i) + 4, 1 FROM loc UNION ALL SELECT r.small + w.n, w.n + 1 FROM w JOIN item r ON r.id = w.id WHERE w.n < 9) SELECT * FROM w'),
  ('SELECT p.id, r.id FROM part p JOIN item r ON r.id = p.i'),
  ('SELECT p.id, r.id FROM part p LEFT JOIN item r ON r.big = p.i AND r.name > p.t'),
-- what is computed of columns that are returned, too
  ('SELECT to_jsonb(w), w.name, w.small FROM few l LEFT JOIN item w ON w.id = l.i'),
  ('SELECT x.one, x.small FROM few l LEFT JOIN (SELECT id, coalesce(small, 1) AS one, small FROM item) x ON x.id = l.i'),
  ('SELECT x.j, x.name, l.id FROM few l LEFT JOIN (SELECT r.id, coalesce(to_jsonb(r), ''{}'') AS j, name FROM item r) x ON x.id = l.i'),
  ('SELECT x.j, x.o, l.id FROM few l LEFT JOIN (SELECT r.id, coalesce(to_jsonb(r), ''{}'') AS j, coalesce(nullif(r.tableoid, 0), 1) > 9 AS o FROM item r) x ON x.id = l.i'),
  ('SELECT l.id, w.id FROM loc l JOIN item w ON w.id = l.i AND bind.here(to_jsonb(w) ->> ''small'') > ''2'' AND bind.here(w.tableoid) > 9'),
-- aggregates, which 19 may compute before it joins
  ('SELECT r.name, count(l.id), sum(l.id) FROM loc l JOIN item r ON r.small = l.s GROUP BY r.name'),
  ('SELECT l.t, count(r.id), sum(r.id) FROM loc l JOIN item r ON r.small = l.s GROUP BY l.t'),
  ('SELECT l.s, max(r.id), sum(r.num) FROM loc l LEFT JOIN item r ON r.id = l.i GROUP BY l.s'),
  ('SELECT p.b, avg(l.id), count(r.small) FROM loc l JOIN item r ON r.small = l.s JOIN pair p ON p.a = l.s GROUP BY p.b'),
-- set operations, limits, CTEs around it
  ('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i UNION SELECT p.a, p.v FROM loc l JOIN pair p ON p.a = l.i AND p.b = l.pb'),
  ('WITH w AS MATERIALIZED (SELECT l.id, r.id AS rid FROM loc l JOIN item r ON r.id = l.i) SELECT count(*) FROM w a JOIN few b ON b.id = a.id'),
  ('SELECT count(*) FROM (SELECT 1 FROM loc l JOIN item r ON r.id = l.i LIMIT 5) s'),
  ('SELECT * FROM (SELECT l.id, r.name FROM loc l JOIN item r ON r.id = l.i ORDER BY 1 DESC LIMIT 5) s');

-- with work_mem so small that nothing fits, and with enough of it
\pset format unaligned
SELECT compare(sql), sql FROM query ORDER BY id;
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
SELECT compare(sql), sql FROM query
  WHERE compare(sql) ~ 'WRONG' ORDER BY id;
RESET work_mem;
RESET hash_mem_multiplier;
\pset format aligned

-- what it asks for
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SET search_path = far, bind;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT l.t, r.name FROM loc l JOIN item r ON r.id = l.i
  WHERE r.big > 5 AND r.info::text LIKE '%k%' AND r.small <> l.s;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT l.id, p.v FROM loc l LEFT JOIN pair p ON l.i = p.a AND p.b = l.pb AND p.v < 7000;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT l.id, p.a FROM loc l JOIN pair p ON l.i + 1 = p.v % 100 AND p.b = l.pb;
-- the primary key finds one row: the other condition is checked here
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT l.id, p.v FROM loc l JOIN pair p ON l.i = p.a AND p.b = l.pb AND p.v = l.b;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT l.id FROM loc l WHERE NOT EXISTS
    (SELECT FROM item r WHERE r.big = l.b AND r.id > l.id);
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT l.id, s.* FROM few l LEFT JOIN
    (SELECT id, coalesce(name, 'none') AS name FROM item WHERE to_char(num, 'FM9') <> '3') s ON s.id = l.i;
-- (of a table with one column, as 19 reads all that there are)
CREATE TABLE bind.narrow AS SELECT b FROM few;
ANALYZE bind.narrow;
EXPLAIN (VERBOSE, COSTS OFF)
  SELECT r.name FROM item r WHERE r.big IN (SELECT b FROM narrow);
-- an imported type keeps the remote's name
CREATE TABLE bind.hues AS SELECT g AS id, (ARRAY['red', 'blue'])[g]::far.hue AS h FROM generate_series(1, 3) g;
EXPLAIN (VERBOSE, COSTS OFF) SELECT h.id, r.id FROM hues h JOIN item r ON r.feel = h.h;
SELECT h.id, count(r.id) FROM hues h LEFT JOIN item r ON r.feel = h.h GROUP BY 1 ORDER BY 1;
-- other names here than there
CREATE FOREIGN TABLE renamed ("k$1" int OPTIONS (column_name 'a'), v int, "say ""b""" text OPTIONS (column_name 'b'))
  SERVER neon OPTIONS (schema_name 'bind', table_name 'pair');
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM few l JOIN renamed p ON p."k$1" = l.i AND p."say ""b""" = l.pb;
SELECT l.id, p.* FROM few l JOIN renamed p ON p."k$1" = l.i AND p."say ""b""" = l.pb ORDER BY 1 LIMIT 3;

-- what it did
CREATE FUNCTION bind.explain_analyze(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ' || query LOOP
    line := regexp_replace(line, '[0-9]+ bytes', 'N bytes', 'g');
    line := regexp_replace(line, 'SubPlan expr_', 'SubPlan ');  -- 19
    RETURN NEXT regexp_replace(line, '(rows=[0-9]+)\.[0-9]+', '\1');
  END LOOP;
END $$;
SELECT explain_analyze('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i');
SELECT explain_analyze('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.id = l.i LIMIT 3');
SELECT explain_analyze('SELECT l.id, r.id FROM nothing l LEFT JOIN item r ON r.id = l.i');
SELECT explain_analyze('SELECT l.id, r.id FROM loc l LEFT JOIN item r ON r.id = l.i WHERE l.i IS NULL');
SELECT explain_analyze('SELECT f.id, (SELECT count(*) FROM loc l JOIN item r ON r.id = l.i WHERE l.s + 0 = f.s) FROM few f WHERE f.id < 4');
CREATE FUNCTION bind.explain_json(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  result jsonb;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, FORMAT json) ' || query INTO result;
  RETURN result -> 0 -> 'Plan';
END $$;
SELECT j ->> 'Custom Plan Provider' AS provider, j -> 'Remote Parameters' AS parameters,
  j ->> 'Batches' AS batches, j ->> 'Keys' AS keys, j ->> 'Requests' AS requests
  FROM explain_json('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i') j;

-- a nested loop that keeps no rows reads it again: it has them, and asks once;
-- but not where they do not all fit into memory, or where a parameter is new
CREATE FUNCTION bind.rescan(inner_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  query text := format('SELECT v.x, j.* FROM generate_series(1, 3) v(x) LEFT JOIN LATERAL (%s OFFSET 0) j ON v.x + j.id > 0', inner_sql);
  plan json;
BEGIN
  SET LOCAL enable_material = off;
  SET LOCAL enable_hashjoin = off;
  SET LOCAL enable_mergejoin = off;
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
  RETURN compare(query) || ', ' || (SELECT sum(m[1]::int) FROM regexp_matches(plan::text, '"Requests": (\d+)', 'g') m)
    || ' requests for ' || (SELECT max(m[1]::int) FROM regexp_matches(plan::text, '"Actual Loops": (\d+)', 'g') m) || ' loops';
END $$;
SELECT rescan('SELECT l.id, r.name FROM few l JOIN item r ON r.id = l.i');
SELECT rescan('SELECT l.id, r.name FROM few l LEFT JOIN item r ON r.id = l.i');
SELECT rescan('SELECT l.id FROM few l WHERE NOT EXISTS (SELECT FROM item r WHERE r.big = l.i)');
SELECT rescan('SELECT l.id FROM few l WHERE EXISTS (SELECT FROM item r WHERE r.big = l.i)');
SELECT rescan('SELECT l.id, r.name FROM nothing l LEFT JOIN item r ON r.id = l.i');
SELECT rescan('SELECT l.id, r.name FROM few l JOIN item r ON r.id = l.i AND r.small <> v.x');
SELECT rescan('SELECT l.id, r.name FROM loc l JOIN item r ON r.id = l.i');
SET work_mem = 64;
SET hash_mem_multiplier = 1;
SELECT rescan('SELECT l.id, r.name, r.tags FROM loc l JOIN item r ON r.id = l.i WHERE l.id < 900');
RESET work_mem;
RESET hash_mem_multiplier;

-- where rows may have to be joined again by themselves, it is not possible
SELECT bind_joins('SELECT 1 FROM loc l JOIN item r ON r.id = l.i FOR UPDATE OF l') AS locks,
  bind_joins('UPDATE loc SET s = r.small FROM item r WHERE r.id = loc.i') AS "update",
  bind_joins('DELETE FROM loc USING item r WHERE r.id = loc.i') AS "delete",
  bind_joins('INSERT INTO nothing (id) SELECT r.id FROM loc l JOIN item r ON r.id = l.i') AS "insert",
  bind_joins('SELECT l.xmin FROM loc l JOIN item r ON r.id = l.i') AS local_xmin,
  bind_joins('SELECT r.xmin FROM loc l JOIN item r ON r.id = l.i') AS remote_xmin;
-- nor without a key, or with one that the remote cannot compare
SELECT bind_joins('SELECT 1 FROM loc l JOIN item r ON r.id > l.i') AS "greater",
  bind_joins('SELECT 1 FROM loc l JOIN item r ON r.tags = ARRAY[l.i]') AS arrays,
  bind_joins('SELECT 1 FROM loc l JOIN item r ON r.id = l.i + random()') AS volatile,
  bind_joins('SELECT 1 FROM loc l FULL JOIN item r ON r.id = l.i') AS "full",
  bind_joins('SELECT 1 FROM item r LEFT JOIN loc l ON r.id = l.i') AS other_side;
SET neon_http_fdw.bind_join = off;
SELECT bind_joins('SELECT 1 FROM loc l JOIN item r ON r.id = l.i') AS "off";
RESET neon_http_fdw.bind_join;

-- plans that last
SET plan_cache_mode = force_generic_plan;
PREPARE p (int, int) AS
  SELECT count(*), sum(r.id) FROM loc l JOIN item r ON r.id = l.i + $1 AND r.big > $2;
EXECUTE p (0, 5);
EXECUTE p (1, 50);
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE p (1, 50);
ALTER FOREIGN TABLE item OPTIONS (SET table_name 'none');
EXECUTE p (0, 5);
ALTER FOREIGN TABLE item OPTIONS (SET table_name 'item');
EXECUTE p (0, 5);
RESET plan_cache_mode;

-- cursors, also after a part of the rows
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i;
FETCH 2 FROM c;
MOVE 3000 IN c;
FETCH 1 FROM c;
FETCH BACKWARD 2 FROM c;
DECLARE d NO SCROLL CURSOR FOR SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i;
FETCH 2 FROM d;
SAVEPOINT s;
MOVE 3000 IN d;
ROLLBACK TO s;
FETCH 1 FROM d;
COMMIT;
-- a transaction that fails in the middle
BEGIN;
SAVEPOINT s;
SELECT l.id, 1 / (r.id - 6000) FROM loc l JOIN item r ON r.id = l.i OFFSET 3000;
ROLLBACK TO s;
SELECT count(*) FROM few l JOIN item r ON r.id = l.i;
COMMIT;
INSERT INTO nothing (id, i) SELECT l.id, r.id FROM few l LEFT JOIN item r ON r.id = l.i;
SELECT count(*), sum(i) FROM nothing;

-- the remote is asked as the owner of the view
CREATE ROLE bind_reader;
GRANT USAGE ON SCHEMA far, bind TO bind_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA far, bind TO bind_reader;
CREATE VIEW joined AS SELECT l.id, r.name FROM bind.few l LEFT JOIN far.item r ON r.id = l.i;
GRANT SELECT ON joined TO bind_reader;
SET ROLE bind_reader;
SELECT count(*) FROM joined;
\set VERBOSITY sqlstate
SELECT count(*) FROM few l JOIN item r ON r.id = l.i;
\set VERBOSITY terse
RESET ROLE;
DROP VIEW joined;
DROP OWNED BY bind_reader;
DROP ROLE bind_reader;

-- by cost: many rows there, some here
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_nestloop;
UPDATE pg_class SET reltuples = 1000000, relpages = 20000
  WHERE oid IN ('far.item'::regclass, 'far.pair'::regclass);
SELECT bind_joins('SELECT l.id, r.id FROM few l JOIN item r ON r.id = l.i') AS few,
  bind_joins('SELECT l.id, r.id FROM loc l JOIN item r ON r.id = l.i') AS thousands,
  bind_joins('SELECT l.id, p.v FROM loc l LEFT JOIN pair p ON p.a = l.i AND p.b = l.pb') AS pairs;

DROP SCHEMA far, near, bind CASCADE;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA bind CASCADE;
