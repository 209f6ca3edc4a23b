-- ordered
SELECT id, born, extract(year FROM born), extract(isodow FROM born),
  date_part('week', born), age(date '2025-06-01', born),
  born + interval '1 month', make_date(1990 + id % 30, 1 + id % 12, 1),
  date_trunc('quarter', born::timestamp), born - date '2000-01-01',
  (born, born + 30) OVERLAPS (date '1975-01-01', date '1976-01-01'),
  justify_days(born - born::timestamp + id * interval '1 day'), to_char(born, 'YYYY-"Q"Q DDD'),
  isfinite(born), date_bin('15 days', born::timestamp, timestamp '1950-01-01')
FROM customers
WHERE id % 31 = 5
ORDER BY id;
