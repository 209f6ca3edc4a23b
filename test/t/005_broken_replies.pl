# Every broken reply is an error of its own, never a crash and never a result
# that is silently short.
use strict;
use warnings;
use Socket;
use Test::More;
use NeonTest;

setup('broken');

# A reply to guard and one query of two columns: the guard's row has one column.
sub guard
{
    return '{"fields":[],"rows":[["x"]],"command":"SELECT","rowCount":1,"rowAsArray":true}';
}

sub http
{
    my ($body, %opt) = @_;
    my $length = length($body) + ($opt{promised} // 0);
    my $status = $opt{status} // '200 OK';
    my $head = "HTTP/1.1 $status\r\nContent-Type: application/json\r\n"
      . "neon-request-id: 11111111-2222-3333-4444-555555555555\r\n"
      . "Connection: close\r\n";

    $head .= "Content-Length: $length\r\n" unless $opt{no_length};
    return "$head\r\n$body";
}

# A whole reply around the query's result.
sub with_result
{
    my ($result, %opt) = @_;
    return sub { http('{"results":[' . guard() . ",$result]}", %opt) };
}

sub rows
{
    my ($rows) = @_;
    return with_result(
        qq({"fields":[],"rows":$rows,"command":"SELECT","rowCount":1}));
}

# The guard's result and what comes after it.
sub after_guard
{
    my ($rest, %opt) = @_;
    return sub { http('{"results":[' . guard() . $rest, %opt) };
}

sub whole
{
    my ($body, %opt) = @_;
    return sub { http($body, %opt) };
}

sub reset_connection
{
    my ($request, $client) = @_;
    setsockopt($client, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    close $client;
    return '';
}

my $good    = '[["1","one"],["2",null]]';
my $command = '"command":"SELECT"';
my $chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
my %reply = (
    # these are fine
    good       => rows($good),
    no_length  => with_result(qq({"rows":$good,$command}), no_length => 1),
    odd_order  => with_result(qq({$command,"new":{"a":[1,true]},"rows":$good})),
    surrogates => rows('[["1","\ud83d\ude00"],["2",null]]'),

    # these are not
    cut_short  => after_guard(qq(,{"fields":[],"rows":$good), promised => 100),
    cut_closed => after_guard(',{"fields":[],"rows":[["1","one"]', no_length => 1),
    no_end     => after_guard(qq(,{"rows":$good,$command})),
    one_result => after_guard(']}'),
    three      => with_result(qq({"rows":$good,$command},{"rows":[],$command})),

    few         => rows('[["1"]]'),
    many        => rows('[["1","one","more"]]'),
    second_few  => rows('[["1","one"],["2"]]'),
    row_object  => rows('[{"a":"1","b":"one"}]'),
    row_text    => rows('["1","one"]'),
    nested      => rows('[[["1","one"]]]'),
    number      => rows('[[1,"one"]]'),
    boolean     => rows('[["1",true]]'),
    rows_object => rows('{"a":1}'),

    lone_high      => rows('[["1","\ud83d"]]'),
    lone_low       => rows('[["1","\ude00 x"]]'),
    nul            => rows('[["1","a\u0000b"]]'),
    bad_escape     => rows('[["1","a\qb"]]'),
    raw_control    => rows("[[\"1\",\"a\001b\"]]"),
    bad_utf8       => rows("[[\"1\",\"a\xff\xfeb\"]]"),
    overlong       => rows("[[\"1\",\"\xc0\xaf\"]]"),
    utf8_surrogate => rows("[[\"1\",\"\xed\xa0\x80\"]]"),

    no_command => with_result(qq({"fields":[],"rows":$good,"rowCount":2})),
    no_rows    => with_result(qq({"fields":[],$command,"rowCount":2})),
    two_rows   => with_result(qq({"rows":$good,"rows":$good,$command})),
    deep       => with_result('{"x":' . ('[' x 64) . (']' x 64) . qq(,"rows":$good,$command})),
    trailing   => with_result(qq({"rows":[["1","one"],],$command})),
    single     => with_result(qq({'rows':$good,$command})),
    garbage    => with_result(qq({"rows":$good,$command}]}x), no_length => 1),

    html       => whole("<!DOCTYPE html>\n<html><body>Welcome</body></html>"),
    empty      => whole(''),
    array      => whole('[]'),
    text       => whole('"ok"'),
    no_results => whole('{"rows":[],"command":"SELECT"}'),
    bom        => whole("\xef\xbb\xbf" . '{"results":[]}'),

    nothing    => '',
    no_http    => "hello\r\n\r\n",
    reset      => \&reset_connection,
    bad_chunk  => "${chunked}zz\r\n{}\r\n",
    cut_chunk  => "${chunked}ff\r\n{\"results\":",
    no_content => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    redirect   => "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
      . "Content-Length: 0\r\nConnection: close\r\n\r\n",
    long_html  => whole('<html>' . ('y' x 5000), status => '502 Bad Gateway'),
);
my @good = qw(good no_length odd_order surrogates);

# What is not HV00M: here the transport fails first, or the status says it.
my %code = (
    (map { $_ => '08006' }
          qw(cut_short nothing no_http reset bad_chunk cut_chunk long_html)),
    (map { $_ => 'HV000' } qw(no_content redirect)),
);

my $port = mock_server(\%reply);
new_server('mock', "url 'http://127.0.0.1:$port/good', max_retries '0'");
value('CREATE FOREIGN TABLE t (a int, b text) SERVER mock');

# One session for all: it must live through every one of them.
my $script = "\\set VERBOSITY verbose\nSELECT 'pid ' || pg_backend_pid();\n";
foreach my $name (sort keys %reply)
{
    $script .= "ALTER SERVER mock OPTIONS"
      . " (SET url 'http://127.0.0.1:$port/$name');\n"
      . "\\warn == $name\n\\echo == $name\nSELECT a, b FROM t;\n";
}
$script .= "\\warn == end\n\\echo == end\nSELECT 'pid ' || pg_backend_pid();\n";
my (undef, $out, $err) = psql($script, go_on => 1);
my %out = "$out\n" =~ /^== (\w+)\n(.*?)(?=^== |\z)/msg;
my %err = $err =~ /^== (\w+)\n(.*?)(?=^== |\z)/msg;

my ($session) = $out =~ /\A(pid \d+)/;
is($out{end}, "$session\n", 'one session lived through them all');

foreach my $name (@good)
{
    my $one = $name eq 'surrogates' ? "\xf0\x9f\x98\x80" : 'one';
    is($out{$name}, "1|$one\n2|\n", "$name: result");
    is($err{$name}, '', "$name: no message");
    delete $reply{$name};
}
foreach my $name (sort keys %reply)
{
    my $code = $code{$name} // 'HV00M';
    like($err{$name}, qr/ERROR:  $code: /, "$name: error $code");
    is($out{$name}, '', "$name: no rows");
}

like($err{few}, qr/neon-request-id: 11111111-2222-3333-4444-555555555555/,
    'the request id is shown');
like($err{few}, qr/remote SQL command: SELECT/, 'the remote SQL is shown');
like($err{few}, qr/at byte \d+ of the reply/,
    'the place in the reply is shown');
like($err{long_html}, qr/HTTP status 502/, 'long HTML: status');
my ($ys) = $err{long_html} =~ /(yy+)/;
cmp_ok(length($ys), '<=', 200, 'long HTML: only its beginning');

done_testing();
