-- ordered
WITH spent AS (
  SELECT customer_id, sum(total) AS sum, count(*) AS n
  FROM orders WHERE status IN ('paid', 'shipped', 'delivered')
  GROUP BY customer_id
), best AS MATERIALIZED (
  SELECT * FROM spent WHERE sum > (SELECT avg(sum) * 2 FROM spent)
), names AS NOT MATERIALIZED (
  SELECT id, name, country FROM customers
)
SELECT b.customer_id, n.name, b.sum, s.n,
  (SELECT count(*) FROM best) AS among
FROM best b JOIN spent s USING (customer_id)
JOIN names n ON n.id = b.customer_id
WHERE EXISTS (SELECT FROM names m WHERE m.country = n.country
  AND m.id < n.id)
ORDER BY b.sum DESC, b.customer_id;
