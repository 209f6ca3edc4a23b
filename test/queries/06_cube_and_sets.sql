SELECT country, tags[1] AS tag, born IS NULL AS unborn, count(*),
  max(credit), grouping(country) + 2 * grouping(tags[1]) AS g
FROM customers
GROUP BY GROUPING SETS ((country), (tags[1], born IS NULL), ()),
  CUBE (active)
HAVING count(*) > 3;
