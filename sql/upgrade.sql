--
-- ALTER EXTENSION ... UPDATE makes the same objects as CREATE EXTENSION
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :local
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regress_neon_upgrade;
CREATE DATABASE regress_neon_upgrade TEMPLATE template0;
\set upgrade 'host=' :HOST ' port=' :PORT ' dbname=regress_neon_upgrade user=' :USER
\c :upgrade
SET client_min_messages = warning;

CREATE VIEW members AS
  SELECT pg_describe_object(classid, objid, 0) AS object, coalesce(pg_get_functiondef(p.oid), pg_get_viewdef(c.oid)) AS definition,
    coalesce(proacl, relacl)::text AS acl, obj_description(objid, classid::regclass::name) AS comment
  FROM pg_depend d LEFT JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
    LEFT JOIN pg_class c ON c.oid = objid AND classid = 'pg_class'::regclass
  WHERE deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'neon_http_fdw');

CREATE EXTENSION neon_http_fdw;
CREATE TABLE fresh AS SELECT * FROM members;
SELECT extversion FROM pg_extension WHERE extname = 'neon_http_fdw';
SELECT count(*) > 10 AS many FROM fresh;
DROP EXTENSION neon_http_fdw;

-- from every version there is
SELECT format('CREATE EXTENSION neon_http_fdw VERSION %L; ALTER EXTENSION neon_http_fdw UPDATE; '
  'TABLE members EXCEPT TABLE fresh; TABLE fresh EXCEPT TABLE members; DROP EXTENSION neon_http_fdw', version)
FROM pg_available_extension_versions WHERE name = 'neon_http_fdw' ORDER BY version \gexec

-- the library serves the functions of older versions
CREATE EXTENSION neon_http_fdw VERSION '1.0';
SELECT neon_http_attach('no connection string', NULL, NULL, NULL, NULL);
-- (terse, as 19 says something else about the cause)
\set VERBOSITY terse
SELECT neon_http_attach('no connection string', NULL, NULL, NULL, NULL, false);
\set VERBOSITY default
DROP EXTENSION neon_http_fdw;

\c :local
DROP DATABASE regress_neon_upgrade;
