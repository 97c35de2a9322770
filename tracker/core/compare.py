"""Two schedules side by side: what they come to, when they end, what a month costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.core.interest import rounded
from tracker.core.periods import add_months
from tracker.core.schedule import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one schedule asks for. `ends_on` is None when it has no rows, all else then 0.

    A month is a calendar month; the average is over all months from that of
    the first row to that of the last, with those without a row, rounded half up.
    """

    count: int
    total_minor: int
    interest_minor: int
    ends_on: date | None
    highest_month_minor: int
    average_month_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The schedule that was, and the one that is to be."""

    old: Figures
    new: Figures


def burden(rows: Sequence[Row]) -> list[tuple[date, int]]:
    """The first day of each month from the first row to the last, and what falls due in it.

    Months between rows that ask for nothing stand there with 0. The order of
    `rows` does not matter.
    """
    months: defaultdict[date, int] = defaultdict(int)
    for row in rows:
        months[row.due_on.replace(day=1)] += row.amount_minor
    if not months:
        return []
    month, last = min(months), max(months)
    found = [(month, months[month])]
    while month < last:
        month = add_months(month, 1)
        found.append((month, months.get(month, 0)))
    return found


def figures(rows: Sequence[Row]) -> Figures:
    """The figures of one schedule."""
    months = [minor for _, minor in burden(rows)]
    return Figures(
        count=len(rows),
        total_minor=sum(row.amount_minor for row in rows),
        interest_minor=sum(row.interest_minor for row in rows),
        ends_on=max((row.due_on for row in rows), default=None),
        highest_month_minor=max(months, default=0),
        average_month_minor=rounded(sum(months), len(months)) if months else 0,
    )


def compare(old_rows: Sequence[Row], new_rows: Sequence[Row]) -> Compared:
    """Both schedules' figures; either may be empty, as when nothing was left to pay."""
    return Compared(old=figures(old_rows), new=figures(new_rows))
