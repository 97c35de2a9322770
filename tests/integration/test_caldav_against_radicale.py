from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.peers.radicale import PASSWORD, USER, Answer, Line, Phone, Radicale
from tracker.channels import caldav, dav
from tracker.channels.caldav import CalDav, Conflict, Put, is_ticked, same, ticked
from tracker.channels.dav import Account
from tracker.channels.message import ChannelError, Failure
from tracker.documents.calendar import Event
from tracker.documents.todo import item, uid

DAY = Event(
    uid="K7Q2",
    on=date(2026, 12, 4),
    summary="MAPLE 7 of 12, send by Thu 3 Dec",
    description="还; one, two\nthree",
    alarms=(timedelta(hours=-15), timedelta(days=-3)),
    sequence=2,
    stamp=datetime(2026, 11, 1, 8, 30, tzinfo=UTC),
)
LATER = replace(DAY, on=date(2026, 12, 11), sequence=3)
NUMBERS = itertools.count(1)
EVENT, TODO = item(DAY, todo=False), item(DAY, todo=True)


@dataclass
class Place:
    """A calendar of its own, the line to it, and the client at either end."""

    server: Radicale
    line: Line
    url: str

    @property
    def calendar(self) -> CalDav:
        return client(self.url)

    @property
    def by_line(self) -> CalDav:
        return client(self.line.through(self.url))

    @property
    def phone(self) -> Phone:
        return Phone(self.url)


def client(url: str, password: str = PASSWORD) -> CalDav:
    return CalDav(Account(url=url, username=USER, password=password, timeout_seconds=5))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with Radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running


@pytest.fixture
def place(server: Radicale) -> Iterator[Place]:
    with Line(server) as line:
        yield Place(server, line, server.calendar(f"dates-{next(NUMBERS)}"))


def failed(call: Callable[[], object]) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        call()
    assert PASSWORD not in str(caught.value)
    return caught.value


def read(calendar: CalDav, name: str) -> bytes:
    found = calendar.get(name)
    assert found is not None
    return found.ics


def test_an_event_and_its_to_do_are_put_changed_and_taken_away(place: Place) -> None:
    calendar = place.calendar
    calendar.check()
    assert calendar.list() == {}
    event = calendar.put("K7Q2", EVENT, None)
    todo = calendar.put("K7Q2-todo", TODO, None)
    assert event.changed
    assert todo.changed
    assert calendar.list() == {"K7Q2": event.etag, "K7Q2-todo": todo.etag}
    assert same(EVENT, read(calendar, "K7Q2"))
    moved = calendar.put("K7Q2", item(LATER, todo=False), event.etag)
    assert moved.changed
    assert moved.etag != event.etag
    assert "20261211" in place.phone.read("K7Q2")
    calendar.delete("K7Q2", moved.etag)
    assert calendar.list() == {"K7Q2-todo": todo.etag}
    calendar.delete("K7Q2-todo", todo.etag)
    assert calendar.list() == {}
    assert calendar.get("K7Q2") is None


def test_putting_the_same_again_is_no_change_and_no_second_item(place: Place) -> None:
    first = place.calendar.put("K7Q2", EVENT, None)
    for known in (None, '"of-long-ago"'):
        assert place.calendar.put("K7Q2", EVENT, known) == Put(first.etag, changed=False)
    assert place.calendar.list() == {"K7Q2": first.etag}


def test_one_cheap_question_tells_whether_anything_changed(place: Place) -> None:
    calendar = place.calendar
    calendar.put("K7Q2-todo", TODO, None)
    before = calendar.ctag()
    assert before is not None
    assert calendar.ctag() == before
    place.phone.tick("K7Q2-todo")
    assert calendar.ctag() != before


def test_a_tick_on_the_phone_is_heard(place: Place) -> None:
    calendar = place.calendar
    etag = calendar.put("K7Q2-todo", TODO, None).etag
    calendar.put("B-todo", item(replace(DAY, uid="B"), todo=True), None)
    place.phone.tick("K7Q2-todo")
    found = calendar.list()
    assert found["K7Q2-todo"] != etag
    items = [each for name in found if (each := calendar.get(name))]
    assert ticked(items) == {"K7Q2-todo"}


@pytest.mark.parametrize("known", ["its etag", None])
def test_a_tick_is_not_written_over_before_it_is_heard(place: Place, known: str | None) -> None:
    calendar, moved = place.calendar, item(LATER, todo=True)
    etag = calendar.put("K7Q2-todo", TODO, None).etag
    place.phone.tick("K7Q2-todo")
    with pytest.raises(Conflict) as caught:
        calendar.put("K7Q2-todo", moved, known and etag)
    assert is_ticked(caught.value.ics)
    assert is_ticked(place.phone.read("K7Q2-todo").encode())
    assert calendar.put("K7Q2-todo", moved, caught.value.etag).changed
    assert same(moved, read(calendar, "K7Q2-todo"))


def test_what_was_changed_on_the_phone_is_told_and_ours_can_win(place: Place) -> None:
    calendar = place.calendar
    etag = calendar.put("K7Q2", EVENT, None).etag
    place.phone.change("K7Q2", ("20261204", "20261218"), ("20261205", "20261219"))
    with pytest.raises(Conflict) as caught:
        calendar.put("K7Q2", item(LATER, todo=False), etag)
    assert b"20261218" in caught.value.ics
    calendar.put("K7Q2", item(LATER, todo=False), caught.value.etag)
    assert same(item(LATER, todo=False), read(calendar, "K7Q2"))


def test_what_a_phone_notes_for_itself_is_no_change(place: Place) -> None:
    calendar = place.calendar
    etag = calendar.put("K7Q2", EVENT, None).etag
    place.phone.change(
        "K7Q2",
        ("SEQUENCE:2", "SEQUENCE:9\r\nX-MOZ-LASTACK:20261203T090000Z"),
        ("TRIGGER:-PT15H", "TRIGGER:-P0DT15H0M0S\r\nACKNOWLEDGED:20261203T090000Z"),
    )
    put = calendar.put("K7Q2", EVENT, etag)
    assert not put.changed
    assert put.etag == calendar.list()["K7Q2"] != etag


def test_what_was_deleted_on_the_phone_is_made_anew(place: Place) -> None:
    etag = place.calendar.put("K7Q2", EVENT, None).etag
    place.phone.remove("K7Q2")
    assert place.calendar.put("K7Q2", item(LATER, todo=False), etag).changed
    assert list(place.calendar.list()) == ["K7Q2"]


def test_taking_away_what_was_changed_or_is_gone_works(place: Place) -> None:
    calendar = place.calendar
    etag = calendar.put("K7Q2", EVENT, None).etag
    place.phone.change("K7Q2", ("MAPLE", "maple"))
    for known in (etag, etag, None):
        calendar.delete("K7Q2", known)
        assert calendar.list() == {}


@pytest.mark.parametrize("known", ["its etag", None])
def test_a_ticked_to_do_is_heard_before_it_is_taken_away(place: Place, known: str | None) -> None:
    calendar = place.calendar
    etag = calendar.put("K7Q2-todo", TODO, None).etag
    place.phone.tick("K7Q2-todo")
    with pytest.raises(Conflict) as caught:
        calendar.delete("K7Q2-todo", known and etag)
    assert is_ticked(caught.value.ics)
    calendar.delete("K7Q2-todo", caught.value.etag)
    assert calendar.list() == {}


def test_an_answer_that_is_lost_costs_one_more_try_and_nothing_else(place: Place) -> None:
    def lost(method: str, call: Callable[[], object]) -> None:
        place.line.lose(method)
        assert failed(call).kind is Failure.transient

    calendar, moved = place.by_line, item(LATER, todo=False)
    lost("PUT", lambda: calendar.put("K7Q2", EVENT, None))
    first = calendar.put("K7Q2", EVENT, None)
    assert first == Put(calendar.list()["K7Q2"], changed=False)
    lost("PUT", lambda: calendar.put("K7Q2", moved, first.etag))
    second = calendar.put("K7Q2", moved, first.etag)
    assert second == Put(calendar.list()["K7Q2"], changed=False)
    assert same(moved, read(calendar, "K7Q2"))
    lost("DELETE", lambda: calendar.delete("K7Q2", second.etag))
    calendar.delete("K7Q2", second.etag)
    assert calendar.list() == {}


def test_a_tick_that_comes_between_a_lost_answer_and_the_repeat_is_heard(place: Place) -> None:
    place.line.lose("PUT")
    failed(lambda: place.by_line.put("K7Q2-todo", TODO, None))
    place.phone.tick("K7Q2-todo")
    with pytest.raises(Conflict) as caught:
        place.by_line.put("K7Q2-todo", TODO, None)
    assert is_ticked(caught.value.ics)


def chance(share: float, *what: object) -> bool:
    """The same answer to the same question, in every run."""
    return zlib.crc32(repr(what).encode()) < share * 2**32


def test_over_a_bad_line_and_beside_a_busy_phone_the_calendar_ends_as_it_should(
    place: Place,
) -> None:
    count = itertools.count()
    place.line.change = lambda _, answer: None if chance(0.25, next(count)) else answer
    calendar, heard, ticks = place.by_line, set[tuple[str, bytes]](), set[tuple[str, bytes]]()
    wanted: dict[str, bytes] = {}
    etags: dict[str, str | None] = {}
    refusals: set[Failure] = set()

    def mirror(name: str) -> None:
        known = etags.get(name)
        for _ in range(50):
            try:
                if name in wanted:
                    etags[name] = calendar.put(name, wanted[name], known).etag
                else:
                    calendar.delete(name, known)
                    etags.pop(name, None)
                return
            except Conflict as other:
                heard.update({(name, other.ics)} if is_ticked(other.ics) else ())
                known = other.etag
            except ChannelError as error:
                refusals.add(error.kind)
        raise AssertionError("it never ends")

    for number in range(30):
        event = replace(DAY, uid=f"R{number % 5}", on=DAY.on + timedelta(days=number))
        for todo in (False, True):
            name = uid(event, todo=todo)
            if todo and name in wanted and chance(0.5, "tick", number):
                place.phone.tick(name)
                ticks.add((name, read(place.calendar, name)))
            if chance(0.3, "withdrawn", name, number):
                wanted.pop(name, None)
            else:
                wanted[name] = item(event, todo=todo)
            mirror(name)
    assert refusals == {Failure.transient}
    assert len(ticks) > 5
    assert heard == ticks
    place.line.change = lambda _, answer: answer
    assert calendar.list().keys() == wanted.keys()
    assert calendar.list() == etags
    assert all(same(wanted[name], read(calendar, name)) for name in wanted)


def test_a_server_that_is_away_for_a_day_misses_nothing(tmp_path: Path) -> None:
    with Radicale(tmp_path) as server:
        calendar = client(server.calendar("dates"))
        etag = calendar.put("K7Q2", EVENT, None).etag
        server.stop()
        for call in (
            calendar.check,
            calendar.list,
            lambda: calendar.put("B", EVENT, None),
            lambda: calendar.delete("K7Q2", etag),
        ):
            assert failed(call).kind is Failure.transient
        server.start()
        assert calendar.list() == {"K7Q2": etag}
        calendar.delete("K7Q2", etag)
        assert calendar.list() == {}


def test_a_wrong_password_concerns_the_account(place: Place) -> None:
    calendar = client(place.url, "another")
    for call in (calendar.check, calendar.ctag, lambda: calendar.put("K7Q2", EVENT, None)):
        error = failed(call)
        assert (error.kind, error.code) == (Failure.account, "401")


def test_an_address_that_is_no_calendar_is_told_which_one_to_give(place: Place) -> None:
    place.calendar.put("K7Q2", EVENT, None)
    server = place.server.url
    for url in (server, f"{server}/li/", f"{server}/li/nowhere/", f"{place.url}K7Q2.ics"):
        error = failed(client(url).check)
        assert (error.kind, error.reason) == (Failure.permanent, caldav.NO_CALENDAR)
    assert failed(client(f"{server}/somebody/dates/").check).kind is Failure.account


@pytest.mark.parametrize("url", ["", "nonsense", "http://[", "http://127.0.0.1:x/", "file:///etc"])
def test_an_address_that_is_none_concerns_the_account(url: str) -> None:
    for call in (client(url).check, lambda: client(url).put("K7Q2", EVENT, None)):
        error = failed(call)
        assert (error.kind, error.reason) == (Failure.account, dav.BAD_ADDRESS)


def test_the_address_may_come_without_a_slash_or_with_a_query(place: Place) -> None:
    for tail in ("", "?export"):
        calendar = client(place.url.removesuffix("/") + tail)
        calendar.check()
        calendar.put("K7Q2", EVENT, None)
    assert list(place.calendar.list()) == ["K7Q2"]


def test_once_the_calendar_is_gone_everything_waits_for_the_person(place: Place) -> None:
    calendar = client(place.url.replace("/li/", "/li/gone-"))
    for call in (
        lambda: calendar.put("K7Q2", EVENT, None),
        lambda: calendar.put("K7Q2", EVENT, '"x"'),
        calendar.list,
        calendar.ctag,
    ):
        error = failed(call)
        assert (error.kind, error.reason) == (Failure.account, caldav.NO_CALENDAR)


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        (["VEVENT"], caldav.NO_TODOS),
        (["VTODO"], caldav.NO_EVENTS),
        (["VJOURNAL"], caldav.NEITHER),
    ],
)
def test_a_calendar_that_takes_too_little_says_what_is_missing(
    place: Place, kinds: list[str], reason: str
) -> None:
    calendar = client(place.server.calendar(f"only-{kinds[0]}", *kinds))
    assert failed(calendar.check).reason == reason
    if kinds == ["VEVENT"]:
        calendar.check(todos=False)


def test_an_item_that_the_calendar_holds_under_another_name_is_refused_alone(place: Place) -> None:
    place.phone.write("restored-by-hand", EVENT.decode())
    error = failed(lambda: place.calendar.put("K7Q2", EVENT, None))
    assert (error.kind, error.reason) == (Failure.permanent, caldav.ID_TAKEN)
    assert list(place.calendar.list()) == ["restored-by-hand"]


def test_any_uid_is_one_file_of_the_calendar(place: Place) -> None:
    name = "a b%41+&=;~ü"
    put = place.calendar.put(name, EVENT, None)
    assert place.calendar.list() == {name: put.etag}
    place.calendar.delete(name, put.etag)
    assert place.calendar.list() == {}


def answering(status: int, body: bytes, **told: str) -> Callable[..., Answer]:
    return lambda _, headers: (status, told, body)


BOMB = b"<!DOCTYPE x [<!ENTITY a '" + b"x" * 1000 + b"'>"
BOMB += b"".join(f"<!ENTITY {b} '{f'&{a};' * 99}'>".encode() for a, b in ("ab", "bc", "cd"))
BOMB += b"]><multistatus xmlns='DAV:'>&d;</multistatus>"
READS = b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><x>&f;</x>"
SMALL = b"<!DOCTYPE x [<!ENTITY a 'x'>]><multistatus xmlns='DAV:'><response/></multistatus>"
HOSTILE = {
    "one small entity": SMALL,
    "a bomb of entities": BOMB,
    "a bomb in UTF-16": BOMB.decode().encode("utf-16"),
    "an entity that reads a file": READS,
    "a parameter entity": b"<!doctype x [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]><x/>",
    "another encoding": b"<?xml version='1.0' encoding='utf-7'?>+ADwAIQ-DOCTYPE x+AD4APA-x/+AD4-",
    "a hundred thousand levels": b"<a>" * 100_000,
    "no XML": b"\x00\xff\xfe",
    "cut short": b"<?xml version='1.0'?><multistatus xmlns='DAV:'><response>",
    "another document": b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "nothing": b"",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_an_answer_that_cannot_be_read(place: Place, body: bytes) -> None:
    place.line.instead = answering(207, body)
    calendar = place.by_line
    assert failed(calendar.check).kind is Failure.permanent
    for call in (calendar.list, calendar.ctag):
        error = failed(call)
        assert (error.kind, error.reason) == (Failure.transient, caldav.UNREADABLE)


def test_an_answer_without_end_is_not_read(place: Place) -> None:
    place.line.instead = answering(207, b"<a>" * 2_000_000)
    assert failed(place.by_line.list).reason == dav.TOO_LARGE


def test_a_web_page_is_no_calendar_server(place: Place) -> None:
    page = b"<!DOCTYPE html><html><title>Sign in</title></html>"
    place.line.instead = answering(200, page, etag='"1"', **{"content-type": "text/html"})
    calendar = place.by_line
    error = failed(calendar.check)
    assert (error.kind, error.reason) == (Failure.permanent, caldav.NO_DAV)
    # Later on it may be a page of maintenance: try again, and believe nothing of it.
    for call in (
        calendar.list,
        lambda: calendar.get("K7Q2"),
        lambda: calendar.put("K7Q2", EVENT, None),
        lambda: calendar.delete("K7Q2", '"1"'),
    ):
        error = failed(call)
        assert (error.kind, error.reason) == (Failure.transient, caldav.NO_DAV)
    place.line.instead = answering(200, b"soon back", etag='"1"')
    for call in (calendar.check, lambda: calendar.get("K7Q2")):
        assert failed(call).reason == caldav.NO_DAV


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Failure.account),
        (400, Failure.permanent),
        (403, Failure.account),
        (413, Failure.permanent),
        (423, Failure.transient),
        (429, Failure.transient),
        (500, Failure.transient),
        (503, Failure.transient),
        (507, Failure.transient),
    ],
)
def test_a_refusal_says_whom_it_concerns(place: Place, status: int, kind: Failure) -> None:
    headers = {"retry-after": "90", "location": "http://127.0.0.1:1/"}
    place.line.instead = answering(status, b"", **headers)
    for call in (
        lambda: place.by_line.put("K7Q2", EVENT, None),
        lambda: place.by_line.delete("K7Q2", '"x"'),
    ):
        error = failed(call)
        assert error.kind is kind
        assert error.retry_after == (90 if kind is Failure.transient else None)


def test_an_item_that_a_trash_bin_cannot_take_holds_nothing_else_up(place: Place) -> None:
    place.line.instead = answering(403, b"<d:error>object can't be moved into the trashbin")
    assert failed(lambda: place.by_line.delete("K7Q2", '"x"')).kind is Failure.permanent


def without_etag(method: str, answer: Answer) -> Answer:
    status, headers, body = answer
    return status, {name: value for name, value in headers.items() if name != "etag"}, body


def without_etag_of_a_put(method: str, answer: Answer) -> Answer:
    return without_etag(method, answer) if method == "PUT" else answer


def with_weak_etags(method: str, answer: Answer) -> Answer:
    status, headers, body = answer
    weak = {"etag": "W/" + headers["etag"]} if "etag" in headers else {}
    return status, headers | weak, body.replace(b'<getetag>"', b'<getetag>W/"')


def with_bare_etags(method: str, answer: Answer) -> Answer:
    status, headers, body = answer
    return status, headers, body.replace(b'<getetag>"', b"<getetag>").replace(b'"</get', b"</get")


QUIRKS = [without_etag_of_a_put, without_etag, with_weak_etags, with_bare_etags]


@pytest.mark.parametrize("quirk", QUIRKS)
def test_servers_that_tell_their_etags_otherwise_are_understood(
    place: Place, quirk: Callable[[str, Answer], Answer]
) -> None:
    place.line.change = quirk
    calendar = place.by_line
    put = calendar.put("K7Q2-todo", TODO, None)
    assert put.changed
    assert put.etag is not None
    assert calendar.list() == {"K7Q2-todo": put.etag}
    moved = calendar.put("K7Q2-todo", item(LATER, todo=True), put.etag)
    assert moved.etag != put.etag
    place.phone.tick("K7Q2-todo")
    with pytest.raises(Conflict) as caught:
        calendar.put("K7Q2-todo", TODO, moved.etag)
    again = calendar.put("K7Q2-todo", TODO, caught.value.etag)
    calendar.delete("K7Q2-todo", again.etag)
    assert calendar.list() == {}


def test_a_tick_right_after_a_put_without_an_etag_is_not_taken_for_ours(place: Place) -> None:
    def tick_meanwhile(method: str, answer: Answer) -> Answer:
        if method == "PUT":
            place.phone.tick("K7Q2-todo")
        return without_etag_of_a_put(method, answer)

    place.line.change = tick_meanwhile
    assert place.by_line.put("K7Q2-todo", TODO, None) == Put(None, changed=True)
    with pytest.raises(Conflict):
        place.by_line.delete("K7Q2-todo", None)


def test_a_server_that_cannot_compare_its_own_etag_is_not_asked_for_ever(place: Place) -> None:
    def refuse(method: str, headers: dict[str, str]) -> Answer | None:
        never = headers.get("If-Match", "*") != "*"
        return (412, {}, b"") if never else None

    place.line.instead = refuse
    calendar = place.by_line
    etag = calendar.put("K7Q2", EVENT, None).etag
    assert calendar.put("K7Q2", item(LATER, todo=False), etag).changed
    with pytest.raises(Conflict):
        calendar.put("K7Q2", EVENT, etag)
    calendar.delete("K7Q2", calendar.list()["K7Q2"])
    calendar.put("K7Q2-todo", TODO, None)
    place.phone.tick("K7Q2-todo")
    calendar.delete("K7Q2-todo", calendar.list()["K7Q2-todo"])
    assert calendar.list() == {}


def test_a_server_that_says_not_found_for_a_version_gets_the_item_anew(place: Place) -> None:
    place.line.instead = lambda method, headers: (404, {}, b"") if "If-Match" in headers else None
    assert place.by_line.put("K7Q2", EVENT, '"of-long-ago"').changed
    assert list(place.calendar.list()) == ["K7Q2"]


def test_a_calendar_that_does_not_say_what_it_takes_takes_everything(place: Place) -> None:
    place.line.instead = answering(
        207,
        b"""<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response>
        <href>/</href><propstat><prop><resourcetype><collection/><C:calendar/></resourcetype>
        </prop><status>HTTP/1.1 200 OK</status></propstat><propstat><prop>
        <C:supported-calendar-component-set/></prop><status>HTTP/1.1 404 Not Found</status>
        </propstat></response></multistatus>""",
    )
    place.by_line.check()


def test_hrefs_come_in_every_shape_and_lead_nowhere(place: Place) -> None:
    place.line.instead = answering(
        207,
        b"""<D:multistatus xmlns:D="DAV:">
        <D:response><D:href>/li/dates.ics/</D:href><D:propstat><D:prop><D:resourcetype>
          <D:collection/></D:resourcetype><D:getetag>"0"</D:getetag></D:prop></D:propstat>
        </D:response>
        <D:response><D:href>http://192.0.2.1:1/li/dates/A.ics</D:href><D:propstat><D:prop>
          <D:getetag>"1"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
          <D:propstat><D:prop><D:resourcetype/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status>
        </D:propstat></D:response>
        <D:response><D:href>%42%2Dtodo.ics</D:href><D:propstat><D:prop>
          <D:getetag>W/"2"</D:getetag></D:prop></D:propstat></D:response>
        <D:response><D:href>../../elsewhere/C.ics/</D:href><D:propstat><D:prop>
          <D:getetag>"3"</D:getetag></D:prop></D:propstat></D:response>
        <D:response><D:href>E.ics</D:href><D:propstat><D:prop>
          <D:getetag>"a&#10;X-Injected: 1"</D:getetag></D:prop></D:propstat></D:response>
        <D:response><D:href>gone.ics</D:href><D:status>HTTP/1.1 404 Not Found</D:status>
        </D:response>
        <D:response><D:href>http://[</D:href></D:response>
        <D:response><D:href>card.vcf</D:href></D:response>
        <D:response/></D:multistatus>""",
    )
    assert place.by_line.list() == {"A": '"1"', "B-todo": '"2"', "C": '"3"', "E": None}
    assert place.line.asked == ["PROPFIND"]


def test_a_list_that_the_server_cut_short_proves_nothing_gone(place: Place) -> None:
    place.line.instead = answering(
        207,
        b"""<D:multistatus xmlns:D="DAV:"><D:response><D:href>/li/dates/</D:href>
        <D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response></D:multistatus>""",
    )
    error = failed(place.by_line.list)
    assert (error.kind, error.reason) == (Failure.transient, caldav.INCOMPLETE)


def test_a_calendar_that_may_only_be_read_is_told(place: Place) -> None:
    def only_reading(method: str, answer: Answer) -> Answer:
        status, headers, body = answer
        for right in (b"all", b"write", b"write-content", b"write-properties", b"bind"):
            body = body.replace(b"<%s />" % right, b"<read />")
        return status, headers, body

    place.line.change = only_reading
    error = failed(place.by_line.check)
    assert (error.kind, error.reason) == (Failure.account, caldav.READ_ONLY)


def test_what_changes_without_end_is_left_for_another_time(place: Place) -> None:
    place.calendar.put("K7Q2", EVENT, None)
    place.line.instead = lambda method, headers: (404 if method == "GET" else 412, {}, b"")
    error = failed(lambda: place.by_line.put("K7Q2", EVENT, None))
    assert (error.kind, error.reason) == (Failure.transient, caldav.RESTLESS)
    assert place.line.asked.count("PUT") == 3
