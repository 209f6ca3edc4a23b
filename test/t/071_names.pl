# Hostile names and values through every path that makes SQL, and a database in
# another encoding: shorter than "make injection" and "make encodings" do it.
use strict;
use warnings;
use FindBin;
use Test::More;

my $test = "$FindBin::Bin/..";
foreach my $command ("injection/run --rounds 3",
    'encodings/run --only latin1 --rounds 1', 'encodings/run --only euc --rounds 0')
{
    my $out = `python3 $test/$command 2>&1`;

    is($?, 0, "$command: exit status");
    like($out, qr/^\d{2,} passed, 0 failed$/m, "$command: all of it") or diag($out);
    note($out);
}

done_testing();
