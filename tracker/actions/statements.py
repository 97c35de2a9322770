"""Creditors' statements, and the tracker's own ledger beside them."""

from __future__ import annotations

from datetime import date

from tracker.actions import finding
from tracker.actions.figures import as_statement, entries
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.core import ledger as books
from tracker.core import money, reading, text
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import debts
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow, StatementRow

PARTS = ("principal", "interest", "penalties", "fees")


class NewStatement(Request):
    debt: str
    on: str | None = None
    total: str | None = None
    principal: str | None = None
    interest: str | None = None
    penalties: str | None = None
    fees: str | None = None
    note: str | None = None


class OneDebt(Request):
    debt: str


class Statement(Result):
    on: date
    total: Money
    principal: Money | None
    interest: Money | None
    penalties: Money | None
    fees: Money | None
    note: str | None
    difference: Money | None = None


class Statements(Result):
    debt: str
    statements: list[Statement]


class LedgerLine(Result):
    on: date
    kind: str
    amount: Money
    balance: Money
    note: str


class Ledger(Result):
    debt: str
    currency: str
    entries: list[LedgerLine]
    balance: Money | None


def add(ctx: PersonContext, request: NewStatement) -> Statement:
    debt = finding.debt(ctx, request.debt)
    row = record(
        ctx,
        debt,
        on=request.on,
        total=request.total,
        principal=request.principal,
        interest=request.interest,
        penalties=request.penalties,
        fees=request.fees,
        note=request.note,
    )
    statement = _compared(ctx, debt, row)
    said = [
        ctx.language.text(
            "Recorded: {total} stated on {day}.",
            total=ctx.language.money(row.total_minor, debt.currency),
            day=ctx.language.date(row.on_date),
        )
    ]
    if statement.difference and statement.difference.amount.strip("-0."):
        said.append(
            ctx.language.text(
                "That differs from the tracker's own ledger by {amount}; ask the creditor why.",
                amount=f"{statement.difference.amount} {debt.currency}",
            )
        )
    return statement.model_copy(update={"said": said})


def list_statements(ctx: PersonContext, request: OneDebt) -> Statements:
    debt = finding.debt(ctx, request.debt)
    rows = debts.statements(ctx.session, debt.id)
    return Statements(debt=debt.handle, statements=[_compared(ctx, debt, row) for row in rows])


def ledger(ctx: PersonContext, request: OneDebt) -> Ledger:
    debt = finding.debt(ctx, request.debt)
    lines = entries(ctx, debt)
    now = books.balance(lines, ctx.today)
    return Ledger(
        debt=debt.handle,
        currency=debt.currency,
        entries=[
            LedgerLine(
                on=line.on,
                kind=line.kind.value,
                amount=Money.of(line.amount_minor, debt.currency),
                balance=Money.of(line.balance_minor, debt.currency),
                note=line.note,
            )
            for line in lines
        ],
        balance=Money.of(now, debt.currency) if now is not None else None,
        said=[]
        if lines
        else [
            ctx.language.text(
                "No statement opens this ledger yet; add the creditor's figure with "
                "`tracker statement add`."
            )
        ],
    )


def record(
    ctx: PersonContext,
    debt: DebtRow,
    *,
    on: str | None,
    total: str | None,
    principal: str | None,
    interest: str | None,
    penalties: str | None,
    fees: str | None,
    note: str | None,
    day_field: str = "on",
) -> StatementRow:
    """Store the creditor's figure: a total alone, or parts whose sum it must be.

    `day_field` is what the request calls the day.
    """
    typed = dict(zip(PARTS, (principal, interest, penalties, fees), strict=True))
    parts = {
        name: money.parse(
            amount, debt.currency, decimal_mark=ctx.decimal_mark, field=name, zero_ok=True
        )
        for name, amount in typed.items()
        if amount and amount.strip()
    }
    stated = (
        money.parse(
            total, debt.currency, decimal_mark=ctx.decimal_mark, field="total", zero_ok=True
        )
        if total and total.strip()
        else None
    )
    if stated is None and not parts:
        raise InputError(
            "total is missing, and so are its parts.",
            field="total",
            hint=N_("Give --total, or principal, interest, penalties and fees."),
        )
    whole = sum(parts.values())
    if stated is not None and parts and whole != stated:
        raise InputError(
            "total is {total}, but its parts sum to {sum}.",
            field="total",
            hint=N_("Check the parts; leave out the total to let them make it."),
            total=money.plain(stated, debt.currency),
            sum=money.plain(whole, debt.currency),
        )
    row = StatementRow(
        person_id=ctx.person.id,
        debt_id=debt.id,
        on_date=reading.parse_date(
            on or "today", today=ctx.today, field=day_field, latest=ctx.today
        ),
        principal_minor=parts.get("principal", 0) if parts else None,
        interest_minor=parts.get("interest", 0) if parts else None,
        penalties_minor=parts.get("penalties", 0) if parts else None,
        fees_minor=parts.get("fees", 0) if parts else None,
        total_minor=whole if stated is None else stated,
        note=text.optional_line(note, field="note", longest=500),
        recorded_at=ctx.now,
    )
    return insert(ctx.session, row)


def shown(row: StatementRow, currency: str) -> Statement:
    def part(minor: int | None) -> Money | None:
        return None if minor is None else Money.of(minor, currency)

    return Statement(
        on=row.on_date,
        total=Money.of(row.total_minor, currency),
        principal=part(row.principal_minor),
        interest=part(row.interest_minor),
        penalties=part(row.penalties_minor),
        fees=part(row.fees_minor),
        note=row.note,
    )


def _compared(ctx: PersonContext, debt: DebtRow, row: StatementRow) -> Statement:
    """The statement with the creditor's figure minus the ledger's on that day."""
    difference = books.difference(entries(ctx, debt), as_statement(row))
    return shown(row, debt.currency).model_copy(
        update={"difference": None if difference is None else Money.of(difference, debt.currency)}
    )
