"""Charts of what bench/run found: charts.py FIGURES.json DIRECTORY."""
import json
import os
import sys

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot                                   # noqa: E402

import report                                                   # noqa: E402

KINDS = ("lookup, prepared", "connect and first query", "10,000 rows",
         "INSERT 1,000, VALUES with literals", "transaction of 5 writes")
LINES = {"floor": ("floor", "#999999"), "h2": ("neon_http_fdw", "#0a7d33"),
         "direct": ("direct TCP", "#1f4e9e"),
         "fdw": ("postgres_fdw", "#b3402a"),
         "dialect": ("SQLAlchemy dialect", "#c28f00")}


def by_time(runs, directory):
    """Time against round trip time, for some kinds of work."""
    figure, axes = pyplot.subplots(1, len(KINDS), figsize=(16, 3.6))
    for axis, kind in zip(axes, KINDS):
        for key, (title, colour) in LINES.items():
            points = []
            for run in runs:
                for work in run["works"]:
                    result = work["results"].get(key)
                    if work["name"] == kind and report.usable(result):
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
    axes[0].legend(fontsize=7)
    save(figure, directory, "time.svg")


def by_statements(runs, directory):
    """Requests against statements of a transaction."""
    counts = next((run["statements"] for run in runs
                   if run.get("statements")), None)
    if counts is None:
        return
    figure, axis = pyplot.subplots(figsize=(6.5, 4))
    lines = {}                  # those that are the same are drawn once
    for name, points in counts.items():
        lines.setdefault(tuple(map(tuple, points)), []).append(name)
    for points, names in lines.items():
        axis.plot(*zip(*points), marker="o", markersize=3,
                  label="\n".join(names))
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("statements of a transaction")
    axis.set_ylabel("requests, its commit included")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    save(figure, directory, "requests.svg")


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


if __name__ == "__main__":
    main()
