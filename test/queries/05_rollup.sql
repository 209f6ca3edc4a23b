-- ordered
SELECT country, active, status, count(*) AS orders, sum(total) AS revenue,
  grouping(country, active, status) AS level
FROM orders JOIN customers ON customers.id = customer_id
GROUP BY ROLLUP (country, active, status)
ORDER BY level, country NULLS LAST, active, status;
