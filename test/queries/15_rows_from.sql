SELECT p.sku, s.size, s.label, s.n
FROM products p, ROWS FROM (unnest(p.sizes),
  string_to_table(p.title, ' ')) WITH ORDINALITY AS s(size, label, n)
WHERE p.id % 10 = 1;
