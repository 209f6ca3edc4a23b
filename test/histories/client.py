"""A session that reads lists and appends to them, and writes down what it did."""
import itertools
import random
import threading
import time

import pq
from checker import COMMITTED, FAILED, UNKNOWN, Transaction

KEYS = 2000
ACTIVE = 6              # keys that are used at a time
PER_KEY = 12            # transactions, after which the next key is used

_number = itertools.count(1)


class History:
    """Filled by all threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.transactions = []
        self.committed = 0
        self.errors = {}
        self.problems = []

    def add(self, transaction):
        with self.lock:
            self.transactions.append(transaction)
            self.committed += transaction.outcome == COMMITTED

    def error(self, text):
        with self.lock:
            self.errors[text] = self.errors.get(text, 0) + 1


class Client:
    """faults: whether errors of the connection are to be expected."""

    def __init__(self, name, connect, history, level, seed, wanted, faults):
        self.name = name
        self.connect = connect
        self.history = history
        self.level = level
        self.random = random.Random(seed)
        self.wanted = wanted
        self.faults = faults
        self.connection = None
        self.pid = None

    def execute(self, sql):
        if self.random.random() < 0.5:
            return self.connection.execute(sql)
        return self.connection.execute_params(sql)

    # --- operations ---------------------------------------------------------

    def key(self):
        start = self.history.committed // PER_KEY % (KEYS - ACTIVE)
        return start + self.random.randint(1, ACTIVE)

    def read(self, ops):
        keys = sorted({self.key() for _ in range(self.random.choice((1, 1, 2, 4)))})
        condition = "= %d" % keys[0] if len(keys) == 1 else \
            "IN (%s)" % ", ".join(map(str, keys))
        rows = self.execute("SELECT key, ids FROM hist.lists WHERE key " + condition).rows
        for row in rows:
            ops.append(("read", int(row[0]), tuple(row[1].split())))
        return {int(row[0]): row[1] for row in rows}

    def append(self, ops):
        """By the statement alone, or computed here from what was read."""
        key, id = self.key(), str(next(_number))
        draw = self.random.random()
        if draw < 0.4 and self.level != "READ COMMITTED":
            there = self.read_one(ops, key)
            sql = "ids = '%s %s'" % (there, id)
        else:
            sql = "ids = ids || ' %s'" % id
        sql = "UPDATE hist.lists SET %s WHERE key = %d" % (sql, key)
        # the version of the row is checked: that is a read, too
        if draw > 0.8:
            sql += " RETURNING ids"
        result = self.execute(sql)
        ops.append(("append", key, id))
        if draw > 0.8:
            ops.append(("read", key, tuple(result.rows[0][0].split())))

    def read_one(self, ops, key):
        there = self.execute("SELECT ids FROM hist.lists WHERE key = %d" % key).rows[0][0]
        ops.append(("read", key, tuple(there.split())))
        return there

    def forget_something(self):
        """Own writes that are rolled back, and a read behind them."""
        self.execute("SAVEPOINT s")
        self.execute("UPDATE hist.lists SET ids = ids || ' no' WHERE key = %d" % self.key())
        self.execute("SELECT ids FROM hist.lists WHERE key = %d" % self.key())
        self.execute("ROLLBACK TO s")

    # --- transactions ---------------------------------------------------------

    def transaction(self):
        ops, committing = [], False
        name = "%s/%d" % (self.name, next(_number))
        try:
            self.execute("BEGIN ISOLATION LEVEL " + self.level)
            for _ in range(self.random.randint(1, 4)):
                (self.read if self.random.random() < 0.5 else self.append)(ops)
                if self.random.random() < 0.1:
                    self.forget_something()
            committing = True
            outcome = COMMITTED if self.execute("COMMIT").tag == "COMMIT" else FAILED
        except pq.Error as error:
            outcome = self.failed(error, committing)
        except pq.ConnectionLost:
            self.history.error("connection lost")
            self.disconnect()
            outcome = UNKNOWN if committing else FAILED
        self.history.add(Transaction(name, ops, outcome))

    def failed(self, error, committing):
        state = error.sqlstate
        self.history.error(state)
        if state not in ("40001", "40P01") and not (
                self.faults and (state.startswith("57P") or state[:2] in ("08", "HV"))):
            self.history.problems.append(str(error))
        try:
            self.connection.execute("ROLLBACK")
        except (pq.Error, pq.ConnectionLost):
            self.disconnect()
        unknown = state == "08007" or state.startswith("57P")
        return UNKNOWN if committing and unknown else FAILED

    def disconnect(self):
        self.pid = None
        if self.connection:
            self.connection.close()
        self.connection = None

    def work(self, until):
        while self.history.committed < self.wanted and time.monotonic() < until:
            try:
                if self.connection is None:
                    self.connection = self.connect()
                    self.pid = self.connection.pid
            except (pq.Error, pq.ConnectionLost):
                time.sleep(0.05)
                continue
            self.transaction()
        self.disconnect()
