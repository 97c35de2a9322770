"""What the service tells about itself: /healthz, /metrics, the doctor and the page's foot."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.peers import site
from tests.peers.channels import Scripted, account, unknown
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tests.peers.site import Client
from tracker.cli import watching
from tracker.daemon import health
from tracker.daemon.metrics import Metrics
from tracker.daemon.tick import Ticker, beat
from tracker.web import app as web
from tracker.web import guard

ONE = "2026-12-04 100.00\n"
FIRST = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def due(maple: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """A message is due at this moment."""
    maple.plan(rows=ONE)
    clock.at = FIRST
    return maple


def told(ticker: Ticker) -> dict[str, Any]:
    office = ticker.office
    return dict(health.report(office, ticker, office.clock.now(), time.monotonic()))


def figures(ticker: Ticker) -> dict[str, float]:
    """A scrape as a monitor reads it; anything that is no line of that format fails."""
    office = ticker.office
    return parsed(Metrics(office, ticker, office.clock.now(), time.monotonic()).text())


def parsed(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    typed: set[str] = set()
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("#"):
            match = re.fullmatch(r"# (HELP|TYPE) (tracker_[a-z_]+) (.+)", line)
            assert match, line
            typed.add(match[2])
            continue
        match = re.fullmatch(r"(tracker_[a-z_]+)(\{[a-z]+=\"[^\"\\\n]*\"\})? (\S+)", line)
        assert match, line
        assert match[1] in typed, line
        assert match[1] + (match[2] or "") not in found, line
        found[match[1] + (match[2] or "")] = float(match[3])
    return found


def test_a_service_that_works_is_well_and_says_when_it_last_did_what(
    due: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    beat(ticker)
    state = told(ticker)
    assert (state["status"], state["alarms"]) == ("ok", [])
    assert state["last_tick_at"] == state["last_send_at"] == FIRST.isoformat()
    assert state["last_reconcile_at"] is None
    shown = figures(ticker)
    assert shown["tracker_up"] == 1
    assert shown["tracker_last_send_timestamp_seconds"] == FIRST.timestamp()
    assert shown['tracker_messages{state="sent"}'] == 1
    assert "tracker_last_reconcile_timestamp_seconds" not in shown


def test_a_message_in_doubt_for_an_hour_is_an_alarm(
    due: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(unknown())
    sms.lists.extend([unknown()] * 100)
    beat(ticker)
    assert told(ticker)["alarms"] == []
    clock.forward(minutes=59)
    beat(ticker)
    assert (told(ticker)["alarms"], told(ticker)["oldest_in_flight_at"]) == (
        [],
        FIRST.isoformat(),
    )
    assert told(ticker)["last_reconcile_at"] == clock.now().isoformat()
    clock.forward(minutes=2)
    beat(ticker)
    assert (told(ticker)["status"], told(ticker)["alarms"]) == ("unwell", ["in-flight"])
    shown = figures(ticker)
    assert shown["tracker_up"] == 0
    assert shown['tracker_alarm{what="in-flight"}'] == 1
    assert shown["tracker_oldest_in_flight_age_seconds"] == 61 * 60
    assert due.ask("doctor")["checks"][4]["ok"] is False


def test_a_refused_account_is_an_alarm_until_it_is_taken_again(
    due: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(account())
    beat(ticker)
    state = told(ticker)
    assert (state["alarms"], state["held"]) == (["account"], {"account": 1})
    assert state["accounts_refused"] == ["sms"]
    assert figures(ticker)['tracker_messages_held{code="account"}'] == 1
    checks = {each["name"]: each for each in due.ask("doctor")["checks"]}
    assert "1 because a provider refuses the account" in checks["delivery"]["sentence"]
    clock.forward(minutes=16)
    beat(ticker)
    clock.forward(minutes=2)
    beat(ticker)
    assert told(ticker)["alarms"] == []


def test_a_clock_that_is_not_believed_is_an_alarm(
    due: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    beat(ticker)
    clock.jump(days=3)
    beat(ticker)
    state = told(ticker)
    assert (state["alarms"], state["clock_doubt"]) == (["clock"], "jumped")
    assert state["sends_held_by_clock"]
    clock.jump(days=-4)
    beat(ticker)
    assert told(ticker)["clock_doubt"] == "behind"
    checks = {each["name"]: each["ok"] for each in due.ask("doctor")["checks"]}
    assert checks["clock"] is False


def test_missed_looks_are_an_alarm_by_a_reading_that_nobody_can_set(
    due: Desk, ticker: Ticker
) -> None:
    settings = ticker.office.settings
    quick = replace(settings.daemon, tick_seconds=0.01, tick_limit_seconds=0.05)
    ticker.office = replace(ticker.office, settings=replace(settings, daemon=quick))
    beat(ticker)
    ticker.progress.ended_at = time.monotonic()
    assert told(ticker)["alarms"] == []
    ticker.progress.ended_at = time.monotonic() - 0.1
    assert told(ticker)["alarms"] == ["tick"]
    assert figures(ticker)['tracker_alarm{what="tick"}'] == 1


def test_messages_are_counted_at_most_once_a_minute_and_only_when_something_changed(
    due: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    office = ticker.office
    metrics = Metrics(office, ticker, clock.now(), time.monotonic())
    assert parsed(metrics.text())['tracker_messages{state="sent"}'] == 0
    beat(ticker)
    clock.forward(seconds=59)
    assert parsed(metrics.text())['tracker_messages{state="sent"}'] == 0
    clock.forward(seconds=1)
    assert parsed(metrics.text())['tracker_messages{state="sent"}'] == 1
    counted = metrics._counted
    clock.forward(minutes=5)
    metrics.text()
    assert metrics._counted is counted


def test_the_figures_name_nobody(due: Desk, ticker: Ticker, sms: Scripted) -> None:
    beat(ticker)
    text = Metrics(ticker.office, ticker, FIRST, time.monotonic()).text() + str(told(ticker))
    (message,) = due.messages()
    for secret in ("li", "MAPLE", "Alder", message.ref, message.address, message.address[1:]):
        assert not re.search(rf"\b{re.escape(secret)}\b", text), secret


def test_the_doctor_names_who_cannot_be_reached(desk: Desk) -> None:
    desk.li(channels=["console"])
    checks = {each["name"]: each for each in desk.ask("doctor")["checks"]}
    assert checks["addresses"]["ok"]
    desk.ask("person.edit", phone="+447700900124", channels=["sms"])
    checks = {each["name"]: each for each in desk.ask("doctor")["checks"]}
    assert checks["addresses"]["ok"] is False
    assert "li" in checks["addresses"]["sentence"]


class TestTheDoctorsWordOnTheDaemon:
    def test_none_runs(self) -> None:
        check = watching.daemon(None)
        assert check["ok"] is False
        assert "No daemon runs" in str(check["sentence"])
        assert "tracker daemon" in str(check["hint"])

    def test_one_runs(self, due: Desk, ticker: Ticker) -> None:
        beat(ticker)
        check = watching.daemon(told(ticker))
        assert check["ok"] is True
        assert "2026-11-30 09:00 UTC" in str(check["sentence"])
        assert "not since its start" in str(check["sentence"])

    @pytest.mark.parametrize("alarm", list(health.Alarm))
    def test_each_alarm_has_its_sentence_and_its_cure(self, alarm: health.Alarm) -> None:
        check = watching.daemon({"status": "unwell", "alarms": [alarm.value]})
        assert check["ok"] is False
        assert check["sentence"]
        assert check["hint"]


class TestTheDoor:
    @pytest.fixture
    def place(self, due: Desk, ticker: Ticker) -> Iterator[str]:
        beat(ticker)
        metrics = Metrics(ticker.office, ticker, FIRST, time.monotonic())
        app = web.pages_app(ticker.office, lambda: told(ticker), metrics.text)
        with site.running(app) as place:
            yield place

    def test_this_machine_may_ask_under_its_own_name(self, place: str) -> None:
        answer = Client(place).get("/metrics")
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert parsed(answer.body.decode())["tracker_up"] == 1
        assert all(name.lower() in answer.headers for name in guard.HEADERS)

    def test_what_a_proxy_passes_on_is_refused_as_if_nothing_were_there(
        self, due: Desk, ticker: Ticker
    ) -> None:
        settings = ticker.office.settings
        named = replace(settings.web, allowed_hosts=("tracker.home.example",))
        office = replace(ticker.office, settings=replace(settings, web=named))
        app = web.pages_app(office, lambda: told(ticker), lambda: "tracker_up 1\n")
        with site.running(app) as place:
            client = Client(place)
            outside = client.get("/metrics", Host="tracker.home.example")
            nothing = client.get("/nothing", Host="tracker.home.example")
            assert outside.status == nothing.status == 404
            assert outside.body == nothing.body

    def test_without_the_setting_there_is_no_such_page(self, due: Desk, ticker: Ticker) -> None:
        with site.running(web.pages_app(ticker.office, lambda: told(ticker))) as place:
            assert Client(place).get("/metrics").status == 404
