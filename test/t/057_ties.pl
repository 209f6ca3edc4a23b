# Writes of one transaction that depend on each other, and others that do not:
# what test/differential/ties compares.
use strict;
use warnings;
use FindBin;
use Test::More;
use NeonTest;

my $out = `python3 $FindBin::Bin/../differential/ties 2>&1`;
is($?, 0, 'exit status');
like($out, qr/^\d{3} passed, 0 failed$/m, 'same outcomes as on the remote itself') or diag($out);

# nothing of another test counts on this database
{
    local $ENV{PGDATABASE} = 'postgres';
    value('DROP DATABASE IF EXISTS ties WITH (FORCE)');
}

done_testing();
