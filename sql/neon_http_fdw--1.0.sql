/* sql/neon_http_fdw--1.0.sql */

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
