--
-- Statements as clients send them: long lists of literals, VALUES in FROM
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

-- the same tables on the remote, as foreign tables and as local copies
SELECT $tables$
CREATE TABLE author (id int PRIMARY KEY, name text);
CREATE TABLE book (
  id int PRIMARY KEY,
  author_id int,
  title text,
  rating float8,
  price numeric,
  sold date);
CREATE TABLE tag (id int PRIMARY KEY, name text UNIQUE, note text DEFAULT 'none');
INSERT INTO author SELECT g, 'name' || g FROM generate_series(1, 8) g;
INSERT INTO book
  SELECT g, 1 + g % 7, 'title' || g, g / 7.0, g / 4.0, date '2024-01-01' + g
  FROM generate_series(1, 40) g;
INSERT INTO tag SELECT g, chr(96 + g) FROM generate_series(1, 6) g;
$tables$ AS tables \gset

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS shapes CASCADE;
CREATE SCHEMA shapes;
SET search_path = shapes;
:tables
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS sfar, snear CASCADE;
CREATE SCHEMA sfar;
CREATE SCHEMA snear;
IMPORT FOREIGN SCHEMA shapes FROM SERVER neon INTO sfar;
SET search_path = snear;
:tables
RESET search_path;

--
-- Planning takes a time linear in the number of literals: no more than a few
-- times what it takes on local tables, the best of three attempts.  What counts
-- is the time that this process had a processor, as other processes may have it
-- for much longer.
--
CREATE FUNCTION sfar.processor_time() RETURNS interval LANGUAGE sql AS $$
  SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint / 1000 * interval '1 microsecond'
$$;
CREATE FUNCTION sfar.plan_time(query text, schema text) RETURNS interval LANGUAGE plpgsql AS $$
DECLARE
  start interval;
  best interval = '1 day';
BEGIN
  PERFORM set_config('search_path', schema, true);
  FOR i IN 1 .. 3 LOOP
    start = sfar.processor_time();
    EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
    best = least(best, sfar.processor_time() - start);
  END LOOP;
  RETURN best;
END $$;
CREATE FUNCTION sfar.is_linear(query text) RETURNS boolean LANGUAGE sql AS $$
  SELECT sfar.plan_time(query, 'sfar') <
    4 * sfar.plan_time(query, 'snear') + interval '150 milliseconds'
$$;
SELECT q.n, sfar.is_linear(q.query) FROM (VALUES
  (1, (SELECT 'SELECT count(*) FROM book WHERE ' || string_agg('id = ' || g, ' OR ')
       FROM generate_series(1, 22000) g)),
  (2, (SELECT 'SELECT count(*) FROM book WHERE ' || string_agg(format('(id = %s AND title = ''t%s'')', g, g), ' OR ')
       FROM generate_series(1, 8000) g)),
  (3, (SELECT 'SELECT count(*) FROM book WHERE ' || string_agg('id <> ' || g, ' AND ')
       FROM generate_series(1, 8000) g)),
  (4, (SELECT 'SELECT sum(CASE id ' || string_agg(format('WHEN %s THEN %s', g, g * 3), ' ') || ' END) FROM book'
       FROM generate_series(1, 8000) g)),
  (5, (SELECT 'SELECT title || ' || string_agg(quote_literal(g), ' || ') || ' FROM book LIMIT 1'
       FROM generate_series(1, 3000) g)),
  (6, (SELECT 'SELECT count(*) FROM book WHERE id IN (' || string_agg(g::text, ', ') || ')'
       FROM generate_series(1, 22000) g)),
  (7, (SELECT 'SELECT count(*) FROM book JOIN (VALUES ' || string_agg(format('(%s, ''x%s'')', g, g), ', ') || ') v (i, t) ON id = i'
       FROM generate_series(1, 8000) g)),
  (8, (SELECT 'UPDATE book SET price = CASE id ' || string_agg(format('WHEN %s THEN %s', g, g * 3), ' ') || ' END'
       FROM generate_series(1, 8000) g)),
  (9, (SELECT 'INSERT INTO book (id, title) VALUES ' || string_agg(format('(%s, ''x%s'')', g, g), ', ')
       FROM generate_series(1, 8000) g))
) AS q (n, query) ORDER BY n;
SET neon_http_fdw.statement_pushdown = off;
SELECT q.n, sfar.is_linear(q.query) FROM (VALUES
  (1, (SELECT 'SELECT id FROM book WHERE ' || string_agg('id = ' || g, ' OR ')
       FROM generate_series(1, 22000) g)),
  (2, (SELECT 'SELECT CASE id ' || string_agg(format('WHEN %s THEN %s', g, g * 3), ' ') || ' END, count(*) FROM book GROUP BY 1'
       FROM generate_series(1, 8000) g))
) AS q (n, query) ORDER BY n;
RESET neon_http_fdw.statement_pushdown;

-- The values are the right ones
SELECT count(*), sum(price) FROM sfar.book WHERE id = 3 OR id = 4 OR price = 4 OR id = 3::bigint OR title = '3' OR title = 'title3'::varchar;
SELECT count(*), sum(price) FROM snear.book WHERE id = 3 OR id = 4 OR price = 4 OR id = 3::bigint OR title = '3' OR title = 'title3'::varchar;
SELECT DISTINCT coalesce(author_id, 3) + 3 AS x, 3 AS y, '3' AS z FROM sfar.book WHERE id <> 3 GROUP BY coalesce(author_id, 3) + 3, id ORDER BY 1 LIMIT 3;
PREPARE grouped (text) AS SELECT CASE WHEN ($1 NOT IN ('a', v.c)) THEN 'x' ELSE 'y' END, count(*)
  FROM sfar.book LEFT JOIN (VALUES (1, 'b')) v (i, c) ON v.i = book.id GROUP BY ($1 NOT IN ('a', v.c)) ORDER BY 1;
EXECUTE grouped ('c');
PREPARE distinguished (int) AS SELECT DISTINCT $1 + 1 + author_id, coalesce(price, $1 + 1) > $1 + 1 FROM sfar.book ORDER BY $1 + 1 + author_id, coalesce(price, $1 + 1) > $1 + 1 LIMIT 3;
EXECUTE distinguished (1);

--
-- VALUES in FROM, USING and WITH, with RETURNING: alone and in a transaction
--
CREATE FUNCTION sfar.both(query text) RETURNS TABLE (verdict text, result text) LANGUAGE plpgsql AS $$
DECLARE
  there text[] = '{}';
  here text[] = '{}';
  r record;
BEGIN
  PERFORM set_config('search_path', 'sfar, public', true);
  FOR r IN EXECUTE query LOOP there = there || r::text; END LOOP;
  PERFORM set_config('search_path', 'snear, public', true);
  FOR r IN EXECUTE query LOOP here = here || r::text; END LOOP;
  result = (SELECT array_agg(x ORDER BY x) FROM unnest(there) x);
  verdict = CASE WHEN result IS NOT DISTINCT FROM (SELECT array_agg(x ORDER BY x) FROM unnest(here) x)::text
                 THEN 'same' ELSE 'DIFFERENT' END;
  RETURN NEXT;
END $$;
SELECT $values$
UPDATE tag SET name = v.b FROM (VALUES ('a', 'a2')) v (a, b) WHERE tag.name = v.a RETURNING tag.name
UPDATE tag SET name = v.b FROM (VALUES ('b', 'b2'), ('c', 'c2')) v (a, b) WHERE tag.name = v.a RETURNING tag.id, v.a, v.b
WITH v (a, b) AS (VALUES ('b2', 'b3'), ('b2', 'b3')) UPDATE tag SET name = v.b FROM v WHERE tag.name = v.a RETURNING tag.*
UPDATE tag SET note = (SELECT v.b FROM (VALUES (1, 'n1'), (2, 'n2')) v (a, b) WHERE v.a = tag.id) RETURNING *
UPDATE tag SET note = DEFAULT FROM (VALUES (1), (2)) v (a) WHERE v.a = tag.id RETURNING id, a
DELETE FROM tag USING (VALUES ('c2'), ('no')) v (a) WHERE tag.name = v.a RETURNING *
DELETE FROM tag WHERE (id, name) IN (VALUES (4, 'd'), (5, 'x')) RETURNING name
INSERT INTO tag (id, name) SELECT v.a, v.b FROM (VALUES (7, 'g'), (8, 'h')) v (a, b) WHERE v.a > 7 RETURNING id, name
WITH v (a, b) AS (VALUES (9, 'i')) INSERT INTO tag (id, name) SELECT * FROM v RETURNING name
$values$ AS statements \gset
CREATE TABLE sfar.statement AS
  SELECT row_number() OVER () AS n, s FROM regexp_split_to_table(trim(E'\n' FROM :'statements'), E'\n') s;
SELECT n, b.* FROM sfar.statement, sfar.both(s) b ORDER BY n;
SELECT * FROM sfar.tag EXCEPT SELECT * FROM snear.tag;
-- each as a transaction of its own
UPDATE sfar.tag SET name = v.b FROM (VALUES ('a2', 'a')) v (a, b) WHERE tag.name = v.a RETURNING tag.name;
WITH v (a) AS (VALUES ('h'), ('i')) DELETE FROM sfar.tag USING v WHERE name = a RETURNING tag.id, v.a;
UPDATE sfar.tag SET note = b FROM (VALUES (5, 'e'), (6, 'f')) v (a, b) WHERE id = a;
SELECT * FROM sfar.tag ORDER BY id;

--
-- Rows as JSON: how clients load objects with what belongs to them.  With
-- "whole", all is one remote query.
--
CREATE FUNCTION sfar.whole(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  PERFORM set_config('search_path', 'sfar, public', true);
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    RETURN CASE WHEN line = 'Custom Scan (Neon Remote Query)' THEN 'whole' ELSE 'local' END;
  END LOOP;
END $$;
ALTER FOREIGN TABLE sfar.author RENAME name TO first_name;
ALTER TABLE snear.author RENAME name TO first_name;
SELECT q.n, sfar.whole(query), b.verdict, left(b.result, 80) AS result FROM (VALUES
  (1, 'SELECT a.id, (SELECT json_agg(agg) FROM (SELECT b.title FROM book b WHERE b.author_id = a.id ORDER BY b.id) agg) FROM author a'),
  (2, 'SELECT a.id, x.data FROM author a LEFT JOIN LATERAL (SELECT coalesce(json_agg(json_build_array(b.id, b.title, b.rating)), ''[]''::json) AS data FROM (SELECT * FROM book b WHERE b.author_id = a.id ORDER BY b.id) b) x ON true'),
  (3, 'SELECT row_to_json((SELECT e FROM (SELECT b.id AS "Id", b.rating AS r, b.sold) AS e)) FROM book b WHERE id < 5'),
  (4, 'WITH c AS (SELECT id, title AS t, price FROM book WHERE id < 5) SELECT jsonb_agg(c ORDER BY c.id), count(c) FROM c'),
  (5, 'WITH c (x, y) AS (SELECT id, title FROM book WHERE id < 5) SELECT to_jsonb(d) FROM c AS d (p, q)'),
  (6, 'SELECT a.id, (SELECT jsonb_agg(b ORDER BY b.id) FROM book b WHERE b.author_id = a.id) FROM author a'),
  (7, 'SELECT to_json(b), b IS NULL FROM author a LEFT JOIN book b ON b.id = a.id + 36'),
  (8, 'SELECT count(b), count(*) FROM author a LEFT JOIN book b ON b.id = a.id + 36'),
  (9, 'SELECT json_agg(v) FROM book b, (VALUES (1, ''x''), (2, ''y'')) AS v (n, t) WHERE b.id = v.n'),
  (10, 'SELECT json_build_object(''author'', a.id, ''books'', (SELECT json_agg(b) FROM (SELECT * FROM book WHERE author_id = a.id ORDER BY id) b)) FROM author a'),
  (11, 'SELECT x = y FROM (SELECT id, title FROM book WHERE id < 3) x, (SELECT id, title FROM book WHERE id < 3) y'),
  (12, 'SELECT rating::text, concat(rating, ''/'', rating::float4), to_json(rating) FROM book'),
  (13, 'SELECT coalesce(json_agg(p), ''[]'') FROM (SELECT b.id, row_to_json(a) AS author FROM book b JOIN (SELECT id FROM author) a ON a.id = b.author_id ORDER BY b.id LIMIT 4) p'),
  -- not the same names, or no text that is the same
  (20, 'SELECT to_json(a) FROM author a'),
  (21, 'SELECT json_agg(s) FROM (SELECT id, id + 1 AS id FROM book WHERE id < 3) s'),
  (22, 'SELECT to_json(s) FROM author a JOIN (SELECT id, title FROM book) s USING (id)'),
  (23, 'SELECT b FROM book b WHERE id < 3'),
  (24, 'SELECT concat(s) FROM (SELECT id, sold FROM book WHERE id < 3) s'),
  (25, 'SELECT json_agg(s) FROM (SELECT make_interval(days => id) FROM book WHERE id < 3) s'),
  (26, 'SELECT json_agg(t) FROM (SELECT b FROM book b WHERE id < 3) t')
) AS q (n, query), sfar.both(query) b ORDER BY n;
SET extra_float_digits = 0;
SELECT sfar.whole(query), b.verdict FROM (VALUES
  ('SELECT json_build_array(rating) FROM book'),
  ('SELECT rating::text FROM book')) AS q (query), sfar.both(query) b;
RESET extra_float_digits;
-- what is changed is joined with more columns than it has
UPDATE sfar.book b SET title = to_json(b) ->> 'title' || '!' WHERE id = 1 RETURNING title;
UPDATE sfar.book b SET title = s.j ->> 'title' FROM (SELECT id, to_json(x) AS j FROM (SELECT id, 'new' AS title FROM sfar.book) x) s WHERE s.id = b.id AND b.id = 1 RETURNING title;

--
-- Statements that write in WITH: get-or-create and the like
--
TRUNCATE sfar.statement, snear.tag;
INSERT INTO snear.tag SELECT * FROM sfar.tag;
SELECT $writes$
WITH i AS (INSERT INTO tag (id, name) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING RETURNING id, name) SELECT * FROM i UNION ALL SELECT id, name FROM tag WHERE id = 1
WITH i AS (INSERT INTO tag (id, name) VALUES (20, 'x') ON CONFLICT (id) DO NOTHING RETURNING id, name, note) SELECT * FROM i UNION ALL SELECT id, name, note FROM tag WHERE id = 20
WITH i AS (INSERT INTO tag (id, name) VALUES (20, 'y') ON CONFLICT (id) DO NOTHING RETURNING id, name, note) SELECT * FROM i UNION ALL SELECT id, name, note FROM tag WHERE id = 20
WITH input (id, name) AS (VALUES (21, 'x'), (22, 'z')), i AS (INSERT INTO tag (id, name) SELECT * FROM input ON CONFLICT (name) DO NOTHING RETURNING id, name) SELECT 'new', name FROM i UNION ALL SELECT 'old', t.name FROM input JOIN tag t USING (name)
WITH a AS (SELECT 23 AS id), b AS (SELECT id, 'w' AS name FROM a), i AS (INSERT INTO tag SELECT b.id, (SELECT name FROM b), 'n' FROM b RETURNING *) SELECT i.*, b.name, count(*) OVER () FROM i, b
WITH i AS (INSERT INTO tag (id, name) VALUES (1, 'v') ON CONFLICT (id) DO UPDATE SET name = excluded.name || tag.name RETURNING name, upper(name) AS u) SELECT * FROM i
WITH u AS (UPDATE tag SET note = DEFAULT WHERE id < 3 RETURNING id, note) SELECT * FROM u
WITH u AS (UPDATE tag SET note = 'unread' WHERE id = 2), d AS (DELETE FROM tag WHERE id = 22 RETURNING *) SELECT 1
WITH u AS (UPDATE tag SET note = 'half' WHERE id IN (20, 23) RETURNING id), d AS (DELETE FROM tag WHERE id = 6 RETURNING *) SELECT * FROM u, d LIMIT 0
WITH u AS (UPDATE tag SET note = 'x' WHERE id = 1 RETURNING *) SELECT u.note, t.note FROM u JOIN tag t USING (id)
WITH d AS (DELETE FROM tag WHERE id = 5 RETURNING *) INSERT INTO tag SELECT id + 100, name, note FROM d RETURNING *
WITH d AS (DELETE FROM tag WHERE id = 20 RETURNING *) UPDATE tag SET note = 'beside' WHERE id = 23 RETURNING *
SELECT * FROM tag
$writes$ AS statements \gset
INSERT INTO sfar.statement
  SELECT row_number() OVER () AS n, s FROM regexp_split_to_table(trim(E'\n' FROM :'statements'), E'\n') s;
SELECT n, b.* FROM sfar.statement, sfar.both(s) b ORDER BY n;
-- alone: committed with the statement, or not at all
WITH i AS (INSERT INTO sfar.tag (id, name) VALUES (30, 'alone') ON CONFLICT (id) DO NOTHING RETURNING id, name) SELECT * FROM i;
WITH i AS (INSERT INTO sfar.tag (id, name) VALUES (31, 'not') ON CONFLICT (id) DO NOTHING RETURNING id) SELECT id / 0 FROM i;
WITH i AS (INSERT INTO sfar.tag (id, name) VALUES (32, 'twice') RETURNING id), j AS (INSERT INTO sfar.tag (id, name) VALUES (32, 'twice') RETURNING id) SELECT * FROM i, j;
SELECT id, name FROM sfar.tag WHERE id >= 30;
BEGIN;
WITH i AS (INSERT INTO sfar.tag (id, name) VALUES (33, 'gone') ON CONFLICT (id) DO NOTHING RETURNING id, name) SELECT * FROM i;
SELECT id, name FROM sfar.tag WHERE id >= 30 ORDER BY id;
ROLLBACK;
SELECT id, name FROM sfar.tag WHERE id >= 30;
-- 19 names a subquery that has no name in another way
CREATE FUNCTION sfar.explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    RETURN NEXT replace(line, '"*SELECT*"', 'unnamed_subquery');
  END LOOP;
END $$;
SELECT sfar.explain($$
WITH input (name) AS (VALUES ('a')), i AS (INSERT INTO sfar.tag (id, name) SELECT 1, name FROM input ON CONFLICT (name) DO NOTHING RETURNING id)
SELECT id FROM i UNION ALL SELECT t.id FROM input JOIN sfar.tag t USING (name)$$);
-- prepared, with a generic plan
SET plan_cache_mode = force_generic_plan;
PREPARE upsert (int, text) AS WITH i AS (INSERT INTO sfar.tag (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = tag.name || $2 RETURNING name) SELECT * FROM i;
EXECUTE upsert (40, 'p');
EXECUTE upsert (40, 'q');
ALTER FOREIGN TABLE sfar.tag OPTIONS (ADD updatable 'false');
EXECUTE upsert (40, 'r');
ALTER FOREIGN TABLE sfar.tag OPTIONS (DROP updatable);
RESET plan_cache_mode;
-- permissions, read-only transactions, and what is possible nowhere
CREATE ROLE shapes_user;
GRANT USAGE ON SCHEMA sfar TO shapes_user;
GRANT SELECT ON sfar.tag TO shapes_user;
SET ROLE shapes_user;
WITH i AS (INSERT INTO sfar.tag (id, name) VALUES (50, 'no') RETURNING id) SELECT * FROM i;
RESET ROLE;
DROP OWNED BY shapes_user;
DROP ROLE shapes_user;
BEGIN READ ONLY;
WITH i AS (INSERT INTO sfar.tag (id, name) VALUES (50, 'no') RETURNING id) SELECT * FROM i;
ROLLBACK;
WITH i AS (INSERT INTO sfar.tag (id, name) SELECT id, 'no' FROM snear.tag ON CONFLICT (id) DO NOTHING RETURNING id) SELECT * FROM i;

--
-- What upserts of clients have: was the row inserted?  Values from SELECT,
-- lists of columns, volatile functions
--
TRUNCATE sfar.statement, snear.tag, snear.book;
INSERT INTO snear.tag SELECT * FROM sfar.tag;
INSERT INTO snear.book SELECT * FROM sfar.book;
SELECT $upserts$
INSERT INTO tag (id, name) VALUES (60, 'n60'), (1, 'x1') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, (xmax = 0) AS inserted
INSERT INTO tag (id, name) VALUES (61, 'n61'), (2, 'x2') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, xmax::text::int > 0, CASE WHEN xmax::text = '0' THEN 'i' ELSE 'u' END
WITH i AS (INSERT INTO tag (id, name) VALUES (1, 'y1') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING xmax <> 0 AS updated) SELECT * FROM i
INSERT INTO tag (id, name) VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET note = (SELECT max(title) FROM book) RETURNING *
INSERT INTO tag (id, name) VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET note = (SELECT title FROM book b WHERE b.id = excluded.id + tag.id) WHERE tag.id IN (SELECT author_id FROM book) RETURNING *
INSERT INTO tag (id, name) VALUES (2, 'z') ON CONFLICT (id) DO UPDATE SET (name, note) = (SELECT t.name || '!', 'was ' || tag.note FROM tag t WHERE t.id = excluded.id) RETURNING *
INSERT INTO tag (id, name) VALUES (2, 'z') ON CONFLICT (id) DO UPDATE SET (name, note) = ROW('row', DEFAULT) RETURNING *
INSERT INTO tag (id, name) VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET note = gen_random_uuid()::text RETURNING length(note)
UPDATE tag SET (name, note) = (SELECT b.title, count(*) OVER () FROM book b WHERE b.author_id = tag.id ORDER BY b.id LIMIT 1) WHERE id < 3 RETURNING *
UPDATE tag SET (name, note) = (SELECT title, '1' FROM book WHERE id = 60) WHERE id = 60 RETURNING *
UPDATE tag SET note = (SELECT count(*) FROM book WHERE author_id = tag.id) RETURNING id, note
SELECT id, name, note FROM tag WHERE id <> 1
$upserts$ AS statements \gset
INSERT INTO sfar.statement
  SELECT row_number() OVER () AS n, s FROM regexp_split_to_table(trim(E'\n' FROM :'statements'), E'\n') s;
SELECT n, b.* FROM sfar.statement, sfar.both(s) b ORDER BY n;
-- each is one request
CREATE FUNCTION sfar.remote_write(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  PERFORM set_config('search_path', 'sfar, public', true);
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    RETURN line;
  END LOOP;
END $$;
SELECT n, sfar.remote_write(s) FROM sfar.statement WHERE n NOT IN (3, 12) ORDER BY n;
EXPLAIN (VERBOSE, COSTS OFF)
INSERT INTO sfar.tag (id, name) VALUES (1, 'z')
  ON CONFLICT (id) DO UPDATE SET (name, note) = (SELECT x.name, 'a' FROM sfar.tag x WHERE x.id = excluded.id AND tag.id > 0);
-- refused, with the cause
\set VERBOSITY default
INSERT INTO sfar.tag (id, name) VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET name = 'q' RETURNING xmax;
INSERT INTO sfar.tag (id, name) VALUES (1, 'z'), (2, 'z') ON CONFLICT (id) DO UPDATE SET note = gen_random_uuid()::text;
INSERT INTO sfar.tag (id, name) VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET note = (SELECT first_name FROM snear.author LIMIT 1);
-- DO SELECT, which 19 has
DO $$
DECLARE
  detail text;
BEGIN
  EXECUTE 'INSERT INTO sfar.tag (id, name) VALUES (1, ''z'') ON CONFLICT (id) DO SELECT RETURNING name';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  IF SQLSTATE <> '42601' OR current_setting('server_version_num')::int >= 190000 THEN
    RAISE WARNING '%', detail;
  ELSE
    RAISE WARNING 'ON CONFLICT DO SELECT is not supported.';
  END IF;
END $$;
\set VERBOSITY terse
