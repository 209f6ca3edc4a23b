"""Measures all works by all contenders at one round trip time.

    measure.py [--quick] [--many N] [--only TEXT] [--rtt MS] [--until TIME] FILE

Appends what it finds to FILE, a JSON object per line, and leaves out what is
there already; begins nothing more after the time (seconds since the epoch).
Runs below bench/link, or without it at 0 ms.  Starts a stack of its own.
"""
import argparse
import json
import os
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

FEW = 3         # rounds of what takes long

# of the contenders with a schema of the local database
SERVERS = {"h2": "neon", "h1": "neon1", "fdw": "fdw", "tuned": "tuned"}


# --- set-up ------------------------------------------------------------------

def literal(text):
    return text.replace("'", "''")


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
        connection.execute("SELECT pg_reload_conf()")
    with contenders.remote() as connection:
        connection.execute(works.SCHEMA.replace("ITEMS", str(items)))


def prepare_local(url1, items):
    values = contenders.of_remote()
    tcp = ("host '{PGHOST}', port '{PGPORT}', dbname '{PGDATABASE}',"
           " sslmode 'require'").format(**values)
    with psycopg.connect(autocommit=True) as connection:
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


class Bench:
    def __init__(self, admin, logs, rounds, limit):
        self.admin = admin
        self.logs = logs
        self.rounds = rounds
        self.limit = limit
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

    def once(self, work, contender, requests, count=False):
        """One run: its figures; what it sent, too, if that is to count."""
        if work.reset:
            self.admin.execute(works.RESET.replace("ROWS",
                                                   str(work.size + 20)))
        if work.fresh:
            contender.close()
        state = work.before(contender, work.size) if work.before else None
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
            if state:
                state[0].close()
                state[0].bind.dispose()
        return result

    def count(self, work, contender, requests):
        """What a run costs in requests and bytes: the second, if the first
        was not long, since some is asked once only."""
        first = self.once(work, contender, requests, count=True)
        if first["ms"] < self.limit / 4:
            first = self.once(work, contender, requests, count=True)
        entries = first["entries"]
        result = {"ms": [], "cpu_ms": [], "first_ms": first["ms"],
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

    def has_time(self, result):
        """For one more round.  Few are enough of what takes long, none of
        what takes very long: distance makes it what it is."""
        if len(result["ms"]) < FEW:
            return result["first_ms"] < self.limit + 1000
        return sum(result["ms"]) < self.limit

    def measure(self, work, who):
        """A dict by contender; a message instead where it cannot."""
        results = {}
        requests = []
        for contender in who:
            try:
                results[contender.key], entries = self.count(work, contender,
                                                             requests)
            except Exception as error:  # pylint: disable=broad-except
                results[contender.key] = {"error": str(error)}
                contender.close()
                contender.open()
                continue
            if contender.key == "h2":
                if work.fresh:
                    entries = entries[-1:]
                requests = [self.floor.prepare(e) for e in entries]
        for _ in range(self.rounds):
            for contender in who:
                result = results[contender.key]
                if "error" not in result and self.has_time(result):
                    one = self.once(work, contender, requests)
                    result["ms"].append(one["ms"])
                    result["cpu_ms"].append(one.get("cpu_ms"))
        for result in results.values():
            if "error" not in result and not result["ms"]:
                result["ms"].append(result["first_ms"])
                result["cpu_ms"].append(result["first_cpu_ms"])
        return results

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

    def add(self, kind, name, function):
        """What the function finds, unless that is known; or its error."""
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
        with open(self.path, "a", encoding="utf-8") as file:
            json.dump({"rtt": self.rtt, "kind": kind, "name": name,
                       "value": value}, file)
            file.write("\n")
        print("%g ms: %s (%.1f s)" % (self.rtt, name,
                                      time.monotonic() - start),
              file=sys.stderr)


def measure_works(bench, output, options, items):
    for work in works.all_works(options.quick, options.many, options.rtt,
                                items):
        if options.only not in work.name:
            continue
        output.add("work", work.name, lambda work=work: {
            "name": work.name, "size": work.size, "each": not work.per_run,
            "results": bench.measure(work,
                                     list(bench.who(work,
                                                    options.quick or options.rtt)))})


def measure_scale(bench, output, options, items):
    """What the distance does not change."""
    quick = options.quick
    for name, function in (
            ("statements", lambda: statements.count(bench, quick)),
            ("at rest", lambda: scale.at_rest(bench)),
            ("sessions", lambda: scale.lookups(bench, items, quick)),
            ("TPC-B", lambda: scale.tpcb(bench, quick)),
            ("rows", lambda: scale.rows(bench, items, quick))):
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
    with stack.started("bench-stack"), endpoint.another(
            "endpoint1", "--http1") as (url1, log1):
        prepare_remote(items)
        prepare_local(url1, items)
        bench = Bench(contenders.remote("postgres"),
                      {"h2": EndpointLog(), "h1": EndpointLog(log1)},
                      *((15, 250) if options.quick else
                        (25, 1000 if options.rtt else 3000)))
        try:
            measure_works(bench, output, options, items)
            if not options.rtt:
                measure_scale(bench, output, options, items)
        except KeyboardInterrupt:       # or SIGTERM: what was found counts
            pass
        bench.close()


if __name__ == "__main__":
    main()
