"""The endpoint's request log: what one statement sent and received."""
import json
import os
import time


class Traffic:
    def __init__(self, entries):
        self.entries = entries
        self.requests = len(entries)
        self.received = sum(e["bytes_out"] for e in entries)
        self.sent = sum(e["bytes_in"] for e in entries)


class EndpointLog:
    """Reads what was added since the last look."""

    def __init__(self, path=None):
        self.file = open(path or os.environ["ENDPOINT_LOG"], "rb")
        self.skip()

    def skip(self):
        self.file.seek(0, os.SEEK_END)

    def traffic(self):
        """Of all requests since the last call or skip()."""
        return Traffic([json.loads(line) for line in self.file])

    def settled(self):
        """The same, when no more is being added."""
        entries = []
        while True:
            time.sleep(0.01)
            more = self.traffic().entries
            if not more:
                return Traffic(entries)
            entries += more
