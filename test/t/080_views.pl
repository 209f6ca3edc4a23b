# A DBA's views: what sessions do and have done, to the request and byte; over
# restarts, after kills, for those who may see it.
use strict;
use warnings;
use File::Temp;
use FindBin;
use IPC::Run;
use Test::More;
use Time::HiRes qw(sleep);
use NeonTest;

# --- without the library in shared_preload_libraries ------------------------

setup('views');
my $tables = <<"SQL";
CREATE SCHEMA IF NOT EXISTS tap;
CREATE TABLE tap.item (id int PRIMARY KEY, kind int, name text);
INSERT INTO tap.item SELECT g, g % 10, 'name ' || g FROM generate_series(1, 5000) g;
CREATE TABLE tap.entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, session int, note text);
CREATE TABLE tap.counter (id int PRIMARY KEY, n int NOT NULL);
INSERT INTO tap.counter SELECT g, 0 FROM generate_series(0, 8) g;
CREATE VIEW tap.slow AS SELECT i.id, pg_sleep(300)::text AS slept FROM tap.item i WHERE id = 1;
CREATE TABLE tap.wide (id int, pad text);
INSERT INTO tap.wide SELECT g, repeat(md5(g::text), 20) FROM generate_series(1, 8000) g;
ANALYZE tap.item, tap.entry, tap.counter, tap.wide;
SQL
remote($tables);
value('IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public');
my $alone = value(<<'SQL');
SELECT count(*) FROM item;
SELECT requests, reads, scope FROM neon_http_stats;
SELECT scope, evicted FROM neon_http_stats_info;
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM wide;
FETCH 1 FROM c \g /dev/null
SELECT pid = pg_backend_pid(), server_name, user_name, kind, phase, bytes_received > 0, rows_received, scope FROM neon_http_activity;
COMMIT;
SELECT count(*) FROM neon_http_activity;
SQL
is($alone, "5000\n1|1|session\nsession|0\nt|neon|postgres|read|reading|t|1|session\n0",
    'without shared memory: this session, and the views say so');
is(value('SELECT count(*) FROM neon_http_stats'), 0, 'and nothing of another session');

# --- with it -----------------------------------------------------------------

my $base = File::Temp->newdir;
chmod 0755, $base;
my %before = %ENV;
extra_stack($base, 'views');
my $env = slurp("$base/views/env");
while ($env =~ /^export (\w+)='((?:[^']|'\\'')*)'$/mg)
{
    my ($name, $text) = ($1, $2);
    $text =~ s/'\\''/'/g;
    $ENV{$name} = $text;
}
my $dir = $ENV{STACK_DIR};
chomp(my $bindir = `pg_config --bindir`);

sub pg_ctl
{
    my (@arguments) = @_;
    my @command = ("$bindir/pg_ctl", '-D', "$dir/local", '-w', '-t', 300, '-s', '-l', "$dir/local.log", @arguments);
    unshift @command, 'runuser', '-u', 'postgres', '--' if $> == 0;
    my $out = '';
    IPC::Run::run(\@command, '<', '/dev/null', '>', '/dev/null', '2>', \$out, init => sub { chdir '/' })
      or die "pg_ctl @arguments: $out";
}

sub configure
{
    my ($line) = @_;
    open my $fh, '>>', "$dir/local/postgresql.conf" or die "postgresql.conf: $!";
    print $fh "$line\n";
    close $fh;
}

sub local_log { return slurp("$dir/local.log", $_[0]) }

configure("shared_preload_libraries = 'neon_http_fdw'");
pg_ctl('restart');
remote($tables);
value($ENV{STACK_SQL});
value('IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public');
value('CREATE TABLE here (id int); INSERT INTO here SELECT generate_series(1, 50)');

# --- eight sessions of mixed work --------------------------------------------

# VIEWS_ROUNDS=60 takes a minute or more.
my $rounds = $ENV{VIEWS_ROUNDS} || 6;

sub mixed_work
{
    my ($session) = @_;

    return <<"SQL" x $rounds;
SELECT name FROM item WHERE id = $session;
SELECT kind, count(*) FROM item GROUP BY kind ORDER BY kind;
SELECT count(*) FROM item i JOIN here h ON h.id = i.id WHERE i.name LIKE 'name%';
INSERT INTO entry (session, note) VALUES ($session, 'one') RETURNING id;
INSERT INTO entry (session, note) SELECT $session, 'of ' || id FROM here;
BEGIN;
UPDATE counter SET n = n + 1 WHERE id = $session;
SELECT n FROM counter WHERE id = $session;
INSERT INTO entry (session, note) VALUES ($session, 'two'), ($session, 'three');
COMMIT;
BEGIN;
UPDATE counter SET n = n + 1 WHERE id = 0;
COMMIT;
BEGIN;
DELETE FROM entry WHERE session = $session;
ROLLBACK;
INSERT INTO counter VALUES ($session, 1);
SELECT 1 / (id - 1) FROM item WHERE id = 1;
SELECT id, pad FROM wide WHERE id <= 1000;
COPY entry (session, note) FROM stdin;
$session\tcopied
$session\tcopied too
\\.
SQL
}

value('SELECT neon_http_stats_reset()');
my $mark = log_mark();
my (@sessions, %seen, %phases, $snapshots);
foreach my $session (1 .. 8)
{
    my $input = mixed_work($session) . "\\echo finished\n";
    my $run = { out => '', err => '' };
    $run->{handle} = IPC::Run::start(['psql', '-XAtq', '-v', 'VERBOSITY=sqlstate'],
        '<', \$input, '>', \$run->{out}, '2>', \$run->{err});
    push @sessions, $run;
}
{
    my ($in, $out, $err) = ('', '', '');
    my $watch = IPC::Run::start(['psql', '-XAtq'], \$in, \$out, \$err);
    my $running = 1;
    while ($running)
    {
        $in .= "SELECT pid, kind, phase, request_id, bytes_sent, bytes_received FROM neon_http_activity;\n\\echo done\n";
        my $before = () = $out =~ /^done$/mg;
        $watch->pump until (() = $out =~ /^done$/mg) > $before;
        $snapshots++;
        $running = grep { $_->{handle}->pump_nb; $_->{out} !~ /^finished$/m } @sessions;
        sleep 0.01;
    }
    $watch->kill_kill;
    foreach (split /\n/, $out)
    {
        my @f = split /\|/, $_, -1;
        next if @f != 6;
        $phases{ $f[2] }++;
        $seen{ $f[3] } = \@f if $f[3] ne '';
    }
}
foreach (@sessions)
{
    $_->{handle}->finish;
    my @errors = grep { !/23505|22012|40001/ } split /\n/, $_->{err};
    is("@errors", '', 'a session ends with the errors that it makes');
}
my @log = log_since($mark);
my ($in, $out) = (0, 0);
$in += $_->{bytes_in}, $out += $_->{bytes_out} foreach @log;
is(value('SELECT sum(requests), sum(bytes_sent), sum(bytes_received) FROM neon_http_stats'),
    scalar(@log) . "|$in|$out", 'requests and bytes are those of the endpoint\'s log');
my $errors = grep { $_->{status} != 200 } @log;
is(value("SELECT sum(errors) + sum(retries) FROM neon_http_stats"), $errors, 'so are errors, those that were tried again included');
is(value("SELECT (errors_by_class->>'23')::int, (errors_by_class->>'22')::int FROM neon_http_stats"), join('|', (8 * $rounds) x 2), 'errors by class');
is(value('SELECT reads + rehearsals + commits + catalog_requests + other_requests = requests,'
      . ' reads > 0, rehearsals > 0, commits > 0, incomplete, unsent FROM neon_http_stats'),
    't|t|t|t|0|0', 'each request is of a kind');
my %connections = map { $_->{conn} => 1 } @log;
is(value('SELECT connects, connects + reused = requests FROM neon_http_stats'), keys(%connections) . '|t', 'connections made and reused');
is(value("SELECT rows_sent >= 8 * $rounds * 52, rows_received >= 8 * $rounds * 1000 FROM neon_http_stats"), 't|t', 'rows');
is(value('SELECT wait_p50_ms <= wait_p95_ms AND wait_p95_ms <= wait_p99_ms AND wait_p99_ms <= wait_max_ms'
      . ' AND wait_p50_ms > 0 AND wait_total_ms > wait_max_ms FROM neon_http_stats'), 't', 'percentiles');
is(value('SELECT max(requests), count(*) FROM neon_http_latency WHERE le_ms = \'Infinity\''), scalar(@log) . '|1', 'the histogram has all of them');
my %ids = map { $_->{id} => $_ } @log;
is(scalar(grep { !$ids{$_} } keys %seen), 0, 'requests that were seen under way are in the log');
is(scalar(grep { $seen{$_}[5] > $ids{$_}{bytes_out} || $seen{$_}[4] != $ids{$_}{bytes_in} } grep { $ids{$_} } keys %seen), 0,
    'with no more bytes than they came to');
is(join(',', grep { !/^(starting|resolving|connecting|TLS|sending|waiting|committing|reading|pausing)$/ } keys %phases), '', 'in phases that are documented');
cmp_ok($phases{waiting} // 0, '>', 0, 'some were waiting');
note("$snapshots snapshots, " . @log . ' requests, phases: ' . join ', ', map { "$_ $phases{$_}" } sort keys %phases);
is(value('SELECT count(*) FROM neon_http_activity'), 0, 'nothing is under way any more');

# --- ends of all kinds -------------------------------------------------------

sub slow_session
{
    my $run = start_psql('SELECT * FROM slow');
    my $pid;
    wait_for(sub { $pid = value("SELECT pid FROM neon_http_activity WHERE phase = 'waiting'"); $pid ne '' })
      or die 'no request is seen waiting';
    return ($run, $pid);
}

my ($run, $pid) = slow_session();
is(value("SELECT server_name, user_name, session_user_name, kind, attempt, bytes_sent > 0, bytes_received, request_start <= phase_start, scope FROM neon_http_activity WHERE pid = $pid"),
    'neon|postgres|postgres|read|1|t|0|t|server', 'another session\'s request');
my $event = value('SHOW server_version_num') >= 170000 ? 'NeonHttpWait' : 'Extension';
ok(wait_for(sub { value("SELECT wait_event FROM pg_stat_activity WHERE pid = $pid") eq $event }), 'wait event');
value("SELECT pg_cancel_backend($pid)");
$run->{handle}->finish;
is(value('SELECT count(*) FROM neon_http_activity'), 0, 'cancelled: nothing is left');
is(value('SELECT incomplete FROM neon_http_stats'), 1, 'it counts as incomplete');
($run, $pid) = slow_session();
value("SELECT pg_terminate_backend($pid)");
$run->{handle}->finish;
# its client hears of the end before it is one
ok(wait_for(sub { !value('SELECT count(*) FROM neon_http_activity') }), 'terminated: nothing is left');

my $held = value(<<'SQL');
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM wide;
FETCH 1 FROM c \g /dev/null
SAVEPOINT s;
DECLARE d CURSOR FOR SELECT * FROM wide;
FETCH 2 FROM d \g /dev/null
SELECT count(*), sum(rows_received) FROM neon_http_activity;
ROLLBACK TO s;
SELECT count(*), sum(rows_received) FROM neon_http_activity;
COMMIT;
SELECT count(*) FROM neon_http_activity;
SQL
is($held, "2|3\n1|1\n0", 'two requests of one session; one ends with its subtransaction');

# --- who sees what -----------------------------------------------------------

value(<<"SQL");
CREATE ROLE watcher LOGIN;
CREATE ROLE monitor LOGIN IN ROLE pg_read_all_stats;
CREATE USER MAPPING FOR watcher SERVER neon OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}');
GRANT USAGE ON FOREIGN SERVER neon TO watcher;
GRANT SELECT ON item TO watcher;
SQL
($run, $pid) = slow_session();
is(value("SET ROLE watcher; SELECT pid = $pid, session_user_name, server_name, kind, request_start FROM neon_http_activity"),
    't|postgres|||', 'of others one sees that there is a request');
is(value('SET ROLE watcher; SELECT count(*) FROM neon_http_stats; SELECT count(*) FROM neon_http_latency'), "0\n0", 'and no numbers');
is(value("SET ROLE watcher; SELECT count(*) FROM item; SELECT user_name, requests FROM neon_http_stats"), "5000\nwatcher|1", 'one\'s own');
is(value("SET ROLE monitor; SELECT pid = $pid, server_name, kind FROM neon_http_activity; SELECT user_name FROM neon_http_stats ORDER BY 1"),
    "t|neon|read\npostgres\nwatcher", 'pg_read_all_stats sees all');
like(fails('SET ROLE monitor; SELECT neon_http_stats_reset()', 'reset'), qr/42501.*neon_http_stats_reset/, 'who may not reset');
my $shown = value('SELECT a::text FROM neon_http_activity a; SELECT s::text FROM neon_http_stats s');
unlike($shown, qr/\Q@{[password()]}\E|\Q@{[percent_encode(password())]}\E|pg_sleep|SELECT|$ENV{REMOTE_PGUSER}/, 'no credential and no SQL');
value("SELECT pg_terminate_backend($pid)");
$run->{handle}->finish;

# --- restarts ----------------------------------------------------------------

my $file = "$dir/local/pg_stat/neon_http_fdw.stat";
my $numbers = "SELECT user_name, requests, bytes_received, errors_by_class, wait_p95_ms, stats_since FROM neon_http_stats ORDER BY 1";
my $numbers_before = value($numbers);
pg_ctl('stop', '-m', 'fast');
ok(-s $file, 'a file keeps the numbers');
unlike(slurp($file), qr/\Q@{[password()]}\E|SELECT|$ENV{REMOTE_PGUSER}/, 'nothing else');
pg_ctl('start');
is(value($numbers), $numbers_before, 'the same numbers after a restart');
ok(!-e $file, 'the file is gone');
pg_ctl('restart', '-m', 'fast');
is(value($numbers), $numbers_before, 'and after another one');

pg_ctl('stop', '-m', 'fast');
{
    open my $fh, '+<', $file or die "$file: $!";
    truncate $fh, (-s $file) - 100;
    close $fh;
}
my $log_size = -s "$dir/local.log";
pg_ctl('start');
like(local_log($log_size), qr/LOG:  ignoring invalid data in file "pg_stat\/neon_http_fdw\.stat"/, 'a file that is cut');
is(value('SELECT count(*) FROM item'), 5000, 'does no harm');

# kill -9 restarts the whole server
($run, $pid) = slow_session();
crash($pid);
$run->{handle}->finish;
is(value('SELECT count(*) FROM neon_http_activity'), 0, 'killed: nothing is left');
is(value('SELECT count(*) FROM neon_http_stats; SELECT count(*) FROM item; SELECT requests FROM neon_http_stats'), "0\n5000\n1", 'statistics begin anew after a crash');

is(value('SELECT neon_http_stats_reset(\'neon\'); SELECT count(*) FROM neon_http_stats'), "\n0", 'the statistics of one server are reset');
like(fails('SELECT neon_http_stats_reset(\'nothing\')', 'no such server'), qr/42704.*server "nothing" does not exist/, 'of none');

# --- what the pages offer ----------------------------------------------------

my $yaml = slurp("$FindBin::Bin/../../docs/postgres_exporter.yaml");
my $queries = 0;
while ($yaml =~ /^(\w+):\n  query: "(.*)"\n  metrics:\n((?:    - .*\n)+)/mg)
{
    my ($name, $query, $metrics) = ($1, $2, $3);
    my %usage = $metrics =~ /^    - (\w+): \{usage: "(\w+)", description: "[^"]+"\}$/mg;
    my %wanted = map { $_ => 1 } map { $usage{$_} eq 'HISTOGRAM' ? ($_, "${_}_bucket", "${_}_sum", "${_}_count") : $_ } keys %usage;
    my ($status, $out, $err) = psql("SET ROLE monitor; SELECT count(*) FROM ($query) q; CREATE TEMP TABLE q AS $query LIMIT 0;"
          . " SELECT string_agg(attname, ',' ORDER BY attname COLLATE \"C\") FROM pg_attribute WHERE attrelid = 'q'::regclass AND attnum > 0");
    is($status, 0, "postgres_exporter, $name: the query runs") or diag($err);
    is((split /\n/, $out)[1], join(',', sort keys %wanted), 'its columns are the metrics');
    $queries++;
}
is($queries, 5, 'all queries were found');
value('SELECT count(*) FROM item');
is(value("SELECT seconds_count = s.requests - s.unsent, cardinality(seconds) = cardinality(seconds_bucket), seconds_bucket[cardinality(seconds)] = seconds_count FROM ("
      . ($yaml =~ /^neon_http_latency:\n  query: "(.*)"/m)[0] . ") q JOIN neon_http_stats s USING (server_name, user_name)"), 't|t|t', 'the histogram of Prometheus');
my $log_before = -s "$dir/local.log";
my $explained = value(<<'SQL');
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SELECT count(*) FROM item;
RESET auto_explain.log_min_duration;
EXPLAIN (ANALYZE, COSTS OFF) INSERT INTO entry (session, note) SELECT id, 'x' FROM here;
SQL
like(slurp("$dir/local.log", $log_before), qr/Requests: 1  Retries: 0  Sent: \d+ bytes  Received: \d+ bytes  Waited: [\d.]+ ms  Until Reply: [\d.]+ ms/, 'auto_explain has the requests');
like($explained, qr/Insert on entry.*\n\s+Requests: [1-9].*Sent: \d\d+ bytes.*Until Reply: (?!0\.000)[\d.]+ ms/, 'EXPLAIN ANALYZE of gathered rows has the requests');

# --- more pairs than there is room for ---------------------------------------

configure('neon_http_fdw.stats_max = 10');
pg_ctl('restart', '-m', 'fast');
foreach my $n (1 .. 12)
{
    value("CREATE ROLE user_$n; GRANT USAGE ON FOREIGN SERVER neon TO user_$n; GRANT SELECT ON item TO user_$n;"
          . " CREATE USER MAPPING FOR user_$n SERVER neon OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}')");
    value("SET ROLE user_$n; SELECT count(*) FROM item");
}
is(value('SELECT count(*), min(requests), max(requests) FROM neon_http_stats'), '10|1|1', 'as many as there is room for');
is(value('SELECT evicted FROM neon_http_stats_info'), 3, 'the others are counted');
is(value("SELECT count(*) FROM neon_http_stats WHERE user_name IN ('user_1', 'user_2')"), 0, 'those that were used last stay');

# --- the log -----------------------------------------------------------------

$log_size = -s "$dir/local.log";
value(<<'SQL');
SET neon_http_fdw.log_min_duration = 0;
SELECT name FROM item WHERE id = 1 \g /dev/null
BEGIN;
UPDATE counter SET n = 0 WHERE id = 1;
COMMIT;
SET neon_http_fdw.log_min_duration = '10s';
SELECT name FROM item WHERE id = 2 \g /dev/null
SQL
my $text = local_log($log_size);
my @details = $text =~ /LOG:  request to server "neon" took [\d.]+ ms\n\S.*DETAIL:  (.*)\n/g;
is(scalar(grep { /^Kind: read, attempt 1, status 200, neon-request-id: [-\w]+, sent \d+ bytes, received \d+ bytes, new connection(, resolving [\d.]+ ms)?, connecting [\d.]+ ms, TLS [\d.]+ ms, sending and waiting [\d.]+ ms(, reading [\d.]+ ms)?\.$/ } @details),
    1, 'a read in the log') or diag($text);
is(scalar(grep { /^Kind: commit, .* kept connection, sending/ } @details), 1, 'a commit in the log') or diag($text);
unlike($text, qr/SELECT name|STATEMENT/, 'no SQL');
like(fails('SET ROLE watcher; SET neon_http_fdw.log_min_duration = 0', 'not for everybody'), qr/42501/, 'who may not set it');

$log_size = -s "$dir/local.log";
fault('{"count": 1, "status": 503, "body": "x"}');
value('SELECT count(*) FROM item');
unlike(local_log($log_size), qr/retrying/, 'one retry is nothing to log');
fault('{"count": 3, "status": 503, "body": "x"}');
value('SELECT count(*) FROM item');
my @retries = local_log($log_size) =~ /LOG:  retrying request to server "neon" \(attempt (\d)\)/g;
is("@retries", '3 4', 'from the second retry on they are logged');
is(value("SELECT retries, retries_by_reason FROM neon_http_stats WHERE user_name = 'postgres'"), '4|{"unavailable": 4}', 'retries by reason');
fault(undef);

# --- a table that is read in pieces ------------------------------------------

my $port = start_endpoint('views', 1024 * 1024);
new_server('small', "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}', fetch_ahead '0'");
value('CREATE SCHEMA small; IMPORT FOREIGN SCHEMA tap LIMIT TO (wide) FROM SERVER small INTO small');
my @pieces = split /\n/, value(<<'SQL');
SET client_min_messages = error;
BEGIN;
DECLARE c CURSOR FOR SELECT id, pad FROM small.wide;
FETCH 1 FROM c \g /dev/null
SELECT piece, pieces_expected FROM neon_http_activity;
MOVE 3000 FROM c;
SELECT piece, pieces_expected FROM neon_http_activity;
MOVE ALL FROM c;
COMMIT;
SELECT pieces FROM neon_http_stats WHERE server_name = 'small';
SQL
like($pieces[0], qr/^1\|([3-9]|\d\d)$/, 'the first of several pieces');
my ($piece, $expected) = split /\|/, $pieces[1];
ok($piece > 1 && $expected >= $piece, 'a later one') or diag("@pieces");
cmp_ok($pieces[2], '>=', $piece, 'pieces are counted');

%ENV = %before;
done_testing();
