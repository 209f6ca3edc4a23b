# Random queries on foreign tables and on local copies: the first ones of what
# "make differential" runs.
use strict;
use warnings;
use FindBin;
use Test::More;
use NeonTest;

my $run = "$FindBin::Bin/../differential/run";

foreach my $mode (qw(on off mixed))
{
    my $out = `$run --count 300 --modes $mode 2>&1`;
    is($?, 0, "$mode: exit status");
    like($out, qr/^[1-9]\d* passed, 0 failed$/m, "$mode: same results")
      or diag($out);
    my ($here) = $out =~ /here: (.*)/;
    my ($rows) = $out =~ /\brows (\d+)/;
    cmp_ok($rows // 0, '>', 100, "$mode: enough of them have rows");
    note("$mode: $here") if $here;
}

# nothing of another test counts on this database
{
    local $ENV{PGDATABASE} = 'postgres';
    value('DROP DATABASE IF EXISTS differential WITH (FORCE)');
}

done_testing();
