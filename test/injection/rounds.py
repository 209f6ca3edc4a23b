"""One round: hostile names on both sides, and the same statements on a foreign
table and on a local one."""
import os
import random

import pq
from names import ident, literal, name, names, text

ROWS = 6


class Round:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.problems = []
        self.passed = 0
        (self.schema, self.table, self.enum, self.check, self.role,
         self.server, self.here) = names(self.random, 7)
        self.columns = names(self.random, 5)
        self.labels = names(self.random, 3)
        self.default = text(self.random)
        self.password = self.random_password()

    def random_password(self):
        """SCRAM normalizes passwords, so only what it leaves as it is."""
        made = "".join(self.random.choice("aB3'\"\\$%@:/?#[]& ;{}+=-~`|<>,.")
                       for _ in range(20))
        return "p" + made + "w"

    def value(self):
        return None if self.random.random() < 0.1 else text(self.random)

    # ----- both sides -----

    def create_remote(self, admin):
        key, txt, list_, kind, with_default = map(ident, self.columns)
        role, schema = ident(self.role), ident(self.schema)
        table = "%s.%s" % (schema, ident(self.table))
        enum = "%s.%s" % (schema, ident(self.enum))
        for sql in (
                "CREATE ROLE %s LOGIN PASSWORD %s" % (role, literal(
                    self.password)),
                "CREATE SCHEMA %s AUTHORIZATION %s" % (schema, role),
                "SET ROLE " + role,
                "CREATE TYPE %s AS ENUM (%s)" % (enum, ", ".join(
                    map(literal, self.labels))),
                "CREATE TABLE %s (%s int PRIMARY KEY, %s text, %s text[], "
                "%s %s, %s text DEFAULT %s, CONSTRAINT %s CHECK (%s IS "
                "DISTINCT FROM 'forbidden'))" % (
                    table, key, txt, list_, kind, enum, with_default,
                    literal(self.default), ident(self.check), txt),
                "COMMENT ON TABLE %s IS %s" % (table, literal(
                    text(self.random))), "RESET ROLE"):
            admin.execute(sql)

    def create_local(self, local):
        server, here = ident(self.server), ident(self.here)
        options = "host 'ep-test-123.local.neon.test', url %s, dbname %s, " \
            "sslrootcert %s, application_name %s" % tuple(map(literal, (
                os.environ["ENDPOINT_URL"], os.environ["REMOTE_PGDATABASE"],
                os.environ["ENDPOINT_CA"],
                "".join(c for c in text(self.random) if " " <= c < "\x7f")
                or "x")))
        for sql in (
                "CREATE SERVER %s FOREIGN DATA WRAPPER neon_http_fdw OPTIONS "
                "(%s)" % (server, options),
                "CREATE USER MAPPING FOR CURRENT_USER SERVER %s OPTIONS "
                "(user %s, password %s)" % (server, literal(self.role),
                                            literal(self.password)),
                "CREATE SCHEMA " + here,
                "IMPORT FOREIGN SCHEMA %s FROM SERVER %s INTO %s"
                % (ident(self.schema), server, here)):
            local.execute(sql)
        self.foreign = "%s.%s" % (here, ident(self.table))
        self.mirror = here + ".mirror" if self.table != "mirror" \
            else here + ".mirror2"
        local.execute(
            "CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS, PRIMARY KEY (%s))"
            % (self.mirror, self.foreign, ident(self.columns[0])))
        key, txt, list_, kind, with_default = map(ident, self.columns)
        local.execute("ALTER TABLE %s ALTER %s SET DEFAULT %s" % (
            self.mirror, with_default, literal(self.default)))
        local.execute("CREATE TEMP TABLE keys AS SELECT g AS id, %s::text AS t"
                      " FROM generate_series(1, %d) g" % (
                          literal(self.value()), ROWS))

    # ----- statements -----

    def statements(self, upsert):
        """(SQL with {t} for the table, parameters ...)"""
        key, txt, list_, kind, dflt = map(ident, self.columns)
        lit = lambda: literal(self.value())                     # noqa: E731
        label = lambda: literal(self.random.choice(self.labels))  # noqa: E731
        array = lambda: "ARRAY[%s]::text[]" % ", ".join(        # noqa: E731
            lit() for _ in range(self.random.randint(0, 3)))
        n = lambda: self.random.randint(1, ROWS)                # noqa: E731
        for at in range(1, ROWS + 1):
            yield ("INSERT INTO {t} (%s, %s, %s, %s) VALUES (%d, %s, %s, %s)"
                   % (key, txt, list_, kind, at, lit(), array(), label()),)
        yield ("INSERT INTO {t} VALUES (11, $1, $2, NULL, $3) RETURNING *",
               self.value(), "{}", self.value())
        yield ("INSERT INTO {t} (%s, %s) SELECT 20 + id, t || %s FROM keys"
               % (key, txt, literal(text(self.random))),)
        yield upsert and ("INSERT INTO {t} AS x (%s, %s) VALUES (%d, %s) ON CONFLICT (%s)"
               " DO UPDATE SET %s = excluded.%s || x.%s || %s"
               % (key, txt, n(), lit(), key, txt, txt, dflt, lit()),)
        yield ("UPDATE {t} SET %s = %s, %s = %s WHERE %s = %d RETURNING *"
               % (txt, lit(), dflt, lit(), key, n()),)
        yield ("UPDATE {t} SET %s = %s || coalesce(%s, %s) WHERE %s IS "
               "DISTINCT FROM %s" % (txt, lit(), txt, lit(), dflt, lit()),)
        yield ("UPDATE {t} SET %s = $1 WHERE %s = $2" % (txt, key),
               self.value(), str(n()))
        yield ("UPDATE {t} x SET %s = k.t || %s FROM keys k WHERE k.id = x.%s"
               % (txt, lit(), key),)
        yield ("BEGIN",)
        for at in range(1, ROWS + 1):   # one statement with many values
            yield ("UPDATE {t} SET %s = %s WHERE %s = %d"
                   % (txt, lit(), key, at),)
        for at in range(1, 4):
            yield ("INSERT INTO {t} (%s, %s) VALUES (%d, %s)"
                   % (key, txt, 40 + at, lit()),)
        yield ("SAVEPOINT s",)
        yield ("DELETE FROM {t} WHERE %s = %s OR %s > 41" % (txt, lit(), key),)
        if self.random.random() < 0.5:
            yield ("ROLLBACK TO s",)
        yield ("SELECT %s FROM {t} WHERE %s < 4 ORDER BY %s FOR UPDATE"
               % (txt, key, key),)
        yield ("COMMIT",)
        yield ("DELETE FROM {t} WHERE %s IN (%s, %s) RETURNING %s, %s"
               % (txt, lit(), lit(), key, txt),)

    def queries(self):
        key, txt, list_, kind, dflt = map(ident, self.columns)
        value = literal(text(self.random))
        for where in (
                "%s = %s" % (txt, value), "%s LIKE %s" % (txt, literal(
                    text(self.random, 3).replace("\\", "") + "%")),
                "%s = ANY (ARRAY[%s, 'x'])" % (txt, value),
                "%s || %s <> %s" % (txt, value, value),
                "%s = %s" % (kind, literal(self.random.choice(self.labels))),
                "%s @> ARRAY[%s]" % (list_, value),
                "position(%s in coalesce(%s, '')) > 0" % (
                    literal(text(self.random, 1)), txt)):
            yield ("SELECT %s FROM {t} WHERE %s ORDER BY 1" % (key, where),)
        yield ("SELECT %s AS %s, count(*) AS %s FROM {t} GROUP BY 1 ORDER BY 2,"
               " %s COLLATE \"C\"" % (txt, ident(name(self.random)), ident(
                   self.columns[2]), txt),)
        yield ("SELECT k.id, x.%s FROM keys k JOIN {t} x ON x.%s = k.id WHERE"
               " x.%s IS DISTINCT FROM %s ORDER BY 1" % (dflt, key, txt,
                                                         value),)
        yield ("SELECT x.%s FROM {t} x JOIN {t} y USING (%s) WHERE y.%s <> $1"
               " ORDER BY 1" % (txt if txt < key else key, key, txt),
               text(self.random))
        yield ("WITH %s AS (SELECT %s, %s FROM {t}) SELECT count(*), max(%s "
               "COLLATE \"C\") FROM %s" % (ident(self.table), key, txt, txt,
                                           ident(self.table)),)

    # ----- the comparison -----

    def both(self, local, statement):
        """Does a statement here and there, and compares what it returns."""
        sql, *params = statement
        outcomes = []
        for table in (self.mirror, self.foreign):
            text_ = sql.replace("{t}", table)
            try:
                result = local.execute_params(text_, *params) if params \
                    else local.execute(text_)
                outcomes.append(sorted(result.rows, key=str))
            except pq.Error as error:
                outcomes.append(error.sqlstate)
            if "{t}" not in sql:
                return
        if outcomes[0] != outcomes[1]:
            self.problems.append("%r %r: here %r, there %r"
                                 % (sql, params, *outcomes))
        else:
            self.passed += 1

    def compare(self, local, what):
        # a query that cannot run there, so that whole rows come from there
        rows = [local.execute("SELECT t::text FROM %s t" % table).rows
                for table in (self.mirror, self.foreign)]
        if sorted(rows[0]) != sorted(rows[1]):
            self.problems.append("%s: here %r, there %r"
                                 % (what, *map(sorted, rows)))
            return False
        return True

    def run(self, local, admin):
        self.create_remote(admin)
        self.create_local(local)
        for pushdown in ("on", "off"):
            local.execute("SET neon_http_fdw.statement_pushdown = " + pushdown)
            open_ = False
            for statement in filter(None, self.statements(pushdown == "on")):
                open_ = (open_ or statement[0] == "BEGIN") and \
                    statement[0] != "COMMIT"
                self.both(local, statement)
                if not open_ and not self.compare(local, statement):
                    break
            for query in self.queries():
                self.both(local, query)
            local.execute("ANALYZE " + self.foreign)
            for table in (self.foreign, self.mirror):
                local.execute("TRUNCATE " + table)
        self.functions(local)

    def functions(self, local):
        server = literal(self.server)
        value = text(self.random)
        got = local.execute_params(
            "SELECT * FROM neon_http_query(%s, 'SELECT $1::text, current_user'"
            ", $1) AS (a text, b text)" % server, value).rows
        if got != [(value, self.role)]:
            self.problems.append("neon_http_query: %r, not %r" % (
                got, (value, self.role)))
        connections = local.execute(
            "SELECT count(*) FROM neon_http_connections() c, "
            "row_to_json(c) j WHERE j::text <> ''").rows
        self.passed += connections != [("0",)]

    def drop(self, local, admin):
        local.execute("ROLLBACK")
        local.execute("DROP TABLE IF EXISTS keys")
        for sql in ("DROP SERVER IF EXISTS %s CASCADE" % ident(self.server),
                    "DROP SCHEMA IF EXISTS %s CASCADE" % ident(self.here)):
            local.execute(sql)
        admin.execute("RESET ROLE")
        for sql in ("DROP SCHEMA IF EXISTS %s CASCADE" % ident(self.schema),
                    "DROP ROLE IF EXISTS %s" % ident(self.role)):
            admin.execute(sql)
