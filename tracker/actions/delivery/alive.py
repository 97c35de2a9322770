"""The weekly line that the tracker still runs, for whoever wants one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tracker.actions import whereabouts
from tracker.actions.delivery import messages
from tracker.actions.office import PersonContext
from tracker.actions.terms import send_time_of
from tracker.core import dates
from tracker.core.due import Kind
from tracker.store.delivery import ReminderRow
from tracker.store.people import WEEKDAYS
from tracker.store.wakes import WakeRow


def derive(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    """The line of the newest of the person's weekdays, if it came since the wake was set.

    Of several that passed while nothing ran only the newest is told, and only on its
    day. Answers the next moment; None for a person who wants no such line.
    """
    if ctx.person.alive is None:
        return None
    newest, coming = _moments(ctx)
    day, at = newest
    if at >= wake.at:
        year, week, _ = day.isocalendar()
        where = whereabouts.of(ctx.session, ctx.person)
        tomorrow = day + timedelta(days=1)
        reminder = ReminderRow(
            person_id=ctx.person.id,
            subject_ref=f"alive:{year}-W{week:02}",
            kind=Kind.ALIVE.value,
            due_on=day,
            offset_days=0,
            moment_at=at,
            useful_until_at=dates.instant(tomorrow, time(0), where.zone_on(day)),
            created_at=ctx.now,
        )
        messages.deliver(ctx, reminder)
    return coming[1]


def _moments(ctx: PersonContext) -> tuple[tuple[date, datetime], tuple[date, datetime]]:
    """The last moment of the weekday that has come, and the next one; each with its day."""
    where = whereabouts.of(ctx.session, ctx.person)
    today = where.today(ctx.now)
    at = send_time_of(None, ctx.person, ctx.settings)
    assert ctx.person.alive is not None
    ahead = (WEEKDAYS.index(ctx.person.alive) - today.weekday()) % 7
    # A journey may put a day's moment on the other side of now, so one week more each way.
    days = [today + timedelta(days=ahead + 7 * week) for week in (-2, -1, 0, 1)]
    moments = [(day, dates.instant(day, at, where.zone_on(day))) for day in days]
    come = [each for each in moments if each[1] <= ctx.now]
    return come[-1], moments[len(come)]
