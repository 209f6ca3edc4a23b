--
-- What of a WHERE clause runs remotely, and that its rows are those that a
-- local copy of the table gives
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS scan_remote, scan_ext, scan_int CASCADE;
CREATE SCHEMA scan_ext;
CREATE SCHEMA scan_int;
CREATE EXTENSION citext SCHEMA scan_ext;
CREATE EXTENSION intarray SCHEMA scan_int;
CREATE EXTENSION pg_trgm SCHEMA scan_ext;
GRANT USAGE ON SCHEMA scan_ext, scan_int TO :user;

\c :remote
CREATE SCHEMA scan_remote;
SET search_path = scan_remote, scan_ext;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE TYPE address AS (street text, no int);
CREATE TABLE things (
  id int PRIMARY KEY, small int2, big int8, num numeric(12,3), fl float8, txt text, vc varchar(20), ch char(5), nm name,
  flag bool, day date, ts timestamp, tz timestamptz, ti time, tiz timetz, iv interval, by bytea, ints int[], texts text[],
  js json, jb jsonb, m mood, ms mood[], po posint, ad address, rng int4range, mr int4multirange, u uuid, ip inet, pt point,
  bits varbit(16), tv tsvector, c_c text COLLATE "C", c_posix varchar COLLATE "POSIX", mny money, ci citext,
  "Odd $1 ""name""" int, "select" int, dup int);
INSERT INTO things SELECT g, g % 7, g * 1000000007::int8, g / 8.0, g / 10.0, 'text ' || g, 'vc' || g % 20, chr(97 + g % 5), 'n' || g,
  g % 3 = 0, date '2024-03-25' + g, timestamp '2024-03-30 20:00' + g * interval '1 hour', timestamptz '2024-03-30 20:00+00' + g * interval '1 hour',
  time '10:00' + g * interval '5 min', timetz '10:00+02' + g * interval '5 min', g * interval '1 day 3 hours', decode(lpad(to_hex(g), 2, '0'), 'hex'),
  ARRAY[g, g % 4, NULL], ARRAY['a' || g % 3, 'B'], json_build_object('k', g % 5), jsonb_build_object('k', g % 5, 'a', ARRAY[g, 1], 's', 'v' || g % 6),
  (ARRAY['sad', 'ok', 'happy'])[1 + g % 3]::mood, ARRAY['ok', 'happy']::mood[], g, ROW('Road ' || g % 4, g)::address, int4range(g, g + 5),
  int4multirange(int4range(g, g + 2), int4range(g + 4, g + 6)), md5(g::text)::uuid, ('10.0.0.' || g)::inet, point(g, g / 3.0), (g % 16)::bit(4)::varbit,
  to_tsvector('english', 'running thing ' || g % 9), (ARRAY['b', 'B', 'a', 'A'])[1 + g % 4], (ARRAY['b', 'B', 'a', 'A'])[1 + g % 4], (g / 4.0)::numeric::money,
  (ARRAY['Alpha', 'BETA', 'gamma'])[1 + g % 3], g % 9, g % 8, g % 6
  FROM generate_series(1, 60) g;
INSERT INTO things (id) VALUES (61), (62);
INSERT INTO things (id, txt, ints, texts, jb, num, fl, vc) VALUES (63, '', '{}', '{}', '{}', 'NaN', 'Infinity', ''), (64, E'it''s "$1" \\ %_', '{NULL}', '{NULL,""}', 'null', 0, '-0', '%');
CREATE TABLE parts (id int, part text, v int);
INSERT INTO parts SELECT g, 'p' || g % 2, g * 10 FROM generate_series(1, 10) g;
CREATE VIEW half_of_things AS SELECT id, txt FROM things WHERE id <= 30;
CREATE TABLE gone (a int, b text, c int, d text);
INSERT INTO gone VALUES (1, 'one', 10, 'x'), (2, 'two', 20, 'y');
CREATE TABLE empty ();
INSERT INTO empty DEFAULT VALUES;
INSERT INTO empty DEFAULT VALUES;

\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS scan_ft, scan_copy, scan_ext, scan_int CASCADE;
CREATE SCHEMA scan_ext;
CREATE SCHEMA scan_int;
CREATE EXTENSION citext SCHEMA scan_ext;
CREATE EXTENSION intarray SCHEMA scan_int;
CREATE EXTENSION pg_trgm SCHEMA scan_ext;
CREATE SCHEMA scan_ft;
SET search_path = scan_ft, scan_ext;
IMPORT FOREIGN SCHEMA scan_remote FROM SERVER neon INTO scan_ft OPTIONS (import_collate 'true');
CREATE SCHEMA scan_copy;
CREATE TABLE scan_copy.things AS SELECT * FROM scan_ft.things;
CREATE TABLE scan_copy.parts AS SELECT * FROM scan_ft.parts;
ANALYZE scan_copy.things;

-- Rows of a query over the tables of one schema, or its error.
CREATE FUNCTION scan_ext.rows_of(path text, query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  result text[];
BEGIN
  PERFORM set_config('search_path', path || ', ' || current_setting('search_path'), true);
  EXECUTE format('SELECT array_agg(r::text ORDER BY r::text COLLATE "C") FROM (%s) r', query) INTO result;
  RETURN coalesce(result, '{}');
EXCEPTION WHEN OTHERS THEN
  RETURN ARRAY['ERROR ' || SQLSTATE || ': ' || SQLERRM];
END $$;

-- Compares foreign tables, read both ways, with the copies.
CREATE FUNCTION scan_ext.same(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  expected text[] := scan_ext.rows_of('scan_copy', query);
  found text[];
  mode text;
BEGIN
  FOREACH mode IN ARRAY ARRAY['off', 'on'] LOOP
    PERFORM set_config('neon_http_fdw.statement_pushdown', mode, true);
    found := scan_ext.rows_of('scan_ft', query);
    IF found IS DISTINCT FROM expected THEN
      RETURN format('DIFFERENT (pushdown %s): %s but %s', mode, left(found::text, 200), left(expected::text, 200));
    END IF;
  END LOOP;
  IF expected[1] LIKE 'ERROR%' THEN
    RETURN expected[1];
  END IF;
  RETURN cardinality(expected) || ' rows';
END $$;

-- What is sent for a condition, and the comparison.  "here" stands for what
-- is checked locally.
CREATE FUNCTION scan_ext.judge(condition text, OUT remote text, OUT result text) LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  remote := '';
  SET LOCAL neon_http_fdw.statement_pushdown = off;
  BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM things WHERE ' || condition LOOP
      remote := remote || CASE
        WHEN line ~ 'Remote SQL.* WHERE ' THEN regexp_replace(line, '.*? WHERE ', '')
        WHEN line ~ 'Filter: ' THEN '[here]'
        ELSE '' END;
    END LOOP;
  EXCEPTION WHEN OTHERS THEN
    remote := '[planning fails]';
  END;
  result := scan_ext.same('SELECT id FROM things WHERE ' || condition);
END $$;

\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n     '
SET statement_timeout = '30min';
SET timezone = 'Europe/Berlin';

-- Comparisons with constants of all types
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY[
  'id = 5', 'small > 3::int2', 'big = 5000000035', 'num = 1.125', 'num = ''NaN''', 'fl > 5.5 AND fl < ''Infinity''', 'txt = ''text 5''', 'txt = ''''', 'txt = E''it''''s "$1" \\ %_''',
  'vc = ''vc5''', 'ch = ''a''', 'nm = ''n5''', 'flag', 'NOT flag', 'flag IS NOT TRUE', 'flag IS UNKNOWN', 'flag = (id > 7)', 'day = ''2024-04-01''', 'ts < ''2024-03-31 01:00''', 'tz < ''2024-03-31 01:00+02''',
  'ti > ''14:00''', 'tiz > ''14:00+02''', 'iv > ''30 days''', 'by = ''\x05''', 'ints = ''{5,1,NULL}''', 'texts = ''{a0,B}''', 'jb = ''{"k": 1}''', 'jb = ''null''', 'm = ''ok''', 'm < ''happy''',
  'm IN (''ok'', ''sad'')', 'ms @> ''{ok}''', '''happy'' = ANY (ms)', 'po = 5', 'po + 1 > 50', 'rng @> 7', 'rng && ''[3,5)''', 'mr @> 8', 'u = md5(''5'')::uuid', 'ip << ''10.0.0.0/29''', 'pt <@ box ''(0,0),(5,5)''',
  'bits = B''0101''', 'mny > ''5''', 'tv @@ ''thing''', 'c_c < ''a''', 'c_posix >= ''a''', '"Odd $1 ""name""" = 3', '"select" = 3', '(ad).no = 5', '(ad).street = ''Road 1''', 'ad = ROW(''Road 1'', 5)::scan_ft.address', 'ad IS NULL',
  'tz = ''2024-03-31 03:00'' AND ts = ''2024-03-31 02:00''', 'ctid = ''(0,5)''', 'tableoid <> 0', 'things IS NOT NULL', 'things.* IS NULL'
  ]) WITH ORDINALITY AS t(c, n) ORDER BY n;

-- Kinds of expressions
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY[
  'id IN (1, 2, 3)', 'id NOT IN (1, 2, 3)', 'id = ANY (ARRAY[1, small, 3])', 'id <> ALL (''{1,2}'')', 'id = ANY (ints)', 'id IN (1, NULL)', 'id BETWEEN 3 AND 5', 'id BETWEEN SYMMETRIC 5 AND 3', 'txt IS NULL', 'txt IS NOT NULL',
  'small IS DISTINCT FROM 3', 'small IS NOT DISTINCT FROM NULL', 'NULLIF(small, 3) IS NULL', 'NULLIF(m, ''ok'') = ''sad''', 'GREATEST(id, small, 50) = 50', 'LEAST(num, 1) < 1', 'GREATEST(c_c, ''a'') = ''a''', 'COALESCE(small, 99) = 99', 'COALESCE(txt, vc, ''none'') = ''none''',
  'CASE WHEN small > 3 THEN ''big'' WHEN small IS NULL THEN NULL ELSE ''small'' END = ''big''', 'CASE small WHEN 1 THEN true WHEN 2 THEN false END', 'CASE m WHEN ''ok'' THEN 1 ELSE 0 END = 1', 'CASE id % 2 WHEN 0 THEN small ELSE big END > 4', 'CASE ci WHEN ''ALPHA'' THEN true END',
  '(id, small) > (20, 3)', '(small, txt) <= (3, ''text 2'')', '(id, small) = (8, 1)', 'ROW(big, small) IS DISTINCT FROM ROW(8000000056, 1)', '(c_c, id) < (''a'', 5)',
  'id::int8 = 5', 'big::int4 = 5', 'num::numeric(10,1) = 1.1', 'num::int = 1', 'fl::numeric = 0.5', 'vc::varchar(2) = ''vc''', 'txt::char(4) = ''text''', 'ts::timestamp(0) > ''2024-04-01''', 'ts::date = ''2024-04-01''', 'ts::time = ''04:00''', 'iv::interval day > ''40 days''', 'bits::bit(4) = B''0101''', 'id::bit(8) = B''00000101''', 'id::text = ''5''', 'id::varchar(1) = ''5''', 'flag::text = ''true''', 'flag::int = 1', 'num::text = ''0.625''', 'u::text LIKE ''e%''', 'ip::text = ''10.0.0.5/32''', 'ti::text = ''10:25:00''',
  'split_part(txt, '' '', 2)::int > 58', 'txt::varchar(100) = ''text 5''', 'ch::text = ''a''', 'nm::text = ''n5''', 'ints::int8[] = ''{5,1,NULL}''', 'ints::text[] = ''{5,1,NULL}''', 'texts::varchar(1)[] = ''{a,B}''', 'texts::varchar[] = ''{a1,B}''', '(ARRAY[id, small])[2] = 3', 'jb::text = ''{}''', 'js::jsonb = ''{"k": 1}''', 'by::text = ''\x05''', 'fl::text = ''0.5''', 'pt::text = ''(3,1)''', 'iv::text = ''1 day 03:00:00''', 'ts::text < ''2024-04''', 'day::text = ''2024-04-01''', 'mny::numeric = 1.25', 'po::text = ''5''', 'm::text = ''ok''', 'm::varchar LIKE ''o%''', 'ms::text[] = ''{ok,happy}''', 'txt::scan_ft.mood = ''ok''', 'ad::text = ''("Road 1",5)''',
  'ints[1] = 5', 'ints[2:3] = ''{1,NULL}''', 'ints[small] = 5', 'array_length(ints, 1) = 3', 'cardinality(texts) = 0', 'ints || 7 = ''{5,1,NULL,7}''', 'ints @> ARRAY[5]', 'ARRAY[id, small] && ARRAY[3, 4]', 'texts[1] || texts[2] = ''a1B''', 'jb[''k''] = ''1''', 'jb[''a''][0] = ''5''',
  'jb ->> ''s'' = ''v1''', 'jb -> ''k'' = ''1''', 'js ->> ''k'' = ''1''', 'jb #>> ''{a,0}'' = ''5''', 'jb @> ''{"k": 1}''', 'jb ? ''k''', 'jb ?| ''{k,z}''', 'jb @@ ''$.k == 1''', 'jb @? ''$.a[*] ? (@ > 58)''', 'jsonb_typeof(jb) = ''null''', '(jb ->> ''k'')::int = 1', 'jb - ''a'' - ''s'' = ''{"k": 1}''',
  'tv @@ to_tsquery(''english'', ''run & 3'')', 'to_tsvector(''english'', txt) @@ plainto_tsquery(''english'', ''texts 5'')', 'to_tsvector(''simple'', txt) @@ ''5''', 'to_tsvector(txt) @@ ''5''', 'ts_rank(tv, ''thing'') > 0',
  'id # 3 = 6', '-id = -5', '@ (id - 10) = 2', '|/ id = 5', 'id % 7 = small AND small <> 0', 'power(id, 2) = 25', 'abs(id - 10) < 2', 'round(num, 1) = 1.1', 'width_bucket(id, 0, 60, 6) = 2', 'mod(id, 10) = 5', 'log(id) = 1', 'gcd(id, 12) = 12'
  ]) WITH ORDINALITY AS t(c, n) ORDER BY n;

-- Text, patterns, collations
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY[
  'txt LIKE ''text 1%''', 'txt NOT LIKE ''%5''', 'txt LIKE ''%#%%'' ESCAPE ''#''', 'txt ILIKE ''TEXT 1_''', 'txt ~ ''^text [12]$''', 'txt ~* ''TEXT 5$''', 'txt !~ ''5''', 'txt SIMILAR TO ''text (1|2)''', 'txt ^@ ''text 6''', 'ch LIKE ''a%''', 'nm LIKE ''n1%''',
  'lower(vc) = ''vc5''', 'upper(txt) = ''TEXT 5''', 'initcap(txt) = ''Text 5''', 'length(txt) = 6', 'octet_length(txt) = 6', 'md5(txt) = md5(''text 5'')', 'concat(txt, id) = ''text 55''', 'txt || id = ''text 55''', 'format(''%s'', id) = ''5''', 'replace(txt, ''text'', '''') = '' 5''', 'lpad(txt, 3) = ''tex''', 'translate(txt, ''tex'', ''TEX'') = ''TEXT 5''', 'left(txt, -2) = ''text''', 'repeat(ch, 2) = ''aa''', 'reverse(txt) = ''5 txet''', 'regexp_replace(txt, ''\D'', '''', ''g'') = ''5''', 'strpos(txt, ''5'') = 6', 'starts_with(txt, ''text 6'')',
  'txt COLLATE "C" < ''text 2''', 'txt < ''text 2'' COLLATE "C"', 'txt = ''text 2'' COLLATE "C"', 'txt < ''text 2'' COLLATE "POSIX"', 'txt < ''text 2''', 'c_c < c_c || ''a''', 'c_c < txt', 'c_c = c_posix', 'c_c COLLATE "default" < ''a''', '(c_c || ''x'') COLLATE "C" < ''b''', 'lower(c_c) = ''a''', 'c_c ~* ''A''', 'upper(c_c COLLATE "POSIX") = ''A''', 'c_c IN (''a'', ''b'')', 'c_c > ANY (ARRAY[''a'', ''z''])', 'nm < ''n2''', 'nm::text COLLATE "POSIX" < ''n2''', 'txt COLLATE "en-x-icu" < ''text 2''', 'txt < ''text 2'' COLLATE "en-x-icu"', 'txt = ''text 2'' COLLATE "en-x-icu"'
  ]) WITH ORDINALITY AS t(c, n) ORDER BY n;

-- Special syntax
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY[
  'EXTRACT(day FROM ts) = 1', 'EXTRACT(hour FROM tz) = 3', 'EXTRACT(epoch FROM iv) > 5000000', 'EXTRACT(century FROM day) = 21', 'date_part(''hour'', ti) = 11', 'ts AT TIME ZONE ''America/New_York'' = tz', 'tz AT TIME ZONE ''UTC'' = ts', 'tiz AT TIME ZONE ''UTC'' > ''12:00+00''', 'SUBSTRING(txt FROM 6) = ''5''', 'SUBSTRING(txt FROM 1 FOR 4) = ''text''', 'SUBSTRING(txt FROM ''[0-9]+'') = ''5''', 'SUBSTRING(txt SIMILAR ''%#"[0-9]#"%'' ESCAPE ''#'') = ''5''', 'OVERLAY(txt PLACING ''TT'' FROM 1 FOR 2) = ''TTxt 5''', 'POSITION(''5'' IN txt) = 6', 'TRIM(BOTH ''t'' FROM txt) = ''ext 5''', 'TRIM(LEADING FROM txt) = ''text 5''', 'TRIM(txt) = ''text 5''', 'NORMALIZE(txt) = ''text 5''', 'txt IS NORMALIZED', '(ts, ts + interval ''1 hour'') OVERLAPS (timestamp ''2024-04-01'', interval ''1 hour'')', 'COLLATION FOR (txt) IS NULL'
  ]) WITH ORDINALITY AS t(c, n) ORDER BY n;

-- Values of the local session, and what depends on its settings
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY[
  'tz > now() - interval ''1 day''', 'tz < CURRENT_TIMESTAMP', 'day < CURRENT_DATE', 'ts < LOCALTIMESTAMP', 'tz < statement_timestamp()', 'tz < clock_timestamp()', 'txt = current_user', 'nm = current_user', 'txt = current_setting(''timezone'')', 'txt <> current_schema', 'txt <> version()', 'id > random() * 0', 'id < pg_backend_pid()', 'id = length(current_setting(''timezone''))', 'txt = ANY (current_schemas(false))', 'id = (random() * 0)::int + 5',
  'tz::date = ''2024-04-01''', 'tz::timestamp = ts', 'tz::time = ''03:00''', 'ts::timestamptz = tz', 'day::timestamptz < tz', 'day < tz', 'ts = tz', 'tz > ts + interval ''1 hour''', 'date_trunc(''day'', tz) = ''2024-03-31 00:00+01''', 'date_trunc(''day'', tz, ''UTC'') = ''2024-03-31 00:00+00''', 'tz + interval ''1 day'' > ''2024-04-01''', 'tz - interval ''1 day'' > ''2024-03-30 12:00''', 'EXTRACT(dow FROM tz) = 0', 'to_char(tz, ''YYYY-MM-DD HH24'') = ''2024-04-01 00''', 'to_char(ts, ''Day'') LIKE ''Sun%''', 'to_char(ts, ''TMDay'') LIKE ''Sun%''', 'to_char(num, ''999.99'') = ''   1.13''', 'to_char(num, ''999D99'') = ''   1.13''', 'to_char(iv, ''DD'') = ''05''', 'make_timestamptz(2024, 4, 1, id % 24, 0, 0) = tz', 'age(tz, ''2024-04-01'') < ''1 hour''', 'tz::text < ''2024-04''', 'tz::timetz > ''20:00+02''', 'iv > justify_days(''40 days'')', 'txt::timestamptz IS NULL', 'pg_typeof(id) = ''integer''::regtype', 'by = ''\x05''::text::bytea', 'encode(by, ''hex'') = ''05''', 'to_number(vc, ''99'') = 5', 'quote_literal(vc) = ''vc5'''
  ]) WITH ORDINALITY AS t(c, n) ORDER BY n;

-- Errors are those of the local copy
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY[
  '1 / small > 0', 'CASE WHEN small <> 0 THEN 1 / small > 0 END', 'small = 0 OR 7 / small = 1', 'COALESCE(NULLIF(small, 0), 7) = 7 AND id / COALESCE(NULLIF(small, 0), 1) > 3', 'big::int4 = 5', 'txt::int = 5', 'ints[1] / small = 3', 'sqrt(-id) = 1', 'chr(id - 100) = ''a''', 'date_trunc(''nonsense'', ts) IS NULL', 'num::numeric(2,1) = 1', 'txt ~ ''(''', 'tz AT TIME ZONE ''nowhere'' = ts', 'po::text::scan_ft.posint = 5', 'id = 1/0'
  ]) WITH ORDINALITY AS t(c, n) ORDER BY n;

-- Settings of the session change neither what is sent nor what comes
SET datestyle = 'German, DMY';
SET intervalstyle = 'iso_8601';
SET extra_float_digits = -2;
SET bytea_output = 'escape';
SET timezone = 'America/St_Johns';
SET xmlbinary = 'hex';
SELECT c, (scan_ext.judge(c)).result FROM unnest(ARRAY[
  'day = ''1.4.2024''', 'tz > ''1.4.2024 00:00''', 'iv > ''P30D''', 'fl = 0.30000000000000004', 'fl > 1.0 / 3.0', 'tz::date = ''31.3.2024''', 'by::text = E''\\005''', 'fl::text = ''0.5''', 'pt::text = ''(1,0.33333)''', 'iv::text = ''P1DT3H''', 'day::text = ''01.04.2024''', 'ts::text LIKE ''01.04.2024%''', 'EXTRACT(hour FROM tz) = 3', 'date_trunc(''day'', tz) = ''31.3.2024''', 'to_char(tz, ''HH24:MI TZ'') LIKE ''%NDT''', 'ts = tz', 'mny > ''5''', 'iv = ''P-1D'' OR iv > ''P1Y''', 'format(''%s'', fl) = ''0.5''', 'tiz > ''14:00+02''', 'txt = date ''1.4.2024''::text', 'txt = (0.1::float8 + 0.2::float8)::text'
  ]) WITH ORDINALITY AS t(c, n) ORDER BY n;
SELECT scan_ext.same('SELECT id, fl, day, ts, tz, iv, by, pt, mny, tiz FROM things');
SET timezone = 5.75;
SELECT c, (scan_ext.judge(c)).result FROM unnest(ARRAY['tz::date = ''1.4.2024''', 'EXTRACT(minute FROM tz) = 45', 'ts = tz']) c;
SET timezone = 'XYZ-3:20';
SELECT c, (scan_ext.judge(c)).result FROM unnest(ARRAY['tz::date = ''1.4.2024''', 'EXTRACT(minute FROM tz) = 20', 'ts = tz']) c;
RESET datestyle; RESET intervalstyle; RESET extra_float_digits; RESET bytea_output; RESET xmlbinary;
SET timezone = 'Europe/Berlin';

-- Stable functions of PostgreSQL that run remotely are those that depend on
-- the TimeZone alone.  (Functions in SQL are inlined first: age(ts) takes
-- CURRENT_DATE from here.)
SET neon_http_fdw.statement_pushdown = off;
CREATE FUNCTION scan_ext.runs_remotely(func regprocedure) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  column_of jsonb := '{"timestamptz": "tz", "timestamp": "ts", "date": "day", "time": "ti", "timetz": "tiz", "interval": "iv", "text": "txt", "int2": "small", "int4": "id", "int8": "big", "float8": "fl", "numeric": "num", "bool": "flag"}';
  args text;
  line text;
BEGIN
  SELECT string_agg(column_of ->> typname, ', ' ORDER BY n) INTO args
  FROM pg_proc, unnest(proargtypes) WITH ORDINALITY AS a(type, n) JOIN pg_type t ON t.oid = a.type WHERE pg_proc.oid = func;
  FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM things WHERE %s(%s) IS NULL',
    regexp_replace(func::text, '\(.*', ''), args) LOOP
    IF line ~ 'Remote SQL.* WHERE ' THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END $$;
\pset fieldsep ' | '
SET search_path = scan_ft, scan_ext, pg_catalog;
SELECT scan_ext.runs_remotely(p.oid), string_agg(p.oid::regprocedure::text, ' ' ORDER BY p.oid) FROM pg_proc p
WHERE p.oid < 10000 AND provolatile = 's' AND prokind = 'f' AND NOT proretset AND pronargs > 0 AND provariadic = 0
  AND proname !~ '^pg_|^date_add$|^date_subtract$'
  AND (proname, pronargs) NOT IN (('timezone', 1), ('date_trunc', 3))  -- since 17, stable until 15
  AND (SELECT bool_and(t = ANY ('{timestamptz,timestamp,date,time,timetz,interval,text,int2,int4,int8,float8,numeric,bool}'::regtype[])) FROM unnest(proargtypes) t)
  AND (SELECT bool_or(t = ANY ('{timestamptz,timestamp,date,time,timetz,interval}'::regtype[])) FROM unnest(proargtypes || prorettype) t)
  AND prorettype <> 'cstring'::regtype
GROUP BY 1 ORDER BY 1;
RESET neon_http_fdw.statement_pushdown;
SET search_path = scan_ft, scan_ext;

-- Functions and operators of extensions: with and without the option
\pset fieldsep '\n     '
SET neon_http_fdw.statement_pushdown = off;
SET search_path = scan_ft, scan_ext, scan_int;
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY['ci = ''ALPHA''', 'ci LIKE ''al%''', 'ci IN (''beta'', ''x'')', 'NULLIF(ci, ''ALPHA'') IS NULL', 'ci IS DISTINCT FROM ''ALPHA''', 'txt % ''text 5''', 'similarity(txt, ''text 5'') > 0.9', 'ARRAY[id, 7] @@ ''5''::query_int', 'sort(ARRAY[id, 3]) = ''{3,10}''', 'uniq(ARRAY[id, 1]) = ''{1}''']) WITH ORDINALITY AS t(c, n) ORDER BY n;
ALTER SERVER neon OPTIONS (ADD extensions 'citext, pg_trgm, intarray');
SELECT c, (scan_ext.judge(c)).* FROM unnest(ARRAY['ci = ''ALPHA''', 'ci LIKE ''al%''', 'ci IN (''beta'', ''x'')', 'NULLIF(ci, ''ALPHA'') IS NULL', 'ci IS DISTINCT FROM ''ALPHA''', 'CASE ci WHEN ''ALPHA'' THEN true END', '(ci, id) < (''BETA'', 5)', 'GREATEST(ci, ''BETA'') = ''beta''', 'ci::text = ''Alpha''', 'txt::citext = ''TEXT 5''', 'txt % ''text 5''', 'similarity(txt, ''text 5'') > 0.9', 'ARRAY[id, 7] @@ ''5''::query_int', 'sort(ARRAY[id, 3]) = ''{3,10}''', 'uniq(ARRAY[id, 1]) = ''{1}''']) WITH ORDINALITY AS t(c, n) ORDER BY n;
-- whatever the session's search path hides or shadows
CREATE SCHEMA scan_shadow;
CREATE FUNCTION scan_shadow.lower(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN ''shadow''; END';
CREATE FUNCTION scan_shadow.texteq(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN false; END';
CREATE OPERATOR scan_shadow.= (LEFTARG = text, RIGHTARG = text, FUNCTION = scan_shadow.texteq);
ALTER SERVER neon OPTIONS (SET extensions 'citext');
SET search_path = scan_shadow, pg_catalog, scan_ft;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM things WHERE pg_catalog.lower(txt) OPERATOR(pg_catalog.=) 'text 5' AND ci OPERATOR(scan_ext.=) 'alpha'::scan_ext.citext AND lower(txt) = 'y';
SELECT id FROM things WHERE pg_catalog.lower(txt) OPERATOR(pg_catalog.=) 'text 5';
SELECT count(*) FROM things WHERE lower(txt) OPERATOR(pg_catalog.=) 'shadow';
SET search_path = scan_ft, scan_ext;
DROP SCHEMA scan_shadow CASCADE;
ALTER SERVER neon OPTIONS (DROP extensions);
RESET neon_http_fdw.statement_pushdown;

-- Columns: only those that are needed, whatever they are called
SET neon_http_fdw.statement_pushdown = off;
\pset fieldsep ' | '
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM things;
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM things;
EXPLAIN (VERBOSE, COSTS OFF) SELECT big FROM things WHERE small = 3 AND to_tsvector(txt) @@ 'x';
EXPLAIN (VERBOSE, COSTS OFF) SELECT "Odd $1 ""name""", "select" FROM things WHERE "Odd $1 ""name""" = 1 AND "select" > 2;
EXPLAIN (VERBOSE, COSTS OFF) SELECT ctid, tableoid::regclass, xmin FROM things WHERE ctid = '(0,1)';
SELECT ctid, tableoid::regclass, xmin, cmin, xmax, cmax FROM things WHERE ctid = '(0,1)';
SELECT tableoid::regclass, count(*) FROM things GROUP BY 1;
SELECT xmin FROM half_of_things LIMIT 1;
EXPLAIN (VERBOSE, COSTS OFF) SELECT parts FROM parts WHERE parts.id = 1;
SELECT parts, parts.*::text FROM parts WHERE id = 1;
SELECT p FROM (SELECT p FROM parts p OFFSET 0) s(p) WHERE (p).v = 20;
SELECT scan_ext.same('SELECT t FROM (SELECT id, txt, ints, jb, ad FROM things) t');
SELECT scan_ext.same('SELECT t.*, t FROM parts t');
SELECT scan_ext.same('SELECT row_to_json(p) FROM parts p');
SELECT count(*) FROM empty;
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM empty;
SELECT empty FROM empty;

-- dropped, renamed and added columns
CREATE FOREIGN TABLE gone2 (a int, b text, gone1 int, c int) SERVER neon OPTIONS (schema_name 'scan_remote', table_name 'gone');
ALTER FOREIGN TABLE gone2 DROP COLUMN gone1;
ALTER FOREIGN TABLE gone2 DROP COLUMN a;
ALTER FOREIGN TABLE gone2 ADD COLUMN more int OPTIONS (column_name 'a');
ALTER FOREIGN TABLE gone2 RENAME COLUMN b TO label;
SELECT * FROM gone2;
ALTER FOREIGN TABLE gone2 ALTER COLUMN label OPTIONS (column_name 'b');
EXPLAIN (VERBOSE, COSTS OFF) SELECT gone2 FROM gone2 WHERE more = 1 AND label = 'one';
SELECT gone2, more, label FROM gone2 WHERE more = 1 AND label = 'one';
-- two columns for one over there
ALTER FOREIGN TABLE gone2 ADD COLUMN twice text OPTIONS (column_name 'b');
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM gone2 WHERE label = 'one' AND twice = 'one' AND c = 10;
SELECT * FROM gone2 WHERE label = 'one' AND twice = 'one' AND c = 10;
SELECT label, twice FROM gone2;
DROP FOREIGN TABLE gone2;

-- another type than the remote's: the local one counts
CREATE FOREIGN TABLE retyped (id text, small float8, vc text, num int8, ts date, flag text) SERVER neon OPTIONS (schema_name 'scan_remote', table_name 'things');
SELECT id, small, vc FROM retyped WHERE vc = 'vc5' ORDER BY id;
\set VERBOSITY terse
SELECT id FROM retyped WHERE id = '5';
SELECT num FROM retyped;
\set VERBOSITY default
DROP FOREIGN TABLE retyped;

-- local domains and enums that the remote has no name for
CREATE DOMAIN scan_ft.short_text AS text CHECK (length(VALUE) < 20);
CREATE TYPE scan_ft.local_mood AS ENUM ('sad', 'ok', 'happy');
CREATE FOREIGN TABLE domained (id scan_ft.posint, txt scan_ft.short_text, m scan_ft.local_mood) SERVER neon OPTIONS (schema_name 'scan_remote', table_name 'things');
EXPLAIN (VERBOSE, COSTS OFF) SELECT txt FROM domained WHERE id = 5 AND txt = 'text 5' AND m = 'happy';
SELECT txt FROM domained WHERE id = 5 AND txt = 'text 5' AND m = 'happy';
DROP FOREIGN TABLE domained;
RESET neon_http_fdw.statement_pushdown;

DROP SCHEMA scan_ft, scan_copy, scan_ext, scan_int CASCADE;
\c :remote_superuser
SET client_min_messages = warning;
DROP SCHEMA scan_remote, scan_ext, scan_int CASCADE;
