"""What a debt costs and how a payment is split: terms, orders, and charges, each with its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Exists, Index, bindparam, column, exists
from sqlmodel import Session, SQLModel, col, or_, select

from tracker.core.components import Component
from tracker.core.daycount import Basis
from tracker.core.interest import Compounding, Per, Reach, Rounding, Times
from tracker.core.policy import Order
from tracker.store.columns import identity, link, minor, one_of, text
from tracker.store.plans import PlanRow, PlanVersionRow


def _standing(table: str) -> Index:
    """One row per debt and day, of those that were not taken back."""
    return Index(
        f"uq_{table}_debt_from",
        "debt_id",
        "from_on",
        unique=True,
        sqlite_where=column("withdrawn_at").is_(None),
    )


class DebtTermsRow(SQLModel, table=True):
    """The contract's terms from a day on. `_ppb` are parts per billion; see core/interest.py.

    `bears` are the components beside the principal that bear interest, by commas.
    """

    __tablename__ = "debt_terms"
    __table_args__ = (
        _standing("debt_terms"),
        one_of("rate_per", Per),
        one_of("basis", Basis),
        one_of("compounding", Compounding),
        one_of("penalty_per", Per),
        one_of("penalty_reach", Reach),
        one_of("late_fee_times", Times),
        one_of("rounding", Rounding),
        CheckConstraint("rate_ppb BETWEEN 0 AND 10000000000", name="rate_range"),
        CheckConstraint("penalty_ppb BETWEEN 0 AND 10000000000", name="penalty_range"),
        CheckConstraint("penalty_above_ppb BETWEEN 0 AND 10000000000", name="penalty_above_range"),
        CheckConstraint("late_fee_ppb BETWEEN 0 AND 10000000000", name="late_fee_range"),
        CheckConstraint("late_fee_minor >= 0", name="late_fee_not_negative"),
        CheckConstraint(
            "late_fee_least_minor >= 0 AND (late_fee_most_minor IS NULL"
            " OR late_fee_most_minor >= late_fee_least_minor)",
            name="late_fee_bounds",
        ),
        CheckConstraint("(rate_ppb IS NULL) = (rate_per IS NULL)", name="rate_whole"),
        CheckConstraint("(penalty_ppb IS NULL) = (penalty_per IS NULL)", name="penalty_whole"),
        CheckConstraint(
            "penalty_ppb IS NULL OR penalty_above_ppb IS NULL", name="penalty_of_one_kind"
        ),
        CheckConstraint(
            "late_fee_minor IS NULL OR late_fee_ppb IS NULL", name="late_fee_of_one_kind"
        ),
        CheckConstraint("compounds_on BETWEEN 1 AND 31", name="compounds_on_range"),
        CheckConstraint("grace_days BETWEEN 0 AND 366", name="grace_range"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id", index=False)
    from_on: date
    rate_ppb: int | None = minor(nullable=True)
    rate_per: str | None = text(nullable=True)
    basis: str = text()
    compounding: str = text()
    compounds_on: int | None = None
    grace_days: int = 0
    penalty_ppb: int | None = minor(nullable=True)
    penalty_per: str | None = text(nullable=True)
    penalty_above_ppb: int | None = minor(nullable=True)
    penalty_reach: str = text()
    penalty_instead: bool = False
    late_fee_minor: int | None = minor(nullable=True)
    late_fee_ppb: int | None = minor(nullable=True)
    late_fee_least_minor: int = minor(default=0)
    late_fee_most_minor: int | None = minor(nullable=True)
    late_fee_times: str = text()
    bears: str = text()
    rounding: str = text()
    note: str | None = text(nullable=True)
    recorded_at: datetime
    withdrawn_at: datetime | None = None


class DebtPolicyRow(SQLModel, table=True):
    """In which order a payment goes to the components, from a day on; see core/policy.py."""

    __tablename__ = "debt_policy"
    __table_args__ = (
        _standing("debt_policy"),
        one_of("ordering", Order),
        one_of("then_ordering", Order),
        CheckConstraint("(switch_days IS NULL) = (then_ordering IS NULL)", name="switch_whole"),
        CheckConstraint("switch_days BETWEEN 1 AND 3660", name="switch_range"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id", index=False)
    from_on: date
    ordering: str = text()
    switch_days: int | None = None
    then_ordering: str | None = text(nullable=True)
    note: str | None = text(nullable=True)
    recorded_at: datetime
    withdrawn_at: datetime | None = None


class ChargeRow(SQLModel, table=True):
    """What the claim grew or shrank by: `amount_minor` above 0 is more, below 0 is less.

    No amount: all that is left is waived. An adjustment cites the statement that it
    settles; a waived instalment is named by its ref.
    """

    __tablename__ = "charge"
    __table_args__ = (
        one_of("component", Component),
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        CheckConstraint(
            # No amount is said outright: a CHECK that comes to NULL refuses nothing.
            "(reason = 'charge' AND amount_minor IS NOT NULL AND amount_minor > 0"
            " AND component IS NOT NULL)"
            " OR (reason = 'waiver' AND amount_minor IS NOT NULL AND amount_minor < 0)"
            " OR (reason = 'waiver' AND amount_minor IS NULL AND component IS NULL)"
            " OR (reason = 'adjustment' AND amount_minor IS NOT NULL"
            " AND component IS NOT NULL AND statement_id IS NOT NULL)",
            name="reason_fits",
        ),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    on_date: date
    reason: str = text()
    component: str | None = text(nullable=True)
    amount_minor: int | None = minor(nullable=True)
    note: str | None = text(nullable=True)
    statement_id: int | None = link("statement.id", nullable=True, index=False)
    instalment_ref: str | None = text(nullable=True)
    recorded_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What there is of a debt beside statements and payments; most debts have none of it.

    `agreed`: a plan that changes what runs (interest frozen or agreed, a settlement).
    """

    terms: bool
    policies: bool
    charges: bool
    agreed: bool


def _of_debt(row: type[DebtTermsRow] | type[DebtPolicyRow] | type[ChargeRow]) -> Exists:
    return exists().where(col(row.debt_id) == bindparam("debt_id"), col(row.withdrawn_at).is_(None))


# Made once: every payment asks for these.
_RECORDED = select(
    _of_debt(DebtTermsRow),
    _of_debt(DebtPolicyRow),
    _of_debt(ChargeRow),
    exists().where(
        col(PlanRow.debt_id) == bindparam("debt_id"),
        col(PlanVersionRow.plan_id) == col(PlanRow.id),
        or_(col(PlanVersionRow.interest) != "contract", col(PlanVersionRow.kind) == "settlement"),
    ),
)
_TERMS = (
    select(DebtTermsRow)
    .where(
        col(DebtTermsRow.debt_id) == bindparam("debt_id"),
        col(DebtTermsRow.withdrawn_at).is_(None),
    )
    .order_by(col(DebtTermsRow.from_on))
)
_POLICIES = (
    select(DebtPolicyRow)
    .where(
        col(DebtPolicyRow.debt_id) == bindparam("debt_id"),
        col(DebtPolicyRow.withdrawn_at).is_(None),
    )
    .order_by(col(DebtPolicyRow.from_on))
)
_CHARGES = (
    select(ChargeRow)
    .where(
        col(ChargeRow.debt_id) == bindparam("debt_id"),
        col(ChargeRow.withdrawn_at).is_(None),
    )
    .order_by(col(ChargeRow.on_date), col(ChargeRow.id))
)


def recorded(session: Session, debt_id: int) -> Recorded:
    """Asked in one go, so that a debt without any of it costs one statement."""
    found = session.connection().execute(_RECORDED, {"debt_id": debt_id}).one()
    return Recorded(
        terms=bool(found[0]),
        policies=bool(found[1]),
        charges=bool(found[2]),
        agreed=bool(found[3]),
    )


def terms(session: Session, debt_id: int) -> list[DebtTermsRow]:
    """Those that stand, oldest first."""
    return list(session.exec(_TERMS, params={"debt_id": debt_id}).all())


def policies(session: Session, debt_id: int) -> list[DebtPolicyRow]:
    """Those that stand, oldest first."""
    return list(session.exec(_POLICIES, params={"debt_id": debt_id}).all())


def charges(session: Session, debt_id: int) -> list[ChargeRow]:
    """Those that stand, in order of their dates."""
    return list(session.exec(_CHARGES, params={"debt_id": debt_id}).all())


def charge(session: Session, charge_id: int) -> ChargeRow | None:
    return session.exec(select(ChargeRow).where(col(ChargeRow.id) == charge_id)).one_or_none()
