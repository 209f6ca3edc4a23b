-- ordered
-- mixed: stable functions, whole rows
SELECT p.id, to_jsonb(p.sizes) AS sizes, row_to_json(p) ->> 'sku' AS sku,
  jsonb_agg(p.price) OVER w AS prices, concat_ws('|', sku, NULL, weight),
  format('%s-%L', p.id, title), array_to_string(p.sizes, ',', '-'),
  weight::text || '!' AS weight, jsonb_build_object('id', p.id, 'a', color),
  justify_days(make_interval(days => p.id)) AS days, p IS NULL AS nothing
FROM products p, jsonb_to_record(p.attributes) AS r(stock integer, color text)
WHERE r.stock > 100
WINDOW w AS (PARTITION BY r.color ORDER BY p.id ROWS 1 PRECEDING)
ORDER BY p.id;
