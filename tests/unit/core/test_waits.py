from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from tracker.core.waits import parse_hours, parse_moment, parse_span
from tracker.errors import InputError

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""A Tuesday."""
TODAY = NOW.date()


def moment(text: str, *, at: time = time(9), zone: str = "Europe/London") -> datetime:
    return parse_moment(text, now=NOW, zone=zone, at=at, field="until")


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("2h", datetime(2026, 11, 24, 12, 0, tzinfo=UTC)),
        ("48 h", datetime(2026, 11, 26, 10, 0, tzinfo=UTC)),
        ("3d", datetime(2026, 11, 27, 9, 0, tzinfo=UTC)),
        ("1W", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 11, 25, 9, 0, tzinfo=UTC)),
        ("fri", datetime(2026, 11, 27, 9, 0, tzinfo=UTC)),
        ("fri 18:00", datetime(2026, 11, 27, 18, 0, tzinfo=UTC)),
        ("  fri   18:00 ", datetime(2026, 11, 27, 18, 0, tzinfo=UTC)),
        ("18:00", datetime(2026, 11, 24, 18, 0, tzinfo=UTC)),
        ("2026-12-04T10:30", datetime(2026, 12, 4, 10, 30, tzinfo=UTC)),
        ("4 dec 8:05", datetime(2026, 12, 4, 8, 5, tzinfo=UTC)),
        ("12月4日", datetime(2026, 12, 4, 9, 0, tzinfo=UTC)),
        ("366d", datetime(2027, 11, 25, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_ways_that_people_write_it(text: str, until: datetime) -> None:
    assert moment(text) == until


def test_a_day_begins_where_the_person_is() -> None:
    assert moment("3d", at=time(0), zone="Asia/Shanghai") == datetime(2026, 11, 26, 16, tzinfo=UTC)


def test_an_hour_that_a_change_of_clocks_leaves_out_is_the_first_after_it() -> None:
    spring = parse_moment(
        "28 mar 01:30",
        now=datetime(2027, 3, 27, 10, tzinfo=UTC),
        zone="Europe/London",
        at=time(0),
        field="until",
    )
    assert spring == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "until is empty."),
        ("0d", "not after now"),
        ("0h", "not after now"),
        ("today", "not after now"),
        ("09:59", "not after now"),
        ("10:00", "not after now"),
        ("2026-11-23", "not after now"),
        ("-3d", "not a date known here"),
        ("3", "not a date known here"),
        ("3 days", "not a date known here"),
        ("３d", "only the digits 0 to 9"),
        ("367d", "a year is the longest"),
        ("9000h", "a year is the longest"),
        ("99w", "a year is the longest"),
        ("2027-12-04", "a year is the longest"),
        ("2026-12-01T24:00", "a day ends at 23:59"),
        ("fri 24:00", "a day ends at 23:59"),
        ("fri 25:00", "no time of the day"),
        ("2026-02-29", "no such day"),
        ("01/02/2026", "can mean two days"),
        ("20261201", "easily mistyped"),
        ("2026-W50-1", "weeks of the year"),
        ("2026年2月30日", "no such day"),
        ("正月初一", "lunar"),
        ("9999-12-31", "the year must be"),
    ],
)
def test_what_is_no_moment_to_come_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        moment(text)
    assert caught.value.field == "until"
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1dec..10dec", date(2026, 12, 1), date(2026, 12, 10)),
        ("28dec..3jan", date(2026, 12, 28), date(2027, 1, 3)),
        ("fri..tue", date(2026, 11, 27), date(2026, 12, 1)),
        ("today..tomorrow", TODAY, date(2026, 11, 25)),
        ("tomorrow..tomorrow", date(2026, 11, 25), date(2026, 11, 25)),
        ("2026-12-01 .. 2026-12-01", date(2026, 12, 1), date(2026, 12, 1)),
        ("2026-12-01..2027-12-01", date(2026, 12, 1), date(2027, 12, 1)),
    ],
)
def test_a_span_has_a_first_and_a_last_day(text: str, first: date, last: date) -> None:
    assert parse_span(text, today=TODAY, field="days") == (first, last)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "days is empty."),
        ("1dec", "a first and a last day are needed"),
        ("1dec..", "a first and a last day are needed"),
        ("..1dec", "a first and a last day are needed"),
        ("1dec...3dec", "a first and a last day are needed"),
        ("1dec..3dec..5dec", "a first and a last day are needed"),
        ("1dec-10dec", "a first and a last day are needed"),
        ("2026-12-10..2026-12-01", "2026-12-01 comes before 2026-12-10"),
        ("2026-11-23..2026-12-01", "2026-11-23 has passed"),
        ("2026-12-01..2027-12-02", "a year is the longest"),
        ("2026-12-01..0001-01-01", "the year must be"),
        ("2026-02-30..2026-03-01", "no such day"),
        ("1dec..x", "not a date known here"),
    ],
)
def test_what_is_no_span_to_come_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_span(text, today=TODAY, field="days")
    assert caught.value.field == "days"
    assert reason in str(caught.value)


@pytest.mark.parametrize("text", ["08:00-21:00", " 8:00 - 21:00 ", "08:00–21:00"])
def test_hours_are_two_times(text: str) -> None:
    assert parse_hours(text, field="hours") == (time(8), time(21))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "hours is empty."),
        ("08:00", "two times are needed"),
        ("08:00-12:00-21:00", "two times are needed"),
        ("-21:00", "two times are needed"),
        ("20:00-09:00", "never open"),
        ("09:00-09:00", "never open"),
        ("09:00-09:59", "less than one hour"),
        ("09:00-24:00", "a day ends at 23:59"),
        ("9-17", "no time of the day"),
        ("\u0660\u0668:00-21:00", "only the digits 0 to 9"),
    ],
)
def test_hours_that_never_open_or_hardly_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_hours(text, field="hours")
    assert caught.value.field == "hours"
    assert reason in str(caught.value)
