"""A lost phone: nothing goes to it any more, nothing is lost by that, and there is a way back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.peers.channels import Lost, Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk, confirmed
from tests.peers.site import HEALTH, Client, running
from tracker.actions.delivery import derive
from tracker.actions.office import Office
from tracker.config import Settings
from tracker.daemon.tick import Ticker
from tracker.store import mirrors, people, reports
from tracker.store.mirrors import MirrorRow
from tracker.web import app as web

PHONE = "+447700900123"
ONE = "2026-12-04 100.00\n"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    twilio = replace(settings.sms.twilio, account_sid=f"AC{'0' * 32}", from_number="+15550100199")
    return replace(
        settings,
        sms=replace(settings.sms, twilio=twilio),
        mail=replace(settings.mail, host="mail.example.org", from_address="home@example.org"),
    )


@pytest.fixture
def mail() -> Scripted:
    return Scripted("mail", can_ask=False)


@pytest.fixture
def ticker(office: Office, sms: Scripted, mail: Scripted, console: Scripted) -> Ticker:
    channels = {"sms": sms, "mail": mail, "console": console}
    return Ticker(office=office, channels=channels, home_id="home")


@pytest.fixture
def waiting(maple: Desk, clock: MovableClock) -> Desk:
    """The first reminder of maple waits to go to the phone, on the morning of 30 November."""
    maple.plan(rows=ONE)
    clock.forward(days=6)
    derive.derive(maple.office, clock.now())
    assert [(each.channel, each.state) for each in maple.messages()] == [("sms", "pending")]
    return maple


def lost(desk: Desk) -> dict[str, Any]:
    return desk.ask("lost-phone", accept=True)


def test_it_asks_first_and_does_nothing_before_the_yes(waiting: Desk) -> None:
    waiting.ask("feed.add")
    error = waiting.refused("lost-phone")
    assert (error["field"], error["exit"]) == ("accept", 5)
    assert waiting.ask("person.show")["phone_state"] == "confirmed"
    assert waiting.states() == ["pending"]
    assert waiting.ask("feed.list")["feeds"][0]["revoked_at"] is None


def test_what_waited_for_the_phone_takes_another_way(
    waiting: Desk, ticker: Ticker, sms: Scripted, console: Scripted
) -> None:
    told = lost(waiting)
    assert (told["cancelled"], told["elsewhere"], told["on_their_way"]) == (1, 1, 0)
    ticker.run()
    assert sms.requests == []
    assert ["MAPLE" in body for body in console.bodies] == [True]
    cancelled = waiting.messages("cancelled")[0]
    assert "phone that is lost" in (cancelled.reason or "")


def test_without_another_way_it_is_held_and_goes_when_the_new_phone_is_confirmed(
    waiting: Desk, ticker: Ticker, sms: Scripted
) -> None:
    waiting.ask("person.edit", channels=["sms"])
    told = lost(waiting)
    assert (told["cancelled"], told["elsewhere"]) == (1, 0)
    assert any("no way left" in each for each in told["warnings"])
    ticker.run()
    assert sms.requests == []
    assert [each.code for each in waiting.messages("held")] == ["no-route"]
    # The way back: a new number, its code, and what waited goes there.
    assert waiting.ask("person.edit", phone="+447700900777")["phone_state"] == "waiting"
    ticker.run()
    waiting.ask("destination.confirm", code=sms.bodies[-1].split(": ")[1][:6])
    ticker.run()
    assert [each.address for each in sms.taken] == ["+447700900777"] * 2
    assert "MAPLE" in sms.bodies[-1]


def test_the_same_number_on_a_new_sim_needs_a_code(
    waiting: Desk, ticker: Ticker, sms: Scripted
) -> None:
    lost(waiting)
    shown = waiting.ask("person.show")
    assert (shown["phone"], shown["phone_state"]) == (PHONE, "revoked")
    waiting.ask("destination.code", channel="sms")
    assert waiting.ask("person.show")["phone_state"] == "waiting"
    ticker.run()
    waiting.ask("destination.confirm", code=sms.bodies[-1].split(": ")[1][:6])
    assert waiting.ask("destination.list")["ways"] == ["sms", "console"]


def test_a_text_whose_answer_was_lost_is_said_to_be_on_its_way(
    waiting: Desk, ticker: Ticker, sms: Scripted
) -> None:
    sms.script.append(Lost())
    ticker.run()
    assert waiting.states() == ["unknown"]
    told = lost(waiting)
    assert (told["cancelled"], told["on_their_way"]) == (0, 1)
    assert any("may still arrive" in each for each in told["said"])
    assert waiting.states() == ["unknown"]


def test_a_text_that_is_claimed_at_that_moment_is_not_sent(
    waiting: Desk, ticker: Ticker, sms: Scripted, at_step: Any
) -> None:
    at_step("claimed", lambda: lost(waiting))
    ticker.run()
    assert sms.requests == []


def test_calendars_and_signed_in_browsers_are_closed(waiting: Desk) -> None:
    token = waiting.ask("feed.add")["token"]
    waiting.ask("feed.add", name="second")
    waiting.ask("feed.revoke", feed="second")
    with waiting.office.database.write() as session:
        person = people.find(session, "li")
        session.add(
            MirrorRow(
                person_id=person.id,
                name="cloud",
                kind="caldav",
                url="https://dav.example.org/",
                username="li",
                secret="x",
                detail="neutral",
                added_at=waiting.clock.now(),
            )
        )
        session.add(
            people.LoginRow(
                person_id=person.id,
                token_sha256="0" * 64,
                created_at=waiting.clock.now(),
                expires_at=waiting.clock.now().replace(year=2027),
            )
        )
    told = lost(waiting)
    assert (told["feeds"], told["mirrors"], told["logins"]) == (1, 1, 1)
    with waiting.office.database.read() as session:
        assert mirrors.mirrors(session, person.id) == []
        assert people.login(session, "0" * 64, waiting.clock.now()) is None
        assert all(row.revoked_at is not None for row in reports.feeds(session, person.id))
    with running(web.feed_app(waiting.office)) as place:
        assert Client(place).get(f"/feed/{token}.ics").status == 404


def test_a_second_time_nothing_was_left_to_close(waiting: Desk) -> None:
    lost(waiting)
    told = waiting.ask("lost-phone")
    assert "Nothing was left" in told["said"][0]
    assert (told["addresses"], told["cancelled"]) == ([], 0)


def test_nothing_of_anybody_else_is_closed(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("ana").ask("feed.add")
    lost(desk.of("li"))
    assert desk.of("ana").ask("person.show")["phone_state"] == "confirmed"
    assert desk.of("ana").ask("feed.list")["feeds"][0]["revoked_at"] is None


def test_e_mail_goes_on(waiting: Desk, ticker: Ticker, sms: Scripted, mail: Scripted) -> None:
    waiting.ask("person.edit", email="li@example.org", channels=["sms", "mail"])
    confirmed(waiting.office, "li", "mail")
    told = lost(waiting)
    assert told["addresses"] == [PHONE]
    assert told["elsewhere"] == 1
    ticker.run()
    assert sms.requests == []
    assert any("MAPLE" in body for body in mail.bodies)


def test_the_page_has_no_session_any_more(waiting: Desk) -> None:
    waiting.ask("person.password", password="four plain words here")
    with running(web.pages_app(waiting.office, lambda: HEALTH)) as place:
        client = Client(place)
        client.sign_in("li", "four plain words here")
        assert client.get("/").status == 200
        lost(waiting)
        assert client.get("/").status != 200
