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
from tracker.core.whereabouts import Whereabouts

ASK_UNTIL_DAYS = 3
"""For so many days after the due date it still makes sense to ask whether it went."""
LATE_AFTER_DAYS = 3
"""So many days after the due date an open instalment is spoken of once more, and no more."""
LATE_UNTIL_DAYS = 10


class Kind(StrEnum):
    REMINDER = "reminder"
    ASKED = "asked"
    REOPENED = "reopened"
    LATE = "late"
    SNOOZED = "snoozed"
    ANSWER = "answer"
    CALL = "call"
    PROMISE = "promise"
    TASK = "task"
    DEADLINE = "deadline"
    RECEIPT = "receipt"
    LEAVING = "leaving"
    ALIVE = "alive"


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


def send_by_day(due_on: date, send_by_at: datetime, *, where: Whereabouts, send_time: time) -> date:
    """The last day, where the person is, on which a message at `send_time` is early enough.

    Where the bank's cut-off falls before that hour, the day before.
    """
    at_home = send_by_at.astimezone(ZoneInfo(where.home)).date()
    local = send_by_at.astimezone(ZoneInfo(where.zone_on(at_home)))
    day = local.date() if local.time() > send_time else local.date() - timedelta(days=1)
    return min(day, due_on)


def moments(
    due_on: date,
    send_by_at: datetime,
    *,
    offsets: Sequence[int],
    send_time: time,
    where: Whereabouts,
    asks: bool,
    late: bool = False,
) -> list[Moment]:
    """Every reminder of one instalment, in order of time.

    `offsets` are days (0 or below) from the send-by day; `asks` adds the question
    on the morning after the due date whether the money was taken, `late` the one
    word some days after it.
    """
    last_day = send_by_day(due_on, send_by_at, where=where, send_time=send_time)
    starts = [
        (offset, _morning(last_day + timedelta(days=offset), send_time, where))
        for offset in sorted(set(offsets))
    ]
    ends = [at for _, at in starts[1:]] + [_end(due_on, where)]
    found = [
        Moment(kind=Kind.REMINDER, offset_days=offset, at=at, useful_until=until)
        for (offset, at), until in zip(starts, ends, strict=True)
    ]
    if asks:
        found.append(question(due_on, send_time=send_time, where=where))
    if late:
        found.append(
            Moment(
                kind=Kind.LATE,
                offset_days=LATE_AFTER_DAYS,
                at=_morning(due_on + timedelta(days=LATE_AFTER_DAYS), send_time, where),
                useful_until=_end(due_on + timedelta(days=LATE_UNTIL_DAYS - 1), where),
            )
        )
    # Across a change of zones two mornings can be one instant, and the first has no use.
    return [moment for moment in found if moment.at < moment.useful_until]


def question(on: date, *, send_time: time, where: Whereabouts) -> Moment:
    """The question whether what was to go on `on` went, asked the morning after."""
    return Moment(
        kind=Kind.ASKED,
        offset_days=1,
        at=_morning(on + timedelta(days=1), send_time, where),
        useful_until=_end(on + timedelta(days=ASK_UNTIL_DAYS), where),
    )


def reopened(opened_at: datetime, due_on: date, *, where: Whereabouts) -> Moment:
    """Said once after a void or a bounce: open again. Useful for a day at least."""
    return Moment(
        kind=Kind.REOPENED,
        offset_days=0,
        at=opened_at,
        useful_until=max(_end(due_on, where), opened_at + timedelta(days=1)),
    )


def snoozed(until_at: datetime, due_on: date, *, where: Whereabouts) -> Moment:
    """What was put off comes at the instant that was asked for. Useful for a day at least."""
    return Moment(
        kind=Kind.SNOOZED,
        offset_days=0,
        at=until_at,
        useful_until=max(_end(due_on, where), until_at + timedelta(days=1)),
    )


def _morning(day: date, send_time: time, where: Whereabouts) -> datetime:
    return instant(day, send_time, where.zone_on(day))


def _end(day: date, where: Whereabouts) -> datetime:
    """The end of a day where the person is on it."""
    return instant(day + timedelta(days=1), time(0), where.zone_on(day))


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


def within_hours(now: datetime, *, hours: tuple[time, time], where: Whereabouts) -> datetime:
    """`now` if messages may go at this hour where the person is, else when they next may."""
    first, last = hours

    def open_at(at: datetime) -> bool:
        return first <= at.astimezone(ZoneInfo(where.zone_at(at))).time() < last

    if open_at(now):
        return now
    # The first hour of a day, or the midnight at which a journey begins or ends.
    here = where.zone_at(now)
    today = now.astimezone(ZoneInfo(here)).date()
    days = [today + timedelta(days=offset) for offset in range(-1, 4)]
    starts = sorted(
        instant(day, at, zone)
        for day in days
        for at in (time(0), first)
        for zone in {here, where.zone_on(day)}
    )
    coming = [at for at in starts if at > now]
    return next((at for at in coming if open_at(at)), coming[-1])


def clamped(at: time, hours: tuple[time, time]) -> time:
    """An hour of sending inside the hours for messages: never a day later, which may be too late.

    What comes after them goes an hour before they end, or at their beginning.
    """
    first, last = hours
    if first <= at < last:
        return at
    if at < first:
        return first
    hour_before = time(last.hour - 1, last.minute) if last.hour else first
    return max(first, hour_before)
