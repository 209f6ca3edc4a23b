# Scans on different servers overlap: each is started before its rows are
# wanted, and they take as long as the slowest of them.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use NeonTest;

my $seconds = 0.7;

setup('async');
remote(<<"SQL");
DROP SCHEMA IF EXISTS tap_async CASCADE;
CREATE SCHEMA tap_async;
CREATE VIEW tap_async.part AS SELECT g AS id, 'row ' || g AS v FROM pg_sleep($seconds), generate_series(1, 1000) g;
SQL
for my $n (1 .. 4)
{
    new_server("async_$n", "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
}
new_server('async_gone', "url 'https://127.0.0.1:1/sql', sslrootcert '$ENV{ENDPOINT_CA}', max_retries '0'");
value(<<'SQL');
CREATE FUNCTION here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
SQL
for my $n (1 .. 4)
{
    value(<<"SQL");
CREATE FOREIGN TABLE shard_$n (id int, v text) SERVER async_$n OPTIONS (schema_name 'tap_async', table_name 'part');
CREATE VIEW shard_view_$n AS SELECT $n AS shard, id, v FROM shard_$n;
SQL
}
value(<<'SQL');
CREATE VIEW all_shards AS
  SELECT * FROM shard_view_1 UNION ALL SELECT * FROM shard_view_2
  UNION ALL SELECT * FROM shard_view_3 UNION ALL SELECT * FROM shard_view_4;
CREATE FOREIGN TABLE gone (id int, v text) SERVER async_gone OPTIONS (schema_name 'tap_async', table_name 'part');
SQL

# What SQL prints, its seconds, and how many requests it makes.
sub measure
{
    my ($sql) = @_;
    my $mark = log_mark();
    my $start = time();
    my $out = value("SET neon_http_fdw.statement_pushdown = off; $sql");

    return ($out, time() - $start, scalar log_since($mark));
}

# Connections are made once.
my $warm = 'SELECT count(*) FROM all_shards WHERE here(id) > 0;';

sub takes
{
    my ($sql, $rows, $least, $most, $name) = @_;
    my ($out, $time) = measure($sql);

    # a busy machine may be late once
    for (1 .. 4)
    {
        last if $time < $most * $seconds;
        ($out, $time) = measure($sql);
    }
    is($out, $rows, "$name: the rows");
    cmp_ok($time, '>=', $least * $seconds, "$name: not sooner");
    cmp_ok($time, '<', $most * $seconds, "$name: in time");
}

takes('SELECT count(*) FROM shard_1 WHERE here(id) > 0', 1000, 1, 1.9, 'one shard');
takes($warm, 4000, 1, 2.5, 'four shards');
takes('SELECT count(*), sum(id), count(DISTINCT v) FROM all_shards WHERE here(id) > 0',
    '4000|2002000|1000', 1, 2.5, 'an aggregate of them');
takes('SELECT count(*) FROM shard_1 a JOIN shard_2 b ON here(a.id) = here(b.id)'
      . ' JOIN shard_3 c ON here(c.id) = here(b.id)', 1000, 1, 2.5, 'a join of three');
takes('SELECT (SELECT max(id) FROM shard_1 WHERE here(id) > 0) + (SELECT max(id) FROM shard_2 WHERE here(id) > 0)',
    2000, 1, 1.9, 'two subqueries');
takes('SELECT count(*) FROM (SELECT id FROM shard_1 UNION ALL SELECT id FROM shard_1 UNION ALL SELECT id FROM shard_2) x WHERE here(id) > 0',
    3000, 2, 2.9, 'two scans of one server beside one of another');

# Not where an option says so.
value('ALTER SERVER async_2 OPTIONS (ADD async_capable \'false\');'
      . ' ALTER SERVER async_3 OPTIONS (ADD async_capable \'false\');'
      . ' ALTER FOREIGN TABLE shard_3 OPTIONS (ADD async_capable \'true\');'
      . ' ALTER FOREIGN TABLE shard_4 OPTIONS (ADD async_capable \'false\');');
takes($warm, 4000, 3, 3.9, 'with two of them apart');
value('ALTER SERVER async_2 OPTIONS (DROP async_capable);'
      . ' ALTER SERVER async_3 OPTIONS (DROP async_capable);'
      . ' ALTER FOREIGN TABLE shard_3 OPTIONS (DROP async_capable);'
      . ' ALTER FOREIGN TABLE shard_4 OPTIONS (DROP async_capable);');

# Nothing is started that may not be wanted.
my (undef, undef, $requests) = measure('SELECT * FROM all_shards WHERE here(id) > 0 LIMIT 1');
is($requests, 1, 'LIMIT: no other shard is asked');

# One that is not there: a clear error, and the others' transfers end.
my $start = time();
my $error = fails('SET neon_http_fdw.statement_pushdown = off;'
      . ' SELECT count(*) FROM (SELECT id FROM shard_1 UNION ALL SELECT id FROM gone UNION ALL SELECT id FROM shard_2) x WHERE here(id) > 0',
    'a server that is gone');
like($error, qr/async_gone|127\.0\.0\.1/, 'it is named');
cmp_ok(time() - $start, '<', 3 * $seconds, 'in time');
sleep 1;
is(remote_active('tap_async'), 0, 'and nothing goes on there');

done_testing();
