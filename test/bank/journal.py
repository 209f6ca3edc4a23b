"""What the tellers believe: each transfer they tried, and how it ended."""
import collections
import threading

COMMITTED = "committed"
FAILED = "failed"               # certainly not committed
UNKNOWN = "unknown"
PARTLY = "committed on the first of two servers"

FIRST, EXISTING, LAST = 1, 90, 100      # see schema.sql
BALANCE = 1000
TOTAL = EXISTING * BALANCE

Transfer = collections.namedtuple("Transfer", "id src dst amount kind who")


class Journal:
    """Filled by all threads.  Problems are what must not be."""

    def __init__(self):
        self._lock = threading.Lock()
        self.transfers = {}     # id: (Transfer, outcome)
        self.errors = collections.Counter()
        self.problems = collections.Counter()
        self.missing = []       # what has not come about in the time there was
        self.looks = 0          # of the watchers

    def record(self, transfer, outcome):
        with self._lock:
            self.transfers[transfer.id] = transfer, outcome

    def error(self, text):
        with self._lock:
            self.errors[text] += 1

    def problem(self, text):
        with self._lock:
            self.problems[text] += 1

    def look(self):
        with self._lock:
            self.looks += 1

    def count(self, outcome):
        return sum(o == outcome for _, o in self.transfers.values())

    def kinds(self):
        """Committed ones by who did them and kind."""
        return collections.Counter(
            (t.who, t.kind) for t, o in self.transfers.values()
            if o == COMMITTED)
