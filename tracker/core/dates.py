"""Calendar arithmetic: recurrences, working days, wall time and the send-by moment.

Pure: "today", the zone and what counts as a working day are handed in. Wall
times follow the zone's own rules as `zoneinfo` knows them.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count as count_from
from itertools import islice
from zoneinfo import ZoneInfo

from tracker.errors import InputError

MOST = 600
"""Most instalments of one plan: fifty years of months."""

WorkingDay = Callable[[date], bool]


class Every(StrEnum):
    """How often an instalment falls due."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    FOUR_WEEKLY = "four-weekly"
    TWICE_MONTHLY = "twice-monthly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Shift(StrEnum):
    """Where a due date goes that is no working day."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified-following"
    PRECEDING = "preceding"


_DAYS = {Every.WEEKLY: 7, Every.FORTNIGHTLY: 14, Every.FOUR_WEEKLY: 28}
_MONTHS = {Every.MONTHLY: 1, Every.QUARTERLY: 3}

# The longest closure any calendar knows is under three weeks; a predicate that
# says no for longer is broken, and must not hang the caller.
_LONGEST_CLOSURE = 366


def occurrences(
    anchor: date, every: Every, count: int, *, second_day: int | None = None
) -> list[date]:
    """`count` (1 to `MOST`) dates, the first of which is `anchor`.

    Each is computed from the anchor, never from the one before, and clamped to
    the end of its month: 31 January, 28 February, 31 March.

    Twice-monthly takes the anchor's day and `second_day` (1 to 31) of each
    month. Left out, the second day lies half a month away: anchor day + 15, or
    anchor day - 15 when the anchor lies in the second half of the month (1 and
    16, 15 and 30, 20 and 5). Two days that would both clamp to the same end of
    February are refused. InputError names `count` or `second_day`.
    """
    if not 1 <= count <= MOST:
        raise InputError(
            "{name} is {value}; a plan has 1 to {most} instalments.",
            field="count",
            hint="Choose another amount or another rhythm.",
            name="count",
            value=count,
            most=MOST,
        )
    if every is Every.TWICE_MONTHLY:
        return list(islice(_twice_monthly(anchor, other_day(anchor, second_day)), count))
    if second_day is not None:
        raise InputError(
            "{name} is {value}; only a twice-monthly plan has a second day.",
            field="second_day",
            hint="Leave it out, or choose twice-monthly.",
            name="second_day",
            value=second_day,
        )
    if every in _DAYS:
        return [anchor + timedelta(days=_DAYS[every] * i) for i in range(count)]
    return [month_day(anchor, _MONTHS[every] * i, anchor.day) for i in range(count)]


def shift(day: date, rule: Shift, is_working: WorkingDay) -> date:
    """The working day that `rule` puts in the place of `day`.

    Modified following goes forward unless that would leave the month, then
    back. InputError when `is_working` finds no working day within a year.
    """
    if rule is Shift.NONE or is_working(day):
        return day
    if rule is Shift.PRECEDING:
        return _working(day, -1, is_working)
    after = _working(day, 1, is_working)
    if rule is Shift.MODIFIED_FOLLOWING and (after.year, after.month) != (day.year, day.month):
        return _working(day, -1, is_working)
    return after


def instant(day: date, at: time, zone: str) -> datetime:
    """The aware UTC instant of a wall time in an IANA zone.

    A wall time that a clock change skips means the first instant after the gap
    (02:30 becomes 03:00, not 03:30); one that occurs twice means the first.
    `at` is naive; an unknown zone is `zoneinfo`'s own error, since a zone is
    checked when it is typed.
    """
    if at.tzinfo is not None:
        raise ValueError("a wall time carries no zone of its own")
    rules = ZoneInfo(zone)
    wall = datetime.combine(day, at.replace(fold=0))
    first = wall.replace(tzinfo=rules).astimezone(UTC)
    if first.astimezone(rules).replace(tzinfo=None) == wall:
        return first
    # In a gap the two readings straddle the change: fold=1 takes the offset
    # after it and lands before it. Between them the wall clock jumps past
    # `wall` once, at the instant that is wanted.
    before, after = wall.replace(tzinfo=rules, fold=1).astimezone(UTC), first
    second = timedelta(seconds=1)
    before, after = before.replace(microsecond=0), after.replace(microsecond=0)
    while after - before > second:
        middle = before + (after - before) // second // 2 * second
        if middle.astimezone(rules).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after


def send_by(
    due_on: date,
    *,
    zone: str,
    cutoff: time,
    clearing_days: int,
    is_working: WorkingDay,
) -> datetime:
    """The last moment at which money can leave and still arrive on `due_on`.

    From the due date, or the last working day before it, `clearing_days` (0 to
    30) working days are counted back; the moment is `cutoff` on that day in the
    creditor's zone. `is_working` says whether money moves on both sides, the
    payer's bank and the creditor's. Aware UTC. InputError names `clearing_days`.
    """
    if not 0 <= clearing_days <= 30:
        raise InputError(
            "{name} is {value}; money takes 0 to 30 working days.",
            field="clearing_days",
            hint="Ask the bank how many working days a transfer takes; 0 is the same day.",
            name="clearing_days",
            value=clearing_days,
        )
    day = shift(due_on, Shift.PRECEDING, is_working)
    for _ in range(clearing_days):
        day = _working(day, -1, is_working)
    return instant(day, cutoff, zone)


def _working(day: date, step: int, is_working: WorkingDay) -> date:
    """The nearest working day after (`step` 1) or before (-1) `day`, itself excluded."""
    for distance in range(1, _LONGEST_CLOSURE + 1):
        candidate = day + timedelta(days=step * distance)
        if is_working(candidate):
            return candidate
    raise InputError(
        "There is no working day within a year of {day}.",
        field="holidays",
        hint="Look at the weekdays and holidays set for this debt.",
        day=day.isoformat(),
    )


def month_day(anchor: date, months: int, day: int) -> date:
    """`day`, or the last of the month, `months` after the anchor's month."""
    years, month = divmod(anchor.month - 1 + months, 12)
    year, month = anchor.year + years, month + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def other_day(anchor: date, second_day: int | None) -> int:
    """The other day of a twice-monthly plan: the one given, checked, or half a month away."""
    if second_day is None:
        return anchor.day + 15 if anchor.day <= 15 else anchor.day - 15
    if not 1 <= second_day <= 31:
        raise InputError(
            "{name} is {value}; a month has the days 1 to 31.",
            field="second_day",
            hint="Write 31 for the last day of every month.",
            name="second_day",
            value=second_day,
        )
    if second_day == anchor.day or min(second_day, anchor.day) >= 28:
        raise InputError(
            "{name} is {value}; with the {first} it would be one day in February.",
            field="second_day",
            hint="Choose a second day in the other half of the month.",
            name="second_day",
            value=second_day,
            first=anchor.day,
        )
    return second_day


def _twice_monthly(anchor: date, second_day: int) -> Iterator[date]:
    """Without end: both days of each month, from the anchor on."""
    for months in count_from():
        for day in sorted((anchor.day, second_day)):
            due_on = month_day(anchor, months, day)
            if due_on >= anchor:
                yield due_on
