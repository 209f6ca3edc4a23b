-- ordered
SELECT c, a, b, ROW(a, b) < ROW(3, 4) AS less,
  (a, b) = (b, a) AS equal, (a, b) IS DISTINCT FROM (b, a) AS distinct,
  ROW(a, b) IS NULL AS nothing, ROW(a, b) IS NOT NULL AS everything
FROM pairs
WHERE (a, b, c) > (2, 1, 'pair 010') OR a IS NULL
ORDER BY c;
