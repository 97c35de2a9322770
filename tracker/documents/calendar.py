"""Calendar feeds: iCalendar (RFC 5545, RFC 7986) for subscription.

The bytes depend on the arguments alone: every stamp comes from the event's own
row, so that a poll of an unchanged feed meets an unchanged ETag. Events last
one whole day as a date without a time, which no time zone can move.
No METHOD: with one, readers ask for an ORGANIZER.
"""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from icalendar import Alarm, Calendar
from icalendar import Event as Component
from icalendar.prop import vDate, vDatetime, vDuration, vInt, vText

from tracker.documents import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)

REFRESH = timedelta(hours=4)
"""How often a subscriber is asked to look again; many look far less often."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One whole day in the calendar.

    `uid` is opaque and stays the same over the event's life; `sequence` grows
    when its date or meaning changes. `stamp` is when the row last changed, an
    aware instant. `alarms` are counted from the midnight at which the day
    begins, where the reader is: -15 hours is 9 in the morning of the day before.
    """

    uid: str
    on: date
    summary: str
    description: str
    alarms: tuple[timedelta, ...]
    sequence: int
    stamp: datetime
    cancelled: bool = False


def feed(name: str, events: Iterable[Event], *, language_tag: str) -> bytes:
    """The calendar `name` as a file, its events by date.

    `language_tag` is the language of the texts (BCP 47, or a locale's name).
    An event that cannot be written at all is left out and logged by a hash of
    its uid; the others stay. Of two events with one uid the second gets a new
    uid made from the first, since readers would keep only one of them.
    """
    language = re.sub(r"[^A-Za-z0-9-]", "", language_tag.replace("_", "-")) or "en"
    title = vText(clean.line(name) or "–")
    calendar = Calendar()
    calendar["VERSION"] = vText("2.0")
    calendar["PRODID"] = vText(f"-//Calendar//Feed 1//{language.split('-')[0].upper()}")
    calendar["CALSCALE"] = vText("GREGORIAN")
    calendar["NAME"] = vText(title, params={"LANGUAGE": language})
    calendar["X-WR-CALNAME"] = title
    calendar["REFRESH-INTERVAL"] = vDuration(REFRESH, params={"VALUE": "DURATION"})
    calendar["X-PUBLISHED-TTL"] = vDuration(REFRESH)
    # Each event is written by itself, so that one which cannot be written does
    # not take the rest along, and they are set between the calendar's two ends.
    head, end = calendar.to_ical(sorted=False), b"END:VCALENDAR\r\n"
    parts = [head.removesuffix(end)]
    used: set[str] = set()
    for event in sorted(events, key=lambda each: (each.on.isoformat(), str(each.uid))):
        uid = _free(uid_of(event), used)
        try:
            parts.append(vevent(event, uid, title).to_ical(sorted=False))
        except Exception:
            log.exception("event left out of a feed: %s", _hash(uid))
            continue
        used.add(uid)
    return b"".join((*parts, end))


def vevent(event: Event, uid: str, fallback: str) -> Component:
    """ValueError or OverflowError for an event that no file can carry."""
    stamp = stamp_of(event)
    summary = clean.line(event.summary) or str(fallback)
    component = Component()
    component["UID"] = vText(uid)
    component["DTSTAMP"] = stamp
    component["LAST-MODIFIED"] = stamp
    component["SEQUENCE"] = vInt(max(0, event.sequence))
    component["DTSTART"] = vDate(event.on, params={"VALUE": "DATE"})
    component["DTEND"] = vDate(event.on + _ONE_DAY, params={"VALUE": "DATE"})
    component["SUMMARY"] = vText(summary)
    if description := clean.paragraph(event.description):
        component["DESCRIPTION"] = vText(description)
    component["STATUS"] = vText("CANCELLED" if event.cancelled else "CONFIRMED")
    component["TRANSP"] = vText("TRANSPARENT")
    component["CLASS"] = vText("PRIVATE")
    for alarm in alarms(event, summary):
        component.add_component(alarm)
    return component


def alarms(event: Event, text: str, *, related: str | None = None) -> list[Alarm]:
    """What rings, in order; nothing rings for a cancelled event."""
    made = []
    for offset in () if event.cancelled else sorted(set(event.alarms)):
        alarm = Alarm()
        alarm["ACTION"] = vText("DISPLAY")
        alarm["DESCRIPTION"] = vText(text)
        alarm["TRIGGER"] = vDuration(offset, params={"RELATED": related} if related else None)
        made.append(alarm)
    return made


def stamp_of(event: Event) -> vDatetime:
    if event.stamp.tzinfo is None:
        raise ValueError("the stamp has no time zone")
    return vDatetime(event.stamp.astimezone(UTC).replace(microsecond=0))


def uid_of(event: Event) -> str:
    """The event's uid; if a file cannot carry it as it is, one made from it."""
    if re.fullmatch(r"[\x21-\x7e]{1,200}", event.uid):
        return event.uid
    return _hash(event.uid or f"{event.on} {event.summary}")


def _free(uid: str, used: set[str]) -> str:
    candidate, number = uid, 1
    while candidate in used:
        number += 1
        candidate = f"{uid}-{number}"
    return candidate


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
