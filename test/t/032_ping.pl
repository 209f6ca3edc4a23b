# neon_http_ping(): each kind of trouble on the way is a row that says so, and
# never an error; and the functions about connections.
use strict;
use warnings;
use File::Temp;
use IO::Socket::INET;
use Test::More;
use NeonTest;

setup('ping');
my $trusted = "sslrootcert '$ENV{ENDPOINT_CA}'";
my ($endpoint_port) = $ENV{ENDPOINT_URL} =~ m{:(\d+)/};
my $all = 'dns connect tls http login';

# The rows as phase => [ok, ms, detail], with the order under "phases".
sub ping
{
    my ($options, $server) = @_;
    my %row;

    new_server('s', $options) if defined $options;
    my ($status, $out, $err) = psql(
        'SELECT * FROM neon_http_ping(' . "'" . ($server // 's') . "')");
    is($status, 0, 'ping does not fail') or diag $err;
    foreach (split /\n/, $out)
    {
        my ($phase, $ok, $ms, $detail) = split /\|/, $_, 4;
        $row{$phase} = [$ok, $ms, $detail];
        $row{phases} .= ($row{phases} ? ' ' : '') . $phase;
    }
    return \%row;
}

# Everything before a phase went well, nothing after it was reached.
sub stops_at
{
    my ($row, $phase, $detail, $name) = @_;
    my $state = 't';

    foreach (split / /, $row->{phases})
    {
        my $wanted = $_ eq $phase ? 'f' : $state;
        $state = '' if $_ eq $phase;
        is($row->{$_}[0], $wanted, "$name: $_");
        ok($row->{$_}[0] eq '' || $row->{$_}[1] >= 0, "$name: time of $_");
        is($row->{$_}[2], 'not reached', "$name: $_ was not reached")
          if $wanted eq '' && $_ ne $phase;
    }
    like($row->{$phase}[2], $detail, "$name: what is wrong");
}

sub reply
{
    my ($status, $headers, $body) = @_;
    my $length = length $body;
    return "HTTP/1.1 $status\r\n${headers}Content-Length: $length\r\nConnection: close\r\n\r\n$body";
}

# --- all is well -------------------------------------------------------------

my $row = ping(undef, 'neon');
is($row->{phases}, $all, 'phases in order');
is($row->{$_}[0], 't', "well: $_") foreach split / /, $all;
like($row->{tls}[2], qr/^TLSv1\.[23], certificate issued by .*neon_http_fdw test authority/,
    'version of TLS and issuer');
like($row->{http}[2], qr{^HTTP/\Q$ENV{ENDPOINT_HTTP}\E, status 200$}, 'version of HTTP and status');
like($row->{login}[2], qr/^PostgreSQL \d+.*, database "$ENV{REMOTE_PGDATABASE}", user "$ENV{REMOTE_PGUSER}"$/,
    'who is where');
like(ping("url '$ENV{ENDPOINT_URL}', sslmode 'require'")->{tls}[2],
    qr/certificate not verified/, 'a certificate that is not verified');

# --- trouble -----------------------------------------------------------------

stops_at(ping("url 'https://nothing.invalid/sql', $trusted"), 'dns',
    qr/resolve host.*"host".*HTTPS_PROXY/, 'no such host');
stops_at(ping("url 'https://127.0.0.1:1/sql', $trusted"), 'connect',
    qr/connect.*firewall.*HTTPS_PROXY/, 'refused');

my $full = full_backlog();
my $start = now_ms();
stops_at(ping("url 'https://127.0.0.1:$full/sql', connect_timeout '1'"),
    'connect', qr/^Timeout: /, 'no answer');
cmp_ok(now_ms() - $start, '<', 30000, 'no answer: connect_timeout');

my $mark = log_mark();
$row = ping("url '$ENV{ENDPOINT_URL}'");
stops_at($row, 'tls',
    qr/certificate.*for "CN ?= ?localhost".*issued by "CN ?= ?neon_http_fdw test authority".*sslrootcert/,
    'unknown authority');
is(scalar(log_since($mark)), 0, 'unknown authority: nothing was sent');
stops_at(ping("url 'https://other.localhost:$endpoint_port/sql', $trusted"),
    'tls', qr/other\.localhost/, 'certificate of another host');
my $silent = silent_listener();
$row = ping("url 'https://127.0.0.1:$silent/sql', connect_timeout '1'");
stops_at($row, 'tls', qr/^Timeout: /, 'silence');
is($row->{connect}[2], "127.0.0.1:$silent", 'silence: the address');

my $port = mock_server(
    {
        portal => reply('200 OK', '', '<html>Please log in to the guest network</html>'),
        block  => reply('403 Forbidden', '', '<html>Blocked by policy</html>'),
        broken => reply('200 OK', "neon-request-id: 1-2\r\n", '{"results":[]}'),
        cut    => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        quota  => reply('500 Error', "neon-request-id: 1-2\r\n",
            '{"message":"Control plane request failed","code":""}'),
        echo => reply('500 Error', '', 'Who sent ' . password() . '?'),
        slow => sub { sleep 5; return '' },
    });
my $mock = "http://127.0.0.1:$port";
$all = 'dns connect http login';
$row = ping("url '$mock/portal'");
is($row->{phases}, $all, 'no TLS: phases');
stops_at($row, 'http', qr/not a reply of a Neon endpoint/, 'a portal');
stops_at(ping("url '$mock/block'"), 'http', qr/403.*Blocked by policy.*not a reply/,
    'a filter');
stops_at(ping("url '$mock/broken'"), 'login', qr/HV00M/, 'broken reply');
stops_at(ping("url '$mock/cut'"), 'http', qr/cut connections/, 'reply cut off');
stops_at(ping("url '$mock/quota'"), 'login', qr/Control plane/, 'endpoint fails');
stops_at(ping("url '$mock/slow', request_timeout '1'"), 'http',
    qr/^Timeout: /, 'no reply in time');
unlike(ping("url '$mock/echo'")->{http}[2], qr/\Q@{[password()]}\E/,
    'a password is not shown');

new_server('s', "url '$ENV{ENDPOINT_URL}', $trusted");
value("ALTER USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (SET password 'wrong')");
stops_at(ping(undef), 'login', qr/28P01/, 'wrong password');
value("ALTER SERVER s OPTIONS (SET dbname 'nothing')");
value("ALTER USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (SET password '@{[password()]}')");
stops_at(ping(undef), 'login', qr/3D000/, 'no such database');

# --- a proxy -----------------------------------------------------------------

my $dir = File::Temp->newdir(DIR => '/tmp', TEMPLATE => 'neon_ping.XXXXXX');
chmod 0755, $dir;

sub fake_proxy
{
    my ($answer) = @_;
    my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1')
      or die "no port: $!";

    start_child(
        sub {
            while (my $client = $listener->accept)
            {
                while (defined(my $line = <$client>))
                {
                    last if $line =~ /^\r?\n$/;
                }
                print $client $answer;
                close $client;
            }
        });
    return $listener->sockport;
}

my $denied = fake_proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
$row = ping("url '$ENV{ENDPOINT_URL}', $trusted, proxy 'http://127.0.0.1:$denied'");
is($row->{phases}, 'dns connect proxy tls http login', 'proxy: phases');
like($row->{dns}[2], qr/^proxy 127\.0\.0\.1:$denied$/, 'proxy: its name is looked up');
stops_at($row, 'proxy', qr/403.*allowed/, 'proxy that refuses');
is($row->{connect}[2], "127.0.0.1:$denied", 'proxy that refuses: its address');
my $login = fake_proxy("HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n\r\n");
stops_at(
    ping("url '$ENV{ENDPOINT_URL}', $trusted, proxy 'http://127.0.0.1:$login'"),
    'proxy', qr/407.*user name and a password/, 'proxy that wants a password');
stops_at(
    ping("url '$ENV{ENDPOINT_URL}', $trusted, proxy 'http://127.0.0.1:1'"),
    'connect', qr/port of the proxy/, 'proxy that is not there');
$row = ping("url '$ENV{ENDPOINT_URL}', $trusted, proxy 'http://127.0.0.1:$silent', connect_timeout '4'");
stops_at($row, 'proxy', qr/^Timeout: /, 'proxy that stays silent');
is($row->{connect}[2], "127.0.0.1:$silent", 'proxy that stays silent: its address');
cmp_ok($row->{connect}[1], '<', 2000, 'proxy that stays silent: time of connecting');
cmp_ok($row->{proxy}[1], '>', 2000, 'proxy that stays silent: time of waiting for it');

my ($tinyproxy) = grep { -x } map { "$_/tinyproxy" } split(/:/, $ENV{PATH}), '/usr/sbin';
SKIP:
{
    $tinyproxy or skip 'no tinyproxy', 1;
    my $secret = 'tinySecretOfTheProxy';
    my $proxy_port = free_port();
    open my $conf, '>', "$dir/proxy.conf" or die "$dir/proxy.conf: $!";
    print $conf "Port $proxy_port\nListen 127.0.0.1\nAllow 127.0.0.1\n"
      . "ConnectPort $endpoint_port\nBasicAuth me $secret\n";
    close $conf;
    start_child($tinyproxy, '-d', '-c', "$dir/proxy.conf");
    ok(wait_for(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $proxy_port) }),
        'tinyproxy runs');

    local %ENV = %ENV;
    extra_stack($dir, 'env', HTTPS_PROXY => "http://me:$secret\@127.0.0.1:$proxy_port");
    value('CREATE EXTENSION neon_http_fdw');
    $row = ping("url '$ENV{ENDPOINT_URL}', $trusted");
    is($row->{phases}, 'dns connect proxy tls http login', 'HTTPS_PROXY: phases');
    is($row->{$_}[0], 't', "HTTPS_PROXY: $_") foreach split / /, $row->{phases};
    like($row->{proxy}[2], qr/^proxy 127\.0\.0\.1:$proxy_port to localhost:/,
        'HTTPS_PROXY: which proxy');
    $row = ping("url '$ENV{ENDPOINT_URL}'");
    stops_at($row, 'tls', qr/issued by/, 'unknown authority behind a proxy');
    unlike(join(' ', map { $_->[2] } grep { ref } values %$row), qr/$secret/,
        'HTTPS_PROXY: no credentials');
}

# --- interrupts --------------------------------------------------------------

new_server('s', "url 'https://127.0.0.1:$silent/sql'");
$start = now_ms();
like(fails("SET statement_timeout = '300ms'; SELECT * FROM neon_http_ping('s')",
        'statement_timeout'),
    qr/57014/, 'statement_timeout: message');
cmp_ok(now_ms() - $start, '<', 30000, 'statement_timeout acts');

# --- connections -------------------------------------------------------------

my ($status, $out) = psql(<<"SQL");
IMPORT FOREIGN SCHEMA public LIMIT TO (customers) FROM SERVER neon INTO public;
SELECT count(*) FROM customers;
SELECT count(*) FROM customers WHERE id < 5;
SELECT server_name, http_version, tls_version, requests, connects, reused, bytes_sent > 1000, bytes_received > 1000 FROM neon_http_connections();
SELECT server_name, requests, retries, errors, connects, reused, wait_p50_ms > 0, wait_p95_ms >= wait_p50_ms FROM neon_http_session_stats();
SELECT neon_http_disconnect('neon'), neon_http_disconnect('neon');
SELECT count(*) FROM neon_http_connections();
SELECT count(*) FROM customers WHERE id < 5;
SELECT requests, connects FROM neon_http_connections();
SELECT requests, connects, reused FROM neon_http_session_stats();
SQL
is($out, <<"END" =~ s/\n\z//r, 'connections and counters');
1000
4
neon|$ENV{ENDPOINT_HTTP}|TLSv1.3|3|1|2|t|t
neon|3|0|0|1|2|t|t
t|f
0
4
1|1
4|2|2
END

# The handshake is a whole one, however often the session has been there.
(undef, $out) = psql(<<'SQL');
SELECT count(*) FROM customers;
SELECT detail FROM neon_http_ping('neon') WHERE phase = 'tls';
SELECT detail FROM neon_http_ping('neon') WHERE phase = 'tls';
SQL
is(() = $out =~ /issued by .*neon_http_fdw test authority/g, 2,
    'issuer, in a session with requests') or diag $out;

# A connection in use is closed when it is no longer.
value("CREATE USER MAPPING FOR PUBLIC SERVER neon OPTIONS (user 'x')");
($status, $out, my $err) = psql(<<"SQL");
SET client_min_messages = warning;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM customers WHERE random() >= 0 ORDER BY id;
FETCH 1 FROM c;
SELECT neon_http_disconnect_all();
FETCH 1 FROM c;
COMMIT;
SELECT count(*) FROM neon_http_connections();
SQL
is($out, "1\nf\n2\n0", 'a connection in use is not closed at once');
like($err, qr/WARNING: .*connection to server "neon" is in use/, 'and that is said');

# Errors by their class.
new_server('gone', "url 'https://127.0.0.1:1/sql', max_retries '1'");
value('CREATE FOREIGN TABLE gone_table (a int) SERVER gone');
value('CREATE FOREIGN TABLE no_table (a int) SERVER neon');
(undef, $out) = psql(<<'SQL', go_on => 1);
SELECT a FROM gone_table;
SELECT a FROM no_table;
SELECT a FROM no_table;
SELECT server_name, requests, retries, errors, errors_by_class FROM neon_http_session_stats() ORDER BY 1;
SQL
is($out, qq(gone|2|1|1|{"08": 1}\nneon|2|0|2|{"42": 2}), 'errors by class');

# --- who may -----------------------------------------------------------------

value(<<'SQL');
DROP ROLE IF EXISTS tap_user;
CREATE ROLE tap_user;
SQL
foreach my $call (qw(neon_http_ping neon_http_disconnect))
{
    like(fails("SET ROLE tap_user; SELECT $call('neon')", "$call without USAGE"),
        qr/42501: permission denied for foreign server neon/, "$call: message");
}
(undef, $out) = psql(<<'SQL');
SELECT count(*) FROM customers;
SELECT count(*) FROM neon_http_connections();
SET ROLE tap_user;
SELECT count(*) FROM neon_http_connections();
SELECT count(*) FROM neon_http_session_stats();
SELECT neon_http_disconnect_all();
RESET ROLE;
GRANT pg_read_all_stats TO tap_user;
SET ROLE tap_user;
SELECT count(*) FROM neon_http_connections();
SELECT count(*) FROM neon_http_session_stats();
RESET ROLE;
REVOKE pg_read_all_stats FROM tap_user;
GRANT USAGE ON FOREIGN SERVER neon TO tap_user;
SELECT count(*) FROM customers;
SET ROLE tap_user;
SELECT count(*) FROM neon_http_connections();
SELECT count(*) FROM neon_http_session_stats();
SELECT neon_http_disconnect_all();
RESET ROLE;
DROP OWNED BY tap_user;
DROP ROLE tap_user;
SQL
is($out, "1000\n1\n0\n0\nf\n1\n1\n1000\n0\n1\nt", 'what a role sees and may do');
like(fails("SELECT neon_http_ping('nothing')", 'no such server'), qr/42704/,
    'no such server: code');
value('CREATE FOREIGN DATA WRAPPER other; CREATE SERVER other FOREIGN DATA WRAPPER other');
like(fails("SELECT neon_http_ping('other')", 'server of another wrapper'),
    qr/42809/, 'server of another wrapper: code');

done_testing();
