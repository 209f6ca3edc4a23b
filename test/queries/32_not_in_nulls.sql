SELECT p.a, p.b, p.a NOT IN (SELECT q.b FROM pairs q WHERE q.a = p.b) AS no,
  (p.a, p.b) IN (SELECT b, a FROM pairs) AS swapped
FROM pairs p
WHERE (p.b NOT IN (SELECT a FROM pairs WHERE c < 'pair 005')) IS NOT FALSE;
