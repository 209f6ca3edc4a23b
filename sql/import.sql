--
-- IMPORT FOREIGN SCHEMA
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

-- What is there to import
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS imp, imp_other, "Imp ""Odd"" ä", imp_ext CASCADE;
DROP FOREIGN DATA WRAPPER IF EXISTS imp_fdw CASCADE;
CREATE SCHEMA imp_ext;
CREATE EXTENSION IF NOT EXISTS citext SCHEMA imp_ext;
CREATE EXTENSION IF NOT EXISTS hstore SCHEMA imp_ext;
CREATE FOREIGN DATA WRAPPER imp_fdw;
CREATE SERVER imp_server FOREIGN DATA WRAPPER imp_fdw;
CREATE SCHEMA imp;
CREATE SCHEMA imp_other;
CREATE SCHEMA "Imp ""Odd"" ä";
CREATE FOREIGN TABLE imp.a_foreign_table (a int) SERVER imp_server;
ALTER FOREIGN TABLE imp.a_foreign_table OWNER TO :user;
GRANT ALL ON SCHEMA imp, imp_other, "Imp ""Odd"" ä", imp_ext TO :user;

\c :remote
SET client_min_messages = warning;
CREATE TYPE imp.mood AS ENUM ('sad', 'it''s ok', 'back\slash', 'ä "quoted"', '');
ALTER TYPE imp.mood ADD VALUE 'between' AFTER 'sad';
CREATE TYPE imp."My Mood" AS ENUM ();
CREATE TYPE imp_other.level AS ENUM ('low', 'high');
CREATE DOMAIN imp.posint AS int NOT NULL DEFAULT 1 CHECK (VALUE > 0);
CREATE DOMAIN imp.code AS varchar(10) COLLATE "C";
CREATE DOMAIN imp.good_mood AS imp.mood CHECK (VALUE <> 'sad');
CREATE DOMAIN imp.moods AS imp.mood[];
CREATE TYPE imp.address AS (street varchar(40) COLLATE "POSIX", "House No" imp.posint, m imp.moods);
CREATE TYPE imp.person AS (name text, homes imp.address[], l imp_other.level);
CREATE TYPE imp.floatrange AS RANGE (subtype = float8);
CREATE COLLATION imp.own_collation (locale = 'C');
CREATE FUNCTION imp.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';

CREATE TABLE imp.builtin (
  a bigint, b varchar(3), c char(4), d char, e "char", f numeric(10,2), g timestamptz(3), h interval day to second(2),
  i bit(3), j varbit(9), k text[], l numeric(5,1)[][], m jsonb, n int4range, o int4multirange, p name, q inet, r bpchar,
  s time(1) with time zone, t oid, u regclass, v xml, w pg_lsn, x point);
ALTER TABLE imp.builtin DROP COLUMN d;
CREATE TABLE imp.keyed (c2 int, a int, b int, c1 text, extra text NOT NULL, PRIMARY KEY (c1, c2) INCLUDE (b), UNIQUE (a));
CREATE TABLE imp.collated (a text COLLATE "C", b text COLLATE "POSIX", c text, d imp.code, e imp.code COLLATE "default");
CREATE TABLE imp.expressions (
  id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, s serial,
  a int DEFAULT 42, b text DEFAULT 'it''s', c timestamptz DEFAULT now() NOT NULL, d int DEFAULT imp.twice(1), e imp.mood DEFAULT 'sad',
  f int GENERATED ALWAYS AS (a * 2) STORED, g int GENERATED ALWAYS AS (imp.twice(a)) STORED);
CREATE TABLE imp.user_types (
  id int PRIMARY KEY, m imp.mood, ms imp.mood[] NOT NULL, mm imp."My Mood", p imp.posint, ps imp.posint[], c imp.code,
  g imp.good_mood, mo imp.moods, pe imp.person, pes imp.person[], l imp_other.level);
CREATE TABLE imp.extension_type (a imp_ext.citext, b imp_ext.citext[]);
CREATE TABLE imp.extension_missing (id int, h imp_ext.hstore);
CREATE TABLE imp.range_type (id int, r imp.floatrange[]);
CREATE TABLE imp.row_type (id int, k imp.keyed);
CREATE TABLE imp.own_collation (a text COLLATE imp.own_collation);
CREATE TABLE imp.nothing ();
CREATE TABLE imp.parted (id int, d date) PARTITION BY RANGE (d);
CREATE TABLE imp.parted_2025 PARTITION OF imp.parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE VIEW imp.a_view AS SELECT id, m FROM imp.user_types;
CREATE MATERIALIZED VIEW imp.a_matview AS SELECT 1 AS one;
CREATE SEQUENCE imp.a_sequence;
CREATE INDEX an_index ON imp.builtin (a);
INSERT INTO imp.user_types VALUES (1, 'sad', ARRAY['it''s ok', 'back\slash', NULL]::imp.mood[], NULL, 7, '{1,2}', 'x', 'between', '{"ä \"quoted\"",""}',
  ROW('me', ARRAY[ROW('Main "St", 5', 5, '{sad}')]::imp.address[], 'high'), NULL, 'low');
INSERT INTO imp.parted VALUES (1, '2025-05-05');
INSERT INTO imp.keyed VALUES (1, 2, 3, 'four', 'five');

CREATE TABLE imp_other.mood (level imp_other.level);
CREATE DOMAIN imp_other.code AS text;
CREATE TABLE imp_other.clash (a imp.mood);
CREATE TABLE imp_other.clash2 (a imp.code, b imp_other.code);
CREATE VIEW imp_other.system_column AS SELECT 1 AS xmin;

CREATE TABLE "Imp ""Odd"" ä"."Quoted ""Table""" ("Col 'umn" int PRIMARY KEY, "a""b" int, "back\slash" int, "select" int, "ä€𝄞" int, "$1" int, "a;b --" int, "123456789012345678901234567890123456789012345678901234567890123" int);
CREATE TABLE "Imp ""Odd"" ä"."123456789012345678901234567890123456789012345678901234567890123" (a int);
CREATE TABLE "Imp ""Odd"" ä"."ääääääääääääääääääääääääääääääa" (a int);
CREATE TABLE "Imp ""Odd"" ä"."select" ("from" int);
CREATE TABLE "Imp ""Odd"" ä"."{a,b}" (a int);
CREATE TABLE "Imp ""Odd"" ä"."NULL" (a int);
CREATE TABLE "Imp ""Odd"" ä"."back\slash" (a int);
CREATE TYPE "Imp ""Odd"" ä"."My ""Type"" ä" AS ENUM ('x');
CREATE TABLE "Imp ""Odd"" ä"."Odd Type" (a "Imp ""Odd"" ä"."My ""Type"" ä", b "Imp ""Odd"" ä"."My ""Type"" ä"[]);
INSERT INTO "Imp ""Odd"" ä"."Quoted ""Table""" VALUES (1, 2, 3, 4, 5, 6, 7, 8);
INSERT INTO "Imp ""Odd"" ä"."Odd Type" VALUES ('x', '{x}');
SELECT format('CREATE TABLE "Imp ""Odd"" ä".%I (a int)', E'new\nline') \gexec
SELECT format('CREATE TABLE "Imp ""Odd"" ä".control (%I int)', E'tab\there') \gexec

-- Here
\c :local
SET client_min_messages = warning;
CREATE SCHEMA imp_citext;
CREATE EXTENSION citext SCHEMA imp_citext;
CREATE SCHEMA imp_local;
CREATE VIEW imp_tables AS
  SELECT c.oid::regclass AS "table", ftoptions AS options FROM pg_foreign_table f JOIN pg_class c ON c.oid = ftrelid
  WHERE c.relnamespace::regnamespace::text ILIKE '%imp%' ORDER BY c.relname COLLATE "C";
CREATE VIEW imp_columns AS
  SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
    concat_ws(', ', CASE WHEN attnotnull THEN 'not null' END, 'collate ' || nullif(co.collname, 'default'),
      CASE attgenerated WHEN 's' THEN 'generated' WHEN '' THEN 'default' END || ' ' || pg_get_expr(adbin, adrelid)) AS properties,
    attfdwoptions AS options
  FROM pg_foreign_table f JOIN pg_class c ON c.oid = ftrelid JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0
  LEFT JOIN pg_collation co ON co.oid = attcollation LEFT JOIN pg_attrdef d ON adrelid = c.oid AND adnum = attnum
  WHERE c.relnamespace::regnamespace::text ILIKE '%imp%' ORDER BY c.relname COLLATE "C", attnum;
CREATE VIEW imp_types AS
  SELECT t.oid::regtype AS type, typtype AS kind, typnotnull AS "not null", co.collname AS "collation",
    coalesce(format_type(nullif(typbasetype, 0), typtypmod),
      (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
      (SELECT string_agg(concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod), nullif(c.collname, 'default')), ', ' ORDER BY attnum)
       FROM pg_attribute LEFT JOIN pg_collation c ON c.oid = attcollation WHERE attrelid = typrelid)) AS made_of
  FROM pg_type t LEFT JOIN pg_collation co ON co.oid = typcollation AND typcollation <> 100
  WHERE typnamespace::regnamespace::text = 'imp_local' AND typtype IN ('d', 'e', 'c', 'r') AND (typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c')
  ORDER BY typname COLLATE "C";
CREATE FUNCTION imp_requests(log text) RETURNS bigint LANGUAGE sql AS
  $$ SELECT count(*) FROM pg_sleep(0.3), regexp_split_to_table(pg_read_file(log), '\n') $$;

-- Mistakes
IMPORT FOREIGN SCHEMA imp FROM SERVER neon INTO imp_local OPTIONS (import_defaults 'true');
IMPORT FOREIGN SCHEMA imp FROM SERVER neon INTO imp_local OPTIONS (host 'x');
IMPORT FOREIGN SCHEMA imp FROM SERVER neon INTO imp_local OPTIONS (foo 'x');
IMPORT FOREIGN SCHEMA imp FROM SERVER neon INTO imp_local OPTIONS (import_default 'perhaps');
IMPORT FOREIGN SCHEMA no_such_schema FROM SERVER neon INTO imp_local;
IMPORT FOREIGN SCHEMA "IMP" FROM SERVER neon INTO imp_local;
IMPORT FOREIGN SCHEMA imp LIMIT TO (keyed, no_such_table) FROM SERVER neon INTO imp_local;
DROP FOREIGN TABLE imp_local.keyed;

-- Everything, in one request
SELECT imp_requests(:'log') AS before \gset
IMPORT FOREIGN SCHEMA imp FROM SERVER neon INTO imp_local;
SELECT imp_requests(:'log') - :before AS requests;
SELECT * FROM imp_tables;
SELECT * FROM imp_columns;
SELECT * FROM imp_types;
SELECT * FROM imp_local.user_types;
SELECT (pe).homes[1].street, (pe).homes[1].m FROM imp_local.user_types;
SELECT id FROM imp_local.user_types WHERE m = 'sad' AND 'back\slash' = ANY (ms);
SELECT * FROM imp_local.parted;
SELECT * FROM imp_local.a_view;

-- A second time is an error, which leaves nothing behind
DROP FOREIGN TABLE imp_local.builtin;
\set VERBOSITY terse
IMPORT FOREIGN SCHEMA imp LIMIT TO (builtin, keyed) FROM SERVER neon INTO imp_local;
\set VERBOSITY default
SELECT to_regclass('imp_local.builtin');
DROP SCHEMA imp_local CASCADE;
CREATE SCHEMA imp_local;
CREATE FOREIGN TABLE imp_local.user_types () SERVER neon;
\set VERBOSITY terse
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types) FROM SERVER neon INTO imp_local;
\set VERBOSITY default
SELECT count(*) FROM imp_types;
DROP FOREIGN TABLE imp_local.user_types;

-- LIMIT TO and EXCEPT; partitions only by name
IMPORT FOREIGN SCHEMA imp LIMIT TO (parted_2025, keyed) FROM SERVER neon INTO imp_local;
SELECT * FROM imp_tables;
SELECT * FROM imp_local.parted_2025;
-- the type of a table that is here already
IMPORT FOREIGN SCHEMA imp LIMIT TO (row_type) FROM SERVER neon INTO imp_local;
SELECT * FROM imp_columns WHERE relname = 'row_type';
DROP SCHEMA imp_local CASCADE;
CREATE SCHEMA imp_local;
IMPORT FOREIGN SCHEMA imp EXCEPT (a_view, expressions, user_types, range_type, extension_missing, own_collation, row_type) FROM SERVER neon INTO imp_local;
SELECT "table" FROM imp_tables;
SELECT * FROM imp_types;
DROP SCHEMA imp_local CASCADE;

-- The options
CREATE SCHEMA imp_local;
IMPORT FOREIGN SCHEMA imp LIMIT TO (expressions, collated, own_collation) FROM SERVER neon INTO imp_local
  OPTIONS (import_default 'true', import_collate 'false', import_generated 'false', import_not_null 'false');
SELECT * FROM imp_columns;
SELECT * FROM imp_types;
DROP SCHEMA imp_local CASCADE;

-- Types that are here already
CREATE SCHEMA imp_local;
CREATE TYPE imp_local.mood AS ENUM ('sad', 'between', 'it''s ok', 'back\slash', 'ä "quoted"', '');
CREATE DOMAIN imp_local.posint AS bigint;
CREATE TYPE imp_local.address AS (street text);
CREATE TYPE imp_local."My Mood" AS (a int);
CREATE TYPE imp_local.floatrange AS RANGE (subtype = float8);
IMPORT FOREIGN SCHEMA imp LIMIT TO (range_type, user_types, a_view) FROM SERVER neon INTO imp_local;
DROP TYPE imp_local."My Mood";
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types) FROM SERVER neon INTO imp_local;
DROP DOMAIN imp_local.posint;
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types) FROM SERVER neon INTO imp_local;
DROP TYPE imp_local.address;
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types) FROM SERVER neon INTO imp_local;
SELECT "table" FROM imp_tables;
SELECT * FROM imp_types;
SELECT * FROM imp_local.range_type;
DROP FOREIGN TABLE imp_local.a_view, imp_local.user_types;
-- all of them
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types) FROM SERVER neon INTO imp_local;
DROP FOREIGN TABLE imp_local.user_types;
ALTER TYPE imp_local.mood ADD VALUE 'another';
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types, a_view) FROM SERVER neon INTO imp_local;
DROP SCHEMA imp_local CASCADE;
CREATE SCHEMA imp_local;
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types, keyed) FROM SERVER neon INTO imp_local OPTIONS (import_types 'off');
SELECT "table" FROM imp_tables;
DROP SCHEMA imp_local CASCADE;
-- names that meet in one schema
CREATE SCHEMA imp_local;
IMPORT FOREIGN SCHEMA imp_other FROM SERVER neon INTO imp_local;
SELECT * FROM imp_columns;
DROP SCHEMA imp_local CASCADE;

-- Odd names
CREATE SCHEMA "Imp ""Local"" ä";
\set VERBOSITY terse
IMPORT FOREIGN SCHEMA "Imp ""Odd"" ä" FROM SERVER neon INTO "Imp ""Local"" ä";
\set VERBOSITY default
SELECT * FROM imp_tables;
SELECT * FROM imp_columns;
SELECT * FROM "Imp ""Local"" ä"."Quoted ""Table""";
SELECT * FROM "Imp ""Local"" ä"."Odd Type" WHERE a = 'x';
DROP SCHEMA "Imp ""Local"" ä" CASCADE;
CREATE SCHEMA "Imp ""Local"" ä";
IMPORT FOREIGN SCHEMA "Imp ""Odd"" ä" LIMIT TO ("{a,b}", "NULL", "back\slash", "select", "ääääääääääääääääääääääääääääääa") FROM SERVER neon INTO "Imp ""Local"" ä";
SELECT "table" FROM imp_tables;

-- Catalogs: what has pseudo-types is left out
CREATE SCHEMA imp_local;
IMPORT FOREIGN SCHEMA pg_catalog LIMIT TO (pg_class, pg_stats) FROM SERVER neon INTO imp_local;
SELECT relname, relkind FROM imp_local.pg_class WHERE relname = 'user_types';
SET client_min_messages = error;
IMPORT FOREIGN SCHEMA information_schema FROM SERVER neon INTO imp_local;
IMPORT FOREIGN SCHEMA pg_catalog EXCEPT (pg_class) FROM SERVER neon INTO imp_local;
SET client_min_messages = warning;
SELECT count(*) > 150 AS many FROM imp_tables;
SELECT table_name FROM imp_local.tables WHERE table_schema = 'imp_other' ORDER BY 1;

-- As a normal user, who then owns what is created
DROP SCHEMA imp_local CASCADE;
CREATE ROLE regress_neon_importer;
CREATE SCHEMA imp_local;
GRANT ALL ON SCHEMA imp_local TO regress_neon_importer;
GRANT USAGE ON FOREIGN SERVER neon TO regress_neon_importer;
CREATE USER MAPPING FOR regress_neon_importer SERVER neon OPTIONS (user :'user', password :'password');
SET ROLE regress_neon_importer;
SET search_path = imp_local;
IMPORT FOREIGN SCHEMA imp LIMIT TO (user_types, builtin) FROM SERVER neon INTO imp_local;
SELECT id, m, p FROM user_types;
RESET search_path;
RESET ROLE;
SELECT DISTINCT typowner::regrole FROM pg_type WHERE typnamespace = 'imp_local'::regnamespace;

DROP USER MAPPING FOR regress_neon_importer SERVER neon;
DROP OWNED BY regress_neon_importer;
DROP ROLE regress_neon_importer;
DROP SCHEMA imp_local, "Imp ""Local"" ä" CASCADE;
DROP VIEW imp_tables, imp_columns, imp_types;
DROP FUNCTION imp_requests;
DROP EXTENSION citext;
DROP SCHEMA imp_citext;
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA imp, imp_other, "Imp ""Odd"" ä", imp_ext CASCADE;
DROP FOREIGN DATA WRAPPER imp_fdw CASCADE;
