-- TPC-H data, made from the published specification (TPC-H revision 3,
-- clause 4.2) by generate_series: schema tpch of the database it runs in.
--
--   psql -v sf=0.1 -f generate.sql
--
-- Every value is a hash of its key and a number of its column, so that a
-- scale factor always gives the same rows.  Keys, cardinalities, domains and
-- the rules between columns are the specification's; texts are made of its
-- words by a simpler grammar, so the data is not that of TPC's own generator.

\set ON_ERROR_STOP on
\if :{?sf}
\else
\set sf 0.1
\endif

SET client_min_messages = warning;
SET timezone = 'UTC';
DROP SCHEMA IF EXISTS tpch, tpch_generator CASCADE;
CREATE SCHEMA tpch;
COMMENT ON SCHEMA tpch IS 'TPC-H, being generated';
CREATE SCHEMA tpch_generator;
SET search_path = tpch_generator, pg_catalog;

SELECT greatest(1, round(:sf * 10000))::int AS suppliers,
  greatest(1, round(:sf * 200000))::int AS parts,
  greatest(3, round(:sf * 150000))::int AS customers,
  greatest(1, round(:sf * 1500000))::int AS orders,
  greatest(1, round(:sf * 1000))::int AS clerks,
  greatest(2, round(:sf * 5))::int AS better_business
\gset

-- These are inlined, so that no call is left.

-- Uniform in [low, high] for a key and the number of a column.
CREATE FUNCTION uniform(low int, high int, key bigint, col int) RETURNS int
LANGUAGE sql IMMUTABLE AS
'SELECT low + ((hashint8extended(key, col) & 9223372036854775807)
   % (high - low + 1))::int';

CREATE FUNCTION pick(list text[], key bigint, col int) RETURNS text
LANGUAGE sql IMMUTABLE AS
'SELECT list[uniform(1, cardinality(list), key, col)]';

-- v-string: letters, digits and some punctuation.
CREATE FUNCTION v_string(low int, high int, key bigint, col int) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$SELECT left(translate(encode(decode(md5(key || '/' || col)
   || md5(col || '/' || key), 'hex'), 'base64'), '+/=', ', .'),
   uniform(low, high, key, col))$$;

CREATE FUNCTION phone(nation int, key bigint, col int) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$SELECT (nation + 10) || '-' || uniform(100, 999, key, col) || '-'
   || uniform(100, 999, key, col + 1) || '-'
   || uniform(1000, 9999, key, col + 2)$$;

-- The one of the four suppliers of a part.
CREATE FUNCTION supplier_of(part int, nth int, suppliers int) RETURNS int
LANGUAGE sql IMMUTABLE AS
'SELECT (part + nth * (suppliers / 4 + (part - 1) / suppliers))
   % suppliers + 1';

CREATE FUNCTION retail_price(part int) RETURNS numeric
LANGUAGE sql IMMUTABLE AS
'SELECT (90000 + (part / 10) % 20001 + 100 * (part % 1000)) / 100.0';

-- Sentences to cut comments from.
CREATE TABLE words AS SELECT
  string_to_array('foxes ideas theodolites pinto-beans instructions dependencies excuses platelets asymptotes courts dolphins multipliers sauternes warthogs frets dinos attainments somas Tiresias'' patterns forges braids hockey-players frays warhorses dugouts notornis epitaphs pearls tithes waters orbits gifts sheaves depths sentiments decoys realms pains grouches escapades packages requests accounts deposits', ' ') AS nouns,
  string_to_array('sleep wake are cajole haggle nag use boost affix detect integrate maintain nod was lose sublate solve thrash promise engage hinder print x-ray breach eat grow impress mold poach serve run dazzle snooze doze unwind kindle play hang believe doubt', ' ') AS verbs,
  string_to_array('furious sly careful blithe quick fluffy slow quiet ruthless thin close dogged daring brave stealthy permanent enticing idle busy regular final ironic even bold silent special pending unusual express', ' ') AS adjectives,
  string_to_array('sometimes always never furiously slyly carefully blithely quickly fluffily slowly quietly ruthlessly thinly closely doggedly daringly bravely stealthily permanently enticingly idly busily regularly finally ironically evenly boldly silently', ' ') AS adverbs,
  string_to_array('about,above,according to,across,after,against,along,alongside of,among,around,at,atop,before,behind,beneath,beside,besides,between,beyond,by,despite,during,except,for,from,in place of,inside,instead of,into,near,of,on,outside,over,past,since,through,throughout,to,toward,under,until,up,upon,without,with,within', ',') AS prepositions;

CREATE TABLE sentences AS
SELECT i, pick(adjectives, i, 901) || ' ' || pick(nouns, i, 902) || ' '
  || CASE i % 3
     WHEN 0 THEN pick(verbs, i, 903) || ' ' || pick(prepositions, i, 904)
       || ' the ' || pick(adjectives, i, 905) || ' ' || pick(nouns, i, 906)
     WHEN 1 THEN pick(adverbs, i, 907) || ' ' || pick(verbs, i, 903)
       || ' ' || pick(adjectives, i, 905) || ', ' || pick(nouns, i, 906)
     ELSE pick(verbs, i, 903) || ' ' || pick(adverbs, i, 907) || ' '
       || pick(prepositions, i, 904) || ' ' || pick(nouns, i, 906)
     END || '. ' AS text
FROM words, generate_series(0, 8191) i;

-- All sentences one after the other in pages that are cheap to cut from: a
-- comment is a piece of a page.
CREATE TABLE pages AS
SELECT i, left((SELECT string_agg(text, '' ORDER BY s.i)
                FROM sentences s WHERE s.i BETWEEN p.i * 2 AND p.i * 2 + 8),
               260) AS text
FROM generate_series(0, 4091) AS p(i);
ALTER TABLE pages ADD PRIMARY KEY (i);
ANALYZE pages;

CREATE FUNCTION comment_of(page text, low int, high int, key bigint, col int)
RETURNS text LANGUAGE sql IMMUTABLE AS
'SELECT substr(page, uniform(1, 50, key, col),
   uniform(low, high, key, col + 1))';

CREATE TABLE tpch.region (
  r_regionkey integer NOT NULL,
  r_name char(25) NOT NULL,
  r_comment varchar(152)
);
CREATE TABLE tpch.nation (
  n_nationkey integer NOT NULL,
  n_name char(25) NOT NULL,
  n_regionkey integer NOT NULL,
  n_comment varchar(152)
);
CREATE TABLE tpch.supplier (
  s_suppkey integer NOT NULL,
  s_name char(25) NOT NULL,
  s_address varchar(40) NOT NULL,
  s_nationkey integer NOT NULL,
  s_phone char(15) NOT NULL,
  s_acctbal numeric(15,2) NOT NULL,
  s_comment varchar(101) NOT NULL
);
CREATE TABLE tpch.part (
  p_partkey integer NOT NULL,
  p_name varchar(55) NOT NULL,
  p_mfgr char(25) NOT NULL,
  p_brand char(10) NOT NULL,
  p_type varchar(25) NOT NULL,
  p_size integer NOT NULL,
  p_container char(10) NOT NULL,
  p_retailprice numeric(15,2) NOT NULL,
  p_comment varchar(23) NOT NULL
);
CREATE TABLE tpch.partsupp (
  ps_partkey integer NOT NULL,
  ps_suppkey integer NOT NULL,
  ps_availqty integer NOT NULL,
  ps_supplycost numeric(15,2) NOT NULL,
  ps_comment varchar(199) NOT NULL
);
CREATE TABLE tpch.customer (
  c_custkey integer NOT NULL,
  c_name varchar(25) NOT NULL,
  c_address varchar(40) NOT NULL,
  c_nationkey integer NOT NULL,
  c_phone char(15) NOT NULL,
  c_acctbal numeric(15,2) NOT NULL,
  c_mktsegment char(10) NOT NULL,
  c_comment varchar(117) NOT NULL
);
CREATE TABLE tpch.orders (
  o_orderkey integer NOT NULL,
  o_custkey integer NOT NULL,
  o_orderstatus char(1) NOT NULL,
  o_totalprice numeric(15,2) NOT NULL,
  o_orderdate date NOT NULL,
  o_orderpriority char(15) NOT NULL,
  o_clerk char(15) NOT NULL,
  o_shippriority integer NOT NULL,
  o_comment varchar(79) NOT NULL
);
CREATE TABLE tpch.lineitem (
  l_orderkey integer NOT NULL,
  l_partkey integer NOT NULL,
  l_suppkey integer NOT NULL,
  l_linenumber integer NOT NULL,
  l_quantity numeric(15,2) NOT NULL,
  l_extendedprice numeric(15,2) NOT NULL,
  l_discount numeric(15,2) NOT NULL,
  l_tax numeric(15,2) NOT NULL,
  l_returnflag char(1) NOT NULL,
  l_linestatus char(1) NOT NULL,
  l_shipdate date NOT NULL,
  l_commitdate date NOT NULL,
  l_receiptdate date NOT NULL,
  l_shipinstruct char(25) NOT NULL,
  l_shipmode char(10) NOT NULL,
  l_comment varchar(44) NOT NULL
);

INSERT INTO tpch.region
SELECT i, (ARRAY['AFRICA','AMERICA','ASIA','EUROPE','MIDDLE EAST'])[i + 1],
  comment_of(text, 31, 115, i, 101)
FROM generate_series(0, 4) i JOIN pages USING (i);

INSERT INTO tpch.nation
SELECT key, name, region, comment_of(text, 31, 114, key, 111)
FROM (VALUES (0, 'ALGERIA', 0), (1, 'ARGENTINA', 1), (2, 'BRAZIL', 1),
  (3, 'CANADA', 1), (4, 'EGYPT', 4), (5, 'ETHIOPIA', 0), (6, 'FRANCE', 3),
  (7, 'GERMANY', 3), (8, 'INDIA', 2), (9, 'INDONESIA', 2), (10, 'IRAN', 4),
  (11, 'IRAQ', 4), (12, 'JAPAN', 2), (13, 'JORDAN', 4), (14, 'KENYA', 0),
  (15, 'MOROCCO', 0), (16, 'MOZAMBIQUE', 0), (17, 'PERU', 1),
  (18, 'CHINA', 2), (19, 'ROMANIA', 3), (20, 'SAUDI ARABIA', 4),
  (21, 'VIETNAM', 2), (22, 'RUSSIA', 3), (23, 'UNITED KINGDOM', 3),
  (24, 'UNITED STATES', 1)) AS n(key, name, region)
JOIN pages ON i = key + 5;

-- A few suppliers' comments hold a complaint or a recommendation.
INSERT INTO tpch.supplier
SELECT key, 'Supplier#' || lpad(key::text, 9, '0'),
  v_string(10, 40, key, 201), nation, phone(nation, key, 203),
  uniform(-99999, 999999, key, 206) / 100.0,
  CASE WHEN key % (:suppliers / :better_business) = 3
    THEN 'blithely Customer ' || left(text, 30) || 'Complaints'
  WHEN key % (:suppliers / :better_business) = 7
    THEN 'slyly Customer ' || left(text, 30) || 'Recommends'
  ELSE comment_of(text, 25, 100, key, 207) END
FROM (SELECT key, uniform(0, 24, key, 202) AS nation,
        uniform(0, 4091, key, 209) AS page
      FROM generate_series(1, :suppliers) key) s
JOIN pages ON i = page;

INSERT INTO tpch.part
SELECT key,
  (SELECT string_agg(color, ' ' ORDER BY rank)
   FROM (SELECT color, hashtextextended(color, key) AS rank
         FROM unnest(colors) AS color ORDER BY rank LIMIT 5) c),
  'Manufacturer#' || mfgr, 'Brand#' || mfgr || uniform(1, 5, key, 302),
  pick('{STANDARD,SMALL,MEDIUM,LARGE,ECONOMY,PROMO}', key, 303) || ' '
    || pick('{ANODIZED,BURNISHED,PLATED,POLISHED,BRUSHED}', key, 304) || ' '
    || pick('{TIN,NICKEL,BRASS,STEEL,COPPER}', key, 305),
  uniform(1, 50, key, 306),
  pick('{SM,LG,MED,JUMBO,WRAP}', key, 307) || ' '
    || pick('{CASE,BOX,BAG,JAR,PKG,PACK,CAN,DRUM}', key, 308),
  retail_price(key), comment_of(text, 5, 22, key, 309)
FROM (SELECT key, uniform(1, 5, key, 301) AS mfgr,
        uniform(0, 4091, key, 311) AS page,
        string_to_array('almond antique aquamarine azure beige bisque black blanched blue blush brown burlywood burnished chartreuse chiffon chocolate coral cornflower cornsilk cream cyan dark deep dim dodger drab firebrick floral forest frosted gainsboro ghost goldenrod green grey honeydew hot indian ivory khaki lace lavender lawn lemon light lime linen magenta maroon medium metallic midnight mint misty moccasin navajo navy olive orange orchid pale papaya peach peru pink plum powder puff purple red rose rosy royal saddle salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle tomato turquoise violet wheat white yellow', ' ') AS colors
      FROM generate_series(1, :parts) key) p
JOIN pages ON i = page;

INSERT INTO tpch.partsupp
SELECT part, supplier_of(part, nth, :suppliers),
  uniform(1, 9999, key, 401), uniform(100, 100000, key, 402) / 100.0,
  comment_of(text, 49, 198, key, 403)
FROM (SELECT part, nth, part * 4::bigint + nth AS key,
        uniform(0, 4091, part * 4::bigint + nth, 405) AS page
      FROM generate_series(1, :parts) part, generate_series(0, 3) nth) ps
JOIN pages ON i = page;

INSERT INTO tpch.customer
SELECT key, 'Customer#' || lpad(key::text, 9, '0'),
  v_string(10, 40, key, 501), nation, phone(nation, key, 503),
  uniform(-99999, 999999, key, 506) / 100.0,
  pick('{AUTOMOBILE,BUILDING,FURNITURE,MACHINERY,HOUSEHOLD}', key, 507),
  comment_of(text, 29, 116, key, 508)
FROM (SELECT key, uniform(0, 24, key, 502) AS nation,
        uniform(0, 4091, key, 510) AS page
      FROM generate_series(1, :customers) key) c
JOIN pages ON i = page;

-- Of each 32 order keys the first 8 are used.  No order has a customer whose
-- key is a multiple of 3.
CREATE TEMPORARY TABLE new_orders AS
SELECT n AS key, ((n - 1) / 8 * 32 + (n - 1) % 8 + 1) AS orderkey,
  least(customer + CASE WHEN customer % 3 = 0 THEN 1 ELSE 0 END,
        :customers - CASE WHEN :customers % 3 = 0 THEN 1 ELSE 0 END)
    AS custkey,
  date '1992-01-01' + uniform(0, 2405, n, 602) AS orderdate,
  uniform(1, 7, n, 603) AS lines
FROM (SELECT n, uniform(1, :customers, n, 601) AS customer
      FROM generate_series(1, :orders) n) o;

INSERT INTO tpch.lineitem
SELECT orderkey, part, supplier_of(part, uniform(0, 3, key, 702), :suppliers),
  line, quantity, quantity * retail_price(part),
  uniform(0, 10, key, 704) / 100.0, uniform(0, 8, key, 705) / 100.0,
  CASE WHEN receipt > date '1995-06-17' THEN 'N'
    ELSE pick('{R,A}', key, 709) END,
  CASE WHEN ship > date '1995-06-17' THEN 'O' ELSE 'F' END,
  ship, orderdate + uniform(30, 90, key, 707), receipt,
  pick('{DELIVER IN PERSON,COLLECT COD,NONE,TAKE BACK RETURN}', key, 710),
  pick('{REG AIR,AIR,RAIL,SHIP,TRUCK,MAIL,FOB}', key, 711),
  comment_of(text, 10, 43, key, 712)
FROM (SELECT orderkey, orderdate, line, key * 8 + line AS key,
        uniform(1, :parts, key * 8 + line, 701) AS part,
        uniform(1, 50, key * 8 + line, 703) AS quantity,
        orderdate + uniform(1, 121, key * 8 + line, 706) AS ship,
        orderdate + uniform(1, 121, key * 8 + line, 706)
          + uniform(1, 30, key * 8 + line, 708) AS receipt,
        uniform(0, 4091, key * 8 + line, 714) AS page
      FROM (SELECT key::bigint, orderkey, orderdate, lines
            FROM new_orders) o,
        generate_series(1, lines) line) l
JOIN pages ON i = page;

INSERT INTO tpch.orders
SELECT orderkey, custkey, status, total, orderdate,
  pick('{1-URGENT,2-HIGH,3-MEDIUM,4-NOT SPECIFIED,5-LOW}', key, 604),
  'Clerk#' || lpad(uniform(1, :clerks, key, 605)::text, 9, '0'), 0,
  comment_of(text, 19, 78, key, 606)
FROM new_orders
JOIN (SELECT l_orderkey AS orderkey,
        CASE WHEN min(l_linestatus) = max(l_linestatus)
          THEN min(l_linestatus) ELSE 'P' END AS status,
        sum(l_extendedprice * (1 + l_tax) * (1 - l_discount)) AS total
      FROM tpch.lineitem GROUP BY 1) t USING (orderkey)
JOIN pages ON i = uniform(0, 4091, key, 608);

DROP SCHEMA tpch_generator CASCADE;
SET search_path = tpch;

ALTER TABLE region ADD PRIMARY KEY (r_regionkey);
ALTER TABLE nation ADD PRIMARY KEY (n_nationkey);
ALTER TABLE supplier ADD PRIMARY KEY (s_suppkey);
ALTER TABLE part ADD PRIMARY KEY (p_partkey);
ALTER TABLE partsupp ADD PRIMARY KEY (ps_partkey, ps_suppkey);
ALTER TABLE customer ADD PRIMARY KEY (c_custkey);
ALTER TABLE orders ADD PRIMARY KEY (o_orderkey);
ALTER TABLE lineitem ADD PRIMARY KEY (l_orderkey, l_linenumber);
ALTER TABLE nation ADD FOREIGN KEY (n_regionkey) REFERENCES region;
ALTER TABLE supplier ADD FOREIGN KEY (s_nationkey) REFERENCES nation;
ALTER TABLE partsupp ADD FOREIGN KEY (ps_partkey) REFERENCES part,
  ADD FOREIGN KEY (ps_suppkey) REFERENCES supplier;
ALTER TABLE customer ADD FOREIGN KEY (c_nationkey) REFERENCES nation;
ALTER TABLE orders ADD FOREIGN KEY (o_custkey) REFERENCES customer;
ALTER TABLE lineitem ADD FOREIGN KEY (l_orderkey) REFERENCES orders,
  ADD FOREIGN KEY (l_partkey, l_suppkey)
    REFERENCES partsupp (ps_partkey, ps_suppkey);
CREATE INDEX ON supplier (s_nationkey);
CREATE INDEX ON partsupp (ps_suppkey);
CREATE INDEX ON customer (c_nationkey);
CREATE INDEX ON orders (o_custkey);
CREATE INDEX ON orders (o_orderdate);
CREATE INDEX ON lineitem (l_partkey, l_suppkey);
CREATE INDEX ON lineitem (l_suppkey);
CREATE INDEX ON lineitem (l_shipdate);
VACUUM ANALYZE region, nation, supplier, part, partsupp, customer, orders,
  lineitem;
-- says that the schema is complete
COMMENT ON SCHEMA tpch IS :'sf';
