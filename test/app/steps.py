"""Steps of an application test: each prints one line with its outcome.

A script is run several times, each time with another URL: directly against
the remote database, and through a local one with the extension.  test/app/run
compares the lines.

    @step("what is done")
    def _():
        ...
        return outcome          anything with a repr()

A step that raises an exception has failed, whatever it did elsewhere; one
that is about an error returns caught(function).  Where the outcome through
the extension is another one by design, by_design says which; refused is the
description of an exception that is due there.

The lines are JSON objects: step, outcome, failed, by_design, ms, and
requests, the number that the endpoint saw meanwhile.  Messages of exceptions
go to standard error.  by_design and refused may be dicts: "whole" and "rows"
are the modes of test/app/run.
"""
import json
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "lib"))

from endpoint_log import EndpointLog                            # noqa: E402

ADMIN_URL = os.environ["APP_ADMIN_URL"]         # the remote, always directly
MODE = os.environ.get("APP_MODE", "direct")
THROUGH = MODE != "direct"                      # the extension
PATTERN = os.environ.get("APP_STEPS", "")

_log = EndpointLog() if THROUGH else None


def requests():
    """How many since the last call: wait until the log has settled."""
    if _log is None:
        return None
    count = 0
    while True:
        time.sleep(0.01)
        more = _log.traffic().requests
        if not more:
            return count
        count += more


# What only a statement that goes as a whole can do.
NOT_BY_ROWS = {"rows": "NotSupportedError 0A000"}


def of_mode(value):
    return value.get(MODE) if isinstance(value, dict) else value


def step(name, by_design=None, refused=None):
    by_design = of_mode(by_design)
    refused = of_mode(refused) if THROUGH else None
    expected = (refused if refused is not None
                else None if by_design is None else repr(by_design))

    def run(function):
        if PATTERN not in name:
            return function
        requests()
        failed = False
        start = time.monotonic()
        try:
            outcome = repr(function())
        except Exception as error:      # pylint: disable=broad-except
            outcome = describe(error)
            failed = outcome != refused
            print("--- %s\n%s" % (name, "".join(traceback.format_exception(
                type(error), error, error.__traceback__))), file=sys.stderr)
        print(json.dumps({
            "step": name, "outcome": outcome, "failed": failed,
            "ms": round((time.monotonic() - start) * 1000),
            "requests": requests(),
            "by_design": expected,
        }), flush=True)
        return function
    return run


def describe(error):
    """Class, SQLSTATE and constraint: what an application can react to."""
    words = [type(error).__name__]
    cause = getattr(error, "orig", None) or error.__cause__ or error
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state:
        words.append(state)
        constraint = getattr(cause.diag, "constraint_name", None)
        if constraint:
            words.append(constraint)
    return " ".join(words)


def caught(function):
    """The outcome of a step that is about an error."""
    try:
        function()
    except Exception as error:          # pylint: disable=broad-except
        message = str(error).split("\n", maxsplit=1)[0]
        print("    caught: %s" % message, file=sys.stderr)
        return describe(error)
    return "no error"
