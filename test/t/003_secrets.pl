# The password and the connection string appear in no message, no log line, no
# plan and no statistics view, at any log level.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $password = password();

# As the wire has it, for a mock that quotes all it was sent.
my $encoded = percent_encode($password);
my $string = "postgresql://$ENV{REMOTE_PGUSER}:$encoded\@ep-test-123.local.neon.test/$ENV{REMOTE_PGDATABASE}";

sub reply
{
    my ($status, $body) = @_;
    my $length = length $body;
    return "HTTP/1.1 $status\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$body";
}

my $port = mock_server(
    {
        json => reply('400 Bad Request', qq({"message":"cannot parse $string","code":"","detail":null})),
        raw  => reply('500 Error', qq({"message":"password was $password, I think","code":""})),
        msg  => reply('500 Error', qq({"msg":"no route for $string"})),
        html => reply('502 Bad Gateway', "<html>$string and $password</html>"),
        sql  => reply('400 Bad Request', qq({"message":"who sent $string","code":"XX000","detail":"and $password"})),
    });

setup('secrets');
value('IMPORT FOREIGN SCHEMA public FROM SERVER neon INTO public');
remote('CREATE VIEW tap.slow AS SELECT 1 AS a FROM pg_sleep(60)');
value('IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public');

my %server = (
    json      => "url 'http://127.0.0.1:$port/json'",
    raw       => "url 'http://127.0.0.1:$port/raw'",
    msg       => "url 'http://127.0.0.1:$port/msg'",
    html      => "url 'http://127.0.0.1:$port/html'",
    sql       => "url 'http://127.0.0.1:$port/sql'",
    refused   => "url 'https://127.0.0.1:1/sql'",
    untrusted => "url '$ENV{ENDPOINT_URL}'",
    proxy     => "url '$ENV{ENDPOINT_URL}', proxy 'http://127.0.0.1:1'",
);
foreach my $name (sort keys %server)
{
    new_server($name, "$server{$name}, max_retries '1'");
    value("CREATE FOREIGN TABLE ${name}_table (a int) SERVER $name");
}
new_server('locked', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
value("ALTER USER MAPPING FOR CURRENT_USER SERVER locked OPTIONS (SET password 'wrong${password}')");
value('CREATE FOREIGN TABLE locked_table (a int) SERVER locked');

my $log = "$ENV{STACK_DIR}/local.log";
my $log_mark = -s $log;
my $request_mark = log_mark();
my $script = <<'SQL';
SET log_min_messages = debug5;
SET client_min_messages = debug5;
SET log_error_verbosity = verbose;
\set VERBOSITY verbose
SELECT count(*) FROM customers WHERE id < 10;
EXPLAIN (VERBOSE, ANALYZE) SELECT * FROM customers WHERE name = 'x';
EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM orders WHERE id = 5;
PREPARE p(int) AS SELECT name FROM customers WHERE id = $1;
EXECUTE p(1);
SELECT 1 / (id - 1) FROM customers;
IMPORT FOREIGN SCHEMA nothing FROM SERVER neon INTO public;
SET statement_timeout = '200ms';
SELECT a FROM slow;
RESET statement_timeout;
SELECT a FROM locked_table;
SQL
$script .= "SELECT a FROM ${_}_table;\n" foreach sort keys %server;
my (undef, $out, $err) = psql($script, go_on => 1);

# What another user of the server sees while a request is under way.
my $run = start_psql("SET log_min_messages = debug5; SELECT a FROM slow");
my $pid = session_pid('slow');
my $activity = value('SELECT to_jsonb(a) FROM pg_stat_activity a');
value("SELECT pg_cancel_backend($pid)");
$run->{handle}->finish;

my %text = (
    'server log'       => slurp($log, $log_mark),
    'client messages'  => $err . $run->{err},
    'results, EXPLAIN' => $out,
    'pg_stat_activity' => $activity,
    'request log'      => slurp($ENV{ENDPOINT_LOG}, $request_mark),
);
my %secret = (
    'password'          => $password,
    'encoded password'  => $encoded,
    'connection string' => 'postgresql://',
);
foreach my $where (sort keys %text)
{
    ok(length $text{$where}, "$where: there is something");
    foreach my $what (sort keys %secret)
    {
        ok(index($text{$where}, $secret{$what}) < 0, "$where: no $what");
    }
}

# The statements did what they were meant to do.
like($text{'server log'}, qr/DEBUG: .*retrying/, 'log: debug messages are there');
like($err, qr/cannot parse \*\*\*/, 'a quoted connection string is hidden');
like($err, qr/password was \*\*\*, I think/, 'a quoted password is hidden');
like($err, qr/no route for \*\*\*/, 'in a router\'s message too');
like($err, qr/who sent \*\*\*/, 'in a database\'s message too');
like($err, qr/28P01: .*password authentication failed/, 'wrong password');
like($err, qr/certificate could not be verified/, 'untrusted certificate');
like($err, qr/HV00Q: /, 'missing schema');

done_testing();
