-- ordered
SELECT q.country, q.band, q.n,
  sum(q.n) OVER (PARTITION BY q.country ORDER BY q.band) AS running
FROM (
  SELECT c.country, width_bucket(s.sum, 0, 60000, 6) AS band, count(*) AS n
  FROM customers c
  JOIN (SELECT customer_id, sum(total) FROM orders GROUP BY 1
        HAVING count(*) > 1) s ON s.customer_id = c.id
  WHERE c.id IN (SELECT customer_id FROM page_views
                 WHERE customer_id IS NOT NULL)
  GROUP BY 1, 2
) q
WHERE q.n > 1
ORDER BY 1, 2;
