"""What a reminder is about, as it stands now: an instalment, a payment, a bill, a follow-up."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker import language
from tracker.actions import bills, booking, holds, whereabouts
from tracker.actions.office import Office, PersonContext
from tracker.actions.terms import send_time_of, settled
from tracker.channels.wording import How, Kind, Saying
from tracker.core import due
from tracker.language import N_
from tracker.store import absences, conditions, debts, followups, inbound, payments, plans
from tracker.store.db import Session, StoreError
from tracker.store.debts import DebtRow
from tracker.store.delivery import ReminderRow
from tracker.store.people import PersonRow
from tracker.store.plans import InstalmentRow, PlanVersionRow

log = logging.getLogger(__name__)

SNOOZED = N_("It was put off until later.")
CLOSED = N_("It was closed meanwhile.")
CALLED_OFF = N_("The journey was called off.")
UNDONE = N_("The payment was taken back.")
# What stands for something that belongs to no debt, on a lock screen.
NOTE = N_("a note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`silence` is the reason to say nothing of it now, or None; `held` a hold's kind."""

    kind: Kind
    word: str
    seq: int = 0
    count: int = 0
    day: date | None = None
    how: str = "send"
    silence: str | None = None
    held: str | None = None

    def saying(self, ref: str) -> Saying:
        return Saying(
            kind=self.kind,
            word=self.word,
            ref=ref,
            seq=self.seq,
            count=self.count,
            day=self.day,
            how=How(self.how),
        )


def context(office: Office, session: Session, person: PersonRow, now: datetime) -> PersonContext:
    return PersonContext(
        session=session,
        now=now,
        actor="daemon",
        settings=office.settings,
        language=language.of(person.locale),
        person=person,
    )


def find(ctx: PersonContext, reminder: ReminderRow) -> Subject:
    """The subject of a reminder, read anew."""
    prefix, colon, name = reminder.subject_ref.partition(":")
    if not colon:
        return _instalment(ctx, _debt(ctx, reminder), reminder)
    return _OTHERS[prefix](ctx, reminder, name)


def is_silent(ctx: PersonContext, reminder: ReminderRow) -> bool:
    """Whether nothing is to be said of it any more; what a defect hides is not silent."""
    try:
        return find(ctx, reminder).silence is not None
    except StoreError:
        raise
    except Exception:
        log.exception("reminder %s cannot be judged", reminder.id)
        return False


def _debt(ctx: PersonContext, reminder: ReminderRow) -> DebtRow:
    assert reminder.debt_id is not None
    return debts.debt(ctx.session, reminder.debt_id)


def _instalment(ctx: PersonContext, debt: DebtRow, reminder: ReminderRow) -> Subject:
    terms = plans.in_force(ctx.session, debt.id)
    rows = plans.instalments(ctx.session, terms.id) if terms else []
    row = next((each for each in rows if each.ref == reminder.subject_ref), None)
    snoozed = reminder.kind == due.Kind.SNOOZED
    # The generation of one that was put off counts how often that was done.
    if row is None or terms is None or not (snoozed or row.generation == reminder.generation):
        return _silent(debt.word, booking.WITHDRAWN)
    silence = None
    if settled(row, terms):
        silence = booking.SETTLED
    elif row.ref in booking.covered_by_schedule(ctx, debt.id, rows, today=ctx.today):
        silence = booking.SCHEDULED
    elif _put_off(ctx, reminder):
        silence = SNOOZED
    return instalment(ctx, debt, terms, row, len(rows), reminder.kind, silence)


def _silent(word: str, silence: str) -> Subject:
    return Subject(kind=Kind.still_open, word=word, silence=silence)


def _put_off(ctx: PersonContext, reminder: ReminderRow) -> bool:
    row = absences.snooze(ctx.session, ctx.person.id, reminder.subject_ref)
    if row is None:
        return False
    if reminder.kind == due.Kind.SNOOZED:
        return row.id != reminder.generation
    # What came before it was put off is not made up for afterwards.
    return reminder.moment_at < row.until_at


def instalment(
    ctx: PersonContext,
    debt: DebtRow,
    terms: PlanVersionRow,
    row: InstalmentRow,
    count: int,
    kind: str,
    silence: str | None = None,
) -> Subject:
    where = whereabouts.of(ctx.session, ctx.person)
    today = where.today(ctx.now)
    last_day = due.send_by_day(
        row.due_on,
        row.send_by_at,
        where=where,
        send_time=send_time_of(terms, ctx.person, ctx.settings),
    )
    subject = Subject(
        kind=Kind.reminder,
        word=debt.word,
        seq=row.seq,
        count=count,
        day=last_day,
        how=terms.paid_by,
        silence=silence,
        held=holds.silenced(ctx, debt.id),
    )
    if kind == due.Kind.ASKED or _said_paid(ctx, row):
        return replace(subject, kind=Kind.went_through, day=row.due_on)
    if kind == due.Kind.REOPENED:
        day = last_day if last_day >= today else None
        return replace(subject, kind=Kind.reopened, day=day)
    if last_day < today or kind == due.Kind.LATE:
        # Held up past the last day to send, or late: that day would only mislead.
        return replace(subject, kind=Kind.still_open, day=None)
    return replace(subject, kind=Kind.part_left) if row.paid_minor > 0 else subject


def _said_paid(ctx: PersonContext, row: InstalmentRow) -> bool:
    """Somebody answered that it went, and nobody confirmed it: a question, not a reminder."""
    return inbound.open_claim(ctx.session, ctx.person.id, row.ref) is not None


def _scheduled(ctx: PersonContext, reminder: ReminderRow, name: str) -> Subject:
    debt = _debt(ctx, reminder)
    rows = payments.of_debt(ctx.session, debt.id)
    row = next((each for each in payments.unconfirmed(rows) if each.id == int(name)), None)
    if row is None:
        return _silent(debt.word, booking.ANSWERED)
    terms = plans.in_force(ctx.session, debt.id)
    seq, count = _meant(ctx, terms, row.for_ref)
    return Subject(
        kind=Kind.went_through,
        word=debt.word,
        seq=seq,
        count=count,
        day=row.on_date,
        how=terms.paid_by if terms else "send",
        held=holds.silenced(ctx, debt.id),
    )


def _meant(ctx: PersonContext, terms: PlanVersionRow | None, ref: str | None) -> tuple[int, int]:
    """The number of the instalment that a payment is for, of how many."""
    rows = plans.instalments(ctx.session, terms.id) if terms else []
    left = [each for each in rows if terms and not settled(each, terms)]
    named = [each for each in rows if each.ref == ref]
    meant = (named or left or rows)[:1]
    return (meant[0].seq if meant else 1), (len(rows) or 1)


def _receipt(ctx: PersonContext, reminder: ReminderRow, name: str) -> Subject:
    debt = _debt(ctx, reminder)
    rows = payments.counting(payments.of_debt(ctx.session, debt.id))
    row = next((each for each in rows if each.id == int(name)), None)
    if row is None:
        return _silent(debt.word, UNDONE)
    terms = plans.in_force(ctx.session, debt.id)
    parts = payments.allocations(ctx.session, debt.id)
    ref = next((each.ref for each in parts if each.payment_id == row.id), row.for_ref)
    seq, count = _meant(ctx, terms, ref)
    return Subject(kind=Kind.receipt, word=debt.word, seq=seq, count=count)


def _bill(ctx: PersonContext, reminder: ReminderRow, name: str) -> Subject:
    """The current bill that a plan depends on; no hold ever silences it."""
    row = conditions.by_ref(ctx.session, name)
    stands = row is not None and row.ended_at is None and _depends(ctx, row.plan_id)
    silence = None if stands else booking.WITHDRAWN
    return bill(_debt(ctx, reminder), reminder.due_on, silence=silence)


def _depends(ctx: PersonContext, plan_id: int) -> bool:
    terms = plans.terms(ctx.session, plans.plan(ctx.session, plan_id))
    return bills.depends(terms, plans.instalments(ctx.session, terms.id))


def bill(debt: DebtRow, due_on: date, silence: str | None = None) -> Subject:
    return Subject(kind=Kind.bill, word=debt.word, day=due_on, silence=silence)


def _followup(ctx: PersonContext, reminder: ReminderRow, name: str) -> Subject:
    """What a creditor is to answer or the person to do; no hold silences it."""
    row = followups.by_ref(ctx.session, name)
    debt = debts.debt(ctx.session, reminder.debt_id) if reminder.debt_id else None
    word = debt.word if debt else ctx.language.text(NOTE)
    if row is None or row.closed_at is not None or row.due_on != reminder.due_on:
        return _silent(word, CLOSED)
    return Subject(kind=Kind(row.kind), word=word, day=row.due_on)


def _leaving(ctx: PersonContext, reminder: ReminderRow, name: str) -> Subject:
    row = absences.absence(ctx.session, int(name))
    if row is None or row.ended_at is not None:
        return _silent("", CALLED_OFF)
    words = [debt.word for debt in _before_leaving(ctx, row.until_on)]
    if not words:
        return _silent("", booking.SETTLED)
    return Subject(kind=Kind.leaving, word=", ".join(words))


def _before_leaving(ctx: PersonContext, until_on: date) -> list[DebtRow]:
    """The debts of which something is to be sent before the end of a journey."""
    from tracker.store import overviews

    found = []
    due_by = overviews.due(ctx.session, ctx.person.id, until_on)
    for live in overviews.live(ctx.session, ctx.person.id):
        if due_by.get(live.terms.id) and holds.silenced(ctx, live.debt.id) is None:
            found.append(live.debt)
    return found


def _alive(ctx: PersonContext, reminder: ReminderRow, name: str) -> Subject:
    """The next of all instalments, or that nothing is waiting."""
    from tracker.store import overviews

    totals = overviews.totals(ctx.session, ctx.person.id)
    coming = [
        (sums.next_due_on, live.debt.word)
        for live in overviews.live(ctx.session, ctx.person.id)
        if (sums := totals[live.terms.id]).next_due_on is not None
    ]
    day, word = min(coming, default=(None, ""))
    return Subject(kind=Kind.alive, word=word, day=day)


_OTHERS = {
    "payment": _scheduled,
    "receipt": _receipt,
    "bill": _bill,
    "followup": _followup,
    "leaving": _leaving,
    "alive": _alive,
}
