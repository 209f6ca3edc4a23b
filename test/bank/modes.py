"""How the tellers get to the accounts, and what goes wrong meanwhile."""
import collections
import os

import chaos
import pq
import stack

# name, chaos, server options, whether the tellers may see errors of the
# connection, whether an outcome may stay unknown, kinds of transfers (None:
# those that are always possible), whether only the extended protocol is used,
# settings of the tellers' sessions
Mode = collections.namedtuple(
    "Mode", "name chaos options faults unknown kinds extended settings",
    defaults=(None, False, ""))

MODES = {mode.name: mode for mode in (
    Mode("plain", None, {}, False, False),
    Mode("kill", chaos.KillBackends, {}, False, True),
    Mode("endpoint", chaos.RestartEndpoint, {}, True, True),
    Mode("remote", chaos.KillRemote, {}, True, True),
    Mode("replies", chaos.LoseReplies, {}, True, True),
    Mode("ledger", chaos.LoseReplies, {"commit_ledger": "bank.ledger"},
         True, False),
    Mode("two", None, {}, False, False, ("two", "direct")),
    Mode("serializable", None, {}, False, False, ("here", "direct")),
    Mode("unlocked", None, {}, False, False, ("unlocked",)),
    Mode("commit", None, {"read_checks": "commit"}, False, False,
         ("unlocked", "direct")),
    Mode("extended", None, {}, False, False, None, True),
    Mode("pipelines", None, {}, False, False, ("pipeline", "direct"), True),
    Mode("assumed", chaos.LoseReplies, {}, True, True,
         ("pipeline", "direct"), True,
         " -c neon_http_fdw.pipeline_row_counts=assumed"
         " -c neon_http_fdw.write_errors=commit"),
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
    create_more(local)
    local.close()


def create_more(local):
    """A second server, which leads to the same place, and local rows."""
    options = local.execute(
        "SELECT string_agg(format('%I %L', option_name, option_value), ', ')"
        " FROM pg_foreign_server, pg_options_to_table(srvoptions)"
        " WHERE srvname = 'neon' AND option_name <> 'commit_ledger'").rows[0][0]
    local.execute("CREATE SERVER second FOREIGN DATA WRAPPER neon_http_fdw"
                  " OPTIONS (%s)" % options)
    stack.create_user_mapping(local, "second")
    local.execute("IMPORT FOREIGN SCHEMA bank LIMIT TO (receipts, counters)"
                  " FROM SERVER second INTO bank;"
                  "CREATE TABLE bank.here (id integer PRIMARY KEY, n bigint);"
                  "INSERT INTO bank.here SELECT i, 0"
                  " FROM generate_series(1, 8) i")


# a session that hangs is a failure like another
PATIENCE = "-c statement_timeout=600s"


def connect_remote():
    return pq.remote(options=PATIENCE, application_name="bank")


def connect_local(settings=""):
    return pq.local(options=PATIENCE + settings)


def connect_callbacks(settings=""):
    """All through the callbacks of the foreign-data wrapper."""
    return pq.local(options="%s -c %s=off%s" % (PATIENCE, SWITCH, settings))
