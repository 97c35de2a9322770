"""The schedule of a plan, from a pasted list or from a rule, with the sentence that states it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tracker.actions import interest, kinds, shapes
from tracker.actions.office import PersonContext
from tracker.actions.rhythms import (
    Made,
    NewSchedule,
    Rhythm,
    balance,
    choice,
    needed_count,
    rhythm_of,
    shifted,
    typed,
)
from tracker.core import money, schedule
from tracker.core.dates import Shift
from tracker.core.schedule import Remainder
from tracker.errors import InputError
from tracker.language import N_
from tracker.store.debts import DebtRow
from tracker.store.plans import PlanVersionRow

__all__ = ["Made", "NewSchedule", "make"]


def make(
    ctx: PersonContext,
    debt: DebtRow,
    request: NewSchedule,
    agreed_on: date,
    old: PlanVersionRow | None = None,
) -> Made:
    """The agreed rows; `old` are the terms that a revision changes.

    Raises InputError for options that do not go together, or are missing.
    """
    kind = kinds.chosen(request)
    try:
        if kind == "list":
            made = _listed(ctx, debt, request)
        elif kind == "settlement":
            made = shapes.settlement(ctx, debt, request, agreed_on)
        else:
            made = _by_rule(ctx, debt, request, kind, agreed_on, old)
    except InputError as error:
        # By the name of what was typed, not of what it was made into.
        error.field = _TYPED_AS.get(error.field or "", error.field)
        raise
    return interest.decided(ctx, debt, request, made, agreed_on, old)


_TYPED_AS = {"days": "start", "weights": "months"}
_MOVES = {
    Shift.FOLLOWING: N_("What falls on a day off moves to the next working day."),
    Shift.MODIFIED_FOLLOWING: N_(
        "What falls on a day off moves to the next working day, within its month."
    ),
    Shift.PRECEDING: N_("What falls on a day off moves to the working day before."),
}


def _by_rule(
    ctx: PersonContext,
    debt: DebtRow,
    request: NewSchedule,
    kind: str,
    agreed_on: date,
    old: PlanVersionRow | None,
) -> Made:
    rhythm = rhythm_of(ctx, debt, request)
    if kind == "amortising":
        made = interest.amortising(ctx, debt, request, rhythm, agreed_on, old)
    else:
        maker = {"equal": _equal, "amount": _by_amount} | shapes.MAKERS
        made = maker[kind](ctx, debt, request, rhythm, agreed_on)
    rule = made.rule
    if rhythm.shift is not Shift.NONE:
        rule = ctx.language.paragraph([rule, ctx.language.text(_MOVES[rhythm.shift])])
    return replace(made, rule=rule, every=rhythm.every, second_day=rhythm.second_day)


def _listed(ctx: PersonContext, debt: DebtRow, request: NewSchedule) -> Made:
    rows = schedule.custom(
        request.rows or "", debt.currency, today=ctx.today, decimal_mark=ctx.decimal_mark
    )
    rule = choice(Shift, request.shift or Shift.NONE, "shift")
    moved = shifted(ctx, debt, rule, [row.due_on for row in rows])
    return Made(
        rows=[replace(row, due_on=day) for row, day in zip(rows, moved, strict=True)],
        rule=ctx.language.text("Dates and amounts as listed in the agreement."),
        kind="list",
    )


def _equal(
    ctx: PersonContext, debt: DebtRow, request: NewSchedule, rhythm: Rhythm, agreed_on: date
) -> Made:
    count = needed_count(request)
    amount, total = typed(ctx, debt, request, "amount"), typed(ctx, debt, request, "total")
    first, last = typed(ctx, debt, request, "first"), typed(ctx, debt, request, "last")
    if amount is not None:
        # The amount and the number make the total, unless it is said and differs.
        own = [each for each in (first, last) if each is not None]
        product = amount * (count - len(own)) + sum(own)
        if total is not None and total != product:
            raise InputError(
                "total is {total}, but {count} × {amount} is {product}.",
                field="total",
                hint=N_("Leave out one of total, count and amount."),
                total=money.plain(total, debt.currency),
                count=count,
                amount=money.plain(amount, debt.currency),
                product=money.plain(product, debt.currency),
            )
        total = product
    if total is None:
        total = balance(ctx, debt, agreed_on)
    remainder = choice(Remainder, request.remainder or Remainder.LAST, "remainder")
    rows = schedule.equal(
        total,
        rhythm.days(count),
        remainder=remainder,
        first_minor=first,
        last_minor=last,
    )
    rule = ctx.language.text(_RULES[remainder], count=count, **rhythm.told())
    return Made(rows=rows, rule=rule, kind="equal")


def _by_amount(
    ctx: PersonContext, debt: DebtRow, request: NewSchedule, rhythm: Rhythm, agreed_on: date
) -> Made:
    if request.first or request.last:
        raise InputError(
            "amount is given, so first and last follow from it.",
            field="amount",
            hint=N_("Give the count to set a different first or last instalment."),
        )
    amount = typed(ctx, debt, request, "amount")
    if amount is None:
        raise InputError(
            "amount is missing; say how much each instalment is.",
            field="amount",
            hint=N_("For example --amount 100."),
        )
    total = typed(ctx, debt, request, "total") or balance(ctx, debt, agreed_on)
    rows = schedule.by_amount(total, amount, rhythm.days)
    rule = ctx.language.text(
        "{count} × {every} from {start}: {amount} each, the last takes the rest.",
        count=len(rows),
        amount=ctx.language.money(amount, debt.currency),
        **rhythm.told(),
    )
    return Made(rows=rows, rule=rule, kind="amount")


_RULES = {
    Remainder.LAST: N_(
        "{count} × {every} from {start}: equal parts, the last takes what does not divide."
    ),
    Remainder.FIRST: N_(
        "{count} × {every} from {start}: equal parts, the first takes what does not divide."
    ),
    Remainder.SPREAD: N_(
        "{count} × {every} from {start}: equal parts, the first ones take one unit more."
    ),
}
