# Commits to several servers: what can be checked is checked before the first
# of them commits.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $database = setup('several');
my $away = "several_$$";

# SQL in the other remote database.
sub there
{
    my ($sql) = @_;
    local $ENV{REMOTE_PGDATABASE} = $away;
    return remote($sql);
}

# The same as a command of a shell, and in the first database.
sub shell_there
{
    my ($sql, $database) = @_;
    $database //= $away;
    return "PGOPTIONS= PGPASSWORD='$ENV{REMOTE_PGPASSWORD}' psql -Xq -h $ENV{REMOTE_PGHOST} -p $ENV{REMOTE_PGPORT} -U $ENV{REMOTE_PGUSER} -c '$sql' $database";
}

remote("CREATE DATABASE $away");
END { remote("DROP DATABASE IF EXISTS $away WITH (FORCE)") if defined $away }

remote(<<'SQL');
CREATE TABLE tap.t (id int PRIMARY KEY, n int);
CREATE TABLE tap.child (id int REFERENCES tap.t DEFERRABLE INITIALLY DEFERRED);
INSERT INTO tap.t VALUES (1, 0);
SQL
there(<<'SQL');
CREATE SCHEMA tap;
CREATE TABLE tap.u (id int PRIMARY KEY, n int);
CREATE TABLE tap.once (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE tap.watched (id int);
CREATE FUNCTION tap.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not this one''; END';
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON tap.watched DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.id = 7) EXECUTE FUNCTION tap.refuse();
INSERT INTO tap.u VALUES (1, 0);
SQL
my $place = "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'";
new_server($_, $place) foreach 'far', 'third', 'beside', 'auto', 'kept';
value(<<"SQL");
ALTER SERVER far OPTIONS (SET dbname '$away');
ALTER SERVER third OPTIONS (SET dbname 'postgres');
ALTER SERVER auto OPTIONS (SET dbname '$away', ADD transactions 'autocommit');
ALTER SERVER kept OPTIONS (SET dbname '$away', ADD commit_ledger 'tap.ledger');
CREATE FOREIGN TABLE t (id int OPTIONS (key 'true'), n int) SERVER neon OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE child (id int) SERVER beside OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE u (id int OPTIONS (key 'true'), n int) SERVER far OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE once (id int) SERVER far OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE watched (id int) SERVER far OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE auto_u (id int OPTIONS (key 'true'), n int) SERVER auto OPTIONS (schema_name 'tap', table_name 'u');
CREATE FOREIGN TABLE kept_u (id int OPTIONS (key 'true'), n int) SERVER kept OPTIONS (schema_name 'tap', table_name 'u');
SQL
$ENV{PGOPTIONS} .= ' -c session_preload_libraries=neon_http_fdw';

# --- nothing is written anywhere ------------------------------------------------

# What another session does before COMMIT; what the second server then refuses.
my @refused = (
    [ 'a deferred constraint', 'INSERT INTO once VALUES (1), (1)', 'true', '23505: duplicate key' ],
    [ 'a deferred constraint, row by row', 'INSERT INTO once SELECT 1 FROM generate_series(1, 2)', 'true', '23505: duplicate key' ],
    [ 'a deferred trigger', 'INSERT INTO watched VALUES (7)', 'true', 'P0001: not this one' ],
    [ 'a key that is taken meanwhile', 'INSERT INTO u VALUES (5, 0)', shell_there('INSERT INTO tap.u VALUES (5, 9)'), '23505: duplicate key' ],
    [ 'a row that changes meanwhile', 'UPDATE u SET n = n + 1 WHERE id = 1 RETURNING n', shell_there('UPDATE tap.u SET n = 9 WHERE id = 1'), '40001: could not serialize' ],
    [ 'a table that is gone', 'UPDATE u SET n = n + 1', shell_there('ALTER TABLE tap.u RENAME TO gone'), '42P01: ' ]);
foreach my $pushdown ('on', 'off')
{
    foreach my $case (@refused)
    {
        my ($name, $sql, $between, $error) = @$case;

        $name .= ", pushdown $pushdown";
        my $err = fails(<<"SQL", $name);
SET neon_http_fdw.statement_pushdown = $pushdown;
BEGIN;
UPDATE t SET n = n + 1 WHERE id = 1;
$sql;
\\! $between
COMMIT;
SQL
        like($err, qr/ERROR:  $error/, "$name: the second server's own error");
        unlike($err, qr/commit ledger/, "$name: nothing of a ledger that it has not");
        is(remote('SELECT n FROM tap.t WHERE id = 1'), 0, "$name: nothing on the first");
        there('ALTER TABLE IF EXISTS tap.gone RENAME TO u; DELETE FROM tap.u WHERE id <> 1; UPDATE tap.u SET n = 0');
    }
}
is(there('SELECT (SELECT count(*) FROM tap.once) + (SELECT count(*) FROM tap.watched)'), 0, 'nor on the second');

# --- what it costs ----------------------------------------------------------------

# Requests of a transaction's COMMIT; in a session that has rehearsed before.
sub requests_of_commit
{
    my ($sql, $outcome) = @_;
    my $count = "SELECT 'requests', sum(requests) FROM neon_http_session_stats();";
    my ($status, $out, $err) = psql(<<"SQL");
BEGIN;
UPDATE t SET n = n WHERE id = 1 RETURNING id;
UPDATE u SET n = n WHERE id = 1 RETURNING id;
COMMIT;
BEGIN;
$sql;
$count
COMMIT;
$count
SQL
    my @counts = $out =~ /^requests\|(\d+)$/mg;
    is("$status $err", '0 ', 'works') or return -1;
    return $counts[1] - $counts[0];
}

my $first = 'UPDATE t SET n = n + 1 WHERE id = 1';
is(requests_of_commit($first), 1, 'one server: one request');
is(requests_of_commit("$first; UPDATE u SET n = n + 1 WHERE id = 1"), 3, 'two servers: three');
is(requests_of_commit("$first; INSERT INTO auto_u VALUES (20, 0)"), 1, 'the other one commits each statement by itself: one');
is(requests_of_commit("$first; SELECT n FROM u WHERE id = 1 FOR UPDATE"), 2, 'rows of the other one are locked only: a check and the commit');
is(requests_of_commit("$first; SAVEPOINT s; INSERT INTO once VALUES (1), (1); ROLLBACK TO s"), 1, 'what the other one would refuse is rolled back: one');
is(requests_of_commit("SAVEPOINT s; $first; RELEASE s; SAVEPOINT s; UPDATE u SET n = n + 1 WHERE id = 1; RELEASE s"), 3, 'subtransactions: three');
is(remote('SELECT n FROM tap.t WHERE id = 1') . there('SELECT n FROM tap.u WHERE id = 1'), '62', 'all of that was committed once');

# Those behind the first are tried together.
{
    my $make = q{SELECT neon_http_exec('third', 'CREATE TEMP TABLE third_tried (id int)')};
    my $mark = log_mark();
    is(requests_of_commit("$first; UPDATE u SET n = n + 1 WHERE id = 1; $make"), 5, 'three servers: five');
}

# --- a ledger ---------------------------------------------------------------------

my $kept = "BEGIN;\nUPDATE t SET n = 0 WHERE id = 1;\nUPDATE kept_u SET n = 0 WHERE id = 1;\nCOMMIT;";
remote('UPDATE tap.t SET n = 50 WHERE id = 1');
my $err = fails($kept, 'no ledger on the second');
like($err, qr/ERROR:  42P01: .*HINT: .*neon_http_ledger_create/s, 'no ledger on the second: the error');
is(remote('SELECT n FROM tap.t WHERE id = 1'), 50, 'no ledger on the second: nothing on the first');
value("SELECT neon_http_ledger_create('kept')");
value($kept);
is(remote('SELECT n FROM tap.t WHERE id = 1') . there('SELECT n FROM tap.u WHERE id = 1'), '00', 'a ledger on the second: committed on both');
is(there('SELECT count(*) FROM tap.ledger'), 1, 'a ledger on the second: one token');

# --- two user mappings of one server ----------------------------------------------

# What is committed together is what one user there writes: another role here,
# or the owner of a view, with a mapping of its own is another one.
my $clerk = "several_clerk_$$";
remote(<<"SQL");
CREATE ROLE $clerk LOGIN PASSWORD '$clerk';
GRANT USAGE ON SCHEMA tap TO $clerk;
CREATE TABLE tap.book (id int PRIMARY KEY, n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
GRANT ALL ON tap.book TO $clerk;
SQL
value(<<"SQL");
DROP ROLE IF EXISTS several_clerk;
CREATE ROLE several_clerk;
CREATE USER MAPPING FOR several_clerk SERVER neon OPTIONS (user '$clerk', password '$clerk');
CREATE FOREIGN TABLE book (id int OPTIONS (key 'true'), n int) SERVER neon OPTIONS (schema_name 'tap');
CREATE VIEW ledger AS SELECT * FROM book;
GRANT ALL ON book TO several_clerk;
ALTER VIEW ledger OWNER TO several_clerk;
SQL
my $one = qr/server "neon" as "$ENV{REMOTE_PGUSER}"/;
my $two = qr/server "neon" as "$clerk"/;
my $both = 'SELECT (SELECT n FROM tap.t WHERE id = 1), (SELECT count(*) FROM tap.book)';

sub arm
{
    my ($fault) = @_;
    return "\\! printf '%s' '$fault' > $ENV{ENDPOINT_FAULTS}\n";
}

foreach my $way ([ 'a role', 'SET ROLE several_clerk; INSERT INTO book VALUES %s' ], [ 'the owner of a view', 'INSERT INTO ledger VALUES %s' ])
{
    my ($name, $write) = @$way;
    my $mapped = sub {
        my ($rows, $between, $returning) = @_;

        remote('TRUNCATE tap.book; UPDATE tap.t SET n = 0 WHERE id = 1');
        my ($status, $out, $text) = psql("\\set VERBOSITY verbose\nBEGIN;\n$first " . ($returning // '') . ";\n" . sprintf($write, $rows) . ";\n$between" . "COMMIT;\n", go_on => 1);
        fault(undef);
        return $text;
    };

    is($mapped->('(1, 1)', ''), '', "two mappings, $name: works");
    is(remote($both), '1|1', "two mappings, $name: committed by both");
    # one database: the second one may rely on what the first one commits
    like($mapped->('(1, 1), (2, 1)', ''), qr/ERROR:  2D000: transaction is committed on $one, but not on $two.*DETAIL:  23505: /s,
        "two mappings, $name: a deferred constraint of the second one: who has committed");
    like($mapped->('(1, 1)', q{\! } . shell_there('UPDATE tap.t SET n = 9 WHERE id = 1', $ENV{REMOTE_PGDATABASE}) . "\n", 'RETURNING n'), qr/ERROR:  40001: /,
        "two mappings, $name: what the first one refuses");
    is(remote($both), '9|0', "two mappings, $name: is written by none");
    like($mapped->('(1, 1)', arm('{"skip":2,"status":400,"json":{"message":"no more room","code":"54000","severity":"ERROR"}}')),
        qr/ERROR:  2D000: transaction is committed on $one, but not on $two.*DETAIL:  54000: no more room/s,
        "two mappings, $name: the second one fails nevertheless: who has committed");
    is(remote($both), '1|0', "two mappings, $name: what is there");
    like($mapped->('(1, 1)', arm('{"skip":2,"drop":"after"}')),
        qr/ERROR:  2D000: transaction is committed on $one, and it is unknown whether it is on $two/,
        "two mappings, $name: the second one's reply is lost");
    like($mapped->('(1, 1)', arm('{"skip":1,"drop":"after"}')), qr/ERROR:  08007: /, "two mappings, $name: the first one's reply is lost: 08007");
    is(remote($both), '1|0', "two mappings, $name: nothing by the second one");
}
value('DROP OWNED BY several_clerk; DROP ROLE several_clerk');
remote("REVOKE ALL ON SCHEMA tap FROM $clerk; REVOKE ALL ON tap.book FROM $clerk; DROP ROLE $clerk");

# --- two servers that lead to the same database ----------------------------------

# What the second one relies on, the first one's commit brings.
value("BEGIN; INSERT INTO t VALUES (30, 0); INSERT INTO child VALUES (30); COMMIT");
is(remote('SELECT count(*) FROM tap.t JOIN tap.child USING (id)'), 1, 'the same database: a row that the first one adds is there for the second');
$err = fails("BEGIN;\nINSERT INTO t VALUES (31, 0);\nINSERT INTO child VALUES (32);\nCOMMIT;", 'the same database: no such row');
like($err, qr/ERROR:  2D000: .*DETAIL:  23503: /s, 'the same database: what fails nevertheless');

done_testing();
