-- The tables of the random queries, in the remote database: schema diff.
-- Every value is computed; NULLs and duplicates are everywhere.  Numbers are
-- small, and floats are multiples of 1/8, so that no sum depends on the order
-- of its rows.  schema.py says the same to the generator.

SET timezone = 'UTC';
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS diff CASCADE;
CREATE SCHEMA diff;
SET search_path = diff;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'it''s "odd"');

CREATE TABLE people (
  id integer PRIMARY KEY,
  boss integer,
  name text,
  city varchar(20),
  born date,
  height double precision,
  salary numeric(10,2),
  active boolean,
  feels mood,
  tags text[],
  info jsonb,
  code character(4),
  ref uuid
);
INSERT INTO people
SELECT i, CASE WHEN i % 5 <> 0 THEN i / 3 END,
  CASE WHEN i % 7 <> 0 THEN (ARRAY['Ada','bob','Émile','O''Neill','ada','Zoë',
    '%_\', ''])[i % 8 + 1] || CASE WHEN i % 3 = 0 THEN ' ' || i ELSE '' END END,
  (ARRAY['Rome','rome','Köln',NULL,'New York','Oslo '])[i % 6 + 1],
  CASE WHEN i % 9 <> 0 THEN date '1970-01-01' + i * 311 % 15000 END,
  CASE WHEN i % 8 <> 0 THEN i * 37 % 400 / 8.0 - 10 END,
  CASE WHEN i % 6 <> 0 THEN (i * 7919 % 200000 - 20000) / 100.0 END,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN false ELSE true END,
  (ARRAY['sad','ok','happy','it''s "odd"',NULL]::mood[])[i % 5 + 1],
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY['a', NULL]
    ELSE ARRAY['b', 'a "q"', 'c,d'] END,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE jsonb_build_object(
    'n', nullif(i % 10, 3), 'k', (ARRAY['x','y z',NULL])[i % 3 + 1],
    'list', jsonb_build_array(i, i % 2 = 0)) END,
  CASE WHEN i % 10 <> 0 THEN 'c' || i % 13 END,
  CASE WHEN i % 11 <> 0 THEN md5((i % 30)::text)::uuid END
FROM generate_series(1, 40) i;

CREATE TABLE items (
  id bigint PRIMARY KEY,
  owner integer,
  kind text,
  price numeric(10,2),
  qty smallint,
  made timestamptz,
  sizes integer[],
  span int4range,
  weight double precision
);
INSERT INTO items
SELECT i, CASE WHEN i % 6 <> 0 THEN i * 17 % 50 END,
  (ARRAY['box','Box','bag',NULL,'a''b','box 2'])[i % 6 + 1],
  CASE WHEN i % 7 <> 0 THEN (i * 977 % 50000) / 100.0 END,
  CASE WHEN i % 5 <> 0 THEN i % 20 - 4 END,
  CASE WHEN i % 8 <> 0 THEN
    timestamptz '2025-03-29 20:00Z' + i * interval '97 minutes' END,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}'
    ELSE ARRAY[i % 5, NULL, i % 7] END,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN 'empty'::int4range
    WHEN 2 THEN int4range(i % 10, NULL) ELSE int4range(i % 10, i % 10 + i % 6)
    END,
  CASE WHEN i % 9 <> 0 THEN i * 13 % 100 / 8.0 END
FROM generate_series(1, 50) i;

CREATE TABLE events (
  a integer,
  b text,
  at timestamp,
  took interval,
  ok boolean,
  feels mood,
  n bigint,
  payload jsonb,
  PRIMARY KEY (a, b)
);
INSERT INTO events
SELECT i % 15, 'e' || i / 15, CASE WHEN i % 6 <> 0 THEN
    timestamp '2025-10-25 00:00' + i * interval '53 minutes' END,
  CASE WHEN i % 5 <> 0 THEN i % 30 * interval '1 minute' END,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN true ELSE false END,
  (ARRAY['happy',NULL,'ok']::mood[])[i % 3 + 1],
  CASE WHEN i % 7 <> 0 THEN i * 100003::bigint % 1000000 END,
  CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN to_jsonb(i) WHEN 2 THEN
    jsonb_build_object('n', i % 4, 'k', 'v' || i % 3)
    ELSE jsonb_build_array(i % 2, NULL, 'x') END
FROM generate_series(0, 44) i;

-- no key, and rows that are there twice
CREATE TABLE links (
  src integer,
  dst integer,
  w numeric(10,2),
  note text,
  since date
);
INSERT INTO links
SELECT CASE WHEN i % 9 <> 0 THEN i * 7 % 45 END,
  CASE WHEN i % 10 <> 0 THEN i * 11 % 20 END, (i % 6 + 1) / 4.0,
  CASE WHEN i % 3 <> 0 THEN repeat('n', i % 4) END,
  CASE WHEN i % 4 <> 0 THEN date '2024-12-30' + i % 12 END
FROM generate_series(1, 50) i;
INSERT INTO links SELECT * FROM links WHERE src < 9 OR src IS NULL;

CREATE TABLE nothing (
  id integer PRIMARY KEY,
  t text,
  d date,
  n numeric(10,2)
);

ANALYZE people, items, events, links, nothing;
