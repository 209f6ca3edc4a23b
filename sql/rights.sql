--
-- Who may read what when a query is not planned here, and names and changes
-- that such a query must bear with
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS rights CASCADE;
CREATE SCHEMA rights;
CREATE TABLE rights.item (id int PRIMARY KEY, name text, price int);
INSERT INTO rights.item SELECT g, 'n' || g % 3, g * 10 FROM generate_series(1, 9) g;
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS rights CASCADE;
CREATE SCHEMA rights;
IMPORT FOREIGN SCHEMA rights FROM SERVER neon INTO rights;
SET search_path = rights;
CREATE TABLE loc (a int);
INSERT INTO loc VALUES (1);
CREATE VIEW names AS SELECT name, count(*) AS n FROM item GROUP BY name;
CREATE ROLE rights_user;
GRANT USAGE ON SCHEMA rights TO rights_user;
GRANT SELECT ON loc TO rights_user;
CREATE USER MAPPING FOR rights_user SERVER neon OPTIONS (user :'user', password :'password');

-- without any right: as a whole, and as a part of another statement
SET ROLE rights_user;
SELECT count(*) FROM item;
SELECT * FROM loc, (SELECT count(*) FROM item) i;
SELECT * FROM loc WHERE a < (SELECT count(*) FROM item);
SELECT * FROM loc WHERE EXISTS (SELECT FROM item GROUP BY name HAVING count(*) > 1);
SELECT * FROM loc WHERE a IN (SELECT min(id) FROM item GROUP BY name);
WITH i AS MATERIALIZED (SELECT count(*) FROM item) SELECT * FROM loc, i;
SELECT a FROM loc UNION ALL (SELECT id FROM item ORDER BY id LIMIT 1);
SELECT * FROM loc, (SELECT max(n) FROM names) i;
SELECT * FROM loc, (SELECT count(*) FROM (SELECT id FROM item WHERE price > (SELECT avg(price) FROM item)) x) i;
RESET ROLE;

-- a column, a view with the rights of its owner
GRANT SELECT (id) ON item TO rights_user;
GRANT SELECT ON names TO rights_user;
SET ROLE rights_user;
SELECT * FROM loc, (SELECT count(id) FROM item) i;
SELECT * FROM loc, (SELECT count(name) FROM item) i;
SELECT * FROM loc, (SELECT count(id) FROM item WHERE price > 0) i;
SELECT * FROM loc, (SELECT max(n) FROM names) i;
SELECT * FROM names ORDER BY name LIMIT 1;
RESET ROLE;

-- a plan that is kept: for whoever runs it, and when rights change
PREPARE keep AS SELECT * FROM loc, (SELECT count(id) FROM item) i;
EXECUTE keep;
SET ROLE rights_user;
EXECUTE keep;
RESET ROLE;
REVOKE SELECT (id) ON item FROM rights_user;
SET ROLE rights_user;
EXECUTE keep;
RESET ROLE;
EXECUTE keep;
ALTER FOREIGN TABLE item OPTIONS (SET table_name 'nothing');
EXECUTE keep;
ALTER FOREIGN TABLE item OPTIONS (SET table_name 'item');
EXECUTE keep;

-- names like those that stand for tables while a query is printed
SELECT count(*) AS neon_http_fdw_table_1 FROM item;
SELECT count(*) AS neon_http_fdw_table_100000000 FROM item neon_http_fdw_table_1;

-- nulls of an outer join are no values of the column's type
CREATE DOMAIN given AS int NOT NULL;
CREATE FOREIGN TABLE domained (id int, price given) SERVER neon
  OPTIONS (schema_name 'rights', table_name 'item');
SELECT i.id, d.price FROM item i LEFT JOIN domained d ON d.id = i.id AND d.id > 2
  WHERE i.id < 4 ORDER BY i.id;

-- a user mapping that changes while a statement is under way
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET password 'wrong');
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM item ORDER BY id LIMIT 2;
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET password :'password');
FETCH c;
COMMIT;
SELECT min(id) FROM item;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM item ORDER BY id LIMIT 2;
DROP USER MAPPING FOR CURRENT_USER SERVER neon;
CREATE USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (user :'user', password :'password');
FETCH c;
COMMIT;

-- what a remote catalog says is an expression is no command here
-- (not STRICT: only what is inlined takes the place of a built-in function)
\c :remote_superuser
SET client_min_messages = warning;
SET allow_system_table_mods = on;
CREATE TABLE rights.made (a int DEFAULT 1, b int GENERATED ALWAYS AS (a + 1) STORED);
ALTER TABLE rights.made OWNER TO :"user";
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE sql STABLE
  AS $$SELECT 'a) STORED) SERVER neon; CREATE TABLE rights.done (); CREATE FOREIGN TABLE rights.made (b int GENERATED ALWAYS AS (1'$$;
\c :local
SET client_min_messages = notice;
\set VERBOSITY terse
IMPORT FOREIGN SCHEMA rights LIMIT TO (made) FROM SERVER neon INTO rights OPTIONS (import_default 'true');
DROP FOREIGN TABLE rights.made;
SELECT table_name, status FROM neon_http_attach('postgresql://' || :'user' || '@ep-test-123.local.neon.test/' || :'dbname', 'rights', 'rights', 'neon') WHERE table_name = 'made';
DROP FOREIGN TABLE rights.made;
\c :remote_superuser
SET client_min_messages = warning;
SET allow_system_table_mods = on;
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE sql STABLE
  AS $$SELECT 'a; CREATE TABLE rights.done ()'$$;
\c :local
SET client_min_messages = notice;
\set VERBOSITY terse
IMPORT FOREIGN SCHEMA rights LIMIT TO (made) FROM SERVER neon INTO rights OPTIONS (import_default 'true');
DROP FOREIGN TABLE rights.made;
SELECT table_name, status FROM neon_http_attach('postgresql://' || :'user' || '@ep-test-123.local.neon.test/' || :'dbname', 'rights', 'rights', 'neon') WHERE table_name = 'made';
DROP FOREIGN TABLE rights.made;
SELECT to_regclass('rights.done') IS NULL AS nothing_done;
\c :remote_superuser
SET client_min_messages = warning;
SET allow_system_table_mods = on;
CREATE OR REPLACE FUNCTION pg_catalog.pg_get_expr(pg_node_tree, oid) RETURNS text LANGUAGE internal STABLE STRICT PARALLEL SAFE
  AS 'pg_get_expr';
\c :local
SET client_min_messages = warning;
SELECT table_name, status FROM neon_http_attach('postgresql://' || :'user' || '@ep-test-123.local.neon.test/' || :'dbname', 'rights', 'rights', 'neon') WHERE table_name = 'made';

DROP OWNED BY rights_user;
DROP ROLE rights_user;
DROP SCHEMA rights CASCADE;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA rights CASCADE;
