"""What was recorded as paid, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from tracker.actions import finding
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.core import reading
from tracker.store import debts, payments
from tracker.store.payments import PaymentRow, ProofRow


class WhichPayments(Request):
    debt: str | None = None
    limit: str | None = None


class ProofOf(Result):
    name: str
    sha256: str
    size: int


class Payment(Result):
    """`batch` names the split that it is a part of, by the number of its first part."""

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
    sent: Money | None
    rate: str | None
    batch: str | None
    proofs: list[ProofOf]


class Payments(Result):
    payments: list[Payment]


def list_payments(ctx: PersonContext, request: WhichPayments) -> Payments:
    """Newest first."""
    limit = reading.parse_count(request.limit or "50", field="limit", most=10_000)
    if request.debt:
        rows = payments.of_debt(ctx.session, finding.debt(ctx, request.debt).id)
    else:
        rows = payments.of_person(ctx.session, ctx.person.id)
    proofs = payments.proofs(ctx.session, ctx.person.id)
    return Payments(payments=shown(ctx, rows, proofs)[:limit])


def shown(
    ctx: PersonContext, rows: list[PaymentRow], proofs: Iterable[ProofRow] = ()
) -> list[Payment]:
    """The payments with what became of each, newest first."""
    names = {debt.id: debt for debt in debts.debts(ctx.session, ctx.person.id)}
    counting = {row.id for row in payments.counting(rows)}
    waiting = {row.id for row in payments.unconfirmed(rows)}
    confirmed = {row.confirms_id for row in rows}
    refunds = {row.id for row in payments.refunds(rows)}
    files: dict[int, list[ProofOf]] = {}
    for each in proofs:
        known = ProofOf(name=each.name, sha256=each.sha256, size=each.size)
        files.setdefault(each.payment_id, []).append(known)

    def state(row: PaymentRow) -> str:
        if row.kind == "reversal":
            return "reversal"
        if row.id in counting:
            return "counts"
        if row.id in refunds:
            return "refund"
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
            sent=Money.of(row.sent_minor, row.sent_currency)
            if row.sent_minor is not None and row.sent_currency is not None
            else None,
            rate=row.rate,
            batch=row.batch,
            proofs=files.get(row.id, []),
        )
        for row in sorted(rows, key=lambda each: each.number, reverse=True)
    ]
