--
-- Scans of one statement on one server: one request, one snapshot
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS together CASCADE;
CREATE SCHEMA together;
SET search_path = together;
CREATE TABLE t1 (id int PRIMARY KEY, v int, t text);
CREATE TABLE t2 (id int PRIMARY KEY, v int);
CREATE TABLE t3 (id int PRIMARY KEY, v int);
CREATE TABLE t4 (id int PRIMARY KEY, v int);
CREATE TABLE t5 (id int PRIMARY KEY, v int);
INSERT INTO t1 SELECT g, g % 7, nullif('ä' || g, 'ä4') FROM generate_series(1, 2000) g;
INSERT INTO t2 SELECT g, g % 5 FROM generate_series(1, 1000) g;
INSERT INTO t3 SELECT g, g % 3 FROM generate_series(1, 1000) g;
INSERT INTO t4 SELECT g, g % 3 FROM generate_series(1, 1000) g;
INSERT INTO t5 SELECT g, g % 3 FROM generate_series(1, 1000) g;
-- together they are over the endpoint's limit, and nobody knows beforehand
CREATE VIEW half AS SELECT g AS id, repeat('x', 1000) AS pad FROM generate_series(1, 7000) g;
CREATE TABLE p1 AS SELECT g AS id, 1 AS k FROM generate_series(1, 50) g;
CREATE TABLE p2 AS SELECT g AS id, 2 AS k FROM generate_series(1, 50) g;
CREATE VIEW fails AS SELECT 1 / (id - 3) AS id FROM t3;
\c :local
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS together CASCADE;
CREATE SCHEMA together;
SET search_path = together;
IMPORT FOREIGN SCHEMA together FROM SERVER neon INTO together;
CREATE TABLE p (id int, k int) PARTITION BY LIST (k);
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2);
CREATE TABLE l (id int PRIMARY KEY, v int);
INSERT INTO l SELECT g, g % 7 FROM generate_series(1, 100) g;
CREATE TABLE nothing (id int);
ANALYZE l, nothing, t1, t2, t3, t4, t5, p1, p2;
CREATE FUNCTION here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
-- the same tables, here
CREATE SCHEMA near;
CREATE FUNCTION near() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY '{t1,t2,t3,t4,t5,half,p1,p2}'::text[] LOOP
    EXECUTE format('CREATE TABLE near.%I AS SELECT * FROM together.%1$I', name);
  END LOOP;
  CREATE VIEW near.p AS SELECT * FROM near.p1 UNION ALL SELECT * FROM near.p2;
END $$;
SELECT near();

-- How many requests a query takes, and if its rows are those of local tables
CREATE FUNCTION requests(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
  near text;
  far text;
  n bigint;
  summary text := 'SELECT count(*) || '' rows '' || coalesce(md5(string_agg(q::text, '';'' ORDER BY q::text COLLATE "C")), ''-'') FROM (' || query || ') q';
BEGIN
  SET LOCAL neon_http_fdw.statement_pushdown = off;
  SET LOCAL search_path = near, together;
  EXECUTE summary INTO near;
  SET LOCAL search_path = together;
  EXECUTE summary INTO far;
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
  SELECT coalesce(sum(m[1]::int), 0) FROM regexp_matches(plan::text, '"Requests": (\d+)', 'g') m INTO n;
  IF near <> far THEN
    RETURN format('WRONG: %s, expected %s', far, near);
  END IF;
  RETURN n || ' requests, ' || regexp_replace(far, ' rows .*', ' rows');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
\pset format unaligned
\pset tuples_only

-- joins, whatever way they are joined here
SELECT requests('SELECT a.id, b.t FROM t1 a JOIN t1 b ON here(a.id) = here(b.id + 1)');
SELECT requests('SELECT a.id, e.v FROM t1 a JOIN t2 b ON here(a.id) = here(b.id) JOIN t3 c ON here(b.id) = here(c.id) JOIN t4 d ON here(d.id) = here(c.id) JOIN t5 e ON here(e.id) = here(d.id)');
SELECT requests('SELECT a.t, b.v FROM t1 a JOIN l ON here(a.id) = l.id JOIN t2 b ON here(b.id) = l.v');
SELECT requests('SELECT a.t, b.v FROM t1 a FULL JOIN t2 b ON here(a.id) = here(b.id)');
SELECT requests('SELECT a.t FROM t1 a LEFT JOIN t2 b ON here(a.id) = here(b.id) LEFT JOIN t3 c ON here(a.id) = here(c.id) + 5');
SELECT requests('SELECT a.t FROM t1 a WHERE NOT EXISTS (SELECT FROM t2 b WHERE here(a.id) = here(b.id))');
SET enable_hashjoin = off;
SELECT requests('SELECT a.id, b.t FROM t1 a JOIN t1 b ON here(a.id) = here(b.id + 1)');
SET enable_mergejoin = off;
SELECT requests('SELECT a.id, b.t FROM t1 a JOIN t1 b ON here(a.id) = here(b.id + 1) WHERE here(a.id) < 20');
-- the inner side is read again, and asks again
SET enable_material = off;
SELECT requests('SELECT a.id, b.t FROM t1 a JOIN t1 b ON here(a.id) = here(b.id + 1) WHERE here(a.id) < 5');
RESET enable_material;
RESET enable_mergejoin;
RESET enable_hashjoin;
-- a small store for what arrives too early
SET work_mem = 64;
SELECT requests('SELECT a.id, b.t FROM t1 a JOIN t1 b ON here(a.id) = here(b.id + 1)');
RESET work_mem;
-- set operations, partitions, subplans, CTEs
SELECT requests('SELECT id FROM t1 WHERE here(v) = 1 UNION ALL SELECT id FROM t2 WHERE here(v) = 1 UNION SELECT id FROM l');
SELECT requests('SELECT id FROM t1 WHERE here(v) = 1 EXCEPT SELECT id FROM t2 WHERE here(v) = 1');
SELECT requests('SELECT * FROM p WHERE here(k) > 0');
SELECT requests('SELECT * FROM p ORDER BY here(id)');
SELECT requests('SELECT (SELECT sum(v) FROM t1 WHERE here(id) > 0), (SELECT sum(v) FROM t2 WHERE here(id) > 0)');
SELECT requests('SELECT * FROM t1 WHERE here(id) NOT IN (SELECT id FROM t2 WHERE here(v) = 1)');
SELECT requests('SELECT * FROM t1 a WHERE here(a.id) = (SELECT max(id) FROM t2 WHERE here(v) = 1)');
SELECT requests('WITH x AS MATERIALIZED (SELECT * FROM t1 WHERE here(v) = 1) SELECT a.id, b.t, t2.v FROM x a, x b, t2 WHERE a.id = b.id + 7 AND here(t2.id) = b.id');
SELECT requests('WITH RECURSIVE r AS (SELECT id, v FROM t2 WHERE here(id) = 1 UNION SELECT t2.id, t2.v FROM t2 JOIN r ON here(t2.id) = r.id + 1 WHERE t2.id < 4) SELECT * FROM r JOIN t3 ON here(t3.id) = r.id');
-- a bind join takes others along with its first batch
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT requests('SELECT l.id, a.t, b.v FROM l JOIN t1 a ON a.id = l.id LEFT JOIN t2 b ON here(b.id) = l.v + 900');
RESET enable_hashjoin;
RESET enable_mergejoin;
-- what depends on rows of another scan comes later
SELECT requests('SELECT * FROM t1 a WHERE a.id = (SELECT max(id) FROM t2 WHERE here(v) = 1) AND here(a.id) > 0');
SELECT requests('SELECT a.id, (SELECT count(*) FROM t2 WHERE t2.id = a.id AND here(v) > 0) FROM t1 a WHERE here(a.id) < 4');
-- what the plan shows never to be asked for is not sent
SELECT requests('SELECT a.id, b.id FROM t1 a JOIN t1 b ON here(a.id) = here(b.id + 1) LIMIT 0');
SELECT requests('SELECT a.id, b.id FROM t1 a LEFT JOIN (SELECT * FROM t1 WHERE now() < ''2000-01-01'') b ON here(a.id) = here(b.id + 1)');
SELECT requests('SELECT a.id, b.id FROM nothing n JOIN t1 a ON here(a.id) = n.id JOIN t2 b ON here(b.id) = n.id');
SELECT requests('SELECT CASE WHEN here(v) < 0 THEN (SELECT max(id) FROM fails) END FROM t2');
SELECT requests('(SELECT id FROM t1 WHERE here(v) = 1) UNION ALL (SELECT id FROM fails) LIMIT 2');
SELECT requests('SELECT a.id, f.id FROM t1 a JOIN fails f ON here(a.id) = here(f.id)');
-- what was sent along for nothing must not fail
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT requests('SELECT a.id, f.id FROM (SELECT id FROM t1 WHERE here(id) < 0) a LEFT JOIN fails f ON here(a.id) < here(f.id)');
SELECT requests('SELECT a.id, f.id FROM (SELECT id FROM t1 WHERE here(id) < 2) a LEFT JOIN fails f ON here(a.id) < here(f.id)');
RESET enable_hashjoin;
RESET enable_mergejoin;
-- not where everybody knows that they do not fit; and if they turn out not to,
-- each is sent by itself
SELECT requests('SELECT count(a.pad), count(b.pad), sum(length(a.pad)) FROM half a JOIN half b ON here(a.id) = here(b.id)');
UPDATE pg_class SET reltuples = 1000000, relpages = 500000 WHERE oid = 'half'::regclass;
SELECT requests('SELECT count(a.pad), count(b.pad), sum(length(a.pad)) FROM half a JOIN half b ON here(a.id) = here(b.id)');
-- rows that wait for the commit, locks, cursors, another user
BEGIN;
SET LOCAL neon_http_fdw.statement_pushdown = off;
UPDATE t2 SET v = 77 WHERE id = 2;
SELECT a.id, a.t, b.v FROM t1 a JOIN t2 b ON here(a.id) = here(b.id) WHERE here(a.id) < 4 ORDER BY 1;
SELECT a.id, b.v FROM t1 a JOIN t2 b ON here(a.id) = here(b.id) WHERE here(a.id) < 3 ORDER BY 1 FOR UPDATE;
DECLARE c CURSOR FOR SELECT a.id, b.v FROM t1 a JOIN t2 b ON here(a.id) = here(b.id) ORDER BY here(a.id);
FETCH 2 FROM c;
UPDATE t2 SET v = 78 WHERE id = 3;
FETCH 1 FROM c;
ROLLBACK;
SELECT a.v, count(*) FROM t2 a JOIN t2 b ON here(a.id) = here(b.id) GROUP BY 1 ORDER BY 1;
-- errors end the statement, and only that
BEGIN;
SAVEPOINT s;
SELECT count(*) FROM t1 a JOIN fails f ON here(a.id) = here(f.id);
ROLLBACK TO s;
SELECT count(*) FROM t1 a JOIN t2 f ON here(a.id) = here(f.id);
COMMIT;

\c :remote
SET client_min_messages = warning;
DROP SCHEMA together CASCADE;
\c :local
SET client_min_messages = warning;
DROP SCHEMA together, near CASCADE;
