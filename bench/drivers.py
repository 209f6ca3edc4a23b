"""What one write costs through each driver, at a distance.

    drivers.py [--rounds N] [--only DRIVER] [--limit RATIO] | --install

INSERT, UPDATE, DELETE and upsert of one row, each with and without RETURNING,
as the drivers of test/app send them, against the floor: the request that the
extension made for it, sent again by libcurl over a connection that is kept.
Both in turn, medians.  Runs with the interpreter of bench/run, below bench/link
("bench/drivers 20"); starts a stack of its own.  The last line is
"N passed, N failed" of the lines that take one request and at most the limit.
"""
import argparse
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = os.path.join(os.path.dirname(HERE), "test")
sys.path += [os.path.join(TEST, "lib"), os.path.join(TEST, "app")]

import contenders                                               # noqa: E402
import drivers_check                                            # noqa: E402
import pq                                                       # noqa: E402
import stack                                                    # noqa: E402
from endpoint_log import EndpointLog                            # noqa: E402

KEYS = 200                  # rows that are there, and so many runs at most
LIMIT = 1.15


class Bench:
    def __init__(self, driver, floor, remote, rounds):
        self.driver = driver
        self.floor = floor
        self.remote = remote
        self.rounds = rounds
        self.log = EndpointLog()
        self.session = drivers_check.Session(driver, self.log)

    def reset(self):
        """Rows as before, and no statement of the floor's in their way."""
        self.remote.execute(
            "TRUNCATE drivers.t; INSERT INTO drivers.t"
            " SELECT g, 'row ' || g, 0 FROM generate_series(1, %d) g" % KEYS)

    def one(self, sql, parameters):
        """Milliseconds and requests."""
        start = time.perf_counter()
        answer = self.session.ask("one", sql, *parameters)
        took = (time.perf_counter() - start) * 1e3
        if answer != "ok":
            raise RuntimeError(answer)
        return took, self.log.settled().entries

    def replay(self, entries):
        """The same work again: where it cannot be, since the row is there
        or gone, what the remote answers takes a round trip, too."""
        requests = [self.floor.prepare(entry) for entry in entries]
        start = time.perf_counter()
        self.floor.replay(requests)
        return (time.perf_counter() - start) * 1e3

    def undo(self, name, parameters):
        """What the statement did, so that the floor does it once more."""
        key = parameters[-1] if name in ("UPDATE", "DELETE") else parameters[0]
        if name == "INSERT":
            self.remote.execute("DELETE FROM drivers.t WHERE id = %d" % key)
        elif name == "DELETE":
            self.remote.execute("INSERT INTO drivers.t VALUES (%d, 'row', 0)"
                                % key)

    def measure(self, name, sql, parameters):
        """(median of the driver, median of the floor, most requests)"""
        self.reset()
        warm = drivers_check.REPEATS
        times, floors, requests = [], [], 0
        for key in range(1, warm + self.rounds + 1):
            values = parameters(key)
            took, entries = self.one(sql, values)
            self.undo(name, values)
            floor = self.replay(entries)
            self.log.settled()
            if self.floor.errors:
                raise RuntimeError("the floor's request failed")
            if key > warm:
                times.append(took)
                floors.append(floor)
                requests = max(requests, len(entries))
        return (statistics.median(times), statistics.median(floors), requests)

    def run(self, limit):
        """(passed, failed)"""
        passed = failed = 0
        for name, (sql, parameters) in drivers_check.STATEMENTS.items():
            for title, text in ((name, sql), (name + " RETURNING",
                                              sql + drivers_check.RETURNING)):
                took, floor, requests = self.measure(name, text, parameters)
                good = requests == 1 and took <= limit * floor
                passed += good
                failed += not good
                print("%-24s %-18s %7.2f ms  floor %7.2f  %.2f  %d request%s%s"
                      % (self.driver.title, title, took, floor, took / floor,
                         requests, "" if requests == 1 else "s",
                         "" if good else "  MISSED"), flush=True)
        self.session.close()
        return passed, failed


def set_up(remote, local):
    remote.execute("SET client_min_messages = warning;"
                   "CREATE SCHEMA drivers; CREATE TABLE drivers.t"
                   " (id int PRIMARY KEY, name text, n int)")
    local.execute(os.environ["STACK_SQL"])
    local.execute("CREATE SCHEMA drivers; IMPORT FOREIGN SCHEMA drivers"
                  " FROM SERVER neon INTO drivers")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument("--limit", type=float, default=LIMIT)
    parser.add_argument("--install", action="store_true",
                        help="the drivers, from the registries, and no more")
    options = parser.parse_args()
    if options.install:
        drivers_check.install()
        return
    passed = failed = 0
    with stack.started("bench-drivers"):
        remote, local = pq.remote(), pq.local()
        set_up(remote, local)
        floor = contenders.Floor()
        floor.open()
        for driver in drivers_check.drivers(short=False):
            if not driver.singles or options.only not in driver.title:
                continue
            if driver.missing():
                print("%-24s skipped: no %s here" % (driver.title,
                                                     driver.tool))
                continue
            good, bad = Bench(driver, floor, remote, options.rounds).run(
                options.limit)
            passed += good
            failed += bad
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
