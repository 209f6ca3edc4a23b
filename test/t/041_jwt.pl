# Logins by token: what the endpoint accepts and how a refusal arrives, the
# session's token and that of the user mapping, who may send it where, and
# that it is nowhere to be seen.
use strict;
use warnings;
use File::Basename;
use File::Temp qw(tempdir);
use IPC::Run;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Test::More;
use NeonTest;

my $dir = tempdir(CLEANUP => 1);
my $owner = $ENV{REMOTE_PGUSER};
my $parameter = 'neon_http_fdw.auth_token';

# --- keys and tokens -------------------------------------------------------

sub openssl
{
    my ($input, @arguments) = @_;
    my ($out, $err) = ('', '');

    IPC::Run::run(['openssl', @arguments], '<', \$input, '>', \$out, '2>', \$err)
      or die "openssl @arguments: $err";
    return $out;
}

sub spew
{
    my ($file, $text) = @_;
    open my $fh, '>', $file or die "$file: $!";
    print $fh $text;
    close $fh;
}

# A private key's file; "rsa" is in the name of those that are RSA.
sub new_key
{
    my ($name) = @_;
    my $file = "$dir/$name.pem";

    openssl('', 'genpkey', '-out', $file, $name =~ /rsa/
        ? ('-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048')
        : ('-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'));
    return $file;
}

sub jwk
{
    my ($file, $id) = @_;

    if ($file =~ /rsa/)
    {
        my ($hex) = openssl('', 'rsa', '-in', $file, '-noout', '-modulus') =~ /=([0-9A-F]+)/;
        return { kty => 'RSA', kid => $id, use => 'sig', alg => 'RS256',
            n => encode_base64url(pack('H*', $hex)), e => 'AQAB' };
    }
    my $point = substr(openssl('', 'pkey', '-in', $file, '-pubout', '-outform', 'DER'), -64);
    return { kty => 'EC', kid => $id, crv => 'P-256',
        x => encode_base64url(substr($point, 0, 32)), y => encode_base64url(substr($point, 32)) };
}

# An ECDSA signature as two numbers of 32 bytes, from DER.
sub from_der
{
    my ($der) = @_;
    return join '', map { substr(("\0" x 32) . $_, -32) } unpack('x2 x C/a x C/a', $der);
}

sub token
{
    my ($key, $id, %change) = @_;
    my $rsa = $key =~ /rsa/;
    my %header = (alg => $rsa ? 'RS256' : 'ES256', typ => 'JWT', kid => $id, %{ $change{header} // {} });
    my %claims = (sub => 'anna', exp => time() + 36000, %{ $change{claims} // {} });
    my $text = join '.', map { encode_base64url(encode_json($_)) } \%header, \%claims;
    my $signature = $header{alg} eq 'none' ? ''
      : $header{alg} eq 'HS256'
      ? openssl($text, 'dgst', '-sha256', '-binary', '-hmac', 'secret')
      : openssl($text, 'dgst', '-sha256', '-sign', $key);

    return $text . '.' . encode_base64url($rsa ? $signature : from_der($signature));
}

my $rsa = new_key('rsa');
my $ec = new_key('ec');
my $stranger = new_key('stranger');
spew("$dir/jwks", encode_json({ keys => [
    jwk($stranger, 'other'), { kty => 'OKP', kid => 'odd', crv => 'Ed25519', x => 'AA' },
    jwk($rsa, 'rsa-1'), jwk($ec, 'ec-1'), { %{ jwk($ec, 'enc-1') }, use => 'enc' } ] }));
spew("$dir/password", password() . "\n");

# --- endpoints -------------------------------------------------------------

# The stack's own takes no tokens.
sub start_endpoint
{
    my ($name, @options) = @_;

    start_child(dirname(__FILE__) . '/../endpoint/neon_endpoint',
        '--port-file', "$dir/$name.port", '--log', "$dir/$name.log",
        '--cert', "$ENV{STACK_DIR}/server.pem", '--key', "$ENV{STACK_DIR}/server.key",
        '--pg-host', $ENV{REMOTE_PGHOST}, '--pg-port', $ENV{REMOTE_PGPORT},
        '--jwks', "$dir/jwks", '--jwt-password-file', "$dir/password", @options);
    wait_for(sub { -s "$dir/$name.port" }) or die "no endpoint";
    return slurp("$dir/$name.port") + 0;
}

sub requests
{
    my ($name) = @_;
    return map { decode_json($_) } split /\n/, slurp("$dir/$name.log");
}

setup('jwt');
my $port = start_endpoint('main');
my $server = "host 'ep-test-123.localhost', port '$port', dbname '$ENV{REMOTE_PGDATABASE}',"
  . " sslrootcert '$ENV{ENDPOINT_CA}', max_retries '0'";
value("CREATE SERVER jwt FOREIGN DATA WRAPPER neon_http_fdw OPTIONS ($server)");
remote(<<'SQL');
CREATE VIEW tap.who AS SELECT session_user;
CREATE TABLE tap.notes (id int, owner text);
INSERT INTO tap.notes VALUES (1, 'anna'), (2, 'anna'), (3, 'bert');
CREATE VIEW tap.mine AS SELECT id FROM tap.notes
  WHERE owner = current_setting('request.jwt.claims', true)::jsonb ->> 'sub';
CREATE VIEW tap.long AS SELECT n, current_setting('request.jwt.claims', true)::jsonb ->> 'sub' AS sub
  FROM generate_series(1, 20000) n;
CREATE VIEW tap.slow AS SELECT 1 AS a FROM pg_sleep(60);
SQL
value(<<"SQL");
CREATE FOREIGN TABLE who ("session_user" name) SERVER jwt OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE mine (id int) SERVER jwt OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE long (n int, sub text) SERVER jwt OPTIONS (schema_name 'tap');
CREATE FOREIGN TABLE slow (a int) SERVER jwt OPTIONS (schema_name 'tap');
CREATE USER MAPPING FOR CURRENT_USER SERVER jwt OPTIONS (user '$owner');
SQL

sub mapping
{
    my ($option, $value) = @_;
    value("DROP USER MAPPING FOR CURRENT_USER SERVER jwt;"
          . " CREATE USER MAPPING FOR CURRENT_USER SERVER jwt OPTIONS (user '$owner', $option '$value')");
}

my $good = token($rsa, 'rsa-1');
my $good_ec = token($ec, 'ec-1');
my $query = 'TABLE who';

# --- which tokens are accepted ---------------------------------------------

mapping(auth_token => $good);
is(value($query), $owner, 'RS256');
my ($seen) = reverse requests('main');
is($seen->{http_host}, "apiauth.localhost:$port", 'requests with a token go to apiauth');
is_deeply([@$seen{qw(subject host user)}], ['anna', 'ep-test-123.localhost', $owner],
    'and say who it is');
mapping(auth_token => $good_ec);
is(value($query), $owner, 'ES256');
for my $n (1 .. 8)
{
    # sooner or later with numbers that have fewer bytes than usual
    mapping(auth_token => token($ec, 'ec-1', claims => { n => $n }));
    is(value($query), $owner, "ES256, signature $n");
}
mapping(password => password());
is(value($query), $owner, 'a password goes to api');
($seen) = reverse requests('main');
is_deeply([@$seen{qw(http_host subject)}], ["api.localhost:$port", undef], 'and not to apiauth');

my ($head, $claims, $signature) = split /\./, $good;
my $admin = encode_base64url(encode_json({ sub => 'admin', exp => time() + 36000 }));
my %refused = (
    'expired' => [token($rsa, 'rsa-1', claims => { exp => time() - 40 }), 'JWT token has expired'],
    'not yet valid' => [token($ec, 'ec-1', claims => { nbf => time() + 36000 }), 'JWT token is not yet ready to use'],
    'wrong key' => [token($stranger, 'ec-1'), 'signature error'],
    'unknown key' => [token($rsa, 'rsa-2'), 'jwk not found'],
    'key of another use' => [token($ec, 'enc-1'), 'jwk not found'],
    'odd key' => [token($ec, 'odd'), 'unsupported key type'],
    'no key id' => [token($rsa, undef), 'missing key id'],
    'no signature' => [token($rsa, 'rsa-1', header => { alg => 'none' }), 'signature algorithm not supported'],
    'HMAC' => [token($rsa, 'rsa-1', header => { alg => 'HS256' }), 'signature algorithm not supported'],
    'another algorithm' => [token($rsa, 'rsa-1', header => { alg => 'RS512' }), 'signature algorithm not supported'],
    "the other key's algorithm" => [token($ec, 'rsa-1'), 'signature algorithm not supported'],
    'claims exchanged' => ["$head.$admin.$signature", 'signature error'],
    'signature cut' => ["$head.$claims." . substr($signature, 0, -6), 'signature error'],
    'signature left out' => ["$head.$claims.", 'signature error'],
    'no token' => ['abc', 'not a valid JWT encoding'],
    'two parts' => ["$head.$claims", 'not a valid JWT encoding'],
    'four parts' => ["$good.$signature", 'not a valid JWT encoding'],
    'padding' => ["$good==", 'not a valid JWT encoding'],
    'time that is no number' => [token($rsa, 'rsa-1', claims => { exp => 'never' }), 'not a valid JWT encoding'],
);
my $all_errors = '';
for my $name (sort keys %refused)
{
    my ($token, $message) = @{ $refused{$name} };

    mapping(auth_token => $token);
    my $err = fails($query, $name);
    like($err, qr/ERROR: +28000: .*\Q$message\E/, "$name: 28000, $message");
    like($err, qr/HINT: .*"auth_token" of the user mapping.*neon_http_fdw\.auth_token/, "$name: hint");
    $all_errors .= $err;
}
mapping(auth_token => token($rsa, 'rsa-1', claims => { exp => time() - 10, nbf => time() + 10 }));
is(value($query), $owner, 'clocks may differ a little');

my $audience_port = start_endpoint('audience', '--jwt-audience', 'neon', '--jwt-host', 'localhost');
value("ALTER SERVER jwt OPTIONS (SET port '$audience_port')");
mapping(auth_token => $good);
like(fails($query, 'no audience'), qr/28000: .*invalid JWT token audience/, 'no audience');
mapping(auth_token => token($rsa, 'rsa-1', claims => { aud => 'neo' }));
like(fails($query, 'another audience'), qr/28000: .*invalid JWT token audience/, 'another audience');
mapping(auth_token => token($rsa, 'rsa-1', claims => { aud => 'neon' }));
is(value($query), $owner, 'the right audience');
mapping(auth_token => token($rsa, 'rsa-1', claims => { aud => [ 'x', 'neon' ] }));
is(value($query), $owner, 'one of several audiences');

# the option url overrides the rule for the host
value("ALTER SERVER jwt OPTIONS (ADD url 'https://localhost:$audience_port/sql')");
is(value($query), $owner, 'url: another host');
($seen) = reverse requests('audience');
is($seen->{http_host}, "localhost:$audience_port", 'url: requests go there');
value("ALTER SERVER jwt OPTIONS (DROP url, SET port '$port')");

# passwords and tokens at the wrong place
value("ALTER SERVER jwt OPTIONS (ADD url 'https://api.localhost:$port/sql')");
mapping(auth_token => $good);
my $err = fails($query, 'token to a password host');
like($err, qr/28000: .*missing authentication credentials: required password/, 'token to a password host: error');
like($err, qr/HINT: .*apiauth/, 'token to a password host: hint');
value("ALTER SERVER jwt OPTIONS (SET url 'https://apiauth.localhost:$port/sql')");
mapping(password => password());
$err = fails($query, 'password to a token host');
like($err, qr/28000: .*required authorization bearer token/, 'password to a token host: error');
like($err, qr/HINT: .*"auth_token".*neon_http_fdw\.auth_token/, 'password to a token host: hint');
value("ALTER SERVER jwt OPTIONS (DROP url)");

# --- the session's token ---------------------------------------------------

mapping(auth_token => $refused{expired}[0]);
is(value("SET $parameter = '$good'; $query"), $owner, 'it wins over the token of the mapping');
mapping(password => 'nonsense');
is(value("SET $parameter = '$good'; $query"), $owner, 'and over its password');
like(fails("$query", 'without it'), qr/28P01/, 'without it the password counts');
is((psql("SET $parameter = '$good'; $query; RESET $parameter; $query", go_on => 1))[1], $owner,
    'RESET: the password counts again');
is((psql("BEGIN; SET LOCAL $parameter = '$good'; $query; COMMIT; $query", go_on => 1))[1], $owner,
    'SET LOCAL: until the end of the transaction');
$err = fails("SET $parameter = '$refused{expired}[0]'; $query", 'expired in the session');
like($err, qr/28000: .*JWT token has expired/, 'expired in the session: error');
like($err, qr/HINT: +The token is that of the session.*"auth_token".*set neon_http_fdw\.auth_token/,
    'expired in the session: hint');
$all_errors .= $err;
{
    local $ENV{PGOPTIONS} = "$ENV{PGOPTIONS} -c $parameter=$good";
    is(value($query), $owner, 'set when connecting');
}
value("ALTER USER MAPPING FOR CURRENT_USER SERVER jwt OPTIONS (DROP password)");
is(value("SELECT set_config('$parameter', '$good', false) \\g /dev/null\n$query"), $owner, 'set_config');

if (value('SHOW server_version_num') >= 170000)
{
    value(<<"SQL");
CREATE SCHEMA secret;
CREATE TABLE secret.tokens (role name, token text);
INSERT INTO secret.tokens VALUES (current_user, '$good');
CREATE FUNCTION take_token() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS \$\$
BEGIN
  PERFORM set_config('neon_http_fdw.auth_token', token, false) FROM secret.tokens WHERE role = session_user;
END \$\$;
CREATE EVENT TRIGGER take_token ON login EXECUTE FUNCTION take_token();
SQL
    is(value($query), $owner, 'set by a login trigger');
    value('DROP EVENT TRIGGER take_token; DROP SCHEMA secret CASCADE');
}

# another token, another subject, the same connection
my $bert = token($ec, 'ec-1', claims => { sub => 'bert' });
my $ids = "SELECT string_agg(id::text, ',' ORDER BY id) FROM mine";
is(value(<<"SQL"), "1,2\n3\n1,2\n3", 'rotated in a session');
SET $parameter = '$good';
$ids;
SET $parameter = '$bert';
$ids;
SET $parameter = '$good_ec';
$ids;
SELECT requests FROM neon_http_connections();
SQL
my @last = (requests('main'))[-3 .. -1];
is_deeply([ map { $_->{subject} } @last ], [qw(anna bert anna)], 'rotated: subjects');
is(scalar(grep { $_->{conn} == $last[0]{conn} } @last), 3, 'rotated: one connection');

# who still reads, reads as who it was
is(value(<<"SQL"), "1|anna\nbert\n2|anna\nbert", 'rotated while a cursor is open');
SET $parameter = '$good';
BEGIN;
DECLARE c CURSOR FOR SELECT n, sub FROM long;
FETCH 1 FROM c;
SET $parameter = '$bert';
SELECT DISTINCT sub FROM long WHERE n < 10;
FETCH 1 FROM c;
COMMIT;
SELECT DISTINCT sub FROM long WHERE n < 10;
SQL

# what is written goes with the token that counts when it is sent, at the latest
# at the commit; not with another kind of proof than it was rehearsed with
remote("CREATE TABLE tap.log (id int PRIMARY KEY, who text DEFAULT"
      . " current_setting('request.jwt.claims', true)::jsonb ->> 'sub')");
value("CREATE FOREIGN TABLE log (id int OPTIONS (key 'true') NOT NULL, who text) SERVER jwt OPTIONS (schema_name 'tap')");
my $begin = "LOAD 'neon_http_fdw'; BEGIN; ";
is(value("${begin}SET LOCAL $parameter = '$good'; INSERT INTO log (id) VALUES (1) RETURNING who; COMMIT"), 'anna',
    'a transaction with SET LOCAL');
is(value("LOAD 'neon_http_fdw'; SET $parameter = '$bert'; INSERT INTO log (id) VALUES (2) RETURNING who"), 'bert', 'a statement that commits');
value("${begin}SET LOCAL $parameter = '$good'; INSERT INTO log (id) VALUES (3); SET LOCAL $parameter = '$good_ec'; COMMIT");
like(fails("${begin}SET LOCAL $parameter = '$good'; INSERT INTO log (id) VALUES (4);"
          . " SET LOCAL $parameter = '$refused{expired}[0]'; COMMIT", 'expired at the commit'),
    qr/28000: .*JWT token has expired/, 'expired at the commit: error');
like(fails("${begin}SET LOCAL $parameter = '$good'; INSERT INTO log (id) VALUES (5); RESET $parameter; COMMIT",
        'no token at the commit'),
    qr/28000: cannot write to server "jwt" both with and without a token of the session/, 'no token at the commit: error');
is(remote('SELECT string_agg(id || who, chr(32) ORDER BY id) FROM tap.log'), '1anna 2bert 3anna', 'what was written');

# --- what the parameter refuses and shows -----------------------------------

my $log = "$ENV{STACK_DIR}/local.log";
my $mark = -s $log;
my $bad = 'NeverToBeSeen';
my $load = "LOAD 'neon_http_fdw'; \n\\set VERBOSITY verbose\n";
for my $value ("$bad\r\nX: y", "$bad\n", "$bad\t", "$bad $bad", "Bearer $bad", "$bad\x7f", "${bad}\xc3\xa4", "$bad*")
{
    my (undef, undef, $messages) = psql("${load}SET $parameter = E'$value';");
    my $shown = $value =~ s/([^ -~])/sprintf('\\x%02x', ord $1)/ger;
    like($messages, qr/22023: +invalid value for parameter "neon_http_fdw.auth_token"/, "refused: $shown");
    unlike($messages, qr/$bad/, "refused: $shown: not shown");
}
for my $statement ("ALTER ROLE CURRENT_USER SET $parameter = '$bad'",
    "ALTER DATABASE $ENV{PGDATABASE} SET $parameter = '$bad'",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET $parameter = '$bad' AS 'SELECT 1'",
    "DO \$\$ BEGIN PERFORM set_config('$parameter', '$bad*', false); END \$\$")
{
    my ($name) = $statement =~ /^(\w+ \w*)/;
    my (undef, undef, $messages) = psql("${load}$statement");
    like($messages, qr/22023: +.*parameter "neon_http_fdw.auth_token"/, "refused: $name");
}
like((psql("${load}ALTER SYSTEM SET $parameter = 'x'"))[2], qr/55P02/, 'refused: ALTER SYSTEM');
my $set_first = (psql("SET $parameter = '$bad*'; $query", go_on => 1))[2];
like($set_first, qr/WARNING: +invalid value for parameter "neon_http_fdw.auth_token"/, 'set before the library is loaded');
unlike($set_first, qr/$bad/, 'set before the library is loaded: not shown');
my $logged = slurp($log, $mark);
like($logged, qr/invalid value for parameter "neon_http_fdw.auth_token"/, 'refusals are in the log');
unlike($logged, qr/$bad/, 'but no refused value');
my $set = "${load}SET $parameter = '$good';";
is(value("$set SHOW $parameter"), '********', 'SHOW');
is(value("${load}SELECT current_setting('$parameter') = ''"), 't', 'current_setting: not set');
is(value("$set SELECT current_setting('$parameter')"), '********', 'current_setting: set');
is(value("$set SELECT count(*) FROM pg_settings WHERE name = '$parameter'"), '0', 'pg_settings');
unlike(value("$set SHOW ALL"), qr/auth_token|\Q$good\E/, 'SHOW ALL');

# in the configuration file
{
    my $conf = "$ENV{STACK_DIR}/local/postgresql.conf";
    my $before = slurp($conf);
    open my $fh, '>>', $conf or die "$conf: $!";
    print $fh "$parameter = '$good'\n";
    close $fh;
    value('SELECT pg_reload_conf()');
    my $messages;
    ok(wait_for(sub {
            $messages = (psql($load . $query, go_on => 1))[2];
            $messages =~ /WARNING: +parameter "neon_http_fdw.auth_token" can be set in a session only/ }),
        'refused: postgresql.conf');
    unlike($messages, qr/\Q$good\E/, 'refused: postgresql.conf: not shown');
    open $fh, '>', $conf or die "$conf: $!";
    print $fh $before;
    close $fh;
    value('SELECT pg_reload_conf()');
}

# --- users ------------------------------------------------------------------

value(<<"SQL");
DROP ROLE IF EXISTS tap_jwt_user, tap_jwt_owner;
CREATE ROLE tap_jwt_user;
CREATE ROLE tap_jwt_owner;
GRANT USAGE ON FOREIGN DATA WRAPPER neon_http_fdw TO tap_jwt_owner;
CREATE USER MAPPING FOR tap_jwt_user SERVER jwt OPTIONS (user '$owner');
GRANT SELECT ON who TO tap_jwt_user;
CREATE VIEW who_view AS TABLE who;
CREATE VIEW who_invoker WITH (security_invoker) AS TABLE who;
GRANT SELECT ON who_view, who_invoker TO tap_jwt_user;
SQL
my $as_user = 'SET ROLE tap_jwt_user; ';
my $as_session = "SET SESSION AUTHORIZATION tap_jwt_user; SET $parameter = '$refused{expired}[0]'; ";
like(fails("$as_user$query", 'neither password nor token'), qr/2F003: +password or token is required/,
    'neither password nor token: error');
value("ALTER USER MAPPING FOR tap_jwt_user SERVER jwt OPTIONS (ADD auth_token '$good')");
is(value("$as_user$query"), $owner, 'a token in the mapping is enough');
value("ALTER USER MAPPING FOR tap_jwt_user SERVER jwt OPTIONS (DROP auth_token)");
is(value("${as_user}SET $parameter = '$good'; $query"), $owner, 'a token in the session is enough');
like(fails("${as_user}SET $parameter = ''; $query", 'an empty token'), qr/2F003/, 'an empty one is none');
like(fails("SET $parameter = '$good'; ${as_user}RESET $parameter; $query", 'reset'), qr/2F003/, 'nor is one that was reset');

# a view of somebody else runs as its owner, without the session's token
value("ALTER USER MAPPING FOR CURRENT_USER SERVER jwt OPTIONS (ADD password '@{[password()]}')");
is(value("${as_session}TABLE who_view"), $owner, "a view: its owner's password");
like(fails("${as_session}TABLE who_invoker", 'a view with security_invoker'),
    qr/28000: .*JWT token has expired/, 'a view with security_invoker: the token');

# the token does not go to a server of somebody who is not trusted with it
value(<<"SQL");
CREATE SERVER theirs FOREIGN DATA WRAPPER neon_http_fdw OPTIONS ($server);
CREATE USER MAPPING FOR PUBLIC SERVER theirs OPTIONS (user '$owner');
CREATE FOREIGN TABLE theirs ("session_user" name) SERVER theirs OPTIONS (schema_name 'tap', table_name 'who');
GRANT SELECT ON theirs TO tap_jwt_user;
SQL
my $theirs = "${as_user}SET $parameter = '$good'; TABLE theirs";
is(value($theirs), $owner, "a superuser's server");
value('ALTER SERVER theirs OWNER TO tap_jwt_owner');
my $before = scalar requests('main');
$err = fails($theirs, "another user's server");
like($err, qr/2F003: +password or token is required/, "another user's server: error");
like($err, qr/DETAIL: +The token of this session is not sent to server "theirs"/, "another user's server: detail");
like(fails("SET $parameter = '$good'; TABLE theirs", "a superuser's token"), qr/28000: .*required password/,
    "nor does a superuser's token go there");
my @since = (requests('main'))[$before .. -1 + scalar requests('main')];
is(scalar(@since), 1, 'one request was sent');
ok(!(grep { $_->{by_token} } @since), 'but no token');
value('GRANT tap_jwt_owner TO tap_jwt_user');
is(value($theirs), $owner, 'the server of a role that the user is in');

# --- ping and attach ----------------------------------------------------------

my $ping = "SELECT phase, ok, detail FROM neon_http_ping('jwt') WHERE phase = 'login'";
like(value("SET $parameter = '$good'; $ping"), qr/^login\|t\|.*, token of the session$/, 'ping: token of the session');
mapping(auth_token => $good);
like(value($ping), qr/^login\|t\|.*, token of the user mapping$/, 'ping: token of the mapping');
like(value("SET $parameter = '$refused{expired}[0]'; $ping"),
    qr/^login\|f\|JWT token has expired \(28000\).*set neon_http_fdw\.auth_token/, 'ping: expired');
like(value("SET $parameter = '$refused{'wrong key'}[0]'; $ping"), qr/^login\|f\|signature error.*\(28000\)/, 'ping: refused');

my $url = "postgresql://$owner\@ep-test-123.localhost/$ENV{REMOTE_PGDATABASE}";
my $attach = "SELECT table_name, status FROM neon_http_attach('$url', 'attached', 'tap', 'attached',"
  . " ARRAY['port=$port', 'sslrootcert=$ENV{ENDPOINT_CA}']) WHERE table_name = 'notes'";
like(fails($attach, 'attach without password or token'), qr/28000: .*required password/,
    'attach without password or token: error');
is(value("SET $parameter = '$good'; $attach; SELECT count(*) FROM attached.notes"), "notes|imported\n3", 'attach with a token');
my $stored = "SELECT array_to_string(umoptions, ',') FROM pg_user_mappings WHERE srvname = 'attached'";
is(value($stored), "user=$owner", 'attach does not store the token');
value("ALTER USER MAPPING FOR CURRENT_USER SERVER attached OPTIONS (ADD auth_token '$refused{expired}[0]')");
my $encoded = password() =~ s/([^A-Za-z0-9\-._~])/sprintf('%%%02X', ord($1))/ger;
is(value($attach =~ s/\@/:$encoded\@/r), 'notes|unchanged', 'attach with a password');
unlike(value($stored), qr/auth_token/, 'drops the token of the mapping');

# --- nowhere to be seen -------------------------------------------------------

sub refusal
{
    my ($body) = @_;
    return "HTTP/1.1 400 Bad Request\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
}

my %echo = (
    whole => refusal(qq({"message":"cannot use Bearer $good","code":""})),
    part  => refusal(qq({"message":"signature error in $claims","code":""})),
    sql   => refusal(qq({"message":"who sent $good","code":"XX000","detail":"and $signature"})),
    html  => refusal("<html>$good</html>"));
my $echo_port = mock_server(\%echo);
for my $name (keys %echo)
{
    new_server("echo_$name", "url 'http://127.0.0.1:$echo_port/$name', max_retries '0'");
    value("CREATE FOREIGN TABLE echo_$name (a int) SERVER echo_$name");
    value("ALTER USER MAPPING FOR CURRENT_USER SERVER echo_$name OPTIONS (ADD auth_token '$good')");
}
mapping(auth_token => $good);
$mark = -s $log;
my $script = <<'SQL';
SET log_min_messages = debug5;
SET client_min_messages = debug5;
SET log_error_verbosity = verbose;
\set VERBOSITY verbose
SELECT * FROM mine;
EXPLAIN (VERBOSE, ANALYZE, SETTINGS) SELECT * FROM mine WHERE id = 2;
EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM mine;
SELECT 1 / (id - 1) FROM mine;
SELECT * FROM neon_http_ping('jwt');
SELECT * FROM neon_http_connections();
SELECT * FROM neon_http_session_stats();
SET statement_timeout = '200ms';
SELECT a FROM slow;
RESET statement_timeout;
SQL
$script .= "SELECT a FROM echo_$_;\n" for sort keys %echo;
my (undef, $out, $messages) = psql($script, go_on => 1);
{
    # once more as the session's, set so that no statement has it
    local $ENV{PGOPTIONS} = "$ENV{PGOPTIONS} -c $parameter=$good";
    my (undef, $more, $more_messages) = psql($script, go_on => 1);
    my $run = start_psql('SELECT a FROM slow');
    my $pid = session_pid('slow');
    $out .= $more . value('SELECT to_jsonb(a) FROM pg_stat_activity a');
    value("SELECT pg_cancel_backend($pid)");
    $run->{handle}->finish;
    $messages .= $more_messages . $run->{err};
}
my %text = (
    'server log'        => slurp($log, $mark),
    'client messages'   => $messages . $all_errors,
    'results'           => $out,
    "endpoint's log"    => slurp("$dir/main.log") . slurp("$dir/audience.log"),
    "remote's activity" => remote('SELECT to_jsonb(a) FROM pg_stat_activity a'),
);
for my $where (sort keys %text)
{
    ok(length $text{$where}, "$where: there is something");
    ok(index($text{$where}, $good) < 0, "$where: no token");
    ok(index($text{$where}, $signature) < 0, "$where: no signature");
}
like($messages, qr/cannot use Bearer \*\*\*/, 'a quoted token is hidden');
like($messages, qr/who sent \*\*\*/, "in a database's message too");
like($messages, qr/signature error in \*\*\*/, 'and a part of it');
my @tokens = grep { length > 10 } map { $_->[0] } values %refused;
ok(!(grep { index($all_errors, $_) >= 0 } @tokens), 'no refused token in its error');

value('DROP OWNED BY tap_jwt_user, tap_jwt_owner CASCADE; DROP ROLE tap_jwt_user, tap_jwt_owner');
done_testing();
