"""Who is measured: each does the same work in its own way.

A contender has execute(), many() and transaction(); what it cannot do it
does not have in `can`.  Statements have psycopg's placeholders.  Where there
are prepared statements, they are prepared at their first use, unless a work
says otherwise: psycopg does so at the sixth of a connection, which would be
half of the rounds of a work.
"""
import contextlib
import json
import os
import subprocess
import urllib.parse

import psycopg
import pycurl
import sqlalchemy
from sqlalchemy_neon_serverless import dbapi

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = "ep-test-123.local.neon.test"
ALL = frozenset(("copy", "upsert", "orm", "prepare", "transaction",
                 "session"))
LOCAL = ALL | {"local"}         # has a local database, too


def connection_string(user, password, database):
    return "postgresql://%s:%s@%s/%s" % (
        user, urllib.parse.quote(password, safe=""), HOST, database)


def of_remote():
    return {name: os.environ["REMOTE_" + name] for name in
            ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD")}


def remote(user=None):
    """A connection to the remote that is no contender."""
    parameters = of_remote()
    return psycopg.connect(
        host=parameters["PGHOST"], port=parameters["PGPORT"],
        dbname=parameters["PGDATABASE"], user=user or parameters["PGUSER"],
        password=parameters["PGPASSWORD"], autocommit=True)


class Sql:
    """psycopg 3: to the local database, or straight to the remote."""

    def __init__(self, key, title, parameters, settings, can=ALL):
        self.key = key
        self.title = title
        self.parameters = parameters
        self.settings = settings
        self.can = can
        self.connection = None

    def _connect(self, autocommit=False):
        return psycopg.connect(
            autocommit=autocommit, **self.parameters, options=" ".join(
                "-c%s=%s" % item for item in self.settings.items()))

    def open(self):
        self.connection = self._connect(autocommit=True)

    def close(self):
        self.connection.close()

    def set(self, name, value):
        if self.key.startswith("h"):
            self.connection.execute("SET neon_http_fdw.%s = %s"
                                    % (name, value))

    def execute(self, sql, parameters=None, prepare=True):
        cursor = self.connection.execute(sql, parameters, prepare=prepare)
        return cursor.fetchall() if cursor.description else None

    def many(self, sql, rows):
        with self.connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    def transaction(self):
        return self.connection.transaction()

    def copy(self, sql, rows):
        with self.connection.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)

    def engine(self):
        return sqlalchemy.create_engine("postgresql+psycopg://",
                                        creator=self._connect)

    def backend(self):
        """The process of the local database, if it is here."""
        if self.key == "direct":
            return None
        return self.connection.info.backend_pid


class Dialect:
    """sqlalchemy-neon-serverless: one request for each statement, which
    commits by itself."""

    key = "dialect"
    title = "sqlalchemy-neon-serverless"
    can = ALL - {"copy", "prepare", "transaction"}

    def __init__(self):
        self.connection = None

    @staticmethod
    def _connect():
        remote = of_remote()
        return dbapi.connect(
            endpoint=os.environ["ENDPOINT_URL"],
            ssl_cert_file=os.environ["ENDPOINT_CA"],
            connection_string=connection_string(
                remote["PGUSER"], remote["PGPASSWORD"], remote["PGDATABASE"]))

    def open(self):
        self.connection = self._connect()

    def close(self):
        self.connection.close()

    def set(self, name, value):
        pass

    def execute(self, sql, parameters=None, prepare=None):
        cursor = self.connection.cursor()
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else None

    def many(self, sql, rows):
        self.connection.cursor().executemany(sql, rows)

    @staticmethod
    def transaction():
        return contextlib.nullcontext()

    def engine(self):
        return sqlalchemy.create_engine("postgresql+neonserverless://",
                                        creator=self._connect)

    @staticmethod
    def backend():
        return None


class Serverless:
    """@neondatabase/serverless, in a process of its own: a transaction is a
    list of statements that goes as one request."""

    key = "serverless"
    title = "@neondatabase/serverless"
    can = ALL - {"copy", "prepare", "orm", "session"}

    def __init__(self):
        self.process = None
        self.pending = None

    def open(self):
        if self.process is None:
            remote = of_remote()
            self.process = subprocess.Popen(
                ["node", os.path.join(HERE, "serverless.mjs")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=dict(os.environ, SERVERLESS_URL=connection_string(
                    remote["PGUSER"], remote["PGPASSWORD"],
                    remote["PGDATABASE"]),
                    NODE_EXTRA_CA_CERTS=os.environ["ENDPOINT_CA"]))

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None

    def set(self, name, value):
        pass

    def _send(self, statements, transaction):
        self.process.stdin.write(json.dumps(
            {"statements": statements, "transaction": transaction}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["rows"]

    @staticmethod
    def _statement(sql, parameters):
        count = sql.count("%s") if parameters else 0
        for number in range(1, count + 1):
            sql = sql.replace("%s", "$%d" % number, 1)
        return [sql, list(parameters or ())]

    def execute(self, sql, parameters=None, prepare=None):
        statement = self._statement(sql, parameters)
        if self.pending is not None:
            self.pending.append(statement)
            return None
        return self._send([statement], False)

    def many(self, sql, rows):
        statements = [self._statement(sql, row) for row in rows]
        if self.pending is not None:
            self.pending += statements
        else:
            self._send(statements, True)

    @contextlib.contextmanager
    def transaction(self):
        self.pending = []
        try:
            yield
            self._send(self.pending, True)
        finally:
            self.pending = None

    @staticmethod
    def backend():
        return None


class Floor:
    """The requests that the extension made, sent again by libcurl over a
    connection that is kept; replies are thrown away."""

    key = "floor"
    title = "floor"
    can = frozenset()

    def __init__(self):
        self.curl = None
        self.errors = 0

    def open(self):
        self.curl = pycurl.Curl()
        self.curl.setopt(pycurl.URL, os.environ["ENDPOINT_URL"])
        self.curl.setopt(pycurl.CAINFO, os.environ["ENDPOINT_CA"])
        self.curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS)
        self.curl.setopt(pycurl.WRITEFUNCTION, lambda data: None)

    def close(self):
        self.curl.close()

    @staticmethod
    def prepare(entry):
        """Headers and body of a request in the endpoint's log."""
        remote = of_remote()
        headers = [
            "Neon-Connection-String: " + connection_string(
                remote["PGUSER"], remote["PGPASSWORD"], remote["PGDATABASE"]),
            "Content-Type: application/json", "Neon-Raw-Text-Output: true",
            "Neon-Array-Mode: true", "Neon-Pool-Opt-In: true", "Expect:"]
        if entry["isolation"]:
            headers.append("Neon-Batch-Isolation-Level: "
                           + entry["isolation"])
        if entry["read_only"]:
            headers.append("Neon-Batch-Read-Only: true")
        body = entry["body"]
        if not isinstance(body, str):
            body = json.dumps(body, ensure_ascii=False,
                              separators=(",", ":"))
        return headers, body.encode()

    def replay(self, requests):
        self.errors = 0
        for headers, body in requests:
            self.curl.setopt(pycurl.HTTPHEADER, headers)
            self.curl.setopt(pycurl.POSTFIELDS, body)
            self.curl.perform()
            if self.curl.getinfo(pycurl.RESPONSE_CODE) != 200:
                self.errors += 1

    @staticmethod
    def backend():
        return None


def local(key, title, schema, can=LOCAL):
    return Sql(key, title, {}, {
        "search_path": schema, "session_preload_libraries": "neon_http_fdw",
        "timezone": "UTC"}, can)


def all_of_them():
    remote = of_remote()
    # postgres_fdw knows no INSERT ... ON CONFLICT DO UPDATE
    fdw = LOCAL - {"upsert"}
    return [
        local("h2", "neon_http_fdw", "h2"),
        local("h1", "neon_http_fdw, HTTP/1.1", "h1"),
        local("fdw", "postgres_fdw", "fdw", fdw),
        local("tuned", "postgres_fdw, tuned", "tuned", fdw),
        Sql("direct", "direct TCP", {
            "host": remote["PGHOST"], "port": remote["PGPORT"],
            "dbname": remote["PGDATABASE"], "user": remote["PGUSER"],
            "password": remote["PGPASSWORD"], "sslmode": "require"},
            {"timezone": "UTC"}),
        Dialect(),
        Serverless(),
        Floor(),
    ]
