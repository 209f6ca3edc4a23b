-- ordered
SELECT title, price, rank() OVER w, dense_rank() OVER w,
  percent_rank() OVER w, cume_dist() OVER w, ntile(4) OVER w,
  count(*) OVER () AS all_of_them
FROM products
WINDOW w AS (PARTITION BY left(title, 3) ORDER BY round(price, -1) DESC,
  id)
ORDER BY left(title, 3), 3;
