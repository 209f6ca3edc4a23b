# Queries that use what TPC-H does not (test/queries/): the same rows from
# foreign tables as from local copies, with and without pushdown of whole
# statements; and with it the statement goes as a whole, in one request.
use strict;
use warnings;
use File::Basename;
use FindBin;
use Test::More;
use NeonTest;

my $dir = "$FindBin::Bin/../queries";
my $switch = 'neon_http_fdw.statement_pushdown';

setup('queries');
remote(slurp("$dir/tables.sql"));
value(<<'EOF');
CREATE SCHEMA far;
CREATE SCHEMA near;
IMPORT FOREIGN SCHEMA public FROM SERVER neon INTO far;
IMPORT FOREIGN SCHEMA lab FROM SERVER neon INTO far;
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT foreign_table_name AS name
    FROM information_schema.foreign_tables
    WHERE foreign_table_schema = 'far'
  LOOP
    EXECUTE format('CREATE TABLE near.%1$I (LIKE far.%1$I);
      INSERT INTO near.%1$I SELECT * FROM far.%1$I;
      ANALYZE near.%1$I', t.name);
  END LOOP;
END
$$;
EOF

my $as_whole = value("LOAD 'neon_http_fdw';"
      . " SELECT count(*) FROM pg_settings WHERE name = '$switch'");

# The rows, each ended by a zero byte, and the number of requests; the error
# where there are none.
sub rows
{
    my ($sql, $schema, $settings) = @_;
    my $mark = log_mark();
    my ($status, $out, $err) =
      psql(<<"EOF", args => [ '-0', '-P', 'null=\\N' ]);
\\set VERBOSITY verbose
LOAD 'neon_http_fdw';
SET statement_timeout = '10min';
SET timezone = 'Europe/Berlin';
SET search_path = $schema;
$settings
$sql
EOF
    return ("error: $err", 0) if $status != 0;
    return ($out, scalar(my @requests = log_since($mark)));
}

# Is the plan a single node that sends the statement?
sub goes_as_a_whole
{
    my ($sql) = @_;
    my ($plan) = rows("EXPLAIN (COSTS OFF) $sql", 'far', '');

    return $plan =~ /^Custom Scan \(Neon Remote Query\)\0?$/;
}

sub unordered
{
    my ($rows) = @_;
    return join "\0", sort split /\0/, $rows;
}

# The first one; not all of them, they can be megabytes.
sub difference
{
    my @expected = split /\0/, shift;
    my @got = split /\0/, shift;

    return "got $got[0]" if @got && $got[0] =~ /^error/;
    for my $i (0 .. $#got)
    {
        return "row $i is $got[$i], expected " . ($expected[$i] // 'none')
          if ($expected[$i] // '') ne $got[$i];
    }
    return @got . ' rows, expected ' . @expected;
}

foreach my $file (sort glob "$dir/*.sql")
{
    my $name = basename($file, '.sql');
    my $sql = slurp($file);
    next if $name eq 'tables';

    my $ordered = $sql =~ /^-- ordered/m;
    my $mixed = $sql =~ /^-- mixed/m;
    my ($expected) = rows($sql, 'near, far', '');
    my ($on, $requests) = rows($sql, 'far', "SET $switch = on;");
    my ($off, $requests_off) = rows($sql, 'far', "SET $switch = off;");
    my $count = () = $expected =~ /\0/g;

    unlike($expected, qr/^(error|$)/, "$name: has rows");
    ($expected, $on, $off) = map { unordered($_) } $expected, $on, $off
      unless $ordered;
    ok($on eq $expected, "$name: same rows")
      or diag(difference($expected, $on));
    ok($off eq $expected, "$name: same rows without statement pushdown")
      or diag(difference($expected, $off));
    my $whole = $as_whole && goes_as_a_whole($sql);
    if ($as_whole && !$mixed)
    {
        ok($whole, "$name: goes as a whole");
        is($requests, 1, "$name: one request");
    }
    note(sprintf '%-28s %6d rows, %s; requests %d with pushdown, %d without',
        $name, $count, $whole ? 'as a whole' : 'in parts',
        $requests, $requests_off);
}

done_testing();
