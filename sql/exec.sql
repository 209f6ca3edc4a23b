--
-- SQL of the user's own: neon_http_exec(), neon_http_query() and
-- neon_http_batch()
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote
SET client_min_messages = warning;
-- the first one in the default search_path
DROP SCHEMA IF EXISTS :"user", exec_other CASCADE;
CREATE SCHEMA AUTHORIZATION :"user";
CREATE SCHEMA exec_other;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE TABLE t (id int PRIMARY KEY, txt text, m mood);
INSERT INTO t VALUES (1, 'one', 'sad'), (2, 'two', 'happy'), (3, 'drei', NULL);
CREATE TABLE ruled (id int);
CREATE VIEW rules AS SELECT id FROM ruled;
CREATE RULE add AS ON INSERT TO rules DO INSTEAD INSERT INTO ruled VALUES (new.id);
CREATE FUNCTION add_row(int) RETURNS int LANGUAGE sql AS 'INSERT INTO ruled VALUES ($1) RETURNING id';

\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
SET timezone = 'Asia/Kolkata';
DROP SCHEMA IF EXISTS exec CASCADE;
DROP SERVER IF EXISTS exec_auto CASCADE;
CREATE SCHEMA exec;
SET search_path = exec, public;
IMPORT FOREIGN SCHEMA :"user" FROM SERVER neon INTO exec;
-- the same, but each statement commits by itself
DO $$
BEGIN
  EXECUTE (SELECT 'CREATE SERVER exec_auto FOREIGN DATA WRAPPER neon_http_fdw OPTIONS ('
    || string_agg(format('%I %L', option_name, option_value), ', ') || ', transactions ''autocommit'')'
    FROM pg_foreign_server, pg_options_to_table(srvoptions) WHERE srvname = 'neon');
END $$;
CREATE USER MAPPING FOR CURRENT_USER SERVER exec_auto OPTIONS (user :'user', password :'password');
RESET client_min_messages;

--
-- neon_http_exec(): the remote's search_path, parameters, row counts
--
SELECT neon_http_exec('neon', 'CREATE TABLE n (id serial PRIMARY KEY, v numeric, t text)');
SELECT neon_http_exec('neon', 'INSERT INTO n (v, t) VALUES ($1, $2), ($3, ''lit'')', '1.50', 'a', NULL);
SELECT neon_http_exec('neon', 'UPDATE n SET v = coalesce(v, 0) + 1 WHERE t = any ($1) -- both', '{a,lit}');
SELECT neon_http_exec('neon', 'UPDATE n SET t = $1 WHERE t = $2 RETURNING id; ', VARIADIC ARRAY['b', 'a']);
SELECT neon_http_exec('neon', 'WITH gone AS (DELETE FROM n WHERE t = ''lit'' RETURNING v, t) INSERT INTO n (v, t) SELECT * FROM gone');
SELECT neon_http_exec('neon', 'SELECT 1 AS a, 2 AS a FROM n');
SELECT neon_http_exec(server => 'neon', sql => 'TRUNCATE ruled');
SELECT neon_http_exec('neon', 'INSERT INTO rules VALUES (1), (2)');
SELECT neon_http_exec('neon', 'DO $$ BEGIN INSERT INTO ruled VALUES (3); END $$');
SELECT neon_http_exec('neon', 'MERGE INTO t USING (VALUES (3)) v (i) ON t.id = i WHEN MATCHED THEN UPDATE SET txt = ''three''');
SELECT neon_http_exec('neon', '');
SELECT * FROM neon_http_query('neon', 'SELECT v, t, (SELECT sum(id) FROM ruled) FROM n ORDER BY v') AS t (v numeric, t text, s bigint);

-- Errors are the remote's own
SELECT neon_http_exec('neon', 'INSERT INTO t VALUES (1)');
SELECT neon_http_exec('neon', 'SELEC 1');
SELECT neon_http_exec('neon', 'SELECT 1; SELECT 2');
SELECT neon_http_exec('neon', 'SELECT $1::int');
SELECT neon_http_exec('neon', 'SELECT $1::int', 'x');
SELECT neon_http_exec('nosuch', 'SELECT 1');
SELECT neon_http_exec('neon', NULL);
SELECT neon_http_exec(NULL, 'SELECT 1');
\set SHOW_CONTEXT errors
DO $$
DECLARE
  c text;
BEGIN
  PERFORM neon_http_exec('neon', 'UPDATE t SET id = 1');
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS c = PG_EXCEPTION_CONTEXT;
  RAISE NOTICE '%', split_part(c, E'\n', 1);
END $$;
\set SHOW_CONTEXT never

-- What would end the remote transaction is refused
SELECT neon_http_exec('neon', 'COMMIT');
SELECT neon_http_exec('neon', E' ;; -- x\n /* a /* b */ */ rollback to a');
SELECT neon_http_exec('neon', 'Prepare/**/Transaction ''x''');
SELECT neon_http_query('neon', 'SELECT 1');
SELECT * FROM neon_http_query('neon', 'begin') AS t (a int);
SELECT neon_http_batch('neon', ARRAY['SELECT 1', 'END']);
SELECT neon_http_exec('neon', 'COPY t TO STDOUT');
SELECT neon_http_exec('neon', ' /* */ copy (SELECT 1) to stdout', transaction => false);
SELECT * FROM neon_http_query('neon', 'COPY t FROM STDIN') AS t (a int);
SELECT neon_http_batch('neon', ARRAY['INSERT INTO t VALUES (99)', 'listen x']);
SELECT neon_http_exec('neon', 'LISTEN x');
SELECT neon_http_exec('neon', 'NOTIFY x, ''LISTEN''');
SELECT neon_http_exec('neon', 'UNLISTEN x');
-- ... and nothing that only looks like it
SELECT neon_http_exec('neon', 'CREATE TABLE endless (start_ int, "begin" int)');
SELECT neon_http_exec('neon', 'commit_ 1');
SELECT neon_http_exec('neon', '/* no end');

--
-- Transactions
--
BEGIN;
SELECT neon_http_exec('neon', 'CREATE TABLE ddl (id int, at timestamptz)');
SELECT neon_http_exec('neon', 'INSERT INTO ddl VALUES (1, ''2026-01-31 12:00'')');
SAVEPOINT a;
SELECT neon_http_exec('neon', 'INSERT INTO ddl VALUES (2)');
SELECT * FROM neon_http_query('neon', 'SELECT * FROM ddl ORDER BY id') AS t (id int, at timestamptz);
ROLLBACK TO a;
SELECT * FROM neon_http_query('neon', 'SELECT * FROM ddl ORDER BY id') AS t (id int, at timestamptz);
SELECT neon_http_exec('neon', 'UPDATE t SET txt = ''eins'' WHERE id = 1');
SELECT * FROM t ORDER BY id;
ROLLBACK;
SELECT * FROM neon_http_query('neon', 'SELECT to_regclass(''ddl'')::text, txt FROM t WHERE id = 1') AS t (ddl text, txt text);

BEGIN;
SELECT neon_http_exec('neon', 'CREATE TABLE ddl (id int, at timestamptz)');
SELECT neon_http_exec('neon', 'INSERT INTO ddl VALUES (1, ''2026-01-31 12:00'')');
COMMIT;
SELECT * FROM neon_http_query('neon', 'SELECT * FROM ddl ORDER BY id') AS t (id int, at timestamptz);

-- A function sees what it has done
CREATE FUNCTION step() RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM neon_http_exec('neon', 'INSERT INTO ddl VALUES (7)');
  RETURN NEXT (SELECT n FROM neon_http_query('neon', 'SELECT count(*) FROM ddl') AS t (n bigint));
  BEGIN
    PERFORM neon_http_exec('neon', 'INSERT INTO ddl VALUES (8)');
    PERFORM neon_http_exec('neon', 'INSERT INTO t VALUES (1)');
  EXCEPTION WHEN unique_violation THEN
    RETURN NEXT -1;
  END;
  RETURN NEXT (SELECT n FROM neon_http_query('neon', 'SELECT count(*) FROM ddl') AS t (n bigint));
END $$;
SELECT * FROM step();
SELECT * FROM neon_http_query('neon', 'SELECT id FROM ddl ORDER BY id') AS t (id int);

-- A row count that is another one at the commit
BEGIN;
SELECT neon_http_exec('neon', 'UPDATE ddl SET at = NULL WHERE id = 7');
SELECT neon_http_exec('exec_auto', 'INSERT INTO ddl VALUES (7)');
COMMIT;
SELECT * FROM neon_http_query('neon', 'SELECT count(*), count(at) FROM ddl') AS t (rows bigint, at bigint);

-- A read-only transaction
BEGIN READ ONLY;
SELECT count(*) FROM neon_http_query('neon', 'SELECT id FROM ddl') AS t (id int);
SELECT neon_http_exec('neon', 'DELETE FROM ddl');
ROLLBACK;

--
-- Settings: what the foreign tables rely on is set back, search_path is not
--
BEGIN;
SELECT neon_http_exec('neon', 'SET search_path = exec_other');
SELECT neon_http_exec('neon', 'CREATE TABLE here (d date)');
SELECT neon_http_exec('neon', 'SET DateStyle = German');
SELECT neon_http_exec('neon', 'SET TimeZone = ''Europe/Berlin''');
SELECT neon_http_exec('neon', 'SET work_mem = ''5MB''');
SELECT neon_http_exec('neon', 'INSERT INTO here VALUES (''2026-02-01'')');
SELECT * FROM neon_http_query('neon', 'SELECT d, timestamptz ''2026-02-01 00:00Z'', current_setting(''search_path''), current_setting(''work_mem'') FROM here') AS t (d date, at timestamptz, path text, mem text);
SELECT t.id, now() - t.id * interval '1 second' < now() FROM t WHERE id < 3 ORDER BY id;
SET timezone = 'UTC';
SELECT * FROM neon_http_query('neon', 'SELECT timestamptz ''2026-02-01 00:00Z''') AS t (at timestamptz);
SET timezone = 'Asia/Kolkata';
COMMIT;
SELECT * FROM neon_http_query('neon', 'SELECT current_setting(''search_path''), to_regclass(''exec_other.here'')::text') AS t (path text, here text);

--
-- neon_http_query(): columns and their types
--
CREATE TYPE mood_here AS ENUM ('sad', 'happy', 'new');
CREATE DOMAIN small AS int CHECK (VALUE < 3);
SELECT * FROM neon_http_query('neon', 'SELECT id, txt, m FROM t ORDER BY id') AS t (id bigint, txt varchar, m mood_here);
SELECT * FROM neon_http_query('neon', 'SELECT id, m FROM t ORDER BY id') AS t (id numeric, m text);
SELECT * FROM neon_http_query('neon', 'SELECT ''sad''::text, ''{1,2}''::int[], array[''sad''::mood], 1::posint, ''{"a":1}''::json, now() > ''2000-01-01'', ''x''::"char"')
  AS t (a mood_here, b bigint[], c text[], d int, e jsonb, f bool, g text);
SELECT * FROM neon_http_query('neon', 'SELECT $1::int, $2::text', '42', NULL) AS t (a int, b text);
SELECT * FROM neon_http_query('neon', 'SELECT $1, $2', VARIADIC ARRAY['a', 'ü']) AS t (a text, b text);
SELECT * FROM neon_http_query('neon', 'SHOW search_path') AS t (a text);
SELECT count(*), sum(id) FROM neon_http_query('neon', 'SELECT g, repeat(''x'', 100) FROM generate_series(1, 20000) g') AS t (id int, x text);
SELECT * FROM neon_http_query('neon', 'SELECT id FROM t WHERE false') AS t (id int);
SELECT * FROM neon_http_query('neon', 'SELECT FROM t') AS t (id int);
SELECT * FROM neon_http_query('neon', 'SELECT id, txt FROM t WHERE false') AS t (id int);
SELECT * FROM neon_http_query('neon', 'SELECT id FROM t') AS t (id int, txt text);
SELECT * FROM neon_http_query('neon', 'SELECT count(*) FROM t') AS t (n int);
SELECT * FROM neon_http_query('neon', 'SELECT txt FROM t') AS t (n int);
SELECT * FROM neon_http_query('neon', 'SELECT m FROM t') AS t (n int);
SELECT * FROM neon_http_query('neon', 'SELECT 1') AS t (m mood_here);
SELECT * FROM neon_http_query('neon', 'SELECT 3') AS t (m small);
SELECT * FROM neon_http_query('neon', 'SELECT ''worse''') AS t (m mood_here);
SELECT * FROM neon_http_query('neon', 'SET work_mem = ''5MB''') AS t (a int);
-- Once for each row
SELECT g, q.* FROM generate_series(1, 3) g, LATERAL neon_http_query('neon', 'SELECT $1::int * 2', g::text) AS q (n int);
SELECT sum(neon_http_exec('neon', 'SELECT * FROM t WHERE id <= $1', g::text)) FROM generate_series(1, 3) g;
-- What writes is refused, in a transaction that has written, too
SELECT * FROM neon_http_query('neon', 'DELETE FROM t RETURNING id') AS t (id int);
SELECT * FROM neon_http_query('neon', 'SELECT add_row(1)') AS t (id int);
BEGIN;
SELECT neon_http_exec('neon', 'SELECT add_row(10)');
SELECT * FROM neon_http_query('neon', 'SELECT add_row(11)') AS t (id int);
ROLLBACK;

--
-- Outside of a transaction
--
SELECT neon_http_exec('neon', 'CREATE INDEX CONCURRENTLY t_txt ON t (txt)');
SELECT neon_http_exec('neon', 'CREATE INDEX CONCURRENTLY t_txt ON t (txt)', transaction => false);
SELECT neon_http_exec('neon', 'CREATE INDEX CONCURRENTLY t_txt ON t (txt)', transaction => false);
SELECT neon_http_exec('neon', 'VACUUM t', transaction => false);
SELECT neon_http_exec('neon', 'DELETE FROM t WHERE id > $1', transaction => false, params => '{2}');
SELECT neon_http_exec('neon', 'SELECT id FROM t', transaction => NULL);
SELECT neon_http_exec('neon', 'SELECT id FROM t', transaction => true);
BEGIN;
SELECT neon_http_exec('neon', 'INSERT INTO t VALUES (4, ''stays'')', transaction => false);
SELECT neon_http_exec('neon', 'DELETE FROM t WHERE id = 1');
SELECT neon_http_exec('neon', 'VACUUM t', transaction => false);
ROLLBACK;
SELECT id, txt FROM t ORDER BY id;

-- A lost reply (the detail depends on the moment)
\set VERBOSITY terse
\! printf '{"drop": "after"}' > "$ENDPOINT_FAULTS"
SELECT neon_http_exec('neon', 'INSERT INTO t VALUES (5)', transaction => false);
\! printf '{"drop": "after"}' > "$ENDPOINT_FAULTS"
SELECT neon_http_exec('exec_auto', 'INSERT INTO t VALUES (6)');
\! printf '{"drop": "after"}' > "$ENDPOINT_FAULTS"
SELECT neon_http_batch('neon', ARRAY['INSERT INTO t VALUES (7)']);
-- ... of what only reads is no matter
\! printf '{"drop": "after"}' > "$ENDPOINT_FAULTS"
SELECT * FROM neon_http_query('neon', 'SELECT id FROM t ORDER BY id') AS t (id int);
\! rm -f "$ENDPOINT_FAULTS"
\set VERBOSITY default

-- Each statement by itself
BEGIN;
SELECT neon_http_exec('exec_auto', 'DELETE FROM t WHERE id > 4');
ROLLBACK;
SELECT * FROM neon_http_query('exec_auto', 'SELECT id FROM t ORDER BY id') AS t (id int);

--
-- neon_http_batch()
--
CREATE FUNCTION brief(jsonb) RETURNS text LANGUAGE sql AS
  $$ SELECT concat_ws(' | ', $1 ->> 'command', $1 ->> 'rowCount', $1 ->> 'rows', (SELECT string_agg(f ->> 'name', ',') FROM jsonb_array_elements($1 -> 'fields') f)) $$;
SELECT brief(b) FROM neon_http_batch('neon', ARRAY['INSERT INTO t VALUES (5, ''fünf "5"'') RETURNING *', 'SET search_path = exec_other', 'SELECT d, NULL AS n FROM here', 'CREATE TABLE made (id int)']) b;
SELECT jsonb_pretty(b) FROM neon_http_batch('neon', ARRAY['SELECT 1.50 AS a, 2 AS a']) b;
SELECT brief(b) FROM neon_http_batch('neon', '{}') b;
SELECT brief(neon_http_batch('neon', ARRAY['SHOW transaction_isolation', 'SHOW transaction_read_only', 'SHOW transaction_deferrable']));
SELECT brief(neon_http_batch('neon', ARRAY['SHOW transaction_isolation', 'SHOW transaction_read_only', 'SHOW transaction_deferrable'], 'Serializable', true, true));
SELECT brief(neon_http_batch('neon', ARRAY['DELETE FROM t'], read_only => true));
SELECT brief(neon_http_batch('neon', ARRAY['DELETE FROM t', 'SELECT 1/0']));
SELECT brief(neon_http_batch('neon', ARRAY['SELECT 1'], isolation => 'snapshot'));
SELECT brief(neon_http_batch('neon', NULL));
SELECT brief(neon_http_batch('neon', ARRAY['SELECT 1', NULL]));
BEGIN;
SELECT brief(neon_http_batch('neon', ARRAY['UPDATE t SET txt = ''batch'' WHERE id = 2']));
SELECT neon_http_exec('neon', 'DELETE FROM t');
SELECT brief(neon_http_batch('neon', ARRAY['SELECT 1']));
ROLLBACK;
BEGIN READ ONLY;
SELECT brief(neon_http_batch('neon', ARRAY['SELECT 1'], read_only => true));
SELECT brief(neon_http_batch('neon', ARRAY['SELECT 1']));
ROLLBACK;
SELECT id, txt FROM t ORDER BY id;

--
-- Who may: EXECUTE, and USAGE on the server
--
CREATE ROLE exec_user;
GRANT USAGE ON SCHEMA exec TO exec_user;
SET ROLE exec_user;
SELECT neon_http_exec('neon', 'SELECT 1');
SELECT neon_http_exec('neon', 'SELECT $1', 'a');
SELECT neon_http_exec('neon', 'SELECT 1', transaction => false);
SELECT * FROM neon_http_query('neon', 'SELECT 1') AS t (a int);
SELECT * FROM neon_http_query('neon', 'SELECT $1', 'a') AS t (a text);
SELECT neon_http_batch('neon', ARRAY['SELECT 1']);
RESET ROLE;
GRANT EXECUTE ON FUNCTION neon_http_exec(name, text), neon_http_query(name, text), neon_http_batch(name, text[], text, boolean, boolean) TO exec_user;
SET ROLE exec_user;
SELECT neon_http_exec('neon', 'SELECT 1');
SELECT * FROM neon_http_query('neon', 'SELECT 1') AS t (a int);
SELECT neon_http_batch('neon', ARRAY['SELECT 1']);
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER neon TO exec_user;
SET ROLE exec_user;
-- the message is another one in newer versions
\set VERBOSITY sqlstate
SELECT neon_http_exec('neon', 'SELECT 1');
\set VERBOSITY default
RESET ROLE;
DROP OWNED BY exec_user;
DROP ROLE exec_user;

SET client_min_messages = warning;
DROP SERVER exec_auto CASCADE;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA :"user", exec_other CASCADE;
