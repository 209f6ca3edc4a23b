# Whom the system trusts, where no server option says it: authorities are
# looked up by name in the system's directory, and in its file if that does
# not have them.  Both are replaced, in a mount namespace, for a backend in
# single-user mode.
use strict;
use warnings;
use File::Path qw(make_path);
use File::Temp;
use Test::More;
use NeonTest;

my $system = '/etc/ssl/certs';
my @root = $> == 0 ? () : ('sudo', '-n');
my $bindir = `"\${PG_CONFIG:-pg_config}" --bindir`;
chomp $bindir;

plan skip_all => 'no right to make a mount namespace'
    if system("@root unshare -m true 2>/dev/null") != 0;

# STACK_DIR belongs to whom servers run as.
my $base = "$ENV{STACK_DIR}/authorities";
my $data = "$base/data";
my $owner = getpwuid((stat $ENV{STACK_DIR})[4]);
my @server = $> == 0 ? ('runuser', '-u', $owner, '--') : ();

sub run_server
{
    my ($input, @command) = @_;
    my $out = '';
    IPC::Run::run([@command], '<', \$input, '>', \$out, '2>&1',
        init => sub { chdir '/'; delete $ENV{SSL_CERT_FILE} });
    return $out;
}

# What a lookup says if the system has these authorities; in the directory
# by the hash of their names.
sub lookup
{
    my ($in_file, $in_directory) = @_;
    my $certs = "$base/certs";
    my $file = "$certs/ca-certificates.crt";

    system('rm', '-rf', $certs);
    make_path($certs);
    run_server('', 'sh', '-c', "cat /dev/null @$in_file >'$file'");
    foreach my $authority (@$in_directory)
    {
        my $hash = `openssl x509 -hash -noout -in "$authority"`;
        chomp $hash;
        run_server('', 'cp', $authority, "$certs/$hash.0");
    }
    # the user of the server must not need rights for the mount
    return run_server("SELECT name FROM neon.customers WHERE id = 1\n",
        @root, 'unshare', '-m', 'sh', '-c',
        "mount --bind '$certs' $system && exec "
          . "runuser -u $owner -- '$bindir/postgres' --single -D '$data' postgres");
}

system('rm', '-rf', $base);
run_server('', @server, 'mkdir', $base) eq '' or die "no $base";
chmod 0777, $base if $> == 0;
run_server('', @server, "$bindir/initdb", '-D', $data, '-U', 'postgres',
    '-A', 'trust', '--no-sync', '--locale', 'C', '-E', 'UTF8');
my $sql = $ENV{STACK_SQL};
$sql =~ s/,\s+sslrootcert '[^']*'//;
$sql =~ s/\s*\n\s*/ /g;
$sql =~ s/;/\n/g;
my $made = run_server("$sql\nCREATE SCHEMA neon\n"
      . "CREATE FOREIGN TABLE neon.customers (id int, name text) SERVER neon"
      . " OPTIONS (schema_name 'public')\n",
    @server, "$bindir/postgres", '--single', '-D', $data, 'postgres');
unlike($made, qr/ERROR/, 'a database of its own');

# another authority, which has signed nothing here
my $other = "$base/other.pem";
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
      . "-nodes -days 3650 -subj /CN=another -keyout $base/other.key "
      . "-out $other >/dev/null 2>&1");
chmod 0644, $other;
my $ours = $ENV{ENDPOINT_CA};

my $found = qr/name = "/;
my $refused = qr/ERROR: .*certificate/s;
like(lookup([], [$ours, $other]), $found,
    'found by name, the file is not needed');
like(lookup([$ours, $other], [$other]), $found,
    'not found by name, but in the file');
like(lookup([$ours], []), $found, 'an empty directory, but in the file');
my $out = lookup([$other], [$other]);
like($out, $refused, 'in neither of them');
is(() = $out =~ /ERROR/g, 1, 'which is one error');
like(lookup([], []), $refused, 'no authorities at all');

system('rm', '-rf', $base);
done_testing();
