"""What goes wrong while the tellers work."""
import json
import os
import random
import signal
import subprocess
import threading
import time

import pq


class Chaos(threading.Thread):
    """Does something again and again, and can say how often."""

    pause = (0.5, 1.5)

    def __init__(self, tellers, seed):
        super().__init__(daemon=True)
        self.tellers = tellers
        self.random = random.Random(seed)
        self.ended = threading.Event()
        self.times = 0

    def run(self):
        while not self.ended.wait(self.random.uniform(*self.pause)):
            self.times += bool(self.act())

    def end(self):
        self.ended.set()
        self.join()


class KillBackends(Chaos):
    """All sessions end then, and the local server recovers."""

    pause = (1, 3)
    what = "backends killed"

    def __init__(self, tellers, seed):
        super().__init__(tellers, seed)
        self.log = os.path.join(os.environ["STACK_DIR"], "local.log")
        self.killed_at = None       # the size of the log at the last one

    def act(self):
        pids = [t.pid for t in self.tellers if t.pid]
        if not pids:
            return False
        self.killed_at = os.path.getsize(self.log)
        try:
            os.kill(self.random.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def end(self):
        """What follows finds a server that takes connections: the last kill
        may not have been noticed yet, and recovery refuses them.  One of a
        process that was ending makes no recovery."""
        super().end()
        until = time.monotonic() + 20
        while not self.has_recovered() and time.monotonic() < until:
            time.sleep(0.1)
        until = time.monotonic() + 120
        while True:
            time.sleep(0.1)
            try:
                local = pq.local()
                local.execute("SELECT 1")
                local.close()
                return
            except (pq.ConnectionLost, pq.Error):
                if time.monotonic() > until:
                    raise

    def has_recovered(self):
        if self.killed_at is None:
            return True
        with open(self.log, "rb") as file:
            file.seek(self.killed_at)
            return b"ready to accept connections" in file.read()


class RestartEndpoint(Chaos):
    """Killed or asked to stop, it is away for a moment."""

    what = "restarts of the endpoint"
    pause = (1, 2.5)

    def __init__(self, tellers, seed):
        super().__init__(tellers, seed)
        self.pid_file = os.path.join(os.environ["STACK_DIR"], "endpoint.pid")
        with open(self.pid_file) as file:
            self.pid = int(file.read())
        with open("/proc/%d/cmdline" % self.pid, "rb") as file:
            self.command = file.read().rstrip(b"\0").split(b"\0")
        port = os.environ["ENDPOINT_URL"].rsplit(":", 1)[1].split("/")[0]
        self.command += [b"--port", port.encode()]
        self.process = None

    def act(self):
        os.kill(self.pid, self.random.choice((signal.SIGKILL, signal.SIGTERM)))
        if self.process:
            self.process.wait()
        else:
            self.wait_for_end()
        time.sleep(self.random.uniform(0, 0.7))
        self.start_again()
        return True

    def wait_for_end(self):
        for _ in range(500):
            try:
                with open("/proc/%d/stat" % self.pid) as file:
                    if " Z " in file.read():
                        return
            except OSError:
                return
            time.sleep(0.02)

    def start_again(self):
        """Its port may be taken for a moment, by a connection that somebody
        has made meanwhile: then it ends, and is started once more."""
        port_file = os.path.join(os.environ["STACK_DIR"], "endpoint.port")
        if os.path.exists(port_file):
            os.unlink(port_file)
        until = time.monotonic() + 60
        self.process = None
        while not os.path.exists(port_file) and time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(self.command, start_new_session=True,
                                                stderr=subprocess.DEVNULL)
                self.pid = self.process.pid
                with open(self.pid_file, "w") as file:
                    file.write("%d\n" % self.pid)
            time.sleep(0.02)


class KillRemote(Chaos):
    """Ends sessions of the remote, but not those of the bank itself."""

    what = "sessions of the remote ended"
    pause = (0.05, 0.4)

    def act(self):
        remote = pq.remote(application_name="bank")
        try:
            return remote.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_type ="
                " 'client backend' AND application_name <> 'bank'"
                " ORDER BY state <> 'active', random() LIMIT 1").rows
        finally:
            remote.close()


class LoseReplies(Chaos):
    """Mostly after execution."""

    what = "kinds of lost replies"
    faults = ({"drop": "after"},) * 3 + ({"drop": "before"}, {"truncate": 0},
                                         {"truncate": 60})

    def __init__(self, tellers, seed, percent=4):
        super().__init__(tellers, seed)
        self.percent = percent

    def act(self):
        fault = dict(self.random.choice(self.faults), count=1000000,
                     percent=self.percent)
        path = os.environ["ENDPOINT_FAULTS"]
        with open(path + ".new", "w") as file:
            json.dump(fault, file)
        os.rename(path + ".new", path)
        return True

    def run(self):
        self.act()
        super().run()

    def end(self):
        super().end()
        os.unlink(os.environ["ENDPOINT_FAULTS"])
