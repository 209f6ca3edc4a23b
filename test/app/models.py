"""The tables of the SQLAlchemy test, for SQLAlchemy 1.4 and 2.

    models.py URL       makes them anew, in the schema "app"
"""
import enum
import sys

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import declarative_base, relationship

SCHEMA = "app"

Base = declarative_base()


class Kind(enum.Enum):
    bug = "bug"
    wish = "wish"
    question = "question"


class Team(Base):
    __tablename__ = "teams"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(20), nullable=False)
    members = relationship("Person", back_populates="team",
                           order_by="Person.email")
    __table_args__ = (sa.UniqueConstraint("name", name="teams_name_once"),)


watchers = sa.Table(
    "watchers", Base.metadata,
    sa.Column("ticket_id", sa.ForeignKey("tickets.id", ondelete="CASCADE"),
              primary_key=True),
    sa.Column("person_id", sa.ForeignKey("people.id"), primary_key=True))


class Person(Base):
    __tablename__ = "people"
    id = sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    email = sa.Column(sa.Text, nullable=False)
    team_id = sa.Column(sa.ForeignKey("teams.id", name="people_team"))
    # checked at COMMIT
    boss_id = sa.Column(sa.ForeignKey(
        "people.id", name="people_boss", deferrable=True,
        initially="DEFERRED"))
    joined_at = sa.Column(sa.DateTime(timezone=True), nullable=False,
                          server_default=sa.func.now())
    active = sa.Column(sa.Boolean, nullable=False, server_default=sa.true())
    version = sa.Column(sa.Integer, nullable=False)
    team = relationship("Team", back_populates="members")
    tickets = relationship("Ticket", back_populates="author",
                           order_by="Ticket.title",
                           cascade="all, delete-orphan")
    __table_args__ = (sa.UniqueConstraint("email", name="people_email_once"),)
    __mapper_args__ = {"version_id_col": version}


class Ticket(Base):
    __tablename__ = "tickets"
    id = sa.Column(sa.Integer, sa.Identity(start=100), primary_key=True)
    uid = sa.Column(pg.UUID(as_uuid=True), nullable=False, unique=True,
                    server_default=sa.func.gen_random_uuid())
    author_id = sa.Column(sa.ForeignKey("people.id", name="tickets_author"),
                          nullable=False)
    title = sa.Column(sa.Text, nullable=False)
    kind = sa.Column(sa.Enum(Kind, name="ticket_kind"), nullable=False,
                     server_default="bug")
    payload = sa.Column(pg.JSONB(none_as_null=True))
    labels = sa.Column(pg.ARRAY(sa.Text), nullable=False, server_default="{}")
    hours = sa.Column(sa.Numeric(10, 2), nullable=False, server_default="0")
    rate = sa.Column(sa.Numeric(10, 2), nullable=False, server_default="100")
    cost = sa.Column(sa.Numeric(12, 2),
                     sa.Computed("round(hours * rate, 2)", persisted=True))
    due = sa.Column(sa.DateTime(timezone=True))
    author = relationship("Person", back_populates="tickets")
    watchers = relationship("Person", secondary=watchers,
                            order_by="Person.email")
    __table_args__ = (
        sa.CheckConstraint("hours >= 0", name="tickets_hours_positive"),)


class Counter(Base):
    __tablename__ = "counters"
    name = sa.Column(sa.String(10), primary_key=True)
    value = sa.Column(sa.Integer, nullable=False)


class Event(Base):
    """Of a million rows one day: nothing but an id and a number."""
    __tablename__ = "events"
    id = sa.Column(sa.Integer, primary_key=True)
    number = sa.Column(sa.Integer, nullable=False)
    note = sa.Column(sa.Text, server_default="none")


TABLES = "teams, people, tickets, watchers, counters, events"


def create(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(
            "DROP SCHEMA IF EXISTS %s CASCADE" % SCHEMA))
        connection.execute(sa.text("CREATE SCHEMA %s" % SCHEMA))
        Base.metadata.create_all(connection)
        # of examples.py, which has several classes for it
        connection.execute(sa.text(
            "CREATE TABLE users (id varchar PRIMARY KEY, name varchar)"))
        # a row of it takes its time
        connection.execute(sa.text(
            "CREATE VIEW slow AS SELECT g AS id, pg_sleep(2)::text AS nothing"
            " FROM generate_series(1, 5) AS g"))
    engine.dispose()


if __name__ == "__main__":
    create(sys.argv[1])
