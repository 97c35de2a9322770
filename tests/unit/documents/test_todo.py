from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers import ics_checker
from tracker.documents.calendar import Event, feed
from tracker.documents.todo import item, uid

STAMP = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)

GOOD = (
    "BEGIN:VCALENDAR\r\n"
    "VERSION:2.0\r\n"
    "PRODID:-//Calendar//Item 1//EN\r\n"
    "CALSCALE:GREGORIAN\r\n"
    "BEGIN:VTODO\r\n"
    "UID:K7Q2M4-todo\r\n"
    "DTSTAMP:20261101T083000Z\r\n"
    "LAST-MODIFIED:20261101T083000Z\r\n"
    "SEQUENCE:2\r\n"
    "DUE;VALUE=DATE:20261204\r\n"
    "SUMMARY:MAPLE 7 of 12\\, send by Fri 4 Dec\r\n"
    "STATUS:NEEDS-ACTION\r\n"
    "PERCENT-COMPLETE:0\r\n"
    "CLASS:PRIVATE\r\n"
    "BEGIN:VALARM\r\n"
    "ACTION:DISPLAY\r\n"
    "DESCRIPTION:MAPLE 7 of 12\\, send by Fri 4 Dec\r\n"
    "TRIGGER;RELATED=END:-PT15H\r\n"
    "END:VALARM\r\n"
    "END:VTODO\r\n"
    "END:VCALENDAR\r\n"
)


def event(**changes: object) -> Event:
    given = {
        "uid": "K7Q2M4",
        "on": date(2026, 12, 4),
        "summary": "MAPLE 7 of 12, send by Fri 4 Dec",
        "description": "",
        "alarms": (timedelta(hours=-15),),
        "sequence": 2,
        "stamp": STAMP,
    }
    return Event(**(given | changes))  # type: ignore[arg-type]


def written(event: Event, *, todo: bool, done: bool = False) -> bytes:
    file = item(event, todo=todo, done=done)
    assert ics_checker.problems(file) == []
    vobject.readOne(file.decode()).validate(raiseException=True)
    return file


def read(file: bytes) -> icalendar.Component:
    calendar = icalendar.Calendar.from_ical(file)
    assert calendar.errors == []
    assert "METHOD" not in calendar
    (found,) = calendar.subcomponents
    assert found.errors == []
    return found


def test_a_to_do_is_written_exactly_so() -> None:
    assert written(event(), todo=True).decode() == GOOD


def test_an_event_alone_is_the_event_of_the_feed() -> None:
    def block(file: bytes) -> bytes:
        return file[file.index(b"BEGIN:VEVENT") : file.index(b"END:VCALENDAR")]

    alone = written(event(), todo=False)
    assert block(alone) == block(feed("Dates", [event()], language_tag="en"))


def test_the_two_items_of_a_day_have_two_uids() -> None:
    for todo, name in ((False, "K7Q2M4"), (True, "K7Q2M4-todo")):
        assert uid(event(), todo=todo) == read(written(event(), todo=todo))["UID"] == name


@pytest.mark.parametrize("given", ["", "a\r\nb", "名", "x" * 300, "\ud800"])
def test_a_uid_that_no_file_can_carry_is_the_same_in_both_places(given: str) -> None:
    found = read(written(event(uid=given), todo=True))
    assert found["UID"] == uid(event(uid=given, sequence=9), todo=True)
    assert str(found["UID"]).endswith("-todo")


def test_the_alarms_of_a_to_do_ring_when_those_of_the_event_do() -> None:
    given = event(alarms=(timedelta(hours=-15), timedelta(days=-3)))
    triggers = [
        [alarm.decoded("TRIGGER") for alarm in read(written(given, todo=todo)).walk("VALARM")]
        for todo in (False, True)
    ]
    assert triggers[0] == triggers[1] == [timedelta(days=-3), timedelta(hours=-15)]


def test_a_to_do_that_is_done_is_ticked_and_rings_no_more() -> None:
    found = read(written(event(), todo=True, done=True))
    assert (found["STATUS"], found["PERCENT-COMPLETE"]) == ("COMPLETED", 100)
    assert found.decoded("COMPLETED") == STAMP
    assert found.walk("VALARM") == []


@pytest.mark.parametrize("done", [False, True])
def test_a_to_do_that_was_withdrawn_is_cancelled_and_not_done(done: bool) -> None:
    found = read(written(event(cancelled=True), todo=True, done=done))
    assert (found["STATUS"], found["PERCENT-COMPLETE"]) == ("CANCELLED", 0)
    assert "COMPLETED" not in found
    assert found.walk("VALARM") == []


def test_a_to_do_without_a_title_has_a_dash_for_one() -> None:
    assert read(written(event(summary=" \u202e\n "), todo=True))["SUMMARY"] == "–"


@pytest.mark.parametrize("todo", [False, True])
def test_an_item_depends_on_its_input_alone(todo: bool) -> None:
    shifted = STAMP.astimezone(timezone(timedelta(hours=8)))
    assert written(event(stamp=shifted), todo=todo) == written(event(), todo=todo)


@pytest.mark.parametrize("todo", [False, True])
def test_an_item_without_a_zone_is_refused(todo: bool) -> None:
    with pytest.raises(ValueError, match="zone"):
        item(event(stamp=datetime(2026, 1, 1)), todo=todo)  # noqa: DTZ001


def test_an_event_on_the_last_day_there_is_is_refused() -> None:
    with pytest.raises(ValueError, match="day"):
        item(event(on=date(9999, 12, 31)), todo=False)


@settings(max_examples=100, deadline=None)
@given(
    title=st.text(max_size=120),
    description=st.text(max_size=300),
    on=st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    todo=st.booleans(),
    done=st.booleans(),
)
def test_any_text_makes_a_good_item(
    title: str, description: str, on: date, todo: bool, done: bool
) -> None:
    given = event(summary=title, description=description, on=on)
    found = read(written(given, todo=todo, done=done))
    assert found.decoded("DUE" if todo else "DTSTART") == on


BROKEN = {
    "no day": lambda text: text.replace("DUE;VALUE=DATE:20261204\r\n", ""),
    "an instant for a day": lambda text: text.replace(";VALUE=DATE:20261204", ":20261204T000000Z"),
    "a day that does not exist": lambda text: text.replace("20261204", "20260230"),
    "a state of events": lambda text: text.replace("NEEDS-ACTION", "CONFIRMED"),
    "a state that contradicts": lambda text: text.replace("COMPLETE:0", "COMPLETE:100"),
    "a stamp of no zone": lambda text: text.replace("083000Z", "083000"),
    "a start": lambda text: text.replace("DUE;", "DTSTART;VALUE=DATE:20261203\r\nDUE;"),
    "two days": lambda text: text.replace("DUE;", "DUE;VALUE=DATE:20261203\r\nDUE;"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_checker_finds_a_planted_fault(fault: str) -> None:
    broken = BROKEN[fault](GOOD)
    assert broken != GOOD
    assert ics_checker.problems(GOOD.encode()) == []
    assert ics_checker.problems(broken.encode()) != []
