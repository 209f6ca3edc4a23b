"""A session that transfers money, in all the ways a transaction can.

It knows nothing of how the connection gets to the accounts.  What it learns
of the outcome of each attempt goes to the journal; each attempt has an id of
its own, so one that was applied although it was reported as failed is seen.
"""
import random
import time
import uuid

import pq
from journal import (COMMITTED, EXISTING, FAILED, FIRST, LAST, PARTLY, TOTAL,
                     UNKNOWN, Transfer)

RETRY = ("40001", "40P01")
RESOLUTION_UNKNOWN = "08007"
COMMITTED_BUT = "2D000"
ATTEMPTS = 100
KINDS = ("direct", "read", "unlocked", "single", "block", "upsert")

# Only where the mode has what these need, or is about them.
MORE_KINDS = ("two", "here", "pipeline")
LEVELS = ("READ COMMITTED",) * 3 + ("REPEATABLE READ", "SERIALIZABLE")


class GiveUp(Exception):
    """The teller's own decision: roll back."""


def sql_insert(t):
    return ("INSERT INTO bank.transfers (id, src, dst, amount)"
            " VALUES ('%s', %d, %d, %d)" % (t.id, t.src, t.dst, t.amount))


def sql_add(account, amount):
    return ("UPDATE bank.accounts SET bal = bal + %d WHERE id = %d"
            % (amount, account))


class Teller:
    """who: for the journal.  kinds: of transfers.  faults: whether errors of
    the connection to the remote are to be expected.  rest: seconds between
    two transfers, at most.  extended: by the extended protocol only.
    late: errors may come with COMMIT."""

    def __init__(self, who, connect, journal, seed, kinds=KINDS, faults=False,
                 rest=0, extended=False, late=False):
        self.who = who
        self.connect = connect
        self.journal = journal
        self.random = random.Random(seed)
        self.faults = faults
        self.rest = rest
        self.extended = extended
        self.late = late
        self.more = []          # transfers of the same attempt
        self.kinds = kinds
        self.connection = None
        self.pid = None
        self.committing = False

    # --- statements ------------------------------------------------------

    def execute(self, sql):
        """Over either protocol."""
        if not self.extended and self.random.random() < 0.5:
            return self.connection.execute(sql)
        return self.connection.execute_params(sql)

    def begin(self):
        self.execute("BEGIN ISOLATION LEVEL " + self.random.choice(LEVELS))

    def commit(self, t):
        if self.random.random() < 0.05:
            self.execute("ROLLBACK")
            raise GiveUp
        self.committing = True
        result = self.execute("COMMIT")
        if result.tag != "COMMIT":
            self.journal.problem("COMMIT answered " + result.tag)
            raise GiveUp

    def add(self, account, amount):
        """One account; gives up if it does not exist yet."""
        sql = sql_add(account, amount)
        returning = self.random.random() < 0.3
        result = self.execute(sql + " RETURNING id, bal" if returning else sql)
        if result.tag == "UPDATE 0":
            raise GiveUp
        if result.tag != "UPDATE 1":
            self.journal.problem("update of one account: " + result.tag)
        if returning and result.rows[0][0] != str(account):
            self.journal.problem("another account was returned")

    def noise(self):
        """Work that is forgotten, by ROLLBACK TO or by an error."""
        draw = self.random.random()
        if draw > 0.4:
            return
        bogus = self.new_transfer("bogus")
        self.execute("SAVEPOINT a")
        self.add_any(777)
        if draw < 0.2:
            self.execute("SAVEPOINT b")
            self.execute(sql_insert(bogus))
            self.execute(self.random.choice(
                ("RELEASE b", "ROLLBACK TO b", "SELECT 1")))
        if draw < 0.1:
            self.expect_duplicate()
        self.execute("ROLLBACK TO a")
        if self.random.random() < 0.5:
            self.execute("RELEASE a")
        self.journal.record(bogus, FAILED)

    def add_any(self, amount):
        self.execute(sql_add(self.random.randint(FIRST, EXISTING), amount))

    def expect_duplicate(self):
        try:
            self.execute("INSERT INTO bank.accounts VALUES (1, 5)")
        except pq.Error as error:
            if error.sqlstate != "23505":
                raise
            return
        if not self.late:       # else it is forgotten with the savepoint
            self.journal.problem("no error for a duplicate key")

    def expect_late_duplicate(self):
        """The statement that failed was answered, COMMIT must not be."""
        try:
            if self.late and not self.committing:
                self.committing = True
                self.execute("COMMIT")
        except pq.Error as error:
            if error.sqlstate != "23505":
                raise
            return
        self.journal.problem("no error for a duplicate key")

    def check_own(self, difference):
        """Reads what this transaction wrote."""
        if self.random.random() < 0.2:
            row = self.execute("SELECT sum(bal) FROM bank.accounts").rows[0]
            if row[0] != str(TOTAL + difference):
                self.journal.problem("does not see its own writes")

    # --- transfers ---------------------------------------------------------

    def transfer_direct(self, t):
        legs = [(t.src, -t.amount), (t.dst, t.amount)]
        self.random.shuffle(legs)
        self.begin()
        self.noise()
        if self.random.random() < 0.5:
            self.execute(sql_insert(t))
            t = None
        self.add(*legs[0])
        self.check_own(legs[0][1])
        self.noise()
        self.add(*legs[1])
        if t:
            self.execute(sql_insert(t))
        self.commit(t)

    def transfer_read(self, t):
        """Computed here from what was read: a lost update would show."""
        self.begin()
        lock = self.random.choice(("FOR UPDATE", "FOR NO KEY UPDATE"))
        self.write_balances(t, self.execute(
            "SELECT id, bal FROM bank.accounts WHERE id IN (%d, %d)"
            " ORDER BY id %s" % (t.src, t.dst, lock)).rows)

    def transfer_unlocked(self, t):
        """The same without a lock: the level alone must do."""
        self.execute("BEGIN ISOLATION LEVEL "
                     + self.random.choice(("REPEATABLE READ", "SERIALIZABLE")))
        if self.random.random() < 0.5:
            rows = [row for account in (t.src, t.dst) for row in self.execute(
                "SELECT id, bal FROM bank.accounts WHERE id = %d" % account).rows]
        else:
            rows = self.execute(
                "SELECT id, bal FROM bank.accounts WHERE id IN (%d, %d)"
                % (t.src, t.dst)).rows
        self.write_balances(t, rows)

    def write_balances(self, t, rows):
        if len(rows) != 2:
            raise GiveUp
        balances = {int(row[0]): int(row[1]) for row in rows}
        balances[t.src] -= t.amount
        balances[t.dst] += t.amount
        self.noise()
        self.execute(sql_insert(t))
        for account, balance in balances.items():
            self.execute("UPDATE bank.accounts SET bal = %d WHERE id = %d"
                         % (balance, account))
        self.commit(t)

    def transfer_upsert(self, t):
        self.begin()
        self.noise()
        sql = ("INSERT INTO bank.accounts (id, bal) VALUES (%d, %d), (%d, %d)"
               " ON CONFLICT (id) DO UPDATE SET bal = accounts.bal"
               " + excluded.bal" % (t.src, -t.amount, t.dst, t.amount))
        if self.random.random() < 0.5:
            sql += " RETURNING id, bal"
        result = self.execute(sql)
        if result.tag != "INSERT 0 2":
            self.journal.problem("upsert of two accounts: " + result.tag)
        self.check_own(0)
        self.noise()
        self.execute(sql_insert(t))
        self.commit(t)

    def transfer_single(self, t):
        """A statement that is its own transaction."""
        self.committing = True
        self.execute(
            "WITH moved AS (UPDATE bank.accounts SET bal = bal + CASE id"
            " WHEN %d THEN %d ELSE %d END WHERE id IN (%d, %d) RETURNING id) %s"
            % (t.src, -t.amount, t.amount, t.src, t.dst, sql_insert(t)))

    def transfer_block(self, t):
        self.committing = True
        self.execute(
            "DO $$ BEGIN %s; BEGIN %s; %s; RAISE division_by_zero;"
            " EXCEPTION WHEN division_by_zero THEN NULL; END; %s; %s; END $$"
            % (sql_insert(t), sql_add(t.dst, 5 * t.amount),
               sql_add(t.src, 3), sql_add(t.src, -t.amount),
               sql_add(t.dst, t.amount)))

    def transfer_two(self, t):
        """Also on a second server, where the tellers get in each other's way
        more often than on the first: that comes out before the first one
        commits, or, when it happens after that, only the first one does."""
        self.begin()
        self.noise()
        self.execute(sql_insert(t))
        self.add(t.src, -t.amount)
        self.add(t.dst, t.amount)
        self.execute("INSERT INTO bank.receipts (id) VALUES ('%s')" % t.id)
        self.execute("UPDATE bank.counters SET n = n + 1 WHERE id = %d"
                     " RETURNING n" % self.random.randint(1, 5))
        self.commit(t)

    def transfer_here(self, t):
        """Reads all local rows and changes one: of two who do so at the same
        time one has to give way, and its transfer must not be there."""
        self.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
        self.execute("SELECT sum(n) FROM bank.here")
        self.execute("UPDATE bank.here SET n = n + 1 WHERE id = %d"
                     % self.random.randint(1, 8))
        self.noise()
        self.execute(sql_insert(t))
        self.add(t.src, -t.amount)
        self.add(t.dst, t.amount)
        self.commit(t)

    def transfer_pipeline(self, t):
        """Several transfers, whose statements are sent without waiting for an
        answer: without BEGIN, with BEGIN and COMMIT, or with BEGIN alone."""
        self.more = [self.new_transfer(t.kind, like=t)
                     for _ in range(self.random.choice((0, 0, 1, 2, 4)))]
        statements = self.pipeline_statements(t, [t] + self.more)
        wrong = self.random.random() < 0.1
        if wrong:
            statements.insert(self.random.randint(0, len(statements)), (
                None, ["INSERT INTO bank.accounts VALUES (1, $1)", "5"]))
        begin = "BEGIN ISOLATION LEVEL " + self.random.choice(LEVELS)
        form = self.random.choice(("alone", "block", "open"))
        if form != "alone":
            statements.insert(0, ("BEGIN", [begin]))
        if form == "block":
            statements.append(("COMMIT", ["COMMIT"]))
        self.committing = form != "open"
        self.check_pipeline(statements, wrong)
        if form == "open":
            self.noise()
            self.commit(t)

    def pipeline_statements(self, t, transfers):
        """(tag, statement) of each: transfers one by one or two at a time,
        and what they do to the accounts."""
        row = [[one.id, str(one.src), str(one.dst), str(one.amount)]
               for one in transfers]
        insert = "INSERT INTO bank.transfers (id, src, dst, amount) VALUES "
        inserts = []
        while row:
            values = row.pop()
            sql = insert + "($1, $2, $3, $4)"
            if row and self.random.random() < 0.4:
                values = values + row.pop()
                sql += ", ($5, $6, $7, $8)"
            inserts.append(("INSERT 0 %d" % (len(values) // 4), [sql] + values))
        amount = len(transfers) * t.amount
        changes = [("UPDATE 1", [
            "UPDATE bank.accounts SET bal = bal + $1 WHERE id = $2",
            str(change), str(account)])
            for account, change in ((t.src, -amount), (t.dst, amount))]
        draw = self.random.random()
        if draw < 0.4:
            return changes + inserts
        statements = inserts + changes
        if draw > 0.7:
            self.random.shuffle(statements)
        return statements

    def check_pipeline(self, statements, wrong):
        outcomes = self.connection.pipeline(*[one for _, one in statements])
        errors = [one for one in outcomes if isinstance(one, pq.Error)]
        if errors and not (wrong and errors[0].sqlstate == "23505"):
            raise errors[0]
        if wrong:
            if not errors:
                self.expect_late_duplicate()
            raise GiveUp
        for (tag, _), outcome in zip(statements, outcomes):
            if outcome.tag != tag:
                self.journal.problem("%s in a pipeline, expected %s"
                                     % (outcome.tag, tag))

    # --- attempts ----------------------------------------------------------

    def new_transfer(self, kind, like=None):
        token = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        if like:
            return like._replace(id=token)
        # those that do not look whether an account exists
        last = EXISTING if kind in ("single", "block", "pipeline") else LAST
        src, dst = self.random.sample(range(FIRST, last + 1), 2)
        return Transfer(token, src, dst, self.random.randint(1, 50), kind,
                        self.who)

    def record(self, t, outcome):
        for one in [t] + self.more:
            self.journal.record(one, outcome)

    def attempt(self, t):
        """True if it is to be tried again."""
        self.committing = False
        self.more = []
        try:
            getattr(self, "transfer_" + t.kind)(t)
            self.record(t, COMMITTED)
            return False
        except GiveUp:
            self.record(t, FAILED)
            self.forget()
            return False
        except pq.Error as error:
            return self.failed(t, error)
        except pq.ConnectionLost:
            self.journal.error("connection lost")
            self.record(t, UNKNOWN if self.committing else FAILED)
            self.disconnect()
            return not self.committing

    def failed(self, t, error):
        state = error.sqlstate
        if state == COMMITTED_BUT and t.kind == "two" and self.committing:
            self.journal.error(state)
            self.record(t, PARTLY)
            self.forget()
            return False
        self.journal.error(state if state in RETRY else str(error)[:60])
        unknown = state == RESOLUTION_UNKNOWN
        if unknown and not self.committing:
            self.journal.problem("unknown outcome before the commit")
        stopped = state.startswith("57P")
        if stopped and not self.faults:     # the local server
            unknown = self.committing
        elif state not in RETRY and not (
                self.faults and (stopped or state[:2] in ("08", "HV"))):
            self.journal.problem("%s %s (%s)" % (t.kind, error, error.detail))
        self.record(t, UNKNOWN if unknown else FAILED)
        self.forget()
        return not unknown

    def forget(self):
        """Whatever is left of the transaction."""
        try:
            self.connection.execute("ROLLBACK")
        except (pq.Error, pq.ConnectionLost):
            self.disconnect()

    def disconnect(self):
        self.pid = None
        if self.connection:
            self.connection.close()
            self.connection = None

    def reconnect(self, until):
        """The server may be recovering from a crash."""
        while self.connection is None and time.monotonic() < until:
            try:
                self.connection = self.connect()
                self.pid = self.connection.pid
            except (pq.ConnectionLost, pq.Error):
                time.sleep(0.05)

    def work(self, until):
        while time.monotonic() < until:
            kind = self.random.choice(self.kinds)
            t = self.new_transfer(kind)
            for _ in range(ATTEMPTS):
                self.reconnect(until)
                if self.connection is None or not self.attempt(t):
                    break
                if time.monotonic() > until:
                    break
                t = self.new_transfer(kind, like=t)
            if self.rest:
                time.sleep(self.random.uniform(0, self.rest))
        self.disconnect()
