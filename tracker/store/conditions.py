"""What a plan depends on, and the holidays that a creditor granted in it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, bindparam
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import identity, link, minor, one_of, text

CONDITIONS = ("current-bill", "no-new-card", "missed", "days-late", "other")
HOLIDAYS = ("shift", "skip")


class ConditionRow(SQLModel, table=True):
    """One condition of a plan.

    A current bill falls due each month on `due_day` and has reminders of its own,
    under `ref`. `most` is how many missed instalments, or days late, the plan bears.
    """

    __tablename__ = "plan_condition"
    __table_args__ = (
        one_of("kind", CONDITIONS),
        CheckConstraint("due_day BETWEEN 1 AND 31", name="due_day_range"),
        CheckConstraint("(kind = 'current-bill') = (due_day IS NOT NULL)", name="bill_has_a_day"),
        CheckConstraint(
            "(kind IN ('missed', 'days-late')) = (most IS NOT NULL)", name="has_a_most"
        ),
        CheckConstraint("most BETWEEN 1 AND 3660", name="most_range"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    plan_id: int = link("plan.id")
    ref: str = text(unique=True)
    kind: str = text()
    said: str | None = text(nullable=True)
    due_day: int | None = None
    amount_minor: int | None = minor(nullable=True)
    most: int | None = None
    recorded_at: datetime
    broken_on: date | None = None
    ended_at: datetime | None = None


class HolidayRow(SQLModel, table=True):
    """A payment holiday that the creditor granted, from `from_on` until before `until_on`.

    `version` is the plan's version that it made; `agreed_by` the contact or document.
    """

    __tablename__ = "plan_holiday"
    __table_args__ = (
        one_of("how", HOLIDAYS),
        CheckConstraint("until_on > from_on", name="until_after_from"),
        CheckConstraint("version >= 2", name="version_counts"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    plan_id: int = link("plan.id")
    version: int
    from_on: date
    until_on: date
    how: str = text()
    agreed_by: str = text()
    recorded_at: datetime
    resumed_on: date | None = None


_EVER = (
    select(ConditionRow)
    .where(col(ConditionRow.plan_id) == bindparam("plan_id"))
    .order_by(col(ConditionRow.id))
)
_OF_PERSON = (
    select(ConditionRow)
    .where(
        col(ConditionRow.person_id) == bindparam("person_id"), col(ConditionRow.ended_at).is_(None)
    )
    .order_by(col(ConditionRow.id))
)
_CONDITIONS = _EVER.where(col(ConditionRow.ended_at).is_(None))


def conditions(session: Session, plan_id: int) -> list[ConditionRow]:
    """Those in force, in the order of recording."""
    return list(session.exec(_CONDITIONS, params={"plan_id": plan_id}).all())


def ever(session: Session, plan_id: int) -> list[ConditionRow]:
    """Those that ended too."""
    return list(session.exec(_EVER, params={"plan_id": plan_id}).all())


def of_person(session: Session, person_id: int) -> dict[int, list[ConditionRow]]:
    """Those in force, by plan, in the order of recording."""
    found: dict[int, list[ConditionRow]] = {}
    for row in session.exec(_OF_PERSON, params={"person_id": person_id}):
        found.setdefault(row.plan_id, []).append(row)
    return found


def condition(session: Session, condition_id: int) -> ConditionRow | None:
    return session.exec(
        select(ConditionRow).where(col(ConditionRow.id) == condition_id)
    ).one_or_none()


def by_ref(session: Session, ref: str) -> ConditionRow | None:
    return session.exec(select(ConditionRow).where(col(ConditionRow.ref) == ref)).one_or_none()


def holidays(session: Session, plan_id: int) -> list[HolidayRow]:
    """Oldest first."""
    return list(
        session.exec(
            select(HolidayRow)
            .where(col(HolidayRow.plan_id) == plan_id)
            .order_by(col(HolidayRow.id))
        ).all()
    )
