"""What runs while a plan is kept: the contract's interest, none, or the plan's own rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tracker.actions import figures
from tracker.actions.office import PersonContext
from tracker.actions.rhythms import Made, NewSchedule, Rhythm, balance, choice, needed_count, typed
from tracker.core import amortise as tables
from tracker.core import money
from tracker.core.daycount import Basis
from tracker.core.interest import Per, Rate, parse_rate, rate_text
from tracker.errors import InputError
from tracker.language import N_
from tracker.store.debts import DebtRow
from tracker.store.plans import INTEREST, PlanVersionRow

FREEZE = N_("Interest and charges are frozen while it is kept.")
OWN_RATE = N_("While it is kept, interest runs at {rate} ({basis}).")


def decided(
    ctx: PersonContext,
    debt: DebtRow,
    request: NewSchedule,
    made: Made,
    agreed_on: date,
    old: PlanVersionRow | None,
) -> Made:
    """The schedule with what runs beside it; what a revision leaves unsaid stays as it was."""
    wanted = (request.interest or _unsaid(made, old)).strip().casefold()
    if wanted not in INTEREST:
        raise InputError(
            "interest is {value!r}; while a plan runs it is contract, frozen or rate.",
            field="interest",
            hint=N_("contract: goes on as agreed with the debt; frozen: none; rate: --rate."),
            value=wanted[:40],
        )
    if made.kind == "amortising" and wanted != "rate":
        raise InputError(
            "interest is {value}, and an amortising plan has a rate of its own.",
            field="interest",
            hint=N_("Leave --interest out, or choose another kind."),
            value=wanted,
        )
    if made.kind == "amortising":
        return made
    if wanted == "rate":
        rate, basis = _rate(ctx, request, old), _basis(request, old)
        _refuse_eaten(debt, made, agreed_on, sum(r.amount_minor for r in made.rows), rate, basis)
        told = ctx.language.text(OWN_RATE, rate=rate_text(rate), basis=basis.value)
        rule = ctx.language.paragraph([made.rule, told])
        return replace(made, interest=wanted, rate=rate, basis=basis, rule=rule)
    for name in ("rate", "basis"):
        if getattr(request, name):
            raise InputError(
                "{name} is given, and interest is {value}.",
                field=name,
                hint=N_("Say --interest rate, or leave it out."),
                name=name,
                value=wanted,
            )
    if wanted == "frozen":
        rule = ctx.language.paragraph([made.rule, ctx.language.text(FREEZE)])
        return replace(made, interest=wanted, rule=rule)
    _bears_contract(ctx, debt, made, agreed_on)
    return replace(made, interest=wanted)


def amortising(
    ctx: PersonContext,
    debt: DebtRow,
    request: NewSchedule,
    rhythm: Rhythm,
    agreed_on: date,
    old: PlanVersionRow | None,
) -> Made:
    rate, basis = _rate(ctx, request, old), _basis(request, old)
    total = typed(ctx, debt, request, "total") or balance(ctx, debt, agreed_on)
    amount = typed(ctx, debt, request, "amount")
    if amount is not None and not request.count:
        rows = tables.amortise_by_payment(
            total,
            amount,
            rhythm.days,
            starts_on=agreed_on,
            rate=rate,
            basis=basis,
            currency=debt.currency,
        )
    else:
        rows = tables.amortise(
            total,
            rhythm.days(needed_count(request)),
            starts_on=agreed_on,
            rate=rate,
            basis=basis,
            currency=debt.currency,
            payment_minor=amount,
            level=tables.Level.NEAREST,
        )
    rule = ctx.language.text(
        tables.RULE,
        count=len(rows),
        amount=ctx.language.money(rows[0].amount_minor, debt.currency),
        rate=rate_text(rate),
        basis=basis.value,
        **rhythm.told(),
    )
    return Made(rows=rows, rule=rule, kind="amortising", interest="rate", rate=rate, basis=basis)


def _unsaid(made: Made, old: PlanVersionRow | None) -> str:
    if made.kind == "amortising":
        return "rate"
    if made.kind == "settlement" and (old is None or old.kind != "settlement"):
        return "frozen"
    return old.interest if old else "contract"


def _bears_contract(ctx: PersonContext, debt: DebtRow, made: Made, agreed_on: date) -> None:
    """Refuse parts that the contract's interest alone would eat up."""
    book = figures.gather(ctx, debt)
    terms = book.terms_on(agreed_on) if book else None
    if book is None or terms is None or terms.rate is None:
        return
    owed = book.on(max(agreed_on, book.opening.stated_on)).balances
    bearing = sum(owed.of(each) for each in terms.bears)
    total = sum(row.amount_minor for row in made.rows)
    # Of a total that was agreed lower, no more than that can bear interest.
    _refuse_eaten(debt, made, agreed_on, min(bearing, total), terms.rate, terms.basis)


def _refuse_eaten(
    debt: DebtRow, made: Made, agreed_on: date, bearing_minor: int, rate: Rate, basis: Basis
) -> None:
    """Refuse equal parts, of which one is no more than the interest until its day.

    Other kinds ask for little at first on purpose, or as the creditor's list has it.
    """
    if made.kind not in ("equal", "amount"):
        return
    rows = [row for row in made.rows if row.due_on >= agreed_on]
    eaten = tables.eaten(bearing_minor, rows, starts_on=agreed_on, rate=rate, basis=basis)
    if eaten is None:
        return
    row, interest = eaten
    least = tables.least_falling(bearing_minor, rows, starts_on=agreed_on, rate=rate, basis=basis)
    raise InputError(
        "amount is {value}, and the interest alone is {interest}; the balance would not fall.",
        field="amount",
        hint=N_("The smallest that works is {least}; or agree --interest frozen."),
        value=money.plain(row.amount_minor, debt.currency),
        interest=money.plain(interest, debt.currency),
        least=money.plain(least, debt.currency),
    )


def _rate(ctx: PersonContext, request: NewSchedule, old: PlanVersionRow | None) -> Rate:
    if request.rate:
        return parse_rate(request.rate, decimal_mark=ctx.decimal_mark)
    if old is not None and old.rate_ppb is not None and old.rate_per is not None:
        return Rate(ppb=old.rate_ppb, per=Per(old.rate_per))
    raise InputError(
        "rate is missing; say what the plan's interest is.",
        field="rate",
        hint=N_("For example --rate 9.5%."),
    )


def _basis(request: NewSchedule, old: PlanVersionRow | None) -> Basis:
    if not request.basis and old is not None and old.basis is not None:
        return Basis(old.basis)
    return choice(Basis, request.basis or Basis.MONTHLY, "basis")
