"""What holds for every amount, every rhythm and every wall time."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tracker import language
from tracker.core import dates, money, reading, schedule
from tracker.core.dates import Every, Shift
from tracker.core.schedule import Remainder
from tracker.errors import InputError

CURRENCIES = st.sampled_from(["GBP", "EUR", "CNY", "HKD", "TWD", "USD", "JPY", "KWD", "CLF"])
AMOUNTS = st.integers(min_value=1, max_value=money.MAX_MINOR)
ANCHORS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))
# Clock changes of an hour, of half an hour, at midnight, of a whole day, and none.
ZONES = st.sampled_from(
    [
        "America/New_York",
        "Europe/London",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "America/Santiago",
        "Africa/Casablanca",
        "Asia/Shanghai",
        "Pacific/Apia",
        "America/Havana",
        "Asia/Tehran",
        "UTC",
    ]
)
TYPED = st.text() | st.text(alphabet="0123456789.,-+eE_ £¥$元xNaN年月日/:WTdecfri\uff11\u0661")


T = TypeVar("T")


def outcome(read: Callable[[], T]) -> T | InputError:
    try:
        return read()
    except InputError as error:
        return error


@given(AMOUNTS, CURRENCIES)
def test_a_plain_amount_reads_back_as_itself(minor: int, currency: str) -> None:
    assert money.parse(money.plain(minor, currency), currency) == minor


PLACES = [*language.LOCALES, "de_DE"]


@pytest.mark.parametrize("locale", PLACES)
@given(minor=AMOUNTS, currency=st.sampled_from(sorted(money._EXPONENTS)))
def test_what_is_shown_in_a_language_reads_back_as_itself(
    locale: str, minor: int, currency: str
) -> None:
    shown = language.of(locale).money(minor, currency)
    assert money.parse(shown, currency, decimal_mark=language.decimal_mark(locale)) == minor


@given(minor=AMOUNTS, currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_thousands_grouped_by_spaces_read_back(minor: int, currency: str) -> None:
    shown = language.of("fr_FR").money(minor, currency)
    assert money.parse(shown, currency, decimal_mark=",") == minor


@given(AMOUNTS, CURRENCIES, st.sampled_from([".", ","]))
def test_a_grouped_amount_reads_back_under_either_mark(
    minor: int, currency: str, mark: str
) -> None:
    whole, _, decimals = money.plain(minor, currency).partition(".")
    grouped = f"{int(whole):,}".replace(",", "," if mark == "." else ".")
    text = f"{grouped}{mark}{decimals}" if decimals else grouped
    assert money.parse(f"{text} {currency}", currency, decimal_mark=mark) == minor


@given(AMOUNTS, CURRENCIES, st.sampled_from([".", ","]))
def test_an_ungrouped_amount_with_decimals_is_refused_under_the_other_mark(
    minor: int, currency: str, mark: str
) -> None:
    other = "," if mark == "." else "."
    text = money.plain(minor, currency).replace(".", mark)
    # Three decimals after at most three digits are a well-formed group as well.
    assume(mark in text and money.exponent(currency) != 3)
    read = outcome(lambda: money.parse(text, currency, decimal_mark=other))
    assert isinstance(read, InputError)
    assert f"here {other!r} is the decimal mark" in str(read)


@given(TYPED, CURRENCIES, st.sampled_from([".", ","]))
@example("9" * 5000, "GBP", ".")
@example("1\n2", "GBP", ".")
def test_any_text_is_an_amount_in_range_or_refused_in_a_sentence(
    text: str, currency: str, mark: str
) -> None:
    read = outcome(lambda: money.parse(text, currency, decimal_mark=mark, field="amount"))
    if isinstance(read, InputError):
        assert str(read).startswith("amount is ")
        assert "\n" not in str(read)
        assert read.hint is not None
        assert "{" not in read.hint.format(**read.params)
    else:
        assert 1 <= read <= money.MAX_MINOR
        assert any(c in "123456789" for c in text)


@given(TYPED, ANCHORS, st.booleans())
@example("29 feb", date(2027, 3, 1), True)
@example("fri", date(1990, 1, 1), True)
def test_any_text_is_a_date_in_range_or_refused_in_a_sentence(
    text: str, today: date, past: bool
) -> None:
    read = outcome(lambda: reading.parse_date(text, today=today, field="date", past=past))
    if isinstance(read, InputError):
        assert str(read).startswith("date is ")
        assert "\n" not in str(read)
    else:
        # A weekday may lie a few days outside the years that can be typed.
        assert date(1989, 12, 25) <= read <= date(2101, 1, 7)


@given(TYPED, st.sampled_from([reading.parse_time, reading.parse_count, reading.parse_offset]))
def test_any_other_text_is_read_or_refused_in_a_sentence(
    text: str, reader: Callable[..., object]
) -> None:
    read = outcome(lambda: reader(text, field="it"))
    assert not isinstance(read, InputError) or str(read).startswith("it is ")


@given(
    ANCHORS, ANCHORS, st.booleans(), st.sampled_from(["{0.day} {1}", "{0.day}{1}", "{1} {0.day}"])
)
def test_a_short_date_is_within_a_year_and_on_the_side_that_is_meant(
    day: date, today: date, past: bool, form: str
) -> None:
    assume(day.month != 2 or day.day != 29)
    assume(1990 < today.year < 2100)
    text = form.format(day, calendar.month_abbr[day.month])
    found = reading.parse_date(text, today=today, field="date", past=past)
    assert (found.month, found.day) == (day.month, day.day)
    distance = (today - found if past else found - today).days
    assert 0 <= distance <= 365


@given(st.integers(min_value=-(10**15), max_value=10**15), st.lists(st.integers(0, 10**6)))
def test_parts_sum_to_the_whole_and_are_proportional_to_one_unit(
    total: int, weights: list[int]
) -> None:
    assume(any(weights))
    parts = money.split(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@given(ANCHORS, st.sampled_from([Every.MONTHLY, Every.QUARTERLY]), st.integers(1, 600))
def test_every_month_is_met_on_the_anchor_day_or_its_last(
    anchor: date, every: Every, count: int
) -> None:
    step = 1 if every is Every.MONTHLY else 3
    found = dates.occurrences(anchor, every, count)
    assert len(found) == count
    assert found[0] == anchor
    for i, day in enumerate(found):
        assert day.year * 12 + day.month == anchor.year * 12 + anchor.month + i * step
        assert day.day == min(anchor.day, calendar.monthrange(day.year, day.month)[1])


@given(ANCHORS, st.sampled_from(Every), st.integers(1, 600), st.none() | st.integers(1, 31))
def test_due_days_increase_and_do_not_depend_on_how_many_there_are(
    anchor: date, every: Every, count: int, second_day: int | None
) -> None:
    found = outcome(lambda: dates.occurrences(anchor, every, count, second_day=second_day))
    if isinstance(found, InputError):
        assert second_day is not None
        return
    assert len(found) == count
    assert found[0] == anchor
    assert all(after > before for before, after in pairwise(found))
    again = dates.occurrences(anchor, every, min(count + 7, 600), second_day=second_day)
    assert again[:count] == found


@given(ANCHORS, st.sampled_from(Shift), st.sets(st.integers(0, 6), max_size=6))
def test_a_shift_lands_on_a_working_day_on_its_side(
    day: date, rule: Shift, closed: set[int]
) -> None:
    def works(d: date) -> bool:
        return d.weekday() not in closed

    found = dates.shift(day, rule, works)
    if rule is Shift.NONE:
        assert found == day
        return
    assert works(found)
    if rule is Shift.FOLLOWING:
        assert found >= day
    if rule is Shift.PRECEDING:
        assert found <= day
    if rule is Shift.MODIFIED_FOLLOWING:
        assert found.month == day.month
    assert dates.shift(found, rule, works) == found


@given(
    st.dates(min_value=date(2011, 1, 1), max_value=date(2037, 12, 31)),
    st.times(),
    ZONES,
    st.integers(0, 3),
)
def test_an_instant_is_the_first_at_which_the_wall_clock_has_reached_the_time(
    day: date, at: time, zone: str, quarter: int
) -> None:
    rules = ZoneInfo(zone)
    wall = datetime.combine(day, at.replace(minute=quarter * 15, second=0, microsecond=0))
    # Go to the change of clocks nearest before, so that gaps and folds are what is met.
    offsets = [wall - timedelta(hours=h) for h in range(0, 24 * 200, 24)]
    kept = wall.replace(tzinfo=rules).utcoffset()
    changed = [w for w in offsets if w.replace(tzinfo=rules).utcoffset() != kept]
    if changed:
        wall = changed[0].replace(hour=quarter, minute=at.minute // 15 * 15)
    for candidate in (wall, wall + timedelta(days=1)):
        found = dates.instant(candidate.date(), candidate.time(), zone)
        local = found.astimezone(rules)
        assert found.tzinfo is UTC
        assert local.fold == 0
        just_before = (found - timedelta(seconds=1)).astimezone(rules).replace(tzinfo=None)
        assert just_before < candidate <= local.replace(tzinfo=None)


@given(ANCHORS, st.integers(0, 10), ZONES, st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31))))
def test_money_sent_by_the_last_moment_has_its_working_days(
    due_on: date, clearing_days: int, zone: str, holidays: set[date]
) -> None:
    def works(d: date) -> bool:
        return d.weekday() < 5 and d not in holidays

    assume(due_on.year > 1990)
    found = dates.send_by(
        due_on, zone=zone, cutoff=time(12, 0), clearing_days=clearing_days, is_working=works
    )
    sent_on = found.astimezone(ZoneInfo(zone)).date()
    assert works(sent_on)
    between = [sent_on + timedelta(days=i) for i in range(1, (due_on - sent_on).days + 1)]
    assert sum(map(works, between)) == clearing_days


@given(
    st.integers(1, 10**12),
    st.integers(1, 600),
    st.sampled_from(Remainder),
    st.none() | st.integers(1, 10**12),
    st.none() | st.integers(1, 10**12),
)
def test_equal_parts_sum_to_the_total_or_are_refused(
    total: int, count: int, remainder: Remainder, first: int | None, last: int | None
) -> None:
    days = dates.occurrences(date(2026, 12, 31), Every.MONTHLY, count)
    rows = outcome(
        lambda: schedule.equal(total, days, remainder=remainder, first_minor=first, last_minor=last)
    )
    if isinstance(rows, InputError):
        fixed = (first is not None) + (last is not None)
        rest = total - (first or 0) - (last or 0)
        assert fixed > count or (fixed == count and rest != 0) or rest < count - fixed
        return
    assert sum(row.amount_minor for row in rows) == total
    assert [row.due_on for row in rows] == days
    assert all(row.amount_minor >= 1 for row in rows)
    assert first is None or rows[0].amount_minor == first
    assert last is None or rows[-1].amount_minor == last


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_a_fixed_amount_pays_the_total_and_leaves_the_rest_to_the_last(
    total: int, amount: int
) -> None:
    assume(total <= amount * 600)
    rows = schedule.by_amount(
        total, amount, lambda count: dates.occurrences(date(2026, 12, 31), Every.WEEKLY, count)
    )
    assert sum(row.amount_minor for row in rows) == total
    assert all(row.amount_minor == amount for row in rows[:-1])
    assert 1 <= rows[-1].amount_minor <= amount


@given(st.integers(1, 40), st.data(), st.sampled_from([".", ","]), st.sampled_from("\t; "))
def test_a_pasted_list_reads_back_as_the_rows_it_was_made_of(
    count: int, data: st.DataObject, mark: str, between: str
) -> None:
    days = dates.occurrences(date(2026, 12, 31), Every.MONTHLY, count)
    paid = data.draw(st.lists(st.integers(1, 10**9), min_size=count, max_size=count))
    form = data.draw(st.sampled_from(["%Y-%m-%d", "%d %b %Y", "%b %d, %Y", "%Y年%m月%d日"]))
    text = "\n".join(
        day.strftime(form) + between + money.plain(minor, "EUR").replace(".", mark)
        for day, minor in zip(days, paid, strict=True)
    )
    rows = schedule.custom(text, "EUR", today=date(2026, 11, 24), decimal_mark=mark)
    assert [(row.due_on, row.amount_minor) for row in rows] == list(zip(days, paid, strict=True))
