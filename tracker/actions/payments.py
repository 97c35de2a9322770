"""Recording payments: append-only, void by reversal, scheduled until confirmed."""

from __future__ import annotations

from datetime import date, datetime

from tracker.actions import booking, finding, receipts
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.receipts import Receipt
from tracker.actions.terms import send_time_of, settled
from tracker.core import due, money, reading, text
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import debts, payments, plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow

DEFAULT_METHOD = "transfer"


class NewPayment(Request):
    debt: str
    amount: str | None = None
    on: str | None = None
    scheduled: str | None = None
    method: str | None = None
    ref: str | None = None
    note: str | None = None
    instalment: str | None = None


class WhichPayments(Request):
    debt: str | None = None
    limit: str | None = None


class Payment(Result):
    number: int
    debt: str
    word: str
    kind: str
    amount: Money
    on: date
    method: str
    reference: str | None
    note: str | None
    state: str
    recorded_at: datetime


class Payments(Result):
    payments: list[Payment]


def pay(ctx: PersonContext, request: NewPayment) -> Receipt:
    """Record money that left, or that is scheduled to leave."""
    debt = finding.debt(ctx, request.debt)
    if request.on is not None and request.scheduled is not None:
        raise InputError(
            "on and scheduled were both given: {on} and {scheduled}.",
            field="scheduled",
            hint=N_("--on is for money that left, --scheduled for money that is to leave."),
            on=request.on[:40],
            scheduled=request.scheduled[:40],
        )
    for_ref, amount_minor = _amount(ctx, debt, request)
    on = _on(ctx, request)
    warnings = _double(ctx, debt, amount_minor, on)
    row = insert(
        ctx.session,
        PaymentRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            number=payments.next_number(ctx.session, ctx.person.id),
            kind="payment" if request.scheduled is None else "scheduled",
            amount_minor=amount_minor,
            on_date=on,
            method=_method(request.method),
            reference=text.optional_line(request.ref, field="ref", longest=60),
            note=text.optional_line(request.note, field="note", longest=500),
            for_ref=for_ref,
            recorded_at=ctx.now,
        ),
    )
    if row.kind == "scheduled":
        _ask_later(ctx, row)
    book = booking.rebook(ctx, debt)
    return receipts.made(ctx, debt, row, book, warnings)


def list_payments(ctx: PersonContext, request: WhichPayments) -> Payments:
    """Newest first."""
    limit = reading.parse_count(request.limit or "50", field="limit", most=10_000)
    if request.debt:
        rows = payments.of_debt(ctx.session, finding.debt(ctx, request.debt).id)
    else:
        rows = payments.of_person(ctx.session, ctx.person.id)
    return Payments(payments=shown(ctx, rows)[:limit])


def shown(ctx: PersonContext, rows: list[PaymentRow]) -> list[Payment]:
    """The payments with what became of each, newest first."""
    names = {debt.id: debt for debt in debts.debts(ctx.session, ctx.person.id)}
    counting = {row.id for row in payments.counting(rows)}
    waiting = {row.id for row in payments.unconfirmed(rows)}
    confirmed = {row.confirms_id for row in rows}

    def state(row: PaymentRow) -> str:
        if row.kind == "reversal":
            return "reversal"
        if row.id in counting:
            return "counts"
        if row.id in waiting:
            return "scheduled"
        return "confirmed" if row.id in confirmed else "void"

    return [
        Payment(
            number=row.number,
            debt=names[row.debt_id].handle,
            word=names[row.debt_id].word,
            kind=row.kind,
            amount=Money.of(row.amount_minor, names[row.debt_id].currency),
            on=row.on_date,
            method=row.method,
            reference=row.reference,
            note=row.note or row.reason,
            state=state(row),
            recorded_at=row.recorded_at,
        )
        for row in sorted(rows, key=lambda each: each.number, reverse=True)
    ]


def _amount(ctx: PersonContext, debt: DebtRow, request: NewPayment) -> tuple[str | None, int]:
    """The instalment meant, if one was named, and the amount; none typed = what is open."""
    if request.amount is not None and not request.instalment:
        return None, _parsed(ctx, debt, request.amount)
    plan = plans.latest(ctx.session, debt.id)
    for_ref, open_minor = None, None
    if plan is not None:
        terms = plans.terms(ctx.session, plan)
        rows = plans.instalments(ctx.session, terms.id)
        if request.instalment:
            seq = reading.parse_count(request.instalment, field="instalment")
            named = next((row for row in rows if row.seq == seq), None)
            if named is None:
                raise InputError(
                    "instalment is {value}; the plan on {debt} has {count}.",
                    field="instalment",
                    value=seq,
                    debt=debt.handle,
                    count=len(rows),
                )
            for_ref, open_minor = named.ref, named.amount_minor - named.paid_minor
        else:
            # A gap that the tolerance forgives is not what somebody sets out to pay.
            open_minor = next(
                (row.amount_minor - row.paid_minor for row in rows if not settled(row, terms)),
                None,
            )
    elif request.instalment:
        raise InputError(
            "instalment is {value!r}, but {debt} has no plan.",
            field="instalment",
            hint=N_("Leave --instalment out."),
            value=request.instalment[:40],
            debt=debt.handle,
        )
    if request.amount is not None:
        return for_ref, _parsed(ctx, debt, request.amount)
    if not open_minor:
        raise InputError(
            "amount is missing, and nothing of {debt} is open in a plan.",
            field="amount",
            hint=N_("Say how much: `tracker pay {debt} 100`."),
            debt=debt.handle,
        )
    return for_ref, open_minor


def _parsed(ctx: PersonContext, debt: DebtRow, amount: str) -> int:
    return money.parse(amount, debt.currency, decimal_mark=ctx.decimal_mark, field="amount")


def _on(ctx: PersonContext, request: NewPayment) -> date:
    if request.scheduled is not None:
        on = reading.parse_date(request.scheduled, today=ctx.today, field="scheduled", past=False)
        if on < ctx.today:
            raise InputError(
                "scheduled is {value}, which has passed.",
                field="scheduled",
                hint=N_("If the money left on that day, say --on {value}."),
                value=on.isoformat(),
            )
        return on
    typed = "today" if request.on is None else request.on
    on = reading.parse_date(typed, today=ctx.today, field="on")
    if on > ctx.today:
        raise InputError(
            "on is {value}, which is still to come.",
            field="on",
            hint=N_("For money that is to leave on that day, say --scheduled {value}."),
            value=on.isoformat(),
        )
    return on


def _method(typed: str | None) -> str:
    method = (typed or DEFAULT_METHOD).strip().casefold()
    if method not in payments.METHODS:
        raise InputError(
            "method is {value!r}; it is one of {known}.",
            field="method",
            value=method[:40],
            known=", ".join(payments.METHODS),
        )
    return method


def _double(ctx: PersonContext, debt: DebtRow, amount_minor: int, on: date) -> list[str]:
    """A likely double is recorded, but not in silence."""
    rows = payments.alike(ctx.session, debt.id, amount_minor, on)
    same = [
        row
        for row in payments.counting(rows) + payments.unconfirmed(rows)
        if row.amount_minor == amount_minor and row.on_date == on
    ]
    if not same:
        return []
    return [
        ctx.language.text(
            "The same amount was recorded for {debt} on that day already, as #{number}; "
            "`tracker undo` takes this one back.",
            debt=debt.handle,
            number=same[-1].number,
        )
    ]


def _ask_later(ctx: PersonContext, row: PaymentRow) -> None:
    plan = plans.live(ctx.session, row.debt_id)
    terms = plans.terms(ctx.session, plan) if plan else None
    moment = due.question(
        row.on_date,
        send_time=send_time_of(terms, ctx.person, ctx.settings),
        zone=ctx.person.zone,
    )
    wakes.set_wake(ctx.session, "payment", row.id, ctx.person.id, moment.at)
