"""Another endpoint in front of the remote of test/stack."""
import contextlib
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@contextlib.contextmanager
def another(name, *arguments):
    """With arguments of its own; its URL and log."""
    directory = os.environ["STACK_DIR"]
    port_file = os.path.join(directory, name + ".port")
    log = os.path.join(directory, name + ".log")
    far = os.environ.get("LINK_FAR")
    process = subprocess.Popen(
        (["ip", "netns", "exec", far] if far else [])
        + [os.path.join(ROOT, "test", "endpoint", "neon_endpoint"),
           *arguments, "--port-file", port_file, "--log", log,
           "--listen", os.environ["REMOTE_PGHOST"],
           "--cert", os.path.join(directory, "server.pem"),
           "--key", os.path.join(directory, "server.key"),
           "--pg-host", os.environ["REMOTE_PGHOST"],
           "--pg-port", os.environ["REMOTE_PGPORT"]],
        stderr=subprocess.DEVNULL)
    try:
        while not os.path.exists(port_file):
            if process.poll() is not None:
                sys.exit("the endpoint %s did not start" % name)
            time.sleep(0.02)
        with open(port_file, encoding="ascii") as file:
            port = file.read().strip()
        host = os.environ["ENDPOINT_URL"].rsplit(":", 1)[0]
        yield "%s:%s/sql" % (host, port), log
    finally:
        process.terminate()
        process.wait()
