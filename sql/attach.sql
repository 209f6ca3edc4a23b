--
-- neon_http_attach() and neon_http_detach()
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set SHOW_CONTEXT errors

-- What is there to attach
\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS att, att_other CASCADE;
CREATE SCHEMA att;
CREATE TYPE att.mood AS ENUM ('sad', 'happy');
CREATE TABLE att.a (id int PRIMARY KEY, t text, m att.mood, n numeric(5,2));
CREATE TABLE att.b (id int, old text, gone text);
CREATE TABLE att.c (id int);
CREATE TABLE att.part (id int) PARTITION BY RANGE (id);
CREATE TABLE att.part_1 PARTITION OF att.part FOR VALUES FROM (1) TO (100);
CREATE VIEW att.v AS SELECT id FROM att.a;
INSERT INTO att.a SELECT i FROM generate_series(1, 50) i;
INSERT INTO att.part SELECT i FROM generate_series(1, 20) i;
ANALYZE att.a, att.b, att.part_1;
CREATE SCHEMA att_other;
CREATE TABLE att_other.x (id int);

\c :local
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS neon_http_fdw;
DROP SCHEMA IF EXISTS att_local, att_dep, neondb_att_other CASCADE;
DROP SERVER IF EXISTS att, ep_test_123 CASCADE;
RESET client_min_messages;
SET session_preload_libraries = 'neon_http_fdw';

-- The string with percent-encoding, as a console makes it
CREATE FUNCTION att_encode(text) RETURNS text LANGUAGE sql AS $$
  SELECT regexp_replace(encode(convert_to($1, 'UTF8'), 'hex'), '(..)', '%\1', 'g') $$;
SELECT 'postgresql://' || :'user' || ':' || att_encode(:'password')
  || '@ep-test-123-pooler.local.neon.test/' || :'dbname' AS conn \gset
SELECT ARRAY['url=' || :'url', 'sslrootcert=' || :'ca'] AS options \gset

-- What is no connection string: no message shows a part of it
CREATE FUNCTION att_try(url text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  PERFORM neon_http_attach(url);
  RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''));
END $$;
SELECT att_try(v) FROM unnest(ARRAY['', 'secret', 'https://u:secret@h/db', 'postgresql://', 'postgresql://host/secret',
  'postgresql://u:sec/ret@host/db', 'postgresql://u:sec?r=et@host/db', 'postgresql://u:sec#ret@host/db', 'postgresql://:secret@host/db',
  'postgresql://u:secret@/db', 'postgresql://u:secret@a,b/db', 'postgresql://u:secret%@host/db', 'postgresql://u:secret%4@host/db',
  'postgresql://u:secret%zz@host/db', 'postgresql://u:secret%00@host/db', 'postgresql://u:secret%ff@host/db',
  'postgresql://u:secret@host/db?x', 'postgresql://u:secret@host/db?secret', 'postgresql://u:secret@host/db?Secret%20=1', 'postgresql://u:secret@host/db#x',
  'postgresql://u:secret@127.0.0.1/db', 'postgresql://u:secret@[::1]/db', 'postgresql://u:secret@ho st/db', NULL]) v;
SELECT neon_http_attach(:'conn', options => '{secret}');
SELECT neon_http_attach(:'conn', options => ARRAY[NULL]);
\set VERBOSITY sqlstate
SELECT neon_http_attach(:'conn', options => '{no_such=1}');
SELECT neon_http_attach('postgresql://u:secret@nothing.invalid/db');
\set VERBOSITY default
SELECT count(*) FROM pg_foreign_server WHERE srvname IN ('nothing', 'ep_test_123');

-- First time
SELECT * FROM neon_http_attach(:'conn' || '?sslmode=require&channel_binding=require&application_name=x&sslrootcert=y',
  'att_local', 'att', 'att', :'options');
SELECT split_part(option, '=', 1) AS name, CASE WHEN option ~ '^(host|dbname)=' THEN split_part(option, '=', 2) END AS value
FROM pg_foreign_server, unnest(srvoptions) option WHERE srvname = 'att';
SELECT m = ARRAY['user=' || :'user', 'password=' || :'password'] AS mapping
FROM (SELECT umoptions AS m FROM pg_user_mappings WHERE srvname = 'att' AND usename = current_user) m;
SELECT count(*), count(m) FROM att_local.a;

-- Again: one request, nothing changes, a name given or not
CREATE SCHEMA att_dep;
CREATE VIEW att_dep.a AS SELECT id, t FROM att_local.a;
CREATE VIEW att_dep.b AS SELECT id, old FROM att_local.b;
CREATE ROLE regress_neon_reader;
GRANT SELECT ON att_local.a, att_local.b TO regress_neon_reader;
CREATE TABLE att_dep.before AS SELECT c.oid, c.xmin::text AS version FROM pg_class c
  WHERE relnamespace = 'att_local'::regnamespace AND relkind = 'f';
CREATE FUNCTION att_requests(file text) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM regexp_split_to_table(pg_read_file(file), E'\n') l WHERE l LIKE '{%' $$;
SELECT att_requests(:'log') AS before \gset
SELECT table_name, status, estimated_rows, detail
FROM neon_http_attach(replace(:'conn', '-pooler', ''), remote_schema => 'att', server => 'att');
SELECT att_requests(:'log') - :before AS requests;
SELECT count(*) AS touched FROM att_dep.before b LEFT JOIN pg_class c ON c.oid = b.oid WHERE c.xmin::text IS DISTINCT FROM b.version;

-- Without a connection string: the server and the mapping that are there
SELECT table_name, status FROM neon_http_attach(remote_schema => 'att', server => 'att');
SELECT neon_http_attach(server => 'att', options => '{proxy=http://127.0.0.1:1}');
SELECT neon_http_attach(server => 'att', replace => true);
SELECT neon_http_attach();
SET ROLE regress_neon_reader;
SELECT neon_http_attach(server => 'att');
RESET ROLE;

-- What the transaction has done on the remote, and not committed yet
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM att_local.a;
SELECT neon_http_exec('att', 'CREATE TABLE att.soon (id int PRIMARY KEY, m att.mood)');
SELECT table_name, status FROM neon_http_attach(remote_schema => 'att', server => 'att') WHERE status <> 'unchanged';
INSERT INTO att_local.soon VALUES (1, 'happy') RETURNING *;
SELECT neon_http_exec('att', 'ALTER TABLE att.soon ADD COLUMN n int');
SELECT table_name, status, detail FROM neon_http_attach(remote_schema => 'att', server => 'att') WHERE status <> 'unchanged';
UPDATE att_local.soon SET n = 3 RETURNING *;
COMMIT;
SELECT * FROM att_local.soon;
BEGIN;
SELECT neon_http_exec('att', 'CREATE TABLE att.never (id int)');
SELECT table_name, status FROM neon_http_attach(remote_schema => 'att', server => 'att') WHERE status <> 'unchanged';
ROLLBACK;
SELECT to_regclass('att_local.never') AS never;
SELECT neon_http_exec('att', 'DROP TABLE att.soon');
DROP FOREIGN TABLE att_local.soon;

-- The commit ledger's table is not the user's
ALTER SERVER att OPTIONS (ADD commit_ledger 'att_other."The ledger"');
SELECT neon_http_ledger_create('att');
SELECT table_name, status FROM neon_http_attach(:'conn', 'att_dep', 'att_other', server => 'att');
IMPORT FOREIGN SCHEMA att_other LIMIT TO ("The ledger") FROM SERVER att INTO att_dep;
IMPORT FOREIGN SCHEMA att_other EXCEPT (x) FROM SERVER att INTO att_dep;
DROP FOREIGN TABLE att_dep."The ledger", att_dep.x;
ALTER SERVER att OPTIONS (DROP commit_ledger);
SELECT neon_http_exec('att', 'DROP TABLE att_other."The ledger"');

-- Changes: new, altered, vanished tables; renamed ones are known by their options
\c :remote
SET client_min_messages = warning;
CREATE TABLE att.new_one (id int);
ALTER TABLE att.a ADD COLUMN added att.mood[] NOT NULL DEFAULT '{}', ALTER COLUMN n TYPE numeric(7,3), DROP COLUMN m;
ALTER TABLE att.a DROP CONSTRAINT a_pkey, ALTER COLUMN id DROP NOT NULL;
-- from PostgreSQL 18 on, writing a table anew makes no statistics where autovacuum is off
ANALYZE att.a;
ALTER TABLE att.b DROP COLUMN gone, ALTER COLUMN old TYPE varchar(10), ADD COLUMN "New" int GENERATED ALWAYS AS (1 + 1) STORED, ADD CONSTRAINT b_key PRIMARY KEY (id);
DROP TABLE att.c;
\c :local
ALTER FOREIGN TABLE att_local.a RENAME TO renamed;
ALTER FOREIGN TABLE att_local.renamed RENAME COLUMN n TO number;
IMPORT FOREIGN SCHEMA att LIMIT TO (part_1) FROM SERVER att INTO att_local;
CREATE TABLE att_local.new_one (mine int);
SET session_preload_libraries = 'neon_http_fdw';
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att');
SELECT * FROM att_dep.a ORDER BY id LIMIT 1;
SELECT id, number, added FROM att_local.renamed ORDER BY id LIMIT 1;
\d att_local.renamed
\d att_local.b
SELECT has_table_privilege('regress_neon_reader', 'att_local.renamed', 'SELECT') AS granted;
-- what stood in the way is gone
DROP VIEW att_dep.b;
DROP TABLE att_local.new_one;
DROP FOREIGN TABLE att_local.c;
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE status <> 'unchanged';
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE status <> 'unchanged';

-- Types: what is new there is added here, in its place
\c :remote
SET client_min_messages = warning;
ALTER TYPE att.mood ADD VALUE 'angry' BEFORE 'sad';
ALTER TYPE att.mood ADD VALUE 'it''s ok' BEFORE 'happy';
ALTER TYPE att.mood ADD VALUE 'glad' AFTER 'happy';
ALTER TYPE att.mood ADD VALUE 'proud' AFTER 'glad';
CREATE TYPE att.shade AS ENUM ('dark', 'light');
CREATE TYPE att.pair AS (a int, "B" att.shade);
CREATE DOMAIN att.good AS att.mood;
CREATE TABLE att.typed (id int PRIMARY KEY, m att.mood, p att.pair, g att.good, ps att.pair[]);
INSERT INTO att.typed SELECT n, m FROM unnest(enum_range(NULL::att.mood)) WITH ORDINALITY AS e (m, n);
\c :local
SET session_preload_libraries = 'neon_http_fdw';
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE status <> 'unchanged';
SELECT enum_range(NULL::att_local.mood);
SELECT array_agg(m ORDER BY m) FROM att_local.typed;
\c :remote
SET client_min_messages = warning;
ALTER TYPE att.pair ADD ATTRIBUTE "C d" att.shade[], ADD ATTRIBUTE e numeric(5,2);
ALTER TYPE att.shade ADD VALUE 'grey' AFTER 'dark';
\c :local
SET session_preload_libraries = 'neon_http_fdw';
-- not by a user who does not own the types
GRANT USAGE ON FOREIGN SERVER att TO regress_neon_reader;
GRANT ALL ON SCHEMA att_local TO regress_neon_reader;
CREATE USER MAPPING FOR regress_neon_reader SERVER att OPTIONS (user :'user', password :'password');
SET ROLE regress_neon_reader;
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE table_name = 'typed';
RESET ROLE;
DROP USER MAPPING FOR regress_neon_reader SERVER att;
REVOKE ALL ON FOREIGN SERVER att FROM regress_neon_reader;
-- nor by an import
IMPORT FOREIGN SCHEMA att LIMIT TO (typed) FROM SERVER att INTO att_local;
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE table_name = 'typed';
SELECT enum_range(NULL::att_local.shade), attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 'att_local.pair'::regclass ORDER BY attnum;
INSERT INTO att_local.typed (id, p) VALUES (100, '(1,grey,"{dark,grey}",1.5)');
SELECT (p)."C d", (p).e FROM att_local.typed WHERE id = 100 AND (p)."B" = 'grey';
-- what cannot be known is left to the user: a renamed label, another order
\c :remote
SET client_min_messages = warning;
ALTER TYPE att.shade RENAME VALUE 'grey' TO 'gray';
ALTER TYPE att.shade ADD VALUE 'black' BEFORE 'dark';
ALTER TYPE att.pair RENAME ATTRIBUTE e TO f;
\c :local
SET session_preload_libraries = 'neon_http_fdw';
SELECT table_name, status FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE table_name = 'typed';
SELECT enum_range(NULL::att_local.shade);
\c :remote
SET client_min_messages = warning;
DROP TABLE att.typed;
\c :local
SET session_preload_libraries = 'neon_http_fdw';
DROP FOREIGN TABLE att_local.typed;

-- Labels in another order: what depends on it does not run remotely
\c :remote
SET client_min_messages = warning;
CREATE TYPE att.rank AS ENUM ('low', 'mid', 'high');
CREATE TYPE att.ranked AS (r att.rank);
CREATE TABLE att.ranks (id int PRIMARY KEY, r att.rank, rs att.rank[], c att.ranked);
INSERT INTO att.ranks VALUES (1, 'low', '{low}', '(low)'), (2, 'mid', '{mid}', '(mid)'), (3, 'high', '{high}', '(high)');
\c :local
SET session_preload_libraries = 'neon_http_fdw';
LOAD 'neon_http_fdw';
CREATE TYPE att_local.rank AS ENUM ('low', 'high', 'mid');
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE table_name = 'ranks';
SELECT attname, attfdwoptions FROM pg_attribute WHERE attrelid = 'att_local.ranks'::regclass AND attnum > 0;
SET search_path = att_local, public;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM ranks WHERE r = 'mid' ORDER BY id;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM ranks WHERE r < 'mid' AND id > 1;
SELECT array_agg(id ORDER BY r), max(r), min(r), max(rs), array_agg(id ORDER BY c) FROM ranks;
SELECT id FROM ranks WHERE r < 'mid' ORDER BY r;
SELECT id FROM ranks WHERE rs > '{high}' OR GREATEST(r, 'high') = 'mid' OR c > ROW('high'::rank)::ranked ORDER BY rs DESC;
SELECT id, rank() OVER (ORDER BY r) FROM ranks ORDER BY r DESC LIMIT 1;
SELECT DISTINCT ON (r) r, id FROM ranks ORDER BY r, id;
SET neon_http_fdw.statement_pushdown = off;
SELECT id FROM ranks WHERE r < 'mid' ORDER BY r;
SELECT max(r) FROM ranks;
RESET neon_http_fdw.statement_pushdown;
UPDATE ranks SET id = id + 10 WHERE r >= 'mid' RETURNING id;
UPDATE ranks SET id = id - 10 WHERE r = 'mid' RETURNING id;
RESET search_path;
-- once the order is the same it does
ALTER TYPE att_local.rank RENAME VALUE 'high' TO 'x';
ALTER TYPE att_local.rank RENAME VALUE 'mid' TO 'high';
ALTER TYPE att_local.rank RENAME VALUE 'x' TO 'mid';
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att') WHERE table_name = 'ranks';
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM att_local.ranks WHERE r < 'high' ORDER BY rs;
\c :remote
SET client_min_messages = warning;
DROP TABLE att.ranks;
\c :local
SET session_preload_libraries = 'neon_http_fdw';
DROP FOREIGN TABLE att_local.ranks;

-- Without a password: that of the mapping stays; another one replaces it
SELECT count(*) FROM neon_http_attach(regexp_replace(:'conn', ':[^:@]*@', '@'), remote_schema => 'att', server => 'att');
\set VERBOSITY terse
SELECT count(*) FROM neon_http_attach(regexp_replace(:'conn', ':[^:@]*@', ':wrong@'), remote_schema => 'att', server => 'att');
\set VERBOSITY default

-- Names that nobody gave
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att_other', options => :'options');
SELECT srvname FROM pg_foreign_server WHERE srvname LIKE 'ep%';
SELECT ftrelid::regclass FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid = ftserver WHERE srvname LIKE 'ep%';
SELECT neon_http_attach(:'conn' || '_other');
-- nor another endpoint to a name that was given, unless that is wanted
SELECT neon_http_attach(:'conn' || '_other', server => 'att');
SELECT neon_http_attach(replace(:'conn', 'test-123', 'test-456'), server => 'att');
\set VERBOSITY terse
SELECT neon_http_attach(:'conn', server => 'att', options => '{url=https://localhost:1/sql}');
\set VERBOSITY default
SELECT count(*) AS changed FROM pg_foreign_server WHERE srvname = 'att' AND srvoptions::text ~ '456|other|:1/';
\set VERBOSITY terse
SELECT neon_http_attach(:'conn' || '_other', server => 'att', options => '{max_retries=0}', replace => true);
\set VERBOSITY default
-- one sentence says what is wrong, another one what for: no SQL that nobody wrote
CREATE FUNCTION att_context(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  context text;
BEGIN
  EXECUTE statement;
  RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
  RETURN SQLERRM || ': ' || regexp_replace(context, E'neon-request-id: [0-9a-f-]*\n|\n?SQL statement.*', '', 'g');
END $$;
SELECT att_context(format('SELECT neon_http_attach(%L, server => ''att'', replace => true)', :'conn' || '_other'));
SELECT att_context('IMPORT FOREIGN SCHEMA no_such FROM SERVER att INTO att_dep');
SELECT att_context('ALTER FOREIGN TABLE att_local.renamed OPTIONS (SET table_name ''no_such''); ANALYZE att_local.renamed');
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'att', server => 'att', replace => true) WHERE status <> 'unchanged';
SELECT neon_http_detach('ep_test_123');
CREATE TABLE neondb_att_other.mine ();
SELECT neon_http_attach(:'conn', remote_schema => 'att_other', options => :'options');
SELECT * FROM neon_http_attach(:'conn', 'neondb_att_other', 'att_other', 'ep_test_123', :'options');
\set VERBOSITY terse
SELECT * FROM neon_http_attach(:'conn', remote_schema => 'no_such', server => 'att');
\set VERBOSITY default

-- Detach: not while something depends on a table, unless cascade
SELECT neon_http_detach('no_such');
SELECT neon_http_detach('att');
SELECT count(*) FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid = ftserver WHERE srvname = 'att';
SET client_min_messages = warning;
SELECT neon_http_detach('att', true);
SELECT neon_http_detach('ep_test_123');
RESET client_min_messages;
SELECT count(*) FROM pg_foreign_server WHERE srvname IN ('att', 'ep_test_123');

-- Rights are those of the commands
SET ROLE regress_neon_reader;
SELECT neon_http_attach('postgresql://u:p@ep-test-123.local.neon.test/db');
RESET ROLE;
GRANT USAGE ON FOREIGN DATA WRAPPER neon_http_fdw TO regress_neon_reader;
SET ROLE regress_neon_reader;
\set VERBOSITY terse
SELECT neon_http_attach('postgresql://u:p@ep-test-123.local.neon.test/db', options => :'options');
\set VERBOSITY default
CREATE SERVER h FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'h', dbname 'db', url 'https://elsewhere.invalid/');
GRANT USAGE ON FOREIGN SERVER h TO PUBLIC;
RESET ROLE;
-- a trap: the server is that of somebody else
SELECT neon_http_attach('postgresql://u:p@h/db');
-- ... also by its name, and if its owner has made a user mapping for us
SELECT neon_http_attach('postgresql://u:p@h/db', server => 'h');
SELECT neon_http_attach('postgresql://u:p@h/db', server => 'h', options => '{url=https://elsewhere.invalid/}', replace => true);
SELECT session_user AS me \gset
SET ROLE regress_neon_reader;
CREATE USER MAPPING FOR :me SERVER h OPTIONS (user 'u', password 'theirs');
RESET ROLE;
SELECT neon_http_attach('postgresql://u:p@h/db', server => 'h');
SELECT umoptions FROM pg_user_mappings WHERE srvname = 'h';
DROP USER MAPPING FOR :me SERVER h;
\set VERBOSITY sqlstate
SELECT neon_http_ping('h');
\set VERBOSITY default
-- ... and a server of somebody we trust leads nowhere that we do not know
CREATE SERVER att_trusted FOREIGN DATA WRAPPER neon_http_fdw
  OPTIONS (host 'ep-test-123.local.neon.test', dbname :'dbname', url :'url', sslrootcert :'ca');
GRANT USAGE ON FOREIGN SERVER att_trusted TO regress_neon_reader;
CREATE SCHEMA att_trusted AUTHORIZATION regress_neon_reader;
SET ROLE regress_neon_reader;
\set VERBOSITY terse
SELECT neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted');
SELECT neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted', ARRAY['url=' || :'url']);
SELECT neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted', ARRAY['url=https://localhost:1/sql', 'sslrootcert=' || :'ca']);
RESET ROLE;
ALTER SERVER att_trusted OPTIONS (ADD proxy 'http://127.0.0.1:1');
SET ROLE regress_neon_reader;
SELECT neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted', :'options');
SELECT neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted', :'options'::text[] || 'proxy=http://127.0.0.1:2'::text);
RESET ROLE;
ALTER SERVER att_trusted OPTIONS (DROP proxy, ADD sslmode 'require');
SET ROLE regress_neon_reader;
SELECT neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted', :'options');
RESET ROLE;
ALTER SERVER att_trusted OPTIONS (DROP sslmode);
SET ROLE regress_neon_reader;
\set VERBOSITY default
SELECT count(*) FROM pg_user_mappings WHERE srvname = 'att_trusted';
SELECT * FROM neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted', :'options');
-- known once, it is known
SELECT * FROM neon_http_attach(:'conn', 'att_trusted', 'att_other', 'att_trusted');
RESET ROLE;
CREATE SERVER att_theirs FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'h');
SET ROLE regress_neon_reader;
SELECT neon_http_attach('postgresql://u:p@h/db', server => 'att_theirs');
SELECT neon_http_detach('att_theirs');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER att_theirs TO regress_neon_reader;
SET ROLE regress_neon_reader;
SELECT neon_http_attach('postgresql://u:p@h2/db', server => 'att_theirs');
SELECT neon_http_detach('att_theirs');
RESET ROLE;
BEGIN READ ONLY;
SELECT neon_http_attach('postgresql://u:p@h/db');
ROLLBACK;

-- Preloading
RESET session_preload_libraries;
SET session_preload_libraries = auto_explain, '$libdir/odd lib';
SELECT count(*) FROM neon_http_attach(:'conn', 'att_local', 'att_other', 'att', :'options');
SET session_preload_libraries = auto_explain, '$libdir/neon_http_fdw';
SELECT count(*) FROM neon_http_attach(:'conn', 'att_local', 'att_other', 'att', :'options');
-- It can do so itself; what the database has set before stays, and is what counts
CREATE FUNCTION att_database_sets() RETURNS text[] LANGUAGE sql AS
  'SELECT setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database() AND setrole = 0';
SET session_preload_libraries = auto_explain;
BEGIN;
SELECT count(*) FROM neon_http_attach(:'conn', 'att_local', 'att_other', 'att', :'options', preload => true);
SELECT att_database_sets();
SELECT count(*) FROM neon_http_attach(:'conn', 'att_local', 'att_other', 'att', :'options', preload => true);
SELECT att_database_sets();
ROLLBACK;
BEGIN;
ALTER DATABASE :"DBNAME" SET work_mem = '5MB';
ALTER DATABASE :"DBNAME" SET session_preload_libraries = "$libdir/odd lib", auth_delay;
SELECT count(*) FROM neon_http_attach(:'conn', 'att_local', 'att_other', 'att', :'options');
SELECT count(*) FROM neon_http_attach(:'conn', 'att_local', 'att_other', 'att', :'options', preload => true);
SELECT att_database_sets();
-- set already: nothing to say
SELECT count(*) FROM neon_http_attach(:'conn', 'att_local', 'att_other', 'att', :'options');
ROLLBACK;
-- not by everybody
BEGIN;
GRANT USAGE ON FOREIGN SERVER att TO regress_neon_reader;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_neon_reader;
SET ROLE regress_neon_reader;
SELECT count(*) FROM neon_http_attach(:'conn', 'att_preload', 'att_other', 'att', :'options');
SELECT count(*) FROM neon_http_attach(:'conn', 'att_preload', 'att_other', 'att', :'options', preload => true);
ROLLBACK;
DROP FUNCTION att_database_sets;

SET client_min_messages = warning;
DROP SERVER att, att_theirs, att_trusted, h CASCADE;
DROP SCHEMA att_local, att_dep, att_trusted, neondb_att_other CASCADE;
DROP FUNCTION att_encode, att_context, att_try, att_requests;
DROP OWNED BY regress_neon_reader;
DROP ROLE regress_neon_reader;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA att, att_other CASCADE;
