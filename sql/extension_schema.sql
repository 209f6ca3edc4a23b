--
-- Extensions that are in another schema on the remote than here
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote_superuser
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS pg_trgm, citext, hstore CASCADE;
DROP SCHEMA IF EXISTS extsch, "Ext ""S""" CASCADE;
CREATE SCHEMA extsch;
CREATE SCHEMA "Ext ""S""";
CREATE EXTENSION pg_trgm SCHEMA "Ext ""S""";
CREATE EXTENSION citext SCHEMA extsch;
CREATE EXTENSION hstore SCHEMA public;
CREATE TABLE extsch.t (id int PRIMARY KEY, name text, c extsch.citext, h public.hstore);
INSERT INTO extsch.t VALUES (1, 'word', 'ONE', 'a=>1'), (2, 'two words', 'Two', 'b=>2'), (3, 'nothing', 'three', NULL);
GRANT USAGE ON SCHEMA extsch, "Ext ""S""" TO :user;
GRANT ALL ON extsch.t TO :user;

\c :local
LOAD 'neon_http_fdw';
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS pg_trgm, citext, hstore CASCADE;
DROP SCHEMA IF EXISTS extsch_local CASCADE;
CREATE SCHEMA extsch_local;
CREATE EXTENSION pg_trgm SCHEMA public;
CREATE EXTENSION citext SCHEMA public;
CREATE EXTENSION hstore SCHEMA public;
CREATE SERVER extsch FOREIGN DATA WRAPPER neon_http_fdw
  OPTIONS (host 'ep-test-123.local.neon.test', dbname :'dbname', url :'url', sslrootcert :'ca', extensions 'pg_trgm, citext, hstore');
CREATE USER MAPPING FOR CURRENT_USER SERVER extsch OPTIONS (user :'user', password :'password');
IMPORT FOREIGN SCHEMA extsch FROM SERVER extsch INTO extsch_local;
SELECT option FROM pg_foreign_server, unnest(srvoptions) option WHERE srvname = 'extsch' AND option ~ '^extension_';
CREATE TABLE extsch_local.loc AS SELECT 1 AS id;

-- Operators, functions, types and aggregates, as whole statements and in parts
\set check 'EXPLAIN (VERBOSE, COSTS OFF)'
:check SELECT id FROM extsch_local.t WHERE name OPERATOR(public.%>) 'word' AND public.similarity(name, 'word') > 0.1 ORDER BY name OPERATOR(public.<->) 'word';
SELECT id FROM extsch_local.t WHERE public.similarity(name, 'word') > 0.1 ORDER BY name OPERATOR(public.<->) 'word';
SELECT id FROM extsch_local.t WHERE c = 'one' OR c = 'TWO' ORDER BY c;
SELECT id, h -> 'a' AS a, c::text || 'x' AS text FROM extsch_local.t WHERE h ? 'a' OR name = 'public.similarity(' ORDER BY id;
SELECT max(c), min(c) FROM extsch_local.t;
SELECT id, name::public.citext = 'WORD' AS same FROM extsch_local.t ORDER BY id;
SELECT public.id FROM extsch_local.t AS public WHERE public.similarity(public.name, 'word') > 0.1 ORDER BY 1;
:check SELECT id FROM extsch_local.t JOIN extsch_local.loc USING (id) WHERE public.similarity(name, 'word') > 0.1 AND c = 'one';
SELECT id FROM extsch_local.t JOIN extsch_local.loc USING (id) WHERE public.similarity(name, 'word') > 0.1 AND c = 'one';
SET neon_http_fdw.statement_pushdown = off;
SELECT id FROM extsch_local.t WHERE public.similarity(name, 'word') > 0.1 AND c = 'ONE' ORDER BY name OPERATOR(public.<->) 'word';
SELECT c, count(*) FROM extsch_local.t GROUP BY c ORDER BY c;
RESET neon_http_fdw.statement_pushdown;
UPDATE extsch_local.t SET name = name || '!' WHERE public.word_similarity('words', name) > 0.9 RETURNING id;
INSERT INTO extsch_local.t (id, c) VALUES (4, 'Four') RETURNING c = 'four' AS same;
DELETE FROM extsch_local.t WHERE c = 'fOUR' RETURNING id;

-- A later import sees that an extension was moved, and back
\c :remote_superuser
ALTER EXTENSION pg_trgm SET SCHEMA public;
\c :local
LOAD 'neon_http_fdw';
IMPORT FOREIGN SCHEMA no_such_schema FROM SERVER extsch INTO extsch_local;
DROP FOREIGN TABLE extsch_local.t;
IMPORT FOREIGN SCHEMA extsch FROM SERVER extsch INTO extsch_local;
SELECT option FROM pg_foreign_server, unnest(srvoptions) option WHERE srvname = 'extsch' AND option ~ '^extension_';
SELECT id FROM extsch_local.t WHERE public.similarity(name, 'word') > 0.1 AND c = 'one';
\c :remote_superuser
ALTER EXTENSION citext SET SCHEMA public;
\c :local
LOAD 'neon_http_fdw';
-- only the owner of a server can change it
CREATE ROLE regress_neon_extsch;
GRANT ALL ON SCHEMA extsch_local TO regress_neon_extsch;
GRANT USAGE ON FOREIGN SERVER extsch TO regress_neon_extsch;
CREATE USER MAPPING FOR regress_neon_extsch SERVER extsch OPTIONS (user :'user', password :'password');
DROP FOREIGN TABLE extsch_local.t;
SET ROLE regress_neon_extsch;
IMPORT FOREIGN SCHEMA extsch FROM SERVER extsch INTO extsch_local;
RESET ROLE;
DROP OWNED BY regress_neon_extsch;
DROP ROLE regress_neon_extsch;
IMPORT FOREIGN SCHEMA extsch FROM SERVER extsch INTO extsch_local;
SELECT option FROM pg_foreign_server, unnest(srvoptions) option WHERE srvname = 'extsch' AND option ~ '^extension_';
SELECT id FROM extsch_local.t WHERE c = 'one';

-- An attach sees it, too, also when nothing else has changed
\c :remote_superuser
ALTER EXTENSION citext SET SCHEMA extsch;
\c :local
SET session_preload_libraries = 'neon_http_fdw';
SELECT table_name, status, detail FROM neon_http_attach(server => 'extsch', local_schema => 'extsch_local', remote_schema => 'extsch');
SELECT option FROM pg_foreign_server, unnest(srvoptions) option WHERE srvname = 'extsch' AND option ~ '^extension_';
SELECT id, max(c) FROM extsch_local.t WHERE c = 'one' OR c = 'TWO' GROUP BY id ORDER BY min(c);
UPDATE extsch_local.t SET c = 'Won' WHERE c = 'oNE' RETURNING c, c = 'WON' AS same;
\c :remote_superuser
ALTER EXTENSION citext SET SCHEMA public;
\c :local
SET session_preload_libraries = 'neon_http_fdw';
SELECT table_name, status, detail FROM neon_http_attach(server => 'extsch', local_schema => 'extsch_local', remote_schema => 'extsch');
SELECT option FROM pg_foreign_server, unnest(srvoptions) option WHERE srvname = 'extsch' AND option ~ '^extension_';
SELECT id FROM extsch_local.t WHERE c = 'won';

-- The option by hand
ALTER SERVER extsch OPTIONS (ADD extension_schemas 'pg_trgm');
ALTER SERVER extsch OPTIONS (ADD extension_schemas 'pg_trgm=');
ALTER SERVER extsch OPTIONS (ADD extension_schemas 'pg_trgm=a b=c');
ALTER SERVER extsch OPTIONS (ADD extension_schemas '"pg_trgm=a');
ALTER SERVER extsch OPTIONS (ADD extension_schemas '');
ALTER SERVER extsch OPTIONS (ADD extension_schemas ' "pg_trgm" = "a ""b""" , citext=c');

SET client_min_messages = warning;
DROP SERVER extsch CASCADE;
DROP SCHEMA extsch_local CASCADE;
DROP EXTENSION pg_trgm, citext, hstore CASCADE;
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA extsch CASCADE;
DROP EXTENSION pg_trgm, citext, hstore CASCADE;
DROP SCHEMA "Ext ""S""";
