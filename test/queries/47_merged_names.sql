-- ordered
-- mixed: a merged column has no name but that of another output column
SELECT s.n, s.id
FROM (SELECT id AS n, -id AS id
      FROM products FULL JOIN nodes USING (id)
      ORDER BY n LIMIT 20) s
ORDER BY s.n;
