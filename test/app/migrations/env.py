"""Alembic's environment for a database whose tables are foreign tables here.

What a migration says goes to the remote, by neon_http_exec(); Alembic's own
table is a foreign table like the others, so that its version is committed
together with the migration.  The attribute "server" of the configuration is
None when the database is the remote itself.
"""
from alembic import context
from sqlalchemy import event

connection = context.config.attributes["connection"]
server = context.config.attributes["server"]


def to_remote(_connection, _cursor, statement, parameters, _context, _many):
    if parameters or "alembic_version" in statement \
            or statement.startswith(("SELECT", "SAVEPOINT", "RELEASE")):
        return statement, parameters
    # what the driver would do with it
    sql = statement.replace("%%", "%")
    return "SELECT neon_http_exec(%s, %s)", (server, sql)


if server:
    event.listen(connection, "before_cursor_execute", to_remote, retval=True)
context.configure(connection=connection)
with context.begin_transaction():
    if server:
        # the remote's search_path, until the end of the transaction
        context.execute("SET search_path = app")
    context.run_migrations()
