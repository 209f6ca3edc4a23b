"""The uses that the README of the HTTP dialect for Neon shows: Core, ORM and
SQLModel, with nothing changed but the URL.

    examples.py URL
"""
import sys

from sqlalchemy import Column, String, create_engine, text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import Session as ORMSession
from sqlmodel import Field, Session, SQLModel, select
from sqlmodel import create_engine as sqlmodel_engine

from steps import ADMIN_URL, step

URL = sys.argv[1]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id = Column(String, primary_key=True)
    name = Column(String)


class Member(SQLModel, table=True):
    __tablename__ = "users"
    id: str = Field(primary_key=True)
    name: str


admin = create_engine(ADMIN_URL)
with admin.begin() as connection:
    connection.execute(text("TRUNCATE users"))
    connection.execute(text("INSERT INTO users VALUES (:id, :name)"),
                       [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bo"}])

engine = create_engine(URL)


@step("Core: a textual query with a parameter")
def _():
    with engine.connect() as conn:
        result = conn.execute(text("SELECT * FROM users WHERE id = :id"),
                              {"id": "1"})
        return tuple(result.fetchone())


@step("ORM: all objects of a class")
def _():
    with ORMSession(engine) as session:
        return sorted((u.id, u.name) for u in session.query(User).all())


@step("SQLModel: all objects of a class")
def _():
    with Session(sqlmodel_engine(URL)) as session:
        users = session.exec(select(Member)).all()
        return sorted((u.id, u.name) for u in users)


@step("Core: INSERT, UPDATE and DELETE, each committed")
def _():
    with engine.connect() as conn:
        counts = [conn.execute(text(sql), values).rowcount
                  for sql, values in (
                      ("INSERT INTO users VALUES (:id, :name)",
                       {"id": "3", "name": "Cy"}),
                      ("UPDATE users SET name = :name WHERE id = :id",
                       {"id": "3", "name": "Cyd"}),
                      ("DELETE FROM users WHERE id = :id", {"id": "2"}))]
        conn.commit()
        rows = conn.execute(text("SELECT id, name FROM users ORDER BY id"))
        return counts, [tuple(row) for row in rows]


@step("ORM: add, change and delete")
def _():
    with ORMSession(engine) as session:
        session.add(User(id="4", name="Di"))
        session.get(User, "1").name = "Anna"
        session.delete(session.get(User, "3"))
        session.commit()
        return sorted((u.id, u.name) for u in session.query(User).all())


@step("SQLModel: add, refresh, change and delete")
def _():
    with Session(engine) as session:
        member = Member(id="5", name="Ed")
        session.add(member)
        session.commit()
        session.refresh(member)
        member.name = "Eddie"
        session.add(member)
        session.delete(session.get(Member, "4"))
        session.commit()
        return sorted((u.id, u.name)
                      for u in session.exec(select(Member)).all())


@step("what the dialect cannot: session.rollback()")
def _():
    with ORMSession(engine) as session:
        session.add(User(id="6", name="Flo"))
        session.flush()
        seen = session.query(User).count()
        session.rollback()
        return seen, session.query(User).count()


@step("what the dialect cannot: a server-side cursor")
def _():
    with engine.connect() as conn:
        result = conn.execution_options(yield_per=1).execute(
            text("SELECT id FROM users ORDER BY id"))
        return [row.id for row in result]
