# The commit point: one transaction stays in one place, an error comes with
# the statement that it belongs to, and nothing that fails here comes after
# the commit there.
use strict;
use warnings;
use IO::Socket::UNIX;
use JSON::PP;
use Test::More;
use NeonTest;

my $database = setup('commit_point');
remote(<<'SQL');
CREATE TABLE tap.t (id int PRIMARY KEY, n int, txt text UNIQUE);
CREATE TABLE tap.other (LIKE tap.t INCLUDING ALL);
CREATE TABLE tap.child (id int REFERENCES tap.t);
SQL
remote('DROP DATABASE IF EXISTS commit_point');
remote('CREATE DATABASE commit_point');
value(<<'SQL');
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
CREATE TABLE loc (id int PRIMARY KEY, x int);
INSERT INTO loc VALUES (1, 0), (2, 0);
SQL
$ENV{PGOPTIONS} .= ' -c session_preload_libraries=neon_http_fdw';

# --- one transaction, one place -----------------------------------------------

my $elsewhere = "ALTER SERVER neon OPTIONS (SET dbname 'commit_point')";
my $back = "ALTER SERVER neon OPTIONS (SET dbname '$ENV{REMOTE_PGDATABASE}')";
my $other_session = qq{\\! psql -X -q -c "$elsewhere" $database};
my $mapping = "OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}')";

# A transaction whose servers and mappings change while it is under way; what
# it wrote is where it began.
my %change = (
    'ALTER SERVER' => [ $elsewhere, $back ],
    'ALTER SERVER in another session' => [ $other_session, $back ],
    'ALTER USER MAPPING' => [
        q{ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET user 'nobody')},
        qq{ALTER USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (SET user '$ENV{REMOTE_PGUSER}')}
    ],
    'a mapping made anew' => [
        q{DROP USER MAPPING FOR CURRENT_USER SERVER neon; CREATE USER MAPPING FOR CURRENT_USER SERVER neon OPTIONS (user 'nobody', password 'x')},
        qq{DROP USER MAPPING FOR CURRENT_USER SERVER neon; CREATE USER MAPPING FOR CURRENT_USER SERVER neon $mapping}
    ]);
my $id = 0;
foreach my $pushdown ('on', 'off')
{
    foreach my $name (sort keys %change)
    {
        my ($sql, $undo) = @{ $change{$name} };
        my ($first, $second) = ($id + 1, $id + 2);
        $id = $second;
        my ($status, $out, $err) = psql(<<"SQL");
SET neon_http_fdw.statement_pushdown = $pushdown;
BEGIN;
INSERT INTO t VALUES ($first, 0);
$sql;
INSERT INTO t VALUES ($second, 0) RETURNING id;
SELECT count(*) FROM t WHERE id IN ($first, $second);
COMMIT;
SQL
        is("$status $out$err", "0 $second\n2", "$name, pushdown $pushdown: works to its end");
        is(remote("SELECT count(*) FROM tap.t WHERE id IN ($first, $second)"), 2,
            "$name, pushdown $pushdown: all of it is where the transaction began");
        value($undo);
    }
}

# What is left of a server that is gone is committed all the same.
foreach my $sql ('DROP USER MAPPING FOR CURRENT_USER SERVER gone', 'DROP SERVER gone CASCADE')
{
    $id++;
    new_server('gone', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'") if !value("SELECT count(*) FROM pg_foreign_server WHERE srvname = 'gone'");
    value(<<"SQL");
CREATE USER MAPPING IF NOT EXISTS FOR CURRENT_USER SERVER gone $mapping;
CREATE FOREIGN TABLE IF NOT EXISTS away (id int OPTIONS (key 'true'), n int) SERVER gone OPTIONS (schema_name 'tap', table_name 't');
SQL
    my ($status, $out, $err) = psql(<<"SQL");
BEGIN;
SELECT n FROM away WHERE id = 1 FOR UPDATE;
INSERT INTO away VALUES ($id, 0);
$sql;
COMMIT;
SQL
    is("$status $out$err", "0 0", "$sql: COMMIT works");
    is(remote("SELECT count(*) FROM tap.t WHERE id = $id"), 1, "$sql: what was written is committed");
}

# --- each error with its statement --------------------------------------------

# The raw extended protocol, for what no library here sends.
sub message
{
    my ($type, $body) = @_;
    return $type . pack('N', length($body) + 4) . $body;
}

sub connect_raw
{
    my $socket = IO::Socket::UNIX->new(Peer => "$ENV{PGHOST}/.s.PGSQL.$ENV{PGPORT}")
      or die "cannot connect: $!";
    my $body = pack('N', 196608)
      . join("\0", user => $ENV{PGUSER}, database => $database, options => $ENV{PGOPTIONS}, '', '');
    print $socket pack('N', length($body) + 4) . $body;
    $socket->flush;
    replies($socket);
    return $socket;
}

# What comes until the session is ready: tags, and SQLSTATEs of errors.
sub replies
{
    my ($socket) = @_;
    my @got;

    while (1)
    {
        read($socket, my $head, 5) == 5 or die 'the session has ended';
        my ($type, $length) = unpack('aN', $head);
        my $body = '';
        read($socket, $body, $length - 4) if $length > 4;
        push @got, $body =~ s/\0.*//sr if $type eq 'C';
        push @got, "ERROR $1" if $type eq 'E' && $body =~ /\0C([0-9A-Z]{5})\0/;
        return join('; ', @got) if $type eq 'Z';
    }
}

# Sends statements in one pipeline, each [SQL, DATA of a COPY], and Sync.
sub pipeline
{
    my ($socket, @statements) = @_;

    foreach my $statement (@statements)
    {
        my ($sql, @data) = ref $statement ? @$statement : $statement;
        print $socket message('P', "\0$sql\0" . pack('n', 0)),
          message('B', "\0\0" . pack('nnn', 0, 0, 0)),
          message('E', "\0" . pack('N', 0));
        print $socket map({ message('d', $_) } @data), message('c', '') if @data;
    }
    print $socket message('S', '');
    $socket->flush;
    return replies($socket);
}

my $raw = connect_raw();
my $file = "$ENV{STACK_DIR}/rows.txt";
open(my $rows, '>', $file) or die $!;
print $rows "1001\n1\n";
close $rows;
chmod 0644, $file;

# Every kind of statement with an error at the remote, alone before Sync and
# with another statement behind it: the error is its own, and nothing stays.
remote(q{INSERT INTO tap.t VALUES (1, 0, 'one') ON CONFLICT (id) DO UPDATE SET txt = 'one'; INSERT INTO tap.child VALUES (1)});
my $before = remote('SELECT count(*), sum(id), count(txt) FROM tap.t');
my %failing = (
    'COPY FROM STDIN' => [ [ 'COPY t (id) FROM STDIN', "1001\n", "1\n" ], '23505' ],
    'COPY FROM a file' => [ "COPY t (id) FROM '$file'", '23505' ],
    'TRUNCATE' => [ 'TRUNCATE t', '0A000' ],
    'INSERT' => [ 'INSERT INTO t VALUES (1001), (1)', '23505' ],
    'INSERT ... SELECT' => [ 'INSERT INTO t SELECT id + 1000 FROM loc UNION ALL SELECT 1', '23505' ],
    'UPDATE' => [ q{UPDATE t SET txt = 'one' WHERE id = 2}, '23505' ],
    'UPDATE ... FROM' => [ q{UPDATE t SET txt = 'one' FROM loc WHERE loc.id = t.id AND t.id = 2}, '23505' ],
    'DELETE' => [ 'DELETE FROM t WHERE id = 1', '23503' ],
    'SELECT' => [ 'SELECT 1 / n FROM t WHERE id = 2', '22012' ],
    'neon_http_exec()' => [ q{SELECT neon_http_exec('neon', 'INSERT INTO tap.t VALUES (1)')}, '23505' ],
    'neon_http_batch()' => [ q{SELECT neon_http_batch('neon', ARRAY['INSERT INTO tap.t VALUES (1001)', 'INSERT INTO tap.t VALUES (1)'])}, '23505' ],
    'INSERT ... RETURNING' => [ 'INSERT INTO t VALUES (1001), (1) RETURNING id', '23505' ],
    'an upsert' => [ q{INSERT INTO t VALUES (1001), (2) ON CONFLICT (id) DO UPDATE SET txt = 'one'}, '23505', 'on' ],
    'WITH' => [ q{WITH w AS (UPDATE t SET txt = 'one' WHERE id = 2 RETURNING id) SELECT w.id FROM w, loc}, '23505' ],
    'INSERT into a parent' => [ 'INSERT INTO parent VALUES (1001), (1)', '23505' ],
    'UPDATE of a parent' => [ q{UPDATE parent SET txt = 'one' WHERE id = 2}, '23505' ],
    'COPY to a parent' => [ [ 'COPY parent (id) FROM STDIN', "1001\n", "1\n" ], '23505' ],
    'EXPLAIN ANALYZE INSERT' => [ 'EXPLAIN (ANALYZE) INSERT INTO t VALUES (1001), (1)', '23505' ],
    'EXPLAIN ANALYZE UPDATE' => [ q{EXPLAIN (ANALYZE) UPDATE t SET txt = 'one' FROM loc WHERE loc.id = t.id AND t.id = 2}, '23505' ],
    'CREATE TABLE AS' => [ 'CREATE TABLE made AS SELECT 1 / n AS n FROM t', '22012' ],
    'SELECT INTO' => [ 'SELECT 1 / n AS n INTO made FROM t', '22012' ],
    'CREATE MATERIALIZED VIEW' => [ 'CREATE MATERIALIZED VIEW made AS SELECT 1 / n AS n FROM t', '22012' ],
    'REFRESH MATERIALIZED VIEW' => [ 'REFRESH MATERIALIZED VIEW kept', '22012' ],
    'COPY (SELECT) TO STDOUT' => [ 'COPY (SELECT 1 / n FROM t WHERE id = 2) TO STDOUT', '22012' ],
    'COPY (UPDATE) TO STDOUT' => [ q{COPY (UPDATE t SET txt = 'one' WHERE id = 2 RETURNING id) TO STDOUT}, '23505' ],
    'CALL' => [ 'CALL put(1)', '23505' ],
    'CALL of SQL' => [ 'CALL put_sql(1)', '23505' ],
    'DO' => [ 'DO $$BEGIN INSERT INTO t VALUES (1001); INSERT INTO t VALUES (1); END$$', '23505' ],
    'a function' => [ 'SELECT put_fn(1)', '23505' ],
    'a trigger here' => [ 'INSERT INTO pulled VALUES (1)', '23505' ],
    'EXECUTE' => [ 'EXECUTE put(1)', '23505' ],
    'ANALYZE' => [ 'ANALYZE broken', '22012' ],
    'MERGE' => [ 'MERGE INTO loc USING (SELECT 1 / n AS n FROM t WHERE id = 2 OFFSET 0) s ON s.n = loc.id WHEN MATCHED THEN DELETE', '22012' ]);
value(<<'SQL');
CREATE TABLE parent (id int, n int, txt text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE parent_t PARTITION OF parent FOR VALUES FROM (0) TO (10000) SERVER neon OPTIONS (schema_name 'tap', table_name 't');
ALTER FOREIGN TABLE parent_t ALTER id OPTIONS (ADD key 'true');
CREATE MATERIALIZED VIEW kept AS SELECT 1 / n AS n FROM t WITH NO DATA;
CREATE FOREIGN TABLE broken (n int) SERVER neon OPTIONS (schema_name 'tap');
CREATE PROCEDURE put(int) LANGUAGE plpgsql AS 'BEGIN INSERT INTO t VALUES (1000 + $1); INSERT INTO t VALUES ($1); END';
CREATE PROCEDURE put_sql(int) LANGUAGE sql AS 'INSERT INTO t VALUES (1000 + $1); INSERT INTO t VALUES ($1)';
CREATE FUNCTION put_fn(int) RETURNS void LANGUAGE plpgsql AS 'BEGIN INSERT INTO t VALUES (1000 + $1); INSERT INTO t VALUES ($1); END';
CREATE TABLE pulled (id int);
CREATE FUNCTION pull() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM put_fn(NEW.id); RETURN NULL; END';
CREATE TRIGGER pull AFTER INSERT ON pulled FOR EACH ROW EXECUTE FUNCTION pull();
SQL
remote('CREATE VIEW tap.broken AS SELECT 1 / n AS n FROM tap.t');
pipeline($raw, 'PREPARE put(int) AS INSERT INTO t VALUES (1000 + $1), ($1)');
foreach my $pushdown ('on', 'off')
{
    pipeline($raw, "SET neon_http_fdw.statement_pushdown = $pushdown");
    foreach my $kind (sort keys %failing)
    {
        my ($statement, $sqlstate, $only) = @{ $failing{$kind} };

        next if $only && $only ne $pushdown;
        is(pipeline($raw, $statement), "ERROR $sqlstate", "$kind, pushdown $pushdown: the error is its own");
        # a whole INSERT of values waits for what follows, here for Sync
        my $answered = $kind eq 'INSERT' && $pushdown eq 'on' ? 'INSERT 0 2; SELECT 1; ' : '';
        is(pipeline($raw, 'SELECT 1', $statement, 'SELECT 2'), "SELECT 1; ${answered}ERROR $sqlstate",
            "$kind, pushdown $pushdown: also among others");
        is(remote('SELECT count(*), sum(id), count(txt) FROM tap.t'), $before, "$kind, pushdown $pushdown: nothing was written");
    }
    is(pipeline($raw, [ 'COPY t (id) FROM STDIN', "2001\n", "2002\n" ], 'DELETE FROM t WHERE id > 2000'),
        'COPY 2; DELETE 2', "pushdown $pushdown: what works works");
}
# Prepared first, as tokio-postgres and pgx do it, by the name of a statement.
foreach my $kind ('COPY FROM STDIN', 'COPY FROM a file', 'TRUNCATE', 'INSERT', 'UPDATE', 'DELETE', 'CALL', 'DO')
{
    my ($sql, @data) = ref $failing{$kind}[0] ? @{ $failing{$kind}[0] } : $failing{$kind}[0];

    print $raw message('P', "named\0$sql\0" . pack('n', 0)), message('D', "Snamed\0"), message('S', '');
    $raw->flush;
    is(replies($raw), '', "$kind, prepared");
    print $raw message('B', "\0named\0" . pack('nnn', 0, 0, 0)), message('E', "\0" . pack('N', 0));
    print $raw map({ message('d', $_) } @data), message('c', '') if @data;
    print $raw message('S', ''), message('C', "Snamed\0"), message('S', '');
    $raw->flush;
    is(replies($raw), "ERROR $failing{$kind}[1]", "$kind, prepared: the error is its own");
    is(replies($raw), '', "$kind, prepared: closed");
}
is(remote('SELECT count(*), sum(id), count(txt) FROM tap.t'), $before, 'prepared: nothing was written');
# A deferred constraint is checked when the transaction ends: with Sync, as for a table here.
remote('CREATE TABLE tap.deferred (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
value("CREATE FOREIGN TABLE deferred (id int) SERVER neon OPTIONS (schema_name 'tap'); CREATE TABLE deferred_here (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
foreach my $sql ('INSERT INTO %s SELECT 1 FROM generate_series(1, 2)', 'DO $$BEGIN INSERT INTO %s VALUES (1), (1); END$$', 'EXPLAIN (ANALYZE) INSERT INTO %s VALUES (1), (1)')
{
    is(pipeline($raw, 'SELECT 1', sprintf($sql, 'deferred'), 'SELECT 2'), pipeline($raw, 'SELECT 1', sprintf($sql, 'deferred_here'), 'SELECT 2'),
        sprintf("$sql: a deferred constraint as here", 'deferred'));
}
is(pipeline($raw, [ 'COPY deferred (id) FROM STDIN', "1\n", "1\n" ]), 'COPY 2; ERROR 23505', 'COPY: a deferred constraint with Sync');
is(remote('SELECT count(*) FROM tap.deferred'), 0, 'a deferred constraint: nothing was written');

# What comes between Execute and Sync: nothing, Close, or nothing yet.
foreach my $case ([ 'Sync', '', 0, 1 ], [ 'Close', message('C', "S\0"), 0, 2 ], [ 'a late Sync', '', 1, 2 ])
{
    my ($name, $between, $late, $most) = @$case;
    my $mark = log_mark();

    pipeline($raw, 'SET neon_http_fdw.statement_pushdown = on');
    print $raw message('P', "\0UPDATE t SET n = n + 1 WHERE id = 1\0" . pack('n', 0)),
      message('B', "\0\0" . pack('nnn', 0, 0, 0)), message('E', "\0" . pack('N', 0)), $between, $late ? message('H', '') : ();
    $raw->flush;
    wait_for(sub { scalar(log_since($mark)) > 0 }) or die 'nothing is sent' if $late;
    print $raw message('S', '');
    $raw->flush;
    is(replies($raw), 'UPDATE 1', "$name: works");
    cmp_ok(scalar(log_since($mark)), '<=', $most, "$name: requests");
}
$raw->close;
is(remote('SELECT n FROM tap.t WHERE id = 1'), 3, 'each is committed once');
remote('UPDATE tap.t SET n = 0 WHERE id = 1');

# --- what can fail here fails before the commit there --------------------------

value(<<'SQL');
CREATE FUNCTION divide() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1 / (NEW.id - 1); RETURN NULL; END';
CREATE TABLE once (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE watched (id int);
CREATE CONSTRAINT TRIGGER divide AFTER INSERT ON watched DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION divide();
SQL
my $temporary = 'CREATE TEMP TABLE p (id int PRIMARY KEY) ON COMMIT DELETE ROWS; CREATE TEMP TABLE c (id int REFERENCES p)';
foreach my $case (
    [ 'ON COMMIT and a foreign key', $temporary, '0A000' ],
    [ 'a deferred constraint', 'INSERT INTO once VALUES (1), (1)', '23505' ],
    [ 'a deferred trigger', 'INSERT INTO watched VALUES (1)', '22012' ])
{
    my ($name, $sql, $sqlstate) = @$case;
    my $mark = log_mark();

    like(fails("BEGIN; UPDATE t SET n = 77 WHERE id = 1; $sql; COMMIT", $name), qr/ERROR:  $sqlstate: /, "$name: the error");
    is(remote('SELECT n FROM tap.t WHERE id = 1'), 0, "$name: nothing was written");
}
is(value('BEGIN; CREATE TEMP TABLE gone (id int) ON COMMIT DROP; CREATE TEMP TABLE empty (id int) ON COMMIT DELETE ROWS;'
      . ' INSERT INTO empty VALUES (1); UPDATE t SET n = 5 WHERE id = 1; COMMIT;'
      . " SELECT to_regclass('gone') IS NULL, count(*) FROM empty"), 't|0', 'ON COMMIT actions take place once');
is(remote('SELECT n FROM tap.t WHERE id = 1'), 5, 'and so does the commit');

# --- two queues -----------------------------------------------------------------

new_server('second', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
value("CREATE FOREIGN TABLE other2 (id int OPTIONS (key 'true'), n int) SERVER second OPTIONS (schema_name 'tap', table_name 'other')");
remote('INSERT INTO tap.other VALUES (1, 0)');
my $there = 'SELECT t.n, o.n FROM tap.t, tap.other o WHERE t.id = 1 AND o.id = 1';
my $who = qr/server "neon" as "$ENV{REMOTE_PGUSER}"/;
my $behind = qr/server "second" as "$ENV{REMOTE_PGUSER}"/;

# What another session does between the rehearsals and COMMIT; what the first
# request of COMMIT, or the second one, meets.
sub two_queues
{
    my ($between) = @_;

    remote('UPDATE tap.t SET n = 0 WHERE id = 1; UPDATE tap.other SET n = 0 WHERE id = 1');
    my ($status, $out, $err) = psql(<<"SQL", go_on => 1);
\\set VERBOSITY verbose
BEGIN;
UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n;
UPDATE other2 SET n = n + 1 WHERE id = 1 RETURNING n;
\\! $between
COMMIT;
SQL
    fault(undef);
    return $err;
}

sub sql_there
{
    my ($sql) = @_;
    return "PGOPTIONS= PGPASSWORD='$ENV{REMOTE_PGPASSWORD}' psql -XAtq -h $ENV{REMOTE_PGHOST} -p $ENV{REMOTE_PGPORT} -U $ENV{REMOTE_PGUSER} -c '$sql' $ENV{REMOTE_PGDATABASE}";
}

# Sessions there that sleep in a statement with this text, with what they hold;
# and what ends them.
sub sleepers { return "FROM pg_stat_activity WHERE query LIKE \$\$%$_[0]%\$\$ AND wait_event = \$\$PgSleep\$\$ AND pid <> pg_backend_pid()" }

sub wake
{
    my ($text) = @_;

    remote('SELECT pg_terminate_backend(pid) ' . sleepers($text));
    wait_for(sub { !remote('SELECT count(*) ' . sleepers($text)) }) or die "$text does not end";
}

sub arm
{
    my ($fault) = @_;
    return "printf '%s' '$fault' > $ENV{ENDPOINT_FAULTS}";
}

# Locks are checked before anything is written, wherever it is.
remote('UPDATE tap.t SET n = 0 WHERE id = 1');
like(fails("BEGIN;\nUPDATE t SET n = 1 WHERE id = 1;\nSELECT n FROM other2 WHERE id = 1 FOR UPDATE;\n\\! "
          . sql_there('UPDATE tap.other SET n = 2 WHERE id = 1') . "\nCOMMIT;", 'a lock on the second'),
    qr/ERROR:  40001: /, 'a lock on the second: 40001');
is(remote('SELECT n FROM tap.t WHERE id = 1'), 0, 'a lock on the second: nothing is written to the first');
is(two_queues('true'), '', 'two servers: works');
is(remote($there), '1|1', 'two servers: committed on both');
my $err = two_queues(sql_there('UPDATE tap.other SET n = 10'));
like($err, qr/ERROR:  40001: could not serialize access/, 'a conflict on the second: 40001');
is(remote($there), '0|10', 'a conflict on the second: nothing was written');
$err = two_queues(sql_there('UPDATE tap.t SET n = 10'));
like($err, qr/ERROR:  40001: could not serialize access/, 'a conflict on the first: 40001');
is(remote($there), '10|0', 'a conflict on the first: nothing was written');

# At COMMIT the second is tried, then the first is committed, then the second.
$err = two_queues(arm('{"skip":2,"status":400,"json":{"message":"no more room","code":"54000","severity":"ERROR"}}'));
like($err, qr/ERROR:  2D000: transaction is committed on $who, but not on $behind/, 'the second fails behind the first: not a reason to retry');
like($err, qr/DETAIL:  54000: no more room/, 'the second fails behind the first: the reason');
like($err, qr/HINT:  Do not repeat the transaction/, 'the second fails behind the first: what to do');
is(remote($there), '1|0', 'the second fails behind the first: what is there');
$err = two_queues(arm('{"skip":2,"drop":"after"}'));
like($err, qr/ERROR:  2D000: transaction is committed on $who, and it is unknown whether it is on $behind/,
    'the reply of the second is lost: not a reason to retry');
is(remote($there), '1|1', 'the reply of the second is lost: what is there');
$err = two_queues(arm('{"skip":1,"drop":"after"}'));
like($err, qr/ERROR:  08007: /, 'the reply of the first is lost: 08007');
is(remote($there), '1|0', 'the reply of the first is lost: nothing on the second');
is(two_queues(arm('{"drop":"after"}')), '', 'the reply of the trial is lost: works');
is(remote($there), '1|1', 'the reply of the trial is lost: committed on both');

# --- committed, but -------------------------------------------------------------

remote(q{CREATE TABLE tap.shown (id int PRIMARY KEY, v text); INSERT INTO tap.shown VALUES (1, '1')});
value(<<'SQL');
CREATE DOMAIN small AS int CHECK (VALUE < 10);
CREATE TYPE mood AS ENUM ('fine');
CREATE TYPE pair AS (a int);
CREATE FOREIGN TABLE as_domain (id int OPTIONS (key 'true'), v small) SERVER neon OPTIONS (schema_name 'tap', table_name 'shown');
CREATE FOREIGN TABLE as_enum (id int OPTIONS (key 'true'), v mood) SERVER neon OPTIONS (schema_name 'tap', table_name 'shown');
CREATE FOREIGN TABLE as_pair (id int OPTIONS (key 'true'), v pair) SERVER neon OPTIONS (schema_name 'tap', table_name 'shown');
CREATE FOREIGN TABLE as_int (id int OPTIONS (key 'true'), v int) SERVER neon OPTIONS (schema_name 'tap', table_name 'shown');
CREATE FOREIGN TABLE as_text (id int OPTIONS (key 'true'), v text) SERVER neon OPTIONS (schema_name 'tap', table_name 'shown');
SQL
remote(q{CREATE FUNCTION tap.spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v = NEW.v || chr(20000); RETURN NEW; END'});
remote('CREATE TRIGGER spoil BEFORE UPDATE ON tap.shown FOR EACH ROW EXECUTE FUNCTION tap.spoil()');
my $shown = 'SELECT v = \'1\' FROM tap.shown';

# Without a rehearsal only the remote's reply tells; what might be refused is
# rehearsed, and nothing is written.
foreach my $case (
    [ 'a domain', 'UPDATE as_domain SET id = 1 WHERE id = 1 RETURNING v', '22P02' ],
    [ 'an enum', 'UPDATE as_enum SET id = 1 WHERE id = 1 RETURNING v', '22P02' ],
    [ 'a composite type', 'UPDATE as_pair SET id = 1 WHERE id = 1 RETURNING v', '22P02' ],
    [ 'the encoding of the client', 'SET client_encoding = LATIN1; UPDATE as_text SET id = 1 WHERE id = 1 RETURNING v', '22P05' ])
{
    my ($name, $sql, $sqlstate) = @$case;

    like(fails($sql =~ s/; /;\n/r, "$name refuses"), qr/ERROR:  $sqlstate: /, "$name refuses: the error");
    is(remote($shown), 't', "$name refuses: nothing was written");
}
$err = fails('UPDATE as_int SET id = 1 WHERE id = 1 RETURNING v', 'another type here');
like($err, qr/ERROR:  2D000: invalid input syntax for type integer/, 'another type here: committed, but');
like($err, qr/HINT:  What was written to $who stays/, 'another type here: the hint');
is(remote($shown), 'f', 'another type here: it is committed');
remote(q{DROP TRIGGER spoil ON tap.shown; UPDATE tap.shown SET v = '1'});
is(value('UPDATE as_domain SET id = 1 WHERE id = 1 RETURNING v'), 1, 'a domain that takes it');

# Where each statement commits by itself, and where that is asked for.
remote('TRUNCATE tap.other; INSERT INTO tap.other VALUES (1, 0)');
new_server('auto', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}', transactions 'autocommit'");
value("CREATE FOREIGN TABLE auto_int (id int OPTIONS (key 'true'), n int, txt int) SERVER auto OPTIONS (schema_name 'tap', table_name 'other')");
foreach my $pushdown ('on', 'off')
{
    my $set = "SET neon_http_fdw.statement_pushdown = $pushdown;";
    my $number = $pushdown eq 'on' ? 10 : 20;

    remote(qq{ALTER TABLE tap.other ALTER txt SET DEFAULT 'none $number'});
    $err = fails("$set INSERT INTO auto_int (id) VALUES ($number) RETURNING txt", "autocommit, pushdown $pushdown");
    like($err, qr/ERROR:  2D000: invalid input syntax.*HINT:  What was written to server "auto"/s, "autocommit, pushdown $pushdown: committed, but");
    is(remote("SELECT count(*) FROM tap.other WHERE id = $number"), 1, "autocommit, pushdown $pushdown: it is committed");
    $err = fails("$set INSERT INTO auto_int (id, n) VALUES ($number, 1) RETURNING n", "autocommit, pushdown $pushdown, refused");
    like($err, qr/ERROR:  23505: /, "autocommit, pushdown $pushdown, refused: the error itself");
}
like(fails(q{SELECT neon_http_batch('neon', ARRAY['INSERT INTO tap.other VALUES (1, 0)'])}, 'a batch that is refused'), qr/ERROR:  23505: /, 'a batch that is refused: the error itself');
is(fails("SELECT 1 / 0", 'the next statement') =~ /ERROR:  22012: /, 1, 'an error of the next statement is its own');

# --- a session that is ended in COMMIT ------------------------------------------

# The client hears of the outcome first, and then that the session ends.
remote(<<'SQL');
CREATE TABLE tap.slowly (id int PRIMARY KEY);
CREATE FUNCTION tap.dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(20); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON tap.slowly DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tap.dawdle();
SQL
value("CREATE FOREIGN TABLE slowly (id int OPTIONS (key 'true')) SERVER neon OPTIONS (schema_name 'tap')");
foreach my $case (
    [ 'a transaction', "BEGIN;\nINSERT INTO slowly VALUES (%d);\nCOMMIT" ],
    [ 'a statement', 'INSERT INTO slowly VALUES (%d)' ])
{
    my ($name, $sql) = @$case;

    $id++;
    $err = fails("SELECT pg_backend_pid() AS pid \\gset\n\\setenv PID :pid\n"
          . "\\! (until " . sql_there('SELECT 1 ' . sleepers(''))
          . " | grep -q 1; do sleep 0.1; done; psql -X -q -c \"SELECT pg_terminate_backend(\$PID)\" $database) >/dev/null 2>&1 &\n"
          . sprintf($sql, $id) . ';', "$name, ended");
    like($err, qr/ERROR:  08007: it is unknown.*terminating connection due to administrator command/s, "$name, ended: what has become of it");
    wake('');
}

# --- limits of time ---------------------------------------------------------------

remote(q{INSERT INTO tap.t VALUES (3000, 0, 'held')});
my $holder = start_child(sub {
        remote(q{BEGIN; UPDATE tap.t SET n = 1 WHERE id = 3000; INSERT INTO tap.t VALUES (3001, 0); SELECT pg_sleep(900)});
});
wait_for(sub { remote('SELECT count(*) ' . sleepers('pg_sleep(900)')) }) or die 'nobody holds locks';

# The error of SQL that a limit of time ends.  A part of it is kept for the
# remote to say so: on a busy machine that of a longer one.
sub limited
{
    my ($setting, $sqlstate, $sql, $after) = @_;
    my $error;

    foreach my $time ('800ms', '4s', '16s')
    {
        (undef, undef, $error) = psql("\\set VERBOSITY verbose\nSET $setting = '$time';\n$sql;");
        $after->() if $after;
        last if $error =~ /ERROR:  $sqlstate: /;
    }
    return $error;
}

foreach my $case (
    [ 'INSERT ... SELECT', 'INSERT INTO t SELECT 3001 FROM loc WHERE id = 1' ],
    [ 'COPY', "COPY t (id) FROM STDIN;\n3001\n\\.\n" ],
    [ 'UPDATE', 'UPDATE t SET n = 2 WHERE id = 3000' ],
    [ 'UPDATE in a block', "BEGIN;\nUPDATE t SET n = 2 WHERE id = 3000;\nCOMMIT" ])
{
    my ($name, $sql) = @$case;
    foreach my $limit ([ 'statement_timeout', '57014' ], [ 'lock_timeout', '55P03' ])
    {
        my ($setting, $sqlstate) = @$limit;
        my $begin = now_ms();

        like(limited($setting, $sqlstate, $sql), qr/ERROR:  $sqlstate: /, "$name, $setting: the error");
        cmp_ok(now_ms() - $begin, '<', 30000, "$name, $setting: in time");
    }
}
wake('pg_sleep(900)');
end_child($holder);
is(remote('SELECT count(*) FROM tap.t WHERE id = 3001 OR n = 2'), 0, 'limits of time: nothing was written');

# A commit that waits, as what was rehearsed waits for somebody who came later.
foreach my $case (
    [ 'a commit that writes', 'UPDATE t SET n = 2 WHERE id = 3000' ],
    [ 'a commit that only locks', 'SELECT n FROM t WHERE id = 3000 FOR UPDATE' ])
{
    my ($name, $sql) = @$case;
    foreach my $limit ([ 'statement_timeout', '57014' ], [ 'lock_timeout', '55P03' ])
    {
        my ($setting, $sqlstate) = @$limit;
        my $hold = sql_there('BEGIN; UPDATE tap.t SET n = 1 WHERE id = 3000; SELECT pg_sleep(901)');
        my $holds = sql_there('SELECT 1 ' . sleepers('pg_sleep(901)'));

        like(limited($setting, $sqlstate,
                "BEGIN;\n$sql;\n\\! ($hold) >/dev/null 2>&1 &\n\\! until $holds | grep -q 1; do sleep 0.1; done\nCOMMIT", sub { wake('pg_sleep(901)') }),
            qr/ERROR:  $sqlstate: /, "$name, $setting: the error");
    }
}

# Another extension that commits elsewhere, behind this one.
value(<<"SQL");
CREATE EXTENSION postgres_fdw;
CREATE SERVER pg FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$ENV{REMOTE_PGHOST}', port '$ENV{REMOTE_PGPORT}', dbname '$ENV{REMOTE_PGDATABASE}');
CREATE USER MAPPING FOR CURRENT_USER SERVER pg $mapping;
CREATE FOREIGN TABLE late (id int) SERVER pg OPTIONS (schema_name 'tap', table_name 'late');
SQL
remote('CREATE TABLE tap.late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
{
    local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
    my $late = 'INSERT INTO late VALUES (1), (1)';

    remote('UPDATE tap.t SET n = 0 WHERE id = 1');
    $err = fails("SELECT count(*) FROM late;\nBEGIN;\nUPDATE t SET n = 8 WHERE id = 1;\n$late;\nCOMMIT;", 'an extension behind this one');
    like($err, qr/ERROR:  2D000: duplicate key value/, 'an extension behind this one: 2D000');
    like($err, qr/HINT:  What was written to $who stays/, 'an extension behind this one: the hint');
    is(remote('SELECT n FROM tap.t WHERE id = 1'), 8, 'an extension behind this one: what is there');
    $err = fails("LOAD 'neon_http_fdw';\nBEGIN;\nUPDATE t SET n = 9 WHERE id = 1;\n$late;\nCOMMIT;", 'an extension before this one');
    like($err, qr/ERROR:  23505: /, 'an extension before this one: the error itself');
    is(remote('SELECT n FROM tap.t WHERE id = 1'), 8, 'an extension before this one: nothing was written');
}

# --- which rows a statement of the user's own concerns ---------------------------

remote(<<'SQL');
CREATE TABLE tap."Odd ""table" (id int PRIMARY KEY, "where" int, "a from" int[], txt text);
CREATE TABLE tap.part (id int, n int) PARTITION BY LIST (id);
CREATE TABLE tap.part1 PARTITION OF tap.part FOR VALUES IN (1, 2);
CREATE VIEW tap.seen AS SELECT id, txt FROM tap."Odd ""table";
CREATE FUNCTION tap.fill() RETURNS void LANGUAGE sql AS $$
  TRUNCATE tap."Odd ""table", tap.part;
  INSERT INTO tap."Odd ""table" SELECT g, g, ARRAY[g, NULL], 'row ' || g FROM generate_series(1, 9) g;
  INSERT INTO tap.part VALUES (1, 1), (2, 2) $$;
SQL
foreach my $case (
    [ q{UPDATE tap."Odd ""table" SET "where" = 0 WHERE id < 3}, 2, 1 ],
    [ q{UPDATE tap."Odd ""table" AS o SET txt = (SELECT 'from ' || max(id) FROM tap.part WHERE true)}, 9, 1 ],
    [ q{update only tap."Odd ""table" set "where" = id where "where" is distinct from id + 1 -- where}, 9, 1 ],
    [ q{UPDATE tap."Odd ""table" SET txt = NULL /* from */ , "a from"[1] = extract(day FROM now()) FROM tap.part p JOIN tap.part q USING (id) WHERE p.id = "Odd ""table".id OR false;}, 2, 1 ],
    [ q{UPDATE tap."Odd ""table" o SET "where" = o."where" FROM tap.part WHERE o.id IS NOT DISTINCT FROM part.id RETURNING o.*, part}, 2, 1 ],
    [ q{WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 3) CYCLE i SET c USING path DELETE FROM tap."Odd ""table" AS "from" USING r WHERE "from".id = r.i RETURNING 'returning'}, 3, 1 ],
    [ q{DELETE FROM tap.part}, 2, 1 ],
    [ q{UPDATE tap.part SET n = length($$1 WHERE $$) WHERE id = 7}, 0, 1 ],
    [ q{UPDATE tap.seen SET txt = 'seen' WHERE id = 1}, 1, 0 ],
    [ q{INSERT INTO tap.part SELECT 1, 1 FROM tap.part}, 2, 0 ])
{
    my ($sql, $count, $versioned) = @$case;
    my $literal = $sql =~ s/'/''/gr;
    my $mark = log_mark();

    remote('SELECT tap.fill()');
    is(value("BEGIN; SELECT neon_http_exec('neon', '$literal'); COMMIT"), $count, "own: $sql");
    is(scalar(grep { my $body = JSON::PP::encode_json($_->{body}); index($body, 'ROLLBACK') < 0 && index($body, 'neon_http_version') >= 0 } log_since($mark)),
        $versioned, 'own: versions are checked' . ($versioned ? '' : ' only where rows have them'));
}

# A role that may write, but not read.
my $blind = "blind_$$";          # pooled sessions know the one of an earlier run
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("CREATE ROLE $blind LOGIN PASSWORD '$ENV{REMOTE_PGPASSWORD}'; GRANT USAGE ON SCHEMA tap TO $blind; GRANT UPDATE, DELETE, INSERT ON tap.part TO $blind");
}
new_server('blind', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
value("ALTER USER MAPPING FOR CURRENT_USER SERVER blind OPTIONS (SET user '$blind'); CREATE FOREIGN TABLE blind_part (id int, n int) SERVER blind OPTIONS (schema_name 'tap', table_name 'part')");
remote('SELECT tap.fill()');
my ($blind_status, undef, $blind_error) = psql(q{BEGIN; UPDATE blind_part SET n = 7; SELECT neon_http_exec('blind', 'UPDATE tap.part SET id = 2'); COMMIT});
is("$blind_status$blind_error", '0', 'a role that must not read may write');
is(remote('SELECT count(*) FROM tap.part WHERE n = 7 AND id = 2'), 2, 'a role that must not read: what is there');

# Inserted rows cannot come back to it, either.
foreach my $sql ('BEGIN; INSERT INTO blind_part VALUES (1, 70); INSERT INTO blind_part VALUES (1, 71), (2, 72); SAVEPOINT s; INSERT INTO blind_part VALUES (1, 0); ROLLBACK TO s; COMMIT',
    'BEGIN; INSERT INTO blind_part SELECT id, 71 FROM loc; INSERT INTO blind_part VALUES (1, 71) ON CONFLICT DO NOTHING; COMMIT',
    'BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO blind_part VALUES (1, 71), (2, 71); INSERT INTO blind_part VALUES (1, 71); COMMIT',
    'WITH a AS (INSERT INTO blind_part VALUES (1, 70), (1, 71)), b AS (INSERT INTO blind_part VALUES (2, 72)) SELECT 1 \g /dev/null',
    'SET neon_http_fdw.statement_pushdown = off; BEGIN; INSERT INTO blind_part VALUES (1, 71); INSERT INTO blind_part SELECT id, 71 FROM loc; COMMIT',
    'INSERT INTO blind_part SELECT 1, 71 FROM generate_series(1, 3)')
{
    remote('DELETE FROM tap.part');
    my ($status, undef, $error) = psql($sql);
    is("$status$error", '0', "a role that may only insert: $sql");
    is(remote('SELECT count(*), sum(n) FROM tap.part'), '3|213', 'a role that may only insert: what is there');
}
like(fails('BEGIN; INSERT INTO blind_part VALUES (7, 1); COMMIT', 'a role that may only insert, what is refused'), qr/ERROR:  23514: /, 'a role that may only insert, what is refused: the error itself');

# One that may read some columns only: not what takes all of them.
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("CREATE TABLE tap.secret (id serial PRIMARY KEY, n int, secret text); GRANT SELECT (id, n), INSERT (n), UPDATE (n), DELETE ON tap.secret TO $blind; GRANT ALL ON SEQUENCE tap.secret_id_seq TO $blind");
}
value("CREATE FOREIGN TABLE part_seen (id int OPTIONS (key 'true'), n int) SERVER blind OPTIONS (schema_name 'tap', table_name 'secret')");
is(value('INSERT INTO part_seen (n) VALUES (1) RETURNING id; BEGIN; INSERT INTO part_seen (n) VALUES (2); UPDATE part_seen SET n = n + 10 WHERE id = 1 RETURNING n; COMMIT;'
      . ' BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT n FROM part_seen ORDER BY n; UPDATE part_seen SET n = n + 1; COMMIT; SELECT sum(n) FROM part_seen'), "1\n11\n2\n11\n15", 'a role that may read some columns');
foreach my $sql ('BEGIN; INSERT INTO part_seen (n) VALUES (3) RETURNING id; COMMIT', 'UPDATE part_seen SET n = loc.id FROM loc WHERE loc.id = part_seen.id', 'SELECT n FROM part_seen FOR UPDATE')
{
    like(fails($sql, "the exception: $sql"), qr/ERROR:  42501: /, 'the exception: what takes all columns');
}
is(value('SELECT sum(n) FROM part_seen'), 15, 'the exception: nothing is written');
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("DROP TABLE tap.secret; DROP OWNED BY $blind; DROP ROLE $blind");
}

# --- the exception: remote triggers run once more at the commit -----------------

remote(<<'SQL');
CREATE TABLE tap.stamped (id int PRIMARY KEY, n int, at timestamptz);
CREATE FUNCTION tap.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at = clock_timestamp(); RETURN NEW; END';
CREATE TRIGGER stamp BEFORE UPDATE ON tap.stamped FOR EACH ROW EXECUTE FUNCTION tap.stamp();
INSERT INTO tap.stamped VALUES (1, 0);
SQL
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (stamped) FROM SERVER neon INTO public');
my $stamp = value("SET timezone = 'UTC'; BEGIN; UPDATE stamped SET n = n + 1 WHERE id = 1 RETURNING at; COMMIT");
is(remote("SET timezone = 'UTC'; SELECT n, at > '$stamp' FROM tap.stamped"), '1|t', 'a stamp of a remote trigger is that of the commit');
is(value("SET timezone = 'UTC'; UPDATE stamped SET n = n + 1 WHERE id = 1 RETURNING at"),
    remote("SET timezone = 'UTC'; SELECT at FROM tap.stamped"), 'that of a statement alone is the one that it returned');

done_testing();
