# Refusals before anything ran: the endpoint's rate limits are waited out,
# others say what to change, and none is an unknown outcome of a commit.
use strict;
use warnings;
use Test::More;
use NeonTest;

setup('refusals');
remote('CREATE TABLE tap.t (id int)');
value("CREATE FOREIGN TABLE t (id int) SERVER neon OPTIONS (schema_name 'tap')");

my %statement = (
    'a read'              => 'SELECT count(*) >= 0 FROM t',
    'a write'             => 'INSERT INTO t VALUES (1)',
    'a write that returns' => 'INSERT INTO t VALUES (1) RETURNING id > 0',
    'row by row'          => 'SET neon_http_fdw.statement_pushdown = off; INSERT INTO t VALUES (1)',
    'a function'          => "SELECT neon_http_exec('neon', 'INSERT INTO tap.t VALUES (1)', transaction => false) = 1",
    'a commit'            => 'BEGIN; INSERT INTO t SELECT 1; COMMIT',
);

sub refusal
{
    my ($status, $text, $count) = @_;
    return JSON::PP::encode_json({ count => $count, status => $status,
            json => { message => $text, code => '', severity => '' } });
}

# --- too many requests: later they are taken ----------------------------------

my %throttled = (
    'rate limit of the endpoint' => [500, 'Too many connections to this endpoint. Please try again later.'],
    'rate limit of a balancer'   => [429, 'slow down'],
    'connection attempts'        => [500, 'Too many connections attempts'],
    'no permit'                  => [500, 'Failed to acquire permit to connect to the database'],
    'compute'                    => [500, q(Couldn't connect to compute node)],
    'control plane'              => [500, 'Control plane request failed: try again'],
);
foreach my $name (sort keys %throttled)
{
    foreach my $what (sort keys %statement)
    {
        remote('TRUNCATE tap.t');
        my $n = $name =~ m{^rate limit} ? 2 : 1;
        fault(refusal(@{ $throttled{$name} }, $n));
        my $mark = log_mark();
        my ($status, $out, $err) = psql($statement{$what});
        is($status, 0, "$name, $what: sent again") or diag($err);
        is(scalar(grep { $_->{status} >= 400 } log_since($mark)), $n, 'after refusals');
        is(remote('SELECT count(*) FROM tap.t'), $what eq 'a read' ? 0 : 1, 'and written once');
    }
}

# The pauses are not those of a connection that was lost.
fault(refusal(@{ $throttled{'rate limit of the endpoint'} }, 3));
my $start = now_ms();
psql('SELECT count(*) FROM t');
cmp_ok(now_ms() - $start, '>', 250 + 500 + 1000, 'they grow from half a second');

# Within the time that there is.
fault(refusal(@{ $throttled{'rate limit of the endpoint'} }, 1000));
value("ALTER SERVER neon OPTIONS (ADD request_timeout '2')");
foreach my $what (sort keys %statement)
{
    $start = now_ms();
    my $err = fails($statement{$what}, "no end of it, $what");
    like($err, qr/53300: Too many connections to this endpoint/, 'the refusal is the error');
    like($err, qr/HINT:.*fewer/, 'with a hint');
    cmp_ok(now_ms() - $start, '<', 30000, 'in time');
}
value('ALTER SERVER neon OPTIONS (DROP request_timeout)');

# --- what will not be taken later, either ---------------------------------------

my %refused = (
    'IP list'  => [400, 'This IP address 192.0.2.7 is not allowed to connect to this endpoint. Please add it to the allowed list in the Neon console.', '28000', qr/list of allowed IP addresses/],
    'network'  => [400, 'Connections to this project are not allowed from a blocked network.', '28000', qr/VPC/],
    'VPC'      => [400, 'This VPC endpoint id vpce-1 is not allowed to connect', '28000', qr/VPC endpoint/],
    'password' => [400, q(password authentication failed for user 'x'), '28P01', qr/user mapping/],
    'parameters' => [400, 'error serializing parameter 0: value too large to transmit', '54000', qr/32767/],
    'quota'    => [500, 'Your project has exceeded the data transfer quota.', '53400', qr/limits/],
    'string'   => [400, 'invalid connection string: missing hostname', '08004', qr/"host"/],
    'level'    => [400, 'invalid isolation level', 'HV000', qr//],
    'JSON'     => [400, 'could not parse the HTTP request body: EOF at line 1 column 7', 'HV000', qr//],
);
foreach my $name (sort keys %refused)
{
    my ($http, $text, $code, $hint) = @{ $refused{$name} };
    foreach my $what (sort keys %statement)
    {
        remote('TRUNCATE tap.t');
        fault(refusal($http, $text, 1));
        my $err = fails($statement{$what}, "$name, $what");
        like($err, qr/ERROR:  $code: /, "is $code");
        like($err, $hint, 'with a hint');
        is(remote('SELECT count(*) FROM tap.t'), 0, 'nothing was written');
    }
}

fault(undef);

# --- what the endpoint cannot answer is not sent --------------------------------

foreach my $sql (
    q{SELECT neon_http_exec('neon', 'COPY tap.t TO STDOUT')},
    q{SELECT neon_http_exec('neon', '-- c' || chr(10) || ' Copy tap.t FROM STDIN', transaction => false)},
    q{SELECT neon_http_exec('neon', 'LISTEN x')},
    q{SELECT * FROM neon_http_query('neon', 'copy (SELECT 1) TO STDOUT') AS r (a text)},
    q{SELECT neon_http_batch('neon', ARRAY['INSERT INTO tap.t VALUES (1)', 'COPY tap.t TO STDOUT'])},
    q{SELECT neon_http_batch('neon', ARRAY['NOTIFY x', 'listen x'])})
{
    remote('TRUNCATE tap.t');
    my $mark = log_mark();
    like(fails($sql, $sql), qr/ERROR:  0A000: cannot run (COPY|LISTEN) on the remote server\nDETAIL:.*\nHINT:/, 'is refused, with a hint');
    is(scalar(log_since($mark)), 0, 'before anything is sent');
}
is(value(q{SELECT neon_http_exec('neon', 'NOTIFY x'), neon_http_exec('neon', 'INSERT INTO tap.t VALUES (1)')}), '0|1', 'NOTIFY is taken');

done_testing();
