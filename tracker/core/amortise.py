"""Instalments with interest in them: a level payment found, or a payment given.

The interest of each row runs on what was owed before it, from the due day
before (at first `starts_on`) to its own, and is rounded half up once per row;
what an instalment pays beyond it lowers the balance. Everything is a whole
number: no payment divides exactly, so the last row takes the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, NoReturn

from tracker.core import money
from tracker.core.dates import MOST
from tracker.core.daycount import Basis
from tracker.core.interest import UNIT, Rate, rounded
from tracker.core.periods import N_
from tracker.core.schedule import Row, check_days, check_total, equal, fixed
from tracker.errors import InputError

RULE = N_(
    "{count} × {every} from {start}: {amount} each, the last takes the rest; interest at {rate}"
    " ({basis}) on what is still owed, rounded half up for each instalment."
)
"""How the rows came about; at a rate of 0 without a payment it is the rule of equal parts."""


class Level(StrEnum):
    """Which whole payment is the level one, where the exact one lies between two."""

    UP = "up"  # the smaller of those that leave a last row not larger than themselves
    NEAREST = "nearest"  # the one whose last row differs least, as most lenders round


def amortise(
    principal_minor: int,
    days: Sequence[date],
    *,
    starts_on: date,
    rate: Rate,
    basis: Basis,
    currency: str,
    payment_minor: int | None = None,
    level: Level = Level.UP,
) -> list[Row]:
    """Rows on `days` that pay the principal off with its interest.

    Without `payment_minor` all rows but the last are the level payment: the
    smallest for which the last row is not larger. Where that one would be done
    before the last day (many rows of few units), it is one unit less, and the
    last row is larger. `Level.NEAREST` takes of the two payments around the
    exact one that whose last row differs least from it, the larger when both
    do. A rate of 0 makes equal parts, of which the last takes the remainder.

    With `payment_minor` (as a creditor states it) the last row takes the rest,
    however large. InputError names `total` or `days`; `count` when so many
    rows would be too small to cover the interest of each period; `amount` when
    the payment does not cover it or pays off too early.
    """
    check_total(principal_minor)
    check_days(days)
    if payment_minor is None and rate.ppb == 0:
        return equal(principal_minor, days)
    units = _units(starts_on, days, rate, basis)
    if payment_minor is None:
        payment_minor = _level(principal_minor, units, level)
    else:
        _check_payment(principal_minor, units, fixed(payment_minor, "amount"), currency)
    return _rows(days, payment_minor, _run(principal_minor, units, payment_minor))


def amortise_by_payment(
    principal_minor: int,
    payment_minor: int,
    days: Callable[[int], list[date]],
    *,
    starts_on: date,
    rate: Rate,
    basis: Basis,
    currency: str,
) -> list[Row]:
    """As many rows of `payment_minor` as it takes; the last takes the rest, which is not more.

    `days` gives so many due days when it is told the number; the days of a
    smaller number are the first ones of a larger. InputError names `total`,
    `days`, or `amount` with the smallest payment that is done within `MOST`
    rows, when this one is not.
    """
    check_total(principal_minor)
    fixed(payment_minor, "amount")
    due = days(MOST)
    check_days(due)
    units = _units(starts_on, due, rate, basis)
    run = _run(principal_minor, units, payment_minor)
    if run.stalls or run.owed > payment_minor:
        least = money.plain(_least_done(principal_minor, units), currency)
        if run.stalls:
            _refuse_stalling(payment_minor, run, least, currency)
        raise InputError(
            "amount is {value}; the debt would not be paid off within {most} instalments.",
            field="amount",
            hint="The smallest that works is {least}.",
            value=money.plain(payment_minor, currency),
            most=MOST,
            least=least,
        )
    return _rows(due[: len(run.interests)], payment_minor, run)


def eaten(
    bearing_minor: int, rows: Sequence[Row], *, starts_on: date, rate: Rate, basis: Basis
) -> tuple[Row, int] | None:
    """The first of given rows that is no more than the interest until its day, and that interest.

    Not the last: with it nothing is left to fall. Every unit paid beyond the interest
    is taken to lower `bearing_minor`, what bears it. None where every row is more.
    """
    days = [row.due_on for row in rows]
    if len(days) < 2:
        return None
    balance = bearing_minor
    for row, unit in zip(rows[:-1], _units(starts_on, days, rate, basis), strict=False):
        interest = rounded(balance * unit, UNIT)
        if interest and row.amount_minor <= interest:
            return row, interest
        balance = max(balance + interest - row.amount_minor, 0)
    return None


def least_falling(
    bearing_minor: int, rows: Sequence[Row], *, starts_on: date, rate: Rate, basis: Basis
) -> int:
    """The smallest equal part of the rows' total of which none is eaten, in as many or fewer."""
    total = sum(row.amount_minor for row in rows)

    def works(payment: int) -> bool:
        parts = [replace(row, amount_minor=payment) for row in rows[: -(-total // payment)]]
        return eaten(bearing_minor, parts, starts_on=starts_on, rate=rate, basis=basis) is None

    return _least(works, total, low=-(-total // len(rows)))


class _Run(NamedTuple):
    """What a payment does: the interest of each row, and what is owed on the day of the last."""

    interests: list[int]
    owed: int
    stalls: bool  # the last of these rows is not done, and the payment covers no more than interest


def _run(principal_minor: int, units: Sequence[int], payment: int) -> _Run:
    """Pay until nothing is left, the days are over, or the balance does not fall.

    The more is paid, the lower is every balance and, since rounding keeps the
    order, every interest: what a larger payment reaches, `_least` can bisect.
    """
    balance = principal_minor
    interests: list[int] = []
    last = len(units) - 1
    for i, unit in enumerate(units):
        interest = rounded(balance * unit, UNIT)
        interests.append(interest)
        owed = balance + interest
        if i == last or owed <= payment:
            return _Run(interests, owed, False)
        if interest >= payment:
            return _Run(interests, owed, True)
        balance = owed - payment
    raise ValueError("no days to pay on")


def _units(starts_on: date, days: Sequence[date], rate: Rate, basis: Basis) -> list[int]:
    """What one minor unit earns in the period of each row, as `Rate.units` counts it."""
    if days[0] < starts_on:
        raise InputError(
            "{day} comes before {start}, the day from which interest runs.",
            field="days",
            hint="Choose a later first due day.",
            day=days[0].isoformat(),
            start=starts_on.isoformat(),
        )
    return [rate.units(start, end, basis) for start, end in pairwise([starts_on, *days])]


def _level(principal_minor: int, units: Sequence[int], level: Level) -> int:
    up = _least_done(principal_minor, units)
    run = _run(principal_minor, units, up)
    below = _run(principal_minor, units, up - 1) if up > 1 else None
    usable = below is not None and not below.stalls
    if len(run.interests) == len(units):
        nearer = below is not None and below.owed - (up - 1) < up - run.owed
        return up - 1 if level is Level.NEAREST and usable and nearer else up
    if usable:
        return up - 1
    if below is not None:
        raise InputError(
            "In {count} instalments some would not cover their interest; {fewer} are enough.",
            field="count",
            hint="Choose fewer instalments.",
            count=len(units),
            fewer=len(run.interests),
        )
    raise InputError(
        "The total is too small for {count} instalments; {fewer} are enough.",
        field="total",
        hint="Choose fewer instalments.",
        count=len(units),
        fewer=len(run.interests),
    )


def _check_payment(principal_minor: int, units: Sequence[int], payment: int, currency: str) -> None:
    run = _run(principal_minor, units, payment)
    if run.stalls:
        least = _least(
            lambda each: not _run(principal_minor, units, each).stalls,
            _all_at_once(principal_minor, units),
        )
        _refuse_stalling(payment, run, money.plain(least, currency), currency)
    if len(run.interests) < len(units):
        raise InputError(
            "amount is {value}; the debt is paid off after {fewer} instalments, not {count}.",
            field="amount",
            hint="Choose fewer instalments or a smaller amount.",
            value=money.plain(payment, currency),
            fewer=len(run.interests),
            count=len(units),
        )


def _refuse_stalling(payment: int, run: _Run, least: str, currency: str) -> NoReturn:
    raise InputError(
        "amount is {value}, and the interest alone is {interest}; the balance would not fall.",
        field="amount",
        hint="The smallest that works is {least}.",
        value=money.plain(payment, currency),
        interest=money.plain(run.interests[-1], currency),
        least=least,
    )


def _least_done(principal_minor: int, units: Sequence[int]) -> int:
    """The smallest payment whose last row is not larger."""

    def done(payment: int) -> bool:
        run = _run(principal_minor, units, payment)
        return not run.stalls and run.owed <= payment

    return _least(done, _all_at_once(principal_minor, units))


def _all_at_once(principal_minor: int, units: Sequence[int]) -> int:
    """A payment that always works: everything on the first day."""
    return _run(principal_minor, units[:1], 1).owed


def _least(works: Callable[[int], bool], high: int, low: int = 1) -> int:
    """The smallest payment from `low` on that works, by halving.

    `high` works, and so does every payment above one that does.
    """
    while low < high:
        middle = (low + high) // 2
        if works(middle):
            high = middle
        else:
            low = middle + 1
    return high


def _rows(days: Sequence[date], payment: int, run: _Run) -> list[Row]:
    amounts = [payment] * (len(days) - 1) + [run.owed]
    check_total(max(amounts))
    return [
        Row(due_on=day, amount_minor=amount, interest_minor=interest)
        for day, amount, interest in zip(days, amounts, run.interests, strict=True)
    ]
