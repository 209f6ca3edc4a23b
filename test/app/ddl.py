"""Migrations: Alembic writes the DDL, neon_http_exec() runs it on the remote,
and the foreign tables are imported anew.  Directly, Alembic runs it itself.

    ddl.py URL
"""
import io
import sys

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from steps import THROUGH, caught, step

URL = sys.argv[1]
engine = sa.create_engine(URL)
AUTOCOMMIT = engine.execution_options(isolation_level="AUTOCOMMIT")


def statements(change):
    """As Alembic's offline mode writes them."""
    buffer = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql",
        opts={"as_sql": True, "output_buffer": buffer})
    change(Operations(context))
    return [s.strip() for s in buffer.getvalue().split(";") if s.strip()]


def migrate(change):
    """All of it in one transaction, as Alembic does it."""
    with engine.begin() as connection:
        if not THROUGH:
            connection.execute(sa.text("SET search_path = app"))
            change(Operations(MigrationContext.configure(connection)))
            return
        for sql in statements(change):
            connection.execute(
                sa.text("SELECT neon_http_exec('neon', :sql)"), {"sql": sql})


def import_again():
    """What a migration has changed on the remote is not known here yet."""
    if not THROUGH:
        return
    with engine.begin() as connection:
        for sql in ("SET client_min_messages = warning",
                    "DROP SCHEMA app CASCADE", "CREATE SCHEMA app",
                    "IMPORT FOREIGN SCHEMA app FROM SERVER neon INTO app"):
            connection.execute(sa.text(sql))


def create(op):
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("stars", sa.Integer, server_default="0"),
        schema="app")
    op.create_index("notes_stars", "notes", ["stars"], schema="app")


def alter(op):
    op.add_column("notes", sa.Column("mood", sa.Text), schema="app")
    op.create_check_constraint("stars_range", "notes",
                               "stars BETWEEN 0 AND 5", schema="app")
    op.alter_column("notes", "body", new_column_name="content", schema="app")


def broken(op):
    op.drop_table("notes", schema="app")
    op.drop_table("nowhere", schema="app")


@step("migration: create a table and an index")
def _():
    migrate(create)
    import_again()
    with engine.begin() as connection:
        connection.execute(sa.text(
            "INSERT INTO notes (body) VALUES ('first')"))
        return tuple(connection.execute(sa.text(
            "SELECT body, stars FROM notes")).one())


@step("migration: alter it")
def _():
    migrate(alter)
    import_again()
    with engine.begin() as connection:
        outcome = tuple(connection.execute(sa.text(
            "UPDATE notes SET mood = 'good', stars = 5"
            " RETURNING content, stars, mood")).one())
    with engine.begin() as connection:
        return outcome, caught(lambda: connection.execute(sa.text(
            "UPDATE notes SET stars = 6")))


@step("migration: one that fails changes nothing")
def _():
    outcome = caught(lambda: migrate(broken))
    with engine.connect() as connection:
        return outcome, connection.execute(sa.text(
            "SELECT count(*) FROM notes")).scalar()


@step("migration: an index built concurrently")
def _():
    sql = "CREATE INDEX CONCURRENTLY notes_content ON app.notes (content)"
    with AUTOCOMMIT.connect() as connection:
        if THROUGH:
            connection.execute(sa.text(
                "SELECT neon_http_exec('neon', :sql, transaction => false)"
            ), {"sql": sql})
        else:
            connection.execute(sa.text(sql))
    return "built"


@step("migration: drop it")
def _():
    migrate(lambda op: op.drop_table("notes", schema="app"))
    import_again()
    with engine.connect() as connection:
        return caught(lambda: connection.execute(sa.text(
            "SELECT * FROM notes")))
