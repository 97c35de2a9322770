"""Day counts: which part of a year lies between two days, as whole numbers.

Interest is principal × annual rate × year fraction, and agreements differ in
what fraction of a year a span of days is. Each convention here is one that
agreements name; the ISDA ones are cited by the 2006 ISDA Definitions, section
4.16. The first day counts, the last does not.

A fraction is given in units of 1/`YEAR` of a year, a number that 360, 365, 366
and 12 all divide, so that no convention has to round.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import assert_never

YEAR = 1_603_080
"""Units of one whole year: the least common multiple of 360 and 365 × 366."""

_DAY_OF_360 = YEAR // 360
_DAY_OF_365 = YEAR // 365
_DAY_OF_366 = YEAR // 366
_MONTH = YEAR // 12


class Basis(StrEnum):
    """A day-count convention, by the name that agreements use."""

    ACT_365F = "act/365f"
    ACT_360 = "act/360"
    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30e/360"
    ACT_ACT = "act/act"
    MONTHLY = "monthly"


def year_units(start: date, end: date, basis: Basis) -> int:
    """The part of a year from `start` to `end`, times `YEAR`; exact, never negative.

    - `act/365f`: days ÷ 365, leap year or not. ISDA 2006 §4.16 (d).
    - `act/360`: days ÷ 360. ISDA 2006 §4.16 (e).
    - `30/360` (bond basis): months of 30 days; a first day 31 is a 30, and a
      last day 31 is one only when the first is 30 or 31. ISDA 2006 §4.16 (f).
    - `30e/360` (eurobond basis): both days 31 are 30. ISDA 2006 §4.16 (g).
    - `act/act`: the days in leap years ÷ 366, the others ÷ 365. ISDA 2006
      §4.16 (b).
    - `monthly`: whole months are a twelfth each, however long; a broken month
      is counted by `30/360`. Months are whole from a day to the same day, and
      where the shorter month has no such day, to or from its last one (31
      January to 28 February, 28 February to 31 March). The rule of QuantLib's
      SimpleDayCounter.

    `30/360` and `monthly` do not add up: the parts of a span may come to more
    or less than the span (29 to 30 to 31 January is one day, 29 to 31 is two).
    Who splits a span must say where. The others, `30e/360` too, add up.

    ValueError when `end` is before `start`.
    """
    days = end.toordinal() - start.toordinal()
    if days < 0:
        raise ValueError(f"the period ends on {end}, before it starts on {start}")
    if basis is Basis.ACT_365F:
        return days * _DAY_OF_365
    if basis is Basis.ACT_360:
        return days * _DAY_OF_360
    if basis is Basis.ACT_ACT:
        return _actual(start, end, days)
    if basis is Basis.MONTHLY:
        return _monthly(start, end)
    if basis is Basis.THIRTY_360:
        return _thirty(start, end) * _DAY_OF_360
    if basis is Basis.THIRTY_E_360:
        return _thirty_e(start, end) * _DAY_OF_360
    assert_never(basis)


def _actual(start: date, end: date, days: int) -> int:
    """Each day as a part of the calendar year it lies in."""
    first, last = start.year, end.year
    if first == last:
        return days * (_DAY_OF_366 if _is_leap(first) else _DAY_OF_365)
    # What is left of the first year, whole years, what has gone of the last.
    before = start.toordinal() - date(first, 1, 1).toordinal()
    after = end.toordinal() - date(last, 1, 1).toordinal()
    return (
        (last - first) * YEAR
        - before * (_DAY_OF_366 if _is_leap(first) else _DAY_OF_365)
        + after * (_DAY_OF_366 if _is_leap(last) else _DAY_OF_365)
    )


def _thirty(start: date, end: date) -> int:
    """Days of bond basis."""
    first, last = start.day, end.day
    if first >= 30:
        first = 30
        if last == 31:
            last = 30
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _thirty_e(start: date, end: date) -> int:
    """Days of eurobond basis."""
    first, last = start.day, end.day
    if first == 31:
        first = 30
    if last == 31:
        last = 30
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _monthly(start: date, end: date) -> int:
    # Of all whole months, 30/360 breaks only those to or from a shorter February.
    first, last = start.day, end.day
    if (first > last and _ends_february(end)) or (first < last and _ends_february(start)):
        return (12 * (end.year - start.year) + end.month - start.month) * _MONTH
    return _thirty(start, end) * _DAY_OF_360


def _ends_february(day: date) -> bool:
    return day.month == 2 and day.day == (29 if _is_leap(day.year) else 28)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
