"""Working days and recurrences against QuantLib, holidays and dateutil.

Whatever two of them can both say, they must say alike. What only this project
says, the end of a month in a rhythm that starts on the 29th to 31st, is held
against days written out by hand as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import holidays
import pytest
import QuantLib as ql
from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core import dates
from tracker.core.dates import MOST, Every, Shift
from tracker.rules.holidays import working_day

# moving a due date

RULES = {
    Shift.NONE: ql.Unadjusted,
    Shift.FOLLOWING: ql.Following,
    Shift.MODIFIED_FOLLOWING: ql.ModifiedFollowing,
    Shift.PRECEDING: ql.Preceding,
}
CALENDARS = {
    "weekends": ql.WeekendsOnly(),
    "UK": ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
    "US": ql.UnitedStates(ql.UnitedStates.Settlement),
    "TARGET": ql.TARGET(),
    "HK": ql.HongKong(),
    # Long closures, and Saturdays and Sundays that are worked.
    "CN interbank": ql.China(ql.China.IB),
    # The weekend is Friday and Saturday.
    "SA": ql.SaudiArabia(),
    "JP": ql.Japan(),
}


def span(first: int, last: int) -> Iterator[date]:
    """Every day of the years `first` to `last`."""
    day = date(first, 1, 1)
    while day.year <= last:
        yield day
        day += timedelta(days=1)


def theirs(day: date) -> ql.Date:
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("name", CALENDARS)
def test_a_due_date_moves_where_quantlib_moves_it(name: str) -> None:
    """Every day of twenty-three years, by each rule."""
    calendar = CALENDARS[name]
    business = {day: calendar.isBusinessDay(theirs(day)) for day in span(2003, 2029)}
    compared = moved = left_month = 0
    differences = []
    for day in span(2005, 2027):
        for rule, convention in RULES.items():
            ours = dates.shift(day, rule, business.__getitem__)
            adjusted = calendar.adjust(theirs(day), convention)
            if theirs(ours) != adjusted:
                differences.append(f"{day} by {rule}: {ours}, QuantLib {adjusted.ISO()}")
            compared += 1
            moved += ours != day
            left_month += ours.month != day.month
    assert differences == []
    assert compared == 4 * 8_400
    assert moved > 3 * 2_300
    assert left_month > 150


# which days are worked

PLACES = [
    ("GB", ql.UnitedKingdom(ql.UnitedKingdom.Settlement), 2000, 2027, []),
    ("GB-ENG", ql.UnitedKingdom(ql.UnitedKingdom.Settlement), 2000, 2027, []),
    # Juneteenth became law on the day before; QuantLib has it from 2022 on.
    ("US", ql.UnitedStates(ql.UnitedStates.Settlement), 2000, 2030, [date(2021, 6, 18)]),
    ("FI", ql.Finland(), 2000, 2030, []),
    # Both know what the State Council has announced, worked weekends and all.
    ("CN", ql.China(ql.China.IB), 2008, 2026, []),
]


@pytest.mark.parametrize(
    ("place", "calendar", "first", "last", "known"), PLACES, ids=[place[0] for place in PLACES]
)
def test_working_days_are_the_ones_quantlib_knows(
    place: str, calendar: ql.Calendar, first: int, last: int, known: list[date]
) -> None:
    is_working = working_day(place)
    differences = [
        day
        for day in span(first, last)
        if is_working(day) is not calendar.isBusinessDay(theirs(day))
    ]
    assert differences == known


# Weekends of Friday and Saturday, of Saturday and Sunday, of Friday and Sunday,
# and some that are worked; parts of countries. The project knows the weekend of
# today: the Emirates' was another one until 2022.
KNOWN_PLACES = [
    *((place, 2015) for place in "AU-NSW BN CA-QC CN DE-BY IL SA TW US-NY".split()),
    ("AE", 2022),
]


@pytest.mark.parametrize(("place", "first"), KNOWN_PLACES)
def test_working_days_are_the_ones_the_holidays_library_knows(place: str, first: int) -> None:
    country, _, part = place.partition("-")
    facts = holidays.country_holidays(country, subdiv=part or None)
    is_working = working_day(place)
    days = list(span(first, 2030))
    assert [day for day in days if is_working(day)] == [
        day for day in days if facts.is_working_day(day)
    ]


def test_saturdays_in_hong_kong_are_the_only_thing_known_better() -> None:
    """The library lists Sunday alone as its weekend; banks are closed on both."""
    facts = holidays.country_holidays("HK")
    is_working = working_day("HK")
    differences = [
        day for day in span(2015, 2030) if is_working(day) is not facts.is_working_day(day)
    ]
    assert {day.weekday() for day in differences} == {5}
    assert not any(is_working(day) for day in differences)


def test_every_holiday_of_the_library_is_kept_where_it_is_not_worked() -> None:
    """Looked up from the other side: the list of a year, not a day."""
    kept = 0
    for place in ("GB-ENG", "GB-SCT", "GB-NIR", "US-NY", "DE-BY", "CN", "HK", "TW"):
        country, _, part = place.partition("-")
        is_working = working_day(place)
        for day in holidays.country_holidays(country, subdiv=part or None, years=range(2020, 2028)):
            assert not is_working(day), (place, day)
            kept += 1
    assert kept > 8 * 8 * 8


# recurrences

anchors = st.dates(date(1990, 1, 1), date(2050, 12, 31))
counts = st.integers(1, MOST)
thorough = settings(max_examples=120, deadline=None, derandomize=True)


def by_rrule(frequency: int, anchor: date, count: int, **more: int | tuple[int, ...]) -> list[date]:
    rule = rrule(frequency, dtstart=datetime.combine(anchor, time()), count=count, **more)
    return [moment.date() for moment in rule]


@pytest.mark.parametrize(
    ("every", "weeks"), [(Every.WEEKLY, 1), (Every.FORTNIGHTLY, 2), (Every.FOUR_WEEKLY, 4)]
)
@thorough
@given(anchor=anchors, count=counts)
def test_weeks_are_dateutil_s(every: Every, weeks: int, anchor: date, count: int) -> None:
    ours = dates.occurrences(anchor, every, count)
    assert ours == by_rrule(WEEKLY, anchor, count, interval=weeks)
    assert ours == by_rrule(DAILY, anchor, count, interval=7 * weeks)


@pytest.mark.parametrize(("every", "months"), [(Every.MONTHLY, 1), (Every.QUARTERLY, 3)])
@thorough
@given(anchor=anchors, count=counts)
def test_months_are_dateutil_s(every: Every, months: int, anchor: date, count: int) -> None:
    """A rule of dateutil leaves out a month without the day, its relative months clamp."""
    ours = dates.occurrences(anchor, every, count)
    assert ours == [anchor + relativedelta(months=months * i) for i in range(count)]
    if anchor.day <= 28:
        assert ours == by_rrule(MONTHLY, anchor, count, interval=months)
    else:
        # "The 30th or the last before it": the last there is of 28 to 30.
        assert ours == by_rrule(
            MONTHLY,
            anchor,
            count,
            interval=months,
            bymonthday=tuple(range(28, anchor.day + 1)),
            bysetpos=-1,
        )


@thorough
@given(anchor=anchors, count=counts, second=st.integers(1, 31))
def test_two_days_of_each_month_are_dateutil_s(anchor: date, count: int, second: int) -> None:
    low, high = sorted((anchor.day, second))
    if low == high or low >= 28:
        second = 15 if anchor.day != 15 else 1
        low, high = sorted((anchor.day, second))
    ours = dates.occurrences(anchor, Every.TWICE_MONTHLY, count, second_day=second)
    if high <= 28:
        assert ours == by_rrule(MONTHLY, anchor, count, bymonthday=(low, high))
    else:
        days = (low, *range(28, high + 1))
        assert ours == by_rrule(MONTHLY, anchor, count, bymonthday=days, bysetpos=(1, -1))


@pytest.mark.parametrize(
    ("anchor", "every", "second", "wanted"),
    [
        # The day comes back after a shorter month: nothing is taken from the date before.
        (
            "2027-10-31",
            Every.MONTHLY,
            None,
            "2027-10-31 2027-11-30 2027-12-31 2028-01-31 2028-02-29 2028-03-31 2028-04-30",
        ),
        ("2026-12-30", Every.MONTHLY, None, "2026-12-30 2027-01-30 2027-02-28 2027-03-30"),
        ("2026-12-29", Every.MONTHLY, None, "2026-12-29 2027-01-29 2027-02-28 2027-03-29"),
        ("2027-12-29", Every.MONTHLY, None, "2027-12-29 2028-01-29 2028-02-29 2028-03-29"),
        # A plan that starts on the last of February keeps the number, not the end.
        ("2027-02-28", Every.MONTHLY, None, "2027-02-28 2027-03-28 2027-04-28"),
        ("2028-02-29", Every.MONTHLY, None, "2028-02-29 2028-03-29 2028-04-29"),
        # 2100 is no leap year.
        ("2099-12-31", Every.MONTHLY, None, "2099-12-31 2100-01-31 2100-02-28 2100-03-31"),
        (
            "2027-08-31",
            Every.QUARTERLY,
            None,
            "2027-08-31 2027-11-30 2028-02-29 2028-05-31 2028-08-31 2028-11-30 2029-02-28",
        ),
        (
            "2027-01-15",
            Every.TWICE_MONTHLY,
            31,
            "2027-01-15 2027-01-31 2027-02-15 2027-02-28 2027-03-15 2027-03-31 2027-04-15",
        ),
        (
            "2027-12-31",
            Every.TWICE_MONTHLY,
            15,
            "2027-12-31 2028-01-15 2028-01-31 2028-02-15 2028-02-29 2028-03-15 2028-03-31",
        ),
    ],
)
def test_the_end_of_a_month_by_hand(
    anchor: str, every: Every, second: int | None, wanted: str
) -> None:
    days = [date.fromisoformat(text) for text in wanted.split()]
    assert days == dates.occurrences(
        date.fromisoformat(anchor), every, len(days), second_day=second
    )
