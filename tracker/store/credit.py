"""Entries in credit registers: what happened and when. The rule is cited, never copied here."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import identity, link, text


class EntryRow(SQLModel, table=True):
    """One negative mark in one register (NULL: every register that the rules know for the kind)."""

    __tablename__ = "entry"
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    jurisdiction: str = text()
    register_name: str | None = text(nullable=True)
    kind: str = text()
    note: str | None = text(nullable=True)
    recorded_at: datetime


class EntryEventRow(SQLModel, table=True):
    """One dated event of an entry, named in the vocabulary of the rules."""

    __tablename__ = "entry_event"
    __table_args__ = (UniqueConstraint("entry_id", "name"),)
    id: int = identity()
    entry_id: int = link("entry.id")
    name: str = text()
    on_date: date


def entries(session: Session, person_id: int, debt_id: int | None = None) -> list[EntryRow]:
    statement = select(EntryRow).where(col(EntryRow.person_id) == person_id)
    if debt_id is not None:
        statement = statement.where(col(EntryRow.debt_id) == debt_id)
    return list(session.exec(statement.order_by(col(EntryRow.id))).all())


def events(session: Session, entry_id: int) -> dict[str, date]:
    rows = session.exec(select(EntryEventRow).where(col(EntryEventRow.entry_id) == entry_id))
    return {row.name: row.on_date for row in rows}
