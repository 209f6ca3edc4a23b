"""How many requests a driver's writes cost: the statements come from here, a
driver's program executes them one by one, and the endpoint's log counts.

Each program reads lines, fields separated by tabs, and answers "ok" or
"error: ...":

    one   SQL  PARAMETER...     executes it, as an application would
    many  SQL  COUNT            that many rows, as the driver does it best

Placeholders are $1, $2 ...; the program changes them to what its driver takes.
"""
import filecmp
import glob
import os
import shutil
import subprocess
import time

import pq
import stack
from endpoint_log import EndpointLog

APP = os.path.dirname(os.path.abspath(__file__))
HERE = os.path.join(APP, "drivers")
PACKAGES = os.path.join(stack.ROOT, "test", "lib", "packages")
VENV = os.path.join(stack.ROOT, "tmp_check", "drivers-venv")
JARS = os.path.join(stack.ROOT, "tmp_check", "jdbc")
CLASSES = os.path.join(stack.ROOT, "tmp_check", "jdbc-classes")
CLASS_PATH = os.path.join(JARS, "*") + ":" + CLASSES
REPEATS = 7                     # psycopg and pgjdbc prepare after five
MANY = 1000
VERY_MANY = 20000
VERY_MANY_TIME = 60             # s
LINEAR = 2.2                    # bytes of twice as many rows, at most

INSERT = "INSERT INTO t (id, name, n) VALUES ($1, $2, $3)"
RETURNING = " RETURNING id, n"
STATEMENTS = {
    "INSERT": (INSERT, lambda key: (100000 + key, "new", key)),
    "UPDATE": ("UPDATE t SET n = $1 WHERE id = $2", lambda key: (7, key)),
    "DELETE": ("DELETE FROM t WHERE id = $1", lambda key: (key,)),
    "upsert": (INSERT + " ON CONFLICT (id) DO UPDATE SET n = excluded.n",
               lambda key: (key if key % 2 else 100000 + key, "up", key)),
}


class Driver:
    """`many` is the limit of requests for a thousand rows; None where the
    driver has nothing for them.  `linear`: so many rows more cost so many
    times the bytes."""

    def __init__(self, title, command, tool=None, many=None, singles=True,
                 in_transaction=None, linear=False):
        self.title = title
        self.command = command
        self.tool = tool
        self.many = many
        self.singles = singles
        self.in_transaction = in_transaction
        self.linear = linear

    def missing(self):
        return self.tool and not shutil.which(self.tool)


def python(name, short=False):
    venv = os.path.join(stack.ROOT, "tmp_check", "app-venv") if short else VENV
    return [os.path.join(venv, "bin", "python"),
            os.path.join(HERE, "python.py"), name]


def java(program, *arguments):
    return ["java", "-cp", CLASS_PATH, program, *arguments]


def drivers(short):
    found = [
        Driver("psycopg 3", python("psycopg", short), many=3,
               in_transaction=3),
        Driver("psycopg 3, prepared", python("psycopg-prepared", short)),
    ]
    if short:
        return found
    node = ["node", os.path.join(HERE, "node_pg.mjs")]
    return found + [
        # VALUES of 100 rows, for which it waits
        Driver("psycopg2", python("psycopg2"), many=12),
        Driver("asyncpg", python("asyncpg"), many=4),
        Driver("pandas to_sql", python("pandas"), many=4, singles=False),
        Driver("Tortoise bulk_create", python("tortoise"), many=4,
               singles=False),
        Driver("node-postgres", node, "node"),
        Driver("node-postgres, named", node + ["named"], "node"),
        Driver("pgjdbc", java("Drivers"), "java", many=10, linear=True),
        Driver("pgjdbc, reWriteBatchedInserts", java("Drivers", "rewrite"),
               "java", many=10, linear=True),
        # a request for each batch of 50
        Driver("Hibernate", java("Hibernate"), "java", many=45,
               singles=False, linear=True),
        Driver("Hibernate, reWriteBatchedInserts",
               java("Hibernate", "rewrite"), "java", many=45, singles=False,
               linear=True),
        Driver("pgx", [os.path.join(stack.ROOT, "tmp_check", "pgx")], "go",
               many=4),
    ]


def install():
    """What the registries have; ends with their status."""
    for arguments in (("pip", VENV, os.path.join(HERE, "requirements.txt")),
                      ("npm", os.path.join(APP, "node"))):
        done = subprocess.run([PACKAGES, *arguments], check=False)
        if done.returncode != 0:
            raise SystemExit(done.returncode)
    if shutil.which("java") and shutil.which("mvn"):
        install_jars()
        subprocess.run(
            ["java", "-m", "jdk.compiler/com.sun.tools.javac.Main", "-cp",
             ":".join(glob.glob(os.path.join(JARS, "*.jar"))), "-d", CLASSES,
             *(os.path.join(HERE, "jdbc", program + ".java")
               for program in ("Drivers", "Hibernate"))], check=True)
    if shutil.which("go"):
        subprocess.run(["go", "build", "-o", os.path.join(
            stack.ROOT, "tmp_check", "pgx"), "."],
            cwd=os.path.join(HERE, "pgx"), check=True)


def install_jars():
    """Again only if what is wanted has changed."""
    wanted = os.path.join(HERE, "jdbc", "pom.xml")
    installed = os.path.join(JARS, "pom.xml")
    if os.path.exists(installed) \
            and filecmp.cmp(wanted, installed, shallow=False):
        return
    shutil.rmtree(JARS, ignore_errors=True)
    subprocess.run(
        ["mvn", "-q", "-B", "-f", os.path.dirname(wanted),
         "dependency:copy-dependencies", "-DoutputDirectory=" + JARS],
        check=True, stdout=subprocess.DEVNULL)
    shutil.copy(wanted, installed)


class Session:
    """A driver's program."""

    def __init__(self, driver, log):
        self.log = log
        self.process = subprocess.Popen(
            driver.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=dict(
                os.environ, PGOPTIONS="-csearch_path=drivers"
                " -csession_preload_libraries=neon_http_fdw"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, *fields):
        self.process.stdin.write("\t".join(map(str, fields)) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() or "error: it has ended"

    def traffic(self):
        """Requests and bytes since the last call."""
        found = self.log.settled()
        return found.requests, found.sent + found.received


class Check:
    """Counts what passed, prints a line for each."""

    def __init__(self):
        self.passed = 0
        self.failures = []

    def report(self, title, name, answers, figure, limit, unit=""):
        bad = [answer for answer in answers if answer != "ok"]
        good = not bad and figure <= limit
        print("%-32s %-34s %5s%s  %s" % (
            title, name, figure if isinstance(figure, int)
            else "%.1f" % figure, unit, "" if good else
            bad[0] if bad else "FAILED, at most %s" % limit))
        if good:
            self.passed += 1
        else:
            self.failures.append("%s: %s" % (title, name))


def reset(remote):
    remote.execute("TRUNCATE drivers.t; INSERT INTO drivers.t"
                   " SELECT g, 'row ' || g, 0 FROM generate_series(1, 50) g")


def check_driver(driver, check, remote):
    session = Session(driver, EndpointLog())
    work = []
    if driver.singles:
        for name, (sql, parameters) in STATEMENTS.items():
            for end, suffix in (("", ""), (" RETURNING", RETURNING)):
                work.append(("%s 1, %d times" % (name + end, REPEATS), REPEATS,
                             [("one", sql + suffix) + parameters(key)
                              for key in range(1, REPEATS + 1)]))
    if driver.many:
        work.append(("INSERT %d" % MANY, driver.many,
                     [("many", INSERT, MANY)]))
    if driver.in_transaction:
        work.append(("INSERT %d in a transaction" % MANY,
                     driver.in_transaction,
                     [("many in a transaction", INSERT, MANY)]))
    for name, limit, commands in work:
        reset(remote)
        session.traffic()
        answers = [session.ask(*command) for command in commands]
        requests, _ = session.traffic()
        check.report(driver.title, name, answers, requests, limit)
    if driver.linear:
        check_linear(driver, session, check, remote)
    session.close()


def check_linear(driver, session, check, remote):
    """Twice as many rows are twice the bytes, or nearly."""
    size = []
    for count in (VERY_MANY // 2, VERY_MANY):
        reset(remote)
        session.traffic()
        start = time.monotonic()
        answers = [session.ask("many", INSERT, count)]
        took = time.monotonic() - start
        requests, more = session.traffic()
        size.append(more)
    name = "INSERT %d" % VERY_MANY
    check.report(driver.title, name, answers, requests,
                 driver.many * VERY_MANY // MANY)
    check.report(driver.title, name + ", time", answers, took, VERY_MANY_TIME,
                 " s")
    check.report(driver.title, name + ", bytes to those of half", answers,
                 size[1] / size[0], LINEAR)


def run(short=False):
    """(passed, failures)"""
    if not short:
        install()
    remote = pq.remote()
    remote.execute("SET client_min_messages = warning;"
                   "DROP SCHEMA IF EXISTS drivers CASCADE;"
                   "CREATE SCHEMA drivers; CREATE TABLE drivers.t"
                   " (id int PRIMARY KEY, name text, n int)")
    local = pq.local()
    local.execute("SET client_min_messages = warning;"
                  "DROP SCHEMA IF EXISTS drivers CASCADE;"
                  "CREATE SCHEMA drivers; CREATE SEQUENCE drivers.t_seq"
                  " START 100050 INCREMENT 50;"
                  "IMPORT FOREIGN SCHEMA drivers FROM SERVER neon INTO drivers")
    check = Check()
    skipped = 0
    for driver in drivers(short):
        if driver.missing():
            print("%-32s skipped: no %s here" % (driver.title, driver.tool))
            skipped += 1
            continue
        check_driver(driver, check, remote)
    if skipped:
        print("%d drivers skipped" % skipped)
    for each in (local, remote):
        each.execute("DROP SCHEMA drivers CASCADE")
        each.close()
    return check.passed, check.failures
