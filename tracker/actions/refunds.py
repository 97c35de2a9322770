"""Money that a creditor sends back because more was paid than is owed."""

from __future__ import annotations

from datetime import date

from tracker.actions import booking, figures, finding, hindsight, receipts
from tracker.actions.office import PersonContext, Request
from tracker.actions.payments import day, method
from tracker.actions.receipts import Receipt
from tracker.core import money, text
from tracker.core.allocation import Overpay
from tracker.errors import ConflictError
from tracker.language import N_
from tracker.store import payments, plans
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow


class NewRefund(Request):
    debt: str
    amount: str
    on: str | None = None
    method: str | None = None
    ref: str | None = None
    note: str | None = None


def refund(ctx: PersonContext, request: NewRefund) -> Receipt:
    """Record money that came back; no more than was overpaid by that day."""
    debt = finding.debt(ctx, request.debt)
    amount = money.parse(
        request.amount, debt.currency, decimal_mark=ctx.decimal_mark, field="amount"
    )
    on = day(ctx, request.on)
    most = _overpaid_minor(ctx, debt, on)
    if amount > most:
        raise ConflictError(
            "amount is {value}, but only {most} is overpaid on {debt}."
            if most
            else "amount is {value}, but nothing is overpaid on {debt}.",
            field="amount",
            hint=N_("If a payment came back: tracker bounced {debt}"),
            value=f"{money.plain(amount, debt.currency)} {debt.currency}",
            most=f"{money.plain(most, debt.currency)} {debt.currency}",
            debt=debt.handle,
        )
    seen = hindsight.seen(ctx, debt) if on < ctx.today else None
    row = insert(
        ctx.session,
        PaymentRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            number=payments.next_number(ctx.session, ctx.person.id),
            kind="refund",
            amount_minor=amount,
            on_date=on,
            method=method(request.method),
            reference=text.optional_line(request.ref, field="ref", longest=60),
            note=text.optional_line(request.note, field="note", longest=500),
            recorded_at=ctx.now,
        ),
    )
    receipt = receipts.made(ctx, debt, row, booking.rebook(ctx, debt), [])
    return seen.told(ctx, debt, receipt) if seen else receipt


def _overpaid_minor(ctx: PersonContext, debt: DebtRow, on: date) -> int:
    """What could have come back on a day: overpaid on it, and not used up since.

    By the ledger; by the plan where there is none, or where it was agreed that what
    is over an instalment is sent back.
    """
    rows = payments.of_debt(ctx.session, debt.id)
    book = figures.gather(ctx, debt, rows)
    by_ledger = 0
    if book is not None:
        # One figure for the day, and one after each entry since.
        since = (each.overpaid_minor for each in book.on(ctx.today).entries if each.on > on)
        by_ledger = min([book.on(on).overpaid_minor, *since])
    plan = plans.latest(ctx.session, debt.id)
    if plan is None:
        return by_ledger
    terms = plans.terms(ctx.session, plan)
    if book is not None and Overpay(terms.overpay) is not Overpay.REFUND:
        return by_ledger
    instalments = plans.instalments(ctx.session, terms.id)
    left = dict(booking.replayed(ctx, debt, plan, terms, instalments).overpaid)
    by_plan = sum(left.get(row.id, 0) for row in rows if row.on_date <= on)
    return max(by_ledger, by_plan)
