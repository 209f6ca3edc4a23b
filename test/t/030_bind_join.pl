# Local rows joined to a remote table of a million rows by its key: requests,
# time, read-ahead, memory, and what happens when it ends early.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use NeonTest;

my $join = 'FROM ten t JOIN million m ON m.id = t.k';

# No other way to join.
my $only = 'SET enable_hashjoin = off; SET enable_mergejoin = off;'
  . ' SET enable_nestloop = off;';

sub prepare
{
    setup('bind');
    remote(<<'SQL');
CREATE TABLE tap.million AS
  SELECT g AS id, g % 50000 AS grp, 'value ' || g AS v
  FROM generate_series(1, 1000000) g;
ALTER TABLE tap.million ADD PRIMARY KEY (id);
CREATE TABLE tap.wide AS
  SELECT g AS id, repeat(chr(64 + g), 400000) AS v FROM generate_series(1, 60) g;
ALTER TABLE tap.wide ADD PRIMARY KEY (id);
ANALYZE;
SQL
    value(<<'SQL');
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
-- as an ANALYZE would know it
UPDATE pg_class SET reltuples = 1000000, relpages = 6400
  WHERE oid = 'million'::regclass;
CREATE TABLE ten AS
  SELECT g AS id, (g::bigint * 7919 % 1000000 + 1)::int AS k
  FROM generate_series(1, 10000) g;
CREATE TABLE many AS
  SELECT g AS id, g * 3 AS k, repeat('x', 100) AS pad
  FROM generate_series(1, 300000) g;
ANALYZE ten, many;
SQL
}

# Runs SQL; returns what it prints, the log of it, and its seconds.
sub measure
{
    my ($sql) = @_;
    my $mark = log_mark();
    my $start = time();
    my $out = value($sql);
    my $seconds = time() - $start;

    return ($out, [log_since($mark)], $seconds);
}

sub check_million
{
    my $plan = value("EXPLAIN (COSTS OFF) SELECT * $join");
    like($plan, qr/Neon Bind Join/, '10,000 rows to a million: bind join');

    my ($out, $log, $seconds) = measure("SELECT count(*), sum(m.id), sum(length(v)) $join");
    is($out, value('SELECT count(*), sum(k), sum(length(\'value \' || k)) FROM ten'),
        'its result is right');
    cmp_ok(scalar @$log, '<=', 12, scalar(@$log) . ' requests are 12 at most');

    my (undef, $loop_log, $loop) = measure(
        'SET neon_http_fdw.bind_join = off; SET enable_hashjoin = off;'
          . ' SET enable_mergejoin = off; SELECT sum(length(v))'
          . ' FROM (SELECT * FROM ten LIMIT 200) t JOIN million m ON m.id = t.k');
    is(scalar @$loop_log, 200, 'a nested loop asks for each row');
    my (undef, $scan_log, $scan) = measure(
        'SET client_min_messages = error; SET neon_http_fdw.bind_join = off;'
          . " SELECT sum(length(v)) $join");
    $seconds = least($scan < $loop * 50 ? $scan : $loop * 50,
        sub { (measure("SELECT count(*), sum(m.id), sum(length(v)) $join"))[2] })
      if $seconds >= $scan || $seconds >= $loop * 50;
    cmp_ok($seconds, '<', $scan, 'faster than reading the whole table');
    cmp_ok($seconds, '<', $loop * 50, 'faster than a nested loop');
    note(sprintf('bind join %.2f s, %d requests; nested loop %.2f s, 10000 requests;'
              . ' full scan %.2f s, %d requests',
            $seconds, scalar @$log, $loop * 50, $scan, scalar @$scan_log));
}

# What a LIMIT does not want is not asked for.
sub check_limit
{
    my ($out, $log) = measure(
        "$only SELECT count(*) FROM (SELECT t.id $join LIMIT 10) s");
    is($out, 10, 'LIMIT: rows');
    is(scalar @$log, 1, 'LIMIT: one request');
    like($log->[0]{body}{queries}[1]{params}[0], qr/^\{\d+(,\d+){999}\}$/,
        'LIMIT: with the keys of the first batch');
}

# Two replies that take long take long at the same time.
sub check_overlap
{
    my $requests;
    my $seconds = least(3.8,
        sub {
            fault('{"count": 2, "delay_body_ms": 2000, "after_bytes": 10}');
            my (undef, $log, $seconds) = measure(
                "$only SELECT count(*) FROM (SELECT * FROM ten WHERE id <= 4000) t"
                  . ' JOIN million m ON m.id = t.k');
            $requests = @$log;
            return $seconds;
        });
    is($requests, 2, 'two batches');
    cmp_ok($seconds, '<', 3.8, 'the second is in flight while the first is read');
    fault(undef);
}

sub check_cancel
{
    fault('{"count": 2, "delay_body_ms": 60000, "after_bytes": 10}');
    my $start = time();
    my $err = fails("SET statement_timeout = 300; SELECT count(*) $join",
        'statement timeout');
    like($err, qr/57014/, 'statement timeout: is told');
    cmp_ok(time() - $start, '<', 30, 'statement timeout: at once');
    ok(wait_for(sub { remote_active('tap.million') == 0 }),
        'statement timeout: nothing goes on at the remote');
    fault(undef);
    is(value("SELECT count(*) $join"), 10000, 'the next statement works');
}

sub check_failures
{
    # the first request fails on its way
    fault('{"count": 1, "status": 503, "body": "busy"}');
    is(value("SELECT count(*) $join"), 10000, 'a request is repeated');
    fault(undef);

    # one of a later batch fails by itself; the session goes on
    my $key = value('SELECT k FROM ten WHERE id = 9000');
    my $out = value(<<"SQL");
CREATE FUNCTION try() RETURNS text LANGUAGE plpgsql AS \$\$
BEGIN
  PERFORM count(*) $join AND 1 / (m.id - $key) < 5;
  RETURN 'no error';
EXCEPTION WHEN division_by_zero THEN
  RETURN 'division by zero, then ' || (SELECT count(*) $join);
END \$\$;
SELECT try();
SQL
    is($out, 'division by zero, then 10000', 'remote error in a later batch');
}

# Replies over the limit are asked for in parts.
sub check_large
{
    my ($out, $log) = measure(
        "$only SELECT count(*), sum(length(w.v)), count(DISTINCT w.v)"
          . ' FROM (SELECT id FROM ten WHERE id <= 60) t JOIN wide w ON w.id = t.id');
    is($out, '60|24000000|60', 'replies larger than the limit: rows');
    cmp_ok(scalar(grep { $_->{status} == 507 } @$log), '>', 0,
        'replies larger than the limit: there was one');
    cmp_ok(scalar @$log, '<', 12, 'replies larger than the limit: requests');
}

sub peak_kb
{
    my ($sql) = @_;
    my $out = value("$sql; SELECT (regexp_match(pg_read_file("
          . "'/proc/' || pg_backend_pid() || '/status'), 'VmHWM:\\s+(\\d+)'))[1]");

    return (split /\n/, $out)[-1];
}

sub check_memory
{
    my $before = peak_kb('SELECT count(*) FROM ten t JOIN million m ON m.id = t.k'
          . ' WHERE t.id < 100');
    my $after = peak_kb('SELECT count(*), sum(length(m.v)), sum(length(t.pad))'
          . ' FROM many t JOIN million m ON m.id = t.k');

    cmp_ok($after - $before, '<', 48 * 1024,
        '300,000 keys: ' . int(($after - $before) / 1024) . ' MB more memory');
}

prepare();
check_million();
check_limit();
check_overlap();
check_cancel();
check_failures();
check_large();
SKIP:
{
    skip 'no /proc', 1 unless -e '/proc/self/status';
    check_memory();
}
done_testing();
