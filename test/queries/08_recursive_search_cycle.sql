-- ordered
-- mixed: SEARCH and CYCLE use values of type record
WITH RECURSIVE walk (node, cost) AS (
  SELECT 1, 0
  UNION ALL
  SELECT e.target, w.cost + e.cost
  FROM walk w JOIN edges e ON e.source = w.node
) SEARCH BREADTH FIRST BY node SET seen_order
  CYCLE node SET is_cycle USING visited
SELECT node, min(cost) AS cheapest, count(*) AS ways,
  bool_or(is_cycle) AS cycles
FROM walk
GROUP BY node
ORDER BY node;
