"""pgbench's built-in TPC-B-like script over foreign tables."""
import os
import re
import subprocess
import sys

import pq
from endpoint_log import EndpointLog

CLIENTS = 4
SCALE = 4
TABLES = ("pgbench_accounts", "pgbench_branches", "pgbench_tellers",
          "pgbench_history")

# mode, protocol, share of the time
RUNS = (("on", "simple", 1.0), ("on", "prepared", 0.5), ("off", "simple", 0.5))


def program():
    bindir = subprocess.run(
        [os.environ.get("PG_CONFIG", "pg_config"), "--bindir"], check=True,
        stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()
    return os.path.join(bindir, "pgbench")


def remote_environment():
    return dict(os.environ, **{
        name[len("REMOTE_"):]: value for name, value in os.environ.items()
        if name.startswith("REMOTE_PG")})


def initialize():
    """Tables on the remote, as pgbench makes them, and their import."""
    subprocess.run([program(), "-i", "-q", "-s", str(SCALE)], check=True,
                   env=remote_environment(), stderr=subprocess.DEVNULL)
    local = pq.local()
    local.execute("SET client_min_messages = warning")
    local.execute("DROP SCHEMA IF EXISTS bench CASCADE")
    local.execute("CREATE SCHEMA bench")
    local.execute("IMPORT FOREIGN SCHEMA public LIMIT TO (%s)"
                  " FROM SERVER neon INTO bench" % ", ".join(TABLES))
    local.close()


def balances():
    """The four sums, which must be equal, and the number of transactions."""
    remote = pq.remote()
    row = remote.execute(
        "SELECT (SELECT sum(abalance) FROM pgbench_accounts),"
        " (SELECT sum(tbalance) FROM pgbench_tellers),"
        " (SELECT sum(bbalance) FROM pgbench_branches),"
        " coalesce((SELECT sum(delta) FROM pgbench_history), 0),"
        " (SELECT count(*) FROM pgbench_history)").rows[0]
    remote.close()
    return [int(value) for value in row]


def number(pattern, text):
    found = re.search(pattern, text)
    return float(found.group(1)) if found else 0


def bench(pushdown, protocol, seconds):
    """One run: is everything there that it says it has done?"""
    before = balances()
    log = EndpointLog()
    done = subprocess.run(
        [program(), "-n", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds),
         "-M", protocol, "--max-tries=1000"],
        env=dict(os.environ, PGOPTIONS="-csearch_path=bench"
                 " -csession_preload_libraries=neon_http_fdw"
                 " -cneon_http_fdw.statement_pushdown=" + pushdown),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        check=False)
    requests = log.traffic().requests
    after = balances()
    count = int(number(r"actually processed: (\d+)", done.stdout))
    failed = int(number(r"failed transactions: (\d+)", done.stdout))
    retried = int(number(r"total number of retries: (\d+)", done.stdout))
    tps = number(r"tps = ([0-9.]+)", done.stdout)
    consistent = len(set(after[:4])) == 1
    complete = after[4] - before[4] == count
    good = (done.returncode == 0 and consistent and complete and count > 0
            and failed == 0)
    print("%-12s %-9s %5d s %8d %8d %8.1f %10.1f   %s" % (
        pushdown, protocol, seconds, count, retried, tps,
        requests / count if count else 0,
        "balances agree" if good else "FAILED"))
    if not good:
        print("sums %s, %d rows of history for %d transactions, %d failed\n%s"
              % (after[:4], after[4] - before[4], count, failed,
                 done.stderr[-2000:]), file=sys.stderr)
    return good


def run(short=False):
    """(passed, failures)"""
    initialize()
    print("pgbench      protocol   time    transac-  retries      tps "
          " requests/\npushdown                        tions             "
          "       transaction")
    results = {}
    for pushdown, protocol, share in RUNS[:1] if short else RUNS:
        results["pgbench: pushdown %s, %s" % (pushdown, protocol)] = bench(
            pushdown, protocol, int((4 if short else 30) * share))
    return (sum(results.values()),
            [name for name, good in results.items() if not good])
