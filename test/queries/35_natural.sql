-- ordered
SELECT *
FROM (SELECT a, b FROM pairs WHERE c < 'pair 020') x
NATURAL LEFT JOIN (SELECT DISTINCT b, a * 2 AS twice FROM pairs) y
CROSS JOIN (SELECT max(cost) AS cost FROM edges) z
ORDER BY a, b, twice;
