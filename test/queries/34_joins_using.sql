-- ordered
SELECT c, a, l.b AS left_b, r.b AS right_b, e.cost
FROM pairs l FULL JOIN (SELECT a + 1 AS a, b, c FROM pairs
    WHERE b IS NOT NULL) r USING (a, c)
LEFT JOIN edges e ON (e.source, e.target) = (a, r.b)
ORDER BY c, a, l.b, r.b;
