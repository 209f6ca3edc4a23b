# Tables whose partitions are on four endpoints: routing, pruning, aggregates
# and joins by partition, time, an endpoint that is gone, and a partition that
# moves while it is read.
use strict;
use warnings;
use File::Basename;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);
use NeonTest;

my $latency = 300;

setup('sharding');
my %endpoints;
for my $n (1 .. 4)
{
    my $port_file = "$ENV{STACK_DIR}/shard_$n.port";
    unlink $port_file;
    $endpoints{$n} = start_child(dirname(__FILE__) . '/../endpoint/neon_endpoint',
        '--port-file', $port_file, '--log', "$ENV{STACK_DIR}/shard_$n.log", '--latency', $latency,
        '--cert', "$ENV{STACK_DIR}/server.pem", '--key', "$ENV{STACK_DIR}/server.key",
        '--pg-host', $ENV{REMOTE_PGHOST}, '--pg-port', $ENV{REMOTE_PGPORT});
    wait_for(sub { -s $port_file }) or die 'no endpoint';
    chomp(my $port = slurp($port_file));
    new_server("shard_$n", "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}', max_retries '0'");
    remote(<<"SQL");
DROP SCHEMA IF EXISTS tap_shard_$n CASCADE;
CREATE SCHEMA tap_shard_$n;
CREATE TABLE tap_shard_$n.orders (customer int, item int, price int, weight float8, paid bool, name text);
CREATE TABLE tap_shard_$n.customers (id int PRIMARY KEY, city text);
CREATE TABLE tap_shard_$n.events (at date, what text);
SQL
}
my $columns = 'customer int, item int, price int, weight float8, paid bool, name text';
value("CREATE TABLE orders ($columns) PARTITION BY HASH (customer);"
      . ' CREATE TABLE customers (id int, city text) PARTITION BY HASH (id);'
      . ' CREATE TABLE events (at date, what text) PARTITION BY RANGE (at);'
      . " CREATE TABLE here ($columns); CREATE FUNCTION here(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN \$1; END'");
for my $n (1 .. 4)
{
    my $rest = $n - 1;
    value(<<"SQL");
CREATE FOREIGN TABLE orders_$n PARTITION OF orders FOR VALUES WITH (MODULUS 4, REMAINDER $rest)
  SERVER shard_$n OPTIONS (schema_name 'tap_shard_$n', table_name 'orders');
CREATE FOREIGN TABLE customers_$n PARTITION OF customers FOR VALUES WITH (MODULUS 4, REMAINDER $rest)
  SERVER shard_$n OPTIONS (schema_name 'tap_shard_$n', table_name 'customers');
CREATE FOREIGN TABLE events_$n PARTITION OF events FOR VALUES FROM ('202$n-01-01') TO ('202$n-12-31')
  SERVER shard_$n OPTIONS (schema_name 'tap_shard_$n', table_name 'events');
SQL
}

# --- routed ------------------------------------------------------------------

my $rows = 4000;
value("INSERT INTO here SELECT g % 200, g, CASE WHEN g % 7 > 0 THEN g % 50 END, g / 4.0, g % 3 = 0, 'name ' || g % 11 FROM generate_series(1, $rows) g");
my $file = "$ENV{STACK_DIR}/orders.csv";
value("COPY (SELECT * FROM here WHERE item > 2000) TO '$file' (FORMAT csv)");
value("INSERT INTO orders SELECT * FROM here WHERE item <= 2000; COPY orders FROM '$file' (FORMAT csv);"
      . " INSERT INTO customers SELECT g, 'city ' || g % 5 FROM generate_series(0, 199) g;"
      . " INSERT INTO events SELECT date '2021-01-01' + g, 'day ' || g FROM generate_series(0, 1400, 7) g WHERE date '2021-01-01' + g NOT IN ('2021-12-31', '2022-12-31', '2023-12-31')");
unlink $file;
my @counts = map { remote("SELECT count(*) FROM tap_shard_$_.orders") } 1 .. 4;
is(eval join('+', @counts), $rows, "INSERT and COPY are routed: @counts");
is(scalar(grep { $_ > 500 } @counts), 4, 'to all servers');
for my $n (1 .. 4)
{
    is(remote("SELECT count(*) > 0 AND min(extract(year FROM at)) = 202$n AND max(extract(year FROM at)) = 202$n FROM tap_shard_$n.events"), 't', "year 202$n is on server $n");
}
is(value('SELECT count(*) FROM (SELECT * FROM orders EXCEPT ALL SELECT * FROM here) x'), 0, 'the rows are the same');

# --- pruned ------------------------------------------------------------------

sub scans { return scalar(() = $_[0] =~ /Foreign Scan|Neon Remote Query/g) }

is(scans(value('EXPLAIN SELECT * FROM orders WHERE customer = 5')), 1, 'pruned when planned: hash');
is(scans(value(q{EXPLAIN SELECT * FROM events WHERE at BETWEEN '2022-03-01' AND '2022-06-01'})), 1, 'pruned when planned: range');
like(value('SET plan_cache_mode = force_generic_plan; PREPARE q(int) AS SELECT count(*) FROM orders WHERE customer = $1; EXPLAIN EXECUTE q(5)'),
    qr/Subplans Removed: 3/, 'pruned when executed');
is(value('SET plan_cache_mode = force_generic_plan; PREPARE q(int) AS SELECT count(*) FROM orders WHERE customer = $1; EXECUTE q(5)'),
    value('SELECT count(*) FROM here WHERE customer = 5'), 'with the same result');

# --- sizes ---------------------------------------------------------------------

# A session asks all servers for sizes of tables that were never analyzed, and
# waits for one of them at a time: from its first such request to its last one.
sub asked_for_sizes
{
    my ($n, $mark) = @_;
    my $log = "$ENV{STACK_DIR}/shard_$n.log";
    my @asked;

    wait_for(sub { @asked = grep { $_->{body}{queries}[1]{query} =~ /leaf/ } map { decode_json($_) } split /\n/, slurp($log, $mark) }, 60);
    my ($h, $m, $s) = $asked[0]{time} =~ /T(\d+):(\d+):([\d.]+)Z/;
    return [ scalar(@asked), $h * 3600 + $m * 60 + $s, $asked[0]{duration_ms} / 1000 ];
}

my $together = 0;
for (1 .. 20)
{
    my %marks = map { $_ => -s "$ENV{STACK_DIR}/shard_$_.log" } 1 .. 4;
    value("LOAD 'neon_http_fdw'; SELECT count(*) FROM orders WHERE here(item) > 0");
    my @asked = map { asked_for_sizes($_, $marks{$_}) } 1 .. 4;
    is(join(' ', map { $_->[0] } @asked), '1 1 1 1', 'each server is asked once');
    my @times = sort { $a <=> $b } map { $_->[1] } @asked;
    my ($shortest) = sort { $a <=> $b } map { $_->[2] } @asked;
    # one after the other they never overlap; on a loaded machine they need not
    $together = $times[3] - $times[0] < $shortest;
    last if $together;
}
ok($together, 'all servers are asked at the same time');

# --- aggregates --------------------------------------------------------------

my $by = 'SET enable_partitionwise_aggregate = on; SET enable_partitionwise_join = on;';
foreach my $query (
    'SELECT count(*), sum(price), min(name), max(item) FROM %s',
    'SELECT paid, count(*), count(price), sum(price), avg(price)::numeric(20,6), avg(weight)::numeric(20,6), sum(weight), bool_and(paid), bool_or(price > 20), min(weight) FROM %s GROUP BY paid ORDER BY paid',
    'SELECT name, avg(item)::numeric(20,6), sum(price) FILTER (WHERE paid), bit_or(item) FROM %s GROUP BY name HAVING count(*) > 5 ORDER BY name',
    # states of PostgreSQL's own, made byte by byte
    'SELECT sum(price::bigint), avg(item::bigint), sum(-price::bigint), sum(price::bigint * 1000000000000000) FROM %s',
    'SELECT paid, sum(item / 7.0), avg(item * -1.50), sum(price * 1e-30), avg(price * 1e40), sum(0.00) FROM %s GROUP BY paid ORDER BY paid',
    'SELECT stddev(price), var_pop(item::bigint), variance(item * 0.001), stddev_samp(price::smallint), var_samp(-item * 1e20) FROM %s',
    'SELECT name, sum(item::bigint) FILTER (WHERE paid), stddev_pop(price / 3.0) FILTER (WHERE NOT paid), sum(price::bigint) FILTER (WHERE item < 0) FROM %s GROUP BY name ORDER BY name',
    (map { my $odd = "CASE WHEN mod(item, 1000) = 5 THEN $_ ELSE item / 8.0 END"; "SELECT sum($odd), avg($odd), variance($odd), max($odd) FROM %s" }
          "'NaN'::numeric", "'Infinity'::numeric", "'-Infinity'::numeric", "CASE WHEN customer > 100 THEN 'Infinity' ELSE '-Infinity' END::numeric", 'NULL::numeric'),
    'SELECT sum(price::bigint), avg(price::numeric), stddev(price) FROM %s WHERE item < 0',
    'SELECT sum(price::bigint), variance(price) FROM %s WHERE item = 5',
    'SELECT avg(price) FROM %s WHERE item < 0',
    'SELECT count(*), avg(price), sum(price) FROM %s WHERE customer < 0')
{
    my ($name) = $query =~ /SELECT (.{0,40})/;
    my $plan = value("$by EXPLAIN (VERBOSE, COSTS off) " . sprintf($query, 'orders'));
    like($plan, qr/Finalize (Group|Hash)?Aggregate|Finalize Aggregate/, "$name: combined here");
    is(scalar(() = $plan =~ /Remote SQL: SELECT [^\n]*(count|sum|avg|min|max)\(/g), 4, "$name: computed by each server");
    is(value("$by " . sprintf($query, 'orders')), value(sprintf($query, 'here')), "$name: the same");
}
foreach my $query (
    'SELECT customer, count(*), sum(price::bigint), avg(price), string_agg(name, \',\' ORDER BY item), array_agg(item ORDER BY item) FROM %s GROUP BY customer ORDER BY customer',
    'SELECT stddev(weight)::numeric(20,6), corr(item, weight)::numeric(20,6), count(DISTINCT price), string_agg(name, \',\' ORDER BY item) FROM %s')
{
    is(value("$by " . sprintf($query, 'orders')), value(sprintf($query, 'here')), 'other aggregates: the same');
}
my $whole = value("$by EXPLAIN (VERBOSE, COSTS off) SELECT customer, count(*), avg(price) FROM orders GROUP BY customer");
is(scalar(() = $whole =~ /Remote SQL: [^\n]*GROUP BY/g), 4, 'groups of the partition key: each server returns its own');

# --- joins -------------------------------------------------------------------

my $join = 'SELECT c.city, o.item FROM orders o JOIN customers c ON c.id = o.customer WHERE o.price = 3 AND here(o.item) > 0';
is(scalar(() = value("$by EXPLAIN (VERBOSE, COSTS off) $join") =~ /Remote SQL: [^\n]* JOIN /g), 4, 'joined by each server');
is(value("$by SELECT count(*), sum(item), count(DISTINCT city) FROM ($join) x"),
    value("SELECT count(*), sum(item), count(DISTINCT customer % 5) FROM here WHERE price = 3"), 'the same rows');

# --- time --------------------------------------------------------------------

# Seconds of a statement in a session that is connected, and has planned it
# before, which may ask for the sizes of tables.
sub seconds
{
    my ($sql) = @_;
    my $out = value("$by SELECT count(*) FROM orders WHERE here(item) > 0; $sql;\n\\timing on\n$sql;");
    my ($ms) = $out =~ /Time: ([\d.]+) ms.*\z/ or die $out;
    return $ms / 1000;
}

foreach my $what ('count(*), sum(price)', '*')
{
    my $filter = $what eq '*' ? 'WHERE here(item) > 0' : '';
    my ($one, $all);
    # a loaded machine is given some tries
    for (1 .. 12)
    {
        $one = seconds("SELECT $what FROM orders_1 $filter");
        $all = seconds("SELECT $what FROM orders $filter");
        last if $all < 1.5 * $one;
    }
    cmp_ok($all, '<', 1.5 * $one, sprintf('%s: four servers %.3f s, one %.3f s', $what, $all, $one));
}

# --- a partition moves -------------------------------------------------------

my $seen = "$ENV{STACK_DIR}/sharding.seen";
my $reader = start_child(
    sub {
        local $SIG{TERM} = 'DEFAULT';
        open my $fh, '>', $seen or die;
        $fh->autoflush;
        while (1)
        {
            my ($status, $out, $err) = psql('SELECT count(*), sum(item) FROM orders WHERE here(item) > 0');
            print $fh $status == 0 ? "$out\n" : "failed: $err\n";
        }
    });
wait_for(sub { -s $seen });
remote('CREATE TABLE tap_shard_4.orders_1 (LIKE tap_shard_1.orders)');
value(<<'SQL');
CREATE FOREIGN TABLE orders_1_new (customer int, item int, price int, weight float8, paid bool, name text)
  SERVER shard_4 OPTIONS (schema_name 'tap_shard_4', table_name 'orders_1');
SQL
value(<<'SQL');
BEGIN;
LOCK TABLE ONLY orders IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO orders_1_new SELECT * FROM orders_1;
ALTER TABLE orders DETACH PARTITION orders_1;
ALTER TABLE orders ATTACH PARTITION orders_1_new FOR VALUES WITH (MODULUS 4, REMAINDER 0);
COMMIT;
SQL
remote('DROP TABLE tap_shard_1.orders');
my $size = -s $seen;
wait_for(sub { -s $seen > $size + 20 });
end_child($reader);
my %states;
$states{$_}++ foreach split /\n/, slurp($seen);
my $sum = $rows * ($rows + 1) / 2;
is(join(' ', grep { $_ ne "$rows|$sum" } keys %states), '', 'whoever reads meanwhile sees all rows, and no error');
cmp_ok($states{"$rows|$sum"} // 0, '>', 1, 'and does read');
is(value('SELECT count(*) FROM orders_1_new'), $counts[0], 'the partition is on another server');

# --- one that is gone --------------------------------------------------------

end_child($endpoints{3});
my $start = time();
my $error = fails('SELECT count(*), sum(item) FROM orders WHERE here(item) > 0', 'an endpoint that is stopped');
like($error, qr/08001.*shard_3/s, 'it is named');
cmp_ok(time() - $start, '<', 30, 'in time');
ok(wait_for(sub { remote_active('tap_shard_') == 0 }), 'nothing goes on at the others');
is(value('SELECT count(*) FROM orders WHERE customer IN (SELECT customer FROM here LIMIT 0)'), 0, 'what is not read is not missed');

remote("DROP SCHEMA tap_shard_$_ CASCADE") foreach 1 .. 4;
done_testing();
