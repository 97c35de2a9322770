"""Where a creditor's figure differs from the tracker's own: queries to raise, until settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.actions import figures, rates
from tracker.actions.office import PersonContext
from tracker.core import reconcile
from tracker.core.components import NOTHING, Amounts, Component
from tracker.core.facts import Payment
from tracker.core.policy import Order
from tracker.core.reconcile import Explained
from tracker.language import N_, Language
from tracker.store import debts, payments
from tracker.store.debts import DebtRow, StatementRow

OPENING, AGREES, QUERY, SETTLED = "opening", "agrees", "query", "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The creditor's figure minus the ledger's at the end of that day.

    `parts` is None where the creditor named no parts; their sum differs from
    `total_minor` by what the ledger says was overpaid.
    """

    total_minor: int
    parts: Amounts | None

    @property
    def differs(self) -> bool:
        return self.total_minor != 0 or bool(self.parts and self.parts != NOTHING)


def compared(
    ctx: PersonContext, debt: DebtRow, row: StatementRow, stated: Sequence[StatementRow]
) -> Compared | None:
    """Against the ledger of the day, without what was paid after the statement was taken down.

    None for the first of the debt's statements, with which the ledger opens.
    """
    if row.id == stated[0].id:
        return None
    own = _book(ctx, debt, row).on(row.on_date)
    claimed = figures.as_statement(row)
    return Compared(
        total_minor=row.total_minor - own.balance_minor,
        parts=claimed.amounts().plus(own.balances.negative()) if claimed.split else None,
    )


def reasons(ctx: PersonContext, debt: DebtRow, row: StatementRow) -> tuple[Explained, ...]:
    """What may explain a difference, each part of it; many replays, so only where it is shown."""
    book = _book(ctx, debt, row)
    scheduled = [
        Payment(payment_id=each.id, paid_on=each.on_date, amount_minor=each.amount_minor)
        for each in payments.unconfirmed(payments.of_debt(ctx.session, debt.id))
        if each.on_date <= row.on_date
    ]
    found = reconcile.compare(
        book.opening, book.later, figures.as_statement(row), scheduled=scheduled
    )
    return found.reasons if found is not None else ()


def reason_words(lang: Language, reason: Explained, currency: str) -> str:
    params: dict[str, object] = {}
    for name, value in reason.params.items():
        if name in reconcile.MONEY_PARAMS and isinstance(value, int):
            params[name] = lang.money(value, currency)
        elif isinstance(value, date):
            params[name] = lang.date(value)
        elif name == "component":
            params[name] = rates.component_word(lang, Component(str(value)))
        elif name == "order":
            params[name] = rates.chain(lang, Order(str(value)))
        else:
            params[name] = value
    return lang.text(reason.msgid, **params)


def state(row: StatementRow, found: Compared) -> str:
    if row.settled_at is not None:
        return SETTLED
    return QUERY if found.differs else AGREES


def open_queries(ctx: PersonContext, debt: DebtRow) -> list[tuple[StatementRow, Compared]]:
    """Statements after the first that differ and are not settled, in order of their days."""
    stated = debts.statements(ctx.session, debt.id)
    found = []
    for row in stated:
        seen = compared(ctx, debt, row, stated) if row.settled_at is None else None
        if seen is not None and seen.differs:
            found.append((row, seen))
    return found


def sentence(ctx: PersonContext, debt: DebtRow, row: StatementRow, found: Compared) -> str:
    """The query as a person reads it among what is to decide."""
    if found.total_minor == 0:
        return ctx.language.text(
            N_("{word}: the parts of the figure of {day} differ from the tracker's own; ask why."),
            word=debt.word,
            day=ctx.language.date(row.on_date),
        )
    return ctx.language.text(
        N_("{word}: the figure of {day} differs from the tracker's own by {amount}; ask why."),
        word=debt.word,
        day=ctx.language.date(row.on_date),
        amount=ctx.language.money(found.total_minor, debt.currency),
    )


def number(row: StatementRow, stated: Sequence[StatementRow]) -> int:
    """As recorded, from 1: a statement keeps it, whatever is recorded later."""
    return sum(each.id <= row.id for each in stated)


def _book(ctx: PersonContext, debt: DebtRow, row: StatementRow) -> figures.Facts:
    """The facts as they were when the statement of that day was taken down."""
    paid = [each for each in payments.of_debt(ctx.session, debt.id) if not _came_after(each, row)]
    book = figures.gather(ctx, debt, paid)
    assert book is not None
    return book


def _came_after(paid: payments.PaymentRow, row: StatementRow) -> bool:
    return (
        paid.kind != "reversal"
        and paid.on_date == row.on_date
        and paid.recorded_at > row.recorded_at
    )
