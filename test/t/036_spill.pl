# Results that do not fit into one reply are kept on the remote, read in pieces
# and dropped: complete, in order, of one snapshot.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use NeonTest;

my $rows = 200_000;

setup('spill');
remote(<<"SQL");
DROP SCHEMA IF EXISTS tap_spill CASCADE;
DROP SCHEMA IF EXISTS tap_kept CASCADE;
DROP SCHEMA IF EXISTS "tap kept ""ü" CASCADE;
CREATE SCHEMA tap_spill;
CREATE SCHEMA tap_kept;
CREATE SCHEMA "tap kept ""ü";
SET search_path = tap_spill;
CREATE TABLE item (id int PRIMARY KEY, kind int, pad text);
INSERT INTO item SELECT g, g % 100, repeat(md5(g::text), g % 5) FROM generate_series(1, $rows) g;
CREATE TABLE kind (kind int PRIMARY KEY, name text);
INSERT INTO kind SELECT g, 'kind ' || g FROM generate_series(0, 99) g;
CREATE VIEW seen AS SELECT id, kind, pad FROM item;
CREATE TABLE account (id int PRIMARY KEY, amount bigint, pad text);
INSERT INTO account SELECT g, 100, repeat('x', 100) FROM generate_series(1, 20000) g;
CREATE VIEW accounts AS SELECT id, amount, pad FROM account;
CREATE TABLE fan (k int, pad text);
INSERT INTO fan SELECT 1, repeat('x', 100) FROM generate_series(1, 20000) g;
INSERT INTO fan SELECT g, 'one' FROM generate_series(2, 100000) g;
CREATE INDEX ON fan (k);
ANALYZE;
SQL

# An endpoint with a limit of a mebibyte, beside the one that is there.
my $faults = "$ENV{STACK_DIR}/spill.faults";
unlink $faults;
my $port = start_endpoint('spill', 1024 * 1024, '--faults', $faults);
my $tls = "sslrootcert '$ENV{ENDPOINT_CA}'";
my $url = "url 'https://localhost:$port/sql', $tls";

new_server('spill', "$url, spill_schema 'tap_kept'");
new_server('plain', $url);
value(<<'SQL');
CREATE SCHEMA s;
IMPORT FOREIGN SCHEMA tap_spill FROM SERVER spill INTO s;
CREATE SCHEMA p;
IMPORT FOREIGN SCHEMA tap_spill FROM SERVER plain INTO p;
CREATE FUNCTION here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';

-- Reads a query to its end without keeping it: rows, sum of the first column,
-- and whether the second one never falls.
CREATE FUNCTION walk(query text, OUT n bigint, OUT total numeric, OUT sorted bool) LANGUAGE plpgsql AS $$
DECLARE
  r record;
  last text COLLATE "C";
BEGIN
  n := 0; total := 0; sorted := true;
  FOR r IN EXECUTE 'SELECT q.a, q.b FROM (' || query || ') q(a, b)' LOOP
    n := n + 1;
    total := total + r.a;
    sorted := sorted AND (last IS NULL OR r.b COLLATE "C" >= last);
    last := r.b;
  END LOOP;
END $$;
CREATE FUNCTION peak() RETURNS int LANGUAGE sql AS
  $$ SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s+(\d+)')::int $$;
SQL

# Tables that are kept on the remote.
sub kept
{
    return remote(q{SELECT count(*) FROM pg_class WHERE relname LIKE 'neon\\_http\\_%' AND relpersistence = 'u'});
}

my $load = "LOAD 'neon_http_fdw';";
my $all = $rows * ($rows + 1) / 2;

# --- complete, each row once, in order; flat memory -------------------------

my %queries = (
    'a view' => ['SELECT id, pad FROM s.seen', 'f'],
    'a sorted view' => ['SELECT id, pad FROM s.seen ORDER BY pad COLLATE "C", id', 't'],
    'a sorted table' => ['SELECT id, pad FROM s.item ORDER BY pad COLLATE "C"', 't'],
    'a join' => ['SELECT i.id, k.name || i.pad FROM s.item i JOIN s.kind k USING (kind)', 'f'],
    'a sorted join' => ['SELECT i.id, k.name || i.pad FROM s.item i JOIN s.kind k USING (kind) ORDER BY (k.name || i.pad) COLLATE "C"', 't'],
    'a window' => ["SELECT id, lag(pad, 1, '') OVER (ORDER BY id) FROM s.item", 'f'],
    'a sorted window' => ["SELECT id, to_char(row_number() OVER (ORDER BY pad, id), 'FM00000000') FROM s.item ORDER BY 2", 't'],
    'an aggregate' => ['SELECT id, max(pad) FROM s.item GROUP BY id', 'f'],
    'parameters' => ["SELECT id, pad || current_user FROM s.item WHERE kind = ANY (ARRAY(SELECT generate_series(0, 99))) AND pad <> ALL ('{a,b}') ORDER BY (pad || current_user) COLLATE \"C\"", 't'],
    'a query of the user\'s' => ["SELECT id, pad FROM neon_http_query('spill', 'SELECT id, pad FROM tap_spill.item WHERE id > \$1 ORDER BY pad COLLATE \"C\" -- all', '0') AS q(id int, pad text)", 't'],
);
foreach my $name (sort keys %queries)
{
    my ($query, $sorted) = @{ $queries{$name} };
    my $quoted = $query =~ s/'/''/gr;
    my ($row, $memory) = split /\n/, value("$load SELECT count(*) FROM s.kind \\gset\nSELECT peak() AS idle \\gset\n"
        . "SELECT * FROM walk('$quoted'); SELECT peak() - :idle;");
    my ($n, $total, $is_sorted) = split /\|/, $row;
    is("$n $total", "$rows $all", "$name: each row once");
    is($is_sorted, $sorted, "$name: order");
    # a function's result is kept in a tuplestore, of work_mem
    cmp_ok($memory, '<', 48 * 1024, "$name: flat memory ($memory kB)");
}
value("$load DO \$\$ BEGIN PERFORM * FROM s.seen a JOIN s.seen b USING (id) WHERE here(a.id) > 0; END \$\$");
is(kept(), 0, 'nothing is left');

# What else is read so.
my $bound = 'SELECT count(*), sum(length(pad)), count(DISTINCT k) FROM loc JOIN s.fan USING (k)';
value('CREATE TABLE loc AS SELECT g AS k FROM generate_series(1, 3) g; ANALYZE loc');
like(value("$load EXPLAIN $bound"), qr/Neon Bind Join/, 'a bind join: its plan');
is(value("$load $bound"), '20002|2000006|3', 'a bind join, with a key whose rows exceed the limit');
is(kept(), 0, 'nothing is left of it');
is(value("$load ALTER FOREIGN TABLE s.seen OPTIONS (ADD analyze_sampling 'off'); ANALYZE s.seen;"
      . " SELECT reltuples FROM pg_class WHERE oid = 's.seen'::regclass"), $rows, 'ANALYZE');
is(value("$load PREPARE q(int) AS SELECT id, pad FROM s.seen WHERE id > \$1 ORDER BY pad;"
      . " CREATE TEMP TABLE c AS EXECUTE q(10000); SELECT count(*) FROM c"), $rows - 10000, 'a prepared statement');
is(value("$load BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT id, pad FROM s.seen ORDER BY id; COMMIT;"
      . " MOVE 150000 FROM c; FETCH 1 FROM c;") =~ /^150001\|/, 1, 'a cursor WITH HOLD');
is(value("$load BEGIN; SELECT count(*) FROM s.kind; COMMIT; BEGIN ISOLATION LEVEL SERIALIZABLE;"
      . " SELECT count(*) FROM (SELECT id, pad FROM s.seen WHERE here(id) > 0) x; COMMIT") =~ /^$rows$/m, 1, 'in a transaction');

my $read = 'SELECT count(pad) FROM (SELECT id, pad FROM s.seen WHERE here(id) > 0) x';
foreach my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
    my $change = "SELECT neon_http_exec('plain', 'UPDATE tap_spill.item SET pad = pad || ''y'' WHERE id = 5', false, '{}')";
    is(value("$load BEGIN ISOLATION LEVEL $level; SELECT count(*) FROM s.kind; $read; INSERT INTO s.kind VALUES (-1, 'new'); COMMIT;"
          . ' DELETE FROM s.kind WHERE kind = -1'), "100\n$rows", "$level: what was read is unchanged");
    like(fails("$load BEGIN ISOLATION LEVEL $level; $read; $change; SELECT count(*) FROM s.kind", "$level: a change is noticed"),
        qr/40001/, "$level: SQLSTATE");
    like(fails("$load BEGIN ISOLATION LEVEL $level; SELECT pad FROM s.item WHERE id = 5; $change; $read", "$level: one before, too"),
        qr/40001/, "$level: its SQLSTATE");
    remote(q{UPDATE tap_spill.item SET pad = '' WHERE id = 5});
}

# EXPLAIN says so.
like(value("$load EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT id, pad FROM s.seen ORDER BY id"),
    qr/^ *Rows Spilled on Remote: $rows$/m, 'EXPLAIN ANALYZE');
unlike(value("$load EXPLAIN (ANALYZE) SELECT * FROM s.kind"), qr/Spilled/, 'not where nothing was spilled');

# A schema that must be quoted.
value("ALTER SERVER spill OPTIONS (SET spill_schema 'tap kept \"ü')");
is(value("$load SELECT count(*) FROM (SELECT id, pad FROM s.seen WHERE here(id) > 0) x"), $rows, 'a schema to be quoted');
value("$load BEGIN; DECLARE c CURSOR FOR SELECT id, pad FROM s.seen; FETCH 1 FROM c; ROLLBACK");
is(kept(), 0, 'nothing is left in it');
value("ALTER SERVER spill OPTIONS (SET spill_schema 'tap_kept')");

# --- strict reads ------------------------------------------------------------

my ($status, $out, $err) = psql("$load SELECT count(*) FROM s.item WHERE here(id) > 0 AND length(pad) >= 0");
is($out, $rows, 'a table is read in pieces');
like($err, qr/is read in pieces/, 'with a warning');
value("ALTER SERVER spill OPTIONS (ADD consistent_reads 'strict')");
($status, $out, $err) = psql("$load SELECT count(*), sum(length(pad)) FROM s.item WHERE here(id) > 0");
is($out, "$rows|" . remote('SELECT sum(length(pad)) FROM tap_spill.item'), 'strict: kept on the remote');
is($err, '', 'without a warning');
value("ALTER SERVER spill OPTIONS (DROP consistent_reads)");

# --- one snapshot ------------------------------------------------------------

my $writer = start_child(
    sub {
        local $SIG{TERM} = 'DEFAULT';
        remote(<<'SQL') while 1;
DO $$ DECLARE a int; b int; BEGIN FOR i IN 1 .. 50 LOOP
  a := 1 + random() * 9000;
  b := 10000 + random() * 9999;
  UPDATE tap_spill.account SET amount = amount - 7 WHERE id = a;
  UPDATE tap_spill.account SET amount = amount + 7 WHERE id = b;
  COMMIT;
END LOOP; END $$
SQL
    });
my %sums;
for (1 .. 5)
{
    $sums{ value("$load SELECT count(*), sum(amount) FROM (SELECT amount, pad FROM s.accounts WHERE here(id) > 0) x") }++;
}
is(join(' ', keys %sums), '20000|2000000', 'the sum is that of one state');
kill 'TERM', $writer;

# --- ends early --------------------------------------------------------------

my $endless = 'SELECT id, pad FROM s.seen ORDER BY pad';
value("$load BEGIN; DECLARE c CURSOR FOR $endless; FETCH 1 FROM c; CLOSE c; SELECT count(*) FROM s.kind; COMMIT");
value("$load SELECT id FROM s.seen WHERE here(id) > 0 LIMIT 1");
is(kept(), 0, 'dropped: LIMIT, CLOSE');
psql("$load SELECT id / (id - id) FROM (SELECT id, pad FROM s.seen WHERE here(id) > 0) x");
is(kept(), 0, 'dropped: an error here');
value("$load DO \$\$ DECLARE r record; BEGIN BEGIN FOR r IN $endless LOOP RAISE division_by_zero; END LOOP;"
      . " EXCEPTION WHEN division_by_zero THEN NULL; END; END \$\$");
is(kept(), 0, 'dropped: a failed subtransaction');
foreach my $how (['cancel', 'pg_cancel_backend'], ['terminate', 'pg_terminate_backend'])
{
    my $session = start_psql("$load SELECT count(*), pg_sleep(0.001) FROM (SELECT id, pad, pg_sleep(0.001) FROM s.seen WHERE here(id) > 0) $how->[0]");
    wait_for(sub { kept() > 0 }) or die 'nothing is kept';
    value("SELECT $how->[1](" . session_pid($how->[0]) . ")");
    $session->{handle}->finish;
    wait_for(sub { kept() == 0 });
    is(kept(), 0, "dropped: $how->[0]");
}

# --- leftovers ---------------------------------------------------------------

value('ALTER SYSTEM SET restart_after_crash = on');
my $killed = start_psql("$load SELECT count(*), pg_sleep(0.001) FROM (SELECT id, pad, pg_sleep(0.001) FROM s.seen WHERE here(id) > 0) killed");
wait_for(sub { kept() > 0 }) or die 'nothing is kept';
crash(session_pid('killed'));
$killed->{handle}->finish;
is(kept(), 1, 'SIGKILL: the table is left');
is(value("SELECT neon_http_spill_prune('spill')"), 0, 'prune: it is not a day old');
is(value("SELECT neon_http_spill_prune('spill', '0 s')"), 1, 'prune: dropped');
is(kept(), 0, 'nothing is left');
remote('CREATE UNLOGGED TABLE tap_kept.neon_http_1500000000_0123456789abcdef (); CREATE UNLOGGED TABLE tap_kept.neon_http_mine ()');
value("$load SELECT count(*) FROM (SELECT id, pad FROM s.seen WHERE here(id) > 0) x");
is(remote(q{SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'tap_kept'::regnamespace}), 'neon_http_mine',
    'what is older than a day is dropped by the next one, nothing else');
remote('DROP TABLE tap_kept.neon_http_mine');
like(fails("SELECT neon_http_spill_prune('plain')", 'prune without a schema'), qr/55000.*spill_schema/s, 'prune without a schema: message');
like(fails("BEGIN READ ONLY; SELECT neon_http_spill_prune('spill')", 'prune, read only'), qr/25006/, 'prune, read only: code');

# A table that was emptied: an error, not a short result.
my $emptied = start_psql("$load SELECT count(*) FROM (SELECT id, CASE WHEN id % 500 = 0 THEN pg_sleep(0.02) END"
      . ' FROM s.seen WHERE here(id) > 0 AND pad IS NOT NULL) emptied');
wait_for(sub { kept() > 0 }) or die 'nothing is kept';
remote(q{DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || oid::regclass FROM pg_class WHERE relname ~ '^neon_http_[0-9]' AND relkind = 'r'); END $$});
$emptied->{handle}->finish;
like($emptied->{err}, qr/ERROR:  a result that was kept on server "spill" has \d+ rows instead of $rows/, 'an emptied table');
is($emptied->{out}, '', 'no short result');
is(kept(), 0, 'it is dropped, too');

# --- faults ------------------------------------------------------------------

sub faults
{
    local $ENV{ENDPOINT_FAULTS} = $faults;
    fault($_[0]);
}

my $some = "$load SELECT count(*), sum(id), sum(length(pad)) FROM (SELECT id, pad FROM s.seen WHERE id <= 40000 AND here(id) > 0) x";
my $expected = remote('SELECT count(*), sum(id), sum(length(pad)) FROM tap_spill.item WHERE id <= 40000');
my ($right, $failed, $wrong) = (0, 0, 0);
foreach my $fault ('"drop": "before"', '"drop": "after"', '"truncate": 300000', '"truncate": 50', '"status": 503, "body": ""')
{
    faults("{\"count\": 1000000, \"percent\": 15, $fault}");
    for (1 .. 6)
    {
        my ($status, $out) = psql($some);
        if ($status != 0) { $failed++ }
        elsif ($out eq $expected) { $right++ }
        else { $wrong++ }
    }
}
faults(undef);
my $lost = time();
my ($lost_status, undef, $lost_err) = psql("$load BEGIN; DECLARE a CURSOR FOR $endless; DECLARE b CURSOR FOR $endless; FETCH 1 FROM a; FETCH 1 FROM b;"
      . "\n\\! echo '{\"count\": 1000, \"drop\": \"before\"}' > '$faults'\nROLLBACK;\n"
      . "\\set VERBOSITY sqlstate\n\\set ON_ERROR_STOP off\nSET statement_timeout = '200ms'; SELECT pg_sleep(60);\nSELECT 1");
faults(undef);
is($lost_status, 0, 'a ROLLBACK that cannot reach the endpoint');
like($lost_err, qr/57014/, 'what follows in the session can be interrupted');
is(() = $lost_err =~ /WARNING:  could not drop table/g, 1, 'warns, once');
like($lost_err, qr/neon_http_spill_prune/, 'and says what drops it');
cmp_ok(time() - $lost, '<', 50, 'in time');
is($wrong, 0, "faults: $right right, $failed failed, none wrong");
cmp_ok($right, '>', 5, 'most are overcome');
value("SELECT neon_http_spill_prune('spill', '0 s')");
is(kept(), 0, 'nothing is left after faults and a prune');

# --- errors ------------------------------------------------------------------

my $big = 'SELECT count(*) FROM (SELECT id, pad FROM %s.seen WHERE here(id) > 0) x';
like(fails($load . sprintf($big, 'p'), 'without the option'), qr/54000.*spill_schema/s, 'without the option: the hint names it');
like(fails("$load BEGIN; INSERT INTO s.kind VALUES (-1, 'new');" . sprintf($big, 's'), 'behind a write'), qr/54000.*not in a transaction that has written/s,
    'behind a write: the hint says so');
value("ALTER SERVER spill OPTIONS (SET spill_schema 'tap_missing')");
like(fails($load . sprintf($big, 's'), 'no schema'), qr/3F000.*tap_missing.*HINT:  Create the schema/s, 'no schema: message');
value("ALTER SERVER spill OPTIONS (SET spill_schema 'tap_kept')");
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("CREATE ROLE tap_reader LOGIN PASSWORD '@{[password()]}'; GRANT USAGE ON SCHEMA tap_spill TO tap_reader;"
          . ' GRANT SELECT ON ALL TABLES IN SCHEMA tap_spill TO tap_reader');
}
value("ALTER USER MAPPING FOR CURRENT_USER SERVER spill OPTIONS (SET user 'tap_reader')");
like(fails($load . sprintf($big, 's'), 'no rights'), qr/42501.*permission denied for schema tap_kept.*HINT:  Grant the remote role CREATE/s, 'no rights: message');
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote('GRANT CREATE, USAGE ON SCHEMA tap_kept TO tap_reader; CREATE ROLE tap_replica LOGIN PASSWORD \'' . password() . q{' IN ROLE tap_reader; ALTER ROLE tap_replica SET default_transaction_read_only = on});
}
value("ALTER USER MAPPING FOR CURRENT_USER SERVER spill OPTIONS (SET user 'tap_replica')");
like(fails($load . sprintf($big, 's'), 'a replica'), qr/25006.*HINT:  The endpoint only reads/s, 'a replica: message');
value("ALTER USER MAPPING FOR CURRENT_USER SERVER spill OPTIONS (SET user '$ENV{REMOTE_PGUSER}')");
like(fails("$load SELECT * FROM neon_http_query('spill', 'SHOW ALL') AS q(a text)", 'no query'), qr/42804/, 'no query: message');
like(fails("$load SELECT * FROM neon_http_query('spill', 'SELECT id, pad FROM tap_spill.item') AS q(a int)", 'other columns'), qr/54000/, 'other columns: message');
is(kept(), 0, 'nothing is left after errors');

# --- what is kept is read ahead, too ------------------------------------------

my $far = start_endpoint('far', 1024 * 1024, '--latency', '100');
my $far_log = "$ENV{STACK_DIR}/far.log";
my %far = (
    'a whole statement' => 'SELECT id, pad FROM f.seen ORDER BY id',
    'a view' => 'SELECT id, pad FROM f.seen',
    'the scan of a view' => 'SELECT here(id), pad FROM f.seen',
);

# How many requests were under way while the one before was.  The log has the
# times of their ends.
sub overlaps
{
    my ($from) = @_;
    my ($count, $last) = (0, 0);

    foreach my $line (slurp($far_log, $from) =~ /^(.*)\n/mg)
    {
        my ($h, $m, $s) = $line =~ /"time":"[^T]*T(\d+):(\d+):([\d.]+)Z"/;
        my ($took) = $line =~ /"duration_ms":([\d.]+)/;
        my $end = ($h * 60 + $m) * 60 + $s;

        $count++ if $end - $took / 1000 < $last - 0.03;
        $last = $end;
    }
    return $count;
}

new_server('far', "url 'https://localhost:$far/sql', $tls, spill_schema 'tap_kept', fetch_ahead '0'");
value('CREATE SCHEMA f; IMPORT FOREIGN SCHEMA tap_spill LIMIT TO (seen) FROM SERVER far INTO f');
foreach my $name (sort keys %far)
{
    my $pushdown = $name =~ /scan/ ? 'off' : 'on';

    foreach my $ahead (0, 1)
    {
        value("ALTER SERVER far OPTIONS (SET fetch_ahead '$ahead')");
        my $from = -s $far_log;
        is(value("${load}SET neon_http_fdw.statement_pushdown = $pushdown;\nSELECT n FROM walk('$far{$name}')"), $rows, "fetch_ahead $ahead: $name");
        sleep(0.2);
        my $count = overlaps($from);
        ok($ahead ? $count > 5 : $count == 0, "fetch_ahead $ahead: $name: $count requests beside others");
    }
}

# A piece that has arrived as a whole is not on its way any more, although its
# last rows are still to be read.
my $tight = start_endpoint('tight', 256 * 1024);
my $tight_log = "$ENV{STACK_DIR}/tight.log";
new_server('tight', "url 'https://localhost:$tight/sql', $tls");
value('CREATE SCHEMA t; IMPORT FOREIGN SCHEMA tap_spill LIMIT TO (item) FROM SERVER tight INTO t');
my $most = int(remote("SELECT count(*) FROM tap_spill.item WHERE ctid < '(16,0)'") * 0.95);
# Requests make progress while the session waits for any of them.
my $wait = q{SELECT * FROM neon_http_query('tight', 'SELECT 1 FROM pg_sleep(0.5)') AS q(one int)};
foreach my $ahead (0, 1, 2)
{
    value("ALTER SERVER tight OPTIONS (" . ($ahead == 0 ? 'ADD' : 'SET') . " fetch_ahead '$ahead')");
    my $from = -s $tight_log;
    value(<<"SQL");
SET client_min_messages = error;
BEGIN;
DECLARE c CURSOR FOR SELECT id, pad FROM t.item;
MOVE 1 FROM c;
$wait;
MOVE $most FROM c;
$wait;
COMMIT;
SQL
    sleep(0.2);
    my $sent = () = slurp($tight_log, $from) =~ /ctid >= /g;
    is($sent, 1 + ($ahead > 0 ? $ahead + 1 : 0), "fetch_ahead $ahead: requests when all of a piece has arrived");
}

{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote('DROP SCHEMA tap_spill, tap_kept, "tap kept ""ü" CASCADE; DROP ROLE tap_replica, tap_reader');
}
done_testing();
