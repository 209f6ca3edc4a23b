# A part of the faults that "make faults" tries: each has the right SQLSTATE and
# a message, in time, and the session lives on.
use strict;
use warnings;
use FindBin;
use Test::More;

my $out = `python3 $FindBin::Bin/../faults/run --sample 2>&1`;

is($?, 0, 'exit status');
like($out, qr/^\d{2,} passed, 0 failed$/m, 'all of them') or diag($out);
note($out);

done_testing();
