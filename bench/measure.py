"""Measures all works by all contenders at one round trip time.

    measure.py [--quick] [--many N] [--only TEXT] [--rtt MS] [--until TIME] FILE

Appends what it finds to FILE, a JSON object per line, and leaves out what is
there already; begins nothing more after the time (seconds since the epoch).
Runs below bench/link, or without it at 0 ms.  Starts a stack of its own.
"""
import argparse
import gc
import json
import os
import random
import shutil
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "test", "lib"))

import psycopg                                                  # noqa: E402

import contenders                                               # noqa: E402
import endpoint                                                 # noqa: E402
import process                                                  # noqa: E402
import scale                                                    # noqa: E402
import schedule                                                 # noqa: E402
import stack                                                    # noqa: E402
import statements                                               # noqa: E402
import works                                                    # noqa: E402
from endpoint_log import EndpointLog                            # noqa: E402

LOCAL_SQL = """
CREATE EXTENSION postgres_fdw;
CREATE SERVER neon1 FOREIGN DATA WRAPPER neon_http_fdw
  OPTIONS (host '{host}', url '{url1}', dbname '{PGDATABASE}',
    sslrootcert '{ca}');
CREATE SERVER fdw FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({tcp});
CREATE SERVER tuned FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({tcp},
  fetch_size '10000', batch_size '1000', async_capable 'true');
"""

IDLE = 2        # seconds, less than any of them waits

# of the contenders with a schema of the local database
SERVERS = {"h2": "neon", "h1": "neon1", "fdw": "fdw", "tuned": "tuned"}


# --- set-up ------------------------------------------------------------------

def literal(text):
    return text.replace("'", "''")


def keep_from_checkpoints(connection):
    """They would meet the one and not the other."""
    connection.execute("ALTER SYSTEM SET checkpoint_timeout = '1h'")
    connection.execute("ALTER SYSTEM SET max_wal_size = '2GB'")
    connection.execute("SELECT pg_reload_conf()")


def prepare_remote(items):
    """The tables, and TLS for those who come by TCP."""
    directory = os.environ["STACK_DIR"]
    owner = os.stat(os.path.join(directory, "remote"))
    for name, target in (("server.pem", "server.crt"),
                         ("server.key", "server.key")):
        path = os.path.join(directory, "remote", target)
        shutil.copy(os.path.join(directory, name), path)
        os.chown(path, owner.st_uid, owner.st_gid)
        os.chmod(path, 0o600)
    with contenders.remote("postgres") as connection:
        connection.execute("ALTER SYSTEM SET ssl = on")
        connection.execute("ALTER ROLE %s SET search_path = bench, public"
                           % os.environ["REMOTE_PGUSER"])
        keep_from_checkpoints(connection)
    with contenders.remote() as connection:
        connection.execute(works.SCHEMA.replace("ITEMS", str(items)))
    with contenders.remote("postgres") as connection:
        connection.execute("CHECKPOINT")


def prepare_local(url1, items):
    values = contenders.of_remote()
    tcp = ("host '{PGHOST}', port '{PGPORT}', dbname '{PGDATABASE}',"
           " sslmode 'require'").format(**values)
    with psycopg.connect(autocommit=True) as connection:
        keep_from_checkpoints(connection)
        connection.execute(os.environ["STACK_SQL"])
        connection.execute(works.LOCAL_SCHEMA.replace("ITEMS", str(items)))
        connection.execute(LOCAL_SQL.format(
            host=contenders.HOST, url1=url1, tcp=tcp,
            ca=os.environ["ENDPOINT_CA"], **values))
        for schema, server in SERVERS.items():
            if server != "neon":
                connection.execute(
                    "CREATE USER MAPPING FOR CURRENT_USER SERVER %s"
                    " OPTIONS (user '%s', password '%s')" % (
                        server, literal(values["PGUSER"]),
                        literal(values["PGPASSWORD"])))
            connection.execute("CREATE SCHEMA " + schema)
            connection.execute("IMPORT FOREIGN SCHEMA bench FROM SERVER %s"
                               " INTO %s" % (server, schema))


def divide_processors():
    """As if here and there were two machines: otherwise it is chance, and stays
    so for a whole run, who shares a processor with whom.  What this process
    started by itself are endpoints."""
    processors = sorted(os.sched_getaffinity(0))
    here = set(processors[:len(processors) // 2])
    there = set(processors) - here
    if not here:
        return
    for path, some in (("local/postmaster.pid", here),
                       ("remote/postmaster.pid", there),
                       ("endpoint.pid", there)):
        with open(os.path.join(os.environ["STACK_DIR"], path),
                  encoding="ascii") as file:
            process.confine(int(file.readline()), some)
    process.confine(os.getpid(), there)
    os.sched_setaffinity(0, here)


# --- measuring ---------------------------------------------------------------

def link_counters():
    """Bytes sent and received and frames on the link, if there is one."""
    device = os.environ.get("LINK_DEVICE")
    if not device:
        return None
    counts = []
    for name in ("tx_bytes", "rx_bytes", "tx_packets", "rx_packets"):
        with open("/sys/class/net/%s/statistics/%s" % (device, name),
                  encoding="ascii") as file:
            counts.append(int(file.read()))
    return counts


SCALE_SECONDS = 17      # of a quick run, for all of measure_scale()


class Bench:
    def __init__(self, admin, logs, plan):
        self.admin = admin
        self.logs = logs
        self.plan = plan
        self.used = {}          # when each was used last
        everyone = contenders.all_of_them()
        self.floor = everyone[-1]
        self.everyone = [each for each in everyone if self.opens(each)]

    def opens(self, contender):
        """And what it opens behind it; one that cannot is left out."""
        try:
            contender.open()
            if contender is not self.floor:
                contender.execute(works.LOOKUP, (1,))
            return True
        except Exception as error:  # pylint: disable=broad-except
            print("%s is left out: %s" % (contender.title, error),
                  file=sys.stderr)
            return False

    def close(self):
        for each in self.everyone:
            each.close()

    @staticmethod
    def import_table(contender, table):
        """One that the remote got later."""
        if contender.key not in SERVERS:
            return
        with psycopg.connect(autocommit=True) as connection:
            connection.execute(
                "IMPORT FOREIGN SCHEMA bench LIMIT TO (%s) FROM SERVER %s"
                " INTO %s" % (table, SERVERS[contender.key], contender.key))

    def log_of(self, contender):
        return self.logs["h1" if contender.key == "h1" else "h2"]

    def traffic(self, contender):
        """Since the last call."""
        return self.log_of(contender).settled().entries

    def awaken(self, work, contender):
        """Most clients connect anew after some seconds without a request, as
        they may have been while the others had their turns: that is not the
        work's."""
        idle = time.monotonic() - self.used.get(contender.key, 0)
        if idle > IDLE and not work.fresh and contender is not self.floor:
            contender.execute(works.LOOKUP, (1,))

    def once(self, work, contender, requests, count=False):
        """One run: its figures; what it sent, too, if that is to count."""
        if work.reset:
            self.admin.execute(works.RESET.replace("ROWS",
                                                   str(work.size + 20)))
        if work.fresh:
            contender.close()
        state = work.before(contender, work.size) if work.before else None
        self.awaken(work, contender)
        for name, value in work.settings.items():
            contender.set(name, value)
        if count:
            self.traffic(contender)
        result = {}
        link = link_counters()
        try:
            pid = None if state or work.fresh else contender.backend()
            memory = process.Memory(pid if count else None)
            cpu = process.cpu_ms(pid)
            start = time.perf_counter()
            if contender is not self.floor:
                work.run(contender, state)
            else:
                if work.fresh:
                    contender.open()
                contender.replay(requests)
            result["ms"] = (time.perf_counter() - start) * 1e3
            if pid:
                result["cpu_ms"] = process.cpu_ms(pid) - cpu
            if count:
                result["peak_kb"] = memory.grown()
                result["entries"] = self.traffic(contender)
            if link:
                result["link"] = [after - before for before, after
                                  in zip(link, link_counters())]
        finally:
            for name in work.settings:
                contender.set(name, "DEFAULT")
            self.used[contender.key] = time.monotonic()
            if state:
                state[0].close()
                state[0].bind.dispose()
        return result

    def count(self, work, contender, requests):
        """What a run costs in requests and bytes: the second, if the first
        was not long, since some is asked once only."""
        first = self.once(work, contender, requests, count=True)
        if first["ms"] < self.plan.limit / 4:
            first = self.once(work, contender, requests, count=True)
        entries = first["entries"]
        result = {"rounds": [], "ms": [], "cpu_ms": [], "first_ms": first["ms"],
                  "first_cpu_ms": first.get("cpu_ms"),
                  "bad": sum(e["status"] != 200 for e in entries)}
        if contender.key not in ("fdw", "tuned", "direct"):
            result["requests"] = len(entries)
            result["sent"] = sum(e["bytes_in"] for e in entries)
            result["received"] = sum(e["bytes_out"] for e in entries)
        for name in ("link", "peak_kb"):
            if first.get(name) is not None:
                result[name] = first[name]
        return result, entries

    def who(self, work, few):
        """few: not those for whom the round trips take minutes."""
        for each in self.everyone:
            if each is self.floor:
                able = work.floor
            else:
                able = work.needs <= each.can and (
                    work.only is None or each.key in work.only)
            if few and each.key in work.slow:
                able = False
            # a round trip for each statement is the same with or without
            if not work.floor and each.key in ("h1", "tuned"):
                able = False
            if able:
                yield each


class Trial:
    """A work and who does it: results by contender, a message instead where
    one cannot."""

    def __init__(self, bench, work, who):
        self.bench = bench
        self.work = work
        self.who = who
        self.results = {}
        self.requests = []
        self.rounds = 0

    def run(self, part, seconds):
        """Rounds until this part of them is done, for about so long."""
        bench = self.bench
        bench.plan.begin(part, seconds)
        if not self.results:
            self.count()
        order = [each for each in self.who
                 if "error" not in self.results[each.key]]
        results = {each.key: self.results[each.key] for each in order}
        chance = random.Random("%s, %g" % (self.work.name, part))
        gc.collect()
        gc.disable()                # of this process, whose time counts
        try:
            for each in order:
                if bench.plan.warms_up(results[each.key]):
                    bench.once(self.work, each, self.requests)
            while True:
                # in another order each time, the same in each run: what one
                # leaves behind for the next, and what else the machine does,
                # meets all alike
                chance.shuffle(order)
                keys = bench.plan.next_round(results)
                if not keys:
                    return
                for each in order:
                    if each.key in keys:
                        self.turn(each)
                self.rounds += 1
        finally:
            gc.enable()

    def turn(self, contender):
        one = self.bench.once(self.work, contender, self.requests)
        result = self.results[contender.key]
        result["rounds"].append(self.rounds)
        result["ms"].append(one["ms"])
        result["cpu_ms"].append(one.get("cpu_ms"))

    def count(self):
        for contender in self.who:
            try:
                self.results[contender.key], entries = self.bench.count(
                    self.work, contender, self.requests)
            except Exception as error:  # pylint: disable=broad-except
                self.results[contender.key] = {"error": str(error)}
                contender.close()
                contender.open()
                continue
            if contender.key == "h2":
                if self.work.fresh:
                    entries = entries[-1:]
                self.requests = [self.bench.floor.prepare(e) for e in entries]

    def found(self):
        for result in self.results.values():
            if "error" not in result and not result["ms"]:
                result["rounds"].append(0)
                result["ms"].append(result["first_ms"])
                result["cpu_ms"].append(result["first_cpu_ms"])
        return {"name": self.work.name, "size": self.work.size,
                "each": not self.work.per_run, "results": self.results}


class Output:
    """The file that results are appended to."""

    def __init__(self, path, rtt, until):
        self.path = path
        self.rtt = rtt
        self.until = until
        self.done = set()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.done = {line["name"] for line in map(json.loads, file)
                             if line["rtt"] == rtt}

    def write(self, kind, name, value):
        self.done.add(name)
        with open(self.path, "a", encoding="utf-8") as file:
            json.dump({"rtt": self.rtt, "kind": kind, "name": name,
                       "value": value}, file)
            file.write("\n")

    def add(self, kind, name, function):
        """What the function finds, unless that is known or not yet complete;
        or its error."""
        if name in self.done:
            return
        if self.until and time.time() > self.until:
            print("%g ms: no time is left for %s" % (self.rtt, name),
                  file=sys.stderr)
            return
        start = time.monotonic()
        try:
            value = function()
        except Exception as error:  # pylint: disable=broad-except
            print("%g ms: %s: %s" % (self.rtt, name, error), file=sys.stderr)
            return
        if value is None:           # there is more to come
            return
        self.write(kind, name, value)
        print("%g ms: %s (%.1f s)" % (self.rtt, name,
                                      time.monotonic() - start),
              file=sys.stderr)


def measure_works(bench, output, options, items):
    trials = [Trial(bench, work,
                    list(bench.who(work, options.quick or options.rtt)))
              for work in works.all_works(options.quick, options.many,
                                          options.rtt, items)
              if options.only in work.name and work.name not in output.done]
    passes = bench.plan.passes
    left = passes * len(trials)
    until = output.until or time.time() + 4 * len(trials)
    if options.quick and not options.rtt:
        until -= SCALE_SECONDS
    for number in range(1, passes + 1):
        for trial in trials:
            share = (until - time.time()) / left
            left -= 1

            def run(trial=trial, part=number / passes, share=share):
                trial.run(part, share)
                return trial.found() if part == 1 else None
            output.add("work", trial.work.name, run)
    for trial in trials:        # if the time was over before its last pass
        if trial.results and trial.work.name not in output.done:
            output.write("work", trial.work.name, trial.found())


def measure_scale(bench, output, options, items):
    """What the distance does not change."""
    quick = options.quick
    kinds = [("statements", lambda: statements.count(bench, quick)),
             ("at rest", lambda: scale.at_rest(bench)),
             ("sessions", lambda: scale.lookups(bench, items, quick)),
             ("rows", lambda: scale.rows(bench, items, quick))]
    if not quick:
        kinds.insert(3, ("TPC-B", lambda: scale.tpcb(bench)))
    for name, function in kinds:
        if options.only in name:
            output.add("scale", name, function)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--only", default="")
    parser.add_argument("--rtt", type=float, default=0)
    parser.add_argument("--until", type=float)
    parser.add_argument("--items", type=int)
    parser.add_argument("file")
    options = parser.parse_args()
    items = options.items or (10000 if options.quick else 1000000)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ["PGSSLMODE"] = "disable"     # of the endpoint to its database
    output = Output(options.file, options.rtt, options.until)
    processors = os.sched_getaffinity(0)
    with stack.started("bench-stack"), endpoint.another(
            "endpoint1", "--http1") as (url1, log1):
        prepare_remote(items)
        prepare_local(url1, items)
        if options.quick:
            divide_processors()
        bench = Bench(contenders.remote("postgres"),
                      {"h2": EndpointLog(), "h1": EndpointLog(log1)},
                      schedule.ALL[options.quick][bool(options.rtt)])
        # not before processors are divided, which concerns all children
        with process.awake(processors):
            try:
                measure_works(bench, output, options, items)
                if not options.rtt:
                    measure_scale(bench, output, options, items)
            except KeyboardInterrupt:   # or SIGTERM: what was found counts
                pass
        bench.close()


if __name__ == "__main__":
    main()
