"""Charts of what bench/run found: charts.py FIGURES.json DIRECTORY."""
import json
import os
import sys

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot                                   # noqa: E402

import estimate                                                 # noqa: E402
import report                                                   # noqa: E402

KINDS = ("lookup, prepared", "connect and first query", "10,000 rows",
         "INSERT 1,000, VALUES with literals", "transaction of 5 writes")
LINES = {"floor": ("floor", "#999999"), "h2": ("neon_http_fdw", "#0a7d33"),
         "direct": ("direct TCP", "#1f4e9e"),
         "fdw": ("postgres_fdw", "#b3402a"),
         "dialect": ("SQLAlchemy dialect", "#c28f00")}
TUNED = ("postgres_fdw, tuned", "#d98b7b")


def by_time(runs, directory):
    """Time against round trip time, for some kinds of work."""
    if not any(work["name"] in KINDS for run in runs
               for work in run["works"]):
        return
    figure, axes = pyplot.subplots(1, len(KINDS), figsize=(16, 3.6))
    for axis, kind in zip(axes, KINDS):
        for key, (title, colour) in LINES.items():
            points = []
            for run in runs:
                for work in run["works"]:
                    result = work["results"].get(key)
                    if work["name"] == kind and estimate.usable(result):
                        points.append((run["rtt"],
                                       report.median(work, result)))
            if points:
                axis.plot(*zip(*sorted(points)), marker="o", markersize=3,
                          color=colour, label=title)
        axis.set_title(kind, fontsize=9)
        axis.set_xlabel("round trip time, ms")
        axis.set_yscale("log")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("ms")
    if axes[0].lines:
        axes[0].legend(fontsize=7)
    save(figure, directory, "time.svg")


def of_scale(runs, name):
    return next((run["scale"][name] for run in runs
                 if name in run.get("scale", {})), None)


def by_statements(runs, directory):
    """Requests against statements of a transaction."""
    counts = of_scale(runs, "statements")
    if counts is None:
        return
    figure, axis = pyplot.subplots(figsize=(6.5, 4))
    lines = {}                  # those that are the same are drawn once
    for name, points in counts.items():
        lines.setdefault(tuple(tuple(point[:2]) for point in points),
                         []).append(name)
    for points, names in lines.items():
        axis.plot(*zip(*points), marker="o", markersize=3,
                  label="\n".join(names))
    finish(axis, "statements of a transaction",
           "requests, its commit included")
    save(figure, directory, "requests.svg")


def by_rows(runs, directory):
    """Memory, and time, against rows."""
    found = of_scale(runs, "rows")
    if found is None:
        return
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4))
    for key, points in found.items():
        title, colour = LINES[key] if key in LINES else TUNED
        for axis, field, unit in ((axes[0], "peak_kb", 1024),
                                  (axes[1], "ms", 1000)):
            values = [(size, max(run[field], 1) / unit)
                      for size, run in points if run.get(field) is not None]
            if values:
                axis.plot(*zip(*values), marker="o", markersize=3,
                          color=colour, label=title)
    finish(axes[0], "rows", "the local session grew by, MB")
    finish(axes[1], "rows", "seconds")
    save(figure, directory, "memory.svg")


def by_sessions(runs, directory):
    """Throughput against sessions."""
    found = of_scale(runs, "sessions")
    if found is None:
        return
    figure, axis = pyplot.subplots(figsize=(6.5, 4))
    for key, points in found.items():
        title, colour = LINES[key]
        values = [(size, run["tps"]) for size, run in points if "tps" in run]
        if values:
            axis.plot(*zip(*values), marker="o", markersize=3, color=colour,
                      label=title)
    finish(axis, "sessions", "lookups per second")
    axis.set_yscale("linear")
    axis.set_ylim(bottom=0)
    save(figure, directory, "sessions.svg")


def finish(axis, across, up):
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel(across)
    axis.set_ylabel(up)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)


def save(figure, directory, name):
    figure.tight_layout()
    figure.savefig(os.path.join(directory, name), metadata={"Date": None})
    pyplot.close(figure)


def main():
    raw, directory = sys.argv[1:]
    matplotlib.rcParams.update({"svg.hashsalt": "neon_http_fdw",
                                "svg.fonttype": "none"})
    with open(raw, encoding="utf-8") as file:
        runs = json.load(file)["runs"]
    by_time(runs, directory)
    by_statements(runs, directory)
    by_rows(runs, directory)
    by_sessions(runs, directory)


if __name__ == "__main__":
    main()
