"""Deriving: wakes whose time has come turn into reminders and messages, each once by its key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.actions import bills, booking, holds, whereabouts
from tracker.actions.delivery import alive, messages, mirrors, occasions, steps, subjects
from tracker.actions.office import Office, PersonContext
from tracker.actions.terms import offsets_of, send_time_of, settled
from tracker.core import dates, due
from tracker.core.reading import FURTHEST_OFFSET
from tracker.core.whereabouts import Whereabouts
from tracker.errors import UnavailableError
from tracker.store import absences, conditions, debts, delivery, payments, people, plans, wakes
from tracker.store.db import BrokenRule, StoreError
from tracker.store.debts import DebtRow
from tracker.store.delivery import ReminderRow
from tracker.store.plans import InstalmentRow, PlanVersionRow
from tracker.store.wakes import WakeRow

log = logging.getLogger(__name__)

AT_MOST = 100
# What cannot be derived or written is looked at again after this long.
DEFECT_WAITS = timedelta(hours=1)
# As far as an offset reaches, and the bill of the month after.
BILLS_AHEAD = timedelta(days=62 - FURTHEST_OFFSET)


def derive(office: Office, now: datetime, *, at_most: int = AT_MOST) -> int:
    """Derive what the wakes up to `now` call for; how many wakes that were."""
    with office.database.read() as session:
        come = wakes.due_wakes(session, now, at_most)
    for wake in come:
        steps.reached("deriving")
        try:
            with office.database.write() as session:
                person = people.hold(session, wake.person_id)
                current = wakes.wake(session, wake.id)
                if current is None or current.at > now:
                    continue  # another worker, or a write, was first
                ctx = subjects.context(office, session, person, now)
                next_at = _DERIVE[current.kind](ctx, current)
                wakes.set_wake(session, current.kind, current.subject_id, person.id, next_at)
        except Exception as error:
            outage = isinstance(error, (UnavailableError, StoreError))
            if outage and not isinstance(error, BrokenRule):
                raise
            # One that cannot be derived must not keep the others waiting.
            log.exception("the %s %s could not be derived", wake.kind, wake.subject_id)
            _put_off(office, wake, now)
        steps.reached("derived")
    return len(come)


def _put_off(office: Office, wake: WakeRow, now: datetime) -> None:
    with office.database.write() as session:
        people.hold(session, wake.person_id)
        current = wakes.wake(session, wake.id)
        if current is not None and current.at <= now:
            wakes.set_wake(
                session, current.kind, current.subject_id, current.person_id, now + DEFECT_WAITS
            )


def candidates(
    ctx: PersonContext, terms: PlanVersionRow, row: InstalmentRow, where: Whereabouts
) -> list[due.Moment]:
    """Every reminder that an open instalment has, past and to come."""
    found = due.moments(
        row.due_on,
        row.send_by_at,
        offsets=offsets_of(terms, ctx.person, ctx.settings),
        send_time=send_time_of(terms, ctx.person, ctx.settings),
        where=where,
        asks=terms.paid_by in ("standing-order", "collect"),
        late=True,
    )
    if row.reopened_at is not None:
        found.append(due.reopened(row.reopened_at, row.due_on, where=where))
    return found


def _plan(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    plan = plans.plan(ctx.session, wake.subject_id)
    if plan.ended_at is not None:
        return None
    debt = debts.debt(ctx.session, plan.debt_id)
    terms = plans.terms(ctx.session, plan)
    rows = plans.instalments(ctx.session, terms.id)
    covered = booking.covered_by_schedule(ctx, debt.id, rows, today=ctx.today)
    held = holds.silenced(ctx, debt.id)
    where = whereabouts.of(ctx.session, ctx.person)
    put_off = absences.snoozes(ctx.session, ctx.person.id)
    moments = list(_looks_again(ctx, debt, terms, bool(covered)))
    wanted: list[ReminderRow] = []
    if not held:
        for message in delivery.held(ctx.session, "hold", debt_id=debt.id):
            delivery.resume(ctx.session, message, ctx.now)
    for row in rows:
        if settled(row, terms):
            continue
        since = max(row.opened_at, put_off.get(row.ref, row.opened_at))
        called = due.called(candidates(ctx, terms, row, where), since=since, now=ctx.now)
        if called.next_at is not None:
            moments.append(called.next_at)
        if row.ref in covered or held:
            continue
        wanted += [
            _reminder(ctx, debt.id, row.ref, row.due_on, moment, row.generation)
            for moment in called.moments
        ]
    # In arrears a plan calls for the same again and again; the key would refuse each one.
    refs = list({reminder.subject_ref for reminder in wanted})
    known = delivery.keys_of(ctx.session, ctx.person.id, refs) if refs else set()
    for reminder in wanted:
        if delivery.key_of(reminder) not in known:
            messages.deliver(ctx, reminder)
    for reminder in delivery.cancelled(ctx.session, refs, booking.SCHEDULED, ctx.now):
        # What was to cover it does not any more, by whatever road that came.
        messages.again(ctx, reminder)
    return min(moments, default=None)


def _looks_again(
    ctx: PersonContext, debt: DebtRow, terms: PlanVersionRow, covered: bool
) -> Iterator[datetime]:
    """When silence may end by itself: a hold's last day, the day after a payment's question."""
    at = send_time_of(terms, ctx.person, ctx.settings)
    for hold in debts.holds(ctx.session, debt.id, ctx.today):
        if hold.until_on is not None:
            yield dates.instant(hold.until_on, at, ctx.person.zone)
    if covered:
        for row in payments.unconfirmed(payments.of_debt(ctx.session, debt.id)):
            heard_again = row.on_date + booking.ASKED_AFTER + timedelta(days=1)
            morning = dates.instant(heard_again, at, ctx.person.zone)
            if morning > ctx.now:
                yield morning


def _payment(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    """Ask whether a scheduled payment went."""
    row = payments.by_id(ctx.session, wake.subject_id)
    of_debt = payments.of_debt(ctx.session, row.debt_id)
    if row.id not in {each.id for each in payments.unconfirmed(of_debt)}:
        return None
    terms = plans.in_force(ctx.session, row.debt_id)
    moment = due.question(
        row.on_date,
        send_time=send_time_of(terms, ctx.person, ctx.settings),
        where=whereabouts.of(ctx.session, ctx.person),
    )
    if moment.at > ctx.now:
        return moment.at
    reminder = _reminder(ctx, row.debt_id, f"payment:{row.id}", row.on_date, moment)
    messages.deliver(ctx, reminder)
    return None


def _condition(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    """Remind of the current bill that a plan depends on, whatever hold the debt is on."""
    row = conditions.condition(ctx.session, wake.subject_id)
    if row is None or row.ended_at is not None:
        return None
    plan = plans.plan(ctx.session, row.plan_id)
    if plan.ended_at is not None:
        return None
    terms = plans.terms(ctx.session, plan)
    depends = bills.depends(terms, plans.instalments(ctx.session, terms.id))
    where = whereabouts.of(ctx.session, ctx.person)
    # What passed while nobody looked is told as expired. An offset can lie before the
    # bill of the month before.
    looked = wake.at.astimezone(ZoneInfo(ctx.person.zone)).date()
    first = min(looked, ctx.today) - timedelta(days=1)
    moments: list[datetime] = []
    for day in bills.days(row, first, ctx.today + BILLS_AHEAD):
        called = due.called(
            bills.moments(ctx, terms, day, where), since=row.recorded_at, now=ctx.now
        )
        if called.next_at is not None:
            moments.append(called.next_at)
        for moment in called.moments if depends else ():
            reminder = _reminder(ctx, plan.debt_id, f"bill:{row.ref}", day, moment)
            messages.deliver(ctx, reminder)
    return min(moments, default=None)


_DERIVE: dict[str, Callable[[PersonContext, WakeRow], datetime | None]] = {
    "plan": _plan,
    "payment": _payment,
    "condition": _condition,
    "snooze": occasions.snoozed,
    "followup": occasions.followup,
    "absence": occasions.leaving,
    "receipt": occasions.receipt,
    "alive": alive.derive,
    "mirror": mirrors.derive,
}


def _reminder(
    ctx: PersonContext,
    debt_id: int | None,
    subject_ref: str,
    due_on: date,
    moment: due.Moment,
    generation: int = 0,
) -> ReminderRow:
    return ReminderRow(
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
    )
