-- ordered
SELECT c.id, c.name,
  (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) AS orders,
  (SELECT max(i.quantity * i.price) FROM order_items i
   JOIN orders o ON o.id = i.order_id
   WHERE o.customer_id = c.id AND i.price > c.credit / 10) AS biggest,
  ARRAY(SELECT o.id FROM orders o WHERE o.customer_id = c.id
        ORDER BY o.id LIMIT 3) AS first_ids,
  c.credit > (SELECT avg(x.credit) FROM customers x
              WHERE x.country = c.country) AS above
FROM customers c
WHERE c.id % 40 = 7
ORDER BY c.id;
