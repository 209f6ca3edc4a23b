--
-- WITH queries that write, as parts of statements with local tables
--
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/sql/include/stack.sql
\set VERBOSITY terse

\c :remote
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS wc CASCADE;
CREATE SCHEMA wc;
CREATE TABLE wc.t (id int PRIMARY KEY, n int, e int DEFAULT 5);
CREATE TABLE wc.u (id int PRIMARY KEY, n int);
INSERT INTO wc.t SELECT g, g FROM generate_series(1, 10) g;
\c :local
SET client_min_messages = warning;
LOAD 'neon_http_fdw';
DROP SCHEMA IF EXISTS wc CASCADE;
CREATE SCHEMA wc;
IMPORT FOREIGN SCHEMA wc FROM SERVER neon INTO wc;
SET search_path = wc;
CREATE TABLE log (id int, n int);
RESET client_min_messages;

-- the WITH query is one statement on the remote
EXPLAIN (VERBOSE, COSTS OFF) WITH w AS (UPDATE t SET n = n + 1 WHERE id < 3 RETURNING id, n) INSERT INTO log SELECT * FROM w;
WITH w AS (UPDATE t SET n = n + 1 WHERE id < 3 RETURNING id, n) INSERT INTO log SELECT * FROM w;
SELECT * FROM log ORDER BY id;
SELECT * FROM t WHERE id < 4 ORDER BY id;
-- not read at all, read in part, rows as they were
WITH w AS (DELETE FROM t WHERE id = 10) SELECT count(*) FROM log, t;
WITH w AS (DELETE FROM t WHERE id >= 8 RETURNING id) SELECT * FROM w LIMIT 1;
SELECT count(*) FROM t;
WITH w AS (INSERT INTO t (id, n) VALUES (20, 1), (21, 2) RETURNING id, e) SELECT w.*, (SELECT count(*) FROM t) AS before, log.n FROM w LEFT JOIN log ON log.id = 1 ORDER BY 1;
SELECT count(*) FROM t;
-- fails afterwards: nothing stays
WITH w AS (UPDATE t SET n = 100 RETURNING id) INSERT INTO log SELECT id, 1 / (id - 20) FROM w;
SELECT count(*) FROM t WHERE n = 100;
-- own rows in a transaction
BEGIN;
INSERT INTO t VALUES (30, 30);
WITH w AS (UPDATE t SET n = n + 1 WHERE id >= 30 RETURNING id, n) INSERT INTO log SELECT * FROM w;
WITH w AS (INSERT INTO t VALUES (30, 0) ON CONFLICT (id) DO UPDATE SET n = t.n + 1 RETURNING id, n) SELECT w.*, log.n FROM w JOIN log USING (id);
COMMIT;
SELECT * FROM t WHERE id = 30;
-- two that write
EXPLAIN (COSTS OFF) WITH w AS (UPDATE t SET n = 1 WHERE id = 1 RETURNING id), d AS (DELETE FROM t WHERE id = 2 RETURNING id) SELECT * FROM log, w, d;
EXPLAIN (COSTS OFF) WITH w AS (UPDATE t SET n = 1 WHERE id = 1 RETURNING id), d AS (DELETE FROM log WHERE id = 2 RETURNING id) SELECT * FROM log, w, d;
WITH w AS (UPDATE t SET n = 1 WHERE id = 1 RETURNING id), d AS (DELETE FROM log WHERE id = 2 RETURNING id) SELECT * FROM log, w, d;
PREPARE p(int) AS WITH w AS (UPDATE t SET n = $1 WHERE id = 1 RETURNING id, n) SELECT w.* FROM w, log WHERE log.id = w.id;
EXECUTE p(5); EXECUTE p(6); SET plan_cache_mode = force_generic_plan; EXECUTE p(7);
RESET plan_cache_mode;

-- get or create: the rest of the statement sees the rows as they were before
PREPARE get (int) AS
  WITH i AS (INSERT INTO t (id, n) VALUES ($1, 0) ON CONFLICT (id) DO NOTHING RETURNING id, n)
  SELECT 'new' AS what, i.* FROM i UNION ALL SELECT 'old', id, n FROM t WHERE id = $1
  UNION ALL SELECT 'log', id, n FROM log WHERE id = $1 ORDER BY 1;
EXECUTE get (1);
EXECUTE get (40);
EXECUTE get (40);
-- an upsert whose rows go to a local table
WITH i AS (INSERT INTO t (id, n) VALUES (40, 3), (41, 3) ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n RETURNING id, n)
INSERT INTO log SELECT * FROM i RETURNING *;
-- what must stay here: a volatile function, a table of another kind, DEFAULT
EXPLAIN (COSTS OFF) WITH w AS (UPDATE t SET n = log.n FROM log WHERE log.id = t.id RETURNING t.id) SELECT * FROM w, log;
WITH w AS (UPDATE t SET e = DEFAULT, n = log.n FROM log WHERE log.id = t.id AND t.id = 40 RETURNING t.id, e) SELECT w.* FROM w, log WHERE log.id = w.id;
-- pushdown off
SET neon_http_fdw.statement_pushdown = off;
EXPLAIN (COSTS OFF) WITH w AS (UPDATE t SET n = 1 WHERE id = 1 RETURNING id) SELECT * FROM w, log;
RESET neon_http_fdw.statement_pushdown;
-- autocommit: the part is committed by itself
ALTER SERVER neon OPTIONS (ADD transactions 'autocommit');
WITH w AS (UPDATE t SET n = 77 WHERE id = 3 RETURNING id) SELECT 1 / (w.id - 3) FROM w, log;
SELECT n FROM t WHERE id = 3;
-- another part must not see that: refused if it reads the same table
WITH i AS (INSERT INTO t VALUES (50, 1) ON CONFLICT (id) DO NOTHING RETURNING id) SELECT id FROM i UNION ALL SELECT id FROM t WHERE id = 50;
WITH w AS (UPDATE t SET n = n + 100 RETURNING id) SELECT (SELECT count(*) FROM w), (SELECT sum(n) FROM t);
WITH w AS (UPDATE t SET n = n + 100 RETURNING id) DELETE FROM t WHERE n > 100;
WITH w AS (UPDATE t SET n = n + 100 RETURNING id), r AS (SELECT sum(n) FROM t) SELECT * FROM w, r;
WITH w AS (DELETE FROM t WHERE id = 3 RETURNING id), i AS (INSERT INTO u SELECT id, n FROM t) SELECT * FROM w;
SET neon_http_fdw.statement_pushdown = off;
WITH w AS (UPDATE t SET n = n + 100 RETURNING id) SELECT (SELECT count(*) FROM w), (SELECT sum(n) FROM t);
RESET neon_http_fdw.statement_pushdown;
SELECT count(*) FROM t WHERE n > 100 OR id = 50;
-- what does not read it works
WITH w AS (DELETE FROM t WHERE id = 3 RETURNING id, n) INSERT INTO t SELECT id, n + 1 FROM w;
WITH w AS (UPDATE t SET n = n + 1 WHERE id = 3 RETURNING id, n) SELECT w.*, (SELECT count(*) FROM u) FROM w;
ALTER SERVER neon OPTIONS (DROP transactions);

-- parts that write see the rows as they were before the statement, as locally
CREATE TABLE l (id int PRIMARY KEY, n int, e int DEFAULT 5);
TRUNCATE t;
INSERT INTO t SELECT g, g FROM generate_series(1, 10) g;
INSERT INTO l SELECT * FROM t;
BEGIN;
WITH a AS (UPDATE t SET n = n + 100 WHERE id <= 3 RETURNING id, n), b AS (DELETE FROM t WHERE n > 100 RETURNING id) SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b);
SELECT count(*), sum(n) FROM t;
ROLLBACK;
BEGIN;
WITH a AS (UPDATE l SET n = n + 100 WHERE id <= 3 RETURNING id, n), b AS (DELETE FROM l WHERE n > 100 RETURNING id) SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b);
SELECT count(*), sum(n) FROM l;
ROLLBACK;
BEGIN;
WITH a AS (INSERT INTO t VALUES (11, 11) RETURNING id), b AS (UPDATE t SET n = 0 RETURNING id) SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b);
SELECT count(*), sum(n) FROM t;
ROLLBACK;
BEGIN;
WITH a AS (INSERT INTO l VALUES (11, 11) RETURNING id), b AS (UPDATE l SET n = 0 RETURNING id) SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b);
SELECT count(*), sum(n) FROM l;
ROLLBACK;
BEGIN;
WITH a AS (INSERT INTO t VALUES (11, 11) RETURNING id) UPDATE t SET n = 0;
SELECT count(*), sum(n) FROM t;
ROLLBACK;
BEGIN;
WITH a AS (INSERT INTO l VALUES (11, 11) RETURNING id) UPDATE l SET n = 0;
SELECT count(*), sum(n) FROM l;
ROLLBACK;
-- no part looks at what another one writes to
EXPLAIN (COSTS OFF) WITH a AS (INSERT INTO t VALUES (11, 11) RETURNING id), b AS (INSERT INTO t VALUES (12, 12) RETURNING id) SELECT * FROM a, b, log;
EXPLAIN (COSTS OFF) WITH a AS (INSERT INTO t VALUES (11, 11) RETURNING id), b AS (INSERT INTO t SELECT 100 + id FROM t RETURNING id) SELECT * FROM a, b, log;
EXPLAIN (COSTS OFF) WITH r AS (SELECT 100 + id AS id FROM t), a AS (INSERT INTO t VALUES (11, 11) RETURNING id), b AS (INSERT INTO u SELECT id FROM r RETURNING id) SELECT * FROM a, b, log;
EXPLAIN (COSTS OFF) WITH a AS (UPDATE t SET n = 1 RETURNING id), b AS (UPDATE u SET n = 1 RETURNING id) SELECT * FROM a, b, log;

SET client_min_messages = warning;
DROP SCHEMA wc CASCADE;
