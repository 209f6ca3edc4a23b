--
-- Columns whose type is another one on the remote: text over an enum
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS other_type CASCADE;
CREATE SCHEMA other_type;
CREATE TYPE other_type.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE other_type.pair AS (a int, b text);
CREATE DOMAIN other_type.positive AS int CHECK (VALUE > 0);
CREATE TABLE other_type.t (
  id int PRIMARY KEY, m other_type.mood, short other_type.mood, ms other_type.mood[], p other_type.pair, d other_type.positive, note text);
CREATE TABLE other_type.keyed (m other_type.mood PRIMARY KEY, n int);
INSERT INTO other_type.t VALUES (1, 'ok', 'sad', '{ok,sad}', '(1,x)', 5, 'ok'), (2, 'sad', NULL, '{}', NULL, 6, 'sad'), (3, 'happy', 'ok', NULL, '(2,y)', 7, NULL);

\c :local
LOAD 'neon_http_fdw';
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS other_type CASCADE;
CREATE SCHEMA other_type;
CREATE FOREIGN TABLE other_type.t (
  id int OPTIONS (key 'true'),
  m text OPTIONS (type_name 'other_type.mood'),
  short varchar(10) OPTIONS (type_name 'other_type.mood'),
  ms text[] OPTIONS (type_name 'other_type.mood[]'),
  p text OPTIONS (type_name 'other_type.pair'),
  d int OPTIONS (type_name 'other_type.positive'),
  note text) SERVER neon;
SET search_path = other_type;

-- Conditions, order and groups are those of text
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM t WHERE m = 'ok' AND note = 'ok';
SELECT * FROM t WHERE m = 'ok' AND note = 'ok';
SELECT id FROM t WHERE m = note AND short < 'sam' AND ms @> '{ok}' AND p = '(1,x)' AND d = 5;
SELECT id, m FROM t WHERE m > 'no' OR m = 'no such label' ORDER BY m DESC;
SELECT m, count(*), max(short) FROM t GROUP BY m ORDER BY m;
SELECT a.id, b.id FROM t a JOIN t b ON a.m = b.note ORDER BY 1;
SELECT a.id, l FROM t a JOIN (VALUES ('ok'), ('happy')) v (l) ON a.m = v.l ORDER BY 1;
SELECT t FROM t WHERE id = 1;

-- Written values are cast, whichever way they go
INSERT INTO t VALUES (4, 'ok', 'happy', '{happy}', '(3,z)', 8, 'new');
INSERT INTO t (id, m, note) SELECT g, 'sad', 'sad' FROM generate_series(5, 6) g RETURNING id, m;
UPDATE t SET m = 'happy', note = 'no label' WHERE id = 4 RETURNING m, note;
UPDATE t SET m = note, ms = ARRAY[note] WHERE m = 'sad' RETURNING id, m, ms;
UPDATE t SET note = m WHERE id = 4 RETURNING note;
COPY t (id, m, p) FROM stdin;
7	ok	(7,c)
\.
BEGIN;
INSERT INTO t (id, m) VALUES (8, 'ok');
SELECT id FROM t WHERE m = 'ok' ORDER BY id;
DELETE FROM t WHERE m = 'ok' AND id > 4 RETURNING id;
ROLLBACK;
SET neon_http_fdw.statement_pushdown = off;
INSERT INTO t (id, m, d) VALUES (9, 'ok', 9);
UPDATE t SET m = 'sad' WHERE m = 'ok' AND id = 9 RETURNING id, m;
DELETE FROM t WHERE m = 'sad' AND id = 9 RETURNING id;
RESET neon_http_fdw.statement_pushdown;
INSERT INTO t (id, m) VALUES (10, 'no such label');

-- Joined to local rows; an upsert is refused, which says so
CREATE TABLE loc (l varchar(10), v int);
INSERT INTO loc VALUES ('ok', 20), ('happy', 30), ('none', 0);
ANALYZE loc;
SELECT t.id, v FROM loc JOIN t ON t.m = l ORDER BY 1;
SELECT l, (SELECT min(id) FROM t WHERE m = l) FROM loc ORDER BY v;
WITH u AS (UPDATE t SET m = l FROM loc WHERE loc.v = t.id * 10 RETURNING t.id, m) SELECT * FROM u ORDER BY id;
INSERT INTO t (id, m) VALUES (4, 'ok') ON CONFLICT DO NOTHING RETURNING id;
INSERT INTO t (id, m) VALUES (4, 'ok') ON CONFLICT (id) DO UPDATE SET note = 'n';
INSERT INTO t (id) VALUES (4) ON CONFLICT (id) DO UPDATE SET m = 'ok';
INSERT INTO t (id) VALUES (4) ON CONFLICT (m) DO NOTHING;
WITH i AS (INSERT INTO t (id, m) VALUES (4, 'ok') ON CONFLICT (id) DO NOTHING RETURNING id) SELECT * FROM i UNION ALL SELECT id FROM t WHERE id = 4;
INSERT INTO t (id) VALUES (4) ON CONFLICT (id) DO UPDATE SET note = 'upserted' RETURNING m, note;

-- A column that is the key
CREATE FOREIGN TABLE keyed (m text OPTIONS (key 'true', type_name 'other_type.mood'), n int) SERVER neon;
BEGIN;
INSERT INTO keyed SELECT l, v FROM loc WHERE v > 0;
WITH u AS (UPDATE keyed SET n = v + 1 FROM loc WHERE l = m RETURNING m, n) SELECT * FROM u ORDER BY n;
UPDATE keyed SET m = 'sad' WHERE m = 'ok' AND n = 21 RETURNING m, n;
DELETE FROM keyed USING loc WHERE l = m RETURNING m, n;
SELECT * FROM keyed WHERE m = 'sad' FOR UPDATE;
COMMIT;
SELECT * FROM keyed;
UPDATE t SET d = -1 WHERE id = 1;
SELECT * FROM t ORDER BY id;
ANALYZE t;

SET client_min_messages = warning;
DROP SCHEMA other_type CASCADE;
\c :remote
SET client_min_messages = warning;
DROP SCHEMA other_type CASCADE;
