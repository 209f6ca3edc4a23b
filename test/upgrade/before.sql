--
-- What a database holds that pg_upgrade and pg_restore are to carry over: it is
-- run by test/upgrade/run, before, in a database that has nothing yet.
--
SET client_min_messages = warning;
:stack_sql;
ALTER SERVER neon OPTIONS (ADD fdw_tuple_cost '0.25', ADD read_checks 'commit');
CREATE SERVER odd TYPE 'neon' VERSION '1' FOREIGN DATA WRAPPER neon_http_fdw
  OPTIONS (host 'ep-test-123.local.neon.test', url :'url', sslrootcert :'ca', dbname :'dbname');
COMMENT ON SERVER odd IS 'it''s "odd"';
CREATE ROLE :"reader";
CREATE USER MAPPING FOR :"reader" SERVER odd OPTIONS (user 'alex', password 'AbC123');
CREATE USER MAPPING FOR public SERVER odd OPTIONS (user :'user', password :'password');
GRANT USAGE ON FOREIGN SERVER neon TO :"reader" WITH GRANT OPTION;
GRANT USAGE ON FOREIGN DATA WRAPPER neon_http_fdw TO :"reader";

-- on the remote
SELECT neon_http_exec('neon', statement, transaction => false) FROM unnest(ARRAY[
  'DROP SCHEMA IF EXISTS carried CASCADE', 'CREATE SCHEMA carried',
  'CREATE TYPE carried.mood AS ENUM (''sad'', ''happy'')',
  'CREATE TABLE carried.kept (id int PRIMARY KEY, "Odd name" text, m carried.mood, n numeric(9,2), at timestamptz DEFAULT now(), '
    'twice int GENERATED ALWAYS AS (id * 2) STORED)',
  'INSERT INTO carried.kept SELECT g, ''row '' || g, ''happy'', g / 3.0, timestamptz ''2026-01-01 00:00+00'' FROM generate_series(1, 1000) g',
  'CREATE TABLE carried.written (id int PRIMARY KEY, txt text)']) AS statement;

-- tables by each way that makes them
IMPORT FOREIGN SCHEMA public FROM SERVER neon INTO public;
SELECT table_name, status FROM neon_http_attach(:'conn', 'attached', 'carried', 'carried', ARRAY['url=' || :'url', 'sslrootcert=' || :'ca'],
  preload => true);
CREATE FOREIGN TABLE by_hand (key int OPTIONS (column_name 'id') NOT NULL, words varchar(20) OPTIONS (column_name 'Odd name'),
  mood text OPTIONS (column_name 'm', type_name 'carried.mood'), CHECK (key > 0))
  SERVER odd OPTIONS (schema_name 'carried', table_name 'kept', use_remote_estimate 'true');
ALTER FOREIGN TABLE by_hand ALTER words SET STATISTICS 33;
CREATE TABLE parted (id int, txt text) PARTITION BY RANGE (id);
CREATE TABLE parted_here PARTITION OF parted FOR VALUES FROM (-1000) TO (0);
CREATE FOREIGN TABLE parted_there PARTITION OF parted FOR VALUES FROM (0) TO (100000) SERVER odd
  OPTIONS (schema_name 'carried', table_name 'written');
INSERT INTO parted VALUES (-1, 'here'), (1, 'there');

-- what depends on them
CREATE VIEW seen AS SELECT k.key, k.words, c.name FROM by_hand k JOIN customers c ON c.id = k.key WHERE k.key < 10;
CREATE MATERIALIZED VIEW kept_here AS SELECT key, mood FROM by_hand WHERE key <= 5;
CREATE FUNCTION asked() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM by_hand; END;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.txt := NEW.txt || '!'; RETURN NEW; END $$;
CREATE TRIGGER noted BEFORE INSERT ON parted_there FOR EACH ROW EXECUTE FUNCTION noted();
CREATE VIEW watched AS SELECT server_name, requests > 0 AS some FROM neon_http_stats;
GRANT SELECT ON by_hand, seen TO :"reader";
GRANT EXECUTE ON FUNCTION neon_http_query(name, text) TO :"reader";
ANALYZE by_hand;
