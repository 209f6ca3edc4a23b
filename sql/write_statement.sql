--
-- INSERT, UPDATE, DELETE that run remotely as a whole
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

-- the same tables on the remote, as foreign tables and as local copies
SELECT $tables$
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE item (
  id serial PRIMARY KEY,
  code text UNIQUE,
  n int,
  price numeric(10,2) DEFAULT 9.5,
  tags text[],
  info jsonb,
  feel mood,
  twice int GENERATED ALWAYS AS (n * 2) STORED,
  CHECK (n > -100));
CREATE TABLE part (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item int REFERENCES item DEFERRABLE INITIALLY DEFERRED,
  note text DEFAULT 'none');
CREATE TABLE "Odd name" ("Key Col" int PRIMARY KEY, "select" text, n int);
$tables$ AS tables \gset


\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS ws CASCADE;
CREATE SCHEMA ws;
SET search_path = ws;
:tables
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS wfar, wnear CASCADE;
CREATE SCHEMA wfar;
CREATE SCHEMA wnear;
IMPORT FOREIGN SCHEMA ws FROM SERVER neon INTO wfar;
SET search_path = wnear;
:tables
RESET search_path;

-- What a statement returns and counts, or its SQLSTATE
CREATE FUNCTION wfar.try(stmt text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  r record;
  result text[] = '{}';
  n bigint;
BEGIN
  IF stmt ~ 'RETURNING' THEN
    FOR r IN EXECUTE stmt LOOP
      result := result || r::text;
    END LOOP;
    RETURN (SELECT array_agg(x ORDER BY x) FROM unnest(result) x)::text;
  END IF;
  EXECUTE stmt;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;

-- The plan of a statement
CREATE FUNCTION wfar.kind(stmt text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || stmt LOOP
    RETURN CASE WHEN line ~ '^Custom Scan .Neon Remote Write' THEN 'whole' ELSE 'in parts' END;
  END LOOP;
EXCEPTION WHEN OTHERS THEN
  RETURN 'in parts';
END $$;

CREATE TABLE wfar.script (n serial, stmt text);
INSERT INTO wfar.script (stmt) VALUES
  ('INSERT INTO item (code, n) VALUES (''a'', 1), (''b'', 2), (''c'', 3)'),
  ('INSERT INTO item (code, n) VALUES (''d'', 4) RETURNING *'),
  ('INSERT INTO item (code, n, tags, info, feel) VALUES (''e'', 5, ''{x,"y z",NULL}'', ''{"k": [1, "\"q\""]}'', ''happy'') RETURNING id, item, twice + 1 AS t, tags[2], info ->> ''k'''),
  ('INSERT INTO item DEFAULT VALUES RETURNING id, price'),
  ('INSERT INTO item (code) VALUES (''a'')'),
  ('INSERT INTO item (n) VALUES (-100)'),
  ('INSERT INTO item (code, n) SELECT code || ''2'', n * 10 FROM item WHERE n < 3 ORDER BY n RETURNING code, n, price'),
  ('INSERT INTO item (code, n) SELECT q.c, count(*) FROM (VALUES (''p''), (''q''), (''p'')) AS q (c) GROUP BY q.c'),
  ('INSERT INTO item (code, n) WITH x AS (SELECT max(n) AS m FROM item) SELECT ''max'', m FROM x RETURNING n'),
  ('INSERT INTO part (item) VALUES (1), (2) RETURNING *'),
  ('INSERT INTO part (id, item) VALUES (50, 1)'),
  ('INSERT INTO part (id, item) OVERRIDING SYSTEM VALUE VALUES (50, 1) RETURNING id'),
  ('INSERT INTO part (id, item) OVERRIDING USER VALUE VALUES (60, 1) RETURNING id'),
  ('INSERT INTO "Odd name" VALUES (1, ''it''''s "q" \\ é'', 7), (2, NULL, 8) RETURNING *'),
  ('UPDATE item SET n = n + 1 WHERE code = ''a'''),
  ('UPDATE item SET n = n + 1, price = price * 2, feel = ''sad'' WHERE code IN (''a'', ''b'') RETURNING *'),
  ('UPDATE item SET n = 0 WHERE false'),
  ('UPDATE item SET n = 0 WHERE code = ''nobody'' RETURNING id'),
  ('UPDATE item SET n = -1000 WHERE id = 1'),
  ('UPDATE item SET n = o.n, code = "select" FROM "Odd name" o WHERE item.id = o."Key Col" RETURNING item.id, item.n, o."select", o.n + item.n'),
  ('UPDATE item i SET n = n + (SELECT count(*) FROM part p WHERE p.item = i.id) WHERE EXISTS (SELECT FROM part p WHERE p.item = i.id)'),
  ('UPDATE "Odd name" SET "select" = upper("select") || ''!'', n = DEFAULT WHERE n = 7 RETURNING "select", n'),
  ('WITH big AS (SELECT id FROM item WHERE n > 3) UPDATE item SET tags = ARRAY[''big''] FROM big WHERE big.id = item.id RETURNING item.id, tags'),
  ('UPDATE item SET (n, price) = (n + 1, price + 1) WHERE id < 3 RETURNING n, price'),
  ('DELETE FROM part WHERE note = ''none'' AND item = 2 RETURNING *'),
  ('DELETE FROM part USING item WHERE part.item = item.id AND item.code IS NULL RETURNING part.id, item.code'),
  ('DELETE FROM item WHERE id IN (SELECT max(id) FROM item)'),
  ('INSERT INTO item (id, code, n) VALUES (1, ''one'', 1), (1000, ''new'', 5) ON CONFLICT (id) DO UPDATE SET n = item.n + excluded.n, code = excluded.code RETURNING id, code, n, twice'),
  ('INSERT INTO item (code, n) VALUES (''new'', 3) ON CONFLICT (code) DO UPDATE SET n = excluded.n WHERE item.n > 100 RETURNING n'),
  ('INSERT INTO item (code, n) VALUES (''new'', 3), (''newer'', 4) ON CONFLICT (code) DO NOTHING RETURNING code'),
  ('INSERT INTO item (code, n) VALUES (''new'', 3), (''newest'', 4) ON CONFLICT DO NOTHING'),
  ('INSERT INTO "Odd name" AS o VALUES (1, ''x'', 100) ON CONFLICT ("Key Col") DO UPDATE SET ("select", n) = (excluded."select" || o."select", o.n) RETURNING o.*'),
  ('INSERT INTO item (code, n) VALUES (''twice'', 1), (''twice'', 2) ON CONFLICT (code) DO UPDATE SET n = 0'),
  ('INSERT INTO item (id) VALUES (1) ON CONFLICT (n) DO NOTHING'),
  ('DELETE FROM "Odd name"'),
  ('INSERT INTO item (code, n) VALUES (''last'', 3) RETURNING tableoid::regclass, item IS NULL, (item).n');

-- All of it in one transaction, all rehearsed; then in one for each
CREATE FUNCTION wfar.content() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN md5(string_agg(x, '|' ORDER BY x COLLATE "C")) FROM (SELECT item::text FROM item UNION ALL SELECT part::text FROM part UNION ALL SELECT o::text FROM "Odd name" o) AS s (x);
END $$;
CREATE TABLE wfar.result (mode text, place text, n int, result text);
CREATE PROCEDURE wfar.run(place text, mode text) LANGUAGE plpgsql AS $$
DECLARE
  s record;
BEGIN
  PERFORM set_config('search_path', place || ', wfar', false);
  FOR s IN SELECT * FROM wfar.script ORDER BY n LOOP
    INSERT INTO wfar.result VALUES (mode, place, s.n, replace(wfar.try(s.stmt), 'wnear.', ''));
    IF mode = 'many' THEN
      COMMIT;
    END IF;
  END LOOP;
END $$;
SET search_path = wfar;
SELECT n, kind(stmt), stmt FROM script WHERE kind(stmt) <> 'whole' ORDER BY n;
SET search_path = wnear;
CALL wfar.run('wnear', 'many');
CALL wfar.run('wfar', 'many');
SELECT n, f.result AS far, l.result AS near, stmt FROM wfar.result f JOIN wfar.result l USING (mode, n) JOIN wfar.script USING (n)
  WHERE f.place = 'wfar' AND l.place = 'wnear' AND f.result IS DISTINCT FROM l.result ORDER BY n;
SELECT count(*), count(*) FILTER (WHERE result ~ '^[0-9A-Z]{5}$') AS errors FROM wfar.result WHERE place = 'wfar';
SET search_path = wnear, wfar;
SELECT content() AS near \gset
SET search_path = wfar;
SELECT content() = :'near' AS same;

-- once more, in one transaction, on empty tables
SET search_path = wfar;
DELETE FROM part;
DELETE FROM item;
DELETE FROM "Odd name";
SET search_path = wnear;
DELETE FROM part;
DELETE FROM item;
DELETE FROM "Odd name";
BEGIN;
CALL wfar.run('wnear', 'one');
COMMIT;
BEGIN;
CALL wfar.run('wfar', 'one');
SELECT content() AS before \gset
COMMIT;
SELECT content() = :'before' AS committed_as_seen;
SELECT count(*) FROM wfar.result WHERE mode = 'one' AND place = 'wfar';
SELECT n, f.result AS far, l.result AS near, stmt FROM wfar.result f JOIN wfar.result l USING (mode, n) JOIN wfar.script USING (n)
  WHERE mode = 'one' AND f.place = 'wfar' AND l.place = 'wnear'
  AND regexp_replace(f.result, '\d', '', 'g') IS DISTINCT FROM regexp_replace(l.result, '\d', '', 'g') ORDER BY n;

-- Requests: one for a statement that is its own transaction
CREATE FUNCTION wfar.requests() RETURNS bigint LANGUAGE sql AS
  $$ SELECT sum(requests) FROM public.neon_http_session_stats() $$;
SELECT requests() AS before \gset
INSERT INTO item (code, n) VALUES ('r1', 1);
SELECT requests() - :before AS requests, requests() AS before \gset
\echo :requests
INSERT INTO item (code, n) VALUES ('r2', 1), ('r3', 2) RETURNING code, twice;
SELECT requests() - :before AS requests, requests() AS before \gset
\echo :requests
UPDATE item SET n = n + 1 WHERE code LIKE 'r_' RETURNING n;
SELECT requests() - :before AS requests, requests() AS before \gset
\echo :requests
DELETE FROM item WHERE code = 'r3';
SELECT requests() - :before AS requests, requests() AS before \gset
\echo :requests
-- what could fail here after the commit there is rehearsed
INSERT INTO item (code, n) VALUES ('r4', 0) RETURNING 1 / n;
SELECT count(*) FROM item WHERE code = 'r4';
-- in a block, one for each and one for the commit
SELECT requests() AS before \gset
BEGIN;
INSERT INTO item (code, n) VALUES ('r5', 1);
UPDATE item SET n = 2 WHERE code = 'r5';
UPDATE item SET n = 3 WHERE code = 'r5';
UPDATE item SET n = 4 WHERE code = 'r5';
DELETE FROM item WHERE code = 'r1';
COMMIT;
SELECT requests() - :before AS requests \gset
\echo :requests

-- Rollback, savepoints, exceptions
BEGIN;
INSERT INTO item (code, n) VALUES ('t1', 1);
SAVEPOINT a;
INSERT INTO item (code, n) VALUES ('t2', 1);
SAVEPOINT b;
DELETE FROM item WHERE code LIKE 't_';
SELECT count(*) FROM item WHERE code LIKE 't_';
ROLLBACK TO b;
SELECT count(*) FROM item WHERE code LIKE 't_';
INSERT INTO item (code, n) VALUES ('t1', 1);
ROLLBACK TO a;
SELECT code FROM item WHERE code LIKE 't_';
RELEASE a;
COMMIT;
SELECT code FROM item WHERE code LIKE 't_';
BEGIN;
DELETE FROM item;
ROLLBACK;
SELECT count(*) > 5 AS still_there FROM item;

-- A deferred constraint fails at COMMIT, and takes local writes with it
CREATE TABLE wfar.local_log (t text);
BEGIN;
INSERT INTO local_log VALUES ('x');
INSERT INTO part (item) VALUES (4711);
COMMIT;
SELECT count(*) FROM local_log;

-- A cursor sees what was there when it was opened
BEGIN;
INSERT INTO item (code, n) VALUES ('c1', 1);
DECLARE c CURSOR FOR SELECT code FROM item WHERE code LIKE 'c_' ORDER BY code;
INSERT INTO item (code, n) VALUES ('c2', 1);
FETCH ALL FROM c;
SELECT code FROM item WHERE code LIKE 'c_' ORDER BY code;
ROLLBACK;

-- Many statements that differ in their values become one
DELETE FROM item WHERE code LIKE 'm%';
BEGIN;
INSERT INTO item (code, n) VALUES ('m1', 1);
SAVEPOINT a;
INSERT INTO item (code, n) VALUES ('m2', 2);
DECLARE c CURSOR FOR SELECT code, n FROM item WHERE code LIKE 'm%' ORDER BY code;
INSERT INTO item (code, n) VALUES ('m3', 3);
UPDATE item SET n = n + 10 WHERE code = 'm1';
UPDATE item SET n = n + 20 WHERE code = 'm2';
DECLARE d CURSOR FOR SELECT code, n FROM item WHERE code LIKE 'm%' ORDER BY code;
UPDATE item SET n = n + 30 WHERE code = 'm3';
UPDATE item SET n = n + 10 WHERE code = 'm1';
FETCH ALL FROM c;
FETCH ALL FROM d;
SAVEPOINT b;
UPDATE item SET n = 0 WHERE code = 'm1';
UPDATE item SET n = 0 WHERE code = 'm2';
INSERT INTO item (code, n) VALUES ('m4', 4);
ROLLBACK TO b;
UPDATE item SET n = n + 100 WHERE code = 'm2';
SELECT code, n FROM item WHERE code LIKE 'm%' ORDER BY code;
ROLLBACK TO a;
INSERT INTO item (code, n) VALUES ('m5', NULL), ('m6', 6);
INSERT INTO item (code, n) VALUES ('m7', 7);
UPDATE item SET tags = '{a,NULL,"b\"c"}', n = 1 WHERE code = 'm1';
UPDATE item SET tags = NULL, n = 2 WHERE code = 'm7';
INSERT INTO item (code, n) VALUES ('m1', 50) ON CONFLICT (code) DO UPDATE SET n = item.n + excluded.n;
INSERT INTO item (code, n) VALUES ('m1', 50) ON CONFLICT (code) DO UPDATE SET n = item.n + excluded.n;
INSERT INTO item (code, n) VALUES ('m6', 50) ON CONFLICT (code) DO UPDATE SET n = item.n + excluded.n;
DELETE FROM item WHERE code = 'm5';
COMMIT;
SELECT code, n, tags FROM item WHERE code LIKE 'm%' ORDER BY code;
-- the bytes of a request do not grow with the statements before it
SELECT sum(bytes_sent) AS sent FROM public.neon_http_session_stats() \gset
DO $$ BEGIN FOR i IN 1..100 LOOP INSERT INTO item (code, n) VALUES ('many' || i, i); END LOOP; END $$;
SELECT sum(bytes_sent) - :sent AS sent FROM public.neon_http_session_stats() \gset
SELECT :sent < 1500000 AS few;
SELECT count(*), sum(n) FROM item WHERE code LIKE 'many%';
DELETE FROM item WHERE code LIKE 'm%';

-- Prepared, with generic plans
SET plan_cache_mode = force_generic_plan;
PREPARE ins (text, int) AS INSERT INTO item (code, n) VALUES ($1, $2) RETURNING code, twice;
EXECUTE ins('g1', 10);
EXECUTE ins('g2', 20);
EXECUTE ins('g2', 30);
DEALLOCATE ins;
RESET plan_cache_mode;

-- Rows that are made here, in one statement with what only the remote can do
CREATE TABLE wfar.source AS SELECT g AS id, 'u' || g AS code, g * 2 AS n FROM generate_series(1, 5) g;
EXPLAIN (VERBOSE, COSTS OFF)
INSERT INTO item (id, code, n) SELECT id + 500, code, n FROM source WHERE n > 2 ORDER BY n DESC
  ON CONFLICT (code) DO UPDATE SET n = item.n + excluded.n, feel = 'ok' RETURNING code, item.n * 2 AS double;
SELECT requests() AS before \gset
INSERT INTO item (id, code, n) SELECT id + 500, code, n FROM source WHERE n > 4 ORDER BY n DESC
  ON CONFLICT (code) DO UPDATE SET n = item.n + excluded.n, feel = 'ok' RETURNING code, n;
SELECT requests() - :before AS requests \gset
\echo :requests
BEGIN;
INSERT INTO item (id, code, n) SELECT id + 500, code, n FROM source
  ON CONFLICT (code) DO UPDATE SET n = item.n + excluded.n, feel = 'ok' RETURNING code, n, feel;
INSERT INTO item (code, n) SELECT code || '+', n FROM source WHERE id < 3 RETURNING twice;
COMMIT;
SELECT code, n, feel FROM item WHERE code LIKE 'u%' ORDER BY code;
INSERT INTO item (id, code, n) SELECT 501, 'u9', 0 FROM source LIMIT 1 ON CONFLICT (id) DO NOTHING;
INSERT INTO item (code, n) SELECT 'big' || g, g FROM generate_series(1, 10000) g ON CONFLICT DO NOTHING;
SELECT count(*) > 9900 AS ok FROM item WHERE code LIKE 'big%';
DELETE FROM item WHERE code LIKE 'big%';

-- Not a whole statement: what only exists here
CREATE FUNCTION wfar.here(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
SELECT kind('UPDATE item SET n = here(n)'), kind('INSERT INTO item (code, n) SELECT t, 1 FROM local_log'),
  kind('INSERT INTO item (code, n) VALUES (''z'', here(3))'), kind('UPDATE item SET tags[1] = ''x''');
INSERT INTO item (code, n) VALUES ('x', 1) ON CONFLICT (code) DO UPDATE SET n = here(item.n);

-- Options and rights
ALTER FOREIGN TABLE item OPTIONS (ADD updatable 'false');
INSERT INTO item (code, n) VALUES ('no', 1);
ALTER FOREIGN TABLE item OPTIONS (SET updatable 'true');
CREATE ROLE ws_reader;
GRANT USAGE ON SCHEMA wfar TO ws_reader;
GRANT SELECT ON item TO ws_reader;
SET ROLE ws_reader;
UPDATE item SET n = 1;
INSERT INTO item (code) VALUES ('no');
RESET ROLE;
BEGIN READ ONLY;
DELETE FROM item;
ROLLBACK;

-- Each statement by itself
ALTER SERVER neon OPTIONS (ADD transactions 'autocommit');
BEGIN;
INSERT INTO item (code, n) VALUES ('auto', 1) RETURNING code;
ROLLBACK;
SELECT count(*) FROM item WHERE code = 'auto';
ALTER SERVER neon OPTIONS (DROP transactions);

-- Not prepared in two phases
BEGIN;
UPDATE item SET n = n;
PREPARE TRANSACTION 'x';
DROP SCHEMA wnear CASCADE;
DROP SCHEMA wfar CASCADE;
DROP ROLE ws_reader;
