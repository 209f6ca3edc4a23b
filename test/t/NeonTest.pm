# What the TAP tests share: SQL here and on the remote, the endpoint's log and
# faults, servers that misbehave.
#
# Needs the variables that test/stack prints.  Each test works in a database
# of its own, made by setup() and dropped at the end.
package NeonTest;

use strict;
use warnings;
use Carp ();
use Exporter 'import';
use File::Basename;
use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(setup psql value fails remote remote_active fault log_since
  log_mark new_server start_psql wait_for least crash start_child end_child
  full_backlog silent_listener mock_server session_pid stop_ms slurp now_ms
  free_port password percent_encode extra_stack start_endpoint start_remote);

my @databases;
my @children;
my @stacks;
my @keep;
my $owner = $$;

$ENV{ENDPOINT_URL}
  or BAIL_OUT('no stack: run eval "$(test/stack up)" first');
$ENV{PGAPPNAME} = 'tap';
$ENV{PGOPTIONS} = '-c client_min_messages=warning';

# A test that dies says why, and where in it, as a failed test: what perl says by
# itself is lost among hundreds of lines, and names this file.
$SIG{__DIE__} = sub {
    my ($message) = @_;
    return if !defined $^S || $^S || $$ != $owner;
    fail('goes on to its end');
    diag(Carp::longmess("died: $message"));
    my $log = "$ENV{STACK_DIR}/local.log";
    diag("End of $log:\n" . join('', (split /^/, slurp($log))[-15 .. -1])) if -s $log;
};

sub password { return $ENV{REMOTE_PGPASSWORD} }
sub now_ms   { return time() * 1000 }

# For a URL.
sub percent_encode
{
    my ($text) = @_;
    $text =~ s/([^A-Za-z0-9\-._~])/sprintf('%%%02X', ord($1))/ge;
    return $text;
}

# What a test makes on the remote goes into a schema of its own.
my $drop_remote = 'DROP SCHEMA IF EXISTS tap CASCADE';

# A fresh database with the server "neon" in it, and a remote schema "tap".
sub setup
{
    my ($name) = @_;
    my $database = "tap_$name";
    my $sql = $ENV{STACK_SQL};
    $ENV{PGDATABASE} = 'postgres';
    value("DROP DATABASE IF EXISTS $database WITH (FORCE)");
    value("CREATE DATABASE $database");
    push @databases, $database;
    $ENV{PGDATABASE} = $database;
    fault(undef);
    value($sql);
    remote("$drop_remote; CREATE SCHEMA tap");
    return $database;
}

# Starts another stack below a temporary directory and switches to its local
# cluster; %env is for its servers.  It ends with the test; restore %ENV to go
# back.  The directory must last until then, so it is removed here.
sub extra_stack
{
    my ($base, $name, %env) = @_;
    my $dir = "$base/$name";
    my ($out, $err) = ('', '');
    my @command = (dirname(__FILE__) . '/../stack', 'up', '--dir', $dir);

    $base->unlink_on_destroy(0) if ref $base;
    push @stacks, [$dir, "$base"];
    IPC::Run::run(\@command, '>', \$out, '2>', \$err,
        init => sub { $ENV{$_} = $env{$_} foreach keys %env })
      or die "no stack in $dir: $err";
    while ($out =~ /^export (PG\w+)='(.*?)'$/mg)
    {
        $ENV{$1} = $2;
    }
}

# Runs SQL in the local database.  Options: go_on => 1 (after an error, default:
# stop), args => [...] (of psql).  Returns (status, stdout, stderr).
sub psql
{
    my ($sql, %opt) = @_;
    my ($out, $err) = ('', '');
    my @command = ('psql', '-XAtq', '-v', 'ON_ERROR_STOP=' . ($opt{go_on} ? 0 : 1),
        @{ $opt{args} // [] }, '-f', '-');

    IPC::Run::run(\@command, '<', \$sql, '>', \$out, '2>', \$err);
    my $status = $? >> 8;
    chomp $out;
    return ($status, $out, $err);
}

# The output of SQL that must succeed.
sub value
{
    my ($sql) = @_;
    my ($status, $out, $err) = psql($sql);

    die "failed: $sql\n$err" if $status != 0;
    return $out;
}

# The messages of SQL that must fail, with the SQLSTATE.
sub fails
{
    my ($sql, $name) = @_;
    my ($status, $out, $err) = psql("\\set VERBOSITY verbose\n$sql");

    isnt($status, 0, "$name: fails");
    return $err;
}

sub remote_environment
{
    return (%ENV, (map { $_ => $ENV{"REMOTE_$_"} } qw(PGHOST PGPORT PGDATABASE PGUSER PGPASSWORD)),
        PGOPTIONS => '-c client_min_messages=warning');
}

sub remote
{
    my ($sql) = @_;
    local %ENV = remote_environment();

    return value($sql);
}

# Statements running on the remote that contain a text.
sub remote_active
{
    my ($text) = @_;

    return remote(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
          . " AND pid <> pg_backend_pid() AND query LIKE '%$text%'");
}

# Arms the endpoint's next fault, or none.
sub fault
{
    my ($json) = @_;
    my $file = $ENV{ENDPOINT_FAULTS};

    if (!defined $json)
    {
        unlink $file;
        return;
    }
    open my $fh, '>', "$file.new" or die "$file.new: $!";
    print $fh $json;
    close $fh;
    rename "$file.new", $file or die "$file: $!";
}

sub slurp
{
    my ($file, $offset) = @_;
    open my $fh, '<', $file or die "$file: $!";
    seek $fh, $offset // 0, 0;
    local $/;
    my $text = <$fh>;
    return $text // '';
}

# Where the endpoint's log ends.  A request is logged after its reply was
# sent, on a busy machine a moment later: wait until the log has settled.
sub log_mark
{
    my $size = -1;

    while ($size != -s $ENV{ENDPOINT_LOG})
    {
        $size = -s $ENV{ENDPOINT_LOG};
        sleep(0.05);
    }
    return $size;
}

# The endpoint's log entries since a mark; not the one that is being written.
sub log_since
{
    my ($mark) = @_;

    log_mark();
    return map { decode_json($_) }
      slurp($ENV{ENDPOINT_LOG}, $mark) =~ /^(.*)\n/mg;
}

# A server with a mapping for the current user, options as SQL.
sub new_server
{
    my ($name, $options) = @_;

    value(<<"EOF");
DROP SERVER IF EXISTS $name CASCADE;
CREATE SERVER $name FOREIGN DATA WRAPPER neon_http_fdw
  OPTIONS (host 'ep-test-123.local.neon.test', dbname '$ENV{REMOTE_PGDATABASE}', $options);
CREATE USER MAPPING FOR CURRENT_USER SERVER $name
  OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}');
EOF
}

# Starts a statement in a session of its own and returns at once.
sub start_psql
{
    my ($sql) = @_;
    my $run = { out => '', err => '' };

    $run->{handle} = IPC::Run::start(['psql', '-XAtq', '-c', $sql],
        '<', '/dev/null', '>', \$run->{out}, '2>', \$run->{err});
    return $run;
}

# The same on the remote: another client of it.
sub start_remote
{
    my ($sql) = @_;
    local %ENV = remote_environment();
    return start_psql($sql);
}

# The process that runs a statement with a text in it.
sub session_pid
{
    my ($text) = @_;
    my $pid;

    wait_for(
        sub {
            $pid = value("SELECT pid FROM pg_stat_activity"
                  . " WHERE pid <> pg_backend_pid() AND state = 'active'"
                  . " AND query LIKE '%$text%' LIMIT 1");
            return $pid ne '';
        }) or die "no session runs $text";
    return $pid;
}

# How long a session goes on after it was told to stop ($how), measured in the
# server: where psql is slow to start, that does not count.
sub stop_ms
{
    my ($pid, $how) = @_;

    return value(<<"SQL");
CREATE FUNCTION pg_temp.stop_ms() RETURNS int LANGUAGE plpgsql AS \$\$
DECLARE
  start timestamptz := clock_timestamp();
BEGIN
  PERFORM $how($pid);
  LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM FROM pg_stat_activity WHERE pid = $pid AND state = 'active';
    EXIT WHEN NOT FOUND OR clock_timestamp() > start + '15 s';
    PERFORM pg_sleep(0.001);
  END LOOP;
  RETURN extract(epoch FROM clock_timestamp() - start) * 1000;
END \$\$;
SELECT pg_temp.stop_ms();
SQL
}

# Is a condition true at last?  The limit is for what never happens: no machine
# may be so slow that it matters.
sub wait_for
{
    my ($condition, $seconds) = @_;
    my $until = time() + ($seconds // 60);

    until ($condition->())
    {
        return 0 if time() > $until;
        sleep 0.02;
    }
    return 1;
}

# The least of several measurements, until one is within the limit: on a busy
# machine one of them says little.
sub least
{
    my ($limit, $measure) = @_;
    my $least;

    for (1 .. 15)
    {
        my $measured = $measure->();
        $least = $measured if !defined $least || $measured < $least;
        last if $least <= $limit;
    }
    return $least;
}

# Kills a backend of the local server, which ends all others and recovers.  A
# connection that is made before it has noticed is ended, too: wait for its log.
sub crash
{
    my ($pid) = @_;
    my $log = "$ENV{STACK_DIR}/local.log";
    my $mark = -s $log;

    kill 'KILL', $pid;
    wait_for(
        sub {
            slurp($log, $mark) =~ /database system is ready to accept connections/
              && (psql('SELECT 1'))[0] == 0;
        }, 120) or die 'the server does not come back';
}

# --- processes and sockets -------------------------------------------------

# Runs a program or a sub in the background until the test ends.
sub start_child
{
    my (@command) = @_;
    my $pid = fork() // die "fork: $!";

    if ($pid == 0)
    {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null' unless $ENV{NEON_TEST_VERBOSE};
        if (ref $command[0])
        {
            $command[0]->();
            POSIX::_exit(0);
        }
        exec @command or POSIX::_exit(127);
    }
    push @children, $pid;
    return $pid;
}

# Another endpoint in front of the remote, until the test ends, with a limit for
# replies (bytes) and more options.  Returns its port.
sub start_endpoint
{
    my ($name, $limit, @options) = @_;
    my $file = "$ENV{STACK_DIR}/$name.port";

    unlink $file;
    start_child(dirname(__FILE__) . '/../endpoint/neon_endpoint', '--port-file', $file, '--log', "$ENV{STACK_DIR}/$name.log",
        '--max-response', $limit, '--cert', "$ENV{STACK_DIR}/server.pem", '--key', "$ENV{STACK_DIR}/server.key",
        '--pg-host', $ENV{REMOTE_PGHOST}, '--pg-port', $ENV{REMOTE_PGPORT}, @options);
    wait_for(sub { -s $file }, 60) or die "no endpoint $name";
    chomp(my $port = slurp($file));
    return $port;
}

sub end_child
{
    my ($pid) = @_;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    @children = grep { $_ != $pid } @children;
}

# A socket that listens on a free port.
sub listener
{
    return IO::Socket::INET->new(Listen => 100, LocalAddr => '127.0.0.1',
        ReuseAddr => 1) // die "no port: $!";
}

# A port that nobody listens on.  The system gives none of these to others that
# want any.
sub free_port
{
    for (1 .. 100)
    {
        my $port = 10000 + int(rand(10000));

        return $port if IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port);
    }
    die "no port: $!";
}

# A port where connects get no answer: its queue is full.
sub full_backlog
{
    my $socket = listener();

    listen($socket, 0);
    push @keep, $socket;
    for (1 .. 4)
    {
        push @keep, IO::Socket::INET->new(PeerAddr => '127.0.0.1',
            PeerPort => $socket->sockport, Blocking => 0);
    }
    return $socket->sockport;
}

# A port that accepts and stays silent.
sub silent_listener
{
    my $socket = listener();
    push @keep, $socket;
    return $socket->sockport;
}

# A plain HTTP server that answers POST /NAME with the bytes of
# $replies->{NAME}: a string, or a sub that gets the decoded request and the
# socket and returns one.  Returns its port.
sub mock_server
{
    my ($replies) = @_;
    my $listener = listener();

    start_child(
        sub {
            $SIG{PIPE} = 'IGNORE';
            while (my $client = $listener->accept)
            {
                my $request = read_request($client);
                if (defined $request)
                {
                    my $reply = $replies->{ $request->{name} } // '';
                    $reply = $reply->($request, $client) if ref $reply;
                    print $client $reply;
                }
                close $client;
            }
        });
    return $listener->sockport;
}

sub read_request
{
    my ($client) = @_;
    my %request = (body => '');
    my $length = 0;
    my $line = <$client> // return undef;

    ($request{name}) = $line =~ m{^POST /(\S*) HTTP} or return undef;
    while (defined($line = <$client>))
    {
        $line =~ s/\r?\n$//;
        last if $line eq '';
        $length = $1 if $line =~ /^content-length:\s*(\d+)/i;
    }
    read($client, $request{body}, $length) if $length;
    $request{json} = eval { decode_json($request{body}) };
    return \%request;
}

END
{
    if ($$ == $owner && $ENV{ENDPOINT_URL})
    {
        my $status = $?;
        kill 'TERM', $_ foreach @children;
        waitpid $_, 0 foreach @children;
        system(dirname(__FILE__) . "/../stack down --dir $_->[0]") foreach @stacks;
        system('rm', '-rf', $_->[1]) foreach grep { $_->[1] =~ m{^/tmp/} } @stacks;
        fault(undef);
        $ENV{PGDATABASE} = 'postgres';
        psql("DROP DATABASE IF EXISTS $_ WITH (FORCE)") foreach @databases;
        remote($drop_remote) if @databases;
        $? = $status;
    }
}

1;
