SELECT c.tags, count(*)
FROM customers c
WHERE EXISTS (SELECT FROM orders o
    WHERE o.customer_id = c.id AND o.status = 'returned')
  AND NOT EXISTS (SELECT FROM page_views v
    WHERE v.customer_id = c.id AND v.path LIKE '%7')
  AND c.id NOT IN (SELECT customer_id FROM orders WHERE total > 4000)
  AND c.credit >= ALL (SELECT n.weight FROM nodes n WHERE n.weight < 2)
  AND (c.active OR c.id = SOME (SELECT p.id FROM products p))
GROUP BY c.tags;
