# neon_http_attach(): the password of its connection string gets nowhere, and
# an attach that fails or is interrupted leaves nothing behind.
use strict;
use warnings;
use Test::More;
use NeonTest;

my $password = password();

setup('attach');
value('DROP SERVER neon CASCADE');
my $encoded = percent_encode($password);
my $host = 'ep-test-123.local.neon.test';
my $good = "postgresql://$ENV{REMOTE_PGUSER}:$encoded\@$host/$ENV{REMOTE_PGDATABASE}?sslmode=require";
my $bad = 'neverToBeSeen';
my $options = "ARRAY['url=$ENV{ENDPOINT_URL}', 'sslrootcert=$ENV{ENDPOINT_CA}']";

remote('CREATE TABLE tap.a (id int PRIMARY KEY)');
value(<<'SQL');
CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE LOG 'command: % in %', tg_tag, current_query();
END $$;
CREATE TABLE seen (tag text);
CREATE FUNCTION keep() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.seen VALUES (tg_tag);
END $$;
CREATE EVENT TRIGGER keep ON ddl_command_end EXECUTE FUNCTION keep();
SQL

# Each of these messages would have the statement with it in the log.
my $log = "$ENV{STACK_DIR}/local.log";
my $mark = -s $log;
my $call = "SELECT table_name, status FROM neon_http_attach";
my (undef, $out, $err) = psql(<<"SQL", go_on => 1);
SET log_min_messages = debug5;
SET client_min_messages = debug5;
SET log_error_verbosity = verbose;
\\set VERBOSITY verbose
$call('postgresql://u:$bad\@nothing.invalid/db');
$call('postgresql://u:$bad%\@$host/db');
$call('postgresql://u:$bad/x\@$host/db');
$call('postgresql://u:$bad\@1.2.3.4/db');
$call('postgresql://u:$bad\@$host:1/db?x=y', options => $options);
$call('postgresql://u:$bad\@$host/db', 'pg_no', options => $options);
$call('postgresql://u:$bad\@$host/db', options => '{no=1}');
$call('$good', remote_schema => 'nothing', options => $options);
$call('$good', remote_schema => 'tap', options => $options);
$call('$good', remote_schema => 'tap');
$call('postgresql://$ENV{REMOTE_PGUSER}:$bad\@$host/$ENV{REMOTE_PGDATABASE}');
SET log_min_messages = warning;
SELECT tag FROM seen;
SQL
my $text = slurp($log, $mark);
like($text, qr/invalid connection string/, 'log: errors are there');
like($text, qr/password authentication failed/, 'log: those of the endpoint, too');
like($out, qr/a\|imported\na\|unchanged\n/, 'attached');
like($out, qr/^CREATE SERVER$/m, 'event triggers hear of the server');
foreach my $secret ($bad, $password, $encoded)
{
    ok(index($text, $secret) < 0, 'log: no password');
    ok(index($out . $err, $secret) < 0, 'messages: no password');
}
is(value('SELECT count(*) FROM pg_foreign_server'), 1,
    'what failed left no server');
is(value('SELECT count(*) FROM pg_user_mapping'), 1, 'and no user mapping');

# What runs inside of it does not show the password either.
remote('CREATE TABLE tap.b (id int)');
fault('{"count": 1, "delay_body_ms": 60000, "after_bytes": 500}');
my $run = start_psql("$call('$good', remote_schema => 'tap')");
my $pid = session_pid('neon_http_attach');
ok(wait_for(sub { value("SELECT wait_event_type FROM pg_stat_activity WHERE pid = $pid") eq 'Extension' }),
    'it waits for the endpoint');
value("SELECT pg_cancel_backend($pid)");
$run->{handle}->finish;
fault(undef);
like($run->{err}, qr/canceling statement/, 'it can be interrupted');
is(value("SELECT to_regclass('neondb_tap.b') IS NULL"), 't', 'interrupted: nothing was done');
unlike(slurp($log, $mark), qr/\Q$encoded\E/, 'interrupted: no password in the log');

# As somebody who is not a superuser: with a password only.
value(<<'SQL');
DROP ROLE IF EXISTS tap_user;
CREATE ROLE tap_user;
GRANT USAGE ON FOREIGN DATA WRAPPER neon_http_fdw TO tap_user;
GRANT USAGE ON FOREIGN SERVER ep_test_123 TO tap_user;
CREATE SCHEMA theirs AUTHORIZATION tap_user;
GRANT INSERT ON seen TO tap_user;
SQL
my $without = $good =~ s/:\Q$encoded\E//r;
like(fails("SET ROLE tap_user; $call('$good', 'theirs', 'tap')", 'the way is not known'),
    qr/has option "url", which the call does not give/, 'the way is not known: message');
like(fails("SET ROLE tap_user; $call('$without', 'theirs', 'tap', options => $options)", 'no password'),
    qr/password or token is required/, 'no password: message');
is(value("SET ROLE tap_user; $call('$good', 'theirs', 'tap', options => $options); SELECT count(*) FROM theirs.b"),
    "a|imported\nb|imported\n0", 'with a password');
like(fails("SET ROLE tap_user; $call('$good', 'other', 'tap')", 'no right to create a schema'),
    qr/42501: permission denied for database/, 'no right to create a schema: message');
value('DROP OWNED BY tap_user; DROP EVENT TRIGGER keep; DROP ROLE tap_user');

# What is attached in a transaction that fails is gone, too.
psql("BEGIN; SELECT neon_http_detach('ep_test_123', true); $call('$good', 'again', 'tap', options => $options); ROLLBACK");
is(value("SELECT count(*) FROM neondb_tap.a"), 0, 'ROLLBACK brings all back');
is(value("SELECT to_regnamespace('again') IS NULL"), 't', 'and leaves nothing');

done_testing();
