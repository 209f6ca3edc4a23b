"""clients/python with SQLAlchemy 1.4: not installed, but registered.

    client_old.py URL
"""
import os
import sys

import sqlalchemy as sa
from sqlalchemy.dialects import registry

from steps import THROUGH, caught, step

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__)))), "clients", "python"))
registry.register("postgresql.neon_http_fdw",
                  "neon_http_fdw_sqlalchemy.drivers", "default")

engine = sa.create_engine(sys.argv[1], future=True)
metadata = sa.MetaData()
shelves = sa.Table(
    "shelves", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Enum("wood", "100%", name="material")))


@step("1.4: create_all(), use, drop_all() in one transaction")
def _():
    with engine.begin() as connection:
        metadata.create_all(connection)
        metadata.create_all(connection)
        connection.execute(shelves.insert(), {"kind": "100%"})
        found = connection.execute(shelves.select()).fetchall()
    with engine.begin() as connection:
        metadata.drop_all(connection)
    return found, sa.inspect(engine).has_table("shelves")


@step("1.4: reflection of a primary key, and of all tables")
def _():
    inspector = sa.inspect(engine)
    return (inspector.get_pk_constraint("watchers")["constrained_columns"],
            "watchers" in inspector.get_table_names(),
            [column.name for column in sa.Table(
                "watchers", sa.MetaData(),
                autoload_with=engine).primary_key])


@step("1.4: DDL as text, rolled back")
def _():
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE t (id int DEFAULT '1'::int)"))
        connection.execute(sa.text("INSERT INTO t DEFAULT VALUES"))
        found = connection.execute(sa.text("SELECT * FROM t")).scalar()
        connection.rollback()
        return found, caught(lambda: connection.execute(sa.text(
            "SELECT * FROM t")))


@step("1.4: the dialect is ours")
def _():
    return (not THROUGH or type(engine.dialect).__name__
            == "NeonDialect_psycopg2")
