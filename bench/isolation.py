"""What checked reads cost: lookups by key at the levels of isolation.

    isolation.py [--rounds N] [--lookups N] [--sizes N,N]

A lookup that is a transaction of its own, one in a transaction after ten
others, and transactions of many lookups, each prepared, at READ COMMITTED, at
REPEATABLE READ with read_checks 'each' and 'commit', and with 'each' while
another client commits 500 times a second.  In turn, medians.  Runs with the
interpreter of bench/run ("bench/isolation"); starts a stack of its own.
"""
import argparse
import os
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "test", "lib"))

import psycopg                                                  # noqa: E402

import contenders                                               # noqa: E402
import stack                                                    # noqa: E402

LOOKUP = "SELECT name, n FROM %s WHERE id = %%s"
BEFORE = 10                 # lookups of a transaction before the one that counts
COMMITS = 500               # a second, by another client


class Contender:
    def __init__(self, title, server, level, busy=False):
        self.title = title
        self.lookup = LOOKUP % (server + ".t")
        self.busy = busy
        self.connection = psycopg.connect(autocommit=True, options=(
            "-csession_preload_libraries=neon_http_fdw"
            " -cdefault_transaction_isolation=" + level.replace(" ", "\\ ")))

    def run(self, sql, *parameters):
        self.connection.execute(sql, parameters or None,
                                prepare=bool(parameters)).fetchall()

    def alone(self, key):
        start = time.perf_counter()
        self.run(self.lookup, key)
        return (time.perf_counter() - start) * 1e3

    def in_transaction(self, key):
        with self.connection.transaction():
            for other in range(BEFORE):
                self.run(self.lookup, 1000 + other)
            return self.alone(key)

    def many(self, count):
        start = time.perf_counter()
        with self.connection.transaction():
            for key in range(1, count + 1):
                self.run(self.lookup, key)
        return time.perf_counter() - start


class Others(threading.Thread):
    """Commits on the remote, at a steady pace, until it is told to stop."""

    def __init__(self):
        super().__init__(daemon=True)
        self.connection = contenders.remote()
        self.ended = threading.Event()

    def run(self):
        due = time.monotonic()
        while not self.ended.is_set():
            self.connection.execute("UPDATE bench.other SET n = n + 1")
            due += 1 / COMMITS
            time.sleep(max(0, due - time.monotonic()))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        self.connection.close()


def set_up():
    with contenders.remote() as connection:
        connection.execute(
            "CREATE SCHEMA bench; CREATE TABLE bench.other AS SELECT 1 AS n;"
            "CREATE TABLE bench.t AS SELECT g AS id, 'row ' || g AS name,"
            " g AS n FROM generate_series(1, 10000) g;"
            "ALTER TABLE bench.t ADD PRIMARY KEY (id); ANALYZE bench.t")
    with psycopg.connect(autocommit=True) as connection:
        connection.execute(os.environ["STACK_SQL"])
        options = connection.execute(
            "SELECT array_to_string(ARRAY(SELECT format('%s %L', option_name,"
            " option_value) FROM pg_options_to_table(srvoptions)), ', ')"
            " FROM pg_foreign_server WHERE srvname = 'neon'").fetchone()[0]
        connection.execute(
            "CREATE SERVER late FOREIGN DATA WRAPPER neon_http_fdw"
            " OPTIONS (%s, read_checks 'commit')" % options)
        connection.execute(
            "CREATE USER MAPPING FOR CURRENT_USER SERVER late"
            " OPTIONS (user '%s', password '%s')" % tuple(
                os.environ["REMOTE_" + name].replace("'", "''")
                for name in ("PGUSER", "PGPASSWORD")))
        for server in ("neon", "late"):
            connection.execute(
                "CREATE SCHEMA %s; IMPORT FOREIGN SCHEMA bench FROM SERVER %s"
                " INTO %s" % ((server,) * 3))


def compare(title, unit, contenders, rounds, run):
    """Medians, and their ratios to the first contender's."""
    found = {each: [] for each in contenders}
    for number in range(rounds):
        for each in contenders:
            if each.busy:
                with Others():
                    found[each].append(run(each, number))
            else:
                found[each].append(run(each, number))
    first = statistics.median(found[contenders[0]])
    for each in contenders:
        median = statistics.median(found[each])
        print("%-32s %-34s %8.3f %s  %.2f" % (title, each.title, median, unit,
                                              median / first), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lookups", type=int, default=500)
    parser.add_argument("--sizes", default="100,1000")
    options = parser.parse_args()
    with stack.started("bench-isolation"):
        set_up()
        contenders = [
            Contender("READ COMMITTED", "neon", "read committed"),
            Contender("REPEATABLE READ, each", "neon", "repeatable read"),
            Contender("REPEATABLE READ, commit", "late", "repeatable read"),
            Contender("SERIALIZABLE, each", "neon", "serializable"),
        ]
        for each in contenders:
            each.many(20)
        compare("a lookup", "ms", contenders, options.lookups,
                lambda each, number: each.alone(number + 1))
        compare("the eleventh of a transaction", "ms", contenders,
                options.lookups // 5,
                lambda each, number: each.in_transaction(number + 1))
        contenders.append(Contender("REPEATABLE READ, each, with others",
                                    "neon", "repeatable read", busy=True))
        for size in map(int, options.sizes.split(",")):
            compare("%d lookups in a transaction" % size, "s", contenders,
                    options.rounds,
                    lambda each, _, size=size: each.many(size))


if __name__ == "__main__":
    main()
