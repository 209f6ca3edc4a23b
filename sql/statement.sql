--
-- Statements that run remotely as a whole, and subqueries that do
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

-- the same tables on the remote, as foreign tables and as local copies
SELECT $tables$
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE emp (
  id int PRIMARY KEY,
  name text,
  dept int,
  boss int,
  pay numeric(10,2),
  hired date,
  seen timestamptz,
  tags text[],
  info jsonb,
  feel mood);
INSERT INTO emp
  SELECT g, 'name' || g % 17, nullif(g % 7, 0), nullif(g / 5, 0),
    1000 + (g * 7919) % 4000 + 0.25, date '2020-01-01' + g,
    timestamptz '2024-03-30 22:00+00' + g * interval '1 hour',
    ARRAY['t' || g % 3, 'u' || g % 5],
    jsonb_build_object('k', g % 4, 's', 'v' || g % 6),
    (ARRAY['sad', 'ok', 'happy'])[1 + g % 3]::mood
  FROM generate_series(1, 200) g;
CREATE TABLE dept (id int PRIMARY KEY, "Dept name" text, city text);
INSERT INTO dept
  SELECT g, 'D' || g, (ARRAY['Oslo', 'Lima', NULL])[1 + g % 3]
  FROM generate_series(1, 8) g;
$tables$ AS tables \gset


\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS stmt CASCADE;
CREATE SCHEMA stmt;
SET search_path = stmt;
:tables
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS far, near CASCADE;
CREATE SCHEMA far;
CREATE SCHEMA near;
IMPORT FOREIGN SCHEMA stmt FROM SERVER neon INTO far;
SET search_path = near;
:tables
CREATE TABLE far.loc AS SELECT g AS id, g % 5 AS v FROM generate_series(1, 12) g;
CREATE TABLE near.loc AS TABLE far.loc;
ANALYZE far.loc;
RESET search_path;
-- foreign scans are counted here
SET neon_http_fdw.bind_join = off;

-- Number of remote queries and foreign scans in a plan
CREATE FUNCTION plan_kind(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  queries int := 0;
  scans int := 0;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    queries := queries + (line ~ 'Neon Remote Query')::int;
    scans := scans + (line ~ 'Foreign Scan')::int;
  END LOOP;
  RETURN CASE WHEN queries = 1 AND scans = 0 AND line ~ '^Custom Scan'
              THEN 'whole' ELSE format('%s queries, %s scans', queries, scans) END;
END $$;

-- The rows of a query, in order
CREATE FUNCTION rows_of(query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  r record;
  result text[] := '{}';
BEGIN
  FOR r IN EXECUTE query LOOP
    result := result || r::text;
  END LOOP;
  RETURN result;
END $$;

-- Runs a query on the foreign tables and on the copies: the same rows?  And
-- in the same order, where the query has one.
CREATE FUNCTION same(query text) RETURNS TABLE (path text, "rows" int, verdict text)
LANGUAGE plpgsql AS $$
DECLARE
  there text[];
  here text[];
BEGIN
  PERFORM set_config('search_path', 'far, public', true);
  path := plan_kind(query);
  there := rows_of(query);
  PERFORM set_config('search_path', 'near, public', true);
  here := rows_of(query);
  IF query !~* 'order by [^)]*$' THEN
    here := ARRAY(SELECT unnest(here) ORDER BY 1);
    there := ARRAY(SELECT unnest(there) ORDER BY 1);
  END IF;
  rows := cardinality(here);
  verdict := CASE WHEN here = there THEN 'same' ELSE 'DIFFERENT' END;
  RETURN NEXT;
END $$;

-- Constructs that go as they stand
SELECT q.n, s.* FROM (VALUES
  (1, 'SELECT * FROM emp'),
  (2, 'SELECT name, count(*), sum(pay), avg(pay) FILTER (WHERE dept > 3) FROM emp GROUP BY name HAVING count(*) > 3'),
  (3, 'SELECT e.name, d."Dept name" FROM emp e JOIN dept d ON d.id = e.dept WHERE d.city = ''Oslo'''),
  (4, 'SELECT e.name, d."Dept name" FROM emp e LEFT JOIN dept d ON d.id = e.dept AND d.city IS NOT NULL'),
  (5, 'SELECT e.id, d.id FROM emp e FULL JOIN dept d ON d.id = e.dept'),
  (6, 'SELECT * FROM emp NATURAL JOIN (SELECT id, name FROM emp WHERE id < 9) x'),
  (7, 'SELECT id, a.name, b.pay FROM emp a FULL JOIN emp b USING (id) WHERE id < 7'),
  (8, 'SELECT j.* FROM (emp a JOIN dept b USING (id)) AS j (c1, c2, c3)'),
  (9, 'SELECT x.a, x.b FROM emp AS x (a, b) WHERE x.a < 4'),
  (10, 'SELECT id FROM emp WHERE dept IN (SELECT id FROM dept WHERE city = ''Lima'')'),
  (11, 'SELECT id FROM emp e WHERE NOT EXISTS (SELECT FROM dept d WHERE d.id = e.dept)'),
  (12, 'SELECT id FROM emp WHERE dept NOT IN (SELECT id FROM dept WHERE id > 2)'),
  (13, 'SELECT id, (SELECT max(pay) FROM emp x WHERE x.dept = e.dept) FROM emp e'),
  (14, 'SELECT d.id, x.name FROM dept d, LATERAL (SELECT name FROM emp e WHERE e.dept = d.id ORDER BY pay DESC, id LIMIT 2) x'),
  (15, 'WITH RECURSIVE b AS (SELECT id, boss, 1 AS depth FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, e.boss, depth + 1 FROM emp e JOIN b ON b.id = e.boss) SELECT depth, count(*) FROM b GROUP BY depth'),
  (16, 'WITH c AS MATERIALIZED (SELECT dept, sum(pay) AS s FROM emp GROUP BY dept) SELECT a.dept, b.s FROM c a JOIN c b ON a.s > b.s'),
  (17, 'SELECT id FROM emp WHERE id < 10 UNION SELECT id FROM dept EXCEPT SELECT 3 ORDER BY 1'),
  (18, '(SELECT id FROM emp ORDER BY pay LIMIT 3) INTERSECT ALL (SELECT id FROM emp ORDER BY pay LIMIT 5)'),
  (19, 'SELECT id, rank() OVER w, sum(pay) OVER (w ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) FROM emp WINDOW w AS (PARTITION BY dept ORDER BY pay, id)'),
  (20, 'SELECT id, lag(pay, 2, 0.5) OVER (ORDER BY id), ntile(4) OVER (ORDER BY id), first_value(name) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM emp'),
  (21, 'SELECT id, count(*) OVER (ORDER BY hired RANGE BETWEEN ''10 days'' PRECEDING AND ''3 days'' FOLLOWING) FROM emp'),
  (22, 'SELECT dept, feel, grouping(dept, feel), count(*) FROM emp GROUP BY GROUPING SETS ((dept), (feel), ())'),
  (23, 'SELECT dept, feel, sum(pay) FROM emp GROUP BY CUBE (dept, feel)'),
  (24, 'SELECT DISTINCT ON (dept) dept, id FROM emp ORDER BY dept NULLS FIRST, pay DESC, id'),
  (25, 'SELECT DISTINCT feel FROM emp ORDER BY feel DESC'),
  (26, 'SELECT dept, percentile_cont(0.5) WITHIN GROUP (ORDER BY pay), mode() WITHIN GROUP (ORDER BY feel), rank(2000) WITHIN GROUP (ORDER BY pay) FROM emp GROUP BY dept'),
  (27, 'SELECT dept, string_agg(DISTINCT name, ''; '' ORDER BY name DESC), array_agg(id ORDER BY pay DESC, id) FROM emp GROUP BY dept'),
  (28, 'SELECT v.n, e.name FROM (VALUES (1, ''x''), (3, ''y'')) AS v (n, t) JOIN emp e ON e.id = v.n'),
  (29, 'SELECT g, count(e.id) FROM generate_series(1, 20, 5) g LEFT JOIN emp e ON e.id < g GROUP BY g'),
  (30, 'SELECT e.id, t, o FROM emp e, unnest(e.tags) WITH ORDINALITY AS u (t, o) WHERE id < 5'),
  (31, 'SELECT id, unnest(tags) FROM emp WHERE id < 5'),
  (32, 'SELECT e.id, j.key, j.value FROM emp e, jsonb_each(e.info) j WHERE e.id < 4'),
  (33, 'SELECT id, CASE feel WHEN ''sad'' THEN 1 WHEN ''ok'' THEN dept ELSE -1 END, CASE WHEN pay > 3000 THEN ''rich'' END FROM emp'),
  (34, 'SELECT info ->> ''s'', count(*) FROM emp WHERE info @> ''{"k": 1}'' AND tags && ARRAY[''t1''] GROUP BY 1'),
  (35, 'SELECT coalesce(dept, 0), nullif(dept, 3), greatest(dept, boss, 2), dept IS DISTINCT FROM boss, (dept, boss) < (3, 9) FROM emp'),
  (36, 'SELECT id, pay FROM emp ORDER BY pay DESC, id FETCH FIRST 3 ROWS WITH TIES'),
  (37, 'SELECT id FROM emp ORDER BY id OFFSET 190 LIMIT 5'),
  (38, 'SELECT id FROM emp WHERE (dept, boss) IN (SELECT dept, boss FROM emp WHERE feel = ''happy'')'),
  (39, 'SELECT id FROM emp WHERE pay > ALL (SELECT pay FROM emp WHERE dept = 2)'),
  (40, 'SELECT ARRAY(SELECT id FROM dept d WHERE d.id <> e.dept ORDER BY id) FROM emp e WHERE id < 4'),
  (41, 'SELECT lower(name) || ''-'' || length(name), substring(name FROM 2 FOR 3), trim(both ''n'' FROM name), position(''m'' IN name) FROM emp'),
  (42, 'SELECT extract(year FROM hired), hired + 7, date ''2021-01-01'' - hired FROM emp'),
  (43, 'SELECT count(*) FROM emp a JOIN emp b ON a.dept = b.dept JOIN dept d ON d.id = b.dept WHERE a.feel > b.feel'),
  (44, 'SELECT corr(id, pay), bool_and(dept > 0), min(hired), max(feel), count(DISTINCT dept) FROM emp'),
  (45, 'SELECT FROM emp WHERE id < 4'),
  (46, 'SELECT 1 AS one, NULL::mood AS m, current_date - current_date AS z FROM dept'),
  (47, 'SELECT to_tsvector(''simple'', name) @@ to_tsquery(''simple'', ''name3'') AS hit, count(*) FROM emp GROUP BY 1'),
  (48, 'SELECT id FROM emp WHERE hired <@ daterange(''2020-02-01'', ''2020-02-10'')'),
  (49, 'SELECT x.* FROM (SELECT dept, count(*) AS n FROM emp GROUP BY dept ORDER BY n DESC, dept LIMIT 3) x WHERE n > 28 ORDER BY dept'),
  (50, 'SELECT name FROM emp WHERE name COLLATE "C" < ''name2'' ORDER BY name COLLATE "C" DESC, id'),
  (51, 'SELECT id, concat(name, ''-'', id, NULL, feel, pay), concat_ws('', '', dept, boss, hired IS NULL), format(''%s %L %I %6s'', id, name, ''A b'', pay), concat(VARIADIC tags) FROM emp'),
  (52, 'SELECT jsonb_build_object(''id'', id, ''hired'', hired, ''feel'', feel, ''tags'', tags, ''none'', NULL, ''info'', info), json_build_array(name, pay, hired::timestamptz, ARRAY[hired]), to_jsonb(hired), row_to_json(ROW(id, hired, ROW(name))), array_to_string(tags, ''|'', ''-'') FROM emp'),
  (53, 'SELECT dept, jsonb_agg(jsonb_build_object(''n'', name, ''h'', hired) ORDER BY id), json_object_agg(id, feel ORDER BY id), json_agg(ROW(id, pay) ORDER BY id DESC), jsonb_object_agg(id, hired) FROM emp GROUP BY dept'),
  (54, 'SELECT id, make_interval(days => id, hours => 2), make_date(2000, month => 1 + id % 12, day => 5), json_agg(name) OVER (PARTITION BY dept ORDER BY id) FROM emp WHERE hired > make_date(day => 2, month => 3, year => 2020)')
) AS q (n, query), same(query) s ORDER BY n;

-- What stays here, and its parts that still go
CREATE OR REPLACE FUNCTION local_half(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 / 2; END';
SELECT q.n, s.* FROM (VALUES
  (1, 'SELECT e.id, loc.v FROM emp e JOIN loc ON loc.id = e.id'),
  (2, 'SELECT loc.id, s.n FROM loc JOIN (SELECT dept, count(*) AS n FROM emp GROUP BY dept) s ON s.dept = loc.id WHERE s.n > 3'),
  (3, 'WITH s AS (SELECT dept, count(*) AS n FROM emp GROUP BY dept) SELECT a.id, s.n, t.n FROM loc a JOIN s ON s.dept = a.id JOIN s t ON t.dept = a.v'),
  (4, 'SELECT id FROM loc WHERE id > (SELECT count(*) FROM dept WHERE city IS NOT NULL)'),
  (5, 'SELECT id FROM loc UNION SELECT max(dept) FROM emp'),
  (6, 'SELECT id FROM loc UNION ALL (SELECT dept FROM emp ORDER BY pay, id LIMIT 4)'),
  (7, 'SELECT count(*) FROM emp WHERE random() >= 0'),
  (8, 'SELECT id FROM emp WHERE pg_backend_pid() > 0 AND id < 5'),
  (9, 'SELECT (e).name FROM emp e WHERE id < 4'),
  (10, 'SELECT e IS NOT NULL FROM emp e WHERE id < 4'),
  (11, 'SELECT count(*) FROM emp WHERE tableoid = ''far.emp''::regclass OR tableoid <> 1'),
  -- what is printed by settings of the session
  (20, 'SELECT concat(hired), format(''%s'', hired) FROM emp WHERE id < 9'),
  (21, 'SELECT to_jsonb(pay::float8 / 3) FROM emp WHERE id < 9'),
  (22, 'SELECT jsonb_object_agg(id, make_interval(days => id)) FROM emp WHERE id < 9'),
  (23, 'SELECT array_to_string(ARRAY[hired], '','') FROM emp WHERE id < 9'),
  -- what is grouped by, whether it is shown or not
  (12, 'SELECT local_half(id), count(*) FROM emp GROUP BY local_half(id)'),
  (13, 'SELECT count(*) FROM emp GROUP BY local_half(dept)'),
  (14, 'SELECT dept, count(*) FROM emp GROUP BY ROLLUP (dept, local_half(id) > 50)'),
  (15, 'SELECT DISTINCT local_half(id) FROM emp'),
  -- values from here of which grouping sets make nulls
  (24, 'SELECT lower(to_char(''2024-12-31''::timestamptz, ''DD'')) FROM emp GROUP BY GROUPING SETS ((NULL::numeric), (to_char(''2024-12-31''::timestamptz, ''DD'')), ())'),
  (25, 'SELECT upper(''a''::text), count(*) FROM emp GROUP BY GROUPING SETS ((''a''::text), (dept), ())'),
  (26, 'SELECT coalesce(current_date - current_date, 7), dept FROM emp GROUP BY CUBE (current_date - current_date, dept)'),
  (16, 'SELECT loc.id, s.n FROM loc JOIN (SELECT local_half(dept) AS half, count(*) AS n FROM emp GROUP BY local_half(dept)) s ON s.half = loc.id')
) AS q (n, query), same(query) s ORDER BY n;

-- JSON follows the time zone alone
SET datestyle = 'German';
SET intervalstyle = 'iso_8601';
SET extra_float_digits = 0;
SET timezone = 'Asia/Kolkata';
SELECT q.n, s.* FROM (VALUES
  (1, 'SELECT to_jsonb(hired), to_json(hired::timestamptz), concat(id, pay, name) FROM emp'),
  (2, 'SELECT concat(hired), to_json(pay::float8 / 3), jsonb_build_array(make_interval(days => id)) FROM emp')
) AS q (n, query), same(query) s ORDER BY n;
RESET datestyle;
RESET intervalstyle;
RESET extra_float_digits;
RESET timezone;

EXPLAIN (VERBOSE, COSTS OFF)
SELECT loc.id, s.n FROM far.loc JOIN (SELECT dept, count(*) AS n, max(pay) AS m FROM far.emp GROUP BY dept) s
    ON s.dept = loc.id WHERE s.n > 3;
EXPLAIN (VERBOSE, COSTS OFF)
SELECT d."Dept name", count(*) FROM far.emp e JOIN far.dept d ON d.id = e.dept
 WHERE e.pay > 1500 AND e.feel = 'happy' AND e.hired > now() - interval '100 years'
 GROUP BY 1 ORDER BY 2 DESC LIMIT 3;

-- switched off
SET neon_http_fdw.statement_pushdown = off;
SELECT plan_kind('SELECT id FROM far.emp WHERE id < 3');
RESET neon_http_fdw.statement_pushdown;

-- Prepared statements, custom and generic plans
PREPARE p (int, text) AS SELECT count(*), $2 AS t FROM far.emp WHERE dept = $1 OR name = $2;
SET plan_cache_mode = force_custom_plan;
EXECUTE p (2, 'name4');
SET plan_cache_mode = force_generic_plan;
EXECUTE p (2, 'name4');
EXECUTE p (3, 'name5');
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE p (2, 'name4');
RESET plan_cache_mode;

-- Cursors
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM far.emp ORDER BY id;
FETCH 2 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH ABSOLUTE 200 FROM c;
FETCH NEXT FROM c;
FETCH PRIOR FROM c;
DECLARE n NO SCROLL CURSOR FOR SELECT id FROM far.emp ORDER BY id;
FETCH 1 FROM n;
FETCH 2 FROM n;
DECLARE h CURSOR WITH HOLD FOR SELECT id FROM far.dept ORDER BY id;
COMMIT;
FETCH 2 FROM h;
CLOSE h;

-- PL/pgSQL
DO $$
DECLARE
  r record;
  n int;
  d int := 3;
BEGIN
  FOR r IN SELECT id, name FROM far.emp WHERE dept = d AND id < 20 ORDER BY id LOOP
    RAISE WARNING '% %', r.id, r.name;
  END LOOP;
  SELECT count(*) INTO STRICT n FROM far.emp WHERE dept = d;
  RAISE WARNING '%', n;
  PERFORM 1 FROM far.emp WHERE id < d;
  GET DIAGNOSTICS n = ROW_COUNT;
  RAISE WARNING '%', n;
  SELECT id INTO STRICT n FROM far.emp WHERE id < 0;
EXCEPTION WHEN no_data_found THEN
  RAISE WARNING 'no data found';
END $$;

-- Local permissions count, at every level
CREATE ROLE stmt_user;
GRANT USAGE ON SCHEMA far TO stmt_user;
GRANT SELECT ON far.dept TO stmt_user;
GRANT SELECT (id, dept) ON far.emp TO stmt_user;
CREATE VIEW far.pays WITH (security_barrier = false) AS SELECT dept, sum(pay) AS pay FROM far.emp GROUP BY dept;
CREATE VIEW far.barrier WITH (security_barrier) AS SELECT id, name FROM far.emp WHERE dept = 1;
GRANT SELECT ON far.pays TO stmt_user;
SET ROLE stmt_user;
\set VERBOSITY sqlstate
SELECT count(*) FROM far.dept;                                  -- no mapping
\set VERBOSITY default
SELECT count(*) FROM far.pays;                                  -- the owner's
SELECT count(*) FROM far.dept WHERE EXISTS (SELECT name FROM far.emp);
SELECT count(*) FROM far.barrier;
RESET ROLE;
SELECT plan_kind('SELECT * FROM far.pays'), plan_kind('SELECT count(*) FROM far.barrier');
SELECT plan_kind('SELECT * FROM far.pays p JOIN far.dept d ON d.id = p.dept');
SELECT * FROM far.pays p JOIN far.dept d ON d.id = p.dept WHERE d.id = 2;
REVOKE SELECT ON far.pays FROM stmt_user;

-- Row locks and writes
SELECT id FROM far.emp WHERE id = 1 FOR UPDATE;
SELECT count(*) FROM (SELECT id FROM far.emp FOR SHARE) x;

-- Plans follow changes
PREPARE q AS SELECT count(*) FROM far.dept;
EXECUTE q;
ALTER FOREIGN TABLE far.dept OPTIONS (SET table_name 'emp');
EXECUTE q;
ALTER FOREIGN TABLE far.dept OPTIONS (SET table_name 'dept');
EXECUTE q;
PREPARE r AS SELECT "Dept name" FROM far.dept WHERE id = 4;
EXECUTE r;
ALTER FOREIGN TABLE far.dept ALTER COLUMN "Dept name" OPTIONS (SET column_name 'city');
EXECUTE r;
ALTER FOREIGN TABLE far.dept ALTER COLUMN "Dept name" OPTIONS (SET column_name 'Dept name');
ALTER SERVER neon OPTIONS (SET dbname 'no_such_database');
\set VERBOSITY sqlstate
EXECUTE r;
\set VERBOSITY terse
ALTER SERVER neon OPTIONS (SET dbname :'dbname');
EXECUTE r;

-- Two columns of one name there
CREATE FOREIGN TABLE far.twice (id int, a text OPTIONS (column_name 'name'), b text OPTIONS (column_name 'name'))
  SERVER neon OPTIONS (schema_name 'stmt', table_name 'emp');
SELECT plan_kind('SELECT a FROM far.twice'), plan_kind('SELECT id FROM far.twice');
SELECT id, a, b FROM far.twice WHERE a = 'name3' AND id < 30 ORDER BY id;

-- Inheritance, and two servers
CREATE TABLE far.parent (id int);
CREATE FOREIGN TABLE far.child () INHERITS (far.parent) SERVER neon OPTIONS (schema_name 'stmt', table_name 'dept');
SELECT plan_kind('SELECT count(*) FROM far.parent'), plan_kind('SELECT count(*) FROM far.child');
SELECT count(*) FROM far.parent;

DROP OWNED BY stmt_user;
DROP ROLE stmt_user;
DROP SCHEMA far, near CASCADE;
DROP FUNCTION plan_kind, rows_of, same;
