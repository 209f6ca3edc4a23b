--
-- Rows that the remote sorts, limits and joins for nodes that stay here
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
SELECT $tables$
CREATE TABLE t1 (id int PRIMARY KEY, v int, t text, c text COLLATE "C");
CREATE TABLE t2 (id int PRIMARY KEY, v int, t text, c text COLLATE "C");
INSERT INTO t1 SELECT g, nullif(g % 100, 7), 't' || g, 'c' || g FROM generate_series(1, 20000) g;
INSERT INTO t2 SELECT g * 2, nullif(g % 100, 8), 't' || g, 'c' || g FROM generate_series(1, 20000) g;
CREATE TABLE p1 AS SELECT g AS id, 1 AS k, g AS v, 'p' || g AS t FROM generate_series(1, 500) g;
CREATE TABLE p2 AS SELECT g AS id, 2 AS k, g AS v, 'p' || g AS t FROM generate_series(1, 500) g;
CREATE TABLE q1 AS SELECT g AS id, 1 AS k, g AS v, 'q' || g AS t FROM generate_series(1, 500) g;
CREATE TABLE q2 AS SELECT g AS id, 2 AS k, g AS v, 'q' || g AS t FROM generate_series(1, 500) g;
$tables$ AS tables \gset

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS sorting CASCADE;
CREATE SCHEMA sorting;
SET search_path = sorting;
:tables
\c :local
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS sorting, near CASCADE;
CREATE SCHEMA near;
SET search_path = near;
:tables
CREATE VIEW p AS SELECT * FROM p1 UNION ALL SELECT * FROM p2;
CREATE VIEW q AS SELECT * FROM q1 UNION ALL SELECT * FROM q2;
CREATE SCHEMA sorting;
SET search_path = sorting;
IMPORT FOREIGN SCHEMA sorting FROM SERVER neon INTO sorting;
CREATE TABLE p (id int, k int, v int, t text) PARTITION BY LIST (k);
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2);
CREATE TABLE q (id int, k int, v int, t text) PARTITION BY LIST (k);
ALTER TABLE q ATTACH PARTITION q1 FOR VALUES IN (1);
ALTER TABLE q ATTACH PARTITION q2 FOR VALUES IN (2);
CREATE TABLE l (id int PRIMARY KEY, v int, c text COLLATE "C");
INSERT INTO l SELECT g, g % 7, 'c' || g FROM generate_series(1, 2000) g;
ANALYZE l, t1, t2, p1, p2, q1, q2;
-- What is sent, and if the rows are those of local tables
CREATE FUNCTION sent(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  far text;
  near text;
  summary text := 'SELECT count(*) || '' '' || coalesce(md5(string_agg(q::text, '';'')), '''') FROM (' || query || ') q';
BEGIN
  SET LOCAL search_path = near, sorting;
  EXECUTE summary INTO near;
  SET LOCAL search_path = sorting;
  EXECUTE summary INTO far;
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ 'Remote SQL|Sort  |->  Sort|Merge|Limit|Incremental|Full Join' THEN
      -- PostgreSQL 18 turns this one round
      RETURN NEXT replace(regexp_replace(line, '^ *(-> *)?', ''), '(r2.k = r1.k)', '(r1.k = r2.k)');
    END IF;
  END LOOP;
  RETURN NEXT CASE WHEN far = near THEN split_part(far, ' ', 1) || ' rows' ELSE format('WRONG: %s, expected %s', far, near) END;
END $$;
\pset format unaligned
\pset tuples_only
SET neon_http_fdw.statement_pushdown = off;

-- for a merge join
SET enable_hashjoin = off;
SET enable_nestloop = off;
SET neon_http_fdw.bind_join = off;
SELECT sent('SELECT l.id, t1.t FROM l JOIN t1 ON t1.id = l.id ORDER BY l.id');
SELECT sent('SELECT l.id, t1.t FROM l JOIN t1 ON t1.c = l.c ORDER BY l.id');
SELECT sent('SELECT l.id, t1.t FROM l LEFT JOIN t1 ON t1.v = l.v AND t1.id = l.id ORDER BY l.id');
SELECT sent('SELECT l.id, t1.t FROM l FULL JOIN t1 ON t1.id = l.id * 2 ORDER BY l.id, t1.id');
SELECT sent('SELECT l.id, t1.t FROM l JOIN (t1 JOIN t2 USING (id)) ON t1.id = l.id ORDER BY l.id, t1.id');
SELECT sent('SELECT count(*), sum(t1.id) FROM t1 JOIN l ON t1.v = l.v WHERE l.id < 100');
-- by the default collation the remote may sort otherwise
SELECT sent('SELECT l.id, t1.t FROM l JOIN t1 ON t1.t = l.c COLLATE "default" ORDER BY l.id');
RESET enable_hashjoin;
RESET enable_nestloop;
RESET neon_http_fdw.bind_join;

-- for a merge of partitions
SELECT sent('SELECT * FROM p ORDER BY id, k');
SELECT sent('SELECT * FROM p ORDER BY id, k LIMIT 3');
SET enable_partitionwise_join = on;
SELECT sent('SELECT p.id, q.v FROM p JOIN q ON p.id = q.id AND p.k = q.k ORDER BY p.id, p.k');

-- by the default collation, which may be another one there, nobody here may rely
-- on the order: so only of the one partition that is left, at the top
CREATE TABLE w (id int, v int, t text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE w1 PARTITION OF w FOR VALUES FROM (0) TO (100) SERVER neon OPTIONS (schema_name 'sorting', table_name 'p1');
CREATE FOREIGN TABLE w2 PARTITION OF w FOR VALUES FROM (100) TO (1000) SERVER neon OPTIONS (schema_name 'sorting', table_name 'p2');
CREATE TABLE x (id int, v int, t text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE x1 PARTITION OF x FOR VALUES FROM (0) TO (100) SERVER neon OPTIONS (schema_name 'sorting', table_name 'q1');
CREATE FOREIGN TABLE x2 PARTITION OF x FOR VALUES FROM (100) TO (1000) SERVER neon OPTIONS (schema_name 'sorting', table_name 'q2');
CREATE FUNCTION shown(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line ~ 'Remote SQL|^ *(-> *)?(Sort|Incremental Sort|Merge|Limit|Aggregate|GroupAggregate)' THEN
      RETURN NEXT regexp_replace(line, '^ *(-> *)?', '');
    END IF;
  END LOOP;
END $$;
SELECT shown('SELECT w.id, x.t FROM w LEFT JOIN x ON w.id = x.id WHERE w.id < 9 ORDER BY w.t, w.id');
SELECT w.id, x.t FROM w LEFT JOIN x ON w.id = x.id WHERE w.id < 4 ORDER BY w.t, w.id;
SELECT shown('SELECT w.id, x.t FROM w JOIN x ON w.id = x.id WHERE x.id < 9 ORDER BY w.t, w.id');
SELECT shown('SELECT w.id, x.t FROM w LEFT JOIN (SELECT * FROM x WHERE id < 9) x ON w.id = x.id ORDER BY w.t, w.id');
SELECT shown('SELECT id, t FROM w WHERE id < 9 ORDER BY t');
SELECT shown('SELECT id, t FROM w WHERE id < 109 ORDER BY t');
SELECT shown('SELECT t, count(*) FROM w WHERE id < 9 AND random() < 2 GROUP BY t ORDER BY t');
SELECT shown('SELECT * FROM (SELECT id, t FROM w WHERE id < 9 ORDER BY t OFFSET 0) s JOIN l ON s.t = l.c COLLATE "default" ORDER BY s.t');

-- tableoid is the local one, and does not keep the rest here
SELECT sent('SELECT tableoid::regclass::text ~ ''t1'', id FROM t1 ORDER BY id DESC LIMIT 3');
SELECT tableoid::regclass, id FROM t1 WHERE id < 4 ORDER BY id DESC LIMIT 2;
SELECT sent('SELECT t1.tableoid > 0, t2.tableoid > 0, t1.id FROM t1 JOIN t2 USING (id) WHERE id < 100 ORDER BY t1.id LIMIT 3');
SELECT t1.tableoid::regclass, t2.tableoid::regclass, t1.id FROM t1 JOIN t2 USING (id) ORDER BY t1.id LIMIT 2;
SELECT sent('SELECT t1.tableoid > 0, t2.tableoid > 0, t1.id FROM t1 LEFT JOIN t2 USING (id) WHERE id < 10 ORDER BY t1.id LIMIT 3');
SELECT sent('SELECT DISTINCT tableoid > 0 FROM t1');
SELECT sent('SELECT tableoid > 0, count(*) FROM t1 GROUP BY 1');
SELECT tableoid::regclass, * FROM p ORDER BY id, k LIMIT 3;
SELECT sent('SELECT id FROM t1 WHERE tableoid = ''t1''::regclass ORDER BY id LIMIT 3');

-- whole rows of a side of a full join that has conditions
SELECT sent('SELECT a, b FROM (SELECT * FROM t1 WHERE id BETWEEN 50 AND 60) a FULL JOIN (SELECT * FROM t2 WHERE id BETWEEN 55 AND 65) b ON a.id = b.id ORDER BY a.id, b.id');
SELECT a, b FROM (SELECT * FROM t1 WHERE id BETWEEN 50 AND 52) a FULL JOIN (SELECT * FROM t2 WHERE id BETWEEN 52 AND 54) b ON a.id = b.id ORDER BY a.id, b.id;
BEGIN;
EXPLAIN (COSTS OFF) SELECT a.id, b.id, l.id FROM (SELECT id FROM t1 WHERE id BETWEEN 50 AND 52) a FULL JOIN (SELECT id FROM t2 WHERE id BETWEEN 52 AND 54) b ON a.id = b.id, l WHERE l.id = 3 ORDER BY a.id, b.id FOR UPDATE OF l;
SELECT a.id, b.id, l.id FROM (SELECT id FROM t1 WHERE id BETWEEN 50 AND 52) a FULL JOIN (SELECT id FROM t2 WHERE id BETWEEN 52 AND 54) b ON a.id = b.id, l WHERE l.id = 3 ORDER BY a.id, b.id FOR UPDATE OF l;
COMMIT;

\c :remote
SET client_min_messages = warning;
DROP SCHEMA sorting CASCADE;
\c :local
SET client_min_messages = warning;
DROP SCHEMA sorting, near CASCADE;
