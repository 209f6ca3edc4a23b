# Rows that are committed as they come, in pieces: while one is on its way the
# next one is gathered.  One request at a time, in order; and whatever ends the
# statement meanwhile, nobody is left in the dark about the one on its way.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use NeonTest;

setup('piece_overlap');
remote('DROP SCHEMA IF EXISTS tap_pieces CASCADE; CREATE SCHEMA tap_pieces; CREATE TABLE tap_pieces.many (id int, pad text)');

my $latency = 400;
my $faults = "$ENV{STACK_DIR}/pieces.faults";
unlink $faults;
$ENV{ENDPOINT_FAULTS} = $faults;
my $port = start_endpoint('pieces', 1024 * 1024, '--max-request', 100_000, '--latency', $latency, '--faults', $faults);
$ENV{ENDPOINT_LOG} = "$ENV{STACK_DIR}/pieces.log";

new_server('pieces', "url 'https://localhost:$port/sql', sslrootcert '$ENV{ENDPOINT_CA}', transactions 'autocommit', max_retries '0'");
value(<<'SQL');
CREATE FOREIGN TABLE many (id int, pad text) SERVER pieces OPTIONS (schema_name 'tap_pieces', table_name 'many');

-- Takes its time for every hundredth row.
CREATE FUNCTION slow(int, ms float8) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF $1 % 100 = 0 THEN PERFORM pg_sleep(ms / 1000); END IF;
  RETURN $1;
END $$;
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := slow(NEW.id, 45); RETURN NEW; END';
CREATE TRIGGER slow BEFORE INSERT ON many FOR EACH ROW WHEN (current_setting('tap.slow', true) = 'on') EXECUTE FUNCTION slow();
SQL

# The limit must be known, so that each piece has some 640 rows of a hundred
# bytes.
my $learn = <<'SQL';
DO $$
BEGIN
  INSERT INTO many SELECT g, repeat('x', 100) FROM generate_series(1, 2000) g;
EXCEPTION WHEN program_limit_exceeded THEN
  NULL;
END $$;
SQL

# A source of $n rows that fails at row $bad.
sub source
{
    my ($n, $ms, $bad) = @_;
    return "INSERT INTO many SELECT slow(g, $ms), repeat('x', 100 + 1 / (g - $bad)) FROM generate_series(1, $n) g";
}

sub there { return remote('SELECT count(*) FROM tap_pieces.many WHERE id > 0') }

# SQL behind what makes the limit known, which takes $before requests.
sub prepare
{
    my ($sql) = @_;
    remote('TRUNCATE tap_pieces.many');
    return "$learn$sql";
}

# [begin, end] of the requests that wrote rows, in seconds.
sub spans
{
    my ($mark) = @_;
    my @spans;

    foreach my $entry (log_since($mark))
    {
        next if $entry->{bytes_in} < 20_000;
        my ($h, $m, $s) = $entry->{time} =~ /T(\d+):(\d+):([\d.]+)Z/;
        my $end = ($h * 60 + $m) * 60 + $s;
        push @spans, [ $end - $entry->{duration_ms} / 1000, $end ];
    }
    return @spans;
}

my $before = log_mark();
value(prepare('SELECT 1'));
$before = log_since($before);

# --- requests and rows at the same time ----------------------------------------

# A piece is gathered in as much time as its request takes, so that the requests
# follow on each other without a pause worth mentioning.
foreach my $what ('INSERT', 'COPY')
{
    my $file = "$ENV{STACK_DIR}/pieces.txt";
    open my $fh, '>', $file or die "$file: $!";
    print $fh "$_\t" . 'x' x 100 . "\n" foreach 1 .. 5000;
    close $fh;
    my $sql = $what eq 'INSERT' ? source(5000, 45, -1) :
      "SET tap.slow = 'on'; COPY many FROM '$file'";
    my $mark = log_mark();
    value(prepare($sql));
    my @spans = spans($mark);
    @spans = @spans[ @spans - 7 .. $#spans ];
    my @pauses = sort { $a <=> $b } map { $spans[$_][0] - $spans[ $_ - 1 ][1] } 1 .. $#spans;
    note "$what: pauses @pauses";
    cmp_ok($pauses[ @pauses / 2 ], '<', 0.15, "$what: the next piece is gathered while one is on its way");
    cmp_ok($pauses[0], '>', -0.1, "$what: one request at a time");
    is(remote('SELECT count(*), count(DISTINCT id), sum(id) FROM tap_pieces.many'), '5000|5000|12502500', "$what: each row once");
}

# --- a piece that fails --------------------------------------------------------

remote('TRUNCATE tap_pieces.many; ALTER TABLE tap_pieces.many ADD CONSTRAINT few CHECK (id <> 1000)');
my $err = fails(prepare(source(2500, 0, -1)), 'the second of several');
like($err, qr/23514/, 'with its error');
my ($count, $most) = split /\|/, remote('SELECT count(*), max(id) FROM tap_pieces.many');
is($count, $most, 'all before it are there');
ok($most > 500 && $most < 1000, "and nothing behind it ($most)");
remote('ALTER TABLE tap_pieces.many DROP CONSTRAINT few');

# --- a local error while one is on its way -------------------------------------

foreach my $how ('a statement', 'a block with an exception handler')
{
    my $sql = source(2500, 0, 1500);
    my ($status, $out, $said);

    $sql = "SET client_min_messages = warning; DO \$\$ BEGIN $sql; EXCEPTION WHEN division_by_zero THEN NULL; END \$\$; SELECT 1 / 0" if $how =~ /block/;
    $said = fails(prepare($sql), "$how that fails here");
    my $first = there();
    like($said, qr/22012/, 'with the error from here');
    unlike($said, qr/WARNING/, 'the outcome of the one on its way is known');
    ok($first > 1200 && $first < 1500, "it is committed when the error comes ($first)");
    sleep(2 * $latency / 1000);
    is(there(), $first, 'and nothing comes behind it');
}

# Its outcome remains unknown: that is told.
fault(sprintf '{"skip": %d, "drop": "after"}', $before + 1);
$err = fails(prepare(source(1500, 0, 1490)), 'fails here while a reply is lost');
fault(undef);
like($err, qr/22012/, 'with the error from here');
like($err, qr/WARNING:\s+08007: it is unknown whether the transaction was committed.*A piece of \d+ rows was under way/s, 'and a warning about the piece');
fault(sprintf '{"skip": %d, "drop": "after"}', $before + 1);
$err = fails(prepare(source(2500, 0, -1)), 'a reply is lost');
fault(undef);
like($err, qr/08007/, 'is the error of the statement');
cmp_ok(there(), '<', 1500, 'which sends nothing more');

# --- cancel, timeout, termination ----------------------------------------------

foreach my $how ('pg_cancel_backend', 'pg_terminate_backend')
{
    my $run = start_psql(prepare('INSERT INTO many SELECT slow(g, CASE WHEN g < 1000 THEN 0 ELSE 10000 END), repeat(\'x\', 100) FROM generate_series(1, 2500) g'));
    ok(wait_for(sub { there() > 600 }), 'the first piece is there');
    my $ms = stop_ms(session_pid('INSERT INTO many SELECT slow'), $how);
    $run->{handle}->finish;
    cmp_ok($ms, '<', 1000, "$how between two pieces ($ms ms)");
}
foreach my $how ('cancel', 'timeout')
{
    # while the request is on its way, and the source takes long
    my $sql = 'INSERT INTO many SELECT slow(g, CASE WHEN g < 800 THEN 0 ELSE 20000 END), repeat(\'x\', 100) FROM generate_series(1, 2500) g';
    my $ms;

    if ($how eq 'timeout')
    {
        my $start = time();
        fault(sprintf '{"skip": %d, "count": 9, "delay_body_ms": 30000, "after_bytes": 0}', $before);
        $err = fails(prepare("SET statement_timeout = '2s'; $sql"), 'statement_timeout');
        cmp_ok(time() - $start, '<', 8, 'acts');
    }
    else
    {
        fault(sprintf '{"skip": %d, "count": 9, "delay_body_ms": 30000, "after_bytes": 0}', $before);
        my $run = start_psql(prepare($sql));
        ok(wait_for(sub { my $n = there(); $n > 500 && $n < 1400 }), 'a piece is there, without a reply');
        $ms = stop_ms(session_pid('INSERT INTO many SELECT slow'), 'pg_cancel_backend');
        $run->{handle}->finish;
        $err = $run->{err};
        cmp_ok($ms, '<', 1000, "a cancel acts at once ($ms ms)");
    }
    fault(undef);
    like($err, qr/canceling statement due to (user request|statement timeout)/, "$how: error");
    like($err, qr/WARNING:.*unknown whether.*A piece of \d+ rows/s, "$how: warning about the piece");
}

# --- who reads meanwhile -------------------------------------------------------

value(<<'SQL');
CREATE TABLE seen (id int, n bigint);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id IN (1, 700, 701, 1500) THEN
    INSERT INTO seen SELECT NEW.id, count(*) FROM many;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER look BEFORE INSERT ON many FOR EACH ROW WHEN (current_setting('tap.looks', true) = 'on') EXECUTE FUNCTION look();
SQL
value(prepare("SET tap.looks = 'on';\n" . source(2000, 0, -1)));
is(value('SELECT string_agg(id || \':\' || n, \' \' ORDER BY id) FROM seen'), '1:0 700:699 701:700 1500:1499', 'a trigger sees all rows before its own');
is(there(), 2000, 'each is there');

# What writes meanwhile comes behind all rows before it, too.
value(<<'SQL');
CREATE OR REPLACE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n int;
BEGIN
  IF NEW.id IN (300, 900, 1900) THEN
    UPDATE many SET pad = 'changed' WHERE id = NEW.id - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    DELETE FROM many WHERE id = NEW.id - 2;
    INSERT INTO seen VALUES (-NEW.id, n);
  END IF;
  RETURN NEW;
END $$;
SQL
value(prepare("SET tap.looks = 'on';\n" . source(2000, 0, -1)));
is(value('SELECT string_agg(id || \':\' || n, \' \' ORDER BY id DESC) FROM seen WHERE id < 0'), '-300:1 -900:1 -1900:1', 'a trigger changes rows before its own');
is(remote("SELECT string_agg(id::text, ' ' ORDER BY id) FROM tap_pieces.many WHERE pad = 'changed'"), '299 899 1899', 'they are changed');
is(there(), 1997, 'and others deleted');

# A trigger that catches the error of the rows which it has made be sent.
value(<<'SQL');
CREATE OR REPLACE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id = 500 THEN
    BEGIN
      PERFORM count(*) FROM many;
    EXCEPTION WHEN check_violation THEN
      NULL;
    END;
  END IF;
  RETURN NEW;
END $$;
ALTER SERVER pieces OPTIONS (DROP max_retries);
SQL
remote('TRUNCATE tap_pieces.many; ALTER TABLE tap_pieces.many ADD CONSTRAINT few CHECK (id <> 100)');
$err = fails("SET tap.looks = 'on';\nINSERT INTO many SELECT g, 'x' FROM generate_series(1, 600) g", 'a trigger has caught the error');
like($err, qr/rows of foreign table "many" could not be written/, 'so that rows are lost: message');
is(there(), 0, 'nothing is there');

remote('DROP SCHEMA tap_pieces CASCADE');
done_testing();
