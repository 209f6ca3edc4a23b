SELECT a.id, u.label, u.n, r.rating, r.m
FROM articles a
CROSS JOIN LATERAL unnest(a.labels) WITH ORDINALITY AS u(label, n)
LEFT JOIN LATERAL unnest(a.ratings) WITH ORDINALITY AS r(rating, m)
  ON r.m = u.n
WHERE a.id % 3 = 0;
