"""Booking: after any new fact on a debt, its allocations are rebuilt and what follows from it.

The allocation rows and `instalment.paid_minor` are a cache. They are rebuilt for
the whole debt in the transaction that adds the fact, so that no reader sees one
without the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.actions.office import PersonContext
from tracker.actions.terms import asked_minor, open_minor, settled
from tracker.core.allocation import Allocated, Open, Overpay, Paid, allocate
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
    spans = _spans(ctx, debt.id)
    back = _sent_back(ctx, spans, paid)
    books = [_book(ctx, span, paid, back) for span in spans]
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
    """The payments that count towards a plan: see `_Span`."""
    span = next(each for each in _spans(ctx, plan.debt_id) if each.plan.id == plan.id)
    return span.of(rows)


def paid_for(ctx: PersonContext, plan: PlanRow, rows: list[PaymentRow]) -> list[Paid]:
    """What settles a plan's instalments: as `for_plan`, without what the creditor sent back."""
    spans = _spans(ctx, plan.debt_id)
    span = next(each for each in spans if each.plan.id == plan.id)
    return _net(span.of(rows), _sent_back(ctx, spans, rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A plan with its terms in force, and which payments count to it.

    Those made after it was first agreed, and before the debt's next plan was
    (`following`). On the day of an agreement it is the order of recording that
    says: what was paid before is not in the sum that was agreed.
    """

    plan: PlanRow
    terms: PlanVersionRow
    begins: date
    following: _Span | None

    def of(self, rows: list[PaymentRow]) -> list[PaymentRow]:
        return [row for row in payments.counting(rows) if self._counts(row)]

    def before(self, row: PaymentRow) -> bool:
        """Whether a payment was made before this plan was agreed."""
        return row.on_date < self.begins or (
            row.on_date == self.begins and row.number <= self.plan.after_payment
        )

    def _counts(self, row: PaymentRow) -> bool:
        return not self.before(row) and not (self.following and self.following._takes(row))

    def _takes(self, row: PaymentRow) -> bool:
        """Whether it counts to this plan or a later one, of which one may begin earlier."""
        return not self.before(row) or bool(self.following and self.following._takes(row))


def _spans(ctx: PersonContext, debt_id: int) -> list[_Span]:
    """The debt's plans in the order in which they were agreed."""
    found: list[_Span] = []
    for plan in reversed(plans.of_debt(ctx.session, debt_id)):
        versions = plans.versions(ctx.session, plan.id)
        found.insert(
            0,
            _Span(
                plan=plan,
                terms=versions[-1],
                begins=versions[0].agreed_on,
                following=found[0] if found else None,
            ),
        )
    return found


def replayed(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    rows: Sequence[InstalmentRow],
) -> Allocated:
    """What the plan's payments would be on the rows of any of its versions."""
    paid = paid_for(ctx, plan, payments.of_debt(ctx.session, debt.id))
    return allocate(as_open(rows), paid, overpay=Overpay(terms.overpay))


def _sent_back(
    ctx: PersonContext, spans: Sequence[_Span], rows: list[PaymentRow]
) -> dict[int, int]:
    """How much of each payment the creditor sent back; most debts know no refund."""
    refunded = payments.refunds(rows)
    if not refunded:
        return {}
    from tracker.core import refunds

    asked = [
        (
            as_open(plans.instalments(ctx.session, span.terms.id)),
            {row.id for row in span.of(rows)},
            Overpay(span.terms.overpay),
        )
        for span in spans
    ]

    def overpaid(paid: Sequence[Paid]) -> dict[int, int]:
        found: dict[int, int] = {}
        for instalments, counting, rule in asked:
            within = [each for each in paid if each.payment_id in counting]
            found.update(allocate(instalments, within, overpay=rule).overpaid)
        return found

    return refunds.sent_back(
        as_paid(payments.counting(rows)),
        [
            refunds.Back(refund_id=row.id, on=row.on_date, amount_minor=row.amount_minor)
            for row in refunded
        ],
        overpaid,
    )


def _net(rows: list[PaymentRow], back: Mapping[int, int]) -> list[Paid]:
    if not back:
        return as_paid(rows)
    from tracker.core import refunds

    return refunds.less(as_paid(rows), back)


def _book(ctx: PersonContext, span: _Span, paid: list[PaymentRow], back: Mapping[int, int]) -> Book:
    rows = plans.instalments(ctx.session, span.terms.id)
    allocated = allocate(
        as_open(rows), _net(span.of(paid), back), overpay=Overpay(span.terms.overpay)
    )
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
    return [Open(ref=row.ref, due_on=row.due_on, amount_minor=asked_minor(row)) for row in rows]


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
    """Cancel what waits to be sent about one subject alone; how many that were.

    What speaks of others too leaves it out when it goes. What nobody sent in its time
    has expired, whatever came afterwards.
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
    return covered(payments.waiting(ctx.session, debt_id), rows, today=today)


def covered(
    waiting: Sequence[PaymentRow], rows: Sequence[InstalmentRow], *, today: date
) -> set[str]:
    """The same, of scheduled payments that nobody has confirmed yet."""
    coming = [row for row in waiting if row.on_date + ASKED_AFTER >= today]
    if not coming:
        return set()
    left = [
        Open(ref=row.ref, due_on=row.due_on, amount_minor=open_minor(row))
        for row in rows
        if open_minor(row) > 0
    ]
    totals = allocate(left, as_paid(coming)).totals()
    return {each.ref for each in left if totals.get(each.ref, 0) >= each.amount_minor}


def _mind_scheduled(ctx: PersonContext, debt: DebtRow, book: Book) -> None:
    """Be quiet about what a scheduled payment covers, and set the question for each."""
    for ref in covered_by_schedule(ctx, debt.id, book.rows, today=ctx.today):
        withdraw_messages(ctx, ref, SCHEDULED)
