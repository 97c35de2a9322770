"""How the creditor says a payment was split, kept as said beside the tracker's own estimate."""

from __future__ import annotations

from dataclasses import replace

from tracker.actions import figures, finding
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.rates import component_word
from tracker.core import money
from tracker.core.components import Amounts, Component
from tracker.core.entries import Kind
from tracker.core.facts import Payment
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import debts, payments
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow


class StatedSplit(Request):
    payment: str
    principal: str | None = None
    interest: str | None = None
    penalties: str | None = None
    fees: str | None = None
    costs: str | None = None


class Compared(Result):
    """Both by component; `estimate` is None where no ledger covers the payment's day."""

    payment: int
    debt: str
    stated: dict[str, Money]
    estimate: dict[str, Money] | None


def stated(ctx: PersonContext, request: StatedSplit) -> Compared:
    """Record the creditor's split of a payment; said again, it takes the place of the former."""
    row = finding.payment(ctx, request.payment)
    debt = debts.debt(ctx.session, row.debt_id)
    rows = payments.of_debt(ctx.session, debt.id)
    if row.kind != "payment":
        raise InputError(
            "payment #{number} is of the kind {kind}; only money that left is split.",
            field="payment",
            hint=N_("`tracker payment list {debt}` shows its payments."),
            number=row.number,
            kind=row.kind,
            debt=debt.handle,
        )
    if row.id not in {each.id for each in payments.counting(rows)}:
        raise ConflictError(
            "payment #{number} does not count any more, so there is nothing to split.",
            field="payment",
            hint=N_("`tracker payment list {debt}` shows what became of it."),
            number=row.number,
            debt=debt.handle,
        )
    parts = _parts(ctx, debt, row, request)
    own = _estimate(ctx, debt, row)
    again = payments.replace_splits(ctx.session, debt.id, row.id, parts)
    return Compared(
        payment=row.number,
        debt=debt.handle,
        stated=_amounts(parts, debt.currency),
        estimate=None if own is None else _amounts(own, debt.currency),
        said=_said(ctx, debt, row, parts, own, again=again),
    )


def _said(
    ctx: PersonContext,
    debt: DebtRow,
    row: PaymentRow,
    parts: Amounts,
    own: Amounts | None,
    *,
    again: bool,
) -> list[str]:
    lang = ctx.language
    said = [
        lang.text(
            N_("Stated of #{number}, instead of what was stated before: {parts}.")
            if again
            else N_("Stated of #{number}: {parts}."),
            number=row.number,
            parts=_listed(ctx, parts, debt.currency),
        )
    ]
    if own is None:
        return said
    if own == parts:
        return [*said, lang.text("The tracker's own figures say the same.")]
    known = _listed(ctx, own, debt.currency)
    return [*said, lang.text("The tracker's own figures say: {parts}.", parts=known)]


def _parts(ctx: PersonContext, debt: DebtRow, row: PaymentRow, request: StatedSplit) -> Amounts:
    typed = request.model_dump(exclude={"payment"})
    read = Amounts(
        *(
            money.parse(
                typed[each.value],
                debt.currency,
                decimal_mark=ctx.decimal_mark,
                field=each.value,
                zero_ok=True,
            )
            if typed[each.value] is not None
            else 0
            for each in Component
        )
    )
    if all(value is None for value in typed.values()):
        raise InputError(
            "principal is missing, and so are the other parts.",
            field="principal",
            hint=N_("Give what the creditor names: --principal, --interest, --penalties, --fees."),
        )
    if read.total != row.amount_minor:
        raise InputError(
            "payment #{number} was {amount}, but its parts make {sum}.",
            field="payment",
            hint=N_("Give every part that the creditor names; together they are the payment."),
            number=row.number,
            amount=money.plain(row.amount_minor, debt.currency),
            sum=money.plain(read.total, debt.currency),
        )
    return read


def _estimate(ctx: PersonContext, debt: DebtRow, row: PaymentRow) -> Amounts | None:
    """What the ledger makes of the payment without the creditor's word for it."""
    book = figures.gather(ctx, debt, whole=True)
    if book is None:
        return None
    own = replace(
        book,
        later=tuple(
            replace(fact, stated=None)
            if isinstance(fact, Payment) and fact.payment_id == row.id
            else fact
            for fact in book.later
        ),
    )
    note = f"#{row.number}"
    for entry in own.on(ctx.today).entries:
        if entry.kind is Kind.PAYMENT and entry.note == note:
            return entry.amounts.negative()
    return None


def _amounts(parts: Amounts, currency: str) -> dict[str, Money]:
    return {each.value: Money.of(parts.of(each), currency) for each in Component if parts.of(each)}


def _listed(ctx: PersonContext, parts: Amounts, currency: str) -> str:
    return ", ".join(
        f"{component_word(ctx.language, each)} {ctx.language.money(parts.of(each), currency)}"
        for each in Component
        if parts.of(each)
    )
