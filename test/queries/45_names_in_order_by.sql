-- ordered
SELECT -id AS id, upper(title) AS title, id::text AS price
FROM products
ORDER BY products.title, products.id
LIMIT 30;
