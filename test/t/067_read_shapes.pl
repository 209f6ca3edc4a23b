# Shapes of reads at REPEATABLE READ and SERIALIZABLE that a digest of the rows
# alone might miss: what decides the order of the rows, what a statement that
# writes has read beside, partitions, results that are spilled or divided.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $database = setup('shapes');
remote(<<'SQL');
CREATE TABLE tap.t (id int PRIMARY KEY, n int, txt text);
CREATE TABLE tap.log (id serial PRIMARY KEY, note text);
CREATE TABLE tap.unrelated (n int);
CREATE TABLE tap.p1 (id int, n int);
CREATE TABLE tap.p2 (id int, n int);
CREATE VIEW tap.v AS SELECT id, n, txt FROM tap.t WHERE n IS NOT NULL;
SQL
value(<<"SQL");
CREATE EXTENSION IF NOT EXISTS dblink;
CREATE TABLE keys AS SELECT g AS k FROM generate_series(1, 50) g;
ANALYZE keys;
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
CREATE SERVER direct FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host '$ENV{REMOTE_PGHOST}', port '$ENV{REMOTE_PGPORT}', dbname '$ENV{REMOTE_PGDATABASE}');
CREATE USER MAPPING FOR CURRENT_USER SERVER direct OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}');
CREATE FUNCTION here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN \$1; END';
SQL
new_server('other', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
value(<<"SQL");
CREATE TABLE parts (id int, n int) PARTITION BY LIST (id);
CREATE FOREIGN TABLE part1 PARTITION OF parts FOR VALUES IN (1) SERVER neon OPTIONS (schema_name 'tap', table_name 'p1');
CREATE FOREIGN TABLE part2 PARTITION OF parts FOR VALUES IN (2) SERVER other OPTIONS (schema_name 'tap', table_name 'p2');
ALTER SERVER neon OPTIONS (ADD async_capable 'true');
ALTER SERVER other OPTIONS (ADD async_capable 'true');
ALTER DATABASE $database SET session_preload_libraries = 'neon_http_fdw';
SQL

sub direct { return "SELECT dblink_exec('direct', \$d\$$_[0]\$d\$) \\g /dev/null\n" }

sub fill
{
    remote(<<'SQL');
TRUNCATE tap.t, tap.log, tap.p1, tap.p2 RESTART IDENTITY;
INSERT INTO tap.t SELECT g, g, 'row ' || g FROM generate_series(1, 100) g;
INSERT INTO tap.p1 SELECT 1, g FROM generate_series(1, 10) g;
INSERT INTO tap.p2 SELECT 2, g FROM generate_series(1, 10) g;
SQL
    remote($_[0]) if $_[0];
}

my $swap = 'UPDATE tap.t SET n = 3 - n WHERE id IN (1, 2)';
my $one = 'UPDATE tap.t SET n = n + 100 WHERE id = 1';
my $unrelated = direct('INSERT INTO tap.unrelated VALUES (1)');
my $write = "UPDATE t SET txt = 'x' WHERE id = 50;\n";

my %cases = (
  'order by a column that is not selected' => ["SELECT id FROM t WHERE id < 3 ORDER BY n;\n", $swap, "1\n2"],
  'order beside VALUES' => ["SELECT t.id FROM t JOIN (VALUES (1, 'a'), (2, 'b')) v (id, x) ON v.id = t.id WHERE v.x < 'c' ORDER BY t.n;\n", $swap, "1\n2"],
  'order by an expression' => ["SELECT id FROM t WHERE id < 3 ORDER BY abs(n - 1);\n", $swap, "1\n2"],
  'order of groups' => ["SELECT id FROM t WHERE id < 3 GROUP BY id ORDER BY max(n);\n", $swap, "1\n2"],
  'order of a join' => ["SELECT a.id FROM t a JOIN t b ON a.id = b.id WHERE a.id < 3 ORDER BY b.n;\n", $swap, "1\n2"],
  'order by a subquery' => ["SELECT id FROM t a WHERE id < 3 ORDER BY (SELECT max(b.n) FROM t b WHERE b.id = a.id);\n", $swap, "1\n2"],
  'order within an aggregate' => ["SELECT string_agg(id::text, ' ' ORDER BY n) FROM t WHERE id < 3;\n", $swap, "1 2"],
  'order of a cursor' => ["DECLARE c CURSOR FOR SELECT id FROM t WHERE id < 3 ORDER BY n;\nFETCH ALL FROM c;\n", $swap, "1\n2"],
  'order beside a local table' => ["SELECT id FROM t JOIN keys ON k = id WHERE id < 3 ORDER BY n;\n", $swap, "1\n2"],
  'row number' => ["SELECT id, row_number() OVER (ORDER BY n) FROM t WHERE id < 3 ORDER BY id;\n", $swap, "1|1\n2|2"],
  'a view' => ["SELECT id FROM v WHERE id < 3 ORDER BY n;\n", $swap, "1\n2"],
  'a query beside a write in WITH' => ["WITH w AS (INSERT INTO log (note) VALUES ('x')) SELECT n FROM t WHERE id = 1;\n", $one, "1"],
  'a query joined with a write in WITH' => ["WITH w AS (INSERT INTO log (note) VALUES ('x') RETURNING id) SELECT t.n FROM t, w WHERE t.id = 1;\n", $one, "1"],
  'INSERT ... SELECT with RETURNING' => ["INSERT INTO log (note) SELECT n::text FROM t WHERE id = 1 RETURNING note;\n", $one, "1"],
  'INSERT ... SELECT' => ["INSERT INTO log (note) SELECT n::text FROM t WHERE id = 1;\n", $one, ""],
  'INSERT of a subquery' => ["INSERT INTO log (note) VALUES ((SELECT n::text FROM t WHERE id = 1)) RETURNING note;\n", $one, "1"],
  'an upsert from a subquery' => ["INSERT INTO log (id, note) SELECT 7, n::text FROM t WHERE id = 1 ON CONFLICT (id) DO UPDATE SET note = excluded.note || 'y' WHERE log.note <> 'z' RETURNING note;\n", $one, "1"],
  'UPDATE with a condition on other rows' => ["UPDATE log SET note = 'y' WHERE EXISTS (SELECT FROM t WHERE id = 1 AND n = 1);\n", $one, "", "INSERT INTO tap.log (note) VALUES ('a')"],
  'UPDATE of no row' => ["UPDATE t SET n = 0 WHERE n = 101;\n", $one, ""],
  'UPDATE of no row, by key' => ["UPDATE t SET n = 0 WHERE id = 500;\n", 'INSERT INTO tap.t VALUES (500, 1)', ""],
  'DELETE of no row' => ["DELETE FROM t WHERE n = 101 RETURNING id;\n", $one, ""],
  'ON CONFLICT DO NOTHING' => ["INSERT INTO t VALUES (1, 5) ON CONFLICT DO NOTHING;\n", 'DELETE FROM tap.t WHERE id = 1', ""],
  'ON CONFLICT DO NOTHING with RETURNING' => ["INSERT INTO t VALUES (1, 5) ON CONFLICT DO NOTHING RETURNING id;\n", 'DELETE FROM tap.t WHERE id = 1', ""],
  'ON CONFLICT DO UPDATE of no row' => ["INSERT INTO t VALUES (1, 5) ON CONFLICT (id) DO UPDATE SET n = 7 WHERE t.n = 3;\n", 'UPDATE tap.t SET n = 3 WHERE id = 1', ""],
  'partitions on two servers' => ["SELECT sum(n) FROM parts;\n", 'UPDATE tap.p2 SET n = 0 WHERE n = 1', "110"],
  'partitions on two servers, each by itself' => ["SET LOCAL enable_partitionwise_aggregate = on;\nSELECT id, sum(n) FROM parts GROUP BY id ORDER BY id;\n", 'UPDATE tap.p1 SET n = 0 WHERE n = 1', "1|55\n2|55"],
  'bind join' => ["SELECT sum(n) FROM keys JOIN t ON t.id = keys.k + 0 WHERE here(k) > 0;\n", $one, "1275"],
  'the remote limit' => ["SELECT id FROM t ORDER BY n DESC LIMIT 1;\n", $one, "100"],
);

# Both ways, and both levels.
foreach my $level ('SERIALIZABLE', 'REPEATABLE READ')
{
    my $pushdown = $level eq 'SERIALIZABLE' ? 'on' : 'off';
    my $begin = "SET neon_http_fdw.statement_pushdown = $pushdown;\nBEGIN ISOLATION LEVEL $level;\n";

    foreach my $what (sort keys %cases)
    {
        my ($read, $change, $expected, $before) = @{$cases{$what}};
        # whole statements can do more; what was read on another server is
        # looked at in the end by SERIALIZABLE
        next if $level ne 'SERIALIZABLE' && $what =~ /upsert|DO UPDATE|a write in WITH|two servers/;

        fill($before);
        is(value($begin . $read . $unrelated . $write . 'COMMIT'), $expected, "$what, $level: something else changes");
        fill($before);
        like(fails($begin . $read . direct($change) . $write . 'COMMIT', "$what, $level: it changes"), qr/40001/, '... 40001');
    }
}

# --- what is not promised ---------------------------------------------------------

my $begin = "BEGIN ISOLATION LEVEL SERIALIZABLE;\n";

fill();
is(value("${begin}SELECT * FROM neon_http_query('neon', 'SELECT id FROM tap.t WHERE id < 3 ORDER BY n') q (id int);\n" . direct($swap) . $write . 'COMMIT'), "1\n2",
    'the exception: the order of neon_http_query()');
fill("INSERT INTO tap.log VALUES (1, 'there')");
is(value("${begin}INSERT INTO log VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET note = (SELECT n::text FROM t WHERE id = 1) RETURNING note;\n" . direct($one) . $write . 'COMMIT'), '1',
    'the exception: a subquery in ON CONFLICT');
fill();
is(value("${begin}DO \$\$ BEGIN INSERT INTO t VALUES (1, 5); EXCEPTION WHEN unique_violation THEN NULL; END \$\$;\n" . direct('DELETE FROM tap.t WHERE id = 1') . $write . 'COMMIT'), '',
    'the exception: what an error told');
fill();
like(fails("${begin}SAVEPOINT s; INSERT INTO t VALUES (500, 1); SELECT n FROM t WHERE id = 500; ROLLBACK TO s;\n" . direct('INSERT INTO tap.t VALUES (500, 2)') . $write . 'COMMIT', 'a write, rolled back, that cannot be made again'),
    qr/23505/, '... its error');

done_testing();
