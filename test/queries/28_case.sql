-- ordered
SELECT id, CASE status WHEN 'new' THEN 1 WHEN 'paid' THEN 2 ELSE 0 END AS n,
  CASE WHEN total > 2000 THEN 'big' WHEN note IS NULL THEN 'quiet' END AS kind,
  coalesce(note, id::text, 'nothing') AS first,
  nullif(status, 'new') AS status, greatest(total, 1000, id) AS most,
  least(shipped_on, date '2025-03-01') AS least,
  status > 'paid' AS later,
  (total > 500) IS NOT TRUE AS small, note IS DISTINCT FROM 'x' AS noted
FROM orders
WHERE CASE WHEN id % 2 = 0 THEN 100 / (id % 2 + id) < 3 ELSE id < 50 END
  AND id < 300
ORDER BY id;
