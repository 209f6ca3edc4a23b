# What has no end, or is too large: limits that the endpoint names and what
# only looks like one, replies that stall or never stop, requests that are cut
# off before all of them was sent.
use strict;
use warnings;
use File::Basename;
use IO::Select;
use IO::Socket::INET;
use Socket;
use Test::More;
use Time::HiRes qw(sleep time);
use NeonTest;

setup('limits');
remote('CREATE TABLE tap.t (id int, a text)');
value("CREATE FOREIGN TABLE t (id int, a text) SERVER neon OPTIONS (schema_name 'tap')");

my ($endpoint_port) = $ENV{ENDPOINT_URL} =~ /:(\d+)/;

# Errors of several statements in one session, and what they return.
sub session
{
    my ($status, $out, $err) = psql("\\set VERBOSITY sqlstate\n" . join("\n", @_), go_on => 1);
    return ($out, join(' ', $err =~ /ERROR:\s+(\w+)/g));
}

sub rows_there
{
    my $rows = remote('SELECT count(*) FROM tap.t');
    remote('TRUNCATE tap.t');
    return $rows;
}

# A server that calls a sub with each connection and its number.
sub raw_server
{
    my ($serve) = @_;
    my $listener = IO::Socket::INET->new(Listen => 100, LocalAddr => '127.0.0.1') // die $!;

    start_child(
        sub {
            my $n = 0;
            $SIG{PIPE} = 'IGNORE';
            $SIG{CHLD} = 'IGNORE';
            while (my $client = $listener->accept)
            {
                $n++;
                next if fork();
                $serve->($client, $n);
                POSIX::_exit(0);
            }
        });
    return $listener->sockport;
}

sub reset_it
{
    my ($socket) = @_;
    setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    close $socket;
}

# --- limits: the endpoint's own words only -----------------------------------

my $insert = "INSERT INTO t SELECT 1, repeat('x', 100000);";
my %no_limit = (
    'an HTML page'         => { body => '<html><h1>413 of neon2</h1></html>' },
    'a number in a text'   => { json => { message => 'request to server "neon2" refused' } },
    'five bytes'           => { json => { message => 'request is too large (max is 5 bytes)' } },
    'more than 64 bits'    => { json => { message => 'request is too large (max is 99999999999999999999 bytes)' } },
    'a negative one'       => { json => { message => 'request is too large (max is -1 bytes)' } },
    'more than was sent'   => { json => { message => 'request is too large (max is 900000 bytes)' } },
    'words of another one' => { json => { message => 'max is 20000 bytes' } },
);
foreach my $name (sort keys %no_limit)
{
    fault(JSON::PP::encode_json({ status => 413, %{ $no_limit{$name} } }));
    my ($out, $errors) = session($insert, $insert);
    is($errors, '54000', "413 with $name: the one request fails");
    is(rows_there(), 1, 'and no limit is learned from it');
}
fault('{"status": 413, "json": {"message": "request is too large (max is 20000 bytes)"}}');
my ($out, $errors) = session($insert, $insert, "INSERT INTO t VALUES (2, 'small');");
is($errors, '54000 54000', "the endpoint's own words: the limit is kept");
is(rows_there(), 1, 'smaller requests are sent');

remote("INSERT INTO tap.t SELECT i, repeat('x', 100) FROM generate_series(1, 1000) i");
foreach my $name (sort keys %no_limit)
{
    my %reply = %{ $no_limit{$name} };

    $reply{json}{message} =~ s/request/response/ if $reply{json};
    fault(JSON::PP::encode_json({ status => 507, %reply }));
    my $mark = log_mark();
    ($out, $errors) = session('SELECT count(a) FROM (SELECT a FROM t OFFSET 0) s;', 'SELECT count(*) FROM t;');
    my @requests = log_since($mark);
    like("$out|$errors", qr/^(1000\n1000\||1000\|54000$)/, "507 with $name: all rows, or an error");
    cmp_ok(scalar @requests, '<', 20, 'in few requests: ' . @requests);
}
remote('TRUNCATE tap.t');
fault(undef);

# --- replies without end -----------------------------------------------------

my $head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
my $chunked = "${head}Transfer-Encoding: chunked\r\n\r\n";

# Writes as long as somebody takes it, for a minute at most.
sub without_end
{
    my ($text) = @_;
    return sub {
        my ($request, $client) = @_;
        my $until = time() + 60;
        print $client $_[0]->{first} // '';
        while (time() < $until)
        {
            print $client $text or last;
        }
        return '';
    };
}

sub begun
{
    my ($first, $then) = @_;
    return sub {
        my ($request, $client) = @_;
        $client->autoflush(1);
        print $client $first;
        return $then->($request, $client);
    };
}

# Until the client goes away.
sub stays_silent
{
    my ($request, $client) = @_;
    IO::Select->new($client)->can_read(60);
    return '';
}

# One byte every half second.
sub trickles
{
    my ($text) = @_;
    return sub {
        my ($request, $client) = @_;
        for (my $i = 0; $i < length $text; $i++)
        {
            print $client substr($text, $i, 1) or last;
            sleep 0.5;
        }
        return '';
    };
}

# A whole reply to a guard and one query; after_ms: of it.
sub answer
{
    my ($request, $rows) = @_;
    return '{"results":[{"fields":[],"rows":[["x"]],"command":"SELECT"},'
      . qq({"fields":[],"rows":$rows,"command":"SELECT"}]});
}

my $line = 'X-Filler: ' . ('y' x 100) . "\r\n";
my %mock = (
    trailers => begun("${chunked}1\r\n{\r\n0\r\n", without_end($line x 100)),
    headers  => begun($head, without_end($line x 100)),
    interim  => begun('', without_end("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" x 100)),
    stalls         => begun("${chunked}a\r\n{\"results\"\r\n", \&stays_silent),
    stalls_at_once => begun($chunked, \&stays_silent),
    drips_headers  => begun($head, trickles("X: y\r\n" x 100)),
    begins_late => sub {
        my ($request) = @_;
        sleep 3;
        my $body = answer($request, '[["1"]]');
        return "${head}Content-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    },
    pauses => sub {
        my ($request, $client) = @_;
        my $body = answer($request, '[["1"]]');
        $client->autoflush(1);
        print $client "${head}Content-Length: " . length($body) . "\r\nConnection: close\r\n\r\n";
        foreach my $piece (unpack '(a' . int(length($body) / 16 + 1) . ')*', $body)
        {
            print $client $piece;
            sleep 0.4;
        }
        return '';
    },
);
my $mock_port = mock_server(\%mock);
foreach my $name (sort keys %mock)
{
    new_server("m_$name", "url 'http://127.0.0.1:$mock_port/$name', sslmode 'disable', max_retries '0', stall_timeout '2'");
    value("CREATE FOREIGN TABLE m_$name (a int) SERVER m_$name");
}
# each pause is much shorter than this, and all together are longer
value("ALTER SERVER m_pauses OPTIONS (SET stall_timeout '4')");
foreach my $name (qw(trailers headers interim))
{
    my $start = now_ms();
    my $err = fails("SELECT a FROM m_$name", $name);
    like($err, qr/08006/, 'the connection is cut');
    # newer versions of libcurl have a limit of their own, for lines
    like($err, qr/more than 256 kB of headers|Too many response headers/, 'with the reason');
    cmp_ok(now_ms() - $start, '<', 30000, 'soon');
}
foreach my $name (qw(stalls stalls_at_once drips_headers))
{
    my $start = now_ms();
    my $err = fails("SELECT a FROM m_$name", $name);
    like($err, qr/08006: timeout on server/, 'is a timeout');
    like($err, qr/"stall_timeout"/, 'of the option that is named');
    my $ms = int(now_ms() - $start);
    cmp_ok($ms, '>=', 1900, "after its time: $ms ms");
    cmp_ok($ms, '<', 30000, 'not much later');
}
is(value('SELECT a FROM m_begins_late'), '1', 'a query that takes longer to begin is no stall');
is(value('SELECT a FROM m_pauses'), '1', 'nor is a reply that keeps coming');

remote("INSERT INTO tap.t SELECT i, repeat('x', 10000) FROM generate_series(1, 200) i");
value("ALTER SERVER neon OPTIONS (ADD stall_timeout '2')");
is(value("BEGIN; DECLARE c CURSOR FOR SELECT a FROM t; MOVE 10 FROM c; SELECT pg_sleep(4.5); MOVE ALL FROM c; COMMIT; SELECT 'read'"),
    "\nread", 'nor is a reader that takes its time');
value('ALTER SERVER neon OPTIONS (DROP stall_timeout)');
remote('TRUNCATE tap.t');

# --- requests that are cut off ----------------------------------------------

# Refuses by the length that is announced, without reading the body; the first
# refusal is lost with the connection.
my $refusing = raw_server(
    sub {
        my ($client, $n) = @_;
        my $length = 0;
        while (defined(my $line = <$client>))
        {
            $length = $1 if $line =~ /^content-length:\s*(\d+)/i;
            last if $line =~ /^\r?$/;
        }
        if ($n == 1)
        {
            read($client, my $some, 100000);
            reset_it($client);
            return;
        }
        my $body = '{"message":"request is too large (max is 1000000 bytes)","code":""}';
        $client->autoflush(1);
        print $client "HTTP/1.1 413 Payload Too Large\r\nContent-Type: application/json\r\nContent-Length: "
          . length($body) . "\r\nConnection: close\r\n\r\n$body";
        IO::Select->new($client)->can_read(5);
        close $client;
    });
new_server('refusing', "url 'http://127.0.0.1:$refusing/sql', sslmode 'disable'");
value("CREATE FOREIGN TABLE refused (id int, a text) SERVER refusing");
my $err = fails("INSERT INTO refused SELECT 1, repeat('x', 12000000)", 'the 413 is lost');
like($err, qr/54000: request to server "refusing" is too large/, 'the limit is asked for');
like($err, qr/at most 1000000/, 'and named');

# Passes on what comes, but cuts the first connection short after so many
# bytes from the client.
sub cutting_server
{
    my ($bytes, $port) = @_;
    return raw_server(
        sub {
            my ($client, $n) = @_;
            my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) // return;
            my $select = IO::Select->new($client, $server);
            my $passed = 0;
            while (my @ready = $select->can_read)
            {
                foreach my $from (@ready)
                {
                    my $to = $from == $client ? $server : $client;
                    my $n_read = sysread($from, my $data, 65536) || return;
                    $passed += $n_read if $from == $client;
                    if ($n == 1 && $passed > $bytes)
                    {
                        reset_it($client);
                        return;
                    }
                    for (my $at = 0; $at < length $data;)
                    {
                        $at += syswrite($to, $data, length($data) - $at, $at) // return;
                    }
                }
            }
        });
}

# Another endpoint like that of the stack, with options; returns its port.
sub other_endpoint
{
    my (@options) = @_;
    my $file = "$ENV{STACK_DIR}/limits.port";

    unlink $file;
    start_child(dirname(__FILE__) . '/../endpoint/neon_endpoint', '--port-file', $file,
        '--log', "$ENV{STACK_DIR}/limits.log", @options,
        '--cert', "$ENV{STACK_DIR}/server.pem", '--key', "$ENV{STACK_DIR}/server.key",
        '--pg-host', $ENV{REMOTE_PGHOST}, '--pg-port', $ENV{REMOTE_PGPORT});
    wait_for(sub { -s $file }) or die 'no endpoint';
    chomp(my $port = slurp($file));
    return $port;
}

my %endpoints = ('HTTP/2' => $endpoint_port, 'HTTP/1.1' => other_endpoint('--http1'));
my $n_cut = 0;
foreach my $http (sort keys %endpoints)
{
    foreach my $statement ("INSERT INTO %s SELECT 7, repeat('x', 8000000)",
        "BEGIN; INSERT INTO %s SELECT 7, repeat('x', 8000000); COMMIT",
        "INSERT INTO %s SELECT 7, a FROM (SELECT repeat('x', 8000000) a OFFSET 0) s RETURNING id")
    {
        my $port = cutting_server(500000, $endpoints{$http});
        my $server = 'cut' . ++$n_cut;
        new_server($server, "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
        value("CREATE FOREIGN TABLE t_$server (id int, a text) SERVER $server OPTIONS (schema_name 'tap', table_name 't')");
        my ($status, $out, $err) = psql(sprintf($statement, "t_$server") . "; SELECT http_version FROM neon_http_connections()");
        is($status, 0, "$http, cut off while sending: $statement") or diag($err);
        my ($version) = $http =~ m{/(.*)};
        like($out, qr{^\Q$version\E$}m, 'over that version');
        is(rows_there(), 1, 'sent again, written once');
    }

    # The endpoint refuses without reading; its reply may be lost or not.
    my $server = 'over' . ++$n_cut;
    new_server($server, "url 'https://localhost:$endpoints{$http}/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
    value("CREATE FOREIGN TABLE t_$server (id int, a text) SERVER $server OPTIONS (schema_name 'tap', table_name 't')");
    for my $n (1 .. 4)
    {
        my $err = fails("INSERT INTO t_$server SELECT 7, repeat('x', 12000000)", "$http, over the limit, $n");
        like($err, qr/54000: .*too large.*\n.*10485760/, 'is over the limit, which is known');
    }
    is(rows_there(), 0, 'nothing was written');
}

# All of it was sent, nothing came back: nobody knows.
fault('{"drop": "after"}');
$err = fails("INSERT INTO t SELECT 1, repeat('x', 3000000)", 'the reply is lost');
like($err, qr/08007/, 'is an unknown outcome');
fault(undef);

done_testing();
