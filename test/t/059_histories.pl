# Concurrent transactions are isolated as their level says, shorter than "make
# histories" looks; and the checker finds what is wrong without checks of reads.
use strict;
use warnings;
use FindBin;
use Test::More;

my $run = "$FindBin::Bin/../histories/run";
# It starts a stack of its own, which is killed and restarted in parts.
sub start
{
    my ($name, $passed, @arguments) = @_;

    open(my $out, '-|', "python3 $run @arguments 2>&1") or die $!;
    return [$name, $passed, $out];
}

sub finish
{
    my ($name, $passed, $file) = @{$_[0]};
    my $out = do { local $/; <$file> };

    close($file);
    is($?, 0, "$name: exit status");
    like($out, qr/^$passed passed, 0 failed$/m, "$name: all is as it should be") or diag($out);
    note($out);
}

# Two at once do not meet: each has a stack of its own.
my @two = (start('nothing goes wrong', 4, '--faults none --transactions 300'),
    start('checked by the commit', 3, '--levels rr,ser --faults none --read-checks commit --transactions 200'));
finish($_) foreach @two;
finish(start('much goes wrong', 7, '--levels rr,ser --faults kill,endpoint,replies --transactions 150'));
# a busy machine needs longer until something goes wrong
my $unchecked = '';
foreach my $transactions (400, 2000)
{
    $unchecked = `python3 $run --levels rr,ser --faults none --read-checks off --transactions $transactions 2>&1`;
    last if $? == 0;
}
like($unchecked, qr/^3 passed, 0 failed$/m, "read_checks 'off': anomalies are found") or diag($unchecked);

done_testing();
