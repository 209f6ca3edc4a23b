--
-- Types: what is read here is what the remote has, and a value that is sent
-- as a parameter finds its row.
--
-- Each type has a table on the remote: n, v (sample values) and a (arrays of
-- them).  Both sides compute fingerprints of what they hold, from the output
-- functions and, where the bytes do not hold numbers of this database, from
-- the send functions.
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set SHOW_CONTEXT errors

\set local_database :DBNAME

--
-- The remote's types
--
\c :remote_superuser
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO, MDY';
SET intervalstyle = 'postgres';
DROP SCHEMA IF EXISTS typ, typ_row, typ_odd, typ_test CASCADE;
CREATE SCHEMA typ;
CREATE SCHEMA typ_row;
CREATE SCHEMA typ_odd;
CREATE SCHEMA typ_test;
SELECT $sql$
CREATE TYPE typ.floatrange AS RANGE (subtype = float8, multirange_type_name = typ.floatranges);
CREATE TYPE typ.textrange AS RANGE (subtype = text, collation = "C", multirange_type_name = typ.textranges);
CREATE TYPE typ.mood AS ENUM ('sad', 'it''s ok', 'back\slash', 'ä "q", {x}', '');
CREATE TYPE typ.moodrange AS RANGE (subtype = typ.mood, multirange_type_name = typ.moodranges);
$sql$ AS types \gset
:types
CREATE DOMAIN typ.posint AS int CHECK (VALUE > 0);
CREATE DOMAIN typ.moods AS typ.mood[];
CREATE DOMAIN typ.price AS money;
CREATE DOMAIN typ.span AS typ.floatrange;
CREATE TYPE typ.pair AS (a text, "B c" typ.mood, d typ.price, e timestamptz, f float8, g text[], x xml);
CREATE TYPE typ.nest AS (p typ.pair, ps typ.pair[], i interval);
CREATE DOMAIN typ.few AS typ.pair;
CREATE TYPE typ.nothing AS ();
CREATE TYPE typ.lone AS (a text);

CREATE TABLE typ_test.samples (type text PRIMARY KEY, vals text[]);
-- (types that newer versions add)
INSERT INTO typ_test.samples SELECT * FROM (VALUES
  ('oid8', '{0,18446744073709551615}'::text[]), ('regdatabase', '{-,postgres,template1}')) v (type, vals) WHERE to_regtype(type) IS NOT NULL;
INSERT INTO typ_test.samples VALUES
  ('bool', '{t,f}'),
  ('bytea', ARRAY['\x', '\x00', '\x5c', '\x5c78', (SELECT '\x' || string_agg(lpad(to_hex(i), 2, '0'), '') FROM generate_series(0, 255) i)]),
  ('"char"', ARRAY['a', '', ' ', '''', '"', '\', ',', '}', E'\x01']),
  ('name', ARRAY['', 'NULL', 'ä"''\', repeat('x', 63), repeat('ä', 31)]),
  ('int2', '{0,-32768,32767}'), ('int4', '{0,-2147483648,2147483647}'), ('int8', '{0,-9223372036854775808,9223372036854775807}'),
  ('int2vector', ARRAY['', '1', '1 -2 32767']), ('oidvector', ARRAY['', '0', '1 4294967295']),
  ('text', ARRAY['', ' ', 'NULL', 'null', '{}', '{a,"b"}', '(1,2)', 'a"b', 'it''s', 'back\slash', '\\', '\N', '\x41', '\u0041', E'tab\tnew\nline\r\n',
    E'\x01\x02\x08\x0b\x0c\x1f\x7f', ' pad  ', '%_$1 $$ ?', 'äöüß€', '𝄞😀', U&'e\0301\200b\2028\feff\fffe\+10ffff', 'עברית', repeat('x€', 3000)]),
  ('varchar', ARRAY['', 'a ', '𝄞']), ('varchar(3)', ARRAY['', '€', 'a𝄞b']),
  ('char(5)', ARRAY['', 'a', '  b', 'äöü', '𝄞𝄞𝄞𝄞𝄞']), ('bpchar', ARRAY['', 'a  ', '  ', 'longer than most']), ('char', ARRAY['', 'x']),
  ('oid', '{0,4294967295}'), ('xid', '{0,4294967295}'), ('cid', '{0,4294967295}'), ('xid8', '{0,18446744073709551615}'),
  ('tid', ARRAY['(0,0)', '(0,1)', '(4294967295,65535)']),
  ('json', ARRAY['null', '"\u00e9\ud834\udd1e \\ \" \/ \b"', '{"a" : 1,  "a":2, "ä": [1e400, -0, 1.10]}', '[]', ' "𝄞"  ', '"\u0000"']),
  ('jsonb', ARRAY['null', '"\u00e9\ud834\udd1e \\ \" \/ \b \u0001"', '{"a": 1, "ä": [1e400, -0, 1.10, true, null, "", {}]}', '[]', '{}', '123456789012345678901234567890.5']),
  ('jsonpath', ARRAY['$', 'strict $."ä 𝄞"[*] ? (@.b > -1.5e-10 && @.c like_regex "^a\\b\"" flag "i").size()', '$.a[0 to last]']),
  ('xml', ARRAY['', 'no element', '<a/>', '<a x="&lt;&quot;&#228;">ä&amp;€𝄞</a><b/>', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', '<!-- c --><![CDATA[<]]>',
    '<?xml version="1.0" standalone="yes"?><a/>', '<?xml version="1.0" encoding="LATIN1"?><a>ä</a>']),
  ('money', '{0,-1.50,1234567.89,-92233720368547758.08,92233720368547758.07}'),
  ('numeric', '{NaN,Infinity,-Infinity,0,-0.00,1.10,100.00,1e1000,-1e-1000,0.1234567890123456789012345678901234567890,1e131071}'),
  ('numeric(10,2)', '{NaN,0,-99999999.99}'), ('numeric(3,-2)', '{100,-99900}'), ('numeric(3,5)', '{0.00999}'),
  ('float4', '{NaN,Infinity,-Infinity,0,-0,1e-45,-1.1754944e-38,3.4028235e38,0.1,16777217}'),
  ('float8', '{NaN,Infinity,-Infinity,0,-0,5e-324,-2.2250738585072014e-308,1.7976931348623157e308,0.1,0.30000000000000004,1e23,9007199254740993}'),
  ('date', '{infinity,-infinity,4714-11-24 BC,0044-03-15 BC,0001-01-01,0099-02-03,1970-01-01,2024-02-29,5874897-12-31}'),
  ('time', '{00:00,24:00,23:59:59.999999,01:02:03}'), ('time(2)', '{12:34:56.78}'),
  ('timetz', '{00:00+15:59:59,24:00-15:59:59,12:00:00.000001+05:45,12:34:56-03:30:52,03:04+00}'), ('timetz(0)', '{12:34:56-08}'),
  ('timestamp', '{infinity,-infinity,4714-11-24 00:00 BC,0044-03-15 12:00 BC,0001-02-03 04:05:06,1969-12-31 23:59:59.999999,2024-02-29 24:00,294276-12-31 23:59:59.999999}'),
  ('timestamp(3)', '{2024-01-02 03:04:05.678}'),
  ('timestamptz', '{infinity,-infinity,4714-11-24 00:00+00 BC,0044-03-15 12:00+00 BC,0001-02-03 04:05:06+00,1883-11-18 12:00+00,1969-12-31 23:59:59.999999+00,
    2024-03-10 10:00+00,2024-11-03 08:30+00,2024-11-03 09:30+00,294276-12-31 23:59:59.999999+00}'),
  ('timestamptz(0)', '{2024-01-02 03:04:05.678-05:30}'),
  ('interval', (SELECT array_agg(format('%s mons %s days %s', m, d, t)) FROM unnest('{0,14,-14}'::text[]) m, unnest('{0,3,-3}'::text[]) d, unnest('{0,04:05:06.7,-04:05:06.7}'::text[]) t)
    || '{-178000000 years,178000000 years,2147483647 mons -2147483648 days 2562047788:00:54.775807,-2147483648 mons,1 us,-1 us,-1 day 00:00:01,1 year -1 day}'::text[]),
  ('interval year to month', '{1-2,-1-2}'), ('interval day to second(2)', '{1 02:03:04.56,-1 +02:03:04.56}'),
  ('point', '{"(0,-0)","(0.1,0.2)","(NaN,Infinity)","(5e-324,-1.7976931348623157e308)"}'),
  ('lseg', ARRAY['[(0.1,0.2),(-Infinity,NaN)]']), ('path', ARRAY['((0.1,0.2),(3,4))', '[(0.1,0.2)]', '[(1,2),(3,4),(5,6)]']),
  ('box', ARRAY['(3.3,4.4),(0.1,-0.2)', '(0,0),(0,0)']), ('polygon', ARRAY['((0.1,0.2))', '((0,0),(1,0.1),(NaN,1))']),
  ('line', ARRAY['{0.1,-1,0}', '{-1,0,5e-324}']), ('circle', ARRAY['<(0.1,0.2),0.30000000000000004>', '<(0,0),0>', '<(1,2),Infinity>']),
  ('inet', '{0.0.0.0/0,192.168.1.5/24,10.0.0.1,::1,2001:db8::1/64,::ffff:1.2.3.4}'), ('cidr', '{0.0.0.0/0,192.168.1.0/24,10.0.0.1,::/0,2001:db8::/32}'),
  ('macaddr', '{00:00:00:00:00:00,08:00:2b:01:02:ff}'), ('macaddr8', '{00:00:00:00:00:00:00:00,08:00:2b:01:02:03:04:ff}'),
  ('bit', '{0,1}'), ('bit(9)', '{101010101}'), ('"bit"', ARRAY['', '1', '10101010101']), ('varbit', ARRAY['', '0', '111000111']), ('varbit(5)', ARRAY['', '10101']),
  ('tsvector', ARRAY['', '''a'':1A,2B,16383 ''it''''s'' ''\\back'' ''ä€𝄞'' '' ''']),
  ('tsquery', ARRAY['', '''a'' & !( ''b'':*AB | ''it''''s'' ) <3> ''\\ä€𝄞''', '!''x'' <-> ''y''']),
  ('uuid', '{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff}'),
  ('pg_lsn', '{0/0,16/B374D848,FFFFFFFF/FFFFFFFF}'), ('pg_snapshot', ARRAY['10:20:10,14,15', '1:1:']), ('txid_snapshot', ARRAY['10:20:10,14,15', '1:1:']),
  ('refcursor', ARRAY['', 'a"b', '<unnamed portal 1>']), ('aclitem', ARRAY['postgres=arwdDxt/postgres', '=r*/postgres']),
  ('regproc', '{-,now,pg_catalog.pg_sleep,999999999}'), ('regprocedure', ARRAY['-', 'abs(integer)', 'now()', 'information_schema._pg_expandarray(anyarray)']),
  ('regoper', ARRAY['0', '||/']), ('regoperator', ARRAY['0', '+(integer,integer)', '-(NONE,bigint)', '=("char","char")']),
  ('regclass', '{-,pg_class,information_schema.tables,999999999}'), ('regtype', ARRAY['-', 'integer', 'timestamp with time zone', '"char"', 'numeric[]', 'information_schema.yes_or_no']),
  ('regrole', '{-,postgres,pg_monitor}'), ('regnamespace', '{-,pg_catalog,information_schema}'), ('regcollation', ARRAY['-', '"C"', '"default"']),
  ('regconfig', '{-,simple,english}'), ('regdictionary', '{-,simple,english_stem}'),
  ('int4range', '{empty,"(,)","[1,5)","[-2147483648,2147483647)"}'), ('int8range', '{empty,"(,9223372036854775807)"}'),
  ('numrange', '{empty,"[NaN,NaN]","(-Infinity,Infinity]","[1.0,1.50)"}'), ('daterange', '{empty,"(,)","[-infinity,0044-03-15 BC)","[2024-02-29,infinity]"}'),
  ('tsrange', '{empty,"[0044-03-15 12:00 BC,infinity)","(-infinity,2024-01-01 00:00:00.000001]"}'),
  ('tstzrange', '{empty,"[0044-03-15 12:00+00 BC,infinity)","[1883-11-18 12:00+00,2024-01-01 00:00:00.000001+00]"}'),
  ('int4multirange', ARRAY['{}', '{(,)}', '{[1,5),[10,)}']), ('int8multirange', ARRAY['{}', '{(,0),[9223372036854775806,)}']),
  ('nummultirange', ARRAY['{}', '{[1.0,1.50),(1.50,NaN]}']), ('datemultirange', ARRAY['{}', '{[-infinity,0044-03-15 BC),[2024-02-29,infinity]}']),
  ('tsmultirange', ARRAY['{}', '{(,0044-03-15 12:00 BC],[2024-01-01 00:00:00.000001,infinity)}']),
  ('tstzmultirange', ARRAY['{}', '{(,0044-03-15 12:00+00 BC],[2024-01-01 00:00:00.000001+00,infinity)}']),
  ('information_schema.cardinal_number', '{0,2147483647}'), ('information_schema.character_data', ARRAY['', 'NULL', 'ä"''\']),
  ('information_schema.sql_identifier', ARRAY['', 'ä"''\']), ('information_schema.time_stamp', '{infinity,0044-03-15 12:00:00.12+00 BC}'), ('information_schema.yes_or_no', '{YES,NO}'),
  ('typ.mood', ARRAY['sad', 'it''s ok', 'back\slash', 'ä "q", {x}', '']), ('typ.posint', '{1,2147483647}'),
  ('typ.moods', ARRAY['{}', '[0:1]={sad,NULL}', '{{"",back\\slash}}']), ('typ.price', '{-12.34}'), ('typ.span', '{empty,"[0.1,NaN]"}'),
  ('typ.floatrange', '{empty,"[-0,5e-324)","[0.1,Infinity]"}'), ('typ.floatranges', ARRAY['{}', '{[-0,5e-324),[0.1,Infinity]}']),
  ('typ.textrange', ARRAY['empty', '["a,b","c""d)"]', '["",")"]', '["\\","ä𝄞"]']), ('typ.textranges', ARRAY['{}', '{["a,b","c""d)"],["é}",)}']),
  ('typ.moodrange', ARRAY['empty', '["it''s ok","ä ""q"", {x}")', '["",]']), ('typ.moodranges', ARRAY['{}', '{[sad,sad],["",]}']),
  ('typ.pair', ARRAY['(,,,,,,)', '("",sad,-1.5,0044-03-15 12:00:00+00 BC,NaN,"{NULL,""NULL"",""""}",text)',
    E'("a ""quoted"", \\\\ (1)\n\t𝄞","ä ""q"", {x}",9.99,infinity,0.1,"[2:3]={1,""\\\\""\\\\\\\\""}","<a x=""1""/><b/>")']),
  ('typ.few', ARRAY['(,,,,,,)', '(x,sad,1,,,,)']), ('typ.nothing', ARRAY['()']), ('typ.lone', ARRAY['()', '("")', '(" ")', '("(,)")']),
  ('typ.nest', ARRAY['(,,)', $$("(x,"""",1,2024-01-01 00:00+00,-0,{},)","{NULL,""(,sad,,,Infinity,{NULL},<c/>)""}",-1 day +00:00:01)$$]);

DO $$
DECLARE
  s record;
  n text;
  d text;
BEGIN
  FOR s IN SELECT type, vals, t.oid, typarray, typdelim FROM typ_test.samples, pg_type t WHERE t.oid = type::regtype LOOP
    EXECUTE format('CREATE TABLE typ.%I (n int PRIMARY KEY, v %s)', s.type, s.type);
    SELECT string_agg(format('(%s, %L)', i, s.vals[i]), ', ') INTO n FROM generate_series(1, greatest(6, cardinality(s.vals) + 1)) i;
    EXECUTE format('INSERT INTO typ.%I VALUES %s', s.type, n);
    EXECUTE format('ALTER TABLE typ.%I ADD a %s[]', s.type, s.type);
    d := s.typdelim;
    EXECUTE format($f$SELECT format('{%%s}', string_agg(CASE WHEN v IS NOT DISTINCT FROM NULL THEN 'NULL' ELSE '"' || replace(replace(format('%%s', v), '\', '\\'), '"', '\"') || '"' END, %L ORDER BY n))
      FROM typ.%I WHERE n <= $1$f$, d, s.type) INTO n USING cardinality(s.vals) + 1;
    EXECUTE format('UPDATE typ.%I SET a = (ARRAY[NULL, ''{}'', $1, format(''[-2:%%s]=%%s'', $2 - 2, $1), format(''[0:1][5:%%s]={%%s%s%%s}'', 5 + $2, $1, $1), ''{NULL}''])[n]::%s[]',
      s.type, d, s.type) USING n, cardinality(s.vals);
  END LOOP;
END $$;

-- Rows of catalogs, made of these samples
CREATE TABLE typ_test.columns AS
  SELECT atttypid AS type, min(format('(SELECT %I FROM typ.%I WHERE n = ', attname, relname)) AS sample
  FROM pg_attribute, pg_class c WHERE attrelid = c.oid AND relnamespace = 'typ'::regnamespace AND relkind = 'r' AND attnum > 1 GROUP BY 1;
CREATE TABLE typ_test.unreadable (type regtype);
INSERT INTO typ_test.unreadable VALUES ('gtsvector'), ('gtsvector[]'), ('pg_node_tree'), ('pg_mcv_list'),
  ('pg_brin_bloom_summary'), ('pg_brin_minmax_multi_summary');
CREATE FUNCTION typ_test.has_input(type regtype) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT %L::%s', '', type);
  RETURN true;
EXCEPTION WHEN feature_not_supported THEN
  RETURN false;
WHEN data_exception THEN
  RETURN true;
END $$;
-- 19 can read these statistics, of which there are no arrays; before they are unreadable
DO $$
DECLARE
  type text;
  val text;
BEGIN
  FOR type, val IN VALUES ('pg_ndistinct', '[{"attributes": [1, 2], "ndistinct": 4}]'), ('pg_dependencies', '[{"attributes": [1], "dependency": 2, "degree": 0.5}]') LOOP
    IF typ_test.has_input(type::regtype) THEN
      EXECUTE format('CREATE TABLE typ_row.%I (n int, v %s, a text)', type, type);
      EXECUTE format('INSERT INTO typ_row.%I VALUES (1, %L)', type, val);
    ELSE
      INSERT INTO typ_test.unreadable VALUES (type::regtype);
    END IF;
  END LOOP;
END $$;
CREATE VIEW typ_test.pseudo AS  -- cannot be columns, for they have a pseudo-type within
  WITH RECURSIVE p AS (SELECT oid, typarray FROM pg_type WHERE typtype = 'p'
    UNION SELECT t.oid, t.typarray FROM p, pg_attribute a, pg_type t WHERE atttypid IN (p.oid, nullif(p.typarray, 0)) AND attnum > 0 AND t.typrelid = attrelid)
  SELECT oid AS type FROM p UNION SELECT typarray FROM p;
DO $$
DECLARE
  t record;
  r text;
BEGIN
  FOR t IN SELECT oid::regtype AS type, typname, typrelid FROM pg_type
    WHERE typtype = 'c' AND typnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND oid NOT IN (SELECT type FROM typ_test.pseudo) LOOP
    SELECT string_agg(coalesce(c.sample || '%1$s)', 'NULL'), ',' ORDER BY attnum) INTO r
      FROM pg_attribute LEFT JOIN typ_test.columns c ON c.type = atttypid WHERE attrelid = t.typrelid AND attnum > 0;
    EXECUTE format('CREATE TABLE typ_row.%I (n int, v %s, a %s[])', t.typname, t.type, t.type);
    EXECUTE format('INSERT INTO typ_row.%I VALUES (1, ROW(%s)), (2, ROW(%s)), (3, NULL)', t.typname, format(r, 2), format(r, 3));
    EXECUTE format('UPDATE typ_row.%I SET a = (SELECT array_agg(v) FROM typ_row.%I) WHERE n = 2', t.typname, t.typname);
  END LOOP;
END $$;

-- Every type that can be a column is covered
SELECT oid::regtype AS missing FROM pg_type t
WHERE typtype <> 'p' AND typnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'typ'::regnamespace)
  AND oid NOT IN (SELECT type FROM typ_test.pseudo) AND oid NOT IN (SELECT type FROM typ_test.unreadable)
  AND oid NOT IN (SELECT atttypid FROM pg_attribute, pg_class c WHERE attrelid = c.oid AND relkind = 'r' AND relnamespace IN ('typ'::regnamespace, 'typ_row'::regnamespace) AND attnum > 0)
  -- but for row types of the tables above
  AND NOT EXISTS (SELECT FROM pg_type e JOIN pg_class c ON c.oid = e.typrelid WHERE t.oid IN (e.oid, e.typarray) AND relnamespace = 'typ'::regnamespace AND relkind = 'r');
-- and what is left out has no input function
SELECT type FROM typ_test.unreadable WHERE type <> 'gtsvector[]'::regtype AND typ_test.has_input(type);
SELECT type::regtype AS pseudo FROM typ_test.pseudo p JOIN pg_type t ON t.oid = type WHERE typtype = 'c' AND typname !~ '^(pg_attribute$|pg_stat(istic|s))';

-- The text and, where possible, the bytes of each column
SELECT $sql$
CREATE FUNCTION typ_test.fingerprint(schema regnamespace) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  c record;
  f text[];
  result jsonb = '{}';
BEGIN
  FOR c IN SELECT attrelid::regclass AS rel, relname, attname, typsend::oid <> 0 AND typname !~ '^_?ref?[cg]'
      AND (t.oid < 16384 OR typsend NOT IN ('array_send'::regproc, 'record_send'::regproc)) AS has_bytes, typsend::oid::regproc AS send
    FROM pg_attribute, pg_class r, pg_type t WHERE attrelid = r.oid AND relnamespace = schema AND relkind = 'r' AND attnum > 1 AND atttypid = t.oid LOOP
    EXECUTE format($f$SELECT ARRAY[md5(string_agg(n || ' ' || format('%%L', %1$I), ', ' ORDER BY n))] FROM %2$s$f$, c.attname, c.rel) INTO f;
    BEGIN
      EXECUTE format($f$SELECT $1 || md5(string_agg(n || ' ' || encode(%1$s(%2$I), 'hex'), ', ' ORDER BY n)) FROM %3$s WHERE $2$f$, c.send, c.attname, c.rel) INTO f USING f, c.has_bytes;
    EXCEPTION WHEN undefined_function THEN  -- rows and arrays of aclitem
    END;
    result := result || jsonb_build_object(c.relname || '.' || c.attname, f);
  END LOOP;
  RETURN result;
END $$;
$sql$ AS fingerprint \gset
:fingerprint
RESET ALL;
SET client_min_messages = warning;
-- another locale than C, if there is one
SELECT coalesce(min(collcollate) FILTER (WHERE collcollate ~ '^(de|ja)_'), 'C.UTF-8') AS monetary FROM pg_collation WHERE collprovider = 'c' \gset
\set settings_1 'SET timezone = ''America/New_York''; SET datestyle = ''SQL, DMY''; SET intervalstyle = sql_standard; SET extra_float_digits = -15; SET bytea_output = escape; SET quote_all_identifiers = on;'
\set settings_2 'SET timezone = ''Africa/Monrovia''; SET datestyle = ''German''; SET intervalstyle = iso_8601; SET extra_float_digits = 3; SET xmloption = document; SET lc_monetary = ''' :monetary ''';'
\set settings_3 'SET timezone = ''<-03:30>+3:30''; SET datestyle = ''Postgres, YMD''; SET intervalstyle = postgres_verbose; SET extra_float_digits = 0;'
SELECT typ_test.fingerprint('typ') AS typ_0, typ_test.fingerprint('typ_row') AS row_0 \gset
:settings_1
SELECT typ_test.fingerprint('typ') AS typ_1, typ_test.fingerprint('typ_row') AS row_1 \gset
:settings_2
SELECT typ_test.fingerprint('typ') AS typ_2 \gset
:settings_3
SELECT typ_test.fingerprint('typ') AS typ_3 \gset

-- Large and odd
RESET ALL;
SET client_min_messages = warning;
CREATE TABLE typ_odd.big (n int PRIMARY KEY, t text, b bytea);
INSERT INTO typ_odd.big
  SELECT 1, repeat(unit, 10000000 / octet_length(unit)), NULL FROM (VALUES ('€𝄞"\' || E'\n' || repeat('0123456789', 30))) v (unit)
  UNION ALL SELECT 2, NULL, decode(repeat('00ff5c27220a7f', 742000), 'hex');
SELECT octet_length(t) AS "text", md5(t), octet_length(b) AS "bytea", md5(b) FROM typ_odd.big ORDER BY n;
SELECT format('CREATE TABLE typ_odd.wide (%s)', string_agg(format('c%s int', i), ', ')) FROM generate_series(1, 1600) i \gexec
SELECT format('INSERT INTO typ_odd.wide VALUES (%s), (%s)', string_agg(i::text, ', '), string_agg('NULL', ', ')) FROM generate_series(1, 1600) i \gexec
SELECT md5(string_agg(w::text, ' ' ORDER BY c1)) AS wide FROM typ_odd.wide w;
CREATE TABLE typ_odd.names (":63" int, "a""b" int);
ALTER TABLE typ_odd.names RENAME ":63" TO "Ä1234567890123456789012345678901234567890123456789012345678€";
\d typ_odd.names
INSERT INTO typ_odd.names VALUES (1, 2), (3, 4);
CREATE TABLE typ_odd.nothing ();
INSERT INTO typ_odd.nothing DEFAULT VALUES;
INSERT INTO typ_odd.nothing SELECT FROM typ_odd.nothing;
CREATE TABLE typ_odd.refs (n int, c regclass, t regtype, p regproc, r regrole);
INSERT INTO typ_odd.refs VALUES (1, 'typ_odd.names', 'typ.mood', NULL, NULL), (2, NULL, NULL, 'abs(int)'::regprocedure::oid, NULL), (3, NULL, NULL, NULL, :'user'::regrole);
CREATE TABLE typ_odd.mixed (t text, i int8, n numeric, d timestamptz, m typ.mood, a text[], p typ.pair, nul int);
INSERT INTO typ_odd.mixed VALUES ('x€', 3000000000, 'NaN', 'infinity', 'sad', '{a,NULL}', '(a,sad,1,infinity,NaN,"{x,NULL}",<a/>)', NULL);
CREATE TABLE typ_odd."täble" (n int, "wört" text, j jsonb);
INSERT INTO typ_odd."täble" VALUES (1, 'plain', '{}'), (2, 'é', '{"é": "\u00fc"}'), (3, 'äöü ß', NULL), (4, '€', NULL), (5, NULL, '["𝄞"]');
CREATE VIEW typ_odd.latin AS SELECT n, "wört", j FROM typ_odd."täble" WHERE n < 4;

GRANT USAGE ON SCHEMA typ, typ_row, typ_odd TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA typ, typ_row, typ_odd TO PUBLIC;
-- A user with odd defaults
DROP ROLE IF EXISTS regress_neon_types;
CREATE ROLE regress_neon_types LOGIN PASSWORD 'odd';
SELECT format('ALTER ROLE regress_neon_types SET %s = %L', name, setting) FROM (VALUES ('timezone', 'Africa/Monrovia'), ('datestyle', 'SQL, DMY'), ('intervalstyle', 'sql_standard'),
  ('extra_float_digits', '-15'), ('bytea_output', 'escape'), ('lc_monetary', :'monetary'), ('array_nulls', 'off'), ('xmloption', 'document'),
  ('quote_all_identifiers', 'on'), ('search_path', 'typ'), ('client_encoding', 'LATIN1')) v (name, setting) \gexec
DO $$ BEGIN ALTER ROLE regress_neon_types SET standard_conforming_strings = off; EXCEPTION WHEN feature_not_supported THEN END $$;  -- 19 has no others
SELECT string_agg(format('CREATE FOREIGN TABLE %s (n int, v %s, a %s) SERVER neon', c.oid::regclass, format_type(v.atttypid, NULL), format_type(a.atttypid, NULL)), '; ') AS row_tables
FROM pg_class c, pg_attribute v, pg_attribute a WHERE relnamespace = 'typ_row'::regnamespace AND relkind = 'r'
  AND v.attrelid = c.oid AND v.attname = 'v' AND a.attrelid = c.oid AND a.attname = 'a' \gset

--
-- The same here
--
\c :local
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS typ, typ_row, typ_odd, typ_test, typ_copy, typ_row_copy CASCADE;
:stack_sql;
CREATE SCHEMA typ;
CREATE SCHEMA typ_row;
CREATE SCHEMA typ_test;
CREATE SCHEMA typ_copy;
CREATE SCHEMA typ_row_copy;
:fingerprint
:types
IMPORT FOREIGN SCHEMA typ FROM SERVER neon INTO typ;
:row_tables;

-- Reads all tables of a schema
CREATE FUNCTION typ_test.read(schema text) RETURNS TABLE (relation regclass, error text) LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOR relation, name IN SELECT oid, relname FROM pg_class WHERE relnamespace = schema::regnamespace AND relkind = 'f' LOOP
    BEGIN
      EXECUTE format('DROP TABLE IF EXISTS %I.%I', schema || '_copy', name);
      EXECUTE format('CREATE TABLE %I.%I AS SELECT * FROM %s', schema || '_copy', name, relation);
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS error = PG_EXCEPTION_CONTEXT;
      error := concat_ws(', ', SQLSTATE, SQLERRM, split_part(error, E'\n', 1));
      RETURN NEXT;
    END;
  END LOOP;
END $$;
CREATE FUNCTION typ_test.compare(schema text, remote jsonb) RETURNS TABLE (col text, "there" jsonb, "here" jsonb) LANGUAGE sql AS $$
  SELECT key, r.value, l.value FROM jsonb_each(remote) r FULL JOIN jsonb_each(typ_test.fingerprint((schema || '_copy')::regnamespace)) l USING (key)
  WHERE r.value IS DISTINCT FROM l.value $$;

SELECT * FROM typ_test.read('typ');
SELECT * FROM typ_test.compare('typ', :'typ_0');
SELECT * FROM typ_test.read('typ_row');
SELECT * FROM typ_test.compare('typ_row', :'row_0');
:settings_1
SET array_nulls = off;
SET neon_http_fdw.statement_pushdown = off;
SELECT * FROM typ_test.read('typ');
SELECT * FROM typ_test.compare('typ', :'typ_1');
SELECT * FROM typ_test.read('typ_row');
SELECT * FROM typ_test.compare('typ_row', :'row_1');
RESET array_nulls;
:settings_2
SELECT * FROM typ_test.read('typ');
SELECT * FROM typ_test.compare('typ', :'typ_2');
:settings_3
SELECT * FROM typ_test.read('typ');
SELECT * FROM typ_test.compare('typ', :'typ_3');
SELECT count(value ->> 0) AS texts, count(value ->> 1) AS bytes FROM jsonb_each(:'typ_0') WHERE key !~ '^(oid8|regdatabase)\.';
SELECT count(value ->> 0) > 400 AS texts, count(value ->> 1) > 300 AS bytes FROM jsonb_each(:'row_0');

--
-- Values as parameters, with the settings above
--

-- Which rows does a condition on V, the column, and $1 find?
CREATE FUNCTION typ_test.find(relation text, condition text, x anyelement) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(n::text, '' '' ORDER BY n) FROM %s WHERE %s', relation, condition) INTO result USING x;
  RETURN result;
EXCEPTION WHEN undefined_function OR ambiguous_function THEN
  RETURN 'no operator';
END $$;
SELECT $sql$
CREATE FUNCTION typ_test.is_pushed(relation text, condition text, x anyelement) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
  plan jsonb;
BEGIN
  EXECUTE format('EXPLAIN (VERBOSE, FORMAT JSON) SELECT n FROM %s WHERE %s', relation, condition) INTO plan USING x;
  RETURN plan::text ~ '"Remote SQL": "[^"]*(\\"[^"]*)*WHERE';
EXCEPTION WHEN undefined_function OR ambiguous_function THEN
  RETURN true;
END $$;
$sql$ AS is_pushed \gset
:is_pushed
-- the foreign tables and their copies must agree for every sample
CREATE FUNCTION typ_test.probe(cols text[], condition text) RETURNS TABLE (type text, x text, "there" text, "here" text) LANGUAGE plpgsql AS $$
DECLARE
  col text;
BEGIN
  FOREACH col IN ARRAY cols LOOP
    FOR type IN SELECT relname FROM pg_class WHERE relnamespace = 'typ_copy'::regnamespace ORDER BY relname LOOP
      RETURN QUERY EXECUTE format('SELECT %L, format(''%%s'', c.%I), f.* FROM typ_copy.%I c, LATERAL (SELECT typ_test.find(%L, %L, %I) AS there, typ_test.find(%L, %L, %I) AS here) f
        WHERE there IS DISTINCT FROM here AND n <= (SELECT count(%I) + 1 FROM typ_copy.%I)',
        type || '.' || col, col, type, format('typ.%I', type), replace(condition, 'V', col), col, format('typ_copy.%I', type), replace(condition, 'V', col), col, col, type);
    END LOOP;
  END LOOP;
END $$;
CREATE FUNCTION typ_test.unpushed(cols text[], condition text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  col text;
  type text;
  pushed bool;
BEGIN
  FOREACH col IN ARRAY cols LOOP
    FOR type IN SELECT relname FROM pg_class WHERE relnamespace = 'typ_copy'::regnamespace ORDER BY relname COLLATE "C" LOOP
      EXECUTE format('SELECT typ_test.is_pushed(%L, %L, %I) FROM typ_copy.%I WHERE n = %s', format('typ.%I', type), replace(condition, 'V', col), col, type, CASE col WHEN 'v' THEN 1 ELSE 3 END) INTO pushed;
      IF NOT pushed THEN RETURN NEXT type || '.' || col; END IF;
    END LOOP;
  END LOOP;
END $$;
SET neon_http_fdw.statement_pushdown = off;
\pset format unaligned
-- (19 adds regdatabase, whose values name what is here, as those of regrole do)
SELECT string_agg(t, ' ') FILTER (WHERE t !~ '^regdatabase') AS "= is not pushed for",
  string_agg(t, ' ') FILTER (WHERE t ~ '^regdatabase') IS NOT DISTINCT FROM CASE WHEN to_regtype('regdatabase') IS NOT NULL THEN 'regdatabase.v regdatabase.a' END AS "as regrole"
FROM typ_test.unpushed('{v,a}', 'V = $1') t;
SELECT string_agg(t, ' ') FILTER (WHERE t !~ '^regdatabase') AS "::text is not pushed for",
  string_agg(t, ' ') FILTER (WHERE t ~ '^regdatabase') IS NOT DISTINCT FROM CASE WHEN to_regtype('regdatabase') IS NOT NULL THEN 'regdatabase.v' END AS "as regrole"
FROM typ_test.unpushed('{v}', 'V::text = $1::text') t;
\pset format aligned
SELECT * FROM typ_test.probe('{v,a}', 'V IS NOT DISTINCT FROM $1');
-- a remote user's defaults do not matter
RESET ALL;
SET client_min_messages = warning;
CREATE ROLE regress_neon_types SUPERUSER;
CREATE USER MAPPING FOR regress_neon_types SERVER neon OPTIONS (user 'regress_neon_types', password 'odd');
SET ROLE regress_neon_types;
SELECT * FROM typ_test.read('typ');
SELECT * FROM typ_test.compare('typ', :'typ_0');
SELECT * FROM typ_test.probe('{a}', 'V IS NOT DISTINCT FROM $1');
DROP SCHEMA typ_copy CASCADE;
RESET ROLE;
CREATE SCHEMA typ_copy;
DROP USER MAPPING FOR regress_neon_types SERVER neon;
DROP ROLE regress_neon_types;
SELECT * FROM typ_test.read('typ');
:settings_1
SELECT * FROM typ_test.probe('{v}', 'V IS NOT DISTINCT FROM $1');
-- (an XML declaration of the encoding stays there)
SELECT * FROM typ_test.probe('{v}', 'V::text = $1::text');

--
-- Large and odd
--
\c -
SET client_min_messages = warning;
CREATE SCHEMA typ_odd;
IMPORT FOREIGN SCHEMA typ_odd EXCEPT (wide) FROM SERVER neon INTO typ_odd;
-- (PostgreSQL takes seconds for so many columns with options)
SELECT format('CREATE FOREIGN TABLE typ_odd.wide (%s) SERVER neon', string_agg(format('c%s int', i), ', ')) FROM generate_series(1, 1600) i \gexec
-- (a reply has at most 10 MiB, in which bytea is hexadecimal)
CREATE TABLE typ_copy.big AS SELECT * FROM typ_odd.big WHERE n = 1;
INSERT INTO typ_copy.big SELECT * FROM typ_odd.big WHERE n = 2;
SELECT octet_length(t) AS "text", md5(t), octet_length(b) AS "bytea", md5(b) FROM typ_copy.big ORDER BY n;
-- a parameter as large
SELECT b.n FROM typ_odd.big b WHERE t = (SELECT t FROM typ_copy.big WHERE n = 1);
SELECT b.n FROM typ_odd.big b WHERE b = (SELECT b FROM typ_copy.big WHERE n = 2);
SELECT md5(string_agg(w::text, ' ' ORDER BY c1)) AS wide FROM typ_odd.wide w;
SELECT c1, c800, c1600 FROM typ_odd.wide WHERE c1600 = 1600;
SELECT * FROM typ_odd.names WHERE "Ä1234567890123456789012345678901234567890123456789012345678€" = 3;
SELECT count(*) FROM typ_odd.nothing;
SELECT FROM typ_odd.nothing;
SELECT * FROM typ_odd.nothing;

--
-- What cannot be read says which column
--
SELECT $sql$
CREATE FUNCTION typ_test.error_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  context text;
BEGIN
  EXECUTE query;
  RETURN 'none';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
  RETURN concat_ws(', ', SQLSTATE, SQLERRM, substring(context, '(?n)^column.*'));
END $$;
$sql$ AS error_of \gset
:error_of
CREATE FUNCTION typ_test.read_as(col text, type text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE FOREIGN TABLE typ_test.mixed ("my ""col" %s OPTIONS (column_name %L)) SERVER neon OPTIONS (schema_name ''typ_odd'')', type, col);
  RETURN typ_test.error_of('SELECT * FROM typ_test.mixed');
END $$;
CREATE DOMAIN typ_test.notnull AS int NOT NULL;
CREATE DOMAIN typ_test.short AS varchar(1);
CREATE DOMAIN typ_test.small AS int8 CHECK (VALUE < 10);
CREATE TYPE typ_test.happy AS ENUM ('happy');
CREATE TYPE typ_test.two AS (a text, b text);
SELECT c AS "column", t AS "read as", e.read_as AS error FROM (VALUES ('t', 'int'), ('t', 'varchar(1)'), ('t', 'char(1)'), ('t', 'typ_test.short'), ('t', 'bool'), ('t', 'jsonb'), ('t', 'xml'), ('t', 'uuid'),
  ('t', 'timestamptz'), ('t', 'bytea'), ('t', 'numeric[]'), ('i', 'int'), ('i', 'int2[]'), ('i', 'numeric(3,1)'), ('i', 'typ_test.small'), ('i', 'text'), ('n', 'int'), ('n', 'float8'), ('d', 'date'), ('d', 'time'),
  ('m', 'typ_test.happy'), ('m', 'text'), ('a', 'int[]'), ('a', 'text'), ('p', 'typ_test.two'), ('p', 'text'), ('nul', 'int'), ('nul', 'typ_test.notnull'), ('nul', 'typ_test.notnull[]')) v (c, t),
  LATERAL (SELECT typ_test.read_as(c, t), typ_test.error_of('DROP FOREIGN TABLE typ_test.mixed')) e;
SET neon_http_fdw.statement_pushdown = off;
SELECT typ_test.read_as('t', 'int');
SELECT t."my ""col" FROM typ_test.mixed t;
RESET neon_http_fdw.statement_pushdown;
-- what has no input function can be had as text
CREATE FOREIGN TABLE typ_test.tree (adbin pg_node_tree) SERVER neon OPTIONS (schema_name 'pg_catalog', table_name 'pg_attrdef');
SELECT typ_test.error_of('SELECT * FROM typ_test.tree');
ALTER FOREIGN TABLE typ_test.tree ALTER adbin TYPE text;
SELECT count(*) > 0 AS found FROM typ_test.tree WHERE left(adbin, 1) = '{';
-- names of objects are looked up here, but never by search_path
SELECT c, t FROM typ_odd.refs WHERE n = 1;
SELECT typ_test.error_of('SELECT p FROM typ_odd.refs WHERE n = 2');
SELECT typ_test.error_of('SELECT r FROM typ_odd.refs WHERE n = 3');
DROP FOREIGN TABLE typ_odd.names;
SELECT typ_test.error_of('SELECT c FROM typ_odd.refs WHERE n = 1');
CREATE TABLE typ_test.pg_class ();
CREATE TYPE typ_test.int4 AS ENUM ();
SET search_path = typ_test, pg_catalog;
SELECT v, v = 'pg_catalog.pg_class'::regclass AS same FROM typ.regclass WHERE n = 2;
SELECT n, v FROM typ.regclass WHERE v = 'pg_catalog.pg_class'::regclass;
RESET search_path;

--
-- Local databases with other encodings
--
SELECT $sql$
CREATE SCHEMA typ_test;
CREATE SCHEMA typ_odd;
IMPORT FOREIGN SCHEMA typ_odd LIMIT TO (latin, "täble") FROM SERVER neon INTO typ_odd;
CREATE TABLE typ_test.copy AS SELECT * FROM typ_odd.latin;
-- conditions that find other rows in the foreign table than here
CREATE FUNCTION typ_test.differing(expressions text[]) RETURNS TABLE (expression text, path text, "there" text, "here" text) LANGUAGE plpgsql AS $$
BEGIN
  FOREACH path IN ARRAY '{on,off}'::text[] LOOP
    PERFORM set_config('neon_http_fdw.statement_pushdown', path, true);
    FOREACH expression IN ARRAY expressions LOOP
      BEGIN
        EXECUTE format('SELECT array_agg(n ORDER BY n) FROM typ_odd.latin WHERE %s', expression) INTO there;
      EXCEPTION WHEN OTHERS THEN
        there := SQLERRM;
      END;
      EXECUTE format('SELECT array_agg(n ORDER BY n) FROM typ_test.copy WHERE %s', expression) INTO here;
      IF there IS DISTINCT FROM here THEN
        RETURN NEXT;
      END IF;
    END LOOP;
  END LOOP;
END $$;
$sql$ AS encoding_sql,
'{"wört = ''é''", "wört > ''é''", "wört IN (''é'', ''x'')", "wört LIKE ''%é''", "wört LIKE ''_''", "wört SIMILAR TO ''_''", "wört ~ ''^.$''", "length(wört) = 1", "char_length(wört) = 1",
  "octet_length(wört) = 1", "bit_length(wört) = 8", "md5(wört) = md5(''é'')", "left(wört, 1) = ''é''", "right(wört, 2) = '' ß''", "substr(wört, 2, 1) = ''ö''", "strpos(wört, ''ß'') = 5",
  "reverse(wört) = ''é''", "ascii(wört) = ascii(''é'')", "wört = chr(233)", "lpad(wört, 2, ''x'') = ''xé''", "overlay(wört placing ''é'' from 1 for 1) = ''é''", "translate(wört, ''é'', ''e'') = ''e''",
  "wört::bytea = ''é''::bytea", "convert_to(wört, ''UTF8'') = ''\\xc3a9''", "wört::varchar(1) = ''é''", "wört::char(1) = ''é''", "wört::\"char\" = ''é''::\"char\"", "wört::name = ''é''", "upper(wört COLLATE \"C\") = ''é''",
  "initcap(wört COLLATE \"C\") = ''é''", "hashtext(wört) = hashtext(''é'')", "sha256(wört::bytea) = sha256(''é''::bytea)", "j ->> ''é'' = ''ü''", "j = ''{\"é\": \"ü\"}''", "quote_literal(wört) = ''''''é''''''",
  "regexp_replace(wört, ''.'', ''x'', ''g'') = ''x''", "split_part(wört, '' '', 2) = ''ß''", "starts_with(wört, ''é'')", "wört || ''x'' = ''éx''", "format(''%s'', wört) = ''é''"}' AS expressions \gset
CREATE DATABASE typ_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
CREATE DATABASE typ_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
\c typ_latin1
\encoding UTF8
SET client_min_messages = warning;
:stack_sql;
:encoding_sql
:error_of
:is_pushed
SELECT * FROM typ_odd.latin ORDER BY n;
SELECT typ_test.is_pushed('typ_odd.latin', '"wört" = $1', 'é'::text);
SELECT octet_length("wört") FROM typ_test.copy WHERE n = 2;
SELECT * FROM typ_test.differing(:'expressions');
SELECT typ_test.error_of('SELECT "wört" FROM typ_odd."täble" WHERE n = 4');
SELECT j FROM typ_odd."täble" WHERE n = 5;
SET neon_http_fdw.statement_pushdown = off;
SELECT "wört" FROM typ_odd."täble" WHERE n = 4;
SELECT count(*) FROM typ_odd."täble" WHERE "wört" > 'é' AND n < 5;
RESET neon_http_fdw.statement_pushdown;
IMPORT FOREIGN SCHEMA typ_odd LIMIT TO (names) FROM SERVER neon INTO typ_odd;

\c typ_ascii
\encoding UTF8
SET client_min_messages = warning;
:stack_sql;
:encoding_sql
:error_of
:is_pushed
SELECT * FROM typ_odd."täble" ORDER BY n;
SELECT typ_test.is_pushed('typ_odd.latin', '"wört" = $1', 'é'::text);
SELECT octet_length("wört") FROM typ_test.copy WHERE n = 2;
SELECT * FROM typ_test.differing(:'expressions');
SELECT typ_test.error_of($$SELECT * FROM typ_odd."täble" WHERE "wört" = E'\xe9'$$);

\c :local
DROP DATABASE typ_latin1;
DROP DATABASE typ_ascii;
SET client_min_messages = warning;
DROP SCHEMA typ, typ_row, typ_odd, typ_test, typ_copy, typ_row_copy CASCADE;
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA typ, typ_row, typ_odd, typ_test CASCADE;
DROP ROLE regress_neon_types;
