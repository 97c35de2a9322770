"""Reading until when something waits, and from which day to which somebody is away.

Durations are whole hours, days or weeks (2h, 3d, 1w); moments are a day, a time or
both (tomorrow, 18:00, fri 18:00). A text is read in one way or refused.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.core.dates import instant
from tracker.core.periods import N_
from tracker.core.reading import parse_date, parse_time, refuse_empty, refuse_foreign_digits, shown
from tracker.errors import InputError

LONGEST = timedelta(days=366)
"""Nothing waits for longer, and no journey takes longer."""

_SPAN = re.compile(r"([0-9]{1,6}) *([hdw])")
_WITH_TIME = re.compile(r"(?P<day>.*?)(?:T|\s)*(?P<time>[0-9]{1,2}:[0-9]{2})", re.IGNORECASE)
_RELATIVE = {"today", "tomorrow", "yesterday"}


def parse_moment(text: str, *, now: datetime, zone: str, at: time, field: str) -> datetime:
    """The instant until which something waits: aware UTC, after `now`, at most a year away.

    Days and weeks, and days that are named without a time, mean the wall time `at`
    of that day in `zone`; hours count from `now`. A day without a year is the next
    one. InputError names `field`.
    """
    said = {"name": field, "value": shown(text)}
    bare = " ".join(text.split())
    refuse_empty(bare, field=field, hint="Write for example 2h, 3d, tomorrow, fri or fri 18:00.")
    refuse_foreign_digits(bare, field=field)
    moment = _moment(bare, now, zone, at, field)
    if moment is None or moment - now > LONGEST:
        raise InputError(
            "{name} is {value!r}; a year is the longest.",
            field=field,
            hint="Choose an earlier day.",
            **said,
        )
    if moment <= now:
        raise InputError(
            "{name} is {value!r}, which is not after now.",
            field=field,
            hint="Give a later day, or a time such as 'fri 18:00'.",
            **said,
        )
    return moment


def _moment(bare: str, now: datetime, zone: str, at: time, field: str) -> datetime | None:
    """None for what lies beyond any calendar."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if found := _SPAN.fullmatch(bare.lower()):
        number = int(found[1])
        if found[2] == "h":
            return now + timedelta(hours=number)
        days = number * (7 if found[2] == "w" else 1)
        if days > LONGEST.days:
            return None
        # No days at all are now, whatever the time of the day.
        return instant(today + timedelta(days=days), at, zone) if days else now
    if found := _WITH_TIME.fullmatch(bare):
        # With the day before it, so that 24:00 is told as what it is.
        clock = parse_time(bare if bare.endswith("24:00") else found["time"], field=field)
        named = found["day"]
        day = parse_date(named, today=today, field=field, past=False) if named else today
        return instant(day, clock, zone)
    return instant(parse_date(bare, today=today, field=field, past=False), at, zone)


def parse_span(text: str, *, today: date, field: str) -> tuple[date, date]:
    """The first and the last day of "FROM..TO", both included, today or later.

    The second day is read as the next such one after the first: 28dec..3jan, fri..tue.
    InputError names `field`.
    """
    said = {"name": field, "value": shown(text)}
    hint = N_("Write the first and the last day with two dots between: 1dec..10dec")
    refuse_empty(text.strip(), field=field, hint=hint)
    first_text, dots, last_text = (part.strip() for part in text.partition(".."))
    if not (dots and first_text and last_text) or ".." in last_text or last_text.startswith("."):
        raise InputError(
            "{name} is {value!r}; a first and a last day are needed.",
            field=field,
            hint=hint,
            **said,
        )
    first = parse_date(first_text, today=today, field=field, past=False)
    seen_from = today if last_text.lower() in _RELATIVE else first
    last = parse_date(last_text, today=seen_from, field=field, past=False)
    if last < first:
        raise InputError(
            "{name} is {value!r}; {last} comes before {first}.",
            field=field,
            hint="Write the first day first.",
            first=first.isoformat(),
            last=last.isoformat(),
            **said,
        )
    if first < today:
        raise InputError(
            "{name} is {value!r}; {first} has passed.",
            field=field,
            hint="Begin with today, if it has begun already.",
            first=first.isoformat(),
            **said,
        )
    if last - first >= LONGEST:
        raise InputError(
            "{name} is {value!r}; a year is the longest.",
            field=field,
            hint="Look at the years.",
            **said,
        )
    return first, last


def parse_hours(text: str, *, field: str) -> tuple[time, time]:
    """The hours between which something may go, "08:00-21:00": from the first until before the
    second.

    InputError for what never opens, for less than an hour, and for hours over midnight.
    """
    said = {"name": field, "value": shown(text)}
    bare = text.strip()
    hint = N_("Write two times with a dash between, for example 08:00-21:00.")
    refuse_empty(bare, field=field, hint=hint)
    refuse_foreign_digits(bare, field=field)
    parts = [part.strip() for part in re.split("[-\N{EN DASH}]", bare)]
    if len(parts) != 2 or not all(parts):
        raise InputError(
            "{name} is {value!r}; two times are needed.", field=field, hint=hint, **said
        )
    first, last = (parse_time(part, field=field) for part in parts)
    if last <= first:
        raise InputError(
            "{name} is {value!r}; such hours never open, since they end before they begin.",
            field=field,
            hint="Put the earlier time first; hours do not go over midnight.",
            **said,
        )
    if _minutes(last) - _minutes(first) < 60:
        raise InputError(
            "{name} is {value!r}; that is less than one hour.",
            field=field,
            hint="Leave more room, or a message may find no time to go.",
            **said,
        )
    return first, last


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
