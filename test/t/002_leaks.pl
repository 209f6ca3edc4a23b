# A thousand failing statements in one session, half of them caught in a
# subtransaction, leave open files and memory as they were.
use strict;
use warnings;
use Test::More;
use NeonTest;

-d '/proc/self/fd' or plan skip_all => 'needs /proc';

setup('leaks');

# Ways to fail: on the remote, in what the reply holds, in the reply's form,
# in the middle of its body, before it, on connecting, in looking up the name.
my $port = mock_server(
    {
        broken => "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"results\":[{\"x",
        cut    => "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"results\":[",
        refuse => "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    });
remote("CREATE VIEW tap.odd AS SELECT (1 / (g - 1000)) AS zero, 'x' || g AS word FROM generate_series(1, 2000) g");
value(<<'SQL');
CREATE FOREIGN TABLE remote_error (zero int) SERVER neon
  OPTIONS (schema_name 'tap', table_name 'odd');
CREATE FOREIGN TABLE local_error (word int) SERVER neon
  OPTIONS (schema_name 'public', table_name 'customers');
ALTER FOREIGN TABLE local_error ALTER word OPTIONS (column_name 'name');
SQL
my @ways = qw(remote_error local_error);
my %server = (
    broken  => "url 'http://127.0.0.1:$port/broken'",
    cut     => "url 'http://127.0.0.1:$port/cut'",
    refuse  => "url 'http://127.0.0.1:$port/refuse'",
    connect => "url 'http://127.0.0.1:1/sql'",
    lookup  => "url 'https://nothing.invalid/sql'",
);
foreach my $name (sort keys %server)
{
    new_server($name, "$server{$name}, max_retries '0'");
    value("CREATE FOREIGN TABLE ${name}_error (a int) SERVER $name");
    # a name server should not be asked hundreds of times
    push @ways, "${name}_error" if $name ne 'lookup';
}

value(<<'SQL');
CREATE FUNCTION fail(tables text[], times int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  failed int := 0;
BEGIN
  FOR i IN 1..times LOOP
    BEGIN
      EXECUTE format('SELECT * FROM %I', tables[1 + i % cardinality(tables)]);
    EXCEPTION WHEN OTHERS THEN
      failed := failed + 1;
    END;
  END LOOP;
  RETURN failed;
END $$;
CREATE FUNCTION memory() RETURNS bigint LANGUAGE sql AS
  'SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts';
SQL

# Half in a function, half as statements of their own.
sub round_of
{
    my ($times) = @_;
    my $half = int($times / 2);
    my $array = 'ARRAY[' . join(',', map { "'$_'" } @ways) . ']';
    my $script = "SELECT 'failed ' || fail($array, $half);\n";

    foreach (1 .. $half)
    {
        my $table = $_ % 50 == 1 ? 'lookup_error' : $ways[$_ % @ways];
        $script .= "SELECT * FROM $table;\n";
    }
    return $script;
}

my $measure = "SELECT 'memory ' || memory();\n"
  . "\\! echo files \$(ls /proc/\$BACKEND/fd | wc -l)\n"
  . "\\! grep VmRSS /proc/\$BACKEND/status\n";
my ($status, $out, $err) = psql(
    "SELECT pg_backend_pid() AS pid \\gset\n\\setenv BACKEND :pid\n"
      . round_of(100) . $measure . round_of(1000) . $measure,
    go_on => 1);

my @caught = $out =~ /^failed (\d+)/mg;
is_deeply(\@caught, [50, 500], 'every statement failed in the function');
my @errors = $err =~ /ERROR:/g;
is(scalar @errors, 550, 'every statement failed by itself');

my @files = $out =~ /^files (\d+)/mg;
my @memory = $out =~ /^memory (\d+)/mg;
my @rss = $out =~ /^VmRSS:\s+(\d+)/mg;
is($files[1], $files[0], "open files: $files[0]");
cmp_ok($memory[1] - $memory[0], '<=', 64 * 1024,
    "memory contexts: $memory[0] bytes, then $memory[1]");
cmp_ok($rss[1] - $rss[0], '<=', 1024,
    "resident memory: $rss[0] kB, then $rss[1]");

# What counts against the limit of open files must be given back too.
($status, $out, $err) = psql(round_of(14) . "SELECT count(*) FROM customers;\n"
      . "IMPORT FOREIGN SCHEMA public LIMIT TO (customers) FROM SERVER neon INTO public;\n"
      . "SELECT 'customers ' || count(*) FROM customers;\n", go_on => 1);
like($out, qr/^customers 1000$/m, 'the session still works');

done_testing();
