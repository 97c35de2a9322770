"""Settling a query: how the creditor answered, and the adjustments that this agrees on."""

from __future__ import annotations

from tracker.actions import figures, finding, queries, statements
from tracker.actions.contract import read_component
from tracker.actions.office import PersonContext, Request
from tracker.actions.pricing import balance_line
from tracker.actions.queries import Compared
from tracker.actions.statements import Statement
from tracker.core import reading, text
from tracker.core.components import NOTHING, Amounts, Component
from tracker.core.facts import Reason
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import debts
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow, StatementRow
from tracker.store.terms import ChargeRow


class Settlement(Request):
    debt: str
    statement: str | None = None
    how: str | None = None
    adjust: bool = False
    component: str | None = None


def settle(ctx: PersonContext, request: Settlement) -> Statement:
    """Close a query. The ledger changes only with `adjust`, by dated adjustments that cite it."""
    debt = finding.debt(ctx, request.debt)
    if request.component is not None and not request.adjust:
        raise InputError(
            "component says nothing without adjust.",
            field="component",
            hint=N_("It is the part that --adjust puts the difference on."),
        )
    component = (
        Component.PRINCIPAL if request.component is None else read_component(request.component)
    )
    row, found = _query(ctx, debt, request.statement)
    if request.component is not None and found.parts is not None:
        raise InputError(
            "component is {value}, but this statement names its parts.",
            field="component",
            hint=N_("Leave --component out: each part is adjusted by what it differs."),
            value=component.value,
        )
    if request.how is None or not request.how.strip():
        raise InputError(
            "how is missing; a query is settled by an answer.",
            field="how",
            hint=N_("Say what the creditor answered: --how 'late fee of 3 March, agreed'."),
        )
    row.settled_how = text.line(request.how, field="how", longest=500)
    row.settled_at = ctx.now
    before = figures.balance_minor(ctx, debt)
    insert(ctx.session, row)
    lang = ctx.language
    said = [lang.text(N_("Settled: the statement of {day}."), day=lang.date(row.on_date))]
    if request.adjust:
        _adjust(ctx, debt, row, found, component)
        said += balance_line(ctx, debt, before)
    else:
        said.append(lang.text(N_("The tracker's own ledger stays as it is.")))
    stated = debts.statements(ctx.session, debt.id)
    result = statements.beside(ctx, debt, row, stated, queries.compared(ctx, debt, row, stated))
    return result.model_copy(update={"said": said})


def _query(ctx: PersonContext, debt: DebtRow, typed: str | None) -> tuple[StatementRow, Compared]:
    """The statement that was typed, or the only open one."""
    stated = debts.statements(ctx.session, debt.id)
    waiting = queries.open_queries(ctx, debt)
    numbers = ", ".join(f"#{queries.number(row, stated)}" for row, _ in waiting)
    if typed is None:
        if len(waiting) == 1:
            return waiting[0]
        if waiting:
            raise InputError(
                "statement is missing; {numbers} are open.",
                field="statement",
                hint=N_("Say which with --statement; `tracker statement list {debt}` shows them."),
                numbers=numbers,
                debt=debt.handle,
            )
        raise ConflictError(
            "{debt} has no open query.",
            field="statement",
            hint=N_("`tracker statement list {debt}` shows what was stated and how it stands."),
            debt=debt.handle,
        )
    number = reading.parse_count(typed.strip().removeprefix("#"), field="statement", most=10**6)
    row = next((each for each in stated if queries.number(each, stated) == number), None)
    if row is None:
        raise NotFoundError(
            "{debt} has no statement #{number}.",
            field="statement",
            hint=N_("`tracker statement list {debt}` shows them."),
            debt=debt.handle,
            number=number,
        )
    found = next((pair for pair in waiting if pair[0].id == row.id), None)
    if found is not None:
        return found
    if row.id == stated[0].id:
        raise ConflictError(
            "statement #{number} opens the ledger; there is nothing to compare it with.",
            field="statement",
            hint=N_("Another statement is settled; `tracker statement list {debt}` shows them."),
            number=number,
            debt=debt.handle,
        )
    raise ConflictError(
        "statement #{number} is settled already."
        if row.settled_at is not None
        else "statement #{number} agrees with the ledger; there is nothing to settle.",
        field="statement",
        hint=N_("`tracker statement list {debt}` shows how each stands."),
        number=number,
        debt=debt.handle,
    )


def _adjust(
    ctx: PersonContext, debt: DebtRow, row: StatementRow, found: Compared, component: Component
) -> None:
    """One adjustment for each part that differs, on the statement's day.

    What the parts do not account for (all of it, where none was stated; else what
    the ledger says was overpaid) goes to `component`.
    """
    parts = found.parts or NOTHING
    parts = parts.plus(Amounts.one(component, found.total_minor - parts.total))
    for each in Component:
        if minor := parts.of(each):
            insert(
                ctx.session,
                ChargeRow(
                    person_id=ctx.person.id,
                    debt_id=debt.id,
                    on_date=row.on_date,
                    reason=Reason.ADJUSTMENT,
                    component=each,
                    amount_minor=minor,
                    note=row.settled_how,
                    statement_id=row.id,
                    recorded_at=ctx.now,
                ),
            )
