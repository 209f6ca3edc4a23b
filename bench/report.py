"""Markdown tables of what measure.py found: medians with their spread, and
ratios to the floor and to the best."""
import json
import os
import statistics
import sys

import contenders

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


def ratio(value, base):
    return "" if base is None or value is None else "%.2f" % (value / base)


def usable(result):
    return result is not None and "error" not in result


def row(work, columns):
    results = work["results"]
    values = {key: median(work, result) for key, result in results.items()
              if usable(result)}
    own = values.get("h2")
    floor = values.get("floor")
    if usable(results.get("floor")) and results["floor"]["bad"]:
        floor = None                        # refused: not the same work
    others = [v for k, v in values.items() if k not in ("floor", "h2", "h1")]
    cells = [cell(work, results.get(key)) if key != "floor" or floor
             else "" for key in columns]
    return [work["name"]] + cells + [
        ratio(own, floor), ratio(own, min(others, default=None)),
        requests(work, results.get("h2")), traffic(work, results.get("h2"))]


def lines(run):
    columns = [key for key in ORDER
               if any(key in work["results"] for work in run["works"])]
    heads = ["work"] + [TITLES[key] for key in columns] + [
        "to the floor", "to the best other", "requests", "bytes"]
    yield "### Round trip time %g ms" % run["rtt"]
    yield ""
    yield "| " + " | ".join(heads) + " |"
    yield "|---" + "|---:" * (len(heads) - 1) + "|"
    for work in run["works"]:
        yield "| " + " | ".join(row(work, columns)) + " |"
    yield ""


def table(runs):
    return "\n".join(line for run in runs for line in lines(run))


def main():
    raw, output = sys.argv[1:]
    with open(raw, encoding="utf-8") as file:
        found = json.load(file)
    facts = "".join("%s: %s  \n" % item for item in found["machine"].items())
    runs = sorted(found["runs"], key=lambda run: run["rtt"])
    text = facts + "\n" + table(runs)
    print(text)
    with open(os.path.join(output, "tables.md"), "w",
              encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
