-- ordered
SELECT weight, name FROM nodes
WHERE weight IS NOT NULL AND name LIKE 'node 1%'
UNION ALL
SELECT round(weight), 'rounded' FROM nodes WHERE weight < 50
ORDER BY weight, name
FETCH FIRST 12 ROWS WITH TIES;
