--
-- Values of common types are read without their input functions: they must
-- be what the input functions read from the same text.
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS quick CASCADE;
CREATE SCHEMA quick;
SET timezone = 'UTC';
-- many values, each beside its text, and what borders on the next form
CREATE TABLE quick.few (n serial PRIMARY KEY, b bool, i2 int2, i4 int4,
  i8 int8, num numeric, price numeric(12,2), rounded numeric(5,-2), t text,
  v varchar(6), d date, ts timestamp, tz timestamptz, ms timestamptz(3));
INSERT INTO quick.few (b, i2, i4, i8, num, price, rounded, t, v, d, ts, tz, ms)
  SELECT g % 2 = 0, g * 131 % 65536 - 32768, g::bigint * 715827 - 2147483648,
    (g - 3000)::bigint * g * g * 31776001, (g - 3000) * 7.31 ^ (g % 40 - 20),
    round((g - 3000) * 1234567.891, 2), g % 900 * 100, repeat('é"', g % 20),
    repeat(CASE g % 3 WHEN 0 THEN 'é' ELSE 'x' END, g % 7),
    date '0001-01-01' + g * 731,
    timestamp '0001-01-01' + g * interval '608 days 7 hours 13.000017 seconds',
    timestamptz '1800-01-01' + g * interval '30 days 5 hours 0.1203 seconds',
    timestamptz '2000-01-01' + g * interval '1.0015 seconds'
  FROM generate_series(1, 5999) g;
INSERT INTO quick.few (i2, i4, i8, num, price, d, ts, tz) VALUES
  (-32768, -2147483648, -9223372036854775808, 'NaN', 0, '-infinity',
    '-infinity', '-infinity'),
  (32767, 2147483647, 9223372036854775807, 'Infinity', -0.01, 'infinity',
    'infinity', 'infinity'),
  (0, 0, 999999999999999999, 999999999999999999, 9999999999.99,
    '4713-01-01 BC', '4713-01-01 BC', '4713-01-01 BC'),
  (1, -1, 1000000000000000000, 0.000000000000000001, 0.10, '9999-12-31',
    '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00'),
  (1, -1, -1, -0.00, -10, '10000-01-01', '294276-12-31 23:59:59.999999',
    '294276-12-31 23:59:59.999999+00'),
  (NULL, NULL, NULL, 1e30, NULL, '2000-02-29', '1900-02-28 12:00',
    '2000-02-29 23:59:59.5-15:59:59');
CREATE VIEW quick.texts AS SELECT n, to_jsonb(ARRAY[b::text, i2::text,
    i4::text, i8::text, num::text, price::text, rounded::text, t, v::text,
    d::text, ts::text, extract(epoch FROM tz)::text,
    extract(epoch FROM ms)::text]) AS texts
  FROM quick.few;

\c :local
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS quick CASCADE;
CREATE SCHEMA quick;
IMPORT FOREIGN SCHEMA quick FROM SERVER neon INTO quick;
CREATE TEMP TABLE texts AS SELECT * FROM quick.texts;
-- zones with and without minutes and seconds, on both sides of UTC
CREATE FUNCTION pg_temp.differ(zone text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('timezone', zone, true),
    set_config('datestyle', 'ISO', true);
  CREATE TEMP TABLE few ON COMMIT DROP AS SELECT * FROM quick.few;
  RETURN QUERY SELECT f::text || ' ' || x.texts FROM few f, texts x
    WHERE f.n = x.n AND x.texts <> to_jsonb(ARRAY[b::text, i2::text,
      i4::text, i8::text, num::text, price::text, rounded::text, t, v::text,
      d::text, ts::text, extract(epoch FROM tz)::text,
      extract(epoch FROM ms)::text]);
  RETURN QUERY SELECT count(*) || ' rows' FROM few;
  DROP TABLE few;
END $$;
SELECT pg_temp.differ(zone) FROM unnest(ARRAY['UTC', 'Asia/Kathmandu',
  'America/St_Johns', 'Europe/Amsterdam', 'Pacific/Kiritimati',
  'Pacific/Marquesas']) zone;
SET datestyle = 'SQL, DMY';
SELECT d, ts, ms FROM quick.few WHERE n = 1;
RESET datestyle;

-- the bytes are the same as those of the input functions, too
SELECT count(*) FROM (SELECT * FROM quick.few OFFSET 0) f
  WHERE numeric_send(num) <> numeric_send(num::text::numeric)
    OR numeric_send(price) <> numeric_send(price::text::numeric(12,2))
    OR pg_column_size(num) <> pg_column_size(num::text::numeric);

-- a column that is narrower here: the type's own input function has its say
ALTER FOREIGN TABLE quick.few ALTER v TYPE varchar(3), ALTER i4 TYPE int2,
  ALTER price TYPE numeric(6,1);
SELECT v FROM quick.few WHERE n = 1;
SELECT v FROM quick.few WHERE n = 3;
SELECT v FROM quick.few WHERE n = 6;
SELECT i4 FROM quick.few WHERE n = 1;
SELECT price FROM quick.few WHERE n = 6001;
SELECT price FROM quick.few WHERE n = 1;
SELECT price FROM quick.few WHERE n = 6004;
-- a column of another type there
ALTER FOREIGN TABLE quick.few ALTER t TYPE date, ALTER v TYPE bool;
SELECT t FROM quick.few WHERE n = 1;
SELECT v FROM quick.few WHERE n = 1;

DROP SCHEMA quick CASCADE;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA quick CASCADE;
