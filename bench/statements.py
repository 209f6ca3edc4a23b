"""Requests against statements of a transaction: times do not matter here."""
import works

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200)
KINDS = {
    "UPDATE, one by one": (works.update, {}),
    "INSERT, one by one": (works.insert, {}),
    "UPDATE, executemany": (works.update_many, {}),
    "UPDATE, executemany, assumed counts": (
        works.update_many, {"pipeline_row_counts": "assumed"}),
    "INSERT, executemany": (works.insert_many, {}),
    "INSERT, one by one, write_errors = commit": (
        works.insert, {"write_errors": "commit"}),
}


def count(bench):
    """A list of pairs for each kind."""
    contender = next(each for each in bench.everyone if each.key == "h2")
    found = {}
    for name, (function, settings) in KINDS.items():
        found[name] = []
        for size in COUNTS:
            work = works.Work(name, works.in_transaction(function), size,
                              settings=settings)
            entries = bench.once(work, contender, [], count=True)["entries"]
            found[name].append((size, len(entries)))
    return found
