# Random conditions on a table of many types: the foreign table, read as a
# scan and as a whole statement, with literals and with parameters, gives the
# rows and the errors that a local copy gives.
#
#   SEED=n COUNT=n     other conditions, or more of them
use strict;
use warnings;
use Test::More;
use NeonTest;

my $count = $ENV{COUNT} // 500;
my $seed = $ENV{SEED} // 20260131;
srand($seed);

# --- the grammar --------------------------------------------------------------

# Columns and constants of each type.
my %columns = (
    bool => [qw(b1 b2)],
    int => [qw(id i1 i2)],
    bigint => [qw(l1)],
    numeric => [qw(n1 n2)],
    float8 => [qw(f1)],
    text => [qw(t1 t2 tc)],
    varchar => [qw(v1)],
    bpchar => [qw(c1)],
    date => [qw(d1)],
    timestamp => [qw(ts1)],
    timestamptz => [qw(tz1 tz2)],
    time => [qw(ti1)],
    interval => [qw(iv1)],
    uuid => [qw(u1)],
    'int[]' => [qw(ia1)],
    'text[]' => [qw(ta1)],
    jsonb => [qw(j1)],
    int4range => [qw(r1)],
    bytea => [qw(by1)],
    mood => [qw(m1)],
);
my %constants = (
    bool => [qw(true false)],
    int => [qw(0 1 2 3 7 -5 40 100)],
    bigint => [qw(0 1 3000000000 -7 9000000000)],
    numeric => [qw(0 1.5 -2.25 10 33.333 1e10)],
    float8 => [qw(0 0.5 -1.25 3 1e300 NaN)],
    text => ['', 'abc', 'Abc', 'x', 'zebra', 'äöü', "it''s", '%b%', '$1', '\\\\', 'a"b'],
    varchar => ['abc', 'x', ''],
    bpchar => ['ab', 'x  ', ''],
    date => [qw(2024-02-29 2024-03-31 1999-12-31 0044-03-15)],
    timestamp => ['2024-03-31 02:30:00', '2024-02-29 12:00:00', '1999-12-31 23:59:59.5'],
    timestamptz => ['2024-03-31 02:30:00+00', '2024-10-27 01:30:00+00', '1999-12-31 23:59:59.5+05:30', '-infinity'],
    time => [qw(00:00:00 12:34:56.789 23:59:59)],
    interval => ['1 day', '-3 hours', '1 mon 2 days', '00:00:01.5', '10 years'],
    uuid => ['c4ca4238-a0b9-2382-0dcc-509a6f75849b', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    'int[]' => ['{}', '{1,2}', '{3,NULL,7}'],
    'text[]' => ['{}', '{abc,NULL}', '{"a\\\\"b",x}'],
    jsonb => ['{}', '{"k": 1}', '[1, "x", null]', '"s"', 'null'],
    int4range => ['empty', '[1,5)', '(,3]', '[40,)'],
    bytea => ['\\x', '\\x00ff', '\\x616263'],
    mood => [qw(sad ok happy)],
);
my @ordered = qw(int bigint numeric float8 text varchar bpchar date timestamp timestamptz time interval uuid bytea mood int4range int[] text[] jsonb bool);

# Functions and operators by result; %type stands for an argument.  What may
# fail stands in %risky, where no order of evaluation decides about an error.
my %forms = (
    int => ['(%int + %int)', '(%int - %int)', '(%int * 3)', '(- %int)', '(%int % 7)', 'abs(%int)', 'length(%text)', 'strpos(%text, %text)', 'cardinality(%int[])', 'coalesce(array_length(%text[], 1), %int)', 'ascii(%text)', '%bool::int', '(%date - %date)', '%int[][1]', 'array_position(%int[], %int)', 'extract(day from %timestamp)::int', 'octet_length(%bytea)', 'lower(%int4range)', 'position(%text in %text)', 'date_part(\'hour\', %timestamptz)::int', 'jsonb_array_length(jsonb_build_array_of(%jsonb))', 'here(%int)'],
    bigint => ['(%bigint + %int)', '(%bigint - %bigint)', '%int::bigint', '(%bigint & %bigint)', '(%int * 1000000007::bigint)', 'gcd(%bigint, 12::bigint)'],
    numeric => ['(%numeric + %numeric)', '(%numeric * %numeric)', 'round(%numeric, 1)', '%int::numeric', '%numeric::numeric(20,2)', 'trunc(%numeric)', 'ceil(%numeric)', '(%numeric - %int)', 'extract(epoch from %interval)', 'extract(year from %timestamptz)', 'abs(%numeric)', 'here(%numeric)'],
    float8 => ['(%float8 + %float8)', '%int::float8', '(%float8 * 2)', 'abs(%float8)', 'degrees(%int::float8)', '%numeric::float8'],
    text => ['(%text || %text)', 'lower(%text)', 'upper(%text)', 'substr(%text, 2)', 'left(%text, %int % 5)', 'reverse(%text)', 'replace(%text, %text, \'-\')', '%int::text', '%varchar::text', '%numeric::text', '%bool::text', '(%jsonb ->> \'k\')', '(%jsonb ->> 0)', '%text[][1]', 'md5(%text)', 'substring(%text from 1 for 2)', 'trim(both \'a\' from %text)', 'overlay(%text placing \'yy\' from 2)', 'split_part(%text, \'b\', 1)', '%uuid::text', 'to_char(%timestamp, \'YYYY-MM-DD\')', 'to_char(%timestamptz, \'HH24:MI\')', '%date::text', '%float8::text', '%bytea::text', '%interval::text', 'concat(%text, %int)', 'current_user::text', 'current_setting(\'timezone\')', 'here(%text)', 'translate(%text, \'abc\', \'xyz\')', 'quote_literal(%text)', 'format(\'%s\', %int)', '(%text || %int)', 'encode(%bytea, \'hex\')', '%mood::text', 'initcap(%text)', '%bpchar::text', 'coalesce(%text, %varchar)'],
    varchar => ['%text::varchar', '%text::varchar(3)', '%int::varchar(2)'],
    bpchar => ['%text::char(3)', '%varchar::char(2)'],
    date => ['(%date + (%int % 100))', '%timestamp::date', '%timestamptz::date', '(%timestamptz at time zone \'Asia/Tokyo\')::date'],
    timestamp => ['%date::timestamp', '(%timestamp + %interval)', 'date_trunc(\'day\', %timestamp)', '%timestamptz::timestamp', '(%timestamptz at time zone \'UTC\')', '(%date + %time)', '%timestamp::timestamp(0)'],
    timestamptz => ['%date::timestamptz', '%timestamp::timestamptz', '(%timestamptz + %interval)', '(%timestamptz - %interval)', 'date_trunc(\'month\', %timestamptz)', '(%timestamp at time zone \'Europe/Berlin\')', 'now()', 'here(%timestamptz)'],
    time => ['%timestamp::time', '(%time + %interval)', '%timestamptz::time'],
    interval => ['(%interval + %interval)', '(%interval * 2)', '(- %interval)', 'age(%timestamp, timestamp \'2024-01-01\')', '(%int % 100) * interval \'1 hour\'', 'justify_days(%interval)'],
    uuid => ['md5(%text)::uuid'],
    'int[]' => ['(%int[] || %int)', 'array[%int, %int]', 'array_append(%int[], %int)', 'array_remove(%int[], %int)', '%int[][1:2]'],
    'text[]' => ['array[%text, %text]', 'string_to_array(%text, \'b\')', '(%text[] || %text)', '%int[]::text[]'],
    jsonb => ['(%jsonb -> \'k\')', 'to_jsonb(%int)', 'jsonb_build_object(\'x\', %int)', '(%jsonb #> \'{a,0}\')'],
    int4range => ['int4range(1, 1 + abs(%int % 50))', '(%int4range * %int4range)'],
    bytea => ['(%bytea || %bytea)', 'substring(%bytea from 2)', 'sha256(%bytea)'],
    mood => [],
);
my %risky = (
    int => ['(%int / %int)', '(%int % %int)', '%text::int', '%bigint::int', '%numeric::int', '(100 / (%int - 3))'],
    numeric => ['(%numeric / %numeric)', 'sqrt(%numeric)', 'ln(%numeric)', '%float8::numeric', '%text::numeric', '%numeric::numeric(4,2)'],
    date => ['%text::date'],
    text => ['repeat(%text, %int)', 'chr(%int)', 'substring(%text from 1 for %int)'],
    mood => ['%text::mood'],
);
my @predicates = (
    '(%any = %any)', '(%any <> %any)', '(%any < %any)', '(%any >= %any)', '(%any is null)', '(%any is not null)', '(%any is distinct from %any)', '(%any in (%any, %any, %any))', '(%any not in (%any, %any))',
    '(%any between %any and %any)', '(%any = any (array[%any, %any]))', '(nullif(%any, %any) is null)', '(greatest(%any, %any) = %any)', '(least(%any, %any) <= %any)', '(coalesce(%any, %any) = %any)', '(%any > all (array[%any, %any]))',
    '(case when %bool then %any else %any end = %any)', '(case %any when %any then %bool when %any then %bool else %bool end)', '((%any, %int) < (%any, %int))', '((%any, %int) = (%any, %int))',
    '(%text like %text)', '(%text ilike %text)', '(%text not like %text)', '(%text ~ \'^[a-c]\')', '(%text ~* \'B\')', '(%text similar to \'%(b|c)%\')', 'starts_with(%text, %text)', '(%text < %text collate "C")', '((%text collate "C") > %text)', '(tc < %text)', '(%int = any (%int[]))', '(%text = any (%text[]))', '(%int[] @> %int[])', '(%int[] && %int[])',
    '(%jsonb @> %jsonb)', '(%jsonb ? \'k\')', '(%jsonb is not null)', '(%int4range @> %int)', '(%int4range && %int4range)', 'isempty(%int4range)', '%bool', '(not %bool)', '(%bool is true)', '(%bool is not false)', '(%bool is unknown)', '(%date < %timestamptz)', '(%timestamp < %timestamptz)', '(%timestamptz >= %date)', '(%int = %bigint)', '(%int < %numeric)', '(%numeric > %float8)', '(%varchar = %text)', '(%bpchar = %bpchar)', '(to_tsvector(\'english\', %text) @@ to_tsquery(\'english\', \'zebra\'))', 'b1',
    '((%timestamp, %interval) overlaps (%timestamp, %interval))',
);

sub pick { return $_[ rand @_ ] }

my @params;

# A constant: as a literal or, where the expression is read again, a parameter.
sub constant
{
    my ($type) = @_;
    my $value = pick(@{ $constants{$type} });

    push @params, [$type, rand() < 0.08 ? undef : $value];
    return '{' . $#params . '}';
}

sub expand
{
    my ($form, $depth, $risk) = @_;
    my $any = pick(@ordered);

    # here() takes and returns anything
    $form =~ s/%any/%$any/g;
    $form =~ s/jsonb_build_array_of\(%jsonb\)/jsonb_build_array(%jsonb)/;
    $form =~ s/%(bool|int4range|int\[\]|text\[\]|interval|int|bigint|numeric|float8|text|varchar|bpchar|date|timestamptz|timestamp|time|uuid|jsonb|bytea|mood)(?![a-z])/expression($1, $depth - 1, $risk)/ge;
    return $form;
}

sub expression
{
    my ($type, $depth, $risk) = @_;
    my $dice = rand();

    return condition($depth, $risk) if $type eq 'bool' && $depth > 0 && $dice > 0.5;
    if ($depth > 0 && $dice > 0.45)
    {
        my @forms = @{ $forms{$type} // [] };
        push @forms, @{ $risky{$type} // [] } if $risk;
        push @forms, "coalesce(%$type, %$type)", "case when %bool then %$type else %$type end"
          if rand() < 0.15 || !@forms;
        return expand(pick(@forms), $depth, $risk);
    }
    return $dice < 0.2 ? constant($type) : pick(@{ $columns{$type} });
}

sub condition
{
    my ($depth, $risk) = @_;

    if ($depth > 1 && rand() < 0.3)
    {
        my $word = $risk ? 'or' : pick(qw(and or));
        return '(' . condition($depth - 1, $risk) . " $word " . condition($depth - 1, $risk) . ')';
    }
    return expand(pick(@predicates), $depth, $risk);
}

# A condition as text with literals, as text with parameters, the parameters'
# types and their values.
sub make_condition
{
    my $risk = rand() < 0.2;
    my (@types, @values);

    @params = ();
    my $template = condition($risk ? 2 : 3, $risk);
    my @literals = map { (defined $_->[1] ? "'$_->[1]'" : 'NULL') . "::$_->[0]" } @params;
    (my $literal = $template) =~ s/\{(\d+)\}/($literals[$1])/g;
    # every other constant only: a literal beside parameters matters, too
    my $n = 0;
    my %number;
    (my $param = $template) =~ s/\{(\d+)\}/$1 % 3 == 2 ? "($literals[$1])" : do { push @types, $params[$1][0]; push @values, $literals[$1]; '$' . ++$n }/ge;
    return ($literal, $param, join(', ', @types), join(', ', @values));
}

# --- the table ----------------------------------------------------------------

setup('differential');
my $columns = 'id int PRIMARY KEY, b1 bool, b2 bool, i1 int, i2 int, l1 bigint, n1 numeric, n2 numeric(12,3), f1 float8, t1 text, t2 text, tc text COLLATE "C",'
  . ' v1 varchar(20), c1 char(5), d1 date, ts1 timestamp, tz1 timestamptz, tz2 timestamptz, ti1 time, iv1 interval, u1 uuid, ia1 int[], ta1 text[], j1 jsonb, r1 int4range, by1 bytea, m1 mood';
remote(<<"SQL");
DROP SCHEMA IF EXISTS tap_differential CASCADE;
CREATE SCHEMA tap_differential;
SET search_path = tap_differential;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE things ($columns);
INSERT INTO things SELECT g, g % 2 = 0, CASE WHEN g % 5 <> 0 THEN g % 3 = 0 END, g % 10 - 3, CASE WHEN g % 4 <> 0 THEN g * 17 % 50 END, g * 300000000::bigint, g / 3.0 - 5, CASE WHEN g % 6 <> 0 THEN g / 8.0 END,
  CASE g % 9 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' ELSE g / 7.0 - 2 END, (ARRAY['abc','Abc','x','zebra','zebras','äöü','','it''s','100'])[1 + g % 9], CASE WHEN g % 3 <> 0 THEN 'b' || g END, chr(64 + g % 60) || 'a',
  (ARRAY['abc','x','ABC',NULL])[1 + g % 4], (ARRAY['ab','x','',NULL])[1 + g % 4], date '2024-02-25' + g, timestamp '2024-03-30 22:00' + g * interval '40 min', timestamptz '2024-03-30 22:00+00' + g * interval '40 min',
  CASE WHEN g % 7 <> 0 THEN timestamptz '2024-10-26 22:00+00' + g * interval '30 min' END, time '00:00' + g * interval '17 min', (g - 20) * interval '11 hours', md5(g::text)::uuid, ARRAY[g % 4, NULL, g], ARRAY['abc', 'b' || g % 3],
  CASE g % 5 WHEN 0 THEN '"s"' WHEN 1 THEN '[1, "x"]' WHEN 2 THEN NULL ELSE jsonb_build_object('k', g % 3, 'a', ARRAY[g]) END, int4range(g % 7, g % 7 + g % 4), decode(md5(g::text), 'hex'), (ARRAY['sad', 'ok', 'happy', NULL])[1 + g % 4]::mood
  FROM generate_series(1, 40) g;
INSERT INTO things (id) VALUES (41);
SQL
value(<<"SQL");
CREATE SCHEMA ft;
CREATE SCHEMA copy;
IMPORT FOREIGN SCHEMA tap_differential FROM SERVER neon INTO ft OPTIONS (import_collate 'true');
CREATE TABLE copy.things AS SELECT * FROM ft.things;
CREATE FUNCTION here(anyelement) RETURNS anyelement LANGUAGE plpgsql STABLE AS 'BEGIN RETURN \$1; END';
CREATE TABLE conditions (n serial, literal text, param text, types text, args text, zone text, difference text, shipped bool);
CREATE FUNCTION rows_of(schema text, condition text, types text, args text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
  row record;
  result text := '';
  query text := format('SELECT id FROM %I.things WHERE %s', schema, condition);
BEGIN
  IF types <> '' THEN
    EXECUTE format('PREPARE q(%s) AS %s', types, query);
    query := format('EXECUTE q(%s)', args);
  END IF;
  FOR row IN EXECUTE query LOOP
    result := result || ' ' || row.id;
  END LOOP;
  IF types <> '' THEN
    DEALLOCATE q;
  END IF;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  IF EXISTS (SELECT 1 FROM pg_prepared_statements WHERE name = 'q') THEN
    DEALLOCATE q;
  END IF;
  RETURN 'error ' || SQLSTATE || ' ' || SQLERRM;
END \$\$;
CREATE FUNCTION sorted(rows text) RETURNS text LANGUAGE sql AS
  \$\$ SELECT CASE WHEN rows LIKE 'error %' THEN left(rows, 11) ELSE (SELECT string_agg(r, ' ' ORDER BY r::int) FROM regexp_split_to_table(trim(rows), ' ') r WHERE r <> '') END \$\$;
CREATE FUNCTION difference(c conditions) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
  expected text;
  found text;
  pushdown text;
  params bool;
BEGIN
  PERFORM set_config('timezone', c.zone, true);
  FOREACH params IN ARRAY ARRAY[false, true] LOOP
    expected := rows_of('copy', CASE WHEN params THEN c.param ELSE c.literal END, CASE WHEN params THEN c.types ELSE '' END, c.args);
    FOREACH pushdown IN ARRAY ARRAY['off', 'on'] LOOP
      PERFORM set_config('neon_http_fdw.statement_pushdown', pushdown, true);
      found := rows_of('ft', CASE WHEN params THEN c.param ELSE c.literal END, CASE WHEN params THEN c.types ELSE '' END, c.args);
      IF sorted(found) IS DISTINCT FROM sorted(expected) THEN
        RETURN format('pushdown %s, parameters %s: got %s, expected %s', pushdown, params, found, expected);
      END IF;
    END LOOP;
  END LOOP;
  RETURN NULL;
END \$\$;
CREATE FUNCTION is_shipped(condition text) RETURNS bool LANGUAGE plpgsql AS \$\$
DECLARE
  line text;
  remote bool := false;
BEGIN
  SET LOCAL neon_http_fdw.statement_pushdown = off;
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM ft.things WHERE ' || condition LOOP
    remote := (remote OR line LIKE '%Remote SQL% WHERE %') AND line NOT LIKE '% Filter: %';
  END LOOP;
  RETURN remote;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END \$\$;
SQL

# --- the comparison -----------------------------------------------------------

my @zones = ('UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Europe/Berlin');
my $script = "LOAD 'neon_http_fdw';\nSET search_path = public, ft;\nSET plan_cache_mode = force_generic_plan;\nSET statement_timeout = '30min';\nCOPY conditions (literal, param, types, args, zone) FROM stdin;\n";
foreach my $n (1 .. $count)
{
    my @fields = make_condition();
    s/([\\\t\n])/\\$1/g foreach @fields;
    $script .= join("\t", @fields, pick(@zones)) . "\n";
}
$script .= "\\.\nUPDATE conditions c SET difference = difference(c), shipped = is_shipped(literal);\n"
  . "SELECT n || E'\\t' || coalesce(shipped::text, 'null') || E'\\t' || replace(literal, E'\\n', ' ') || E'\\t' || coalesce(difference, '') FROM conditions ORDER BY n;\n"
  . "SELECT 'errors ' || count(*) FROM conditions WHERE rows_of('copy', literal, '', '') LIKE 'error %';\n";
my ($status, $out, $err) = psql($script);
is($status, 0, "seed $seed: $count conditions are compared") or diag($err);
my ($shipped, $errors) = (0, 0);
foreach my $line (split /\n/, $out)
{
    $errors = $1 if $line =~ /^errors (\d+)/;
    my ($n, $is_shipped, $condition, $difference) = split /\t/, $line, -1;
    next unless defined $difference;
    $shipped++ if $is_shipped eq 'true';
    is($difference, '', $condition);
}
cmp_ok($shipped, '>', $count / 3, "$shipped of them run remotely as a whole");
cmp_ok($errors, '<', $count / 3, "$errors of them are errors");
remote('DROP SCHEMA tap_differential CASCADE');
done_testing();
