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

CREATE FUNCTION neon_http_analyze(schema name, OUT table_name name,
  OUT status text, OUT estimated_rows bigint, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION neon_http_analyze(name) IS
  'runs ANALYZE for the foreign tables of a schema, by few requests';

CREATE FUNCTION neon_http_spill_prune(server name,
  older_than interval DEFAULT '1 day')
RETURNS bigint
AS 'MODULE_PATHNAME'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

REVOKE ALL ON FUNCTION neon_http_spill_prune(name, interval) FROM PUBLIC;

COMMENT ON FUNCTION neon_http_spill_prune(name, interval) IS
  'drops tables in which results were kept on a server and that are left over';

COMMENT ON FUNCTION neon_http_session_stats() IS
  'what this session sent to each server, and what became of it';

-- It showed what neon_http_session_stats() shows.
DROP VIEW neon_http_stats;

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
