/* sql/neon_http_fdw--1.0--1.1.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION neon_http_fdw UPDATE TO '1.1'" to load this file. \quit

-- neon_http_attach() has two more parameters, "replace" and "preload".
DROP FUNCTION neon_http_attach(text, name, name, name, text[]);

CREATE FUNCTION neon_http_attach(url text DEFAULT NULL,
  local_schema name DEFAULT NULL, remote_schema name DEFAULT 'public', server name DEFAULT NULL,
  options text[] DEFAULT NULL, replace boolean DEFAULT false,
  preload boolean DEFAULT false,
  OUT table_name name, OUT status text, OUT estimated_rows bigint,
  OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION neon_http_attach(text, name, name, name, text[], boolean,
  boolean) IS
  'imports the tables of a Neon database, or brings them up to date';

CREATE FUNCTION neon_http_spill_prune(server name,
  older_than interval DEFAULT '1 day')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION neon_http_spill_prune(name, interval) FROM PUBLIC;

COMMENT ON FUNCTION neon_http_spill_prune(name, interval) IS
  'drops tables in which results were kept on a server and that are left over';
