--
-- TRUNCATE of foreign tables, and the commit ledger
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS truncate_remote CASCADE;
CREATE SCHEMA truncate_remote;
SET search_path = truncate_remote;
CREATE TABLE numbered (id serial PRIMARY KEY, txt text);
CREATE TABLE child (id int PRIMARY KEY REFERENCES numbered, txt text);
CREATE TABLE "odd name" (id int);
CREATE TABLE keep_1 (id int);
CREATE TABLE keep_2 (id int);
CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
  TRUNCATE truncate_remote.numbered, truncate_remote.child, truncate_remote."odd name", truncate_remote.keep_1, truncate_remote.keep_2 RESTART IDENTITY;
  INSERT INTO truncate_remote.numbered (txt) VALUES ('a'), ('b'), ('c');
  INSERT INTO truncate_remote.child VALUES (1), (2);
  INSERT INTO truncate_remote."odd name" VALUES (1);
  INSERT INTO truncate_remote.keep_1 VALUES (1);
  INSERT INTO truncate_remote.keep_2 VALUES (1);
$$;

\c :local
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS dblink SCHEMA public;
DROP SCHEMA IF EXISTS truncate CASCADE;
CREATE SCHEMA truncate;
SET search_path = truncate, public;
IMPORT FOREIGN SCHEMA truncate_remote FROM SERVER neon INTO truncate;
CREATE TABLE loc (id int);
\pset format unaligned
\pset tuples_only
SELECT dblink_connect('remote', :'remote');
-- what is there, seen by another client, after the tables were filled
CREATE FUNCTION remains() RETURNS text LANGUAGE sql AS $$
  SELECT r FROM public.dblink('remote', 'SELECT format(''numbered %s child %s odd %s keep %s %s'', (SELECT count(*) FROM truncate_remote.numbered), (SELECT count(*) FROM truncate_remote.child),
    (SELECT count(*) FROM truncate_remote."odd name"), (SELECT count(*) FROM truncate_remote.keep_1), (SELECT count(*) FROM truncate_remote.keep_2))') AS t (r text) $$;
CREATE FUNCTION fill() RETURNS text LANGUAGE sql AS $$ SELECT r FROM public.dblink('remote', 'SELECT truncate_remote.fill()') AS t (r text) $$;
SELECT fill();

-- At once
TRUNCATE child;
SELECT remains(), fill();
TRUNCATE numbered, child, "odd name";
SELECT remains(), fill();
TRUNCATE numbered CASCADE;
SELECT remains();
SELECT dblink_exec('remote', 'INSERT INTO truncate_remote.numbered (txt) VALUES (''next'')');
SELECT * FROM numbered;
TRUNCATE numbered RESTART IDENTITY CASCADE;
SELECT dblink_exec('remote', 'INSERT INTO truncate_remote.numbered (txt) VALUES (''first'')');
SELECT * FROM numbered;
SELECT fill();

-- In a transaction: not before its end, and not at all if that is ROLLBACK
BEGIN;
TRUNCATE child, keep_1;
SELECT count(*) FROM child;
SELECT remains();
ROLLBACK;
SELECT remains();
BEGIN;
SAVEPOINT a;
TRUNCATE child;
ROLLBACK TO a;
TRUNCATE keep_1;
SAVEPOINT b;
TRUNCATE keep_2;
RELEASE b;
SELECT (SELECT count(*) FROM child) AS child, (SELECT count(*) FROM keep_1) AS keep_1, (SELECT count(*) FROM keep_2) AS keep_2;
INSERT INTO keep_2 VALUES (7);
SELECT * FROM keep_2;
COMMIT;
SELECT remains(), fill();
DO $$
BEGIN
  TRUNCATE truncate.keep_1;
  BEGIN
    TRUNCATE truncate.numbered;
  EXCEPTION WHEN feature_not_supported THEN
    RAISE WARNING '%', SQLERRM;
  END;
END $$;
SELECT remains(), fill();
-- together with local tables
INSERT INTO loc VALUES (1);
BEGIN;
TRUNCATE loc, keep_1, keep_2;
ROLLBACK;
SELECT remains(), count(*) FROM loc;
TRUNCATE loc, keep_1, keep_2;
SELECT remains(), count(*) FROM loc;
SELECT fill();

-- Errors of the remote come with the statement
TRUNCATE numbered;
BEGIN;
TRUNCATE numbered;
ROLLBACK;

-- Options
ALTER FOREIGN TABLE keep_1 OPTIONS (ADD truncatable 'false');
TRUNCATE keep_1;
TRUNCATE keep_2, keep_1;
ALTER SERVER neon OPTIONS (ADD truncatable 'false');
TRUNCATE keep_2;
ALTER FOREIGN TABLE keep_1 OPTIONS (SET truncatable 'true');
TRUNCATE keep_1;
SELECT remains();
ALTER SERVER neon OPTIONS (DROP truncatable);
SELECT fill();
BEGIN READ ONLY;
TRUNCATE keep_1;
ROLLBACK;

-- Where each statement commits by itself
ALTER SERVER neon OPTIONS (ADD transactions 'autocommit');
BEGIN;
TRUNCATE keep_1, keep_2;
ROLLBACK;
SELECT remains();
TRUNCATE numbered;
ALTER SERVER neon OPTIONS (DROP transactions);

-- The commit ledger
SELECT neon_http_ledger_create('neon');
ALTER SERVER neon OPTIONS (ADD commit_ledger 'truncate_remote."the Ledger"');
SELECT neon_http_ledger_create('neon');
SELECT neon_http_ledger_create('neon');
SELECT * FROM dblink('remote', 'SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid) FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = ''truncate_remote."the Ledger"''::regclass AND attnum > 0 ORDER BY attnum')
  AS t (name text, type text, not_null bool, value text);
TRUNCATE keep_1;
BEGIN;
TRUNCATE keep_2;
TRUNCATE child;
COMMIT;
BEGIN;
TRUNCATE keep_2;
ROLLBACK;
SELECT * FROM dblink('remote', 'SELECT count(*), bool_and(committed), max(now() - at) < ''1 minute'' FROM truncate_remote."the Ledger"') AS t (n int, committed bool, recent bool);
SELECT neon_http_ledger_prune('neon');
SELECT dblink_exec('remote', 'UPDATE truncate_remote."the Ledger" SET at = at - interval ''10 days 5 minutes''');
SELECT neon_http_ledger_prune('neon', '1 month');
SELECT neon_http_ledger_prune('neon', '10 days 10 minutes');
SET IntervalStyle = iso_8601;
SELECT neon_http_ledger_prune('neon', '10 days 00:01');
RESET IntervalStyle;
SELECT neon_http_ledger_prune('neon');
SELECT neon_http_ledger_prune('neon', NULL);
SELECT neon_http_ledger_prune('neon', '59 minutes');
SELECT neon_http_ledger_prune('neon', '-1 month');
SELECT neon_http_ledger_prune('nowhere');
-- both act at once
BEGIN;
ALTER SERVER neon OPTIONS (SET commit_ledger 'truncate_remote.second');
SELECT neon_http_ledger_create('neon');
ROLLBACK;
SELECT * FROM dblink('remote', 'SELECT to_regclass(''truncate_remote.second'') IS NOT NULL') AS t (made bool);
BEGIN READ ONLY;
SELECT neon_http_ledger_create('neon');
ROLLBACK;
BEGIN READ ONLY;
SELECT neon_http_ledger_prune('neon');
ROLLBACK;
-- a table that will not do
ALTER SERVER neon OPTIONS (SET commit_ledger 'truncate_remote.keep_1');
SELECT neon_http_ledger_create('neon');
TRUNCATE keep_1;
ALTER SERVER neon OPTIONS (SET commit_ledger 'nowhere.ledger');
SELECT neon_http_ledger_create('neon');
-- a ledger that is missing: a commit says how to create it
TRUNCATE keep_1;
ALTER SERVER neon OPTIONS (SET commit_ledger 'truncate_remote.third');
TRUNCATE keep_1;
BEGIN;
TRUNCATE keep_1;
COMMIT;
-- rights
DROP ROLE IF EXISTS regress_ledger;
CREATE ROLE regress_ledger;
GRANT USAGE ON SCHEMA truncate TO regress_ledger;
SET ROLE regress_ledger;
SELECT neon_http_ledger_create('neon');
SELECT neon_http_ledger_prune('neon');
TRUNCATE keep_1;
RESET ROLE;
GRANT EXECUTE ON FUNCTION neon_http_ledger_create, neon_http_ledger_prune TO regress_ledger;
SET ROLE regress_ledger;
SELECT neon_http_ledger_create('neon');
SELECT neon_http_ledger_prune('neon');
RESET ROLE;
DROP OWNED BY regress_ledger;
DROP ROLE regress_ledger;
ALTER SERVER neon OPTIONS (DROP commit_ledger);
