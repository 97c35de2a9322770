"""Numbered report snapshots, and the calendar feeds with their tokens."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, func
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import identity, link, one_of, text

DETAILS = ("neutral", "full")


class ReportRow(SQLModel, table=True):
    """A dated, numbered snapshot for one creditor; `content` is the JSON it was drawn from.

    The period is half-open.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("debt_id", "number"),
        CheckConstraint("period_end > period_start", name="period_forward"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    number: int
    period_start: date
    period_end: date
    made_on: date
    made_at: datetime
    locale: str = text()
    content: str = text()
    html_sha256: str = text()
    pdf_sha256: str = text()


class FeedRow(SQLModel, table=True):
    """A calendar subscription; only the SHA-256 of its token is kept."""

    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("person_id", "handle"), one_of("detail", DETAILS))
    id: int = identity()
    person_id: int = link("person.id")
    handle: str = text()
    token_sha256: str = text(unique=True)
    detail: str = text()
    created_at: datetime
    revoked_at: datetime | None = None


def reports(session: Session, person_id: int, debt_id: int | None = None) -> list[ReportRow]:
    statement = select(ReportRow).where(col(ReportRow.person_id) == person_id)
    if debt_id is not None:
        statement = statement.where(col(ReportRow.debt_id) == debt_id)
    return list(session.exec(statement.order_by(col(ReportRow.id))).all())


def next_number(session: Session, debt_id: int) -> int:
    last = session.exec(
        select(func.max(col(ReportRow.number))).where(col(ReportRow.debt_id) == debt_id)
    ).one()
    return int(last or 0) + 1


def feeds(session: Session, person_id: int) -> list[FeedRow]:
    return list(
        session.exec(
            select(FeedRow).where(col(FeedRow.person_id) == person_id).order_by(col(FeedRow.id))
        ).all()
    )


def feed_by_token(session: Session, token_sha256: str) -> FeedRow | None:
    """A live feed; a revoked one is nobody's."""
    return session.exec(
        select(FeedRow).where(
            col(FeedRow.token_sha256) == token_sha256, col(FeedRow.revoked_at).is_(None)
        )
    ).one_or_none()
