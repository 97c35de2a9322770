"""Agreed plans in numbered versions, and the instalments of each version."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, column
from sqlmodel import Session, SQLModel, col, select

from tracker.core.allocation import Overpay
from tracker.core.dates import Every
from tracker.core.daycount import Basis
from tracker.core.interest import Per
from tracker.store.columns import (
    added_minor,
    added_text,
    counter,
    identity,
    link,
    minor,
    one_of,
    text,
)

PAID_BY = ("send", "standing-order", "collect", "counter")
KINDS = (
    "equal",
    "amount",
    "amortising",
    "balloon",
    "step-up",
    "seasonal",
    "list",
    "settlement",
    "token",
)
CHANGES = ("agreed", "revised", "paused", "resumed", "waived", "rescheduled")
INTEREST = ("contract", "frozen", "rate")
ENDINGS = ("withdrawn", "broken")


class PlanRow(SQLModel, table=True):
    """The agreement on one debt; `version` is the number of the terms in force.

    `after_payment` is the number of the person's last payment when it was agreed:
    of those made on that very day, what was recorded before is not towards it.
    """

    __tablename__ = "plan"
    __table_args__ = (
        # One live plan per debt; the ended ones stay readable.
        Index(
            "uq_plan_live_debt",
            "debt_id",
            unique=True,
            sqlite_where=column("ended_at").is_(None),
        ),
        one_of("ended_as", ENDINGS),
        CheckConstraint("ended_as IS NULL OR ended_at IS NOT NULL", name="ended_as_when_ended"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    version: int = 1
    created_at: datetime
    ended_at: datetime | None = None
    ended_reason: str | None = text(nullable=True)
    ended_as: str | None = text(nullable=True)
    after_payment: int = added_minor()


class PlanVersionRow(SQLModel, table=True):
    """One set of terms. `rule` is the sentence the schedule was made by; offsets are days.

    `agreed_by` is the contact or document that agreed it. `interest` says what runs
    while the plan is kept: the contract's, none, or `rate_ppb` (parts per billion,
    each `rate_per`). `overpay` is where money beyond an instalment goes;
    `forgiven_minor` is what a settlement leaves out; `every` and `second_day` are
    the rhythm, where the plan has one.
    """

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        one_of("paid_by", PAID_BY),
        CheckConstraint("number >= 1", name="number_counts"),
        CheckConstraint("total_minor > 0", name="total_positive"),
        CheckConstraint("tolerance_minor >= 0", name="tolerance_not_negative"),
        one_of("kind", KINDS),
        one_of("change", CHANGES),
        one_of("interest", INTEREST),
        one_of("rate_per", Per),
        one_of("basis", Basis),
        one_of("overpay", Overpay),
        one_of("every", Every),
        CheckConstraint("rate_ppb BETWEEN 0 AND 10000000000", name="rate_range"),
        CheckConstraint("(interest = 'rate') = (rate_ppb IS NOT NULL)", name="rate_when_agreed"),
        CheckConstraint("(rate_ppb IS NULL) = (rate_per IS NULL)", name="rate_whole"),
        CheckConstraint(
            "(kind = 'settlement') = (forgiven_minor IS NOT NULL)", name="forgiven_when_settled"
        ),
        CheckConstraint("forgiven_minor >= 0", name="forgiven_not_negative"),
        CheckConstraint("second_day BETWEEN 1 AND 31", name="second_day_range"),
        CheckConstraint(
            "(second_day IS NOT NULL) = (every IS NOT NULL AND every = 'twice-monthly')",
            name="second_day_when_twice_monthly",
        ),
    )
    id: int = identity()
    person_id: int = link("person.id")
    plan_id: int = link("plan.id")
    number: int
    agreed_on: date
    total_minor: int = minor()
    paid_by: str = text()
    payee: str | None = text(nullable=True)
    quote: str | None = text(nullable=True)
    account_last4: str | None = text(nullable=True)
    rule: str = text()
    offsets: str | None = text(nullable=True)
    send_time: str | None = text(nullable=True)
    tolerance_minor: int = minor(default=0)
    reason: str | None = text(nullable=True)
    recorded_at: datetime
    kind: str = added_text("list")
    change: str = added_text("agreed")
    agreed_by: str | None = text(nullable=True)
    interest: str = added_text("contract")
    rate_ppb: int | None = minor(nullable=True)
    rate_per: str | None = text(nullable=True)
    basis: str | None = text(nullable=True)
    overpay: str = added_text("forward")
    forgiven_minor: int | None = minor(nullable=True)
    review_on: date | None = None
    every: str | None = text(nullable=True)
    second_day: int | None = None


class InstalmentRow(SQLModel, table=True):
    """One row of a plan version.

    `ref` is stable across versions while the obligation is the same; `sequence`
    grows with each change that a calendar must notice (RFC 5545 SEQUENCE), at
    `changed_at`; `generation` grows when a void or a revision opens it again, at
    `opened_at`, before which no reminder of it was due. `reopened_at` is set
    where that has to be said once.
    `paid_minor` is a cache of the allocation rows. What is asked is `amount_minor`
    without `waived_minor`; `interest_minor` of it is interest by the schedule.
    """

    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("plan_version_id", "seq"),
        UniqueConstraint("plan_version_id", "ref"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint(
            "paid_minor >= 0 AND paid_minor + waived_minor <= amount_minor",
            name="paid_within_amount",
        ),
        CheckConstraint("waived_minor >= 0", name="waived_not_negative"),
        CheckConstraint("interest_minor BETWEEN 0 AND amount_minor", name="interest_within_amount"),
        # What is due within days, whoever's it is: only open rows are in it. The column
        # alone is on the left, or SQLite does not know a query's condition again.
        Index(
            "ix_instalment_open_due",
            "due_on",
            sqlite_where=column("amount_minor") > column("paid_minor") + column("waived_minor"),
        ),
        CheckConstraint("seq >= 1", name="seq_counts"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    plan_version_id: int = link("plan_version.id")
    ref: str = text(index=True)
    seq: int
    due_on: date
    amount_minor: int = minor()
    paid_minor: int = minor(default=0)
    send_by_at: datetime
    generation: int = counter()
    opened_at: datetime
    reopened_at: datetime | None = None
    sequence: int = counter()
    changed_at: datetime
    waived_minor: int = added_minor()
    interest_minor: int = added_minor()


# Made once: every message and every payment asks for these.
_LATEST = (
    select(PlanRow)
    .where(col(PlanRow.debt_id) == bindparam("debt_id"))
    .order_by(col(PlanRow.ended_at).is_(None).desc(), col(PlanRow.id).desc())
    .limit(1)
)
_OF_DEBT = (
    select(PlanRow).where(col(PlanRow.debt_id) == bindparam("debt_id")).order_by(col(PlanRow.id))
)
_VERSIONS = (
    select(PlanVersionRow)
    .where(col(PlanVersionRow.plan_id) == bindparam("plan_id"))
    .order_by(col(PlanVersionRow.number))
)
_VERSION = _VERSIONS.where(col(PlanVersionRow.number) == bindparam("number"))
_IN_FORCE = (
    select(PlanVersionRow)
    .join(PlanRow, col(PlanRow.id) == col(PlanVersionRow.plan_id))
    .where(
        col(PlanRow.debt_id) == bindparam("debt_id"),
        col(PlanRow.ended_at).is_(None),
        col(PlanVersionRow.number) == col(PlanRow.version),
    )
)
_INSTALMENTS = (
    select(InstalmentRow)
    .where(col(InstalmentRow.plan_version_id) == bindparam("version_id"))
    .order_by(col(InstalmentRow.seq))
)


def live(session: Session, debt_id: int) -> PlanRow | None:
    return session.exec(
        select(PlanRow).where(col(PlanRow.debt_id) == debt_id, col(PlanRow.ended_at).is_(None))
    ).one_or_none()


def latest(session: Session, debt_id: int) -> PlanRow | None:
    """The live plan, or else the one that ended last."""
    return session.exec(_LATEST, params={"debt_id": debt_id}).one_or_none()


def plan(session: Session, plan_id: int) -> PlanRow:
    return session.exec(select(PlanRow).where(col(PlanRow.id) == plan_id)).one()


def of_debt(session: Session, debt_id: int) -> list[PlanRow]:
    """In the order in which they were agreed; at most the last is live."""
    return list(session.exec(_OF_DEBT, params={"debt_id": debt_id}).all())


def of_person(session: Session, person_id: int) -> list[PlanRow]:
    return list(
        session.exec(
            select(PlanRow).where(col(PlanRow.person_id) == person_id).order_by(col(PlanRow.id))
        ).all()
    )


def version(session: Session, plan_id: int, number: int) -> PlanVersionRow | None:
    return session.exec(_VERSION, params={"plan_id": plan_id, "number": number}).one_or_none()


def versions(session: Session, plan_id: int) -> list[PlanVersionRow]:
    return list(session.exec(_VERSIONS, params={"plan_id": plan_id}).all())


def terms(session: Session, row: PlanRow) -> PlanVersionRow:
    """The terms in force."""
    found = version(session, row.id, row.version)
    assert found is not None  # plan.version is written with its version row
    return found


def in_force(session: Session, debt_id: int) -> PlanVersionRow | None:
    """The terms of the live plan of a debt."""
    return session.exec(_IN_FORCE, params={"debt_id": debt_id}).one_or_none()


def instalments(session: Session, version_id: int) -> list[InstalmentRow]:
    return list(session.exec(_INSTALMENTS, params={"version_id": version_id}).all())
