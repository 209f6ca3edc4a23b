# What travels: one request a statement over one kept connection, no literal
# of the user in its SQL, the guard, and no more of a reply than is wanted.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);
use NeonTest;

my $unicode = JSON::PP->new;

setup('requests');
remote(<<'SQL');
DROP SCHEMA IF EXISTS tap_requests CASCADE;
CREATE SCHEMA tap_requests;
CREATE TABLE tap_requests.t (id int PRIMARY KEY, txt text, num numeric, day date, tz timestamptz, ints int[], jb jsonb, flag bool);
INSERT INTO tap_requests.t SELECT g, 'txt' || g, g / 3.0, date '2024-01-01' + g, now(), ARRAY[g, 2], jsonb_build_object('k', g), g % 2 = 0 FROM generate_series(1, 50) g;
CREATE VIEW tap_requests.settings AS SELECT name, setting FROM pg_settings;
CREATE VIEW tap_requests.million AS SELECT g AS id, 'row number ' || g AS txt, now() AS at FROM generate_series(1, 1000000) g;
CREATE VIEW tap_requests.many AS SELECT g AS id, repeat('x', 1000) AS txt FROM generate_series(1, 5000) g;
CREATE VIEW tap_requests.nothing AS SELECT 1 AS id, ''::text AS txt, now() AS at WHERE false;
SQL
value(<<'SQL');
IMPORT FOREIGN SCHEMA tap_requests FROM SERVER neon INTO public;
CREATE TABLE local_ids AS SELECT g AS id FROM generate_series(1, 3) g;
CREATE FUNCTION here(anyelement) RETURNS anyelement LANGUAGE plpgsql STABLE AS 'BEGIN RETURN $1; END';
SQL

# The requests that SQL makes, in a session of its own.
sub requests
{
    my ($sql) = @_;
    my $mark = log_mark();

    value("LOAD 'neon_http_fdw';\n$sql");
    return log_since($mark);
}

# --- how many -----------------------------------------------------------------

my @log = requests('SELECT txt FROM t WHERE id = 5');
is(scalar @log, 1, 'one SELECT is one request');
is($log[0]{status}, 200, 'that succeeds');
is($log[0]{method} . ' ' . $log[0]{path}, 'POST /sql', 'by POST');
is(scalar @{ $log[0]{body}{queries} }, 2, 'of the guard and the statement');
ok($log[0]{raw_text} && $log[0]{array_mode} && $log[0]{pool},
    'for text, arrays and a pooled connection');
is(scalar requests('EXPLAIN (VERBOSE) SELECT * FROM t WHERE id = 5;'
      . ' PREPARE p(int) AS SELECT * FROM t WHERE id = $1;'
      . ' EXPLAIN EXECUTE p(5)'), 0, 'EXPLAIN sends nothing');
is(scalar requests('EXPLAIN ANALYZE SELECT * FROM t'), 1,
    'EXPLAIN ANALYZE sends it');
is(scalar requests('SET neon_http_fdw.statement_pushdown = off;'
      . ' SELECT * FROM t WHERE false; SELECT * FROM t LIMIT 0;'
      . ' SET plan_cache_mode = force_generic_plan;'
      . ' PREPARE p(bool) AS SELECT * FROM t WHERE $1; EXECUTE p(false)'),
    0, 'nothing is sent for rows that cannot be');
is(scalar requests('SELECT * FROM t; SELECT count(*) FROM t WHERE here(id) > 3;'
      . ' SELECT * FROM t a, local_ids b WHERE here(a.id) = b.id'),
    4, 'three statements are three, and one asks for the size of what is joined');
is(scalar requests('BEGIN; SELECT 1; ROLLBACK; BEGIN; COMMIT'), 0,
    'transactions alone are nothing');

# --- the connection -----------------------------------------------------------

@log = requests('SELECT id FROM t WHERE id = 1; SELECT id FROM t WHERE id = 2;'
      . ' SELECT count(*) FROM settings');
is(scalar @log, 3, 'three requests');
is($log[1]{conn}, $log[0]{conn}, 'the second goes over the first connection');
is($log[2]{conn}, $log[0]{conn}, 'and the third');
my $mark = log_mark();
psql("SELECT id FROM t WHERE id = 1;\nSELECT id FROM t WHERE 1 / (id - id) = 1;\nSELECT id FROM t;\n", go_on => 1);
@log = log_since($mark);
is(join(' ', map { $_->{status} } @log), '200 400 200', 'an error between two');
is($log[2]{conn}, $log[0]{conn}, 'leaves the connection as it is');
value('ALTER SERVER neon OPTIONS (ADD keep_connections \'false\')');
@log = requests('SELECT id FROM t; SELECT id FROM t');
isnt($log[1]{conn}, $log[0]{conn}, 'keep_connections off: a new one each time');
value('ALTER SERVER neon OPTIONS (DROP keep_connections)');

# --- no literal in the SQL ----------------------------------------------------

# Each has a marker that must not be in the text of a statement.
my @statements = (
    q{SELECT * FROM t WHERE txt = 'MARKER-a'},
    q{SELECT * FROM t WHERE txt LIKE 'MARKER-b%' AND id IN (77700001, 77700002)},
    q{SELECT * FROM t WHERE num = 77700003.5 OR num = -77700004 OR num = 7.7700005e7},
    q{SELECT * FROM t WHERE day = '7777-01-01' OR tz > '7777-01-02 03:04:05+00'},
    q{SELECT * FROM t WHERE ints = ARRAY[77700006] OR ints && '{77700007,1}'},
    q{SELECT * FROM t WHERE CASE WHEN id > 77700008 THEN txt = 'MARKER-c' ELSE flag END},
    q{SELECT * FROM t WHERE CASE txt WHEN 'MARKER-d' THEN 1 WHEN 'MARKER-e' THEN 2 END = 77700009},
    q{SELECT * FROM t WHERE jb @> '{"MARKER-f": 1}' AND jb ->> 'MARKER-g' IS NULL AND jb['MARKER-h'] IS NULL},
    q{SELECT * FROM t WHERE txt::varchar(7777) = 'MARKER-i' OR num::numeric(77,7) = 1 OR txt::char(7770) = 'MARKER-j'},
    q{SELECT * FROM t WHERE ints::text[] = '{MARKER-k}' OR ARRAY[txt]::varchar(7777)[] = '{MARKER-l}'},
    q{SELECT * FROM t WHERE coalesce(txt, 'MARKER-m') = 'MARKER-n' AND nullif(txt, 'MARKER-o') IS DISTINCT FROM 'MARKER-p'},
    q{SELECT * FROM t WHERE txt ~ 'MARKER-q' OR substring(txt FROM 'MARKER-r') = 'x' OR overlay(txt PLACING 'MARKER-s' FROM 7777) = 'x'},
    q{SELECT * FROM t WHERE extract(year FROM tz) = 77700010 OR tz AT TIME ZONE 'Asia/Tokyo' > '7777-01-01'},
    q{SELECT * FROM t WHERE (id, txt) > (77700011, 'MARKER-t') AND greatest(id, 77700012) = 77700013},
    q{SELECT * FROM t WHERE txt = here('MARKER-u'::text) || 'MARKER-v' AND tz > now() - interval '7777 days'},
    q{SELECT * FROM t WHERE txt COLLATE "C" < 'MARKER-w' AND txt > 'MARKER-x' COLLATE "C"},
    q{PREPARE p(text, int) AS SELECT * FROM t WHERE txt = $1 AND id = $2; EXECUTE p('MARKER-y', 77700014)},
    q{SET plan_cache_mode = force_generic_plan; PREPARE p(text, int) AS SELECT * FROM t WHERE txt = $1 || 'MARKER-z' AND id > $2 + 77700015; EXECUTE p('MARKER-0', 77700016)},
    q{SELECT txt || 'MARKER-1', id + 77700017, 'MARKER-2' FROM t LIMIT 7777},
    q{SELECT count(*) FILTER (WHERE txt = 'MARKER-3'), string_agg(txt, 'MARKER-4') FROM t HAVING count(*) > 77700018},
    q{SELECT * FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.txt = 'MARKER-5' AND b.id = a.id + 77700019) ORDER BY txt || 'MARKER-6' LIMIT 7777 OFFSET 77700020},
    q{WITH c AS (SELECT 'MARKER-7' AS x, id FROM t WHERE id <> 77700021) SELECT c.x, t.id FROM c JOIN t USING (id) WHERE x <> t.txt UNION SELECT 'MARKER-8', id FROM (SELECT * FROM t) z (id, txt)},
    q{DO $$ DECLARE v text := 'MARKER-9'; n int; BEGIN SELECT count(*) INTO n FROM t WHERE txt = v AND id <> 77700022; END $$},
);
my %seen;
foreach my $pushdown ('on', 'off')
{
    foreach my $sql (@statements)
    {
        my ($shown) = $sql =~ /(MARKER-.|77700...)/;
        my @found;

        foreach my $request (requests("SET neon_http_fdw.statement_pushdown = $pushdown;\n$sql"))
        {
            foreach my $query (@{ $request->{body}{queries} })
            {
                push @found, $query->{query}
                  if $query->{query} =~ /MARKER|7770|7777|\(77|Tokyo/;
                $seen{$_}++ foreach $unicode->encode($query->{params} // []) =~ /MARKER-.|777000../g;
            }
        }
        is_deeply(\@found, [],
            'no literal in the SQL: ' . ($shown // $sql) . ", pushdown $pushdown");
    }
}
cmp_ok(scalar keys %seen, '>', 40, 'they are among the parameters');

# --- headers and guard --------------------------------------------------------

# The settings of the guard of one request.
sub guard
{
    my ($request) = @_;
    my $guard = $request->{body}{queries}[0];
    my @names = $guard->{query} =~ /set_config\('(\w+)'/g;
    my %settings;

    @settings{@names} = @{ $guard->{params} };
    return \%settings;
}

(my $request) = requests('SELECT * FROM t WHERE id = 1');
is($request->{isolation}, 'RepeatableRead', 'one snapshot for a request');
ok($request->{read_only}, 'that reads only');
my $guard = guard($request);
is($guard->{search_path}, 'pg_catalog', 'guard: search_path');
is($guard->{DateStyle}, 'ISO', 'guard: DateStyle');
is($guard->{IntervalStyle}, 'postgres', 'guard: IntervalStyle');
ok($guard->{extra_float_digits} >= 1, 'guard: extra_float_digits');
is($guard->{TimeZone}, value('SHOW timezone'), 'guard: TimeZone');
is($guard->{application_name}, 'tap', 'guard: application_name');
ok(!exists $guard->{statement_timeout}, 'guard: no statement_timeout');
is(value(q{SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM settings
     WHERE name IN ('application_name', 'search_path', 'transaction_read_only', 'transaction_isolation')}),
    'application_name=tap search_path=pg_catalog transaction_isolation=repeatable read transaction_read_only=on',
    'the remote has these settings');

($request) = requests("SET timezone = 'Asia/Kathmandu'; SET application_name = 'Schrödinger''s app'; SET datestyle = 'German';\n"
      . "SET statement_timeout = '200s'; BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT * FROM t WHERE id = 1; COMMIT");
$guard = guard($request);
is($request->{isolation}, 'Serializable', 'SERIALIZABLE here is so there');
is($guard->{TimeZone}, 'Asia/Kathmandu', 'guard: TimeZone of the session');
is($guard->{DateStyle}, 'ISO', 'guard: DateStyle stays');
like($guard->{application_name}, qr/^Schr.+s app$/, 'guard: application_name of the session');
cmp_ok($guard->{statement_timeout}, '<=', 200000, 'guard: statement_timeout');
cmp_ok($guard->{statement_timeout}, '>', 150000, 'guard: statement_timeout, most of it');
($request) = requests("SET statement_timeout = '20s';\n"
      . "DO 'BEGIN PERFORM pg_sleep(1); PERFORM id FROM t; END'");
cmp_ok(guard($request)->{statement_timeout}, '<=', 19000,
    'guard: what is left of statement_timeout');
value('ALTER SERVER neon OPTIONS (ADD read_only_scans \'false\')');
($request) = requests('SELECT * FROM t WHERE id = 1');
ok(!$request->{read_only}, 'read_only_scans off');
value('ALTER SERVER neon OPTIONS (DROP read_only_scans)');

# --- no more than is wanted ---------------------------------------------------

$mark = log_mark();
my $begin = time();
is(value('SELECT length(txt) FROM many WHERE here(id) > 0 LIMIT 1'), 1000, 'LIMIT 1 without pushdown');
wait_for(sub { scalar(log_since($mark)) == 1 });
my $plan = decode_json(value('EXPLAIN (ANALYZE, FORMAT JSON) SELECT txt FROM many WHERE here(id) > 0 LIMIT 1'))->[0]{Plan};
my $scan = $plan->{Plans}[0];
cmp_ok($scan->{'Bytes Received'}, '<', 2_000_000, "bytes received: $scan->{'Bytes Received'} of 5 MB");
cmp_ok($scan->{'Bytes Received'}, '>', 1000, 'and some');

# Rows are handed out while the rest is still to come.
fault('{"count":1,"delay_body_ms":60000,"after_bytes":10000}');
$begin = time();
value('SELECT id FROM many WHERE here(id) > 0 LIMIT 10');
cmp_ok(time() - $begin, '<', 30, 'the first rows come before the rest');
fault('{"count":1,"delay_body_ms":4000,"after_bytes":10000}');
my @times = split /\n/, value(<<'SQL');
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM many WHERE here(id) > 0;
\o /dev/null
FETCH 10 FROM c;
\o
SELECT extract(epoch FROM clock_timestamp() - now());
\o /dev/null
FETCH ALL FROM c;
\o
SELECT extract(epoch FROM clock_timestamp() - now());
SQL
cmp_ok($times[0], '<', 3.9, 'a cursor fetches what is there');
cmp_ok($times[1], '>', 3.9, 'and waits for the rest');
fault(undef);

# --- a large reply ------------------------------------------------------------

SKIP:
{
    -r '/proc/self/status' or skip 'needs /proc', 4;

    my $port = start_endpoint('requests', 1024 * 1024 * 1024);
    new_server('large', "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
    value('DROP FOREIGN TABLE million, nothing; IMPORT FOREIGN SCHEMA tap_requests LIMIT TO (million, nothing) FROM SERVER large INTO public');

    # Peak memory of a session that runs a query.
    my $peak = sub {
        my ($query) = @_;
        my $out = value("SELECT pg_backend_pid() AS pid \\gset\n\\setenv BACKEND :pid\n$query;\n"
              . "\\! grep VmHWM /proc/\$BACKEND/status\n");
        my ($kb) = $out =~ /VmHWM:\s+(\d+)/;
        my ($result) = $out =~ /^(\d+)/;
        return ($kb, $result);
    };
    my ($empty) = $peak->('SELECT count(*) FROM nothing WHERE here(txt) <> \'\'');
    my ($full, $count) = $peak->('SELECT count(*) FROM million WHERE here(txt) <> \'\'');
    is($count, 1000000, 'a million rows');
    cmp_ok($full - $empty, '<=', 32 * 1024, 'peak memory: ' . ($full - $empty) . ' kB more than for none');

    $plan = decode_json(value('EXPLAIN (ANALYZE, FORMAT JSON) SELECT txt FROM million WHERE here(id) > 0 LIMIT 1'))->[0]{Plan};
    my $received = $plan->{Plans}[0]{'Bytes Received'};
    cmp_ok($received, '<', 1_000_000, "LIMIT 1 ends the transfer: $received bytes received");
    ok(wait_for(sub { remote_active('tap_requests.million') == 0 }), 'and nothing runs on');
}

remote('DROP SCHEMA tap_requests CASCADE');
done_testing();
