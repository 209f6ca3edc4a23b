# A server that is not a database says what it likes of its catalog and of the
# columns of a result: that is an error or a warning, never an internal error,
# and nothing that it says becomes a command.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use NeonTest;

setup('hostile_catalog');

sub result
{
    my ($rows, $fields) = @_;
    my @rows = map { [ map { defined($_) ? "$_" : undef } @$_ ] } @$rows;
    return {
        fields => $fields // [], rows => \@rows, command => 'SELECT',
        rowCount => scalar @$rows
    };
}

# The reply to a batch: the guard's row, then these results.
sub reply
{
    my (@results) = @_;
    return sub {
        my @all = (result([['x']]), @results);
        my $body = JSON::PP->new->utf8->canonical->encode({ results => \@all });

        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
          . "Connection: close\r\nContent-Length: "
          . length($body) . "\r\n\r\n$body";
    };
}

# --- the catalog --------------------------------------------------------------

my @integer = qw(0 23 0 int4);
push @integer, '0', '-1', undef, undef, 'b', 'pg_catalog', undef, 'integer', 'f';
my @table = ('t', 'a', '23', '-1', undef, undef, 'f', 'f', 'f', undef, '1');

sub with
{
    my ($row, %cells) = @_;
    my @copy = @$row;
    $copy[$_] = $cells{$_} foreach keys %cells;
    return \@copy;
}

# A catalog with one more type and one more table.
sub catalog
{
    my ($type, $table) = @_;
    return reply(
        result([ ['public'] ]),
        result([ \@integer, $type // () ]),
        result([ \@table, $table // () ]),
        result([ [ 'plpgsql', 'pg_catalog"; DROP TABLE x; --' ] ]));
}

my %catalogs = (

    # name => [ type, table, what comes of it ]
    good => [ undef, undef, qr/\A\z/ ],
    column_long  => [ undef, with(\@table, 0, 'u', 1, 'c' x 64), qr/HV00M: .*too long/ ],
    column_empty => [ undef, with(\@table, 0, 'u', 1, ''), qr/HV00M: .*empty/ ],
    table_long   => [ undef, with(\@table, 0, 'u' x 64), qr/HV00M: .*too long/ ],
    type_long    => [ with(\@integer, 1, 99999, 3, 't' x 64, 8, 'e', 9, 'public'), with(\@table, 0, 'u', 2, 99999), qr/HV00M: .*too long/ ],
    unknown_type => [ undef, with(\@table, 0, 'u', 2, 99999), qr/HV00M: .*type 99999/ ],
    null_name    => [ undef, with(\@table, 0, 'u', 2, undef), qr/HV00M: .*null/ ],
    no_such_type => [ with(\@integer, 1, 1, 3, 'no_such'), with(\@table, 0, 'u', 2, 1), qr/HV004: .*"u" is not imported/ ],
    pseudo       => [ with(\@integer, 1, 2249, 3, 'record'), with(\@table, 0, 'u', 2, 2249), qr/HV004: .*"u" is not imported/ ],
    array_of_none => [ with(\@integer, 1, 99999, 3, '_x', 4, 99998, 8, 'A', 9, 'public'), with(\@table, 0, 'u', 2, 99999), qr/HV00M: .*type 99998/ ],
    of_itself    => [ with(\@integer, 1, 99999, 3, 'x', 4, 99999, 8, 'd', 9, 'public'), with(\@table, 0, 'u', 2, 99999), qr/HV004: .*"u" is not imported/ ],
    injection    => [ undef, with(\@table, 0, 'u"; DROP TABLE x; --', 1, 'c" int); DROP TABLE x; --'), qr/\A\z/ ],
    default      => [ undef, with(\@table, 0, 'u', 9, '1); DROP TABLE x; --'), qr/NOTICE: .*u\.a/ ],
    default_open => [ undef, with(\@table, 0, 'u', 9, '1 /*'), qr/NOTICE: .*u\.a/ ],
    default_deep => [ undef, with(\@table, 0, 'u', 9, ('(' x 20000) . '1' . (')' x 20000)), qr/NOTICE: .*u\.a/ ],
    default_two  => [ undef, with(\@table, 0, 'u', 9, '1, 2'), qr/NOTICE: .*u\.a/ ],
    default_select => [ undef, with(\@table, 0, 'u', 9, '(SELECT 1)'), qr/NOTICE: .*u\.a/ ],
    default_any  => [ undef, with(\@table, 0, 'u', 9, 'any_value(1)'), qr/NOTICE: .*u\.a/ ],
    default_cast => [ undef, with(\@table, 0, 'u', 9, "'x'::no_such_type"), qr/NOTICE: .*u\.a/ ],
    default_text => [ undef, with(\@table, 0, 'u', 9, "'no number'::integer"), qr/NOTICE: .*u\.a/ ],
);

# modifiers that the type cannot have
my %modifiers = (
    interval => [ 1186, 'interval', 12345678, 7, -2 ],
    numeric  => [ 1700, 'numeric', 3, 0x7fffffff, -5 ],
    varchar  => [ 1043, 'varchar', 0, 4, 0x7fffffff ],
    bit      => [ 1560, 'bit', 0, -3 ],
    timestamp => [ 1114, 'timestamp', 7 ],
    integer  => [ 23, 'int4', 5 ],
);
foreach my $name (keys %modifiers)
{
    my ($oid, $type, @typmods) = @{ $modifiers{$name} };
    foreach my $typmod (@typmods)
    {
        (my $key = "$name$typmod") =~ tr/-/m/;
        $catalogs{$key} = [
            with(\@integer, 1, $oid, 3, $type),
            with(\@table, 0, 'u', 2, $oid, 3, $typmod),
            qr/HV004: .*"u" is not imported/
        ];
    }
}

my %reply = map { $_ => catalog(@{ $catalogs{$_} }[ 0, 1 ]) } keys %catalogs;

# --- the columns of a result ---------------------------------------------------

foreach my $oid (0, 1, 3, 2249, 99999, 4294967295)
{
    $reply{"field$oid"} =
      reply(result([ [ "a", "b", "c" ] ]), result([ [1] ], [ { name => 'a', dataTypeID => $oid } ]));
}

my $port = mock_server(\%reply);
new_server('mock', "url 'http://127.0.0.1:$port/good', max_retries '0'");

my $script = "\\set VERBOSITY verbose\nSELECT 'pid ' || pg_backend_pid();\n";
foreach my $name (sort keys %catalogs)
{
    $script .= "ALTER SERVER mock OPTIONS (SET url 'http://127.0.0.1:$port/$name');\n"
      . "SET client_min_messages = notice; CREATE SCHEMA s; CREATE TABLE x ();\n\\warn == $name\n\\echo == $name\n"
      . "IMPORT FOREIGN SCHEMA public FROM SERVER mock INTO s OPTIONS (import_default 'true');\n"
      . "\\warn == end\n\\echo == end\nSET client_min_messages = warning;\n"
      . "DROP SCHEMA s CASCADE; DROP TABLE x; SET client_min_messages = notice;\n";
}
foreach my $name (sort grep { /^field/ } keys %reply)
{
    $script .= "ALTER SERVER mock OPTIONS (SET url 'http://127.0.0.1:$port/$name');\n"
      . "\\warn == $name\n\\echo == $name\n"
      . "SELECT * FROM neon_http_query('mock', 'SELECT 1') AS q (a int);\n";
}
$script .= "\\warn == end\n\\echo == end\nSELECT 'pid ' || pg_backend_pid();\n";

my (undef, $out, $err) = psql($script, go_on => 1);
my %err = $err =~ /^== (\w+)\n(.*?)(?=^== |\z)/msg;
my ($session) = $out =~ /\A(pid \d+)/;

like($out, qr/^\Q$session\E\z/m, 'one session lived through them all');
unlike($err, qr/XX\d\d\d|does not exist.*"x"/, 'no internal error, no command run');
foreach my $name (sort keys %catalogs)
{
    like($err{$name}, $catalogs{$name}[2], "catalog $name");
}
foreach my $name (sort grep { /^field/ } keys %reply)
{
    like($err{$name}, qr/ERROR:  42804: /, "$name: the columns do not match");
}

done_testing();
