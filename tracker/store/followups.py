"""Follow-ups: an answer, a call, a promise, a task or a legal deadline, each by a day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import identity, link, one_of, text

KINDS = ("answer", "call", "promise", "task", "deadline")


class FollowupRow(SQLModel, table=True):
    """What is to be heard or done by a day, about a debt or about none.

    A deadline is a legal one: it passes through digest, quiet and absence.
    """

    __tablename__ = "followup"
    __table_args__ = (
        one_of("kind", KINDS),
        CheckConstraint("length(said) BETWEEN 1 AND 500", name="said_length"),
        CheckConstraint("(closed_at IS NULL) = (closed_how IS NULL)", name="closed_somehow"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int | None = link("debt.id", nullable=True)
    ref: str = text(unique=True)
    kind: str = text()
    said: str = text()
    due_on: date
    opened_at: datetime
    closed_at: datetime | None = None
    closed_how: str | None = text(nullable=True)


def of_person(session: Session, person_id: int, *, closed: bool = False) -> list[FollowupRow]:
    """Open ones, or all of them; the earliest day first."""
    statement = select(FollowupRow).where(col(FollowupRow.person_id) == person_id)
    if not closed:
        statement = statement.where(col(FollowupRow.closed_at).is_(None))
    return list(
        session.exec(statement.order_by(col(FollowupRow.due_on), col(FollowupRow.id))).all()
    )


def by_id(session: Session, followup_id: int) -> FollowupRow | None:
    return session.exec(select(FollowupRow).where(col(FollowupRow.id) == followup_id)).one_or_none()


def by_ref(session: Session, ref: str) -> FollowupRow | None:
    return session.exec(select(FollowupRow).where(col(FollowupRow.ref) == ref)).one_or_none()
