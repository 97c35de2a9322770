"""Schedules that are not all equal: a balloon, steps, seasons, a settlement, token payments.

Each turns what was typed into rows by core/patterns.py, and states the rule that
made them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tracker.actions.office import PersonContext
from tracker.actions.rhythms import (
    FURTHEST_START,
    Made,
    NewSchedule,
    Rhythm,
    balance,
    needed_count,
    rhythm_of,
    typed,
)
from tracker.core import patterns, reading
from tracker.core.dates import MOST
from tracker.core.interest import parse_share, share_text
from tracker.core.patterns import RULES, Pattern
from tracker.errors import InputError
from tracker.language import N_
from tracker.store.debts import DebtRow


def _balloon(
    ctx: PersonContext, debt: DebtRow, request: NewSchedule, rhythm: Rhythm, agreed_on: date
) -> Made:
    large = _wanted(ctx, debt, request, "balloon")
    total = typed(ctx, debt, request, "total") or balance(ctx, debt, agreed_on)
    days = rhythm.days(needed_count(request))
    rows = patterns.balloon(total, days, balloon_minor=large, currency=debt.currency)
    rule = ctx.language.text(
        RULES[Pattern.BALLOON],
        count=len(rows),
        balloon=ctx.language.money(large, debt.currency),
        **rhythm.told(),
    )
    return Made(rows=rows, rule=rule, kind="balloon")


def _step_up(
    ctx: PersonContext, debt: DebtRow, request: NewSchedule, rhythm: Rhythm, agreed_on: date
) -> Made:
    first = _wanted(ctx, debt, request, "first")
    total = typed(ctx, debt, request, "total") or balance(ctx, debt, agreed_on)
    if not request.step:
        raise InputError(
            "step is missing; say by how much the instalments grow.",
            field="step",
            hint=N_("An amount such as 10.00, or a share such as 5%."),
        )
    share = amount = None
    if request.step.strip().endswith(("%", "％")):
        share = parse_share(request.step, field="step", decimal_mark=ctx.decimal_mark)
    else:
        amount = typed(ctx, debt, request, "step")
    every_rows = reading.parse_count(request.step_every or "1", field="step_every", most=MOST)
    count = needed_count(request)
    if every_rows >= count:
        raise InputError(
            "step_every is {value}; with {count} instalments no step would come.",
            field="step_every",
            hint=N_("Choose fewer than there are instalments."),
            value=every_rows,
            count=count,
        )
    rows = patterns.step_up(
        total,
        rhythm.days(count),
        first_minor=first,
        currency=debt.currency,
        step_minor=amount,
        step_share_ppb=share,
        every_rows=every_rows,
    )
    told = {
        "count": len(rows),
        "first": ctx.language.money(first, debt.currency),
        "rows": every_rows,
        **rhythm.told(),
    }
    if share is None:
        step = ctx.language.money(amount or 0, debt.currency)
        rule = ctx.language.text(RULES[Pattern.STEP_UP], step=step, **told)
    else:
        rule = ctx.language.text(RULES[Pattern.STEP_UP_SHARE], share=share_text(share), **told)
    return Made(rows=rows, rule=rule, kind="step-up")


def _seasonal(
    ctx: PersonContext, debt: DebtRow, request: NewSchedule, rhythm: Rhythm, agreed_on: date
) -> Made:
    if not request.months:
        raise InputError(
            "months is missing; say what the months weigh.",
            field="months",
            hint=N_("For example 7:0,12:2: nothing in July, December double."),
        )
    weights = _weights(request.months)
    total = typed(ctx, debt, request, "total") or balance(ctx, debt, agreed_on)
    rows = patterns.seasonal(total, rhythm.days(needed_count(request)), weights_by_month=weights)
    rule = ctx.language.text(
        RULES[Pattern.SEASONAL],
        count=len(rows),
        months=", ".join(f"{month}:{weight}" for month, weight in sorted(weights.items())),
        **rhythm.told(),
    )
    return Made(rows=rows, rule=rule, kind="seasonal")


def _token(
    ctx: PersonContext, debt: DebtRow, request: NewSchedule, rhythm: Rhythm, agreed_on: date
) -> Made:
    amount = _wanted(ctx, debt, request, "amount")
    total = typed(ctx, debt, request, "total") or balance(ctx, debt, agreed_on)
    if not request.review:
        raise InputError(
            "review is missing; token payments are agreed until a day on which both look again.",
            field="review",
            hint=N_("For example --review 2027-06-01."),
        )
    review_on = reading.parse_date(
        request.review,
        today=ctx.today,
        field="review",
        past=False,
        latest=ctx.today + FURTHEST_START,
    )
    if review_on <= agreed_on:
        raise InputError(
            "review is {value}, not after the day of the agreement.",
            field="review",
            hint=N_("Give a later day."),
            value=review_on.isoformat(),
        )
    made = patterns.token(
        amount,
        rhythm.days(needed_count(request)),
        total_minor=total,
        currency=debt.currency,
    )
    rule = ctx.language.text(
        RULES[Pattern.TOKEN],
        count=len(made.rows),
        amount=ctx.language.money(amount, debt.currency),
        left=ctx.language.money(made.left_minor, debt.currency),
        **rhythm.told(),
    )
    review = ctx.language.text(
        N_("It is looked at again on {day}."), day=ctx.language.date(review_on)
    )
    return Made(
        rows=made.rows,
        rule=ctx.language.paragraph([rule, review]),
        kind="token",
        review_on=review_on,
    )


def settlement(ctx: PersonContext, debt: DebtRow, request: NewSchedule, agreed_on: date) -> Made:
    """A sum by a day, or in parts until it, that settles the whole."""
    offered = _wanted(ctx, debt, request, "offered")
    total = typed(ctx, debt, request, "total") or balance(ctx, debt, agreed_on)
    if not request.pay_by:
        raise InputError(
            "pay_by is missing; a settlement is paid by a day.",
            field="pay_by",
            hint=N_("For example --pay-by 2027-01-31."),
        )
    pay_by = reading.parse_date(
        request.pay_by,
        today=ctx.today,
        field="pay_by",
        past=False,
        latest=ctx.today + FURTHEST_START,
    )
    if pay_by < agreed_on:
        raise InputError(
            "pay_by is {value}, before {day}, when it was agreed.",
            field="pay_by",
            hint=N_("Check the date."),
            value=pay_by.isoformat(),
            day=agreed_on.isoformat(),
        )
    parts = any((request.count, request.start, request.every, request.second_day, request.shift))
    rhythm = rhythm_of(ctx, debt, request) if parts else None
    made = patterns.settlement(
        total,
        offered_minor=offered,
        pay_by=pay_by,
        currency=debt.currency,
        days=rhythm.days(needed_count(request)) if rhythm else None,
    )
    rule = ctx.language.text(
        RULES[Pattern.SETTLEMENT_PARTS if parts else Pattern.SETTLEMENT],
        count=len(made.rows),
        offered=ctx.language.money(offered, debt.currency),
        pay_by=ctx.language.date(pay_by),
        total=ctx.language.money(total, debt.currency),
        forgiven=ctx.language.money(made.forgiven_minor, debt.currency),
    )
    return Made(
        rows=made.rows,
        rule=rule,
        kind="settlement",
        forgiven_minor=made.forgiven_minor,
        every=rhythm.every if rhythm else None,
        second_day=rhythm.second_day if rhythm else None,
    )


Maker = Callable[[PersonContext, DebtRow, NewSchedule, Rhythm, date], Made]
MAKERS: dict[str, Maker] = {
    "balloon": _balloon,
    "step-up": _step_up,
    "seasonal": _seasonal,
    "token": _token,
}


def _wanted(ctx: PersonContext, debt: DebtRow, request: NewSchedule, name: str) -> int:
    found = typed(ctx, debt, request, name)
    if found is None:
        raise InputError(
            "{name} is missing; this kind of plan needs it.",
            field=name,
            hint=N_("`tracker plan agree --help` has examples."),
            name=name,
        )
    return found


def _weights(text: str) -> dict[int, int]:
    """Read "1:2, 7:0" (January double, July none); months not named weigh 1."""
    found: dict[int, int] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        month, _, weight = (each.strip() for each in part.partition(":"))
        if not (_is_number(month) and _is_number(weight)) or int(month) in found:
            raise InputError(
                "months is {value!r}; it is month:weight, by commas.",
                field="months",
                hint=N_("For example 7:0,12:2: nothing in July, December double."),
                value=part[:40],
            )
        if not 1 <= int(month) <= 12:
            raise InputError(
                "months is {value!r}; months are 1 to 12.",
                field="months",
                hint=N_("January is 1, December is 12."),
                value=part[:40],
            )
        found[int(month)] = int(weight)
    return dict.fromkeys(range(1, 13), 1) | found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6
