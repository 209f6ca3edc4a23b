-- ordered
SELECT c.id, c.name, o.id, o.total
FROM customers c
LEFT JOIN LATERAL (
  SELECT id, total FROM orders
  WHERE customer_id = c.id AND status <> 'returned'
  ORDER BY total DESC, id LIMIT 2) o ON true
WHERE c.id BETWEEN 10 AND 60
ORDER BY c.id, o.total DESC NULLS LAST, o.id;
