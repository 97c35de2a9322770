"""Recording payments: append-only, void by reversal, scheduled until confirmed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tracker.actions import booking, finding, receipts, whereabouts
from tracker.actions.office import PersonContext, Request
from tracker.actions.receipts import Receipt
from tracker.actions.terms import open_minor as left_open
from tracker.actions.terms import send_time_of, settled
from tracker.core import due, money, reading, text
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import payments, plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow

if TYPE_CHECKING:
    from tracker.actions.sent import Sent

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
    sent: str | None = None
    rate: str | None = None
    proof: str | None = None


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
    sent = _sent(ctx, debt, request)
    for_ref, amount_minor = _amount(ctx, debt, request, sent)
    on = _on(ctx, request)
    warnings = _double(ctx, debt, amount_minor, on)
    row = PaymentRow(
        person_id=ctx.person.id,
        debt_id=debt.id,
        number=payments.next_number(ctx.session, ctx.person.id),
        kind="payment" if request.scheduled is None else "scheduled",
        amount_minor=amount_minor,
        on_date=on,
        method=method(request.method),
        reference=text.optional_line(request.ref, field="ref", longest=60),
        note=text.optional_line(request.note, field="note", longest=500),
        for_ref=for_ref,
        recorded_at=ctx.now,
    )
    if sent or request.proof or on < ctx.today:
        return _with_more(ctx, debt, row, request, sent, warnings)
    return _recorded(ctx, debt, row, warnings)


def _recorded(ctx: PersonContext, debt: DebtRow, row: PaymentRow, warnings: list[str]) -> Receipt:
    insert(ctx.session, row)
    if row.kind == "scheduled":
        _ask_later(ctx, row)
    return receipts.made(ctx, debt, row, booking.rebook(ctx, debt), warnings)


def _with_more(
    ctx: PersonContext,
    debt: DebtRow,
    row: PaymentRow,
    request: NewPayment,
    sent: Sent | None,
    warnings: list[str],
) -> Receipt:
    """A payment in another money, with its proof, or recorded late."""
    from tracker.actions import hindsight, proofs
    from tracker.actions import sent as moneys

    seen = hindsight.seen(ctx, debt) if row.on_date < ctx.today else None
    file = proofs.read(request.proof, field="proof") if request.proof else None
    said: list[str] = []
    warned = list(warnings)
    if sent:
        row.sent_minor, row.sent_currency, row.rate = sent.minor, sent.currency, sent.rate
        said.append(moneys.said(ctx, sent, debt))
        warned += moneys.warnings(ctx, debt, sent, row.amount_minor)
    receipt = _recorded(ctx, debt, row, warned)
    if seen:
        receipt = seen.told(ctx, debt, receipt)
    if file:
        _, lines, more = proofs.keep(ctx, row, file)
        said += lines
        receipt = receipt.model_copy(update={"warnings": [*receipt.warnings, *more]})
    return receipt.model_copy(update={"said": [*receipt.said, *said]})


def _sent(ctx: PersonContext, debt: DebtRow, request: NewPayment) -> Sent | None:
    if request.sent is None and request.rate is None:
        return None
    from tracker.actions import sent as moneys

    return moneys.read(ctx, debt, request.sent, request.rate)


def _amount(
    ctx: PersonContext, debt: DebtRow, request: NewPayment, sent: Sent | None
) -> tuple[str | None, int]:
    """The instalment meant, if one was named, and the amount.

    None typed: what the sum that was sent makes, or else what is open.
    """
    typed = sent.amount_minor if sent else None
    if request.amount is not None:
        typed = money.parse(
            request.amount, debt.currency, decimal_mark=ctx.decimal_mark, field="amount"
        )
    if typed is not None and not request.instalment:
        return None, typed
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
            for_ref, open_minor = named.ref, left_open(named)
        else:
            # A gap that the tolerance forgives is not what somebody sets out to pay.
            open_minor = next(
                (left_open(row) for row in rows if not settled(row, terms)),
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
    if typed is not None:
        return for_ref, typed
    if not open_minor:
        raise InputError(
            "amount is missing, and nothing of {debt} is open in a plan.",
            field="amount",
            hint=N_("Say how much: `tracker pay {debt} 100`."),
            debt=debt.handle,
        )
    return for_ref, open_minor


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
    return day(ctx, request.on)


def day(ctx: PersonContext, typed: str | None) -> date:
    """The day on which money left or came: today where none was typed, and none to come."""
    on = reading.parse_date("today" if typed is None else typed, today=ctx.today, field="on")
    if on > ctx.today:
        raise InputError(
            "on is {value}, which is still to come.",
            field="on",
            hint=N_("For money that is to leave on that day, say --scheduled {value}."),
            value=on.isoformat(),
        )
    return on


def method(typed: str | None) -> str:
    known = (typed or DEFAULT_METHOD).strip().casefold()
    if known not in payments.METHODS:
        raise InputError(
            "method is {value!r}; it is one of {known}.",
            field="method",
            value=known[:40],
            known=", ".join(payments.METHODS),
        )
    return known


def double(ctx: PersonContext, debt: DebtRow, amount_minor: int, on: date) -> PaymentRow | None:
    """A payment of this amount that was recorded for the same day already."""
    rows = payments.alike(ctx.session, debt.id, amount_minor, on)
    same = [
        row
        for row in payments.counting(rows) + payments.unconfirmed(rows)
        if row.amount_minor == amount_minor and row.on_date == on
    ]
    return same[-1] if same else None


def _double(ctx: PersonContext, debt: DebtRow, amount_minor: int, on: date) -> list[str]:
    """A likely double is recorded, but not in silence."""
    other = double(ctx, debt, amount_minor, on)
    if other is None:
        return []
    return [
        ctx.language.text(
            "The same amount was recorded for {debt} on that day already, as #{number}; "
            "`tracker undo` takes this one back.",
            debt=debt.handle,
            number=other.number,
        )
    ]


def _ask_later(ctx: PersonContext, row: PaymentRow) -> None:
    plan = plans.live(ctx.session, row.debt_id)
    terms = plans.terms(ctx.session, plan) if plan else None
    moment = due.question(
        row.on_date,
        send_time=send_time_of(terms, ctx.person, ctx.settings),
        where=whereabouts.of(ctx.session, ctx.person),
    )
    wakes.set_wake(ctx.session, "payment", row.id, ctx.person.id, moment.at)
