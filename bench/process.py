"""Processor time, memory and processors of a process."""
import contextlib
import os
import subprocess
import sys

# Until it is told to, or whoever started it is gone.
BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(100000):
        pass
"""


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


def confine(pid, processors):
    """A process, and what it started, to some processors; what it starts
    from now on is confined with it."""
    path = "/proc/%d/task" % pid
    try:
        for thread in os.listdir(path):
            os.sched_setaffinity(int(thread), processors)
            with open("%s/%s/children" % (path, thread),
                      encoding="ascii") as file:
                children = file.read().split()
            for child in children:
                confine(int(child), processors)
    except (FileNotFoundError, ProcessLookupError):
        pass                    # it has ended


def _only_if_idle(processor):
    os.sched_setaffinity(0, {processor})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


@contextlib.contextmanager
def awake(processors):
    """None of these processors falls asleep: one that does, of a virtual
    machine, needs from nothing to a millisecond to wake up, several times in
    a lookup, and who waits for whom is then measured instead of what they do.
    Whatever else there is to do goes first."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY],
                             preexec_fn=lambda p=processor: _only_if_idle(p))
            for processor in processors]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


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
