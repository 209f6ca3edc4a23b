"""Two tables with keys, an enum, an index and a comment, for tests of DDL."""
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from steps import caught


def models(base):
    """Classes of these tables, in the metadata of a declarative base."""
    class Shelf(base):
        __tablename__ = "shelves"
        id: Mapped[int] = mapped_column(primary_key=True)
        label: Mapped[str] = mapped_column(unique=True, comment="100%")
        kind: Mapped[str] = mapped_column(
            sa.Enum("wood", "steel", name="material"))

    class Item(base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)
        shelf_id: Mapped[int] = mapped_column(sa.ForeignKey(Shelf.id),
                                              index=True)
    return Shelf, Item


def fill(engine, Shelf, Item):
    """Rows of both; returns what was read, and what a wrong key ends with."""
    with Session(engine) as session:
        session.add(Shelf(label="top", kind="steel"))
        session.flush()
        session.add(Item(shelf_id=session.scalar(sa.select(Shelf.id))))
        session.commit()
        kind = session.scalar(sa.select(Shelf.kind))
        session.add(Item(shelf_id=4711))
        return kind, caught(session.commit)
