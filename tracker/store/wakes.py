"""Wakes: the next moment at which anything must be derived for one subject."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint, bindparam, delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from tracker.store.columns import counter, identity, link, one_of, text

WAKES = (
    "plan",
    "payment",
    "condition",
    "followup",
    "absence",
    "snooze",
    "receipt",
    "alive",
    "mirror",
)
"""Of the last two the subject is the person."""


class WakeRow(SQLModel, table=True):
    """The next moment at which anything must be derived for one subject."""

    __tablename__ = "wake"
    __table_args__ = (UniqueConstraint("kind", "subject_id"), one_of("kind", WAKES))
    id: int = identity()
    kind: str = text()
    subject_id: int = counter()
    person_id: int = link("person.id")
    at: datetime = Field(index=True)


_WAITING = (
    select(WakeRow.id)
    .where(col(WakeRow.person_id) == bindparam("person_id"), col(WakeRow.at) <= bindparam("now"))
    .limit(1)
)


def waiting(session: Session, person_id: int, now: datetime) -> bool:
    """Whether anything of a person is still to be derived up to `now`."""
    return session.exec(_WAITING, params={"person_id": person_id, "now": now}).first() is not None


def set_wake(
    session: Session, kind: str, subject_id: int, person_id: int, at: datetime | None
) -> None:
    """Wake the subject at `at`, or never. Call under the person's lock."""
    connection = session.connection()
    subject = (col(WakeRow.kind) == kind, col(WakeRow.subject_id) == subject_id)
    if at is None:
        connection.execute(delete(WakeRow).where(*subject))
    elif not connection.execute(update(WakeRow).where(*subject).values(at=at)).rowcount:
        session.add(WakeRow(kind=kind, subject_id=subject_id, person_id=person_id, at=at))
        session.flush()


def hurry(session: Session, kind: str, subject_id: int, person_id: int, at: datetime) -> None:
    """Wake the subject no later than `at`; an earlier wake that nobody has seen to stays."""
    current = session.exec(
        select(WakeRow).where(col(WakeRow.kind) == kind, col(WakeRow.subject_id) == subject_id)
    ).one_or_none()
    if current is None or current.at > at:
        set_wake(session, kind, subject_id, person_id, at)


def due_wakes(session: Session, now: datetime, limit: int) -> list[WakeRow]:
    return list(
        session.exec(
            select(WakeRow)
            .where(col(WakeRow.at) <= now)
            .order_by(col(WakeRow.at), col(WakeRow.id))
            .limit(limit)
        ).all()
    )


def wake(session: Session, wake_id: int) -> WakeRow | None:
    """Read again, under the person's lock: another worker may have been first."""
    return session.exec(
        select(WakeRow).where(col(WakeRow.id) == wake_id).execution_options(populate_existing=True)
    ).one_or_none()
