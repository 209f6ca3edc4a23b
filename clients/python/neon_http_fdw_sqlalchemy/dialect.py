"""What is different from PostgreSQL's own dialects.

DDL is sent to the remote by neon_http_exec(), within the local transaction.
The foreign tables are brought up to date before the next statement that is no
DDL, at the latest before the commit: so a create_all() of fifty tables
attaches once, and tables can be used, and are rolled back, in the transaction
that makes them.
"""
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql import base

from . import statements
from .place import Place

# In the record of a DBAPI connection: what has to follow on the local side.
PENDING = "neon_http_fdw_pending"
URL_PARAMETERS = ("neon_server", "neon_schema", "neon_remote_schema")


class Pending:
    def __init__(self):
        self.pairs = set()
        self.types = set()
        self.path_is_set = False


class NeonDDLCompiler(base.PGDDLCompiler):
    """Names the remote's schemas."""

    def __init__(self, dialect, statement, schema_translate_map=None, **kw):
        place = dialect.neon_place
        translated = {}
        if place is not None and not _is_local(statement):
            translated = place.translated(schema_translate_map)
        if not translated:
            super().__init__(dialect, statement,
                             schema_translate_map=schema_translate_map, **kw)
            return
        kw["render_schema_translate"] = True
        super().__init__(dialect, statement, schema_translate_map=translated,
                         **kw)
        # it is done, and not again with what the caller has given
        self.schema_translate_map = None


def _table_of(statement):
    element = getattr(statement, "element", None)
    return getattr(element, "table", element)


def _is_local(statement):
    """A table with info={"neon_remote": False}, or a temporary one."""
    table = _table_of(statement)
    words = " ".join(getattr(table, "_prefixes", None) or ()).upper()
    info = getattr(table, "info", None) or {}
    return "TEMP" in words or info.get("neon_remote") is False


class NeonDialect:
    """Before the dialect of a driver in the order of classes."""

    ddl_compiler = NeonDDLCompiler
    neon_place = None
    _neon_url = {}

    # --- where ---------------------------------------------------------------

    def create_connect_args(self, url):
        self._neon_url = {name: url.query[name] for name in URL_PARAMETERS
                          if name in url.query}
        return super().create_connect_args(
            url.difference_update_query(URL_PARAMETERS))

    def initialize(self, connection):
        super().initialize(connection)
        self._discover(connection.connection)

    def _discover(self, dbapi_connection):
        get = self._neon_url.get
        rows = _fetch(dbapi_connection,
                      statements.discover(get("neon_server")))
        self.neon_place = Place(rows, get("neon_server"), get("neon_schema"),
                                get("neon_remote_schema"))
        return self.neon_place

    # --- statements ----------------------------------------------------------

    def do_execute(self, cursor, statement, parameters, context=None):
        statement = self._route(cursor, statement, parameters, context)
        super().do_execute(cursor, statement, parameters, context)
        self._executed(context)

    def do_execute_no_params(self, cursor, statement, context=None):
        statement = self._route(cursor, statement, None, context)
        super().do_execute_no_params(cursor, statement, context)
        self._executed(context)

    def _route(self, cursor, statement, parameters, context):
        """The statement that is to be executed instead."""
        if context is None:
            return statement
        if not self._is_for_remote(statement, context):
            self._settle(context.root_connection.connection)
            return statement
        if parameters:
            raise exc.InvalidRequestError(
                "DDL for the remote cannot have parameters: " + statement)
        connection = context.root_connection
        place = self._place_for_ddl(connection.connection)
        pending = self._note(connection, place, context)
        if _is_autocommit(connection):
            return place.execute(statement, transaction=False)
        path = None
        if not pending.path_is_set:
            # texts, and Alembic's own DDL, name tables as they would here
            path = place.search_path()
            pending.path_is_set = True
        return place.execute(statement, before=path)

    @staticmethod
    def _is_for_remote(statement, context):
        wanted = context.execution_options.get("neon_remote")
        if wanted is not None:
            return wanted
        if not statements.is_remote_ddl(statement):
            return False
        return not (context.isddl and
                    _is_local(getattr(context.compiled, "statement", None)))

    def _place_for_ddl(self, dbapi_connection):
        place = self.neon_place
        if place is None or place.server is None or not place.schemas:
            place = self._discover(dbapi_connection)
        place.check()
        return place

    def _note(self, connection, place, context):
        """What has to follow this statement."""
        statement = getattr(context.compiled, "statement", None) \
            if context.isddl else None
        kind = type(statement).__name__
        pending = connection.info.get(PENDING)
        if pending and pending.types and kind == "CreateEnumType":
            self._settle(connection.connection)
        pending = connection.info.setdefault(PENDING, Pending())
        if kind in ("CreateSchema", "DropSchema"):
            pending.pairs.add((statement.element, statement.element))
            return pending
        element = _table_of(statement)
        known = [thing for thing in (statement, element)
                 if hasattr(thing, "schema")]
        if not known:
            pending.pairs |= place.pairs()
            return pending
        schema = known[-1].schema if element is not None else known[0].schema
        translate = context.execution_options.get("schema_translate_map") or {}
        pair = place.pair(translate.get(schema, schema))
        pending.pairs.add(pair)
        if kind == "DropEnumType":
            pending.types.add((pair[0], element.name))
        return pending

    def _executed(self, context):
        """Without a transaction no commit comes that could have it follow."""
        if context is not None and _is_autocommit(context.root_connection):
            self._settle(context.root_connection.connection)

    def _settle(self, dbapi_connection):
        """Brings the foreign tables up to date, if DDL was sent."""
        pending = _forget(dbapi_connection)
        if pending is None:
            return
        for local, remote in sorted(pending.pairs):
            _run(dbapi_connection, self.neon_place.attach(local, remote))
        for local, name in sorted(pending.types):
            _run(dbapi_connection, statements.drop_type(local, name))
        self._discover(dbapi_connection)

    # --- ends of a transaction -----------------------------------------------

    def do_commit(self, dbapi_connection):
        self._settle(dbapi_connection)
        super().do_commit(dbapi_connection)

    def do_rollback(self, dbapi_connection):
        _forget(dbapi_connection)
        super().do_rollback(dbapi_connection)

    def do_rollback_to_savepoint(self, connection, name):
        # SAVEPOINT had what was sent before it followed, so all that is
        # pending is undone; and a failed transaction takes no statement
        _forget(connection.connection)
        super().do_rollback_to_savepoint(connection, name)

    # --- reflection ----------------------------------------------------------

    def has_table(self, connection, table_name, schema=None, **kw):
        """Also one that another client has made there: it is attached."""
        if super().has_table(connection, table_name, schema, **kw):
            return True
        if not self._attach_found(connection, [table_name], schema):
            return False
        kw.pop("info_cache", None)
        return super().has_table(connection, table_name, schema, **kw)

    def has_multi_table(self, connection, table_names, schema=None, **kw):
        """What create_all() of SQLAlchemy 2.1 asks."""
        found = dict(super().has_multi_table(connection, table_names, schema,
                                             **kw))
        missing = [name for (_, name), there in found.items() if not there]
        if missing and self._attach_found(connection, missing, schema):
            found = dict(super().has_multi_table(connection, table_names,
                                                 schema, **kw))
        return found.items()

    def _attach_found(self, connection, table_names, schema):
        """Attaches the schema if the remote has one of these."""
        if not self._remote_has(connection, "to_regclass", table_names,
                                schema):
            return False
        dbapi_connection = connection.connection
        _run(dbapi_connection,
             self.neon_place.attach(*self.neon_place.pair(schema)))
        self._discover(dbapi_connection)
        return True

    def has_type(self, connection, type_name, schema=None, **kw):
        found = self._remote_has(connection, "to_regtype", [type_name], schema)
        if found is None:
            return super().has_type(connection, type_name, schema, **kw)
        return found

    def has_sequence(self, connection, sequence_name, schema=None, **kw):
        found = self._remote_has(connection, "to_regclass", [sequence_name],
                                 schema)
        if found is None:
            return super().has_sequence(connection, sequence_name, schema,
                                        **kw)
        return found

    def _remote_has(self, connection, function, names, schema):
        """Has it one of these?  None if it cannot be asked."""
        dbapi_connection = connection.connection
        place = self.neon_place or self._discover(dbapi_connection)
        if place.extension is None or place.server not in place.servers or (
                schema is None and place.hidden) or not _fetch(
                    dbapi_connection, place.may_ask())[0][0]:
            return None
        remote = place.pair(schema)[1]
        prefix = ""
        if schema is not None or remote != "public":
            prefix = statements.identifier(remote) + "."
        return _fetch(dbapi_connection, place.ask(" OR ".join(
            "pg_catalog.%s(%s) IS NOT NULL" % (function, statements.quoted(
                prefix + statements.identifier(name)))
            for name in names)))[0][0]

    def get_table_names(self, connection, schema=None, **kw):
        """Foreign tables are tables here."""
        names = list(super().get_table_names(connection, schema, **kw))
        foreign = self._get_foreign_table_names(connection, schema, **kw)
        return names + [name for name in foreign if name not in names]

    def get_pk_constraint(self, connection, table_name, schema=None, **kw):
        found = super().get_pk_constraint(connection, table_name, schema, **kw)
        if not found or not found.get("constrained_columns"):
            key = self._keys(connection).get(
                (schema or self._schema_of(connection, table_name),
                 table_name))
            if key:
                found = dict(found or {"name": None}, constrained_columns=key)
        return found

    def get_multi_pk_constraint(self, connection, schema, filter_names, scope,
                                kind, **kw):
        keys = self._keys(connection)
        for (found_schema, name), constraint in \
                super().get_multi_pk_constraint(
                    connection, schema=schema, filter_names=filter_names,
                    scope=scope, kind=kind, **kw):
            if not constraint["constrained_columns"]:
                key = keys.get((found_schema or self._schema_of(
                    connection, name), name))
                if key:
                    constraint = dict(constraint, constrained_columns=key)
            yield (found_schema, name), constraint

    def _get_foreign_table_names(self, connection, schema, **kw):
        if hasattr(super(), "_get_foreign_table_names"):
            return super()._get_foreign_table_names(connection, schema, **kw)
        return []

    def _keys(self, connection):
        self._settle(connection.connection)
        return {(row[0], row[1]): list(row[2])
                for row in _fetch(connection.connection, statements.KEYS)}

    @staticmethod
    def _schema_of(connection, table_name):
        rows = _fetch(connection.connection, """
SELECT n.nspname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass(%s)""" % statements.quoted(
    statements.identifier(table_name)))
        return rows[0][0] if rows else None


def _forget(dbapi_connection):
    """What was pending.  A connection that is not of the pool (the one that a
    dialect is initialized with) keeps nothing."""
    try:
        info = dbapi_connection.info
    except NotImplementedError:
        return None
    return info.pop(PENDING, None) if isinstance(info, dict) else None


def _fetch(dbapi_connection, sql):
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute(sql)
        return cursor.fetchall()
    finally:
        cursor.close()


def _run(dbapi_connection, sql):
    cursor = dbapi_connection.cursor()
    try:
        cursor.execute(sql)
    finally:
        cursor.close()


def _is_autocommit(connection):
    return connection._is_autocommit_isolation()
