--
-- System columns of written rows, rows that leave their partition, local
-- triggers that a statement does not fire
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS we CASCADE;
CREATE SCHEMA we;
SET search_path = we;
CREATE TABLE t (id int PRIMARY KEY, a int, b text);
CREATE TABLE part2 (id int, k int, a int);
CREATE TABLE part3 (id int, k int, a int);
CREATE TABLE part4 (id int, k int, a int);

\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS we CASCADE;
CREATE SCHEMA we;
IMPORT FOREIGN SCHEMA we LIMIT TO (t) FROM SERVER neon INTO we;
SET search_path = we;
CREATE TABLE x (id int PRIMARY KEY, v int);
INSERT INTO x SELECT n, n FROM generate_series(1, 10) n;
CREATE TABLE parent (id int, k int, a int) PARTITION BY LIST (k);
CREATE TABLE part1 PARTITION OF parent FOR VALUES IN (1);
CREATE FOREIGN TABLE part2 PARTITION OF parent FOR VALUES IN (2) SERVER neon
  OPTIONS (schema_name 'we');
CREATE FOREIGN TABLE part3 PARTITION OF parent FOR VALUES IN (3) SERVER neon
  OPTIONS (schema_name 'we');
RESET client_min_messages;
INSERT INTO t SELECT n, n, 'row ' || n FROM generate_series(1, 5) n;
INSERT INTO parent SELECT n, 1 + n % 3, n FROM generate_series(1, 6) n;

-- System columns: what RETURNING could show is not what is committed
DELETE FROM t WHERE id = 1 RETURNING xmin;
DELETE FROM t WHERE id = 1 RETURNING id, cmin;
DELETE FROM t WHERE id = 1 RETURNING xmax, cmax;
INSERT INTO t VALUES (6) RETURNING ctid;
INSERT INTO t VALUES (6) RETURNING xmin;
UPDATE t SET a = 0 WHERE id = 1 RETURNING ctid;
UPDATE t SET a = 0 FROM x WHERE x.id = t.id RETURNING t.id, t.ctid, t.cmin;
WITH w AS (INSERT INTO t VALUES (6) RETURNING ctid) SELECT * FROM w;
INSERT INTO parent VALUES (8, 2) RETURNING xmin;
INSERT INTO parent VALUES (8, 2), (9, 3) RETURNING ctid, id;
EXPLAIN (COSTS OFF) UPDATE t SET a = 0 RETURNING ctid;
INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 0 RETURNING ctid;
INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 0 RETURNING id, xmin;
UPDATE t SET a = 0 WHERE id = 1 RETURNING (SELECT t.ctid);
UPDATE parent SET k = 2 WHERE k = 1 RETURNING ctid;
CREATE VIEW v AS SELECT id, a, xmin AS x FROM t;
UPDATE v SET a = 0 WHERE id = 1 RETURNING *;
INSERT INTO v (id) VALUES (6) RETURNING x;
-- a row that is deleted has the place that it was read from
BEGIN;
DELETE FROM t WHERE id = 1 RETURNING id, ctid, tableoid::regclass;
DELETE FROM t USING x WHERE x.id = t.id AND x.id = 2 RETURNING t.id, t.ctid, t, x.ctid IS NOT NULL AS local;
DELETE FROM parent WHERE k = 2 RETURNING id, ctid, tableoid::regclass;
ROLLBACK;
SELECT count(*) FROM t;
-- in autocommit mode a row has its place when the statement returns
ALTER SERVER neon OPTIONS (ADD transactions 'autocommit');
SELECT id FROM t WHERE ctid = '(0,5)';
UPDATE t SET a = a WHERE id = 1 RETURNING id, ctid;
UPDATE t SET a = a WHERE id = 1 RETURNING xmin;
ALTER SERVER neon OPTIONS (DROP transactions);

-- A row that does not belong to its partition any more
UPDATE parent SET k = 3 WHERE id = 1;
UPDATE parent SET k = 1 WHERE k = 2;
UPDATE parent SET k = k + 1 WHERE k = 1;
UPDATE part2 SET k = 3;
UPDATE part2 SET k = x.v FROM x WHERE x.id = 3;
UPDATE part2 SET k = 2, a = 10 WHERE id = 1;
UPDATE parent SET k = k, a = 11 WHERE id = 1;
SELECT tableoid::regclass, * FROM parent ORDER BY id;
-- also by a trigger, a view, in WITH, and below a partition that has partitions
CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.a = 99 THEN
    new.k := 3;
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER away BEFORE UPDATE ON part2 FOR EACH ROW EXECUTE FUNCTION away();
UPDATE parent SET a = 99 WHERE id = 1;
UPDATE part2 SET a = 99 WHERE id = 1;
UPDATE parent SET a = 98 WHERE id = 1;
DROP TRIGGER away ON part2;
CREATE VIEW seen AS SELECT * FROM parent;
UPDATE seen SET k = 3 WHERE id = 1;
WITH u AS (UPDATE parent SET k = 3 WHERE id = 1 RETURNING *) SELECT * FROM u;
CREATE TABLE sub (id int, k int, a int) PARTITION BY LIST (k);
ALTER TABLE parent ATTACH PARTITION sub FOR VALUES IN (4, 5);
CREATE FOREIGN TABLE part4 PARTITION OF sub FOR VALUES IN (4) SERVER neon
  OPTIONS (schema_name 'we');
CREATE TABLE part5 PARTITION OF sub FOR VALUES IN (5);
INSERT INTO parent VALUES (7, 4, 7), (8, 5, 8), (9, 1, 9);
UPDATE parent SET k = 5 WHERE id = 7;
UPDATE sub SET k = 1 WHERE id = 7;
-- out of a local one: into a foreign one that the statement does not update
UPDATE parent SET k = 4 WHERE id = 8 AND k = 5;
UPDATE parent SET k = 2 WHERE id = 9 RETURNING id;
UPDATE parent SET k = 2 WHERE id = 9 AND k = 1 RETURNING id;
SELECT tableoid::regclass, * FROM parent ORDER BY id;
EXPLAIN (COSTS OFF) UPDATE part2 SET a = 12;
EXPLAIN (COSTS OFF) UPDATE part2 SET k = 2;

-- Local triggers: whole, unless the statement fires one
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE '% % %', tg_name, tg_when, tg_op;
  RETURN coalesce(new, old);
END $$;
CREATE TRIGGER deletes BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION note();
EXPLAIN (COSTS OFF) INSERT INTO t VALUES (7);
EXPLAIN (COSTS OFF) UPDATE t SET a = 1;
EXPLAIN (COSTS OFF) DELETE FROM t;
INSERT INTO t VALUES (7) ON CONFLICT (id) DO UPDATE SET a = 1 RETURNING id;
DELETE FROM t WHERE id = 7;
CREATE TRIGGER updates AFTER UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION note();
EXPLAIN (COSTS OFF) UPDATE t SET a = 1;
EXPLAIN (COSTS OFF) UPDATE t SET b = 1;
UPDATE t SET a = 1 WHERE id = 1;
UPDATE t SET b = 'new' WHERE id = 1;
INSERT INTO t VALUES (7) ON CONFLICT (id) DO UPDATE SET b = 'x';
INSERT INTO t VALUES (7) ON CONFLICT (id) DO UPDATE SET a = 1;
CREATE TRIGGER inserts AFTER INSERT ON t EXECUTE FUNCTION note();
EXPLAIN (COSTS OFF) INSERT INTO t VALUES (8);
INSERT INTO t VALUES (8) ON CONFLICT (id) DO UPDATE SET a = 1;
EXPLAIN (COSTS OFF) UPDATE t SET a = 1;
ALTER FOREIGN TABLE t DISABLE TRIGGER ALL;
EXPLAIN (COSTS OFF) INSERT INTO t VALUES (8);
EXPLAIN (COSTS OFF) DELETE FROM t;

SET client_min_messages = warning;
DROP SCHEMA we CASCADE;
