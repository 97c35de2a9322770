"""What a reminder is about, as it stands now: an instalment, a scheduled payment, a bill."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from tracker import language
from tracker.actions import bills, booking, holds
from tracker.actions.office import Office, PersonContext
from tracker.actions.terms import send_time_of, settled
from tracker.channels import message as wording
from tracker.core import due
from tracker.store import conditions, debts, payments, plans
from tracker.store.db import Session
from tracker.store.debts import DebtRow
from tracker.store.delivery import ReminderRow, ref_taken
from tracker.store.people import PersonRow
from tracker.store.plans import InstalmentRow, PlanVersionRow

# Letters and digits that cannot be taken for one another, in an order that makes no word.
_LETTERS, _DIGITS = "CDFGHJKMNPQRTVWXY", "23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`silence` is the reason to say nothing of it now, or None; `held` a hold's kind."""

    debt: DebtRow
    seq: int
    count: int
    day: date | None
    part_paid: bool
    paid_by: str
    silence: str | None
    held: str | None
    bill: bool = False


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
    debt = debts.debt(ctx.session, reminder.debt_id)
    if reminder.subject_ref.startswith("payment:"):
        return _scheduled(ctx, debt, int(reminder.subject_ref.partition(":")[2]))
    if reminder.subject_ref.startswith("bill:"):
        return _bill(ctx, debt, reminder)
    terms = plans.in_force(ctx.session, debt.id)
    rows = plans.instalments(ctx.session, terms.id) if terms else []
    row = next((each for each in rows if each.ref == reminder.subject_ref), None)
    if row is None or terms is None or row.generation != reminder.generation:
        return Subject(
            debt=debt,
            seq=0,
            count=len(rows),
            day=None,
            part_paid=False,
            paid_by="send",
            silence=booking.WITHDRAWN,
            held=None,
        )
    silence = None
    if settled(row, terms):
        silence = booking.SETTLED
    elif row.ref in booking.covered_by_schedule(ctx, debt.id, rows, today=ctx.today):
        silence = booking.SCHEDULED
    return instalment(ctx, debt, terms, row, len(rows), reminder.kind, silence)


def instalment(
    ctx: PersonContext,
    debt: DebtRow,
    terms: PlanVersionRow,
    row: InstalmentRow,
    count: int,
    kind: str,
    silence: str | None = None,
) -> Subject:
    last_day = due.send_by_day(
        row.due_on,
        row.send_by_at,
        zone=ctx.person.zone,
        send_time=send_time_of(terms, ctx.person, ctx.settings),
    )
    day: date | None = row.due_on if kind == due.Kind.ASKED else last_day
    if kind == due.Kind.REOPENED and last_day < ctx.today:
        day = None
    return Subject(
        debt=debt,
        seq=row.seq,
        count=count,
        day=day,
        part_paid=row.paid_minor > 0,
        paid_by=terms.paid_by,
        silence=silence,
        held=holds.silenced(ctx, debt.id),
    )


def _scheduled(ctx: PersonContext, debt: DebtRow, payment_id: int) -> Subject:
    rows = payments.of_debt(ctx.session, debt.id)
    row = next((each for each in payments.unconfirmed(rows) if each.id == payment_id), None)
    terms = plans.in_force(ctx.session, debt.id)
    instalments = plans.instalments(ctx.session, terms.id) if terms else []
    open_rows = [each for each in instalments if terms and not settled(each, terms)]
    named = [each for each in instalments if row and each.ref == row.for_ref]
    meant = (named or open_rows or instalments)[:1]
    return Subject(
        debt=debt,
        seq=meant[0].seq if meant else 1,
        count=len(instalments) or 1,
        day=row.on_date if row else None,
        part_paid=False,
        paid_by=terms.paid_by if terms else "send",
        silence=None if row else booking.ANSWERED,
        held=holds.silenced(ctx, debt.id),
    )


def _bill(ctx: PersonContext, debt: DebtRow, reminder: ReminderRow) -> Subject:
    """The current bill that a plan depends on; no hold ever silences it."""
    row = conditions.by_ref(ctx.session, reminder.subject_ref.partition(":")[2])
    stands = row is not None and row.ended_at is None and _depends(ctx, row.plan_id)
    return bill(debt, reminder.due_on, silence=None if stands else booking.WITHDRAWN)


def _depends(ctx: PersonContext, plan_id: int) -> bool:
    terms = plans.terms(ctx.session, plans.plan(ctx.session, plan_id))
    return bills.depends(terms, plans.instalments(ctx.session, terms.id))


def bill(debt: DebtRow, due_on: date, silence: str | None = None) -> Subject:
    return Subject(
        debt=debt,
        seq=0,
        count=0,
        day=due_on,
        part_paid=False,
        paid_by="send",
        silence=silence,
        held=None,
        bill=True,
    )


def body(ctx: PersonContext, subject: Subject, kind: str, ref: str) -> str:
    """The text that is right at this moment."""
    if subject.bill:
        spoken = wording.Kind.bill
    elif kind == due.Kind.ASKED:
        spoken = wording.Kind.went_through
    elif kind == due.Kind.REOPENED:
        spoken = wording.Kind.reopened
    elif subject.day is not None and subject.day < ctx.today:
        # Held up past the last day to send: that day would only mislead.
        spoken = wording.Kind.still_open
    elif subject.part_paid:
        spoken = wording.Kind.part_left
    else:
        spoken = wording.Kind.reminder
    return wording.body(
        spoken,
        lang=ctx.language,
        name=ctx.person.name,
        word=subject.debt.word,
        seq=subject.seq,
        count=subject.count,
        day=subject.day,
        ref=ref,
        how=subject.paid_by,
    )


def new_ref(ctx: PersonContext, address: str) -> str:
    """A ref, such as K7Q2, that no message of this person or to this address has had.

    Call under the person's lock.
    """
    while True:
        ref = "".join(secrets.choice(each) for each in (_LETTERS, _DIGITS, _LETTERS, _DIGITS))
        if not ref_taken(ctx.session, ctx.person.id, address, ref):
            return ref
