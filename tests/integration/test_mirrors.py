"""Calendars elsewhere, on a real Radicale, by the engine that keeps them.

At the end of each story the calendar holds exactly what it should: nothing twice,
nothing left behind.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from tests.peers import cli
from tests.peers.cli import Household, refused
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tests.peers.radicale import PASSWORD, USER, Answer, Line, Phone, Radicale
from tests.peers.web_server import Reply, WebServer
from tracker.actions import mirrored
from tracker.actions.delivery import derive, mirroring, subjects
from tracker.actions.office import Office
from tracker.channels.caldav import CalDav
from tracker.channels.dav import Account
from tracker.channels.items import is_ticked
from tracker.daemon.tick import Ticker
from tracker.documents import calendar, todo
from tracker.documents.calendar import Event
from tracker.store import mirrors, people
from tracker.store.inbound import InboundRow
from tracker.store.mirrors import MirrorItemRow

NUMBERS = itertools.count(1)
on_one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what happens between the tracker and a server, whatever the tracker keeps it in."""
TWO = "2026-12-04 100.00\n2027-01-04 100.00\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with Radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running


@dataclass
class Place:
    """An empty calendar, the line to it, and whoever looks at it from the other side."""

    line: Line
    url: str

    @property
    def by_line(self) -> str:
        return self.line.through(self.url)

    @property
    def phone(self) -> Phone:
        return Phone(self.url)

    def there(self) -> dict[str, str]:
        """What stands in each file, by its name."""
        names = CalDav(Account(url=self.url, username=USER, password=PASSWORD)).list()
        return {name: self.phone.read(name) for name in names}


@pytest.fixture
def place(server: Radicale) -> Iterator[Place]:
    with Line(server) as line:
        yield Place(line, server.calendar(f"dates-{next(NUMBERS)}"))


@dataclass
class Kept:
    """Li's MAPLE of two instalments, mirrored to the place; refs in their order."""

    desk: Desk
    ticker: Ticker
    clock: MovableClock
    place: Place

    @property
    def refs(self) -> list[str]:
        found = mirrored_refs(self.desk)
        return [ref for _, ref in sorted(found)]

    def look(self, **later: float) -> None:
        """Some time passes, and the daemon beats."""
        self.clock.forward(**(later or {"minutes": 1}))
        self.ticker.run()

    def texts(self) -> dict[str, str]:
        return self.place.there()

    def todo(self, index: int = 0) -> str:
        return f"{self.refs[index]}-todo"

    def is_ticked(self, index: int = 0) -> bool:
        return is_ticked(self.place.phone.read(self.todo(index)).encode())

    def tick(self, index: int = 0, at: str = "20261124T090100Z") -> None:
        done = f"STATUS:COMPLETED\r\nCOMPLETED:{at}"
        self.place.phone.change(
            self.todo(index),
            ("STATUS:NEEDS-ACTION", done),
            ("PERCENT-COMPLETE:0", "PERCENT-COMPLETE:100"),
        )

    def move(self, seq: int, to: str) -> None:
        self.desk.ask(
            "plan.reschedule", debt="maple", instalment=str(seq), to=to, agreed_by="a call"
        )

    def claims(self, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.desk.ask("payment.claims", **more)["claims"]
        return found

    def mirror(self) -> dict[str, Any]:
        (found,) = self.desk.ask("mirror.list")["mirrors"]
        return dict(found)

    def expect(self) -> None:
        """The calendar holds what it should, to the letter, and the rows say so."""
        assert self.mirror()["state"] == "current", self.mirror()
        assert all(row.put_sha256 == row.wanted_sha256 for row in rows(self.desk.office))
        there = {name: as_read(text) for name, text in self.texts().items()}
        assert there == {name: as_read(ics.decode()) for name, ics in contents(self.desk).items()}


def contents(desk: Desk) -> dict[str, bytes]:
    """What the one mirror is to hold, by the names of the files."""
    with desk.office.database.read() as session:
        person = people.find(session, desk.person)
        (mirror,) = mirrors.mirrors(session, person.id)
        ctx = subjects.context(desk.office, session, person, desk.clock.now())
        return {name: each.content() for name, each in mirrored.contents(ctx, mirror).items()}


def as_read(text: str) -> list[str]:
    """Servers fold lines and set them in an order of their own."""
    return sorted(re.sub(r"\r\n[ \t]", "", text).splitlines())


def mirrored_refs(desk: Desk) -> list[tuple[str, str]]:
    from tracker.store import debts, plans

    with desk.office.database.read() as session:
        person = people.find(session, desk.person)
        found = []
        for debt in debts.debts(session, person.id):
            terms = plans.in_force(session, debt.id)
            rows = plans.instalments(session, terms.id) if terms else []
            found += [(f"{row.due_on} {row.seq}", row.ref) for row in rows]
        return found


def rows(office: Office) -> list[MirrorItemRow]:
    with office.database.read() as session:
        return list(session.exec(select(MirrorItemRow).order_by(col(MirrorItemRow.id))).all())


def add(desk: Desk, url: str, **more: Any) -> dict[str, Any]:
    given = {"kind": "caldav", "url": url, "user": USER, "password": PASSWORD, **more}
    return desk.ask("mirror.add", **given)


@pytest.fixture
def kept(maple: Desk, ticker: Ticker, clock: MovableClock, place: Place) -> Kept:
    maple.plan(rows=TWO)
    add(maple, place.by_line)
    ticker.run()
    place.line.asked.clear()
    return Kept(maple, ticker, clock, place)


def test_a_mirror_holds_every_open_instalment_twice_as_day_and_as_to_do(kept: Kept) -> None:
    first, second = kept.refs
    assert set(kept.texts()) == {first, f"{first}-todo", second, f"{second}-todo"}
    assert "TRIGGER" in kept.texts()[first]
    assert "STATUS:NEEDS-ACTION" in kept.texts()[f"{first}-todo"]
    assert "Alder" not in "".join(kept.texts().values())
    kept.expect()


@on_one_database
def test_at_rest_only_the_calendar_is_asked_whether_it_changed(kept: Kept) -> None:
    for _ in range(30):
        kept.look()
    assert set(kept.place.line.asked) == {"PROPFIND"}
    # Half an hour at 15 minutes: a first look with its list, and one question each time.
    assert len(kept.place.line.asked) <= 4


def test_what_changes_is_changed_and_nothing_else(kept: Kept) -> None:
    before = kept.texts()
    kept.desk.ask("pay", debt="maple", amount="40.00")
    kept.look()
    kept.expect()
    changed = {name for name, text in kept.texts().items() if before[name] != text}
    assert changed == {kept.refs[0], kept.todo()}
    assert kept.place.line.asked.count("PUT") == 2


@on_one_database
def test_a_revised_plan_is_the_calendar_anew_under_the_same_names(kept: Kept) -> None:
    names = set(kept.texts())
    kept.move(2, "2027-01-11")
    kept.look()
    kept.expect()
    assert set(kept.texts()) == names
    kept.desk.plan(rows="2026-12-18 50.00\n", revise="shorter", agreed_by="a call")
    kept.look()
    kept.expect()
    assert len(kept.texts()) == 2


def test_a_paid_instalment_is_ticked_on_the_phone_and_leaves_with_its_month(kept: Kept) -> None:
    first, todo = kept.refs[0], kept.todo()
    kept.desk.ask("pay", debt="maple")
    kept.look()
    assert kept.is_ticked()
    assert not kept.is_ticked(1)
    assert "TRIGGER" not in kept.texts()[first]
    kept.expect()
    kept.look(days=38)  # January
    assert todo not in kept.texts()
    assert first in kept.texts()
    kept.expect()


@on_one_database
def test_a_payment_that_bounces_opens_the_to_do_again(kept: Kept) -> None:
    kept.desk.ask("pay", debt="maple")
    kept.look()
    kept.desk.ask("bounced", debt="maple")
    kept.look()
    assert not kept.is_ticked()
    kept.expect()


def test_a_plan_that_is_withdrawn_takes_its_days_away(kept: Kept) -> None:
    kept.desk.ask("plan.withdraw", debt="maple", reason="too much")
    kept.look()
    assert kept.texts() == {}
    assert {row.state for row in rows(kept.desk.office)} == {"withdrawn"}


@on_one_database
def test_while_a_debt_is_on_hold_nothing_is_to_be_done(kept: Kept) -> None:
    kept.desk.ask("debt.hold", debt="maple", kind="disputed", until="2026-11-27")
    kept.look()
    assert set(kept.texts()) == set(kept.refs)
    kept.look(days=3)  # the hold ends by itself
    assert set(kept.texts()) == {*kept.refs, kept.todo(), kept.todo(1)}


def test_a_tick_is_a_claim_and_an_accepted_claim_is_done(kept: Kept) -> None:
    kept.tick()
    kept.look(minutes=16)
    (claim,) = kept.claims()
    assert (claim["debt"], claim["seq"], claim["channel"]) == ("maple", 1, "caldav")
    assert claim["said_at"].startswith("2026-11-24T09:01")
    assert kept.desk.ask("payment.list")["payments"] == []
    assert kept.is_ticked()
    assert kept.place.line.asked.count("PUT") == 0
    kept.desk.ask("payment.accept", claim="1")
    kept.look()
    assert ": done" in kept.texts()[kept.todo()]
    kept.expect()
    kept.look(hours=1)
    assert kept.claims() == []


def test_a_tick_that_is_dismissed_is_taken_back_and_may_be_set_again(kept: Kept) -> None:
    kept.tick()
    kept.look(minutes=16)
    kept.desk.ask("payment.dismiss", claim="1")
    kept.look()
    assert not kept.is_ticked()
    kept.expect()
    for _ in range(4):
        kept.look(minutes=16)
    assert kept.claims() == []
    kept.tick(at="20261124T110000Z")
    kept.look(minutes=16)
    assert [each["claim"] for each in kept.claims()] == [2]


def test_one_tick_is_one_claim_however_often_the_phone_writes_it(kept: Kept) -> None:
    kept.tick()
    for number in range(3):
        kept.look(minutes=16)
        kept.place.phone.change(kept.todo(), ("STATUS:", f"X-SORT:{number}\r\nSTATUS:"))
    kept.look(minutes=16)
    assert len(kept.claims(all=True)) == 1
    kept.desk.ask("payment.dismiss", claim="1")
    kept.place.phone.change(kept.todo(), ("STATUS:", "X-SORT:9\r\nSTATUS:"))
    kept.look(minutes=16)
    kept.look()
    assert kept.claims() == []
    assert not kept.is_ticked()
    kept.expect()


def test_a_tick_is_heard_before_a_change_is_written_over_it(kept: Kept) -> None:
    kept.tick()
    kept.move(1, "2026-12-11")
    kept.look()
    assert len(kept.claims()) == 1
    assert kept.is_ticked()
    assert "20261211" in kept.texts()[kept.todo()]
    kept.expect()


def test_a_change_while_a_tick_is_being_heard_is_not_lost(kept: Kept) -> None:
    office, hears = kept.desk.office, [True]

    def move_meanwhile(method: str, answer: Answer) -> Answer:
        if method == "GET" and hears:
            hears.clear()
            kept.move(1, "2026-12-11")
            derive.derive(office, kept.clock.now())
        return answer

    kept.tick()
    kept.place.line.change = move_meanwhile
    kept.look(minutes=16)
    kept.look()
    assert not hears
    assert len(kept.claims()) == 1
    assert kept.is_ticked()
    assert "20261211" in kept.texts()[kept.todo()]
    kept.expect()


def test_a_worker_that_comes_back_too_late_changes_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks, slow = mirroring._ask, [True]

    def slowly(*given: Any) -> Any:
        outcome = asks(*given)
        if slow:
            slow.clear()
            kept.clock.forward(minutes=10)
            kept.move(1, "2026-12-11")
            Ticker(office=kept.desk.office, channels={}, home_id="other").run()
        return outcome

    monkeypatch.setattr(mirroring, "_ask", slowly)
    kept.desk.ask("pay", debt="maple", amount="40.00")
    kept.look()
    assert not slow
    kept.look()
    kept.expect()


def test_a_tick_is_heard_before_its_to_do_is_taken_away(kept: Kept) -> None:
    kept.tick()
    kept.desk.ask("debt.hold", debt="maple", kind="disputed")
    kept.look()
    assert len(kept.claims()) == 1
    assert set(kept.texts()) == set(kept.refs)


def test_a_text_that_says_paid_ticks_the_to_do_until_it_is_dismissed(kept: Kept) -> None:
    from tracker.actions.delivery import hearing
    from tracker.channels.message import Heard

    kept.look(days=6)  # Li has the text about the first one
    kept.place.line.asked.clear()
    ref = kept.desk.messages()[0].ref
    said = Heard(provider_id="SM1", sender="+447700900123", body=f"PAID {ref}", at=kept.clock.now())
    hearing.hear(kept.desk.office, said)
    kept.look()
    assert kept.is_ticked()
    assert "TRIGGER" in kept.texts()[kept.refs[0]]  # the day rings on
    kept.desk.ask("payment.dismiss", claim="1")
    kept.look()
    assert not kept.is_ticked()


@on_one_database
def test_what_was_changed_by_hand_stays_until_ours_changes_or_is_wished_back(kept: Kept) -> None:
    first, second = kept.refs
    kept.place.phone.change(first, ("20261204", "20261218"), ("20261205", "20261219"))
    kept.place.phone.change(kept.todo(), ("20261204", "20261218"))
    kept.place.phone.remove(second)
    kept.look(minutes=16)
    assert "20261218" in kept.texts()[first]
    assert second not in kept.texts()
    kept.desk.ask("pay", debt="maple", amount="40.00")
    kept.look()
    assert "20261204" in kept.texts()[first]
    assert "20261204" in kept.texts()[kept.todo()]
    assert second not in kept.texts()
    kept.desk.ask("mirror.sync", mirror="calendar")
    kept.expect()


@on_one_database
def test_sync_puts_back_what_was_changed_and_hears_what_was_ticked(kept: Kept) -> None:
    kept.place.phone.change(kept.refs[1], ("20270104", "20270118"), ("20270105", "20270119"))
    kept.place.phone.change(kept.todo(1), ("20270104", "20270118"))
    kept.tick()
    told = kept.desk.ask("mirror.sync", mirror="calendar")
    assert told["held"] == 4
    assert len(kept.claims()) == 1
    assert kept.is_ticked()
    kept.look()
    there = kept.texts()
    assert "20270118" not in there[kept.refs[1]] + there[kept.todo(1)]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_lost_answer_doubles_nothing(kept: Kept, method: str) -> None:
    kept.move(2, "2027-01-11")
    kept.desk.ask("debt.hold", debt="maple", kind="disputed")
    kept.place.line.lose(method)
    kept.look()
    assert kept.mirror()["state"] == "troubled"
    assert kept.mirror()["problem"]
    kept.look(minutes=5)
    kept.expect()
    assert set(kept.texts()) == set(kept.refs)


@on_one_database
def test_a_day_without_the_server_loses_nothing(kept: Kept, server: Radicale) -> None:
    server.stop()
    try:
        kept.move(2, "2027-01-11")
        kept.desk.ask("pay", debt="maple")
        for _ in range(24 * 3):
            kept.look(minutes=20)
        assert kept.mirror()["waiting"] == 4
        # It is tried less and less often: one question and one file at a time.
        assert kept.place.line.asked.count("PUT") < 24 * 3 / 2
    finally:
        server.start()
    kept.look(minutes=61)
    kept.expect()
    assert kept.is_ticked()


@on_one_database
def test_a_server_that_refuses_everything_is_not_asked_for_everything(kept: Kept) -> None:
    def busy(method: str, headers: dict[str, str]) -> Answer | None:
        return (503, {}, b"") if method == "PUT" else None

    kept.place.line.instead = busy
    rows = "".join(f"2027-{month:02}-15 50.00\n" for month in range(1, 13))
    kept.desk.plan(rows=rows, revise="smaller", agreed_by="a call")
    kept.look()
    assert kept.place.line.asked.count("PUT") == mirroring.REFUSED_IN_A_ROW
    kept.place.line.instead = lambda method, headers: None
    kept.look(minutes=5)
    kept.expect()


@on_one_database
def test_one_item_that_is_refused_stops_no_other(kept: Kept) -> None:
    kept.move(1, "2026-12-11")
    kept.place.line.instead = Refusing()
    kept.look()
    shown = kept.mirror()
    assert (shown["state"], shown["failed"], shown["waiting"]) == ("troubled", 1, 0)
    assert "20261211" in kept.texts()[kept.todo()]
    kept.place.line.instead = lambda method, headers: None
    kept.desk.ask("mirror.sync", mirror="calendar")
    kept.expect()


class Refusing:
    """Refuses the first PUT of all, for good."""

    def __init__(self) -> None:
        self.left = 1

    def __call__(self, method: str, headers: dict[str, str]) -> Answer | None:
        if method != "PUT" or not self.left:
            return None
        self.left -= 1
        return (413, {}, b"")


def test_two_daemons_on_one_database_do_each_thing_once(kept: Kept) -> None:
    desk, line = kept.desk, kept.place.line
    both = [
        Ticker(office=desk.office, channels=kept.ticker.channels, home_id=f"home-{number}")
        for number in (1, 2)
    ]

    def at_once() -> None:
        kept.clock.forward(minutes=16)
        threads = [threading.Thread(target=each.run) for each in both]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)

    kept.tick()
    at_once()
    assert len(kept.claims()) == len(heard(desk.office)) == 1
    assert line.asked.count("PUT") == 0
    desk.ask("payment.dismiss", claim="1")
    rows = "".join(f"2027-{month:02}-15 50.00\n" for month in range(1, 7))
    desk.plan(rows=rows, revise="smaller", agreed_by="a call")
    kept.place.phone.write("mine", OWN)
    at_once()
    kept.place.phone.remove("mine")
    kept.expect()
    assert line.asked.count("PUT") == 12
    assert line.asked.count("DELETE") == 0


def heard(office: Office) -> list[InboundRow]:
    with office.database.read() as session:
        return list(session.exec(select(InboundRow)).all())


def test_an_end_between_the_put_and_its_record_doubles_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had ended there; what a real kill leaves is the same row."""

    class Ended(BaseException):
        pass

    def die(*_: object) -> None:
        raise Ended

    kept.desk.ask("pay", debt="maple", amount="40.00")
    with monkeypatch.context() as patch:
        patch.setattr(mirroring, "_record", die)
        with pytest.raises(Ended):
            kept.look()
    assert kept.place.line.asked.count("PUT") == 1
    kept.look()
    assert kept.mirror()["waiting"] == 1  # claimed by somebody who is no more
    kept.look(minutes=7)
    kept.expect()
    assert len(kept.texts()) == 4


@on_one_database
def test_a_password_that_is_wrong_is_refused_and_not_kept(maple: Desk, place: Place) -> None:
    given = {"kind": "caldav", "url": place.url, "user": USER, "password": "wrong"}
    error = maple.refused("mirror.add", **given)
    assert (error["field"], error["exit"]) == ("password", 2)
    assert maple.ask("mirror.list")["mirrors"] == []


@on_one_database
def test_a_password_that_was_changed_stops_the_mirror_until_it_is_told(kept: Kept) -> None:
    def signed_out(method: str, headers: dict[str, str]) -> Answer | None:
        return (401, {}, b"")

    kept.place.line.instead = signed_out
    kept.desk.ask("pay", debt="maple", amount="40.00")
    for _ in range(50):
        kept.look()
    assert "password" in kept.mirror()["problem"]
    assert len(kept.place.line.asked) <= 3
    kept.place.line.instead = lambda method, headers: None
    assert kept.mirror()["waiting"] == 2
    add(kept.desk, kept.place.by_line)
    kept.look()
    kept.expect()


@on_one_database
def test_without_being_told_it_is_tried_again_after_an_hour(kept: Kept) -> None:
    kept.place.line.instead = lambda method, headers: (401, {}, b"")
    kept.desk.ask("pay", debt="maple", amount="40.00")
    kept.look()
    kept.place.line.instead = lambda method, headers: None
    kept.look(minutes=50)
    assert kept.mirror()["state"] == "troubled"
    kept.look(minutes=20)
    kept.expect()


def test_a_mirror_that_is_removed_leaves_nothing_behind(kept: Kept) -> None:
    kept.place.phone.write("mine", OWN)
    kept.tick()
    kept.desk.ask("mirror.remove", mirror="calendar")
    assert set(kept.texts()) == {"mine"}
    assert kept.desk.ask("mirror.list")["mirrors"] == []
    assert len(kept.claims()) == 1  # the tick was heard before it went
    assert secrets_of(kept.desk.office) == [""]
    kept.place.line.asked.clear()
    kept.look(hours=1)
    assert kept.place.line.asked == []


OWN = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//mine//EN\r\nBEGIN:VEVENT\r\nUID:mine\r\n"
    "DTSTAMP:20261101T080000Z\r\nDTSTART;VALUE=DATE:20261204\r\nSUMMARY:Birthday\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def secrets_of(office: Office) -> list[str]:
    with office.database.read() as session:
        return [row.secret for row in session.exec(select(mirrors.MirrorRow)).all()]


@on_one_database
def test_what_a_server_does_not_let_go_at_once_is_taken_away_later(
    kept: Kept, server: Radicale
) -> None:
    server.stop()
    try:
        told = kept.desk.ask("mirror.remove", mirror="calendar")
        assert (told["state"], told["waiting"]) == ("ending", 4)
        kept.look()
        assert kept.mirror()["state"] == "ending"
    finally:
        server.start()
    kept.look(hours=2)
    assert kept.texts() == {}
    assert kept.desk.ask("mirror.list")["mirrors"] == []
    assert secrets_of(kept.desk.office) == [""]


@on_one_database
def test_what_is_never_let_go_is_given_up_and_its_password_forgotten(kept: Kept) -> None:
    kept.place.line.instead = lambda method, headers: (401, {}, b"")
    kept.desk.ask("mirror.remove", mirror="calendar")
    for _ in range(5):
        kept.look(days=1)
    assert kept.desk.ask("mirror.list")["mirrors"] == []
    assert secrets_of(kept.desk.office) == [""]
    asked = len(kept.place.line.asked)
    kept.look(days=1)
    assert len(kept.place.line.asked) == asked


@on_one_database
def test_after_a_lost_phone_the_calendar_is_emptied(kept: Kept) -> None:
    kept.desk.ask("lost-phone", accept=True)
    kept.look()
    assert kept.texts() == {}
    assert secrets_of(kept.desk.office) == [""]


@on_one_database
def test_what_was_left_there_is_known_when_the_mirror_is_set_up_again(kept: Kept) -> None:
    kept.desk.ask("mirror.remove", mirror="calendar", keep=True)
    assert secrets_of(kept.desk.office) == [""]
    assert len(kept.texts()) == 4
    kept.desk.ask("plan.withdraw", debt="maple", reason="too much")
    kept.look()
    assert len(kept.texts()) == 4
    kept.desk.plan(rows="2026-12-18 50.00\n")
    add(kept.desk, kept.place.by_line, name="phone")
    assert kept.mirror()["mirror"] == "phone"
    kept.expect()
    assert len(kept.texts()) == 2


def test_a_full_mirror_says_whom_and_a_name_is_taken_once(kept: Kept, server: Radicale) -> None:
    other = server.calendar(f"dates-{next(NUMBERS)}")
    error = kept.desk.refused(
        "mirror.add", kind="caldav", url=other, user=USER, password=PASSWORD, name="calendar"
    )
    assert (error["field"], error["exit"]) == ("name", 4)
    told = add(kept.desk, other, detail="full")
    assert told["mirror"] == "calendar-2"
    there = Place(kept.place.line, other).there()
    assert any("Alder Bank" in text for text in there.values())
    # A tick in one calendar shows in the other, and is one claim.
    kept.tick()
    kept.look(minutes=16)
    kept.look()
    assert len(kept.claims()) == 1
    assert is_ticked(Phone(other).read(kept.todo()).encode())
    kept.look(minutes=16)
    assert len(kept.claims(all=True)) == 1


@on_one_database
def test_a_hanging_server_delays_no_message(
    maple: Desk, ticker: Ticker, clock: MovableClock, place: Place
) -> None:
    maple.plan(rows=TWO)
    add(maple, place.by_line)
    place.line.asked.clear()
    asked, go_on = threading.Event(), threading.Event()

    def hang(method: str, headers: dict[str, str]) -> Answer | None:
        asked.set()
        go_on.wait(20)
        return None

    place.line.instead = hang
    apart = Ticker(
        office=maple.office, channels=ticker.channels, home_id="home", mirrors_apart=True
    )
    try:
        clock.forward(minutes=20)
        apart.run()
        assert asked.wait(10)
        clock.forward(days=6)
        apart.run()
        assert maple.states() == ["sent"]
        # One at a time.
        assert len(place.line.asked) == 1
    finally:
        go_on.set()
        apart.stopping.set()
    apart.mirroring.end()
    assert not any(each.name == "mirrors" for each in threading.enumerate())


@on_one_database
def test_a_clock_of_tests_reaches_no_real_server(maple: Desk, ticker: Ticker) -> None:
    error = maple.refused(
        "mirror.add", kind="caldav", url="https://cloud.example/li/", user="li", password="x"
    )
    assert "TRACKER_CLOCK" in error["sentence"]


@on_one_database
def test_what_cannot_be_meant_is_told_and_kept_nowhere(maple: Desk) -> None:
    given = {"kind": "caldav", "url": "https://cloud.example/li/", "user": "li", "password": "x"}
    for wrong, field in (
        ({"kind": "ics"}, "kind"),
        ({"url": "cloud.example"}, "url"),
        ({"url": "http://cloud.example/li/"}, "url"),
        ({"url": "https://li:secret@cloud.example/li/"}, "url"),
        ({"url": "https://cloud.example/" + "x" * 2_000}, "url"),
        ({"detail": "some"}, "detail"),
        ({"password": None}, "password"),
        ({"user": None}, "user"),
        ({"password": "a\nb"}, "password"),
        ({"user": "a\nb"}, "user"),
        ({"name": "My Phone!"}, "name"),
    ):
        error = maple.refused("mirror.add", **{**given, **wrong})
        assert (error["field"], error["exit"]) == (field, 2), error
        assert "secret" not in error["sentence"]
    for name in ("mirror.sync", "mirror.remove"):
        assert maple.refused(name, mirror="phone")["exit"] == 3
    assert maple.ask("mirror.list")["mirrors"] == []


@on_one_database
def test_the_password_stands_in_no_journal_and_in_no_answer(kept: Kept) -> None:
    told = add(kept.desk, kept.place.by_line)
    journal = kept.desk.ask("journal.list")
    assert PASSWORD not in str(told) + str(journal) + str(kept.mirror())
    assert any(each["action"] == "mirror.add" for each in journal["entries"])


# A feed file at a WebDAV address.


@pytest.fixture
def shelf() -> Iterator[WebServer]:
    with WebServer(Reply(404), Reply(201)) as running:
        yield running


@on_one_database
def test_a_feed_file_is_put_changed_and_taken_away(
    maple: Desk, ticker: Ticker, clock: MovableClock, shelf: WebServer
) -> None:
    maple.plan(rows=TWO)
    url = f"{shelf.url}/dates.ics"
    add(maple, url, kind="webdav")
    assert shelf.asked[-1].body == contents(maple)["feed"]
    assert shelf.asked[-1].body.count(b"BEGIN:VEVENT") == 2
    shelf.asked.clear()
    clock.forward(hours=5)
    ticker.run()
    assert shelf.asked == []
    maple.ask("pay", debt="maple")
    ticker.run()
    assert [each.method for each in shelf.asked] == ["PUT"]
    assert b": done" in shelf.asked[-1].body
    maple.ask("mirror.remove", mirror="calendar")
    assert shelf.asked[-1].method == "DELETE"


@on_one_database
def test_another_file_is_not_written_over(maple: Desk) -> None:
    with WebServer(Reply(200, b"my novel")) as shelf:
        url = f"{shelf.url}/novel.txt"
        given = {"kind": "webdav", "url": url, "user": USER, "password": PASSWORD}
        assert maple.refused("mirror.add", **given)["field"] == "url"
        assert [each.method for each in shelf.asked] == ["GET"]


@on_one_database
def test_a_file_that_a_person_has_is_nobody_elses(maple: Desk, shelf: WebServer) -> None:
    url = f"{shelf.url}/dates.ics"
    add(maple.of("li"), url, kind="webdav")
    maple.ask("person.add", name="Ada", locale="en_GB", zone="Europe/London")
    given = {"kind": "webdav", "url": url, "user": USER, "password": PASSWORD}
    assert maple.of("ada").refused("mirror.add", **given)["exit"] == 4


# By the command line, in processes of their own.


@pytest.fixture(scope="module")
def recorded_home(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """Twelve instalments of MAPLE."""
    return cli.household(tmp_path_factory.mktemp("mirrors") / "home", "en_GB")


@pytest.fixture
def home_of_li(recorded_home: Household, tmp_path: Path) -> Household:
    return recorded_home.copied(tmp_path / "li")


def test_a_process_killed_at_a_put_leaves_nothing_that_is_not_mended(
    home_of_li: Household, place: Place, tmp_path: Path
) -> None:
    home, secret = home_of_li, tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    args = ("mirror", "add", "caldav", place.by_line, "--user", USER, "--name", "phone")
    done = home.type(*args, "--password-file", str(secret))
    assert done.code == 0, done.err
    assert "24 files lie there." in done.out
    assert PASSWORD not in home.type("journal").out
    assert home.type("pay", "maple", "--on", "today").code == 0

    victims: list[subprocess.Popen[bytes]] = []

    def kill(method: str, answer: Answer) -> Answer | None:
        if method == "PUT" and victims:
            victims.pop().kill()  # the server has it, and nobody knows
            return None
        return answer

    place.line.change = kill
    with home.started("tick", TRACKER_CLOCK="2026-11-24T10:01:00+00:00") as victim:
        victims.append(victim)
        assert victim.wait(60) == -signal.SIGKILL
    assert home.type("tick", TRACKER_CLOCK="2026-11-24T10:02:00+00:00").code == 0
    shown = home.type("mirror", "list").out
    assert "not all there yet" in shown
    assert home.type("tick", TRACKER_CLOCK="2026-11-24T10:09:00+00:00").code == 0
    shown = home.type("mirror", "list").out
    assert "up to date" in shown, shown
    there = place.there()
    assert len(there) == 24
    assert sum(is_ticked(text.encode()) for text in there.values()) == 1
    assert home.type("mirror", "sync", "phone").code == 0
    done = home.type("mirror", "remove", "phone")
    assert (done.code, place.there()) == (0, {}), done
    assert "No mirror yet" in home.type("mirror", "list").out


def test_a_password_is_asked_for_and_never_typed_into_the_command(
    home_of_li: Household, place: Place, tmp_path: Path
) -> None:
    args = ("mirror", "add", "caldav", place.url, "--user", USER)
    missing = str(tmp_path / "none")
    for more, code, names in (
        ((), 2, ("--password-stdin",)),
        (("--password-file", missing), 2, (missing, "cannot be read")),
        (("--password-stdin", "--password-file", missing), 2, ("not both",)),
        (("--password-stdin",), 2, ("refused the user name or password", "401")),
        (("--password", "secret"), 2, ("--password",)),
    ):
        said = refused(home_of_li, *args, *more, code=code, names=names, stdin="wrong")
        assert "wrong" not in said
    assert "/nowhere/" not in refused(
        home_of_li,
        *("mirror", "add", "caldav", f"{place.url}nowhere/", "--user", USER, "--password-stdin"),
        code=2,
        names=("no calendar at this address",),
        stdin=PASSWORD,
    )
    assert place.there() == {}


def test_what_an_item_says_is_told_apart_by_more_than_its_event() -> None:
    """Another way to write the same event needs another mirrored.WRITTEN, or nobody gets it."""
    event = Event(
        uid="K7Q2",
        on=date(2026, 12, 4),
        summary="MAPLE 7 of 12, send by Thu 3 Dec",
        description="one\ntwo",
        alarms=(timedelta(hours=-15),),
        sequence=2,
        stamp=datetime(2026, 11, 1, 8, 30, tzinfo=UTC),
    )
    written = b"".join(
        (
            todo.item(event, todo=False),
            todo.item(event, todo=True),
            todo.item(event, todo=True, done=True),
            calendar.feed("Dates", [event], language_tag="en-GB"),
        )
    )
    assert (mirrored.WRITTEN, hashlib.sha256(written).hexdigest()[:16]) == ("1", "3ae26227e430499a")
