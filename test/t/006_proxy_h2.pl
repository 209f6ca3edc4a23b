# Between here and the endpoint: certificates, HTTP/2, a forward proxy, and
# the environment of the server process.
use strict;
use warnings;
use File::Temp;
use IO::Socket::INET;
use Test::More;
use NeonTest;

my $dir = File::Temp->newdir(DIR => '/tmp', TEMPLATE => 'neon_proxy.XXXXXX');
chmod 0755, $dir;
my ($endpoint_port) = $ENV{ENDPOINT_URL} =~ m{:(\d+)/};
my $customers = " OPTIONS (schema_name 'public', table_name 'customers')";
my $query = 'SELECT count(*) FROM t WHERE random() >= 0';

# A server "s" with these options and a table "t" on it.
sub use_server
{
    my ($options) = @_;

    new_server('s', "max_retries '0', $options");
    value("CREATE FOREIGN TABLE t (id int) SERVER s$customers");
}

sub program
{
    my ($name) = @_;
    foreach my $path (split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin')
    {
        return "$path/$name" if -x "$path/$name";
    }
    return undef;
}

sub write_file
{
    my ($name, $text) = @_;
    open my $fh, '>', "$dir/$name" or die "$dir/$name: $!";
    print $fh $text;
    close $fh;
    return "$dir/$name";
}

sub listens
{
    my ($port) = @_;
    return wait_for(
        sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) });
}

setup('proxy');
my $trusted = "sslrootcert '$ENV{ENDPOINT_CA}'";

# --- certificates -----------------------------------------------------------

use_server("url '$ENV{ENDPOINT_URL}', $trusted");
is(value($query), 1000, 'a certificate of the named authority');

use_server("url '$ENV{ENDPOINT_URL}'");
my $err = fails($query, 'an authority that the system does not know');
like($err, qr/08001: could not connect to server "s": TLS handshake failed/,
    'unknown authority: message');
like($err, qr/HINT:.*"sslrootcert"/, 'unknown authority: hint');

use_server("url '$ENV{ENDPOINT_URL}', sslmode 'require'");
is(value($query), 1000, 'sslmode require verifies nothing');

use_server("url 'https://other.localhost:$endpoint_port/sql', $trusted");
like(fails($query, 'another host name than the certificate has'),
    qr/08001: .*certificate.*other\.localhost/s, 'other host name: message');

use_server("url '$ENV{ENDPOINT_URL}', sslrootcert '/nonexistent/ca.pem'");
like(fails($query, 'no such certificate file'), qr/08001: .*TLS/s,
    'no certificate file: code');

use_server("url '$ENV{ENDPOINT_URL}', sslmode 'disable'");
like(fails($query, 'sslmode disable with an https URL'),
    qr/contradict/, 'contradiction: message');

my $silent = silent_listener();
use_server("url 'https://127.0.0.1:$silent/sql', connect_timeout '1'");
my $start = now_ms();
like(fails($query, 'no TLS handshake'),
    qr/08001: .*timeout during TLS handshake/, 'no TLS handshake: message');
cmp_ok(now_ms() - $start, '<', 20000, 'no TLS handshake: connect_timeout');

# --- HTTP/2 -----------------------------------------------------------------

{
    my $version = $ENV{ENDPOINT_HTTP};

    remote(<<'SQL');
CREATE VIEW tap.many AS SELECT g AS a, repeat('x', 30) AS b FROM generate_series(1, 100000) g;
CREATE VIEW tap.slow AS SELECT 1 AS a FROM pg_sleep(60);
SQL
    use_server("url '$ENV{ENDPOINT_URL}', $trusted");
    value('IMPORT FOREIGN SCHEMA tap FROM SERVER s INTO public');
    my $mark = log_mark();
    is(value($query), 1000, "HTTP/$version: a query");
    is(value('SELECT count(*), sum(length(b)) FROM many WHERE random() >= 0'),
        '100000|3000000', "HTTP/$version: a large reply");

    # One connection serves them all, also after replies that were cut off,
    # which only HTTP/2 can do without closing it.
    my ($status, $out) = psql(<<"SQL");
SELECT a FROM many WHERE random() >= 0 LIMIT 1;
SELECT count(*) FROM many a, (SELECT count(*) AS n FROM many WHERE random() >= 0) b WHERE random() >= 0;
$query;
SQL
    is($out, "1\n100000\n1000", "HTTP/$version: after a reply that was cut off");
    my @entries = log_since($mark);
    is(join(' ', sort keys %{ { map { $_->{http} => 1 } @entries } }), $version,
        "HTTP/$version: it was negotiated");

    my $run = start_psql('SELECT a FROM slow');
    my $pid = session_pid('FROM slow');
    ok(wait_for(sub { remote_active('tap.slow') == 1 }), "HTTP/$version: a slow query");
    value("SELECT pg_cancel_backend($pid)");
    $run->{handle}->finish;
    like($run->{err}, qr/canceling statement/, "HTTP/$version: is cancelled");
    ok(wait_for(sub { remote_active('tap.slow') == 0 }, 30),
        "HTTP/$version: the remote query is gone");

    like(value("EXPLAIN (ANALYZE, COSTS OFF) SELECT a FROM many WHERE random() >= 0 LIMIT 1"),
        qr/Received: \d{1,6} bytes/, "HTTP/$version: LIMIT ends the transfer");
}

# --- a forward proxy --------------------------------------------------------

my $proxy = program('tinyproxy');
my $proxy_port;
my $secret = 'tinySecretOfTheProxy';

# Starts one, with basic authentication or without.
sub start_proxy
{
    my ($name, $auth) = @_;
    my $port = free_port();
    my $conf = write_file("$name.conf", <<"EOF");
Port $port
Listen 127.0.0.1
Timeout 60
LogFile "$dir/$name.log"
LogLevel Connect
Allow 127.0.0.1
ConnectPort $endpoint_port
$auth
EOF
    start_child($proxy, '-d', '-c', $conf);
    listens($port) or die 'tinyproxy does not start';
    return $port;
}

# What a proxy gets to see.
{
    my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1')
      or die "no port: $!";
    my $port = $listener->sockport;
    my $seen = "$dir/connect.txt";

    start_child(
        sub {
            my $client = $listener->accept;
            open my $fh, '>', $seen or die "$seen: $!";
            while (defined(my $line = <$client>))
            {
                print $fh $line;
                last if $line =~ /^\r?\n$/;
            }
            close $fh;
            print $client "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
            close $client;
        });
    use_server("url '$ENV{ENDPOINT_URL}', $trusted, proxy 'http://127.0.0.1:$port'");
    fails($query, 'proxy that writes down what it sees');
    my $text = slurp($seen);
    like($text, qr/^CONNECT localhost:$endpoint_port /, 'proxy: it was asked');
    unlike($text, qr/connection-string|postgresql|authorization/i,
        'proxy: it sees no credentials');
}

SKIP:
{
    $proxy or skip 'no tinyproxy', 7;
    my $open = start_proxy('open', '');
    $proxy_port = start_proxy('closed', "BasicAuth me $secret");

    use_server("url '$ENV{ENDPOINT_URL}', $trusted, proxy 'http://127.0.0.1:$open'");
    is(value($query), 1000, 'proxy: a query');
    like(slurp("$dir/open.log"), qr/CONNECT localhost:$endpoint_port/,
        'proxy: through it');

    use_server("url '$ENV{ENDPOINT_URL}', $trusted, proxy 'http://127.0.0.1:$proxy_port'");
    $err = fails($query, 'proxy that wants authentication');
    like($err, qr/08001: .*connecting through the proxy failed/,
        'proxy without authentication: message');
    like($err, qr/HINT:.*HTTPS_PROXY/, 'proxy without authentication: hint');

    use_server("url 'https://localhost:1/sql', $trusted, proxy 'http://127.0.0.1:$open'");
    like(fails($query, 'proxy that refuses the port'), qr/08001: .*proxy/,
        'proxy that refuses: message');
}

# --- the environment of the server process ----------------------------------

# SSL_CERT_FILE names the authority, HTTPS_PROXY a proxy with credentials.
SKIP:
{
    $proxy or skip 'no tinyproxy', 13;
    local %ENV = %ENV;
    my $log = "$dir/one/local.log";

    extra_stack($dir, 'one',
        SSL_CERT_FILE => $ENV{ENDPOINT_CA},
        HTTPS_PROXY => "http://me:$secret\@127.0.0.1:$proxy_port",
        NO_PROXY => '127.0.0.1');
    value('CREATE EXTENSION neon_http_fdw');

    use_server("url '$ENV{ENDPOINT_URL}'");
    is(value($query), 1000, 'SSL_CERT_FILE and HTTPS_PROXY: a query');
    my $used = () = slurp("$dir/closed.log") =~ /CONNECT localhost/g;
    cmp_ok($used, '>', 0, 'HTTPS_PROXY: through it');

    use_server("url '$ENV{ENDPOINT_URL}', proxy ''");
    is(value($query), 1000, 'an empty option proxy: a query');
    use_server("url 'https://127.0.0.1:$endpoint_port/sql'");
    is(value($query), 1000, 'NO_PROXY: a query');
    my $now = () = slurp("$dir/closed.log") =~ /CONNECT localhost/g;
    is($now, $used, 'both go directly');
    unlike(slurp("$dir/closed.log"), qr/CONNECT 127\.0\.0\.1/, 'NO_PROXY is obeyed');

    use_server("url '$ENV{ENDPOINT_URL}', sslrootcert '/nonexistent/ca.pem'");
    fails($query, 'sslrootcert wins over SSL_CERT_FILE');

    # A proxy that is not there, seen at any log level.
    my $mark = -s $log;
    use_server("url 'https://localhost:1/sql'");
    my (undef, $out, $messages) = psql(
        "SET log_min_messages = debug5; SET client_min_messages = debug5; $query;",
        go_on => 1);
    like($messages, qr/08001|proxy/, 'proxy in the environment: fails');
    foreach my $text (slurp($log, $mark), $out, $messages)
    {
        ok(index($text, $secret) < 0, 'no credentials of the proxy are shown');
    }
}

# SSL_CERT_FILE set to nothing switches verification off, unless the server
# says otherwise.
{
    local %ENV = %ENV;
    extra_stack($dir, 'two', SSL_CERT_FILE => '');
    value('CREATE EXTENSION neon_http_fdw');

    use_server("url '$ENV{ENDPOINT_URL}'");
    is(value($query), 1000, 'empty SSL_CERT_FILE: no verification');
    use_server("url '$ENV{ENDPOINT_URL}', sslmode 'verify-full'");
    like(fails($query, 'sslmode wins over an empty SSL_CERT_FILE'),
        qr/certificate could not be verified/, 'sslmode wins: message');
    use_server("url '$ENV{ENDPOINT_URL}', $trusted");
    is(value($query), 1000, 'sslrootcert wins over an empty SSL_CERT_FILE');
    use_server("url 'https://other.localhost:$endpoint_port/sql', $trusted");
    like(fails($query, 'sslrootcert switches verification on'),
        qr/certificate could not be verified/, 'for the host name too');
}

done_testing();
