"""Lengths of time in rules, and where a rule comes from."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Confidence = Literal["low", "medium", "high"]


def N_(msgid: str) -> str:
    """Mark a sentence for the catalogs; core does not translate."""
    return msgid


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), at most the last of that month.

    31 January + 1 month is 28 or 29 February; 29 February + 1 year is 28 February.
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(day.day, last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A length as a rule states it.

    Days are added first, then years and months in one step. Working days are
    Monday to Friday; public holidays are not known here.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    working_days: int = 0

    def after(self, start: date) -> date:
        day = start + timedelta(days=self.days)
        left = self.working_days
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < 5
        return add_months(day, 12 * self.years + self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a rule can be read. A few have no public address."""

    title: str
    ref: str
    url: str | None = None
