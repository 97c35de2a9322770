"""When money comes in, and which instalments lie badly against those days.

Two things are said, and no more, since nobody here knows what else a person lives on:
that an instalment is to be sent in the last days before money comes in, and that in
one pay period more is to be sent than comes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from tracker.core.dates import Every, month_day, other_day

TIGHT_DAYS = 3
"""So many days before money comes in an instalment lies badly."""

_DAYS = {Every.WEEKLY: 7, Every.FORTNIGHTLY: 14, Every.FOUR_WEEKLY: 28}
# By how long a period is; a quarter is too long to be lived through on one figure.
_PERIODS = (
    Every.MONTHLY,
    Every.FOUR_WEEKLY,
    Every.TWICE_MONTHLY,
    Every.FORTNIGHTLY,
    Every.WEEKLY,
    Every.QUARTERLY,
)
_LONGEST_PERIOD = timedelta(days=93)


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """Money that comes in on `anchor_on`, and from then on `every` so often (None: once).

    `amount_minor` of `currency` where it is known.
    """

    name: str
    anchor_on: date
    every: Every | None = None
    amount_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """An open instalment, to be sent by `send_on` where the person is. `key` is the caller's."""

    key: int
    send_on: date
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tight:
    """An instalment that is to be sent `days` (1 to 3) before `income` comes in on `on`."""

    coming: Coming
    income: Income
    on: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """From one pay day until before the next, more is to be sent than comes in. Half-open."""

    from_on: date
    until_on: date
    needed_minor: int
    arrives_minor: int
    currency: str


def days(income: Income, first: date, until: date) -> list[date]:
    """On which days from `first` until before `until` it comes in, in order.

    Counted from the anchor, never from the day before, and clamped to the end of the
    month: 31 January, 28 February, 31 March.
    """
    begin = max(first, income.anchor_on)
    if until <= begin:
        return []
    if income.every is None:
        return [income.anchor_on] if first <= income.anchor_on else []
    if income.every in _DAYS:
        step = _DAYS[income.every]
        skipped = -(-(begin - income.anchor_on).days // step)
        start = income.anchor_on + timedelta(days=skipped * step)
        return [
            start + timedelta(days=number * step)
            for number in range(-(-(until - start).days // step))
        ]
    return [day for day in _by_month(income.anchor_on, income.every, begin, until) if day >= begin]


def _by_month(anchor: date, every: Every, first: date, until: date) -> Iterator[date]:
    """From a day at or before `first` on."""
    step = 3 if every is Every.QUARTERLY else 1
    months = (first.year - anchor.year) * 12 + first.month - anchor.month
    months -= months % step
    of_month = [anchor.day]
    if every is Every.TWICE_MONTHLY:
        of_month = sorted((anchor.day, other_day(anchor, None)))
    while True:
        for number in of_month:
            day = month_day(anchor, months, number)
            if day >= until:
                return
            yield day
        months += step


def tight(incomes: Sequence[Income], coming: Iterable[Coming]) -> list[Tight]:
    """The instalments in the last days before money comes in, in the order given.

    Not where other money came in within as many days before.
    """
    found = []
    for each in coming:
        ahead = _arrivals(incomes, each.send_on, each.send_on + timedelta(days=TIGHT_DAYS + 1))
        lately = _arrivals(
            incomes, each.send_on - timedelta(days=TIGHT_DAYS), each.send_on + timedelta(days=1)
        )
        if ahead and not lately:
            on, income = ahead[0]
            found.append(Tight(coming=each, income=income, on=on, days=(on - each.send_on).days))
    return found


def short(incomes: Sequence[Income], coming: Sequence[Coming]) -> list[Short]:
    """The pay periods in which more is to be sent than comes in, in order.

    A period lasts from one day of the income with the longest rhythm (at most a month)
    to its next, and all that comes in meanwhile counts. Where an amount is not known,
    or comes in another currency, nothing is said.
    """
    every = next((each for each in _PERIODS if any(i.every is each for i in incomes)), None)
    if every is None or not coming:
        return []
    leading = next(each for each in incomes if each.every is every)
    first = min(each.send_on for each in coming)
    last = max(each.send_on for each in coming)
    bounds = days(leading, first - _LONGEST_PERIOD, last + _LONGEST_PERIOD)
    found = []
    for from_on, until_on in pairwise(bounds):
        arriving = [income for _, income in _arrivals(incomes, from_on, until_on)]
        if any(income.amount_minor is None for income in arriving):
            continue
        due = [each for each in coming if from_on <= each.send_on < until_on]
        for currency in sorted({each.currency for each in due}):
            needed = sum(each.amount_minor for each in due if each.currency == currency)
            arrives = sum(i.amount_minor or 0 for i in arriving if i.currency == currency)
            if 0 < arrives < needed:
                found.append(
                    Short(
                        from_on=from_on,
                        until_on=until_on,
                        needed_minor=needed,
                        arrives_minor=arrives,
                        currency=currency,
                    )
                )
    return found


def _arrivals(incomes: Sequence[Income], first: date, until: date) -> list[tuple[date, Income]]:
    found = [(day, income) for income in incomes for day in days(income, first, until)]
    return sorted(found, key=lambda each: each[0])
