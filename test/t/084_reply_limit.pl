# What is known of an endpoint's limit for replies: the planner plans by it, and
# a scan that the remote was to sort is sorted here if its reply is too large.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $rows = 30_000;

setup('reply_limit');
remote(<<"SQL");
DROP SCHEMA IF EXISTS tap_limit CASCADE;
DROP SCHEMA IF EXISTS tap_limit_kept CASCADE;
CREATE SCHEMA tap_limit;
CREATE SCHEMA tap_limit_kept;
SET search_path = tap_limit;
CREATE TABLE item (id int, k int, name varchar(40) COLLATE "C", pad text);
INSERT INTO item SELECT g * 7919 % $rows, nullif(g % 1000, 0), md5(g::text), repeat('x', 60) FROM generate_series(0, $rows - 1) g;
CREATE TABLE other (id int, note text);
INSERT INTO other SELECT g * 4801 % $rows, repeat('y', 90) FROM generate_series(0, $rows - 1) g;
CREATE VIEW seen AS SELECT * FROM item;
CREATE TABLE low (id int, pad text);
INSERT INTO low SELECT $rows / 2 - g, repeat('l', 90) FROM generate_series(1, $rows / 2) g;
CREATE TABLE high (id int, pad text);
INSERT INTO high SELECT $rows - g, repeat('h', 90) FROM generate_series(1, $rows / 2) g;
ANALYZE;
SQL

my $port = start_endpoint('reply_limit', 1024 * 1024);
my $url = "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}'";

new_server('plain', $url);
new_server('plain_2', $url);
new_server('kept', "$url, spill_schema 'tap_limit_kept'");
new_server('strict', "$url, consistent_reads 'strict'");
value("CREATE SCHEMA $_; IMPORT FOREIGN SCHEMA tap_limit FROM SERVER $_ INTO $_") foreach 'plain', 'plain_2', 'kept', 'strict';
value(<<"SQL");
CREATE FUNCTION here(int) RETURNS int STABLE LANGUAGE plpgsql AS 'BEGIN RETURN \$1; END';
CREATE TABLE parts (id int, pad text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO ($rows / 2) SERVER plain OPTIONS (schema_name 'tap_limit', table_name 'low');
CREATE FOREIGN TABLE parts_high PARTITION OF parts FOR VALUES FROM ($rows / 2) TO ($rows) SERVER plain_2 OPTIONS (schema_name 'tap_limit', table_name 'high');
SQL

# The planner sorts here if it must.
my $load = "LOAD 'neon_http_fdw'; SET client_min_messages = error; SET neon_http_fdw.statement_pushdown = off; SET neon_http_fdw.bind_join = off; SET enable_sort = off;";
my $merge = 'SET enable_hashjoin = off; SET enable_nestloop = off; SET enable_sort = on;';
my $sum = $rows * ($rows - 1) / 2;

# --- a merge join -----------------------------------------------------------------

my $join = 'SELECT count(*), sum(a.id), min(length(a.pad || b.note)) FROM plain.item a JOIN plain_2.other b ON b.id = a.id';
my @out = split /^---$/m, value("$load $merge EXPLAIN (VERBOSE, COSTS off) $join;\n\\echo ---\n$join;\n\\echo ---\nEXPLAIN (VERBOSE, COSTS off) $join");
like($out[0], qr/Merge Join.*ORDER BY id ASC.*ORDER BY id ASC/s, 'a merge join of what the remote sorts');
unlike($out[0], qr/Sort Key/, 'and nothing here');
like($out[1], qr/^$rows\|$sum\|150$/m, 'is right where no reply has room for its inputs');
like($out[2], qr/Sort Key.*Sort Key/s, 'the next one is planned by the limit');
unlike($out[2], qr/ORDER BY/, 'and sorts here');

# --- what a scan returns -------------------------------------------------------------

# All rows of a query with these columns, as they come.
sub rows_of
{
    my ($query, $settings) = @_;
    return [ split /\n/, value("$load " . ($settings // '') . " $query") ];
}

my @items = map { [ $_ * 7919 % $rows, $_ % 1000 ] } 0 .. $rows - 1;
my @wanted = map { $_->[1] . '|' . $_->[0] } sort { $a->[1] <=> $b->[1] || $b->[0] <=> $a->[0] } grep { $_->[1] > 0 } @items;
my @nulls = map { '|' . $_->[0] } sort { $b->[0] <=> $a->[0] } grep { $_->[1] == 0 } @items;

is_deeply(rows_of('SELECT k, id FROM plain.item ORDER BY k, id DESC, pad'), [ @wanted, @nulls ], 'several keys, nulls last');
is_deeply(rows_of('SELECT k, id FROM plain.item WHERE here(id) >= 0 ORDER BY k NULLS FIRST, id DESC, pad'), [ @nulls, @wanted ], 'nulls first, and a condition here');
my $plan = value("$load EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT * FROM plain.item WHERE here(id) >= 0 ORDER BY id");
like($plan, qr/Rows Sorted Here: $rows$/m, 'EXPLAIN says so');
unlike($plan, qr/Sort Key/, 'there is no other sort');
like(value("$load EXPLAIN (ANALYZE, COSTS off, TIMING off, FORMAT json) SELECT * FROM plain.item WHERE here(id) >= 0 ORDER BY id"), qr/"Rows Sorted Here": $rows\b/, 'as JSON, too');
unlike(value("$load EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT id FROM plain.item WHERE here(id) >= 0 ORDER BY id"), qr/Sorted Here/, 'not where the reply has room');

my (undef, undef, $err) = psql("LOAD 'neon_http_fdw'; SET neon_http_fdw.statement_pushdown = off; SET enable_sort = off; SELECT * FROM plain.item WHERE here(id) >= 0 ORDER BY id OFFSET 1000000");
like($err, qr/WARNING:.*item does not fit into one reply of the endpoint and is read in pieces.*1048576 bytes/s, 'pieces are warned of');

my $names = rows_of('SELECT name, pad FROM plain.item WHERE here(id) >= 0 ORDER BY name DESC');
is(scalar(@$names), $rows, 'varchar, by the order of text: all rows');
is_deeply($names, [ sort { $b cmp $a } @$names ], 'in order');
is(value("$load SET work_mem = '64kB'; SELECT id, pad FROM plain.item WHERE here(id) >= 0 ORDER BY id LIMIT 2 OFFSET 20000") =~ s/\|x+$//mgr, "20000\n20001", 'LIMIT above; more than work_mem');
is(value("$load BEGIN; DECLARE c CURSOR FOR SELECT id, pad FROM plain.item WHERE here(id) >= 0 ORDER BY id; MOVE 25000 FROM c; FETCH 1 FROM c; SAVEPOINT a; MOVE 100 FROM c; ROLLBACK TO a; FETCH 1 FROM c; COMMIT") =~ s/\|x+$//mgr, "25000\n25101", 'a cursor');
is(value("$load PREPARE q(int) AS SELECT id, pad FROM plain.item WHERE id >= \$1 AND here(id) >= 0 ORDER BY id;"
      . " SET plan_cache_mode = force_generic_plan; CREATE TEMP TABLE c AS EXECUTE q(100); SELECT count(*), min(id) FROM c; EXECUTE q(29999)") =~ s/\|x+$//mgr,
    ($rows - 100) . "|100\n29999", 'a prepared statement with parameters');
is(value("$load SELECT v, s.id, length(s.pad) FROM (VALUES (10), (20000), (3)) t(v), LATERAL (SELECT * FROM plain.item WHERE here(id) >= v ORDER BY id LIMIT 1) s"),
    "10|10|60\n20000|20000|60\n3|3|60", 'again and again');
is(value("$load BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE TEMP TABLE c AS SELECT row_number() OVER () AS n, q.* FROM (SELECT id, pad FROM plain.item WHERE here(id) >= 0 ORDER BY id) q; COMMIT; SELECT count(*), count(*) FILTER (WHERE n = id + 1) FROM c"),
    "$rows|$rows", 'REPEATABLE READ');

# --- partitions ----------------------------------------------------------------------

my $ordered = "$load EXPLAIN (VERBOSE, COSTS off) SELECT id, pad FROM parts ORDER BY id";
like(value($ordered), qr/Append.*ORDER BY id ASC.*ORDER BY id ASC/s, 'partitions that the remote sorts');
@out = map { /^(\d+)/ } @{ rows_of('SELECT id, pad FROM parts ORDER BY id') };
is_deeply(\@out, [ 0 .. $rows - 1 ], 'come in order');
value('ALTER TABLE parts DETACH PARTITION parts_low; CREATE TABLE mixed (id int, pad text) PARTITION BY HASH (pad);'
      . 'CREATE FOREIGN TABLE mixed_0 PARTITION OF mixed FOR VALUES WITH (MODULUS 2, REMAINDER 0) SERVER plain OPTIONS (schema_name \'tap_limit\', table_name \'item\');'
      . 'CREATE FOREIGN TABLE mixed_1 PARTITION OF mixed FOR VALUES WITH (MODULUS 2, REMAINDER 1) SERVER plain_2 OPTIONS (schema_name \'tap_limit\', table_name \'item\')');
like(value("$load EXPLAIN (VERBOSE, COSTS off) SELECT id, pad FROM mixed ORDER BY id"), qr/Merge Append.*ORDER BY id ASC.*ORDER BY id ASC/s, 'a Merge Append');
@out = map { /^(\d+)/ } @{ rows_of('SELECT id, pad FROM mixed ORDER BY id') };
is_deeply(\@out, [ map { ($_, $_) } 0 .. $rows - 1 ], 'comes in order');

# --- other ways, and none ---------------------------------------------------------------

$plan = value("$load EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT * FROM kept.item WHERE here(id) >= 0 ORDER BY id");
like($plan, qr/Rows Spilled on Remote: $rows$/m, 'with spill_schema the result is kept on the remote');
unlike($plan, qr/Sorted Here/, 'in its order');
@out = map { /^(\d+)/ } @{ rows_of('SELECT id, pad FROM kept.item WHERE here(id) >= 0 ORDER BY id') };
is_deeply(\@out, [ 0 .. $rows - 1 ], 'which it comes in');
like(value("$load BEGIN; UPDATE kept.other SET note = note WHERE id = 1; SELECT count(*) FROM (SELECT * FROM plain.item ORDER BY id OFFSET 0) q; ROLLBACK"), qr/^$rows$/m, 'behind writes to another server');

my %none = (
    'what must be of one snapshot' => 'SELECT * FROM strict.item WHERE here(id) >= 0 ORDER BY id',
    'rows that are locked' => 'SELECT * FROM plain.item WHERE here(id) >= 0 ORDER BY id FOR UPDATE',
    'a view' => 'SELECT * FROM plain.seen WHERE here(id) >= 0 ORDER BY id',
    'an expression' => 'SELECT * FROM plain.item WHERE here(id) >= 0 ORDER BY id % 7',
    'behind writes of its own' => 'BEGIN; UPDATE plain.other SET note = note WHERE id = 1; SELECT * FROM plain.item WHERE here(id) >= 0 ORDER BY id');
foreach my $name (sort keys %none)
{
    like(fails("$load $none{$name}", $name), qr/54000: .*too large.*spill_schema/s, "$name: an error with a hint");
}

# --- what the planner knows ------------------------------------------------------------

# A join is not divided: it fails once, then it is not offered any more.
new_server('joins', $url);
value('CREATE SCHEMA joins; IMPORT FOREIGN SCHEMA tap_limit LIMIT TO (item, other) FROM SERVER joins INTO joins; ANALYZE joins.item, joins.other');
my $remote_join = 'SELECT a.id, a.pad, b.note FROM joins.item a JOIN joins.other b USING (id) WHERE here(a.id) + here(b.id) >= 0';
my (undef, $text, $error) = psql("\\set ON_ERROR_STOP off\n$load SET enable_mergejoin = off; SET enable_nestloop = off; EXPLAIN (COSTS off) $remote_join;\n\\echo ---\n$remote_join;\nEXPLAIN (COSTS off) $remote_join;\n"
      . "SELECT count(*) FROM ($remote_join OFFSET 0) q");
@out = split /^---$/m, $text;
like($out[0], qr/Relations: \(item a\) JOIN \(other b\)/, 'a join that seems to fit');
like($error, qr/response is too large/, 'does not');
like($out[1], qr/Join/, 'the next one is planned by that');
unlike($out[1], qr/Relations/, 'and joins here');
like($out[1], qr/^$rows$/m, 'which works');

# Before anything is known, 10 MiB are expected; a larger reply shows that more fits.
remote("CREATE TABLE tap_limit.large AS SELECT g AS id, repeat('z', 100) AS pad FROM generate_series(1, 130000) g; ANALYZE tap_limit.large");
my $wide = start_endpoint('reply_limit_64', 64 * 1024 * 1024);
new_server('wide', "url 'https://localhost:$wide/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
value("CREATE SCHEMA wide; IMPORT FOREIGN SCHEMA tap_limit LIMIT TO (large) FROM SERVER wide INTO wide; ANALYZE wide.large");
my $sorted = 'EXPLAIN (VERBOSE, COSTS off) SELECT * FROM wide.large WHERE id < 90000 ORDER BY id';
@out = split /^---$/m, value("$load SET enable_sort = on; $sorted;\n\\echo ---\nSELECT sum(length(pad)) FROM (SELECT * FROM wide.large OFFSET 0) q;\n$sorted");
like($out[0], qr/Sort Key/, 'what may be over 10 MiB is sorted here');
unlike($out[1], qr/Sort Key/, 'until as much has arrived in one reply');

value("DROP SERVER $_ CASCADE") foreach 'plain', 'plain_2', 'kept', 'strict', 'joins', 'wide';
done_testing();
