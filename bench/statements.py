"""Requests, and time, against statements of a transaction."""
import works

COUNTS = (1, 2, 5, 10, 20, 50)
MORE = (100, 200, 500, 1000, 2000)
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


def count(bench, quick):
    """For each kind a list of statements, requests and milliseconds."""
    contender = next(each for each in bench.everyone if each.key == "h2")
    found = {}
    for name, (function, settings) in KINDS.items():
        found[name] = []
        for size in COUNTS + (() if quick else MORE):
            work = works.Work(name, works.in_transaction(function), size,
                              settings=settings)
            run = bench.once(work, contender, [], count=True)
            found[name].append((size, len(run["entries"]), run["ms"]))
    return found
