-- ordered
SELECT id, labels, cardinality(ratings) AS n, ratings[2:3] AS part,
  matrix[2][1] AS cell, array_length(matrix, 1) AS height,
  labels || ARRAY['x'] AS longer, array_position(labels, 'l1') AS at,
  ratings && ARRAY[1, 5] AS overlaps, ratings @> ARRAY[2] AS contains,
  3 = ANY (ratings) AS has3, 0 < ALL (ratings) AS positive,
  array_remove(ratings, 1) AS rest
FROM articles
WHERE labels IS NULL OR labels[1] = 'l2' OR ratings = '{}'
ORDER BY id;
