"""The tracker's own ledger of a debt, line by line, up to a day."""

from __future__ import annotations

from datetime import date

from tracker.actions import figures, finding, rates
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.core import reading
from tracker.core.components import Amounts, Component
from tracker.core.entries import Accrual, Entry, Kind
from tracker.core.interest import rate_text
from tracker.language import N_


class WhichLedger(Request):
    debt: str
    on: str | None = None


class Computed(Result):
    """What interest was computed from: `days` from `from_on` on, at a rate on a sum."""

    from_on: date
    days: int
    base: Money
    rate: str
    basis: str


class LedgerLine(Result):
    """`amount` is the whole sum of the fact, `parts` what it changed.

    A line of the kind void changes nothing: it and its fellow are there for the
    trail. `computed` is behind interest that ran at one rate on one sum, `overdue`
    behind a late fee; `stated` is the creditor's own split of a payment.
    """

    on: date
    kind: str
    amount: Money
    balance: Money
    note: str
    parts: dict[str, Money]
    overpaid: Money | None
    computed: Computed | None
    overdue: Money | None
    stated: dict[str, Money] | None
    detail: str


class Ledger(Result):
    debt: str
    currency: str
    on: date
    entries: list[LedgerLine]
    balance: Money | None
    parts: dict[str, Money]


def ledger(ctx: PersonContext, request: WhichLedger) -> Ledger:
    """Every line up to today or the day asked for, which may be to come."""
    debt = finding.debt(ctx, request.debt)
    day = reading.parse_date(request.on or "today", today=ctx.today, field="on", past=False)
    book = figures.gather(ctx, debt, whole=True)
    replayed = book.on(day) if book else None
    known = replayed is not None and not replayed.before_opening
    return Ledger(
        debt=debt.handle,
        currency=debt.currency,
        on=day,
        entries=[_line(ctx, entry, debt.currency) for entry in replayed.entries]
        if replayed
        else [],
        balance=Money.of(replayed.balance_minor, debt.currency) if replayed and known else None,
        parts=_parts(replayed.balances, debt.currency) if replayed and known else {},
        said=[] if known else [_unknown(ctx, book, day)],
    )


def _unknown(ctx: PersonContext, book: figures.Facts | None, day: date) -> str:
    """Why there is no line."""
    if book is None:
        return ctx.language.text(
            N_(
                "No statement opens this ledger yet; add the creditor's figure with "
                "`tracker statement add`."
            )
        )
    return ctx.language.text(
        N_("Nothing is known of {day}: the ledger opens on {opening}."),
        day=ctx.language.date(day),
        opening=ctx.language.date(book.opening.stated_on),
    )


def _line(ctx: PersonContext, entry: Entry, currency: str) -> LedgerLine:
    detail = entry.detail
    return LedgerLine(
        on=entry.on,
        kind=entry.kind.value,
        amount=Money.of(entry.sum_minor or entry.amount_minor, currency),
        balance=Money.of(entry.balance_minor, currency),
        note=entry.note,
        parts=_parts(entry.amounts, currency),
        overpaid=Money.of(entry.overpaid_minor, currency) if entry.overpaid_minor else None,
        computed=_computed(detail, entry.on, currency) if isinstance(detail, Accrual) else None,
        overdue=Money.of(detail, currency) if isinstance(detail, int) else None,
        stated=_parts(detail, currency) if isinstance(detail, Amounts) else None,
        detail=_detail(ctx, entry, currency),
    )


def _computed(accrual: Accrual, until: date, currency: str) -> Computed:
    return Computed(
        from_on=accrual.from_on,
        days=(until - accrual.from_on).days,
        base=Money.of(accrual.base_minor, currency),
        rate=rate_text(accrual.rate),
        basis=accrual.basis.value,
    )


def _detail(ctx: PersonContext, entry: Entry, currency: str) -> str:
    lang, detail = ctx.language, entry.detail
    if isinstance(detail, Accrual):
        return rates.accrual_words(lang, detail, entry.on, currency)
    if isinstance(detail, Amounts):
        split = ", ".join(
            f"{rates.component_word(lang, each)} {lang.money(minor, currency)}"
            for each in Component
            if (minor := detail.of(each))
        )
        return lang.text(N_("the creditor's own split: {split}"), split=split)
    if isinstance(detail, int):
        return lang.text(N_("on {amount} overdue"), amount=lang.money(detail, currency))
    if entry.kind in (Kind.INTEREST, Kind.PENALTY):
        return lang.text(N_("the base or the rate changed in between"))
    if entry.kind is Kind.CREDIT:
        return lang.text(N_("covered by what was overpaid"))
    if entry.kind is Kind.VOID:
        return lang.text(N_("never was; moves nothing"))
    return ""


def _parts(amounts: Amounts, currency: str) -> dict[str, Money]:
    return {
        component.value: Money.of(amounts.of(component), currency)
        for component in Component
        if amounts.of(component)
    }
