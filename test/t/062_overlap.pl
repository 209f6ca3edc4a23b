# At REPEATABLE READ a transaction sees one state also where several requests of
# it are under way at the same time: pieces of a table, batches of a join, and
# cursors that are read in turns, while another client moves amounts.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use NeonTest;

setup('overlap');
remote(<<'SQL');
-- with room in each page, so that a row that changes stays in its piece
CREATE TABLE tap.account (id int PRIMARY KEY, amount int, pad text) WITH (fillfactor = 30);
INSERT INTO tap.account SELECT g, 100, repeat('x', 100) FROM generate_series(1, 5000) g;
ANALYZE tap.account;
SQL

# An endpoint with a small limit, beside the one that is there.
my $port = start_endpoint('overlap', 64 * 1024);
new_server('small', "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
value(<<'SQL');
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
CREATE SCHEMA small;
IMPORT FOREIGN SCHEMA tap FROM SERVER small INTO small;
CREATE FUNCTION here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE TABLE keys AS SELECT g AS k FROM generate_series(1, 5000) g;
ANALYZE keys, account;
SQL

# Moves one from the first account to the last one, again and again.
sub mover
{
    return start_remote(<<'SQL');
DO $$
BEGIN
  LOOP
    UPDATE tap.account SET amount = amount + CASE id WHEN 1 THEN -1 ELSE 1 END WHERE id IN (1, 5000);
    COMMIT;
    EXIT WHEN EXISTS (SELECT FROM tap.account WHERE id = 0);
    PERFORM pg_sleep(0.002);
  END LOOP;
END $$;
SQL
}

# Each prints a number: that of accounts, or the sum of all amounts less theirs.
my $settings = "SET client_min_messages = error; SET neon_http_fdw.statement_pushdown = off; SET enable_hashjoin = off; SET enable_mergejoin = off;\n";
my %reads = (
    'pieces, no request ahead' => 'SELECT sum(amount) - 500000, count(*) - 5000 FROM small.account WHERE here(id) > 0',
    'batches of a join' => 'SELECT sum(amount) - 500000, count(*) - 5000 FROM keys JOIN account ON id = k AND here(id) > 0',
    'two joins in a row' => 'SELECT sum(a.amount) + sum(b.amount) - 1000000, count(*) - 5000 FROM keys'
      . ' JOIN account a ON a.id = k AND here(a.id) > 0 JOIN account b ON b.id = 5001 - k AND here(b.id) > 0',
    'cursors in turns' => <<'SQL',
DECLARE a CURSOR FOR SELECT amount FROM small.account;
DECLARE b CURSOR FOR SELECT pad FROM small.account;
\o /dev/null
FETCH 10 FROM a; FETCH 10 FROM b; FETCH 2500 FROM a; FETCH 2500 FROM b;
SELECT amount AS first FROM account WHERE id = 1 \gset
SELECT amount AS last FROM account WHERE id = 5000 \gset
FETCH ALL FROM a; FETCH ALL FROM b;
\o
SELECT :first + :last - 200, 0
SQL
);
$reads{'pieces, eight requests ahead'} = $reads{'pieces, no request ahead'};

# How many transactions, of those that fit into some seconds, read what there
# never was, failed with 40001, and were right.
sub watch
{
    my ($read, $level, $seconds, $enough) = @_;
    my %seen = (torn => 0, failed => 0, right => 0, other => '');
    my $until = time() + $seconds;

    while (time() < $until && !($enough && $seen{$enough}))
    {
        my ($status, $out, $err) = psql("${settings}BEGIN ISOLATION LEVEL $level;\n$read;\nCOMMIT;\nSELECT 'committed'");

        if ($status == 0 && $out =~ /^0\|0$/m) { $seen{right}++ }
        elsif ($status == 0) { $seen{torn}++ }
        elsif ($err =~ /ERROR:  could not serialize access/) { $seen{failed}++ }
        else { $seen{other} = $err }
    }
    return %seen;
}

like(value($settings . "EXPLAIN (COSTS OFF) $reads{'batches of a join'}"), qr/Neon Bind Join/, 'the join goes in batches');
my $mover = mover();
ok(wait_for(sub { remote('SELECT amount FROM tap.account WHERE id = 1') < 90 }), 'the other client is at work')
  or diag($mover->{err});
foreach my $name (sort keys %reads)
{
    my $ahead = $name =~ /eight/ ? 8 : $name =~ /no request/ ? 0 : 1;

    value("ALTER SERVER small OPTIONS (ADD fetch_ahead '$ahead')");
    foreach my $level ('REPEATABLE READ', 'SERIALIZABLE')
    {
        my %seen = watch($reads{$name}, $level, 0.8);
        is($seen{torn}, 0, "$name: $level: no torn read");
        is($seen{other}, '', "$name: $level: no other error");
        note("$seen{failed} failed, $seen{right} right");
    }
    value("ALTER SERVER small OPTIONS (DROP fetch_ahead)");
}
# The watcher sees torn reads where there are some.
my %seen = watch($reads{'pieces, eight requests ahead'}, 'READ COMMITTED', 300, 'torn');
cmp_ok($seen{torn}, '>', 0, 'READ COMMITTED: pieces are not of one state')
  or diag("$seen{right} right, $seen{failed} failed, $seen{other}, $mover->{err}");
remote('INSERT INTO tap.account VALUES (0, 0)');
$mover->{handle}->finish;
remote('DELETE FROM tap.account WHERE id = 0');
foreach my $name (sort keys %reads)
{
    %seen = watch($reads{$name}, 'SERIALIZABLE', 120, 'right');
    is("$seen{right}, $seen{failed}, $seen{other}", '1, 0, ', "$name: when nothing changes, it is right");
}

done_testing();
