--
-- ANALYZE, and what the planner asks the remote
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS est CASCADE;
CREATE SCHEMA est;
SET search_path = est;
CREATE TABLE big (id int PRIMARY KEY, ref int, kind text, at timestamptz);
INSERT INTO big SELECT g, g / 4, 'k' || g % 5, timestamptz '2026-01-01' + g * interval '1 min' FROM generate_series(1, 40000) g;
CREATE TABLE other AS SELECT * FROM big WHERE id <= 5000;
CREATE TABLE parts (id int, v text) PARTITION BY RANGE (id);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (1000);
CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (1000) TO (9000) PARTITION BY RANGE (id);
CREATE TABLE parts21 PARTITION OF parts2 FOR VALUES FROM (1000) TO (9000);
INSERT INTO parts SELECT g, 'v' || g % 3 FROM generate_series(0, 7999) g;
CREATE TABLE mother (id int, v text);
CREATE TABLE child () INHERITS (mother);
INSERT INTO mother SELECT g, 'm' FROM generate_series(1, 1000) g;
INSERT INTO child SELECT g, 'c' FROM generate_series(1, 2000) g;
CREATE VIEW seen AS SELECT id, ref FROM big WHERE id <= 30000;
CREATE MATERIALIZED VIEW matted AS SELECT ref, count(*) AS n FROM big GROUP BY ref;
CREATE TABLE empty (id int, v text);
CREATE TABLE nothing ();
INSERT INTO nothing SELECT FROM generate_series(1, 7);
CREATE TABLE fresh (id int, v int) WITH (autovacuum_enabled = false);
INSERT INTO fresh SELECT g, g % 10 FROM generate_series(1, 20000) g;
-- 5 kB of text, some of it in each form that JSON makes longer
CREATE TABLE wide (id int, kind int, body text, doc jsonb, raw bytea, list int[]);
INSERT INTO wide SELECT g, g % 3, (SELECT string_agg(md5((g * 100 + i)::text), E'"\\\n\x01é') FROM generate_series(1, 100) i),
  jsonb_build_object('id', g, 'k', (SELECT jsonb_agg(md5((g + i)::text)) FROM generate_series(1, 40) i)),
  decode(repeat(md5(g::text), 80), 'hex'), (SELECT array_agg(g * i) FROM generate_series(1, 50) i)
  FROM generate_series(1, 2500) g;
CREATE TABLE huge (id int, body text);
INSERT INTO huge SELECT g, repeat('x', 12000000) FROM generate_series(1, 3) g;
CREATE TABLE "Odd ""name" ("Id" int, "a b" text);
INSERT INTO "Odd ""name" SELECT g, 'x' FROM generate_series(1, 50) g;
ANALYZE big, other, parts, mother, child, matted, empty, wide, huge, "Odd ""name";
\c :local
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS est CASCADE;
CREATE SCHEMA est;
IMPORT FOREIGN SCHEMA est FROM SERVER neon INTO est;
SET search_path = est;
CREATE TABLE loc AS SELECT g AS id FROM generate_series(1, 100) g;
ANALYZE loc;

-- Requests since the last call, and how many of them were of which kind
CREATE TABLE mark (pos bigint);
INSERT INTO mark SELECT size FROM pg_stat_file(:'log');
CREATE FUNCTION requests(log text, OUT requests bigint, OUT sizes bigint, OUT explains bigint) LANGUAGE plpgsql AS $$
DECLARE
  size bigint := (pg_stat_file(log)).size;
BEGIN
  SELECT count(*), count(*) FILTER (WHERE line ~ 'WITH RECURSIVE tree'), count(*) FILTER (WHERE line ~ 'EXPLAIN')
    INTO requests, sizes, explains
    FROM mark, string_to_table(convert_from(pg_read_binary_file(log, pos, size - pos), 'UTF8'), E'\n') line
    WHERE line <> '';
  UPDATE mark SET pos = size;
END $$;
-- Rows that a plan's top node expects
CREATE FUNCTION planned(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
CREATE FUNCTION planned(query text, low float8, high float8) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  rows float8 := planned(query);
BEGIN
  RETURN rows BETWEEN low AND high;
END $$;
-- What ANALYZE says of a table
CREATE FUNCTION analyzed(regclass, OUT name text, OUT rows float8, OUT columns bigint) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'ANALYZE ' || $1;
  SELECT c.relname, c.reltuples, (SELECT count(*) FROM pg_statistic s WHERE s.starelid = c.oid)
    INTO analyzed.name, rows, columns FROM pg_class c WHERE c.oid = $1;
END $$;

--
-- ANALYZE: two requests for a table
--
SELECT requests(:'log') \gset
ANALYZE big;
SELECT * FROM requests(:'log');
SELECT reltuples, relpages > 100 AS pages FROM pg_class WHERE oid = 'big'::regclass;
SELECT attname, null_frac, n_distinct < -0.9 OR n_distinct = 5 OR n_distinct BETWEEN 8000 AND 12000 OR n_distinct BETWEEN -0.3 AND -0.2 AS n_distinct,
  array_length(most_common_vals::text::text[], 1) AS common, array_length(histogram_bounds::text::text[], 1) AS bounds
  FROM pg_stats WHERE schemaname = 'est' AND tablename = 'big' ORDER BY attname;
SELECT planned('SELECT * FROM big WHERE kind = ''k1''', 7000, 9000);

-- every kind of relation
SELECT * FROM analyzed('parts');
SELECT * FROM analyzed('mother');
SELECT * FROM analyzed('seen');
SELECT * FROM analyzed('matted');
SELECT * FROM analyzed('fresh');
SELECT * FROM analyzed('empty');
SELECT * FROM analyzed('nothing');
SELECT * FROM analyzed('"Odd ""name"');
SELECT n_distinct FROM pg_stats WHERE schemaname = 'est' AND tablename = 'fresh' AND attname = 'v';

-- every method, with fewer rows wanted than there are
SET default_statistics_target = 2;
CREATE FUNCTION sampled(method text) RETURNS TABLE (name text, near boolean, columns bigint) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER SERVER neon OPTIONS (ADD analyze_sampling %L)', method);
  RETURN QUERY SELECT a.name, a.rows / t.rows BETWEEN 0.8 AND 1.2, a.columns
    FROM (VALUES (1, 'big', 40000), (2, 'parts', 8000), (3, 'mother', 3000), (4, 'seen', 30000), (5, 'matted', 10001), (6, 'fresh', 20000), (7, 'empty', NULL)) t (n, name, rows),
      analyzed(t.name::regclass) a ORDER BY n;
  ALTER SERVER neon OPTIONS (DROP analyze_sampling);
END $$;
SELECT * FROM sampled('auto');
SELECT * FROM sampled('system');
SELECT * FROM sampled('bernoulli');
SELECT * FROM sampled('random');
SELECT * FROM sampled('off');
SELECT requests(:'log') \gset
ALTER FOREIGN TABLE big OPTIONS (ADD analyze_sampling 'bernoulli');
ANALYZE big;
SELECT * FROM requests(:'log');
SELECT null_frac, n_distinct FROM pg_stats WHERE schemaname = 'est' AND tablename = 'big' AND attname = 'kind';
RESET default_statistics_target;
ALTER FOREIGN TABLE big OPTIONS (SET analyze_sampling 'some');
ALTER SERVER neon OPTIONS (ADD analyze_sampling '');

-- more than fits into a reply
SELECT requests(:'log') \gset
SELECT * FROM analyzed('wide');
SELECT * FROM analyzed('huge');
SELECT requests FROM requests(:'log');
SELECT attname, null_frac, n_distinct = -1 AS is_unique, avg_width > 1000 AS wide FROM pg_stats WHERE schemaname = 'est' AND tablename = 'wide' ORDER BY attname;
SELECT most_common_vals IS NULL AND histogram_bounds IS NULL AS nothing_of_it FROM pg_stats WHERE schemaname = 'est' AND tablename = 'wide' AND attname = 'body';
-- statistics of an expression take the values as they are
CREATE STATISTICS wide_length ON length(body), kind FROM wide;
ANALYZE wide;
SELECT n_distinct, (most_common_vals::text::int[])[1] > 3000 AS long FROM pg_stats_ext_exprs WHERE statistics_name = 'wide_length';

-- inheritance with a foreign child
CREATE TABLE local_parts (id int, v text) PARTITION BY RANGE (id);
CREATE TABLE local_parts1 PARTITION OF local_parts FOR VALUES FROM (10000) TO (20000);
INSERT INTO local_parts SELECT g, 'l' FROM generate_series(10001, 12000) g;
ALTER TABLE local_parts ATTACH PARTITION parts FOR VALUES FROM (0) TO (9000);
SELECT * FROM analyzed('local_parts');
SELECT most_common_vals FROM pg_stats WHERE schemaname = 'est' AND tablename = 'local_parts' AND attname = 'v';
DROP TABLE local_parts1;

-- some columns only; in a transaction; VACUUM does not apply
ANALYZE big (kind);
BEGIN;
ANALYZE other;
ROLLBACK;
SELECT reltuples FROM pg_class WHERE oid = 'other'::regclass;
VACUUM ANALYZE other;
SET client_min_messages = info;
VACUUM other;
SET client_min_messages = warning;

-- what goes wrong
CREATE FOREIGN TABLE gone (id int) SERVER neon OPTIONS (table_name 'no_such_table');
ANALYZE gone;
CREATE FOREIGN TABLE mistyped (id date, kind text) SERVER neon OPTIONS (table_name 'big');
\set SHOW_CONTEXT errors
\set VERBOSITY default
DO $$
BEGIN
  ANALYZE mistyped;
EXCEPTION WHEN OTHERS THEN
  RAISE INFO '%', regexp_replace(SQLERRM, '"\d+"', '"..."');
END $$;
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET statement_timeout = '1ms';
ANALYZE big;
RESET statement_timeout;
-- the owner's mapping is used, not that of whoever runs it
CREATE ROLE regress_est_owner;
GRANT USAGE ON SCHEMA est TO regress_est_owner;
GRANT CREATE ON SCHEMA est TO regress_est_owner;
ALTER FOREIGN TABLE "Odd ""name" OWNER TO regress_est_owner;
\set VERBOSITY sqlstate
ANALYZE "Odd ""name";
\set VERBOSITY terse
ALTER FOREIGN TABLE "Odd ""name" OWNER TO CURRENT_USER;
REVOKE ALL ON SCHEMA est FROM regress_est_owner;
DROP ROLE regress_est_owner;

--
-- Tables that were never analyzed here: sizes as the remote has them
--
CREATE SCHEMA est2;
IMPORT FOREIGN SCHEMA est FROM SERVER neon INTO est2;
-- in a fresh session, where nothing is known
\c
SET client_min_messages = warning;
SET search_path = est2, est;
SELECT requests(:'log') \gset
-- the statement that loads the library has no hooks
SELECT count(*) FROM loc JOIN big USING (id);
SELECT sizes FROM requests(:'log');
-- EXPLAIN sends nothing
SELECT planned('SELECT * FROM big'), planned('SELECT * FROM loc, big');
EXPLAIN SELECT count(*) FROM loc JOIN big ON loc.id + 0 = big.id + 0 \g /dev/null
EXPLAIN (ANALYZE false) SELECT count(*) FROM loc JOIN big USING (id) \g /dev/null
EXPLAIN CREATE TABLE no AS SELECT count(*) FROM loc JOIN big USING (id) \g /dev/null
DO $$ BEGIN EXECUTE 'EXPLAIN SELECT FROM loc JOIN big USING (id)'; END $$;
SELECT * FROM requests(:'log');
-- nor does what has no choice
SELECT count(*) FROM big WHERE id + random() * 0 = 1;
SELECT id INTO TEMP copied FROM big LIMIT 1;
INSERT INTO copied SELECT id FROM big WHERE id + random() * 0 = 1;
SELECT count(*) FROM big JOIN other USING (id);
SELECT sizes FROM requests(:'log');
-- one request for all tables of a statement, wherever they are
WITH c AS MATERIALIZED (SELECT * FROM mother WHERE random() < 2)
SELECT count(*) FROM loc JOIN big USING (id) JOIN (SELECT id FROM parts WHERE random() < 2 OFFSET 0) s USING (id)
WHERE EXISTS (SELECT FROM matted WHERE ref = loc.id) AND loc.id < (SELECT count(*) + random() FROM fresh) AND loc.id IN (SELECT id FROM c)
  AND loc.id NOT IN (SELECT id FROM seen WHERE random() > 2) AND NOT EXISTS (SELECT FROM empty WHERE id = loc.id);
SELECT sizes FROM requests(:'log');
SELECT planned('SELECT * FROM big') AS big, planned('SELECT * FROM parts') AS parts, planned('SELECT * FROM mother') AS mother,
  planned('SELECT * FROM matted') AS matted, planned('SELECT * FROM empty') AS empty,
  planned('SELECT * FROM fresh', 15000, 25000) AS fresh, planned('SELECT * FROM seen') AS seen;
-- not again, what there is an answer for
SELECT count(*) FROM loc JOIN big USING (id) JOIN seen USING (id) WHERE random() < 2;
SELECT sizes FROM requests(:'log');
-- one more table: only that one
SELECT count(*) FROM loc JOIN big USING (id) JOIN other USING (id) WHERE random() < 2;
SELECT sizes FROM requests(:'log');
SELECT planned('SELECT * FROM other');
-- foreign partitions
CREATE TABLE far_parts (id int, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE far_parts1 PARTITION OF far_parts FOR VALUES FROM (0) TO (1000) SERVER neon OPTIONS (schema_name 'est', table_name 'parts1');
CREATE FOREIGN TABLE far_parts2 PARTITION OF far_parts FOR VALUES FROM (1000) TO (9000) SERVER neon OPTIONS (schema_name 'est', table_name 'parts2');
SELECT count(*) FROM far_parts WHERE random() < 2;
SELECT sizes FROM requests(:'log');
SELECT planned('SELECT * FROM far_parts');

-- changes of table, server and mapping are noticed
ALTER FOREIGN TABLE other OPTIONS (SET table_name 'big');
SELECT planned('SELECT * FROM other') < 40000 AS unknown, planned('SELECT * FROM big') AS known;
SELECT count(*) FROM loc JOIN big USING (id) JOIN other USING (id) WHERE random() < 2;
SELECT planned('SELECT * FROM other');
SELECT sizes FROM requests(:'log');
ALTER SERVER neon OPTIONS (ADD fdw_tuple_cost '0.3');
SELECT planned('SELECT * FROM big') < 40000 AS unknown;
SELECT count(*) FROM loc JOIN big USING (id) JOIN other USING (id) WHERE random() < 2;
ALTER SERVER neon OPTIONS (DROP fdw_tuple_cost);
SELECT sizes FROM requests(:'log');
-- ANALYZE knows better
ANALYZE other;
SELECT count(*) FROM loc JOIN other USING (id) WHERE random() < 2;
SELECT sizes FROM requests(:'log');

-- switched off
ALTER FOREIGN TABLE big OPTIONS (ADD use_remote_size 'false');
SELECT count(*) FROM loc JOIN big USING (id) WHERE random() < 2;
ALTER SERVER neon OPTIONS (ADD use_remote_size 'false');
SELECT count(*) FROM loc JOIN seen USING (id) WHERE random() < 2;
SELECT sizes FROM requests(:'log');
ALTER FOREIGN TABLE big OPTIONS (SET use_remote_size 'true');
SELECT count(*) FROM loc JOIN big USING (id) WHERE random() < 2;
SELECT sizes FROM requests(:'log');
ALTER SERVER neon OPTIONS (DROP use_remote_size);

-- prepared statements, cursors, functions, EXPLAIN EXECUTE
ALTER FOREIGN TABLE big OPTIONS (DROP use_remote_size);
SELECT requests(:'log') \gset
PREPARE p (int) AS SELECT count(*) FROM loc JOIN big USING (id) WHERE id < $1 AND random() < 2;
EXPLAIN EXECUTE p(5) \g /dev/null
SELECT * FROM requests(:'log');
EXECUTE p(5);
EXECUTE p(6);
SELECT sizes FROM requests(:'log');
ALTER FOREIGN TABLE big OPTIONS (ADD use_remote_size 'true');
EXPLAIN (ANALYZE) SELECT FROM loc JOIN big USING (id) WHERE (SELECT false) \g /dev/null
SELECT sizes FROM requests(:'log');

--
-- use_remote_estimate: what the remote's EXPLAIN says
--
SET neon_http_fdw.statement_pushdown = off;
ALTER SERVER neon OPTIONS (ADD use_remote_estimate 'true', ADD use_remote_size 'false');
SELECT requests(:'log') \gset
SELECT planned('SELECT * FROM big WHERE kind = ''k1''', 7000, 9000) AS common,
  planned('SELECT * FROM big WHERE id = 5') AS key, planned('SELECT * FROM big WHERE ref IN (1, 2, 3)', 8, 16) AS list,
  planned('SELECT * FROM big WHERE at > now() - interval ''1000 years''', 39000, 41000) AS stable,
  planned('SELECT * FROM seen', 29000, 31000) AS seen, planned('SELECT * FROM empty WHERE id = 1 AND v = E''a''''"$1''') < 20 AS empty;
SELECT * FROM requests(:'log');
-- values that are not known, conditions that are checked here
SELECT planned('SELECT * FROM big WHERE id < (SELECT 5)', 13000, 14000) AS unknown, planned('SELECT * FROM big WHERE ref = (SELECT 5)', 2, 8) AS equal,
  planned('SELECT * FROM big WHERE kind = ''k1'' AND random() < 0.5', 2300, 3000) AS here;
PREPARE q (text) AS SELECT * FROM big WHERE kind = $1;
SELECT planned('EXECUTE q(''k2'')', 7000, 9000) AS custom;
SET plan_cache_mode = force_generic_plan;
SELECT planned('EXECUTE q(''k2'')', 7000, 9000) AS generic;
RESET plan_cache_mode;
SELECT planned('SELECT * FROM parts p, LATERAL (SELECT * FROM big b WHERE b.ref = p.id + random() OFFSET 0) s') > 1000 AS lateral;
SELECT requests = explains AS only_explains FROM requests(:'log');
-- parameterized scans go in the same request, each join and grouping in one of its own
SELECT planned('SELECT * FROM loc JOIN big USING (id)', 90, 110) AS one;
SELECT * FROM requests(:'log');
SELECT planned('SELECT * FROM big JOIN other USING (id)', 39000, 41000) AS two;
SELECT * FROM requests(:'log');
SELECT planned('SELECT kind, count(*) FROM big GROUP BY kind') AS groups, planned('SELECT DISTINCT kind FROM big') AS distinct_;
SELECT * FROM requests(:'log');
SELECT count(*) FROM loc JOIN big USING (id) JOIN other USING (ref);
SELECT count(*) FROM big b WHERE EXISTS (SELECT FROM other o WHERE o.ref = b.id) AND random() < 2;
-- for some tables only
ALTER FOREIGN TABLE big OPTIONS (ADD use_remote_estimate 'false');
SELECT requests(:'log') \gset
SELECT planned('SELECT * FROM big WHERE kind = ''k1''') < 1000 AS guessed;
SELECT * FROM requests(:'log');
ALTER SERVER neon OPTIONS (DROP use_remote_estimate);
ALTER FOREIGN TABLE big OPTIONS (SET use_remote_estimate 'true');
SELECT planned('SELECT * FROM big WHERE kind = ''k1''', 7000, 9000) AS asked;
SELECT * FROM requests(:'log');
-- what fails, fails
ALTER FOREIGN TABLE big OPTIONS (SET table_name 'no_such_table');
SELECT planned('SELECT * FROM big');
ALTER FOREIGN TABLE big OPTIONS (SET table_name 'big', DROP use_remote_estimate);
ALTER SERVER neon OPTIONS (DROP use_remote_size);
RESET neon_http_fdw.statement_pushdown;

-- no answer is no reason to fail
ALTER SERVER neon OPTIONS (SET url 'https://127.0.0.1:9/sql', ADD max_retries '0');
SELECT count(*) FROM loc JOIN big USING (id) WHERE (SELECT false);
SET client_min_messages = debug1;
\set VERBOSITY sqlstate
SELECT count(*) FROM loc JOIN seen USING (id) WHERE (SELECT false);
SET client_min_messages = warning;
\set VERBOSITY terse
BEGIN;
SAVEPOINT s;
SELECT count(*) FROM loc JOIN matted ON id = ref WHERE (SELECT false);
ROLLBACK TO s;
SELECT count(*) FROM loc;
COMMIT;
ALTER SERVER neon OPTIONS (SET url :'url', DROP max_retries);
-- nor is a wrong password, or none
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET password 'wrong');
SELECT count(*) FROM loc JOIN big USING (id) WHERE (SELECT false);
SELECT count(*) FROM loc JOIN big USING (id);
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET password :'password');
CREATE ROLE regress_est_user;
GRANT USAGE ON SCHEMA est, est2 TO regress_est_user;
GRANT SELECT ON ALL TABLES IN SCHEMA est, est2 TO regress_est_user;
SET ROLE regress_est_user;
\set VERBOSITY sqlstate
SELECT count(*) FROM loc JOIN big USING (id);
\set VERBOSITY terse
RESET ROLE;
DROP OWNED BY regress_est_user;
DROP ROLE regress_est_user;
-- as before
SELECT requests(:'log') \gset
SELECT count(*) FROM loc JOIN big USING (id) WHERE random() < 2;
SELECT * FROM requests(:'log');
DROP SCHEMA est, est2 CASCADE;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA est CASCADE;
