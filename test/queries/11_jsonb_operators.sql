-- ordered
SELECT id, profile -> 'level' AS level, profile ->> 'theme' AS theme,
  profile #>> '{theme}' AS path, profile ? 'newsletter' AS has,
  profile ?| ARRAY['x', 'level'] AS any_of,
  profile @> '{"theme": "dark"}' AS dark, profile - 'theme' AS less,
  jsonb_typeof(profile -> 'newsletter') AS kind,
  profile || '{"id": 1}' AS more,
  jsonb_path_exists(profile, '$.level ? (@ > 5)') AS high,
  jsonb_set(profile, '{level}', profile -> 'theme') AS changed
FROM customers
WHERE (profile ->> 'level')::int BETWEEN 2 AND 8
  AND profile @? '$.theme ? (@ == "light")'
ORDER BY id;
