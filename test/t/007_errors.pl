# Remote errors arrive as themselves, in any encoding; what a user must have
# is asked for; the guard says what this session's settings are.
use strict;
use warnings;
use Test::More;
use NeonTest;

setup('errors');
value('IMPORT FOREIGN SCHEMA public LIMIT TO (customers) FROM SERVER neon INTO public');
my $query = 'SELECT count(*) FROM customers WHERE random() >= 0';

# An error with these fields, and the message that comes of it.
sub message_of
{
    my ($status, $json) = @_;

    fault(qq({"count":1,"status":$status,"json":$json}));
    my $message = fails($query, "HTTP $status");
    fault(undef);
    return $message;
}

# --- the fields of an error ---------------------------------------------------

my $message = message_of(400, <<'JSON');
{"message":"duplicate key value violates \"k\"","code":"23505","severity":"ERROR",
 "detail":"Key (id)=(1) already exists.","hint":"Take another.","where":"PL/pgSQL function f()",
 "schema":"s one","table":"t","column":"c","dataType":"d","constraint":"k",
 "position":null,"file":"nbtinsert.c","line":"1","routine":"check"}
JSON
like($message, qr/ERROR:  23505: duplicate key value violates "k"$/m, 'SQLSTATE, message');
like($message, qr/^DETAIL:  Key \(id\)=\(1\) already exists\.$/m, 'detail');
like($message, qr/^HINT:  Take another\.$/m, 'hint');
like($message, qr/^SCHEMA NAME:  s one$/m, 'schema');
like($message, qr/^TABLE NAME:  t$/m, 'table');
like($message, qr/^COLUMN NAME:  c$/m, 'column');
like($message, qr/^DATATYPE NAME:  d$/m, 'data type');
like($message, qr/^CONSTRAINT NAME:  k$/m, 'constraint');
like($message, qr/^CONTEXT:  PL\/pgSQL function f\(\)$/m, 'remote context');
like($message, qr/^remote SQL command: SELECT/m, 'remote SQL');
like($message, qr/^neon-request-id: [0-9a-f-]{36}$/m, 'request id');

# --- odd errors ---------------------------------------------------------------

my %odd = (
    'no fields'          => ['{}', qr/HV000: .*HTTP status 400/],
    'null message'       => ['{"message":null,"code":"23505"}', qr/23505: error without a message/],
    'a class of success' => ['{"message":"m","code":"00000"}', qr/HV000: m/],
    'no SQLSTATE'        => ['{"message":"m","code":"what is this"}', qr/HV000: m/],
    'a number as code'   => ['{"message":"m","code":23505}', qr/HV000: m/],
    'an object'          => ['{"message":{"a":1},"code":"23505"}', qr/23505: error without/],
    'a router\'s'        => ['{"msg":"no such route"}', qr/HV000: no such route/],
    'unknown time zone'  => ['{"message":"invalid value for parameter \"TimeZone\": \"Mars/Base\"","code":"22023"}',
        qr/22023: .*HINT:.*set timezone/s],
    'control characters' => ['{"message":"a\u0007b\u001b[31mc\u0085d","code":"XX000"}', qr/XX000: ab\[31mcd/],
    'percent signs'      => ['{"message":"100%s %n %d","code":"XX000"}', qr/XX000: 100%s %n %d/],
);
foreach my $name (sort keys %odd)
{
    like(message_of(400, $odd{$name}[0]), $odd{$name}[1], "odd error: $name");
}
my $long = 'x' x 100_000;
$message = message_of(400, qq({"message":"$long","code":"XX000"}));
my ($shown) = $message =~ /(x{100,})/;
cmp_ok(length $shown, '<=', 8192, 'a very long message is cut');

# --- encodings ----------------------------------------------------------------

{
    local $ENV{PGDATABASE} = $ENV{PGDATABASE};
    my $latin1 = 'tap_errors_latin1';

    value("DROP DATABASE IF EXISTS $latin1");
    value("CREATE DATABASE $latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    $ENV{PGDATABASE} = $latin1;
    local $ENV{PGCLIENTENCODING} = 'UTF8';
    # the password has characters beyond ASCII: it must arrive as UTF-8
    value($ENV{STACK_SQL});
    value('IMPORT FOREIGN SCHEMA public LIMIT TO (customers) FROM SERVER neon INTO public');
    is(value($query), 1000, 'LATIN1: log-in with a password beyond ASCII');
    $message = message_of(400,
        qq({"message":"Gr\xc3\xbc\xc3\x9fe \xe2\x82\xac \xe6\xbc\xa2 \xf0\x9f\x98\x80.","code":"XX000"}));
    like($message, qr/XX000: Gr\xc3\xbc\xc3\x9fe \? \? \?\./, 'LATIN1: what it lacks is replaced');
    $ENV{PGDATABASE} = 'postgres';
    value("DROP DATABASE $latin1");
}
fault(qq({"count":1,"status":502,"body":"<p>\xff\xfe bad \xc3</p>"}));
like(fails("ALTER SERVER neon OPTIONS (ADD max_retries '0'); $query", 'invalid UTF-8'),
    qr/<p>\?\? bad \?<\/p>/, 'invalid UTF-8 is replaced');
fault(undef);

# --- whose password -----------------------------------------------------------

value(<<'SQL');
DROP ROLE IF EXISTS regress_tap_reader;
CREATE ROLE regress_tap_reader;
GRANT SELECT ON customers TO regress_tap_reader;
CREATE USER MAPPING FOR regress_tap_reader SERVER neon OPTIONS (user 'neondb_owner');
SQL
my $as_reader = "SET ROLE regress_tap_reader; $query";
like(fails($as_reader, 'a normal user without password'),
    qr/2F003: password or token is required/, 'no password: code');
value("ALTER USER MAPPING FOR regress_tap_reader SERVER neon OPTIONS (ADD password_required 'false')");
unlike(fails($as_reader, 'password_required false'),
    qr/password or token is required/, 'password_required false: the remote decides');
value('DROP USER MAPPING FOR regress_tap_reader SERVER neon;'
      . " CREATE USER MAPPING FOR regress_tap_reader SERVER neon OPTIONS (password 'x')");
like(fails($as_reader, 'a mapping without user'),
    qr/HV002: .*has no option "user"/, 'no user: code');
value('DROP USER MAPPING FOR regress_tap_reader SERVER neon');
fails($as_reader, 'no mapping at all');

# A mapping for PUBLIC is used by all, and each must have a password.
new_server('shared', "url '$ENV{ENDPOINT_URL}', sslrootcert '$ENV{ENDPOINT_CA}'");
value(<<'SQL');
DROP USER MAPPING FOR CURRENT_USER SERVER shared;
CREATE USER MAPPING FOR PUBLIC SERVER shared OPTIONS (user 'neondb_owner');
CREATE FOREIGN TABLE shared_customers (id int) SERVER shared OPTIONS (schema_name 'public', table_name 'customers');
GRANT SELECT ON shared_customers TO regress_tap_reader;
SQL
my (undef, undef, $err) = psql("\\set VERBOSITY verbose\n"
      . "SELECT count(*) FROM shared_customers; SET ROLE regress_tap_reader;"
      . " SELECT count(*) FROM shared_customers;", go_on => 1);
like($err, qr/ERROR:  (?!2F003)/, 'PUBLIC mapping: a superuser may try without');
like($err, qr/ERROR:  2F003/, 'PUBLIC mapping: another user in the same session may not');
value("DROP SERVER shared CASCADE; DROP OWNED BY regress_tap_reader; DROP ROLE regress_tap_reader");

# --- what the guard says --------------------------------------------------------

value(<<"SQL");
CREATE FOREIGN TABLE settings (name text, setting text) SERVER neon
  OPTIONS (schema_name 'pg_catalog', table_name 'pg_settings');
CREATE FUNCTION remote_setting(wanted text) RETURNS text LANGUAGE sql AS
  'SELECT setting FROM settings WHERE name = wanted';
SQL
sub remote_setting
{
    my ($name, $before) = @_;
    return value(($before // '') . "; SELECT remote_setting('$name')");
}
is(remote_setting('search_path'), 'pg_catalog', 'search_path');
is(remote_setting('TimeZone', "SET timezone = 'Asia/Kolkata'"), 'Asia/Kolkata', 'time zone');
is(remote_setting('IntervalStyle', "SET intervalstyle = 'iso_8601'"), 'postgres', 'IntervalStyle');
is(remote_setting('application_name', "SET application_name = 'my app'"), 'my app', 'application_name');
is(remote_setting('application_name', "SET application_name = ''"), 'neon_http_fdw', 'no application_name');
my $timeout = remote_setting('statement_timeout', "SET statement_timeout = '300s'");
cmp_ok($timeout, '<=', 300000, 'statement_timeout: not more than is left');
cmp_ok($timeout, '>', 240000, 'statement_timeout: not much less');
is(remote_setting('transaction_read_only'), 'on', 'reads are read-only');
is(remote_setting('transaction_isolation'), 'repeatable read', 'isolation level');
is(remote_setting('transaction_isolation', 'SET default_transaction_isolation = serializable'),
    'serializable', 'isolation level of a serializable transaction');
is(remote_setting('transaction_read_only', "ALTER SERVER neon OPTIONS (ADD read_only_scans 'false')"),
    'off', 'read_only_scans off');

done_testing();
