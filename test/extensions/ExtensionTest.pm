# What the tests of other people's extensions share: the extension is in
# schema "ext" on the remote and in "public" here, and each query on the
# foreign table is compared with the same on a local copy.
package ExtensionTest;

use strict;
use warnings;
use Exporter 'import';
use Test::More;
use NeonTest;

our @EXPORT = qw(superuser extension_setup same uses_index);

# SQL on the remote, as its superuser.
sub superuser
{
    my ($sql) = @_;
    local $ENV{REMOTE_PGUSER} = 'postgres';

    return remote($sql);
}

# Makes the extension here and there; $tables is SQL that makes the remote's
# tables in schema "tap", whose types are found.  Copies of them are in
# schema "copy" here.
sub extension_setup
{
    my ($extension, $tables, @names) = @_;

    setup($extension);
    superuser("DROP EXTENSION IF EXISTS $extension CASCADE; DROP SCHEMA IF EXISTS ext CASCADE; CREATE SCHEMA ext;"
        . " CREATE EXTENSION $extension SCHEMA ext; GRANT USAGE ON SCHEMA ext TO $ENV{REMOTE_PGUSER}");
    remote("SET search_path = tap, ext; $tables");
    value("CREATE EXTENSION $extension; CREATE SCHEMA there; CREATE SCHEMA copy");
    value("ALTER SERVER neon OPTIONS (ADD extensions '$extension'); IMPORT FOREIGN SCHEMA tap FROM SERVER neon INTO there");
    value("CREATE TABLE copy.$_ AS SELECT * FROM there.$_; ANALYZE there.$_") foreach @names;
    $ENV{PGOPTIONS} .= ' -c session_preload_libraries=neon_http_fdw';
}

# The query has the same rows there and here.  On foreign tables alone it is
# one request; with pushdown off, and so planned piece by piece, its remote SQL
# has $pushed (a regular expression).
sub same
{
    my ($name, $query, $pushed) = @_;
    my $there = "SET search_path = there, public; ";
    my $here = value("SET search_path = copy, public; $query");

    isnt($here, '', "$name: has rows");
    is(value("$there$query"), $here, "$name: the same rows");
    is(value("$there SET neon_http_fdw.statement_pushdown = off; $query"), $here, "$name: the same rows in parts");
    return if !defined $pushed;
    like(value("$there EXPLAIN (VERBOSE, COSTS OFF) $query"), qr/^Custom Scan \(Neon Remote Query\)/, "$name: runs there as a whole");
    like(value("$there SET neon_http_fdw.statement_pushdown = off; EXPLAIN (VERBOSE, COSTS OFF) $query"),
        qr/Remote SQL: .*$pushed/, "$name: pushed in parts");
}

# What is sent for a query is such that the remote can use an index for it.
sub uses_index
{
    my ($name, $query, $index) = @_;

    foreach my $way ('on', 'off')
    {
        my ($sql) = value("SET search_path = there, public; SET neon_http_fdw.statement_pushdown = $way; EXPLAIN (VERBOSE, COSTS OFF) $query") =~ /Remote SQL: (.*?)(?:\n +Remote Parameters|$)/s;
        my ($nparams) = sort { $b <=> $a } $sql =~ /\$(\d+)/g;
        my $nulls = join ', ', ('NULL') x ($nparams // 0);

        like(remote("SET search_path = pg_catalog; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_sort = off;"
              . " PREPARE q AS $sql; EXPLAIN EXECUTE q" . ($nulls ? "($nulls)" : '')),
            qr/Index Scan (using|on) $index\b/, "$name: can use the index, pushdown $way");
    }
}

1;
