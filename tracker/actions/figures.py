"""What the tracker's own ledger says of a debt: entries and balance, from the recorded facts."""

from __future__ import annotations

from tracker.actions.office import PersonContext
from tracker.core import ledger
from tracker.store import debts, payments
from tracker.store.debts import DebtRow, StatementRow
from tracker.store.payments import PaymentRow


def opening(rows: list[StatementRow]) -> ledger.Statement | None:
    """The first statement opens the ledger; later ones are compared, never adopted in silence."""
    return as_statement(rows[0]) if rows else None


def as_statement(row: StatementRow) -> ledger.Statement:
    return ledger.Statement(
        stated_on=row.on_date,
        total_minor=row.total_minor,
        principal_minor=row.principal_minor,
        interest_minor=row.interest_minor,
        penalties_minor=row.penalties_minor,
        fees_minor=row.fees_minor,
        note=row.note or "",
    )


def entries(
    ctx: PersonContext, debt: DebtRow, rows: list[PaymentRow] | None = None
) -> list[ledger.Entry]:
    """Empty while no statement opens the ledger. `rows` are the debt's payments, if at hand."""
    stated = debts.statements(ctx.session, debt.id)
    start = opening(stated)
    if start is None:
        return []
    if rows is None:
        rows = payments.of_debt(ctx.session, debt.id)
    paid = {row.id: row for row in rows if row.kind == "payment"}
    facts: list[ledger.Fact] = [
        ledger.Payment(
            payment_id=row.id,
            paid_on=row.on_date,
            amount_minor=row.amount_minor,
            note=f"#{row.number}",
            after_opening=row.recorded_at >= stated[0].recorded_at,
        )
        for row in paid.values()
    ]
    facts += [
        ledger.Reversal(
            payment_id=row.reverses_id,
            reversed_on=row.on_date,
            note=f"#{row.number}",
        )
        for row in rows
        if row.reverses_id in paid
    ]
    return ledger.ledger(start, facts)


def balance_minor(
    ctx: PersonContext, debt: DebtRow, rows: list[PaymentRow] | None = None
) -> int | None:
    """The balance today, or None while no statement says where it began."""
    return ledger.balance(entries(ctx, debt, rows), ctx.today)
