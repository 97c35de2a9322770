"""What comes in: texts and ticks, each once, and the payments that they claim."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, func, or_
from sqlmodel import Field, Session, SQLModel, col, select

from tracker.store.columns import identity, link, one_of, text

CHANNELS = ("sms", "caldav")
CLAIMS = ("open", "accepted", "dismissed")


class InboundRow(SQLModel, table=True):
    """One text that came in, or one to-do that was ticked; seen by poll and by webhook alike.

    The sender can be forged, so nothing here is more than a claim. `person_id`
    is who it was taken to be from, `outcome` a msgid that says what was made of it.
    """

    __tablename__ = "inbound"
    __table_args__ = (
        # The promise that one text has one effect is this key.
        UniqueConstraint("channel", "provider_id"),
        one_of("channel", CHANNELS),
    )
    id: int = identity()
    channel: str = text()
    provider_id: str = text()
    sender: str = text()
    body: str = text()
    verb: str = text()
    person_id: int | None = link("person.id", nullable=True)
    outcome: str | None = text(nullable=True)
    said_at: datetime
    seen_at: datetime = Field(index=True)


class PaymentClaimRow(SQLModel, table=True):
    """Somebody said that an instalment was paid; the person has not confirmed it yet."""

    __tablename__ = "payment_claim"
    __table_args__ = (
        UniqueConstraint("person_id", "number"),
        UniqueConstraint("inbound_id", "instalment_ref"),
        one_of("state", CLAIMS),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_when_closed"),
        CheckConstraint("number >= 1", name="number_counts"),
    )
    id: int = identity()
    person_id: int = link("person.id", index=False)
    number: int
    debt_id: int = link("debt.id")
    instalment_ref: str = text()
    inbound_id: int = link("inbound.id", index=False)
    said_at: datetime
    state: str = text()
    decided_at: datetime | None = None
    payment_id: int | None = link("payment.id", nullable=True)


def claims(session: Session, person_id: int, *, state: str | None = None) -> list[PaymentClaimRow]:
    """Oldest first."""
    statement = select(PaymentClaimRow).where(col(PaymentClaimRow.person_id) == person_id)
    if state is not None:
        statement = statement.where(col(PaymentClaimRow.state) == state)
    return list(session.exec(statement.order_by(col(PaymentClaimRow.number))).all())


def claim(session: Session, person_id: int, number: int) -> PaymentClaimRow | None:
    return session.exec(
        select(PaymentClaimRow).where(
            col(PaymentClaimRow.person_id) == person_id, col(PaymentClaimRow.number) == number
        )
    ).one_or_none()


def open_claim(session: Session, person_id: int, instalment_ref: str) -> PaymentClaimRow | None:
    return session.exec(
        select(PaymentClaimRow)
        .where(
            col(PaymentClaimRow.person_id) == person_id,
            col(PaymentClaimRow.instalment_ref) == instalment_ref,
            col(PaymentClaimRow.state) == "open",
        )
        .limit(1)
    ).first()


def next_number(session: Session, person_id: int) -> int:
    """Call under the person's lock."""
    newest = session.exec(
        select(func.max(col(PaymentClaimRow.number))).where(
            col(PaymentClaimRow.person_id) == person_id
        )
    ).one()
    return (newest or 0) + 1


def claims_since(session: Session, person_id: int, since: datetime) -> int:
    """How many claims came for a person since an instant."""
    return int(
        session.exec(
            select(func.count())
            .select_from(PaymentClaimRow)
            .join(InboundRow, col(InboundRow.id) == col(PaymentClaimRow.inbound_id))
            .where(col(PaymentClaimRow.person_id) == person_id, col(InboundRow.seen_at) >= since)
        ).one()
    )


def by_id(session: Session, inbound_id: int) -> InboundRow:
    return session.exec(select(InboundRow).where(col(InboundRow.id) == inbound_id)).one()


def heard(session: Session, channel: str, provider_id: str) -> InboundRow | None:
    return session.exec(
        select(InboundRow).where(
            col(InboundRow.channel) == channel, col(InboundRow.provider_id) == provider_id
        )
    ).one_or_none()


def of_person(session: Session, person_id: int, number: str | None, limit: int) -> list[InboundRow]:
    """What came from a person, or from a number that is not theirs alone; newest first."""
    shared = col(InboundRow.person_id).is_(None) & (col(InboundRow.sender) == number)
    return list(
        session.exec(
            select(InboundRow)
            .where(or_(col(InboundRow.person_id) == person_id, shared))
            .order_by(col(InboundRow.id).desc())
            .limit(limit)
        ).all()
    )


def newest(session: Session, channel: str) -> datetime | None:
    """When the last that was heard over a channel was said."""
    return session.exec(
        select(func.max(col(InboundRow.said_at))).where(col(InboundRow.channel) == channel)
    ).one()
