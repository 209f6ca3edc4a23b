"""Results and COPY of any size.

    large.py read [--rows N] [--only TEXT] [--rounds N]
    large.py ahead [--rows N] [--only TEXT] [--rounds N]
    large.py copy [--mb N] [--rounds N]

read: a table, and a view, a join and a window function over it, which are kept
on the remote, from an endpoint whose replies may have 1 MiB, against one whose
replies may have 64 MiB.  ahead: fetch_ahead 1 against 0, at 1 MiB.  Each row
must come once, where there is an order in it; the backend may grow by 48 MB.
copy: COPY from a file in autocommit, against its requests sent by libcurl.
Interleaved, medians.  Runs with the interpreter of bench/run ("bench/large MS
ARGUMENTS", at a round trip of MS milliseconds).  The last line is
"N passed, N failed".
"""
import argparse
import json
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "test", "lib"))

import psycopg                                                  # noqa: E402

import contenders                                               # noqa: E402
import endpoint                                                 # noqa: E402
import process                                                  # noqa: E402
import stack                                                    # noqa: E402
from endpoint_log import EndpointLog                            # noqa: E402

MIB = 1024 * 1024
GROWTH = 48                     # MB of the backend, at most
SHARE = 0.8                     # of the throughput with large replies
AHEAD = 1.7                     # times as fast
COPY = 1.3                      # of the bare requests' time

# name, query, in order of its first column?
READS = (
    ("table", "SELECT id, kind, pad FROM %s.huge", False),
    ("view", "SELECT id, kind, pad FROM %s.seen", False),
    ("view, sorted", "SELECT id, kind, pad FROM %s.seen ORDER BY id", True),
    ("join", "SELECT h.id, k.name, h.pad FROM %s.huge h"
     " JOIN %s.kind k USING (kind)", False),
    ("window", "SELECT id, pad, sum(kind) OVER (PARTITION BY kind)"
     " FROM %s.huge", False),
    ("window, sorted", "SELECT id, pad, sum(kind) OVER (ORDER BY id)"
     " FROM %s.huge ORDER BY id", True),
)

THERE = """
CREATE SCHEMA big; CREATE SCHEMA kept;
CREATE TABLE big.huge AS SELECT g AS id, g %% 50 AS kind,
  repeat(md5(g::text), 6) AS pad FROM generate_series(1, %d) g;
CREATE VIEW big.seen AS SELECT * FROM big.huge;
CREATE TABLE big.kind AS SELECT g AS kind, 'kind ' || g AS name
  FROM generate_series(0, 49) g;
CREATE TABLE big.copied (id int, kind int, pad text);
"""


def add_server(connection, name, url, options):
    there = contenders.of_remote()
    connection.execute(
        "CREATE SERVER {0} FOREIGN DATA WRAPPER neon_http_fdw OPTIONS"
        " (host '{1}', url '{2}', dbname '{3}', sslrootcert '{4}'{5})".format(
            name, contenders.HOST, url, there["PGDATABASE"],
            os.environ["ENDPOINT_CA"], options))
    connection.execute(
        "CREATE USER MAPPING FOR CURRENT_USER SERVER %s OPTIONS"
        " (user '%s', password '%s')" % (name, there["PGUSER"],
                                         there["PGPASSWORD"].replace("'", "''")))
    connection.execute("CREATE SCHEMA %s; IMPORT FOREIGN SCHEMA big"
                       " FROM SERVER %s INTO %s" % (name, name, name))


def open_session():
    connection = psycopg.connect(autocommit=True, options=(
        "-csession_preload_libraries=neon_http_fdw"))
    connection.execute("SELECT 1")
    return connection


def read(connection, query, rows, ordered):
    """(seconds, MB the backend grew by, what is wrong or None)"""
    seen = bytearray(rows + 1)
    last = 0
    count = 0
    memory = process.Memory(connection.info.backend_pid)
    start = time.perf_counter()
    with connection.cursor().copy("COPY (%s) TO STDOUT" % query) as copy:
        for data in copy:
            # psycopg hands out row by row
            key = int(bytes(data[:12]).split(b"\t", 1)[0])
            count += 1
            if seen[key] or (ordered and key < last):
                return 0, 0, "row %d came twice or late" % key
            seen[key] = 1
            last = key
    took = time.perf_counter() - start
    return took, memory.grown() / 1024, \
        None if count == rows else "%d rows of %d" % (count, rows)


class Result:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def line(self, good, text):
        self.passed += good
        self.failed += not good
        print(text + ("" if good else "  MISSED"), flush=True)


def requests(log):
    entries = log.traffic().entries
    return len(entries), sum(entry["status"] != 200 for entry in entries)


def compare(result, options, variants, label, least):
    """variants: (title, schema, function that sets up, log); the first one's
    time by the second one's, at least so much."""
    rows = options.rows
    for name, text, ordered in READS:
        if options.only not in name:
            continue
        times = {title: [] for title, *_ in variants}
        for _ in range(options.rounds):
            for title, schema, prepare, log in variants:
                connection = open_session()
                prepare(connection)
                log.skip()
                query = text.replace("%s", schema)
                took, grown, wrong = read(connection, query, rows, ordered)
                sent, refused = requests(log)
                connection.close()
                result.line(
                    wrong is None and grown <= GROWTH
                    and refused <= max(1, 0.05 * sent),
                    "%-16s %-14s %8.2f s  +%.1f MB  %d requests, %d refused"
                    "  %s" % (name, title, took, grown, sent, refused,
                              wrong or "complete"))
                times[title].append(took)
        first, second = (statistics.median(times[title])
                         for title, *_ in variants)
        result.line(second / first >= least,
                    "%-16s %s: %.2f" % (name, label, second / first))


def copy_in(result, options):
    rows = options.mb * MIB // 205
    path = os.path.join(os.environ["STACK_DIR"], "copy.txt")
    floor = contenders.Floor()
    floor.open()
    with contenders.remote() as there, open_session() as connection:
        connection.execute(
            "COPY (SELECT g, g %% 50, repeat(md5(g::text), 6) FROM"
            " generate_series(1, %d) g) TO PROGRAM 'cat > %s'" % (rows, path))
        found = {"here": [], "floor": []}
        for _ in range(options.rounds):
            there.execute("TRUNCATE big.copied")
            log = EndpointLog()
            memory = process.Memory(connection.info.backend_pid)
            start = time.perf_counter()
            connection.execute("COPY neon.copied FROM '%s'" % path)
            found["here"].append(time.perf_counter() - start)
            grown = memory.grown() / 1024
            count = there.execute(
                "SELECT count(*) FROM big.copied").fetchone()[0]
            there.execute("TRUNCATE big.copied")
            took, sent = replay(floor, log)
            found["floor"].append(took)
            result.line(
                count == rows and grown <= GROWTH and not floor.errors,
                "COPY %d MB  %.1f s  floor %.1f s  +%.1f MB  %d requests"
                "  %d rows" % (options.mb, found["here"][-1], took, grown,
                               sent, count))
        ratio = statistics.median(found["here"]) / \
            statistics.median(found["floor"])
        result.line(ratio <= COPY, "COPY to the bare requests: %.2f" % ratio)


def replay(floor, log):
    """Seconds that the requests alone take; one after the other, for all of
    them at once are large."""
    took = 0
    sent = 0
    end = os.fstat(log.file.fileno()).st_size   # they are logged, too
    while log.file.tell() < end:
        request = floor.prepare(json.loads(log.file.readline()))
        start = time.perf_counter()
        floor.replay([request])
        took += time.perf_counter() - start
        sent += 1
    return took, sent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("read", "ahead", "copy"))
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--mb", type=int, default=1024)
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    result = Result()
    kept = ", spill_schema 'kept'"
    small = ("small", "--max-response", str(MIB))
    large = ("large", "--max-response", str(64 * MIB))
    with stack.started("bench-large"), \
            endpoint.another(*small) as (small_url, small_log), \
            endpoint.another(*large) as (large_url, large_log):
        with contenders.remote() as connection:
            connection.execute(
                THERE % (0 if options.what == "copy" else options.rows))
            connection.execute("VACUUM ANALYZE")
        with psycopg.connect(autocommit=True) as connection:
            connection.execute("CREATE EXTENSION neon_http_fdw")
            add_server(connection, "small", small_url, kept)
            add_server(connection, "large", large_url, kept)
            add_server(connection, "neon", os.environ["ENDPOINT_URL"],
                       ", transactions 'autocommit'")

        def ahead(count):
            return lambda connection: connection.execute(
                "ALTER SERVER small OPTIONS (%s fetch_ahead '%d')" % (
                    "SET" if count_is_set(connection) else "ADD", count))

        if options.what == "copy":
            copy_in(result, options)
        elif options.what == "read":
            compare(result, options, (
                ("1 MiB", "small", lambda _: None, EndpointLog(small_log)),
                ("64 MiB", "large", lambda _: None, EndpointLog(large_log))),
                "throughput at 1 MiB to that at 64 MiB", SHARE)
        else:
            compare(result, options, (
                ("fetch_ahead 1", "small", ahead(1), EndpointLog(small_log)),
                ("fetch_ahead 0", "small", ahead(0), EndpointLog(small_log))),
                "times as fast with fetch_ahead 1", AHEAD)
    print("%d passed, %d failed" % (result.passed, result.failed))
    sys.exit(result.failed > 0)


def count_is_set(connection):
    return connection.execute(
        "SELECT 1 FROM pg_foreign_server, pg_options_to_table(srvoptions)"
        " WHERE srvname = 'small' AND option_name = 'fetch_ahead'"
    ).fetchone() is not None


if __name__ == "__main__":
    main()
