-- ordered
SELECT id, weight, sizes, attributes ->> 'color' AS color
FROM products
ORDER BY weight DESC NULLS LAST, attributes ->> 'color' COLLATE "C" DESC,
  sizes NULLS FIRST, id
LIMIT 70 OFFSET 60;
