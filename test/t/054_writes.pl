# Random writes on foreign tables and on local copies: the first ones of what
# "make writes" runs.
use strict;
use warnings;
use FindBin;
use Test::More;
use NeonTest;

my $run = "$FindBin::Bin/../differential/writes";

my %count = (on => 150, off => 150, pipeline => 60, assumed => 60, late => 60, blind => 60);
foreach my $mode (sort keys %count)
{
    my $out = `python3 $run --count $count{$mode} --modes $mode 2>&1`;
    is($?, 0, "$mode: exit status");
    like($out, qr/^$count{$mode} passed, 0 failed$/m, "$mode: same results") or diag($out);
    my ($commits) = $out =~ /\bCOMMIT (\d+)/;
    cmp_ok($commits // 0, '>', $count{$mode} / 8, "$mode: enough transactions are committed");
}

# nothing of another test counts on this database
{
    local $ENV{PGDATABASE} = 'postgres';
    value('DROP DATABASE IF EXISTS writes WITH (FORCE)');
    remote('DROP SCHEMA IF EXISTS w CASCADE');
}

done_testing();
