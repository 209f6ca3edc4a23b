# neon_http_exec(): an UPDATE or DELETE that gives values for a unique key can
# mean no other row, so its commit does not ask which version that row has.
# Any other fails with 40001 if its rows have changed since it was executed.
use strict;
use warnings;
use Test::More;
use NeonTest;

setup('fixed_rows');
remote(<<'SQL');
CREATE TABLE tap.counter (id int PRIMARY KEY, n int, label text UNIQUE, tag varchar(9), u uuid UNIQUE DEFAULT gen_random_uuid());
CREATE TABLE tap.pair (a int, b bigint, n int, PRIMARY KEY (a, b));
CREATE TABLE tap.keyless (id int, n int);
CREATE TABLE tap.partial (id int, n int);
CREATE UNIQUE INDEX ON tap.partial (id) WHERE n < 1000;
CREATE TABLE tap.later (id int UNIQUE DEFERRABLE, n int);
CREATE TABLE tap.parent (id int PRIMARY KEY, n int);
CREATE TABLE tap.child (PRIMARY KEY (id)) INHERITS (tap.parent);
CREATE TABLE tap.parted (id int PRIMARY KEY, n int) PARTITION BY LIST (id);
CREATE TABLE tap.parted1 PARTITION OF tap.parted FOR VALUES IN (1, 2);
CREATE COLLATION tap.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE tap.folded (id text COLLATE tap.nocase, n int);
CREATE UNIQUE INDEX ON tap.folded (id COLLATE "C");
CREATE TABLE tap.lower (id text, n int);
CREATE UNIQUE INDEX ON tap.lower (lower(id));
CREATE TABLE tap.dated (id timestamp PRIMARY KEY, n int);
CREATE TABLE tap."Odd ""name" ("The id" int PRIMARY KEY, n int);
CREATE FUNCTION tap.fill() RETURNS void LANGUAGE sql AS $$
  TRUNCATE tap.counter, tap.pair, tap.keyless, tap.partial, tap.later, tap.parent, tap.parted, tap.folded, tap.lower, tap.dated, tap."Odd ""name";
  INSERT INTO tap.counter (id, n, label, u) VALUES (1, 0, 'it''s', '11111111-1111-1111-1111-111111111111'), (2, 0, 'two', DEFAULT);
  INSERT INTO tap.pair VALUES (1, 1, 0), (1, 2, 0);
  INSERT INTO tap.keyless VALUES (1, 0); INSERT INTO tap.partial VALUES (1, 0); INSERT INTO tap.later VALUES (1, 0);
  INSERT INTO tap.parent VALUES (1, 0); INSERT INTO tap.child VALUES (1, 0), (2, 0); INSERT INTO tap.parted VALUES (1, 0);
  INSERT INTO tap.folded VALUES ('a', 0), ('A', 0); INSERT INTO tap.lower VALUES ('a', 0); INSERT INTO tap.dated VALUES ('2026-01-01', 0);
  INSERT INTO tap."Odd ""name" VALUES (1, 0) $$;
SQL

# What another transaction does between the statement and the commit.
sub meanwhile
{
    my ($sql) = @_;

    return '\! ' . "PGOPTIONS= PGPASSWORD='$ENV{REMOTE_PGPASSWORD}' psql -Xq -h $ENV{REMOTE_PGHOST} -p $ENV{REMOTE_PGPORT} -U $ENV{REMOTE_PGUSER} -c '$sql' $ENV{REMOTE_PGDATABASE}";
}

sub run
{
    my ($statement, $meanwhile, $params) = @_;
    my $literal = $statement =~ s/'/''/gr;

    remote('SELECT tap.fill()');
    my ($status, undef, $error) = psql("\\set VERBOSITY verbose\nBEGIN;\nSELECT neon_http_exec('neon', '$literal'" . ($params ? ", $params" : '') . ");\n" . meanwhile($meanwhile) . "\nCOMMIT;");
    return $status == 0 ? 'committed' : $error =~ /ERROR:  (\w+):/ ? $1 : $error;
}

# One row, whatever others do to it: it is changed as they left it.
my $odd = 'tap."Odd ""name"';
foreach my $case (
    [ 'a key', 'UPDATE tap.counter SET n = n + 1 WHERE id = 1', 'tap.counter' ],
    [ 'a parameter', 'UPDATE tap.counter SET n = n + $2::int WHERE id = $1', 'tap.counter', q{'1', '1'} ],
    [ 'a cast parameter', 'UPDATE tap.counter AS c SET n = n + 1 WHERE c.id = $1::integer', 'tap.counter', q{'1'} ],
    [ 'on the right', 'UPDATE tap.counter SET n = n + 1 WHERE 1 = tap.counter.id', 'tap.counter' ],
    [ 'another unique column', q{UPDATE tap.counter SET n = n + 1 WHERE label = 'it''s'}, 'tap.counter' ],
    [ 'a uuid', q{UPDATE tap.counter SET n = n + 1 WHERE u = '11111111-1111-1111-1111-111111111111'::uuid}, 'tap.counter' ],
    [ 'more conditions', 'UPDATE tap.counter SET n = n + 1 WHERE (n < 100 AND (id = 1 AND tag IS NULL))', 'tap.counter' ],
    [ 'RETURNING', 'UPDATE tap.counter SET n = n + 1 WHERE id = 1 RETURNING *', 'tap.counter' ],
    [ 'a key of two columns', 'UPDATE tap.pair SET n = n + 1 WHERE b = 1 AND a = 1', 'tap.pair' ],
    [ 'partitions', 'UPDATE tap.parted SET n = n + 1 WHERE id = 1', 'tap.parted' ],
    [ 'odd names', "UPDATE $odd SET n = n + 1 WHERE \"The id\" = 1", $odd ])
{
    my ($name, $statement, $table, $params) = @$case;
    my $result = run($statement, "UPDATE $table SET n = n + 10", $params);

    is($result, 'committed', "$name: committed");
    is(remote("SELECT max(n) FROM $table"), 11, "$name: on top of what another one has written");
}
is(run('DELETE FROM tap.counter WHERE id = 1', 'UPDATE tap.counter SET n = 5'), 'committed', 'DELETE: committed');
is(remote('SELECT count(*) FROM tap.counter'), 1, 'DELETE: one row');

# The row is gone, does not match any more, or there is another one with its key.
is(run('UPDATE tap.counter SET n = n + 1 WHERE id = 1', 'DELETE FROM tap.counter WHERE id = 1'), '40001', 'the row is gone');
is(run('UPDATE tap.counter SET n = n + 1 WHERE id = 1 AND n = 0', 'UPDATE tap.counter SET n = 5'), '40001', 'the row does not match any more');
is(run('UPDATE tap.counter SET n = n + 1 WHERE id = 7', 'INSERT INTO tap.counter (id) VALUES (7)'), '40001', 'there is a row now');
is(run('UPDATE tap.counter SET n = n + 1 WHERE id = 1', 'ALTER TABLE tap.counter DROP CONSTRAINT counter_pkey'), '40001', 'the key is gone');
remote('ALTER TABLE tap.counter ADD PRIMARY KEY (id)');

# No key: the versions of the rows count.
foreach my $case (
    [ 'no index', 'UPDATE tap.keyless SET n = n + 1 WHERE id = 1', 'keyless' ],
    [ 'a part of the key', 'UPDATE tap.pair SET n = n + 1 WHERE a = 1', 'pair' ],
    [ 'an index of some rows', 'UPDATE tap.partial SET n = n + 1 WHERE id = 1', 'partial' ],
    [ 'a deferrable key', 'UPDATE tap.later SET n = n + 1 WHERE id = 1', 'later' ],
    [ 'children', 'UPDATE tap.parent SET n = n + 1 WHERE id = 1', 'parent' ],
    [ 'another collation', q{UPDATE tap.folded SET n = n + 1 WHERE id = 'a'}, 'folded' ],
    [ 'an expression', q{UPDATE tap.lower SET n = n + 1 WHERE id = 'a'}, 'lower' ],
    [ 'a type whose values may be equal', q{UPDATE tap.dated SET n = n + 1 WHERE id = '2026-01-01'::timestamptz}, 'dated' ],
    [ 'OR', 'UPDATE tap.counter SET n = n + 1 WHERE id = 1 OR n = 7', 'counter' ],
    [ 'a value that may be another one', 'UPDATE tap.counter SET n = n + 1 WHERE id = (SELECT min(id) FROM tap.counter)', 'counter' ],
    [ 'a column', 'UPDATE tap.counter SET n = n + 1 WHERE id = id', 'counter' ],
    [ 'NOT', 'UPDATE tap.counter SET n = n + 1 WHERE NOT (id = 1)', 'counter' ],
    [ 'a join', 'UPDATE tap.counter SET n = tap.counter.n + 1 FROM tap.pair p WHERE p.a = 1 AND id = p.b AND id = 1', 'counter' ],
    [ 'another operator', 'UPDATE tap.counter SET n = n + 1 WHERE id >= 1', 'counter' ])
{
    my ($name, $statement, $table) = @$case;

    is(run($statement, "UPDATE tap.$table SET n = n + 10"), '40001', "$name: 40001");
}

done_testing();
