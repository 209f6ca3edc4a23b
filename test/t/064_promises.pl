# Sentences of README.md, docs/transactions.md and docs/writing.md that no other
# test shows, limits and exceptions among them (see test/promises.md).
use strict;
use warnings;
use Test::More;
use NeonTest;

my $database = setup('promises');
remote(<<'SQL');
CREATE TABLE tap.t (id serial PRIMARY KEY, n int, at timestamptz);
CREATE TABLE tap.other (id int PRIMARY KEY, n int CHECK (n < 1000));
CREATE TABLE tap.ruled (id int PRIMARY KEY, n int);
CREATE TABLE tap.log (id int, n int);
CREATE RULE also AS ON UPDATE TO tap.ruled DO ALSO INSERT INTO tap.log VALUES (new.id, new.n);
CREATE TABLE tap.picky (id int PRIMARY KEY, n int);
CREATE FUNCTION tap.pick() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.n % 3 = 0 THEN RETURN NULL; END IF; RETURN NEW; END';
CREATE TRIGGER pick BEFORE INSERT OR UPDATE ON tap.picky FOR EACH ROW EXECUTE FUNCTION tap.pick();
INSERT INTO tap.t (n) SELECT 0 FROM generate_series(1, 5);
INSERT INTO tap.other VALUES (1, 1), (2, 2);
INSERT INTO tap.ruled VALUES (1, 1);
INSERT INTO tap.picky VALUES (1, 1), (2, 2);
SQL
value(<<'SQL');
IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public;
CREATE TABLE loc (id int, n int);
INSERT INTO loc VALUES (1, 10), (1, 20), (2, 30);
SQL
$ENV{PGOPTIONS} .= ' -c session_preload_libraries=neon_http_fdw';

# What another session does on the remote in the middle of a script.
sub meanwhile
{
    my ($sql) = @_;

    return "\n\\! PGOPTIONS= PGPASSWORD='$ENV{REMOTE_PGPASSWORD}' psql -Xq -h $ENV{REMOTE_PGHOST} -p $ENV{REMOTE_PGPORT} -U $ENV{REMOTE_PGUSER} -c '$sql' $ENV{REMOTE_PGDATABASE}\n";
}

# --- what is written ---------------------------------------------------------------

my ($status) = psql('BEGIN; UPDATE t SET n = 99; SELECT pg_terminate_backend(pg_backend_pid())');
isnt($status, 0, 'a session that is lost');
is(remote('SELECT max(n) FROM tap.t'), 0, 'a session that is lost has written nothing');
my $shown = value('BEGIN; SELECT now(); UPDATE t SET at = now() WHERE id = 1 RETURNING at; INSERT INTO t (n, at) VALUES (1, now()) RETURNING at; SELECT at FROM t WHERE id = 1; COMMIT');
is(join(' ', value('SELECT at FROM t WHERE at IS NOT NULL GROUP BY at')), (split /\n/, $shown)[0], 'now() is one moment, and is what is committed');
is(join('', map { (split /\n/, $shown)[0] eq $_ ? 1 : 0 } split /\n/, $shown), '1111', 'now() is what was shown');

value('BEGIN; TRUNCATE t RESTART IDENTITY; INSERT INTO t (n) VALUES (7); ROLLBACK');
is(remote('SELECT count(*) FROM tap.t'), 6, 'TRUNCATE is rolled back');
cmp_ok(value('INSERT INTO t (n) VALUES (7) RETURNING id'), '>', 6, 'so is RESTART IDENTITY');
is(value('BEGIN; TRUNCATE t RESTART IDENTITY; INSERT INTO t (n) VALUES (7), (8); COMMIT; SELECT string_agg(id::text, $$ $$ ORDER BY id) FROM t'), '1 2', 'both are committed');

# --- locks -------------------------------------------------------------------------

foreach my $command ('VACUUM FULL tap.other', 'CLUSTER tap.other USING other_pkey')
{
    remote('UPDATE tap.other SET n = n');       # so that there are places to move to
    like(fails('BEGIN; SELECT n FROM other WHERE id = 2 FOR UPDATE;' . meanwhile($command) . 'UPDATE t SET n = 1; COMMIT', $command),
        qr/ERROR:  40001: /, "$command: 40001");
}
my $reader = "reader_$$";          # pooled sessions know the one of an earlier run
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("CREATE ROLE $reader LOGIN PASSWORD '$ENV{REMOTE_PGPASSWORD}'; GRANT USAGE ON SCHEMA tap TO $reader; GRANT SELECT ON tap.other TO $reader; GRANT SELECT, UPDATE ON tap.ruled TO $reader");
}
new_server('reading', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
value("ALTER USER MAPPING FOR CURRENT_USER SERVER reading OPTIONS (SET user '$reader'); CREATE SCHEMA r; IMPORT FOREIGN SCHEMA tap LIMIT TO (other) FROM SERVER reading INTO r");
is(value('BEGIN; SELECT n FROM r.other WHERE id = 2 FOR UPDATE; ROLLBACK'), 2, 'a lock without the right to it is noted');
like(fails('BEGIN; SELECT n FROM r.other WHERE id = 2 FOR UPDATE; UPDATE loc SET n = 0; COMMIT', 'a lock without the right to it'),
    qr/ERROR:  42501: permission denied/, 'a lock without the right to it: an error at the commit');
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("DROP OWNED BY $reader; DROP ROLE $reader");
}

# --- rules, triggers, constraints ------------------------------------------------------

is(value('UPDATE ruled SET n = 2; SELECT n FROM log'), 2, 'a DO ALSO rule, alone');
foreach my $statement ('UPDATE ruled SET n = 3 WHERE n = 2', 'SET LOCAL neon_http_fdw.statement_pushdown = off; UPDATE ruled SET n = 3')
{
    like(fails("BEGIN; $statement; COMMIT", 'a DO ALSO rule in a transaction'), qr/ERROR:  0A000: /, 'a DO ALSO rule in a transaction: refused');
}
is(value(q{WITH i AS (INSERT INTO picky VALUES (3, 3), (4, 4) RETURNING id) SELECT string_agg(id::text, ' ') FROM i}), '4', 'what a remote trigger skips is not returned by an INSERT');
is(value("SET neon_http_fdw.statement_pushdown = off; BEGIN; INSERT INTO picky SELECT g, g FROM generate_series(5, 6) g RETURNING id; COMMIT"), '5', 'nor row by row');
like(fails('UPDATE picky SET n = 9 FROM loc WHERE loc.id = picky.id', 'an UPDATE that a remote trigger skips'), qr/ERROR:  40001: /, 'an UPDATE that a remote trigger skips, row by row: 40001');
is(value('UPDATE picky SET n = 9; SELECT count(*) FROM picky WHERE n = 9'), 0, 'as a whole it changes nothing');

value('ALTER FOREIGN TABLE other ADD CONSTRAINT small CHECK (n < 10), ALTER n SET NOT NULL');
is(value('INSERT INTO other VALUES (11, 11), (12, NULL); SELECT count(*) FROM other WHERE id > 10'), 2, 'constraints that are declared here are not enforced');
like(fails('INSERT INTO other VALUES (13, 1000)', 'a constraint there'), qr/ERROR:  23514: /, 'those of the remote are');
value("CREATE TABLE parent (id int, n int) PARTITION BY LIST (n); CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES IN (1) SERVER neon OPTIONS (schema_name 'tap', table_name 'log')");
is(value('INSERT INTO part VALUES (50, 2); SELECT n FROM part WHERE id = 50'), 2, 'the key of a row that goes into a foreign partition itself is not checked');
like(fails('INSERT INTO parent VALUES (50, 2)', 'no partition'), qr/ERROR:  23514: /, 'that of a row which is routed is');
value('DELETE FROM part WHERE id = 50');

is(value('UPDATE other SET n = loc.n FROM loc WHERE loc.id = other.id RETURNING other.id') =~ tr/\n//, 1, 'a row that a join brings twice is changed once');

# --- what is not promised ----------------------------------------------------------------

is(value('BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE t SET n = (SELECT n FROM other WHERE id = 1) WHERE id = 1 RETURNING n;'
      . meanwhile('UPDATE tap.other SET n = 77 WHERE id = 1') . 'COMMIT; SELECT n FROM t WHERE id = 1') =~ s/^\d+\n//r, 77,
    'the exception of SERIALIZABLE: a value that an UPDATE took from another row, and showed');
like(fails('MERGE INTO other USING loc ON loc.id = other.id WHEN MATCHED THEN DELETE', 'MERGE'), qr/ERROR:  (0A000|42809): /, 'MERGE into a foreign table is refused by PostgreSQL');

# --- row by row ----------------------------------------------------------------------------------

# How many rows are rehearsed at a time.
remote('CREATE TABLE tap.rowwise (id int PRIMARY KEY, n int)');
value(q{IMPORT FOREIGN SCHEMA tap LIMIT TO (rowwise) FROM SERVER neon INTO public; CREATE TABLE fired (n bigint);}
      . q{ CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO fired VALUES (new.n); RETURN new; END $$;}
      . q{ CREATE TRIGGER fire AFTER INSERT ON rowwise FOR EACH ROW EXECUTE FUNCTION fire()});
is(requests('INSERT INTO rowwise SELECT g, g FROM generate_series(1, 12000) g'), 4, 'rows that a trigger here sees: 5,000 at a time, and the commit');
is(value('SELECT count(*), sum(n) FROM fired'), '12000|72006000', 'it has seen them all');
is(requests('BEGIN; SET LOCAL neon_http_fdw.statement_pushdown = off; INSERT INTO rowwise SELECT g, g FROM generate_series(11001, 23000) g ON CONFLICT DO NOTHING; COMMIT'), 4, 'ON CONFLICT DO NOTHING: likewise');
is(value('SELECT count(*) FROM fired'), '23000', 'of which it sees those that are new');
value('DROP TRIGGER fire ON rowwise');
is(requests('BEGIN; SET LOCAL neon_http_fdw.statement_pushdown = off; WITH i AS (INSERT INTO rowwise SELECT 25000 + g, g FROM generate_series(1, 3000) g RETURNING id) SELECT count(*) FROM i; COMMIT'), 4, 'RETURNING: 1,000 at a time');
my $own_key = 'SET LOCAL neon_http_fdw.statement_pushdown = off; INSERT INTO rowwise SELECT 30000 + g, g FROM generate_series(1, 4) g';
is(requests("BEGIN; $own_key ON CONFLICT DO NOTHING RETURNING id; COMMIT"), 5, 'RETURNING and ON CONFLICT: one by one');
value('DELETE FROM rowwise; CREATE TRIGGER fire BEFORE INSERT ON rowwise FOR EACH ROW EXECUTE FUNCTION fire()');
is(requests("BEGIN; $own_key RETURNING id; COMMIT"), 5, 'rows that a BEFORE ROW trigger here sees, and RETURNING: one by one');
value('DROP TRIGGER fire ON rowwise');

# --- what a key means, what a trigger makes ----------------------------------------------------------

remote('UPDATE tap.other SET n = 2 WHERE id = 2');
my $by_key = 'UPDATE other SET n = n + 1 WHERE id = 2;' . meanwhile('UPDATE tap.other SET n = 50 WHERE id = 2') . 'COMMIT';
value("BEGIN; $by_key");
is(remote('SELECT n FROM tap.other WHERE id = 2'), 51, 'READ COMMITTED: by its key a row is changed as others left it');
like(fails("BEGIN ISOLATION LEVEL $_; " . $by_key =~ s/50/60/r, "$_: by its key"), qr/ERROR:  40001: /, "$_: there is no such exception") foreach ('REPEATABLE READ', 'SERIALIZABLE');
remote(q{CREATE TABLE tap.stamped (id int, at timestamptz); CREATE FUNCTION tap.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at = clock_timestamp(); RETURN NEW; END';}
      . ' CREATE TRIGGER stamp BEFORE INSERT ON tap.stamped FOR EACH ROW EXECUTE FUNCTION tap.stamp()');
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (stamped) FROM SERVER neon INTO public');
is(value('BEGIN; INSERT INTO stamped (id) SELECT id FROM other; COMMIT; SELECT count(at) FROM stamped'), remote('SELECT count(*) FROM tap.other'), 'INSERT ... SELECT with a trigger that stamps: is committed');

# --- TRUNCATE, the ledger ------------------------------------------------------------------------------

like(value('BEGIN; TRUNCATE rowwise;' . meanwhile(q{SET lock_timeout = 9000; SELECT count(*) AS free FROM tap.rowwise}) . 'ROLLBACK'), qr/free *\n-+\n *\d+\n/, 'TRUNCATE: nobody waits between requests');
my $keeper = "keeper_$$";
remote('CREATE TABLE tap.kept (id int)');
value(q{ALTER SERVER reading OPTIONS (ADD commit_ledger 'tap.kept_ledger')});
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("CREATE ROLE $keeper LOGIN PASSWORD '$ENV{REMOTE_PGPASSWORD}'; GRANT USAGE ON SCHEMA tap TO $keeper; GRANT INSERT ON tap.kept TO $keeper");
}
value(q{ALTER SERVER neon OPTIONS (ADD commit_ledger 'tap.kept_ledger')});
value(q{SELECT neon_http_ledger_create('neon'); ALTER SERVER neon OPTIONS (DROP commit_ledger)});
value("ALTER USER MAPPING FOR CURRENT_USER SERVER reading OPTIONS (SET user '$keeper'); CREATE FOREIGN TABLE r.kept (id int) SERVER reading OPTIONS (schema_name 'tap')");
foreach my $case ([ 'INSERT', '08007' ], [ 'INSERT, SELECT', '' ])
{
    my ($rights, $sqlstate) = @$case;
    {
        local $ENV{REMOTE_PGUSER} = 'postgres';
        remote("TRUNCATE tap.kept; GRANT $rights ON tap.kept_ledger TO $keeper");
    }
    my (undef, undef, $err) = psql("\\set VERBOSITY verbose\nBEGIN; INSERT INTO r.kept VALUES (1);\n\\! printf '%s' '{\"drop\":\"after\"}' > $ENV{ENDPOINT_FAULTS}\nCOMMIT", go_on => 1);
    fault(undef);
    is(($err =~ /ERROR:  (\w+): /)[0] // '', $sqlstate, "$rights on the ledger, a lost reply: " . ($sqlstate || 'looked up')) or diag($err);
    is(remote('SELECT count(*) FROM tap.kept'), 1, "$rights on the ledger, a lost reply: committed once");
}
like(fails(q{SELECT neon_http_ledger_prune('reading')}, 'who may write, prunes'), qr/ERROR:  42501: /, 'is not enough to prune');
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("REVOKE INSERT ON tap.kept_ledger FROM $keeper; GRANT DELETE ON tap.kept_ledger TO $keeper");
}
is(value(q{SELECT neon_http_ledger_prune('reading')}), 0, 'SELECT and DELETE on the ledger: enough to prune');
{
    local $ENV{REMOTE_PGUSER} = 'postgres';
    remote("DROP OWNED BY $keeper; DROP ROLE $keeper");
}

# --- dumps --------------------------------------------------------------------------------------

# What pg_dump has read of foreign tables it restores, numbers of identity columns included.
remote(<<'SQL');
CREATE TYPE tap.mood AS ENUM ('sad', 'ok');
CREATE TABLE tap.dumped (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, g int GENERATED ALWAYS AS (n * 2) STORED, m tap.mood, txt text DEFAULT 'x');
CREATE TABLE tap.dumped2 (id int GENERATED BY DEFAULT AS IDENTITY, s serial, b bytea, a text[], j jsonb, m tap.mood);
INSERT INTO tap.dumped (n, m, txt) VALUES (1, 'ok', NULL), (2, 'sad', E'tab\there \\.');
INSERT INTO tap.dumped2 (b, a, j, m) VALUES ('\x0001', '{a,NULL,"b,c"}', '{"a": 1}', 'ok');
UPDATE tap.dumped SET n = 7 WHERE id = 1;
SQL
value(q{CREATE SCHEMA dumped; IMPORT FOREIGN SCHEMA tap LIMIT TO (dumped) FROM SERVER neon INTO dumped;}
      . q{ CREATE FOREIGN TABLE dumped.dumped2 (id int, s int, b bytea, a text[], j jsonb, m text OPTIONS (type_name 'tap.mood')) SERVER neon OPTIONS (schema_name 'tap')});
my $kept = q{SELECT (SELECT string_agg(d::text, '; ' ORDER BY id) FROM tap.dumped d) || (SELECT string_agg(d::text, '; ') FROM tap.dumped2 d)};
my $before_dump = remote($kept);
my $dump_file = "$ENV{STACK_DIR}/dump.sql";
chomp(my $bin = `"\${PG_CONFIG:-pg_config}" --bindir`);
is(system("$bin/pg_dump -n dumped --include-foreign-data=neon -f $dump_file $database"), 0, 'pg_dump --include-foreign-data');
value('DROP SCHEMA dumped CASCADE');
remote('TRUNCATE tap.dumped, tap.dumped2');
is(system("$bin/psql -X -q -v ON_ERROR_STOP=1 -o /dev/null -f $dump_file $database"), 0, 'is restored');
is(remote($kept), $before_dump, 'with all its rows');
unlink $dump_file;

# --- requests ------------------------------------------------------------------------------------

# How many a session makes for the SQL, after the first ones.
sub requests
{
    my ($sql) = @_;
    my $out = value("BEGIN; UPDATE t SET n = 4 WHERE id = 1; COMMIT; SELECT requests AS before FROM neon_http_stats \\gset\n$sql; SELECT requests - :before FROM neon_http_stats");

    return (split /\n/, $out)[-1];
}

is(requests('BEGIN; ' . join('; ', map { "UPDATE t SET n = $_ WHERE id = " . ($_ % 2 + 1) } 1 .. 8) . '; DELETE FROM t WHERE id = 2; COMMIT'), 10, 'BEGIN, nine writes by key, COMMIT: ten');
remote('CREATE VIEW tap.seen AS SELECT * FROM tap.other; CREATE TABLE tap.parted (id int, n int) PARTITION BY LIST (id); CREATE TABLE tap.parted1 PARTITION OF tap.parted DEFAULT; INSERT INTO tap.parted SELECT g, g FROM generate_series(1, 500) g');
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (seen, parted) FROM SERVER neon INTO public');
is(requests("ANALYZE $_"), 2, "ANALYZE $_: two") foreach ('t', 'seen', 'parted');

# Parts that write are rehearsed together.
remote(<<'SQL');
CREATE TABLE tap.given (id serial PRIMARY KEY, r double precision DEFAULT random(), txt text);
INSERT INTO tap.given (txt) SELECT 'row ' || g FROM generate_series(1, 4) g;
CREATE VIEW tap.given_seen AS SELECT id, txt FROM tap.given;
SQL
value('IMPORT FOREIGN SCHEMA tap LIMIT TO (given, given_seen) FROM SERVER neon INTO public');
my $several = q{WITH a AS (INSERT INTO given (txt) VALUES ('new'), ('newer') RETURNING id, r), b AS (UPDATE given SET r = DEFAULT WHERE id = 1 RETURNING id, r), c AS (DELETE FROM other WHERE id = 11 RETURNING id), d AS (UPDATE t SET n = 5 WHERE id = 1)}
  . q{ SELECT id, r FROM a UNION ALL SELECT id, r FROM b UNION ALL SELECT id, 0 FROM c ORDER BY 1};
foreach my $block (0, 1)
{
    my $before = remote('SELECT max(id) FROM tap.given');

    remote('INSERT INTO tap.other VALUES (11, 0) ON CONFLICT DO NOTHING');
    # each part writes what no other one looks at
    my $sql = $several =~ s/UPDATE given/UPDATE given_too/r;
    remote('DROP TABLE IF EXISTS tap.given_too; CREATE TABLE tap.given_too (LIKE tap.given INCLUDING DEFAULTS); ALTER TABLE tap.given_too ADD PRIMARY KEY (id); INSERT INTO tap.given_too SELECT * FROM tap.given');
    value('DROP FOREIGN TABLE IF EXISTS given_too; IMPORT FOREIGN SCHEMA tap LIMIT TO (given_too) FROM SERVER neon INTO public');
    my @rows = split /\n/, value($block ? "BEGIN; $sql; COMMIT" : $sql);
    is(scalar @rows, 4, "parts that write: all rows ($block)");
    is(join("\n", sort @rows), join("\n", sort(split /\n/, remote("SELECT id, r FROM tap.given WHERE id > $before UNION ALL SELECT id, r FROM tap.given_too WHERE id = 1 UNION ALL SELECT 11, 0"))),
        "what they showed is committed ($block)");
    is(remote('SELECT count(*) FROM tap.other WHERE id = 11'), 0, "all of it ($block)");
    remote('INSERT INTO tap.other VALUES (11, 0)');
    is(requests($block ? "BEGIN; $sql; COMMIT" : $sql), 2, "by two requests: the parts, the commit ($block)");
}
is(requests(q{WITH a AS (INSERT INTO given (txt) VALUES ('read') RETURNING id), b AS (UPDATE t SET n = 5 WHERE id = 1) SELECT count(*), (SELECT sum(n) FROM seen) FROM a}), 3, 'one more if it reads other remote tables');
my $fails = q{WITH a AS (INSERT INTO given (txt) VALUES ('gone') RETURNING id), b AS (INSERT INTO other VALUES (1, 1) RETURNING id) SELECT * FROM a, b};
like(fails($fails, 'a part that fails'), qr/ERROR:  23505: .*CONTEXT:  remote SQL command: .*INSERT INTO tap\.other/s, 'a part that fails: its error');
is(remote(q{SELECT count(*) FROM tap.given WHERE txt = 'gone'}), 0, 'a part that fails: nothing is written');
is(value(q{WITH a AS (UPDATE given_seen SET txt = 'seen' WHERE id = 2 RETURNING id), b AS (UPDATE t SET n = 6 WHERE id = 1 RETURNING n) SELECT * FROM a, b}), '2|6', 'a view, whose rows have no versions, among them');
is(remote(q{SELECT txt FROM tap.given WHERE id = 2}), 'seen', 'is written');
is(value(q{WITH a AS (INSERT INTO given (txt) VALUES ('first') RETURNING id, txt), b AS (INSERT INTO log SELECT id, 7 FROM loc RETURNING n), c AS (UPDATE t SET n = 9 WHERE id = 1 RETURNING n) SELECT a.txt, sum(b.n), max(c.n) FROM a, b, c GROUP BY 1}), 'first|21|9', 'one of local rows among them');
is(value(q{WITH a AS (INSERT INTO given (txt) VALUES (repeat('x', 600000)) RETURNING id), b AS (UPDATE t SET n = 10 WHERE id = 1 RETURNING n) SELECT n FROM a, b}), 10, 'one that is large');
like(fails('BEGIN; WITH a AS (UPDATE t SET n = n + 1 WHERE n > 0 RETURNING n), b AS (UPDATE other SET n = 3 WHERE id = 2 RETURNING id) SELECT * FROM a, b;' . meanwhile('UPDATE tap.t SET n = 1 WHERE id = 1') . 'COMMIT', 'a part whose row changes'),
    qr/ERROR:  40001: /, 'a part whose row changes: 40001');
my $session = 'PREPARE p (int) AS WITH a AS (UPDATE t SET n = $1 WHERE id = 1 RETURNING n), b AS (UPDATE other SET n = $1 + 1 WHERE id = 2 RETURNING n) SELECT a.n, b.n FROM a, b; SET plan_cache_mode = force_generic_plan;';
is(value("$session EXECUTE p (1); EXECUTE p (2); BEGIN; EXECUTE p (3); SAVEPOINT s; EXECUTE p (4); ROLLBACK TO s; COMMIT"), "1|2\n2|3\n3|4\n4|5", 'prepared');
is(remote('SELECT t.n, o.n FROM tap.t, tap.other o WHERE t.id = 1 AND o.id = 2'), '3|4', 'prepared, with a savepoint: what is there');

done_testing();
