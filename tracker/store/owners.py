"""Whose debt it is and to whom it is paid: owners over time, payees, joint holders, guarantors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, column
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import identity, link, one_of, text

ROLES = ("joint-holder", "guarantor")


class AssignmentRow(SQLModel, table=True):
    """The debt went from one creditor to another on `on_date`, as `told_by` said.

    Unverified until `proof` says what shows it: the old creditor's notice, or
    written proof of the new one.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("from_creditor_id <> to_creditor_id", name="changes_hands"),
        CheckConstraint("(proof IS NULL) = (verified_at IS NULL)", name="verified_by_proof"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    from_creditor_id: int = link("creditor.id", index=False)
    to_creditor_id: int = link("creditor.id", index=False)
    on_date: date
    told_by: str = text()
    old_reference: str | None = text(nullable=True)
    proof: str | None = text(nullable=True)
    recorded_at: datetime
    verified_at: datetime | None = None


class PayeeRow(SQLModel, table=True):
    """Changed details of where the money goes; they wait until they were checked by a call.

    What is None does not change. `called` is where the number came from that was
    called back: an earlier document, never the message that brought the change.
    """

    __tablename__ = "payee"
    __table_args__ = (
        Index(
            "uq_payee_open_debt",
            "debt_id",
            unique=True,
            sqlite_where=column("closed_at").is_(None),
        ),
        one_of("outcome", ("confirmed", "rejected")),
        CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", name="outcome_when_closed"),
        CheckConstraint(
            "outcome IS NULL OR outcome = 'rejected' OR called IS NOT NULL",
            name="confirmed_by_a_call",
        ),
        CheckConstraint(
            "payee IS NOT NULL OR quote IS NOT NULL OR account_last4 IS NOT NULL",
            name="changes_something",
        ),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id", index=False)
    payee: str | None = text(nullable=True)
    quote: str | None = text(nullable=True)
    account_last4: str | None = text(nullable=True)
    told_by: str = text()
    recorded_at: datetime
    called: str | None = text(nullable=True)
    outcome: str | None = text(nullable=True)
    closed_at: datetime | None = None


class PartyRow(SQLModel, table=True):
    """Somebody who owes the debt too: jointly, or if it is not paid."""

    __tablename__ = "party"
    __table_args__ = (
        one_of("role", ROLES),
        CheckConstraint("length(name) BETWEEN 1 AND 120", name="name_length"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    role: str = text()
    name: str = text()
    note: str | None = text(nullable=True)
    recorded_at: datetime
    ended_at: datetime | None = None


def assignments(session: Session, debt_id: int) -> list[AssignmentRow]:
    """Oldest first."""
    return list(
        session.exec(
            select(AssignmentRow)
            .where(col(AssignmentRow.debt_id) == debt_id)
            .order_by(col(AssignmentRow.id))
        ).all()
    )


def assignments_of_person(session: Session, person_id: int) -> dict[int, list[AssignmentRow]]:
    """By debt, oldest first; a debt that was never assigned is not in it."""
    found: dict[int, list[AssignmentRow]] = {}
    for row in session.exec(
        select(AssignmentRow)
        .where(col(AssignmentRow.person_id) == person_id)
        .order_by(col(AssignmentRow.id))
    ):
        found.setdefault(row.debt_id, []).append(row)
    return found


def is_unverified(assignments: Sequence[AssignmentRow]) -> bool:
    """Whether the debt's owner has not shown yet that the debt is his."""
    return bool(assignments) and assignments[-1].verified_at is None


def waiting_payee(session: Session, debt_id: int) -> PayeeRow | None:
    """The change of details that nobody has checked yet."""
    return session.exec(
        select(PayeeRow).where(col(PayeeRow.debt_id) == debt_id, col(PayeeRow.closed_at).is_(None))
    ).one_or_none()


def payees(session: Session, debt_id: int) -> list[PayeeRow]:
    """Every change of details, oldest first."""
    return list(
        session.exec(
            select(PayeeRow).where(col(PayeeRow.debt_id) == debt_id).order_by(col(PayeeRow.id))
        ).all()
    )


def parties(session: Session, debt_id: int) -> list[PartyRow]:
    """Those who still owe it too."""
    return list(
        session.exec(
            select(PartyRow)
            .where(col(PartyRow.debt_id) == debt_id, col(PartyRow.ended_at).is_(None))
            .order_by(col(PartyRow.id))
        ).all()
    )
