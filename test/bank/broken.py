"""Tellers that do wrong on purpose, so that the checks are seen to fail."""
import pq
import teller
from journal import COMMITTED, FAILED, UNKNOWN


class Half(teller.Teller):
    """Transactions that are none: each statement commits."""

    def begin(self):
        pass

    def noise(self):
        pass

    def check_own(self, difference):
        pass


class Twice(teller.Teller):
    """Repeats a commit blindly."""

    def attempt(self, t):
        again = super().attempt(t)
        if not again and self.connection and self.random.random() < 0.05:
            try:
                self.transfer_single(t)
            except pq.Error:
                pass
        return again


class Forgotten(teller.Teller):
    """Says that it has committed what it rolled back."""

    def commit(self, t):
        if self.random.random() < 0.05:
            self.execute("ROLLBACK")
        else:
            super().commit(t)


class Denied(teller.Teller):
    """Says that it has failed where it has committed."""

    def attempt(self, t):
        again = super().attempt(t)
        if self.random.random() < 0.05:
            recorded = self.journal.transfers[t.id]
            if recorded[1] == COMMITTED:
                self.journal.record(t, FAILED)
        return again


class Shrug(teller.Teller):
    """Reports an unknown outcome where nothing happened to the network."""

    def attempt(self, t):
        again = super().attempt(t)
        if self.random.random() < 0.05:
            self.journal.record(t, UNKNOWN)
        return again


class Overwrite(teller.Teller):
    """Writes what it computed from an old value."""

    def execute(self, sql):
        sql = sql.replace("FOR UPDATE", "").replace("FOR NO KEY UPDATE", "")
        if sql.startswith("BEGIN"):
            sql = "BEGIN"
        return super().execute(sql)


class Leave(teller.Teller):
    """Leaves a session idle in transaction."""

    left = []

    def work(self, until):
        super().work(until)
        connection = self.connect()
        connection.execute("BEGIN; SELECT FROM bank.accounts")
        Leave.left.append(connection)


# What each must lead to.
VARIANTS = {
    "half": (Half, "the sum"),
    "twice": (Twice, "is there 2 times"),
    "forgotten": (Forgotten, "committed, but is there 0 times"),
    "denied": (Denied, "failed, but is there 1 times"),
    "shrug": (Shrug, "unknown outcome"),
    "overwrite": (Overwrite, "balance"),
    "leave": (Leave, "idle in transaction"),
}
