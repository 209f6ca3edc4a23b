"""Mappers and readers of Python on the tables of orms_check.py.

    python_orms.py TOOL         what it does with rows
    python_orms.py TOOL sync    has it make the tables as it wants them

The server comes from PGHOST and so on.  Each line is a step and, after a tab,
its outcome.
"""
import asyncio
import os
import sys
import traceback
import urllib.parse

E = os.environ
SYNC = sys.argv[2:] == ["sync"]
SERVER = {"host": E["PGHOST"], "port": int(E["PGPORT"]), "user": E["PGUSER"],
          "password": E.get("PGPASSWORD") or None}


def state(error):
    """SQLSTATE, however deep a tool has wrapped it."""
    while error is not None:
        for name in ("sqlstate", "pgcode"):
            if getattr(error, name, None):
                return getattr(error, name)
        error = (error.__cause__ or error.__context__ or
                 getattr(error, "original_exc", None))
    return None


def say(name, outcome):
    print("%s\t%r" % (name, outcome), flush=True)


def step(name):
    def run(function):
        try:
            say(name, function())
        except Exception as error:      # pylint: disable=broad-except
            traceback.print_exc()
            say(name, "error %s" % (state(error) or type(error).__name__))
    return run


def caught(function):
    try:
        function()
    except Exception as error:          # pylint: disable=broad-except
        return state(error) or type(error).__name__
    return "no error"


def peewee():
    import peewee as p
    db = p.PostgresqlDatabase(E["PGDATABASE"], **SERVER)

    class Author(p.Model):
        name = p.TextField()
        born = p.DateField(null=True)

        class Meta:
            database, table_name = db, "authors"

    class Book(p.Model):
        id = p.BigAutoField()
        author = p.ForeignKeyField(Author, backref="books")
        title = p.TextField()
        price = p.DecimalField(null=True)

        class Meta:
            database, table_name = db, "books"

    if SYNC:
        say("sync", caught(lambda: db.create_tables([Author, Book])))
        return

    @step("create, insert_many")
    def _():
        ada = Author.create(name="Ada")
        return ada.id > 0, len(Book.insert_many(
            [{"author": ada, "title": "One", "price": 10},
             {"author": ada, "title": "Two"}]).returning(Book.id).execute())

    @step("prefetch, join")
    def _():
        return ([(a.name, [b.title for b in a.books]) for a in p.prefetch(
            Author.select(), Book.select().order_by(Book.title))],
            [(b.title, b.author.name) for b in Book.select(Book, Author)
             .join(Author).order_by(Book.title)])

    @step("get_or_create, upsert")
    def _():
        made = [Author.get_or_create(name="Bo")[1] for _ in range(2)]
        Author.insert(name="Bo", born="1900-01-01").on_conflict(
            conflict_target=[Author.name], update={
                Author.born: p.EXCLUDED.born}).execute()
        return made, str(Author.get(name="Bo").born)

    @step("atomic, nested and rolled back")
    def _():
        with db.atomic():
            Book.update(price=5).execute()
            with db.atomic() as inner:
                Book.delete().execute()
                inner.rollback()
        return [int(b.price) for b in Book.select()]

    @step("unique violation")
    def _():
        return caught(lambda: Author.create(name="Ada"))

    @step("delete_instance, recursive")
    def _():
        Author.get(name="Ada").delete_instance(recursive=True)
        return Book.select().count()


def pony():
    from pony import orm
    db = orm.Database()

    class Author(db.Entity):
        _table_ = "authors"
        id = orm.PrimaryKey(int, auto=True)
        name = orm.Required(str, unique=True)
        books = orm.Set("Book")

    class Book(db.Entity):
        _table_ = "books"
        id = orm.PrimaryKey(int, size=64, auto=True)
        author = orm.Required(Author, column="author_id")
        title = orm.Required(str)

    db.bind(provider="postgres", database=E["PGDATABASE"], **SERVER)
    if SYNC:
        say("sync", caught(lambda: db.generate_mapping(create_tables=True)))
        return
    db.generate_mapping(check_tables=True, create_tables=False)

    @step("objects in a session")
    def _():
        with orm.db_session:
            ada = Author(name="Ada")
            for title in ("One", "Two"):
                Book(author=ada, title=title)
            orm.flush()
            return ada.id > 0

    @step("generator expressions")
    def _():
        with orm.db_session:
            return (sorted(orm.select((b.title, b.author.name) for b in Book)),
                    orm.count(b for b in Book if b.title.startswith("T")))

    @step("for update, change")
    def _():
        with orm.db_session:
            Book.get_for_update(title="Two").title = "Three"
        with orm.db_session:
            return sorted(orm.select(b.title for b in Book))

    @step("rollback")
    def _():
        with orm.db_session:
            Author(name="Bo")
            orm.flush()
            orm.rollback()
            return orm.count(a for a in Author)

    @step("unique violation")
    def _():
        def run():
            with orm.db_session:
                db.execute("INSERT INTO authors (name) VALUES ('Ada')")
        return caught(run)

    @step("delete")
    def _():
        with orm.db_session:
            Author.get(name="Ada").delete()
            return orm.count(b for b in Book)


def tortoise():
    from tortoise import Tortoise, transactions
    import tortoise_models as m

    async def run():
        await Tortoise.init(config={
            "connections": {"default": {
                "engine": "tortoise.backends.psycopg",
                "credentials": {**SERVER, "database": E["PGDATABASE"]}}},
            "apps": {"m": {"models": ["tortoise_models"],
                           "default_connection": "default"}}})

        async def do(name, function):
            try:
                say(name, await function())
            except Exception as error:  # pylint: disable=broad-except
                traceback.print_exc()
                say(name, "error %s" % (state(error) or type(error).__name__))

        async def create():
            ada = await m.Author.create(name="Ada")
            await m.Book.bulk_create([m.Book(author=ada, title="One"),
                                      m.Book(author=ada, title="Two")])
            return ada.id > 0

        async def read():
            return [(a.name, sorted(b.title for b in a.books)) for a in
                    await m.Author.all().prefetch_related("books")]

        async def upsert():
            found, made = await m.Author.get_or_create(name="Ada")
            return found.name, made, await m.Book.filter(
                title="Two").update(title="Three")

        async def rollback():
            try:
                async with transactions.in_transaction():
                    await m.Author.create(name="Bo")
                    raise KeyError
            except KeyError:
                return await m.Author.all().count()

        async def violation():
            try:
                await m.Author.create(name="Ada")
            except Exception as error:  # pylint: disable=broad-except
                return type(error).__name__

        async def delete():
            return await m.Book.all().delete()
        for name, function in (("create", create), ("prefetch", read),
                               ("get_or_create, update", upsert),
                               ("rollback", rollback),
                               ("unique violation", violation),
                               ("delete", delete)):
            await do(name, function)
        await Tortoise.close_connections()
    asyncio.run(run())


def adbc():
    import adbc_driver_postgresql.dbapi as driver
    import polars
    password = E.get("PGPASSWORD")
    uri = "postgresql://%s%s@/%s?host=%s&port=%s" % (
        E["PGUSER"], ":" + urllib.parse.quote(password, safe="")
        if password else "", E["PGDATABASE"],
        urllib.parse.quote(E["PGHOST"], safe=""), E["PGPORT"])

    @step("ADBC: ingest by COPY is of tables that it can see")
    def _():
        import pyarrow
        with driver.connect(uri) as connection, connection.cursor() as cursor:
            count = cursor.adbc_ingest("authors", pyarrow.table(
                {"name": ["Ada", "Bo"]}), mode="append")
            connection.commit()
        return count

    @step("ADBC: rows as Arrow, by binary COPY")
    def _():
        with driver.connect(uri) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT name, born FROM authors ORDER BY name")
            return cursor.fetch_arrow_table().to_pylist()

    @step("polars: read_database_uri()")
    def _():
        return polars.read_database_uri(
            "SELECT name, length(name) AS n FROM authors ORDER BY name", uri,
            engine="adbc").rows()


def pandas():
    import pandas as pd
    import sqlalchemy as sa
    engine = sa.create_engine(sa.URL.create(
        "postgresql+psycopg", E["PGUSER"], E.get("PGPASSWORD") or None,
        database=E["PGDATABASE"], query={"host": E["PGHOST"],
                                         "port": E["PGPORT"]}))

    @step("to_sql(), appending")
    def _():
        return pd.DataFrame({"name": ["Ada", "Bo"]}).to_sql(
            "authors", engine, if_exists="append", index=False)

    @step("read_sql(), in chunks")
    def _():
        with engine.connect().execution_options(stream_results=True) as c:
            return [list(part["name"]) for part in pd.read_sql(
                sa.text("SELECT name FROM authors ORDER BY name"), c,
                chunksize=1)]

    @step("read_sql(), types of the columns")
    def _():
        return sorted(pd.read_sql("SELECT * FROM authors", engine)
                      .dtypes.astype(str).items())


{f.__name__: f for f in (peewee, pony, tortoise, adbc, pandas)}[sys.argv[1]]()
