# pgvector, which is in another schema on the remote.
use strict;
use warnings;
use Test::More;
use NeonTest;
use ExtensionTest;

extension_setup('vector', <<'SQL', 'item');
CREATE TABLE item (id int PRIMARY KEY, kind int, emb vector(3), half halfvec(3), bits bit(8));
INSERT INTO item SELECT i, i % 5, v::vector, v::halfvec, (i % 256)::bit(8) FROM (SELECT i, ARRAY[sin(i), cos(i * 2), sin(i * 3)]::real[] AS v FROM generate_series(1, 3000) i) s;
CREATE INDEX item_emb ON item USING hnsw (emb vector_l2_ops);
CREATE INDEX item_cosine ON item USING hnsw (emb vector_cosine_ops);
CREATE INDEX item_half ON item USING hnsw (half halfvec_l2_ops);
ANALYZE item;
SQL
like(value("SELECT array_to_string(srvoptions, ' ') FROM pg_foreign_server WHERE srvname = 'neon'"), qr/extension_schemas=.*vector=ext/, 'the import has found the schema');
like(value(q{SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'there.item'::regclass AND attname = 'emb'}), qr/vector/, 'a column has the type');

# exact results: an index of pgvector returns approximate ones
remote('ALTER ROLE CURRENT_USER SET enable_indexscan = off');
my $knn = q{SELECT id, kind FROM item ORDER BY emb <-> '[0.1,0.2,0.3]', id LIMIT 5};
my $cosine = q{SELECT id FROM item WHERE kind = 2 ORDER BY emb <=> '[1,2,3]'::vector, id LIMIT 5};
my $half = q{SELECT id FROM item ORDER BY half <-> '[0.1,0.2,0.3]', id LIMIT 5};

same('nearest', $knn, 'OPERATOR\(ext\.<->\)');
same('by cosine', $cosine, 'OPERATOR\(ext\.<=>\)');
same('inner product', q{SELECT id, round((emb <#> '[1,0,0]')::numeric, 4) FROM item ORDER BY emb <#> '[1,0,0]', id LIMIT 5}, 'OPERATOR\(ext\.<#>\)');
same('half precision', $half, 'OPERATOR\(ext\.<->\)');
same('a distance as a condition', q{SELECT id FROM item WHERE emb <-> '[0.8,0.8,0.8]' < 0.7 ORDER BY id}, 'OPERATOR\(ext\.<->\)');
same('functions', q{SELECT id, vector_dims(emb), round(l2_distance(emb, '[1,1,1]')::numeric, 4), round(vector_norm(emb)::numeric, 4) FROM item WHERE id < 9 ORDER BY id});
same('aggregates', q{SELECT kind, vector_dims(avg(emb)), count(*) FROM item GROUP BY kind ORDER BY kind});
same('the nearest of each', 'SELECT a.id, n.id FROM item a CROSS JOIN LATERAL (SELECT b.id FROM item b WHERE b.id <> a.id ORDER BY b.emb <-> a.emb, b.id LIMIT 2) n WHERE a.id < 6 ORDER BY 1, 2');
same('local rows', q{SELECT c.id, n.id FROM copy.item c CROSS JOIN LATERAL (SELECT id FROM item ORDER BY emb <-> c.emb, id LIMIT 1) n WHERE c.id < 4 ORDER BY 1});
uses_index('nearest', q{SELECT id FROM item ORDER BY emb <-> '[0.1,0.2,0.3]' LIMIT 5}, 'item_emb');
uses_index('by cosine', q{SELECT id FROM item ORDER BY emb <=> '[1,2,3]' LIMIT 5}, 'item_cosine');
uses_index('half precision', q{SELECT id FROM item ORDER BY half <-> '[1,2,3]' LIMIT 5}, 'item_half');

foreach my $schema ('there', 'copy')
{
    value(qq{SET search_path = $schema, public; UPDATE item SET emb = emb + '[1,1,1]' WHERE emb <-> '[0.8,0.8,0.8]' < 0.7});
    value(qq{SET search_path = $schema, public; INSERT INTO item (id, emb) VALUES (9001, '[1,2,3]'), (9002, ARRAY[4,5,6]::vector); INSERT INTO item (id, half) SELECT id + 9100, half FROM copy.item WHERE id < 9});
}
same('what was written', 'SELECT id, emb, half FROM item ORDER BY id');

remote('ALTER ROLE CURRENT_USER RESET enable_indexscan');
done_testing();
