"""What the dashboard asks and offers: claims, follow-ups, quiet, journeys, ways out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.peers import site
from tests.peers.desk import Desk
from tests.peers.site import Answer, Client
from tracker.actions.delivery import hearing
from tracker.channels.message import Heard
from tracker.daemon.tick import Ticker
from tracker.store import destinations, people
from tracker.web import app as web

LI = "+447700900123"


@pytest.fixture
def desk(home: Path, sqlite_template: Path) -> Iterator[Desk]:
    """Li with one debt and a plan whose first instalment is due in ten days; no login."""
    made = site.opened(home, sqlite_template, TRACKER_WEB_LOGIN="false")
    made.li()
    made.debt()
    made.plan(start="2026-12-04")
    yield made
    made.office.close()


@pytest.fixture
def browser(desk: Desk) -> Iterator[Client]:
    with site.running(web.pages_app(desk.office, lambda: site.HEALTH)) as place:
        yield Client(place)


def form(page: Answer, action: str, **fields: str) -> dict[str, str]:
    return {**{name: page.hidden(name, action) for name in ("token", "key")}, **fields}


def pressed(browser: Client, action: str, page: str = "/", **fields: str) -> Answer:
    """A form of a page, sent; what the page says then."""
    sent = browser.post(action, form(browser.get(page), action, **fields))
    assert sent.status == 303, sent.words
    return browser.get(sent.headers["location"])


def claimed(desk: Desk) -> None:
    """Li answered the first text with PAID."""
    from tests.peers.channels import Scripted

    desk.clock.at = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    Ticker(office=desk.office, channels={"sms": Scripted()}, home_id="home").run()
    ref = desk.messages()[0].ref
    text = Heard(provider_id="SM1", sender=LI, body=f"PAID {ref}", at=desk.clock.now())
    assert hearing.hear(desk.office, text)


def paid(desk: Desk) -> list[str]:
    return [each["amount"]["amount"] for each in desk.ask("payment.list")["payments"]]


# Claims.


def test_a_claim_is_asked_about_and_accepted_once_however_often_it_is_sent(
    browser: Client, desk: Desk
) -> None:
    claimed(desk)
    page = browser.get("/")
    assert "MAPLE was said to be paid on Mon 30 Nov. Was it?" in page.words
    fields = form(page, "/claims/1", went="yes")
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: browser.post("/claims/1", fields).status, range(8)))
    assert set(sent) == {303}
    assert paid(desk) == ["100.00"]
    assert "Was it?" not in browser.get("/").words


def test_a_claim_that_was_wrong_is_dismissed_and_nothing_is_paid(
    browser: Client, desk: Desk
) -> None:
    claimed(desk)
    words = pressed(browser, "/claims/1", went="no").words
    assert "Claim 1 is dismissed" in words
    assert "Was it?" not in words
    assert paid(desk) == []


def test_a_claim_answered_elsewhere_meanwhile_is_told_and_changes_nothing(
    browser: Client, desk: Desk
) -> None:
    claimed(desk)
    fields = form(browser.get("/"), "/claims/1", went="yes")
    desk.ask("payment.dismiss", claim="1")
    answer = browser.post("/claims/1", fields)
    assert answer.status == 409
    assert "closed already" in answer.words
    assert "`tracker" not in answer.words
    assert paid(desk) == []


@pytest.mark.parametrize(("claim", "went"), [("1", ""), ("1", "maybe"), ("7", "yes"), ("x", "no")])
def test_an_answer_that_cannot_be_meant_is_refused(
    browser: Client, desk: Desk, claim: str, went: str
) -> None:
    claimed(desk)
    fields = form(browser.get("/"), "/claims/1", went=went)
    assert browser.post(f"/claims/{claim}", fields).status in (400, 404, 422)
    assert paid(desk) == []
    assert len(desk.ask("payment.claims")["claims"]) == 1


def test_the_shell_shows_a_claim_with_its_command(desk: Desk) -> None:
    claimed(desk)
    (decision,) = [each for each in desk.ask("overview")["decide"] if each["kind"] == "claim"]
    assert decision["command"] == "tracker payment accept 1"


# Later, and quiet.


def test_an_instalment_is_put_off_until_tomorrow(browser: Client, desk: Desk) -> None:
    assert "/snooze" not in browser.get("/").text  # no reminder is near yet
    desk.clock.at = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    page = pressed(browser, "/snooze", debt="maple")
    assert "MAPLE 1 of 12: silent until Tue 1 Dec 09:00, then one reminder." in page.words
    assert "put off until Tue 1 Dec, 09:00" in browser.get("/").words
    assert 'action="/snooze"' not in page.text


@pytest.mark.parametrize("case", ["on hold", "late before it", "on its last day"])
def test_what_cannot_be_put_off_is_not_offered(browser: Client, desk: Desk, case: str) -> None:
    desk.clock.at = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert 'action="/snooze"' in browser.get("/").text
    if case == "on hold":
        desk.ask("debt.hold", debt="maple", kind="disputed")
    if case == "late before it":
        desk.clock.at = datetime(2026, 12, 28, 12, 0, tzinfo=UTC)
    if case == "on its last day":
        desk.clock.at = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    assert 'action="/snooze"' not in browser.get("/").text


def test_quiet_begins_with_one_tap_and_ends_with_another(browser: Client, desk: Desk) -> None:
    words = pressed(browser, "/quiet").words
    assert "Quiet until Fri 27 Nov 00:00: only legal deadlines are told." in words
    assert "No messages for three days" not in words
    words = pressed(browser, "/quiet", end="yes").words
    assert "The silence is over" in words
    assert "Quiet until" not in words
    assert desk.ask("person.show")["quiet_until_at"] is None


def test_a_journey_stands_on_the_page_with_its_zone_and_can_be_called_off(
    browser: Client, desk: Desk
) -> None:
    desk.ask("away.add", days="20dec..3jan", zone="Asia/Shanghai")
    assert "Away from" not in browser.get("/").words  # a month ahead
    desk.clock.at = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    said = "Away from Sun 20 Dec to Sun 3 Jan: on these days messages go by the clock of Asia/"
    assert said in browser.get("/").words
    words = pressed(browser, "/away/1/end").words
    assert "is called off" in words
    assert said not in words


def test_a_number_that_waits_for_its_code_is_told(browser: Client, desk: Desk) -> None:
    assert "waits to be confirmed" not in browser.get("/").words
    with desk.office.database.write() as session:
        (row,) = destinations.of_person(session, people.find(session, "li").id)
        row.confirmed_at = None
        session.add(row)
    words = browser.get("/").words
    assert "+44•••0123 waits to be confirmed; until then nothing goes there." in words
    assert LI not in words
    assert "tracker person code sms" in words


# Follow-ups.


def test_deadlines_stand_on_top_and_what_has_passed_its_day_leads(
    browser: Client, desk: Desk
) -> None:
    desk.ask(
        "followup.add", debt="maple", text="an answer to the letter", by="1 dec", kind="answer"
    )
    desk.ask("followup.add", debt="-", text="ask for the form", by="28 nov")
    desk.ask("followup.add", debt="maple", text="object to the claim", by="9 dec", kind="deadline")
    desk.clock.at = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    words = browser.get("/").words
    places = [
        words.index(each)
        for each in (
            *("Legal deadlines", "object to the claim", "in 9 days", "Coming up"),
            *("To follow up", "ask for the form", "its day has passed"),
            *("an answer to the letter", "answer · MAPLE · tomorrow"),
        )
    ]
    assert places == sorted(places)
    for harsh in ("overdue", "failed", "arrears", "warning"):
        assert harsh not in words.casefold()


def test_a_followup_is_done_with_one_tap(browser: Client, desk: Desk) -> None:
    ref = desk.ask("followup.add", debt="maple", text="a call", by="1 dec", kind="call")["ref"]
    words = pressed(browser, f"/followups/{ref}/close").words
    assert "Closed: a call (done)" in words
    assert desk.ask("followup.list")["followups"] == []
    fields = form(browser.get("/"), "/payments")
    assert browser.post(f"/followups/{ref}/close", fields).status == 409
    assert browser.post("/followups/zzz/close", form(browser.get("/"), "/payments")).status == 404


def test_followups_show_where_no_debt_is_recorded_yet(home: Path, sqlite_template: Path) -> None:
    desk = site.opened(home, sqlite_template, TRACKER_WEB_LOGIN="false")
    desk.li()
    desk.ask("followup.add", debt="-", text="ask for a report", by="28 nov")
    desk.ask("followup.add", debt="-", text="the court's day", by="29 nov", kind="deadline")
    with site.running(web.pages_app(desk.office, lambda: site.HEALTH)) as place:
        words = Client(place).get("/").words
    assert "ask for a report" in words
    assert "the court's day" in words
    desk.office.close()


# Ways out.


def test_what_is_late_leads_to_its_ways_out(browser: Client, desk: Desk) -> None:
    desk.clock.at = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    assert 'href="/plans/maple/ways"' in browser.get("/").text
    assert 'href="/plans/maple/ways"' in browser.get("/plans/maple").text
    page = browser.get("/plans/maple/ways")
    assert page.status == 200
    assert "£100.00 was due on 4 December 2026" in page.words
    assert "National Debtline" in page.words
    assert 'href="tel:08088084000"' in page.text
    assert "Ask today or tomorrow" in page.words


def test_a_part_can_be_recorded_from_there(browser: Client, desk: Desk) -> None:
    desk.clock.at = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    typed: dict[str, Any] = {"debt": "maple", "amount": "20", "on": "2026-12-10", "method": "card"}
    words = pressed(browser, "/payments", "/plans/maple/ways", **typed).words
    assert "Recorded as #1: £20.00 for MAPLE" in words
    assert paid(desk) == ["20.00"]


def test_with_nothing_late_it_says_so_and_a_debt_that_is_not_there_is_not_found(
    browser: Client, desk: Desk
) -> None:
    page = browser.get("/plans/maple/ways")
    assert page.status == 200
    assert "Nothing is late on MAPLE." in page.words
    assert "Send by Thu 3 Dec, 16:00" in page.words
    for path in ("/plans/nothing/ways", "/plans/%00/ways", "/plans/..%2f/ways"):
        assert browser.get(path).status == 404


def test_it_speaks_the_persons_language(browser: Client, desk: Desk) -> None:
    desk.clock.at = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    for locale in ("zh_Hans_CN", "zh_Hant_TW"):
        desk.ask("person.edit", locale=locale)
        page = browser.get("/plans/maple/ways")
        assert f'lang="{locale.replace("_", "-")}"' in page.text
        assert page.status == 200
        assert "National Debtline" in page.words
