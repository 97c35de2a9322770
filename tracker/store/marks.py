"""Marks in the history of a database: it was restored, or a clock that was wrong set right."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import counter, identity, one_of, text

KINDS = ("restored", "clock")


class MarkRow(SQLModel, table=True):
    """`event_id` is the newest delivery event when the mark was made.

    Restored: what was due before `at` may have been sent by the database that this
    one replaced. Clock: instants of events up to that one say nothing of the time.
    """

    __tablename__ = "mark"
    __table_args__ = (one_of("kind", KINDS),)
    id: int = identity()
    kind: str = text()
    at: datetime
    event_id: int = counter()


def latest(session: Session, kind: str) -> MarkRow | None:
    return session.exec(
        select(MarkRow).where(col(MarkRow.kind) == kind).order_by(col(MarkRow.id).desc()).limit(1)
    ).first()


def restored_at(session: Session) -> datetime | None:
    """When the database was last put back from a backup."""
    return session.exec(
        select(func.max(col(MarkRow.at))).where(col(MarkRow.kind) == "restored")
    ).one()
