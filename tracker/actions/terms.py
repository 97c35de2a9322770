"""The terms of a plan as values: its rhythm, its send-by moments, what counts as settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from tracker.actions.office import PersonContext
from tracker.actions.reach import offset_days
from tracker.config import Settings
from tracker.core import due
from tracker.core.dates import WorkingDay, send_by
from tracker.core.plans import State, gap, is_settled
from tracker.core.plans import state as plan_state
from tracker.rules import holidays
from tracker.store import plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import CreditorRow
from tracker.store.people import PersonRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

# Money in one's own account, or a walk to a counter, needs no clearing; what is
# collected must be there the working day before.
COLLECTED_AHEAD_DAYS = 1


def working_day(person: PersonRow, creditor: CreditorRow) -> WorkingDay:
    """Days on which money moves on both sides."""
    here = holidays.working_day(person.country)
    there = holidays.working_day(creditor.country)
    if person.country == creditor.country:
        return here
    return lambda day: here(day) and there(day)


def last_moment(person: PersonRow, creditor: CreditorRow, paid_by: str, due_on: date) -> datetime:
    """The send-by instant of a due date, by how the plan is paid."""
    days = {
        "send": creditor.clearing_days,
        "standing-order": COLLECTED_AHEAD_DAYS,
        "collect": COLLECTED_AHEAD_DAYS,
        "counter": 0,
    }[paid_by]
    return send_by(
        due_on,
        zone=creditor.zone,
        cutoff=time.fromisoformat(creditor.cutoff),
        clearing_days=days,
        is_working=working_day(person, creditor),
    )


def offsets_of(terms: PlanVersionRow, person: PersonRow, settings: Settings) -> tuple[int, ...]:
    """Days from the send-by day: the plan's, else the person's, else the configured ones."""
    stored = terms.offsets or person.offsets
    if stored:
        return tuple(offset_days(stored))
    return settings.reminders.offset_days


def send_time_of(terms: PlanVersionRow | None, person: PersonRow, settings: Settings) -> time:
    """The plan's, else the person's, else the configured one; always inside the hours."""
    stored = (terms.send_time if terms else None) or person.send_time
    at = time.fromisoformat(stored) if stored else settings.reminders.send_at
    return due.clamped(at, hours_of(person, settings))


def hours_of(person: PersonRow, settings: Settings) -> tuple[time, time]:
    """The person's hours for messages, else the configured ones; half-open."""
    if person.hours is None:
        return settings.reminders.window
    first, last = person.hours.split(",")
    return time.fromisoformat(first), time.fromisoformat(last)


def asked_minor(row: InstalmentRow) -> int:
    """What an instalment asks for in all: its amount without what was waived."""
    return row.amount_minor - row.waived_minor


def open_minor(row: InstalmentRow) -> int:
    return gap(asked_minor(row), row.paid_minor)


def count_settled(rows: Sequence[InstalmentRow], tolerance_minor: int) -> int:
    return sum(is_settled(asked_minor(row), row.paid_minor, tolerance_minor) for row in rows)


def settled(row: InstalmentRow, terms: PlanVersionRow) -> bool:
    """Nothing more is expected: paid, or the rest was waived."""
    return is_settled(asked_minor(row), row.paid_minor, terms.tolerance_minor)


def state(row: InstalmentRow, terms: PlanVersionRow, today: date) -> str:
    """Where an instalment stands; one of which the rest was waived says so, paid in part or not."""
    if row.waived_minor and open_minor(row) == 0:
        return State.WAIVED.value
    return plan_state(
        due_on=row.due_on,
        amount_minor=asked_minor(row),
        paid_minor=row.paid_minor,
        today=today,
        tolerance_minor=terms.tolerance_minor,
    ).value


def renew_send_by(ctx: PersonContext, plan: PlanRow, creditor: CreditorRow) -> None:
    """Compute again what lies ahead; what has passed stays as it was."""
    terms = plans.terms(ctx.session, plan)
    for row in plans.instalments(ctx.session, terms.id):
        if row.due_on < ctx.today - timedelta(days=1):
            continue
        moment = last_moment(ctx.person, creditor, terms.paid_by, row.due_on)
        if moment != row.send_by_at:
            row.send_by_at = moment
            row.sequence += 1
            row.changed_at = ctx.now
            insert(ctx.session, row)
    wakes.set_wake(ctx.session, "plan", plan.id, ctx.person.id, ctx.now)
