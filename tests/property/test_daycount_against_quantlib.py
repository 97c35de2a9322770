"""Day counts against QuantLib, an implementation that others trust their money to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import QuantLib as ql
from hypothesis import given
from hypothesis import strategies as st

from tracker.core.daycount import YEAR, Basis, year_units

PAIRS = 10_000
FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)

THEIRS = {
    Basis.ACT_365F: ql.Actual365Fixed(),
    Basis.ACT_360: ql.Actual360(),
    Basis.THIRTY_360: ql.Thirty360(ql.Thirty360.BondBasis),
    Basis.THIRTY_E_360: ql.Thirty360(ql.Thirty360.EurobondBasis),
    Basis.ACT_ACT: ql.ActualActual(ql.ActualActual.ISDA),
    Basis.MONTHLY: ql.SimpleDayCounter(),
}

# Where the fraction is a number of days over one fixed year. The two others
# have a number of days as well, but their fraction does not follow from it.
YEAR_OF = {
    Basis.ACT_365F: 365,
    Basis.ACT_360: 360,
    Basis.THIRTY_360: 360,
    Basis.THIRTY_E_360: 360,
}


def numbers(seed: int) -> Iterator[int]:
    """The same 32-bit numbers for the same seed, on every machine (Knuth's MMIX)."""
    while True:
        seed = (6364136223846793005 * seed + 1442695040888963407) % 2**64
        yield seed >> 32


def one_day(draw: Iterator[int]) -> date:
    """Half of them anywhere, half at the end of a month or around it."""
    day = FIRST + timedelta(days=next(draw) % ((LAST - FIRST).days + 1))
    kind = next(draw) % 8
    if kind < 4:
        return day
    if kind == 4:
        leap_year = 1992 + next(draw) % 27 * 4
        return date(leap_year, 2, 29)
    if kind == 5:
        return date(day.year, 3, 1) - timedelta(days=next(draw) % 3)
    end = date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)
    return end if kind == 6 else max(FIRST, end - timedelta(days=next(draw) % 3))


def pairs(seed: int) -> list[tuple[date, date]]:
    """Spans of up to 111 years, a third of them of no more than a hundred days."""
    draw = numbers(seed)
    made: list[tuple[date, date]] = []
    while len(made) < PAIRS:
        start, end = one_day(draw), one_day(draw)
        if next(draw) % 3 == 0:
            end = min(LAST, start + timedelta(days=next(draw) % 100))
        made.append((min(start, end), max(start, end)))
    return made


def theirs(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("basis", Basis)
def test_ten_thousand_spans_are_what_quantlib_says(basis: Basis) -> None:
    counter, year = THEIRS[basis], YEAR_OF.get(basis)
    compared = 0
    differences: list[str] = []
    for start, end in pairs(seed=list(Basis).index(basis)):
        units = year_units(start, end, basis)
        first, last = theirs(start), theirs(end)
        fraction = counter.yearFraction(first, last)
        same = abs(units / YEAR - fraction) < 1e-12
        if year is not None:
            same = same and units * year == counter.dayCount(first, last) * YEAR
        if not same:
            differences.append(f"{start} to {end}: {units}/{YEAR}, QuantLib {fraction}")
        compared += 1
    assert differences == []
    assert compared == 10_000


@pytest.mark.parametrize("seed", range(6))
def test_the_spans_compared_hold_the_hard_days(seed: int) -> None:
    made = pairs(seed)
    days = [day for pair in made for day in pair]
    assert len(made) == 10_000
    assert min(days) >= FIRST
    assert max(days) <= LAST
    assert sum((day + timedelta(days=1)).day == 1 for day in days) > 4_000
    assert sum((day.month, day.day) == (2, 29) for day in days) > 1_500
    assert sum(start == end for start, end in made) > 20
    assert sum(start.year == end.year for start, end in made) > 1_000
    assert len(set(made)) > 9_500


dates = st.dates(FIRST, LAST)


@pytest.mark.parametrize(
    "basis", [Basis.ACT_365F, Basis.ACT_360, Basis.ACT_ACT, Basis.THIRTY_E_360]
)
@given(days=st.lists(dates, min_size=3, max_size=3).map(sorted))
def test_the_parts_of_a_span_come_to_the_span(basis: Basis, days: list[date]) -> None:
    start, middle, end = days
    parts = year_units(start, middle, basis) + year_units(middle, end, basis)
    assert parts == year_units(start, end, basis)


@pytest.mark.parametrize("basis", Basis)
@given(start=dates, days=st.integers(0, 40_000))
def test_a_later_end_is_never_less(basis: Basis, start: date, days: int) -> None:
    end = start + timedelta(days=days)
    assert 0 <= year_units(start, end, basis) <= year_units(start, end + timedelta(1), basis)
