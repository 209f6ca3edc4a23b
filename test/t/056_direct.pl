# Requests of UPDATE and DELETE of a parent here whose partitions are foreign
# tables: one statement for each partition, and no rows on the way.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use NeonTest;

my $database = setup('direct');
remote(<<'SQL');
CREATE TABLE tap.p1 (id int PRIMARY KEY, k int, n int);
CREATE TABLE tap.p2 (LIKE tap.p1 INCLUDING ALL);
SQL
value(<<'SQL');
CREATE TABLE parent (id int, k int, n int) PARTITION BY LIST (k);
CREATE TABLE p0 PARTITION OF parent FOR VALUES IN (0);
CREATE FOREIGN TABLE p1 PARTITION OF parent FOR VALUES IN (1) SERVER neon OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE p2 PARTITION OF parent FOR VALUES IN (2) SERVER neon OPTIONS (schema_name 'tap');
ALTER FOREIGN TABLE p1 ALTER id OPTIONS (ADD key 'true');
ALTER FOREIGN TABLE p2 ALTER id OPTIONS (ADD key 'true');
INSERT INTO parent SELECT g, g % 3, 0 FROM generate_series(1, 3000) g;
CREATE TABLE here AS SELECT * FROM parent;
ANALYZE p1, p2;
SQL

# In a session whose library sees the first statement.
my $load = q{LOAD 'neon_http_fdw'};

# Runs commands that must make so many requests, there and on local tables.
sub requests
{
    my ($what, $expected, @commands) = @_;
    my $mark = log_mark();
    my ($status, $out, $err) = psql(join ";\n", $load, @commands);

    is($err, '', "$what: no error");
    my @log = log_since($mark);
    is(scalar @log, $expected, "$what: requests");
    # the same here
    psql(join ";\n", map { s/\bparent\b/here/gr } @commands);
    is(value('SELECT count(*) FROM (SELECT * FROM parent EXCEPT SELECT * FROM here) d') . ' ' .
          value('SELECT count(*) FROM (SELECT * FROM here EXCEPT SELECT * FROM parent) d'),
        '0 0', "$what: as with local tables");
    return;
}

# The sizes of analyzed tables are known.  Before its first rehearsal a session
# asks, by a request of its own, whether ROLLBACK works.
my $probe = 1;
requests('one partition, alone', 1, 'UPDATE parent SET n = n + 1 WHERE k = 1');
requests('the same with RETURNING', 1, 'UPDATE parent SET n = n + 1 WHERE k = 1 AND id < 100 RETURNING id, n');
requests('DELETE', 1, 'DELETE FROM parent WHERE k = 2 AND id > 2900');
requests('all partitions', 2 + $probe, 'UPDATE parent SET n = id');
requests('a block', 2 + $probe, 'BEGIN', 'UPDATE parent SET n = n + 1', 'COMMIT');
requests('a block that rolls back', 1 + $probe, 'BEGIN', 'DELETE FROM parent', 'ROLLBACK');

# What the remote's catalog says of the partitions comes with their rehearsal: a
# write of another table does not depend on them, and is rehearsed alone.
remote('CREATE TABLE tap.other (id int PRIMARY KEY, n int); INSERT INTO tap.other SELECT g, 0 FROM generate_series(1, 3) g');
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (other) FROM SERVER neon INTO public');
{
    my $mark = log_mark();
    my ($status, $out, $err) = psql(join ";\n", $load, 'BEGIN', 'UPDATE parent SET n = n',
        (map { "UPDATE other SET n = $_ WHERE id = $_" } 1 .. 3), 'COMMIT');
    my @log = map { encode_json($_->{body}) } log_since($mark);

    is($err, '', 'partitions, and another table: no error');
    is(join(' ', map { /UPDATE tap\.p1/ ? 'p' : '-' } @log[-5 .. -1]), 'p p - - p',
        'once the facts are known, an update of the other table is sent alone');
    is(remote('SELECT sum(n) FROM tap.other'), 6, 'all is committed');
}

# What somebody else changes meanwhile is not overwritten.
{
    my ($status, $out, $err) = psql(<<"SQL");
$load;
BEGIN;
UPDATE parent SET n = -5 WHERE id <= 30;
\\! PGOPTIONS= PGPASSWORD="\$REMOTE_PGPASSWORD" psql -X -q -d "host=\$REMOTE_PGHOST port=\$REMOTE_PGPORT dbname=\$REMOTE_PGDATABASE user=\$REMOTE_PGUSER" -c 'UPDATE tap.p2 SET n = -1 WHERE id = 5'
COMMIT;
SQL
    like($err, qr/changed by another/, 'a concurrent change fails the commit');
    is(value('SELECT count(*) FROM parent WHERE n = -5'), 0, 'and nothing is written');
}

# In autocommit mode a child commits by itself: only one that is alone does.
value(q{ALTER SERVER neon OPTIONS (ADD transactions 'autocommit')});
value('UPDATE here SET n = parent.n FROM parent WHERE parent.id = here.id');
requests('autocommit', 1, 'UPDATE parent SET n = n + 1 WHERE k = 1');

done_testing();
