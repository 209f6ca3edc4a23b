# What dies while a result is kept on the remote: the session, the endpoint, the
# session of the remote.  No result is short, and neon_http_spill_prune() leaves
# nothing.
use strict;
use warnings;
use File::Basename;
use Test::More;
use NeonTest;

my $rows = 30_000;

setup('spill_kill');
remote(<<"SQL");
DROP SCHEMA IF EXISTS tap_killed CASCADE;
CREATE SCHEMA tap_killed;
CREATE TABLE tap.item AS SELECT g AS id, repeat(md5(g::text), 2) AS pad FROM generate_series(1, $rows) g;
CREATE VIEW tap.seen AS SELECT * FROM tap.item;
CREATE VIEW tap.slow AS SELECT id, pad FROM tap.item WHERE pg_sleep(CASE WHEN id % 1000 = 0 THEN 0.5 ELSE 0 END)::text = '';
SQL

# An endpoint of this test's own, which always has the same port.
my $port_file = "$ENV{STACK_DIR}/kill.port";
my $port = 0;
my $endpoint;

sub start_endpoint
{
    unlink $port_file;
    $endpoint = start_child(dirname(__FILE__) . '/../endpoint/neon_endpoint',
        '--port', $port, '--port-file', $port_file, '--log', "$ENV{STACK_DIR}/kill.log", '--max-response', 128 * 1024,
        '--cert', "$ENV{STACK_DIR}/server.pem", '--key', "$ENV{STACK_DIR}/server.key",
        '--pg-host', $ENV{REMOTE_PGHOST}, '--pg-port', $ENV{REMOTE_PGPORT});
    wait_for(sub { -s $port_file }, 60) or die 'no endpoint';
    chomp($port = slurp($port_file));
}

start_endpoint();
new_server('spill', "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}', spill_schema 'tap_killed', max_retries '0'");
value(<<'SQL');
CREATE SCHEMA s;
IMPORT FOREIGN SCHEMA tap LIMIT TO (seen, slow) FROM SERVER spill INTO s;
CREATE TABLE go (n int);
-- The reader stops in the middle until it may go on.
CREATE FUNCTION halfway(int) RETURNS int LANGUAGE plpgsql AS
  'BEGIN WHILE $1 = 10000 AND NOT EXISTS (SELECT FROM go) LOOP PERFORM pg_sleep(0.1); END LOOP; RETURN $1; END';
CREATE FUNCTION here(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
SQL

sub kept
{
    return remote(q{SELECT count(*) FROM pg_class WHERE relnamespace = 'tap_killed'::regnamespace});
}

# SQL that may fail for a while, on whichever side it runs.
sub patiently
{
    my ($run) = @_;
    my $result;

    ok(wait_for(sub { $result = eval { $run->() }; defined $result }, 120), 'the servers are back') or diag($@);
    return $result;
}

# A session of the remote, the one that keeps rows if there is one: all of them
# end with it.
sub remote_pid
{
    my $pid;

    wait_for(sub {
        $pid = remote(q{SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user}
              . q{ ORDER BY query LIKE 'CREATE UNLOGGED TABLE %' DESC, state = 'active' DESC LIMIT 1});
        return $pid ne '';
    }, 60) or die 'the remote has no session';
    return $pid;
}

my %kill = (
    'the session' => sub { kill 'KILL', session_pid($_[0]) },
    'the endpoint' => sub { kill 'KILL', $endpoint; waitpid $endpoint, 0; start_endpoint() },
    'the session of the remote' => sub { kill 'KILL', remote_pid() });
my %moment = (
    # the rows are being kept
    'kept' => ['slow', sub { wait_for(sub { remote(q{SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE UNLOGGED TABLE %'}) || kept() > 0 }, 60) }],
    # they are being read
    'read' => ['seen', sub { wait_for(sub { kept() > 0 }, 60) }]);
foreach my $who (sort keys %kill)
{
    foreach my $when (sort keys %moment)
    {
        my ($table, $wait) = @{ $moment{$when} };
        my $name = "$who, while rows are $when";
        my $mark = $who =~ s/\W/_/gr . "_$when";
        my $run = start_psql("LOAD 'neon_http_fdw'; SELECT count(halfway(id)) FROM (SELECT id, pad FROM s.$table OFFSET 0) $mark WHERE here(pad) <> ''");

        ok($wait->(), "$name: there they are");
        $kill{$who}->($mark);
        patiently(sub { value('INSERT INTO go VALUES (1)') });
        $run->{handle}->finish;
        patiently(sub { remote('SELECT 1') });
        like($run->{out} eq '' ? $run->{err} : $run->{out}, $run->{out} eq '' ? qr/ERROR|FATAL|server closed/ : qr/^$rows$/,
            "$name: all of it, or an error");
        value('TRUNCATE go');
        # what the remote was doing goes on until it notices
        ok(wait_for(sub { remote(q{SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%neon_http_%' AND state <> 'idle'}) eq '0' }, 120),
            "$name: the remote is at rest");
        value("SELECT neon_http_spill_prune('spill', '0 s')");
        is(kept(), 0, "$name: nothing is left after a prune");
    }
}
is(value("LOAD 'neon_http_fdw'; SELECT count(*), sum(id) FROM (SELECT id, pad FROM s.seen OFFSET 0) x WHERE here(pad) <> ''"),
    "$rows|" . $rows * ($rows + 1) / 2, 'and all works');
remote('DROP SCHEMA tap_killed CASCADE');

done_testing();
