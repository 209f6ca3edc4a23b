--
-- Writes in the corners: what may be committed at once, what a transaction
-- rehearses under one setting and commits under another, many small inserts
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS wm CASCADE;
CREATE SCHEMA wm;
SET search_path = wm;
CREATE TABLE plain (id int PRIMARY KEY, n int, t text);
CREATE TABLE log (id serial PRIMARY KEY, n int DEFAULT 7, t text);
CREATE TABLE account (id serial PRIMARY KEY, pass text, n int DEFAULT 1, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION hashed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.pass = 'none' THEN
    RETURN NULL;
  END IF;
  NEW.pass = 'hash of ' || NEW.pass;
  RETURN NEW;
END $$;
CREATE TRIGGER hashed BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION hashed();
CREATE TABLE split (k int, v text, id serial) PARTITION BY LIST (k);
CREATE TABLE split_1 PARTITION OF split FOR VALUES IN (1);
CREATE TABLE split_2 PARTITION OF split FOR VALUES IN (2);
CREATE FUNCTION marked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.v = NEW.v || '!';
  RETURN NEW;
END $$;
CREATE TRIGGER marked BEFORE INSERT ON split_2 FOR EACH ROW EXECUTE FUNCTION marked();
CREATE VIEW seen AS SELECT id, n, t FROM plain;
CREATE TABLE nothing ();
CREATE TABLE day (id int PRIMARY KEY, at timestamptz, d date);
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS wm CASCADE;
CREATE SCHEMA wm;
IMPORT FOREIGN SCHEMA wm FROM SERVER neon INTO wm;
SET search_path = wm;

-- A cursor of a function is not the statement that the client sent, though
-- it has a portal: what it writes goes with the function's transaction
CREATE FUNCTION looped() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  FOR r IN EXECUTE 'INSERT INTO wm.plain VALUES (1, 1, ''x'') RETURNING id' LOOP
  END LOOP;
  RAISE EXCEPTION 'no';
END $$;
CREATE FUNCTION opened() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c refcursor;
  r record;
BEGIN
  OPEN c FOR EXECUTE 'INSERT INTO wm.plain VALUES (2, 1, ''x'') RETURNING id';
  FETCH c INTO r;
  CLOSE c;
  RAISE EXCEPTION 'no';
END $$;
SELECT looped();
SELECT opened();
SELECT * FROM plain;

-- Nor is anything committed early if the transaction may still fail here
CREATE TABLE here (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION written() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO wm.here VALUES (1), (1);
  RETURN 1;
END $$;
INSERT INTO plain VALUES (3, written(), 'x');
SELECT * FROM plain;

-- Several statements in one string are one transaction
INSERT INTO plain VALUES (4, 1, 'x')\; SELECT 1 / 0;
SELECT * FROM plain;

-- Triggers of the remote table run once for each row, whatever is pinned
BEGIN;
CREATE TEMP TABLE seen AS SELECT id, at FROM account;
INSERT INTO account (pass) VALUES ('one') RETURNING id, pass, n;
INSERT INTO account (pass) VALUES ('two');
INSERT INTO account (n, pass) VALUES (5, 'three'), (6, 'four') RETURNING id, pass, n;
INSERT INTO account (pass) VALUES ('five'), ('six');
INSERT INTO account (pass) VALUES ('none');
INSERT INTO account (pass) VALUES ('none') RETURNING *;
INSERT INTO account (pass, n) VALUES ('seven', 7), ('none', 8);
INSERT INTO account (pass) SELECT 'here ' || g FROM generate_series(1, 2) g RETURNING id, pass;
INSERT INTO account (pass) SELECT pass FROM account WHERE n = 5;
INSERT INTO account (id, pass) VALUES (100, 'a') ON CONFLICT (id) DO NOTHING;
INSERT INTO account (id, pass) VALUES (100, 'b'), (101, 'c') ON CONFLICT (id) DO UPDATE SET pass = excluded.pass;
INSERT INTO account DEFAULT VALUES RETURNING n;
INSERT INTO split VALUES (1, 'a'), (2, 'b') RETURNING *;
INSERT INTO split VALUES (2, 'c');
INSERT INTO seen SELECT id, at FROM account WHERE pass ~ '^hash of (one|two|three|four|five|six|here)';
COMMIT;
SELECT CASE WHEN id < 15 THEN id END AS id, pass, n FROM account ORDER BY account.id;
SELECT count(*), count(a.id) FROM seen s LEFT JOIN account a USING (id, at);
SELECT * FROM split ORDER BY id;
DROP TABLE seen;
-- row by row, too
SET neon_http_fdw.statement_pushdown = off;
BEGIN;
INSERT INTO account (pass) VALUES ('by row'), ('by another row');
SELECT pass FROM account WHERE pass ~ 'row' ORDER BY id;
COMMIT;
SELECT pass FROM account WHERE pass ~ 'row' ORDER BY id;
RESET neon_http_fdw.statement_pushdown;

-- A table without columns
BEGIN;
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing DEFAULT VALUES RETURNING 1 AS one;
COMMIT;
SELECT count(*) FROM nothing;

-- DEFAULT is the remote's, NULL is NULL
INSERT INTO log (n, t) VALUES (DEFAULT, 'a'), (1, DEFAULT), (NULL, 'c'), (2, NULL);
INSERT INTO log (n, t) VALUES (DEFAULT, 'd') RETURNING n, t;
INSERT INTO log (id, n, t) VALUES (DEFAULT, DEFAULT, 'e'), (DEFAULT, 3, 'f') RETURNING id, n, t;
BEGIN;
INSERT INTO log (id, n, t) VALUES (100, DEFAULT, 'g'), (DEFAULT, 3, 'h');
UPDATE log SET n = DEFAULT WHERE t = 'f';
UPDATE log SET n = DEFAULT, t = l.t || '!' FROM log l WHERE l.id = log.id AND l.t = 'h' RETURNING log.n, log.t;
UPDATE log SET n = NULL WHERE t = 'd';
INSERT INTO log (id, n) VALUES (100, 1) ON CONFLICT (id) DO UPDATE SET n = DEFAULT, t = NULL RETURNING n, t;
SELECT n, t FROM log ORDER BY id;
COMMIT;
SELECT n, t FROM log ORDER BY id;
PREPARE defaults (int, text) AS INSERT INTO log (n, t) VALUES ($1, 'i'), (DEFAULT, $2) RETURNING n, t;
EXECUTE defaults (NULL, NULL);
TRUNCATE log RESTART IDENTITY;

-- Views of the remote: the rows are only counted
BEGIN;
INSERT INTO wm.seen VALUES (10, 1, 'v'), (11, 1, 'v') RETURNING *;
UPDATE wm.seen SET n = n + 1 WHERE id = 10 RETURNING *;
UPDATE wm.seen SET n = n + 1 WHERE id >= 10;
DELETE FROM wm.seen WHERE id = 11 RETURNING id, n;
COMMIT;
SELECT * FROM plain;
BEGIN;
DELETE FROM wm.seen WHERE id = 10 RETURNING n + 1 AS more;
ROLLBACK;
DELETE FROM wm.seen RETURNING id;

-- A time zone that changes between a statement and its commit
SET timezone = 'Asia/Tokyo';
BEGIN;
INSERT INTO day VALUES (1, '2026-01-01 23:00+00', NULL);
UPDATE day SET d = at::date;
SET timezone = 'America/New_York';
SELECT id, d FROM day;
INSERT INTO day VALUES (2, '2026-01-02 03:00+00', NULL);
UPDATE day SET d = at::date WHERE id = 2;
SET timezone = 'UTC';
SELECT id, d, at FROM day ORDER BY id;
COMMIT;
SELECT id, d, at FROM day ORDER BY id;

-- The user mapping that a transaction began with holds until its end
BEGIN;
INSERT INTO plain VALUES (5, 1, 'x');
DROP USER MAPPING FOR CURRENT_USER SERVER neon;
CREATE USER MAPPING FOR PUBLIC SERVER neon OPTIONS (user 'other', password 'x');
INSERT INTO plain VALUES (6, 1, 'y') RETURNING id;
COMMIT;
SELECT * FROM plain;
DROP USER MAPPING FOR PUBLIC SERVER neon;
CREATE USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (user :'user', password :'password');
SELECT * FROM plain ORDER BY id;

-- Small inserts that follow each other are sent as one
BEGIN;
INSERT INTO log (t) VALUES ('one') RETURNING id;
INSERT INTO log (t) VALUES ('two');
SAVEPOINT a;
INSERT INTO log (t) VALUES ('three');
DECLARE c CURSOR FOR SELECT * FROM log ORDER BY id;
INSERT INTO log (t) VALUES ('four {"\}');
ROLLBACK TO a;
INSERT INTO log (t) VALUES (NULL);
UPDATE log SET n = n + 1 WHERE t = 'one';
INSERT INTO log (t) VALUES ('five');
INSERT INTO log (t, n) VALUES ('six', 6);
INSERT INTO log (t) VALUES ('seven');
DECLARE d CURSOR FOR SELECT * FROM log ORDER BY id;
INSERT INTO log (t) VALUES ('eight');
SELECT * FROM log ORDER BY id;
FETCH ALL FROM d;
COMMIT;
SELECT * FROM log ORDER BY id;

-- Hundreds of them
TRUNCATE log;
DO $$
BEGIN
  FOR i IN 1 .. 300 LOOP
    INSERT INTO wm.log (n, t) VALUES (i, 'row ' || i);
  END LOOP;
END $$;
SELECT count(*), count(DISTINCT id), sum(n) FROM log;

DROP SCHEMA wm CASCADE;
