"""How often each contender does a work."""
import time


class Schedule:
    """In up to `rounds` rounds, as many as fit into `limit` ms of its own; in
    `least` even if they do not, unless one run takes a second more than
    that."""

    passes = 1

    def __init__(self, rounds, limit, least):
        self.rounds = rounds
        self.limit = limit
        self.least = least

    def begin(self, part, seconds):
        """A work, once per pass: until this part of its rounds is done;
        there are so many seconds for it."""

    def has_time(self, result):
        """For one more round.  Few are enough of what takes long, none of
        what takes very long: distance makes it what it is."""
        if len(result["ms"]) < self.least:
            return result["first_ms"] < self.limit + 1000
        return (len(result["ms"]) < self.rounds
                and sum(result["ms"]) < self.limit)


class Shared(Schedule):
    """All contenders in as many rounds as fit into the work's share of the
    time: rounds that lack some say less of the ratios between them.  In
    several passes over all works, so that what the machine does for some
    seconds meets a part of a work's rounds only.  For `least` rounds a work
    may take twice its share; one per pass it does in any case."""

    passes = 3
    part = 1
    begun = 0
    share = 0

    def begin(self, part, seconds):
        self.part = part
        self.begun = time.time()
        self.share = max(0, seconds)

    def has_time(self, result):
        done = len(result["ms"]) / self.part
        took = time.time() - self.begun
        return (done < self.passes
                or (done < self.least and took < 2 * self.share)
                or (done < self.rounds and took < self.share))


# Of a full run and of a quick one: near, and at a distance, which makes times
# longer and steadier.
ALL = {False: (Schedule(25, 3000, 3), Schedule(25, 1000, 3)),
       True: (Shared(60, 1000, 9), Shared(15, 1000, 6))}
