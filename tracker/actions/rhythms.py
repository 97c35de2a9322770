"""What was typed of a schedule, and the rhythm of its due dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from tracker.actions import figures
from tracker.actions.office import PersonContext, Request
from tracker.actions.terms import working_day
from tracker.core import dates, money, reading
from tracker.core.dates import Every, Shift
from tracker.core.daycount import Basis
from tracker.core.interest import Rate
from tracker.core.schedule import Row
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import debts
from tracker.store.debts import DebtRow

Choice = TypeVar("Choice", bound=StrEnum)

FURTHEST_START = timedelta(days=5 * 366)


class NewSchedule(Request):
    kind: str | None = None
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
    interest: str | None = None
    rate: str | None = None
    basis: str | None = None
    balloon: str | None = None
    step: str | None = None
    step_every: str | None = None
    months: str | None = None
    offered: str | None = None
    pay_by: str | None = None
    review: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The rows, and the rule that made them, as it is printed with the plan.

    `interest` is what runs while the plan is kept (`contract`, `frozen`, `rate`);
    `every` and `second_day` are None for a list, which has no rhythm of its own.
    """

    rows: list[Row]
    rule: str
    kind: str
    interest: str = "contract"
    rate: Rate | None = None
    basis: Basis | None = None
    forgiven_minor: int | None = None
    review_on: date | None = None
    every: Every | None = None
    second_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The due dates of a rule, moved off days on which no money moves where that was agreed."""

    ctx: PersonContext
    debt: DebtRow
    start: date
    every: Every
    second_day: int | None
    shift: Shift

    def days(self, count: int) -> list[date]:
        found = dates.occurrences(self.start, self.every, count, second_day=self.second_day)
        return shifted(self.ctx, self.debt, self.shift, found)

    def told(self) -> dict[str, str]:
        """The places that every rule's sentence has."""
        return {"every": self.every.value, "start": self.ctx.language.date(self.start)}


def rhythm_of(ctx: PersonContext, debt: DebtRow, request: NewSchedule) -> Rhythm:
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
    every = choice(Every, request.every or Every.MONTHLY, "every")
    second_day = None
    if request.second_day:
        second_day = reading.parse_count(request.second_day, field="second_day", most=31)
    if every is Every.TWICE_MONTHLY:
        second_day = dates.other_day(start, second_day)
    return Rhythm(
        ctx=ctx,
        debt=debt,
        start=start,
        every=every,
        second_day=second_day,
        shift=choice(Shift, request.shift or Shift.NONE, "shift"),
    )


def needed_count(request: NewSchedule) -> int:
    if not request.count:
        raise InputError(
            "count is missing; say how many instalments, or how much each.",
            field="count",
            hint=N_("For example --count 12, or --amount 100."),
        )
    return reading.parse_count(request.count, field="count")


def typed(ctx: PersonContext, debt: DebtRow, request: NewSchedule, name: str) -> int | None:
    """The minor units of an amount in the request, None where it was left out."""
    value = getattr(request, name)
    if not value:
        return None
    return money.parse(value, debt.currency, decimal_mark=ctx.decimal_mark, field=name)


def balance(ctx: PersonContext, debt: DebtRow, agreed_on: date) -> int:
    """What was owed on the day of the agreement: what was paid later counts to the plan."""
    book = figures.gather(ctx, debt)
    day = max(agreed_on, book.opening.stated_on) if book else agreed_on
    found = figures.balance_on(book, day)
    if found is None or found <= 0:
        raise InputError(
            "total is missing, and no statement says what {debt} comes to.",
            field="total",
            hint=N_("Give --total, or add a statement first."),
            debt=debt.handle,
        )
    return found


def shifted(ctx: PersonContext, debt: DebtRow, rule: Shift, days: list[date]) -> list[date]:
    """Due dates moved off weekends and holidays, where the agreement says so."""
    if rule is Shift.NONE:
        return days
    works = working_day(ctx.person, debts.creditor(ctx.session, debt.creditor_id))
    moved = [dates.shift(day, rule, works) for day in days]
    if any(after <= before for before, after in pairwise(moved)):
        raise InputError(
            "shift is {value}, which moves two instalments onto one day.",
            field="shift",
            hint=N_("Choose another shift, or list the dates."),
            value=rule.value,
        )
    return moved


def choice(kind: type[Choice], typed: str, field: str) -> Choice:
    try:
        return kind(typed.strip().casefold())
    except ValueError:
        raise InputError(
            "{field} is {value!r}; it is one of {known}.",
            field=field,
            value=typed[:40],
            known=", ".join(each.value for each in kind),
        ) from None
