"""What the creditor's claim grew or shrank by: charges and waivers, and taking them back."""

from __future__ import annotations

from datetime import date

from tracker.actions import figures, finding, rates
from tracker.actions.contract import read_component
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.pricing import balance_line
from tracker.core import money, reading, text
from tracker.core.components import Component
from tracker.core.facts import Reason
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import debts
from tracker.store import terms as stored
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.terms import ChargeRow

ALL = ("all", "everything")


class NewCharge(Request):
    debt: str
    component: str
    amount: str
    on: str | None = None
    note: str | None = None


class NewWaiver(Request):
    debt: str
    component: str | None = None
    amount: str | None = None
    on: str | None = None
    note: str | None = None


class OneDebt(Request):
    debt: str


class WhichCharge(Request):
    charge: str


class Charge(Result):
    """`amount` is below 0 where less is owed, None where all that was left was waived."""

    number: int
    on: date
    reason: str
    component: str | None
    amount: Money | None
    note: str | None
    settles: date | None


class Charges(Result):
    debt: str
    charges: list[Charge]
    balance: Money | None


def charge(ctx: PersonContext, request: NewCharge) -> Charges:
    """More is owed: a fee, a court's costs, interest that the creditor worked out itself."""
    debt = finding.debt(ctx, request.debt)
    component = read_component(request.component)
    minor = money.parse(request.amount, debt.currency, decimal_mark=ctx.decimal_mark)
    on, _ = _day(ctx, debt, request.on)
    before = figures.balance_minor(ctx, debt)
    row = _write(ctx, debt, Reason.CHARGE, component, minor, on, request.note)
    said = ctx.language.text(
        N_("Recorded as #{number}: {amount} more on {component}, on {day}."),
        number=row.id,
        amount=ctx.language.money(minor, debt.currency),
        component=rates.component_word(ctx.language, component),
        day=ctx.language.date(on),
    )
    return _answered(ctx, debt, said, before)


def waiver(ctx: PersonContext, request: NewWaiver) -> Charges:
    """The creditor asks no more for a part of it, or for all."""
    debt = finding.debt(ctx, request.debt)
    component = read_component(request.component) if request.component else None
    on, book = _day(ctx, debt, request.on)
    stands = book.on(on).balances
    owed = stands.total if component is None else stands.of(component)
    typed = (request.amount or "").strip()
    minor: int | None = None
    if typed.casefold() in ALL:
        minor = None if component is None else owed
    else:
        minor = money.parse(typed, debt.currency, decimal_mark=ctx.decimal_mark)
    off = owed if minor is None else minor
    if owed == 0 or off > owed:
        raise InputError(
            "amount is {value}, but only {owed} is owed on {day}.",
            field="amount",
            hint=N_("`tracker debt show {debt} --on {day}` shows the parts."),
            value=money.plain(off, debt.currency) if typed.casefold() not in ALL else typed,
            owed=money.plain(owed, debt.currency),
            day=on.isoformat(),
            debt=debt.handle,
        )
    before = figures.balance_minor(ctx, debt)
    row = _write(
        ctx, debt, Reason.WAIVER, component, None if minor is None else -minor, on, request.note
    )
    told = {
        "number": row.id,
        "amount": ctx.language.money(off, debt.currency),
        "day": ctx.language.date(on),
    }
    if component is not None:
        said = ctx.language.text(
            N_("Recorded as #{number}: {amount} of {component} waived on {day}."),
            component=rates.component_word(ctx.language, component),
            **told,
        )
    elif minor is None:
        said = ctx.language.text(
            N_("Recorded as #{number}: all that was left, {amount}, waived on {day}."), **told
        )
    else:
        said = ctx.language.text(N_("Recorded as #{number}: {amount} waived on {day}."), **told)
    return _answered(ctx, debt, said, before)


def list_charges(ctx: PersonContext, request: OneDebt) -> Charges:
    debt = finding.debt(ctx, request.debt)
    return _answered(ctx, debt, None, None)


def charge_drop(ctx: PersonContext, request: WhichCharge) -> Charges:
    """One that was recorded by mistake; with an adjustment its statement is open again."""
    row = _found(ctx, request.charge)
    debt = debts.debt(ctx.session, row.debt_id)
    if row.withdrawn_at is not None:
        raise ConflictError(
            "charge #{number} was taken back already.",
            field="charge",
            hint=N_("`tracker debt charges {debt}` lists those that stand."),
            number=row.id,
            debt=debt.handle,
        )
    if row.instalment_ref is not None:
        raise ConflictError(
            "charge #{number} came with the waiver of an instalment.",
            field="charge",
            hint=N_("It stands as long as the plan's version that waived it."),
            number=row.id,
        )
    before = figures.balance_minor(ctx, debt)
    rows, said = [row], ctx.language.text(N_("Taken back: #{number}."), number=row.id)
    if row.statement_id is not None:
        # The statement is settled by all of its adjustments, or not at all.
        rows = [
            each
            for each in stored.charges(ctx.session, debt.id)
            if each.statement_id == row.statement_id
        ]
        statement = next(
            each for each in debts.statements(ctx.session, debt.id) if each.id == row.statement_id
        )
        statement.settled_at = statement.settled_how = None
        insert(ctx.session, statement)
        said = ctx.language.text(
            N_("Taken back: {numbers}; the statement of {day} is a query again."),
            numbers=", ".join(f"#{each.id}" for each in rows),
            day=ctx.language.date(statement.on_date),
        )
    for each in rows:
        each.withdrawn_at = ctx.now
        insert(ctx.session, each)
    return _answered(ctx, debt, said, before)


def _write(
    ctx: PersonContext,
    debt: DebtRow,
    reason: Reason,
    component: Component | None,
    minor: int | None,
    on: date,
    note: str | None,
) -> ChargeRow:
    return insert(
        ctx.session,
        ChargeRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            on_date=on,
            reason=reason,
            component=component,
            amount_minor=minor,
            note=text.optional_line(note, field="note", longest=500),
            recorded_at=ctx.now,
        ),
    )


def _day(ctx: PersonContext, debt: DebtRow, typed: str | None) -> tuple[date, figures.Facts]:
    """The day, on which the ledger must be open: before it, the opening figure has all in it."""
    on = reading.parse_date(typed or "today", today=ctx.today, field="on", latest=ctx.today)
    book = figures.gather(ctx, debt)
    if book is None:
        raise ConflictError(
            "{debt} has no statement yet that its ledger could begin with.",
            field="debt",
            hint=N_("Add the creditor's figure first: `tracker statement add {debt}`."),
            debt=debt.handle,
        )
    opened = book.opening.stated_on
    if on < opened:
        raise InputError(
            "on is {value}, before the statement of {day} that opens the ledger.",
            field="on",
            hint=N_("That figure has all in it that came before; give a day from {day} on."),
            value=on.isoformat(),
            day=opened.isoformat(),
        )
    return on, book


def _found(ctx: PersonContext, typed: str) -> ChargeRow:
    number = reading.parse_count(typed.strip().removeprefix("#"), field="charge", most=10**9)
    row = stored.charge(ctx.session, number)
    if row is None or row.person_id != ctx.person.id:
        raise NotFoundError(
            "There is no charge #{number}.",
            field="charge",
            hint=N_("`tracker debt charges DEBT` shows them."),
            number=number,
        )
    return row


def _answered(ctx: PersonContext, debt: DebtRow, said: str | None, before: int | None) -> Charges:
    days = {row.id: row.on_date for row in debts.statements(ctx.session, debt.id)}
    balance = figures.balance_minor(ctx, debt)
    return Charges(
        debt=debt.handle,
        charges=[
            Charge(
                number=row.id,
                on=row.on_date,
                reason=row.reason,
                component=row.component,
                amount=None
                if row.amount_minor is None
                else Money.of(row.amount_minor, debt.currency),
                note=row.note,
                settles=days.get(row.statement_id) if row.statement_id is not None else None,
            )
            for row in stored.charges(ctx.session, debt.id)
        ],
        balance=None if balance is None else Money.of(balance, debt.currency),
        said=[] if said is None else [said, *balance_line(ctx, debt, before)],
    )
