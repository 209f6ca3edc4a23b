--
-- Tables that do not fit into one reply of the endpoint (10 MiB here)
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = error;
DROP SCHEMA IF EXISTS pieces CASCADE;
CREATE SCHEMA pieces;
SET search_path = pieces;
CREATE TABLE long (id int, pad text);
INSERT INTO long SELECT g, md5(g::text) || md5((g + 1)::text) FROM generate_series(1, 200000) g;
DELETE FROM long WHERE id BETWEEN 20000 AND 60000;
-- a few rows of a megabyte on one page
CREATE TABLE wide (id int, pad text);
INSERT INTO wide SELECT g, repeat(chr(64 + g), 1000000) FROM generate_series(1, 25) g;
CREATE TABLE huge (id int, pad text);
INSERT INTO huge SELECT g, repeat('x', 11000000) FROM generate_series(1, 2) g;
CREATE TABLE parted (id int, pad text) PARTITION BY RANGE (id);
CREATE TABLE parted1 PARTITION OF parted FOR VALUES FROM (0) TO (150000);
CREATE TABLE parted2 PARTITION OF parted FOR VALUES FROM (150000) TO (300000);
INSERT INTO parted SELECT * FROM long;
CREATE VIEW seen AS SELECT * FROM long;
CREATE MATERIALIZED VIEW matted AS SELECT * FROM long;
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS pieces CASCADE;
CREATE SCHEMA pieces;
IMPORT FOREIGN SCHEMA pieces FROM SERVER neon INTO pieces;
SET search_path = pieces;

CREATE FUNCTION requests() RETURNS bigint LANGUAGE sql AS
  $$ SELECT count(*) FROM regexp_split_to_table(pg_read_file(current_setting('test.log')), '\n') l WHERE l <> '' $$;
SELECT set_config('test.log', :'log', false) IS NOT NULL AS ok;

-- All rows once; the plain query and one with a condition on either side
CREATE TABLE copy AS SELECT * FROM long;
SELECT count(*), count(DISTINCT id), min(id), max(id), sum(length(pad)) FROM copy;
SELECT count(*), sum(id), sum(length(pad)) FROM long WHERE id > 100 AND random() >= 0;
SELECT count(*), sum(id), sum(length(pad)) FROM parted WHERE random() >= 0;
SELECT count(*), sum(id), sum(length(pad)) FROM matted WHERE random() >= 0;
SELECT count(*), sum(id), count(DISTINCT pad) FROM (SELECT id, pad FROM wide WHERE random() >= 0) x;

-- How many requests: about as many as the limit asks for
SELECT requests() AS before \gset
CREATE TABLE copy2 AS SELECT * FROM long;
SELECT requests() - :before BETWEEN 4 AND 10 AS few;

-- However many are in flight meanwhile: a server's word, and a table's
SET client_min_messages = error;
ALTER SERVER neon OPTIONS (ADD fetch_ahead '0');
SELECT count(*), sum(id), sum(length(pad)) FROM long WHERE id > 100 AND random() >= 0;
SELECT count(*), sum(id), count(DISTINCT pad) FROM (SELECT id, pad FROM wide WHERE random() >= 0) x;
ALTER SERVER neon OPTIONS (SET fetch_ahead '8');
SELECT count(*), sum(id), sum(length(pad)) FROM long WHERE id > 100 AND random() >= 0;
SELECT count(*), sum(id), sum(length(pad)) FROM parted WHERE random() >= 0;
SELECT count(*), sum(id), count(DISTINCT pad) FROM (SELECT id, pad FROM wide WHERE random() >= 0) x;
SELECT count(*) FROM (SELECT id, pad FROM long WHERE random() >= 0 LIMIT 70000) x;
ALTER FOREIGN TABLE long OPTIONS (ADD fetch_ahead '0');
CREATE FUNCTION explain_requests(query text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || query INTO plan;
  RETURN plan #> '{0,Plan,Plans,0,Requests}';
END $$;
-- known to be too large by now: one request for the number of pages, no refusal
SELECT explain_requests('SELECT id, pad FROM long WHERE random() >= 0 LIMIT 10000');
ALTER FOREIGN TABLE long OPTIONS (SET fetch_ahead '2');
SELECT explain_requests('SELECT id, pad FROM long WHERE random() >= 0 LIMIT 10000');
ALTER FOREIGN TABLE long OPTIONS (SET fetch_ahead '9');
ALTER FOREIGN TABLE long OPTIONS (DROP fetch_ahead);
ALTER SERVER neon OPTIONS (DROP fetch_ahead);
SET client_min_messages = warning;

-- One warning per statement
DO $$ BEGIN PERFORM id, pad FROM long WHERE random() >= 0; PERFORM id, pad FROM parted WHERE random() >= 0; END $$;

-- Ends early
SELECT requests() AS before \gset
SELECT length(pad) FROM long WHERE random() >= 0 LIMIT 1;
SELECT requests() - :before < 6 AS few;

-- A row that alone is larger than the limit: it comes, alone
SELECT sum(length(pad)) FROM huge WHERE random() >= 0;

-- What cannot be divided
\set VERBOSITY sqlstate
SELECT sum(length(pad)) FROM seen WHERE random() >= 0;
SELECT id, pad FROM long ORDER BY pad, id;
ALTER SERVER neon OPTIONS (ADD consistent_reads 'strict');
SELECT sum(length(pad)) FROM long WHERE random() >= 0;
ALTER SERVER neon OPTIONS (SET consistent_reads 'loose');
ALTER SERVER neon OPTIONS (DROP consistent_reads);

DROP SCHEMA pieces CASCADE;
\c :remote
SET client_min_messages = error;
DROP SCHEMA pieces CASCADE;
