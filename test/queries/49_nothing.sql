-- ordered
-- mixed: a type of this database stays here
SELECT o.id, c.name, pg_typeof(c.id) AS type
FROM orders o LEFT JOIN customers c ON c.id = o.customer_id AND false
WHERE o.id < 5
ORDER BY o.id;
