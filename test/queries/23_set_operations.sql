-- ordered
(SELECT customer_id FROM orders WHERE status = 'returned' AND total > 1000
 INTERSECT
 SELECT id FROM customers WHERE active)
UNION
(SELECT id FROM customers WHERE country = 'JP' AND credit > 900
 EXCEPT ALL
 SELECT customer_id FROM page_views)
ORDER BY 1 DESC
LIMIT 40 OFFSET 5;
