-- ordered
SELECT id, title, ts_rank(words, q, 0) > 0.1 AS ranked,
  words @@ to_tsquery('pg_catalog.english', 'title:* | runners') AS other,
  numnode(q) AS nodes, strip(words) AS stripped, length(words) AS lexemes
FROM articles, to_tsquery('pg_catalog.english', 'run & !dog') AS q
WHERE words @@ q
ORDER BY id;
