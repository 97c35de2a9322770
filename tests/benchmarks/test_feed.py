"""A calendar of a thousand events over HTTP: unchanged, cached, and built for the first time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from icalendar import Alarm, Calendar, Event

from tests.peers import measure, site
from tests.peers.clock import MovableClock
from tracker.actions import feeds
from tracker.web.app import pages_app

EVENTS = 1_000
TIMES = 100
BUILDS = 9


def _icalendar_alone(body: bytes) -> Callable[[], object]:
    """The same file as anybody would write it with the library: add each property, then to_ical."""
    read = Calendar.from_ical(body)
    parts = [
        (
            [(name, event.decoded(name)) for name in event if name != "STATUS"],
            [alarm.decoded("TRIGGER") for alarm in event.walk("VALARM")],
        )
        for event in read.walk("VEVENT")
    ]

    def build() -> object:
        calendar = Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//Calendar//Feed 1//EN")
        for properties, triggers in parts:
            event = Event()
            for name, value in properties:
                event.add(name, value.decode() if isinstance(value, bytes) else value)
            for trigger in triggers:
                alarm = Alarm()
                alarm.add("action", "DISPLAY")
                alarm.add("description", "x")
                alarm.add("trigger", trigger)
                event.add_component(alarm)
            calendar.add_component(event)
        return calendar.to_ical()

    return build


def test_a_feed_of_a_thousand_events(home: Path, sqlite_template: Path) -> None:
    clock = MovableClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    office = measure.office(home, sqlite_template, clock=clock)
    measure.add_person(office)
    for handle in ("maple", "river"):
        measure.add_plan(
            office, handle, start=date(2026, 12, 4), count=EVENTS // 2, total="48000.00"
        )
    token = measure.ask(office, "feed.add")["token"]
    with site.running(pages_app(office, dict)) as place:
        client = site.Client(place)
        path = f"/feed/{token}.ics"
        measure.until(lambda: measure.answers(client), "the server")
        first = client.get(path)
        assert first.status == 200
        assert first.body.count(b"BEGIN:VEVENT") == EVENTS

        def unchanged() -> None:
            assert client.get(path, If_None_Match=first.headers["etag"]).status == 304

        def cached() -> None:
            assert client.get(path).body == first.body

        small = measure.median_ms(unchanged, TIMES)
        large = measure.median_ms(cached, TIMES)

    library = _icalendar_alone(first.body)

    def build() -> None:
        feeds._files.clear()
        file = feeds.feed_bytes(office, token, office.clock.now())
        assert file is not None
        assert file.body == first.body

    ours, theirs, ratio = measure.in_turns(build, library, BUILDS)
    office.close()
    measure.show("a feed, unchanged (If-None-Match)", f"{small:.2f} ms", "2 ms", over=small > 2)
    measure.show("a feed of 1,000 events, cached", f"{large:.2f} ms", "5 ms", over=large > 5)
    measure.show(
        "the same, first build / icalendar alone",
        f"{ours:.0f} / {theirs:.0f} ms = {ratio:.2f}",
        "1.2",
        over=ratio > 1.2,
    )
