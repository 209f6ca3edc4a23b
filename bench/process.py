"""Processor time and memory of a process."""


def cpu_ms(pid):
    """Until now; None of no process."""
    if pid is None:
        return None
    with open("/proc/%d/schedstat" % pid, encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e6


def _field(path, name):
    with open(path, encoding="ascii") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return None


def private_kb(pid):
    """What no other process shares."""
    return _field("/proc/%d/smaps_rollup" % pid, "Private_Dirty")


class Memory:
    """By how many kB a process grows at most from now on.  Pages of shared
    buffers that it touches for the first time count, too."""

    def __init__(self, pid):
        self.pid = pid
        if pid is None:
            return
        try:
            with open("/proc/%d/clear_refs" % pid, "w",
                      encoding="ascii") as file:
                file.write("5")             # the peak begins anew
            self.before = _field("/proc/%d/status" % pid, "VmRSS")
        except OSError:                     # another user's
            self.pid = None

    def grown(self):
        if self.pid is None:
            return None
        return max(0, _field("/proc/%d/status" % self.pid, "VmHWM")
                   - self.before)
