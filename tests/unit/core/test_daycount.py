"""Day counts, by figures worked out on paper."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from math import lcm

import pytest

from tracker.core.daycount import YEAR, Basis, year_units


def fraction(start: str, end: str, basis: Basis) -> Fraction:
    return Fraction(
        year_units(date.fromisoformat(start), date.fromisoformat(end), basis),
        YEAR,
    )


def test_a_year_is_cut_so_finely_that_no_convention_rounds() -> None:
    assert lcm(360, 365 * 366, 12) == YEAR


@pytest.mark.parametrize(
    ("basis", "january", "april"),
    [
        (Basis.ACT_360, 4305_56, 4166_67),
        (Basis.ACT_365F, 4246_58, 4109_59),
        (Basis.ACT_ACT, 4246_58, 4109_59),
        (Basis.THIRTY_360, 4166_67, 4166_67),
        (Basis.THIRTY_E_360, 4166_67, 4166_67),
        (Basis.MONTHLY, 4166_67, 4166_67),
    ],
)
def test_a_million_at_five_percent_for_31_and_for_30_days(
    basis: Basis, january: int, april: int
) -> None:
    cents_a_year = 50_000_00
    assert round(cents_a_year * fraction("2027-01-01", "2027-02-01", basis)) == january
    assert round(cents_a_year * fraction("2027-04-01", "2027-05-01", basis)) == april


@pytest.mark.parametrize("basis", Basis)
def test_a_day_is_no_time_after_itself(basis: Basis) -> None:
    for day in ("2027-01-01", "2027-01-31", "2028-02-29", "2027-02-28"):
        assert fraction(day, day, basis) == 0


@pytest.mark.parametrize("basis", Basis)
def test_a_period_that_ends_before_it_starts_is_the_caller_s_mistake(basis: Basis) -> None:
    with pytest.raises(ValueError, match="ends on 2027-03-01, before it starts on 2027-03-02"):
        fraction("2027-03-02", "2027-03-01", basis)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2027-01-01", "2028-01-01", 365),
        ("2028-01-01", "2029-01-01", 366),
        ("2028-02-28", "2028-03-01", 2),
        ("2027-02-28", "2027-03-01", 1),
        ("1900-02-28", "1900-03-01", 1),
        ("2000-02-28", "2000-03-01", 2),
        ("2027-01-31", "2027-03-31", 59),
    ],
)
def test_actual_days_are_counted_over_a_fixed_year(start: str, end: str, days: int) -> None:
    assert fraction(start, end, Basis.ACT_365F) == Fraction(days, 365)
    assert fraction(start, end, Basis.ACT_360) == Fraction(days, 360)


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        # Within one year, and from one new year to the next.
        ("2027-01-01", "2027-02-01", Fraction(31, 365)),
        ("2028-01-01", "2028-02-01", Fraction(31, 366)),
        ("2027-01-01", "2028-01-01", Fraction(1)),
        ("2028-01-01", "2029-01-01", Fraction(1)),
        # 31 December is still in the old year.
        ("2027-12-31", "2028-01-01", Fraction(1, 365)),
        ("2028-12-31", "2029-01-01", Fraction(1, 366)),
        ("2027-12-31", "2028-01-02", Fraction(1, 365) + Fraction(1, 366)),
        # 1 November 2003 to 1 May 2004, 61 and 121 days: the example of the
        # ISDA memorandum on the Actual/Actual method (1998).
        ("2003-11-01", "2004-05-01", Fraction(61, 365) + Fraction(121, 366)),
        # Two whole years between, the centuries' rule in the last.
        ("2097-07-02", "2100-07-02", Fraction(183, 365) + 2 + Fraction(182, 365)),
        ("2000-07-01", "2001-07-01", Fraction(184, 366) + Fraction(181, 365)),
    ],
)
def test_act_act_counts_each_day_in_its_own_year(start: str, end: str, wanted: Fraction) -> None:
    assert fraction(start, end, Basis.ACT_ACT) == wanted


@pytest.mark.parametrize(
    ("start", "end", "bond", "eurobond"),
    [
        ("2027-01-01", "2027-02-01", 30, 30),
        ("2027-01-15", "2028-01-15", 360, 360),
        ("2027-12-15", "2028-01-14", 29, 29),
        # Both are 31; the first alone; the first is 30.
        ("2027-01-31", "2027-03-31", 60, 60),
        ("2027-01-31", "2027-04-01", 61, 61),
        ("2027-01-30", "2027-03-31", 60, 60),
        ("2027-01-30", "2027-01-31", 0, 0),
        ("2027-01-31", "2027-02-01", 1, 1),
        # The last is 31, the first is neither: here the two differ.
        ("2027-01-29", "2027-01-31", 2, 1),
        ("2027-01-01", "2027-01-31", 30, 29),
        ("2027-02-28", "2027-03-31", 33, 32),
        ("2028-02-29", "2028-03-31", 32, 31),
        # February's last day is no 30 in either.
        ("2027-02-28", "2027-03-01", 3, 3),
        ("2028-02-29", "2028-03-01", 2, 2),
        ("2028-02-28", "2028-02-29", 1, 1),
        ("2027-01-31", "2027-02-28", 28, 28),
    ],
)
def test_months_of_thirty_days(start: str, end: str, bond: int, eurobond: int) -> None:
    assert fraction(start, end, Basis.THIRTY_360) == Fraction(bond, 360)
    assert fraction(start, end, Basis.THIRTY_E_360) == Fraction(eurobond, 360)


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("2027-01-15", "2027-02-15", Fraction(1, 12)),
        ("2027-02-15", "2027-03-15", Fraction(1, 12)),
        ("2027-11-15", "2029-02-15", Fraction(15, 12)),
        # The shorter month ends it, or starts it.
        ("2027-01-31", "2027-02-28", Fraction(1, 12)),
        ("2027-01-29", "2027-02-28", Fraction(1, 12)),
        ("2028-01-31", "2028-02-29", Fraction(1, 12)),
        ("2027-03-31", "2027-04-30", Fraction(1, 12)),
        ("2027-02-28", "2027-03-31", Fraction(1, 12)),
        ("2027-02-28", "2027-03-29", Fraction(1, 12)),
        ("2027-04-30", "2027-05-31", Fraction(1, 12)),
        # In a leap year the 28th is not the end of February.
        ("2028-01-31", "2028-02-28", Fraction(28, 360)),
        ("2028-02-28", "2028-03-31", Fraction(33, 360)),
        ("2100-01-31", "2100-02-28", Fraction(1, 12)),
        # A month and a day, all of it by 30/360; a month less a day.
        ("2027-01-15", "2027-02-16", Fraction(31, 360)),
        ("2027-01-15", "2027-02-14", Fraction(29, 360)),
        ("2027-01-30", "2027-01-31", Fraction(0)),
        ("2027-03-31", "2027-04-29", Fraction(29, 360)),
    ],
)
def test_whole_months_are_twelfths(start: str, end: str, wanted: Fraction) -> None:
    assert fraction(start, end, Basis.MONTHLY) == wanted


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("year", [2027, 2028, 2100])
def test_the_end_of_every_month_is_known(year: int, month: int) -> None:
    """From a 31 December, the last day makes the month whole, the day before is 30/360."""
    start, last = date(year - 1, 12, 31), date(year, month, monthrange(year, month)[1])
    assert year_units(start, last, Basis.MONTHLY) == YEAR * month // 12
    before = 30 * (month - 1) + last.day - 1
    assert year_units(start, last - timedelta(days=1), Basis.MONTHLY) == YEAR * before // 360


@pytest.mark.parametrize(
    ("basis", "name"),
    [
        (Basis.ACT_365F, "act/365f"),
        (Basis.ACT_360, "act/360"),
        (Basis.THIRTY_360, "30/360"),
        (Basis.THIRTY_E_360, "30e/360"),
        (Basis.ACT_ACT, "act/act"),
        (Basis.MONTHLY, "monthly"),
    ],
)
def test_a_convention_is_stored_by_its_usual_name(basis: Basis, name: str) -> None:
    assert Basis(name) is basis
    assert len(Basis) == 6


def test_where_a_span_is_split_matters_to_some_conventions() -> None:
    """What the docstring warns of: 29 to 31 January is two days, in halves one."""
    whole = fraction("2027-01-29", "2027-01-31", Basis.THIRTY_360)
    halves = [
        fraction("2027-01-29", "2027-01-30", Basis.THIRTY_360),
        fraction("2027-01-30", "2027-01-31", Basis.THIRTY_360),
    ]
    assert whole == Fraction(2, 360)
    assert sum(halves) == Fraction(1, 360)
