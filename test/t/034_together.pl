# A statement sees one state of the remote: its scans are one request, while
# another client moves amounts between tables in single transactions.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $iterations = $ENV{TOGETHER_ITERATIONS} || 1000;

setup('together');
remote(<<'SQL');
DROP SCHEMA IF EXISTS tap_together CASCADE;
CREATE SCHEMA tap_together;
CREATE TABLE tap_together.a (id int PRIMARY KEY, amount int);
CREATE TABLE tap_together.b (id int PRIMARY KEY, amount int);
INSERT INTO tap_together.a SELECT g, 100 FROM generate_series(1, 20) g;
INSERT INTO tap_together.b SELECT g, 100 FROM generate_series(1, 20) g;
CREATE TABLE tap_together.c AS SELECT g AS id, g % 5 AS n FROM generate_series(1, 20) g;
CREATE TABLE tap_together.d AS SELECT g AS id, g % 5 AS n FROM generate_series(1, 20) g;
CREATE TABLE tap_together.e AS SELECT g AS id, g % 5 AS n FROM generate_series(1, 20) g;
SQL
value(<<'SQL');
IMPORT FOREIGN SCHEMA tap_together FROM SERVER neon INTO public;
CREATE TABLE link AS SELECT g AS id, g AS a, 21 - g AS b FROM generate_series(1, 20) g;
ANALYZE a, b, link;
CREATE FUNCTION here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
-- runs a query many times; 'torn' counts the sums that no state ever had
CREATE FUNCTION watch(n int, query text, OUT torn int, OUT states int)
LANGUAGE plpgsql AS $$
DECLARE
  total bigint;
  seen bigint;
  last bigint := -1;
BEGIN
  torn := 0;
  states := 0;
  FOR i IN 1 .. n LOOP
    EXECUTE query INTO total, seen;
    torn := torn + (total <> 4000)::int;
    states := states + (seen <> last)::int;
    last := seen;
  END LOOP;
END $$;
SQL

# Another client of the remote, which runs until it is stopped: it moves
# something from a to b, and from one row of a to another one, at once.
sub mover
{
    return start_remote(<<'SQL');
DO $$
BEGIN
  LOOP
    UPDATE tap_together.a SET amount = amount + CASE id WHEN 1 THEN -3 WHEN 2 THEN 2 ELSE 0 END WHERE id < 3;
    UPDATE tap_together.b SET amount = amount + 1 WHERE id = 1;
    COMMIT;
    EXIT WHEN EXISTS (SELECT FROM tap_together.a WHERE id = 0);
  END LOOP;
END $$;
SQL
}

# Torn reads, states seen, and requests of that many runs.
sub watch
{
    my ($query, $settings) = @_;
    my $mark = log_mark();
    my $out = value("SET neon_http_fdw.statement_pushdown = off; "
          . ($settings || '')
          . " SELECT torn, states FROM watch($iterations, \$q\$$query\$q\$)");
    my ($torn, $states) = $out =~ /(\d+)\|(\d+)\s*$/ or die $out;

    return ($torn, $states, scalar log_since($mark));
}

my %queries = (
    'a self-join that cannot be pushed down' =>
      'SELECT sum(x.amount) + (2000 - sum(y.amount)) + 2000, max(x.amount - 100 * y.id)'
      . ' FROM a x JOIN a y ON here(x.id) = here(y.id)',
    'two tables joined through a local one' =>
      'SELECT sum(a.amount) + sum(b.amount), sum(b.amount)'
      . ' FROM a JOIN link ON here(a.id) = link.a JOIN b ON here(b.id) = link.b',
    'two tables merged' =>
      'SELECT sum(amount), sum(amount) FILTER (WHERE t = 2) FROM'
      . ' (SELECT 1 AS t, amount FROM a WHERE here(id) > 0 UNION ALL SELECT 2, amount FROM b WHERE here(id) > 0) u',
    'two subqueries' =>
      'SELECT (SELECT sum(amount) FROM a WHERE here(id) > 0) + (SELECT sum(amount) FROM b WHERE here(id) > 0),'
      . ' (SELECT sum(amount) FROM b WHERE here(id) > 0)',
);

# Five tables of one server are one request, whether the joins run there, here,
# or some there and some here; analyzed or not, in any kind of join.
sub five
{
    my ($condition, $settings) = @_;
    my $join = 'SELECT count(*) FROM a, b, c, d, e';
    my $on = join ' AND ', map { sprintf $condition, @$_ }
      ['a.id', 'b.id'], ['b.id', 'c.id'], ['c.id', 'd.id'], ['d.id', 'e.id'];
    my $mark = log_mark();

    is(value("SET neon_http_fdw.statement_pushdown = off; $settings $join WHERE $on"), '20', "five tables, $condition, $settings");
    is(scalar log_since($mark), 1, '... one request');
}

foreach my $analyzed ('no', 'yes')
{
    value('ANALYZE a, b, c, d, e') if $analyzed eq 'yes';
    foreach my $settings ('', 'SET enable_hashjoin = off;', 'SET enable_hashjoin = off; SET enable_mergejoin = off;', 'SET neon_http_fdw.bind_join = off;')
    {
        five($_, $settings) foreach '%s = %s', 'here(%s) = here(%s)';
    }
}
my $five = log_mark();
is(value('SET neon_http_fdw.statement_pushdown = off; SELECT count(*) FROM a JOIN b USING (id) LEFT JOIN c ON here(c.id) = a.id JOIN d ON d.id = here(c.id) LEFT JOIN e ON here(e.id) = here(d.id)'), '20',
    'five tables, some joins there');
is(scalar log_since($five), 1, '... one request');

my $mover = mover();
wait_for(sub { remote('SELECT amount <> 100 FROM tap_together.b WHERE id = 1') eq 't' }) or die 'nothing moves';
for my $name (sort keys %queries)
{
    my ($torn, $states, $requests) = watch($queries{$name});

    is($torn, 0, "$name: no torn read in $iterations");
    cmp_ok($states, '>', $iterations / 20, "while the tables change");
    is($requests, $iterations, 'one request each');
}

# The watcher sees torn reads where there are some: in two statements.
value(<<'SQL');
CREATE FUNCTION watch_apart(n int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  x bigint;
  y bigint;
  torn int := 0;
BEGIN
  FOR i IN 1 .. n LOOP
    SELECT sum(amount) INTO x FROM a;
    SELECT sum(amount) INTO y FROM b;
    torn := torn + (x + y <> 4000)::int;
  END LOOP;
  RETURN torn;
END $$;
SQL
cmp_ok(value("SELECT watch_apart($iterations)"), '>', 0,
    'two statements see two states');
remote('INSERT INTO tap_together.a VALUES (0, 0)');
$mover->{handle}->finish;

done_testing();
