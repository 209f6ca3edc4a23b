-- ordered
SELECT c.country, date_part('year', o.shipped_on) AS year,
  sum(o.total) AS revenue,
  round(100 * sum(o.total) / sum(sum(o.total)) OVER (PARTITION BY c.country),
    3) AS share,
  rank() OVER (ORDER BY sum(o.total) DESC) AS place
FROM orders o JOIN customers c ON c.id = o.customer_id
WHERE o.shipped_on IS NOT NULL
GROUP BY c.country, date_part('year', o.shipped_on)
ORDER BY place;
