"""Replies that were lost, as the endpoint's log has them.

A transfer's id stands in the request that commits it.  Its outcome must have
been reported as unknown if that reply was lost, and only then; with a commit
ledger it must never stay unknown.
"""
import json
import re

from journal import COMMITTED, UNKNOWN

_id = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
LOST = ("drop after", "drop before")


def is_commit(body):
    """Not a read, not a rehearsal."""
    queries = body.get("queries", ())
    return bool(queries) and \
        queries[-1]["query"].strip(" ;").upper() != "ROLLBACK"


def check_lost(log, journal, mode):
    lost = set()
    harmed = set()              # in a request whose reply was not whole
    for entry in log.traffic().entries:
        if not entry.get("fault") or not is_commit(entry["body"]):
            continue
        ids = set(_id.findall(json.dumps(entry["body"])))
        harmed |= ids
        if entry["fault"] in LOST:
            lost |= ids
    outcomes = {id: o for id, (_, o) in journal.transfers.items()}
    lost &= set(outcomes)
    if not lost:
        journal.missing.append("no reply to a commit was lost")
    print("    %d replies to commits were lost" % len(lost))
    for id, outcome in outcomes.items():
        if outcome == UNKNOWN and id not in harmed:
            journal.problem("unknown outcome, but no reply was lost")
    if mode.unknown:
        for id in lost:
            if outcomes[id] != UNKNOWN:
                journal.problem("%s, but the reply was lost" % outcomes[id])
    elif not any(outcomes[id] == COMMITTED for id in lost):
        journal.missing.append("no lost commit was found in the ledger")
