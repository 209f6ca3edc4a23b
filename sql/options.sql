--
-- Options: which are valid where, what their values may be, and who may set
-- them.  Sends nothing.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS neon_http_fdw;
CREATE ROLE regress_neon_owner;
GRANT USAGE ON FOREIGN DATA WRAPPER neon_http_fdw TO regress_neon_owner;
RESET client_min_messages;

-- A server needs a host
CREATE SERVER opt FOREIGN DATA WRAPPER neon_http_fdw;
CREATE SERVER opt FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (port '443');
CREATE SERVER opt FOREIGN DATA WRAPPER neon_http_fdw
  OPTIONS (host 'ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech');
ALTER SERVER opt OPTIONS (DROP host);

-- Every option of a server
ALTER SERVER opt OPTIONS (port '8443', dbname 'neon db', url 'https://localhost:4444/sql',
  options 'neon_lsn:0/1F neon_endpoint_type:read_only', sslmode 'verify-full',
  sslrootcert '/etc/ca.pem', proxy 'http://proxy.example:3128',
  connect_timeout '3', request_timeout '0', max_retries '0',
  keep_connections 'off', read_only_scans 'no',
  fdw_startup_cost '12.5', fdw_tuple_cost '0');
ALTER SERVER opt OPTIONS (extensions 'neon_http_fdw, plpgsql');
ALTER SERVER opt OPTIONS (SET extensions 'plpgsql, no_such_extension');
ALTER SERVER opt OPTIONS (SET extensions 'plpgsql,,');
ALTER SERVER opt OPTIONS (SET extensions 'plpgsql');
SELECT unnest(srvoptions) AS option FROM pg_foreign_server WHERE srvname = 'opt';

-- Names that do not exist, or not here
ALTER SERVER opt OPTIONS (conect_timeout '3');
ALTER SERVER opt OPTIONS (sslmoed 'require');
ALTER SERVER opt OPTIONS (fetch_size '3');
ALTER SERVER opt OPTIONS (password 'secret');
ALTER SERVER opt OPTIONS ("PORT" '1');
ALTER FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'x');
ALTER FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (no_such_thing 'x');
CREATE USER MAPPING FOR CURRENT_USER SERVER opt OPTIONS (usr 'me');
CREATE USER MAPPING FOR CURRENT_USER SERVER opt OPTIONS (host 'x');
CREATE FOREIGN TABLE opt_t (a int) SERVER opt OPTIONS (tabel_name 'x');
CREATE FOREIGN TABLE opt_t (a int OPTIONS (column_nam 'x')) SERVER opt;
CREATE FOREIGN TABLE opt_t (a int OPTIONS (schema_name 'x')) SERVER opt;
-- as the function itself may be called, too
SELECT neon_http_fdw_validator(ARRAY['port=1'], 0);
SELECT neon_http_fdw_validator(ARRAY['port'], 'pg_foreign_server'::regclass);
\set VERBOSITY sqlstate
SELECT neon_http_fdw_validator(ARRAY[repeat('x', 100000) || '=1'], 0);
\set VERBOSITY default
SELECT neon_http_fdw_validator(ARRAY[NULL], 'pg_foreign_server'::regclass);
SELECT neon_http_fdw_validator('{}', 'pg_foreign_table'::regclass);

-- A host is a name: the endpoint is chosen by its first label
CREATE FUNCTION opt_try(object regclass, option text, value text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  PERFORM neon_http_fdw_validator(CASE WHEN object = 'pg_foreign_server'::regclass
    AND option <> 'host' THEN ARRAY['host=h'] ELSE '{}' END
    || (option || '=' || value), object);
  RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''));
END $$;
SELECT left(v, 45) AS host, opt_try('pg_foreign_server', 'host', v) FROM unnest(ARRAY[
  'localhost', 'a-b_c.example', 'EP-1.Neon.Tech', 'x-pooler', '1a.2b', '10.com',
  '127.0.0.1', '127.1', '2130706433', '0x7f000001', '0X7F.1', 'a.0x1', '::1', '[::1]', 'fe80::1%eth0',
  '1.2.3.4:80', 'a:5432', '', '.', 'a.', '.a', 'a..b', '-a', 'a-', 'a.-pooler', '-pooler.b',
  'a b', 'a/b', 'a?b', 'a#b', 'user:secret@host', 'postgresql://user:secret@host/db',
  'ä.example', 'a%41', 'a\b', 'a"b', repeat('a', 63), repeat('a', 64),
  repeat('abcdefghi.', 25) || 'abc', repeat('abcdefghi.', 25) || 'abcd']) v;

-- A URL has http or https, a host, and no credentials; none is ever shown
SELECT v AS url, opt_try('pg_foreign_server', 'url', v) FROM unnest(ARRAY[
  'https://localhost', 'https://127.0.0.1:4444/sql', 'HTTPS://[::1]:4444/sql?x=a@b', 'http://a/', 'https://a:1', 'https://a:65535/',
  '', 'localhost', 'ftp://a', 'https:a', 'https:/a', 'https://', 'https:///sql', 'https://:80', 'https://?x', 'https://[]/', 'https://[::1', 'https://[::g]/', 'https://[::1]x',
  'https://121', 'https://127.1/', 'https://0x7f000001:80/', 'https://1.2.3.256', 'https://1.2.3.04', 'https://a:', 'https://a:0', 'https://a:65536', 'https://a:999999', 'https://a:1x', 'https://a:-1', 'https://a:80:80',
  'https://user@a/', 'https://user:secret@a/', 'https://a\@b/', 'https://user:sec/ret@a', 'https://a/#x', 'https://a/x y', 'https://a/ä', 'https://a/<', 'https://a b/',
  'postgresql://user:secret@a/db']) v;
SELECT v AS proxy, opt_try('pg_foreign_server', 'proxy', v) FROM unnest(ARRAY[
  '', 'proxy', 'proxy:3128', 'http://proxy:3128', 'https://proxy:3128/', 'socks5h://127.0.0.1:1080', '[::1]:3128',
  'ftp://proxy', 'http://', 'http://user:secret@proxy:3128', 'user:secret@proxy', 'proxy:x', 'http://proxy:3128/path']) v;

-- Numbers, booleans, words
SELECT o AS option, v AS value, opt_try('pg_foreign_server', o, v) FROM (VALUES
  ('port', '1'), ('port', '65535'), ('port', '0'), ('port', '65536'), ('port', '-1'), ('port', ''), ('port', '44 3'),
  ('port', '99999999999999999999'), ('port', '0x10'), ('port', '443.4'),
  ('connect_timeout', '0'), ('connect_timeout', '0.4'), ('connect_timeout', '10s'), ('connect_timeout', '2147483'), ('connect_timeout', '2147484'),
  ('request_timeout', '60'), ('request_timeout', '-1'),
  ('max_retries', '100'), ('max_retries', '101'),
  ('keep_connections', 't'), ('keep_connections', '2'), ('keep_connections', ''),
  ('read_only_scans', 'false'), ('read_only_scans', 'maybe'),
  ('fdw_startup_cost', '1e3'), ('fdw_startup_cost', '-0.1'), ('fdw_startup_cost', 'x'), ('fdw_startup_cost', 'NaN'), ('fdw_startup_cost', 'Infinity'),
  ('fdw_tuple_cost', '0'), ('fdw_tuple_cost', '1 kB'),
  ('request_host', 'api'), ('request_host', 'endpoint'), ('request_host', 'API'), ('request_host', ''), ('stall_timeout', '0'), ('stall_timeout', '-1'), ('application_name', ''),
  ('sslmode', 'disable'), ('sslmode', 'require'), ('sslmode', 'prefer'), ('sslmode', 'Require'), ('sslmode', ''),
  ('dbname', 'ä "b'''), ('dbname', ''), ('sslrootcert', ''), ('options', 'a b'), ('options', 'ä'), ('options', '')
) t(o, v);

-- No control characters anywhere
SELECT c AS object, o AS option, opt_try(c, o, E'a\r\nHost: b'), opt_try(c, o, E'a\x7f') FROM (VALUES
  ('pg_foreign_server'::regclass, 'host'), ('pg_foreign_server', 'dbname'), ('pg_foreign_server', 'url'), ('pg_foreign_server', 'options'),
  ('pg_foreign_server', 'sslmode'), ('pg_foreign_server', 'proxy'), ('pg_foreign_server', 'extensions'), ('pg_foreign_server', 'port'),
  ('pg_user_mapping', 'user'), ('pg_user_mapping', 'password'), ('pg_user_mapping', 'auth_token'),
  ('pg_foreign_table', 'schema_name'), ('pg_foreign_table', 'table_name'),
  ('pg_attribute', 'column_name'), ('pg_attribute', 'type_name')) t(c, o);

-- User mapping, table, column
SELECT c AS object, o AS option, v AS value, opt_try(c, o, v) FROM (VALUES
  ('pg_user_mapping'::regclass, 'user', 'ä@b/c%d'), ('pg_user_mapping', 'user', ''),
  ('pg_user_mapping', 'password', 'p@ss:w/rd%#ü '), ('pg_user_mapping', 'password', ''),
  ('pg_user_mapping', 'password_required', 'false'), ('pg_user_mapping', 'password_required', 'x'),
  ('pg_user_mapping', 'auth_token', 'eyJ.x-_~+/.9=='), ('pg_user_mapping', 'auth_token', ''), ('pg_user_mapping', 'auth_token', 'Bearer secret'),
  ('pg_user_mapping', 'auth_token', 'secret,'), ('pg_user_mapping', 'auth_token', 'secretä'),
  ('pg_foreign_table', 'schema_name', 'My "Schema"'), ('pg_foreign_table', 'schema_name', ''), ('pg_foreign_table', 'table_name', ''),
  ('pg_attribute', 'column_name', 'a''b'), ('pg_attribute', 'column_name', ''), ('pg_attribute', 'key', 'yes'), ('pg_attribute', 'key', 'primary'),
  ('pg_attribute', 'type_name', 'public.mood'), ('pg_attribute', 'type_name', 'shop."My Mood"[]'), ('pg_attribute', 'type_name', 'timestamp(3) with time zone'),
  ('pg_attribute', 'type_name', ''), ('pg_attribute', 'type_name', 'text) OR (true'), ('pg_attribute', 'type_name', 'text; DROP TABLE t'),
  ('pg_attribute', 'type_name', 'text''x'), ('pg_attribute', 'type_name', 'SETOF text'), ('pg_attribute', 'type_name', 't.a%TYPE'), ('pg_attribute', 'type_name', '"text')) t(c, o, v);

-- What only superusers may set
GRANT USAGE ON FOREIGN SERVER opt TO regress_neon_owner;
SET ROLE regress_neon_owner;
SELECT o AS option, v AS value, opt_try(c, o, v) FROM (VALUES
  ('pg_foreign_server'::regclass, 'sslmode', 'disable'), ('pg_foreign_server', 'sslmode', 'require'), ('pg_foreign_server', 'sslmode', 'verify-full'),
  ('pg_foreign_server', 'sslrootcert', '/x'), ('pg_foreign_server', 'proxy', ''), ('pg_foreign_server', 'proxy', 'http://a'),
  ('pg_foreign_server', 'url', 'http://a'), ('pg_foreign_server', 'url', 'https://a'),
  ('pg_user_mapping', 'password_required', 'false'), ('pg_user_mapping', 'password_required', 'true')) t(c, o, v);
CREATE SERVER opt_own FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'a', sslmode 'require');
CREATE SERVER opt_own FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'a');
CREATE USER MAPPING FOR regress_neon_owner SERVER opt_own OPTIONS (user 'u', password_required 'false');
CREATE USER MAPPING FOR regress_neon_owner SERVER opt_own OPTIONS (user 'u', password 'secret');
RESET ROLE;
-- nor may anybody else alter what has such a setting, but drop it
ALTER SERVER opt_own OPTIONS (ADD sslmode 'require');
ALTER USER MAPPING FOR regress_neon_owner SERVER opt_own OPTIONS (ADD password_required 'false');
SET ROLE regress_neon_owner;
ALTER SERVER opt_own OPTIONS (ADD port '4444');
ALTER USER MAPPING FOR regress_neon_owner SERVER opt_own OPTIONS (SET user 'other');
ALTER SERVER opt_own OPTIONS (ADD port '4444', DROP sslmode);
ALTER USER MAPPING FOR regress_neon_owner SERVER opt_own OPTIONS (SET user 'other', DROP password_required);
RESET ROLE;

-- The session's token: who is no superuser may set it, too; none is ever shown
SET ROLE regress_neon_owner;
SET neon_http_fdw.auth_token = 'Bearer secret';
SET neon_http_fdw.auth_token = E'secret\r\nHost: x';
SHOW neon_http_fdw.auth_token;
SET neon_http_fdw.auth_token = 'eyJ.x-_~+/.9==';
SHOW neon_http_fdw.auth_token;
SELECT current_setting('neon_http_fdw.auth_token'), count(*) FROM pg_settings WHERE name = 'neon_http_fdw.auth_token';
-- what SHOW says is no value to set
SELECT set_config('neon_http_fdw.auth_token', current_setting('neon_http_fdw.auth_token'), false);
CREATE FUNCTION pg_temp.opt_f() RETURNS int LANGUAGE sql SET neon_http_fdw.auth_token FROM CURRENT AS 'SELECT 1';
-- what is stored can be read by everybody
CREATE FUNCTION pg_temp.opt_f() RETURNS int LANGUAGE sql SET neon_http_fdw.auth_token = 'secret' AS 'SELECT 1';
ALTER ROLE regress_neon_owner SET neon_http_fdw.auth_token = 'secret';
-- a mapping may have password and token
ALTER USER MAPPING FOR regress_neon_owner SERVER opt_own OPTIONS (ADD auth_token 'eyJ');
RESET neon_http_fdw.auth_token;
SHOW neon_http_fdw.auth_token;
RESET ROLE;

DROP FUNCTION opt_try;
SET client_min_messages = warning;
DROP SERVER opt_own CASCADE;
DROP SERVER opt CASCADE;
DROP OWNED BY regress_neon_owner;
DROP ROLE regress_neon_owner;
