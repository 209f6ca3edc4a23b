-- ordered
SELECT id, upper(title), lower(sku), initcap(title), reverse(sku),
  lpad(id::text, 6, '*'), repeat('ab', id % 4), split_part(sku, '-', 2),
  substring(title FROM 2 FOR 4), overlay(sku PLACING 'xx' FROM 2 FOR 1),
  position('e' IN title), trim(BOTH 'S' FROM sku), translate(sku, 'SKU', 'abc'),
  replace(title, ' ', '_'), regexp_replace(title, '([a-z])\1', '<\1>', 'g'),
  (regexp_match(title, '(\w+) (\d+)'))[2], strpos(title, 'o'),
  md5(title), encode(sku::bytea, 'hex'), ascii(title), chr(65 + id % 26),
  starts_with(title, 'A'), title || ' / ' || coalesce(price::text, '?'),
  title COLLATE "C" < 'Camera', title ~* '^d', title SIMILAR TO '%e{1,2}%',
  quote_literal(title), quote_ident(sku), to_hex(id), char_length(title)
FROM products
WHERE id % 17 = 3
ORDER BY id;
