SELECT p.id, e.key, e.value, count(e.value) OVER (PARTITION BY e.key
    ORDER BY p.id ROWS 1 PRECEDING) AS two
FROM products p, jsonb_each(p.attributes) e
WHERE p.id <= 40
UNION ALL
SELECT p.id, 'stock', p.attributes -> 'color', r.n
FROM products p,
  jsonb_path_query(p.attributes, '$.keyvalue()') WITH ORDINALITY AS r(pair, n)
WHERE (p.attributes ->> 'stock')::int > 100;
