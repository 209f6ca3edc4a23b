--
-- SELECT ... FOR UPDATE: what was locked is checked when the transaction
-- commits.  "remotely" is another client of the remote.
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS lock_remote CASCADE;
CREATE SCHEMA lock_remote;
SET search_path = lock_remote;
CREATE TABLE account (id int PRIMARY KEY, owner text, amount int);
INSERT INTO account SELECT g, 'owner ' || g % 5, 100 FROM generate_series(1, 20) g;
CREATE TABLE owner (name text PRIMARY KEY, city text);
INSERT INTO owner SELECT 'owner ' || g, 'city ' || g % 2 FROM generate_series(0, 4) g;
-- the rows of each partition have the same places
CREATE TABLE part (id int, k int, txt text) PARTITION BY LIST (k);
CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
CREATE TABLE part_2 PARTITION OF part FOR VALUES IN (2);
INSERT INTO part SELECT g, k, 'txt' || g FROM generate_series(1, 3) g, generate_series(1, 2) k;
CREATE TABLE "odd ""names""" ("the id" int, "Value" text);
INSERT INTO "odd ""names""" VALUES (1, 'x');
-- writes in a subtransaction
CREATE FUNCTION careful() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    UPDATE lock_remote.account SET amount = NEW.id WHERE id = 18;
  EXCEPTION WHEN division_by_zero THEN
    NULL;
  END;
  RETURN NULL;
END $$;
CREATE TABLE careless (id int);
CREATE TRIGGER careful AFTER INSERT ON careless FOR EACH ROW EXECUTE FUNCTION careful();
CREATE VIEW view_there AS SELECT id, amount FROM account;

\c :local
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS dblink SCHEMA public;
DROP SCHEMA IF EXISTS lock CASCADE;
CREATE SCHEMA lock;
SET search_path = lock, public;
IMPORT FOREIGN SCHEMA lock_remote FROM SERVER neon INTO lock;
CREATE TABLE loc (id int PRIMARY KEY, v text);
INSERT INTO loc SELECT g, 'v' || g FROM generate_series(1, 10) g;
CREATE VIEW rich AS SELECT id, amount FROM account WHERE amount > 50;
CREATE FUNCTION here(int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $1 % 2 = 0; END';
CREATE FUNCTION remotely(sql text) RETURNS text LANGUAGE sql AS 'SELECT public.dblink_exec(''remote'', sql)';
CREATE FUNCTION touch(n int) RETURNS text LANGUAGE sql AS 'SELECT lock.remotely(''UPDATE lock_remote.account SET amount = amount + 1 WHERE id = '' || n)';
\pset format unaligned
\pset tuples_only
SELECT dblink_connect('remote', :'remote');

-- How it is done
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM account WHERE id = 1 FOR UPDATE;
EXPLAIN (VERBOSE, COSTS OFF) SELECT a.id, o.city FROM account a JOIN owner o ON o.name = a.owner WHERE a.id < 5 FOR UPDATE;
EXPLAIN (VERBOSE, COSTS OFF) SELECT a.id FROM account a JOIN owner o ON o.name = a.owner ORDER BY a.id LIMIT 2 FOR SHARE OF a;
EXPLAIN (VERBOSE, COSTS OFF) SELECT l.id, a.amount FROM loc l JOIN account a ON a.id = l.id WHERE l.id < 3 FOR UPDATE OF a;

-- A statement alone, and transactions that nobody meddles with
SELECT * FROM account WHERE id = 1 FOR UPDATE;
BEGIN;
SELECT * FROM account WHERE id = 1 FOR UPDATE;
SELECT * FROM account WHERE id = 1 FOR NO KEY UPDATE;
SELECT * FROM account WHERE id = 1 FOR SHARE;
SELECT * FROM account WHERE id = 1 FOR KEY SHARE;
SELECT count(*) FROM (SELECT FROM account FOR UPDATE) a;
SELECT * FROM account WHERE id < 0 FOR UPDATE;
COMMIT;

-- Somebody does: at the commit, or whatever is sent before
BEGIN;
SELECT * FROM account WHERE id = 1 FOR UPDATE;
SELECT touch(1);
COMMIT;
BEGIN;
SELECT * FROM account WHERE id = 1 FOR KEY SHARE;
SELECT touch(1);
SELECT count(*) FROM account;
COMMIT;
SELECT * FROM account WHERE id = 1;
\set VERBOSITY sqlstate
BEGIN;
SELECT * FROM account WHERE id = 20 FOR SHARE;
SELECT remotely('DELETE FROM lock_remote.account WHERE id = 20');
COMMIT;
BEGIN;
SELECT * FROM account WHERE id = 1 FOR UPDATE;
SELECT touch(2);
COMMIT;
-- what was done here goes with it
BEGIN;
INSERT INTO loc VALUES (100, 'not to stay');
SELECT * FROM account WHERE id = 1 FOR UPDATE;
SELECT touch(1);
COMMIT;
SELECT count(*) FROM loc WHERE id = 100;

-- Only what is returned is locked
BEGIN;
SELECT id FROM account WHERE id < 5 AND here(id) FOR UPDATE;
SELECT touch(3);
COMMIT;
BEGIN;
SELECT id FROM account WHERE id < 5 AND here(id) FOR UPDATE;
SELECT touch(4);
COMMIT;
BEGIN;
SELECT id FROM account WHERE id < 5 ORDER BY id LIMIT 2 FOR UPDATE;
SELECT touch(3);
COMMIT;
BEGIN;
SELECT id FROM account WHERE id < 5 ORDER BY id LIMIT 2 FOR UPDATE;
SELECT touch(2);
COMMIT;

-- Joins
BEGIN;
SELECT a.id, o.city FROM account a JOIN owner o ON o.name = a.owner WHERE a.id = 6 FOR UPDATE OF a;
SELECT remotely('UPDATE lock_remote.owner SET city = city WHERE name = ''owner 1''');
COMMIT;
BEGIN;
SELECT a.id, o.city FROM account a JOIN owner o ON o.name = a.owner WHERE a.id = 6 FOR UPDATE;
SELECT remotely('UPDATE lock_remote.owner SET city = city WHERE name = ''owner 1''');
COMMIT;
BEGIN;
SELECT a.id, o.city FROM account a LEFT JOIN owner o ON o.name = a.owner AND o.city > 'city 0' WHERE a.id IN (5, 6) ORDER BY 1 FOR UPDATE OF a;
SELECT touch(5);
COMMIT;
BEGIN;
SELECT l.id, a.amount FROM loc l JOIN account a ON a.id = l.id WHERE l.id < 3 ORDER BY 1 FOR UPDATE;
SELECT touch(3);
COMMIT;
BEGIN;
SELECT l.id, a.amount FROM loc l JOIN account a ON a.id = l.id WHERE l.id < 3 ORDER BY 1 FOR UPDATE OF a;
SELECT touch(2);
COMMIT;
BEGIN;
SELECT l.id, a.amount FROM loc l JOIN account a ON a.id = l.id WHERE l.id < 3 ORDER BY 1 FOR UPDATE OF l;
SELECT touch(2);
COMMIT;
-- the same table twice
BEGIN;
SELECT a.id, b.id FROM account a, account b WHERE a.id = 1 AND b.id IN (2, 3) ORDER BY 2 FOR UPDATE OF a;
SELECT touch(2);
COMMIT;
BEGIN;
SELECT a.id, b.id FROM account a, account b WHERE a.id = 1 AND b.id IN (2, 3) ORDER BY 2 FOR UPDATE OF a FOR SHARE OF b;
SELECT touch(2);
COMMIT;

-- Views, subqueries, common table expressions, prepared statements, functions
BEGIN;
SELECT * FROM rich WHERE id = 6 FOR UPDATE;
SELECT touch(6);
COMMIT;
BEGIN;
SELECT count(*) FROM account WHERE id IN (SELECT id FROM account WHERE id < 3 FOR UPDATE);
SELECT touch(1);
COMMIT;
BEGIN;
WITH a AS (SELECT * FROM account WHERE id = 7 FOR UPDATE) SELECT a.id, loc.v FROM a JOIN loc USING (id);
SELECT touch(7);
COMMIT;
PREPARE lock_it AS SELECT id FROM account WHERE id = $1 FOR UPDATE;
SET plan_cache_mode = force_generic_plan;
BEGIN;
EXECUTE lock_it(8);
EXECUTE lock_it(9);
SELECT touch(8);
COMMIT;
RESET plan_cache_mode;
CREATE FUNCTION lock_one(n int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  found_id int;
BEGIN
  SELECT id INTO STRICT found_id FROM account WHERE id = n FOR UPDATE;
  RETURN found_id;
END $$;
BEGIN;
SELECT lock_one(10);
SELECT touch(10);
COMMIT;

-- Partitioned tables: there, and here with a partition there
BEGIN;
SELECT * FROM part WHERE id = 2 AND k = 1 FOR UPDATE;
SELECT remotely('UPDATE lock_remote.part SET txt = txt WHERE id = 2 AND k = 2');
COMMIT;
BEGIN;
SELECT * FROM part WHERE id = 2 AND k = 1 FOR UPDATE;
SELECT remotely('UPDATE lock_remote.part SET txt = txt WHERE id = 2 AND k = 1');
COMMIT;
BEGIN;
SELECT * FROM part WHERE id = 3 ORDER BY k FOR SHARE;
SELECT remotely('UPDATE lock_remote.part SET txt = txt WHERE id = 3 AND k = 2');
COMMIT;
CREATE TABLE all_parts (id int, k int, txt text) PARTITION BY LIST (k);
CREATE FOREIGN TABLE all_parts_1 PARTITION OF all_parts FOR VALUES IN (1) SERVER neon OPTIONS (schema_name 'lock_remote', table_name 'part_1');
CREATE FOREIGN TABLE all_parts_2 PARTITION OF all_parts FOR VALUES IN (2) SERVER neon OPTIONS (schema_name 'lock_remote', table_name 'part_2');
CREATE TABLE all_parts_3 PARTITION OF all_parts FOR VALUES IN (3);
INSERT INTO all_parts VALUES (1, 3, 'here');
BEGIN;
SELECT tableoid::regclass, * FROM all_parts WHERE id = 1 ORDER BY k FOR UPDATE;
SELECT remotely('UPDATE lock_remote.part SET txt = txt WHERE id = 2 AND k = 2');
COMMIT;
BEGIN;
SELECT tableoid::regclass, * FROM all_parts WHERE id = 1 ORDER BY k FOR UPDATE;
SELECT remotely('UPDATE lock_remote.part SET txt = txt WHERE id = 1 AND k = 2');
COMMIT;
BEGIN;
SELECT * FROM "odd ""names""" FOR UPDATE;
SELECT remotely('UPDATE lock_remote."odd ""names""" SET "Value" = 1');
COMMIT;

-- Savepoints: a lock goes with the part of the transaction that took it
BEGIN;
SAVEPOINT a;
SELECT id FROM account WHERE id = 1 FOR UPDATE;
ROLLBACK TO a;
SELECT touch(1);
COMMIT;
BEGIN;
SELECT id FROM account WHERE id = 1 FOR UPDATE;
SAVEPOINT a;
SELECT id FROM account WHERE id = 2 FOR UPDATE;
ROLLBACK TO a;
SELECT touch(1);
COMMIT;
BEGIN;
SAVEPOINT a;
SAVEPOINT b;
SELECT id FROM account WHERE id = 1 FOR UPDATE;
RELEASE b;
SELECT count(*) FROM account WHERE id = 2;
RELEASE a;
SELECT touch(1);
COMMIT;
BEGIN;
SELECT id FROM account WHERE id = 1 FOR UPDATE;
SAVEPOINT a;
SELECT id FROM account WHERE id = 2 FOR UPDATE;
SELECT count(*) FROM account WHERE id = 2;
ROLLBACK TO a;
SELECT touch(2);
SELECT count(*) FROM account WHERE id = 2;
COMMIT;
BEGIN;
DO $$
BEGIN
  PERFORM id FROM lock.account WHERE id = 1 FOR UPDATE;
  RAISE EXCEPTION 'no';
EXCEPTION WHEN raise_exception THEN
  NULL;
END $$;
SELECT touch(1);
COMMIT;

-- Cursors: what was fetched is locked
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM account WHERE id < 5 ORDER BY id FOR UPDATE;
FETCH 2 FROM c;
SELECT touch(3);
CLOSE c;
COMMIT;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM account WHERE id < 5 ORDER BY id FOR UPDATE;
FETCH 1 FROM c;
SELECT count(*) FROM account;
FETCH 1 FROM c;
SELECT touch(2);
COMMIT;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM account WHERE id < 5 ORDER BY id FOR UPDATE;
FETCH 1 FROM c;
SAVEPOINT a;
FETCH 1 FROM c;
ROLLBACK TO a;
SELECT touch(2);
FETCH 1 FROM c;
COMMIT;

-- A local row changes while it is waited for: the join is made again
CREATE FUNCTION wait_for_lock(pattern text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..6000 LOOP
    EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE pattern AND wait_event_type = 'Lock');
    PERFORM pg_sleep(0.02);
    PERFORM pg_stat_clear_snapshot();
  END LOOP;
END $$;
SELECT dblink_connect('other', :'local'), dblink_exec('other', 'SET search_path = lock');
BEGIN;
UPDATE loc SET v = 'owner 3' WHERE id = 1;
UPDATE loc SET v = 'nobody' WHERE id = 2;
UPDATE loc SET v = v || '!' WHERE id = 3;
SELECT dblink_send_query('other', 'SELECT l.id, l.v, a.id, a.owner FROM loc l JOIN account a ON a.id = l.id WHERE l.id <= 4 AND l.v <> ''nobody'' ORDER BY 1 FOR UPDATE');
SELECT wait_for_lock('SELECT l.id, l.v, a.id%');
COMMIT;
SELECT * FROM dblink_get_result('other') AS (id int, v text, a int, owner text);
SELECT dblink_disconnect('other');

-- What the transaction has written itself is its own
BEGIN;
SELECT id, amount FROM account WHERE id = 1 FOR UPDATE;
UPDATE account SET amount = 7 WHERE id = 1;
SELECT id, amount FROM account WHERE id = 1 FOR UPDATE;
SELECT id, amount FROM account WHERE id < 3 ORDER BY id FOR UPDATE;
UPDATE account SET amount = amount + 1 WHERE id = 2 RETURNING id, amount;
SAVEPOINT a;
SELECT id, amount FROM account WHERE id in (3,4) ORDER BY id FOR UPDATE;
DELETE FROM account WHERE id = 3;
ROLLBACK TO a;
SELECT id, amount FROM account WHERE id in (3,4) ORDER BY id FOR UPDATE;
DELETE FROM account WHERE id = 3;
INSERT INTO account VALUES (30, 'owner x', 1) RETURNING *;
SELECT id, amount FROM account WHERE id > 10 AND id <> 15 ORDER BY id FOR UPDATE;
COMMIT;
SELECT id, amount FROM account WHERE id IN (1,2,3,4,30) ORDER BY id;
BEGIN;
DECLARE c CURSOR FOR SELECT id, amount FROM account WHERE id IN (4,5,6) ORDER BY id FOR UPDATE;
FETCH c;
UPDATE account SET amount = 70 WHERE id IN (4, 5);
FETCH c;
SELECT id, amount FROM account WHERE id IN (4,5,6) ORDER BY id;
FETCH c;
COMMIT;
SELECT id, amount FROM account WHERE id IN (4,5,6) ORDER BY id;
BEGIN;
UPDATE account SET amount = 8 WHERE id = 8;
SELECT id, amount FROM account WHERE id IN (7, 8) ORDER BY id FOR UPDATE;
SELECT touch(7);
COMMIT;

DO $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT id, amount FROM lock.account WHERE id < 18 ORDER BY id FOR UPDATE LOOP
    UPDATE lock.account SET amount = r.amount * 10 WHERE id = r.id OR id = r.id + 1;
  END LOOP;
END $$;
SELECT count(*), sum(amount) FROM account;
WITH s AS (SELECT id FROM account WHERE id = 5 FOR UPDATE) UPDATE owner SET city = 'elsewhere' FROM s WHERE name = 'owner 1';
WITH s AS (SELECT id FROM account WHERE id IN (5, 6) FOR UPDATE) UPDATE account SET amount = 2 FROM s WHERE account.id = s.id;
SELECT a.id, a.amount, o.* FROM account a JOIN owner o ON o.name = a.owner WHERE a.id IN (5, 6) ORDER BY 1;
BEGIN;
INSERT INTO careless VALUES (1818);
SELECT id, amount FROM account WHERE id = 18 FOR UPDATE;
UPDATE account SET owner = 'me' WHERE id = 18 RETURNING id, amount, owner;
SET LOCAL neon_http_fdw.statement_pushdown = off;
UPDATE account SET amount = amount + 1 WHERE id = 18 RETURNING id, amount, owner;
COMMIT;
SELECT * FROM account WHERE id = 18;

-- What cannot be
\set VERBOSITY default
SELECT * FROM account WHERE id = 1 FOR UPDATE NOWAIT;
SELECT * FROM account WHERE id = 1 FOR SHARE SKIP LOCKED;
SELECT l.id FROM loc l JOIN account a ON a.id = l.id WHERE l.id = 1 FOR UPDATE OF l NOWAIT;
ALTER SERVER neon OPTIONS (ADD transactions 'autocommit');
SELECT * FROM account WHERE id = 1 FOR UPDATE;
SELECT l.id FROM loc l JOIN account a ON a.id = l.id WHERE l.id = 1 FOR UPDATE OF l;
ALTER SERVER neon OPTIONS (DROP transactions);
SELECT id FROM view_there WHERE id = 1 FOR UPDATE;
BEGIN READ ONLY;
SELECT * FROM account WHERE id = 1 FOR UPDATE;
ROLLBACK;
BEGIN;
SELECT id FROM account WHERE id = 1 FOR UPDATE;
PREPARE TRANSACTION 'lock';
DROP ROLE IF EXISTS regress_lock_reader;
CREATE ROLE regress_lock_reader;
GRANT USAGE ON SCHEMA lock TO regress_lock_reader;
GRANT SELECT ON account TO regress_lock_reader;
SET ROLE regress_lock_reader;
SELECT id FROM account WHERE id = 1 FOR UPDATE;
RESET ROLE;
DROP OWNED BY regress_lock_reader;
DROP ROLE regress_lock_reader;

-- Foreign tables of one server that are joined remotely, and locked together
-- with a local one: the local plan that forms a row again has no lock columns
\c :remote
SET search_path = lock_remote;
CREATE TABLE fb (i int, x int, t text);
CREATE TABLE fc (i int, y int);
CREATE TABLE fd (i int, z int);
INSERT INTO fb SELECT g, g % 7, 'b' || g FROM generate_series(1, 100) g;
INSERT INTO fc SELECT g, g % 5 FROM generate_series(1, 100) g;
INSERT INTO fd SELECT g, g % 3 FROM generate_series(1, 100) g;
CREATE TABLE q1 AS SELECT g AS i, 1 AS k FROM generate_series(1, 50) g;
CREATE TABLE q2 AS SELECT g AS i, 2 AS k FROM generate_series(1, 50) g;
CREATE TABLE r1 AS SELECT g AS i, 1 AS k, g AS v FROM generate_series(1, 50) g;
CREATE TABLE r2 AS SELECT g AS i, 2 AS k, g AS v FROM generate_series(1, 50) g;
\c :local
SET client_min_messages = warning;
SET search_path = lock, public;
IMPORT FOREIGN SCHEMA lock_remote LIMIT TO (fb, fc, fd, q1, q2, r1, r2) FROM SERVER neon INTO lock;
CREATE TABLE q (i int, k int) PARTITION BY LIST (k);
ALTER TABLE q ATTACH PARTITION q1 FOR VALUES IN (1);
ALTER TABLE q ATTACH PARTITION q2 FOR VALUES IN (2);
CREATE TABLE r (i int, k int, v int) PARTITION BY LIST (k);
ALTER TABLE r ATTACH PARTITION r1 FOR VALUES IN (1);
ALTER TABLE r ATTACH PARTITION r2 FOR VALUES IN (2);
CREATE TABLE a (i int PRIMARY KEY, v text);
INSERT INTO a SELECT g, 'v' || g FROM generate_series(1, 100) g;
ANALYZE a, fb, fc, fd, q1, q2, r1, r2;
-- rows, and if two tables at least are joined remotely
CREATE FUNCTION joined(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  remotely bool := false;
  n bigint;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    remotely := remotely OR line ~ 'Relations: ';
  END LOOP;
  EXECUTE query;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n || ' rows' || CASE WHEN remotely THEN ', joined remotely' ELSE '' END;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT joined('SELECT * FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i FOR UPDATE');
SELECT joined('SELECT * FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i FOR UPDATE OF a, fb');
SELECT joined('SELECT * FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i FOR UPDATE OF a');
SELECT joined('SELECT * FROM a, fb, fc, fd WHERE a.i = fb.i AND fb.i = fc.i AND fd.i = fc.i FOR UPDATE');
SELECT joined('SELECT a.v, fb.xmin, fb.ctid, fc.y FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i FOR UPDATE');
SELECT joined('SELECT a.v FROM a, fb LEFT JOIN fc ON fb.i = fc.i WHERE a.i = fb.i FOR UPDATE OF a, fb');
SELECT joined('SELECT a.v FROM a LEFT JOIN (fb JOIN fc ON fb.i = fc.i) ON a.i = fb.i FOR UPDATE OF a');
SELECT joined('SELECT a.v FROM a, fb WHERE a.i = fb.i AND EXISTS (SELECT FROM fc WHERE fc.i = fb.i) FOR UPDATE');
SELECT joined('SELECT a.v FROM a, fb WHERE a.i = fb.i AND NOT EXISTS (SELECT FROM fc WHERE fc.i = fb.i + 90) FOR UPDATE');
SELECT joined('SELECT a.v FROM a, LATERAL (SELECT fb.i, fc.y FROM fb, fc WHERE fb.i = fc.i AND fb.x < a.i) s WHERE a.i = s.i FOR UPDATE');
SELECT joined('SELECT a.v FROM a, LATERAL (SELECT fb.i, fc.y FROM fb, fc WHERE fb.i = fc.i AND fb.x < a.i OFFSET 0) s WHERE a.i = s.i FOR UPDATE');
SELECT joined('SELECT a.v, q.*, r.v FROM a, q, r WHERE a.i = q.i AND q.i = r.i AND q.k = r.k FOR UPDATE');
SET enable_partitionwise_join = on;
SELECT joined('SELECT a.v, q.*, r.v FROM a, q, r WHERE a.i = q.i AND q.i = r.i AND q.k = r.k FOR UPDATE');
SELECT joined('SELECT q.*, r.v FROM q, r WHERE q.i = r.i AND q.k = r.k FOR UPDATE');
RESET enable_partitionwise_join;
SELECT joined('UPDATE a SET v = fb.t FROM fb, fc WHERE a.i = fb.i AND fb.i = fc.i');
SELECT joined('UPDATE fb SET t = a.v FROM a, fc WHERE a.i = fb.i AND fb.i = fc.i');
SET enable_hashjoin = off;
SELECT joined('SELECT * FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i FOR UPDATE');
SET enable_mergejoin = off;
SELECT joined('SELECT * FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i FOR UPDATE');
RESET enable_hashjoin;
RESET enable_mergejoin;
-- rows are formed again, also by columns that only a condition needs, and what
-- is locked is checked
SELECT dblink_connect('other', :'local'), dblink_exec('other', 'SET search_path = lock');
UPDATE a SET v = 'v' || i;
BEGIN;
UPDATE a SET v = 'changed' WHERE i = 2;
UPDATE a SET v = 'nobody' WHERE i = 3;
SELECT dblink_send_query('other', 'SELECT a.v, fb.t, fc.y, fc.xmin <> ''0'' FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i AND a.i < 5 AND v <> ''nobody'' ORDER BY a.i FOR UPDATE');
SELECT wait_for_lock('SELECT a.v, fb.t%');
COMMIT;
SELECT * FROM dblink_get_result('other') AS (v text, t text, y int, is_version bool);
SELECT * FROM dblink_get_result('other') AS (v text, t text, y int, is_version bool);
BEGIN;
UPDATE a SET v = 'changed again' WHERE i = 2;
SELECT dblink_send_query('other', 'SELECT a.v FROM a, fb WHERE a.i = fb.i AND fb.x = 2 AND a.i < 5 FOR UPDATE');
SELECT wait_for_lock('SELECT a.v FROM a, fb%');
COMMIT;
SELECT * FROM dblink_get_result('other') AS (v text);
SELECT * FROM dblink_get_result('other') AS (v text);
BEGIN;
UPDATE a SET v = 'changed at last' WHERE i = 2;
SELECT dblink_send_query('other', 'SELECT a.v, fb.t FROM a, fb JOIN fc ON fb.i = fc.i AND fc.y = 2 WHERE a.i = fb.i AND fb.x = 2 FOR UPDATE');
SELECT wait_for_lock('SELECT a.v, fb.t FROM%');
COMMIT;
SELECT * FROM dblink_get_result('other') AS (v text, t text);
SELECT dblink_disconnect('other');
SELECT dblink_connect('remote', :'remote');
BEGIN;
SELECT a.v, fb.t, fc.y FROM a, fb, fc WHERE a.i = fb.i AND fb.i = fc.i AND a.i < 3 ORDER BY a.i FOR UPDATE;
SELECT remotely('UPDATE lock_remote.fc SET y = 9 WHERE i = 2');
COMMIT;
