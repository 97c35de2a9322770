"""Dates, times, zones, counts and reminder offsets as they are typed."""

from __future__ import annotations

from datetime import date, time

import pytest

from tracker.core import reading
from tracker.errors import InputError

TUESDAY = date(2026, 11, 24)


def day(text: str, *, past: bool = True) -> date:
    return reading.parse_date(text, today=TUESDAY, field="date", past=past)


def refusal(text: str, **bounds: date) -> InputError:
    with pytest.raises(InputError) as caught:
        reading.parse_date(text, today=TUESDAY, field="date", **bounds)  # type: ignore[arg-type]
    assert caught.value.field == "date"
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-04", "2026-12-04"),
        (" 2026-12-04\n", "2026-12-04"),
        ("2028-02-29", "2028-02-29"),
        ("today", "2026-11-24"),
        ("Yesterday", "2026-11-23"),
        ("tomorrow", "2026-11-25"),
        ("5 Dec 2026", "2026-12-05"),
        ("5dec2026", "2026-12-05"),
        ("5-Dec-2026", "2026-12-05"),
        ("5th December, 2026", "2026-12-05"),
        ("Dec 5, 2026", "2026-12-05"),
        ("sept 1 2026", "2026-09-01"),
        ("2026年12月4日", "2026-12-04"),
        ("2026 年 2 月 28 日", "2026-02-28"),
    ],
)
def test_a_full_date_is_read(text: str, expected: str) -> None:
    assert day(text) == day(text, past=False) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "last", "coming"),
    [
        ("fri", "2026-11-20", "2026-11-27"),
        ("Friday", "2026-11-20", "2026-11-27"),
        ("mon", "2026-11-23", "2026-11-30"),
        ("tues", "2026-11-24", "2026-11-24"),
        ("5dec", "2025-12-05", "2026-12-05"),
        ("5 Dec", "2025-12-05", "2026-12-05"),
        ("dec 5", "2025-12-05", "2026-12-05"),
        ("3 nov", "2026-11-03", "2027-11-03"),
        ("24 nov", "2026-11-24", "2026-11-24"),
        ("12月4日", "2025-12-04", "2026-12-04"),
        ("1月31日", "2026-01-31", "2027-01-31"),
    ],
)
def test_a_short_date_is_the_nearest_on_the_side_that_is_meant(
    text: str, last: str, coming: str
) -> None:
    assert day(text, past=True) == date.fromisoformat(last)
    assert day(text, past=False) == date.fromisoformat(coming)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-29", "there is no such day in 2026"),
        ("2026-13-01", "there is no such day in 2026"),
        ("2026-00-10", "there is no such day in 2026"),
        ("31 nov 2026", "there is no such day in 2026"),
        ("29 feb", "there is no such day in 2026"),
        ("2026年2月30日", "there is no such day in 2026"),
        ("2月30日", "there is no such day in 2026"),
        ("2026-W01-1", "weeks of the year are not read"),
        ("2026W011", "weeks of the year are not read"),
        ("20261201", "eight digits in a row"),
        ("01/02/2026", "that can mean two days"),
        ("1.2.2026", "that can mean two days"),
        ("5/12", "that can mean two days"),
        ("2026-1-5", "four, two and two digits"),
        ("5-12-2026", "four, two and two digits"),
        ("0001-01-01", "the year must be from 1990 to 2100"),
        ("9999-12-31", "the year must be from 1990 to 2100"),
        ("1989-12-31", "the year must be from 1990 to 2100"),
        ("5 dec 26", "the year needs four digits"),
        ("26年12月4日", "the year needs four digits"),
        ("2026-12-01T24:00", "a date stands without a time"),
        ("2026-12-01 09:00", "a date stands without a time"),
        ("正月初一", "dates of the lunar calendar are not read"),
        ("农历2026年2月30日", "dates of the lunar calendar are not read"),
        ("閏六月十五", "dates of the lunar calendar are not read"),
        ("\uff12\uff10\uff12\uff16-12-01", "only the digits 0 to 9"),
        ("\u0662\u0660\u0662\u0666-12-01", "only the digits 0 to 9"),
        ("31", "not a date known here"),
        ("-1", "not a date known here"),
        ("fr", "not a date known here"),
        ("5 foo", "not a date known here"),
        ("ma 5", "not a date known here"),
        ("next week", "not a date known here"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text: str, reason: str) -> None:
    error = refusal(text)
    assert str(error).startswith(f"date is {text!r}; ")
    assert reason in str(error)


def test_a_long_text_is_quoted_in_part() -> None:
    assert len(str(refusal("x" * 5000))) < 150


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_date_is_refused(text: str) -> None:
    assert str(refusal(text)) == "date is empty."


def test_a_date_outside_the_caller_s_bounds_is_refused() -> None:
    error = refusal("2026-11-25", latest=TUESDAY)
    assert str(error) == "date is '2026-11-25'; it cannot be after 2026-11-24."
    error = refusal("yesterday", earliest=TUESDAY)
    assert str(error) == "date is 'yesterday'; it cannot be before 2026-11-24."
    bounds = {"earliest": TUESDAY, "latest": TUESDAY}
    assert reading.parse_date("today", today=TUESDAY, field="date", past=True, **bounds) == TUESDAY


@pytest.mark.parametrize(
    ("text", "expected"), [("08:30", time(8, 30)), ("8:30", time(8, 30)), ("23:59", time(23, 59))]
)
def test_a_time_is_read(text: str, expected: time) -> None:
    assert reading.parse_time(text, field="time") == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("24:00", "a day ends at 23:59"),
        ("2026-12-01T24:00", "a day ends at 23:59"),
        ("25:00", "no time of the day"),
        ("12:60", "no time of the day"),
        ("9pm", "no time of the day"),
        ("0830", "no time of the day"),
        ("08:30:00", "no time of the day"),
        ("-1:00", "no time of the day"),
        ("\uff10\uff18:30", "only the digits 0 to 9"),
        ("", "time is empty"),
    ],
)
def test_what_is_no_time_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        reading.parse_time(text, field="time")
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"time is {text!r}; " if text else "time is empty")
    assert caught.value.field == "time"


@pytest.mark.parametrize("text", ["Europe/London", "Asia/Shanghai", " UTC ", "Pacific/Apia"])
def test_a_zone_is_an_area_and_a_place(text: str) -> None:
    assert reading.parse_zone(text, field="zone") == text.strip()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Mars/Olympus", "there is no such time zone"),
        ("asia/shanghai", "there is no such time zone"),
        ("Etc/GMT+5", "there is no such time zone"),
        ("../../etc/passwd", "there is no such time zone"),
        ("EST5EDT", "a zone is named by area and place"),
        ("CST", "a zone is named by area and place"),
        ("GMT+8", "a zone is named by area and place"),
        ("PRC", "a zone is named by area and place"),
        ("", "zone is empty"),
        ("  ", "zone is empty"),
    ],
)
def test_what_is_no_zone_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        reading.parse_zone(text, field="zone")
    assert reason in str(caught.value)
    assert text.strip() in str(caught.value)
    assert caught.value.field == "zone"


def test_a_mistyped_zone_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        reading.parse_zone("asia/shangai", field="zone")
    assert caught.value.params["near"] == "Asia/Shanghai"


def test_a_count_is_read_within_its_range() -> None:
    assert reading.parse_count("12", field="count") == 12
    assert reading.parse_count("600", field="count") == 600
    assert reading.parse_count("0", field="clearing days", least=0, most=30) == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0", "from 1 to 600"),
        ("-3", "from 1 to 600"),
        ("-1", "from 1 to 600"),
        ("601", "from 1 to 600"),
        ("1000000", "from 1 to 600"),
        ("9" * 5000, "from 1 to 600"),
        ("-" + "9" * 5000, "from 1 to 600"),
        ("1.5", "not a whole number"),
        ("1e2", "not a whole number"),
        ("1_0", "not a whole number"),
        ("twelve", "not a whole number"),
        ("\uff11\uff12", "only the digits 0 to 9"),
        ("", "count is empty"),
    ],
)
def test_what_is_no_count_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        reading.parse_count(text, field="count")
    assert reason in str(caught.value)
    assert str(caught.value).startswith("count is ")
    assert caught.value.field == "count"


def test_a_due_day_beyond_the_month_or_before_it_is_refused() -> None:
    assert reading.parse_count("31", field="due day", most=31) == 31
    for text in ("-1", "0", "32"):
        with pytest.raises(InputError, match=r"due day is .* it must be from 1 to 31"):
            reading.parse_count(text, field="due day", most=31)


@pytest.mark.parametrize(
    ("text", "expected"), [("-3d", -3), ("0d", 0), ("-0d", 0), (" -60D ", -60), ("-1d", -1)]
)
def test_an_offset_counts_days_before_the_due_date(text: str, expected: int) -> None:
    assert reading.parse_offset(text, field="offset") == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-400d", "at most 60 days before"),
        ("-61d", "at most 60 days before"),
        ("+1d", "before the date, not after it"),
        ("3d", "before the date, not after it"),
        ("-3", "not a number of days"),
        ("-3h", "not a number of days"),
        ("--3d", "not a number of days"),
        ("-1.5d", "not a number of days"),
        ("-" + "9" * 5000 + "d", "not a number of days"),
        ("-\uff13d", "only the digits 0 to 9"),
    ],
)
def test_an_offset_that_cannot_be_meant_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        reading.parse_offset(text, field="offset")
    assert str(caught.value).startswith("offset is '")
    assert reason in str(caught.value)
    assert caught.value.field == "offset"
    assert caught.value.hint


def test_an_empty_offset_is_refused() -> None:
    with pytest.raises(InputError, match="offset is empty"):
        reading.parse_offset(" ", field="offset")


def test_offsets_are_sorted_from_the_furthest_to_the_day_itself() -> None:
    assert reading.parse_offsets(["0d", "-7d", "-3d"]) == (-7, -3, 0)
    assert reading.parse_offsets([]) == ()


@pytest.mark.parametrize("texts", [["0d", "0d"], ["-3d", "0d", "-03d"]])
def test_one_offset_twice_is_refused(texts: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        reading.parse_offsets(texts)
    assert f"offsets is {texts[-1]!r} a second time" in str(caught.value)
