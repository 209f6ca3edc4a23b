-- ordered
SELECT path, count(*), count(customer_id), sum(took), avg(took),
  max(seen_at) - min(seen_at) AS span
FROM page_views
WHERE seen_at >= timestamptz '2025-09-01 00:00Z'
  AND seen_at < timestamptz '2026-03-01 00:00Z'
GROUP BY path
HAVING count(*) > 5
ORDER BY count(*) DESC, path COLLATE "C"
LIMIT 25;
