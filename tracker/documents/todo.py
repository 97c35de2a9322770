"""Calendar items one by one, as a calendar server keeps them: an event, or a to-do.

RFC 4791, 4.1: one file holds one UID and no METHOD. An event and the to-do of the
same day are therefore two files with two uids. As in a feed, the bytes depend on
the arguments alone, so that what is unchanged need not be sent again.
"""

from __future__ import annotations

from icalendar import Calendar, Todo
from icalendar.prop import vDate, vInt, vText

from tracker.documents import calendar, clean
from tracker.documents.calendar import Event

_NAMELESS = "–"


def uid(event: Event, *, todo: bool) -> str:
    """The uid of the item, and the name of its file: printable ASCII, 205 letters at most."""
    return f"{calendar.uid_of(event)}-todo" if todo else calendar.uid_of(event)


def item(event: Event, *, todo: bool, done: bool = False) -> bytes:
    """The file of one event, or of its to-do; `done` is told of to-dos only.

    Raises ValueError for an event that no file can carry: its stamp without a
    zone, or its day the last one there is.
    """
    file = Calendar()
    file["VERSION"] = vText("2.0")
    file["PRODID"] = vText("-//Calendar//Item 1//EN")
    file["CALSCALE"] = vText("GREGORIAN")
    try:
        file.add_component(
            _vtodo(event, done=done)
            if todo
            else calendar.vevent(event, uid(event, todo=False), _NAMELESS)
        )
    except OverflowError as error:
        raise ValueError("the day has no day after it") from error
    content: bytes = file.to_ical(sorted=False)
    return content


def _vtodo(event: Event, *, done: bool) -> Todo:
    """Due on the event's day, to be ticked.

    Without DTSTART: due must be later than the start (RFC 5545, 3.8.2.3), and
    some apps hide a to-do until it starts. Alarms of a to-do without a start are
    related to its end (3.8.6.3), which for a day is the midnight that begins it,
    where the reader is: the same instants as the event's.
    """
    stamp = calendar.stamp_of(event)
    summary = clean.line(event.summary) or _NAMELESS
    component = Todo()
    component["UID"] = vText(uid(event, todo=True))
    component["DTSTAMP"] = stamp
    component["LAST-MODIFIED"] = stamp
    component["SEQUENCE"] = vInt(max(0, event.sequence))
    component["DUE"] = vDate(event.on, params={"VALUE": "DATE"})
    component["SUMMARY"] = vText(summary)
    if description := clean.paragraph(event.description):
        component["DESCRIPTION"] = vText(description)
    if event.cancelled:
        component["STATUS"] = vText("CANCELLED")
    elif done:
        component["STATUS"] = vText("COMPLETED")
        component["COMPLETED"] = stamp
    else:
        component["STATUS"] = vText("NEEDS-ACTION")
    component["PERCENT-COMPLETE"] = vInt(100 if done and not event.cancelled else 0)
    component["CLASS"] = vText("PRIVATE")
    for alarm in [] if done else calendar.alarms(event, summary, related="END"):
        component.add_component(alarm)
    return component
