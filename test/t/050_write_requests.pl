# What writing costs: requests, and memory for many rows; and that a limit of
# the endpoint is met before anything is written.
use strict;
use warnings;
use File::Basename;
use IPC::Open2;
use JSON::PP;
use Test::More;
use NeonTest;

my $json = JSON::PP->new->canonical->allow_nonref;

my $database = setup('write_requests');
remote(<<'SQL');
CREATE TABLE tap.t (id int PRIMARY KEY, n int, txt text);
CREATE TABLE tap.many (id int, a text, b timestamptz, n numeric);
SQL
value(<<'SQL');
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
CREATE TABLE here AS SELECT g AS id, 'text number ' || g AS a, timestamptz '2025-01-01' + g * interval '1 min' AS b, g / 7.0 AS n FROM generate_series(1, 100000) g;
ANALYZE here;
SQL

# --- sessions -----------------------------------------------------------------

# A local session that speaks either protocol, see test/lib/session.py.
sub session
{
    open2(my $out, my $in, 'python3', dirname(__FILE__) . '/../lib/session.py');
    my $session = { in => $in, out => $out };

    chomp($session->{backend} = <$out>);
    return $session;
}

sub ask
{
    my ($session, @command) = @_;
    my $in = $session->{in};

    print $in $json->encode(\@command), "\n";
    $in->flush;
    my $out = $session->{out};
    return $json->decode(scalar(<$out>) // die 'the session has ended');
}

# What must work.
sub must
{
    my ($session, @command) = @_;
    my $outcome = ask($session, @command);

    die "@command: $outcome->{message}" if ref $outcome eq 'HASH' && $outcome->{sqlstate};
    return $outcome;
}

sub fill
{
    remote('TRUNCATE tap.t; INSERT INTO tap.t SELECT g, g, \'row \' || g FROM generate_series(1, 1000) g');
}

# Runs a command; its outcome and the requests that it made.
sub counted
{
    my ($session, @command) = @_;
    my $mark = log_mark();
    my $outcome = ask($session, @command);

    return ($outcome, log_since($mark));
}

# --- one statement ------------------------------------------------------------

my %expected = (
    q{INSERT INTO t VALUES (2001, 1, 'a'), (2002, 2, 'b')}                => ['INSERT 0 2', ''],
    q{INSERT INTO t (id, n) VALUES (2001, 1) RETURNING id, n, txt}        => ['INSERT 0 1', '2001 1 '],
    q{INSERT INTO t SELECT id + 3000, n, txt FROM t WHERE id <= 10}       => ['INSERT 0 10', ''],
    q{UPDATE t SET n = n + 1 WHERE id IN (1, 2, 3)}                       => ['UPDATE 3', ''],
    q{UPDATE t SET n = n + 1 WHERE id = 7 RETURNING n, txt}               => ['UPDATE 1', '8 row 7'],
    q{UPDATE t SET n = 0 WHERE id = -1}                                   => ['UPDATE 0', ''],
    q{DELETE FROM t WHERE id > 990}                                       => ['DELETE 10', ''],
    q{DELETE FROM t WHERE id = 5 RETURNING *}                             => ['DELETE 1', '5 5 row 5']);

# Statements outside of a transaction block in a session that has written
# before.
sub check_statements
{
    my ($pushdown, %most) = @_;
    my $session = session();

    must($session, 'simple', "SET neon_http_fdw.statement_pushdown = $pushdown");
    must($session, 'simple', 'BEGIN');
    must($session, 'extended', 'UPDATE t SET n = 1 WHERE id = 1 RETURNING n');
    must($session, 'simple', 'ROLLBACK');
    foreach my $kind (sort keys %most)
    {
        foreach my $sql (sort keys %expected)
        {
            my ($tag, $rows) = @{ $expected{$sql} };

            fill();
            my ($outcome, @log) = counted($session, $kind, $sql);
            my $got = join('; ', map { join(' ', map { $_ // '' } @$_) } @{ $outcome->{rows} // [] });
            is(($outcome->{tag} // $outcome->{message}) . " ($got)", "$tag ($rows)", "$kind, pushdown $pushdown: $sql");
            cmp_ok(scalar @log, '<=', $most{$kind}, "at most $most{$kind} requests: " . @log);
        }
    }
    return;
}

check_statements('on', simple => 1, extended => 1);
check_statements('off', simple => 3, extended => 3);

# What RETURNING computes here could fail after the commit: so it is rehearsed.
{
    my $session = session();

    fill();
    must($session, 'simple', 'BEGIN; UPDATE t SET n = 1 WHERE id = 1 RETURNING n; ROLLBACK');
    my ($outcome, @log) = counted($session, 'simple', 'UPDATE t SET n = 2147483647 WHERE id = 1 RETURNING n + 1');
    is($outcome->{sqlstate}, '22003', 'an error in RETURNING');
    is(remote('SELECT n FROM tap.t WHERE id = 1'), '1', 'leaves nothing behind');
    ($outcome, @log) = counted($session, 'simple', 'UPDATE t SET n = 5 WHERE id = 1 RETURNING n + 1');
    is($outcome->{rows}[0][0], '6', 'RETURNING computes');
    cmp_ok(scalar @log, '<=', 2, 'at most 2 requests: ' . @log);
}

# --- pipelines ----------------------------------------------------------------

# What is left of a pipeline of statements.
sub left_behind
{
    return remote('SELECT count(*), sum(n) FROM tap.t');
}

foreach my $pushdown (qw(on off))
{
    my $session = session();
    must($session, 'simple', "SET neon_http_fdw.statement_pushdown = $pushdown");
    fill();
    my $before = left_behind();
    my $outcome = ask($session, 'pipeline', ['UPDATE t SET n = n + 1 WHERE id = 1'],
        ['INSERT INTO t VALUES ($1::int, 5) RETURNING id', 2001], ['INSERT INTO t VALUES (1)'], ['DELETE FROM t WHERE id = 2']);
    # as a whole the INSERT waits for the one behind it, which has the error
    is(join(' ', map { $_ ? $_->{tag} // $_->{sqlstate} : 'none' } @$outcome),
        $pushdown eq 'on' ? 'UPDATE 1 INSERT 0 1 INSERT 0 1 23505' : 'UPDATE 1 INSERT 0 1 23505 none',
        "pushdown $pushdown: a pipeline fails in the middle");
    is(left_behind(), $before, 'and leaves nothing behind');
    $outcome = ask($session, 'pipeline', ['UPDATE t SET n = n + 1 WHERE id = 1'], ['SELECT 1 / 0']);
    is($outcome->[1]{sqlstate}, '22012', 'a local error at its end');
    is(left_behind(), $before, 'leaves nothing behind');
    $outcome = ask($session, 'pipeline', ['SELECT 1'], ['INSERT INTO t VALUES (2001, 5)'], ['DELETE FROM t WHERE id = 2 RETURNING n']);
    is(join(' ', map { $_->{tag} // $_->{message} } @$outcome), 'SELECT 1 INSERT 0 1 DELETE 1', 'one that succeeds');
    is(left_behind(), '1000|500503', 'is committed');
    ask($session, 'pipeline', ['BEGIN'], ['INSERT INTO t VALUES (2002, 5)'], ['ROLLBACK']);
    is(left_behind(), '1000|500503', 'BEGIN and ROLLBACK in a pipeline');
}

# --- pipelines of INSERTs -----------------------------------------------------

sub outcomes
{
    my ($outcome) = @_;
    return join(' ', map { $_ ? $_->{tag} // $_->{sqlstate} : 'none' } @$outcome);
}

# VALUES of so many rows, the first of which has this id.
sub values_of
{
    my ($first, $count) = @_;
    my $rows = join(', ', map { sprintf '($%d::int, $%d::int, $%d::text)', 3 * $_ + 1, 3 * $_ + 2, 3 * $_ + 3 } 0 .. $count - 1);

    return ["INSERT INTO t VALUES $rows", map { ($_, $_ % 3 ? $_ : undef, qq(a "b" \\ {$_}, NULL)) } $first .. $first + $count - 1];
}

# The last statement before Sync is committed before it is answered: no
# rehearsal.  VALUES of different lengths become one INSERT; those of 40 rows
# travel as arrays, those of one number twice share no parameter.
my @inserts = (values_of(2001, 1), values_of(2002, 32), values_of(2034, 2), values_of(2036, 40),
    ['INSERT INTO t VALUES (2076, 5, $1), (2077, 5, $1)', 'same'], ['INSERT INTO t VALUES (2078, $1::int, \'last\')', undef]);
my $inserted = q{SELECT count(*), sum(id - 2000), count(n), sum(n - 2000) FILTER (WHERE n > 5), } .
    q{(SELECT txt FROM tap.t WHERE id = 2044), (SELECT min(txt) || max(txt) FROM tap.t WHERE id IN (2076, 2077)) FROM tap.t WHERE id > 2000};
my $all_inserted = '78|3081|52|1925|a "b" \\ {2044}, NULL|samesame';

foreach my $settings ('', 'SET neon_http_fdw.pipeline_row_counts = assumed')
{
    my $session = session();

    must($session, 'simple', $settings) if $settings;
    fill();
    my ($outcome, @log) = counted($session, 'pipeline', @inserts);
    is(outcomes($outcome), 'INSERT 0 1 INSERT 0 32 INSERT 0 2 INSERT 0 40 INSERT 0 2 INSERT 0 1', 'a pipeline of INSERTs without BEGIN');
    is(scalar @log, 1, 'is one request');
    is(remote($inserted), $all_inserted, 'and has inserted all rows');

    # in a transaction, the first one of the session
    fill();
    my $mark = log_mark();
    must($session, 'simple', 'BEGIN');
    ask($session, 'pipeline', @inserts);
    must($session, 'simple', 'COMMIT');
    is(scalar(@{ [log_since($mark)] }), 3, 'in a transaction: the proof of ROLLBACK, a rehearsal, the commit');
    is(remote($inserted), $all_inserted, 'and all rows');
    fill();
    ($outcome, @log) = counted($session, 'pipeline', ['BEGIN'], @inserts, ['COMMIT']);
    is(scalar @log, 1, 'BEGIN and COMMIT in the same pipeline: one request');
    is(remote($inserted), $all_inserted, 'and all rows');

    # an error in the middle is the last one's, and nothing is left
    foreach my $bad (['INSERT INTO t VALUES (1, 1)'], ['INSERT INTO t VALUES (3001, 1), (3001, 2)'])
    {
        fill();
        ($outcome, @log) = counted($session, 'pipeline', $inserts[0], $bad, @inserts[1, 2]);
        is(scalar @log, 1, 'an INSERT that fails in the middle: one request');
        like(outcomes($outcome), qr/^INSERT 0 1 INSERT 0 [12] INSERT 0 32 23505$/, 'the error is the last one\'s');
        is(left_behind(), '1000|500500', 'nothing of it is left');
    }
    # other statements wait for an answer
    ($outcome, @log) = counted($session, 'pipeline', @inserts[0, 1], ['UPDATE t SET n = 0 WHERE id = 2001'], $inserts[2]);
    is(outcomes($outcome), 'INSERT 0 1 INSERT 0 32 UPDATE 1 INSERT 0 2', 'an UPDATE among them');
    cmp_ok(scalar @log, '<=', 3, 'at most 3 requests: ' . @log);
    is(remote('SELECT count(*), min(n) FROM tap.t WHERE id > 2000'), '35|0', 'sees the rows before it');
}

# UPDATEs and DELETEs by key: each is asked for its count, or none.
foreach my $case ([ 'exact', 5, 5, 5 ], [ 'assumed', 1, 2, 1 ])
{
    my ($counts, $alone, $block, $within) = @$case;
    my $session = session();
    my @writes = ((map { [ 'UPDATE t SET n = n + $1::int WHERE id = $2::int', 100 * $_, $_ ] } 1 .. 4), [ 'DELETE FROM t WHERE id = $1::int', 5 ]);
    my $tags = 'UPDATE 1 UPDATE 1 UPDATE 1 UPDATE 1 DELETE 1';
    my $written = sub { return remote(q{SELECT sum(n) FILTER (WHERE id < 5), count(*) FROM tap.t}) };

    must($session, 'simple', "SET neon_http_fdw.pipeline_row_counts = $counts");
    ask($session, 'pipeline', @writes);    # facts, the proof of ROLLBACK
    fill();
    my ($outcome, @log) = counted($session, 'pipeline', @writes);
    is(outcomes($outcome), $tags, "$counts: a pipeline of writes by key");
    is(scalar @log, $alone + ($counts eq 'exact'), "$counts: its requests");
    is($written->(), '1010|999', "$counts: is committed");
    fill();
    my $mark = log_mark();
    must($session, 'simple', 'BEGIN');
    is(outcomes(ask($session, 'pipeline', @writes)), $tags, "$counts: in a block");
    must($session, 'simple', 'COMMIT');
    is(scalar(@{ [log_since($mark)] }), $block + ($counts eq 'exact'), "$counts: in a block: its requests");
    is($written->(), '1010|999', "$counts: in a block: is committed");
    fill();
    ($outcome, @log) = counted($session, 'pipeline', ['BEGIN'], @writes, ['COMMIT']);
    is(outcomes($outcome), "BEGIN $tags COMMIT", "$counts: with BEGIN and COMMIT");
    is(scalar @log, $within + ($counts eq 'exact'), "$counts: with BEGIN and COMMIT: its requests");
    is($written->(), '1010|999', "$counts: with BEGIN and COMMIT: is committed");
}

# Where errors may come with the commit, too, they wait outside of a pipeline.
sub late_session
{
    my $session = session();

    must($session, 'simple', "SET neon_http_fdw.$_") foreach ('pipeline_row_counts = assumed', 'write_errors = commit');
    fill();
    must($session, 'simple', "BEGIN; $_; COMMIT") foreach ('UPDATE t SET n = n WHERE id = 1', 'DELETE FROM t WHERE id = 1000');    # facts
    return $session;
}

# A transaction of statements, each on its own: its outcomes, and requests.
sub block
{
    my ($session, $kind, @statements) = @_;
    my $mark = log_mark();
    my $outcome = [ map { ask($session, $kind, $_) } ('BEGIN', @statements, 'COMMIT') ];

    return (outcomes($outcome), scalar(@{ [log_since($mark)] }));
}

foreach my $kind (qw(simple extended))
{
    my $session = late_session();
    my @writes = ((map { "UPDATE t SET n = n + ${_}00 WHERE id = $_" } 1 .. 4), 'DELETE FROM t WHERE id = 5');
    my ($outcome, $requests) = block($session, $kind, @writes);
    is($outcome, 'BEGIN UPDATE 1 UPDATE 1 UPDATE 1 UPDATE 1 DELETE 1 COMMIT', "$kind, late: writes by key, one by one");
    is($requests, 1, "$kind, late: one request");
    is(remote('SELECT sum(n) FILTER (WHERE id < 5), count(*) FROM tap.t'), '1010|998', "$kind, late: is committed");

    ($outcome, $requests) = block($session, $kind, @writes[ 0, 1 ], 'UPDATE t SET n = n + (SELECT max(n) FROM t WHERE id < 3) WHERE id = 6');
    is(remote('SELECT n FROM tap.t WHERE id = 6'), 6 + 2 * 200 + 2, "$kind, late: who reads sees what waits");
    ($outcome, $requests) = block($session, $kind, $writes[0], 'SAVEPOINT s', 'UPDATE t SET n = 0 WHERE id = 7', 'ROLLBACK TO s');
    is("$requests " . remote('SELECT n FROM tap.t WHERE id IN (1, 7) ORDER BY id'), "1 301\n7", "$kind, late: a savepoint");
    ($outcome, $requests) = block($session, $kind, 'UPDATE t SET n = 0 WHERE n = -1', 'UPDATE t SET n = 8 WHERE id = 8 RETURNING n');
    is("$outcome $requests", 'BEGIN UPDATE 0 UPDATE 1 COMMIT 3', "$kind, late: what the key does not fix is counted");
    ($outcome) = block($session, $kind, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'UPDATE t SET n = 8 WHERE id = -1');
    is($outcome, 'BEGIN SET UPDATE 0 COMMIT', "$kind, late: REPEATABLE READ counts");

    ($outcome) = block($session, $kind, 'INSERT INTO t VALUES (2001, 1)', 'UPDATE t SET n = n + 1 WHERE id = 2001', 'DELETE FROM t WHERE id = 2001', 'INSERT INTO t VALUES (2001, 5)', 'UPDATE t SET n = n + 1 WHERE id = 2001');
    is("$outcome " . remote('SELECT n FROM tap.t WHERE id = 2001'), 'BEGIN INSERT 0 1 UPDATE 1 DELETE 1 INSERT 0 1 UPDATE 1 COMMIT 6', "$kind, late: rows that wait are there for what comes behind them");
    ($outcome, $requests) = block($session, $kind, map { ("INSERT INTO t VALUES (200$_, 1)", "UPDATE t SET n = 0 WHERE id = 1$_") } 2 .. 5);
    is($requests, 1, "$kind, late: those of other rows need not be asked for");

    my @wrong = ('UPDATE t SET n = 0 WHERE id = 9', 'DELETE FROM t WHERE id = -1');
    ($outcome) = block($session, $kind, @wrong);
    is($outcome, 'BEGIN UPDATE 1 DELETE 1 40001', "$kind, late: a row that is not there");
    is(remote('SELECT n FROM tap.t WHERE id = 9'), '9', "$kind, late: nothing is written");
    ($outcome) = block($session, $kind, @wrong);
    is($outcome, 'BEGIN UPDATE 1 DELETE 0 COMMIT', "$kind, late: the retry is right");
}

# What fails here fails before anything is committed there.
{
    my $session = session();

    fill();
    must($session, 'simple', 'CREATE TABLE near (id int PRIMARY KEY, up int REFERENCES near DEFERRABLE INITIALLY DEFERRED)');
    my $outcome = ask($session, 'pipeline', ['INSERT INTO near VALUES (1, 2)'], @inserts[0, 1]);
    is(outcomes($outcome), 'INSERT 0 1 INSERT 0 1 23503', 'a deferred constraint here');
    is(left_behind(), '1000|500500', 'nothing is committed there');
    $outcome = ask($session, 'pipeline', ['INSERT INTO near VALUES (1, 1)'], @inserts[0, 1]);
    is(outcomes($outcome), 'INSERT 0 1 INSERT 0 1 INSERT 0 32', 'written here and there');
    is(left_behind() . value('SELECT count(*) FROM near'), join('|', 1033, remote('SELECT sum(n) FROM tap.t')) . 1, 'all of it');
    must($session, 'simple', 'DROP TABLE near');
}

# A client that goes away before Sync.
{
    my $session = session();

    fill();
    is(ask($session, 'abandon', @inserts[0, 1]), 'gone', 'a client goes away in the middle of a pipeline');
    value('SELECT pg_sleep(0.02)') while value("SELECT count(*) FROM pg_stat_activity WHERE pid = $session->{backend}");
    is(left_behind(), '1000|500500', 'nothing of it is left');
}

# Rows that the remote leaves out, or does not find: the count that the client
# was told was wrong.  Nothing is written, and the retry has the right one.
remote(<<'SQL');
CREATE TABLE tap.picky (id int PRIMARY KEY, n int);
CREATE FUNCTION tap.pick() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.n < 0 THEN RETURN NULL; END IF; RETURN NEW; END';
CREATE TRIGGER pick BEFORE INSERT ON tap.picky FOR EACH ROW EXECUTE FUNCTION tap.pick();
SQL
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (picky) FROM SERVER neon INTO public');
foreach my $case (
    ['', 'picky', 'INSERT 0 1 INSERT 0 0', ['INSERT INTO picky VALUES (1, 1)'], ['INSERT INTO picky VALUES (2, -1)']],
    ['SET neon_http_fdw.write_errors = commit', 'picky', 'INSERT 0 2', ['INSERT INTO picky VALUES (1, 1), (2, -1), (3, 3)']],
    ['SET neon_http_fdw.pipeline_row_counts = assumed', 't', 'UPDATE 0 UPDATE 1', ['UPDATE t SET n = 5 WHERE id = -1'], ['UPDATE t SET n = 5 WHERE id = 1']])
{
    my ($settings, $table, $expected, @statements) = @$case;

    foreach my $block (0, 1)
    {
        my $session = session();
        my $run = sub {
            my $outcome = ask($session, 'pipeline', @statements);
            return $outcome unless $block;
            # a block that has failed is rolled back
            my $end = ask($session, 'simple', 'COMMIT');
            $outcome->[-1] = $end if $end->{sqlstate};
            return $outcome;
        };

        fill();
        remote('TRUNCATE tap.picky');
        must($session, 'simple', $settings) if $settings;
        must($session, 'simple', 'BEGIN; UPDATE t SET n = n WHERE id = 1; COMMIT');    # facts
        must($session, 'simple', 'BEGIN') if $block;
        my $before = remote("SELECT count(*), sum(n) FROM tap.$table");
        my $outcome = $run->();
        if (@statements == 1 && !$block)
        {
            is(outcomes($outcome), $expected, 'a statement alone has its own count');
            next;
        }
        is($outcome->[-1]{sqlstate}, '40001', "$settings: a count that was wrong");
        is(remote("SELECT count(*), sum(n) FROM tap.$table"), $before, 'nothing is written');
        must($session, 'simple', 'ROLLBACK') if $block;
        must($session, 'simple', 'BEGIN') if $block;
        is(outcomes($run->()), $expected, 'the retry has the right one');
    }
}

# With a ledger, an INSERT of values need not be rehearsed for its count.
{
    my $session = session();

    fill();
    must($session, 'simple', q{ALTER SERVER neon OPTIONS (ADD commit_ledger 'tap.ledger')});
    must($session, 'simple', q{SELECT neon_http_ledger_create('neon')});
    foreach my $kind (qw(simple extended))
    {
        my ($outcome, @log) = counted($session, $kind, "INSERT INTO t VALUES (" . ($kind eq 'simple' ? 3001 : 3002) . ", 1)");
        is($outcome->{tag} . ' ' . @log, 'INSERT 0 1 1', "$kind: one request with a ledger");
        ($outcome, @log) = counted($session, $kind, 'INSERT INTO t VALUES (1, 1)');
        is("$outcome->{sqlstate} " . @log, '23505 1', "$kind: its error");
    }
    is(remote('SELECT count(*) FROM tap.ledger'), '2', 'both are in the ledger');
    must($session, 'simple', 'ALTER SERVER neon OPTIONS (DROP commit_ledger)');
}

# --- blocks -------------------------------------------------------------------

{
    my $session = session();

    must($session, 'simple', 'BEGIN; UPDATE t SET n = 1 WHERE id = 1 RETURNING n; ROLLBACK');
    foreach my $kind (qw(simple extended))
    {
        fill();
        my $mark = log_mark();
        must($session, $kind, $_) foreach ('BEGIN', 'INSERT INTO t VALUES (2001, 1)', 'UPDATE t SET n = n + 1 WHERE id = 3',
            'DELETE FROM t WHERE id = 4', 'UPDATE t SET n = n + 1 WHERE id = 2001 RETURNING n', 'INSERT INTO t (id) VALUES (2002) RETURNING id', 'COMMIT');
        my @log = log_since($mark);
        cmp_ok(scalar @log, '<=', 6, "$kind: a block of 5 writes, at most 6 requests: " . @log);
        is(remote('SELECT count(*), sum(n) FROM tap.t WHERE id IN (3, 4, 2001, 2002)'), '3|6', 'all of it is there');
    }
    my (undef, @log) = counted($session, 'simple', 'BEGIN; ROLLBACK; BEGIN; COMMIT');
    is(scalar @log, 0, 'an empty transaction is no request');
}

# --- many rows ----------------------------------------------------------------

{
    my $session = session();

    fill();
    must($session, 'simple', 'SET neon_http_fdw.statement_pushdown = off');
    must($session, 'simple', 'UPDATE t SET n = 1 WHERE id = 1');
    my ($outcome, @log) = counted($session, 'simple', "UPDATE t SET n = n + length(txt), txt = txt || '!'");
    is($outcome->{tag}, 'UPDATE 1000', '1,000 rows updated one by one');
    cmp_ok(scalar @log, '<=', 3, 'at most 3 requests: ' . @log);
    is(remote(q{SELECT count(*) FROM tap.t WHERE txt LIKE 'row %!' AND n = CASE WHEN id = 1 THEN 1 ELSE id END + length(txt) - 1}), '1000', 'all are right');
    ($outcome, @log) = counted($session, 'simple', "DELETE FROM t WHERE id % 2 = 0");
    is($outcome->{tag}, 'DELETE 500', '500 rows deleted');
    cmp_ok(scalar @log, '<=', 3, 'at most 3 requests: ' . @log);
}
{
    my $session = session();

    must($session, 'simple', 'INSERT INTO many (id) VALUES (0)');
    remote('TRUNCATE tap.many');
    my ($outcome, @log) = counted($session, 'simple', 'INSERT INTO many SELECT * FROM here WHERE id <= 10000');
    is($outcome->{tag}, 'INSERT 0 10000', '10,000 local rows') or diag($outcome->{message});
    is(scalar @log, 1, 'are one request');
    is(remote('SELECT count(*), sum(id), max(a) FROM tap.many'), '10000|50005000|text number 9999', 'all are there');
}

# Memory of a process at its peak (kB), and the peak from now on.
sub peak
{
    my ($pid) = @_;
    return slurp("/proc/$pid/status") =~ /VmHWM:\s+(\d+)/ ? $1 : die 'no VmHWM';
}

sub reset_peak
{
    my ($pid) = @_;
    open my $fh, '>', "/proc/$pid/clear_refs" or return;
    print $fh 5;
    close $fh;
}

my $file = "$ENV{STACK_DIR}/many.csv";
value("COPY here TO '$file' (FORMAT csv)");
foreach my $sql ('INSERT INTO many SELECT * FROM here', "COPY many FROM '$file' (FORMAT csv)",
    'BEGIN; INSERT INTO many SELECT * FROM here; COMMIT')
{
    my $session = session();

    # what a session needs anyway; the table's buffers count as its memory
    must($session, 'simple', 'BEGIN; INSERT INTO many (id) VALUES (0) RETURNING id; ROLLBACK');
    must($session, 'simple', 'SELECT sum(length(a)) FROM here');
    remote('TRUNCATE tap.many');
    reset_peak($session->{backend});
    my $base = peak($session->{backend});
    my ($outcome, @log) = counted($session, 'simple', $sql);
    my $grown = (peak($session->{backend}) - $base) * 1024;
    my ($name) = $sql =~ /^(COPY|INSERT|BEGIN)/;
    ok(!$outcome->{sqlstate}, "$name: 100,000 rows") or diag($outcome->{message});
    if ($name eq 'BEGIN')
    {
        # the statement's errors come with it
        cmp_ok(scalar @log, '<=', 2, 'at most two requests');
    }
    else
    {
        is(scalar @log, 1, 'one request');
    }
    my $size = @log ? $log[-1]{bytes_in} : 1;
    cmp_ok($grown, '<=', 2.5 * $size, sprintf('memory: %.2f times the %d bytes of the request', $grown / $size, $size));
    is(remote('SELECT count(*), sum(id), sum(n)::int FROM tap.many'), '100000|5000050000|714292857', 'all are there');
}

# Rows that were made here tie no write of another table: what the remote's
# catalog says of their table comes with their rehearsal.
foreach my $rows ('INSERT INTO many SELECT * FROM here LIMIT 500', 'UPDATE many SET a = upper(many.a) FROM here WHERE here.id = many.id')
{
    my $session = session();

    fill();
    must($session, 'simple', 'BEGIN');
    must($session, 'simple', $rows);
    my $mark = log_mark();
    must($session, 'simple', "UPDATE t SET n = $_ WHERE id = $_") foreach 1 .. 3;
    my @log = map { $json->encode($_->{body}) } log_since($mark);
    is(scalar(grep { /tap\.many/ } @log[1, 2]), 0, "$rows: an update of another table is rehearsed without");
    must($session, 'simple', 'COMMIT');
    is(remote('SELECT sum(n) FROM tap.t WHERE id <= 3'), 6, 'all is committed');
}

# --- over the limit -----------------------------------------------------------

my $port_file = "$ENV{STACK_DIR}/write_limit.port";
my $limit_log = "$ENV{STACK_DIR}/write_limit.log";
unlink $port_file;
start_child(dirname(__FILE__) . '/../endpoint/neon_endpoint',
    '--port-file', $port_file, '--max-request', 200000, '--log', $limit_log,
    '--cert', "$ENV{STACK_DIR}/server.pem", '--key', "$ENV{STACK_DIR}/server.key",
    '--pg-host', $ENV{REMOTE_PGHOST}, '--pg-port', $ENV{REMOTE_PGPORT});
wait_for(sub { -s $port_file }) or die 'no endpoint';
chomp(my $port = slurp($port_file));
foreach my $mode (qw(atomic autocommit))
{
    new_server($mode, "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}', transactions '$mode'");
    value("CREATE FOREIGN TABLE many_$mode (id int, a text, b timestamptz, n numeric) SERVER $mode OPTIONS (schema_name 'tap', table_name 'many')");
}
{
    local $ENV{ENDPOINT_LOG} = $limit_log;
    my $insert = 'SELECT * FROM here WHERE id <= 10000';

    remote('TRUNCATE tap.many');
    my $mark = log_mark();
    my $err = fails("BEGIN; INSERT INTO many_atomic VALUES (1); INSERT INTO many_atomic $insert; COMMIT", 'atomic, over the limit');
    like($err, qr/\b54000\b/, 'as a limit');
    like($err, qr/200000/, 'which is named');
    like($err, qr/HINT:.*(autocommit|smaller transactions)/, 'with a way out');
    is(remote('SELECT count(*) FROM tap.many'), '0', 'nothing was written');
    is(scalar(grep { $_->{status} == 413 } log_since($mark)) <= 1, 1, 'the limit is learned from one refusal');
    my $session = session();
    ask($session, 'simple', "INSERT INTO many_atomic $insert");
    my ($outcome, @log) = counted($session, 'simple', "INSERT INTO many_atomic $insert");
    is($outcome->{sqlstate}, '54000', 'atomic, limit known: fails');
    is(scalar @log, 0, 'before anything is sent');
    ($outcome, @log) = counted($session, 'simple', "INSERT INTO many_autocommit $insert");
    is($outcome->{tag}, 'INSERT 0 10000', 'autocommit') or diag($outcome->{message});
    cmp_ok(scalar @log, '>', 3, 'goes in pieces: ' . @log);
    cmp_ok((sort { $b <=> $a } map { $_->{bytes_in} } grep { $_->{status} == 200 } @log)[0] // 0, '<=', 200000, 'below the limit');
    is(remote('SELECT count(*), sum(id) FROM tap.many'), '10000|50005000', 'all are there');

    # Pieces go as rows come, whatever their number: memory does not grow.
    foreach my $sql ("INSERT INTO many_autocommit SELECT * FROM here", "COPY many_autocommit FROM '$file' (FORMAT csv)")
    {
        my ($name) = $sql =~ /^(COPY|INSERT)/;
        must($session, 'simple', 'SELECT sum(length(a)) FROM here');
        remote('TRUNCATE tap.many');
        reset_peak($session->{backend});
        my $base = peak($session->{backend});
        ($outcome, @log) = counted($session, 'simple', $sql);
        is($outcome->{tag}, "$name " . ($name eq 'INSERT' ? '0 ' : '') . '100000', "$name in pieces") or diag($outcome->{message});
        is(remote('SELECT count(*), sum(id), sum(n)::int FROM tap.many'), '100000|5000050000|714292857', 'each row once');
        is(scalar(grep { $_->{status} != 200 } @log), 0, 'none is refused');
        my $grown = peak($session->{backend}) - $base;
        cmp_ok($grown, '<', 4096, "flat memory ($grown kB)");
    }

    # They are there, and counted, while the file is still being read.
    remote('TRUNCATE tap.many');
    unlink "$file.end";
    my $copy = start_psql("COPY many_autocommit FROM PROGRAM 'cat $file; for i in \$(seq 3000); do [ ! -e $file.end ] || break; sleep 0.1; done' (FORMAT csv)");
    wait_for(sub { remote('SELECT count(*) FROM tap.many') > 50000 });
    cmp_ok(value('SELECT tuples_processed FROM pg_stat_progress_copy') || 0, '>', 50000, 'pg_stat_progress_copy');
    open my $end, '>', "$file.end" or die "$file.end: $!";
    close $end;
    $copy->{handle}->finish;
    unlink "$file.end";
    is(remote('SELECT count(*) FROM tap.many'), 100000, 'then all are');

    # One that fails: those before it stay, none comes behind it.
    remote('TRUNCATE tap.many; ALTER TABLE tap.many ADD CONSTRAINT few CHECK (id <> 50000)');
    $err = fails("COPY many_autocommit FROM '$file' (FORMAT csv)", 'a piece that fails');
    like($err, qr/23514/, 'with its error');
    my ($least, $most) = split /\|/, remote('SELECT count(*), max(id) FROM tap.many');
    is($least, $most, 'all before it are there');
    cmp_ok($most, '<', 50000, 'nothing behind it');
    cmp_ok($most, '>', 40000, 'nearly all, in fact');
    remote('ALTER TABLE tap.many DROP CONSTRAINT few');

    # What the statement reads is never what it has written.
    value("CREATE FOREIGN TABLE many_too (id int, a text, b timestamptz, n numeric) SERVER autocommit OPTIONS (schema_name 'tap', table_name 'many');"
          . ' CREATE FUNCTION same(int) RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN $1; END$$');
    remote('DELETE FROM tap.many WHERE id > 20000');
    my $before = remote('SELECT count(*) FROM tap.many');
    value('INSERT INTO many_autocommit SELECT same(id), a, b, n FROM many_too');
    is(remote('SELECT count(*) FROM tap.many'), 2 * $before, 'a table that is inserted into itself is doubled');
    $err = fails("BEGIN; COPY many_atomic FROM '$file' (FORMAT csv); COMMIT", 'COPY, atomic');
    like($err, qr/54000.*HINT:  Write less in one transaction, or set .*"autocommit"/s, 'names both ways out');
    my $row = "INSERT INTO many_autocommit SELECT 1, repeat('x', 300000)";
    $err = fails("DO \$\$ BEGIN $row; EXCEPTION WHEN program_limit_exceeded THEN END \$\$; $row", 'one row that is too large');
    like($err, qr/54000.*HINT:  Write fewer or smaller rows/s, 'in autocommit: what is left to do');
}
unlink $file;

# --- rows that are wanted back, one by one -------------------------------------

# An UPDATE is run ahead of the executor as an INSERT is.
{
    fill();
    my $session = session();
    ask($session, 'simple', $_) for 'CREATE TEMP TABLE x AS SELECT g AS id, g * 2 AS v FROM generate_series(1, 500) g',
        'BEGIN', 'SELECT count(*) FROM t';
    my $update = 'UPDATE t SET n = x.v FROM x WHERE x.id = t.id';
    for my $case ([ 'UPDATE ... RETURNING', "$update RETURNING t.id, t.n, x.v", 500 ],
        [ 'the same again, of rows written before', "$update RETURNING t.id, t.n, x.v", 500 ],
        [ 'a WITH query', "WITH w AS ($update RETURNING t.id, t.n, x.v) SELECT w.* FROM w", 500 ],
        [ 'a row that is joined twice', 'UPDATE t SET n = x.id FROM x JOIN x y ON true WHERE y.id <= 2 AND x.id = t.id RETURNING t.id, t.n, x.id', 500 ])
    {
        my ($what, $sql, $count) = @$case;
        my ($outcome, @log) = counted($session, 'simple', $sql);
        is(scalar @{ $outcome->{rows} // [] }, $count, "$what: rows") or diag($outcome->{message});
        is((grep { $_->[1] != $_->[2] } @{ $outcome->{rows} // [] }), 0, "$what: each with its own values");
        cmp_ok(scalar @log, '<=', 4, "$what: requests, the scan included: " . @log);
    }
    ask($session, 'simple', 'COMMIT');
    is(remote('SELECT count(*) FROM tap.t WHERE n = id AND id <= 500'), 500, 'and is committed');
}

# Several partitions, a local one among them: each runs ahead by itself.
{
    remote('CREATE TABLE tap.p1 (id int PRIMARY KEY, k int, n int); CREATE TABLE tap.p2 (LIKE tap.p1 INCLUDING ALL)');
    value(<<'SQL');
CREATE TABLE parent (id int, k int, n int) PARTITION BY LIST (k);
CREATE TABLE p0 PARTITION OF parent FOR VALUES IN (0);
CREATE FOREIGN TABLE p1 PARTITION OF parent FOR VALUES IN (1) SERVER neon OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE p2 PARTITION OF parent FOR VALUES IN (2) SERVER neon OPTIONS (schema_name 'tap');
ALTER FOREIGN TABLE p1 ALTER id OPTIONS (ADD key 'true');
ALTER FOREIGN TABLE p2 ALTER id OPTIONS (ADD key 'true');
INSERT INTO parent SELECT g, g % 3, 0 FROM generate_series(1, 1200) g;
SQL
    my $session = session();
    my $sql = 'UPDATE parent SET n = id RETURNING tableoid::regclass, id, n';
    foreach my $begin ('', 'BEGIN')
    {
        ask($session, 'simple', $begin) if $begin;
        my ($outcome, @log) = counted($session, 'simple', $sql);
        is(scalar @{ $outcome->{rows} // [] }, 1200, "$begin partitions: rows") or diag($outcome->{message});
        is((grep { $_->[1] != $_->[2] || substr($_->[0], 1) != $_->[1] % 3 } @{ $outcome->{rows} // [] }), 0, 'each with its own values');
        cmp_ok(scalar @log, '<=', 8, 'requests: ' . @log);
    }
    my ($outcome, @log) = counted($session, 'simple', 'UPDATE parent SET n = 0 FROM generate_series(1, 2) x WHERE id <= 600 RETURNING id');
    is(scalar @{ $outcome->{rows} // [] }, 600, 'each row once') or diag($outcome->{message});
    ask($session, 'simple', 'COMMIT');
    is(value('SELECT count(*) FROM parent WHERE n = CASE WHEN id <= 600 THEN 0 ELSE id END'), 1200, 'and is committed');
}

# A trigger that fires here after each row sees what was written.
{
    fill();
    value(<<'SQL');
CREATE TABLE seen (id int, n int);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (new.id, new.n); RETURN NULL; END $$;
CREATE TRIGGER see AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION see();
SQL
    my $session = session();
    my ($outcome, @log) = counted($session, 'simple', 'UPDATE t SET n = n + 1 WHERE id <= 300');
    is($outcome->{tag}, 'UPDATE 300', 'UPDATE with a local trigger') or diag($outcome->{message});
    cmp_ok(scalar @log, '<=', 4, 'in few requests: ' . @log);
    is(value('SELECT count(*) FROM seen WHERE n = id + 1'), 300, 'which has seen all rows');
    value('DROP TRIGGER see ON t');
}

# A row that somebody else changes meanwhile fails the whole.
{
    fill();
    my $session = session();
    ask($session, 'simple', $_) for 'BEGIN', 'UPDATE t SET n = 0 FROM here WHERE here.id = t.id AND t.id <= 50 RETURNING t.id';
    remote('UPDATE tap.t SET n = -1 WHERE id = 25');
    my $outcome = ask($session, 'simple', 'COMMIT');
    is($outcome->{sqlstate}, '40001', 'a concurrent change is not overwritten');
    is(remote('SELECT n FROM tap.t WHERE id = 25'), -1, 'and stays');
}

# --- many values --------------------------------------------------------------

{
    fill();
    my $session = session();
    my $rows = join(', ', map { "($_, 0, 'v')" } 2001 .. 13000);
    my ($outcome, @log) = counted($session, 'simple', "INSERT INTO t VALUES $rows");
    is($outcome->{tag}, 'INSERT 0 11000', '33,000 literals') or diag($outcome->{message});
    is(scalar @log, 1, 'in one request');
    $rows = join(', ', map { "($_)" } 1 .. 32768);
    ($outcome, @log) = counted($session, 'simple', "SELECT count(*) FROM t JOIN (VALUES $rows) v (id) ON v.id = t.id");
    is($outcome->{rows}[0][0], 12000, 'a list of VALUES above the limit') or diag($outcome->{message});
    is(scalar @log, 1, 'in one request');
    my $or = join(' OR ', map { "id = $_ AND n = -$_" } 1 .. 17000);
    ($outcome, @log) = counted($session, 'simple', "SELECT count(*) FROM t WHERE id < 0 AND ($or)");
    is($outcome->{rows}[0][0], 0, '34,000 different literals') or diag($outcome->{message});
    is(scalar @log, 1, 'in one request');
}

done_testing();
