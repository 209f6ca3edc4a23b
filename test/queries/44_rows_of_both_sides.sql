-- ordered
-- mixed: a table of catalogs is local
WITH best AS (
  SELECT customer_id, sum(total) AS sum, rank() OVER (ORDER BY sum(total) DESC)
  FROM orders GROUP BY customer_id
), kinds AS (
  SELECT typname::text AS country FROM pg_catalog.pg_type
  UNION SELECT 'DE' UNION SELECT 'FR'
)
SELECT c.name, b.sum, b.rank
FROM best b JOIN customers c ON c.id = b.customer_id
JOIN kinds k ON k.country = c.country::text
WHERE b.rank <= 100
ORDER BY b.rank, c.id;
