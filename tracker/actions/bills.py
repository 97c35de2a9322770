"""The current bill that a plan depends on: its due days, their reminders and calendar events."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.actions.office import PersonContext
from tracker.actions.terms import offsets_of, send_time_of, settled
from tracker.core import dates, due
from tracker.core.periods import add_months
from tracker.core.whereabouts import Whereabouts
from tracker.documents import calendar as calendar_file
from tracker.language import N_
from tracker.store import conditions
from tracker.store.conditions import ConditionRow
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

MONTHS_AHEAD = 12
# By whether details are told, and whether it is over; else nobody may read what it is.
_SUMMARIES = {
    (True, False): N_("{name}: current bill, by {day}"),
    (True, True): N_("{name}: current bill, withdrawn"),
    (False, False): N_("{name}: the monthly one, by {day}"),
    (False, True): N_("{name}: the monthly one, withdrawn"),
}


def next_day(row: ConditionRow, today: date) -> date | None:
    """The first due date of a current bill from today on; clamped to the month's end."""
    if row.due_day is None:
        return None
    month = today.replace(day=1)
    while True:
        last = calendar.monthrange(month.year, month.month)[1]
        day = month.replace(day=min(row.due_day, last))
        if day >= today:
            return day
        month = add_months(month, 1)


def days(row: ConditionRow, start: date, end: date) -> list[date]:
    """The due dates of a current bill from `start` until before `end`."""
    found: list[date] = []
    day = next_day(row, start)
    while day is not None and day < end:
        found.append(day)
        day = next_day(row, day + timedelta(days=1))
    return found


def moments(
    ctx: PersonContext, terms: PlanVersionRow, day: date, where: Whereabouts
) -> list[due.Moment]:
    """The reminders of a bill that is due on a day, at the plan's own offsets."""
    return due.moments(
        day,
        dates.instant(day + timedelta(days=1), time(0), ctx.person.zone),
        offsets=offsets_of(terms, ctx.person, ctx.settings),
        send_time=send_time_of(terms, ctx.person, ctx.settings),
        where=where,
        asks=False,
    )


def depends(terms: PlanVersionRow, rows: list[InstalmentRow]) -> bool:
    """Whether anything is left of the plan that its conditions could break."""
    return not all(settled(row, terms) for row in rows)


def events(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    rows: list[InstalmentRow],
    *,
    name: str,
    detail: str,
    cancelled_since: date,
) -> list[calendar_file.Event]:
    """From this month on for a year; of a condition that ended, cancelled for a while.

    The bytes depend on the month and what is recorded, never on the day.
    """
    if plan.ended_at is None and not depends(terms, rows):
        return []
    month = ctx.today.replace(day=1)
    found: list[calendar_file.Event] = []
    for row in conditions.ever(ctx.session, plan.id):
        ended = _day(ctx, row.ended_at) if row.ended_at else None
        if ended is not None and ended < cancelled_since:
            continue
        begins = max(month, _day(ctx, row.recorded_at))
        for day in days(row, begins, add_months(month, MONTHS_AHEAD + 1)):
            over = ended is not None and day >= ended
            found.append(_event(ctx, debt, terms, row, day, name, detail, over=over))
    return found


def _event(
    ctx: PersonContext,
    debt: DebtRow,
    terms: PlanVersionRow,
    row: ConditionRow,
    day: date,
    name: str,
    detail: str,
    *,
    over: bool,
) -> calendar_file.Event:
    lang = ctx.language
    at = send_time_of(terms, ctx.person, ctx.settings)
    hour = timedelta(hours=at.hour, minutes=at.minute)
    lines = []
    if detail == "full" and not over:
        if row.amount_minor is not None:
            lines.append(lang.money(row.amount_minor, debt.currency))
        if row.said:
            lines.append(row.said)
    offsets = offsets_of(terms, ctx.person, ctx.settings)
    return calendar_file.Event(
        uid=f"{row.ref}-{day:%Y%m%d}",
        on=day,
        summary=lang.text(_SUMMARIES[detail == "full", over], name=name, day=lang.day(day)),
        description="\n".join(lines),
        alarms=() if over else tuple(timedelta(days=each) + hour for each in offsets),
        # A condition ends once and for all.
        sequence=int(row.ended_at is not None),
        stamp=row.ended_at or row.recorded_at,
        cancelled=over,
    )


def _day(ctx: PersonContext, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(ctx.person.zone)).date()
