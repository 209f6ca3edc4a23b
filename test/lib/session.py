"""A session for tests in other languages, over either protocol.

Reads one JSON array per line, answers with one:

    ["simple", SQL]                     {"tag": ..., "rows": [...]}
    ["extended", SQL, PARAMETER, ...]   {"tag": ..., "rows": [...]}
    ["pipeline", [SQL, ...], ...]       [one of these, or null, for each]
    ["abandon", [SQL, ...], ...]        "gone": sends no Sync, and disconnects

An error is {"sqlstate": ..., "message": ...}.  The first line that it writes
is the backend's process id.
"""
import json
import sys

import pq


def shown(outcome):
    if outcome is None:
        return None
    if isinstance(outcome, pq.Error):
        return {"sqlstate": outcome.sqlstate, "message": outcome.message,
                "detail": outcome.detail}
    return {"tag": outcome.tag, "rows": outcome.rows}


def run(connection, kind, *arguments):
    if kind == "pipeline":
        return [shown(o) for o in connection.pipeline(*arguments)]
    if kind == "abandon":
        connection.abandon(*arguments)
        return "gone"
    call = connection.execute_params if kind == "extended" \
        else connection.execute
    try:
        return shown(call(*arguments))
    except pq.Error as error:
        return shown(error)


def main():
    connection = pq.local()
    print(connection.pid, flush=True)
    for line in sys.stdin:
        print(json.dumps(run(connection, *json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
