"""Where DDL goes: the server, and which remote schema is which here."""
from sqlalchemy import exc

from . import statements


class Place:
    """Read from the catalog.  schemas: {local: remote} of the server's
    tables; default: the same of names without a schema."""

    def __init__(self, rows, server, schema, remote_schema):
        self.extension = rows[0][0]
        self.servers = sorted({row[1] for row in rows if row[1]})
        self.server = server or (self.servers[0] if len(self.servers) == 1
                                 else None)
        self.schemas = {}
        for _, found, local, remote, _, _ in rows:
            if found == self.server and local is not None:
                self.schemas.setdefault(local, remote)
        in_path = [row[2] for row in rows
                   if row[1] == self.server and row[4] is not None]
        self.hidden = bool(self.schemas) and not in_path and not schema
        local = schema or (in_path[0] if in_path else rows[0][5])
        self.default = (local, remote_schema or
                        self.schemas.get(local, "public"))
        if schema or remote_schema:
            self.schemas[self.default[0]] = self.default[1]

    def check(self):
        """Throws where DDL has nowhere to go."""
        if self.extension is None:
            raise exc.InvalidRequestError(
                "Extension neon_http_fdw is not installed in this database:"
                " DDL cannot be sent to the remote.")
        if self.server is None or self.server not in self.servers:
            raise exc.InvalidRequestError(
                "DDL is for one server of neon_http_fdw, but there %s.  Name"
                " one in the URL: ?neon_server=NAME" % (
                    "is none that this user may use" if not self.servers else
                    "are " + ", ".join(self.servers) if self.server is None
                    else "is none named " + self.server))

    def pair(self, schema):
        """(local, remote) of a schema that a table names, None for none."""
        if schema is not None:
            return schema, self.schemas.get(schema, schema)
        if self.hidden:
            raise exc.InvalidRequestError(
                "The foreign tables of server %s are in schema %s, which is"
                " not in search_path.  Put it there, or give the tables a"
                " schema, or name one in the URL: ?neon_schema=NAME"
                % (self.server, ", ".join(sorted(self.schemas))))
        if self.default[0] is None:
            raise exc.InvalidRequestError(
                "No schema of search_path exists.  Name one in the URL:"
                " ?neon_schema=NAME")
        return self.default

    def pairs(self):
        """All that a text may have meant."""
        found = dict(self.schemas)
        if not self.hidden and self.default[0] is not None:
            found.setdefault(*self.default)
        return set(found.items())

    def translated(self, given):
        """A schema_translate_map for DDL: the remote's names."""
        found = {local: remote for local, remote in self.schemas.items()
                 if local != remote}
        if self.default[1] != "public":
            found[None] = self.default[1]
        for name, local in (given or {}).items():
            found[name] = self.schemas.get(local, local)
        return found

    def search_path(self):
        """SQL that sets the remote's; None if its own will do."""
        if self.default[1] == "public":
            return None
        return "SET LOCAL search_path = %s, public" % statements.identifier(
            self.default[1])

    def execute(self, statement, before=None, transaction=True):
        return statements.execute(self.extension, self.server,
                                  [sql for sql in (before, statement) if sql],
                                  transaction)

    def attach(self, local, remote):
        return statements.attach(self.extension, self.server, local, remote)

    def may_ask(self):
        """SQL: may the user send queries there?"""
        return ("SELECT pg_catalog.has_function_privilege(%s, 'EXECUTE')"
                % statements.quoted("%s.neon_http_query(name, text)"
                                    % statements.identifier(self.extension)))

    def ask(self, expression):
        return statements.remote_answer(self.extension, self.server,
                                        expression)
