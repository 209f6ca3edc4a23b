# What transactions see of each other, by pg_isolation_regress: the specs of
# test/isolation, by whole statements and by the callbacks of the foreign-data
# wrapper.  Where the callbacks give something else, that is in
# test/isolation/expected/callbacks.
#
# The anomalies of specs/hermitage.spec run on tables of PostgreSQL, too, and
# test/isolation/outcomes makes the table in docs/transactions.md of all that.
#
#   NEON_TEST_VIA=postgres_fdw   through postgres_fdw, to compare by hand
#   NEON_TEST_VIA=local          on tables of this cluster
use strict;
use warnings;
use File::Basename;
use Test::More;
use NeonTest;

my $here = dirname(__FILE__) . '/../isolation';
my $via = $ENV{NEON_TEST_VIA} // '';
my $results = dirname(__FILE__) . '/../../tmp_check/isolation';
my @specs = $ENV{NEON_TEST_SPECS} ? split(' ', $ENV{NEON_TEST_SPECS})
  : map { basename($_, '.spec') } sort glob("$here/specs/*.spec");
my $pgxs = `@{[$ENV{PG_CONFIG} // 'pg_config']} --pgxs`;
my $regress = dirname($pgxs) . '/../test/isolation/pg_isolation_regress';

my $database = setup('isolation');
my $remote = "host '$ENV{REMOTE_PGHOST}', port '$ENV{REMOTE_PGPORT}', dbname '$ENV{REMOTE_PGDATABASE}'";
my $mapping = "OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}')";
remote(slurp("$here/remote.sql"));
value(slurp("$here/setup.sql") . <<"SQL");
CREATE SERVER direct FOREIGN DATA WRAPPER dblink_fdw OPTIONS ($remote, options '-c lock_timeout=5s');
CREATE USER MAPPING FOR CURRENT_USER SERVER direct $mapping;
ALTER DATABASE $database SET session_preload_libraries = 'neon_http_fdw';
SQL
if ($via eq 'postgres_fdw')
{
    # nobody here sees who waits for whom there
    value(<<"SQL");
CREATE EXTENSION postgres_fdw;
CREATE SERVER pg FOREIGN DATA WRAPPER postgres_fdw OPTIONS ($remote, options '-c lock_timeout=300ms');
CREATE USER MAPPING FOR CURRENT_USER SERVER pg $mapping;
SQL
}
value('IMPORT FOREIGN SCHEMA iso FROM SERVER ' . ($via eq 'postgres_fdw' ? 'pg' : 'neon') . ' INTO public');

# The same tables here, in a schema that comes first: no foreign tables any more.
sub make_local
{
    my ($socket) = $ENV{PGHOST};

    value(slurp("$here/remote.sql"));
    value(<<"SQL");
ALTER DATABASE $database SET search_path = iso, public;
ALTER SERVER direct OPTIONS (SET host '$socket', SET port '$ENV{PGPORT}', SET dbname '$database');
ALTER USER MAPPING FOR CURRENT_USER SERVER direct OPTIONS (SET user '$ENV{PGUSER}');
SQL
}
make_local() if $via eq 'local';

# Specs that give what they should; extra outputs replace those expected.
sub run_specs
{
    my ($name, $extra, @specs) = @_;
    my $out = "$results/$name";

    system("rm -rf '$out'; mkdir -p '$out' && cp -r '$here/specs' '$here/expected' '$out'") == 0
      or die "cannot prepare $out";
    system("cp '$here/expected/$extra/'*.out '$out/expected'") == 0 or die "no outputs for $extra"
      if $extra;
    my @command = ($regress, "--inputdir=$out", "--outputdir=$out",
        '--use-existing', "--dbname=$database", @specs);
    my $log = '';
    IPC::Run::run(\@command, '>', \$log, '2>&1');
    foreach my $spec (@specs)
    {
        like($log, qr/^(test $spec +\.\.\. ok|ok \d+ +- $spec )/m, "$name: $spec");
    }
    my ($differences) = grep { -s $_ } glob("$out/regression.diffs $out/output_iso/regression.diffs");
    diag($differences ? slurp($differences) : $log) unless Test::More->builder->is_passing;
}

my %path = (statements => ['on', undef], callbacks => ['off', 'callbacks']);
foreach my $name ($via ? () : sort keys %path)
{
    my ($pushdown, $extra) = @{ $path{$name} };

    value("ALTER DATABASE $database SET neon_http_fdw.statement_pushdown = $pushdown");
    run_specs($name, $extra, @specs);
}
run_specs($via, undef, @specs) if $via && $via ne 'local';
if (!$via || $via eq 'local')
{
    my @compared = grep { $_ eq 'hermitage' } @specs;

    make_local() if !$via;
    run_specs('local', 'local', @compared) if @compared;
}
my $outcomes = `$here/outcomes`;
ok(length $outcomes && index(slurp("$here/../../docs/transactions.md"), $outcomes) >= 0,
    'docs/transactions.md: the table of outcomes');

remote('DROP SCHEMA iso CASCADE');
ok(wait_for(sub { !remote(q{SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'}) }),
    'no session is left idle in transaction');

done_testing();
