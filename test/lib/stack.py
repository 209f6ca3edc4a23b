"""test/stack for tests in Python: its variables, in this environment."""
import contextlib
import fcntl
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
STACK = os.path.join(ROOT, "test", "stack")


def _up(directory, endpoint_args):
    exports = subprocess.run(
        [STACK, "up", "--dir", directory, "--endpoint-args", endpoint_args],
        check=True, stdout=subprocess.PIPE).stdout
    environment = subprocess.run(
        ["bash", "-c", 'eval "$1"; env -0', "-", exports.decode()],
        check=True, stdout=subprocess.PIPE).stdout.decode()
    os.environ.update(item.split("=", 1)
                      for item in environment.split("\0") if item)


@contextlib.contextmanager
def _directory(name):
    """tmp_check/name, or name.2, name.3 ... if another run has that one: it
    would find its stack up, and end it when it ends itself.  The lock is gone
    with its process, however that ends; its file stays, for one that is
    removed could be locked by two."""
    os.makedirs(os.path.join(ROOT, "tmp_check"), exist_ok=True)
    for number in range(1, 100):
        directory = os.path.join(
            ROOT, "tmp_check", name if number == 1 else "%s.%d" % (name, number))
        with open(directory + ".lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield directory
            return
    raise RuntimeError("99 runs of %s are under way" % name)


@contextlib.contextmanager
def started(name, endpoint_args="", keep=False):
    """A stack of one's own, in tmp_check/name or, beside other runs, name.2 ..."""
    with _directory(name) as directory:
        _up(directory, endpoint_args)
        try:
            yield
        finally:
            if not keep:
                subprocess.run([STACK, "down", "--dir", directory], check=False)


@contextlib.contextmanager
def this_or(name):
    """The stack of the environment, else one of one's own."""
    if os.environ.get("ENDPOINT_URL"):
        yield
    else:
        with started(name):
            yield


def create_server(connection):
    """The extension, the server "neon" and a user mapping."""
    for sql in os.environ["STACK_SQL"].split(";\n"):
        connection.execute(sql)


def create_user_mapping(connection, server="neon"):
    """For the current user, who may use the server."""
    connection.execute(os.environ["STACK_SQL"].split(";\n")[2].replace(
        "SERVER neon", "SERVER " + server))
