-- ordered
WITH RECURSIVE tree AS (
  SELECT id, parent, name, 1 AS depth, ARRAY[id] AS path,
    weight::numeric AS weight
  FROM nodes WHERE parent IS NULL
  UNION ALL
  SELECT n.id, n.parent, n.name, t.depth + 1, t.path || n.id,
    coalesce(t.weight, 0) + coalesce(n.weight, 0)
  FROM tree t JOIN nodes n ON n.parent = t.id
  WHERE NOT n.id = ANY (t.path)
)
SELECT depth, name, path, weight FROM tree ORDER BY path;
