"""How the tellers get to the accounts, and what goes wrong meanwhile."""
import collections
import os

import chaos
import pq
import stack

# name, chaos, server options, whether the tellers may see errors of the
# connection, whether an outcome may stay unknown
Mode = collections.namedtuple("Mode", "name chaos options faults unknown")

MODES = {mode.name: mode for mode in (
    Mode("plain", None, {}, False, False),
    Mode("kill", chaos.KillBackends, {}, False, True),
    Mode("endpoint", chaos.RestartEndpoint, {}, True, True),
    Mode("remote", chaos.KillRemote, {}, True, True),
    Mode("replies", chaos.LoseReplies, {}, True, True),
    Mode("ledger", chaos.LoseReplies, {"commit_ledger": "bank.ledger"},
         True, False),
)}

SWITCH = "neon_http_fdw.statement_pushdown"


def create_remote():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           "schema.sql")) as file:
        sql = file.read()
    # the default is long for a test that is full of deadlocks
    admin = pq.Connection(host=os.environ["REMOTE_PGHOST"],
                          port=os.environ["REMOTE_PGPORT"],
                          dbname=os.environ["REMOTE_PGDATABASE"],
                          user="postgres",
                          password=os.environ["REMOTE_PGPASSWORD"])
    admin.execute("ALTER DATABASE %s SET deadlock_timeout = '50ms'"
                  % os.environ["REMOTE_PGDATABASE"])
    admin.close()
    remote = pq.remote()
    remote.execute(sql)
    remote.close()


def create_local(options):
    local = pq.local()
    local.execute("SET client_min_messages = warning;"
                  "DROP SCHEMA IF EXISTS bank CASCADE;"
                  "DROP EXTENSION IF EXISTS neon_http_fdw CASCADE")
    stack.create_server(local)
    for name, value in options.items():
        local.execute("ALTER SERVER neon OPTIONS (ADD %s '%s')"
                      % (name, value))
    if "commit_ledger" in options:
        local.execute("SELECT neon_http_ledger_create('neon')")
    local.execute("CREATE SCHEMA bank; IMPORT FOREIGN SCHEMA bank"
                  " LIMIT TO (accounts, transfers) FROM SERVER neon INTO bank")
    local.close()


# a session that hangs is a failure like another
PATIENCE = "-c statement_timeout=60s"


def connect_remote():
    return pq.remote(options=PATIENCE, application_name="bank")


def connect_local():
    return pq.local(options=PATIENCE)


def connect_callbacks():
    """All through the callbacks of the foreign-data wrapper."""
    return pq.local(options="%s -c %s=off" % (PATIENCE, SWITCH))
