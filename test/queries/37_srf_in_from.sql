-- ordered
SELECT d.day::date AS day, count(o.id) AS orders,
  coalesce(sum(o.total), 0) AS revenue
FROM generate_series(timestamp '2025-01-01', timestamp '2025-02-10',
  interval '1 day') AS d(day)
LEFT JOIN orders o ON o.shipped_on = d.day::date
GROUP BY d.day
ORDER BY d.day;
