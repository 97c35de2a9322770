"""Payments, append-only, and the cache of what went to which instalment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    func,
    insert,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, or_, select

from tracker.core.allocation import Part
from tracker.core.components import Amounts, Component
from tracker.store.columns import identity, link, minor, one_of, text

KINDS = ("payment", "scheduled", "reversal", "refund")
METHODS = ("transfer", "standing-order", "direct-debit", "card", "cash", "cheque", "other")


class PaymentRow(SQLModel, table=True):
    """Money that left (`payment`), is to leave (`scheduled`), or did not after all (`reversal`).

    A `refund` is money that the creditor sent back.

    Never changed and never deleted. A reversal names what it voids, once. A
    scheduled row counts for nothing; the payment that confirms it names it, once.
    `number` is the person's own count, shown as #12. Rows of one `batch` were one sum,
    split over several debts. `sent_minor` of `sent_currency` is what left, at `rate`
    (a decimal as typed: debt's currency for 1 of the other), where it was another money.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("person_id", "number"),
        UniqueConstraint("reverses_id"),
        UniqueConstraint("confirms_id"),
        one_of("kind", KINDS),
        one_of("method", METHODS),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names"),
        CheckConstraint("confirms_id IS NULL OR kind = 'payment'", name="confirmation_pays"),
        CheckConstraint(
            "(sent_minor IS NULL) = (sent_currency IS NULL)"
            " AND (sent_minor IS NULL) = (rate IS NULL)",
            name="exchange_whole",
        ),
        CheckConstraint("sent_minor > 0", name="sent_positive"),
        CheckConstraint("length(sent_currency) = 3", name="sent_currency_length"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    number: int
    kind: str = text()
    amount_minor: int = minor()
    on_date: date
    method: str = text()
    reference: str | None = text(nullable=True)
    note: str | None = text(nullable=True)
    for_ref: str | None = text(nullable=True)
    reverses_id: int | None = link("payment.id", nullable=True, index=False)
    confirms_id: int | None = link("payment.id", nullable=True, index=False)
    reason: str | None = text(nullable=True)
    recorded_at: datetime
    batch: str | None = text(nullable=True, index=True)
    sent_minor: int | None = minor(nullable=True)
    sent_currency: str | None = text(nullable=True)
    rate: str | None = text(nullable=True)


class SplitRow(SQLModel, table=True):
    """How the creditor says that a payment was split; kept as said, beside the estimate."""

    __tablename__ = "payment_split"
    __table_args__ = (
        UniqueConstraint("payment_id", "component"),
        one_of("component", Component),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )
    id: int = identity()
    debt_id: int = link("debt.id")
    payment_id: int = link("payment.id", index=False)
    component: str = text()
    amount_minor: int = minor()


class ProofRow(SQLModel, table=True):
    """A file that shows a payment; it lies in the home under its SHA-256."""

    __tablename__ = "payment_proof"
    __table_args__ = (
        UniqueConstraint("payment_id", "sha256"),
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    payment_id: int = link("payment.id", index=False)
    sha256: str = text()
    name: str = text()
    size: int
    added_at: datetime


class AllocationRow(SQLModel, table=True):
    """Which part of a payment went to which instalment; a cache, rebuilt per debt."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("payment_id", "ref", "component"),
        one_of("component", ("instalment",)),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )
    id: int = identity()
    debt_id: int = link("debt.id")
    payment_id: int = link("payment.id", index=False)
    ref: str = text()
    component: str = text()
    amount_minor: int = minor()


# Made once: every message and every payment asks for these.
_ANSWER = aliased(PaymentRow)
_WAITING = (
    select(PaymentRow)
    .where(
        col(PaymentRow.debt_id) == bindparam("debt_id"),
        col(PaymentRow.kind) == "scheduled",
        ~exists().where(
            or_(
                col(_ANSWER.reverses_id) == col(PaymentRow.id),
                col(_ANSWER.confirms_id) == col(PaymentRow.id),
            )
        ),
    )
    .order_by(col(PaymentRow.number))
)
_OF_DEBT = (
    select(PaymentRow)
    .where(col(PaymentRow.debt_id) == bindparam("debt_id"))
    .order_by(col(PaymentRow.number))
)


def of_debt(session: Session, debt_id: int) -> list[PaymentRow]:
    return list(session.exec(_OF_DEBT, params={"debt_id": debt_id}).all())


def of_person(session: Session, person_id: int) -> list[PaymentRow]:
    """In the order of recording."""
    return list(
        session.exec(
            select(PaymentRow)
            .where(col(PaymentRow.person_id) == person_id)
            .order_by(col(PaymentRow.number))
        ).all()
    )


def numbered(session: Session, person_id: int, number: int) -> PaymentRow | None:
    return session.exec(
        select(PaymentRow).where(
            col(PaymentRow.person_id) == person_id, col(PaymentRow.number) == number
        )
    ).one_or_none()


def by_id(session: Session, payment_id: int) -> PaymentRow:
    return session.exec(select(PaymentRow).where(col(PaymentRow.id) == payment_id)).one()


def next_number(session: Session, person_id: int) -> int:
    """Call under the person's lock."""
    last = session.exec(
        select(func.max(col(PaymentRow.number))).where(col(PaymentRow.person_id) == person_id)
    ).one()
    return int(last or 0) + 1


def counting(rows: list[PaymentRow]) -> list[PaymentRow]:
    """The payments that count: those that left and were not reversed."""
    reversed_ids = {row.reverses_id for row in rows if row.kind == "reversal"}
    return [row for row in rows if row.kind == "payment" and row.id not in reversed_ids]


def refunds(rows: list[PaymentRow]) -> list[PaymentRow]:
    """The refunds that were not reversed."""
    reversed_ids = {row.reverses_id for row in rows if row.kind == "reversal"}
    return [row for row in rows if row.kind == "refund" and row.id not in reversed_ids]


def alike(session: Session, debt_id: int, amount_minor: int, on: date) -> list[PaymentRow]:
    """Payments of a debt with this amount and day, and the rows that settle them."""
    same = select(PaymentRow.id).where(
        col(PaymentRow.debt_id) == debt_id,
        col(PaymentRow.amount_minor) == amount_minor,
        col(PaymentRow.on_date) == on,
    )
    return list(
        session.exec(
            select(PaymentRow)
            .where(
                or_(
                    col(PaymentRow.id).in_(same),
                    col(PaymentRow.reverses_id).in_(same),
                    col(PaymentRow.confirms_id).in_(same),
                )
            )
            .order_by(col(PaymentRow.number))
        ).all()
    )


def waiting(session: Session, debt_id: int) -> list[PaymentRow]:
    """The `unconfirmed` payments of a debt, without reading the others."""
    return list(session.exec(_WAITING, params={"debt_id": debt_id}).all())


def unconfirmed(rows: list[PaymentRow]) -> list[PaymentRow]:
    """Scheduled payments of which nobody has said yet whether they went."""
    settled = {row.reverses_id for row in rows} | {row.confirms_id for row in rows}
    return [row for row in rows if row.kind == "scheduled" and row.id not in settled]


def allocations(session: Session, debt_id: int) -> list[AllocationRow]:
    return list(
        session.exec(
            select(AllocationRow)
            .where(col(AllocationRow.debt_id) == debt_id)
            .order_by(col(AllocationRow.payment_id), col(AllocationRow.id))
        ).all()
    )


def replace_allocations(session: Session, debt_id: int, parts: Sequence[Part]) -> None:
    """All at once and not row by row: every payment writes those of all before it anew."""
    connection = session.connection()
    connection.execute(delete(AllocationRow).where(col(AllocationRow.debt_id) == debt_id))
    if parts:
        connection.execute(
            insert(AllocationRow),
            [
                {
                    "debt_id": debt_id,
                    "payment_id": part.payment_id,
                    "ref": part.ref,
                    "component": "instalment",
                    "amount_minor": part.amount_minor,
                }
                for part in parts
            ],
        )


def splits(session: Session, debt_id: int) -> list[SplitRow]:
    return list(session.exec(select(SplitRow).where(col(SplitRow.debt_id) == debt_id)).all())


def replace_splits(session: Session, debt_id: int, payment_id: int, parts: Amounts) -> bool:
    """Write how the creditor split a payment; whether that had been said before."""
    connection = session.connection()
    before = connection.execute(delete(SplitRow).where(col(SplitRow.payment_id) == payment_id))
    for component in Component:
        if minor_units := parts.of(component):
            session.add(
                SplitRow(
                    debt_id=debt_id,
                    payment_id=payment_id,
                    component=component.value,
                    amount_minor=minor_units,
                )
            )
    session.flush()
    return before.rowcount > 0


def proofs(session: Session, person_id: int) -> list[ProofRow]:
    return list(
        session.exec(
            select(ProofRow).where(col(ProofRow.person_id) == person_id).order_by(col(ProofRow.id))
        ).all()
    )


def proofs_like(session: Session, person_id: int, sha256: str) -> list[ProofRow]:
    """Every payment of the person that this very file was attached to."""
    return list(
        session.exec(
            select(ProofRow)
            .where(col(ProofRow.person_id) == person_id, col(ProofRow.sha256) == sha256)
            .order_by(col(ProofRow.id))
        ).all()
    )


def of_batch(session: Session, person_id: int, batch: str) -> list[PaymentRow]:
    """The payments that one sum was split into."""
    return list(
        session.exec(
            select(PaymentRow)
            .where(col(PaymentRow.person_id) == person_id, col(PaymentRow.batch) == batch)
            .order_by(col(PaymentRow.number))
        ).all()
    )
