# Scans on different servers overlap: each is started before its rows are
# wanted, and they take as long as the slowest of them.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use NeonTest;

my $seconds = 1;

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

    # a busy machine may be late
    for (1 .. 15)
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
# Two after the other, the other two beside the first of them.
takes($warm, 4000, 2, 2.9, 'with two of them apart');
value('ALTER SERVER async_2 OPTIONS (DROP async_capable);'
      . ' ALTER SERVER async_3 OPTIONS (DROP async_capable);'
      . ' ALTER FOREIGN TABLE shard_3 OPTIONS (DROP async_capable);'
      . ' ALTER FOREIGN TABLE shard_4 OPTIONS (DROP async_capable);');

# Nothing is started that may not be wanted.
my (undef, undef, $requests) = measure('SELECT * FROM all_shards WHERE here(id) > 0 LIMIT 1');
is($requests, 1, 'LIMIT: no other shard is asked');

# Rows come in the order of arrival: a slow server holds nobody up, and those
# that do not fit into buffers are read meanwhile.
remote(<<"SQL");
CREATE VIEW tap_async.slow AS SELECT 1 AS id, 'slow'::text AS v FROM pg_sleep(6);
CREATE VIEW tap_async.wide AS SELECT g AS id, repeat('x', 500) AS v FROM generate_series(1, 5000) g;
SQL
value(<<'SQL');
CREATE TABLE mixed (id int, v text) PARTITION BY LIST (id);
CREATE FOREIGN TABLE slow PARTITION OF mixed FOR VALUES IN (1) SERVER async_1 OPTIONS (schema_name 'tap_async');
CREATE FOREIGN TABLE wide PARTITION OF mixed DEFAULT SERVER async_2 OPTIONS (schema_name 'tap_async');
SQL
my $off = 'SET neon_http_fdw.statement_pushdown = off';
like(value("EXPLAIN (COSTS off) SELECT * FROM mixed"), qr/^Append\n *->  Async Foreign Scan on slow.*\n *->  Async Foreign Scan on wide/, 'asynchronous scans');
my ($waited) = value("$off; SELECT count(*) FROM shard_1;\nSELECT now() AS start \\gset\nBEGIN; DECLARE c CURSOR FOR SELECT v FROM mixed WHERE here(id) > 0;"
      . " MOVE 4999 FROM c; SELECT extract(epoch FROM clock_timestamp() - :'start'); FETCH 2 FROM c; COMMIT") =~ /^([\d.]+)\nx{500}\nslow$/m;
cmp_ok($waited // 99, '<', 5.5, 'all rows of the fast server are read before the slow one has any');

# With whole statements below.
{
    my $sql = 'SELECT sum(n) FROM (SELECT count(*) n FROM shard_1 UNION ALL SELECT count(*) FROM shard_2) x';
    like(value("EXPLAIN $sql"), qr/Append(.*Neon Remote Query){2}|Append(.*Foreign Scan){2}/s, 'UNION ALL of two servers: plan');
    my $rows;
    my $time = least(1.9 * $seconds,
        sub {
            my $start = time();
            $rows = value($sql);
            return time() - $start;
        });
    is($rows, 2000, 'UNION ALL of two servers: the rows');
    cmp_ok($time, '<=', 1.9 * $seconds, 'UNION ALL of two servers: in time');
}

# Scans of one server that do not fit into one reply go at once, up to a limit.
value('CREATE TABLE parts (id int, v text) PARTITION BY LIST (id)');
for my $n (1 .. 4)
{
    value("CREATE FOREIGN TABLE part_$n PARTITION OF parts FOR VALUES IN ($n) SERVER async_1 OPTIONS (schema_name 'tap_async', table_name 'part_$n');"
          . " UPDATE pg_class SET reltuples = 1e7, relpages = 1e6 WHERE relname = 'part_$n'");
    remote("CREATE VIEW tap_async.part_$n AS SELECT $n AS id, 'row ' || g AS v FROM pg_sleep($seconds), generate_series(1, 1000) g");
}
takes('SELECT count(v), sum(id) FROM parts WHERE here(id) > 0', '4000|10000', 1, 2.5, 'four on one server');
value("ALTER SERVER async_1 OPTIONS (ADD max_connections '2')");
takes('SELECT count(v), sum(id) FROM parts WHERE here(id) > 0', '4000|10000', 2, 3.5, 'four on one server, two at once');
value("ALTER SERVER async_1 OPTIONS (SET max_connections '1')");
takes('SELECT count(v), sum(id) FROM parts WHERE here(id) > 0', '4000|10000', 4, 9, 'four on one server, one at once');
value("ALTER SERVER async_1 OPTIONS (DROP max_connections)");

# What is interrupted, or fails, leaves nothing behind.
my (undef, $before, $after) = split /\n/, value("$off; " . <<'SQL');
SELECT count(*) FROM wide;
CREATE FUNCTION fds() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_ls_dir('/proc/self/fd') $$;
CREATE PROCEDURE interrupt(n int) LANGUAGE plpgsql AS $$ BEGIN
  FOR i IN 1 .. n LOOP
    BEGIN
      PERFORM count(here(id) / CASE WHEN v = 'slow' OR id = 4000 THEN 0 ELSE 1 END) FROM mixed;
    EXCEPTION WHEN division_by_zero THEN NULL;
    END;
    BEGIN
      PERFORM count(*) FROM (SELECT id FROM mixed UNION ALL SELECT id FROM gone) x WHERE here(id) > 0;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
END $$;
CALL interrupt(2);
SELECT fds();
CALL interrupt(20);
SELECT fds();
DROP PROCEDURE interrupt;
SQL
cmp_ok($after, '<=', $before + 8, "no descriptor is left behind: $before, $after");
{
    my $session;
    my $time = least(1.5,
        sub {
            $session = start_psql("$off; SELECT count(*) FROM wide; SELECT count(*) FROM mixed WHERE here(id) > 0 -- cancelled");
            my $pid = session_pid('cancelled');
            wait_for(sub { remote_active('tap_async.slow') > 0 }, 5);
            my $ms = stop_ms($pid, 'pg_cancel_backend');
            $session->{handle}->finish;
            return $session->{err} eq '' ? 10 : $ms / 1000;
        });
    cmp_ok($time, '<=', 1.5, 'a cancel is obeyed at once');
    like($session->{err}, qr/canceling statement due to user request/, 'with its error');
}

# One that is not there: a clear error, and the others' transfers end.
my $start = time();
my $error = fails('SET neon_http_fdw.statement_pushdown = off;'
      . ' SELECT count(*) FROM (SELECT id FROM shard_1 UNION ALL SELECT id FROM gone UNION ALL SELECT id FROM shard_2) x WHERE here(id) > 0',
    'a server that is gone');
like($error, qr/async_gone|127\.0\.0\.1/, 'it is named');
cmp_ok(time() - $start, '<', 30, 'in time');
ok(wait_for(sub { remote_active('tap_async') == 0 }), 'and nothing goes on there');

done_testing();
