"""Which statements are for the remote, and the SQL that brings them there and
has the foreign tables follow."""
import re

# Comments, then what may change a schema.  What is named next is of the local
# database only: the foreign tables' own definition, users, temporary tables.
_DDL = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:CREATE(?:\s+OR\s+REPLACE)?|ALTER|DROP|COMMENT\s+ON)\s+"
    r"(?!(?:(?:LOCAL|GLOBAL)\s+)?TEMP|FOREIGN\b|SERVER\b|USER\b|ROLE\b"
    r"|GROUP\b|DATABASE\b|SYSTEM\b|TABLESPACE\b|EVENT\b"
    r"|EXTENSION\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?neon_http_fdw\b)",
    re.I | re.S)


def is_remote_ddl(statement):
    """Of a text: is it DDL that means the remote's tables?"""
    return _DDL.match(statement) is not None


def quoted(text):
    """As a literal that no setting of the session changes."""
    tag = "neon"
    while "$%s$" % tag in text:
        tag += "_"
    return "$%s$%s$%s$" % (tag, text, tag)


def identifier(name):
    return '"%s"' % name.replace('"', '""')


def literal(text):
    return "NULL" if text is None else quoted(text)


def block(body):
    """A DO block: it returns no row, so a result looks like that of DDL."""
    return "DO " + quoted(body)


def execute(extension_schema, server, commands, transaction):
    """Runs statements on the remote; in the local transaction, or alone."""
    return block("BEGIN %s END" % " ".join(
        "PERFORM %s.neon_http_exec(%s, %s%s);" % (
            identifier(extension_schema), literal(server), quoted(command),
            "" if transaction else ", transaction => false")
        for command in commands))


# A table that the remote does not have any more is dropped here as well: by a
# DROP FOREIGN TABLE that fails, and everything with it, if a view depends on
# it, as DROP TABLE does.
_ATTACH = """
DECLARE
  server name := %(server)s;
  here name := %(local)s;
  there name := %(remote)s;
  kept text := current_setting('client_min_messages');
  r record;
BEGIN
  SET LOCAL client_min_messages = error;
  BEGIN
    FOR r IN SELECT * FROM %(extension)s.neon_http_attach(server => server,
        local_schema => here, remote_schema => there)
    LOOP
      PERFORM set_config('client_min_messages', kept, true);
      IF r.status = 'vanished' THEN
        EXECUTE format('DROP FOREIGN TABLE %%I.%%I', here, r.table_name);
      ELSIF r.status = 'blocked' THEN
        RAISE WARNING 'foreign table "%%"."%%" is not up to date: %%',
          here, r.table_name, r.detail;
      END IF;
    END LOOP;
  EXCEPTION WHEN fdw_schema_not_found THEN
    FOR r IN SELECT c.relname FROM pg_catalog.pg_foreign_table t
      JOIN pg_catalog.pg_class c ON c.oid = t.ftrelid
      JOIN pg_catalog.pg_foreign_server s ON s.oid = t.ftserver
      WHERE s.srvname = server AND c.relnamespace =
        (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = here)
    LOOP
      EXECUTE format('DROP FOREIGN TABLE %%I.%%I', here, r.relname);
    END LOOP;
  END;
  PERFORM set_config('client_min_messages', kept, true);
END"""


def attach(extension_schema, server, local, remote):
    """Brings the foreign tables of a schema up to date."""
    return block(_ATTACH % {
        "extension": identifier(extension_schema), "server": literal(server),
        "local": literal(local), "remote": literal(remote)})


def drop_type(local, name):
    """The local image of a type that was dropped, unless it is in use."""
    return block("BEGIN DROP TYPE IF EXISTS %s.%s; EXCEPTION"
                 " WHEN dependent_objects_still_exist THEN NULL; END"
                 % (identifier(local), identifier(name)))


def remote_answer(extension_schema, server, expression):
    """Is an expression true there?"""
    return "SELECT found FROM %s.neon_http_query(%s, %s) AS t (found boolean)" \
        % (identifier(extension_schema), literal(server),
           quoted("SELECT " + expression))


# One row: where the extension's functions are, the server, may the user read
# there, the schemas of the server's tables here and there, in the order of
# search_path (NULL: not in it), and the current schema.
def discover(server):
    return """
SELECT (SELECT n.nspname FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'neon_http_fdw'),
  s.srvname, n.local, n.remote, n.place, pg_catalog.current_schema()
FROM (SELECT) one
LEFT JOIN (SELECT s.oid, s.srvname FROM pg_catalog.pg_foreign_server s
  JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
  WHERE w.fdwname = 'neon_http_fdw' AND coalesce(s.srvname = %s,
    pg_catalog.has_server_privilege(s.oid, 'USAGE'))) s ON true
LEFT JOIN LATERAL (SELECT n.nspname AS local, coalesce(o.option_value, n.nspname)
    AS remote, pg_catalog.array_position(pg_catalog.current_schemas(false),
    n.nspname) AS place, count(*) AS tables
  FROM pg_catalog.pg_foreign_table t
  JOIN pg_catalog.pg_class c ON c.oid = t.ftrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL pg_catalog.pg_options_to_table(t.ftoptions) o
    ON o.option_name = 'schema_name'
  WHERE t.ftserver = s.oid GROUP BY 1, 2, 3) n ON true
ORDER BY n.place, n.tables DESC""" % literal(server)


# The columns of the remote's primary keys, in the order of the columns.
KEYS = """
SELECT n.nspname, c.relname,
  pg_catalog.array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_catalog.pg_foreign_table t
JOIN pg_catalog.pg_foreign_server s ON s.oid = t.ftserver
JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
JOIN pg_catalog.pg_class c ON c.oid = t.ftrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
CROSS JOIN LATERAL pg_catalog.pg_options_to_table(a.attfdwoptions) o
WHERE w.fdwname = 'neon_http_fdw' AND o.option_name = 'key'
  AND o.option_value::boolean
GROUP BY 1, 2"""
