from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers import ics_checker
from tracker.documents.calendar import Event, feed

STAMP = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
DAY_BEFORE = (timedelta(hours=-15), timedelta(days=-3))

GOOD = (
    "BEGIN:VCALENDAR\r\n"
    "VERSION:2.0\r\n"
    "PRODID:-//Calendar//Feed 1//EN\r\n"
    "CALSCALE:GREGORIAN\r\n"
    "NAME;LANGUAGE=en-GB:Reminders\r\n"
    "X-WR-CALNAME:Reminders\r\n"
    "REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n"
    "X-PUBLISHED-TTL:PT4H\r\n"
    "BEGIN:VEVENT\r\n"
    "UID:K7Q2M4\r\n"
    "DTSTAMP:20261101T083000Z\r\n"
    "LAST-MODIFIED:20261101T083000Z\r\n"
    "SEQUENCE:2\r\n"
    "DTSTART;VALUE=DATE:20261204\r\n"
    "DTEND;VALUE=DATE:20261205\r\n"
    "SUMMARY:MAPLE 7 of 12\\, send by Fri 4 Dec\r\n"
    "DESCRIPTION:Ref K7Q2\\nDue Mon 7 Dec\r\n"
    "STATUS:CONFIRMED\r\n"
    "TRANSP:TRANSPARENT\r\n"
    "CLASS:PRIVATE\r\n"
    "BEGIN:VALARM\r\n"
    "ACTION:DISPLAY\r\n"
    "DESCRIPTION:MAPLE 7 of 12\\, send by Fri 4 Dec\r\n"
    "TRIGGER:-PT15H\r\n"
    "END:VALARM\r\n"
    "END:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)

NASTY = {
    "a fold in 还": "x" * 66 + "还还还还还",
    "a fold in é": "x" * 66 + "éééééééé",
    "a fold in an emoji": "x" * 65 + "🏡🏡🏡",
    "a space at the fold": "x" * 66 + " y" * 8 + "  z",
    "a backslash at the end": "MAPLE\\",
    "marks and a literal \\n": "a;b,c\\n\\;d:e\"f'",
    "line ends of Unicode": "a\u2028b\x85c\x0bd",
    "another component": "BEGIN:VALARM",
    "an injected event": "Bank\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    "controls": "a\x00b\x1b[31mc\x9bd",
    "turned direction": "abc\u202etxt.exe\u2066",
    "five thousand letters": "长" * 5000,
    "a family": "👩‍👩‍👧‍👦 7 of 12",
    "markup": '<script>alert("1")</script> {{7*7}} %s ${HOME}',
    "a formula": '=HYPERLINK("http://x.example")',
    "half a surrogate pair": "a\ud800b",
}


def event(**changes: object) -> Event:
    given = {
        "uid": "K7Q2M4",
        "on": date(2026, 12, 4),
        "summary": "MAPLE 7 of 12, send by Fri 4 Dec",
        "description": "Ref K7Q2\nDue Mon 7 Dec",
        "alarms": (timedelta(hours=-15),),
        "sequence": 2,
        "stamp": STAMP,
    }
    return Event(**(given | changes))  # type: ignore[arg-type]


def written(*events: Event, name: str = "Reminders") -> bytes:
    file = feed(name, events, language_tag="en_GB")
    assert ics_checker.problems(file) == []
    return file


def read(file: bytes) -> list[icalendar.Component]:
    calendar = icalendar.Calendar.from_ical(file)
    assert calendar.errors == []
    for component in calendar.walk():
        assert component.errors == []
    return calendar.walk("VEVENT")


def test_a_feed_is_written_exactly_so() -> None:
    assert feed("Reminders", [event()], language_tag="en_GB").decode() == GOOD


def test_a_feed_depends_on_its_input_alone() -> None:
    events = [event(uid=f"u{n}", on=date(2026, 12, 1) + timedelta(n)) for n in range(40)]
    assert written(*events) == written(*reversed(events))


def test_icalendar_reads_the_feed_back() -> None:
    (found,) = read(written(event(alarms=DAY_BEFORE)))
    assert found["UID"] == "K7Q2M4"
    assert found.decoded("DTSTART") == date(2026, 12, 4)
    assert found.decoded("DTEND") == date(2026, 12, 5)
    assert found.decoded("DTSTAMP") == found.decoded("LAST-MODIFIED") == STAMP
    assert found["DESCRIPTION"] == "Ref K7Q2\nDue Mon 7 Dec"
    alarms = [alarm.decoded("TRIGGER") for alarm in found.walk("VALARM")]
    assert alarms == [timedelta(days=-3), timedelta(hours=-15)]


def test_vobject_reads_and_validates_the_feed() -> None:
    file = written(event(summary=NASTY["a fold in 还"]), event(uid="B", cancelled=True))
    calendar = vobject.readOne(file.decode())
    calendar.validate(raiseException=True)
    texts = {each.uid.value: each for each in calendar.vevent_list}
    assert texts["K7Q2M4"].summary.value == NASTY["a fold in 还"]
    assert texts["K7Q2M4"].dtstart.value == date(2026, 12, 4)
    assert texts["B"].status.value == "CANCELLED"


def test_a_cancelled_event_rings_no_alarm() -> None:
    (found,) = read(written(event(cancelled=True)))
    assert found["STATUS"] == "CANCELLED"
    assert found.walk("VALARM") == []


def test_a_stamp_is_written_in_utc() -> None:
    shifted = STAMP.astimezone(timezone(timedelta(hours=8)))
    assert written(event(stamp=shifted)) == written(event())


@pytest.mark.parametrize("title", NASTY.values(), ids=NASTY)
def test_a_nasty_title_stays_one_title(title: str) -> None:
    (found,) = read(written(event(summary=title), name=title))
    shown = str(found["SUMMARY"])
    assert len(shown) <= 250
    assert not set(shown) & set("\r\n\x00\x1b\x85\x9b\u2028\u202e\u2066")
    if title.isprintable() and len(title) < 250 and "  " not in title:
        assert shown == title


def test_an_event_without_a_title_takes_the_name_of_its_calendar() -> None:
    (found,) = read(written(event(summary=" \u202e\n "), name="Reminders"))
    assert found["SUMMARY"] == "Reminders"


def test_two_events_with_one_uid_both_arrive() -> None:
    found = read(written(event(), event(summary="CANOE 2 of 6"), event(summary="KITE 1 of 6")))
    assert sorted(str(each["UID"]) for each in found) == ["K7Q2M4", "K7Q2M4-2", "K7Q2M4-3"]


@pytest.mark.parametrize("uid", ["", "a\r\nb", "名", "x" * 300, "\ud800"])
def test_a_uid_that_no_file_can_carry_is_replaced_by_a_stable_one(uid: str) -> None:
    (first,), (second,) = read(written(event(uid=uid))), read(written(event(uid=uid, sequence=9)))
    assert first["UID"] == second["UID"]
    assert str(first["UID"]).isalnum()


@pytest.mark.parametrize(
    "bad",
    [{"on": date(9999, 12, 31)}, {"stamp": datetime(2026, 1, 1)}, {"summary": None}],  # noqa: DTZ001
)
def test_an_event_that_cannot_be_written_leaves_the_others(
    bad: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    found = read(written(event(uid="good"), event(uid="bad", **bad), event(uid="fine")))
    assert [each["UID"] for each in found] == ["fine", "good"]
    assert "left out" in caplog.text


def test_a_feed_without_events_is_still_a_calendar() -> None:
    assert read(written()) == []


@settings(max_examples=150, deadline=None)
@given(
    titles=st.lists(st.text(max_size=120), max_size=5),
    description=st.text(max_size=300),
    on=st.dates(date(1990, 1, 1), date(2100, 12, 31)),
)
def test_any_text_makes_a_good_file(titles: list[str], description: str, on: date) -> None:
    events = [
        event(uid=f"u{n}", on=on, summary=title, description=description)
        for n, title in enumerate(titles)
    ]
    assert len(read(written(*events))) == len(titles)


BROKEN = {
    "bare line feeds": lambda text: text.replace("\r\n", "\n"),
    "one bare line feed": lambda text: text.replace("12\\, send", "12\nsend", 1),
    "a line of 76 octets": lambda text: text.replace("UID:K7Q2M4", "UID:" + "x" * 72),
    "a cut character": lambda text: text.replace("MAPLE", "MAPLE \ufffe", 1),
    "a uid twice": lambda text: text.replace("END:VCALENDAR", _one_event(text) + "END:VCALENDAR"),
    "no uid": lambda text: text.replace("UID:K7Q2M4\r\n", ""),
    "an empty uid": lambda text: text.replace("UID:K7Q2M4", "UID:"),
    "no stamp": lambda text: text.replace("DTSTAMP:20261101T083000Z\r\n", ""),
    "an end that is the start": lambda text: text.replace("20261205", "20261204"),
    "an end before the start": lambda text: text.replace("20261205", "20261203"),
    "a day that does not exist": lambda text: text.replace("20261204", "20260230"),
    "a stamp of no zone": lambda text: text.replace("083000Z", "083000"),
    "an unknown state": lambda text: text.replace("CONFIRMED", "NOPE"),
    "no version": lambda text: text.replace("VERSION:2.0\r\n", ""),
    "a control character": lambda text: text.replace("MAPLE", "MA\x1bPLE"),
    "a turned direction": lambda text: text.replace("MAPLE", "\u202eMAPLE"),
    "an unescaped comma": lambda text: text.replace("12\\,", "12,"),
    "an alarm without an action": lambda text: text.replace("ACTION:DISPLAY\r\n", ""),
    "an alarm at no time": lambda text: text.replace("-PT15H", "-15H"),
    "an event that does not end": lambda text: text.replace("END:VEVENT\r\n", ""),
    "an empty line": lambda text: text.replace("STATUS", "\r\nSTATUS"),
    "text after the end": lambda text: text + "X:1\r\n",
    "no line end at the end": lambda text: text.removesuffix("\r\n"),
    "a title twice": lambda text: text.replace("STATUS", "SUMMARY:again\r\nSTATUS"),
}


def _one_event(text: str) -> str:
    return text[text.index("BEGIN:VEVENT") : text.index("END:VCALENDAR")]


@pytest.mark.parametrize("fault", BROKEN)
def test_the_checker_finds_a_planted_fault(fault: str) -> None:
    broken = BROKEN[fault](GOOD)
    assert broken != GOOD
    raw = broken.encode().replace("\ufffe".encode(), "还".encode()[:2] + b"\r\n " + b"\x98")
    assert ics_checker.problems(GOOD.encode()) == []
    assert ics_checker.problems(raw) != []
