-- ordered
SELECT DISTINCT ON (orders.customer_id) -customer_id AS customer_id, id
FROM orders
WHERE customer_id < 100
ORDER BY orders.customer_id, id;
