-- ordered
SELECT id, generate_series(1, cardinality(ratings)) AS n,
  unnest(ratings) AS rating, regexp_split_to_table(title, ' ') AS word
FROM articles
WHERE id < 12
ORDER BY id, n NULLS LAST, rating NULLS LAST, word NULLS LAST;
