"""DDL: tables by metadata.create_all(), migrations by Alembic.  Through the
extension they go to the remote by neon_http_exec(), and the foreign tables
are imported anew.

    ddl.py URL
"""
import os
import sys

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase

import shelves
from steps import ADMIN_URL, THROUGH, caught, step

URL = sys.argv[1]
engine = sa.create_engine(URL)
AUTOCOMMIT = engine.execution_options(isolation_level="AUTOCOMMIT")


def remotely(connection, sql):
    if THROUGH:
        connection.execute(sa.text("SELECT neon_http_exec('neon', :sql)"),
                           {"sql": sql})
    else:
        connection.execute(sa.text(sql))


def committed(sql):
    admin = sa.create_engine(ADMIN_URL, poolclass=sa.pool.NullPool)
    with admin.connect() as connection:
        return connection.execute(sa.text(sql)).scalar()


def import_again():
    """What has changed on the remote is not known here yet."""
    if not THROUGH:
        return
    with engine.begin() as connection:
        for sql in ("SET client_min_messages = warning",
                    "DROP SCHEMA app CASCADE", "CREATE SCHEMA app",
                    "IMPORT FOREIGN SCHEMA app FROM SERVER neon INTO app"):
            connection.execute(sa.text(sql))


# --- metadata ----------------------------------------------------------------

class Base(DeclarativeBase):
    metadata = sa.MetaData(schema="app")


Shelf, Item = shelves.models(Base)


def create_all(connection):
    plain = postgresql.dialect(paramstyle="named")  # it leaves % alone

    def run(ddl, *_arguments, **_options):
        remotely(connection, str(ddl.compile(dialect=plain)))
    Base.metadata.create_all(sa.create_mock_engine(URL, run),
                             checkfirst=False)


@step("metadata.create_all() of tables, an enum, keys and indexes")
def _():
    with engine.begin() as connection:
        create_all(connection)
    import_again()
    return *shelves.fill(engine, Shelf, Item), committed(
        "SELECT col_description('app.shelves'::regclass, 2)")


@step("metadata.create_all() rolled back")
def _():
    with engine.connect() as connection:
        remotely(connection, "DROP TABLE app.items, app.shelves")
        connection.rollback()
        return connection.execute(sa.text(
            "SELECT count(*) FROM app.items")).scalar()


# --- migrations --------------------------------------------------------------

def alembic(what, revision):
    config = Config()
    config.set_main_option("script_location", os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "migrations"))
    config.attributes["server"] = "neon" if THROUGH else None
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        what(config, revision)
    import_again()


def version():
    with engine.connect() as connection:
        return connection.execute(sa.text(
            "SELECT version_num FROM alembic_version")).scalar()


if THROUGH:                     # directly, Alembic makes it
    with engine.begin() as _connection:
        remotely(_connection, "CREATE TABLE app.alembic_version"
                 " (version_num varchar(32) PRIMARY KEY)")
    import_again()


@step("Alembic: upgrade, a new table")
def _():
    alembic(command.upgrade, "001")
    with engine.begin() as connection:
        connection.execute(sa.text(
            "INSERT INTO notes (body, mood) VALUES ('first', 'good')"))
        return version(), tuple(connection.execute(sa.text(
            "SELECT body, mood, stars FROM notes")).one())


@step("Alembic: upgrade, an altered table and its data")
def _():
    alembic(command.upgrade, "002")
    with engine.begin() as connection:
        outcome = tuple(connection.execute(sa.text(
            "UPDATE notes SET stars = 5 RETURNING content, length, stars"
        )).one())
    with engine.begin() as connection:
        return version(), outcome, caught(lambda: connection.execute(sa.text(
            "UPDATE notes SET stars = 6")))


@step("Alembic: a migration that fails changes nothing")
def _():
    outcome = caught(lambda: alembic(command.upgrade, "003"))
    with engine.connect() as connection:
        return outcome, version(), connection.execute(sa.text(
            "SELECT mood FROM notes")).scalar()


@step("Alembic: downgrade")
def _():
    alembic(command.downgrade, "001")
    with engine.connect() as connection:
        return version(), connection.execute(sa.text(
            "SELECT body FROM notes")).scalar(), committed(
                "SELECT col_description('app.notes'::regclass, 2)")


@step("an index built concurrently")
def _():
    sql = "CREATE INDEX CONCURRENTLY notes_body ON app.notes (body)"
    with AUTOCOMMIT.connect() as connection:
        if THROUGH:
            connection.execute(sa.text(
                "SELECT neon_http_exec('neon', :sql, transaction => false)"),
                {"sql": sql})
        else:
            connection.execute(sa.text(sql))
    return "built"
