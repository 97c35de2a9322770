"""Deriving what is no instalment: what was put off, follow-ups, journeys, receipts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tracker.actions import whereabouts
from tracker.actions.delivery import messages, routes
from tracker.actions.office import PersonContext
from tracker.actions.terms import send_time_of, settled
from tracker.core import dates, due
from tracker.store import absences, debts, followups, payments, plans
from tracker.store.delivery import ReminderRow
from tracker.store.wakes import WakeRow

FOLLOWUP_OFFSETS = (0,)
DEADLINE_OFFSETS = (-7, -3, -1, 0)
"""Days before the day of a follow-up; a legal deadline is spoken of earlier and more often."""
STILL_OPEN_DAYS = 3
"""For so long after its day a follow-up is worth a word."""
RECEIPT_LASTS = timedelta(days=2)


def snoozed(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    """What was put off comes once, at the instant that was asked for."""
    row = absences.snooze_by_id(ctx.session, wake.subject_id)
    if row is None or row.until_at > ctx.now:
        return row.until_at if row else None
    newest = absences.snooze(ctx.session, ctx.person.id, row.subject_ref)
    terms = plans.in_force(ctx.session, row.debt_id)
    rows = plans.instalments(ctx.session, terms.id) if terms else []
    about = next((each for each in rows if each.ref == row.subject_ref), None)
    if newest is None or newest.id != row.id or terms is None or about is None:
        return None
    if not settled(about, terms):
        where = whereabouts.of(ctx.session, ctx.person)
        moment = due.snoozed(row.until_at, about.due_on, where=where)
        _deliver(ctx, row.debt_id, row.subject_ref, about.due_on, moment, generation=row.id)
    return None


def followup(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    row = followups.by_id(ctx.session, wake.subject_id)
    if row is None or row.closed_at is not None:
        return None
    where = whereabouts.of(ctx.session, ctx.person)
    at = send_time_of(None, ctx.person, ctx.settings)
    offsets = DEADLINE_OFFSETS if row.kind == due.Kind.DEADLINE else FOLLOWUP_OFFSETS
    days = [row.due_on + timedelta(days=offset) for offset in offsets]
    starts = [dates.instant(day, at, where.zone_on(day)) for day in days]
    last = row.due_on + timedelta(days=STILL_OPEN_DAYS)
    ends = [*starts[1:], dates.instant(last, time(0), where.zone_on(last))]
    moments = [
        due.Moment(kind=due.Kind(row.kind), offset_days=offset, at=start, useful_until=end)
        for offset, start, end in zip(offsets, starts, ends, strict=True)
        if start < end
    ]
    called = due.called(moments, since=row.opened_at, now=ctx.now)
    for moment in called.moments:
        _deliver(ctx, row.debt_id, f"followup:{row.ref}", row.due_on, moment)
    return called.next_at


def leaving(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    """On the morning before a journey: what is to be sent before or during it."""
    row = absences.absence(ctx.session, wake.subject_id)
    if row is None or row.ended_at is not None:
        return None
    day = row.from_on - timedelta(days=1)
    at = dates.instant(day, send_time_of(None, ctx.person, ctx.settings), ctx.person.zone)
    if at > ctx.now:
        return at
    leaves = dates.instant(row.from_on + timedelta(days=1), time(0), row.zone)
    if at >= row.recorded_at and leaves > at and _anything(ctx, row.until_on):
        moment = due.Moment(kind=due.Kind.LEAVING, offset_days=-1, at=at, useful_until=leaves)
        _deliver(ctx, None, f"leaving:{row.id}", row.from_on, moment)
    return None


def _anything(ctx: PersonContext, until_on: date) -> bool:
    from tracker.store import overviews

    return any(overviews.due(ctx.session, ctx.person.id, until_on).values())


def receipt(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    """A word that a payment was recorded, if the person's way is one for receipts."""
    row = payments.by_id(ctx.session, wake.subject_id)
    ways = routes.usable(ctx.session, ctx.person)
    if not ways or ways[0].channel not in ctx.settings.reminders.receipts:
        return None
    debt = debts.debt(ctx.session, row.debt_id)
    moment = due.Moment(
        kind=due.Kind.RECEIPT,
        offset_days=0,
        at=row.recorded_at,
        useful_until=row.recorded_at + RECEIPT_LASTS,
    )
    _deliver(ctx, debt.id, f"receipt:{row.id}", row.on_date, moment)
    return None


def _deliver(
    ctx: PersonContext,
    debt_id: int | None,
    subject_ref: str,
    due_on: date,
    moment: due.Moment,
    generation: int = 0,
) -> None:
    messages.deliver(
        ctx,
        ReminderRow(
            person_id=ctx.person.id,
            debt_id=debt_id,
            subject_ref=subject_ref,
            kind=moment.kind.value,
            due_on=due_on,
            offset_days=moment.offset_days,
            generation=generation,
            moment_at=moment.at,
            useful_until_at=moment.useful_until,
            created_at=ctx.now,
        ),
    )
