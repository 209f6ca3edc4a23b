--
-- Joins, groups, sorts and limits of foreign tables, where statements do not
-- run remotely as a whole
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
  feel mood);
INSERT INTO emp
  SELECT g, 'name' || g % 17, nullif(g % 9, 0), nullif(g / 5, 0),
    1000 + (g * 7919) % 4000 + 0.25,
    CASE WHEN g % 10 > 0 THEN date '2020-01-01' + g END,
    (ARRAY['sad', 'ok', 'happy'])[1 + g % 3]::mood
  FROM generate_series(1, 200) g;
CREATE TABLE dept (id int PRIMARY KEY, "Dept name" text, city text COLLATE "C");
INSERT INTO dept
  SELECT g, 'D' || g, (ARRAY['Oslo', 'Lima', NULL])[1 + g % 3]
  FROM generate_series(1, 10) g;
CREATE TABLE doc (id int PRIMARY KEY, info jsonb);
INSERT INTO doc
  SELECT g, jsonb_build_object('k', g % 4) FROM generate_series(1, 20) g;
CREATE TABLE job (
  emp int,
  year int,
  dept bigint,
  hours float8,
  label text,
  PRIMARY KEY (emp, year));
INSERT INTO job
  SELECT 1 + g % 220, 2000 + g / 220, nullif(g % 11, 10), g % 40 + 0.5,
    CASE WHEN g % 4 > 0 THEN 'job' || g % 6 END
  FROM generate_series(0, 599) g;
$tables$ AS tables \gset


\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS push CASCADE;
CREATE SCHEMA push;
SET search_path = push;
:tables
CREATE TYPE temper AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE other AS SELECT g AS id, (ARRAY['sad', 'ok', 'happy'])[1 + g % 3]::temper AS feel FROM generate_series(1, 9) g;
CREATE TABLE part1 (id int PRIMARY KEY, k int, v text);
INSERT INTO part1 SELECT g, g % 7, 'v' || g % 5 FROM generate_series(1, 99) g;
CREATE TABLE part2 (id int PRIMARY KEY, k int, v text);
INSERT INTO part2 SELECT g, g % 7, 'v' || g % 5 FROM generate_series(100, 199) g;
CREATE TABLE more1 (id int, w int);
INSERT INTO more1 SELECT g, g % 4 FROM generate_series(1, 98, 3) g;
CREATE TABLE more2 (id int, w int);
INSERT INTO more2 SELECT g, g % 4 FROM generate_series(100, 196, 3) g;
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS push_test, far, near CASCADE;
DROP SERVER IF EXISTS neon_other CASCADE;
DO $$ BEGIN DROP OWNED BY regress_push_owner; DROP ROLE regress_push_owner; EXCEPTION WHEN undefined_object THEN END $$;
CREATE SCHEMA push_test;
CREATE SCHEMA far;
CREATE SCHEMA near;
IMPORT FOREIGN SCHEMA push EXCEPT (other, part1, part2, more1, more2) FROM SERVER neon INTO far;
SET search_path = near;
:tables
SET search_path = far;
CREATE TABLE loc AS SELECT g AS id, g % 5 AS v FROM generate_series(1, 12) g;
CREATE TABLE near.loc AS TABLE loc;
CREATE FUNCTION here(anyelement) RETURNS anyelement LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
CREATE AGGREGATE here_sum(int) (SFUNC = int4pl, STYPE = int, INITCOND = 0);
CREATE FUNCTION push_test.rounded(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 1.5';
CREATE FUNCTION push_test.as_text(jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
ALTER FUNCTION here SET SCHEMA push_test;
ALTER AGGREGATE here_sum(int) SET SCHEMA push_test;
ANALYZE emp, dept, job, doc, loc, near.emp, near.dept, near.job, near.doc, near.loc;
SET search_path = push_test;
SET neon_http_fdw.statement_pushdown = off;
SET neon_http_fdw.bind_join = off;

CREATE FUNCTION rows_of(query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  r record;
  result text[] := '{}';
BEGIN
  FOR r IN EXECUTE query LOOP
    result := result || coalesce(r::text, 'null');
  END LOOP;
  RETURN result;
END $$;

-- Runs a query on the foreign tables and on the copies: the same rows?  And
-- in the same order, if it ends with an ORDER BY?
CREATE FUNCTION verdict(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  there text[];
  here text[];
BEGIN
  PERFORM set_config('search_path', 'far, push_test', true);
  there := rows_of(query);
  PERFORM set_config('search_path', 'near, push_test', true);
  here := rows_of(query);
  IF query !~ 'ORDER BY [^()]*$' THEN
    there := ARRAY(SELECT unnest(there) ORDER BY 1);
    here := ARRAY(SELECT unnest(here) ORDER BY 1);
  END IF;
  PERFORM set_config('search_path', 'push_test', true);
  RETURN CASE WHEN here = there THEN format('%s rows, as here', cardinality(here))
    ELSE format('WRONG: there %s %s, here %s %s', cardinality(there), there[1:5], cardinality(here), here[1:5]) END;
END $$;

-- The plan without what differs between versions, and the verdict
CREATE FUNCTION show(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  PERFORM set_config('search_path', 'far, push_test', true);
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line !~ '^ *(Output|Inner Unique|Group Key|Sort Key|Presorted Key|Cache Key|Cache Mode|Disabled): ' AND line !~ 'SubPlan|Window: ' THEN
      RETURN NEXT regexp_replace(line, '\yfar\.', '', 'g');
    END IF;
  END LOOP;
  RETURN NEXT verdict(query);
END $$;

-- For queries that are one foreign scan: the remote SQL and the verdict
CREATE FUNCTION sql(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  n int := 0;
BEGIN
  PERFORM set_config('search_path', 'far, push_test', true);
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    n := n + (line ~ '(->|^)')::int * (line !~ '^ +[A-Z]')::int;
    IF line ~ 'Remote SQL: ' THEN
      RETURN NEXT regexp_replace(line, '.*Remote SQL: ', '');
    ELSIF line ~ '^ +(Filter|One-Time Filter): ' THEN
      RETURN NEXT regexp_replace(trim(line), 'far\.', '', 'g');
    END IF;
  END LOOP;
  RETURN NEXT CASE WHEN n > 1 THEN n || ' NODES, ' ELSE '' END || verdict(query);
END $$;

-- As sql(), where the order of conditions depends on the version
CREATE FUNCTION relations(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  PERFORM set_config('search_path', 'far, push_test', true);
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    EXIT WHEN line ~ '^  Relations:';
  END LOOP;
  RETURN trim(line) || ': ' || verdict(query);
END $$;
\pset format unaligned
\pset tuples_only on

--
-- Joins
--
SELECT show('SELECT e.id, d."Dept name" FROM emp e JOIN dept d ON d.id = e.dept WHERE e.pay > 3000 AND d.city = ''Oslo''');
SELECT relations('SELECT * FROM emp e JOIN dept d ON d.id = e.dept JOIN job j ON e.id = j.emp AND d.id = j.dept');
SELECT relations('SELECT e.name, b.name FROM emp e JOIN emp b ON e.pay > b.pay AND b.id = e.boss');
SELECT sql('SELECT e.id, d.id FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4500 WHERE d.id < 8');
SELECT sql('SELECT e.id, d.id FROM emp e RIGHT JOIN dept d ON e.dept = d.id AND d.city = ''Lima''');
SELECT sql('SELECT e.id, d.id FROM emp e LEFT JOIN dept d ON e.dept = d.id WHERE d.city IS NULL OR e.pay < 1500');
SELECT sql('SELECT e.id, d.id FROM emp e FULL JOIN dept d ON e.dept = d.id');
SELECT sql('SELECT e.id, d.id FROM emp e FULL JOIN dept d ON e.dept = d.id WHERE coalesce(e.pay, 0) + d.id < 2000');
SELECT sql('SELECT e.id, d.id FROM (SELECT * FROM emp WHERE pay > 4000) e FULL JOIN (SELECT * FROM dept WHERE id > 3) d ON e.dept = d.id');
-- a full join of joins, with conditions inside
SELECT sql('SELECT x.id, x.name, j.label FROM (SELECT e.id, d."Dept name" AS name FROM emp e JOIN dept d ON d.id = e.dept WHERE e.pay > 3500) x FULL JOIN (SELECT * FROM job WHERE year > 2001) j ON x.id = j.emp');
SELECT sql('SELECT x.id, x.name, j.label FROM (SELECT e.id, d."Dept name" AS name FROM emp e LEFT JOIN dept d ON d.id = e.dept WHERE e.pay > 3500 AND d.city IS NULL) x FULL JOIN job j ON x.id = j.emp');
SELECT sql('SELECT count(*), sum(x.id), max(j.label) FROM (SELECT e.id FROM emp e FULL JOIN dept d ON d.id = e.dept AND e.id > 100) x FULL JOIN (SELECT * FROM job WHERE year > 2001) j ON x.id = j.emp');
SELECT sql('SELECT e.id, d.id, j.year FROM dept d LEFT JOIN (emp e JOIN job j ON j.emp = e.id AND j.hours > 30) ON e.dept = d.id');
SELECT sql('SELECT e.id, d.id, j.year FROM dept d LEFT JOIN (emp e LEFT JOIN job j ON j.emp = e.id AND j.hours > 30) ON e.dept = d.id AND e.pay < 3000');
SELECT sql('SELECT d.id, e.id FROM dept d JOIN emp e ON (e.dept, 1) = (d.id, here(1)) AND e.hired BETWEEN ''2020-03-01'' AND current_date');
-- rows that are multiplied are not worth a request
SELECT show('SELECT a.id, b.year FROM emp a, job b WHERE a.pay > 1');
SELECT sql('SELECT count(*) FROM emp a, job b');

-- Semi and anti joins
SELECT show('SELECT d.id FROM dept d WHERE EXISTS (SELECT FROM emp e WHERE e.dept = d.id AND e.pay > 4800)');
SELECT sql('SELECT d.id FROM dept d WHERE id IN (SELECT dept FROM emp WHERE pay > 4800) AND city IS NOT NULL');
SELECT sql('SELECT d.id FROM dept d WHERE NOT EXISTS (SELECT FROM emp e WHERE e.dept = d.id AND e.pay > 4800)');
SELECT sql('SELECT d.id, e.id, e.name FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4800 WHERE e.name IS NULL');
-- (where NOT NULL says that no row was found, 19 makes an anti join of it)
SELECT verdict('SELECT d.id, e.id, e.name FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4800 WHERE e.id IS NULL');
SELECT sql('SELECT d.id, e.name, coalesce(e.name, d."Dept name") FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4800 WHERE coalesce(e.pay, 3) < d.id');
SELECT sql('SELECT d.id, e, e.name, coalesce(e.name, d."Dept name") FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4800 WHERE e.dept IS NULL AND coalesce(e.pay, 3) < d.id');
SELECT sql('SELECT d.id, e.name, coalesce(e.name, d."Dept name") FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4800 WHERE e.dept IS NULL AND coalesce(e.pay, 3) < d.id');
SELECT sql('SELECT d.city, e.feel, x.one, count(*) FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4800 LEFT JOIN (SELECT emp, 1 AS one FROM job) x ON x.emp = e.id WHERE e.dept IS NULL GROUP BY d.city, e.feel, x.one');
SELECT sql('SELECT d.id FROM dept d WHERE EXISTS (SELECT FROM emp e JOIN job j ON j.emp = e.id WHERE e.dept = d.id AND j.hours < 3)');
SELECT sql('SELECT d.id FROM dept d WHERE EXISTS (SELECT FROM emp e WHERE e.dept = d.id AND NOT EXISTS (SELECT FROM job j WHERE j.emp = e.id))');
SELECT sql('SELECT d.id, j.emp, j.year FROM dept d JOIN job j ON j.dept = d.id WHERE EXISTS (SELECT FROM emp e WHERE e.dept = d.id AND e.pay > 4800) AND NOT EXISTS (SELECT FROM emp e WHERE e.id = j.emp AND e.pay < 4000)');
SELECT sql('SELECT d.id, x.id FROM dept d LEFT JOIN (SELECT * FROM emp e WHERE EXISTS (SELECT FROM job j WHERE j.emp = e.id AND j.hours > 39)) x ON x.dept = d.id');
SELECT sql('SELECT d.id, x.id FROM dept d FULL JOIN (SELECT * FROM emp e WHERE EXISTS (SELECT FROM job j WHERE j.emp = e.id AND j.hours > 39)) x ON x.dept = d.id');
SELECT sql('SELECT d.city, count(*) FROM dept d WHERE EXISTS (SELECT FROM emp e WHERE e.dept = d.id) GROUP BY d.city');
-- the equal of a column that EXISTS hides is used above
SELECT show('SELECT e.id, l.v FROM emp e, loc l WHERE e.id IN (SELECT emp FROM job WHERE hours > 20) AND e.id = l.id');
SELECT sql('SELECT e.id, o.id FROM emp e, emp o WHERE e.id IN (SELECT j.emp FROM job j WHERE hours > 20) AND e.id = o.boss ORDER BY e.id, o.id');
SELECT show('SELECT d.id, j.year FROM dept d, job j WHERE d.id IN (SELECT dept FROM emp) AND d.id = j.dept AND j.emp = 3');
-- NOT IN is no anti join, unless neither side can be NULL, which 19 knows of columns
SELECT show('SELECT d.id FROM dept d WHERE id NOT IN (SELECT nullif(dept, -1) FROM emp WHERE dept IS NOT NULL)');
SELECT verdict('SELECT d.id FROM dept d WHERE id NOT IN (SELECT dept FROM emp WHERE dept IS NOT NULL)');
SELECT verdict('SELECT d.id FROM dept d WHERE id NOT IN (SELECT dept FROM emp)');
SELECT verdict('SELECT e.id FROM emp e WHERE dept NOT IN (SELECT id FROM dept WHERE id > 3)');
SELECT verdict('SELECT e.id FROM emp e WHERE dept NOT IN (SELECT id FROM dept WHERE id < 0)');

-- What cannot run there is done here, with as little as possible
SELECT show('SELECT e.id, d.id FROM emp e JOIN dept d ON d.id = e.dept AND here(e.pay) > d.id + 4000');
SELECT show('SELECT e.id, d.city FROM emp e JOIN dept d ON d.id = e.dept WHERE here(d."Dept name") = ''D3''');
SELECT show('SELECT e.id, d.city FROM emp e LEFT JOIN dept d ON d.id = e.dept WHERE here(e.name) = ''name3''');
SELECT show('SELECT e.id, d.city FROM emp e LEFT JOIN dept d ON d.id = e.dept WHERE here(d.city) IS NULL AND e.id < 50');
SELECT show('SELECT e.id, d.city FROM emp e LEFT JOIN dept d ON d.id = e.dept AND here(d.city) = ''Oslo''');
SELECT show('SELECT e.id FROM emp e WHERE here(e.pay) > 4500 AND EXISTS (SELECT FROM dept d WHERE d.id = e.dept AND city = ''Lima'')');
SELECT sql('SELECT here(e.id) + random() * 0, d.city || here(e.name) FROM emp e JOIN dept d ON d.id = e.dept');

-- a nested loop keeps what one request fetched, however few rows it expects
SELECT show('SELECT l.id, d.id FROM loc l LEFT JOIN dept d ON here(d.id) < l.id WHERE l.id % 2 = 0 AND l.v % 2 = 0');

-- Values computed below an outer join
SELECT sql('SELECT d.id, x.one, x.up FROM dept d LEFT JOIN (SELECT dept, 1 AS one, upper(name) AS up FROM emp WHERE pay > 4700) x ON x.dept = d.id');
SELECT sql('SELECT d.id, coalesce(x.one, 7), x.id FROM dept d LEFT JOIN (SELECT e.dept, e.id, coalesce(j.hours, -1) AS one FROM emp e LEFT JOIN job j ON j.emp = e.id AND j.year = 2001 WHERE e.pay > 4500) x ON x.dept = d.id WHERE coalesce(x.one, 0) < 30');
SELECT sql('SELECT count(x.one), count(*), x.up FROM dept d LEFT JOIN (SELECT dept, 1 AS one, upper(name) AS up FROM emp WHERE pay > 4700) x ON x.dept = d.id GROUP BY x.up');
SELECT show('SELECT d.id, x.h FROM dept d LEFT JOIN (SELECT dept, here(1) AS one, here(name) AS h FROM emp WHERE pay > 4700) x ON x.dept = d.id');
SELECT sql('SELECT a.x, b.y FROM (SELECT id, id + 1 AS x FROM dept) a FULL JOIN (SELECT dept, 2 AS y FROM emp WHERE pay > 4800) b ON a.id = b.dept');
-- a row of no named type can be computed and compared there, but not read here
SELECT show('SELECT x::text FROM dept d LEFT JOIN (SELECT coalesce(dept, -1) AS k, name FROM emp WHERE pay > 4700) x ON coalesce(nullif(d.id, 3), 9) = x.k');
SELECT sql('SELECT d.id FROM dept d LEFT JOIN (SELECT dept, ROW(name, feel) AS r FROM emp WHERE pay > 4700) x ON x.dept = d.id WHERE x.r IS NULL OR d.id > 4');
SELECT show('SELECT ROW(dept, feel), count(*) FROM emp GROUP BY ROW(dept, feel)');
SELECT sql('SELECT ROW(dept, count(*)), ROW(dept, feel), feel FROM emp GROUP BY dept, feel');
SELECT show('SELECT DISTINCT ROW(dept, feel) FROM emp');
SELECT verdict('SELECT array_agg(ROW(dept, feel) ORDER BY id) FROM emp');
SELECT sql('SELECT count(DISTINCT ROW(dept, feel)) FROM emp');

-- the genetic planner tries joins in memory that does not last
SET geqo_threshold = 2;
SET geqo_seed = 0.5;
SELECT verdict('SELECT d.id, x.one, x.up, y.id, j.label FROM dept d LEFT JOIN (SELECT dept, 1 AS one, upper(name) AS up FROM emp WHERE pay > 4700) x ON x.dept = d.id LEFT JOIN (SELECT id, boss, coalesce(name, ''-'') AS n FROM emp) y ON y.boss = d.id AND y.n <> x.up FULL JOIN (SELECT * FROM job WHERE year > 2001) j ON j.emp = y.id JOIN emp e ON e.id = coalesce(d.id, j.emp)');
SELECT verdict('SELECT e.id, j.year, count(*) FROM emp e JOIN dept d ON d.id = e.dept JOIN job j ON j.emp = e.id JOIN emp b ON b.id = e.boss WHERE EXISTS (SELECT FROM dept x JOIN emp y ON y.dept = x.id WHERE x.id = b.dept AND y.pay > e.pay) GROUP BY e.id, j.year ORDER BY e.id, j.year');
RESET geqo_threshold;
RESET geqo_seed;

-- Whole rows and system columns
SELECT sql('SELECT e, d.id FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4700');
SELECT sql('SELECT (e).name, row_to_json(d) FROM dept d JOIN emp e ON e.dept = d.id AND e.pay > 4700');
SELECT sql('SELECT count(e), count(*) FROM dept d LEFT JOIN emp e ON e.dept = d.id AND e.pay > 4700');
SET search_path = far;
EXPLAIN (VERBOSE, COSTS OFF) SELECT e.ctid, d.id FROM emp e JOIN dept d ON d.id = e.dept;
SELECT count(*), count(ctid), min(ctid) > '(0,0)' FROM (SELECT e.ctid FROM emp e RIGHT JOIN dept d ON d.id = e.dept) x;
EXPLAIN (COSTS OFF) SELECT e.tableoid::regclass, d.id FROM emp e JOIN dept d ON d.id = e.dept;
SELECT DISTINCT e.tableoid::regclass FROM emp e JOIN dept d ON d.id = e.dept;
SET search_path = push_test;

--
-- Groups
--
SELECT show('SELECT dept, count(*), sum(pay), avg(pay) FROM emp WHERE pay > 2000 GROUP BY dept');
SELECT sql('SELECT count(*) FROM emp');
SELECT sql('SELECT count(*), min(pay), max(hired), bool_and(pay > 0), array_agg(id ORDER BY pay DESC) FROM emp WHERE id > 1000');
SELECT sql('SELECT extract(month FROM hired), count(*) FROM emp GROUP BY extract(month FROM hired)');
SELECT sql('SELECT hired + 10, feel FROM emp GROUP BY hired + 10, feel');
SELECT sql('SELECT dept, count(*) FILTER (WHERE pay > 3000), count(DISTINCT name), string_agg(name, '', '' ORDER BY id DESC) FILTER (WHERE feel = ''ok'') FROM emp GROUP BY dept');
SELECT sql('SELECT dept, percentile_cont(0.5) WITHIN GROUP (ORDER BY pay), mode() WITHIN GROUP (ORDER BY feel DESC), rank(2500) WITHIN GROUP (ORDER BY pay) FROM emp GROUP BY dept');
SELECT sql('SELECT d.city, sum(j.hours) FROM dept d JOIN emp e ON e.dept = d.id LEFT JOIN job j ON j.emp = e.id GROUP BY d.city HAVING count(j.label) > 10 AND sum(j.hours) > 5');
SELECT sql('SELECT dept FROM emp GROUP BY dept HAVING max(pay) - min(pay) > 3500');
SELECT sql('SELECT ''x'' FROM emp HAVING count(*) > 10');
SELECT sql('SELECT 1 FROM emp GROUP BY dept');
SELECT show('SELECT 1 FROM (SELECT max(pay), 2 FROM emp LEFT JOIN dept ON dept.id = emp.dept WHERE emp.id < 0) x');
SELECT sql('SELECT dept + 1, dept + 1 + count(*), now() > hired FROM emp GROUP BY dept, now() > hired');
-- expressions that stay here, over groups that do not
SELECT sql('SELECT here(dept), here(count(*)), here(sum(pay)) + count(*) FROM emp GROUP BY dept');
SELECT sql('SELECT dept, count(*) FROM emp GROUP BY dept HAVING here(count(*)) > 20 AND count(*) < 1000');
SELECT sql('SELECT dept + 1, here(dept + 1) FROM emp GROUP BY dept + 1');
-- a cast that a function's result stands for is part of the group
SELECT sql('SELECT push_test.rounded(id), count(*) FROM emp GROUP BY push_test.rounded(id)');
SELECT sql('SELECT DISTINCT push_test.rounded(id) FROM emp');
SELECT sql('SELECT id FROM emp ORDER BY push_test.rounded(id / 10) DESC, id');
SELECT sql('SELECT push_test.as_text(info) COLLATE "C", count(*) FROM doc GROUP BY push_test.as_text(info) COLLATE "C" ORDER BY 1');
SELECT sql('SELECT id FROM doc ORDER BY push_test.as_text(info) COLLATE "C" DESC, id');
-- groups that stay here, over joins that do not
SELECT show('SELECT d.city, here_sum(e.id) FROM emp e JOIN dept d ON d.id = e.dept GROUP BY d.city');
SELECT show('SELECT here(d.city), count(*) FROM emp e JOIN dept d ON d.id = e.dept GROUP BY here(d.city)');
SELECT show('SELECT dept, count(*) FROM emp WHERE here(name) <> ''name1'' GROUP BY dept');
SELECT show('SELECT dept, feel, count(*), grouping(dept) FROM emp GROUP BY ROLLUP (dept, feel)');
SELECT show('SELECT now() > ''2000-01-01'', count(*) FROM emp GROUP BY now() > ''2000-01-01''');
-- parameters look the same wherever they stand
PREPARE g(int, text) AS SELECT CASE WHEN count(*) > 1 THEN name || lower($2) ELSE coalesce(name || lower($2), $2) END, name || lower($2), count(*) FILTER (WHERE dept > $1 + 1) FROM far.emp GROUP BY name || lower($2) HAVING count(*) > $1 ORDER BY name || lower($2) DESC LIMIT $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE g(3, 'X');
EXECUTE g(3, 'X');
EXECUTE g(NULL, 'X');
RESET plan_cache_mode;
DEALLOCATE g;

--
-- DISTINCT, ORDER BY, LIMIT
--
SELECT show('SELECT DISTINCT dept, feel FROM emp');
SELECT sql('SELECT DISTINCT 1, now() IS NULL, upper(city) FROM dept');
SELECT verdict('SELECT DISTINCT ''x'' FROM dept');
SELECT sql('SELECT DISTINCT count(*) FROM emp GROUP BY dept');
SELECT sql('SELECT DISTINCT d.city, e.feel FROM emp e JOIN dept d ON d.id = e.dept ORDER BY d.city NULLS FIRST, e.feel');
SELECT sql('SELECT DISTINCT ON (dept) dept, id, here(name) FROM emp ORDER BY dept DESC, id DESC');
SELECT sql('SELECT DISTINCT ON (dept, feel) dept, id FROM emp ORDER BY dept, feel, id LIMIT 5');
SELECT show('SELECT DISTINCT here(dept) FROM emp');
SELECT show('SELECT DISTINCT dept FROM emp WHERE here(id) > 3');
SELECT show('SELECT id, here(name) FROM emp ORDER BY pay DESC, id');
SELECT sql('SELECT id FROM emp ORDER BY hired DESC, id');
SELECT sql('SELECT id FROM emp ORDER BY hired DESC NULLS LAST, id');
SELECT sql('SELECT id FROM emp ORDER BY feel NULLS FIRST, dept USING >, -id');
SELECT sql('SELECT id, name FROM emp ORDER BY name COLLATE "C", id');
SELECT sql('SELECT id, lower(name) AS pay FROM emp ORDER BY emp.pay, id LIMIT 3');
SELECT sql('SELECT e.id, d.id FROM emp e LEFT JOIN dept d ON d.id = e.dept ORDER BY d.id DESC, e.id LIMIT 7 OFFSET 3');
SELECT sql('SELECT dept, count(*) FROM emp GROUP BY dept ORDER BY count(*) DESC, dept LIMIT 4');
SELECT sql('SELECT id FROM emp WHERE here(id) > 190 ORDER BY id');
SELECT sql('SELECT count(*) FROM (SELECT id FROM emp LIMIT 7) x');
SELECT sql('SELECT id FROM dept LIMIT ALL OFFSET 10');
SELECT show('SELECT id FROM emp ORDER BY id LIMIT 0');
SELECT show('SELECT id FROM emp WHERE here(id) > 190 ORDER BY id LIMIT 2');
SELECT show('SELECT id FROM emp ORDER BY here(pay), id LIMIT 2');
SELECT show('SELECT pay > 4000 FROM emp ORDER BY pay > 4000 DESC FETCH FIRST 2 ROWS WITH TIES');
SELECT show('SELECT id, sum(pay) OVER (ORDER BY id) FROM emp ORDER BY id LIMIT 3');
SELECT show('SELECT id, generate_series(1, 2) FROM dept ORDER BY id LIMIT 3');
SELECT show('SELECT d.id, (SELECT count(*) FROM emp e WHERE e.dept = d.id) FROM dept d ORDER BY id');
-- in subqueries
SELECT show('SELECT l.id, x.pay FROM loc l JOIN (SELECT id, pay FROM emp ORDER BY pay DESC LIMIT 100) x ON x.id = l.id');
SELECT show('SELECT l.id, x.n FROM loc l LEFT JOIN (SELECT dept, count(*) AS n FROM emp GROUP BY dept) x ON x.dept = l.id');
SELECT show('SELECT l.id, x.id FROM loc l, LATERAL (SELECT id FROM emp e WHERE e.dept = l.v ORDER BY pay LIMIT 1) x');
SELECT show('SELECT l.id, x.n FROM loc l, LATERAL (SELECT count(*) AS n FROM emp e JOIN dept d ON d.id = e.dept WHERE d.id < l.v) x');
SELECT show('SELECT l.id, e.name, d.city FROM loc l JOIN emp e ON e.id = l.id JOIN dept d ON d.id = e.dept');
-- an order that local nodes rely on has to be the same on both sides
SELECT show('SELECT x.name, y.v FROM (SELECT name, id FROM emp ORDER BY name OFFSET 1) x JOIN loc y ON y.id = x.id');
-- extremes are aggregates, not sorts
SELECT sql('SELECT min(pay), max(pay) FROM emp');
SELECT sql('SELECT max(id) FROM emp WHERE dept = 3');

--
-- Servers, users, barriers
--
-- one local type that stands for two remote ones
CREATE FOREIGN TABLE far.other (id int, feel far.mood OPTIONS (type_name 'push.temper')) SERVER neon OPTIONS (schema_name 'push');
CREATE TABLE near.other AS SELECT g AS id, (ARRAY['sad', 'ok', 'happy'])[1 + g % 3]::near.mood AS feel FROM generate_series(1, 9) g;
ANALYZE far.other;
SELECT show('SELECT e.id, o.id FROM emp e JOIN other o ON o.id = e.dept WHERE e.pay > 4700 AND e.feel = ''ok'' AND o.feel > ''sad''');
SELECT verdict('SELECT e.id, o.id FROM emp e JOIN other o USING (feel) WHERE e.pay > 4700');
SET neon_http_fdw.statement_pushdown = on;
SELECT verdict('SELECT e.id, o.id FROM emp e JOIN other o USING (feel) WHERE e.feel <> ''ok'' AND e.pay > 4700');
SELECT sql('SELECT id FROM other WHERE feel > ''sad''');
SET neon_http_fdw.statement_pushdown = off;
CREATE SERVER neon_other FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'localhost');
DO $$
BEGIN
  EXECUTE (SELECT 'ALTER SERVER neon_other OPTIONS (' || string_agg(format('%s %I %L', CASE option_name WHEN 'host' THEN 'SET' ELSE 'ADD' END, option_name, option_value), ', ') || ')'
    FROM information_schema.foreign_server_options WHERE foreign_server_name = 'neon');
  EXECUTE (SELECT 'CREATE USER MAPPING FOR CURRENT_USER SERVER neon_other OPTIONS (' || string_agg(format('%I %L', option_name, option_value), ', ') || ')'
    FROM information_schema.user_mapping_options WHERE foreign_server_name = 'neon' AND authorization_identifier = current_user);
END $$;
CREATE FOREIGN TABLE far.dept2 (id int OPTIONS (key 'true'), city text) SERVER neon_other OPTIONS (schema_name 'push', table_name 'dept');
CREATE VIEW near.dept2 AS SELECT id, city FROM near.dept;
ANALYZE far.dept2;
SELECT show('SELECT e.id, d.city FROM emp e JOIN dept2 d ON d.id = e.dept WHERE e.pay > 4900');
SELECT show('SELECT e.id, d.city, j.year FROM emp e JOIN job j ON j.emp = e.id JOIN dept2 d ON d.id = e.dept WHERE e.pay > 4900');
CREATE ROLE regress_push_owner;
DO $$
BEGIN
  EXECUTE (SELECT 'CREATE USER MAPPING FOR regress_push_owner SERVER neon OPTIONS (' || string_agg(format('%I %L', option_name, option_value), ', ') || ')'
    FROM information_schema.user_mapping_options WHERE foreign_server_name = 'neon' AND authorization_identifier = current_user);
END $$;
GRANT USAGE ON SCHEMA far TO regress_push_owner;
GRANT SELECT ON far.dept, far.emp TO regress_push_owner;
CREATE VIEW far.owned AS SELECT * FROM far.dept;
CREATE VIEW near.owned AS SELECT * FROM near.dept;
ALTER VIEW far.owned OWNER TO regress_push_owner;
SET search_path = far;
EXPLAIN (COSTS OFF) SELECT e.id FROM emp e JOIN owned d ON d.id = e.dept;
EXPLAIN (COSTS OFF) SELECT a.id FROM owned a JOIN owned b ON b.id = a.id + 1;
SELECT count(*) FROM owned;
SELECT count(*) FROM owned a JOIN owned b ON b.id = a.id + 1;
SET search_path = push_test;
CREATE VIEW far.barrier WITH (security_barrier) AS SELECT * FROM far.emp WHERE dept < 5;
CREATE VIEW near.barrier WITH (security_barrier) AS SELECT * FROM near.emp WHERE dept < 5;
SELECT show('SELECT b.id, d.id FROM barrier b JOIN dept d ON d.id = b.dept WHERE 10 / b.id < 3');
SELECT show('SELECT b.id, d.id FROM barrier b JOIN dept d ON 10 / b.id < d.id AND d.id = b.dept');

--
-- Partitions
--
CREATE TABLE far.part (id int, k int, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE far.part1 PARTITION OF far.part FOR VALUES FROM (1) TO (100) SERVER neon OPTIONS (schema_name 'push');
CREATE FOREIGN TABLE far.part2 PARTITION OF far.part FOR VALUES FROM (100) TO (200) SERVER neon OPTIONS (schema_name 'push');
CREATE TABLE far.more (id int, w int) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE far.more1 PARTITION OF far.more FOR VALUES FROM (1) TO (100) SERVER neon OPTIONS (schema_name 'push');
CREATE FOREIGN TABLE far.more2 PARTITION OF far.more FOR VALUES FROM (100) TO (200) SERVER neon OPTIONS (schema_name 'push');
CREATE TABLE near.part AS TABLE far.part;
CREATE TABLE near.more AS TABLE far.more;
ANALYZE far.part, far.more, far.part1, far.part2, far.more1, far.more2;
SET enable_partitionwise_join = on;
SET enable_partitionwise_aggregate = on;
SELECT show('SELECT p.id, p.v, m.w FROM part p JOIN more m ON m.id = p.id WHERE p.k < 5');
SELECT show('SELECT p.id, m.w FROM part p LEFT JOIN more m ON m.id = p.id AND m.w > 1');
SELECT show('SELECT p.id FROM part p WHERE NOT EXISTS (SELECT FROM more m WHERE m.id = p.id AND m.w > 1)');
SELECT show('SELECT id, count(*), max(v) FROM part GROUP BY id HAVING count(*) = 1');
SELECT show('SELECT p.id, count(m.w) FROM part p LEFT JOIN more m ON m.id = p.id GROUP BY p.id');
SELECT show('SELECT k, count(*) FROM part GROUP BY k');
SELECT show('SELECT id FROM part ORDER BY id DESC LIMIT 3');
SELECT show('SELECT k, id FROM part ORDER BY k, id LIMIT 3');
SELECT show('SELECT p.id, p.v, m.w FROM part p JOIN more m ON m.id = p.id ORDER BY p.id LIMIT 4');
RESET enable_partitionwise_join;
RESET enable_partitionwise_aggregate;

--
-- Rows that are locked or written in the local tables of a statement
--
CREATE EXTENSION IF NOT EXISTS dblink SCHEMA public;
CREATE TABLE push_test.stock (id int PRIMARY KEY, dept int, n int);
INSERT INTO push_test.stock SELECT g, g, 0 FROM generate_series(1, 9) g;
ANALYZE push_test.stock;
SET search_path = far, push_test, public;
EXPLAIN (VERBOSE, COSTS OFF) UPDATE push_test.stock s SET n = n + e.id FROM emp e JOIN dept d ON d.id = e.dept WHERE s.dept = d.id AND e.id BETWEEN 10 AND 17 AND d.city <> 'x';
SELECT dblink_connect('other', :'local');
SELECT dblink_exec('other', 'LOAD ''neon_http_fdw''; SET neon_http_fdw.statement_pushdown = off; SET search_path = far');
-- the other session waits for this one, and then looks at the new rows: the
-- two with another department no longer match what was found for them
BEGIN;
UPDATE push_test.stock SET dept = 4 WHERE id = 3;
UPDATE push_test.stock SET dept = 77 WHERE id = 1;
UPDATE push_test.stock SET n = 1000 WHERE id = 6;
SELECT dblink_send_query('other', 'UPDATE push_test.stock s SET n = n + e.id FROM emp e JOIN dept d ON d.id = e.dept WHERE s.dept = d.id AND e.id BETWEEN 10 AND 17 AND d.city <> ''x'' RETURNING s.id, s.dept, e.id, d.city');
DO $$
BEGIN
  FOR i IN 1..6000 LOOP
    EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'UPDATE push_test.stock%RETURNING%' AND wait_event_type = 'Lock');
    PERFORM pg_sleep(0.02);
    PERFORM pg_stat_clear_snapshot();
  END LOOP;
END $$;
COMMIT;
SELECT * FROM dblink_get_result('other') AS (id int, dept int, emp int, city text) ORDER BY 1;
SELECT * FROM dblink_get_result('other') AS (id int, dept int, emp int, city text);
SELECT id, dept, n FROM push_test.stock ORDER BY id;
EXPLAIN (VERBOSE, COSTS OFF) SELECT s.id, e.id FROM push_test.stock s, emp e LEFT JOIN dept d ON d.id = e.dept WHERE s.dept = e.id FOR UPDATE OF s;
BEGIN;
UPDATE push_test.stock SET dept = 6 WHERE id = 5;
UPDATE push_test.stock SET n = 2000 WHERE id IN (2, 7);
SELECT dblink_send_query('other', 'SELECT s.id, s.n, e.id, e.name, d.city FROM push_test.stock s, emp e LEFT JOIN dept d ON d.id = e.dept AND d.id > 3 WHERE s.dept = e.id ORDER BY 1 FOR UPDATE OF s');
DO $$
BEGIN
  FOR i IN 1..6000 LOOP
    EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT s.id, s.n, e.id%' AND wait_event_type = 'Lock');
    PERFORM pg_sleep(0.02);
    PERFORM pg_stat_clear_snapshot();
  END LOOP;
END $$;
COMMIT;
SELECT * FROM dblink_get_result('other') AS (id int, n int, emp int, name text, city text) ORDER BY 1;
SELECT dblink_disconnect('other');
SET search_path = push_test;

--
-- Use in cursors, functions and cached plans
--
SET search_path = far;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT e.id, d.city FROM emp e JOIN dept d ON d.id = e.dept ORDER BY e.id LIMIT 5;
FETCH 3 FROM c;
FETCH BACKWARD 2 FROM c;
FETCH ABSOLUTE 5 FROM c;
COMMIT;
PREPARE p(int, int) AS SELECT e.id, d.city FROM emp e JOIN dept d ON d.id = e.dept WHERE e.id > $1 ORDER BY e.id LIMIT $2;
SET plan_cache_mode = force_generic_plan;
EXECUTE p(10, 2);
ALTER FOREIGN TABLE dept OPTIONS (SET table_name 'emp');
ALTER FOREIGN TABLE dept ALTER COLUMN city OPTIONS (SET column_name 'name');
EXECUTE p(10, 2);
ALTER FOREIGN TABLE dept OPTIONS (SET table_name 'dept');
ALTER FOREIGN TABLE dept ALTER COLUMN city OPTIONS (SET column_name 'city');
EXECUTE p(10, 2);
EXECUTE p(10, -1);
DROP VIEW owned;
ALTER FOREIGN TABLE dept DROP COLUMN "Dept name";
ALTER FOREIGN TABLE dept ALTER COLUMN id TYPE bigint;
EXECUTE p(10, 2);
-- a value that cannot be read here says where it comes from
ALTER FOREIGN TABLE dept ALTER COLUMN city TYPE int;
\set VERBOSITY default
\set SHOW_CONTEXT errors
SELECT e.id, d.city FROM emp e JOIN dept d ON d.id = e.dept ORDER BY e.id LIMIT 1;
SELECT max(d.city) FROM emp e JOIN dept d ON d.id = e.dept;
\set VERBOSITY terse
\set SHOW_CONTEXT never
RESET ALL;
SET client_min_messages = warning;
DROP SERVER neon_other CASCADE;
DROP USER MAPPING FOR regress_push_owner SERVER neon;
DROP SCHEMA push_test, far, near CASCADE;
DROP OWNED BY regress_push_owner;
DROP ROLE regress_push_owner;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA push CASCADE;
