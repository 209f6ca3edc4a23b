"""Random statements that write.

Statements have one right result: what feeds the sequence is ordered, no row
is updated from two others.  {n} in a template is a small number, {k} a key
that may be new, {id} one that is there, {where} a condition.

Where it says DEFAULT, the foreign table has none: that of the remote is
meant.  What local rows feed has no conflict target: that is refused.
"""
import re

WHERE = {
    "people": ("id = {id}", "id = {k}", "id IN ({id}, {id}, {id})",
               "id BETWEEN {id} AND {id} + 3", "n > {n}", "n IS NULL",
               "name LIKE '%b%'", "active AND id < {id}",
               "EXISTS (SELECT FROM items i WHERE i.owner = people.id"
               " AND i.qty > {n})",
               "id IN (SELECT src FROM links WHERE note <> '')",
               "id = ANY (ARRAY(SELECT i FROM nums WHERE i < {id}))",
               "loc.plus(n) > {n}", "'b' = ANY (tags)", "info ->> 'k' = '{id}'",
               "salary < (SELECT avg(salary) FROM people)", "false"),
    "items": ("id = {id}", "id IN ({id}, {id})", "owner = {id}", "owner IS NULL",
              "qty > {n}", "price < {n} * 3", "id >= 1000", "total > 50",
              "loc.plus(qty) > {n}", "kind LIKE '%1'",
              "owner IN (SELECT id FROM people WHERE active)"),
    "links": ("src = {id}", "dst = {id}", "note = ''", "dst IS NULL",
              "src < {id}", "loc.plus(src) = {id}",
              "dst IN (SELECT id FROM people WHERE n > {n})"),
    # by key, as most writes of applications are
    "coins": ("id = {id}", "id = {id}", "id = {id}", "id = {id}", "id = {k}",
              "id = {id} AND n > {n}", "n > {n}", "id = loc.plus({n})"),
}

SET = {
    "people": ("n = n + {n}", "n = coalesce(n, 0) * 2", "n = {n} * 20",
               "name = upper(name)", "name = name || '{n}'", "name = NULL",
               "name = 'q\"''\\,{{}}{n}'", "city = 'too long for it'",
               "city = 'x{n}'", "salary = salary * 1.5",
               "salary = salary * 100",
               "salary = 10 / (n - {n})", "active = NOT active",
               "active = NULL", "tags = tags || 'new{n}'::text",
               "tags = ARRAY['a', NULL, '\"', '']", "info = info || '{{\"z\": {n}}}'",
               "info = NULL", "born = born + {n}", "n = loc.plus(n)",
               "id = id + 100", "id = {k}",
               "n = (SELECT count(*) FROM items i WHERE i.owner = people.id)",
               "(name, n) = (SELECT min(note), count(*) FROM links"
               " WHERE dst = people.id)"),
    "items": ("qty = qty + {n}", "qty = qty * 3000", "price = price / 2",
              "price = {n}", "kind = kind || {n}", "kind = 'kind 1'",
              "kind = NULL", "owner = {id}", "owner = {k}", "owner = NULL",
              "qty = loc.plus(qty)"),
    "links": ("src = src + 1", "note = note || 'x'", "note = NULL",
              "dst = {id}", "src = loc.plus(src)"),
    "coins": ("n = n + {n}", "n = n * 3", "n = {n}", "n = 10 / (n - {n})",
              "note = note || '{n}'", "note = NULL", "id = {k}"),
}

RETURNING = {
    "people": ("*", "id", "id, n * 2 AS m, name", "people::text", "n, active",
               "id, loc.plus(n)", "salary, tags, info"),
    "items": ("*", "id", "id, total", "owner, kind || '!' AS k", "id, qty"),
    "links": ("*", "src, dst", "note"),
    "coins": ("*", "id, n"),
}

# Whole statements; {returning} may come to be empty.
STATEMENTS = {
    "people": (
        "INSERT INTO people (id, name) VALUES ({k}, 'new {n}') {returning}",
        "INSERT INTO people (id, name, n, tags, info, born) VALUES"
        " ({k}, 'a', {n}, '{{}}', '[1, {{\"a\": null}}]', '2020-02-{n}')"
        " {returning}",
        "INSERT INTO people VALUES ({k}, NULL, 'c', {n} * 60, DEFAULT)"
        " {returning}",
        "INSERT INTO people (id, n, salary) VALUES ({k}, 1, {n}),"
        " ({k} + 40, loc.plus({n}), 7.25), ({k} + 80, NULL, NULL)"
        " {returning}",
        "INSERT INTO people (id, active) VALUES ({k}, NULL)",
        "INSERT INTO people (id, name, salary, active) VALUES"
        " ({k}, 'd', DEFAULT, DEFAULT), ({k} + 40, NULL, {n}, DEFAULT),"
        " ({k} + 80, DEFAULT, NULL, false) {returning}",
        "UPDATE people SET salary = DEFAULT, name = NULL WHERE {where_people}"
        " {returning}",
        "UPDATE people SET salary = DEFAULT, active = DEFAULT, n = i.i"
        " FROM nums i WHERE i.i = people.id AND {where_people_q}",
        "WITH up AS (UPDATE people SET salary = DEFAULT WHERE {where_people}"
        " RETURNING id, salary) SELECT * FROM up",
        "INSERT INTO people (id, name, n) SELECT id + 200, name, n FROM people"
        " WHERE {where_people} {returning}",
        "INSERT INTO people (id, name) SELECT i + 100 * {n}, t FROM nums"
        " WHERE i < {id} {returning}",
        "INSERT INTO people (id, n) SELECT src + {n} * 50, count(*) FROM links"
        " WHERE src IS NOT NULL GROUP BY src {returning}",
        "UPDATE people SET name = s.note, n = s.c FROM (SELECT dst,"
        " max(note) AS note, count(*) AS c FROM links GROUP BY dst) s"
        " WHERE s.dst = people.id AND {where_people_q}",
        "UPDATE people SET n = i.i FROM nums i WHERE i.i = people.id"
        " AND {where_people_q}",
        "DELETE FROM people USING links WHERE links.src = people.id"
        " AND links.note = 'n'",
        "WITH gone AS (DELETE FROM people WHERE {where_people} RETURNING *)"
        " INSERT INTO links SELECT id, NULL, name FROM gone",
        "WITH up AS (UPDATE people SET n = {n} WHERE {where_people}"
        " RETURNING id, n) SELECT * FROM up",
        "WITH up AS (UPDATE people SET n = n + {n} WHERE {where_people})"
        " SELECT id, n FROM people WHERE id < {id}",
        "WITH d AS (DELETE FROM links WHERE dst = {id} RETURNING *),"
        " up AS (UPDATE people SET name = 'cte {n}' WHERE id = {id}"
        " RETURNING *) SELECT up.id, d.note FROM up, d LIMIT {n} - 10",
        "UPDATE people SET name = v.b FROM (VALUES ({id}, 'v{n}'), ({k}, 'w'))"
        " v (a, b) WHERE v.a = id {returning}",
        "WITH v (a) AS (VALUES ({id}), ({k})) DELETE FROM people USING v"
        " WHERE v.a = id {returning}",
        "UPDATE people SET (name, n) = (SELECT note, src FROM links WHERE"
        " dst = people.id ORDER BY note, src LIMIT 1) WHERE {where_people}"
        " {returning}",
    ),
    "items": (
        "INSERT INTO items (owner, kind) VALUES ({id}, 'k{n}') {returning}",
        "INSERT INTO items (owner, kind, qty, price) VALUES"
        " ({id}, 'm', NULL, {n}), (NULL, 'o', {n}, 2.5) {returning}",
        "INSERT INTO items (id, owner, kind) VALUES ({k}, {k}, 'z')"
        " {returning}",
        "INSERT INTO items (id, kind, qty) VALUES (DEFAULT, NULL, 2)",
        "INSERT INTO items (id, owner, kind, qty) VALUES"
        " (DEFAULT, {id}, 'd1', DEFAULT), (DEFAULT, NULL, 'd2', {n})"
        " {returning}",
        "UPDATE items SET qty = DEFAULT, price = DEFAULT WHERE owner = {id}",
        "INSERT INTO items (owner, kind, price) SELECT id, 'all {n}', salary"
        " FROM people WHERE {where_people} ORDER BY id {returning}",
        "INSERT INTO items (kind, qty) SELECT t, i FROM nums WHERE i < {id}"
        " ORDER BY i {returning}",
        "UPDATE items SET price = p.salary FROM people p WHERE p.id = owner"
        " AND p.n > {n}",
        "DELETE FROM items USING people p WHERE p.id = owner AND p.n < {n}",
        "WITH i AS (INSERT INTO items (owner, kind) VALUES ({id}, 'cte')"
        " RETURNING id, owner) SELECT owner FROM i",
    ),
    "links": (
        "INSERT INTO links VALUES ({k}, {id}, 'l{n}') {returning}",
        "INSERT INTO links VALUES (1, {k}, NULL), (2, NULL, '')",
        "INSERT INTO links SELECT * FROM links WHERE src = {id} {returning}",
        "INSERT INTO links SELECT id, owner, kind FROM items WHERE id < 1000"
        " AND qty > {n}",
        "DELETE FROM links WHERE ctid IN (SELECT min(ctid) FROM links"
        " GROUP BY src, dst HAVING count(*) > 99)",
    ),
    "coins": (
        "INSERT INTO coins VALUES ({k}, {n}, 'new')",
        "INSERT INTO coins (id, n) VALUES ({k}, {n}), ({k} + 40, 1)",
        "UPDATE coins SET n = n - {n} WHERE id = {id}",
        "UPDATE coins SET n = n + {n}, note = 'got' WHERE id = {id}",
        "UPDATE coins SET n = {n} WHERE id = {k}",
        "DELETE FROM coins WHERE id = {id}",
        "DELETE FROM coins WHERE id = {k}",
    ),
}

UPSERTS = {
    "people": (
        "INSERT INTO people (id, n) VALUES ({id}, {n}), ({k} + 40, 1)"
        " ON CONFLICT (id) DO UPDATE SET n = coalesce(people.n, 0)"
        " + excluded.n {returning}",
        "WITH new AS (INSERT INTO people (id, name) VALUES ({k}, 'got')"
        " ON CONFLICT (id) DO NOTHING RETURNING id, name) SELECT * FROM new"
        " UNION ALL SELECT id, name FROM people WHERE id = {k}",
        "WITH v (a, b) AS (VALUES ({id}, 'x'), ({k} + 40, 'y')), new AS"
        " (INSERT INTO people (id, name) SELECT * FROM v ON CONFLICT (id)"
        " DO UPDATE SET name = excluded.name RETURNING id, xmax = 0 AS new)"
        " SELECT v.b, new.new FROM v JOIN new ON new.id = v.a",
        "INSERT INTO people (id, n) VALUES ({id}, 1), ({k} + 40, 2) ON CONFLICT"
        " (id) DO UPDATE SET n = excluded.n RETURNING id, (xmax = 0) AS new",
        "INSERT INTO people (id) VALUES ({id}) ON CONFLICT (id) DO UPDATE SET"
        " (name, n) = (SELECT min(kind), count(*) FROM items WHERE owner ="
        " excluded.id AND people.id > 0) {returning}",
        "INSERT INTO people (id, name) VALUES ({k}, 'x') ON CONFLICT (id)"
        " DO UPDATE SET name = excluded.name || people.name"
        " WHERE people.active {returning}",
        "INSERT INTO people (id, name) SELECT src, note FROM links WHERE"
        " src > {n} ON CONFLICT (id) DO NOTHING {returning}",
        "INSERT INTO people (id, salary) VALUES ({id}, DEFAULT),"
        " ({k} + 40, {n}) ON CONFLICT (id) DO UPDATE SET salary = DEFAULT,"
        " n = excluded.salary {returning}",
        "INSERT INTO people (id, n) VALUES (1, 1), (1, 2) ON CONFLICT (id)"
        " DO UPDATE SET n = excluded.n",
    ),
    "items": (
        "INSERT INTO items (owner, kind, qty) VALUES ({id}, 'kind 1', {n})"
        " ON CONFLICT (owner, kind) DO UPDATE SET qty = excluded.qty",
    ),
    "links": (),
    "coins": (
        "INSERT INTO coins VALUES ({k}, {n}) ON CONFLICT (id) DO UPDATE"
        " SET n = coins.n + excluded.n {returning}",
    ),
}

NOTHING = (
    "INSERT INTO people (id, n) VALUES ({k}, {n}), ({k}, 1)"
    " ON CONFLICT DO NOTHING {returning}",
    "INSERT INTO people (id, n) SELECT i, i FROM nums ON CONFLICT DO NOTHING",
)

READS = (
    "SELECT * FROM people", "SELECT * FROM items", "SELECT * FROM links",
    "SELECT * FROM coins",
    "SELECT count(*), sum(n), max(salary) FROM people",
    "SELECT p.id AS pid, i.kind, i.total FROM people p JOIN items i"
    " ON p.id = i.owner",
    "SELECT p.name, u.t FROM people p JOIN nums u ON u.i = p.id",
    "SELECT src, count(*) FROM links GROUP BY src",
    "SELECT id, n FROM people WHERE id = {id} FOR UPDATE",
)

LEVELS = ("", "", " ISOLATION LEVEL REPEATABLE READ",
          " ISOLATION LEVEL SERIALIZABLE")

_hole = re.compile(r"\{(\w+)\}")


class Writes:
    """Draws from random; upserts: also those that a foreign-data wrapper
    alone cannot do; keyed: mostly of one row by its key."""

    def __init__(self, random, upserts, keyed):
        self.random = random
        self.upserts = upserts
        self.tables = (("people", "items", "links") + ("coins",) * 6 if keyed
                       else ("people", "people", "items", "links", "coins"))

    def fill(self, template, table):
        def hole(match):
            name = match.group(1)
            if name == "n":
                return str(self.random.randint(1, 20))
            if name == "id":
                return str(self.random.randint(1, 20))
            if name == "k":
                return str(self.random.randint(15, 60))
            if name == "returning":
                if self.random.random() < 0.6:
                    return ""
                return "RETURNING " + self.fill(
                    self.random.choice(RETURNING[table]), table)
            if name == "where":
                return self.where(table)
            if name == "where_people":
                return self.where("people")
            # where another table has the same column names
            return self.random.choice(
                ("people.active", "people.id < 12", "people.n IS NOT NULL"))
        return _hole.sub(hole, template).replace("{{", "{").replace("}}", "}")

    def where(self, table):
        return self.fill(self.random.choice(WHERE[table]), table)

    def update(self, table):
        columns = {}
        for _ in range(self.random.randint(1, 3)):
            chosen = self.random.choice(SET[table])
            column = chosen.split(" = ")[0].strip("(")
            if column.startswith("name, n"):
                columns = {}
                column = "name"
            if column in ("n", "name") and any(
                    text.startswith("(") for text in columns.values()):
                continue
            columns[column] = chosen
        return self.fill("UPDATE %s SET %s WHERE {where} {returning}" % (
            table, ", ".join(columns.values())), table)

    def statement(self):
        draw = self.random.random()
        table = self.random.choice(self.tables)
        if draw < 0.15:
            return self.fill(self.random.choice(READS), table)
        if draw < 0.40:
            return self.update(table)
        if draw < 0.50:
            return self.fill("DELETE FROM %s WHERE {where} {returning}"
                             % table, table)
        if draw < 0.60 and self.upserts and UPSERTS[table]:
            return self.fill(self.random.choice(UPSERTS[table]), table)
        if draw < 0.64:
            return self.fill(self.random.choice(NOTHING), "people")
        if draw < 0.65:
            return "TRUNCATE links"
        if draw < 0.70:
            return self.block()
        return self.fill(self.random.choice(STATEMENTS[table]), table)

    def block(self):
        """PL/pgSQL that catches errors."""
        tables = [self.random.choice(("people", "items")) for _ in range(3)]
        a, b, c = ("UPDATE %s SET %s WHERE {where}" % (
            table, self.random.choice(SET[table])) for table in tables)
        insert = "INSERT INTO people (id) VALUES ({k})"
        a, b, c = (self.fill(text, table)
                   for text, table in zip((a, b, c), tables))
        return ("DO $$ BEGIN %s; BEGIN %s; %s; EXCEPTION WHEN OTHERS THEN"
                " %s; END; END $$" % (a, b, self.fill(insert, "people"), c))
