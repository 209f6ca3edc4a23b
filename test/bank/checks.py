"""What must hold at any moment, and at the end."""
import collections
import threading
import time

import pq
from journal import (BALANCE, COMMITTED, EXISTING, FAILED, PARTLY, TOTAL,
                     UNKNOWN)

# One statement, so one snapshot: the sum, and the accounts whose balance is
# not what the transfers make of it.
LOOK = """
SELECT (SELECT sum(bal) FROM bank.accounts),
  (SELECT count(*)
   FROM (SELECT account, sum(change) AS bal
         FROM (SELECT src, -amount FROM bank.transfers
               UNION ALL SELECT dst, amount FROM bank.transfers
               UNION ALL SELECT i, %d FROM generate_series(1, %d) i)
           AS changes (account, change)
         GROUP BY account) AS expected
   FULL JOIN bank.accounts ON account = id
   WHERE accounts.bal IS DISTINCT FROM expected.bal)
""" % (BALANCE, EXISTING)

LEFTOVERS = {
    "sessions idle in transaction":
        "SELECT count(*) FROM pg_stat_activity WHERE datname ="
        " current_database() AND pid <> pg_backend_pid()"
        " AND state LIKE 'idle in transaction%'",
    "sessions still active":
        "SELECT count(*) FROM pg_stat_activity WHERE datname ="
        " current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend' AND state = 'active'",
    "locks":
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE a.pid <> pg_backend_pid() AND a.datname = current_database()"
        " AND a.backend_type = 'client backend'"
        " AND l.locktype <> 'virtualxid'",
    "prepared transactions": "SELECT count(*) FROM pg_prepared_xacts",
}


def look(connection, journal, who):
    total, wrong = connection.execute(LOOK).rows[0]
    if total != str(TOTAL):
        journal.problem("%s: the sum is not %d" % (who, TOTAL))
    if wrong != "0":
        journal.problem("%s: a balance is not what the transfers make of it"
                        % who)
    journal.look()


class Watcher(threading.Thread):
    """Looks again and again.  patient: the way there has faults."""

    def __init__(self, connect, journal, who, patient):
        super().__init__(daemon=True)
        self.connect = connect
        self.journal = journal
        self.who = who
        self.patient = patient
        self.ended = threading.Event()

    def run(self):
        connection = None
        while not self.ended.wait(0.3):
            try:
                if connection is None:
                    connection = self.connect()
                look(connection, self.journal, self.who)
            except (pq.Error, pq.ConnectionLost) as error:
                if not self.patient:
                    self.journal.problem("%s: %s" % (self.who, error))
                if connection and isinstance(error, pq.ConnectionLost):
                    connection.close()
                    connection = None
        if connection:
            connection.close()

    def end(self):
        self.ended.set()
        self.join()


def compare(remote, journal):
    """The transfers that are there with those that should be."""
    there = collections.defaultdict(list)
    for row in remote.execute(
            "SELECT id, src, dst, amount FROM bank.transfers").rows:
        there[row[0]].append(tuple(int(value) for value in row[1:]))
    for id, (t, outcome) in journal.transfers.items():
        rows = there.pop(id, [])
        allowed = {COMMITTED: (1,), PARTLY: (1,),
                   FAILED: (0,)}.get(outcome, (0, 1))
        if len(rows) not in allowed:
            journal.problem("a transfer (%s) is %s, but is there %d times"
                            % (t.kind, outcome, len(rows)))
        if any(row != (t.src, t.dst, t.amount) for row in rows):
            journal.problem("a transfer has other values")
    if there:
        journal.problem("%d transfers are there that nobody made"
                        % len(there))


def compare_receipts(remote, journal):
    """What the second server has: nothing of what only the first one has."""
    there = {row[0] for row in remote.execute(
        "SELECT id FROM bank.receipts").rows}
    counted = remote.execute("SELECT sum(n) FROM bank.counters").rows[0][0]
    if int(counted) != len(there):
        journal.problem("second server: %s counted, %d receipts"
                        % (counted, len(there)))
    for id, (t, outcome) in journal.transfers.items():
        if t.kind != "two" or outcome == UNKNOWN:
            continue
        if (id in there) != (outcome == COMMITTED):
            journal.problem("a transfer is %s, but its receipt is%s there"
                            % (outcome, "" if id in there else " not"))


def leftovers(remote, journal):
    """A cancelled statement may need a moment."""
    until = time.monotonic() + 60
    for what, sql in LEFTOVERS.items():
        while True:
            count = remote.execute(sql).rows[0][0]
            if count == "0":
                break
            if time.monotonic() > until:
                journal.problem("leftover: %s %s" % (count, what))
                break
            time.sleep(0.1)
