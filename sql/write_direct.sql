--
-- UPDATE and DELETE of parents here whose children are foreign tables: one
-- statement for each child that has nothing left to do here
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS wd CASCADE;
CREATE SCHEMA wd;
CREATE TABLE wd.p1 (id int PRIMARY KEY, n int, note text DEFAULT 'remote');
CREATE TABLE wd.p2 (id int PRIMARY KEY, n int, note text DEFAULT 'remote');
-- columns in another order, and one more
CREATE TABLE wd.c1 (extra text DEFAULT 'x', note text, n int, id int PRIMARY KEY);
INSERT INTO wd.p1 SELECT g, g, 'p' || g FROM generate_series(0, 9) g;
INSERT INTO wd.p2 SELECT g, g, 'p' || g FROM generate_series(10, 19) g;
INSERT INTO wd.c1 SELECT 'x', 'p' || g, g, g FROM generate_series(20, 29) g;
CREATE TABLE wd.t4 (id int PRIMARY KEY, n int, note text);
INSERT INTO wd.t4 SELECT g, g, 'p' || g FROM generate_series(30, 33) g;
CREATE VIEW wd.v4 AS SELECT * FROM wd.t4;
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS wd CASCADE;
CREATE SCHEMA wd;
SET search_path = wd;
CREATE TABLE part (id int, n int, note text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE p1 PARTITION OF part FOR VALUES FROM (0) TO (10) SERVER neon;
CREATE FOREIGN TABLE p2 PARTITION OF part FOR VALUES FROM (10) TO (20) SERVER neon;
CREATE TABLE p3 PARTITION OF part FOR VALUES FROM (20) TO (30);
INSERT INTO p3 SELECT g, g, 'p' || g FROM generate_series(20, 29) g;
ALTER FOREIGN TABLE p1 ALTER id OPTIONS (ADD key 'true');
ALTER FOREIGN TABLE p2 ALTER id OPTIONS (ADD key 'true');
CREATE TABLE inh (id int, n int, note text);
CREATE FOREIGN TABLE c1 (extra text, note text, n int, id int OPTIONS (key 'true')) SERVER neon;
ALTER FOREIGN TABLE c1 INHERIT inh;
INSERT INTO inh VALUES (1, 1, 'here');
-- the same, all here
CREATE TABLE all_part AS SELECT g AS id, g AS n, 'p' || g AS note FROM generate_series(0, 29) g;
CREATE TABLE all_inh AS SELECT 1 AS id, 1 AS n, 'here'::text AS note UNION ALL SELECT g, g, 'p' || g FROM generate_series(20, 29) g;
CREATE VIEW differs AS
	(SELECT 'part' AS t, * FROM part EXCEPT SELECT 'part', * FROM all_part) UNION ALL
	(SELECT 'all_part', * FROM all_part EXCEPT SELECT 'all_part', * FROM part) UNION ALL
	(SELECT 'inh', * FROM inh EXCEPT SELECT 'inh', * FROM all_inh) UNION ALL
	(SELECT 'all_inh', * FROM all_inh EXCEPT SELECT 'all_inh', * FROM inh);
RESET client_min_messages;

-- each foreign child by itself
EXPLAIN (VERBOSE, COSTS OFF) UPDATE part SET n = n + 100 WHERE n % 2 = 0;
UPDATE part SET n = n + 100 WHERE n % 2 = 0;
UPDATE all_part SET n = n + 100 WHERE n % 2 = 0;
TABLE differs;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM inh WHERE n = 29;
DELETE FROM inh WHERE n = 29;
DELETE FROM all_inh WHERE n = 29;
TABLE differs;
-- rows are counted
DO $$
DECLARE
	there bigint;
	here bigint;
BEGIN
	UPDATE part SET n = n + 1 WHERE id > 5 AND id < 25;
	GET DIAGNOSTICS there = ROW_COUNT;
	UPDATE all_part SET n = n + 1 WHERE id > 5 AND id < 25;
	GET DIAGNOSTICS here = ROW_COUNT;
	RAISE NOTICE '% %', there, here;
END$$;
TABLE differs;
-- one partition is left; two; one by a parameter
EXPLAIN (COSTS OFF) UPDATE part SET n = 0 WHERE id = 3;
UPDATE part SET n = 0 WHERE id = 3;
UPDATE all_part SET n = 0 WHERE id = 3;
DELETE FROM part WHERE id IN (4, 14);
DELETE FROM all_part WHERE id IN (4, 14);
SET plan_cache_mode = force_generic_plan;
PREPARE u(int, int) AS UPDATE part SET n = $2 WHERE id = $1;
EXECUTE u(5, 55);
EXECUTE u(15, 65);
EXECUTE u(25, 75);
EXECUTE u(6, NULL);
UPDATE all_part SET n = CASE id WHEN 5 THEN 55 WHEN 15 THEN 65 WHEN 25 THEN 75 END WHERE id IN (5, 15, 25, 6);
RESET plan_cache_mode;
TABLE differs;

-- RETURNING: columns, expressions, whole rows, tableoid
UPDATE part SET n = 7 WHERE id IN (1, 11, 21) RETURNING id, n;
UPDATE all_part SET n = 7 WHERE id IN (1, 11, 21);
UPDATE part SET n = 10 / (n - 6), note = note || '!' WHERE id IN (1, 11, 21) RETURNING part, n + 1 AS next, tableoid::regclass;
UPDATE all_part SET n = 10 / (n - 6), note = note || '!' WHERE id IN (1, 11, 21);
-- with the new value the assignment would fail
UPDATE part SET n = 16 / (n - 8) WHERE id IN (1, 11, 21) RETURNING id, n;
UPDATE all_part SET n = 16 / (n - 8) WHERE id IN (1, 11, 21);
UPDATE inh SET n = 19 / (n - 19) WHERE id = 20 RETURNING inh, n, tableoid::regclass;
UPDATE all_inh SET n = 19 / (n - 19) WHERE id = 20;
EXPLAIN (VERBOSE, COSTS OFF) UPDATE inh SET n = 18 / (n - 18) WHERE id = 20 RETURNING n;
UPDATE inh SET n = 18 / (n - 18) WHERE id = 20 RETURNING n;
UPDATE all_inh SET n = 18 / (n - 18) WHERE id = 20;
DELETE FROM part WHERE id IN (2, 12, 22) RETURNING *;
DELETE FROM all_part WHERE id IN (2, 12, 22);
DELETE FROM part WHERE id = 7 RETURNING 1 AS one;
DELETE FROM all_part WHERE id = 7;
DELETE FROM inh WHERE id = 21 RETURNING *, (SELECT count(*) FROM all_inh WHERE all_inh.id > inh.id);
DELETE FROM all_inh WHERE id = 21;
TABLE differs;

-- values of a subquery here, also of a table without children
-- plans that name a subquery, which PostgreSQL 17 and 19 do in other ways
CREATE FUNCTION wd.explain(query text, options text DEFAULT 'VERBOSE, COSTS OFF')
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
    line := replace(line, 'InitPlan expr_1', 'InitPlan 1');
    RETURN NEXT replace(replace(line, 'InitPlan 1 (returns $0)', 'InitPlan 1'),
                        '(InitPlan 1).col1', '$0');
  END LOOP;
END$$;
SELECT wd.explain('UPDATE part SET n = (SELECT max(n) FROM all_inh) WHERE id < 20 AND id > 15');
UPDATE part SET n = (SELECT max(n) FROM all_inh) WHERE id < 20 AND id > 15;
UPDATE all_part SET n = (SELECT max(n) FROM all_inh) WHERE id < 20 AND id > 15;
UPDATE p2 SET n = n + (SELECT min(n) FROM all_part) WHERE id = 19 RETURNING id;
UPDATE all_part SET n = n + (SELECT min(n) FROM all_part) WHERE id = 19;
TABLE differs;

-- DEFAULT is the remote's, NULL is NULL
UPDATE part SET note = DEFAULT WHERE id = 10;
UPDATE part SET note = NULL WHERE id = 13;
UPDATE part SET note = nullif('a', 'a') WHERE id = 16;
SELECT id, note FROM part WHERE id IN (10, 13, 16) ORDER BY id;
UPDATE all_part SET note = CASE id WHEN 10 THEN 'remote' END WHERE id IN (10, 13, 16);

-- one of the children is a view there, whose rows have no versions
CREATE FOREIGN TABLE v4 PARTITION OF part FOR VALUES FROM (30) TO (40) SERVER neon;
INSERT INTO all_part SELECT * FROM v4;
UPDATE part SET n = n + 1 WHERE n % 10 < 5 AND id IN (8, 16, 31) RETURNING id, n;
UPDATE all_part SET n = n + 1 WHERE n % 10 < 5 AND id IN (8, 16, 31);
DELETE FROM part WHERE id >= 30;
DELETE FROM all_part WHERE id >= 30;
TABLE differs;

-- in a transaction: own rows, subtransactions, ROLLBACK
BEGIN;
INSERT INTO part VALUES (2, 2, 'new'), (12, 12, 'new');
UPDATE part SET n = n + 1 WHERE note = 'new' RETURNING id, n;
SAVEPOINT s;
DELETE FROM part WHERE id < 20;
SELECT count(*) FROM part;
ROLLBACK TO s;
UPDATE part SET n = n * 2 WHERE id IN (2, 5) RETURNING id, n;
COMMIT;
INSERT INTO all_part VALUES (2, 3, 'new'), (12, 13, 'new');
UPDATE all_part SET n = n * 2 WHERE id IN (2, 5);
TABLE differs;
BEGIN;
DELETE FROM part;
ROLLBACK;
-- fails here after the remote's part: nothing stays
UPDATE part SET n = 1 / (id - 25);
UPDATE part SET n = n + 1 WHERE id = 5 RETURNING 1 / (id - 5);
TABLE differs;

-- left to be done here: row by row
CREATE FUNCTION wd.here(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
EXPLAIN (COSTS OFF) UPDATE part SET n = here(n) WHERE id < 20;
EXPLAIN (COSTS OFF) UPDATE part SET n = 1 WHERE here(n) = 1 AND id < 20;
EXPLAIN (COSTS OFF) UPDATE part SET n = random() WHERE id < 20;
EXPLAIN (COSTS OFF) UPDATE part SET id = 3 WHERE id = 5;
EXPLAIN (COSTS OFF) UPDATE part SET n = a.n FROM all_part a WHERE a.id = part.id AND part.id = 5;
EXPLAIN (COSTS OFF) WITH d AS (DELETE FROM part WHERE id = 5 RETURNING id) SELECT * FROM d;
EXPLAIN (COSTS OFF) DELETE FROM part WHERE id = 5 RETURNING ctid;
SET neon_http_fdw.statement_pushdown = off;
EXPLAIN (COSTS OFF) UPDATE part SET n = 1 WHERE id = 5;
RESET neon_http_fdw.statement_pushdown;
CREATE VIEW small AS SELECT * FROM part WHERE n < 1000 WITH CHECK OPTION;
EXPLAIN (COSTS OFF) UPDATE small SET n = 1 WHERE id = 5;
UPDATE small SET n = 2000 WHERE id = 5;
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE '% % %', TG_WHEN, TG_LEVEL, TG_OP; RETURN NULL; END$$;
CREATE TRIGGER tell AFTER UPDATE ON p1 FOR EACH ROW EXECUTE FUNCTION tell();
EXPLAIN (COSTS OFF) UPDATE part SET n = n WHERE id IN (5, 15);
UPDATE part SET n = n WHERE id IN (5, 15);
DROP TRIGGER tell ON p1;
-- triggers of the statement fire; if one fails, nothing stays
CREATE TRIGGER tell AFTER UPDATE ON part FOR EACH STATEMENT EXECUTE FUNCTION tell();
UPDATE part SET n = n WHERE id = 5;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no'; END$$;
CREATE TRIGGER tell_more AFTER UPDATE ON part FOR EACH STATEMENT EXECUTE FUNCTION refuse();
UPDATE part SET n = -1 WHERE id = 5;
DROP TRIGGER tell_more ON part;
TABLE differs;

-- several columns of one subquery
UPDATE part SET (n, note) = (SELECT max(n), 'both' FROM all_inh WHERE n < part.n) WHERE id IN (5, 15);
UPDATE all_part SET (n, note) = (SELECT max(n), 'both' FROM all_inh WHERE n < all_part.n) WHERE id IN (5, 15);
UPDATE part SET (n, note) = (SELECT min(n), 'one' FROM all_inh) WHERE id = 5;
UPDATE all_part SET (n, note) = (SELECT min(n), 'one' FROM all_inh) WHERE id = 5;
TABLE differs;

-- autocommit: only a child alone, whose rows nothing else sees
DROP TRIGGER tell ON part;
ALTER SERVER neon OPTIONS (ADD transactions 'autocommit');
EXPLAIN (COSTS OFF) UPDATE part SET n = n + 1 WHERE id = 5 RETURNING id, n;
UPDATE part SET n = n + 1 WHERE id = 5 RETURNING id, n;
SELECT wd.explain('UPDATE part SET n = n + 1 WHERE id = 5 RETURNING id, (SELECT sum(n) FROM part)', 'COSTS OFF');
EXPLAIN (COSTS OFF) UPDATE part SET n = n + 1 WHERE id IN (5, 15);
UPDATE part SET n = n + 1 WHERE id IN (5, 15);
ALTER SERVER neon OPTIONS (DROP transactions);
UPDATE all_part SET n = n + CASE id WHEN 5 THEN 2 ELSE 1 END WHERE id IN (5, 15);
TABLE differs;

SET client_min_messages = warning;
DROP SCHEMA wd CASCADE;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA wd CASCADE;
