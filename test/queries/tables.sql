-- Tables for the queries beside the sample shop, in the remote database.
-- Every value is computed.

SET timezone = 'UTC';
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS lab CASCADE;
CREATE SCHEMA lab;
SET search_path = lab;

CREATE TABLE nodes (
  id integer PRIMARY KEY,
  parent integer REFERENCES nodes,
  name text NOT NULL,
  weight numeric(8,2)
);
INSERT INTO nodes
SELECT i, CASE WHEN i > 1 THEN (i * 7 % (i - 1) + 1) / 2 + 1 - (i % 2)
    * CASE WHEN (i * 7 % (i - 1) + 1) / 2 > 0 THEN 1 ELSE 0 END END,
  'node ' || i, CASE WHEN i % 9 <> 0 THEN i * 37 % 1000 / 8.0 END
FROM generate_series(1, 200) i;

-- a graph with cycles
CREATE TABLE edges (
  source integer NOT NULL,
  target integer NOT NULL,
  cost integer NOT NULL,
  PRIMARY KEY (source, target)
);
INSERT INTO edges
SELECT i % 12 + 1, i * 5 % 13 % 12 + 1, i * 11 % 17 + 1
FROM generate_series(1, 40) i ON CONFLICT DO NOTHING;

CREATE TABLE bookings (
  id integer PRIMARY KEY,
  room text NOT NULL,
  days daterange NOT NULL,
  during tstzrange,
  seats int4range,
  closed datemultirange,
  price numrange
);
INSERT INTO bookings
SELECT i, 'room ' || i % 7,
  daterange(date '2025-01-01' + i * 3 % 250,
            date '2025-01-01' + i * 3 % 250 + 1 + i % 9, '[)'),
  CASE WHEN i % 10 <> 0 THEN
    tstzrange(timestamptz '2025-03-29 00:00Z' + i * interval '37 minutes',
      CASE WHEN i % 8 <> 0 THEN timestamptz '2025-03-29 00:00Z'
        + i * interval '37 minutes' + i % 5 * interval '50 minutes' END)
  END,
  CASE i % 6 WHEN 0 THEN 'empty'::int4range WHEN 1 THEN NULL
    ELSE int4range(i % 30, i % 30 + i % 11 + 1, '[]') END,
  CASE WHEN i % 4 <> 0 THEN datemultirange(
    daterange(date '2025-01-01' + i, date '2025-01-05' + i),
    daterange(date '2025-02-01' + i, date '2025-02-02' + i)) END,
  numrange(i * 13 % 90 / 4.0, i * 13 % 90 / 4.0 + i % 3, '(]')
FROM generate_series(1, 150) i;

CREATE TABLE articles (
  id integer PRIMARY KEY,
  title text NOT NULL,
  body text,
  words tsvector,
  labels text[],
  ratings integer[],
  matrix integer[]
);
INSERT INTO articles
SELECT i, title, body,
  setweight(to_tsvector('pg_catalog.english', title), 'A')
    || to_tsvector('pg_catalog.english', coalesce(body, '')),
  CASE WHEN i % 5 <> 0 THEN ARRAY['l' || i % 4, 'L' || i % 3, NULL] END,
  CASE WHEN i % 7 <> 0 THEN ARRAY[i % 5 + 1, i % 4 + 1, i % 3 + 1] ELSE '{}' END,
  ARRAY[[i, i + 1], [i * 2, i % 3]]
FROM (SELECT i,
  (ARRAY['Running databases','A runner''s story','Cats and dogs',
    'The catalog of errors'])[i % 4 + 1] || ' ' || i AS title,
  CASE WHEN i % 6 <> 0 THEN
    (ARRAY['quick brown foxes','lazy dogs','catalogs of running cats'])
      [i % 3 + 1] || ' jump over ' ||
    (ARRAY['the database','an error','a story'])[i * 2 % 5 % 3 + 1] END AS body
  FROM generate_series(1, 80) i) a;

CREATE TABLE readings (
  sensor integer NOT NULL,
  at timestamptz NOT NULL,
  wall timestamp NOT NULL,
  value numeric(9,3),
  spread interval,
  state bit(4),
  source inet,
  PRIMARY KEY (sensor, at)
);
-- across both changes of the clocks of 2025 in Europe and America
INSERT INTO readings
SELECT i % 4, timestamptz '2025-03-01 00:30Z' + i * interval '11 hours 7 min',
  timestamp '2025-03-01 00:30' + i * interval '11 hours 7 min',
  CASE WHEN i % 13 <> 0 THEN (i * 7919 % 10007) / 8.0 END,
  i % 50 * interval '1 hour 1 second' + i % 3 * interval '1 mon',
  (i % 16)::bit(4), ('10.' || i % 3 || '.0.' || i % 250)::inet
FROM generate_series(0, 599) i;

CREATE TABLE pairs (
  a integer,
  b integer,
  c text,
  PRIMARY KEY (c)
);
INSERT INTO pairs
SELECT nullif(i % 6, 0), nullif(i * 3 % 7, 0), 'pair ' || lpad(i::text, 3, '0')
FROM generate_series(1, 60) i;

ANALYZE nodes, edges, bookings, articles, readings, pairs;
