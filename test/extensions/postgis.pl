# PostGIS, which is in another schema on the remote.
use strict;
use warnings;
use Test::More;
use NeonTest;
use ExtensionTest;

extension_setup('postgis', <<'SQL', 'place', 'area');
CREATE TABLE place (id int PRIMARY KEY, name text, at geometry(Point, 4326), g geography(Point, 4326));
INSERT INTO place SELECT i, 'place ' || i, p, p::geography FROM (SELECT i, ST_SetSRID(ST_MakePoint((i * 37 % 3600) / 10.0 - 180, (i * 53 % 1700) / 10.0 - 85), 4326) AS p FROM generate_series(1, 5000) i) s;
CREATE INDEX place_at ON place USING gist (at);
CREATE INDEX place_g ON place USING gist (g);
CREATE TABLE area (id int PRIMARY KEY, shape geometry);
INSERT INTO area SELECT i, ST_Buffer(ST_SetSRID(ST_MakePoint(i * 20 - 100, i * 5), 4326), 12) FROM generate_series(1, 9) i;
CREATE INDEX area_shape ON area USING gist (shape);
ANALYZE place; ANALYZE area;
SQL
like(value("SELECT array_to_string(srvoptions, ' ') FROM pg_foreign_server WHERE srvname = 'neon'"), qr/extension_schemas=.*postgis=ext/, 'the import has found the schema');

my $point = q{ST_SetSRID(ST_MakePoint(13.4, 52.5), 4326)};
my $knn = "SELECT id, name FROM place ORDER BY at <-> $point, id LIMIT 5";
my $near = "SELECT id FROM place WHERE ST_DWithin(at, $point, 8) ORDER BY id";
my $metres = "SELECT id, round(ST_Distance(g, ${point}::geography)) FROM place WHERE ST_DWithin(g, ${point}::geography, 900000) ORDER BY 2, 1";
my $box = q{SELECT id, ST_AsText(at) FROM place WHERE at && ST_MakeEnvelope(10, 40, 30, 60, 4326) ORDER BY id};
my $inside = 'SELECT a.id, count(*), round(sum(ST_X(p.at))::numeric, 6) FROM area a JOIN place p ON ST_Contains(a.shape, p.at) GROUP BY a.id ORDER BY a.id';

same('nearest', $knn, 'OPERATOR\(ext\.<->\)');
same('ST_DWithin', $near, 'ext\.st_dwithin');
same('ST_DWithin of geography', $metres, 'ext\.st_dwithin');
same('&&', $box, 'OPERATOR\(ext\.&&\)');
same('ST_Contains in a join', $inside, 'ext\.st_contains');
same('the nearest of each area', 'SELECT a.id, n.id FROM area a CROSS JOIN LATERAL (SELECT p.id FROM place p ORDER BY p.at <-> ST_Centroid(a.shape), p.id LIMIT 2) n ORDER BY 1, 2');
same('a union', 'SELECT ST_AsText(ST_Envelope(ST_Union(shape))) FROM area WHERE id < 4');
same('a cast', q{SELECT id, at::text, ST_AsGeoJSON(at) FROM place WHERE at = 'SRID=4326;POINT(-176.3 -79.7)'::geometry});
uses_index('nearest', "SELECT id FROM place ORDER BY at <-> $point LIMIT 5", 'place_at');
uses_index('ST_DWithin', $near =~ s/ ORDER BY id//r, 'place_at');
uses_index('ST_DWithin of geography', $metres =~ s/ ORDER BY 2, 1//r, 'place_g');
uses_index('&&', $box =~ s/ ORDER BY id//r, 'place_at');
same('local rows', "SELECT c.id, p.id FROM copy.area c JOIN place p ON ST_DWithin(p.at, ST_Centroid(c.shape), 5) ORDER BY 1, 2");

value(q{SET search_path = there, public; UPDATE place SET at = ST_Translate(at, 1, 0) WHERE ST_DWithin(at, } . $point . q{, 8)});
value(q{SET search_path = copy, public; UPDATE place SET at = ST_Translate(at, 1, 0) WHERE ST_DWithin(at, } . $point . q{, 8)});
value("SET search_path = there, public; INSERT INTO place (id, at) VALUES (9001, $point), (9002, 'SRID=4326;POINT(1 2)'); INSERT INTO place (id, at) SELECT id + 9100, ST_Centroid(shape) FROM copy.area");
value("SET search_path = copy, public; INSERT INTO place (id, at) VALUES (9001, $point), (9002, 'SRID=4326;POINT(1 2)'); INSERT INTO place (id, at) SELECT id + 9100, ST_Centroid(shape) FROM copy.area");
same('what was written', 'SELECT id, at FROM place ORDER BY id');

done_testing();
