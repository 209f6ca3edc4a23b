# What requests say of this session, and where they go: encodings, the
# application's name, the host, unverified certificates, kept connections.
use strict;
use warnings;
use File::Basename;
use File::Temp;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use NeonTest;

setup('session');
my ($endpoint_port) = $ENV{ENDPOINT_URL} =~ /:(\d+)/;
my $trusted = "sslrootcert '$ENV{ENDPOINT_CA}'";

# --- encodings ------------------------------------------------------------------

# A role and a database there may have an encoding for text that is not this
# one's; what is stored and what is read is the same all the same.
remote(<<"SQL");
CREATE TABLE tap.words (id int, w text);
SQL
# Each with a role of its own, because a backend that is there already has the
# settings that it began with.
my @settings = (
    ['role', "ALTER ROLE %s SET client_encoding = 'LATIN1'", ''],
    ['database', "ALTER DATABASE $ENV{REMOTE_PGDATABASE} SET client_encoding = 'LATIN1'", "ALTER DATABASE $ENV{REMOTE_PGDATABASE} RESET client_encoding"],
    ['role with two bytes a character', "ALTER ROLE %s SET client_encoding = 'EUC_JP'", ''],
);
value("CREATE FOREIGN TABLE words (id int, w text) SERVER neon OPTIONS (schema_name 'tap')");
foreach my $setting (@settings)
{
    my ($name, $set, $reset) = @$setting;
    my $role = "tap_role_$$" . '_' . length $name;
    my $stored = sub { remote("SELECT string_agg(encode(convert_to(w, 'UTF8'), 'hex'), ' ' ORDER BY id) FROM tap.words") };
    $set =~ s/%s/$role/;
    remote("CREATE ROLE $role LOGIN PASSWORD '$role'; GRANT USAGE ON SCHEMA tap TO $role; GRANT ALL ON tap.words TO $role; "
          . "$set; TRUNCATE tap.words");
    value("ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET user '$role', SET password '$role')");

    value("SET application_name = 'grün'; INSERT INTO words VALUES (1, 'ö€')");
    is($stored->(), 'c3b6e282ac', "$name: a literal");
    value("BEGIN; INSERT INTO words SELECT 2, 'ü' || 'ß'; COMMIT");
    is($stored->(), 'c3b6e282ac c3bcc39f', "$name: in a transaction");
    value("SET neon_http_fdw.statement_pushdown = off; INSERT INTO words VALUES (3, 'é'); UPDATE words SET w = w || '日' WHERE id = 3");
    is($stored->(), 'c3b6e282ac c3bcc39f c3a9e697a5', "$name: row by row");
    value("SELECT neon_http_exec('neon', 'INSERT INTO tap.words VALUES (4, ''ñ'')')");
    is($stored->(), 'c3b6e282ac c3bcc39f c3a9e697a5 c3b1', "$name: SQL of the user's own");
    is(value('SELECT w FROM words ORDER BY id'), "ö€\nüß\né日\nñ", "$name: read");
    is(value("SELECT w FROM words WHERE w = 'üß'"), 'üß', "$name: compared");
    is(value(q(SELECT * FROM neon_http_query('neon', 'SELECT w FROM tap.words ORDER BY id') AS t(w text))), "ö€\nüß\né日\nñ", "$name: by a function");
    my $alone = "SELECT neon_http_exec('neon', 'INSERT INTO tap.words VALUES (5, ''%s'')', transaction => false)";
    like(fails(sprintf($alone, 'ö'), "$name: outside of a transaction"),
        qr/0A000: .*\nDETAIL:.*is "(LATIN1|EUC_JP)"/, 'is refused, with the reason');
    is(value(sprintf $alone, 'o'), 1, 'but not plain ASCII');
    my $err = fails("SELECT * FROM neon_http_query('neon', 'SELECT 1/0 AS \"ö\", ''ü'' WHERE ''ä''::int = 1') AS t(a int, b text)", "$name: an error");
    like($err, qr/ä/, 'is quoted as it was sent');
    remote("$reset; REVOKE ALL ON tap.words FROM $role; REVOKE ALL ON SCHEMA tap FROM $role; DROP ROLE $role");
}
value("ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET user '$ENV{REMOTE_PGUSER}', SET password '@{[password()]}')");

is(value("SELECT neon_http_exec('neon', 'INSERT INTO tap.words VALUES (6, ''ö'')', transaction => false)"), 1, 'a role with UTF8');
is(remote("SELECT encode(convert_to(w, 'UTF8'), 'hex') FROM tap.words WHERE id = 6"), 'c3b6', 'is sent it');

# --- the application's name --------------------------------------------------------

remote("CREATE VIEW tap.me AS SELECT current_setting('application_name') AS name");
value("CREATE FOREIGN TABLE me (name text) SERVER neon OPTIONS (schema_name 'tap')");
my $me = 'SELECT name FROM me';
is(value("SET application_name = 'mine'; $me"), 'mine', "the session's own name");
is(value("SET application_name = ''; $me"), 'neon_http_fdw', 'without one, that of the extension');
value("ALTER SERVER neon OPTIONS (ADD application_name '%a on %d as %u, 100%% %x.')");
my $user = value('SELECT session_user');
is(value("SET application_name = 'mine'; $me"), "mine on tap_session as $user, 100% .", 'option of the server, with escapes');
like(value("ALTER SERVER neon OPTIONS (SET application_name 'p%p c%c C%C'); SELECT pg_backend_pid(); $me"),
    qr/^(\d+)\np\1 c[0-9a-f]+\.[0-9a-f]+ C/, 'the other escapes');
is(value("SET neon_http_fdw.application_name = 'wins %u'; $me"), "wins $user", 'the parameter of the session wins');
is(value("SET neon_http_fdw.application_name = 'grün\t%'; $me"), 'gr??n?', 'what is no printable ASCII is replaced');
is(value("ALTER SERVER neon OPTIONS (SET application_name '%x'); $me"), 'neon_http_fdw', 'an empty name is none');
value('ALTER SERVER neon OPTIONS (DROP application_name)');

# --- the host -------------------------------------------------------------------------

# A forward proxy that lets through to the hosts in the list, and says what it
# was asked for.
my $dir = File::Temp->newdir('/tmp/neon_session.XXXXXX');
chmod 0755, "$dir";
sub proxy
{
    my ($name, @allowed) = @_;
    my $listener = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1') // die $!;
    my $log = "$dir/$name";

    start_child(
        sub {
            $SIG{CHLD} = 'IGNORE';
            while (my $client = $listener->accept)
            {
                next if fork();
                my ($host) = (<$client> // '') =~ /^CONNECT (\S+):\d+ / or POSIX::_exit(0);
                while (defined(my $line = <$client>)) { last if $line =~ /^\r?$/ }
                open my $fh, '>>', $log;
                print $fh "$host\n";
                close $fh;
                if (!grep { $_ eq $host } @allowed)
                {
                    print $client "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
                    close $client;
                    POSIX::_exit(0);
                }
                my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $endpoint_port) // POSIX::_exit(1);
                syswrite $client, "HTTP/1.1 200 OK\r\n\r\n";
                my $select = IO::Select->new($client, $server);
                while (my @ready = $select->can_read)
                {
                    foreach my $from (@ready)
                    {
                        sysread($from, my $data, 65536) or POSIX::_exit(0);
                        my $to = $from == $client ? $server : $client;
                        for (my $at = 0; $at < length $data;)
                        {
                            $at += syswrite($to, $data, length($data) - $at, $at) // POSIX::_exit(0);
                        }
                    }
                }
            }
        });
    return $listener->sockport;
}

sub asked
{
    my ($name) = @_;
    my $text = -e "$dir/$name" ? slurp("$dir/$name") : '';
    unlink "$dir/$name";
    $text =~ s/\.local\.neon\.test//g;
    return join ' ', split /\n/, $text;
}

my $own = 'ep-test-123.local.neon.test';
my $api = 'api.local.neon.test';
my %proxies = (
    api  => [$api],
    own  => [$own],
    both => [$api, $own],
    none => [],
);
foreach my $name (sort keys %proxies)
{
    my $port = proxy($name, @{ $proxies{$name} });
    new_server("p_$name", "$trusted, proxy 'http://127.0.0.1:$port', keep_connections 'false', max_retries '1'");
    value("CREATE FOREIGN TABLE t_$name (id int) SERVER p_$name OPTIONS (schema_name 'public', table_name 'customers')");
}
my $twice = 'SELECT count(*) FROM t_%1$s; SELECT count(*) FROM t_%1$s WHERE id > 0';
foreach my $case ([ 'api', 'api api' ], [ 'own', 'api ep-test-123 ep-test-123' ], [ 'both', 'api api' ])
{
    my ($name, $asked) = @$case;
    is(value(sprintf $twice, $name), "1000\n1000", "$name host allowed: reads");
    is(asked($name), $asked, 'at the hosts in their order, the one that works is kept');
}
my $err = fails('SELECT count(*) FROM t_none', 'no host allowed');
like($err, qr/08001: .*connecting through the proxy failed/, 'is the error');
like($err, qr/DETAIL:.*403.*own host:.*403/, 'of both');
is(asked('none'), 'api ep-test-123', 'after each was tried');

# Writes, too: what was not sent has not run.
remote('CREATE TABLE tap.written (id int)');
value("CREATE FOREIGN TABLE written (id int) SERVER p_own OPTIONS (schema_name 'tap')");
value('INSERT INTO written VALUES (1)');
is(remote('SELECT count(*) FROM tap.written'), 1, 'own host allowed: writes');
asked('own');

# The option fixes one of them.
value("ALTER SERVER p_own OPTIONS (ADD request_host 'endpoint')");
is(value('SELECT count(*) FROM t_own'), '1000', 'request_host endpoint');
is(asked('own'), 'ep-test-123', 'only that is asked');
value("ALTER SERVER p_own OPTIONS (SET request_host 'api', SET max_retries '0')");
fails('SELECT count(*) FROM t_own', 'request_host api');
is(asked('own'), 'api', 'only that is asked');
value("ALTER SERVER p_own OPTIONS (SET request_host 'auto')");

# A token goes to one host only.
value("ALTER USER MAPPING FOR CURRENT_USER SERVER p_own OPTIONS (ADD auth_token 'a.b.c')");
fails('SELECT count(*) FROM t_own', 'with a token');
is(asked('own'), 'apiauth', 'the other host is not asked');
value('ALTER USER MAPPING FOR CURRENT_USER SERVER p_own OPTIONS (DROP auth_token)');

# The ping shows both.
my @ping = split /\n/, value("SELECT phase, ok, detail FROM neon_http_ping('p_own')");
like(join("\n", @ping), qr/^proxy\|f\|.*\n.*proxy\|t\|proxy \S+ to \Q$own\E/ms, 'ping: both hosts') or diag(join "\n", @ping);
like($ping[-1], qr/^login\|t\|/, 'ping: gets through');
@ping = split /\n/, value("SELECT phase, ok FROM neon_http_ping('p_none')");
is((grep { /\|f/ } @ping), 2, 'ping: both fail');

# No name, no way: DNS, and a port where nobody listens.
my $port = free_port();
foreach my $case ([ "host 'ep-x.invalid'", qr/own host: Could not resolve/ ],
    [ "host 'ep-x.localhost', port '$port'", qr/own host: Failed to connect/ ])
{
    my ($options, $text) = @$case;
    value("DROP SERVER IF EXISTS lost CASCADE; CREATE SERVER lost FOREIGN DATA WRAPPER neon_http_fdw OPTIONS ($options, max_retries '0');"
          . " CREATE USER MAPPING FOR CURRENT_USER SERVER lost OPTIONS (user 'u', password 'p'); CREATE FOREIGN TABLE lost (a int) SERVER lost");
    like(fails('SELECT a FROM lost', $options), $text, 'both were tried');
}

# A name that there is for the endpoint's own host only, or nobody listens at the
# other one: the own host is used, and the ping says why.
SKIP:
{
    my $library = "$dir/fake_dns.so";
    skip 'no compiler for the resolver', 8
      if system(($ENV{CC} // 'cc') . " -shared -fPIC -o $library " . dirname(__FILE__) . '/fake_dns.c -ldl') != 0;
    local %ENV = %ENV;
    extra_stack($dir, 'resolver', LD_PRELOAD => $library);
    value('CREATE EXTENSION neon_http_fdw');
    foreach my $case ([ 'half', 'dns' ], [ 'deaf', 'connect' ])
    {
        my ($name, $phase) = @$case;
        value("CREATE SERVER $name FOREIGN DATA WRAPPER neon_http_fdw OPTIONS (host 'ep-1.$name.test', port '$endpoint_port', dbname '$ENV{REMOTE_PGDATABASE}', sslmode 'require', max_retries '0');"
              . " CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}');"
              . " CREATE FOREIGN TABLE t_$name (id int) SERVER $name OPTIONS (schema_name 'public', table_name 'customers')");
        is(value(sprintf $twice, $name), "1000\n1000", "$phase of the api host fails: reads");
        @ping = split /\n/, value("SELECT phase, ok, detail FROM neon_http_ping('$name')");
        like(join("\n", @ping), qr/^$phase\|f\|.*^login\|t\|/ms, 'ping: what fails, and gets through') or diag(join "\n", @ping);
        value("ALTER SERVER $name OPTIONS (ADD request_host 'api')");
        like(fails(sprintf($twice, $name), "$phase of the api host, which is fixed"), qr/ERROR:  08001: /, 'is an error');
    }
}

# --- kept connections --------------------------------------------------------------------

value("CREATE FOREIGN TABLE kept (id int) SERVER neon OPTIONS (schema_name 'public', table_name 'customers')");
my $list = q(SELECT string_agg(server_name, ' ') FROM neon_http_connections());
is(value("SELECT count(*) FROM kept; $list"), "1000\nneon", 'a kept connection is listed');
is(value("SELECT count(*) FROM t_api; $list"), "1000\n", 'with keep_connections false none is');
is(value("BEGIN; DECLARE c CURSOR FOR SELECT id FROM t_api; FETCH 1 FROM c; $list"), "1\np_api", 'but one in use');
value("ALTER SERVER p_own OPTIONS (SET request_host 'endpoint')");
foreach my $sql ('INSERT INTO written VALUES (2)', 'BEGIN; UPDATE written SET id = 3 WHERE id = 2 RETURNING 1; SAVEPOINT s; DELETE FROM written; ROLLBACK TO s; COMMIT',
    'DO $$ BEGIN PERFORM 1 / (id - 3) FROM written; EXCEPTION WHEN division_by_zero THEN NULL; END $$')
{
    is((split /\n/, value("$sql; SELECT 'listed ' || count(*) FROM neon_http_connections()"))[-1], 'listed 0', "none after $sql");
}

# --- certificates that are not verified ------------------------------------------------------

{
    local %ENV = %ENV;
    my $text = qr/WARNING:  the certificate of server "(\w+)" is not verified/;
    extra_stack($dir, 'unverified', SSL_CERT_FILE => '');
    value('CREATE EXTENSION neon_http_fdw');
    foreach my $case ([ 'silent', '', 1 ], [ 'plain', "sslmode 'require',", 0 ], [ 'strict', "$trusted,", 0 ])
    {
        my ($name, $options, $warnings) = @$case;
        new_server($name, "$options url '$ENV{ENDPOINT_URL}'");
        value("CREATE FOREIGN TABLE w_$name (id int) SERVER $name OPTIONS (schema_name 'public', table_name 'customers')");
        my (undef, $out, $err) = psql("SELECT count(*) FROM w_$name; SELECT count(*) FROM w_$name");
        is($out, "1000\n1000", "$name: two queries");
        is(scalar(() = $err =~ /$text/g), $warnings, "$warnings warnings");
    }
    my (undef, $out, $err) = psql("SELECT detail FROM neon_http_ping('silent') WHERE phase = 'tls'");
    like($err, $text, 'ping: warns');
    like($out, qr/^certificate not verified/, 'and says it first');
}

done_testing();
