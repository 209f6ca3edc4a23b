# What the planner and ANALYZE ask must neither hold a statement up nor bring
# it down, and samples fit into replies of any limit.
use strict;
use warnings;
use File::Temp;
use IPC::Run;
use Test::More;
use Time::HiRes qw(time);
use NeonTest;

setup('estimate');
remote(<<'SQL');
CREATE TABLE tap.rows AS SELECT g AS id, md5(g::text) AS pad FROM generate_series(1, 20000) g;
ANALYZE tap.rows;
SQL
value('CREATE TABLE loc AS SELECT g AS id FROM generate_series(1, 10) g; ANALYZE loc');

# A server at a URL of plain http, with two tables.
sub new_plain_server
{
    my ($name, $url) = @_;

    new_server($name, "url '$url', sslmode 'disable', max_retries '0'");
    value("CREATE FOREIGN TABLE ${name}_1 (id int, pad text) SERVER $name OPTIONS (schema_name 'tap', table_name 'rows');"
          . "CREATE FOREIGN TABLE ${name}_2 (id int, pad text) SERVER $name OPTIONS (schema_name 'tap', table_name 'rows')");
}

# Plans a join with a table, and reads nothing of it.
sub only_planned { return "SELECT count(*) FROM loc JOIN $_[0] USING (id) WHERE (SELECT false)" }

# --- nobody answers -----------------------------------------------------------

new_plain_server('silent', 'http://127.0.0.1:' . silent_listener() . '/sql');

# Runs SQL in the background.
sub start_sql
{
    my ($sql) = @_;
    my $run = { out => '', err => '' };
    my $file = File::Temp->new;

    print $file $sql;
    close $file;
    $run->{file} = $file;
    $run->{handle} = IPC::Run::start(['psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-f', "$file"],
        '<', '/dev/null', '>', \$run->{out}, '2>', \$run->{err});
    return $run;
}

# This one waits as long as planning does, while the others run.
my $once = only_planned('silent_1');
my $started = time();
my $patient = start_sql(<<"SQL");
LOAD 'neon_http_fdw';
$once;
SELECT clock_timestamp() AS start \\gset
$once;
$once;
SELECT extract(epoch FROM clock_timestamp() - :'start');
SQL

my ($status, $out, $err) = psql("LOAD 'neon_http_fdw';\nSET statement_timeout = '300ms';\n" . only_planned('silent_1'), args => ['-v', 'VERBOSITY=sqlstate']);
isnt($status, 0, 'statement_timeout ends the wait in planning');
like($err, qr/57014/, 'as a timeout');

my $session = start_sql("LOAD 'neon_http_fdw';\n" . only_planned('silent_2') . ";\nSELECT 'goes on';\n");
my $pid = session_pid('JOIN silent_2');
cmp_ok(stop_ms($pid, 'pg_cancel_backend'), '<', 5000, 'a cancel ends it at once');
$session->{handle}->finish;
like($session->{err}, qr/57014/, 'as a cancel');
like($session->{out}, qr/goes on/, 'and the session goes on');

# In a transaction, what was done before the failure stays.
new_plain_server('closed', 'http://127.0.0.1:' . free_port() . '/sql');
is(value("LOAD 'neon_http_fdw';\nBEGIN; CREATE TABLE kept (i int); INSERT INTO kept VALUES (1);\n"
          . "DECLARE c CURSOR FOR TABLE kept; FETCH c;\n"
          . only_planned('closed_1') . ";\nFETCH BACKWARD c; SAVEPOINT s;\n" . only_planned('closed_2') . ";\nROLLBACK TO s; COMMIT; TABLE kept"),
    "1\n0\n0\n1", 'a failure in planning leaves the transaction as it was');
is(value(<<'SQL'), '0', 'and so it is in a function that catches errors');
LOAD 'neon_http_fdw';
CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  n bigint;
BEGIN
  BEGIN
    EXECUTE 'SELECT count(*) FROM loc JOIN closed_1 USING (id) WHERE (SELECT false)' INTO n;
  EXCEPTION WHEN OTHERS THEN
    RETURN -1;
  END;
  RETURN n;
END $$;
SELECT counted();
SQL

# --- answers that make no sense -----------------------------------------------

sub reply
{
    my (@results) = @_;
    return sub {
        my $body = '{"results":[' . join(',', map { qq({"fields":[],"rows":$_,"command":"SELECT","rowCount":1}) } '[["x"]]', @results) . ']}';
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
    };
}

my %sizes = (
    fine     => '[["1","t","t","10","1000","0"]]',
    none     => '[]',
    null     => '[["1","t","t",null,"1000","0"]]',
    text     => '[["1","t","t","many","1000","0"]]',
    index    => '[["2","t","t","10","1000","0"]]',
    negative => '[["-1","t","t","10","1000","0"]]',
    nan      => '[["NaN","t","t","10","1000","0"]]',
    infinite => '[["1","t","t","Infinity","Infinity","Infinity"]]',
    no_sizes => '[["1","t","t","NaN","NaN","NaN"]]',
    below    => '[["1","t","t","-5","-7","-9"]]',
    short    => '[["1","t"]]');
my %explains = (
    fine    => '[["Seq Scan on t  (cost=0.00..18.50 rows=850 width=4)"],["  more"]]',
    none    => '[]',
    null    => '[[null]]',
    text    => '[["Seq Scan on t"]]',
    nan     => '[["Seq Scan (cost=0.00..nan rows=nan width=4)"]]',
    partial => '[["Seq Scan (cost=0.00..18.50 rows"]]',
    huge    => '[["Seq Scan (cost=0.00..1e300 rows=1e300 width=-4)"]]');
my %replies = map { ("size_$_" => reply($sizes{$_})) } keys %sizes;
$replies{"explain_$_"} = reply($explains{$_}) foreach keys %explains;
my $canceled = '{"message":"canceling statement due to statement timeout","code":"57014","severity":"ERROR"}';
$replies{canceled} = sub {
    return "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " . length($canceled) . "\r\n\r\n$canceled";
};
my $port = mock_server(\%replies);

foreach my $kind (sort keys %sizes)
{
    new_plain_server('odd', "http://127.0.0.1:$port/size_$kind");
    is(value("LOAD 'neon_http_fdw';\n" . only_planned('odd_1')), '0', "sizes, $kind: planned");

    # the second request of ANALYZE gets the same reply, which is no count
    ($status, $out, $err) = psql('ANALYZE odd_1');
    isnt($status, 0, "sizes, $kind: not analyzed");
}
new_plain_server('odd', "http://127.0.0.1:$port/canceled");
is(value("LOAD 'neon_http_fdw';\n" . only_planned('odd_1')), '0', 'sizes, canceled by the remote: planned');
foreach my $kind (sort keys %explains)
{
    new_plain_server('odd', "http://127.0.0.1:$port/explain_$kind");
    value("ALTER SERVER odd OPTIONS (ADD use_remote_estimate 'true')");
    ($status, $out, $err) = psql("\\set VERBOSITY sqlstate\nEXPLAIN SELECT * FROM odd_1 WHERE id < random()");
    if ($kind eq 'fine')
    {
        like($out, qr/rows=283/, 'EXPLAIN: understood');
    }
    elsif ($kind eq 'huge')
    {
        is($status, 0, 'EXPLAIN, huge: planned');
    }
    else
    {
        like($err, qr/HV00M/, "EXPLAIN, $kind: refused");
    }
}

# --- an endpoint with a low limit ---------------------------------------------

my $low = start_endpoint('estimate', 200000);
new_server('low', "url 'https://localhost:$low/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
value("CREATE FOREIGN TABLE low_1 (id int, pad text) SERVER low OPTIONS (schema_name 'tap', table_name 'rows')");
(undef, undef, $err) = psql('SET client_min_messages = info; ANALYZE VERBOSE low_1');
like($err, qr/contains 20000 rows, [23]\d\d\d rows in sample/, 'a sample as large as the limit allows');
(undef, undef, $err) = psql("ALTER FOREIGN TABLE low_1 OPTIONS (ADD analyze_sampling 'off'); SET client_min_messages = info; ANALYZE VERBOSE low_1");
like($err, qr/contains 20000 rows, 20000 rows in sample/, 'or all rows, in pieces');

# --- the patient session --------------------------------------------------------

$patient->{handle}->finish;
cmp_ok(time() - $started, '>', 9, 'planning waits for a reply');
my @lines = split /\n/, $patient->{out};
is("@lines[0 .. 2]", '0 0 0', 'and goes on without');
cmp_ok($lines[3], '<', 8, 'the next statements do not wait again');

done_testing();
