"""How often each contender does a work."""
import statistics
import time


class Schedule:
    """In up to `rounds` rounds, as many as fit into `limit` ms of its own; in
    `least` even if they do not, unless one run takes a second more than
    that."""

    passes = 1
    warm = 0

    def __init__(self, rounds, limit, least):
        self.rounds = rounds
        self.limit = limit
        self.least = least

    def begin(self, part, seconds):
        """A work, once per pass: until this part of its rounds is done;
        there are so many seconds for it."""

    def warms_up(self, result):
        """Once before a pass, untimed?  What others have done meanwhile is in
        the caches, and a pass has few rounds.  No need for what is long."""
        return (result["ms"] != []
                and statistics.fmean(result["ms"]) < self.warm)

    def next_round(self, results):
        """Who takes part in one more round.  Few are enough of what takes
        long, none of what takes very long: distance makes it what it is."""
        return [key for key, result in results.items()
                if self._has_time(result)]

    def _has_time(self, result):
        if len(result["ms"]) < self.least:
            return result["first_ms"] < self.limit + 1000
        return (len(result["ms"]) < self.rounds
                and sum(result["ms"]) < self.limit)


class Shared(Schedule):
    """As many rounds as fit into the work's share of the time, in several
    passes over all works, so that what the machine does for some seconds
    meets a part of a work's rounds only.  For `least` rounds of everyone a
    work may take twice its share; one per pass it does in any case.  Who has
    taken far more time than the others sits out what is more than that: one
    turn of the slowest is as long as several rounds of all others, which
    need them more, for what is short scatters most."""

    part = 1
    begun = 0
    share = 0

    def __init__(self, rounds, limit, least, passes=3, warm=0):
        super().__init__(rounds, limit, least)
        self.passes = passes
        self.warm = warm        # ms

    def begin(self, part, seconds):
        self.part = part
        self.begun = time.time()
        self.share = max(0, seconds)

    def _done(self, result):
        """As if this were the last pass."""
        return len(result["ms"]) / self.part

    def next_round(self, results):
        done = [self._done(result) for result in results.values()]
        took = time.time() - self.begun
        if not done or not (
                min(done) < self.passes
                or (min(done) < self.least and took < 2 * self.share)
                or (max(done) < self.rounds and took < self.share)):
            return []
        fair = 2 * statistics.median(sum(result["ms"])
                                     for result in results.values())
        return [key for key, result in results.items()
                if self._done(result) < self.least
                or sum(result["ms"]) <= fair]


# Of a full run and of a quick one: near, and at a distance, which makes times
# longer and steadier.
ALL = {False: (Schedule(25, 3000, 3), Schedule(25, 1000, 3)),
       True: (Shared(90, 1000, 12, passes=5, warm=50),
              Shared(15, 1000, 6))}
