--
-- Errors: those of the remote come as themselves, those of the way there say
-- which step failed; the session goes on
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS errors_remote CASCADE;
CREATE SCHEMA errors_remote AUTHORIZATION :user;
CREATE TABLE errors_remote.secret (id int);

\c :remote
SET client_min_messages = warning;
SET search_path = errors_remote;
CREATE TABLE t (id int PRIMARY KEY, z int, txt text);
INSERT INTO t SELECT g, g % 3, 'word' || g FROM generate_series(1, 10) g;
CREATE DOMAIN posint AS int CONSTRAINT is_positive CHECK (VALUE > 0);
CREATE FUNCTION complain(code text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = 'a complaint with "quotes", ümläuts and' || E'\ntwo lines', ERRCODE = code, DETAIL = 'The detail.', HINT = 'The hint.',
    COLUMN = 'a_column', CONSTRAINT = 'a_constraint', DATATYPE = 'a_datatype', TABLE = 'a_table', SCHEMA = 'a_schema';
END $$;
CREATE VIEW complaint AS SELECT complain('P0042') AS id;
CREATE VIEW retry AS SELECT complain('40001') AS id;
CREATE VIEW plain_complaint AS SELECT complain('XX000') AS id;
CREATE VIEW domain_check AS SELECT (id - 5)::posint AS id FROM t;
CREATE FUNCTION write_it() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO errors_remote.t VALUES (1) RETURNING id';
CREATE VIEW writes AS SELECT write_it() AS id;
CREATE VIEW late AS SELECT g AS id, 1 / (9000 - g) AS z, repeat('x', 100) AS txt FROM generate_series(1, 10000) g;
CREATE VIEW big AS SELECT g AS id, repeat('x', 1000000) AS txt FROM generate_series(1, 12) g;
CREATE VIEW gone AS SELECT 1 AS id, 2 AS dropped_column;
CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(30)::text AS txt;
CREATE VIEW deep AS SELECT id, txt FROM t;

\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS errors CASCADE;
CREATE SCHEMA errors;
SET search_path = errors;
IMPORT FOREIGN SCHEMA errors_remote FROM SERVER neon INTO errors;
\c :remote
DROP VIEW errors_remote.deep;
ALTER VIEW errors_remote.gone RENAME COLUMN dropped_column TO another;
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
SET neon_http_fdw.statement_pushdown = off;
SET neon_http_fdw.bind_join = off;
SET search_path = errors;

-- Every field of an error, the request's id masked, the place in local
-- functions left out
CREATE FUNCTION errors.diagnose(query text, OUT state text, OUT message text, OUT detail text, OUT hint text, OUT names text, OUT context text) LANGUAGE plpgsql AS $$
DECLARE
  s text; t text; c text; d text; n text;
BEGIN
  EXECUTE query;
  message := 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT,
    s = SCHEMA_NAME, t = TABLE_NAME, c = COLUMN_NAME, d = PG_DATATYPE_NAME, n = CONSTRAINT_NAME;
  names := concat_ws(' ', 'schema=' || nullif(s, ''), 'table=' || nullif(t, ''), 'column=' || nullif(c, ''), 'datatype=' || nullif(d, ''), 'constraint=' || nullif(n, ''));
  context := regexp_replace(context, 'neon-request-id: [0-9a-f-]{36}', 'neon-request-id: (an id)');
  context := regexp_replace(context, '\n?(PL/pgSQL function errors\.diagnose|SQL statement ").*', '');
END $$;
\x on

-- The remote database's own
SELECT * FROM diagnose('SELECT 1 / z FROM t');
SELECT * FROM diagnose('SELECT id FROM t WHERE 10 / z > 0');
SELECT * FROM diagnose('SELECT id FROM t WHERE txt::int = 1');
SELECT * FROM diagnose('SELECT * FROM secret');
SELECT * FROM diagnose('SELECT * FROM deep');
SELECT * FROM diagnose('SELECT * FROM gone');
SELECT * FROM diagnose('SELECT * FROM complaint');
SELECT * FROM diagnose('SELECT * FROM retry');
SELECT * FROM diagnose('SELECT * FROM plain_complaint');
SELECT * FROM diagnose('SELECT * FROM domain_check');
SELECT * FROM diagnose('SELECT * FROM writes');
SELECT * FROM diagnose('SELECT count(*) FROM late WHERE txt || random() <> ''y'' AND z >= 0');
SELECT * FROM diagnose('SELECT t.id FROM t JOIN (SELECT * FROM late OFFSET 0) late USING (id) WHERE late.z + random() > 0');
-- of a statement that runs there as a whole
SET neon_http_fdw.statement_pushdown = on;
SELECT state, message, names, context ~ 'remote SQL command: SELECT.*neon-request-id' AS context FROM diagnose('SELECT sum(10 / z) FROM t');
SELECT state, message, names, context ~ 'remote SQL command: SELECT.*neon-request-id' AS context FROM diagnose('SELECT max(id) FROM complaint');
SET neon_http_fdw.statement_pushdown = off;
-- Local conversion
CREATE FOREIGN TABLE retyped (id int, txt int) SERVER neon OPTIONS (schema_name 'errors_remote', table_name 't');
SELECT * FROM diagnose('SELECT * FROM retyped');
CREATE FOREIGN TABLE too_short (txt varchar(3)) SERVER neon OPTIONS (schema_name 'errors_remote', table_name 't');
SELECT * FROM diagnose('SELECT * FROM too_short');
CREATE DOMAIN errors.small AS int CONSTRAINT is_small CHECK (VALUE < 5);
CREATE FOREIGN TABLE too_big (id errors.small) SERVER neon OPTIONS (schema_name 'errors_remote', table_name 't');
SELECT * FROM diagnose('SELECT * FROM too_big');

-- Limits of the endpoint
SELECT * FROM diagnose('SELECT sum(length(txt)) FROM big WHERE random() >= 0');
SELECT state, message, detail, hint FROM diagnose('SELECT count(*) FROM t WHERE txt = repeat(''x'', 11000000)');

-- Time limits
SET statement_timeout = '200ms';
SELECT * FROM slow;
RESET statement_timeout;
ALTER SERVER neon OPTIONS (ADD request_timeout '1');
SELECT state, message, hint FROM diagnose('SELECT * FROM slow');
ALTER SERVER neon OPTIONS (DROP request_timeout);

-- Logging in
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET password 'wrong');
SELECT * FROM diagnose('SELECT count(*) FROM t');
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET user 'no such user');
SELECT * FROM diagnose('SELECT count(*) FROM t');
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (DROP password);
SELECT state, message, hint FROM diagnose('SELECT count(*) FROM t');
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (DROP user);
SELECT state, message, hint FROM diagnose('SELECT count(*) FROM t');
ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (ADD user :'user', ADD password :'password');
ALTER SERVER neon OPTIONS (SET dbname 'no such database');
SELECT * FROM diagnose('SELECT count(*) FROM t');
ALTER SERVER neon OPTIONS (SET dbname :'dbname');
CREATE ROLE regress_errors_user;
GRANT USAGE ON SCHEMA errors TO regress_errors_user;
GRANT SELECT ON ALL TABLES IN SCHEMA errors TO regress_errors_user;
SET ROLE regress_errors_user;
SELECT state FROM diagnose('SELECT count(*) FROM t');
RESET ROLE;
CREATE USER MAPPING FOR regress_errors_user SERVER neon OPTIONS (user :'user');
SET ROLE regress_errors_user;
SELECT * FROM diagnose('SELECT count(*) FROM t');
RESET ROLE;
ALTER USER MAPPING FOR regress_errors_user SERVER neon OPTIONS (ADD password :'password');
SET ROLE regress_errors_user;
SELECT count(*) FROM t;
RESET ROLE;
DROP USER MAPPING FOR regress_errors_user SERVER neon;
DROP OWNED BY regress_errors_user;
DROP ROLE regress_errors_user;

-- The way there: the library's own words, in the detail, differ
CREATE SERVER errors_server FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'ep-test.local.neon.test', url 'https://localhost:1/sql', max_retries '0');
CREATE USER MAPPING FOR CURRENT_USER SERVER errors_server OPTIONS (user :'user', password :'password');
CREATE FOREIGN TABLE there (id int) SERVER errors_server OPTIONS (schema_name 'errors_remote', table_name 't');
SELECT state, message, detail <> '' AS detail, hint, context FROM diagnose('SELECT id FROM there WHERE id = 5');
ALTER SERVER errors_server OPTIONS (SET url 'https://no-such-host.invalid/sql');
SELECT state, message, detail <> '' AS detail, hint, context FROM diagnose('SELECT id FROM there WHERE id = 5');
-- a certificate of nobody's, plain http to a port with TLS, and not allowed
ALTER SERVER errors_server OPTIONS (SET url :'url');
SELECT state, message, detail <> '' AS detail, hint, context FROM diagnose('SELECT id FROM there WHERE id = 5');
\set plain `echo "$ENDPOINT_URL" | sed 's/^https/http/'`
ALTER SERVER errors_server OPTIONS (ADD sslmode 'disable', SET url :'plain');
SELECT state FROM diagnose('SELECT id FROM there WHERE id = 5');
ALTER SERVER errors_server OPTIONS (DROP sslmode, DROP url);
CREATE ROLE regress_errors_user;
GRANT USAGE ON FOREIGN DATA WRAPPER neon_http_fdw TO regress_errors_user;
GRANT CREATE ON SCHEMA errors TO regress_errors_user;
SET ROLE regress_errors_user;
CREATE SERVER errors_own FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'ep-test.local.neon.test', url 'http://localhost:1/sql');
RESET ROLE;
DROP OWNED BY regress_errors_user;
DROP ROLE regress_errors_user;
-- a path that is not the endpoint's
ALTER SERVER errors_server OPTIONS (ADD url :'url', ADD sslrootcert :'ca');
\set elsewhere :url '/else'
ALTER SERVER errors_server OPTIONS (SET url :'elsewhere');
SELECT state, message, detail, hint FROM diagnose('SELECT id FROM there WHERE id = 5');

-- Afterwards all is as before
\x off
\pset tuples_only on
\pset format unaligned
BEGIN;
SAVEPOINT a;
SELECT 1 / z FROM t;
ROLLBACK TO a;
SELECT count(*) FROM t;
DECLARE c CURSOR FOR SELECT id FROM t ORDER BY id;
FETCH 2 FROM c;
SAVEPOINT b;
SELECT * FROM secret;
ROLLBACK TO b;
FETCH 2 FROM c;
COMMIT;
BEGIN;
SELECT * FROM complaint;
SELECT count(*) FROM t;
ROLLBACK;
DO $$
DECLARE
  r record;
  caught int := 0;
BEGIN
  FOR r IN SELECT id, z FROM t ORDER BY id LOOP
    BEGIN
      PERFORM 1 / z FROM t WHERE id = r.id;
    EXCEPTION WHEN division_by_zero THEN
      caught := caught + 1;
    END;
  END LOOP;
  RAISE INFO 'caught %', caught;
END $$;
SELECT count(*) FROM t;

-- PostgreSQL's parser looks for constraints here; their columns mean the same
\set VERBOSITY default
RESET neon_http_fdw.statement_pushdown;
SET search_path = errors, public;
INSERT INTO t (id, z) VALUES (1, 1) ON CONFLICT ON CONSTRAINT t_pkey DO UPDATE SET z = 11;
INSERT INTO t (id, z) VALUES (1, 1) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING;
INSERT INTO t (id, z) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET z = 11 RETURNING z;
INSERT INTO t (id, z) VALUES (1, 1) ON CONFLICT (id) DO NOTHING RETURNING z;
SELECT neon_http_exec('neon', 'INSERT INTO errors_remote.t (id, z) VALUES (1, 1) ON CONFLICT ON CONSTRAINT t_pkey DO UPDATE SET z = 1');

DROP SERVER errors_server CASCADE;
DROP SCHEMA errors CASCADE;
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA errors_remote CASCADE;
