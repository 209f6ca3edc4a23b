\set ECHO none
-- What every SQL test knows about the running test/stack, as psql variables,
-- and the server "neon" in the local database.  A test begins with
--
--   \getenv srcdir PG_ABS_SRCDIR
--   \i :srcdir/sql/include/stack.sql
--
-- and then moves between both sides by \c :local and \c :remote.

-- the remote, and who may connect to it
\getenv host REMOTE_PGHOST
\getenv port REMOTE_PGPORT
\getenv dbname REMOTE_PGDATABASE
\getenv user REMOTE_PGUSER
\getenv password REMOTE_PGPASSWORD

-- the endpoint: its URL, its certificate authority, its log of requests
\getenv url ENDPOINT_URL
\getenv ca ENDPOINT_CA
\getenv log ENDPOINT_LOG

-- connection strings; an Append reads its children one after the other here,
-- as the order in which rows arrive is another one each time
SET enable_async_append = off;
\set local 'host=' :HOST ' port=' :PORT ' dbname=' :DBNAME ' user=' :USER ' options=''-c intervalstyle=postgres_verbose -c enable_async_append=off'''
\set remote 'host=' :host ' port=' :port ' dbname=' :dbname ' user=' :user ' password=''' :password ''''
\set remote_superuser 'host=' :host ' port=' :port ' dbname=' :dbname ' user=postgres password=''' :password ''''

-- extension, server and user mapping, made where they are missing; a test
-- that makes a database or a role of its own says :stack_sql again
\getenv stack_sql STACK_SQL
SET client_min_messages = warning;
:stack_sql;

-- where an error was raised is of no interest to most tests
\set SHOW_CONTEXT never
\set ECHO all
