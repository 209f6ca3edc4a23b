# neon_http_analyze(): the statistics that ANALYZE makes, by few requests; one
# table's trouble is not that of the others.
use strict;
use warnings;
use IPC::Run;
use Test::More;
use NeonTest;

setup('analyze');
my $small = join "\n", map {
    "CREATE TABLE tap.small_$_ (id int, kind text, at timestamptz);"
      . "INSERT INTO tap.small_$_ SELECT g, repeat('x', 1 + (sqrt(g))::int), '2026-01-01'::timestamptz + g * interval '1 hour'"
      . " FROM generate_series(1, $_ * 20) g;"
} 1 .. 30;
remote(<<"SQL");
$small
CREATE TABLE tap.empty (id int);
CREATE TABLE tap.bare ();
INSERT INTO tap.bare DEFAULT VALUES;
CREATE TABLE tap.large AS SELECT g AS id, g % 100 AS pad FROM generate_series(1, 40000) g;
CREATE TABLE tap.parts (id int, n int) PARTITION BY RANGE (id);
CREATE TABLE tap.parts_1 PARTITION OF tap.parts FOR VALUES FROM (0) TO (100);
CREATE TABLE tap.parts_2 PARTITION OF tap.parts FOR VALUES FROM (100) TO (1000);
INSERT INTO tap.parts SELECT g, g % 7 FROM generate_series(1, 500) g;
CREATE VIEW tap.seen AS SELECT id, kind FROM tap.small_30;
ANALYZE;
SQL
value('CREATE SCHEMA many; IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO many');

my $stats = <<'SQL';
SELECT tablename, attname, inherited, null_frac, avg_width, n_distinct, most_common_freqs, histogram_bounds
  FROM pg_stats WHERE schemaname = 'many' AND tablename LIKE 'small%' ORDER BY 1, 2, 3;
SELECT relname, reltuples, relpages FROM pg_class WHERE relnamespace = 'many'::regnamespace AND relname LIKE 'small%' ORDER BY 1;
SQL
value(join ';', map { "ANALYZE many.small_$_" } 1 .. 30);
my $wanted = value($stats);

# Runs it, and returns what it says of each table, and its requests.
sub analyze
{
    my ($schema, $before) = @_;
    my $rows = value(($before // '') . "SELECT table_name, status, estimated_rows, detail FROM neon_http_analyze('$schema');"
          . ' SELECT coalesce(sum(requests), 0) FROM neon_http_session_stats()');
    my $requests = $rows =~ s/^(\d+)\z//m ? $1 : undef;
    my %said = map { my @f = split /\|/, $_, -1; $f[0] => [ @f[ 1 .. 3 ] ] } split /\n/, $rows;
    return (\%said, $requests);
}

# --- all tables ---------------------------------------------------------------

value('DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = \'many\'::regnamespace)');
my ($said, $requests) = analyze('many');
is(join(',', grep { $said->{$_}[0] ne 'analyzed' } sort keys %$said), '', 'all are analyzed') or diag(explain($said));
is(scalar(keys %$said), 35, 'as many as there are');
is("$said->{small_7}[1] $said->{large}[1] $said->{empty}[1] $said->{bare}[1] $said->{parts}[1] $said->{seen}[1]", '140 40000 0 1 500 600', 'rows');

# sizes; samples; the view by itself
is($requests, 3, 'requests');
is(value($stats), $wanted, 'the same statistics as by ANALYZE');
is(value(q(SELECT n_distinct FROM pg_stats WHERE schemaname = 'many' AND tablename = 'large' AND attname = 'id')), '-1', 'those of a sample');
is(value(q(SELECT count(*) FROM pg_stats WHERE schemaname = 'many' AND tablename IN ('parts', 'seen'))), 4, 'of a partitioned table and a view');

# what was made ready is not used again
is(value("SELECT count(*) FROM neon_http_analyze('many'); ANALYZE many.small_1; SELECT requests FROM neon_http_session_stats()"),
    "35\n" . (3 + 2), 'an ANALYZE afterwards asks for itself');
value("ALTER FOREIGN TABLE many.small_3 ALTER id SET STATISTICS 1000; ALTER FOREIGN TABLE many.large OPTIONS (ADD analyze_sampling 'off')");
($said, $requests) = analyze('many', 'SET default_statistics_target = 10;');
is("$requests $said->{small_3}[0] $said->{large}[0]", '4 analyzed analyzed', 'statistics targets; no sampling: all rows, by a request of their own');
is(value("BEGIN; SELECT count(*) FROM neon_http_analyze('many'); ROLLBACK; $stats") =~ s/^35\n//r, value($stats), 'ROLLBACK');
value("ALTER FOREIGN TABLE many.large OPTIONS (DROP analyze_sampling); CREATE STATISTICS many.both (dependencies) ON id, pad FROM many.large;"
      . 'ALTER STATISTICS many.both SET STATISTICS 500');
($said, $requests) = analyze('many');
is("$requests $said->{large}[0]", '4 analyzed', 'extended statistics that want more rows have them asked for') or diag(explain($said));

# --- trouble of one table ------------------------------------------------------

value('CREATE SCHEMA few; IMPORT FOREIGN SCHEMA tap LIMIT TO (small_1, small_2, small_3, small_4, small_5, small_6, small_7, small_8) FROM SERVER neon INTO few;'
      . 'CREATE FOREIGN TABLE few.gone (id int) SERVER neon OPTIONS (schema_name \'tap\', table_name \'gone\');'
      . 'CREATE FOREIGN TABLE few.other (id int, kind int) SERVER neon OPTIONS (schema_name \'tap\', table_name \'small_9\')');
($said, $requests) = analyze('few');
is(join(',', grep { $said->{$_}[0] ne 'analyzed' } sort keys %$said), 'gone,other', 'one that is not there, one that is not readable');
like($said->{gone}[2], qr/^42P01: relation "tap\.gone" does not exist/, 'what the remote says');
like($said->{other}[2], qr/^22P02: invalid input syntax for type integer: "x+"/, 'what is wrong with its rows');
cmp_ok($requests, '<=', 12, 'the others come by few requests nevertheless');
like(fails("SET statement_timeout = 1; SELECT count(*) FROM neon_http_analyze('few')", 'a timeout'), qr/57014/, 'a timeout is nothing to go on after');

# The remote stops what it reads for one table, which is asked for by itself; the
# session here goes on.
remote(<<'SQL');
CREATE FUNCTION tap.refuse(state text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF state = 'cancel' THEN PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(60); END IF;
  RAISE EXCEPTION USING ERRCODE = state, MESSAGE = 'stopped';
END $$;
CREATE VIEW tap.stop_cancel AS SELECT tap.refuse('cancel') AS id;
CREATE VIEW tap.stop_57014 AS SELECT tap.refuse('57014') AS id;
CREATE VIEW tap.stop_57p01 AS SELECT tap.refuse('57P01') AS id;
CREATE VIEW tap.stop_53100 AS SELECT tap.refuse('53100') AS id;
CREATE VIEW tap.stop_53200 AS SELECT tap.refuse('53200') AS id;
CREATE VIEW tap.slow AS SELECT pg_sleep(60)::text AS id;
SQL
new_server('stops', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}', max_retries '0'");
value('CREATE SCHEMA stops; IMPORT FOREIGN SCHEMA tap LIMIT TO (stop_cancel, stop_57014, stop_57p01, stop_53100, stop_53200, small_1, small_2) FROM SERVER stops INTO stops;'
      . "CREATE FOREIGN TABLE stops.many (id int, kind text, at timestamptz) SERVER stops OPTIONS (schema_name 'tap', table_name 'small_3', analyze_sampling 'off')");
($said) = analyze('stops');
is(join(',', grep { $said->{$_}[0] eq 'analyzed' } sort keys %$said), 'many,small_1,small_2', 'tables that the remote stops at: the others are analyzed') or diag(explain($said));
foreach my $state ('57014', '57P01', '53100', '53200')
{
    my $table = lc "stop_$state";

    is($said->{$table}[0] . ' ' . substr($said->{$table}[2], 0, 5), "failed $state", "$state is said of its table");
}
like($said->{stop_cancel}[2], qr/^57014: canceling statement due to user request/, 'a cancel there, too');
value('CREATE SCHEMA slow; IMPORT FOREIGN SCHEMA tap LIMIT TO (slow, small_1) FROM SERVER stops INTO slow');
my $canceled = '';
my $analyzing = IPC::Run::start(['psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-c', "SELECT 'goes on' FROM neon_http_analyze('slow')"], '<', '/dev/null', '>', \my $none, '2>', \$canceled);
cmp_ok(stop_ms(session_pid('FROM neon_http_analyze'), 'pg_cancel_backend'), '<', 5000, 'a cancel here ends the call at once');
$analyzing->finish;
like("$none$canceled", qr/\AERROR:  57014/, 'and as that');

# One server is down: its tables fail, with one attempt, those of others do not.
new_server('down', "url 'https://127.0.0.1:" . free_port() . "/sql', max_retries '0'");
value('CREATE SCHEMA mixed; IMPORT FOREIGN SCHEMA tap LIMIT TO (small_1, small_2) FROM SERVER neon INTO mixed;'
      . join ';', map { "CREATE FOREIGN TABLE mixed.down_$_ (id int) SERVER down" } 1 .. 4);
my $out = value("SELECT table_name, status, detail FROM neon_http_analyze('mixed') ORDER BY 1; SELECT errors FROM neon_http_session_stats() WHERE server_name = 'down'");
is(join(',', $out =~ /^(\w+\|analyzed)/mg), 'small_1|analyzed,small_2|analyzed', 'a server that is down');
is(scalar(() = $out =~ /^down_\d\|failed\|08001: /mg), 4, 'is said of each of its tables');
like($out, qr/^1\z/m, 'and was tried once');

# --- partitioned tables here ---------------------------------------------------

value(<<'SQL');
CREATE SCHEMA shards;
CREATE TABLE shards.parent (id int, n int) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE shards.first PARTITION OF shards.parent FOR VALUES FROM (0) TO (100) SERVER neon OPTIONS (schema_name 'tap', table_name 'parts_1');
CREATE FOREIGN TABLE shards.second PARTITION OF shards.parent FOR VALUES FROM (100) TO (1000) SERVER neon OPTIONS (schema_name 'tap', table_name 'parts_2');
CREATE TABLE shards.here (id int);
SQL
($said, $requests) = analyze('shards');
is(join(',', map { "$_ $said->{$_}[0] $said->{$_}[1]" } sort keys %$said), 'first analyzed 99,parent analyzed 500,second analyzed 401', 'a partitioned table and its partitions');
is($requests, 2, 'by two requests');
is(value(q(SELECT tablename, inherited, n_distinct FROM pg_stats WHERE schemaname = 'shards' AND attname = 'n' ORDER BY 1)), "first|f|7\nparent|t|7\nsecond|f|7", 'statistics of both');
value(q(ALTER FOREIGN TABLE shards.second OPTIONS (SET table_name 'gone')));
($said) = analyze('shards');
is(join(',', map { "$_ $said->{$_}[0]" } sort keys %$said), 'first analyzed,parent failed,second failed', 'one partition fails: so does the parent, the other does not');

# --- who may -------------------------------------------------------------------

value(<<"SQL");
CREATE ROLE analyze_user;
GRANT USAGE ON SCHEMA few TO analyze_user;
GRANT USAGE ON FOREIGN SERVER neon TO analyze_user;
GRANT SELECT ON ALL TABLES IN SCHEMA few TO analyze_user;
SQL
($said, $requests) = analyze('few', 'SET client_min_messages = error; SET ROLE analyze_user;');
is(join(',', map { $said->{$_}[0] } sort keys %$said), join(',', ('skipped') x 10), 'not the owner: nothing is analyzed');
is($requests, 0, 'or asked');
value("CREATE USER MAPPING FOR analyze_user SERVER neon OPTIONS (user '$ENV{REMOTE_PGUSER}', password '@{[password()]}'); ALTER TABLE few.small_2 OWNER TO analyze_user");
($said) = analyze('few', 'SET client_min_messages = error; SET ROLE analyze_user;');
is(join(',', grep { $said->{$_}[0] eq 'analyzed' } sort keys %$said), 'small_2', 'the owner of one');
like(fails("SET ROLE analyze_user; SELECT * FROM neon_http_analyze('many')", 'a schema without USAGE'), qr/42501: permission denied for schema many/, 'a schema that one may not look into');
like(fails("SELECT * FROM neon_http_analyze('nothing')", 'no such schema'), qr/3F000: schema "nothing" does not exist/, 'one that is not there');
value('DROP OWNED BY analyze_user; DROP ROLE analyze_user');

# --- replies over the limit ------------------------------------------------------

remote('CREATE TABLE tap.wide AS SELECT g AS id, repeat(md5(g::text), 25) AS pad FROM generate_series(1, 1500) g; ANALYZE tap.wide');
my $port = start_endpoint('analyze', 256 * 1024);
new_server('tight', "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
value('CREATE SCHEMA tight; IMPORT FOREIGN SCHEMA tap LIMIT TO (wide, small_1, small_2, small_30) FROM SERVER tight INTO tight');
($said) = analyze('tight');
is(join(',', map { "$_ $said->{$_}[0] $said->{$_}[1]" } sort keys %$said), 'small_1 analyzed 20,small_2 analyzed 40,small_30 analyzed 600,wide analyzed 1500',
    'a table whose sample is over the limit, and those that came with it');

value('DROP SERVER neon CASCADE; DROP SERVER down CASCADE; DROP SERVER stops CASCADE; DROP SERVER tight CASCADE');
done_testing();
