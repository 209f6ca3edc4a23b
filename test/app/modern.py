"""What only SQLAlchemy 2 and psycopg 3 have: typed models, SQLModel with
relationships, asynchronous sessions, pipelines, COPY.

    modern.py URL
"""
import asyncio
import sys
from typing import List, Optional

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (DeclarativeBase, Mapped, MappedAsDataclass,
                            WriteOnlyMapped, mapped_column, relationship)
from sqlalchemy.orm import Session as ORMSession
from sqlmodel import Field, Relationship, Session, SQLModel

from models import TABLES
from steps import ADMIN_URL, caught, step

URL = sys.argv[1]
engine = sa.create_engine(URL)
admin = sa.create_engine(ADMIN_URL, poolclass=sa.pool.NullPool)

with admin.begin() as _connection:
    _connection.execute(sa.text("TRUNCATE %s RESTART IDENTITY" % TABLES))
    _connection.execute(sa.text(
        "INSERT INTO events (number) SELECT i FROM generate_series(1, 500) i"))


def committed(sql):
    with admin.connect() as connection:
        return connection.execute(sa.text(sql)).scalar()


# --- typed models ------------------------------------------------------------

class Base(MappedAsDataclass, DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    name: Mapped[str]
    members: WriteOnlyMapped["Person"] = relationship(
        init=False, order_by="Person.email")


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(sa.Identity(always=True), init=False,
                                    primary_key=True)
    email: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    team_id: Mapped[Optional[int]] = mapped_column(
        sa.ForeignKey("teams.id"), default=None)


@step("typed models: dataclasses and a write-only collection")
def _():
    with ORMSession(engine) as session:
        team = Team(name="typed")
        session.add(team)
        session.flush()
        team.members.add_all([Person(email="p%d" % i) for i in range(3)])
        session.flush()
        found = session.scalars(
            team.members.select().where(Person.email > "p0")).all()
        session.commit()
        return ([p.email for p in found],
                committed("SELECT count(*) FROM people"))


@step("typed models: bulk insert into a write-only collection, RETURNING")
def _():
    with ORMSession(engine, expire_on_commit=False) as session:
        team = session.scalars(select(Team)).one()
        people = session.scalars(
            team.members.insert().returning(
                Person, sort_by_parameter_order=True),
            [{"email": "q%d" % i, "version": 1} for i in range(50)]).all()
        session.commit()
        return ([p.email for p in people] == ["q%d" % i for i in range(50)],
                len({p.id for p in people}))


# --- SQLModel ----------------------------------------------------------------

class SQLTeam(SQLModel, table=True):
    __tablename__ = "teams"
    id: Optional[int] = Field(default=None, primary_key=True)
    name: str
    members: List["SQLPerson"] = Relationship(back_populates="team")


class SQLPerson(SQLModel, table=True):
    __tablename__ = "people"
    # SQLModel sends the NULL of an unset key unless the column is an identity
    id: Optional[int] = Field(default=None, sa_column=sa.Column(
        sa.BigInteger, sa.Identity(always=True), primary_key=True))
    email: str
    version: int = 1
    team_id: Optional[int] = Field(default=None, foreign_key="teams.id")
    team: Optional[SQLTeam] = Relationship(back_populates="members")


@step("SQLModel: relationship, both ways")
def _():
    with Session(engine) as session:
        team = SQLTeam(name="model", members=[
            SQLPerson(email="m1"), SQLPerson(email="m2")])
        session.add(team)
        session.commit()
        session.refresh(team)
        return (sorted(p.email for p in team.members),
                team.members[0].team.name, team.model_dump()["name"])


@step("SQLModel: IntegrityError, rollback, again")
def _():
    with Session(engine) as session:
        session.add(SQLTeam(name="model"))
        outcome = caught(session.commit)
        session.rollback()
        session.add(SQLTeam(name="another"))
        session.commit()
        return outcome, committed("SELECT count(*) FROM teams")


# --- asynchronous ------------------------------------------------------------

async def with_session(work):
    asynchronous = create_async_engine(URL)
    try:
        async with AsyncSession(asynchronous,
                                expire_on_commit=False) as session:
            return await work(session)
    finally:
        await asynchronous.dispose()


@step("async: unit of work")
def _():
    async def work(session):
        team = Team(name="async")
        session.add(team)
        await session.flush()
        session.add(Person(email="async", team_id=team.id))
        await session.commit()
        return (await session.scalars(select(Person.email).join(
            Team, Team.id == Person.team_id).where(
                Team.name == "async"))).all()
    return asyncio.run(with_session(work))


@step("async: savepoint and IntegrityError")
def _():
    async def work(session):
        try:
            async with session.begin_nested():
                session.add(Team(name="async"))
        except sa.exc.IntegrityError:
            session.add(Team(name="async 2"))
        await session.commit()
        return (await session.scalar(select(func.count()).where(
            Team.name.like("async%"))))
    return asyncio.run(with_session(work))


@step("async: streamed rows")
def _():
    async def work(session):
        rows = await session.stream(
            sa.text("SELECT number FROM events ORDER BY id"),
            execution_options={"yield_per": 50})
        return sum([row.number async for row in rows])
    return asyncio.run(with_session(work))


@step("async: ten sessions at once, each writes")
def _():
    async def one(asynchronous, i):
        async with AsyncSession(asynchronous) as session:
            await session.execute(sa.text(
                "UPDATE events SET note = 'a' WHERE number % 10 = :i"),
                {"i": i})
            await session.commit()

    async def all_of_them():
        asynchronous = create_async_engine(URL, pool_size=10)
        try:
            await asyncio.gather(*[one(asynchronous, i) for i in range(10)])
        finally:
            await asynchronous.dispose()
    asyncio.run(all_of_them())
    return committed("SELECT count(*) FROM events WHERE note = 'a'")


@step("async: a task that is cancelled leaves nothing behind")
def _():
    async def work(session):
        await session.execute(sa.text("UPDATE events SET note = 'c'"))
        try:
            await asyncio.wait_for(session.execute(sa.text(
                "SELECT * FROM slow")), 0.3)
        except (TimeoutError, asyncio.TimeoutError):
            await session.rollback()
            return "cancelled", await session.scalar(sa.text(
                "SELECT count(*) FROM events WHERE note = 'c'"))
        return "not cancelled"
    return asyncio.run(with_session(work))


# --- the driver itself -------------------------------------------------------

def raw():
    """psycopg's connection, in a pool of its own."""
    return sa.create_engine(URL, poolclass=sa.pool.NullPool).raw_connection()


@step("psycopg: pipeline of writes, committed")
def _():
    connection = raw()
    with connection.driver_connection.pipeline():
        cursor = connection.cursor()
        for i in range(20):
            cursor.execute("INSERT INTO counters VALUES (%s, %s)",
                           ("p%d" % i, i))
        connection.commit()
    connection.close()
    return committed("SELECT sum(value) FROM counters WHERE name LIKE 'p%'")


@step("psycopg: a pipeline that fails in the middle leaves nothing behind")
def _():
    connection = raw()
    connection.driver_connection.autocommit = True

    def pipeline():
        with connection.driver_connection.pipeline():
            cursor = connection.cursor()
            for name in ("f1", "f2", "p1", "f3"):
                cursor.execute("INSERT INTO counters VALUES (%s, 1)", (name,))
    outcome = caught(pipeline)
    connection.close()
    return outcome, committed(
        "SELECT count(*) FROM counters WHERE name LIKE 'f%'")


@step("psycopg: executemany with RETURNING")
def _():
    connection = raw()
    cursor = connection.cursor()
    cursor.executemany(
        "UPDATE counters SET value = value + %s WHERE name = %s"
        " RETURNING value", [(100, "p%d" % i) for i in range(5)],
        returning=True)
    values = []
    while True:
        values += [row[0] for row in cursor.fetchall()]
        if not cursor.nextset():
            break
    connection.commit()
    connection.close()
    return values


@step("psycopg: the same statement ten times, prepared on the way")
def _():
    connection = raw()
    cursor = connection.cursor()
    for i in range(10):
        cursor.execute("UPDATE counters SET value = value + %s"
                       " WHERE name = 'p3'", (i,))
    cursor.execute("SELECT value FROM counters WHERE name = 'p3'")
    value = cursor.fetchone()[0]
    connection.commit()
    connection.close()
    return value, committed("SELECT value FROM counters WHERE name = 'p3'")


@step("psycopg: binary parameters and results")
def _():
    connection = raw()
    cursor = connection.cursor(binary=True)
    cursor.execute("SELECT id, number, note FROM events"
                   " WHERE id = %b AND note <> %b", (7, "none"))
    row = cursor.fetchone()
    connection.close()
    return row


@step("psycopg: COPY FROM and COPY (query) TO")
def _():
    connection = raw()
    cursor = connection.cursor()
    with cursor.copy("COPY counters (name, value) FROM STDIN") as copy:
        for i in range(1000):
            copy.write_row(("c%d" % i, i))
    connection.commit()
    with cursor.copy("COPY (SELECT name FROM counters WHERE name LIKE 'c99%'"
                     " ORDER BY name) TO STDOUT") as copy:
        rows = [row[0] for row in copy.rows()]
    connection.close()
    return rows, committed("SELECT sum(value) FROM counters"
                           " WHERE name LIKE 'c%'")


@step("psycopg: COPY FROM that violates a constraint")
def _():
    connection = raw()

    def copy_in():
        with connection.cursor().copy("COPY counters FROM STDIN") as copy:
            copy.write_row(("d1", 1))
            copy.write_row(("c1", 1))
        connection.commit()
    outcome = caught(copy_in)
    connection.close()
    return outcome, committed("SELECT count(*) FROM counters"
                              " WHERE name LIKE 'd%'")


@step("psycopg: several statements in one string are one transaction")
def _():
    connection = raw()
    connection.driver_connection.autocommit = True
    cursor = connection.cursor()
    outcome = caught(lambda: cursor.execute(
        "INSERT INTO counters VALUES ('s1', 1);"
        " INSERT INTO counters VALUES ('p1', 1)"))
    cursor.execute("INSERT INTO counters VALUES ('s2', 1);"
                   " UPDATE counters SET value = 2 WHERE name = 's2'")
    connection.close()
    return outcome, committed("SELECT string_agg(name || value, ' ')"
                              " FROM counters WHERE name LIKE 's%'")


@step("psycopg: TRUNCATE, rolled back and committed")
def _():
    counts = []
    for finish in ("rollback", "commit"):
        connection = raw()
        connection.cursor().execute("TRUNCATE counters")
        getattr(connection, finish)()
        connection.close()
        counts.append(committed("SELECT count(*) FROM counters") > 0)
    return counts
