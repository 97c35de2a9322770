"""Recurrences, working days, wall times and send-by moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from tracker.core import dates
from tracker.core.dates import Every, Shift
from tracker.errors import InputError

LONDON_HOLIDAYS = {date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)}


def weekday(day: date) -> bool:
    return day.weekday() < 5


def london(day: date) -> bool:
    return weekday(day) and day not in LONDON_HOLIDAYS


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


# recurrences


def test_months_clamp_to_their_end_and_keep_the_anchor_day() -> None:
    assert dates.occurrences(date(2027, 1, 31), Every.MONTHLY, 5) == days(
        "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"
    )
    assert dates.occurrences(date(2027, 12, 31), Every.MONTHLY, 3)[-1] == date(2028, 2, 29)


def test_quarters_are_three_months_from_the_anchor() -> None:
    assert dates.occurrences(date(2026, 11, 30), Every.QUARTERLY, 4) == days(
        "2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30"
    )


@pytest.mark.parametrize(
    ("every", "gap"), [(Every.WEEKLY, 7), (Every.FORTNIGHTLY, 14), (Every.FOUR_WEEKLY, 28)]
)
def test_weeks_are_counted_in_days(every: Every, gap: int) -> None:
    anchor = date(2026, 12, 4)
    assert dates.occurrences(anchor, every, 3) == [anchor + timedelta(gap * i) for i in range(3)]


@pytest.mark.parametrize(
    ("anchor", "second_day", "expected"),
    [
        ("2027-01-01", None, ["2027-01-01", "2027-01-16", "2027-02-01", "2027-02-16"]),
        ("2027-01-15", None, ["2027-01-15", "2027-01-30", "2027-02-15", "2027-02-28"]),
        ("2027-01-20", None, ["2027-01-20", "2027-02-05", "2027-02-20", "2027-03-05"]),
        ("2027-01-31", None, ["2027-01-31", "2027-02-16", "2027-02-28", "2027-03-16"]),
        ("2027-01-10", 25, ["2027-01-10", "2027-01-25", "2027-02-10", "2027-02-25"]),
        ("2027-01-10", 3, ["2027-01-10", "2027-02-03", "2027-02-10", "2027-03-03"]),
        ("2027-01-15", 31, ["2027-01-15", "2027-01-31", "2027-02-15", "2027-02-28"]),
    ],
)
def test_twice_monthly_takes_two_days_of_each_month(
    anchor: str, second_day: int | None, expected: list[str]
) -> None:
    found = dates.occurrences(
        date.fromisoformat(anchor), Every.TWICE_MONTHLY, 4, second_day=second_day
    )
    assert found == days(*expected)


@pytest.mark.parametrize(
    ("second_day", "reason"),
    [
        (-1, "second_day is -1; a month has the days 1 to 31"),
        (0, "second_day is 0; a month has the days 1 to 31"),
        (32, "second_day is 32; a month has the days 1 to 31"),
        (30, "second_day is 30; with the 31 it would be one day in February"),
        (31, "second_day is 31; with the 31 it would be one day in February"),
    ],
)
def test_a_second_day_that_cannot_be_is_refused(second_day: int, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        dates.occurrences(date(2027, 1, 31), Every.TWICE_MONTHLY, 4, second_day=second_day)
    assert reason in str(caught.value)
    assert caught.value.field == "second_day"


def test_a_second_day_means_nothing_in_another_rhythm() -> None:
    with pytest.raises(InputError, match="only a twice-monthly plan"):
        dates.occurrences(date(2027, 1, 31), Every.MONTHLY, 4, second_day=15)


@pytest.mark.parametrize("count", [0, -3, 601, 1_000_000])
def test_a_plan_of_no_or_too_many_instalments_is_refused(count: int) -> None:
    with pytest.raises(InputError) as caught:
        dates.occurrences(date(2027, 1, 31), Every.MONTHLY, count)
    assert str(caught.value) == f"count is {count}; a plan has 1 to 600 instalments."
    assert caught.value.field == "count"


# working days


@pytest.mark.parametrize(
    ("day", "rule", "expected"),
    [
        ("2026-12-04", Shift.FOLLOWING, "2026-12-04"),
        ("2026-12-05", Shift.NONE, "2026-12-05"),
        ("2026-12-05", Shift.FOLLOWING, "2026-12-07"),
        ("2026-12-05", Shift.PRECEDING, "2026-12-04"),
        ("2026-12-05", Shift.MODIFIED_FOLLOWING, "2026-12-07"),
        ("2027-01-31", Shift.FOLLOWING, "2027-02-01"),
        ("2027-01-31", Shift.MODIFIED_FOLLOWING, "2027-01-29"),
        ("2026-12-25", Shift.FOLLOWING, "2026-12-29"),
        ("2027-01-01", Shift.PRECEDING, "2026-12-31"),
    ],
)
def test_a_due_date_moves_to_the_working_day_of_its_rule(
    day: str, rule: Shift, expected: str
) -> None:
    assert dates.shift(date.fromisoformat(day), rule, london) == date.fromisoformat(expected)


def test_a_year_without_working_days_is_said_and_not_searched_for_ever() -> None:
    with pytest.raises(InputError, match="no working day within a year of 2026-12-05"):
        dates.shift(date(2026, 12, 5), Shift.FOLLOWING, lambda day: False)


# wall times


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Asia/Shanghai", "2026-12-01 08:30", "2026-12-01 00:30"),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
        ("America/New_York", "2026-03-08 02:00", "2026-03-08 07:00"),
        ("America/New_York", "2026-03-08 03:00", "2026-03-08 07:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Europe/London", "2026-03-29 01:59", "2026-03-29 01:00"),
        ("Europe/London", "2026-10-25 01:00", "2026-10-25 00:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Africa/Cairo", "2026-04-24 00:00", "2026-04-23 22:00"),
        ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:00"),
        ("Africa/Cairo", "2026-10-29 23:30", "2026-10-29 20:30"),
        ("America/Santiago", "2026-09-06 00:30", "2026-09-06 04:00"),
        ("America/Santiago", "2026-04-04 23:30", "2026-04-05 02:30"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),
    ],
)
def test_a_skipped_wall_time_means_the_end_of_the_gap_and_a_repeated_one_the_first(
    zone: str, wall: str, expected: str
) -> None:
    day, _, at = wall.partition(" ")
    found = dates.instant(date.fromisoformat(day), time.fromisoformat(at), zone)
    assert found == utc(expected)
    assert found.tzinfo is UTC


def test_a_wall_time_with_a_zone_of_its_own_is_the_caller_s_mistake() -> None:
    at = time(8, 30, tzinfo=timezone(timedelta(hours=8)))
    with pytest.raises(ValueError, match="no zone of its own"):
        dates.instant(date(2026, 12, 1), at, "Asia/Shanghai")


# the last moment to send


@pytest.mark.parametrize(
    ("due_on", "clearing_days", "expected"),
    [
        ("2026-12-04", 0, "2026-12-04 15:30"),
        ("2026-12-04", 1, "2026-12-03 15:30"),
        ("2026-12-07", 1, "2026-12-04 15:30"),
        ("2026-12-06", 0, "2026-12-04 15:30"),
        ("2026-12-06", 2, "2026-12-02 15:30"),
        ("2026-12-29", 2, "2026-12-23 15:30"),
        ("2026-06-05", 0, "2026-06-05 14:30"),
    ],
)
def test_money_leaves_early_enough_in_working_days(
    due_on: str, clearing_days: int, expected: str
) -> None:
    found = dates.send_by(
        date.fromisoformat(due_on),
        zone="Europe/London",
        cutoff=time(15, 30),
        clearing_days=clearing_days,
        is_working=london,
    )
    assert found == utc(expected)


def test_a_holiday_on_either_side_stops_the_money() -> None:
    payer_closed, creditor_closed = {date(2026, 12, 3)}, {date(2026, 12, 2)}

    def found(*closed: set[date]) -> datetime:
        return dates.send_by(
            date(2026, 12, 4),
            zone="Asia/Shanghai",
            cutoff=time(17, 0),
            clearing_days=1,
            is_working=lambda day: weekday(day) and not any(day in side for side in closed),
        )

    assert found() == utc("2026-12-03 09:00")
    assert found(payer_closed) == utc("2026-12-02 09:00")
    assert found(creditor_closed) == utc("2026-12-03 09:00")
    assert found(payer_closed, creditor_closed) == utc("2026-12-01 09:00")


@pytest.mark.parametrize("clearing_days", [-1, 31])
def test_clearing_takes_no_negative_or_endless_time(clearing_days: int) -> None:
    with pytest.raises(InputError, match=f"clearing_days is {clearing_days}; money takes 0 to 30"):
        dates.send_by(
            date(2026, 12, 4),
            zone="UTC",
            cutoff=time(17, 0),
            clearing_days=clearing_days,
            is_working=weekday,
        )
