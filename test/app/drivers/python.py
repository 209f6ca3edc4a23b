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


DRIVERS = {"psycopg": lambda: Psycopg(None),
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
