"""Booking: after any new fact on a debt, its allocations are rebuilt and what follows from it.

The allocation rows and `instalment.paid_minor` are a cache. They are rebuilt for
the whole debt in the transaction that adds the fact, so that no reader sees one
without the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.actions.office import PersonContext
from tracker.actions.terms import settled
from tracker.core.allocation import Allocated, Open, Paid, allocate
from tracker.language import N_
from tracker.store import delivery, payments, plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

# A scheduled payment is asked about on the morning after its day.
ASKED_AFTER = timedelta(days=1)
SETTLED = N_("It was paid meanwhile.")
SCHEDULED = N_("A payment is scheduled for it.")
WITHDRAWN = N_("The plan was withdrawn or changed.")
ANSWERED = N_("It was answered meanwhile.")
TOO_LATE = N_("Its time had passed before it could go.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A debt's plan with what went to each instalment; `paid` are all rows of its payments.

    Payments count to the plan from the day `begins`, on which it was first agreed.
    """

    plan: PlanRow
    terms: PlanVersionRow
    begins: date
    rows: list[InstalmentRow]
    allocated: Allocated
    paid: list[PaymentRow]

    def row(self, seq: int) -> InstalmentRow | None:
        return next((row for row in self.rows if row.seq == seq), None)

    def next_open(self) -> InstalmentRow | None:
        return next((row for row in self.rows if not settled(row, self.terms)), None)


def rebook(ctx: PersonContext, debt: DebtRow) -> Book | None:
    """Rebuild the debt's allocations; the book of its newest plan, None where it has none.

    A settled instalment withdraws the messages still pending for it; one that
    was settled and is open again starts its next generation; the plan's wake is
    set, so that the next tick looks at it.
    """
    paid = payments.of_debt(ctx.session, debt.id)
    books = [_book(ctx, span, paid) for span in _spans(ctx, debt.id)]
    payments.replace_allocations(
        ctx.session,
        debt.id,
        [part for book in books for part in book.allocated.parts],
    )
    for book in books:
        _refresh(ctx, book)
        if book.plan.ended_at is None:
            _mind_scheduled(ctx, debt, book)
            wakes.set_wake(ctx.session, "plan", book.plan.id, ctx.person.id, ctx.now)
    return books[-1] if books else None


def for_plan(ctx: PersonContext, plan: PlanRow, rows: list[PaymentRow]) -> list[PaymentRow]:
    """The payments that count towards a plan.

    Those made on or after the day on which it was first agreed, and before the
    day on which the debt's next plan was.
    """
    span = next(each for each in _spans(ctx, plan.debt_id) if each.plan.id == plan.id)
    return span.of(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A plan with its terms in force and the days, half-open, whose payments count to it."""

    plan: PlanRow
    terms: PlanVersionRow
    begins: date
    ends: date

    def of(self, rows: list[PaymentRow]) -> list[PaymentRow]:
        return [row for row in payments.counting(rows) if self.begins <= row.on_date < self.ends]


def _spans(ctx: PersonContext, debt_id: int) -> list[_Span]:
    """The debt's plans in the order in which they were agreed."""
    found: list[_Span] = []
    ends = date.max
    for plan in reversed(plans.of_debt(ctx.session, debt_id)):
        versions = plans.versions(ctx.session, plan.id)
        begins = versions[0].agreed_on
        found.insert(0, _Span(plan=plan, terms=versions[-1], begins=begins, ends=ends))
        ends = begins
    return found


def _book(ctx: PersonContext, span: _Span, paid: list[PaymentRow]) -> Book:
    rows = plans.instalments(ctx.session, span.terms.id)
    allocated = allocate(as_open(rows), as_paid(span.of(paid)))
    return Book(
        plan=span.plan,
        terms=span.terms,
        begins=span.begins,
        rows=rows,
        allocated=allocated,
        paid=paid,
    )


def _refresh(ctx: PersonContext, book: Book) -> None:
    """Bring each instalment's cached amount up to date, and do what follows from it."""
    totals = book.allocated.totals()
    for row in book.rows:
        paid = totals.get(row.ref, 0)
        if paid == row.paid_minor:
            continue
        was_settled = settled(row, book.terms)
        row.paid_minor = paid
        row.sequence += 1
        row.changed_at = ctx.now
        if settled(row, book.terms):
            withdraw_messages(ctx, row.ref, SETTLED)
        elif was_settled:
            reopen(ctx, row)
        insert(ctx.session, row)


def as_open(rows: Sequence[InstalmentRow]) -> list[Open]:
    return [Open(ref=row.ref, due_on=row.due_on, amount_minor=row.amount_minor) for row in rows]


def as_paid(rows: Sequence[PaymentRow]) -> list[Paid]:
    return [
        Paid(
            payment_id=row.id,
            paid_on=row.on_date,
            amount_minor=row.amount_minor,
            for_ref=row.for_ref,
        )
        for row in rows
    ]


def reopen(ctx: PersonContext, row: InstalmentRow) -> None:
    """Open an instalment again: the next generation of its reminders begins now, and says so."""
    row.generation += 1
    row.opened_at = row.reopened_at = ctx.now
    insert(ctx.session, row)


def withdraw_messages(ctx: PersonContext, ref: str, reason: str) -> int:
    """Cancel what waits to be sent about one subject; how many that were.

    What nobody sent in its time has expired, whatever came afterwards.
    """
    waiting = delivery.messages_for(ctx.session, ref, ("pending", "held"))
    for message in waiting:
        late = ctx.now >= message.useful_until_at
        message.reason = TOO_LATE if late else reason
        state = "expired" if late else "cancelled"
        delivery.move(ctx.session, message, state, ctx.now, message.reason)
    return len(waiting)


def covered_by_schedule(
    ctx: PersonContext, debt_id: int, rows: Sequence[InstalmentRow], *, today: date
) -> set[str]:
    """The refs that scheduled payments will settle in full, oldest first, if they go.

    One whose day has passed covers until the end of the next, on which it is asked
    about: the question takes the place of that day's reminder.
    """
    coming = [
        row for row in payments.waiting(ctx.session, debt_id) if row.on_date + ASKED_AFTER >= today
    ]
    if not coming:
        return set()
    left = [
        Open(ref=row.ref, due_on=row.due_on, amount_minor=row.amount_minor - row.paid_minor)
        for row in rows
        if row.amount_minor > row.paid_minor
    ]
    totals = allocate(left, as_paid(coming)).totals()
    return {each.ref for each in left if totals.get(each.ref, 0) >= each.amount_minor}


def _mind_scheduled(ctx: PersonContext, debt: DebtRow, book: Book) -> None:
    """Be quiet about what a scheduled payment covers, and set the question for each."""
    for ref in covered_by_schedule(ctx, debt.id, book.rows, today=ctx.today):
        withdraw_messages(ctx, ref, SCHEDULED)
