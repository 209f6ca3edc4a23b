"""clients/python: an application that makes its own tables, with nothing
changed but the URL.  Directly it talks to the remote by the plain driver.

    client.py URL
"""
import asyncio
import contextlib
import os
import sys
import tempfile

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import DeclarativeBase, Session
from sqlmodel import Field, SQLModel
from sqlmodel import Session as SQLModelSession
from sqlmodel import create_engine as sqlmodel_engine
from sqlmodel import select

import shelves
from neon_http_fdw_sqlalchemy import retry
from steps import ADMIN_URL, THROUGH, caught, step

URL = sys.argv[1]
engine = sa.create_engine(URL)
AUTOCOMMIT = engine.execution_options(isolation_level="AUTOCOMMIT")
admin = sa.create_engine(ADMIN_URL, poolclass=sa.pool.NullPool)


def remotely(sql):
    """Another client of the remote."""
    with admin.begin() as connection:
        result = connection.execute(sa.text(sql))
        return result.scalar() if result.returns_rows else None


remotely("DROP TABLE IF EXISTS alembic_version, users")
if THROUGH:
    with engine.begin() as _connection:
        _connection.execute(sa.text("DROP FOREIGN TABLE users"))


# --- the dialect's own examples, with the tables that they suppose -----------

class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id = sa.Column(sa.String, primary_key=True)
    name = sa.Column(sa.String)


class Member(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str


@step("Core: create_all(), a textual query")
def _():
    Base.metadata.create_all(engine)
    with engine.connect() as conn:
        conn.execute(sa.insert(User), {"id": "1", "name": "Ann"})
        conn.commit()
        result = conn.execute(sa.text("SELECT * FROM users WHERE id = :id"),
                              {"id": "1"})
        return tuple(result.fetchone())


@step("ORM: all objects, in the table that is there by now")
def _():
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        return [(u.id, u.name) for u in session.query(User).all()]


@step("SQLModel: create_all() of all that is defined, and all objects")
def _():
    other = sqlmodel_engine(URL)
    SQLModel.metadata.create_all(other)
    with SQLModelSession(other) as session:
        session.add(Member(id="m", name="Mo"))
        session.commit()
        return [(m.id, m.name) for m in session.exec(select(Member)).all()]


@step("drop_all(), twice")
def _():
    for metadata in (Base.metadata, SQLModel.metadata):
        metadata.drop_all(engine)
        metadata.drop_all(engine)
    return (sa.inspect(engine).has_table("users"),
            remotely("SELECT to_regclass('app.users')"))


# --- tables with keys, types and indexes -------------------------------------

class Shop(DeclarativeBase):
    pass


Shelf, Item = shelves.models(Shop)


@step("create_all() of an enum, keys, an index, a comment")
def _():
    Shop.metadata.create_all(engine)
    Shop.metadata.create_all(engine)
    return *shelves.fill(engine, Shelf, Item), remotely(
        "SELECT col_description('app.shelves'::regclass, 2)"), remotely(
        "SELECT count(*) FROM pg_indexes WHERE tablename = 'items'")


@step("reflection: the primary key, all tables, automap")
def _():
    inspector = sa.inspect(engine)
    metadata = sa.MetaData()
    metadata.reflect(engine, only=["shelves"])
    mapped = automap_base(metadata=metadata)
    mapped.prepare()
    with Session(engine) as session:
        found = session.scalars(sa.select(mapped.classes.shelves)).one()
        return (inspector.get_pk_constraint("watchers")["constrained_columns"],
                "shelves" in inspector.get_table_names(),
                [c.name for c in sa.Table("watchers", sa.MetaData(),
                                          autoload_with=engine).primary_key],
                found.label)


@step("create_all() in a transaction that uses the tables, rolled back")
def _():
    Shop.metadata.drop_all(engine)
    with engine.connect() as connection:
        Shop.metadata.create_all(connection)
        connection.execute(sa.insert(Shelf), {"label": "x", "kind": "wood"})
        seen = connection.scalar(sa.select(sa.func.count()).select_from(Shelf))
        connection.rollback()
    return (seen, sa.inspect(engine).has_table("shelves"),
            remotely("SELECT to_regclass('app.shelves')"))


@step("drop_all(), then an enum of the same name with other labels")
def _():
    Shop.metadata.create_all(engine)
    Shop.metadata.drop_all(engine)
    metadata = sa.MetaData()
    shelves = sa.Table("shelves", metadata, sa.Column(
        "kind", sa.Enum("glass", "wood", name="material")))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(shelves.insert(), {"kind": "glass"})
        found = connection.scalar(sa.select(shelves.c.kind))
    metadata.drop_all(engine)
    return found


@step("a table that another client has made is found and used")
def _():
    remotely("CREATE TABLE users (id text PRIMARY KEY, name text)")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(id="7", name="Gus"))
        session.commit()
        return session.get(User, "7").name


@step("DDL as text, with a per cent sign and dollars, and its rollback")
def _():
    with engine.begin() as connection:
        connection.execute(sa.text(
            "CREATE TABLE labels (id int PRIMARY KEY,"
            " t text DEFAULT '100% $neon$ ''x''')"))
        connection.exec_driver_sql(
            "/* a comment */ ALTER TABLE labels ADD n int DEFAULT 5")
        connection.execute(sa.text("INSERT INTO labels (id) VALUES (1)"))
        found = tuple(connection.execute(sa.text("SELECT * FROM labels")).one())
    with engine.connect() as connection:
        connection.execute(sa.text("DROP TABLE labels"))
        connection.rollback()
        found += (connection.scalar(sa.text("SELECT count(*) FROM labels")),)
    return found


@step("savepoints: DDL that fails, is rolled back, is kept")
def _():
    def make(connection, name):
        connection.execute(sa.text("CREATE TABLE %s (id int)" % name))

    def fail(connection):
        with connection.begin_nested():
            make(connection, "s2")
            connection.execute(sa.text("ALTER TABLE s1 ADD id int"))
    with engine.begin() as connection:
        make(connection, "s1")
        outcome = caught(lambda: fail(connection))
        with connection.begin_nested() as nested:
            make(connection, "s3")
            connection.execute(sa.text("INSERT INTO s3 VALUES (1)"))
            nested.rollback()
        with connection.begin_nested():
            make(connection, "s4")
        connection.execute(sa.text("INSERT INTO s4 VALUES (1)"))
    inspector = sa.inspect(engine)
    found = [inspector.has_table(name) for name in ("s1", "s2", "s3", "s4")]
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE s1, s4"))
    return outcome, found


@step("temporary tables, and those that are said to be local")
def _():
    metadata = sa.MetaData()
    mine = sa.Table("mine", metadata, sa.Column("id", sa.Integer),
                    info={"neon_remote": False})
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TEMP TABLE passing (id int)"))
        metadata.create_all(connection)
        connection.execute(mine.insert(), {"id": 3})
        connection.execute(sa.text("CREATE INDEX ON mine (id)"),
                           execution_options={"neon_remote": False})
        found = connection.scalar(sa.select(mine.c.id))
        connection.rollback()
    return found, remotely("SELECT to_regclass('app.mine')")


@step("without a transaction: an index built concurrently")
def _():
    with AUTOCOMMIT.connect() as connection:
        connection.execute(sa.text(
            "CREATE INDEX CONCURRENTLY labels_n ON app.labels (n)"))
        connection.execute(sa.text("ALTER TABLE app.labels DROP t"))
        return list(connection.execute(sa.text(
            "SELECT * FROM labels")).keys()), remotely(
                "SELECT count(*) FROM pg_indexes WHERE indexname = 'labels_n'")


@step("DDL that fails on the remote fails here")
def _():
    with engine.connect() as connection:
        return caught(lambda: connection.execute(sa.text(
            "ALTER TABLE labels ADD n int")))


# --- Alembic, with the environment that "alembic init" makes -----------------

folder = tempfile.TemporaryDirectory()
config = Config(os.path.join(folder.name, "alembic.ini"))
MIGRATIONS = {
    "001": ("None", """
    notes = op.create_table("notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("mood", sa.Enum("good", "bad", name="mood")))
    op.create_index("notes_body", "notes", ["body"])
    op.bulk_insert(notes, [{"body": "first", "mood": "good"}])""", """
    op.drop_table("notes")
    op.execute("DROP TYPE mood")"""),
    "002": ("'001'", """
    op.alter_column("notes", "body", new_column_name="content")
    op.add_column("notes", sa.Column("stars", sa.Integer))
    op.execute("UPDATE notes SET stars = length(content) WHERE mood = 'good'")
    op.create_check_constraint("few_stars", "notes", "stars <= 5")
    with op.get_context().autocommit_block():
        op.create_index("notes_stars", "notes", ["stars"],
                        postgresql_concurrently=True)""", """
    op.drop_constraint("few_stars", "notes")
    op.drop_column("notes", "stars")
    op.alter_column("notes", "content", new_column_name="body")"""),
    "003": ("'002'", """
    op.drop_column("notes", "mood")
    op.execute("UPDATE notes SET stars = 6")""", "pass"),
}


def write_migrations():
    with contextlib.redirect_stdout(sys.stderr):
        command.init(config, os.path.join(folder.name, "migrations"))
    config.set_main_option("sqlalchemy.url", URL.replace("%", "%%"))
    for name, (before, up, down) in MIGRATIONS.items():
        with open(os.path.join(folder.name, "migrations", "versions",
                               name + ".py"), "w", encoding="utf-8") as file:
            file.write("import sqlalchemy as sa\nfrom alembic import op\n"
                       "revision = '%s'\ndown_revision = %s\n"
                       "def upgrade():\n    pass%s\n"
                       "def downgrade():\n    %s\n" % (
                           name, before, up, down.strip() or "pass"))


def version():
    with engine.connect() as connection:
        return connection.scalar(sa.text(
            "SELECT version_num FROM alembic_version"))


@step("Alembic: upgrade, a new table and its rows")
def _():
    write_migrations()
    command.upgrade(config, "001")
    with engine.connect() as connection:
        return version(), tuple(connection.execute(sa.text(
            "SELECT body, mood FROM notes")).one())


@step("Alembic: upgrade, an altered table and its data")
def _():
    command.upgrade(config, "002")
    with engine.connect() as connection:
        return version(), connection.execute(sa.text(
            "SELECT content, stars FROM notes")).one()._asdict(), remotely(
                "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'notes%'")


@step("Alembic: autogenerate finds no difference, and finds one")
def _():
    metadata = sa.MetaData()
    notes = sa.Table(
        "notes", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("content", sa.Text, nullable=False, index=True),
        sa.Column("mood", sa.Enum("good", "bad", name="mood")),
        sa.Column("stars", sa.Integer))
    found = []
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "include_object": lambda thing, name, kind, reflected, other:
            kind == "column" or (kind == "table" and name == "notes")})
        found.append(compare_metadata(context, metadata))
        notes.append_column(sa.Column("more", sa.Integer))
        found.append([difference[0] for difference in compare_metadata(
            context, metadata)])
    return found


@step("Alembic: a migration that fails changes nothing")
def _():
    outcome = caught(lambda: command.upgrade(config, "003"))
    with engine.connect() as connection:
        return outcome, version(), connection.scalar(sa.text(
            "SELECT mood FROM notes"))


@step("Alembic: downgrade, to the base")
def _():
    command.downgrade(config, "001")
    with engine.connect() as connection:
        body = connection.scalar(sa.text("SELECT body FROM notes"))
    command.downgrade(config, "base")
    return body, version(), sa.inspect(engine).has_table("notes")


# --- asynchronous ------------------------------------------------------------

async def asynchronously(url, **arguments):
    other = create_async_engine(url, **arguments)
    async with other.begin() as connection:
        await connection.run_sync(Shop.metadata.create_all)
        await connection.execute(sa.insert(Shelf), {"label": "a",
                                                    "kind": "wood"})
    async with other.connect() as connection:
        found = (await connection.execute(sa.select(Shelf.label))).scalar()
        names = await connection.run_sync(lambda c: sa.inspect(
            c).get_pk_constraint("shelves")["constrained_columns"])
    async with other.begin() as connection:
        await connection.run_sync(Shop.metadata.drop_all)
    await other.dispose()
    return found, names


@step("asynchronous: psycopg, create_all() to drop_all()")
def _():
    return asyncio.run(asynchronously(URL))


@step("asynchronous: asyncpg, create_all() to drop_all()")
def _():
    url = sa.make_url(URL)
    path = "app,public" if THROUGH else "app"
    return asyncio.run(asynchronously(
        url.set(drivername="postgresql+neon_http_fdw_asyncpg" if THROUGH
                else "postgresql+asyncpg",
                query={name: value for name, value in url.query.items()
                       if name != "options"}),
        connect_args={"server_settings": {"search_path": path}}))


# --- retry -------------------------------------------------------------------

remotely("TRUNCATE counters; INSERT INTO counters (name, value)"
         " VALUES ('hits', 1)")


@step("retry: a transaction that met another one")
def _():
    calls = []

    @retry(tries=4)
    def count_up():
        """Adds ten."""
        calls.append(1)
        with engine.begin() as connection:
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL"
                                       " REPEATABLE READ"))
            value = connection.scalar(sa.text(
                "SELECT value FROM counters WHERE name = 'hits'"))
            if len(calls) < 3:
                remotely("UPDATE counters SET value = value + 1")
            connection.execute(sa.text(
                "UPDATE counters SET value = :value WHERE name = 'hits'"),
                {"value": value + 10})
        return value
    return (count_up(), len(calls), count_up.__doc__,
            remotely("SELECT value FROM counters"))


class Failure(Exception):
    """As of a driver."""

    def __init__(self, state):
        super().__init__(state)
        self.sqlstate = state
        self.diag = None


def calls_until_failure(state):
    calls = []

    @retry(tries=3, pause=0)
    def fail():
        calls.append(1)
        try:
            raise Failure("40001")      # what came before does not count
        except Failure as before:
            raise sa.exc.OperationalError("COMMIT", {}, Failure(state)) \
                from before

    @retry(tries=3, pause=0)
    async def fail_later():
        fail()
    outcome = caught(fail)
    once = len(calls)
    caught(lambda: asyncio.run(fail_later()))
    return outcome, once, len(calls) - once


@step("retry: 40001 and 40P01 only, as often as it was told")
def _():
    return [calls_until_failure(state) for state in (
        "40001", "40P01", "08007", "2D000", "23505", "08006", None)]


@step("retry: no calls at all make no sense")
def _():
    return caught(lambda: retry(lambda: None, tries=0))


# --- through the extension only: where DDL goes ------------------------------

def through(function, otherwise):
    """What has no counterpart on the remote itself."""
    return function() if THROUGH else otherwise


@step("a view here that needs a table keeps it from being dropped there")
def _():
    def run():
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE VIEW v AS SELECT id FROM users"),
                               execution_options={"neon_remote": False})
        outcome = caught(lambda: Base.metadata.drop_all(engine))
        with engine.begin() as connection:
            connection.execute(sa.text("DROP VIEW v"),
                               execution_options={"neon_remote": False})
        return outcome, remotely("SELECT to_regclass('app.users') IS NULL")
    return through(run, ("InternalError 2BP01", False))


@step("a schema is made, used and dropped")
def _():
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema("annex"))
        metadata = sa.MetaData(schema="annex")
        table = sa.Table("t", metadata, sa.Column("id", sa.Integer,
                                                  primary_key=True))
        metadata.create_all(connection)
        connection.execute(table.insert(), {"id": 1})
    there = remotely("SELECT count(*) FROM annex.t")
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(sa.schema.DropSchema("annex"))
    return there, remotely("SELECT to_regnamespace('annex') IS NULL")


@step("URL: tables in a schema that is not in search_path, named")
def _():
    def run():
        other = sa.create_engine(
            sa.make_url(URL).update_query_dict({"options": ""}))
        outcome = caught(lambda: SQLModel.metadata.create_all(other))
        other = sa.create_engine(sa.make_url(URL).update_query_dict(
            {"options": "", "neon_schema": "app", "neon_server": "neon"}))
        SQLModel.metadata.create_all(other)
        named = remotely("SELECT to_regclass('app.member') IS NOT NULL")
        SQLModel.metadata.drop_all(engine)
        other = sa.create_engine(sa.make_url(URL).update_query_dict(
            {"neon_server": "nowhere"}))
        return outcome, named, caught(
            lambda: SQLModel.metadata.create_all(other))
    return through(run, ("InvalidRequestError", True, "InvalidRequestError"))
