"""The moments of an instalment and of what is no instalment, as instants where the person is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tracker.core import due
from tracker.core.due import Kind, Moment
from tracker.core.whereabouts import Away, Whereabouts

LONDON = Whereabouts(home="Europe/London")
NINE = time(9)
HOURS = (time(9), time(20))
FRIDAY = date(2026, 12, 4)
SEND_BY = datetime(2026, 12, 3, 16, tzinfo=UTC)
ABROAD = Whereabouts(
    home="Asia/Tokyo",
    away=[Away(from_on=date(2026, 12, 1), until_on=date(2026, 12, 4), zone="America/New_York")],
)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def moments(
    *, where: Whereabouts = LONDON, asks: bool = False, late: bool = True, send_time: time = NINE
) -> list[Moment]:
    return due.moments(
        FRIDAY,
        SEND_BY,
        offsets=(0, -3, -1),
        send_time=send_time,
        where=where,
        asks=asks,
        late=late,
    )


def test_each_is_of_use_until_the_next_and_the_last_until_the_day_is_over() -> None:
    found = moments(asks=True)
    assert [(each.kind, each.offset_days, each.at, each.useful_until) for each in found] == [
        (Kind.REMINDER, -3, at(30, month=11), at(2)),
        (Kind.REMINDER, -1, at(2), at(3)),
        (Kind.REMINDER, 0, at(3), at(5, 0)),
        (Kind.ASKED, 1, at(5), at(8, 0)),
        (Kind.LATE, 3, at(7), at(14, 0)),
    ]


def test_one_that_is_late_is_spoken_of_once_and_only_if_that_is_wanted() -> None:
    assert [each.kind for each in moments()].count(Kind.LATE) == 1
    assert Kind.LATE not in [each.kind for each in moments(late=False)]


@pytest.mark.parametrize("days", [1, 5, 9, 10, 30])
def test_after_a_pause_at_most_one_is_still_of_use(days: int) -> None:
    now = at(30, month=11) + timedelta(days=days)
    called = due.called(moments(asks=True), since=at(1, month=11), now=now)
    useful = [each for each in called.moments if each.useful(now)]
    # The question and the word that it is late may both be.
    assert len([each for each in useful if each.kind is Kind.REMINDER]) <= 1
    assert len(useful) <= 2


def test_where_the_cut_off_comes_before_the_hour_the_last_day_is_the_day_before() -> None:
    assert due.send_by_day(FRIDAY, SEND_BY, where=LONDON, send_time=NINE) == date(2026, 12, 3)
    assert due.send_by_day(FRIDAY, SEND_BY, where=LONDON, send_time=time(16)) == date(2026, 12, 2)
    late = SEND_BY + timedelta(days=9)
    assert due.send_by_day(FRIDAY, late, where=LONDON, send_time=NINE) == FRIDAY


def test_on_a_journey_days_and_hours_are_those_of_the_place() -> None:
    # 16:00 UTC on the 3rd is 11:00 in New York: nine there is early enough.
    found = [each.at for each in moments(where=ABROAD, late=False)]
    # The 30th is still at home, in Tokyo.
    assert found == [at(30, 0, month=11), at(2, 14), at(3, 14)]
    assert ABROAD.zone_on(date(2026, 12, 3)) == "America/New_York"
    assert ABROAD.zone_on(date(2026, 12, 4)) == "Asia/Tokyo"


def test_a_journey_begins_and_ends_with_the_days_where_it_goes() -> None:
    assert ABROAD.zone_at(at(1, 4, 59)) == "Asia/Tokyo"  # 23:59 of the 30th in New York
    assert ABROAD.zone_at(at(1, 5)) == "America/New_York"
    assert ABROAD.zone_at(at(4, 4, 59)) == "America/New_York"
    assert ABROAD.zone_at(at(4, 5)) == "Asia/Tokyo"
    assert ABROAD.today(at(3, 1)) == date(2026, 12, 2)
    assert Whereabouts(home="Asia/Tokyo").today(at(3, 1)) == date(2026, 12, 3)


def test_what_lay_before_is_nobodys_omission_and_what_comes_next_is_told() -> None:
    called = due.called(moments(), since=at(1), now=at(2, 9))
    assert [each.at for each in called.moments] == [at(2)]
    assert called.next_at == at(3)
    assert due.called(moments(), since=at(1), now=at(31)).next_at is None


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(2, 8, 59), at(2)),
        (at(2), at(2)),
        (at(2, 19, 59), at(2, 19, 59)),
        (at(2, 20), at(3)),
        (at(2, 23), at(3)),
    ],
)
def test_outside_the_hours_it_opens_at_the_next_first_hour(now: datetime, opens: datetime) -> None:
    assert due.within_hours(now, hours=HOURS, where=LONDON) == opens


def test_hours_are_those_of_the_place_and_the_morning_after_may_be_at_home_again() -> None:
    assert due.within_hours(at(2, 13), hours=HOURS, where=ABROAD) == at(2, 14)
    # Nine in the evening of the 3rd in New York. The 4th is a day in Tokyo: its morning there
    # is over, and it begins at midnight.
    assert due.within_hours(at(4, 2), hours=HOURS, where=ABROAD) == at(4, 5)


@pytest.mark.parametrize("hours", [HOURS, (time(0), time(23, 59)), (time(21), time(22))])
def test_whatever_the_journey_it_opens_within_a_day_or_two_and_in_the_hours(
    hours: tuple[time, time],
) -> None:
    back = Whereabouts(
        home="America/New_York",
        away=[Away(from_on=date(2026, 12, 1), until_on=date(2026, 12, 4), zone="Asia/Tokyo")],
    )
    for where in (LONDON, ABROAD, back):
        for half_hours in range(8 * 48):
            now = at(29, 0, month=11) + timedelta(minutes=30 * half_hours)
            opens = due.within_hours(now, hours=hours, where=where)
            assert now <= opens <= now + timedelta(days=2)
            local = opens.astimezone(ZoneInfo(where.zone_at(opens))).time()
            assert hours[0] <= local < hours[1]


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [(time(9), time(9)), (time(19, 59), time(19, 59)), (time(7), time(9)), (time(21), time(19))],
)
def test_an_hour_outside_is_moved_inside_and_never_to_another_day(wanted: time, kept: time) -> None:
    assert due.clamped(wanted, HOURS) == kept


def test_an_hour_is_never_moved_before_the_first() -> None:
    assert due.clamped(time(23), (time(9), time(9, 30))) == time(9)
    assert due.clamped(time(23), (time(0), time(0, 30))) == time(0)


def test_what_is_open_again_or_was_put_off_is_of_use_for_a_day_at_least() -> None:
    for make in (due.reopened, due.snoozed):
        early, after = make(at(1), FRIDAY, where=LONDON), make(at(9), FRIDAY, where=LONDON)
        assert (early.at, early.useful_until) == (at(1), at(5, 0))
        assert (after.at, after.useful_until) == (at(9), at(10))
