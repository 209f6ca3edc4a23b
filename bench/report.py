"""Markdown tables of what measure.py found: medians with their spread, and
ratios to the floor and to the best.

    report.py FIGURES.json DIRECTORY
"""
import json
import os
import statistics
import sys

import contenders
import estimate

ORDER = ("floor", "h2", "h1", "direct", "fdw", "tuned", "dialect",
         "serverless")
TITLES = {"floor": contenders.Floor.title, "h2": "neon_http_fdw",
          "h1": "HTTP/1.1", "direct": "direct TCP", "fdw": "postgres_fdw",
          "tuned": "tuned", "dialect": "dialect", "serverless": "serverless"}


def median(work, result):
    """Of one statement where that is what the work measures."""
    value = statistics.median(result["ms"])
    return value / work["size"] if work["each"] else value


def number(value):
    return "%.2f" % value if value < 10 else (
        "%.1f" % value if value < 100 else "{:,.0f}".format(value))


def spread(result):
    """Half of the distance between the quartiles, in percent."""
    values = result["ms"]
    if len(values) < 4:
        return "n = %d" % len(values)
    low, _, high = statistics.quantiles(values, n=4)
    return "±%d %%" % round(50 * (high - low) / statistics.median(values))


def cell(work, result):
    if result is None:
        return ""
    if "error" in result:
        return "not possible"
    return "%s (%s)" % (number(median(work, result)), spread(result))


def requests(work, result):
    if result is None or "requests" not in result:
        return ""
    count = result["requests"]
    if work["each"]:
        count /= work["size"]
    return "%g" % round(count, 2)


def traffic(work, result):
    if result is None or "error" in result:
        return ""
    if "link" in result:
        size = result["link"][0] + result["link"][1]
    elif "sent" in result:
        size = result["sent"] + result["received"]
    else:
        return ""
    if work["each"]:
        size /= work["size"]
    return "%s kB" % number(size / 1e3)


def frames(work, result):
    """On the link, both ways; none at 0 ms."""
    if not estimate.usable(result) or "link" not in result:
        return ""
    count = result["link"][2] + result["link"][3]
    return number(count / work["size"] if work["each"] else count)


def ratio(value):
    return "" if value is None else "%.2f" % value


def row(work, columns):
    results = work["results"]
    # a floor that was refused something did not do the same
    cells = [cell(work, results.get(key)) if key != estimate.FLOOR
             or key in estimate.comparable(work) else "" for key in columns]
    return [work["name"]] + cells + [
        ratio(estimate.to_floor(work)), ratio(estimate.to_best(work)),
        requests(work, results.get("h2")), traffic(work, results.get("h2")),
        frames(work, results.get("h2"))]


def lines(run):
    if not run["works"]:
        return
    columns = [key for key in ORDER
               if any(key in work["results"] for work in run["works"])]
    heads = ["work"] + [TITLES[key] for key in columns] + [
        "to the floor", "to the best other", "requests", "bytes", "frames"]
    yield "### Round trip time %g ms" % run["rtt"]
    yield ""
    yield from grid(heads, [row(work, columns) for work in run["works"]])


def grid(heads, rows):
    """A table's lines."""
    yield "| " + " | ".join(heads) + " |"
    yield "|---" + "|---:" * (len(heads) - 1) + "|"
    for cells in rows:
        yield "| " + " | ".join(cells) + " |"
    yield ""


LOCAL = ("h2", "fdw", "tuned")


def processor(run):
    """Of the local database's backend: time, and growth in its first or
    second run, which a session that has grown before does not repeat."""
    rows = []
    for work in run["works"]:
        cells = []
        for key in LOCAL:
            result = work["results"].get(key)
            times = [ms for ms in (result or {}).get("cpu_ms", [])
                     if ms is not None] if estimate.usable(result) else []
            if not times:
                cells += ["", ""]
                continue
            value = statistics.median(times)
            cells += [number(value / work["size"] if work["each"] else value),
                      "{:,}".format(result["peak_kb"])
                      if "peak_kb" in result else ""]
        if any(cells):
            rows.append([work["name"]] + cells)
    if rows:
        yield "### Processor time and memory of the local backend"
        yield ""
        yield "Milliseconds, and by how many kB the session grew at %g ms." \
            % run["rtt"]
        yield ""
        yield from grid(["work"] + [TITLES[key] + what for key in LOCAL
                                    for what in (", ms", ", kB")], rows)


def of_statements(counts):
    names = list(counts)
    yield "### Requests of a transaction"
    yield ""
    yield "The commit included, by number of statements; milliseconds" \
        " of one run."
    yield ""
    sizes = [point[0] for point in counts[names[0]]]
    yield from grid(
        ["statements"] + ["{:,}".format(size) for size in sizes],
        [[name] + ["%d (%s)" % (point[1], number(point[2]))
                   for point in counts[name]] for name in names])


def of_sessions(title, what, found):
    yield "### " + title
    yield ""
    sizes = [point[0] for point in next(iter(found.values()))]
    yield from grid(
        [what] + ["%d" % size for size in sizes],
        [[TITLES[key]] + [number(run["tps"]) + (
            " (%d failed)" % run["failed"] if run["failed"] else "")
            if "tps" in run else "failed" for _, run in points]
         for key, points in found.items()])


def of_rows(found):
    yield "### By number of rows"
    yield ""
    yield "All rows, by COPY to the client, which throws them away: time;" \
        " processor time and growth of the local backend."
    yield ""
    rows = []
    for key, points in found.items():
        for size, run in points:
            rows.append([TITLES[key], "{:,}".format(size),
                         number(run["ms"]), "%.2f" % (run["ms"] * 1e3 / size),
                         number(run["cpu_ms"]) if "cpu_ms" in run else "",
                         "{:,}".format(run["peak_kb"])
                         if run.get("peak_kb") is not None else "",
                         number(run["bytes"] / 1e6)])
    yield from grid(["contender", "rows", "ms", "microseconds a row",
                     "processor, ms", "grew by, kB", "MB"], rows)


def at_rest(found):
    yield "A session that has read one row and does nothing has {:,} kB of" \
        " its own; with postgres_fdw {:,}, with neither of them {:,}." \
        .format(found["h2"], found["fdw"], found["none"])
    yield ""


def scales(scale):
    if "statements" in scale:
        yield from of_statements(scale["statements"])
    if "rows" in scale:
        yield from of_rows(scale["rows"])
    if "sessions" in scale:
        yield from of_sessions("Lookups per second", "sessions",
                               scale["sessions"])
    if "at rest" in scale:
        yield from at_rest(scale["at rest"])
    if "TPC-B" in scale:
        yield from of_sessions("TPC-B transactions per second (pgbench)",
                               "clients", scale["TPC-B"])


# What the README shows, if it was measured at 20 ms.
SHOWN = ("lookup, prepared", "connect and first query", "1,000 rows",
         "10,000 rows", "GROUP BY", "1,000 local rows joined", "INSERT 1",
         "INSERT 1,000, executemany", "INSERT 1,000, COPY",
         "transaction of 5 writes")
COLUMNS = ("h2", "direct", "fdw", "tuned", "dialect", "serverless")


def short(runs, rtt=20):
    """The table of ten lines: medians in milliseconds."""
    run = next((run for run in runs if run["rtt"] == rtt), None)
    if run is None:
        return []
    rows = []
    for name in SHOWN:
        work = next((work for work in run["works"] if work["name"] == name),
                    None) or next((work for work in run["works"]
                                   if work["name"].startswith(name)), None)
        if work:
            rows.append([work["name"]] + [
                number(median(work, work["results"][key]))
                if estimate.usable(work["results"].get(key)) else ""
                for key in COLUMNS])
    return list(grid(["ms, at a round trip time of %g ms" % rtt]
                     + [TITLES[key] for key in COLUMNS], rows))


def table(runs):
    found = [line for run in runs for line in lines(run)]
    for run in runs:
        if not run["rtt"]:
            found += processor(run)
        found += scales(run["scale"])
    return "\n".join(found)


def main():
    raw, output = sys.argv[1:]
    with open(raw, encoding="utf-8") as file:
        found = json.load(file)
    facts = "".join("%s: %s  \n" % item for item in found["machine"].items())
    runs = sorted(found["runs"], key=lambda run: run["rtt"])
    text = facts + "\n" + table(runs)
    print(text)
    for name, content in (("tables.md", text),
                          ("short.md", "\n".join(short(runs)))):
        with open(os.path.join(output, name), "w", encoding="utf-8") as file:
            file.write(content)


if __name__ == "__main__":
    main()
