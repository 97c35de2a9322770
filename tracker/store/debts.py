"""Creditors, debts, what is known of their dates, holds, statements, and logged consents."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, and_, col, or_, select

from tracker.store.columns import identity, link, minor, one_of, text

KINDS = ("priority", "ordinary")
HOLDS = ("unverified-owner", "disputed", "moratorium", "adviser", "insolvency", "not-mine")
DATES = ("first_missed", "defaulted", "last_payment", "last_contact", "judgment")


class CreditorRow(SQLModel, table=True):
    """Who is owed. `cutoff` is a wall time in `zone`; `clearing_days` are working days."""

    __tablename__ = "creditor"
    __table_args__ = (
        UniqueConstraint("person_id", "handle"),
        CheckConstraint("length(name) BETWEEN 1 AND 120", name="name_length"),
        CheckConstraint("clearing_days BETWEEN 0 AND 15", name="clearing_days_range"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    handle: str = text()
    name: str = text()
    zone: str = text()
    country: str | None = text(nullable=True)
    cutoff: str = text()
    clearing_days: int
    created_at: datetime


class DebtRow(SQLModel, table=True):
    """One account at one creditor. `word` stands for it on a lock screen.

    `claim` names the limitation rule where a country has several.
    """

    __tablename__ = "debt"
    __table_args__ = (
        UniqueConstraint("person_id", "handle"),
        UniqueConstraint("person_id", "word"),
        one_of("kind", KINDS),
        CheckConstraint("length(currency) = 3", name="currency_length"),
        CheckConstraint("length(handle) BETWEEN 1 AND 40", name="handle_length"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    creditor_id: int = link("creditor.id")
    handle: str = text()
    word: str = text()
    kind: str = text()
    reference: str | None = text(nullable=True)
    currency: str = text()
    jurisdiction: str | None = text(nullable=True)
    claim: str | None = text(nullable=True)
    created_at: datetime


class DebtDateRow(SQLModel, table=True):
    """One date of a debt: known, "don't know" (unknown) or never happened; no row = not asked."""

    __tablename__ = "debt_date"
    __table_args__ = (
        UniqueConstraint("debt_id", "kind"),
        one_of("kind", DATES),
        one_of("state", ("known", "unknown", "never")),
        CheckConstraint("(state = 'known') = (on_date IS NOT NULL)", name="date_when_known"),
    )
    id: int = identity()
    debt_id: int = link("debt.id")
    kind: str = text()
    state: str = text()
    on_date: date | None = None


class HoldRow(SQLModel, table=True):
    """Why a debt must not simply be paid now: from `from_on` until before `until_on`."""

    __tablename__ = "hold"
    __table_args__ = (
        one_of("kind", HOLDS),
        CheckConstraint("until_on IS NULL OR until_on > from_on", name="until_after_from"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    kind: str = text()
    from_on: date
    until_on: date | None = None
    note: str | None = text(nullable=True)
    created_at: datetime
    released_at: datetime | None = None


class StatementRow(SQLModel, table=True):
    """The creditor's figure on a date, whole or in five parts that sum to the total.

    A difference from the tracker's ledger is a query until `settled_how` says how it
    was answered. `costs_minor` is None where the parts were stated before it existed.
    """

    __tablename__ = "statement"
    __table_args__ = (
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint(
            "(principal_minor IS NULL AND interest_minor IS NULL AND penalties_minor IS NULL"
            " AND fees_minor IS NULL AND costs_minor IS NULL) OR (principal_minor IS NOT NULL"
            " AND interest_minor IS NOT NULL AND penalties_minor IS NOT NULL"
            " AND fees_minor IS NOT NULL AND principal_minor + interest_minor"
            " + penalties_minor + fees_minor + coalesce(costs_minor, 0) = total_minor)",
            name="parts_sum_to_total",
        ),
        CheckConstraint("(settled_at IS NULL) = (settled_how IS NULL)", name="settled_somehow"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    on_date: date
    principal_minor: int | None = minor(nullable=True)
    interest_minor: int | None = minor(nullable=True)
    penalties_minor: int | None = minor(nullable=True)
    fees_minor: int | None = minor(nullable=True)
    total_minor: int = minor()
    note: str | None = text(nullable=True)
    recorded_at: datetime
    costs_minor: int | None = minor(nullable=True)
    settled_at: datetime | None = None
    settled_how: str | None = text(nullable=True)


class ConsentRow(SQLModel, table=True):
    """An explicit yes at the gate on admissions: which rule, which verdict, for which act."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("debt_id", "verdict"),)
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    act: str = text()
    verdict: str = text()
    cites: str = text()
    actor: str = text()
    said_at: datetime


def creditors(session: Session, person_id: int) -> list[CreditorRow]:
    return list(
        session.exec(
            select(CreditorRow)
            .where(col(CreditorRow.person_id) == person_id)
            .order_by(col(CreditorRow.handle))
        ).all()
    )


def creditor(session: Session, creditor_id: int) -> CreditorRow:
    return session.exec(select(CreditorRow).where(col(CreditorRow.id) == creditor_id)).one()


def debts(session: Session, person_id: int) -> list[DebtRow]:
    return list(
        session.exec(
            select(DebtRow).where(col(DebtRow.person_id) == person_id).order_by(col(DebtRow.handle))
        ).all()
    )


# Made once: every message asks for these.
_DEBT = select(DebtRow).where(col(DebtRow.id) == bindparam("id"))
_HOLDS = (
    select(HoldRow)
    .where(
        col(HoldRow.debt_id) == bindparam("debt_id"),
        col(HoldRow.released_at).is_(None),
        col(HoldRow.from_on) <= bindparam("on"),
        or_(col(HoldRow.until_on).is_(None), col(HoldRow.until_on) > bindparam("on")),
    )
    .order_by(col(HoldRow.id))
)


def debt(session: Session, debt_id: int) -> DebtRow:
    return session.exec(_DEBT, params={"id": debt_id}).one()


def dates(session: Session, debt_id: int) -> dict[str, DebtDateRow]:
    rows = session.exec(select(DebtDateRow).where(col(DebtDateRow.debt_id) == debt_id))
    return {row.kind: row for row in rows}


def holds(session: Session, debt_id: int, on: date) -> list[HoldRow]:
    """The holds in force on a day."""
    return list(session.exec(_HOLDS, params={"debt_id": debt_id, "on": on}).all())


def statements(session: Session, debt_id: int) -> list[StatementRow]:
    """Oldest first; of two on one day the one recorded later comes later."""
    return list(
        session.exec(
            select(StatementRow)
            .where(col(StatementRow.debt_id) == debt_id)
            .order_by(col(StatementRow.on_date), col(StatementRow.id))
        ).all()
    )


def queried(session: Session, person_id: int) -> set[int]:
    """The debts with statements beside the first that are not settled: they may differ."""
    first = aliased(StatementRow)
    earlier = (
        select(first.id)
        .where(
            col(first.debt_id) == col(StatementRow.debt_id),
            or_(
                col(first.on_date) < col(StatementRow.on_date),
                and_(
                    col(first.on_date) == col(StatementRow.on_date),
                    col(first.id) < col(StatementRow.id),
                ),
            ),
        )
        .exists()
    )
    found = session.exec(
        select(StatementRow.debt_id)
        .where(
            col(StatementRow.person_id) == person_id,
            col(StatementRow.settled_at).is_(None),
            earlier,
        )
        .distinct()
    )
    return set(found.all())


def consents(session: Session, debt_id: int) -> list[ConsentRow]:
    return list(
        session.exec(
            select(ConsentRow)
            .where(col(ConsentRow.debt_id) == debt_id)
            .order_by(col(ConsentRow.id))
        ).all()
    )


def owners(session: Session, name: str) -> list[int]:
    """The persons who have a debt of exactly this handle or cover word."""
    return list(
        session.exec(
            select(DebtRow.person_id)
            .where(
                or_(
                    col(DebtRow.handle) == name.casefold(),
                    col(DebtRow.word) == name.upper(),
                )
            )
            .distinct()
        ).all()
    )
