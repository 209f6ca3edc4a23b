"""What a contender's times come to, and the ratios between contenders.

What else a machine does changes from moment to moment by more than contenders
differ, and meets all that runs at that moment.  So a ratio is not one of two
medians: each time is taken for a contender's own, times what the round made of
it, which all contenders' times of that round tell.  Both are found in turn
from the logarithms of what the other leaves, as in Tukey's median polish: the
round's is their median, the contender's the mean of their middle third, which
scatters less.  A turn that went wrong has no weight.
"""
import math
import statistics

OWN = "h2"
FLOOR = "floor"
RELATIVES = (OWN, "h1", FLOOR)      # who is not an alternative
SWEEPS = 20                         # far more than it takes to settle


def usable(result):
    """Did the contender do the work?"""
    return result is not None and "error" not in result


def comparable(work):
    """Each contender's times by round.  A floor whose requests were refused
    did another work."""
    return {key: dict(zip(result.get("rounds", range(len(result["ms"]))),
                          result["ms"]))
            for key, result in work["results"].items()
            if usable(result) and not (key == FLOOR and result["bad"])}


def middle(values):
    """The mean of their middle third; the median of few."""
    values = sorted(values)
    cut = max(len(values) // 3, (min(len(values), 4) - 1) // 2)
    return statistics.fmean(values[cut:len(values) - cut])


def levels(rows):
    """The logarithm of each contender's own time, from its times by round;
    not everyone takes part in each round."""
    logs = {key: {i: math.log(ms) for i, ms in row.items()}
            for key, row in rows.items()}
    level = {key: middle(row.values()) for key, row in logs.items()}
    rounds = {i for row in logs.values() for i in row}
    for _ in range(SWEEPS):
        drift = {i: statistics.median(row[i] - level[key]
                                      for key, row in logs.items()
                                      if i in row) for i in rounds}
        level = {key: middle(value - drift[i] for i, value in row.items())
                 for key, row in logs.items()}
    return level


def ratios(work):
    """By contender: how many times as long as neon_http_fdw it takes."""
    level = levels(comparable(work))
    own = level.pop(OWN, None)
    return {} if own is None else {key: math.exp(value - own)
                                   for key, value in level.items()}


def to_floor(work):
    """How many times as long as the floor neon_http_fdw takes, or None."""
    found = ratios(work)
    return 1 / found[FLOOR] if FLOOR in found else None


def to_best(work):
    """The same, to the fastest of the alternatives."""
    others = [value for key, value in ratios(work).items()
              if key not in RELATIVES]
    return 1 / min(others) if others else None


def difference(one, other):
    """Of two ratios, as a part of the smaller: the same whichever of two
    contenders is above the line."""
    return max(one, other) / min(one, other) - 1
