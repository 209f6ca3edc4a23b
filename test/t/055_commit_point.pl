# The commit point: one transaction stays in one place, an error comes with
# the statement that it belongs to, and nothing that fails here comes after
# the commit there.
use strict;
use warnings;
use IO::Socket::UNIX;
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
    'neon_http_exec()' => [ q{SELECT neon_http_exec('neon', 'INSERT INTO tap.t VALUES (1)')}, '23505' ]);
foreach my $pushdown ('on', 'off')
{
    pipeline($raw, "SET neon_http_fdw.statement_pushdown = $pushdown");
    foreach my $kind (sort keys %failing)
    {
        my ($statement, $sqlstate) = @{ $failing{$kind} };

        is(pipeline($raw, $statement), "ERROR $sqlstate", "$kind, pushdown $pushdown: the error is its own");
        is(pipeline($raw, 'SELECT 1', $statement, 'SELECT 2'), "SELECT 1; ERROR $sqlstate",
            "$kind, pushdown $pushdown: also among others");
        is(remote('SELECT count(*), sum(id), count(txt) FROM tap.t'), $before, "$kind, pushdown $pushdown: nothing was written");
    }
    is(pipeline($raw, [ 'COPY t (id) FROM STDIN', "2001\n", "2002\n" ], 'DELETE FROM t WHERE id > 2000'),
        'COPY 2; DELETE 2', "pushdown $pushdown: what works works");
}
$raw->close;

done_testing();
