from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.channels.items import is_calendar, is_ticked, same

OURS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A//EN\r\nBEGIN:VTODO\r\nUID:K7Q2-todo\r\n"
    "DTSTAMP:20261101T083000Z\r\nSEQUENCE:2\r\nDUE;VALUE=DATE:20261204\r\n"
    "SUMMARY:MAPLE 7 of 12\\, send by Fri 4 Dec\r\nSTATUS:NEEDS-ACTION\r\nPERCENT-COMPLETE:0\r\n"
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER;RELATED=END:-P1DT15H\r\nEND:VALARM\r\n"
    "END:VTODO\r\nEND:VCALENDAR\r\n"
)


def todo(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VTODO", *lines, "END:VTODO"]).encode()


TICKED = {
    "iOS": todo("STATUS:COMPLETED", "COMPLETED:20261203T101500Z", "PERCENT-COMPLETE:100"),
    "only the state": todo("STATUS:COMPLETED"),
    "only the percentage": todo("STATUS:NEEDS-ACTION", "PERCENT-COMPLETE:100"),
    "only the instant": todo("COMPLETED;VALUE=DATE-TIME:20261203T101500Z"),
    "small letters": todo("status;x-a=b: completed "),
    "a colon in quotes": todo('STATUS;X-A="a:b;c":COMPLETED'),
    "folded": todo("STAT\r\n US:COMP\r\n\tLETED"),
    "bare line feeds": todo("STATUS:COMPLETED").replace(b"\r\n", b"\n"),
    "Macintosh": todo("STATUS:COMPLETED").replace(b"\r\n", b"\r"),
    "a byte order mark": b"\xef\xbb\xbf" + todo("STATUS:COMPLETED"),
    "bytes that are no text": todo("STATUS:COMPLETED") + b"\r\nX:\xff\xfe\x00",
    "after an alarm that does not end": todo("BEGIN:VALARM", "END:VTODO", "BEGIN:VTODO")
    + b"\r\nBEGIN:VTODO\r\nPERCENT-COMPLETE:100.0",
    "a percentage with noughts": todo("PERCENT-COMPLETE:0100"),
}
OPEN = {
    "ours": OURS.encode(),
    "an event": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSTATUS:COMPLETED\r\nEND:VEVENT",
    "half": todo("STATUS:IN-PROCESS", "PERCENT-COMPLETE:50"),
    "withdrawn": todo("STATUS:CANCELLED"),
    "a thousand percent": todo("PERCENT-COMPLETE:1000"),
    "an alarm's": todo("BEGIN:VALARM", "STATUS:COMPLETED", "END:VALARM"),
    "said in a text": todo("DESCRIPTION:a\\nSTATUS:COMPLETED", "SUMMARY:COMPLETED:1"),
    "said in a folded text": todo("DESCRIPTION:a", " STATUS:COMPLETED"),
    "an empty instant": todo("COMPLETED:"),
    "outside": b"STATUS:COMPLETED\r\n" + todo(),
    "nothing": b"",
    "a page": b"<html>STATUS:COMPLETED</html>",
}


@pytest.mark.parametrize("ics", TICKED.values(), ids=TICKED)
def test_a_to_do_is_ticked_in_each_way_that_apps_have(ics: bytes) -> None:
    assert is_ticked(ics)


@pytest.mark.parametrize("ics", OPEN.values(), ids=OPEN)
def test_what_is_not_ticked_is_not_taken_for_it(ics: bytes) -> None:
    assert not is_ticked(ics)


@given(st.binary(max_size=300))
@example(b'BEGIN:VTODO\nTRIGGER:-P1DT"\nEND:VALARM\nEND:VTODO\nEND:VTODO')
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_reading_fail(ics: bytes) -> None:
    is_ticked(ics)
    assert same(ics, ics)
    assert same(todo() + ics, todo() + ics)
    is_calendar(ics)


@pytest.mark.parametrize(
    "hostile",
    [
        "X" + ';a="' * 500_000,
        'X;a="b"' + '"b"' * 500_000,
        "BEGIN:VTODO\n" * 200_000,
        "BEGIN:X\nEND:VTODO\n" * 100_000,
        "TRIGGER:P" + "1" * 1_000_000,
        "SUMMARY:" + "\\" * 1_000_000,
        "\n " * 500_000,
    ],
    ids=["quotes", "pairs", "levels", "ends", "digits", "escapes", "folds"],
)
def test_a_megabyte_of_anything_is_read_in_a_moment(hostile: str) -> None:
    begun = time.process_time()
    same(OURS.encode(), b"BEGIN:VCALENDAR\nBEGIN:VTODO\nBEGIN:VALARM\n" + hostile.encode())
    assert time.process_time() - begun < 5


SAME = {
    "other stamps": ("DTSTAMP:20261101", "DTSTAMP:20270101"),
    "a higher sequence": ("SEQUENCE:2", "SEQUENCE:7"),
    "properties of a phone": ("SEQUENCE:2", "SEQUENCE:2\r\nX-APPLE-SORT-ORDER:1\r\nPRIORITY:5"),
    "another program": ("-//A//EN", "-//B//EN"),
    "another way to write a duration": ("-P1DT15H", "-PT39H0M0S"),
    "no percentage": ("PERCENT-COMPLETE:0\r\n", ""),
    "no state": ("STATUS:NEEDS-ACTION\r\n", ""),
    "another fold": ("MAPLE 7", "MAP\r\n LE 7"),
    "bare line feeds": ("\r\n", "\n"),
    "an escape too many": ("Fri 4", "Fri\\; 4"),
    "an alarm that was seen": ("END:VALARM", "ACKNOWLEDGED:20261203T090000Z\r\nEND:VALARM"),
}
OTHER = {
    "another day": ("20261204", "20261205"),
    "an instant": (";VALUE=DATE:20261204", ":20261204T120000Z"),
    "another title": ("MAPLE", "KITE"),
    "a tick": ("NEEDS-ACTION", "COMPLETED"),
    "a percentage": ("COMPLETE:0", "COMPLETE:100"),
    "an instant of a tick": ("SEQUENCE:2", "COMPLETED:20261203T101500Z"),
    "another alarm": ("-P1DT15H", "-P1DT14H"),
    "an alarm after the day": ("-P1DT15H", "P1DT15H"),
    "an alarm counted from elsewhere": (";RELATED=END", ""),
    "one alarm more": ("END:VTODO", "BEGIN:VALARM\r\nTRIGGER:-PT1H\r\nEND:VALARM\r\nEND:VTODO"),
    "no alarm": ("TRIGGER", "X-TRIGGER"),
    "a note": ("SEQUENCE:2", "DESCRIPTION:call first"),
    "a repetition": ("SEQUENCE:2", "RRULE:FREQ=DAILY"),
    "an event": ("VTODO", "VEVENT"),
    "another uid": ("K7Q2-todo", "K7Q2"),
}


@pytest.mark.parametrize("change", SAME)
def test_what_nobody_sees_is_no_difference(change: str) -> None:
    theirs = OURS.replace(*SAME[change])
    if change == "an escape too many":
        theirs = OURS.replace("12\\,", "12,")
    assert theirs != OURS
    assert same(OURS.encode(), theirs.encode())


@pytest.mark.parametrize("change", OTHER)
def test_what_somebody_would_see_is_a_difference(change: str) -> None:
    theirs = OURS.replace(*OTHER[change])
    assert theirs != OURS
    assert not same(OURS.encode(), theirs.encode())


def test_a_calendar_is_known_by_its_first_line() -> None:
    assert is_calendar(OURS.encode())
    assert is_calendar(b"\xef\xbb\xbf\nbegin:vcalendar\n")
    assert not is_calendar(b"<html>BEGIN:VCALENDAR")
    assert not is_calendar(b"")
