--
-- Foreign tables in plans: parameters of all kinds, EXPLAIN, views, cursors,
-- concurrent updates, changes of objects under cached plans
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS plans_remote CASCADE;
-- never dropped: the endpoint may keep connections of it
DO $$ BEGIN CREATE ROLE plans_reader LOGIN PASSWORD 'reads only'; EXCEPTION WHEN duplicate_object THEN END $$;
CREATE SCHEMA plans_remote AUTHORIZATION :user;

\c :remote
SET client_min_messages = warning;
SET search_path = plans_remote;
CREATE TABLE t1 (id int PRIMARY KEY, grp int, txt text, amount numeric(10,2), tz timestamptz);
INSERT INTO t1 SELECT g, g % 10, 'txt' || g, g / 4.0, timestamptz '2024-01-01 00:00+00' + g * interval '1 day' FROM generate_series(1, 100) g;
INSERT INTO t1 VALUES (101, NULL, NULL, NULL, NULL);
CREATE TABLE t2 (a int, b int, note text, PRIMARY KEY (a, b));
INSERT INTO t2 SELECT g, g % 3, 'note' || g FROM generate_series(1, 30) g;
CREATE VIEW whoami AS SELECT current_user::text AS name;
GRANT USAGE ON SCHEMA plans_remote TO plans_reader;
GRANT SELECT ON t2, whoami TO plans_reader;

\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
SET statement_timeout = '30min';
SET neon_http_fdw.statement_pushdown = off;
-- what is tested here is which plans work, not which are cheap
SET neon_http_fdw.bind_join = off;
DROP SCHEMA IF EXISTS plans_ft, plans_copy, plans CASCADE;
DROP SERVER IF EXISTS plans_nowhere CASCADE;
CREATE SCHEMA plans;
CREATE SCHEMA plans_ft;
CREATE SCHEMA plans_copy;
IMPORT FOREIGN SCHEMA plans_remote FROM SERVER neon INTO plans_ft;
CREATE TABLE plans_copy.t1 AS SELECT * FROM plans_ft.t1;
CREATE TABLE plans_copy.t2 AS SELECT * FROM plans_ft.t2;
CREATE TABLE plans.l (id int PRIMARY KEY, x int, name text);
INSERT INTO plans.l SELECT g, nullif(g % 7, 0), 'txt' || g * 2 FROM generate_series(1, 20) g;
ANALYZE plans.l;
CREATE EXTENSION IF NOT EXISTS dblink SCHEMA public;

CREATE FUNCTION plans.rows_of(path text, query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  result text[];
BEGIN
  PERFORM set_config('search_path', path || ', plans', true);
  EXECUTE format('SELECT array_agg(r::text ORDER BY r::text COLLATE "C") FROM (%s) r', query) INTO result;
  RETURN coalesce(result, '{}');
EXCEPTION WHEN OTHERS THEN
  RETURN ARRAY['ERROR ' || SQLSTATE || ': ' || SQLERRM];
END $$;
CREATE FUNCTION plans.same(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  expected text[] := plans.rows_of('plans_copy', query);
  found text[];
  mode text;
BEGIN
  FOREACH mode IN ARRAY ARRAY['off', 'on'] LOOP
    PERFORM set_config('neon_http_fdw.statement_pushdown', mode, true);
    found := plans.rows_of('plans_ft', query);
    IF found IS DISTINCT FROM expected THEN
      RETURN format('DIFFERENT (pushdown %s): %s but %s', mode, left(found::text, 200), left(expected::text, 200));
    END IF;
  END LOOP;
  IF expected[1] LIKE 'ERROR%' THEN
    RETURN expected[1];
  END IF;
  RETURN cardinality(expected) || ' rows';
END $$;
-- How many requests a statement takes.
CREATE FUNCTION plans.requests(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
  RETURN (SELECT sum(m[1]::bigint) FROM regexp_matches(plan::text, '"Requests": (\d+)', 'g') m);
END $$;
-- What is sent, whatever the rest of the plan looks like.  Versions write the
-- results of initplans in two ways, and equal columns in either order.
CREATE FUNCTION plans.remote(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ 'Remote' THEN
      line := regexp_replace(line, '\(InitPlan \w+\)\.col1', '$0');
      RETURN NEXT trim(regexp_replace(line, '\((\$\d+::\w+) = (\w+)\)', '(\2 = \1)', 'g'));
    END IF;
  END LOOP;
END $$;
SET search_path = plans_ft, plans;
\pset format unaligned
\pset tuples_only on

-- Prepared statements: custom and generic plans
PREPARE p1(int, text, timestamptz) AS SELECT id FROM t1 WHERE grp = $1 AND txt <> $2 AND tz > $3 - interval '1 day' ORDER BY id;
SET plan_cache_mode = force_custom_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE p1(3, 'txt3', '2024-02-01');
EXECUTE p1(3, 'txt3', '2024-02-15');
SET plan_cache_mode = force_generic_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE p1(3, 'txt3', '2024-02-01');
EXECUTE p1(3, 'txt3', '2024-02-15');
EXECUTE p1(NULL, 'txt3', '2024-02-15');
RESET plan_cache_mode;
PREPARE p2(int) AS SELECT txt FROM t1 WHERE id = $1;
EXECUTE p2(1); EXECUTE p2(2); EXECUTE p2(3); EXECUTE p2(4); EXECUTE p2(5); EXECUTE p2(6); EXECUTE p2(7);
-- computed ahead they would fail
SET plan_cache_mode = force_generic_plan;
PREPARE p3(int) AS SELECT count(*) FROM t1 WHERE CASE WHEN $1 <> 0 THEN grp = 10 / $1 ELSE grp = 1 END;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE p3(0);
EXECUTE p3(0);
EXECUTE p3(5);
PREPARE p4(text) AS SELECT count(*) FROM t1 WHERE coalesce(grp, $1::int) = 4;
EXECUTE p4('4');
EXECUTE p4('x');
PREPARE p5(int) AS SELECT count(*) FROM t1 WHERE grp IS NOT NULL AND ($1 = 0 OR grp = 8 / $1);
EXECUTE p5(0);
EXECUTE p5(2);
PREPARE p6(text[], int[]) AS SELECT count(*) FROM t1 WHERE txt = ANY ($1) OR id = $2[2];
EXECUTE p6('{txt1,txt2,NULL}', '{1,7}');
PREPARE p7(numeric, varchar, date) AS SELECT count(*) FROM t1 WHERE amount = $1 OR txt = $2 OR tz::date = $3;
EXECUTE p7(1.25, 'txt9', '2024-01-08');
EXECUTE p7(NULL, NULL, NULL);
-- a parameter decides whether anything is asked
PREPARE p8(bool) AS SELECT count(*) FROM t1 WHERE $1;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE p8(false);
SELECT plans.requests('EXECUTE p8(false)'), plans.requests('EXECUTE p8(true)');
RESET plan_cache_mode;
DEALLOCATE ALL;

-- Parameters of nested loops
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
SELECT set_config('enable_memoize', 'off', false);
-- large tables, that nobody would fetch for a few rows
UPDATE pg_class SET reltuples = 1000000, relpages = 20000 WHERE oid IN ('t1'::regclass, 't2'::regclass);
SELECT plans.remote($$SELECT l.id, t1.txt FROM l JOIN t1 ON t1.id = l.id + 1 WHERE l.id < 4$$);
SELECT l.id, t1.txt FROM l JOIN t1 ON t1.id = l.id + 1 WHERE l.id < 4 ORDER BY 1;
SELECT plans.requests('SELECT l.id, t1.txt FROM l JOIN t1 ON t1.id = l.id + 1 WHERE l.id < 4');
SELECT plans.remote($$SELECT l.id, t2.note FROM l LEFT JOIN t2 ON t2.a = l.id AND t2.b = l.x WHERE l.id < 4$$);
SELECT plans.remote($$SELECT l.id, t1.id FROM l, t1 WHERE t1.id = l.id AND t1.txt LIKE lower(l.name) || '%' AND t1.amount > l.x + t1.grp$$);
CREATE TABLE plans.queries AS SELECT q, n FROM unnest(ARRAY[
  'SELECT l.id, t1.txt FROM l JOIN t1 ON t1.id = l.id + 1',
  'SELECT l.id, t2.note FROM l LEFT JOIN t2 ON t2.a = l.id AND t2.b = l.x',
  'SELECT l.id, t1.id FROM l, t1 WHERE t1.id = l.id AND t1.amount > l.x + t1.grp',
  'SELECT l.id, t1.id FROM l, t1 WHERE t1.id = l.id::int8 * 2 AND t1.txt = l.name',
  'SELECT l.id, t1.id FROM l JOIN t1 ON t1.grp = l.x OR t1.id = l.id',
  'SELECT l.id, a.id, b.note FROM l JOIN t1 a ON a.id = l.id JOIN t2 b ON b.a = a.grp AND b.b = l.x',
  'SELECT l.id, s.* FROM l, LATERAL (SELECT txt, amount + l.x AS more FROM t1 WHERE t1.id = l.x) s',
  'SELECT l.id, s.* FROM l LEFT JOIN LATERAL (SELECT txt, coalesce(l.x, 5) AS c FROM t1 WHERE t1.id = l.x) s ON true',
  'SELECT l.id, s.* FROM l, LATERAL (SELECT max(amount) FROM t1 WHERE t1.grp = l.x) s',
  'SELECT l.id, s.* FROM l, LATERAL (SELECT id FROM t1 WHERE t1.grp = l.x ORDER BY id DESC LIMIT 2) s',
  'SELECT id, (SELECT count(*) FROM t1 WHERE t1.grp = l.x) FROM l',
  'SELECT id, (SELECT txt FROM t1 WHERE t1.id = l.x + 1) FROM l',
  'SELECT id FROM l WHERE EXISTS (SELECT 1 FROM t1 WHERE t1.txt = l.name)',
  'SELECT id FROM l WHERE NOT EXISTS (SELECT 1 FROM t1 WHERE t1.grp = l.x)',
  'SELECT id FROM l WHERE id IN (SELECT grp FROM t1)',
  'SELECT id FROM l WHERE id NOT IN (SELECT grp FROM t1 WHERE grp IS NOT NULL)',
  'SELECT id FROM l WHERE id NOT IN (SELECT grp FROM t1)',
  'SELECT id FROM t1 WHERE id IN (SELECT x FROM l)',
  'SELECT id FROM t1 WHERE id > ALL (SELECT x FROM l WHERE x IS NOT NULL)',
  'SELECT id FROM t1 WHERE (id, txt) IN (SELECT id * 2, name FROM l)',
  'SELECT id FROM t1 WHERE amount > (SELECT avg(x) FROM l)',
  'SELECT id FROM t1 WHERE id = ANY (ARRAY(SELECT x FROM l))',
  'SELECT id FROM t1 WHERE txt = (SELECT name FROM l WHERE l.id = t1.id)',
  'SELECT a.id, b.id FROM t1 a JOIN t1 b ON a.id = b.grp AND b.id < 20',
  'SELECT * FROM t1 a FULL JOIN t2 b ON a.id = b.a',
  'SELECT * FROM t1 a NATURAL JOIN (SELECT id FROM l) b',
  'SELECT id FROM t1 UNION ALL SELECT a FROM t2 UNION ALL SELECT x FROM l',
  'SELECT * FROM (SELECT id FROM t1 UNION ALL SELECT a FROM t2) u WHERE id = 7',
  'SELECT l.id, u.k FROM l JOIN (SELECT id AS k FROM t1 UNION ALL SELECT a FROM t2) u ON u.k = l.x',
  'WITH c AS MATERIALIZED (SELECT * FROM t1 WHERE grp = 1) SELECT a.id, b.id FROM c a, c b',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n * 2 FROM r WHERE n < 60) SELECT n, txt FROM r JOIN t1 ON t1.id = r.n',
  'SELECT grp, count(*), sum(amount) FROM t1 GROUP BY grp HAVING count(*) > 5',
  'SELECT DISTINCT grp FROM t1',
  'SELECT id, row_number() OVER (PARTITION BY grp ORDER BY id) FROM t1',
  'SELECT t1.id FROM t1 LEFT JOIN l ON l.id = t1.id WHERE l.id IS NULL AND t1.grp < 3',
  'SELECT v, txt FROM (VALUES (1), (5), (500)) AS x(v) LEFT JOIN t1 ON t1.id = v',
  'SELECT g, txt FROM generate_series(1, 3) g JOIN t1 ON t1.id = g'
  ]) WITH ORDINALITY AS x(q, n);
SELECT q || ': ' || plans.same(q) FROM queries ORDER BY n;
-- and the plans that are chosen otherwise
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
RESET enable_memoize;
UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid IN ('t1'::regclass, 't2'::regclass);
SELECT DISTINCT 'DIFFERENT' FROM queries WHERE plans.same(q) LIKE 'DIFFERENT%';
-- values of initplans
SELECT plans.remote($$SELECT id FROM t1 WHERE id = (SELECT max(x) FROM l) AND EXISTS (SELECT 1 FROM l WHERE x > 6)$$);
-- one that is in a subquery of its own
SELECT plans.remote($$SELECT l.id, (SELECT count(*) FROM t1 WHERE t1.grp = l.x AND t1.txt <> l.name) FROM l$$);

-- Local stable expressions are computed once, here, at execution
SET timezone = 'Asia/Tokyo';
SET plans.setting = 'txt5';
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM t1 WHERE tz > now() - interval '1 day' AND txt <> current_user AND txt <> current_setting('plans.setting') AND id < pg_backend_pid() AND random() >= 0;
PREPARE p9 AS SELECT count(*) FROM t1 WHERE txt = current_setting('plans.setting');
EXECUTE p9;
SET plans.setting = 'none';
EXECUTE p9;
RESET timezone;
CREATE FUNCTION plans.here(int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN $1 + 1; END';
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM t1 WHERE grp = plans.here(4) AND id = plans.here(grp);
SELECT plans.same('SELECT id FROM t1 WHERE grp = plans.here(4) AND id > plans.here(grp)');

-- EXPLAIN in every format, ANALYZE counts
\pset tuples_only off
-- Figures are left out
CREATE FUNCTION plans.explain(options text, query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
    RETURN NEXT regexp_replace(regexp_replace(line, ' \(actual .*', ''), '[\d.]+ (ms|bytes)', 'N \1', 'g');
  END LOOP;
END $$;
SELECT plans.explain('ANALYZE, SUMMARY OFF, COSTS OFF, BUFFERS OFF', 'SELECT txt FROM t1 WHERE id = 5');
SELECT plans.explain('ANALYZE, TIMING OFF, SUMMARY OFF, COSTS OFF, BUFFERS OFF', 'SELECT txt FROM t1 WHERE id = 5');
CREATE FUNCTION plans.explain_as(format text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, FORMAT %s) SELECT txt FROM t1 WHERE id = 5 AND grp = 5', format) INTO result;
  RETURN result;
END $$;
SELECT plan -> 'Remote SQL' AS sql, plan -> 'Remote Parameters' AS params, plan -> 'Requests' AS requests, plan -> 'Retries' AS retries,
  jsonb_typeof(plan -> 'Bytes Sent') AS sent, jsonb_typeof(plan -> 'Bytes Received') AS received, jsonb_typeof(plan -> 'Waited') AS waited
FROM (SELECT plans.explain_as('JSON')::jsonb -> 0 -> 'Plan' AS plan) s;
SELECT xpath('//x:Remote-SQL/text()', doc, ns) AS sql, xpath('//x:Remote-Parameters/x:Item/text()', doc, ns) AS params, xpath('//x:Requests/text()', doc, ns) AS requests
FROM (SELECT plans.explain_as('XML')::xml AS doc, ARRAY[ARRAY['x', 'http://www.postgresql.org/2009/explain']] AS ns) s;
SELECT line FROM regexp_split_to_table(plans.explain_as('YAML'), '\n') line WHERE line ~ 'Remote|\$|Requests';
\pset tuples_only on
-- without VERBOSE neither
EXPLAIN (COSTS OFF) SELECT txt FROM t1 WHERE id = 5;
-- EXPLAIN alone sends nothing: it needs neither mapping nor endpoint
CREATE SERVER plans_nowhere FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'nowhere.invalid', max_retries '0');
CREATE FOREIGN TABLE plans_ft.nowhere (id int OPTIONS (key 'true'), a text) SERVER plans_nowhere;
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM nowhere n JOIN t1 ON t1.id = n.id WHERE n.a = 'x';
SET neon_http_fdw.statement_pushdown = on;
SELECT plans.remote($$SELECT count(*) FROM nowhere WHERE a = 'x'$$);
SET neon_http_fdw.statement_pushdown = off;
\set VERBOSITY sqlstate
SELECT * FROM nowhere;
\set VERBOSITY default

-- Estimates: a lookup by key is one row, an unknown table is not tiny
CREATE FUNCTION plans.estimate(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
SELECT q, plans.estimate(q) FROM unnest(ARRAY['SELECT * FROM t1 WHERE id = 5', 'SELECT * FROM t2 WHERE a = 5 AND b = 6 AND note LIKE ''x%''', 'SELECT * FROM (SELECT id FROM t1 UNION ALL SELECT id FROM t1) u WHERE id = 5']) q;
SELECT plans.estimate('SELECT * FROM t2 WHERE a = 5')::int > 1 AND plans.estimate('SELECT * FROM t1')::int > 100;

-- Inheritance and partitions
CREATE TABLE plans.measures (day date, v int) PARTITION BY RANGE (day);
CREATE TABLE plans.measures_2 PARTITION OF plans.measures FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE FOREIGN TABLE plans.measures_1 PARTITION OF plans.measures FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')
  SERVER neon OPTIONS (schema_name 'plans_remote', table_name 't1_january');
ALTER FOREIGN TABLE plans.measures_1 ALTER day OPTIONS (column_name 'tz'), ALTER v OPTIONS (column_name 'id');
INSERT INTO plans.measures_2 SELECT date '2024-02-01' + g, g FROM generate_series(0, 9) g;
\c :remote
CREATE VIEW plans_remote.t1_january AS SELECT (tz AT TIME ZONE 'UTC')::date AS tz, id FROM plans_remote.t1 WHERE tz < '2024-02-01 00:00+00';
\c :local
LOAD 'neon_http_fdw';
SET statement_timeout = '30min';
SET client_min_messages = warning;
SET neon_http_fdw.statement_pushdown = off;
SET neon_http_fdw.bind_join = off;
SET search_path = plans_ft, plans;
\pset format unaligned
\pset tuples_only on
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM measures WHERE v = 3;
SELECT * FROM measures WHERE v = 3 ORDER BY 1;
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM measures WHERE day = '2024-01-05';
SELECT count(*), sum(v) FROM measures;
SELECT tableoid::regclass, count(*) FROM measures GROUP BY 1 ORDER BY 1;
SELECT l.id, m.day FROM l JOIN measures m ON m.v = l.id WHERE l.id < 3 ORDER BY 1, 2;
CREATE TABLE plans.parent (id int, txt text);
INSERT INTO plans.parent VALUES (1000, 'local');
CREATE FOREIGN TABLE plans.child () INHERITS (plans.parent) SERVER neon OPTIONS (schema_name 'plans_remote', table_name 't1');
SELECT count(*), max(id) FROM parent;
SELECT tableoid::regclass, * FROM parent WHERE txt IN ('txt5', 'local') ORDER BY id;
SELECT * FROM parent WHERE id = 5 FOR UPDATE;
SELECT * FROM ONLY parent FOR UPDATE;

-- Row locks, which are checked at the commit (see lock.sql)
SELECT * FROM t1 WHERE id = 1 FOR UPDATE;
SELECT * FROM t1 WHERE id = 1 FOR KEY SHARE;
SELECT l.id FROM l JOIN t1 ON t1.id = l.id WHERE l.id = 1 FOR UPDATE;
SELECT count(*) FROM (SELECT id FROM t1 FOR SHARE) s;
SELECT l.id, t1.txt FROM l JOIN t1 ON t1.id = l.id WHERE l.id < 3 ORDER BY 1 FOR UPDATE OF l;
SET neon_http_fdw.statement_pushdown = on;
SELECT * FROM t1 WHERE id = 1 FOR UPDATE;
SET neon_http_fdw.statement_pushdown = off;

-- UPDATE and DELETE of local tables by foreign ones
BEGIN;
UPDATE l SET name = t1.txt FROM t1 WHERE t1.id = l.id AND t1.grp = 3 RETURNING l.*;
DELETE FROM l USING t2 WHERE t2.a = l.id AND t2.b = 1 RETURNING l.id, t2.note;
INSERT INTO l SELECT id + 1000, grp, txt FROM t1 WHERE id < 3 RETURNING *;
MERGE INTO l USING t1 ON t1.id = l.id WHEN MATCHED AND t1.grp = 5 THEN UPDATE SET name = 'merged ' || t1.txt WHEN NOT MATCHED AND t1.id < 30 THEN INSERT VALUES (t1.id, t1.grp, t1.txt);
SELECT count(*), count(*) FILTER (WHERE name LIKE 'merged%') FROM l;
ROLLBACK;
-- a row that another session changes meanwhile is checked anew
SELECT public.dblink_connect('other', :'local');
SELECT public.dblink_exec('other', 'LOAD ''neon_http_fdw''; SET neon_http_fdw.statement_pushdown = off; SET search_path = plans_ft, plans; SET application_name = ''other''');
BEGIN;
UPDATE l SET x = CASE id WHEN 2 THEN 99 ELSE x END, name = 'changed' WHERE id IN (2, 3);
SELECT public.dblink_send_query('other', 'UPDATE l SET name = t1.txt || '' was '' || l.name FROM t1 WHERE t1.id = l.id AND t1.grp = l.x AND l.id < 5 RETURNING l.*');
DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'other' AND wait_event_type = 'Lock') LOOP PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$;
COMMIT;
SELECT * FROM public.dblink_get_result('other') AS r(id int, x int, name text);
SELECT public.dblink_disconnect('other');

-- Cursors
BEGIN;
DECLARE c1 CURSOR FOR SELECT id FROM t1 ORDER BY id;
FETCH 2 FROM c1;
DECLARE c2 SCROLL CURSOR FOR SELECT id FROM t1 WHERE grp = 3;
FETCH 3 FROM c2;
FETCH BACKWARD 2 FROM c2;
FETCH ABSOLUTE 5 FROM c2;
FETCH LAST FROM c2;
MOVE BACKWARD ALL IN c2;
FETCH FIRST FROM c2;
DECLARE c3 NO SCROLL CURSOR FOR SELECT id FROM t1 WHERE grp = 4;
SAVEPOINT s;
FETCH 1 FROM c3;
FETCH BACKWARD 1 FROM c3;
ROLLBACK TO s;
FETCH 1 FROM c1;
SAVEPOINT s2;
DECLARE c4 CURSOR WITH HOLD FOR SELECT id FROM t1 WHERE grp = 5 ORDER BY id;
FETCH 1 FROM c4;
ROLLBACK TO s2;
DECLARE c4 CURSOR WITH HOLD FOR SELECT id FROM t1 WHERE grp = 5 ORDER BY id;
FETCH 1 FROM c4;
-- several at once
FETCH 1 FROM c2;
FETCH 1 FROM c1;
CLOSE c1;
COMMIT;
FETCH 2 FROM c4;
CLOSE c4;
SET neon_http_fdw.statement_pushdown = on;
BEGIN;
DECLARE c5 SCROLL CURSOR FOR SELECT id FROM t1 WHERE grp = 3 ORDER BY id;
FETCH 3 FROM c5;
FETCH BACKWARD 2 FROM c5;
ROLLBACK;
SET neon_http_fdw.statement_pushdown = off;

-- PL/pgSQL: loops, early exit, exceptions, nested queries
DO $$
DECLARE
  r record;
  n int := 0;
  txt text;
BEGIN
  FOR r IN SELECT id, grp FROM t1 ORDER BY id LOOP
    EXIT WHEN NOT EXISTS (SELECT FROM t2 WHERE a = r.id);
    SELECT note INTO STRICT txt FROM t2 WHERE a = r.id AND b = r.id % 3;
    n := n + 1;
    IF n = 3 THEN
      BEGIN
        PERFORM 1 / (id - 1) FROM t1;
      EXCEPTION WHEN division_by_zero THEN
        RAISE INFO 'caught: %', SQLERRM;
      END;
    END IF;
  END LOOP;
  RAISE INFO 'rows %, last %', n, txt;
END $$;
CREATE FUNCTION plans.look(i int) RETURNS text LANGUAGE sql STABLE AS 'SELECT txt FROM plans_ft.t1 WHERE id = i';
SELECT id, look(x) FROM l WHERE id < 4 ORDER BY id;
CREATE FUNCTION plans.pick(i int, OUT a int, OUT b text) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT id, txt FROM plans_ft.t1 WHERE grp = i AND id < 30;
END $$;
SELECT * FROM pick(1), pick(2) p2(c, d);
-- rescans
SELECT plans.same('SELECT l.id, (SELECT count(*) FROM (SELECT * FROM t1 WHERE plans.here(grp) > 0 OFFSET 0) s WHERE s.grp = l.x) FROM l');
SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT plans.same('SELECT l.id, t1.id FROM l, t1 WHERE plans.here(t1.grp) > l.x + 5');
SELECT plans.same('SELECT l.id, s.id FROM l, LATERAL (SELECT id FROM t1 WHERE grp = l.x LIMIT 1 OFFSET 3) s');
RESET enable_material; RESET enable_hashjoin; RESET enable_mergejoin;
-- LIMIT, and a join that stops early
SELECT count(*) FROM (SELECT * FROM t1 LIMIT 5) s;
SELECT id FROM t1 ORDER BY id LIMIT 2 OFFSET 3;
SELECT EXISTS (SELECT 1 FROM t1 WHERE plans.here(id) > 5);

COPY (SELECT id, txt FROM t1 WHERE id < 3 ORDER BY id) TO stdout;

-- Views: as whom is the remote asked?
CREATE ROLE regress_plans_owner;
CREATE ROLE regress_plans_user;
GRANT USAGE ON SCHEMA plans, plans_ft TO regress_plans_owner, regress_plans_user;
GRANT SELECT ON plans_ft.whoami, plans_ft.t2 TO regress_plans_owner, regress_plans_user;
CREATE USER MAPPING FOR regress_plans_owner SERVER neon OPTIONS (user 'plans_reader', password 'reads only');
GRANT CREATE ON SCHEMA plans TO regress_plans_owner;
SET ROLE regress_plans_owner;
SELECT name FROM whoami;
CREATE VIEW plans.owners AS SELECT name FROM plans_ft.whoami;
CREATE VIEW plans.invokers WITH (security_invoker) AS SELECT name FROM plans_ft.whoami;
CREATE FUNCTION plans.definers() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT name FROM plans_ft.whoami';
GRANT SELECT ON plans.owners, plans.invokers TO PUBLIC;
RESET ROLE;
CREATE FUNCTION plans.ask() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  mode text;
  what text;
BEGIN
  FOREACH mode IN ARRAY ARRAY['off', 'on'] LOOP
    PERFORM set_config('neon_http_fdw.statement_pushdown', mode, true);
    FOREACH what IN ARRAY ARRAY['plans_ft.whoami', 'plans.owners', 'plans.invokers', 'plans.definers() name', '(SELECT * FROM plans.owners OFFSET 0) x'] LOOP
      DECLARE
        found text;
      BEGIN
        EXECUTE 'SELECT name FROM ' || what INTO found;
        RETURN NEXT mode || ' ' || what || ': ' || CASE found WHEN 'plans_reader' THEN found ELSE 'owner of the tables' END;
      EXCEPTION WHEN OTHERS THEN
        RETURN NEXT mode || ' ' || what || ': ' || SQLSTATE;
      END;
    END LOOP;
  END LOOP;
END $$;
SELECT plans.ask();
SET ROLE regress_plans_owner;
SELECT plans.ask();
SET ROLE regress_plans_user;
SELECT plans.ask();
RESET ROLE;
-- a plan made as one user runs as another
PREPARE who AS SELECT name = 'plans_reader' FROM plans_ft.whoami;
EXECUTE who;
SET ROLE regress_plans_owner;
EXECUTE who;
RESET ROLE;
EXECUTE who;
-- permissions on the local tables
REVOKE SELECT ON plans_ft.whoami FROM regress_plans_user;
SET ROLE regress_plans_user;
SELECT name FROM plans_ft.whoami;
SELECT name = 'plans_reader' FROM plans.owners;
SELECT name FROM plans.invokers;
RESET ROLE;
-- a security barrier: what the user adds waits for what the view checks
CREATE VIEW plans.barrier WITH (security_barrier) AS SELECT * FROM plans_ft.t1 WHERE plans.here(grp) = 4;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM plans.barrier WHERE 1 / (id - 7) > 2 AND id < 50;
SELECT id FROM plans.barrier WHERE 1 / (id - 7) < 2 AND id < 50;

-- Changes under cached plans
SET plan_cache_mode = force_generic_plan;
PREPARE c AS SELECT count(*) FROM t2 WHERE note <> 'x';
EXECUTE c;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE c;
ALTER FOREIGN TABLE t2 ALTER COLUMN note OPTIONS (SET column_name 'txt');
ALTER FOREIGN TABLE t2 OPTIONS (SET table_name 't1');
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE c;
EXECUTE c;
ALTER FOREIGN TABLE t2 OPTIONS (SET table_name 't2');
ALTER FOREIGN TABLE t2 ALTER COLUMN note OPTIONS (SET column_name 'note');
EXECUTE c;
ALTER SERVER neon OPTIONS (SET dbname 'no_such_database');
EXECUTE c;
ALTER SERVER neon OPTIONS (SET dbname :'dbname');
EXECUTE c;
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET user 'plans_reader', SET password 'reads only');
EXECUTE c;
EXECUTE who;
SELECT count(*) FROM t1;
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET user :'user', SET password :'password');
EXECUTE c;
SELECT count(*) FROM t1;
RESET plan_cache_mode;
DEALLOCATE ALL;

DROP USER MAPPING FOR regress_plans_owner SERVER neon;
DROP OWNED BY regress_plans_owner, regress_plans_user;
DROP ROLE regress_plans_owner, regress_plans_user;
DROP SERVER plans_nowhere CASCADE;
DROP SCHEMA plans_ft, plans_copy, plans CASCADE;
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA plans_remote CASCADE;
