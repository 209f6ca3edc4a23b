"""What grows: time, processor time and memory with the rows of a result,
throughput with the sessions, memory with a session that does nothing."""
import os
import re
import subprocess
import time

import contenders
import process

READERS = ("h2", "tuned", "direct")
WRITERS = ("h2", "fdw", "direct")
SESSIONS = (1, 2, 4, 8, 16, 32, 64)
TPCB_SCALE = 10
ROUNDS = 3

# ten million rows, and a gigabyte
HUGE = "CREATE TABLE IF NOT EXISTS bench.huge AS SELECT i.* FROM" \
    " bench.items i, generate_series(1, 10)"


# --- rows -------------------------------------------------------------------

def read(contender, sql):
    """All rows come, nobody keeps them; figures of the session's backend."""
    contender.close()
    contender.open()
    contender.execute("SELECT 1 FROM items WHERE id = 1")
    pid = contender.backend()
    memory = process.Memory(pid)
    cpu = process.cpu_ms(pid)
    size = 0
    start = time.perf_counter()
    with contender.connection.cursor().copy(
            "COPY (%s) TO STDOUT" % sql) as copy:
        for data in copy:
            size += len(data)
    result = {"ms": (time.perf_counter() - start) * 1e3, "bytes": size}
    if pid:
        result["cpu_ms"] = process.cpu_ms(pid) - cpu
        result["peak_kb"] = memory.grown()
    return result


def rows(bench, items, quick):
    """By contender: number of rows and figures."""
    found = {}
    sizes = [10 ** power for power in (3, 4, 5, 6) if 10 ** power <= items]
    who = [each for each in bench.everyone if each.key in READERS]
    for size in sizes:
        sql = "SELECT * FROM items WHERE id <= %d" % size
        for each in who:
            runs = [read(each, sql) for _ in range(ROUNDS)]
            found.setdefault(each.key, []).append(
                (size, min(runs, key=lambda run: run["ms"])))
    if not quick:
        bench.admin.execute(HUGE)
        bench.admin.execute("ALTER TABLE bench.huge OWNER TO "
                            + os.environ["REMOTE_PGUSER"])
        bench.admin.execute("ANALYZE bench.huge")
        for each in who:
            bench.import_table(each, "huge")
            found[each.key].append((items * 10,
                                    read(each, "SELECT * FROM huge")))
        bench.admin.execute("DROP TABLE bench.huge")
    return found


# --- sessions ---------------------------------------------------------------

def at_rest(bench):
    """kB that a session has of its own after a lookup, by contender; "none":
    one that has asked a local table only."""
    found = {}
    for each in bench.everyone:
        if each.key not in ("h2", "fdw"):
            continue
        each.close()
        each.open()
        each.execute("SELECT name, price FROM items WHERE id = 1")
        found[each.key] = process.private_kb(each.backend())
    import psycopg                          # pylint: disable=C0415
    with psycopg.connect() as connection:
        connection.execute("SELECT n FROM public.wanted WHERE n = 1")
        found["none"] = process.private_kb(connection.info.backend_pid)
    return found


def pgbench(contender, *arguments):
    """Transactions per second, and how many failed for good."""
    environment = dict(os.environ, PGOPTIONS=" ".join(
        "-c%s=%s" % item for item in contender.settings.items()))
    for name, value in contender.parameters.items():
        environment["PG" + {"dbname": "DATABASE"}.get(
            name, name.upper())] = str(value)
    bindir = subprocess.run(
        [os.environ.get("PG_CONFIG", "pg_config"), "--bindir"], check=True,
        stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()
    done = subprocess.run(
        [os.path.join(bindir, "pgbench"), "-n", "-M", "prepared",
         "--max-tries=100", *arguments],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environment, encoding="utf-8")
    tps = re.search(r"tps = ([0-9.]+)", done.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if tps is None:
        return {"error": done.stdout[-300:]}
    return {"tps": float(tps.group(1)),
            "failed": int(failed.group(1)) if failed else 0}


def lookups(bench, items, quick):
    """By contender: number of sessions and lookups per second."""
    script = os.path.join(os.environ["STACK_DIR"], "lookup.sql")
    with open(script, "w", encoding="ascii") as file:
        file.write("\\set id random(1, %d)\n"
                   "SELECT name, price FROM items WHERE id = :id;\n" % items)
    found = {}
    for sessions in (1, 8) if quick else SESSIONS:
        for each in bench.everyone:
            if each.key in WRITERS:
                found.setdefault(each.key, []).append((sessions, pgbench(
                    each, "-f", script, "-c", str(sessions), "-j", "2",
                    "-T", "1" if quick else "4")))
    return found


def tpcb(bench):
    """The same, of pgbench's own transactions."""
    remote = contenders.of_remote()
    bindir = subprocess.run(
        [os.environ.get("PG_CONFIG", "pg_config"), "--bindir"], check=True,
        stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()
    subprocess.run([os.path.join(bindir, "pgbench"), "-i", "-q", "-s",
                    str(TPCB_SCALE)], check=True, stderr=subprocess.DEVNULL,
                   env=dict(os.environ, **remote))
    found = {}
    for each in bench.everyone:
        if each.key not in WRITERS:
            continue
        for table in ("accounts", "branches", "tellers", "history"):
            bench.import_table(each, "pgbench_" + table)
        found[each.key] = [(clients, pgbench(
            each, "-c", str(clients), "-j", "2", "-T", "10"))
            for clients in (1, 8)]
    return found
