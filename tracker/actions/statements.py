"""Creditors' statements, compared with the tracker's own ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tracker.actions import finding, queries, rates
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.core import money, reading, text
from tracker.core.components import NOTHING, Component
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import debts
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow, StatementRow

PARTS = ("principal", "interest", "penalties", "fees", "costs")


class NewStatement(Request):
    debt: str
    on: str | None = None
    total: str | None = None
    principal: str | None = None
    interest: str | None = None
    penalties: str | None = None
    fees: str | None = None
    costs: str | None = None
    note: str | None = None


class OneDebt(Request):
    debt: str


class Reason(Result):
    """What may explain a part of a difference; `open` where nothing does."""

    sentence: str
    amount: Money
    open: bool


class Statement(Result):
    """`difference` is the creditor's figure minus the tracker's own, `differences` by parts.

    `state`: opening (the ledger begins with it), agrees, query (to be raised with
    the creditor), settled; it comes with the comparison. The amounts of the `reasons`
    for a query sum to the difference.
    """

    number: int
    on: date
    total: Money
    principal: Money | None
    interest: Money | None
    penalties: Money | None
    fees: Money | None
    costs: Money | None
    note: str | None
    settled_at: datetime | None
    settled_how: str | None
    difference: Money | None = None
    differences: dict[str, Money]
    reasons: list[Reason]
    state: str | None = None


class Statements(Result):
    debt: str
    statements: list[Statement]


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
        costs=request.costs,
        note=request.note,
    )
    stated = debts.statements(ctx.session, debt.id)
    said = [
        ctx.language.text(
            "Recorded: {total} stated on {day}.",
            total=ctx.language.money(row.total_minor, debt.currency),
            day=ctx.language.date(row.on_date),
        )
    ]
    found = queries.compared(ctx, debt, row, stated)
    result = beside(ctx, debt, row, stated, found)
    if found is not None and found.differs:
        said.append(_differs(ctx, debt, found))
        said += [reason.sentence for reason in result.reasons]
        said.append(
            ctx.language.text(
                N_("Once it is answered: `tracker statement settle {debt} --how TEXT`."),
                debt=debt.handle,
            )
        )
    return result.model_copy(update={"said": said})


def list_statements(ctx: PersonContext, request: OneDebt) -> Statements:
    debt = finding.debt(ctx, request.debt)
    rows = debts.statements(ctx.session, debt.id)
    return Statements(
        debt=debt.handle,
        statements=[
            beside(ctx, debt, row, rows, queries.compared(ctx, debt, row, rows)) for row in rows
        ],
    )


def _differs(ctx: PersonContext, debt: DebtRow, found: queries.Compared) -> str:
    lang = ctx.language
    if found.total_minor:
        return lang.text(
            "That differs from the tracker's own ledger by {amount}; ask the creditor why.",
            amount=lang.money(found.total_minor, debt.currency),
        )
    parts = ", ".join(
        f"{rates.component_word(lang, each)} {lang.money(minor, debt.currency)}"
        for each in Component
        if found.parts and (minor := found.parts.of(each))
    )
    return lang.text(
        N_("The total is the tracker's own, but its parts differ: {parts}."), parts=parts
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
    costs: str | None,
    note: str | None,
    day_field: str = "on",
) -> StatementRow:
    """Store the creditor's figure: a total alone, or parts whose sum it must be.

    `day_field` is what the request calls the day.
    """
    typed = dict(zip(PARTS, (principal, interest, penalties, fees, costs), strict=True))
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
            hint=N_("Give --total, or principal, interest, penalties, fees and costs."),
        )
    whole = sum(parts.values())
    if whole > money.MAX_MINOR:
        raise InputError(
            "{name} is {value!r}; that is larger than any amount kept here.",
            field="total",
            hint=N_("The largest is {largest}; look for digits too many."),
            name="total",
            value=money.plain(whole, debt.currency),
            largest=money.plain(money.MAX_MINOR, debt.currency),
        )
    if stated is not None and parts and whole != stated:
        raise InputError(
            "total is {total}, but its parts sum to {sum}.",
            field="total",
            hint=N_("Check the parts; leave out the total to let them make it."),
            total=money.plain(stated, debt.currency),
            sum=money.plain(whole, debt.currency),
        )
    on_date = reading.parse_date(on or "today", today=ctx.today, field=day_field, latest=ctx.today)
    earlier = debts.statements(ctx.session, debt.id)
    if earlier and on_date < earlier[0].on_date:
        raise InputError(
            "{name} is {value}, before the statement of {day} that opens the ledger.",
            field=day_field,
            hint=N_(
                "To correct the opening, record the right figure on {day} and "
                "`tracker statement settle {debt} --adjust --how TEXT`."
            ),
            name=day_field,
            value=on_date.isoformat(),
            day=earlier[0].on_date.isoformat(),
            debt=debt.handle,
        )
    return insert(
        ctx.session,
        StatementRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            on_date=on_date,
            principal_minor=parts.get("principal", 0) if parts else None,
            interest_minor=parts.get("interest", 0) if parts else None,
            penalties_minor=parts.get("penalties", 0) if parts else None,
            fees_minor=parts.get("fees", 0) if parts else None,
            costs_minor=parts.get("costs", 0) if parts else None,
            total_minor=whole if stated is None else stated,
            note=text.optional_line(note, field="note", longest=500),
            recorded_at=ctx.now,
        ),
    )


def shown(row: StatementRow, stated: Sequence[StatementRow], currency: str) -> Statement:
    """A statement as it was stated; `stated` are all of its debt."""

    def part(minor: int | None) -> Money | None:
        return None if minor is None else Money.of(minor, currency)

    return Statement(
        number=queries.number(row, stated),
        on=row.on_date,
        total=Money.of(row.total_minor, currency),
        principal=part(row.principal_minor),
        interest=part(row.interest_minor),
        penalties=part(row.penalties_minor),
        fees=part(row.fees_minor),
        costs=part(row.costs_minor),
        note=row.note,
        settled_at=row.settled_at,
        settled_how=row.settled_how,
        differences={},
        reasons=[],
    )


def beside(
    ctx: PersonContext,
    debt: DebtRow,
    row: StatementRow,
    stated: Sequence[StatementRow],
    found: queries.Compared | None,
) -> Statement:
    """The statement beside the ledger's own figures of that day."""
    statement = shown(row, stated, debt.currency)
    if found is None:
        return statement.model_copy(update={"state": queries.OPENING})
    parts, state = found.parts or NOTHING, queries.state(row, found)
    reasons = queries.reasons(ctx, debt, row) if state == queries.QUERY else ()
    return statement.model_copy(
        update={
            "difference": Money.of(found.total_minor, debt.currency),
            "differences": {
                each.value: Money.of(parts.of(each), debt.currency)
                for each in Component
                if parts.of(each)
            },
            "reasons": [
                Reason(
                    sentence=queries.reason_words(ctx.language, each, debt.currency),
                    amount=Money.of(each.minor, debt.currency),
                    open=each.open,
                )
                for each in reasons
            ],
            "state": state,
        }
    )
