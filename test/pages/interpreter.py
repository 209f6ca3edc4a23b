"""Runs the Python blocks of a page, one after the other, in one namespace.

Reads one JSON string per line, the text of a block; answers with one line:
an empty string, or the traceback.
"""
import json
import os
import sys
import traceback

namespace = {"__name__": "__main__"}
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    try:
        exec(compile(json.loads(line), "block", "exec"), namespace)
        answer = ""
    except BaseException:
        answer = traceback.format_exc()
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
