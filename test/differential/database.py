"""The local database of the random queries.

Schema far has the foreign tables, near local copies of all of them, partly
local copies of some.
"""
import os

import pq
import stack
from schema import TABLES

DATABASE = "differential"
# The tables that are local in schema partly.
LOCAL = ("items", "links")


def prepare_database():
    remote = pq.remote()
    with open(os.path.join(
            os.path.dirname(os.path.abspath(__file__)), "tables.sql")) as file:
        remote.execute(file.read())
    remote.close()
    admin = pq.Connection(dbname="postgres")
    admin.execute("SET client_min_messages = warning")
    admin.execute("DROP DATABASE IF EXISTS %s WITH (FORCE)" % DATABASE)
    admin.execute("CREATE DATABASE " + DATABASE)
    admin.close()
    local = pq.local(dbname=DATABASE)
    stack.create_server(local)
    local.execute("CREATE SCHEMA far; CREATE SCHEMA near; CREATE SCHEMA partly;"
                  "IMPORT FOREIGN SCHEMA diff FROM SERVER neon INTO far")
    for table in TABLES:
        for schema in ("near", "partly") if table.name in LOCAL else ("near",):
            local.execute(
                "CREATE TABLE {1}.{0} (LIKE far.{0});"
                "INSERT INTO {1}.{0} SELECT * FROM far.{0};"
                "ANALYZE {1}.{0}".format(table.name, schema))
    local.close()
