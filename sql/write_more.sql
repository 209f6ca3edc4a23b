--
-- Writes in the corners: what may be committed at once, what a transaction
-- rehearses under one setting and commits under another, many small inserts
--
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\getenv stack_sql STACK_SQL
:stack_sql;
LOAD 'neon_http_fdw';
\getenv host REMOTE_PGHOST
\getenv port REMOTE_PGPORT
\getenv dbname REMOTE_PGDATABASE
\getenv user REMOTE_PGUSER
\getenv password REMOTE_PGPASSWORD
\set local 'host=' :HOST ' port=' :PORT ' dbname=' :DBNAME ' user=' :USER
\set remote 'host=' :host ' port=' :port ' dbname=' :dbname ' user=' :user ' password=''' :password ''''
\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS wm CASCADE;
CREATE SCHEMA wm;
SET search_path = wm;
CREATE TABLE plain (id int PRIMARY KEY, n int, t text);
CREATE TABLE log (id serial PRIMARY KEY, n int DEFAULT 7, t text);
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

-- A user mapping that is gone at the commit
BEGIN;
INSERT INTO plain VALUES (5, 1, 'x');
DROP USER MAPPING FOR CURRENT_USER SERVER neon;
CREATE USER MAPPING FOR PUBLIC SERVER neon OPTIONS (user 'other', password 'x');
COMMIT;
SELECT * FROM plain;

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
