# What a transaction at REPEATABLE READ or SERIALIZABLE has read is checked by its
# later requests and its commit: in which requests, at which place among its
# writes, and what that costs.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use NeonTest;

my $database = setup('read_checks');
remote(<<'SQL');
CREATE TABLE tap.t (id int PRIMARY KEY, n int, txt text);
CREATE TABLE tap.log (id serial PRIMARY KEY, note text, at timestamptz DEFAULT clock_timestamp());
CREATE VIEW tap.restless AS SELECT random() AS r;
SQL
value(<<'SQL');
CREATE EXTENSION IF NOT EXISTS dblink;
CREATE TABLE here (n int);
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
CREATE TABLE keys AS SELECT g AS k FROM generate_series(1, 100) g;
ANALYZE keys;
SQL
value("ALTER DATABASE $database SET session_preload_libraries = 'neon_http_fdw'");

# Another client changes something in the middle of a transaction.
value(<<"SQL");
CREATE SERVER direct FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host '$ENV{REMOTE_PGHOST}', port '$ENV{REMOTE_PGPORT}', dbname '$ENV{REMOTE_PGDATABASE}');
CREATE USER MAPPING FOR CURRENT_USER SERVER direct OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}');
SQL
sub direct { return "SELECT dblink_exec('direct', \$d\$$_[0]\$d\$) \\g /dev/null\n" }

sub fill
{
    remote('TRUNCATE tap.t, tap.log; INSERT INTO tap.t SELECT g, g, \'row \' || g FROM generate_series(1, 1000) g');
}

my $changed = qr/40001: could not serialize access: what this transaction has read was changed by another one/;

sub requests
{
    my ($sql) = @_;
    my $mark = log_mark();

    value($sql);
    return scalar log_since($mark);
}

sub begin { return "BEGIN ISOLATION LEVEL $_[0];\n" }

# --- what it costs ------------------------------------------------------------

fill();
my $lookups = join '', map { "SELECT n FROM t WHERE id = $_;\n" } 1 .. 10;
my $update = "UPDATE t SET n = 0 WHERE id = 11;\n";
my $plain = requests(begin('READ COMMITTED') . $lookups . $update . 'COMMIT');

is(requests(begin($_) . $lookups . $update . 'COMMIT'), $plain,
    "$_: ten lookups, an update, a commit: as many requests as READ COMMITTED")
  foreach 'REPEATABLE READ', 'SERIALIZABLE';
is(requests(begin($_) . $lookups . 'COMMIT'), 10, "$_: no request for the end of ten lookups")
  foreach 'REPEATABLE READ', 'SERIALIZABLE READ ONLY';
is(requests(begin('REPEATABLE READ') . $lookups . 'INSERT INTO here VALUES (1); COMMIT'), 10,
    'REPEATABLE READ: nor if something is written here');
is(requests(begin('SERIALIZABLE') . $lookups . 'INSERT INTO here VALUES (1); COMMIT'), 11,
    'SERIALIZABLE: one if something is written here');

# A statement that is a transaction of its own has no other read to fit to, if it
# is sent whole: nothing is computed, in vain.
my $digest = qr/hashtextextended/;

sub digests
{
    my ($level, $sql) = @_;
    my $mark = log_mark();

    value("SET default_transaction_isolation = '$level';\n$sql");
    return scalar grep { $_ =~ $digest } map { encode_json($_) } log_since($mark);
}
my $one = "SELECT n FROM t WHERE id = 1;\n";
my $mark = log_mark();
value("SET default_transaction_isolation = 'serializable';\n$one");
is((log_since($mark))[-1]{isolation}, 'Serializable', 'of which the remote knows');
my $in_function = 'CREATE FUNCTION pg_temp.n(int) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT n FROM t WHERE id = $1); END $$;';
is(digests('repeatable read', $one), 0, 'a lookup alone: no digest');
is(digests('repeatable read', 'SELECT n, count(*) OVER () FROM t WHERE id < 5 ORDER BY n DESC;'), 0, 'nor of a larger statement');
is(digests('serializable', $one), 0, 'nor at SERIALIZABLE');
is(digests('repeatable read', "BEGIN;\n${one}COMMIT;"), 1, 'in a block: it is computed');
is(digests('repeatable read', "SELECT 1\\; $one"), 1, 'with other statements in one message: it is computed');
is(digests('repeatable read', 'DO $$ DECLARE x int; BEGIN FOR i IN 1 .. 3 LOOP SELECT n INTO x FROM t WHERE id = i; END LOOP; END $$;'), 3, 'in a function: it is computed');
is(digests('repeatable read', "$in_function\nSELECT pg_temp.n(id) FROM t WHERE id IN (1, 2);"), 3, 'a function that reads for each row: it is computed');

# Values of a domain may call a function that reads.
value(<<'SQL');
CREATE FUNCTION known(int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RETURN EXISTS (SELECT FROM t WHERE id = $1); END $$;
CREATE DOMAIN known_id AS int CHECK (known(VALUE));
CREATE TYPE known_pair AS (id known_id);
CREATE FOREIGN TABLE known (id int OPTIONS (key 'true'), n known_id) SERVER neon OPTIONS (schema_name 'tap', table_name 't');
CREATE FOREIGN TABLE known_array (id int OPTIONS (key 'true'), n known_id[] OPTIONS (column_name 'txt')) SERVER neon OPTIONS (schema_name 'tap', table_name 't');
CREATE FOREIGN TABLE known_pairs (id int OPTIONS (key 'true'), n known_pair OPTIONS (column_name 'txt')) SERVER neon OPTIONS (schema_name 'tap', table_name 't');
SQL
is(digests('repeatable read', 'SELECT n FROM known WHERE id = 1;'), 2, 'a domain whose constraint reads: it is computed');
remote(q{UPDATE tap.t SET txt = '{1}' WHERE id = 1; UPDATE tap.t SET txt = '(1)' WHERE id = 2});
is(digests('repeatable read', 'SELECT n FROM known_array WHERE id = 1;'), 2, 'an array of one: it is computed');
is(digests('repeatable read', 'SELECT n FROM known_pairs WHERE id = 2;'), 2, 'a composite type with one: it is computed');
is(digests('repeatable read', 'SELECT id FROM known WHERE id = 1;'), 0, 'other columns of the table: none');
fill();

is(digests('repeatable read', 'SELECT k, (SELECT n FROM t WHERE id = k) FROM keys WHERE k < 3;') > 0, 1, 'a subplan: it is computed');

my $explain = 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT n FROM t WHERE id = 500;';
unlike(value(begin('READ COMMITTED') . $lookups . $explain), qr/Read Checks/, 'READ COMMITTED checks nothing');
like(value(begin('REPEATABLE READ') . $lookups . $explain), qr/Read Checks: 10  Sent: \d+ bytes/,
    'EXPLAIN ANALYZE shows checks and their bytes');
like(value(begin('REPEATABLE READ') . $lookups . $lookups . $explain), qr/Read Checks: 10 /,
    'the same reads are checked once');

# --- when something has changed -----------------------------------------------

my $other = direct('UPDATE tap.t SET n = n + 100 WHERE id = 1');
my $read = "SELECT n FROM t WHERE id = 1;\n";
my %second = (
    'another row' => 'SELECT n FROM t WHERE id = 2;',
    'a rehearsal of an insert' => 'INSERT INTO t VALUES (2000, 1) RETURNING n;',
    'a rehearsal of an update' => 'UPDATE t SET n = 5 WHERE id = 2;',
    'SQL of a user' => "SELECT * FROM neon_http_query('neon', 'SELECT 1') AS q (n int);");

foreach my $what (sort keys %second)
{
    foreach my $level ('REPEATABLE READ', 'SERIALIZABLE')
    {
        fill();
        like(fails(begin($level) . $read . $other . $second{$what}, "$level: $what"), $changed, 'it is 40001');
    }
}
fill();
value(begin('READ COMMITTED') . $read . $other . join('', values %second) . 'COMMIT');
pass('READ COMMITTED: goes on');

fill();
like(fails(begin('SERIALIZABLE') . $read . $other . 'INSERT INTO here VALUES (77); COMMIT', 'the end'), $changed, 'it is 40001');
is(value('SELECT count(*) FROM here WHERE n = 77'), '0', 'nothing is written here');
fill();
like(fails(begin('REPEATABLE READ') . "UPDATE t SET n = 5 WHERE id = 2;\n" . $read . $other . 'COMMIT', 'the commit'), $changed, 'it is 40001');
is(remote('SELECT n FROM tap.t WHERE id = 2'), '2', 'nothing is written there');

# What is checked is the whole statement, also if its scan ends early.
my $last_row = direct('UPDATE tap.t SET n = 0 WHERE id = 1000');
my %early = (
    'a LIMIT that is computed here' => 'SELECT n FROM t WHERE random() >= 0 LIMIT 1;',
    'a cursor that is closed' => 'DECLARE c CURSOR FOR SELECT n FROM t; FETCH 1 FROM c; CLOSE c;',
    'EXISTS' => 'SELECT EXISTS (SELECT FROM t WHERE n + random() > 0);',
    'a loop that is left' => 'DO $$ DECLARE r record; BEGIN FOR r IN SELECT n FROM t LOOP EXIT; END LOOP; END $$;');
foreach my $what (sort keys %early)
{
    fill();
    like(fails("SET neon_http_fdw.statement_pushdown = off;\n" . begin('REPEATABLE READ') . "$early{$what}\n" . $last_row . $second{'another row'}, "$what: what it did not fetch"), $changed, 'it is 40001');
}
fill();
like(fails("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;\n" . $read . $other . $second{'another row'}, 'DEFERRABLE'), $changed, 'changes nothing');

# What does not concern the reads does not matter.
fill();
value(begin('SERIALIZABLE') . $read . direct('UPDATE tap.t SET n = 0 WHERE id = 3') . 'UPDATE t SET n = 9 WHERE id = 2; COMMIT');
is(remote('SELECT n FROM tap.t WHERE id = 2'), '9', 'another row was changed');

# --- while nothing changes, that is proved instead of computed -------------------

# What a statement's requests carry of checks, and how many requests it takes.
sub cost
{
    my ($sql) = @_;
    my $out = value($sql);

    return $out =~ /Requests: (\d+).*Read Checks: (\d+)  Sent: (\d+) bytes/s ? ($1, $2, $3) : ($out);
}

my $unrelated = direct('INSERT INTO tap.log DEFAULT VALUES');
my $rolled_back = direct('SAVEPOINT s') =~ s/SAVEPOINT s/DO \$\$ BEGIN UPDATE tap.t SET n = 0; RAISE EXCEPTION USING ERRCODE = 'P0001'; EXCEPTION WHEN raise_exception THEN NULL; END \$\$/r;
my $verbose = $explain =~ s/ANALYZE/ANALYZE, VERBOSE/r;

fill();
foreach my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
    is_deeply([cost(begin($level) . $lookups . $verbose)], [1, 10, 0], "$level: nothing has changed: no digest is computed");
    my ($requests, $checks, $bytes) = cost(begin($level) . $lookups . $unrelated . $verbose);
    is_deeply([$requests, $checks, $bytes > 0], [2, 10, 1], "$level: something has changed: another request computes them all");
    ($requests, $checks, $bytes) = cost(begin($level) . $lookups . $unrelated . "SELECT 1 FROM t WHERE id = 400;\n" . $verbose);
    is_deeply([$requests, $checks, $bytes > 0], [1, 11, 1], "$level: the next one computes them at once");
    is_deeply([cost(begin($level) . $lookups . $unrelated . "SELECT 1 FROM t WHERE id = 400;\nSELECT 1 FROM t WHERE id = 401;\n" . $verbose)],
        [1, 12, 0], "$level: and then a proof does again");
}

# What the transaction itself has rehearsed was rolled back, and changes nothing.
is_deeply([cost(begin('SERIALIZABLE') . $lookups . $update . "SELECT n FROM t WHERE id = 12;\n" . $verbose)], [1, 11, 0],
    'behind own writes: no digest is computed');
value(begin('SERIALIZABLE') . $lookups . $update . $rolled_back . "SELECT n FROM t WHERE id = 12;\nUPDATE t SET n = 1 WHERE id = 13;\nCOMMIT");
pass('what others have rolled back does not matter');
value(begin('SERIALIZABLE') . $lookups . "SET LOCAL timezone = 'Asia/Tokyo';\n" . $read . "SET LOCAL timezone = 'UTC';\n" . $read . 'COMMIT');
pass('time zones');

# Where the proof fails, each kind of request is made again, and does what it should.
foreach my $what (sort keys %second)
{
    fill();
    my $alone = value(begin('REPEATABLE READ') . $read . $second{$what} . 'COMMIT');
    fill();
    is(value(begin('REPEATABLE READ') . $read . $unrelated . $second{$what} . 'COMMIT'), $alone, "another request instead: $what");
}
fill();
foreach my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
    my $big = "SELECT count(*), sum(n) FROM (SELECT t.* FROM keys LEFT JOIN t ON t.id = keys.k OFFSET 0) s;\n";

    is(value(begin($level) . $read . $unrelated . $big . $unrelated . $big . 'COMMIT'), "1\n100|5050\n100|5050", "$level: another request instead: a join");
}

# Many lookups are one statement; one of them is found to have changed.
fill();
my $loop = 'DO $$ DECLARE x int; BEGIN FOR i IN 1 .. 50 LOOP SELECT n INTO x FROM t WHERE id = i; END LOOP; END $$;';
value(begin('SERIALIZABLE') . $loop . 'SELECT n FROM t WHERE id = 60; COMMIT');
like(fails(begin('SERIALIZABLE') . $loop . direct('DELETE FROM tap.t WHERE id = 33') . 'SELECT n FROM t WHERE id = 60', 'one of many'), $changed, 'it is 40001');

# --- among the transaction's own writes ---------------------------------------

foreach my $pushdown ('on', 'off')
{
    my $set = "SET neon_http_fdw.statement_pushdown = $pushdown;\n";
    my $own = <<'SQL';
SELECT n FROM t WHERE id = 1;
UPDATE t SET n = n + 1 WHERE id = 1;
SELECT n FROM t WHERE id = 1;
INSERT INTO log (note) VALUES ('x');
SELECT id FROM log;
UPDATE t SET n = n + 1 WHERE n < 3;
SELECT n, txt FROM t WHERE id < 4 ORDER BY id;
UPDATE log SET note = note || 'y';
SELECT count(*), min(note) FROM log;
DELETE FROM t WHERE id = 1;
SELECT count(*) FROM t;
SQL
    fill();
    value($set . begin($_) . $own . 'ROLLBACK') foreach 'SERIALIZABLE';
    value($set . begin('SERIALIZABLE') . $own . 'COMMIT');
    is(remote('SELECT count(*) FROM tap.t'), '999', "statement_pushdown $pushdown: reads between writes");
    fill();
    like(fails($set . begin('SERIALIZABLE') . $own . direct('UPDATE tap.t SET txt = \'z\' WHERE id = 3') . 'COMMIT', 'behind own writes'),
        qr/40001/, 'it is 40001');
}

# A read of what was rolled back is still one.
my $undone = <<'SQL';
SAVEPOINT s;
UPDATE t SET n = n + 1 WHERE id = 1;
SAVEPOINT s2;
UPDATE t SET n = n + 1 WHERE id < 3;
SELECT n FROM t WHERE id < 3 ORDER BY id;
ROLLBACK TO s2;
SELECT n FROM t WHERE id = 1;
ROLLBACK TO s;
SQL
fill();
is(value(begin('SERIALIZABLE') . $undone . 'SELECT n FROM t WHERE id = 1; UPDATE t SET n = 50 WHERE id = 2; COMMIT'), "3\n3\n2\n1",
    'savepoints that are rolled back');
is(remote('SELECT string_agg(n::text, \' \' ORDER BY id) FROM tap.t WHERE id < 3'), '1 50', 'the rest is committed');
like(fails(begin('SERIALIZABLE') . $undone . $other . 'SELECT n FROM t WHERE id = 3', 'read behind what was rolled back'), qr/40001/, 'it is 40001');

# A cursor that was opened before a write does not see it, nor do its checks.
fill();
is(value(begin('SERIALIZABLE') . <<'SQL'), "1\n2\n1\n2", 'an older cursor');
DECLARE c CURSOR FOR SELECT id FROM t WHERE id < 3 ORDER BY id;
UPDATE t SET id = 5000 WHERE id = 2;
SELECT id FROM t WHERE id = 1;
SELECT 2 FROM t WHERE id = 5000;
FETCH ALL FROM c;
COMMIT;
SQL

# Time zones that change meanwhile.
fill();
value(begin('SERIALIZABLE') . "INSERT INTO log (note) VALUES ('a');\nSELECT at FROM log;\nSET LOCAL timezone = 'Asia/Tokyo';\nSELECT at FROM log;\nSET LOCAL timezone = 'UTC';\nSELECT at FROM log;\nCOMMIT");
pass('time zones');

# --- joins --------------------------------------------------------------------

fill();
my $join = "SELECT sum(n) FROM keys JOIN t ON t.id = keys.k;\n";
value("SET neon_http_fdw.statement_pushdown = off;\n" . begin('REPEATABLE READ') . $join . 'COMMIT');
like(fails(begin('REPEATABLE READ') . $join . $other . 'SELECT 1 FROM t WHERE id = 500', 'a join'), $changed, 'it is 40001');
like(fails("SET neon_http_fdw.bind_join = off; SET enable_hashjoin = off; SET enable_mergejoin = off;\n" . begin('REPEATABLE READ')
      . "SELECT sum(n) FROM keys, LATERAL (SELECT n FROM t WHERE t.id = keys.k OFFSET 0) s WHERE k < 5;\n" . $other . 'SELECT 1 FROM t WHERE id = 500', 'a nested loop'),
    $changed, 'it is 40001');

# --- a table that is read in pieces ---------------------------------------------

remote("CREATE TABLE tap.long AS SELECT g AS id, repeat('x', 1000000) AS pad FROM generate_series(1, 25) g");
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (long) FROM SERVER neon INTO public');
my $pieces = "DECLARE c CURSOR FOR SELECT id, pad FROM long;\n\\o /dev/null\nFETCH 1 FROM c;\n";
my $last = direct('UPDATE tap.long SET pad = \'y\' WHERE id = 1');
unlike((psql(begin('REPEATABLE READ') . $pieces . "FETCH ALL FROM c;\nCOMMIT"))[2], qr/WARNING|ERROR/, 'pieces: of one state');
is(digests('repeatable read', "\\o /dev/null\nSELECT id, pad FROM long;") > 1, 1, 'pieces of a statement alone: each fits to the others');
like((psql(begin('READ COMMITTED') . $pieces . "FETCH ALL FROM c;\nCOMMIT"))[2], qr/WARNING:.*is read in pieces/, 'pieces: READ COMMITTED warns');
like(fails(begin('REPEATABLE READ') . $pieces . $last . "FETCH ALL FROM c;\nCOMMIT", 'pieces'), $changed, 'it is 40001');

# --- bounds, options ----------------------------------------------------------

fill();
like(fails("SET neon_http_fdw.max_read_checks = 9;\n" . begin('SERIALIZABLE') . $lookups, 'too many'),
    qr/54000.*HINT:  Read more with one statement, raise neon_http_fdw.max_read_checks/s, '54000');

value(q{ALTER SERVER neon OPTIONS (ADD read_checks 'commit')});
value(begin('REPEATABLE READ') . $read . $other . $second{'another row'} . 'ROLLBACK');
pass('commit: later requests do not look');
fill();
like(fails(begin('REPEATABLE READ') . $read . $other . $second{'another row'} . 'COMMIT', 'commit: the end'), $changed, 'it is 40001');
fill();
is(requests(begin($_) . $lookups . 'COMMIT'), 11, "commit, $_: one request for the end") foreach 'REPEATABLE READ', 'SERIALIZABLE';
is(requests(begin('SERIALIZABLE') . $read . 'COMMIT'), 1, 'commit: none for a single read');
like(fails(begin('SERIALIZABLE') . $read . $other . $read . 'COMMIT', 'commit: the same read twice'), $changed, 'it is 40001');

value(q{ALTER SERVER neon OPTIONS (SET read_checks 'off')});
fill();
value(begin('SERIALIZABLE') . $read . $other . join('', values %second) . 'COMMIT');
pass('off: goes on');

value(q{ALTER SERVER neon OPTIONS (DROP read_checks, ADD read_only_scans 'false')});
fill();
value(begin('SERIALIZABLE') . $read . $other . $second{'another row'} . 'COMMIT');
pass('reads that may write are not checked');
value(q{ALTER SERVER neon OPTIONS (DROP read_only_scans, ADD transactions 'autocommit')});
fill();
value(begin('SERIALIZABLE') . $read . $other . $second{'another row'} . 'COMMIT');
pass('autocommit: no transaction');
value(q{ALTER SERVER neon OPTIONS (DROP transactions)});

like(fails(q{ALTER SERVER neon OPTIONS (ADD read_checks 'always')}, 'another value'),
    qr/22023: invalid value for option "read_checks": "always".*HINT:  Valid values are "each", "commit" and "off"/s, 'valid values');

like(fails(begin('REPEATABLE READ') . "SELECT r FROM restless;\nUPDATE t SET n = 0 WHERE id = 1;\nCOMMIT", 'a volatile view'), $changed, '40001, as the documentation says');

# What a user wrote for the remote.
fill();
foreach my $sql ('SELECT n FROM tap.t WHERE id = 1', "WITH a AS (SELECT 1)\nSELECT n FROM tap.t, a WHERE id = 1 -- a comment", '(SELECT n FROM tap.t WHERE id = 1)', 'TABLE tap.t')
{
    my $columns = $sql =~ /TABLE/ ? 'id int, n int, txt text' : 'n int';

    like(fails(begin('SERIALIZABLE') . "SELECT count(*) FROM neon_http_query('neon', '$sql') AS q ($columns);\n" . $other . 'SELECT 1 FROM t WHERE id = 7', $sql),
        $changed, 'it is 40001');
}
is(value(begin('SERIALIZABLE') . "SELECT * FROM neon_http_query('neon', 'SHOW DateStyle') AS q (s text); SELECT * FROM neon_http_query('neon', 'SELECT 1;') AS q (n int); COMMIT"),
    "ISO, MDY\n1", 'SQL that has no digest');

done_testing();
