# Concurrent transfers of money, shorter than "make bank" does them, and that
# its checks see tellers that do wrong.
use strict;
use warnings;
use FindBin;
use Test::More;

my $run = "$FindBin::Bin/../bank/run";
# It starts a stack of its own, which is killed and restarted in parts.
sub bank
{
    my ($name, $passed, @arguments) = @_;
    my $out = `python3 $run @arguments 2>&1`;

    is($?, 0, "$name: exit status");
    like($out, qr/^$passed passed, 0 failed$/m, "$name: all is as it should be") or diag($out);
    note($out);
}

bank('nothing goes wrong', 1, '--modes', 'plain', '--seconds', 10);
bank('two servers, and local rows', 2, '--modes', 'two,serializable', '--seconds', 6);
bank('without any FOR UPDATE', 2, '--modes', 'unlocked,commit', '--seconds', 6);
# a busy machine needs longer until something goes wrong
my $unchecked = '';
foreach my $seconds (3, 12, 40)
{
    $unchecked = `python3 $run --modes unlocked --option read_checks=off --seconds $seconds 2>&1`;
    last if $unchecked =~ /a balance is not what/;
}
like($unchecked, qr/PROBLEM: .*a balance is not what the transfers make of it/, "read_checks 'off': updates are lost");
bank('much goes wrong', 5, '--modes', 'kill,endpoint,remote,replies,ledger', '--seconds', 4);
bank('tellers that do wrong are found out', 7, '--self-test', '--seconds', 0.7);

done_testing();
