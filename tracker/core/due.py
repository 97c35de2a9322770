"""Which reminders a moment calls for, each with its key.

Offsets count from the send-by day, the last day on which the money can leave and
still arrive. A reminder is useful until the next one's moment, the last one until
the end of the due day where the person is; so after a pause at most one of an
instalment's reminders is still useful.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tracker.core.dates import instant

ASK_UNTIL_DAYS = 3
"""For so many days after the due date it still makes sense to ask whether it went."""


class Kind(StrEnum):
    REMINDER = "reminder"
    ASKED = "asked"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One reminder: when it is due, and until when it is of use. Half-open, aware UTC."""

    kind: Kind
    offset_days: int
    at: datetime
    useful_until: datetime

    def useful(self, now: datetime) -> bool:
        return now < self.useful_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What `now` calls for, oldest first, and the next moment to look again (None: never)."""

    moments: tuple[Moment, ...]
    next_at: datetime | None


def send_by_day(due_on: date, send_by_at: datetime, *, zone: str, send_time: time) -> date:
    """The last day, where the person is, on which a message at `send_time` is early enough.

    Where the bank's cut-off falls before that hour, the day before.
    """
    local = send_by_at.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() > send_time else local.date() - timedelta(days=1)
    return min(day, due_on)


def moments(
    due_on: date,
    send_by_at: datetime,
    *,
    offsets: Sequence[int],
    send_time: time,
    zone: str,
    asks: bool,
) -> list[Moment]:
    """Every reminder of one instalment, in order of time.

    `offsets` are days (0 or below) from the send-by day; `asks` adds the question
    on the morning after the due date whether the money was taken.
    """
    last_day = send_by_day(due_on, send_by_at, zone=zone, send_time=send_time)
    due_day_ends = instant(due_on + timedelta(days=1), time(0), zone)
    starts = [
        (offset, instant(last_day + timedelta(days=offset), send_time, zone))
        for offset in sorted(set(offsets))
    ]
    ends = [at for _, at in starts[1:]] + [due_day_ends]
    found = [
        Moment(kind=Kind.REMINDER, offset_days=offset, at=at, useful_until=until)
        for (offset, at), until in zip(starts, ends, strict=True)
    ]
    if asks:
        found.append(
            Moment(
                kind=Kind.ASKED,
                offset_days=1,
                at=instant(due_on + timedelta(days=1), send_time, zone),
                useful_until=instant(due_on + timedelta(days=1 + ASK_UNTIL_DAYS), time(0), zone),
            )
        )
    return found


def question(on: date, *, send_time: time, zone: str) -> Moment:
    """The question whether a payment scheduled for `on` went, asked the morning after."""
    return Moment(
        kind=Kind.ASKED,
        offset_days=1,
        at=instant(on + timedelta(days=1), send_time, zone),
        useful_until=instant(on + timedelta(days=1 + ASK_UNTIL_DAYS), time(0), zone),
    )


def reopened(opened_at: datetime, due_on: date, *, zone: str) -> Moment:
    """Said once after a void or a bounce: open again. Useful for a day at least."""
    due_day_ends = instant(due_on + timedelta(days=1), time(0), zone)
    return Moment(
        kind=Kind.REOPENED,
        offset_days=0,
        at=opened_at,
        useful_until=max(due_day_ends, opened_at + timedelta(days=1)),
    )


def called(candidates: Iterable[Moment], *, since: datetime, now: datetime) -> Called:
    """Those of `candidates` that came after `since` and have come by `now`.

    What lay before the plan was recorded is nobody's omission and is not called.
    """
    come: list[Moment] = []
    next_at: datetime | None = None
    for moment in sorted(candidates, key=lambda each: (each.at, each.offset_days)):
        if moment.at < since:
            continue
        if moment.at <= now:
            come.append(moment)
        else:
            next_at = moment.at
            break
    return Called(moments=tuple(come), next_at=next_at)


def within_hours(now: datetime, *, hours: tuple[time, time], zone: str) -> datetime:
    """`now` if messages may go at this hour where the person is, else when they next may."""
    first, last = hours
    local = now.astimezone(ZoneInfo(zone))
    if first <= local.time() < last:
        return now
    day = local.date() if local.time() < first else local.date() + timedelta(days=1)
    return instant(day, first, zone)
