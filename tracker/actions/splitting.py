"""One sum for several creditors: by given amounts, or in proportion to what is open."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.actions import booking, finding, hindsight, receipts
from tracker.actions.figures import balance_minor
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.payments import day, double, method
from tracker.actions.receipts import Receipt
from tracker.actions.terms import open_minor
from tracker.core import money, text
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import payments, plans
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow


class NewSplit(Request):
    total: str
    to: list[str]
    on: str | None = None
    method: str | None = None
    ref: str | None = None
    note: str | None = None


class Split(Result):
    """`batch` is the number of the first part, which names them all."""

    total: Money
    batch: str
    parts: list[Receipt]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    debt: DebtRow
    amount_minor: int


def split(ctx: PersonContext, request: NewSplit) -> Split:
    """Record one sum as a payment to each of several debts, all of one batch."""
    named = _named(ctx, request.to)
    currency = named[0][0].currency
    total = money.parse(request.total, currency, decimal_mark=ctx.decimal_mark, field="total")
    shares, how = _shares(ctx, named, total)
    on = day(ctx, request.on)
    by = method(request.method)
    reference = text.optional_line(request.ref, field="ref", longest=60)
    note = text.optional_line(request.note, field="note", longest=500)
    first = payments.next_number(ctx.session, ctx.person.id)
    parts: list[Receipt] = []
    for number, share in enumerate(shares, first):
        row = PaymentRow(
            person_id=ctx.person.id,
            debt_id=share.debt.id,
            number=number,
            kind="payment",
            amount_minor=share.amount_minor,
            on_date=on,
            method=by,
            reference=reference,
            note=note,
            batch=str(first),
            recorded_at=ctx.now,
        )
        parts.append(_recorded(ctx, share.debt, row))
    head = ctx.language.text(
        how,
        total=ctx.language.money(total, currency),
        parts=", ".join(
            f"{share.debt.word} {ctx.language.money(share.amount_minor, currency)}"
            for share in shares
        ),
    )
    return Split(
        total=Money.of(total, currency),
        batch=str(first),
        parts=parts,
        said=[head, *(line for each in parts for line in each.said)],
        warnings=[line for each in parts for line in each.warnings],
    )


def _recorded(ctx: PersonContext, debt: DebtRow, row: PaymentRow) -> Receipt:
    warnings = []
    other = double(ctx, debt, row.amount_minor, row.on_date)
    if other is not None:
        warnings.append(
            ctx.language.text(
                "The same amount was recorded for {debt} on that day already, as #{number}; "
                "`tracker payment void {this}` takes this part back.",
                debt=debt.handle,
                number=other.number,
                this=row.number,
            )
        )
    seen = hindsight.seen(ctx, debt) if row.on_date < ctx.today else None
    insert(ctx.session, row)
    receipt = receipts.made(ctx, debt, row, booking.rebook(ctx, debt), warnings)
    return seen.told(ctx, debt, receipt) if seen else receipt


def _named(ctx: PersonContext, to: list[str]) -> list[tuple[DebtRow, str | None]]:
    """The debts, each with the amount typed for it: two or more, none twice, one currency."""
    if len(to) < 2:
        raise InputError(
            "to names {value!r}; a sum is split over two debts or more.",
            field="to",
            hint=N_("For one debt: `tracker pay DEBT AMOUNT`."),
            value=", ".join(to)[:40],
        )
    found: list[tuple[DebtRow, str | None]] = []
    for each in to:
        name, mark, amount = each.partition("=")
        debt = finding.debt(ctx, name)
        if any(debt.id == other.id for other, _ in found):
            raise InputError(
                "to names {debt} twice.",
                field="to",
                hint=N_("Name each debt once, with all that goes to it."),
                debt=debt.handle,
            )
        first = found[0][0] if found else debt
        if debt.currency != first.currency:
            raise InputError(
                "to names {debt} in {currency} and {other} in {other_currency}; "
                "one sum is of one currency.",
                field="to",
                hint=N_("Record the other one by itself: `tracker pay {debt} AMOUNT`."),
                debt=debt.handle,
                currency=debt.currency,
                other=first.handle,
                other_currency=first.currency,
            )
        found.append((debt, amount if mark else None))
    return found


def _shares(
    ctx: PersonContext, named: list[tuple[DebtRow, str | None]], total: int
) -> tuple[list[_Share], str]:
    """What goes to each debt, and the sentence that says by what rule."""
    if all(amount is None for _, amount in named):
        return _pro_rata(ctx, [debt for debt, _ in named], total)
    shares = []
    for debt, amount in named:
        if amount is None:
            raise InputError(
                "to names no amount for {debt}, but one for another debt.",
                field="to",
                hint=N_("Give every debt its amount, or none: --to {debt}=100."),
                debt=debt.handle,
            )
        minor = money.parse(amount, debt.currency, decimal_mark=ctx.decimal_mark, field="to")
        shares.append(_Share(debt=debt, amount_minor=minor))
    currency = named[0][0].currency
    whole = sum(share.amount_minor for share in shares)
    if whole != total:
        raise InputError(
            "total is {total}, but the parts make {sum}, which is {difference} less."
            if whole < total
            else "total is {total}, but the parts make {sum}, which is {difference} more.",
            field="total",
            hint=N_("Correct the total or one of the parts."),
            total=money.plain(total, currency),
            sum=money.plain(whole, currency),
            difference=money.plain(abs(total - whole), currency),
        )
    return shares, N_("{total} is split: {parts}.")


def _pro_rata(ctx: PersonContext, wanted: list[DebtRow], total: int) -> tuple[list[_Share], str]:
    """By what is open on each; in equal parts where nothing is known of any of them."""
    known = [_open_minor(ctx, debt) for debt in wanted]
    weights = [minor for minor in known if minor is not None]
    how = N_("{total} is split by what is open: {parts}.")
    if not weights:
        weights = [1] * len(wanted)
        how = N_("{total} is split in equal parts, since no figure says what is open: {parts}.")
    elif len(weights) < len(wanted):
        missing = wanted[known.index(None)]
        raise InputError(
            "to names {debt}, of which no figure says what is open.",
            field="to",
            hint=N_("Give each debt its amount: --to {debt}=100."),
            debt=missing.handle,
        )
    parts = money.split(total, weights) if any(weights) else [0] * len(wanted)
    if 0 in parts:
        nothing = wanted[parts.index(0)]
        raise InputError(
            "to names {debt}, whose share by what is open would be nothing.",
            field="to",
            hint=N_("Leave {debt} out, or give each debt its amount: --to {debt}=100."),
            debt=nothing.handle,
        )
    return [
        _Share(debt=debt, amount_minor=minor) for debt, minor in zip(wanted, parts, strict=True)
    ], how


def _open_minor(ctx: PersonContext, debt: DebtRow) -> int | None:
    """What is owed by the ledger today, or else what the plan still asks; None: not known."""
    balance = balance_minor(ctx, debt)
    if balance is not None:
        return max(balance, 0)
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        return None
    rows = plans.instalments(ctx.session, plans.terms(ctx.session, plan).id)
    return sum(open_minor(row) for row in rows)
