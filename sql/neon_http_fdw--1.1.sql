/* sql/neon_http_fdw--1.1.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION neon_http_fdw" to load this file. \quit

CREATE FUNCTION neon_http_fdw_handler()
RETURNS fdw_handler
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

CREATE FUNCTION neon_http_fdw_validator(text[], oid)
RETURNS void
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT;

CREATE FOREIGN DATA WRAPPER neon_http_fdw
  HANDLER neon_http_fdw_handler
  VALIDATOR neon_http_fdw_validator;

--
-- From a connection string to foreign tables, and back.  They do nothing that
-- the caller could not do by commands, so everybody may execute them.
--
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

CREATE FUNCTION neon_http_detach(server name, "cascade" boolean DEFAULT false)
RETURNS integer
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION neon_http_detach(name, boolean) IS
  'drops a server with its foreign tables and user mappings';

CREATE FUNCTION neon_http_analyze(schema name, OUT table_name name,
  OUT status text, OUT estimated_rows bigint, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION neon_http_analyze(name) IS
  'runs ANALYZE for the foreign tables of a schema, by few requests';

--
-- Connections of this session.  All check USAGE on the server themselves.
--
CREATE FUNCTION neon_http_ping(server name,
  OUT phase text, OUT ok boolean, OUT ms double precision, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION neon_http_ping(name) IS
  'connects to a server and tells how each step went';

CREATE FUNCTION neon_http_connections(
  OUT server_name name, OUT user_name name, OUT http_version text,
  OUT tls_version text, OUT requests bigint, OUT connects bigint,
  OUT reused bigint, OUT bytes_sent bigint, OUT bytes_received bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION neon_http_connections() IS
  'connections that this session keeps';

CREATE FUNCTION neon_http_disconnect(server name)
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION neon_http_disconnect(name) IS
  'closes this session''s connections to a server';

CREATE FUNCTION neon_http_disconnect_all()
RETURNS boolean
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION neon_http_disconnect_all() IS
  'closes all connections of this session';

CREATE FUNCTION neon_http_session_stats(
  OUT server_name name, OUT requests bigint, OUT retries bigint,
  OUT errors bigint, OUT errors_by_class jsonb, OUT connects bigint,
  OUT reused bigint, OUT bytes_sent bigint, OUT bytes_received bigint,
  OUT wait_p50_ms double precision, OUT wait_p95_ms double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

COMMENT ON FUNCTION neon_http_session_stats() IS
  'what this session sent to each server, and what became of it';

--
-- What all sessions do and have done, if the library is in
-- shared_preload_libraries; else what this one does, as column "scope" says.
-- Each shows the rows of others to members of pg_read_all_stats only.
--
CREATE FUNCTION neon_http_activity(
  OUT pid integer, OUT database_name name, OUT session_user_name name,
  OUT server_name name, OUT user_name name, OUT kind text, OUT phase text,
  OUT attempt integer, OUT bytes_sent bigint, OUT rows_sent bigint,
  OUT bytes_received bigint, OUT rows_received bigint, OUT piece integer,
  OUT pieces_expected integer, OUT request_id text,
  OUT request_start timestamptz, OUT phase_start timestamptz,
  OUT scope text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

CREATE VIEW neon_http_activity AS SELECT * FROM neon_http_activity();
GRANT SELECT ON neon_http_activity TO PUBLIC;

COMMENT ON VIEW neon_http_activity IS
  'requests that are under way';

CREATE FUNCTION neon_http_stats(
  OUT database_name name, OUT server_name name, OUT user_name name,
  OUT requests bigint, OUT reads bigint, OUT rehearsals bigint,
  OUT commits bigint, OUT catalog_requests bigint, OUT other_requests bigint,
  OUT unsent bigint, OUT incomplete bigint,
  OUT retries bigint, OUT retries_by_reason jsonb,
  OUT errors bigint, OUT errors_by_class jsonb,
  OUT serialization_failures bigint, OUT unknown_outcomes bigint,
  OUT rows_sent bigint, OUT rows_received bigint,
  OUT bytes_sent bigint, OUT bytes_received bigint,
  OUT connects bigint, OUT reused bigint,
  OUT pieces bigint, OUT spills bigint, OUT spilled_rows bigint,
  OUT wait_total_ms double precision, OUT wait_max_ms double precision,
  OUT wait_p50_ms double precision, OUT wait_p95_ms double precision,
  OUT wait_p99_ms double precision,
  OUT stats_since timestamptz, OUT scope text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

CREATE VIEW neon_http_stats AS SELECT * FROM neon_http_stats();
GRANT SELECT ON neon_http_stats TO PUBLIC;

COMMENT ON VIEW neon_http_stats IS
  'what was sent to each server for each user, and what became of it';

CREATE FUNCTION neon_http_latency(
  OUT database_name name, OUT server_name name, OUT user_name name,
  OUT le_ms double precision, OUT requests bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

CREATE VIEW neon_http_latency AS SELECT * FROM neon_http_latency();
GRANT SELECT ON neon_http_latency TO PUBLIC;

COMMENT ON VIEW neon_http_latency IS
  'requests whose replies began within so many milliseconds';

CREATE FUNCTION neon_http_stats_info(
  OUT scope text, OUT stats_reset timestamptz, OUT evicted bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;

CREATE VIEW neon_http_stats_info AS SELECT * FROM neon_http_stats_info();
GRANT SELECT ON neon_http_stats_info TO PUBLIC;

COMMENT ON VIEW neon_http_stats_info IS
  'whether statistics are those of all sessions, and since when';

CREATE FUNCTION neon_http_stats_reset(server name DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION neon_http_stats_reset(name) FROM PUBLIC;

COMMENT ON FUNCTION neon_http_stats_reset(name) IS
  'forgets the statistics of a server, or all';

--
-- The commit ledger of a server (option commit_ledger).  Both act at once,
-- and check USAGE on the server themselves.
--
CREATE FUNCTION neon_http_ledger_create(server name)
RETURNS void
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION neon_http_ledger_create(name) FROM PUBLIC;

COMMENT ON FUNCTION neon_http_ledger_create(name) IS
  'creates the remote table that option commit_ledger of a server names';

CREATE FUNCTION neon_http_ledger_prune(server name,
  older_than interval DEFAULT '7 days')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION neon_http_ledger_prune(name, interval) FROM PUBLIC;

COMMENT ON FUNCTION neon_http_ledger_prune(name, interval) IS
  'deletes old entries from the commit ledger of a server';

--
-- SQL of the user's own.  They check USAGE on the server themselves; who may
-- execute them at all is for the owner of the database to say, for what is
-- sent is not limited to the foreign tables that were granted.
--
CREATE FUNCTION neon_http_exec(server name, sql text)
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION neon_http_exec(server name, sql text, VARIADIC params text[])
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION neon_http_exec(server name, sql text, transaction boolean,
  params text[] DEFAULT '{}')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION neon_http_query(server name, sql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION neon_http_query(server name, sql text, VARIADIC params text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

CREATE FUNCTION neon_http_batch(server name, statements text[],
  isolation text DEFAULT NULL, read_only boolean DEFAULT false,
  "deferrable" boolean DEFAULT false)
RETURNS SETOF jsonb
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

REVOKE EXECUTE ON FUNCTION neon_http_exec(name, text),
  neon_http_exec(name, text, text[]),
  neon_http_exec(name, text, boolean, text[]),
  neon_http_query(name, text),
  neon_http_query(name, text, text[]),
  neon_http_batch(name, text[], text, boolean, boolean) FROM PUBLIC;

COMMENT ON FUNCTION neon_http_exec(name, text) IS
  'runs a statement on the remote server, returns its row count';
COMMENT ON FUNCTION neon_http_exec(name, text, text[]) IS
  'runs a statement on the remote server, returns its row count';
COMMENT ON FUNCTION neon_http_exec(name, text, boolean, text[]) IS
  'runs a statement on the remote server, in a transaction or without one';
COMMENT ON FUNCTION neon_http_query(name, text) IS
  'runs a query on the remote server';
COMMENT ON FUNCTION neon_http_query(name, text, text[]) IS
  'runs a query on the remote server';
COMMENT ON FUNCTION neon_http_batch(name, text[], text, boolean, boolean) IS
  'runs statements on the remote server in one transaction of their own';

CREATE FUNCTION neon_http_spill_prune(server name,
  older_than interval DEFAULT '1 day')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION neon_http_spill_prune(name, interval) FROM PUBLIC;

COMMENT ON FUNCTION neon_http_spill_prune(name, interval) IS
  'drops tables in which results were kept on a server and that are left over';
