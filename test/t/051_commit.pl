# Commits whose reply is lost: reported as unknown and never sent again, or,
# with a ledger, looked up so that every transaction happens exactly once.
# And the requests that row locks and commits take.
use strict;
use warnings;
use File::Basename;
use File::Temp;
use Test::More;
use Time::HiRes;
use NeonTest;

setup('commit');
remote(<<'SQL');
CREATE TABLE tap.note (id serial PRIMARY KEY, txt text UNIQUE);
CREATE TABLE tap.slow (id int);
CREATE FUNCTION tap.wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(NEW.id); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON tap.slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tap.wait();
CREATE TABLE tap.parent (id int PRIMARY KEY);
INSERT INTO tap.parent VALUES (1000000);
CREATE TABLE tap.child (id int REFERENCES tap.parent DEFERRABLE INITIALLY DEFERRED);
SQL
value('IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public');
value('CREATE TABLE here (txt text)');
$ENV{PGOPTIONS} .= ' -c session_preload_libraries=neon_http_fdw';

my $serial = 0;
my $request_id = qr/neon-request-id: [0-9a-f-]{36}/;

sub times_there
{
    my ($txt) = @_;
    return remote("SELECT count(*) FROM tap.note WHERE txt = '$txt'");
}

sub times_here
{
    my ($txt) = @_;
    return value("SELECT count(*) FROM here WHERE txt = '$txt'");
}

# Requests that carry a text.
sub requests_with
{
    my ($mark, $text) = @_;
    return scalar grep { index(JSON::PP::encode_json($_->{body}), $text) >= 0 }
      log_since($mark);
}

# The two ways of a write: a statement that is a transaction of its own, and
# a transaction, of which the fault meets the commit.
sub write_sql
{
    my ($how, $txt, $fault) = @_;
    my $arm = "\\! printf '%s' '$fault' > $ENV{ENDPOINT_FAULTS}";

    # the first request of a session asks for more
    my $sql = "\\set VERBOSITY verbose\nSELECT count(*) FROM note WHERE id < 0;\n";
    return "$sql$arm\nINSERT INTO note (txt) VALUES ('$txt');\n"
      if $how eq 'statement';
    return $sql . "BEGIN;\nINSERT INTO here VALUES ('$txt');\n"
      . "INSERT INTO note (txt) VALUES ('$txt');\n$arm\nCOMMIT;\n";
}

sub try_write
{
    my ($how, $fault) = @_;
    my $txt = 'note ' . ++$serial;
    my $mark = log_mark();
    my ($status, $out, $err) = psql(write_sql($how, $txt, $fault));

    fault(undef);
    return ($txt, $status, $err, $mark);
}

# --- without a ledger -------------------------------------------------------

my @lost = (
    ['lost after it was executed', '{"drop":"after"}', 1],
    ['lost before it was executed', '{"drop":"before"}', 0],
    ['cut in the middle', '{"truncate":100}', 1],
    ['answered by a gateway', '{"status":502,"body":"<html>bad gateway</html>"}', 0],
    ['a connection lost behind the endpoint',
        '{"status":400,"json":{"message":"error communicating with the server: broken pipe","code":""}}', 0],
);

foreach my $how ('statement', 'transaction')
{
    foreach my $case (@lost)
    {
        my ($name, $fault, $there) = @$case;
        my ($txt, $status, $err, $mark) = try_write($how, $fault);

        like($err, qr/ERROR:  08007: it is unknown whether the transaction was committed on server "neon"/,
            "$how, $name: 08007");
        like($err, $request_id, "$how, $name: the request's id")
          if $name !~ /cut|lost/;
        is(times_there($txt), $there, "$how, $name: not done again");
        is(times_here($txt), 0, "$how, $name: nothing is committed here");
        # a transaction was rehearsed before
        is(requests_with($mark, $txt), $how eq 'statement' ? 1 : 2,
            "$how, $name: sent once");
    }
}

# An error of the statement: it was not committed, and is not sent again.
foreach my $how ('statement', 'transaction')
{
    foreach my $code ('08P01', '23505', '57014')
    {
        my ($txt, $status, $err, $mark) = try_write($how,
            qq({"status":400,"json":{"message":"bind message supplies 12 parameters","code":"$code"}}));

        like($err, qr/ERROR:  $code: bind message supplies/, "$how, $code: the remote's own error");
        is(times_there($txt), 0, "$how, $code: not done");
        is(requests_with($mark, $txt), $how eq 'statement' ? 1 : 2, "$how, $code: sent once");
    }
}

# What certainly was not executed is just sent again.
foreach my $how ('statement', 'transaction')
{
    my ($txt, $status, $err, $mark) = try_write($how,
        '{"count":2,"status":500,"json":{"message":"Control plane request failed: try again","code":""}}');
    is($status, 0, "$how, refused by the control plane: succeeds") or diag $err;
    is(times_there($txt), 1, "$how, refused by the control plane: once");

    ($txt, $status, $err, $mark) = try_write($how,
        '{"count":1,"status":400,"json":{"message":"could not serialize access","code":"40001","severity":"ERROR"}}');
    is($status, 0, "$how, given up for another one: succeeds") or diag $err;
    is(times_there($txt), 1, "$how, given up for another one: once");

    ($txt, $status, $err, $mark) = try_write($how,
        '{"count":1,"status":400,"json":{"message":"no more","code":"53100","severity":"ERROR"}}');
    like($err, qr/ERROR:  53100: no more/, "$how, failed there: the error itself");
    is(times_there($txt) + times_here($txt), 0, "$how, failed there: nothing is there");
}

# An error that comes only with COMMIT.
{
    my $err = fails("BEGIN; INSERT INTO here VALUES ('deferred');"
          . " INSERT INTO child VALUES (99); COMMIT;", 'deferred constraint');
    like($err, qr/ERROR:  23503: /, 'deferred constraint: 23503');
    is(times_here('deferred'), 0, 'deferred constraint: rolled back here');
}

# --- with a ledger ----------------------------------------------------------

value(q(ALTER SERVER neon OPTIONS (ADD commit_ledger 'tap."Ledger"');)
      . " SELECT neon_http_ledger_create('neon')");

sub ledger
{
    return remote('SELECT count(*) FILTER (WHERE committed) || \' \' ||'
          . ' count(*) FILTER (WHERE NOT committed) FROM tap."Ledger"');
}

foreach my $how ('statement', 'transaction')
{
    foreach my $case (@lost)
    {
        my ($name, $fault, $there) = @$case;

        remote('TRUNCATE tap."Ledger"');
        my ($txt, $status, $err, $mark) = try_write($how, $fault);
        is($status, 0, "$how, $name: succeeds") or diag $err;
        is(times_there($txt), 1, "$how, $name: once there");
        is(times_here($txt), 1, "$how, $name: once here")
          if $how eq 'transaction';

        is(ledger(), $there ? '1 0' : '1 1', "$how, $name: the ledger");
    }
}

# The look-up can be lost as well, and is repeated.
{
    remote('TRUNCATE tap."Ledger"');
    my ($txt, $status, $err) =
      try_write('transaction', '{"count":3,"drop":"after"}');
    is($status, 0, 'look-up lost: succeeds') or diag $err;
    is(times_there($txt), 1, 'look-up lost: once');
    is(ledger(), '1 0', 'look-up lost: the ledger');

    ($txt, $status, $err) =
      try_write('transaction', '{"count":3,"drop":"before"}');
    is($status, 0, 'all lost before execution: succeeds') or diag $err;
    is(times_there($txt), 1, 'all lost before execution: once');

    # nobody answers any more
    ($txt, $status, $err) =
      try_write('transaction', '{"count":100,"drop":"after"}');
    like($err, qr/ERROR:  08007: /, 'nobody answers: 08007');
    is(times_there($txt), 1, 'nobody answers: not done again');
    is(times_here($txt), 0, 'nobody answers: nothing here');
}

# Two transactions at the same time do not get in each other's way.
{
    remote('TRUNCATE tap."Ledger"');
    my @runs = map { start_psql("INSERT INTO note (txt) VALUES ('many $_ a'), ('many $_ b')") } 1 .. 4;
    $_->{handle}->finish foreach @runs;
    is(remote(q(SELECT count(*) FROM tap.note WHERE txt LIKE 'many%')), 8,
        'at the same time: all');
    is(ledger(), '4 0', 'at the same time: a token for each');
}

# --- interrupted commits ----------------------------------------------------

# The ways in which a session stops waiting while the remote commits, which the
# endpoint does not end.
my %stop = (
    'canceled' => [ '', 'pg_cancel_backend' ],
    'over statement_timeout' => [ ' -c statement_timeout=4s', undef ],
    'ended' => [ '', 'pg_terminate_backend' ]);

# Runs SQL whose commit takes eight seconds on the remote, and stops waiting for
# it in the given way: its error, and how long it took from then on.
sub stopped
{
    my ($name, $how, $sql) = @_;
    my ($options, $function) = @{ $stop{$how} };
    local $ENV{PGOPTIONS} = "$ENV{PGOPTIONS}$options";
    my $run = start_psql($sql);

    ok(wait_for(sub { remote_active('COMMIT') }), "$name: the remote commits");
    value("SELECT $function(" . session_pid('INTO slow VALUES') . ')') if $function;
    my $start = now_ms();
    $run->{handle}->finish;
    my $ms = now_ms() - $start;
    ok(wait_for(sub { !remote_active('COMMIT') }), "$name: the remote has committed");
    is(remote('SELECT count(*) FROM tap.slow'), 1, "$name: it is committed there");
    remote('TRUNCATE tap.slow');
    return ($run->{err}, $ms);
}

# The ledger knows only when the commit has ended: that is waited for, but by a
# session that ends.
foreach my $ledger (1, 0)
{
    value('ALTER SERVER neon OPTIONS (DROP commit_ledger)') if !$ledger;
    foreach my $how (sort keys %stop)
    {
        my $txt = "slow, $how, $ledger";
        my $name = "commit $how" . ($ledger ? ', with the ledger' : '');
        my ($err, $ms) = stopped($name, $how, "BEGIN; INSERT INTO here VALUES ('$txt'); INSERT INTO slow VALUES (8); COMMIT");

        if ($ledger && $how ne 'ended')
        {
            is($err, '', "$name: it has happened");
            is(times_here($txt), 1, "$name: here as well");
        }
        else
        {
            cmp_ok($ms, '<', 6000, "$name: stopped before its end") if $how ne 'over statement_timeout';
            like($err, qr/ERROR:  it is unknown whether.*\nDETAIL:  (canceling statement due to (user request|statement timeout)|terminating connection)/,
                "$name: unknown");
            is(times_here($txt), 0, "$name: nothing is committed here");
        }
    }
}
foreach my $how (sort keys %stop)
{
    my ($err) = stopped("a statement $how", $how, 'INSERT INTO slow VALUES (8)');
    like($err, qr/ERROR:  it is unknown whether/, "a statement $how: unknown");
}

# --- an endpoint that commits in spite of a closing ROLLBACK -----------------
{
    my $dir = File::Temp->newdir();
    my $endpoint = dirname(__FILE__) . '/../endpoint/neon_endpoint';
    my $port_file = "$dir/port";

    start_child($endpoint, '--port-file', $port_file, '--log', "$dir/log",
        '--pg-host', $ENV{REMOTE_PGHOST}, '--pg-port', $ENV{REMOTE_PGPORT},
        '--no-closing-rollback');
    ok(wait_for(sub { -s $port_file }), 'an endpoint without ROLLBACK');
    my ($port) = slurp($port_file) =~ /(\d+)/;
    new_server('careless', "url 'http://127.0.0.1:$port/sql', port '$port'");
    value(q(CREATE FOREIGN TABLE careless_note (id int, txt text) SERVER careless OPTIONS (schema_name 'tap', table_name 'note')));

    my $err = fails("BEGIN;\nINSERT INTO careless_note (txt) VALUES ('careless');\nCOMMIT;",
        'endpoint without ROLLBACK');
    like($err, qr/ERROR:  0A000: the endpoint does not honour ROLLBACK\nHINT:  .*autocommit/,
        'endpoint without ROLLBACK: refused');
    is(times_there('careless'), 0, 'endpoint without ROLLBACK: nothing is written');

    # a session that tries again is not trusted more
    my $try = q(DO $$ BEGIN INSERT INTO careless_note (txt) VALUES ('again'); EXCEPTION WHEN feature_not_supported THEN NULL; END $$;);
    value("$try\n$try\n$try");
    is(times_there('again'), 0, 'endpoint without ROLLBACK: nor by the next statement');

    # what needs no rehearsal needs no ROLLBACK either
    value("INSERT INTO careless_note (txt) VALUES ('alone')");
    is(times_there('alone'), 1, 'endpoint without ROLLBACK: a statement alone');
    value("ALTER SERVER careless OPTIONS (ADD transactions 'autocommit')");
    value("BEGIN;\nINSERT INTO careless_note (txt) VALUES ('auto');\nCOMMIT;");
    is(times_there('auto'), 1, 'endpoint without ROLLBACK: autocommit');
}

# --- requests of row locks --------------------------------------------------

sub requests
{
    my ($sql) = @_;
    # sizes of tables, the proof of ROLLBACK
    my $first = "SELECT count(*) FROM note WHERE id < 0;\n"
      . "BEGIN;\nUPDATE note SET txt = txt WHERE id < 0;\nROLLBACK;\n";
    my $before = log_mark();
    my ($status, $out, $err) = psql($first);
    my $middle = scalar(log_since($before));
    my $mark = log_mark();
    ($status, $out, $err) = psql("$first$sql");
    is($status, 0, "$sql: succeeds") or diag $err;
    return scalar(log_since($mark)) - $middle;
}

my $id = remote('SELECT min(id) FROM tap.note');
is(requests("SELECT * FROM note WHERE id = $id FOR UPDATE;"), 1,
    'a locking statement alone: one request');
is(requests("BEGIN;\nSELECT * FROM note WHERE id = $id FOR UPDATE;\nCOMMIT;"), 2,
    'a lock: the read and the commit');
is(requests("BEGIN;\nSELECT * FROM note WHERE id = $id FOR UPDATE;\nROLLBACK;"), 1,
    'a lock rolled back: the read');
is(requests("BEGIN;\nSELECT * FROM note ORDER BY id LIMIT 3 FOR UPDATE;\nUPDATE note SET txt = txt || '!' WHERE id = $id;\nCOMMIT;"),
    3, 'a lock and an update: one each, and the commit');
{
    my $mark = log_mark();
    value("WITH s AS (SELECT id FROM note WHERE id = $id FOR UPDATE)"
          . " UPDATE parent SET id = parent.id FROM s WHERE parent.id <> s.id");
    my @commits = grep { /FOR UPDATE OF r/ }
      map { JSON::PP::encode_json($_->{body}) } log_since($mark);
    is(scalar(@commits), 1, 'what locks and writes: commits once');
    like($commits[0], qr/UPDATE tap\.parent/, 'what locks and writes: in one request');
}
is(requests("BEGIN;\nTRUNCATE slow;\nCOMMIT;"), 2, 'TRUNCATE in a transaction: rehearsal and commit');
is(requests('TRUNCATE slow;'), 1, 'TRUNCATE alone: one request');

ok(wait_for(sub { !remote("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' OR state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'") }),
    'no transaction is left open on the remote');

done_testing();
