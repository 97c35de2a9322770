"""Interest, penalty interest and late fees as terms of a debt, and the sums they make.

Rates are whole parts per billion (0.05 % is 500,000), so that 1.75 basis points a
day is exact. Nothing here is inferred from a currency or a country: it is what
the contract says, from a date on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.core.components import Component
from tracker.core.daycount import YEAR, Basis, year_units
from tracker.core.reading import refuse_empty, refuse_foreign_digits, shown
from tracker.errors import InputError

BILLION = 10**9
UNIT = BILLION * YEAR
"""Interest is summed in whole units of 1/UNIT of a minor unit, without any rounding."""

MOST_YEARLY = 10 * BILLION
"""1,000 % a year; above the dearest payday loans, and far below basis points typed as percent."""


class Per(StrEnum):
    YEAR = "year"
    DAY = "day"


class Compounding(StrEnum):
    """When unpaid interest begins to bear interest itself; NONE is simple interest."""

    NONE = "none"
    DAILY = "daily"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


COMPOUNDING_MONTHS = {Compounding.MONTHLY: 1, Compounding.QUARTERLY: 3, Compounding.YEARLY: 12}


class Rounding(StrEnum):
    """Each posting is rounded half up; what that gains or loses is carried on, or dropped."""

    CARRY = "carry"
    EACH = "each"


class Times(StrEnum):
    """How often a late fee is charged: for each missed due date, or every month in arrears."""

    ONCE = "once"
    MONTHLY = "monthly"


class Reach(StrEnum):
    """What penalty interest runs on: the overdue part alone, or the whole principal."""

    OVERDUE = "overdue"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`ppb` parts per billion for each year or day."""

    ppb: int
    per: Per = Per.YEAR

    def units(self, start: date, end: date, basis: Basis) -> int:
        """What 1 minor unit earns from `start` until before `end`, in 1/UNIT minor units."""
        if self.per is Per.DAY:
            return self.ppb * YEAR * (end - start).days
        return self.ppb * year_units(start, end, basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """Interest on what is overdue: a rate of its own, or a share above the contract rate.

    `above_ppb` is a share of the contract rate: 500,000,000 is half as much again
    (CN 罚息, 银发 2003 年 251 号). `instead`: on the overdue part it takes the place of
    the contract interest; otherwise it comes on top.
    """

    rate: Rate | None = None
    above_ppb: int | None = None
    reach: Reach = Reach.OVERDUE
    instead: bool = False

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.above_ppb is None):
            raise InputError(
                "Penalty interest has a rate of its own or a share above the contract rate.",
                field="penalty",
                hint="Give one of the two.",
            )

    def at(self, contract: Rate | None) -> Rate | None:
        """The rate on the overdue part; None where there is no contract rate to stand above."""
        if self.rate is not None or contract is None or self.above_ppb is None:
            return self.rate
        # With `instead` the whole raised rate, otherwise only what it is raised by.
        share = self.above_ppb + (BILLION if self.instead else 0)
        return Rate(ppb=contract.ppb * share // BILLION, per=contract.per)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFee:
    """A flat sum, or a share of the overdue part between `least_minor` and `most_minor`."""

    flat_minor: int | None = None
    share_ppb: int | None = None
    least_minor: int = 0
    most_minor: int | None = None
    times: Times = Times.ONCE

    def __post_init__(self) -> None:
        if (self.flat_minor is None) == (self.share_ppb is None):
            raise InputError(
                "A late fee is a flat sum or a share of the overdue part.",
                field="late_fee",
                hint="Give one of the two.",
            )
        if self.most_minor is not None and self.most_minor < self.least_minor:
            raise InputError(
                "The late fee's cap is below its minimum.",
                field="late_fee_cap",
                hint="Look at both once more.",
            )

    def on(self, overdue_minor: int) -> int:
        """The fee on an overdue part, rounded half up; 0 where nothing is overdue."""
        if overdue_minor <= 0:
            return 0
        if self.flat_minor is not None:
            return self.flat_minor
        assert self.share_ppb is not None
        fee = max(rounded(overdue_minor * self.share_ppb, BILLION), self.least_minor)
        return fee if self.most_minor is None else min(fee, self.most_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a debt from `from_on` on, until the next ones.

    `bears` are the components that contract interest runs on beside nothing else;
    interest itself joins them by compounding alone. Grace is in days after a due
    date, in which neither penalty interest nor a late fee begins. `compounds_on` is
    the day of the month (clamped to its end) of monthly and longer compounding.
    """

    from_on: date
    rate: Rate | None = None
    basis: Basis = Basis.ACT_365F
    compounding: Compounding = Compounding.NONE
    compounds_on: int | None = None
    grace_days: int = 0
    penalty: Penalty | None = None
    late_fee: LateFee | None = None
    bears: frozenset[Component] = frozenset({Component.PRINCIPAL})
    rounding: Rounding = Rounding.CARRY


def rounded(numerator: int, denominator: int) -> int:
    """Half up (towards plus infinity), in whole numbers; `denominator` above 0."""
    return (2 * numerator + denominator) // (2 * denominator)


def interest_minor(base_minor: int, rate: Rate, start: date, end: date, basis: Basis) -> int:
    """The interest of one period, rounded half up once."""
    return rounded(base_minor * rate.units(start, end, basis), UNIT)


_RATE = re.compile(
    r"(?P<number>[0-9]+(?:[.,][0-9]+)?)\s*(?P<unit>%|％|percent|per cent|bps|bp|‰)?\s*"
    r"(?P<per>.*)",
    re.IGNORECASE,
)
_PERS = {
    **dict.fromkeys(
        ("", "a year", "per year", "/year", "/y", "p.a.", "pa", "yearly", "/年", "年"), 1
    ),
    **dict.fromkeys(("a month", "per month", "/month", "monthly", "/月", "月"), 12),
    **dict.fromkeys(("a day", "per day", "/day", "/d", "daily", "/日", "/天", "日", "天"), 0),
}
_PPB = {"%": 10**7, "％": 10**7, "percent": 10**7, "per cent": 10**7, "‰": 10**6}
_PPB |= {"bps": 10**5, "bp": 10**5}


def parse_rate(text: str, *, field: str = "rate", decimal_mark: str = ".") -> Rate:
    """Read "18.25%", "0.05% a day", "1.5% a month" (twelve times as much a year), "1825 bps".

    Raises InputError for a number without a unit (percent and basis points are a
    hundredfold apart), for more than 1,000 % a year, and for more decimals than
    parts per billion hold.
    """
    ppb, per, _ = _read(text, field, decimal_mark)
    rate = Rate(ppb=ppb, per=Per.DAY) if per == 0 else Rate(ppb=ppb * per, per=Per.YEAR)
    yearly = rate.ppb * (365 if rate.per is Per.DAY else 1)
    if yearly > MOST_YEARLY:
        raise InputError(
            "{name} is {value!r}; that is above 1,000 % a year.",
            field=field,
            hint="If basis points were meant, write bps: 5000 bps is 50 %.",
            name=field,
            value=shown(text),
        )
    return rate


def parse_share(text: str, *, field: str, decimal_mark: str = ".") -> int:
    """Read a share such as "5%" or "50%" as parts per billion, up to 1,000 %."""
    ppb, _, said = _read(text, field, decimal_mark)
    if said or ppb > MOST_YEARLY:
        raise InputError(
            "{name} is {value!r}; a share is a percentage of an amount.",
            field=field,
            hint="Write it like 5%.",
            name=field,
            value=shown(text),
        )
    return ppb


def _read(text: str, field: str, mark: str) -> tuple[int, int, str]:
    """Parts per billion, how often a year (0: a day), and how that was said."""
    bare = text.strip()
    refuse_empty(bare, field=field, hint="Write a rate, for example 18.25% or 0.05% a day.")
    refuse_foreign_digits(bare, field=field)
    found = _RATE.fullmatch(bare)
    said = found["per"].strip().casefold() if found else ""
    per = _PERS.get(said)
    if found is None or per is None:
        raise InputError(
            "{name} is {value!r}; that cannot be read as a rate.",
            field=field,
            hint="Write it like 18.25%, 0.05% a day or 1825 bps.",
            name=field,
            value=shown(text),
        )
    if not found["unit"]:
        raise InputError(
            "{name} is {value!r}; percent or basis points is not said.",
            field=field,
            hint="Write {number}% or {number} bps.",
            name=field,
            value=shown(text),
            number=shown(found["number"]),
        )
    whole, _, decimals = found["number"].partition(mark)
    if not (whole + decimals).isdecimal():
        raise InputError(
            "{name} is {value!r}; here {mark!r} is the decimal mark.",
            field=field,
            hint="Write it like 18{mark}25%.",
            name=field,
            value=shown(text),
            mark=mark,
        )
    scale = _PPB[found["unit"].casefold()]
    decimals = decimals.rstrip("0")
    # Measured before they are read: Python refuses to read thousands of digits.
    long = len(whole) > 9 or len(decimals) > 9
    ppb, over = (0, 1) if long else divmod(int(whole + decimals) * scale, 10 ** len(decimals))
    if over:
        raise InputError(
            "{name} is {value!r}; so many digits are not kept.",
            field=field,
            hint="Seven decimals of a percent are.",
            name=field,
            value=shown(text),
        )
    return ppb, per, said


def rate_text(rate: Rate) -> str:
    """The rate as it can be typed again: "18.25%", "0.05% a day"."""
    return share_text(rate.ppb) + (" a day" if rate.per is Per.DAY else "")


def share_text(ppb: int) -> str:
    whole, decimals = divmod(ppb, 10**7)
    tail = f"{decimals:07d}".rstrip("0")
    return f"{whole}.{tail}%" if tail else f"{whole}%"
