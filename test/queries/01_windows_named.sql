-- ordered
SELECT id, customer_id, total,
  row_number() OVER w AS n,
  sum(total) OVER (w ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS last3,
  lag(total, 1, 0) OVER w AS before,
  first_value(id) OVER (w RANGE UNBOUNDED PRECEDING) AS first,
  nth_value(total, 2) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING
    AND UNBOUNDED FOLLOWING) AS second
FROM orders
WHERE customer_id % 50 = 1
WINDOW w AS (PARTITION BY customer_id ORDER BY placed_at, id)
ORDER BY customer_id, n;
