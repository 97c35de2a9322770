"""Every IANA zone, half hour and day from 2024 to 2040: one instant each, and the right one.

The oracle knows a zone only as the list of its offsets and when they begin, which is
measured from outside. Zones whose lists are equal are one case under several names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests.peers import proof
from tracker.core.dates import instant

FIRST, LAST = date(2024, 1, 1), date(2040, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
SLOTS = [time(minutes // 60, minutes % 60) for minutes in range(0, 24 * 60, 30)]
ONE_DAY, ONE_SECOND = timedelta(days=1), timedelta(seconds=1)
NEAR = 2
"""Days on either side of a change of clocks."""

History = tuple[tuple[datetime, timedelta], ...]
"""Since when which offset holds; the first one is measured before the first day."""


def history(zone: str, times_a_day: int = 4) -> History:
    """Asked so many times a day and, where the answer changed, to the second."""
    rules = ZoneInfo(zone)

    def offset(at: datetime) -> timedelta:
        found = at.astimezone(rules).utcoffset()
        assert found is not None
        return found

    at = datetime.combine(FIRST - 3 * ONE_DAY, time(0), UTC)
    end = datetime.combine(LAST + 3 * ONE_DAY, time(0), UTC)
    found = [(at, offset(at))]
    while at < end:
        following = at + ONE_DAY / times_a_day
        if (changed := offset(following)) != found[-1][1]:
            before, after = at, following
            while after - before > ONE_SECOND:
                middle = before + (after - before) // ONE_SECOND // 2 * ONE_SECOND
                before, after = (before, middle) if offset(middle) == changed else (middle, after)
            found.append((after, changed))
        at = following
    return tuple(found)


def expected(known: History, day: date, at: time) -> datetime:
    """The first instant with this wall time; in a gap, the instant at which the clocks go on."""
    wall = datetime.combine(day, at, UTC)
    ends = [since for since, _ in known[1:]] + [datetime.max.replace(tzinfo=UTC)]
    for (since, offset), until in zip(known, ends, strict=True):
        if since <= wall - offset < until:
            return wall - offset
        if wall - offset < since:
            return since
    raise AssertionError(f"{wall} is never")


def histories(zones: Iterable[str], times_a_day: int = 4) -> dict[History, list[str]]:
    found: dict[History, list[str]] = {}
    for zone in sorted(zones):
        found.setdefault(history(zone, times_a_day), []).append(zone)
    return found


def near_changes(known: History) -> Iterator[list[date]]:
    """Runs of days around each change of clocks, or a month where there is none."""
    if len(known) == 1:
        yield DAYS[:31]
    for at, _ in known[1:]:
        yield [
            day
            for n in range(-NEAR, NEAR + 1)
            if FIRST <= (day := at.date() + timedelta(days=n)) <= LAST
        ]


def wrong(zone: str, known: History, days: list[date]) -> list[str]:
    """What is not as the oracle says, or not once a day and in order."""
    found = []
    for slot in SLOTS:
        instants = [instant(day, slot, zone) for day in days]
        for day, at in zip(days, instants, strict=True):
            if at != (wanted := expected(around(known, at), day, slot)):
                found.append(f"{zone} {day} {slot}: {at}, not {wanted}")
        for (before, _), (after, day) in pairwise(zip(instants, days, strict=True)):
            if after <= before:
                found.append(f"{zone} {day} {slot}: {after} is not after {before}")
    return found


def around(known: History, at: datetime) -> History:
    """The part of a history that a day can depend on: looking through all of it takes long."""
    last = next((n for n, (since, _) in enumerate(known) if since > at + 2 * ONE_DAY), len(known))
    return known[max(last - 3, 0) : last]


def wrong_all_the_time(zone: str) -> list[str]:
    return wrong(zone, history(zone), DAYS)


def test_around_every_change_of_clocks_each_half_hour_comes_once() -> None:
    known = histories(available_timezones(), times_a_day=1)
    assert len(known) > 40
    found = [
        each
        for changes, zones in known.items()
        for days in near_changes(changes)
        for each in wrong(zones[0], changes, days)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("zone", "day", "at", "wanted"),
    [
        ("Europe/London", "2027-03-28", "01:30", "2027-03-28 01:00"),
        ("Europe/London", "2027-10-31", "01:30", "2027-10-31 00:30"),
        ("Australia/Lord_Howe", "2027-10-03", "02:00", "2027-10-02 15:30"),
        ("America/Havana", "2027-03-14", "00:00", "2027-03-14 05:00"),
        ("Antarctica/Troll", "2027-03-28", "02:30", "2027-03-28 01:00"),
        ("Asia/Kathmandu", "2027-06-01", "09:00", "2027-06-01 03:15"),
    ],
)
def test_the_oracle_says_what_a_person_would(zone: str, day: str, at: str, wanted: str) -> None:
    found = expected(history(zone), date.fromisoformat(day), time.fromisoformat(at))
    assert found == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


@pytest.mark.prove
def test_every_half_hour_of_seventeen_years_comes_once_in_every_zone() -> None:
    known = histories(available_timezones())
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(wrong_all_the_time, [zones[0] for zones in known.values()]))
    assert [each for these in found for each in these] == []
    names = sum(map(len, known.values()))
    count = len(known) * len(DAYS) * len(SLOTS)
    proof.add(
        "Every time zone",
        f"""{names} zones of the IANA database, which have {len(known)} different histories of their
offsets in these years; {len(SLOTS)} times of day, every day from {FIRST.year} to {LAST.year}:
{count:,} reminders. Each comes once a day, in order, and at the instant that an oracle says
which knows a zone only as a list of offsets: **0** wrong.""",
    )
