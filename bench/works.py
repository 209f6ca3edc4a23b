"""What is measured: a list of kinds of work, each a function of a contender.

Before each run the remote's tables are as `reset` leaves them; `before` and
`after` run outside of the measured time.
"""
import sqlalchemy as sa
from sqlalchemy import orm

# Of which key the rows are that a work inserts.
NEW = 10000000           # above all rows that are there
NEAR = "near"

INSERT = "INSERT INTO t (id, name, n) VALUES (%s, %s, %s)"
UPDATE = "UPDATE t SET n = n + %s WHERE id = %s"
UPSERT = (INSERT + " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
          " n = excluded.n")
DELETE = "DELETE FROM t WHERE id = %s"

SCHEMA = """
CREATE SCHEMA bench;
SET search_path = bench;
CREATE TABLE items (id int PRIMARY KEY, name text NOT NULL, n bigint,
  price numeric(12,2), at timestamptz, flag boolean, note text);
INSERT INTO items SELECT g, 'item number ' || g, g * 1234567::bigint % 1000003,
  (g * 37 % 100000) / 100.0, timestamptz '2025-01-01' + g * interval '1 min',
  g % 3 = 0, CASE WHEN g % 10 <> 0 THEN repeat('x', g % 30) END
  FROM generate_series(1, ITEMS) g;
CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, n int NOT NULL);
CREATE TABLE u (id int PRIMARY KEY, name text NOT NULL, n int NOT NULL);
CREATE TABLE parents (id int PRIMARY KEY, name text NOT NULL, n int NOT NULL);
CREATE TABLE children (id int PRIMARY KEY, parent_id int NOT NULL
  REFERENCES parents, n int NOT NULL);
INSERT INTO parents SELECT g, 'parent ' || g, 0 FROM generate_series(1, 200) g;
INSERT INTO children SELECT g, 1 + g % 200, 0 FROM generate_series(1, 800) g;
ANALYZE;
"""

# In the local database: rows to be joined, and to be inserted.
LOCAL_SCHEMA = """
CREATE TABLE public.wanted AS SELECT 1 + g * 7919 % ITEMS AS id, g AS n
  FROM generate_series(1, 1000) g;
ANALYZE public.wanted;
"""

RESET = "TRUNCATE bench.t, bench.u;" + "".join(
    "INSERT INTO bench.%s SELECT g, 'row ' || g, 0"
    " FROM generate_series(1, ROWS) g;" % table for table in "tu")


class Work:
    """`size` counts what one run does; the time is of one, or of all if
    `per_run`.  `needs` are abilities of the contender, `settings` those of
    the extension.  `floor` is whether the same requests can be sent again.
    A `quick` run has what says most in little time: always, near only, or
    never."""

    def __init__(self, name, function, size=1, per_run=True, needs=(),
                 reset=True, settings=None, floor=True, fresh=False,
                 before=None, only=None, slow=(), quick=True):
        self.name = name
        self.function = function
        self.size = size
        self.per_run = per_run
        self.needs = frozenset(needs)
        self.reset = reset
        self.settings = settings or {}
        self.floor = floor
        self.fresh = fresh          # in a session of its own
        self.before = before
        self.only = only
        self.slow = slow            # who needs very many round trips
        self.quick = quick

    def run(self, contender, state):
        if state is None:
            return self.function(contender, self.size)
        return self.function(contender, self.size, state)


# --- reading ------------------------------------------------------------------

LOOKUP = "SELECT name, price FROM items WHERE id = %s"


def prepared(c, size):
    for key in range(1, size + 1):
        c.execute(LOOKUP, (key,), prepare=True)


def planned(c, size):
    for key in range(1, size + 1):
        c.execute(LOOKUP, (key,), prepare=False)


def first(c, size):
    c.open()
    c.execute(LOOKUP, (size,), prepare=False)


def rows(c, size):
    c.execute("SELECT * FROM items WHERE id <= %s", (size,))


def count(c, size):
    c.execute("SELECT count(*) FROM items")


def grouped(c, size):
    c.execute("SELECT n % 10, count(*), sum(price), avg(n) FROM items"
              " GROUP BY 1 ORDER BY 1")


def window(c, size):
    c.execute("SELECT sum(place) FROM (SELECT rank() OVER (PARTITION BY flag"
              " ORDER BY price) AS place FROM items) ranked")


def joined(c, size):
    """With rows of the local database: see LOCAL_SCHEMA."""
    c.execute("SELECT count(*), sum(i.price) FROM public.wanted w"
              " JOIN items i ON i.id = w.id")


# --- single writes ------------------------------------------------------------

def insert(c, size, returning=""):
    for key in range(size):
        c.execute(INSERT + returning, (NEW + key, "new", key))


def update(c, size, returning=""):
    for key in range(1, size + 1):
        c.execute(UPDATE + returning, (1, key))


def delete(c, size, returning=""):
    for key in range(1, size + 1):
        c.execute(DELETE + returning, (key,))


def upsert(c, size, returning=""):
    for key in range(size):     # every other one is there
        c.execute(UPSERT + returning, (NEW + key if key % 2 else key + 1,
                                       "upserted", key))


def with_returning(function):
    return lambda c, size: function(c, size, " RETURNING id, n")


# --- many rows ----------------------------------------------------------------

def new_rows(size):
    return [(NEW + key, "name %d" % key, key) for key in range(size)]


def insert_many(c, size):
    c.many(INSERT, new_rows(size))


def in_transaction(function):
    def run(c, size):
        with c.transaction():
            function(c, size)
    return run


def insert_values(c, size):
    c.execute("INSERT INTO t (id, name, n) VALUES " + ", ".join(
        "(%d, '%s', %d)" % row for row in new_rows(size)), prepare=False)


def copy(c, size):
    c.copy("COPY t (id, name, n) FROM STDIN", new_rows(size))


def insert_local(c, size):
    c.execute("INSERT INTO t (id, name, n) SELECT %s + g, 'name ' || g, g"
              " FROM generate_series(1, %s) g, (SELECT 1 FROM public.wanted"
              " LIMIT 1) w" % (NEW, size))


def update_many(c, size):
    c.many(UPDATE, [(1, key) for key in range(1, size + 1)])


# --- transactions -------------------------------------------------------------

def five_writes(c, size):
    with c.transaction():
        c.execute(INSERT, (NEW, "order", size))
        c.execute("INSERT INTO u (id, name, n) VALUES (%s, %s, %s)",
                  (NEW, "line", 1))
        c.execute(UPDATE, (-1, 1))
        c.execute(UPDATE, (1, 2))
        c.execute("DELETE FROM u WHERE id = %s", (3,))


def twenty_each(c, size):
    with c.transaction():
        for key in range(1, size + 1):
            c.execute("SELECT name, n FROM t WHERE id = %s", (key,))
        update_many(c, size)
        insert_many(c, size)


def pairs(c, size):
    with c.transaction():
        for key in range(size):
            c.execute(INSERT, (NEW + key, "pair", key))
            c.execute("UPDATE u SET n = n + %s WHERE id = %s", (1, key + 1))


def ten_inserts(c, size):
    with c.transaction():
        insert(c, size)


# --- an object-relational mapper ----------------------------------------------

class Base(orm.DeclarativeBase):
    pass


class Parent(Base):
    __tablename__ = "parents"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.Text)
    n = sa.Column(sa.Integer)


class Child(Base):
    __tablename__ = "children"
    id = sa.Column(sa.Integer, primary_key=True)
    parent_id = sa.Column(sa.Integer, sa.ForeignKey("parents.id"))
    n = sa.Column(sa.Integer)


def load_objects(c, size):
    """Outside of the measured time; the session has its own connection."""
    session = orm.Session(c.engine(), expire_on_commit=False)
    objects = list(session.scalars(sa.select(Parent).order_by(Parent.id)
                                   .limit(size // 5)))
    objects += session.scalars(sa.select(Child).order_by(Child.id)
                               .limit(size - size // 5))
    session.commit()
    return session, objects


def change_objects(c, size, state):
    session, objects = state
    for each in objects[:size]:
        each.n += 1
    session.commit()


# --- all ----------------------------------------------------------------------

def single_writes(size):
    for name, function, needs in (
            ("INSERT", insert, ()), ("UPDATE", update, ()),
            ("DELETE", delete, ()), ("upsert", upsert, ("upsert",))):
        yield Work(name + " 1", function, size, per_run=False, needs=needs,
                   quick=function is not delete)
        yield Work(name + " 1 RETURNING", with_returning(function), size,
                   per_run=False, needs=needs, quick=False)


READERS = ("fdw", "tuned")       # what they do needs all rows here


def reading(few, items, many_trips):
    """many_trips: who would need very many for some thousand rows."""
    in_all = "of {:,} rows".format(items)
    return [
        Work("lookup, prepared", prepared, few, per_run=False, reset=False),
        Work("lookup, planned each time", planned, few, per_run=False,
             reset=False, quick=NEAR),
        Work("connect and first query", first, needs=("session",),
             reset=False, fresh=True),
        Work("1,000 rows", rows, 1000, reset=False),
        Work("10,000 rows", rows, 10000, reset=False, slow=many_trips),
        Work("1,000,000 rows", rows, 1000000, reset=False, slow=("fdw",),
             quick=False),
        Work("count(*) " + in_all, count, reset=False),
        Work("GROUP BY " + in_all, grouped, reset=False),
        Work("window function " + in_all, window, reset=False, slow=READERS,
             quick=NEAR),
        Work("1,000 local rows joined to {:,}".format(items), joined,
             needs=("local",), reset=False, slow=("fdw",)),
    ]


def inserting():
    transaction = ("transaction",)
    return [
        Work("INSERT 1,000, executemany", insert_many, 1000,
             slow=("fdw", "tuned", "dialect")),
        Work("INSERT 1,000, executemany in a transaction",
             in_transaction(insert_many), 1000, needs=transaction,
             slow=("fdw", "tuned"), quick=NEAR),
        Work("INSERT 1,000, VALUES with literals", insert_values, 1000,
             slow=("fdw",)),
        Work("INSERT 1,000, COPY", copy, 1000, needs=("copy",),
             slow=("fdw", "tuned")),
        Work("INSERT 1,000, from a local SELECT", insert_local, 1000,
             needs=("local",), slow=("fdw",)),
        Work("INSERT 100,000, COPY", copy, 100000, needs=("copy",),
             slow=("fdw", "tuned"), quick=False),
        Work("INSERT 100,000, from a local SELECT", insert_local, 100000,
             needs=("local",), slow=("fdw",), quick=False),
    ]


def in_transactions(many):
    """`many` where each statement may cost a round trip."""
    assumed = {"pipeline_row_counts": "assumed"}
    transaction = ("transaction",)
    return [
        Work("UPDATE %d by key, one by one in a transaction" % many,
             in_transaction(update), many, needs=transaction),
        Work("UPDATE %d by key, one by one, all errors at COMMIT" % many,
             in_transaction(update), many, needs=transaction, floor=False,
             settings=dict(assumed, write_errors="commit"),
             only=("h2", "direct"), quick=False),
        Work("UPDATE %d by key, executemany in a transaction" % many,
             in_transaction(update_many), many, needs=transaction,
             floor=False),
        Work("UPDATE %d by key, executemany, assumed row counts" % many,
             in_transaction(update_many),
             many, needs=transaction, settings=assumed, floor=False,
             only=("h2", "direct")),
        Work("transaction of 5 writes", five_writes, floor=False,
             needs=transaction),
        Work("read 20, update 20, insert 20", twenty_each, 20, floor=False,
             needs=transaction, quick=NEAR),
        Work("read 20, update 20, insert 20, assumed row counts", twenty_each, 20,
             settings=assumed, floor=False, needs=transaction,
             only=("h2", "direct"), quick=False),
        Work("SQLAlchemy: flush %d changed objects" % many, change_objects,
             many, needs=("orm",), floor=False, before=load_objects,
             slow=("dialect",)),
        Work("%d pairs of INSERT and UPDATE in a transaction" % (many // 2),
             pairs, many // 2, needs=transaction, floor=False, quick=False),
        Work("BEGIN, 10 INSERTs, COMMIT", ten_inserts, 10, needs=transaction,
             floor=False, quick=False),
        Work("BEGIN, 10 INSERTs, COMMIT, write_errors = commit", ten_inserts, 10,
             needs=transaction, settings={"write_errors": "commit"},
             floor=False, only=("h2", "direct"), quick=False),
    ]


def all_works(quick, many, rtt, items):
    """The closer the remote, the more runs of what is short."""
    few = (3 if quick else 20) if not rtt else (1 if quick else 5)
    works = (reading(few, items, ("fdw",) if quick and rtt else ())
             + list(single_writes(few)) + inserting() + in_transactions(many))
    return [work for work in works if not quick or work.quick is True
            or (work.quick == NEAR and not rtt)]
