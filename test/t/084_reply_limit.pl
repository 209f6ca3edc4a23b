# What is known of an endpoint's limit for replies: the planner plans by it.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $rows = 30_000;

setup('reply_limit');
remote(<<"SQL");
DROP SCHEMA IF EXISTS tap_limit CASCADE;
DROP SCHEMA IF EXISTS tap_limit_kept CASCADE;
CREATE SCHEMA tap_limit;
CREATE SCHEMA tap_limit_kept;
SET search_path = tap_limit;
CREATE TABLE item (id int, k int, name varchar(40) COLLATE "C", pad text);
INSERT INTO item SELECT g * 7919 % $rows, nullif(g % 1000, 0), md5(g::text), repeat('x', 60) FROM generate_series(0, $rows - 1) g;
CREATE TABLE other (id int, note text);
INSERT INTO other SELECT g * 4801 % $rows, repeat('y', 90) FROM generate_series(0, $rows - 1) g;
CREATE VIEW seen AS SELECT * FROM item;
CREATE TABLE low (id int, pad text);
INSERT INTO low SELECT $rows / 2 - g, repeat('l', 90) FROM generate_series(1, $rows / 2) g;
CREATE TABLE high (id int, pad text);
INSERT INTO high SELECT $rows - g, repeat('h', 90) FROM generate_series(1, $rows / 2) g;
ANALYZE;
SQL

my $port = start_endpoint('reply_limit', 1024 * 1024);
my $url = "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}'";

new_server('plain', $url);
new_server('plain_2', $url);
new_server('kept', "$url, spill_schema 'tap_limit_kept'");
new_server('strict', "$url, consistent_reads 'strict'");
value("CREATE SCHEMA $_; IMPORT FOREIGN SCHEMA tap_limit FROM SERVER $_ INTO $_") foreach 'plain', 'plain_2', 'kept', 'strict';
value(<<"SQL");
CREATE FUNCTION here(int) RETURNS int STABLE LANGUAGE plpgsql AS 'BEGIN RETURN \$1; END';
CREATE TABLE parts (id int, pad text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO ($rows / 2) SERVER plain OPTIONS (schema_name 'tap_limit', table_name 'low');
CREATE FOREIGN TABLE parts_high PARTITION OF parts FOR VALUES FROM ($rows / 2) TO ($rows) SERVER plain_2 OPTIONS (schema_name 'tap_limit', table_name 'high');
SQL

# The planner sorts here if it must.
my $load = "LOAD 'neon_http_fdw'; SET client_min_messages = error; SET neon_http_fdw.statement_pushdown = off; SET neon_http_fdw.bind_join = off; SET enable_sort = off;";
my $merge = 'SET enable_hashjoin = off; SET enable_nestloop = off; SET enable_sort = on;';
my $sum = $rows * ($rows - 1) / 2;

my @out;

# --- what the planner knows ------------------------------------------------------------

# A join is not divided: it fails once, then it is not offered any more.
new_server('joins', $url);
value('CREATE SCHEMA joins; IMPORT FOREIGN SCHEMA tap_limit LIMIT TO (item, other) FROM SERVER joins INTO joins; ANALYZE joins.item, joins.other');
my $remote_join = 'SELECT a.id, a.pad, b.note FROM joins.item a JOIN joins.other b USING (id) WHERE here(a.id) + here(b.id) >= 0';
my (undef, $text, $error) = psql("\\set ON_ERROR_STOP off\n$load SET enable_mergejoin = off; SET enable_nestloop = off; EXPLAIN (COSTS off) $remote_join;\n\\echo ---\n$remote_join;\nEXPLAIN (COSTS off) $remote_join;\n"
      . "SELECT count(*) FROM ($remote_join OFFSET 0) q");
@out = split /^---$/m, $text;
like($out[0], qr/Relations: \(item a\) JOIN \(other b\)/, 'a join that seems to fit');
like($error, qr/response is too large/, 'does not');
like($out[1], qr/Join/, 'the next one is planned by that');
unlike($out[1], qr/Relations/, 'and joins here');
like($out[1], qr/^$rows$/m, 'which works');

# Before anything is known, 10 MiB are expected; a larger reply shows that more fits.
remote("CREATE TABLE tap_limit.large AS SELECT g AS id, repeat('z', 100) AS pad FROM generate_series(1, 130000) g; ANALYZE tap_limit.large");
my $wide = start_endpoint('reply_limit_64', 64 * 1024 * 1024);
new_server('wide', "url 'https://localhost:$wide/sql', sslrootcert '$ENV{ENDPOINT_CA}'");
value("CREATE SCHEMA wide; IMPORT FOREIGN SCHEMA tap_limit LIMIT TO (large) FROM SERVER wide INTO wide; ANALYZE wide.large");
my $sorted = 'EXPLAIN (VERBOSE, COSTS off) SELECT * FROM wide.large WHERE id < 90000 ORDER BY id';
@out = split /^---$/m, value("$load SET enable_sort = on; $sorted;\n\\echo ---\nSELECT sum(length(pad)) FROM (SELECT * FROM wide.large OFFSET 0) q;\n$sorted");
like($out[0], qr/Sort Key/, 'what may be over 10 MiB is sorted here');
unlike($out[1], qr/Sort Key/, 'until as much has arrived in one reply');

value("DROP SERVER $_ CASCADE") foreach 'plain', 'plain_2', 'kept', 'strict', 'joins', 'wide';
done_testing();
