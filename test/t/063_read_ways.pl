# Reads at SERIALIZABLE in all the ways in which statements, savepoints, cursors
# and functions make them: they go on if another client changes something else
# meanwhile, and fail with 40001 if it changes what was read.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $database = setup('siblings');
remote(<<'SQL');
CREATE TABLE tap.t (id int PRIMARY KEY, n int, txt text);
CREATE TABLE tap.log (id serial PRIMARY KEY, note text);
SQL
value(<<"SQL");
CREATE EXTENSION IF NOT EXISTS dblink;
CREATE TABLE here (n int);
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
CREATE SERVER direct FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host '$ENV{REMOTE_PGHOST}', port '$ENV{REMOTE_PGPORT}', dbname '$ENV{REMOTE_PGDATABASE}');
CREATE USER MAPPING FOR CURRENT_USER SERVER direct OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}');
CREATE VIEW v AS SELECT id, n + 1 AS m FROM t WHERE n IS NOT NULL;
CREATE FUNCTION get(i int) RETURNS int LANGUAGE sql STABLE AS 'SELECT n FROM t WHERE id = i';
CREATE FUNCTION getp(i int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT n FROM t WHERE id = i); END';
SQL
new_server('other', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
value("CREATE SCHEMA o; IMPORT FOREIGN SCHEMA tap FROM SERVER other INTO o; ALTER DATABASE $database SET session_preload_libraries = 'neon_http_fdw'");

sub direct { return "SELECT dblink_exec('direct', \$d\$$_[0]\$d\$) \\g /dev/null\n" }

sub fill { remote('TRUNCATE tap.t, tap.log; INSERT INTO tap.t SELECT g, g, \'row \' || g FROM generate_series(1, 100) g') }

my $changed = qr/40001: could not serialize access: what this transaction has read was changed by another one/;
my $other = direct('UPDATE tap.t SET n = n + 100 WHERE id = 1');
my $unrelated = direct('INSERT INTO tap.log DEFAULT VALUES');
my $read = "SELECT n FROM t WHERE id = 1;\n";

my %cases = (
  'held cursor' => ["DECLARE c CURSOR WITH HOLD FOR SELECT n FROM t WHERE id < 3 ORDER BY id;\nFETCH 1 FROM c;\n", "SELECT n FROM t WHERE id = 50;\nCOMMIT;\nFETCH ALL FROM c;\n", "1\n50\n2"],
  'held cursor, read by the commit' => ["SELECT n FROM t WHERE id = 1;\nDECLARE c CURSOR WITH HOLD FOR SELECT n FROM t WHERE id < 3 ORDER BY id;\n", "COMMIT;\nFETCH ALL FROM c;\n", "1\n1\n2"],
  'savepoint' => ["SAVEPOINT s;\n${read}ROLLBACK TO s;\n", "SELECT n FROM t WHERE id = 50;\nCOMMIT;\n", "1\n50"],
  'released savepoint' => ["SAVEPOINT s;\n${read}RELEASE s;\n", "SELECT n FROM t WHERE id = 50;\nCOMMIT;\n", "1\n50"],
  'exception block' => ["DO \$\$ DECLARE x int; BEGIN SELECT n INTO x FROM t WHERE id = 1; RAISE EXCEPTION 'x'; EXCEPTION WHEN raise_exception THEN NULL; END \$\$;\n", "SELECT n FROM t WHERE id = 50;\nCOMMIT;\n", "50"],
  'prepared' => ["PREPARE p(int) AS SELECT n FROM t WHERE id = \$1;\nEXECUTE p(1);\nEXECUTE p(2);\nEXECUTE p(3);EXECUTE p(4);EXECUTE p(5);EXECUTE p(6);EXECUTE p(7);\n", "EXECUTE p(50);\nCOMMIT;\n", "1\n2\n3\n4\n5\n6\n7\n50"],
  'view' => ["SELECT m FROM v WHERE id = 1;\n", "SELECT m FROM v WHERE id = 50;\nCOMMIT;\n", "2\n51"],
  'functions' => ["SELECT get(1), getp(1);\n", "SELECT get(50), getp(50);\nCOMMIT;\n", "1|1\n50|50"],
  'temp table' => ["CREATE TEMP TABLE tmp AS SELECT * FROM t WHERE id < 3;\n", "SELECT count(*) FROM t JOIN tmp USING (id);\nCOMMIT;\n", "2"],
  'insert here' => ["INSERT INTO here SELECT n FROM t WHERE id = 1;\n", "SELECT n FROM t WHERE id = 50;\nCOMMIT;\n", "50"],
  'for update' => ["SELECT n FROM t WHERE id = 1 FOR UPDATE;\n", "UPDATE t SET n = 0 WHERE id = 1;\nCOMMIT;\n", "1"],
  'aggregate' => ["SELECT sum(n) FROM t;\n", "SELECT count(*) FROM t WHERE n > 5;\nCOMMIT;\n", "5050\n95"],
  'a failed statement' => ["${read}\\set ON_ERROR_STOP 0\nSAVEPOINT s;\nSELECT 1 / (n - 2) FROM t WHERE id = 2;\nROLLBACK TO s;\n\\set ON_ERROR_STOP 1\n", "SELECT n FROM t WHERE id = 50;\nCOMMIT;\n", "1\n50"],
  'a refused write' => ["${read}\\set ON_ERROR_STOP 0\nSAVEPOINT s;\nINSERT INTO t VALUES (5);\nROLLBACK TO s;\n\\set ON_ERROR_STOP 1\n", "SELECT n FROM t WHERE id = 50;\nCOMMIT;\n", "1\n50"],
  'row by row' => ["SET LOCAL neon_http_fdw.statement_pushdown = off; ${read}", "INSERT INTO t SELECT 1000 + g, g FROM generate_series(1, 3) g RETURNING id;\nSELECT count(*) FROM t;\nROLLBACK;\n", "1\n1001\n1002\n1003\n103"],
  'copy' => ["${read}", "COPY t (id, n) FROM stdin;\n2000\t1\n2001\t2\n\\.\nSELECT count(*) FROM t;\nROLLBACK;\n", "1\n102"],
  'caught 40001' => [$read, "DO \$\$ BEGIN PERFORM n FROM t WHERE id = 50; EXCEPTION WHEN serialization_failure THEN NULL; END \$\$;\nDO \$\$ BEGIN PERFORM n FROM t WHERE id = 51; EXCEPTION WHEN serialization_failure THEN NULL; END \$\$;\nUPDATE t SET n = 1 WHERE id = 60;\nCOMMIT;\n", "1"],
  'user sql' => ["SELECT * FROM neon_http_query('neon', 'SELECT n FROM tap.t WHERE id = 1') q (n int);\n", "SELECT * FROM neon_http_query('neon', 'SELECT n FROM tap.t WHERE id = 50') q (n int);\nCOMMIT;\n", "1\n50"],
  'own writes undone' => ["SAVEPOINT s; UPDATE t SET n = n + 6 WHERE id = 1; ${read}ROLLBACK TO s;\n", "SELECT n FROM t WHERE id = 50;\n${read}COMMIT;\n", "7\n50\n1"],
  'own writes' => ["UPDATE t SET n = n + 7 WHERE id = 1; ${read}", "SELECT n FROM t WHERE id = 50;\n${read}UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n;\nROLLBACK;\n", "8\n50\n8\n9"],
  'a row changed twice, returned then' => ["UPDATE t SET n = n + 1 WHERE id = 1;\n", "UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n;\nCOMMIT;\n", "3"],
  'a row changed twice, returned before' => ["UPDATE t SET n = n + 1 WHERE id = 1;\nUPDATE t SET n = n + 1 WHERE id = 1 RETURNING n;\n", "COMMIT;\n", "3"],
  'a row deleted that was changed' => ["UPDATE t SET n = n + 1 WHERE id = 1;\n", "DELETE FROM t WHERE id = 1 RETURNING n;\nCOMMIT;\n", "2"],
  'the same, prepared at READ COMMITTED' => ["ROLLBACK; PREPARE a AS UPDATE t SET n = n + 1 WHERE id = 1; EXECUTE a;\nUPDATE t SET n = 1 WHERE id = 1; BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE t SET n = n WHERE id = 50; EXECUTE a;\n", "UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n;\nCOMMIT;\n", "3"],
  'the same, by neon_http_exec()' => ["SELECT neon_http_exec('neon', 'UPDATE tap.t SET n = n + 1 WHERE id = 1') \\g /dev/null\n", "UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n;\nCOMMIT;\n", "3"],
  'truncate' => [$read, "TRUNCATE log;\nSELECT count(*) FROM log;\nSELECT n FROM t WHERE id = 50;\nCOMMIT;\n", "1\n0\n50"],
);
my $begin = "BEGIN ISOLATION LEVEL SERIALIZABLE;\n";

foreach my $what (sort keys %cases)
{
    my ($before, $after, $expected) = @{$cases{$what}};

    fill();
    is(value($begin . $before . $unrelated . $after), $expected, "$what: something else changes");
    fill();
    like(fails($begin . $before . $other . $after, "$what: it changes"), qr/40001/, '... 40001');
}

# --- transactions that only read ------------------------------------------------

fill();
foreach my $level ('REPEATABLE READ', 'SERIALIZABLE', 'SERIALIZABLE READ ONLY DEFERRABLE')
{
    is(value("BEGIN ISOLATION LEVEL $level READ ONLY;\n$read${unrelated}SELECT n FROM t WHERE id = 2;\n${unrelated}SELECT n FROM t WHERE id = 3;\nCOMMIT"), "1\n2\n3", "$level READ ONLY");
}
like(fails("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;\n$read${other}SELECT n FROM t WHERE id = 2;\nCOMMIT", 'READ ONLY DEFERRABLE: it changes'), $changed, '... 40001');

# --- two servers ----------------------------------------------------------------

fill();
my $two = "BEGIN ISOLATION LEVEL SERIALIZABLE;\n${read}SELECT n FROM o.t WHERE id = 2;\n";
is(value("$two${unrelated}SELECT n FROM t WHERE id = 3;\nSELECT n FROM o.t WHERE id = 4;\nUPDATE t SET n = 0 WHERE id = 5;\nCOMMIT"), "1\n2\n3\n4", 'two servers');
like(fails("$two${other}SELECT n FROM o.t WHERE id = 4;\nUPDATE o.t SET n = 1 WHERE id = 6;\nCOMMIT", 'two servers: what was read on the first changes'), $changed, '... 40001');
is(remote('SELECT n FROM tap.t WHERE id = 6'), '6', 'nothing is written');

# A snapshot of another session here is one of local rows only.
fill();
is(value(<<"SQL"), "1\n2", 'an imported snapshot');
SELECT dblink_connect('x', 'host=$ENV{PGHOST} port=$ENV{PGPORT} dbname=$database user=$ENV{PGUSER}'), dblink_exec('x', 'BEGIN ISOLATION LEVEL REPEATABLE READ') \\g /dev/null
SELECT s AS snap FROM dblink('x', 'SELECT pg_export_snapshot()') d (s text) \\gset
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET TRANSACTION SNAPSHOT :'snap';
$read${unrelated}SELECT n FROM t WHERE id = 2;
COMMIT;
SQL

done_testing();
