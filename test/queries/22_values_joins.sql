-- ordered
SELECT v.name, v.rate, count(c.id), sum(c.credit * v.rate) AS paid
FROM (VALUES ('DE', 1.1), ('FR', NULL), ('XX', 3), ('JP', 0.5))
  AS v(name, rate)
LEFT JOIN customers c ON c.country = v.name
GROUP BY v.name, v.rate
ORDER BY v.name;
