-- ordered
SELECT DISTINCT ON (customer_id) customer_id, id, placed_at, total
FROM orders
WHERE customer_id < 200
ORDER BY customer_id, placed_at DESC, id;
