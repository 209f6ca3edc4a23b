"""What drivers in Python send: python.py DRIVER; see ../drivers_check.py."""
import asyncio
import os
import re
import sys


def new_rows(count):
    return [(100000 + key, "name %d" % key, key) for key in range(count)]


def numbers(fields):
    return [int(field) if field.isdigit() else field for field in fields]


def format_style(sql):
    return re.sub(r"\$\d", "%s", sql)


class Psycopg:
    """psycopg 3; prepared: from the first execution on, or never."""

    def __init__(self, prepare):
        import psycopg
        self.connection = psycopg.connect(autocommit=True)
        self.prepare = prepare

    def one(self, sql, values):
        self.connection.execute(format_style(sql), values,
                                prepare=self.prepare)

    def many(self, sql, count):
        with self.connection.cursor() as cursor:
            cursor.executemany(format_style(sql), new_rows(count))

    def many_in_transaction(self, sql, count):
        with self.connection.transaction():
            self.many(sql, count)


class Psycopg2:
    def __init__(self):
        import psycopg2
        from psycopg2 import extras
        self.connection = psycopg2.connect("")
        self.connection.autocommit = True
        self.extras = extras

    def one(self, sql, values):
        self.connection.cursor().execute(format_style(sql), values)

    def many(self, sql, count):
        """Its executemany() sends and waits row by row; this is how its
        documentation says it: pages of 100 rows."""
        self.connection.autocommit = False
        self.extras.execute_values(
            self.connection.cursor(),
            re.sub(r"\(\$1.*", "%s", sql), new_rows(count))
        self.connection.commit()
        self.connection.autocommit = True


class Asyncpg:
    def __init__(self):
        import asyncpg
        self.loop = asyncio.new_event_loop()
        options = dict(re.findall(r"-c(\S+?)=(\S+)", os.environ["PGOPTIONS"]))
        self.connection = self.loop.run_until_complete(asyncpg.connect(
            host=os.environ["PGHOST"], port=os.environ["PGPORT"],
            server_settings=options))

    def one(self, sql, values):
        self.loop.run_until_complete(self.connection.fetch(sql, *values))

    def many(self, sql, count):
        self.loop.run_until_complete(
            self.connection.executemany(sql, new_rows(count)))


class Pandas:
    """DataFrame.to_sql() through SQLAlchemy."""

    def __init__(self):
        import pandas
        import sqlalchemy
        self.pandas = pandas
        self.engine = sqlalchemy.create_engine("postgresql+psycopg://")

    def many(self, _, count):
        frame = self.pandas.DataFrame(new_rows(count),
                                      columns=["id", "name", "n"])
        frame.to_sql("t", self.engine, schema="drivers", if_exists="append",
                     index=False)


class Tortoise:
    """bulk_create() of Tortoise ORM, which works through asyncpg."""

    def __init__(self):
        import tortoise
        from tortoise import fields, models

        class T(models.Model):
            id = fields.IntField(primary_key=True, generated=False)
            name = fields.TextField(null=True)
            n = fields.IntField(null=True)

            class Meta:
                table = "t"
        # it looks for models in a module
        sys.modules[__name__].T = self.model = T
        self.tortoise = tortoise.Tortoise
        # what init() sets holds in its context only
        self.runner = asyncio.Runner()
        self.runner.run(self.connect())

    async def connect(self):
        options = dict(re.findall(r"-c(\S+?)=(\S+)", os.environ["PGOPTIONS"]))
        await self.tortoise.init(
            config={"connections": {"default": {
                "engine": "tortoise.backends.asyncpg", "credentials": {
                    "host": os.environ["PGHOST"],
                    "port": os.environ["PGPORT"],
                    "user": os.environ["PGUSER"], "password": None,
                    "database": os.environ["PGDATABASE"],
                    "server_settings": options}}},
                    "apps": {"drivers": {"models": [__name__]}}})

    async def create(self, rows):
        await self.model.bulk_create([self.model(id=key, name=name, n=n)
                                      for key, name, n in rows])

    def many(self, _, count):
        self.runner.run(self.create(new_rows(count)))


DRIVERS = {"tortoise": Tortoise, "psycopg": lambda: Psycopg(None),
           "psycopg-prepared": lambda: Psycopg(True),
           "psycopg2": Psycopg2, "asyncpg": Asyncpg, "pandas": Pandas}


def run(driver, kind, sql, *rest):
    if kind == "one":
        driver.one(sql, numbers(rest))
    elif kind == "many":
        driver.many(sql, int(rest[0]))
    else:
        driver.many_in_transaction(sql, int(rest[0]))


def main():
    driver = DRIVERS[sys.argv[1]]()
    for line in sys.stdin:
        try:
            run(driver, *line.rstrip("\n").split("\t"))
            answer = "ok"
        except Exception as error:      # pylint: disable=broad-except
            answer = "error: %s" % str(error).replace("\n", " ")
        print(answer, flush=True)


if __name__ == "__main__":
    main()
