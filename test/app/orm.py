"""An application with SQLAlchemy, 1.4 or 2: unit of work, loading, bulk
operations, locks, errors, reflection, DDL.

    orm.py URL
"""
import datetime
import decimal
import functools
import sys
import uuid

import sqlalchemy as sa
from sqlalchemy import exc, func, orm, select
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import joinedload, selectinload, subqueryload
from sqlalchemy.orm.exc import StaleDataError

from models import (TABLES, Counter, Event, Kind, Person, Team, Ticket,
                    watchers)
from steps import ADMIN_URL, NOT_BY_ROWS, THROUGH, caught, step

UTC = datetime.timezone.utc
DAY = datetime.datetime(2026, 3, 29, 12, 30, 15, 123456, tzinfo=UTC)
UID = uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
V2 = not sa.__version__.startswith("1.")

URL = sys.argv[1]
engine = sa.create_engine(URL, future=True)
admin = sa.create_engine(ADMIN_URL, poolclass=sa.pool.NullPool, future=True)
Session = functools.partial(orm.Session, future=True)
COUNT = {"preserve_rowcount": True}     # 2 drops that of an INSERT otherwise


def remotely(sql, **values):
    """Another client of the remote, who comes directly."""
    with admin.begin() as connection:
        connection.execute(sa.text("SET lock_timeout = '500ms'"))
        return connection.execute(sa.text(sql), values)


def reset():
    """The same rows at the begin of each part."""
    remotely("TRUNCATE %s RESTART IDENTITY" % TABLES)
    with admin.begin() as connection:
        session = Session(connection)
        red, blue = Team(name="red"), Team(name="blue")
        people = [Person(email="%s@example.com" % name, team=team)
                  for name, team in (("ann", red), ("bo", red), ("cy", blue),
                                     ("di", None))]
        session.add_all([red, blue, *people])
        for i in range(8):
            session.add(Ticket(
                title="ticket %d" % i, author=people[i % 3],
                kind=list(Kind)[i % 3], hours=i, labels=["l%d" % (i % 2)],
                payload={"level": i, "tags": ["a", "b"][:i % 3]},
                watchers=people[:i % 4]))
        session.add_all([Counter(name="hits", value=1),
                         Counter(name="misses", value=5)])
        session.flush()
    with admin.begin() as connection:
        connection.execute(sa.text(
            "INSERT INTO events (number) SELECT i * 7 % 1000"
            " FROM generate_series(1, 1000) i"))


def names(people):
    return [p.email.split("@")[0] for p in people]


def person(session, name):
    return session.execute(select(Person).where(
        Person.email == name + "@example.com")).scalar_one()


def counter(session, name):
    return session.execute(select(Counter.value).where(
        Counter.name == name)).scalar()


def counters():
    """As they are committed."""
    return [tuple(row) for row in remotely_rows(
        "SELECT name, value FROM counters ORDER BY name")]


def remotely_rows(sql):
    with admin.connect() as connection:
        return connection.execute(sa.text(sql)).all()


def committed(sql):
    return remotely_rows(sql)[0][0]


# --- types -------------------------------------------------------------------

reset()


@step("types: insert, read back in another session")
def _():
    with Session(engine) as session:
        ticket = Ticket(
            uid=UID, author=person(session, "ann"), title="täg 'quoted' \\ \n",
            kind=Kind.wish, payload={"a": [1, 2.5, None, {"b": "ü\"\\"}]},
            labels=["x", 'y "z",', "NULL", ""], rate=decimal.Decimal("0.01"),
            hours=decimal.Decimal("12345678.25"), due=DAY)
        session.add(ticket)
        session.commit()
    with Session(engine) as session:
        t = session.execute(select(Ticket).filter_by(uid=UID)).scalar_one()
        return (t.uid, t.title, t.kind, t.payload, t.labels, t.hours, t.cost,
                t.due.astimezone(UTC), t.author.email)


@step("types: NULL in each column that may be, and an empty array")
def _():
    with Session(engine) as session:
        ticket = Ticket(author=person(session, "bo"), title="", labels=[],
                        payload=None, due=None)
        session.add(ticket)
        session.commit()
        return ticket.title, ticket.labels, ticket.payload, ticket.due


@step("types: update of each type")
def _():
    with Session(engine) as session:
        t = session.execute(select(Ticket).filter_by(uid=UID)).scalar_one()
        t.kind = Kind.question
        t.payload = ["now", "a", "list"]
        t.labels = t.labels + ["more"]
        t.hours = decimal.Decimal("2")
        t.due = DAY + datetime.timedelta(days=1)
        session.commit()
        return (t.kind, t.payload, t.labels, t.hours, t.cost,
                t.due.astimezone(UTC))


@step("types: conditions by UUID, enum, timestamp, JSONB path and array")
def _():
    with Session(engine) as session:
        return [session.execute(select(func.count()).select_from(Ticket).where(
            condition)).scalar() for condition in (
                Ticket.uid == UID,
                Ticket.kind == Kind.bug,
                Ticket.kind.in_([Kind.wish, Kind.question]),
                Ticket.due > DAY,
                Ticket.payload["level"].as_integer() > 4,
                Ticket.payload.contains({"tags": ["a"]}),
                Ticket.payload.has_key("level"),
                Ticket.labels.contains(["l1"]),
                Ticket.labels.overlap(["l0", "x"]),
                sa.literal("more") == sa.any_(Ticket.labels),
                Ticket.cost.between(100, 300),
                Ticket.title.ilike("TICKET%"))]


# --- defaults ----------------------------------------------------------------

reset()


@step("defaults: serial, identity, now(), gen_random_uuid(), generated")
def _():
    with Session(engine) as session:
        team = Team(name="green")
        boss = Person(email="eve@example.com", team=team)
        ticket = Ticket(author=boss, title="first", hours=3)
        session.add_all([team, boss, ticket])
        session.flush()
        seen = (team.id, boss.id, ticket.id, ticket.uid, boss.joined_at)
        age = datetime.datetime.now(UTC) - boss.joined_at
        facts = (team.id > 2, boss.id > 4, ticket.id >= 108,
                 isinstance(ticket.uid, uuid.UUID),
                 abs(age) < datetime.timedelta(minutes=1),
                 boss.active, boss.version, ticket.kind, ticket.labels,
                 ticket.cost)
        session.commit()
        same = seen == (team.id, boss.id, ticket.id, ticket.uid,
                        boss.joined_at)
        there = committed("SELECT count(*) FROM tickets t JOIN people p"
                          " ON p.id = author_id WHERE p.id = %d AND t.id = %d"
                          " AND uid = '%s'" % (boss.id, ticket.id, ticket.uid))
        return facts, "committed as returned", same, there


@step("defaults: identity BY DEFAULT takes a value, ALWAYS refuses it")
def _():
    with Session(engine) as session:
        session.add(Ticket(id=7, author=person(session, "ann"), title="seven"))
        session.commit()
        session.add(Person(id=7, email="seven@example.com"))
        return ("seven",
                caught(session.commit))


@step("defaults: a generated column refuses a value")
def _():
    with engine.connect() as connection:
        return caught(lambda: connection.execute(sa.text(
            "INSERT INTO tickets (author_id, title, cost) VALUES (1, 'x', 5)"
        )))


@step("defaults: an SQL expression as a value")
def _():
    with Session(engine) as session:
        team = Team(name=func.upper("teal"))
        session.add(team)
        session.commit()
        hits = session.get(Counter, "hits")
        hits.value = Counter.value + 41
        session.commit()
        return team.name, hits.value


# --- unit of work ------------------------------------------------------------

reset()


@step("unit of work: a graph of objects in one commit")
def _():
    with Session(engine) as session:
        team = Team(name="green", members=[
            Person(email="%s@example.com" % name) for name in ("fay", "gus")])
        team.members[0].tickets = [Ticket(title="t%d" % i) for i in range(3)]
        team.members[0].tickets[0].watchers = list(team.members)
        session.add(team)
        session.commit()
    with Session(engine) as session:
        team = session.execute(select(Team).filter_by(name="green")).scalar()
        fay = team.members[0]
        return (names(team.members), [t.title for t in fay.tickets],
                names(fay.tickets[0].watchers))


@step("unit of work: flush is seen here and not elsewhere, rollback forgets")
def _():
    with Session(engine) as session, Session(engine) as other:
        session.add(Team(name="brown"))
        session.get(Counter, "hits").value = 77
        session.flush()
        count = select(func.count()).select_from(Team)
        before = (session.execute(count).scalar(), counter(session, "hits"),
                  other.execute(count).scalar(), counter(other, "hits"))
        session.rollback()
        return before, (session.execute(count).scalar(),
                        session.get(Counter, "hits").value)


@step("unit of work: autoflush before a query")
def _():
    with Session(engine) as session:
        person(session, "ann").email = "anna@example.com"
        found = names(session.execute(select(Person).where(
            Person.email.like("anna@%"))).scalars())
        session.rollback()
        return found


@step("unit of work: change of a relationship, orphan is deleted")
def _():
    with Session(engine) as session:
        ann, di = person(session, "ann"), person(session, "di")
        ann.team, di.team = None, ann.team
        bo = person(session, "bo")
        bo.tickets.remove(bo.tickets[1])
        session.commit()
        return (names(di.team.members), [t.title for t in bo.tickets],
                committed("SELECT count(*) FROM tickets"))


@step("unit of work: delete cascades to what belongs to it")
def _():
    with Session(engine) as session:
        for ticket in person(session, "cy").tickets:
            ticket.watchers.clear()
        session.flush()
        remaining = person(session, "cy")
        for ticket in session.execute(select(Ticket)).scalars():
            if remaining in ticket.watchers:
                ticket.watchers.remove(remaining)
        session.delete(remaining)
        session.commit()
        return (committed("SELECT count(*) FROM people"),
                committed("SELECT count(*) FROM tickets"))


@step("unit of work: many-to-many, added and removed")
def _():
    with Session(engine) as session:
        ticket = session.execute(select(Ticket).filter_by(
            title="ticket 0")).scalar_one()
        ticket.watchers = [person(session, "di"), person(session, "bo")]
        session.commit()
        first = names(ticket.watchers)
        ticket.watchers.remove(person(session, "bo"))
        session.commit()
        return first, names(ticket.watchers)


@step("unit of work: expired objects are read anew after commit")
def _():
    with Session(engine) as session:
        hits = session.get(Counter, "hits")
        session.commit()
        remotely("UPDATE counters SET value = 1234 WHERE name = 'hits'")
        return hits.value


@step("unit of work: a deferred foreign key is checked at commit")
def _():
    with Session(engine) as session:
        session.execute(sa.update(Person).where(
            Person.email == "ann@example.com").values(boss_id=4711))
        outcome = caught(session.commit)
        session.rollback()
        return outcome, person(session, "ann").boss_id


@step("unit of work: two rows that refer to each other")
def _():
    with Session(engine) as session:
        ann, bo = person(session, "ann"), person(session, "bo")
        ann.boss_id, bo.boss_id = bo.id, ann.id
        session.commit()
        return ann.boss_id == bo.id, bo.boss_id == ann.id


# --- savepoints --------------------------------------------------------------

reset()


@step("savepoint: IntegrityError inside, the rest is committed")
def _():
    with Session(engine) as session:
        session.add(Team(name="before"))
        session.flush()
        outcome = []
        for name in ("red", "orange"):
            try:
                with session.begin_nested():
                    session.add(Team(name=name))
            except exc.IntegrityError as error:
                outcome.append(type(error).__name__)
        session.add(Team(name="zafter"))
        session.commit()
        return outcome, [row[0] for row in remotely_rows(
            "SELECT name FROM teams ORDER BY name")]


@step("savepoint: nested, the inner one released, the outer rolled back")
def _():
    with Session(engine) as session:
        session.get(Counter, "hits").value = 10
        outer = session.begin_nested()
        session.get(Counter, "hits").value = 20
        with session.begin_nested():
            session.get(Counter, "hits").value = 30
        inside = counter(session, "hits")
        outer.rollback()
        after = counter(session, "hits")
        session.commit()
        return inside, after, counters()


@step("savepoint: get or create")
def _():
    def get_or_create(session, name):
        try:
            with session.begin_nested():
                team = Team(name=name)
                session.add(team)
                session.flush()
                return "created"
        except exc.IntegrityError:
            session.execute(select(Team).filter_by(name=name)).scalar_one()
            return "got"
    with Session(engine) as session:
        outcome = [get_or_create(session, name)
                   for name in ("red", "mauve", "mauve")]
        session.commit()
        return outcome


@step("savepoint: rollback of the whole after a released one")
def _():
    with Session(engine) as session:
        with session.begin_nested():
            session.add(Team(name="gone"))
        session.rollback()
        return committed("SELECT count(*) FROM teams WHERE name = 'gone'")


@step("savepoint: Core, ten levels")
def _():
    with engine.connect() as connection:
        transaction = connection.begin()
        levels = []
        for i in range(10):
            levels.append(connection.begin_nested())
            connection.execute(sa.insert(Counter).values(
                name="n%d" % i, value=i))
        levels[5].rollback()
        count = connection.execute(sa.text(
            "SELECT count(*) FROM counters WHERE name LIKE 'n%'")).scalar()
        transaction.commit()
        return count, committed(
            "SELECT string_agg(name, ' ' ORDER BY name) FROM counters"
            " WHERE name LIKE 'n%'")


@step("transaction: an error aborts it until rollback")
def _():
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(sa.insert(Team).values(name="lost"))
        outcome = [caught(lambda: connection.execute(sql)) for sql in (
            sa.insert(Team).values(name="red"), select(Team.name))]
        transaction.rollback()
        return outcome, committed(
            "SELECT count(*) FROM teams WHERE name = 'lost'")


@step("transaction: isolation level AUTOCOMMIT")
def _():
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with autocommit.connect() as connection:
        connection.execute(sa.update(Counter).where(
            Counter.name == "hits").values(value=99))
        return committed(
            "SELECT value FROM counters WHERE name = 'hits'")


@step("transaction: REPEATABLE READ and SERIALIZABLE")
def _():
    outcome = []
    for level in ("REPEATABLE READ", "SERIALIZABLE"):
        with engine.connect().execution_options(
                isolation_level=level) as connection:
            with connection.begin():
                connection.execute(sa.update(Counter).where(
                    Counter.name == "hits").values(value=Counter.value + 1))
                outcome.append(connection.execute(select(Counter.value).where(
                    Counter.name == "hits")).scalar())
    return outcome, committed("SELECT value FROM counters"
                              " WHERE name = 'hits'")


# --- loading -----------------------------------------------------------------

reset()


@step("loading: lazy")
def _():
    with Session(engine) as session:
        return [(p.email[:3], p.team.name if p.team else None,
                 [t.title[-1] for t in p.tickets])
                for p in session.execute(
                    select(Person).order_by(Person.email)).scalars()]


@step("loading: joined")
def _():
    with Session(engine) as session:
        people = session.execute(select(Person).options(
            joinedload(Person.team), joinedload(Person.tickets)
        ).order_by(Person.email)).unique().scalars().all()
        return [(p.email[:3], p.team.name if p.team else None,
                 [t.title[-1] for t in p.tickets]) for p in people]


@step("loading: selectin, two levels")
def _():
    with Session(engine) as session:
        people = session.execute(select(Person).options(
            selectinload(Person.tickets).selectinload(Ticket.watchers),
            selectinload(Person.team)).order_by(Person.email)).scalars().all()
        return [(p.email[:3], [(t.title[-1], names(t.watchers))
                               for t in p.tickets]) for p in people]


@step("loading: subquery, with LIMIT")
def _():
    with Session(engine) as session:
        people = session.execute(select(Person).options(
            subqueryload(Person.tickets)).order_by(Person.email).limit(2)
        ).scalars().all()
        return [(p.email[:3], [t.title[-1] for t in p.tickets])
                for p in people]


@step("loading: joined of a collection, with LIMIT in a subquery")
def _():
    with Session(engine) as session:
        people = session.query(Person).options(
            joinedload(Person.tickets)).order_by(Person.email).limit(2).all()
        return [(p.email[:3], [t.title[-1] for t in p.tickets])
                for p in people]


@step("loading: contains_eager, deferred column, raiseload")
def _():
    with Session(engine) as session:
        tickets = session.query(Ticket).join(Ticket.author).options(
            orm.contains_eager(Ticket.author).raiseload(Person.team),
            orm.defer(Ticket.payload)).filter(
                Person.email.like("a%")).order_by(Ticket.title).all()
        return ([(t.title[-1], t.author.email) for t in tickets],
                tickets[0].payload, caught(lambda: tickets[0].author.team))


@step("loading: by primary key, from the identity map the second time")
def _():
    with Session(engine) as session:
        first = session.get(Counter, "hits")
        return (session.get(Counter, "hits") is first,
                session.get(Counter, "none"))


@step("loading: refresh")
def _():
    with Session(engine) as session:
        hits = session.get(Counter, "hits")
        remotely("UPDATE counters SET value = 55 WHERE name = 'hits'")
        before = hits.value
        session.refresh(hits)
        return before, hits.value


# --- queries -----------------------------------------------------------------

reset()


@step("queries: GROUP BY, HAVING, aggregates")
def _():
    with Session(engine) as session:
        return [tuple(row) for row in session.execute(
            select(Ticket.kind, func.count(), func.sum(Ticket.cost),
                   func.array_agg(pg.aggregate_order_by(
                       Ticket.title, Ticket.title)))
            .group_by(Ticket.kind).having(func.count() > 2)
            .order_by(Ticket.kind))]


@step("queries: window function in a subquery")
def _():
    with Session(engine) as session:
        ranked = select(
            Ticket.title, Ticket.author_id, func.row_number().over(
                partition_by=Ticket.author_id,
                order_by=Ticket.hours.desc()).label("n")).subquery()
        return [tuple(row) for row in session.execute(
            select(Person.email, ranked.c.title).join(
                ranked, ranked.c.author_id == Person.id)
            .where(ranked.c.n == 1).order_by(Person.email))]


@step("queries: recursive CTE")
def _():
    with engine.connect() as connection:
        chain = select(Event.id, Event.number).where(
            Event.id == 1).cte(recursive=True)
        chain = chain.union_all(select(Event.id, Event.number).where(
            Event.id == chain.c.number + 1, Event.id != 1))
        limited = select(chain.c.id).limit(8)
        return [row[0] for row in connection.execute(limited)]


@step("queries: EXISTS, IN, UNION, CASE, lateral")
def _():
    with Session(engine) as session:
        top = select(Ticket.title).where(
            Ticket.author_id == Person.id).order_by(
                Ticket.hours.desc()).limit(1).lateral()
        return (
            names(session.execute(select(Person).where(~select(Ticket).where(
                Ticket.author_id == Person.id).exists())).scalars()),
            names(session.execute(select(Person).where(Person.team_id.in_(
                select(Team.id).where(Team.name == "red"))).order_by(
                    Person.email)).scalars()),
            [r[0] for r in session.execute(select(Team.name).union(
                select(Counter.name)).order_by("name"))],
            [tuple(r) for r in session.execute(select(
                Person.email, sa.case((Person.team_id.is_(None), "none"),
                                      else_="some")).order_by(Person.email))],
            [tuple(r) for r in session.execute(
                select(Person.email, top.c.title).join(top, sa.true())
                .order_by(Person.email))])


@step("queries: a list of a thousand parameters")
def _():
    with engine.connect() as connection:
        return connection.execute(select(func.sum(Event.number)).where(
            Event.id.in_(range(1, 2001, 2)))).scalar()


@step("queries: yield_per and server-side cursors")
def _():
    with Session(engine) as session:
        query = select(Event).order_by(Event.id)
        ids = [e.id for e in session.execute(
            query, execution_options={"yield_per": 100}).scalars()]
        with engine.connect() as connection:
            result = connection.execution_options(
                stream_results=True, max_row_buffer=50).execute(query)
            first = result.fetchmany(3)
            result.close()
        return len(ids), ids[-1], [row.id for row in first]


@step("queries: a cursor that is open while rows are changed")
def _():
    with engine.begin() as connection:
        result = connection.execute(
            sa.text("SELECT number FROM events ORDER BY id"),
            execution_options={"stream_results": True, "max_row_buffer": 10})
        before = [row[0] for row in result.fetchmany(5)]
        connection.execute(sa.text("UPDATE events SET number = -1"))
        after = [row[0] for row in result]
        seen = connection.execute(sa.text(
            "SELECT min(number), max(number) FROM events")).one()
        return before, min(after) >= 0, len(after), tuple(seen)


# --- bulk --------------------------------------------------------------------

reset()


@step("bulk: 500 objects with ids from the remote, in order")
def _():
    with Session(engine, expire_on_commit=False) as session:
        events = [Event(number=i) for i in range(500)]
        session.add_all(events)
        session.commit()
        ids = [e.id for e in events]
        there = dict((r[0], r[1]) for r in remotely_rows(
            "SELECT id, number FROM events WHERE id > 1000"))
        return (len(set(ids)), all(there[e.id] == e.number for e in events),
                events[7].note)


if V2:
    @step("bulk: insertmanyvalues with RETURNING, sorted by parameter")
    def _():
        with engine.begin() as connection:
            rows = connection.execute(
                sa.insert(Event).returning(
                    Event.id, Event.number, Event.note,
                    sort_by_parameter_order=True),
                [{"number": i * 31 % 211, "note": "n%d" % i}
                 for i in range(1200)]).all()
        return ([r.number for r in rows]
                == [i * 31 % 211 for i in range(1200)],
                rows[5].note, committed("SELECT count(*) FROM events"
                                        " WHERE note LIKE 'n%'"))

    @step("bulk: ORM insert with RETURNING of objects")
    def _():
        with Session(engine, expire_on_commit=False) as session:
            teams = session.scalars(
                sa.insert(Team).returning(Team, sort_by_parameter_order=True),
                [{"name": "bulk %d" % i} for i in range(5)]).all()
            session.commit()
            return [t.name for t in teams], len({t.id for t in teams})

    @step("bulk: ORM update by primary key")
    def _():
        with Session(engine) as session:
            session.execute(sa.update(Event), [
                {"id": i, "number": -i} for i in range(1, 51)])
            session.commit()
            return committed("SELECT sum(number) FROM events WHERE id <= 50")


@step("bulk: executemany without RETURNING")
def _():
    with engine.begin() as connection:
        connection.execute(sa.insert(Counter), [
            {"name": "m%d" % i, "value": 5 * i} for i in range(300)])
    return committed("SELECT sum(value) FROM counters"
                     " WHERE name LIKE 'm%'")


@step("bulk: bulk_insert_mappings and bulk_update_mappings")
def _():
    with Session(engine) as session:
        session.bulk_insert_mappings(Counter, [
            {"name": "b%d" % i, "value": i} for i in range(20)])
        session.bulk_update_mappings(Counter, [
            {"name": "b%d" % i, "value": 100 + i} for i in range(20)])
        session.commit()
        return committed("SELECT sum(value) FROM counters"
                         " WHERE name LIKE 'b%'")


@step("bulk: UPDATE and DELETE by condition, objects in step")
def _():
    with Session(engine) as session:
        hits = session.get(Counter, "hits")
        updated = session.execute(sa.update(Counter).where(
            Counter.value < 4).values(value=Counter.value * 10),
            execution_options={"synchronize_session": "fetch"}).rowcount
        deleted = session.execute(sa.delete(Counter).where(
            Counter.name.like("m%"), Counter.value > 200),
            execution_options={"synchronize_session": False}).rowcount
        session.commit()
        return updated, deleted, hits.value


@step("bulk: UPDATE ... FROM and DELETE ... USING")
def _():
    with engine.begin() as connection:
        updated = connection.execute(sa.update(Ticket).where(
            Ticket.author_id == Person.id, Person.email.like("ann%")
        ).values(hours=Ticket.hours + 1)).rowcount
        deleted = connection.execute(sa.delete(watchers).where(
            watchers.c.person_id == Person.id, Person.email.like("bo%")
        )).rowcount
        return updated, deleted


@step("bulk: RETURNING of UPDATE and DELETE")
def _():
    with engine.begin() as connection:
        updated = connection.execute(sa.update(Counter).where(
            Counter.name == "b7").values(value=Counter.value + 1).returning(
                Counter.name, Counter.value, Counter.value * 2)).all()
        deleted = connection.execute(sa.delete(Counter).where(
            Counter.name.in_(["b8", "b9"])).returning(Counter.name)).all()
        return [tuple(r) for r in updated], sorted(r[0] for r in deleted)


@step("bulk: INSERT ... SELECT")
def _():
    with engine.begin() as connection:
        count = connection.execute(sa.insert(Counter).from_select(
            ["name", "value"],
            select(sa.literal("e").concat(sa.cast(Event.id, sa.Text)),
                   Event.number).where(Event.id.between(100, 119))),
            execution_options=COUNT).rowcount
    return count, committed("SELECT sum(value) FROM counters"
                            " WHERE name LIKE 'e%'")


@step("bulk: writes in a CTE")
def _():
    with engine.begin() as connection:
        moved = sa.delete(Counter).where(Counter.name.like("e%")).returning(
            Counter.name, Counter.value).cte("moved")
        return tuple(connection.execute(select(
            func.count(), func.sum(moved.c.value)).select_from(moved)).one())


# --- upsert ------------------------------------------------------------------

reset()


@step("upsert: on_conflict_do_update, both ways, with RETURNING",
      refused=NOT_BY_ROWS)
def _():
    with engine.begin() as connection:
        statement = pg.insert(Counter)
        statement = statement.on_conflict_do_update(
            index_elements=[Counter.name],
            set_={"value": Counter.value + statement.excluded.value}
        ).returning(Counter.value)
        return [connection.execute(statement.values(
            name=name, value=10)).scalar() for name in ("hits", "new", "new")]


@step("upsert: of several rows, with a condition", refused=NOT_BY_ROWS)
def _():
    with engine.begin() as connection:
        statement = pg.insert(Counter).values([
            {"name": n, "value": 7} for n in ("hits", "misses", "x", "y")])
        connection.execute(statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": statement.excluded.value},
            where=Counter.value < 10))
    return counters()


@step("upsert: on_conflict_do_nothing")
def _():
    with engine.begin() as connection:
        return [connection.execute(pg.insert(Counter).values(
            name=name, value=0).on_conflict_do_nothing(),
            execution_options=COUNT).rowcount
                for name in ("hits", "fresh")]


@step("upsert: by the name of a constraint",
      by_design="ProgrammingError 42704")
def _():
    with engine.begin() as connection:
        statement = pg.insert(Team).values(name="red").on_conflict_do_update(
            constraint="teams_name_once", set_={"name": "crimson"})
        return caught(lambda: connection.execute(statement))


if V2:
    @step("upsert: ORM, many rows, objects returned in order",
          refused=NOT_BY_ROWS)
    def _():
        with Session(engine) as session:
            statement = pg.insert(Counter)
            statement = statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"value": Counter.value + statement.excluded.value})
            found = session.scalars(
                statement.returning(Counter),
                [{"name": n, "value": 1000} for n in ("x", "y", "z")],
                execution_options={"populate_existing": True}).all()
            session.commit()
            return sorted((c.name, c.value) for c in found)


# --- locks and versions ------------------------------------------------------

reset()


@step("locks: with_for_update, then change")
def _():
    with Session(engine) as session:
        hits = session.execute(select(Counter).where(
            Counter.name == "hits").with_for_update()).scalar_one()
        hits.value += 1
        session.commit()
        return counters()


@step("locks: FOR SHARE, NO KEY UPDATE, KEY SHARE")
def _():
    with Session(engine) as session:
        for options in ({"read": True}, {"key_share": True},
                        {"read": True, "key_share": True}):
            session.execute(select(Counter).where(
                Counter.name == "hits").with_for_update(**options)).one()
        session.commit()
        return "committed"


@step("locks: with_for_update of one table of a join")
def _():
    with Session(engine) as session:
        people = session.execute(select(Person).join(Person.team).where(
            Team.name == "red").order_by(Person.email).with_for_update(
                of=Person)).scalars().all()
        for p in people:
            p.active = False
        session.commit()
        return committed("SELECT count(*) FROM people WHERE NOT active")


@step("locks: another client changes a row that was read FOR UPDATE",
      by_design=("changed", "OperationalError 40001"))
def _():
    with Session(engine) as session:
        hits = session.execute(select(Counter).where(
            Counter.name == "hits").with_for_update()).scalar_one()
        other = caught(lambda: remotely(
            "UPDATE counters SET value = value + 100 WHERE name = 'hits'"))
        hits.value += 1
        return ("waits" if other == "OperationalError 55P03" else "changed"
                if other == "no error" else other, caught(session.commit))


@step("locks: another client changes a row that was written",
      by_design={"whole": ("changed", "no error"),
                 "rows": ("changed", "OperationalError 40001")})
def _():
    with Session(engine) as session:
        session.get(Counter, "misses").value = 6
        session.flush()
        other = caught(lambda: remotely(
            "UPDATE counters SET value = value + 100 WHERE name = 'misses'"))
        return ("waits" if other == "OperationalError 55P03" else "changed"
                if other == "no error" else other, caught(session.commit))


@step("versions: StaleDataError, then with fresh data")
def _():
    with Session(engine) as session, Session(engine) as other:
        ann = person(session, "ann")
        version = ann.version
        person(other, "ann").active = True
        person(other, "ann").email = "ann@example.org"
        other.commit()
        ann.email = "ann@example.net"
        outcome = caught(session.commit)
        session.rollback()
        ann.email = "ann@example.net"
        session.commit()
        return outcome, ann.version - version, StaleDataError.__name__


@step("versions: StaleDataError of a delete")
def _():
    with Session(engine) as session:
        di = person(session, "di")
        remotely("UPDATE people SET version = version + 1"
                 " WHERE email LIKE 'di@%'")
        session.delete(di)
        outcome = caught(session.commit)
        session.rollback()
        return outcome, names([person(session, "di")])


# --- errors ------------------------------------------------------------------

reset()

ERRORS = (
    ("unique constraint", "INSERT INTO teams (name) VALUES ('red')"),
    ("foreign key", "INSERT INTO people (email, team_id, version)"
     " VALUES ('x', 99, 1)"),
    ("foreign key of a row that is referred to", "DELETE FROM teams"),
    ("check constraint", "UPDATE tickets SET hours = -1"),
    ("not null", "UPDATE counters SET value = NULL"),
    ("not null, by leaving it out",
     "INSERT INTO counters (name) VALUES ('x')"),
    ("value too long", "UPDATE counters SET name = 'far too long a name'"),
    ("number out of range", "UPDATE counters SET value = value * 2000000000"),
    ("numeric out of range", "UPDATE tickets SET rate = 1e9"),
    ("division by zero", "SELECT value / (value - value) FROM counters"),
    ("no UUID", "SELECT * FROM tickets WHERE uid = 'x'"),
    ("no value of the enum", "UPDATE tickets SET kind = 'x'"),
    ("no JSON", "UPDATE tickets SET payload = '{'"),
    ("no such table", "SELECT * FROM nowhere"),
    ("no such column", "SELECT nothing FROM teams"),
    ("no such function", "SELECT nothing(name) FROM teams"),
    ("syntax", "SELEC 1"),
    ("types that do not match", "SELECT name + value FROM counters"),
    ("not grouped", "SELECT name, count(*) FROM teams"),
    ("subquery of several rows", "SELECT (SELECT name FROM teams)"),
)

for _name, _sql in ERRORS:
    @step("errors: " + _name)
    def _():
        with engine.connect() as connection:
            return caught(lambda: connection.execute(sa.text(_sql)))


@step("errors: statement_timeout")
def _():
    with engine.connect() as connection:
        connection.execute(sa.text("SET LOCAL statement_timeout = '300ms'"))
        return caught(lambda: connection.execute(sa.text(
            "SELECT * FROM slow")).all())


@step("errors: parameters of the ORM are checked, too")
def _():
    with Session(engine) as session:
        session.add(Team(name="a name of more than twenty characters"))
        first = caught(session.flush)
        session.rollback()
        session.add(Team(name=None))
        return first, caught(session.flush)


@step("errors: the connection is usable afterwards")
def _():
    with engine.connect() as connection:
        return connection.execute(sa.text(
            "SELECT count(*) FROM teams")).scalar()


# --- reflection --------------------------------------------------------------

@step("reflection: names of tables")
def _():
    inspector = sa.inspect(engine)
    return sorted(inspector.get_foreign_table_names() if THROUGH else
                  inspector.get_table_names() + inspector.get_view_names())


@step("reflection: Table(autoload_with=...), columns, types, nullability")
def _():
    tables = [sa.Table(name, sa.MetaData(), autoload_with=engine,
                       resolve_fks=False) for name in ("tickets", "people")]
    return [(c.name, repr(c.type), c.nullable) for t in tables for c in t.c]


@step("reflection: generated column")
def _():
    table = sa.Table("tickets", sa.MetaData(), autoload_with=engine,
                     resolve_fks=False)
    return [(c.name, c.computed.persisted) for c in table.c if c.computed]


@step("reflection: enum")
def _():
    found = sa.inspect(engine).get_enums()
    return [(e["name"], e["labels"]) for e in found]


@step("reflection: primary key", by_design=[])
def _():
    return sa.inspect(engine).get_pk_constraint(
        "counters")["constrained_columns"]


@step("reflection: a reflected table is queried")
def _():
    table = sa.Table("counters", sa.MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        return [tuple(r) for r in connection.execute(
            select(table.c.value, table.c.name).order_by(table.c.name))]


engine.dispose()
