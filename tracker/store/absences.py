"""When a person is away, what was put off, and when money comes in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, bindparam
from sqlmodel import Session, SQLModel, col, select

from tracker.core.dates import Every
from tracker.store.columns import identity, link, minor, one_of, text


class AbsenceRow(SQLModel, table=True):
    """A journey from `from_on` until before `until_on`, during which `zone` is the person's."""

    __tablename__ = "absence"
    __table_args__ = (CheckConstraint("until_on > from_on", name="until_after_from"),)
    id: int = identity()
    person_id: int = link("person.id")
    from_on: date
    until_on: date
    zone: str = text()
    recorded_at: datetime
    ended_at: datetime | None = None


class SnoozeRow(SQLModel, table=True):
    """Reminders about one subject wait until an instant, and then come once."""

    __tablename__ = "snooze"
    __table_args__ = (CheckConstraint("until_at > recorded_at", name="until_after_recorded"),)
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int = link("debt.id")
    subject_ref: str = text(index=True)
    recorded_at: datetime
    until_at: datetime


class IncomeRow(SQLModel, table=True):
    """Money that comes in: once on `anchor_on`, or from then on `every` so often."""

    __tablename__ = "income"
    __table_args__ = (
        one_of("every", Every),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name_length"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="amount_whole"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    name: str = text()
    amount_minor: int | None = minor(nullable=True)
    currency: str | None = text(nullable=True)
    every: str | None = text(nullable=True)
    anchor_on: date
    recorded_at: datetime
    ended_at: datetime | None = None


_SNOOZES = (
    select(SnoozeRow.subject_ref, SnoozeRow.until_at)
    .where(col(SnoozeRow.person_id) == bindparam("person_id"))
    .order_by(col(SnoozeRow.id))
)
_ABSENCES = (
    select(AbsenceRow)
    .where(col(AbsenceRow.person_id) == bindparam("person_id"), col(AbsenceRow.ended_at).is_(None))
    .order_by(col(AbsenceRow.from_on), col(AbsenceRow.id))
)


def absences(session: Session, person_id: int) -> list[AbsenceRow]:
    """Those that were not called off, past ones too; the earliest first."""
    return list(session.exec(_ABSENCES, params={"person_id": person_id}).all())


def absence(session: Session, absence_id: int) -> AbsenceRow | None:
    return session.exec(select(AbsenceRow).where(col(AbsenceRow.id) == absence_id)).one_or_none()


def snooze(session: Session, person_id: int, subject_ref: str) -> SnoozeRow | None:
    """The newest of one subject."""
    return session.exec(
        select(SnoozeRow)
        .where(col(SnoozeRow.person_id) == person_id, col(SnoozeRow.subject_ref) == subject_ref)
        .order_by(col(SnoozeRow.id).desc())
        .limit(1)
    ).first()


def snooze_by_id(session: Session, snooze_id: int) -> SnoozeRow | None:
    return session.exec(select(SnoozeRow).where(col(SnoozeRow.id) == snooze_id)).one_or_none()


def incomes(session: Session, person_id: int) -> list[IncomeRow]:
    """Those that still come, in the order of recording."""
    return list(
        session.exec(
            select(IncomeRow)
            .where(col(IncomeRow.person_id) == person_id, col(IncomeRow.ended_at).is_(None))
            .order_by(col(IncomeRow.id))
        ).all()
    )


def snoozes(session: Session, person_id: int) -> dict[str, datetime]:
    """Until when each subject was put off, the newest word counts."""
    rows = session.exec(_SNOOZES, params={"person_id": person_id})
    return dict(rows.all())
