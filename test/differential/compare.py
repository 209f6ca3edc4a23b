"""Are two results the same?

Values that are equal may print differently (1.0 and 1.00, one day and 24
hours), and which of them a group or DISTINCT shows depends on the plan.
Those are brought to one form first.
"""
import collections
import re

INTERVAL = 1186
FLOATS = (700, 701)
# numeric, numeric[], jsonb, numrange
WITH_NUMERICS = (1700, 1231, 3802, 3906)

_zeros = re.compile(r"(\d+)\.(\d*?)0+(?!\d)")
_units = {"year": 360 * 86400, "mon": 30 * 86400, "day": 86400}
_unit = re.compile(r"(-?\+?\d+) (year|mon|day)s?")
_clock = re.compile(r"([-+]?)(\d+):(\d\d):(\d\d(?:\.\d+)?)")


def _numeric(text):
    return _zeros.sub(
        lambda m: m.group(1) + ("." + m.group(2) if m.group(2) else ""), text)


def _interval(text):
    seconds = sum(int(n) * _units[unit] for n, unit in _unit.findall(text))
    clock = _clock.search(text)
    if clock:
        sign, hours, minutes, rest = clock.groups()
        part = int(hours) * 3600 + int(minutes) * 60 + float(rest)
        seconds += -part if sign == "-" else part
    return "%g s" % round(seconds, 6)


def _value(text, type):
    if text is None:
        return None
    if type in WITH_NUMERICS:
        return _numeric(text)
    if type == INTERVAL:
        return _interval(text)
    if type in FLOATS and text == "-0":
        return "0"
    return text


def canonical(result):
    types = [type for _, type in result.columns]
    if not any(type in WITH_NUMERICS or type in FLOATS or type == INTERVAL
               for type in types):
        return result.rows
    return [tuple(_value(text, type) for text, type in zip(row, types))
            for row in result.rows]


def difference(expected, got, ordered):
    """None, or what is different."""
    if expected.columns != got.columns:
        return "columns %r, expected %r" % (got.columns, expected.columns)
    if expected.rows == got.rows:
        return None
    a = canonical(expected)
    b = canonical(got)
    if a == b:
        return None
    missing = collections.Counter(a)
    missing.subtract(b)
    for row, count in missing.items():
        if count:
            return "row %r %s; %d rows, expected %d" % (
                row, "is missing" if count > 0 else "should not be there",
                len(b), len(a))
    return "rows in another order" if ordered else None
