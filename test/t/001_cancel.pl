# Ctrl-C, statement_timeout and termination act within 100 ms whatever the
# network is doing, and the remote query is gone afterwards.
use strict;
use warnings;
use File::Basename;
use File::Temp;
use Test::More;
use Time::HiRes;
use NeonTest;

my $limit_ms = 100;

my $here = dirname(__FILE__);

# How long a query goes on after its time has come, measured in the server.
sub create_overtime_ms
{
    value(<<'SQL');
CREATE FUNCTION overtime_ms(query text, allowed int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  start timestamptz := statement_timestamp();
BEGIN
  EXECUTE query;
  RETURN NULL;
EXCEPTION WHEN query_canceled THEN
  RETURN extract(epoch FROM clock_timestamp() - start) * 1000 - allowed;
END $$;
SQL
}

# Stops a session that hangs in a query.
sub stop_session
{
    my ($query, $how) = @_;
    my $run = start_psql($query);
    my $pid = session_pid($query);

    Time::HiRes::sleep(0.2);
    my $ms = stop_ms($pid, $how);
    $run->{handle}->finish;
    return ($ms, $run->{err});
}

sub check_phase
{
    my ($phase, $query, $arm) = @_;
    my $error;

    foreach my $how (qw(pg_cancel_backend pg_terminate_backend))
    {
        my $ms = least($limit_ms,
            sub {
                $arm->() if $arm;
                (my $ms, $error) = stop_session($query, $how);
                return $ms;
            });
        cmp_ok($ms, '<=', $limit_ms, "$phase: $how acts within $limit_ms ms");
        note "$phase: $how took $ms ms";
        like($error, $how eq 'pg_cancel_backend' ?
              qr/canceling statement due to user request/ :
              qr/terminating connection/, "$phase: $how is what it says");
    }
    my $ms = least($limit_ms,
        sub {
            $arm->() if $arm;
            # on a busy machine the timeout can come before the query begins
            my ($status, $out) = psql("SET statement_timeout = '300ms';"
                  . " SELECT coalesce(overtime_ms('$query', 300), 10000)");
            return $status == 0 ? $out : 10000;
        });
    cmp_ok($ms, '<=', $limit_ms,
        "$phase: statement_timeout acts within $limit_ms ms");
    note "$phase: statement_timeout took $ms ms more";
}

# --- no answer from the name server ----------------------------------------

my $dir = File::Temp->newdir(DIR => '/tmp', TEMPLATE => 'neon_dns.XXXXXX');
chmod 0755, $dir;
my $library = "$dir/fake_dns.so";
my $compiler = $ENV{CC} // 'cc';

SKIP:
{
    skip 'no compiler for the resolver', 6
      if system("$compiler -shared -fPIC -o $library $here/fake_dns.c -ldl") != 0;
    local %ENV = %ENV;
    extra_stack($dir, 'stack', LD_PRELOAD => $library);
    value("CREATE EXTENSION neon_http_fdw");
    create_overtime_ms();
    new_server('dns', "url 'https://db.hang.test/sql'");
    value('CREATE FOREIGN TABLE dns_table (a int) SERVER dns');
    check_phase('DNS', 'SELECT * FROM dns_table');
}

# --- no answer from the network --------------------------------------------

setup('cancel');
create_overtime_ms();

my $full = full_backlog();
new_server('connecting', "url 'https://127.0.0.1:$full/sql'");
value('CREATE FOREIGN TABLE connect_table (a int) SERVER connecting');
check_phase('connect', 'SELECT * FROM connect_table');

my $silent = silent_listener();
new_server('tls', "url 'https://127.0.0.1:$silent/sql'");
value('CREATE FOREIGN TABLE tls_table (a int) SERVER tls');
check_phase('TLS', 'SELECT * FROM tls_table');

# --- no answer from the remote database ------------------------------------

remote(<<'SQL');
CREATE VIEW tap.slow AS SELECT 1 AS a FROM pg_sleep(60);
CREATE VIEW tap.many AS SELECT g AS a, repeat('x', 30) AS b FROM generate_series(1, 100000) g;
SQL
value('IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public');
check_phase('first byte', 'SELECT a FROM slow');
ok(wait_for(sub { remote_active('tap.slow') == 0 }, 30),
    'first byte: the remote query is gone');

check_phase('mid-body', 'SELECT a, b FROM many',
    sub { fault('{"count": 1, "delay_body_ms": 60000, "after_bytes": 50000}') });
fault(undef);
ok(wait_for(sub { remote_active('tap.many') == 0 }, 30),
    'mid-body: the remote query is gone');
is(value('SELECT count(*) FROM many'), 100000,
    'the server is as usable as before');

# --- the executor has had enough -------------------------------------------

# The condition is evaluated here, so LIMIT cannot be sent along.
my $plan = value('EXPLAIN (ANALYZE, COSTS OFF)'
      . ' SELECT a FROM many WHERE random() >= 0 LIMIT 1');
my ($received) = $plan =~ /Received: (\d+) bytes/;
cmp_ok($received, '<=', 300_000, 'LIMIT ends the transfer at once');

my $mark = log_mark();
my $run = start_psql("DECLARE c CURSOR WITH HOLD FOR SELECT a FROM slow");
my $pid = session_pid('DECLARE c CURSOR');
ok(wait_for(sub { remote_active('tap.slow') == 1 }), 'the remote query runs');
stop_ms($pid, 'pg_cancel_backend');
$run->{handle}->finish;
ok(wait_for(sub { grep { $_->{cancelled} } log_since($mark) }),
    'the endpoint saw the request cancelled');

done_testing();
