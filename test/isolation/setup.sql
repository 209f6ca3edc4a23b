-- What the specs share, in the local database.  Tables of the remote, schema
-- iso, are foreign tables in schema public.  direct() is another client: a
-- connection of the session's own to the remote, without the extension.
CREATE EXTENSION dblink;
CREATE FUNCTION direct(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  IF NOT coalesce('d' = ANY (dblink_get_connections()), false) THEN
    PERFORM dblink_connect('d', 'direct');
  END IF;
  IF sql ~ '^SELECT' THEN
    SELECT string_agg(v, ' ') INTO result FROM dblink('d', sql) AS t (v text);
    RETURN result;
  END IF;
  RETURN dblink_exec('d', sql);
END $$;
CREATE TABLE here (note text);
CREATE TABLE loc (id int PRIMARY KEY, x int);
