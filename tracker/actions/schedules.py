"""The schedule of a plan, from a pasted list or from a rule, with the sentence that states it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from tracker.actions.office import PersonContext, Request
from tracker.actions.terms import working_day
from tracker.core import dates, money, reading, schedule
from tracker.core.dates import Every, Shift
from tracker.core.schedule import Remainder, Row
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import debts
from tracker.store.debts import DebtRow

Choice = TypeVar("Choice", bound=StrEnum)

FURTHEST_START = timedelta(days=5 * 366)


class NewSchedule(Request):
    rows: str | None = None
    total: str | None = None
    count: str | None = None
    amount: str | None = None
    every: str | None = None
    start: str | None = None
    second_day: str | None = None
    first: str | None = None
    last: str | None = None
    remainder: str | None = None
    shift: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The rows, and the rule that made them, as it is printed with the plan."""

    rows: list[Row]
    rule: str


def make(ctx: PersonContext, debt: DebtRow, request: NewSchedule) -> Made:
    """The agreed rows. Raises InputError for a list and a rule at once, or neither."""
    by_rule = {
        name: value
        for name in ("total", "count", "amount", "every", "start", "first", "last", "second_day")
        if (value := getattr(request, name))
    }
    if request.rows and request.rows.strip():
        if by_rule:
            raise InputError(
                "rows is a list, and {names} is a rule; a plan is made from one of them.",
                field="rows",
                hint=N_("Leave the list or the rule out."),
                names=", ".join(by_rule),
            )
        rows = schedule.custom(
            request.rows, debt.currency, today=ctx.today, decimal_mark=ctx.decimal_mark
        )
        rule = ctx.language.text("Dates and amounts as listed in the agreement.")
        return Made(rows=_shifted(ctx, debt, request, rows), rule=rule)
    return _from_rule(ctx, debt, request)


def _from_rule(ctx: PersonContext, debt: DebtRow, request: NewSchedule) -> Made:
    if not request.start:
        raise InputError(
            "start is missing; a plan needs a list of dates or a first date.",
            field="start",
            hint=N_("For example --start 2027-01-31 --count 12, or paste the list with --rows."),
        )
    start = reading.parse_date(request.start, today=ctx.today, field="start", past=False)
    if start > ctx.today + FURTHEST_START:
        raise InputError(
            "start is {value}, more than five years away.",
            field="start",
            hint=N_("Check the year."),
            value=start.isoformat(),
        )
    every = _choice(Every, request.every or Every.MONTHLY, "every")
    remainder = _choice(Remainder, request.remainder or Remainder.LAST, "remainder")
    second = (
        reading.parse_count(request.second_day, field="second_day", most=31)
        if request.second_day
        else None
    )

    def days(count: int) -> list[date]:
        return dates.occurrences(start, every, count, second_day=second)

    def parsed(name: str) -> int | None:
        value = getattr(request, name)
        if not value:
            return None
        return money.parse(value, debt.currency, decimal_mark=ctx.decimal_mark, field=name)

    count = reading.parse_count(request.count, field="count") if request.count else None
    total, amount, first, last = (parsed(each) for each in ("total", "amount", "first", "last"))
    if amount is not None and count is not None:
        # The amount and the number make the total, unless it is said and differs.
        if total is not None and total != amount * count:
            raise InputError(
                "total is {total}, but {count} × {amount} is {product}.",
                field="total",
                hint=N_("Leave out one of total, count and amount."),
                total=money.plain(total, debt.currency),
                count=count,
                amount=money.plain(amount, debt.currency),
                product=money.plain(amount * count, debt.currency),
            )
        total, amount = amount * count, None
    if total is None:
        total = _balance(ctx, debt)
    if amount is not None:
        if first is not None or last is not None:
            raise InputError(
                "amount is given, so first and last follow from it.",
                field="amount",
                hint=N_("Give the count to set a different first or last instalment."),
            )
        rows = schedule.by_amount(total, amount, days)
        rule = ctx.language.text(
            "{count} × {every} from {start}: {amount} each, the last takes the rest.",
            count=len(rows),
            every=every.value,
            start=ctx.language.date(start),
            amount=ctx.language.money(amount, debt.currency),
        )
        return Made(rows=_shifted(ctx, debt, request, rows), rule=rule)
    if count is None:
        raise InputError(
            "count is missing; say how many instalments, or how much each.",
            field="count",
            hint=N_("For example --count 12, or --amount 100."),
        )
    rows = schedule.equal(
        total, days(count), remainder=remainder, first_minor=first, last_minor=last
    )
    rule = ctx.language.text(
        _RULES[remainder],
        count=count,
        every=every.value,
        start=ctx.language.date(start),
    )
    return Made(rows=_shifted(ctx, debt, request, rows), rule=rule)


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


def _balance(ctx: PersonContext, debt: DebtRow) -> int:
    from tracker.actions.figures import balance_minor

    balance = balance_minor(ctx, debt)
    if balance is None or balance <= 0:
        raise InputError(
            "total is missing, and no statement says what {debt} comes to.",
            field="total",
            hint=N_("Give --total, or add a statement first."),
            debt=debt.handle,
        )
    return balance


def _shifted(ctx: PersonContext, debt: DebtRow, request: NewSchedule, rows: list[Row]) -> list[Row]:
    """Due dates moved off weekends and holidays, where the agreement says so."""
    rule = _choice(Shift, request.shift or Shift.NONE, "shift")
    if rule is Shift.NONE:
        return rows
    works = working_day(ctx.person, debts.creditor(ctx.session, debt.creditor_id))
    moved = [
        Row(due_on=dates.shift(row.due_on, rule, works), amount_minor=row.amount_minor)
        for row in rows
    ]
    if any(a.due_on >= b.due_on for a, b in pairwise(moved)):
        raise InputError(
            "shift is {value}, which moves two instalments onto one day.",
            field="shift",
            hint=N_("Choose another shift, or list the dates."),
            value=rule.value,
        )
    return moved


def _choice(kind: type[Choice], typed: str, field: str) -> Choice:
    try:
        return kind(typed.strip().casefold())
    except ValueError:
        raise InputError(
            "{field} is {value!r}; it is one of {known}.",
            field=field,
            value=typed[:40],
            known=", ".join(each.value for each in kind),
        ) from None
