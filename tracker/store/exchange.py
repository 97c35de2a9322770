"""Rates of exchange that the person typed, each with its date."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import identity, link, text


class ExchangeRow(SQLModel, table=True):
    """1 `base` is worth `rate` (a decimal as typed, with a point) of `quote` on a day."""

    __tablename__ = "exchange"
    __table_args__ = (
        UniqueConstraint("person_id", "base", "quote", "on_date"),
        CheckConstraint("base <> quote", name="two_currencies"),
        CheckConstraint("length(base) = 3 AND length(quote) = 3", name="currency_length"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    base: str = text()
    quote: str = text()
    rate: str = text()
    on_date: date
    recorded_at: datetime


def rates(session: Session, person_id: int) -> list[ExchangeRow]:
    """Newest first."""
    return list(
        session.exec(
            select(ExchangeRow)
            .where(col(ExchangeRow.person_id) == person_id)
            .order_by(col(ExchangeRow.on_date).desc(), col(ExchangeRow.id).desc())
        ).all()
    )
