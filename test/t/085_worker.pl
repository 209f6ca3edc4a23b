# Statements of background workers, as pg_cron runs them: one transaction for all
# of a text, each in a portal like that of a client's message.
use strict;
use warnings;
use File::Basename;
use File::Temp;
use JSON::PP;
use Test::More;
use NeonTest;

my $database = setup('worker');
remote('CREATE TABLE tap.t (id int PRIMARY KEY, n int); INSERT INTO tap.t VALUES (1, 1), (2, 2)');
value("IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO public; ALTER DATABASE $database SET session_preload_libraries = 'neon_http_fdw'");

my $dir = File::Temp->newdir(DIR => '/tmp', TEMPLATE => 'neon_worker.XXXXXX');
chmod 0755, $dir;
my $include = `${\($ENV{PG_CONFIG} // 'pg_config')} --includedir-server`;
chomp $include;
plan skip_all => 'no compiler, or no headers of PostgreSQL'
  if system(($ENV{CC} // 'cc') . " -shared -fPIC -I$include -o $dir/worker.so " . dirname(__FILE__) . '/worker.c') != 0;
value("CREATE FUNCTION run_in_worker(text, text) RETURNS bool LANGUAGE c AS '$dir/worker.so'");

sub run_in_worker
{
    my ($sql) = @_;
    return value("SELECT run_in_worker('$dir/worker', \$d\$$sql\$d\$)");
}

sub left_behind { return remote('SELECT string_agg(n::text, \' \' ORDER BY id) FROM tap.t') }

foreach my $write ('UPDATE t SET n = 10 WHERE id = 1', 'INSERT INTO t VALUES (3, 3)', 'DELETE FROM t', 'TRUNCATE t',
    'UPDATE t SET n = 10 WHERE id + random() > 0')
{
    is(run_in_worker("$write; SELECT 1 / 0"), 't', "$write: the worker has ended");
    is(left_behind(), '1 2', 'and an error behind the statement has undone it');
}
run_in_worker('UPDATE t SET n = n + 10 WHERE id = 1; UPDATE t SET n = n + 10');
is(left_behind(), '21 12', 'what has no error is committed');

value("ALTER DATABASE $database SET default_transaction_isolation = 'repeatable read'");
my $mark = log_mark();
run_in_worker('SELECT n FROM t; SELECT id FROM t');
is(scalar(grep { /hashtextextended/ } map { encode_json($_) } log_since($mark)), 2, 'REPEATABLE READ: each read is checked');

done_testing();
