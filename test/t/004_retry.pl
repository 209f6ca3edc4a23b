# Reads are tried again when that may help, within one limit of time, and only
# while no row has been handed out.
use strict;
use warnings;
use Test::More;
use Time::HiRes;
use NeonTest;

setup('retry');
remote(<<'SQL');
CREATE VIEW tap.many AS SELECT g AS a, repeat('x', 30) AS b FROM generate_series(1, 50000) g;
CREATE VIEW tap.slow AS SELECT 1 AS a FROM pg_sleep(60);
SQL
value('IMPORT FOREIGN SCHEMA public LIMIT TO (customers) FROM SERVER neon INTO public;'
      . ' IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public');

my $query = 'SELECT count(*) FROM customers WHERE random() >= 0';

sub requests_of
{
    my ($sql, $fault) = @_;
    my $mark = log_mark();

    fault($fault);
    my ($status, $out, $err) =
      psql("\\set VERBOSITY verbose\nSET client_min_messages = debug1;\n$sql;\n");
    fault(undef);
    return ($out, $err, scalar(log_since($mark)));
}

# --- what is tried again ----------------------------------------------------

my %transient = (
    (map { +"HTTP $_" => qq({"count":2,"status":$_,"body":"<html>busy</html>"}) }
          429, 502, 503, 504),
    (
        map {
            my ($status, $text) = @$_;
            +$text => qq({"count":2,"status":$status,"json":{"message":"$text","code":"","severity":""}})
        }
          [500, 'Control plane request failed: try again'],
        [500, q(Couldn't connect to compute node)],
        [500, 'Too many connections attempts'],
        [500, 'Failed to acquire permit to connect to the database'],
        [400, 'connection closed'],
        [400, 'error communicating with the server: broken pipe']
    ),
    'dropped before' => '{"count":2,"drop":"before"}',
    'dropped after'  => '{"count":2,"drop":"after"}',
    'cut before a row' => '{"count":2,"truncate":100}',
);
foreach my $name (sort keys %transient)
{
    my ($out, $err, $n) = requests_of($query, $transient{$name});
    is($out, '1000', "$name: succeeds");
    is($n, 3, "$name: three requests");
    like($err, qr/DEBUG: .*retrying request to server "neon" \(attempt 2\).*LOG: .*retrying request to server "neon" \(attempt 3\)/s,
        "$name: DEBUG1 says so, of the second one the log");
}

fault($transient{'HTTP 503'});
my $plan = value("EXPLAIN (ANALYZE, COSTS OFF) $query");
like($plan, qr/Requests: 3  Retries: 2/, 'EXPLAIN ANALYZE shows retries');
fault(undef);

# --- what is not ------------------------------------------------------------

my %final = (
    'SQL error' => ['22012', qq({"status":400,"json":{"message":"division by zero","code":"22012","severity":"ERROR"}})],
    'request too large' => ['54000', qq({"status":413,"json":{"message":"request is too large (max is 10 bytes)","code":""}})],
    'wrong password' => ['28P01', qq({"status":400,"json":{"message":"password authentication failed for user 'x'","code":""}})],
    'malformed request' => ['HV000', qq({"status":400,"json":{"message":"could not parse the HTTP request body","code":""}})],
    'unknown 500' => ['HV000', qq({"status":500,"body":"oops"})],
    'quota' => ['53400', qq({"status":500,"json":{"message":"Your project has exceeded the data transfer quota.","code":""}})],
);
foreach my $name (sort keys %final)
{
    my ($code, $fault) = @{ $final{$name} };
    my ($out, $err, $n) = requests_of($query, $fault);
    like($err, qr/ERROR:  $code: /, "$name: error $code");
    is($n, 1, "$name: one request");
}

# A table would be read in pieces; of a view this cannot be known before its
# size was asked for.
my ($out, $err, $n) = requests_of('SELECT a, b FROM many',
    qq({"count":1,"status":507,"json":{"message":"response is too large (max is 10 bytes)","code":""}}));
like($err, qr/ERROR:  54000: /, 'reply too large: error 54000');
is($n, 2, 'reply too large: its request, and the one for the size');

($out, $err, $n) = requests_of('SELECT a, b FROM many',
    '{"count":1,"truncate":1000000}');
like($err, qr/ERROR:  08006: /, 'cut after rows: error 08006');
is($n, 1, 'cut after rows: one request');

# --- limits -----------------------------------------------------------------

my $always = '{"count":100000,"status":503,"body":"busy"}';
my $server = "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'";
my $table = 'CREATE FOREIGN TABLE limited (id int) SERVER limited'
  . " OPTIONS (schema_name 'public', table_name 'customers')";

new_server('limited', "$server, max_retries '2'");
value($table);
($out, $err, $n) = requests_of('SELECT id FROM limited', $always);
like($err, qr/ERROR:  08006: .*HTTP status 503/, 'max_retries: the last error');
is($n, 3, 'max_retries 2: three requests');

new_server('limited', "$server, max_retries '0'");
value($table);
($out, $err, $n) = requests_of('SELECT id FROM limited', $always);
is($n, 1, 'max_retries 0: one request');

new_server('limited', "$server, max_retries '100', request_timeout '1'");
value($table);
my $start = now_ms();
($out, $err, $n) = requests_of('SELECT id FROM limited', $always);
like($err, qr/ERROR:  08006: .*HTTP status 503/, 'request_timeout: the last error');
cmp_ok(now_ms() - $start, '<', 20000, 'request_timeout bounds the retries');
cmp_ok($n, '>', 1, "request_timeout: there were some ($n requests)");

$start = now_ms();
($out, $err, $n) = requests_of(
    "SET statement_timeout = '500ms'; SELECT count(*) FROM customers", $always);
like($err, qr/ERROR:  (08006: .*HTTP status 503|57014)/, 'statement_timeout: an error');
cmp_ok(now_ms() - $start, '<', 20000, 'statement_timeout bounds the retries');

value('CREATE FOREIGN TABLE limited_slow (a int) SERVER limited'
      . " OPTIONS (schema_name 'tap', table_name 'slow')");
$start = now_ms();
($out, $err, $n) = requests_of('SELECT a FROM limited_slow', undef);
like($err, qr/ERROR:  08006: .*timeout on server "limited" while waiting for the reply/,
    'request_timeout: no reply in time');
cmp_ok(now_ms() - $start, '<', 30000, 'request_timeout: after that time');
ok(wait_for(sub { remote_active('tap.slow') == 0 }, 30),
    'request_timeout: the remote query is gone');

# A reply that has begun is not cut off, however long it takes, as long as it
# goes on; one that stalls is.
($out, $err) = requests_of('SELECT id FROM limited',
    '{"count":1,"delay_body_ms":60000,"after_bytes":1000}');
like($err, qr/ERROR:  08006: .*timeout on server "limited" while reading the reply/,
    'request_timeout: the reply stalls');

# --- kept connections -------------------------------------------------------

# The endpoint closes the connection on which the second request comes.
my ($status, $plans) = psql(<<"SQL");
$query;
\\! echo '{"count":1,"drop":"before"}' > $ENV{ENDPOINT_FAULTS}
EXPLAIN (ANALYZE, COSTS OFF) $query;
SQL
fault(undef);
is($status, 0, 'kept connection that was closed: succeeds');
like($plans, qr/Requests: 2  Retries: 1/, 'kept connection that was closed: counted');

my $mark = log_mark();
value("$query; $query; $query");
my %connections = map { $_->{conn} => 1 } log_since($mark);
is(scalar(keys %connections), 1, 'a session keeps its connection');

new_server('limited', "$server, keep_connections 'false'");
value($table);
$mark = log_mark();
value('SELECT count(*) FROM limited; SELECT count(*) FROM limited');
%connections = map { $_->{conn} => 1 } log_since($mark);
is(scalar(keys %connections), 2, 'unless keep_connections is off');

# A pause between two attempts does not hold up a cancel.
new_server('limited', "$server, max_retries '100'");
value($table);
fault($always);
my $run;
my $ms = least(500,
    sub {
        $run = start_psql('SELECT id FROM limited');
        my $pid = session_pid('FROM limited');
        Time::HiRes::sleep(1);
        my $ms = stop_ms($pid, 'pg_cancel_backend');
        $run->{handle}->finish;
        return $ms;
    });
cmp_ok($ms, '<=', 500, 'a cancel acts between attempts');
like($run->{err}, qr/canceling statement/, 'and is what it says');

# --- changes take effect ----------------------------------------------------

fault(undef);
($status, $out, $err) = psql(<<'SQL', go_on => 1);
SELECT count(*) FROM limited WHERE random() >= 0;
ALTER SERVER limited OPTIONS (SET url 'https://127.0.0.1:1/sql', SET max_retries '0');
SELECT count(*) FROM limited WHERE random() >= 0;
SQL
is($out, '1000', 'before ALTER SERVER');
like($err, qr/could not connect to server "limited"/, 'after ALTER SERVER');

# --- what libcurl keeps after a failure ---------------------------------------

# HTTP/2: a reply that is cut ends its stream, and libcurl keeps the
# connection.  Nothing more is sent over it: it may have met its end.
{
    my $mark = log_mark();
    my ($status, $out, $err) = psql(<<"SQL", go_on => 1);
ALTER SERVER neon OPTIONS (ADD max_retries '0');
SELECT sum(a) FROM many WHERE random() >= 0;
\\! printf '{"truncate": 500}' > "\$ENDPOINT_FAULTS"
SELECT sum(a) FROM many WHERE random() >= 0;
SELECT count(*) FROM customers WHERE random() >= 0;
SELECT count(*) FROM customers WHERE random() >= 0;
ALTER SERVER neon OPTIONS (DROP max_retries);
SQL
    is($out, "1250025000\n1000\n1000", 'before and after a reply that was cut');
    my @conn = map { $_->{conn} } log_since($mark);
    is($conn[0], $conn[1], 'a kept connection');
    isnt($conn[2], $conn[1], 'another one after the failure');
    is($conn[3], $conn[2], 'which is kept');
}

done_testing();
