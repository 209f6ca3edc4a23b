-- ordered
SELECT country, count(DISTINCT tags[1]) AS tags,
  string_agg(DISTINCT left(name, 2), '-' ORDER BY left(name, 2)) AS starts,
  array_agg(id ORDER BY credit DESC NULLS LAST, id)
    FILTER (WHERE id < 100) AS ids,
  jsonb_object_agg(email, credit ORDER BY id)
    FILTER (WHERE id % 100 = 7) AS credits,
  bool_and(active), every(credit > 10), bit_or(id), bit_xor(id),
  sum(DISTINCT id % 10) AS tens, min(uid::text), max(created_at),
  regr_count(id, id % 7), count(profile)
FROM customers
GROUP BY 1
ORDER BY 1;
