--
-- IMPORT FOREIGN SCHEMA: what the remote says is data, and cannot act here
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS harm CASCADE;
CREATE SCHEMA harm;
CREATE FUNCTION harm.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION harm.loud(int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
CREATE OPERATOR harm.+ (FUNCTION = harm.twice, RIGHTARG = int);
CREATE DOMAIN harm.positive AS int NOT NULL DEFAULT 7 CHECK (VALUE > 0);
CREATE DOMAIN harm.checked AS int DEFAULT length(pg_read_file('PG_VERSION')) CHECK (harm.twice(VALUE) > 0);
CREATE SEQUENCE harm.s;
CREATE TABLE harm.refused (
  id int PRIMARY KEY,
  file text DEFAULT left(pg_read_file('PG_VERSION'), 60),
  setting text DEFAULT set_config('role', 'nobody', false),
  reading text DEFAULT current_setting('data_directory'),
  query text DEFAULT query_to_xml('SELECT 1', true, true, '')::text,
  blob int DEFAULT lo_export(1, '/tmp/x'),
  own int DEFAULT harm.twice(1),
  own_operator int DEFAULT OPERATOR(harm.+) 1,
  serial int DEFAULT nextval('harm.s'),
  class oid DEFAULT 'harm.s'::regclass,
  who text DEFAULT CURRENT_USER,
  place name DEFAULT current_schema,
  sleeps text DEFAULT pg_sleep(1)::text,
  domain harm.checked DEFAULT 1,
  row_value text DEFAULT ROW(1, 2)::text,
  field int DEFAULT (ROW(1, harm.twice(2))::text)::int,
  choice int DEFAULT CASE WHEN true THEN 1 END);
CREATE TABLE harm.taken (
  id int PRIMARY KEY,
  num int DEFAULT 42, neg bigint DEFAULT -1, txt text DEFAULT 'it''s; DROP TABLE x --', arr int[] DEFAULT ARRAY[1, 2]::int[], empty text[] DEFAULT '{}',
  stamp timestamptz DEFAULT now(), today date DEFAULT CURRENT_DATE, utc timestamp DEFAULT (now() AT TIME ZONE 'utc'),
  later timestamptz DEFAULT now() + interval '7 days', id2 uuid DEFAULT gen_random_uuid(), flag bool DEFAULT (NOT false),
  js jsonb DEFAULT '{"a": 1}', coal text DEFAULT COALESCE(NULL, 'x'), short varchar(3) DEFAULT 'abc',
  costly text DEFAULT repeat('x', 2000000000));
CREATE TABLE harm.generated (
  id int PRIMARY KEY, a int,
  plain int GENERATED ALWAYS AS (a * 2) STORED,
  own text GENERATED ALWAYS AS (harm.loud(a)) STORED,
  costly text GENERATED ALWAYS AS (left(repeat('x', 1000), 5)) STORED,
  must int GENERATED ALWAYS AS (a + 1) STORED NOT NULL,
  domain harm.positive GENERATED ALWAYS AS (abs(a) + 1) STORED);
GRANT ALL ON SCHEMA harm TO :user;
GRANT ALL ON ALL TABLES IN SCHEMA harm TO :user;

\c :local
SET client_min_messages = notice;
DROP SCHEMA IF EXISTS harm, harm_local CASCADE;
-- functions of this database with the names that the remote uses
CREATE SCHEMA harm;
CREATE FUNCTION harm.loud(int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'called by the remote'; END $$;
CREATE FUNCTION harm.twice(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'called by the remote'; END $$;
CREATE OPERATOR harm.+ (FUNCTION = harm.twice, RIGHTARG = int);
CREATE SCHEMA harm_local;
IMPORT FOREIGN SCHEMA harm FROM SERVER neon INTO harm_local OPTIONS (import_default 'true');
-- nothing was evaluated: one of the defaults would be too long
SELECT c.relname, attname, CASE attgenerated WHEN 's' THEN 'generated' ELSE 'default' END AS kind, pg_get_expr(adbin, adrelid)
FROM pg_attrdef JOIN pg_class c ON c.oid = adrelid JOIN pg_attribute a ON attrelid = c.oid AND attnum = adnum
WHERE relnamespace = 'harm_local'::regnamespace ORDER BY relname, attnum;
-- constraints of domains stay on the remote, which checks what is stored
SELECT typname, typdefault, typnotnull, (SELECT count(*) FROM pg_constraint WHERE contypid = t.oid AND contype = 'c') AS checks
FROM pg_type t WHERE typnamespace = 'harm_local'::regnamespace AND typtype = 'd' ORDER BY 1;

-- A domain with constraints that exists here does not allow the NULL
CREATE SCHEMA harm_domain;
CREATE DOMAIN harm_domain.positive AS int CHECK (VALUE IS NOT NULL);
IMPORT FOREIGN SCHEMA harm LIMIT TO (generated) FROM SERVER neon INTO harm_domain;
SELECT attname, attgenerated FROM pg_attribute WHERE attrelid = 'harm_domain.generated'::regclass AND attname IN ('must', 'domain');

-- What is written: generated columns are left out on every way, and read
SET client_min_messages = warning;
INSERT INTO harm_local.generated (id, a) VALUES (1, 1), (2, 2);
INSERT INTO harm_local.generated (id, a) VALUES (3, 3) RETURNING id, plain, own, costly, must;
UPDATE harm_local.generated SET a = 20 WHERE id = 2;
UPDATE harm_local.generated SET a = (SELECT 30 FROM pg_class LIMIT 1) WHERE id = 3 RETURNING plain;
SET neon_http_fdw.statement_pushdown = off;
INSERT INTO harm_local.generated (id, a) VALUES (4, 4) RETURNING id, plain, own, costly, must;
UPDATE harm_local.generated SET a = 40 WHERE id = 4 RETURNING plain;
COPY harm_local.generated (id, a) FROM stdin;
5	5
\.
RESET neon_http_fdw.statement_pushdown;
INSERT INTO harm_local.generated (id, a, plain) VALUES (6, 6, 6);
SELECT * FROM harm_local.generated ORDER BY id;

-- A function of this database that hides a built-in one is not called either
CREATE FUNCTION harm.left(text, int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called by the remote'; END $$;
CREATE FUNCTION harm.coalesce_int(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION harm.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called by the remote'; END $$;
CREATE SCHEMA harm_path;
SET search_path = harm, pg_catalog;
SET client_min_messages = notice;
IMPORT FOREIGN SCHEMA harm LIMIT TO (taken) FROM SERVER neon INTO harm_path OPTIONS (import_default 'true');
RESET search_path;

SET client_min_messages = warning;
DROP SCHEMA harm, harm_local, harm_path, harm_domain CASCADE;
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA harm CASCADE;
