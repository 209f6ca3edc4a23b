# Values that the remote's DEFAULT gives to rows that are there: what was seen
# is committed, whichever way the statement takes.
use strict;
use warnings;
use Test::More;
use NeonTest;

setup('given_defaults');
$ENV{PGOPTIONS} .= ' -c session_preload_libraries=neon_http_fdw';

remote(<<'SQL');
CREATE SEQUENCE tap.counter;
CREATE TABLE tap.made (id int PRIMARY KEY, r double precision DEFAULT random(), n bigint DEFAULT nextval('tap.counter'),
  at timestamptz DEFAULT clock_timestamp(), "Text" text DEFAULT 'it''s', always int GENERATED ALWAYS AS IDENTITY);
INSERT INTO tap.made (id) SELECT generate_series(1, 4);
CREATE VIEW tap.made_seen AS SELECT id, "Text" FROM tap.made;
SQL
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (made, made_seen) FROM SERVER neon INTO public');
value('CREATE TABLE made_ids (id int); INSERT INTO made_ids VALUES (3), (4)');
value('CREATE TABLE made_log (was text); CREATE FUNCTION made_seen_by() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO made_log VALUES (NEW.r); RETURN NULL; END$$');
value("CREATE FOREIGN TABLE made_bare (id int, r double precision, n bigint) SERVER neon OPTIONS (schema_name 'tap', table_name 'made')");
value("CREATE TABLE made_parent (id int, r double precision, n bigint) PARTITION BY LIST (id)");
value("CREATE FOREIGN TABLE made_child PARTITION OF made_parent FOR VALUES IN (1, 2, 3, 4) SERVER neon OPTIONS (schema_name 'tap', table_name 'made'); ALTER FOREIGN TABLE made_child ALTER id OPTIONS (ADD key 'true')");
my @given = (
    [ 'with RETURNING', 'UPDATE made SET r = DEFAULT, "Text" = DEFAULT WHERE id = 1 RETURNING r, "Text"', 'SELECT r, "Text" FROM tap.made WHERE id = 1' ],
    [ 'without RETURNING', 'UPDATE made SET n = DEFAULT, at = DEFAULT WHERE id = 1; SELECT n, at FROM made WHERE id = 1', 'SELECT n, at FROM tap.made WHERE id = 1' ],
    [ 'of several rows', 'UPDATE made SET r = DEFAULT WHERE id > 1 RETURNING id, r', 'SELECT id, r FROM tap.made WHERE id > 1 ORDER BY id' ],
    [ 'with FROM', 'UPDATE made SET n = DEFAULT, "Text" = v.t FROM (VALUES (3, $$x$$), (4, $$y$$)) v (id, t) WHERE made.id = v.id RETURNING made.id, n, "Text"', 'SELECT id, n, "Text" FROM tap.made WHERE id > 2 ORDER BY id' ],
    [ 'three times', 'UPDATE made SET r = DEFAULT WHERE id = 2; UPDATE made SET r = DEFAULT WHERE id = 3; UPDATE made SET r = DEFAULT WHERE id = 4; SELECT id, r FROM made WHERE id > 1 ORDER BY id', 'SELECT id, r FROM tap.made WHERE id > 1 ORDER BY id' ],
    [ 'of local rows', 'UPDATE made SET at = DEFAULT, "Text" = $$it "was" \x$$, n = DEFAULT, r = NULL FROM made_ids i WHERE made.id = i.id RETURNING made.id, at, "Text", n, r', 'SELECT id, at, "Text", n, r FROM tap.made WHERE id > 2 ORDER BY id' ],
    [ 'of rows of this transaction', 'UPDATE made SET "Text" = $$mine$$ WHERE id < 3; UPDATE made SET r = DEFAULT, n = DEFAULT RETURNING id, r, n', 'SELECT id, r, n FROM tap.made ORDER BY id' ],
    [ 'of new rows', 'INSERT INTO made (id) VALUES (5), (6); UPDATE made SET r = DEFAULT WHERE id > 4; SELECT id, r FROM made WHERE id > 4 ORDER BY id', 'SELECT id, r FROM tap.made WHERE id > 4 ORDER BY id' ],
    [ 'twice of the same rows', 'UPDATE made SET r = DEFAULT WHERE id < 3; UPDATE made SET r = DEFAULT WHERE id < 3 RETURNING id, r', 'SELECT id, r FROM tap.made WHERE id < 3 ORDER BY id' ],
    [ 'with a key that changes', 'UPDATE made SET "Text" = $$one$$ WHERE id = 1; UPDATE made SET id = id + 100, r = DEFAULT WHERE id IN (1, 2) RETURNING id, r; UPDATE made SET id = id - 100 WHERE id > 100', 'SELECT id + 100, r FROM tap.made WHERE id < 3 ORDER BY id' ],
    [ 'in WITH', 'WITH w AS (UPDATE made SET r = DEFAULT WHERE id IN (SELECT id FROM made_ids) RETURNING id, r) SELECT * FROM w ORDER BY id', 'SELECT id, r FROM tap.made WHERE id IN (3, 4) ORDER BY id' ],
    [ 'without a key', 'UPDATE made_bare SET r = DEFAULT, n = DEFAULT FROM made_ids i WHERE made_bare.id = i.id RETURNING made_bare.id, r, n', 'SELECT id, r, n FROM tap.made WHERE id IN (3, 4) ORDER BY id' ],
    [ 'of a partition', 'UPDATE made_parent SET r = DEFAULT, n = 7 WHERE id < 3 RETURNING id, r, n', 'SELECT id, r, n FROM tap.made WHERE id < 3 ORDER BY id' ],
    [ 'of an upsert', 'INSERT INTO made (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET r = DEFAULT, n = DEFAULT RETURNING r, n', 'SELECT r, n FROM tap.made WHERE id = 1', 'whole' ],
    [ 'beside one that takes nothing else', 'UPDATE made SET r = DEFAULT, always = DEFAULT WHERE id = 2 RETURNING r', 'SELECT r FROM tap.made WHERE id = 2', 'rows' ],
    [ 'of a view', 'UPDATE made_seen SET "Text" = DEFAULT WHERE id = 1; SELECT "Text" IS NULL FROM made_seen WHERE id = 1', 'SELECT "Text" IS NULL FROM tap.made WHERE id = 1', 'whole' ]);
foreach my $way ([ 'whole', 'on' ], [ 'rows', 'off' ])
{
    foreach my $case (grep { ($_->[3] // $way->[0]) eq $way->[0] } @given)
    {
        my ($name, $sql, $there) = @$case;

        remote('DELETE FROM tap.made WHERE id > 4');
        my $seen = value("SET timezone = 'UTC'; SET neon_http_fdw.statement_pushdown = $way->[1]; BEGIN; $sql; COMMIT");

        is(join("\n", sort split /\n/, remote("SET timezone = 'UTC'; $there")), join("\n", sort split /\n/, $seen),
            "DEFAULT $name, $way->[0]: what was seen is committed");
        isnt($seen, '', "DEFAULT $name, $way->[0]: something was seen");
    }
}
value('CREATE TRIGGER seen AFTER UPDATE ON made FOR EACH ROW EXECUTE FUNCTION made_seen_by(); UPDATE made SET r = DEFAULT');
is(value('SELECT count(*) FROM made_log JOIN made ON r = was::float8'), remote('SELECT count(*) FROM tap.made'),
    'DEFAULT: what an AFTER trigger here has seen is committed');
value('DROP TRIGGER seen ON made');
like(fails('BEGIN; UPDATE made_bare SET n = 0; UPDATE made_bare SET r = DEFAULT; COMMIT', 'DEFAULT of own rows without a key'),
    qr/ERROR:  40001: /, 'DEFAULT of rows of this transaction that have no key: 40001 if the value is another one');
value('BEGIN; UPDATE made_bare SET n = 0; UPDATE made SET "Text" = DEFAULT; COMMIT');
is(remote(q{SELECT count(*) FROM tap.made WHERE "Text" = 'it''s' AND n = 0}), remote('SELECT count(*) FROM tap.made'), 'DEFAULT of such rows: written if it is the same');
isnt(value('BEGIN; UPDATE made SET always = DEFAULT WHERE id = 1 RETURNING always; COMMIT'), remote('SELECT always FROM tap.made WHERE id = 1'),
    'the exception: DEFAULT of an identity column that takes nothing else');
my $always = remote('SELECT always FROM tap.made WHERE id = 1');
isnt(value('BEGIN; INSERT INTO made (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET always = DEFAULT RETURNING always; COMMIT'), $always, 'an upsert shows another number');
is(remote('SELECT always FROM tap.made WHERE id = 1'), $always, 'the exception: it leaves that as it was');

# What is computed from other rows there is computed again at the commit.
remote('CREATE VIEW tap.dice AS SELECT id, random() AS r FROM tap.made');
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (dice) FROM SERVER neon INTO public');
foreach my $case (
    [ 'whole', 'UPDATE made SET r = d.r FROM dice d WHERE d.id = made.id AND made.id = 1 RETURNING made.r' ],
    [ 'in WITH', 'WITH w AS (UPDATE made SET r = d.r FROM dice d WHERE d.id = made.id AND made.id = 1 RETURNING made.r) SELECT w.r FROM w, made_ids WHERE made_ids.id = 3' ],
    [ 'by neon_http_exec()', q{SELECT FROM neon_http_exec('neon', 'UPDATE tap.made SET r = random() WHERE id = 1'); SELECT r FROM made WHERE id = 1} ])
{
    my ($name, $sql) = @$case;

    isnt(value("BEGIN; $sql; COMMIT") =~ s/^\n//r, remote('SELECT r FROM tap.made WHERE id = 1'), "the exception: a volatile view or function of the remote, $name");
    is(value("$sql") =~ s/^\n//r, remote('SELECT r FROM tap.made WHERE id = 1'), "$name, alone: what was seen is committed") if $name eq 'whole';
}
foreach my $case (
    [ 'rows of that', 'INSERT INTO made (id, r) SELECT 9, r FROM dice WHERE id = 1 RETURNING r', 9 ],
    [ 'rows of that, row by row', 'SET LOCAL neon_http_fdw.statement_pushdown = off; INSERT INTO made (id, r) SELECT 10, r FROM dice WHERE id = 1 RETURNING r', 10 ],
    [ 'an UPDATE with that, row by row', 'SET LOCAL neon_http_fdw.statement_pushdown = off; UPDATE made SET r = d.r FROM dice d WHERE d.id = made.id AND made.id = 2 RETURNING made.r', 2 ],
    [ 'a value of ours', 'UPDATE made SET r = random() WHERE id = 3 RETURNING r', 3 ])
{
    my ($name, $sql, $row) = @$case;

    is(value("BEGIN; $sql; COMMIT"), remote("SELECT r FROM tap.made WHERE id = $row"), "$name: what was seen is committed");
}
my $meanwhile = "PGOPTIONS= PGPASSWORD='$ENV{REMOTE_PGPASSWORD}' psql -Xq -h $ENV{REMOTE_PGHOST} -p $ENV{REMOTE_PGPORT} -U $ENV{REMOTE_PGUSER} -c 'UPDATE tap.made SET n = 0 WHERE id = 1' $ENV{REMOTE_PGDATABASE}";
like(fails("BEGIN;\nUPDATE made SET r = DEFAULT WHERE id = 1 RETURNING r;\n\\! $meanwhile\nCOMMIT;", 'DEFAULT and a conflict'),
    qr/ERROR:  40001: /, 'DEFAULT and a conflict: 40001');

done_testing();
