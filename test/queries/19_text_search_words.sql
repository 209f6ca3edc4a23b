SELECT id, to_tsvector('pg_catalog.simple', body) AS simple,
  ts_headline('pg_catalog.english', body,
    plainto_tsquery('pg_catalog.english', 'cat')) AS headline
FROM articles
WHERE to_tsvector('pg_catalog.english', body)
  @@ phraseto_tsquery('pg_catalog.english', 'running cats');
