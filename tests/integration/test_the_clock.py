"""A machine that slept, and a clock that somebody set: what goes out, and what somebody can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.daemon.tick import Ticker
from tracker.daemon.timekeeping import Doubt

ONE = "2026-12-04 100.00\n"
FIRST = datetime(2026, 11, 30, 9, tzinfo=UTC)
"""When the first of its three reminders is due."""
SETTLE = 300
AtStep = Callable[[str, Callable[[], object]], None]


@pytest.fixture
def agreed(maple: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """Two debts with one instalment each; the first reminders are due in half an hour."""
    maple.plan(rows=ONE)
    maple.debt("KITE", creditor="Kite Loans")
    maple.plan("kite", rows=ONE)
    clock.at = FIRST - timedelta(minutes=30)
    ticker.run()
    return maple


def ticks(ticker: Ticker, clock: MovableClock, seconds: int, every: int = 60) -> None:
    """What a heartbeat does in that time; at the end of it too."""
    for _ in range(seconds // every):
        ticker.run()
        clock.forward(seconds=every)
    ticker.run()


def test_after_a_sleep_what_is_still_of_use_goes_at_once(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    clock.forward(hours=8)
    ticker.run()
    assert ticker.beats.doubt is None
    assert [("MAPLE" in each.body, "KITE" in each.body) for each in sms.requests] == [(True, True)]


@pytest.mark.parametrize("days", [2, 400, 3650])
def test_a_clock_set_forward_sends_nothing_and_settles_nothing(
    days: int, agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    before = agreed.states()
    clock.jump(days=days)
    ticks(ticker, clock, SETTLE - 60)
    assert ticker.beats.doubt is Doubt.JUMPED
    assert (sms.requests, agreed.states()) == ([], before)
    clock.jump(days=-days)
    ticker.run()
    assert ticker.beats.doubt is None
    clock.at = FIRST
    ticker.run()
    assert "MAPLE" in sms.requests[0].body


def test_a_clock_that_stood_its_ground_is_believed_and_the_rest_expires_with_a_reason(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    clock.jump(days=2, hours=4)
    ticks(ticker, clock, SETTLE)
    assert ticker.beats.doubt is None
    sent = "\n".join(each.body for each in sms.requests)
    assert (sent.count("MAPLE"), sent.count("KITE")) == (1, 1)
    expired = agreed.messages("expired")
    assert expired
    assert all(message.reason for message in expired)


def test_a_clock_that_is_set_in_the_middle_of_a_tick_stops_it(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    clock.at = FIRST
    at_step("derived", lambda: clock.jump(days=1))
    ticker.run()
    assert sms.requests == []
    clock.jump(days=-1)
    ticker.run()
    assert len(sms.requests) == 1


def test_the_clock_is_shown_and_need_not_be_accepted_while_it_is_right(agreed: Desk) -> None:
    shown = agreed.ask("clock.show")
    assert (shown["behind"], shown["accepted_at"]) == (False, None)
    error = agreed.refused("clock.accept")
    assert (error["exit"], error["code"]) == (4, "conflict")


def test_after_years_ahead_everything_is_held_until_somebody_says_that_the_clock_is_right(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    right = clock.now()
    agreed.ask("person.edit", alive="sat")
    clock.jump(days=3650)
    ticks(ticker, clock, SETTLE)
    assert {message.state for message in agreed.messages()} == {"expired"}
    clock.jump(days=-3650)
    clock.at = FIRST
    ticker.run()
    assert ticker.beats.doubt is Doubt.BEHIND
    assert sms.requests == []
    shown = agreed.ask("clock.show")
    assert shown["behind"]
    assert datetime.fromisoformat(shown["newest_at"]) > right + timedelta(days=3000)

    said = agreed.ask("clock.accept")["said"]
    assert len(said) == 1
    assert not agreed.ask("clock.show")["behind"]
    ticker.run()
    assert ticker.beats.doubt is None
    # What the wrong clock had called too late goes at its time after all, each once.
    for _ in range(8):
        clock.forward(days=1)
        ticker.run()
        clock.forward(seconds=15)
        ticker.run()
    waiting = agreed.messages("pending")
    assert [message for message in waiting if message.not_before_at <= clock.now()] == []
    sent = [each.body for each in sms.requests]
    saturday = [body for body in sent if "all is well" in body]
    assert len(saturday) == 1
    for word in ("MAPLE", "KITE"):  # three before the day, and one word after it
        assert sum(word in body for body in sent if body not in saturday) == 4
    # And what is recorded from now on holds a clock that goes back again.
    clock.jump(days=-3)
    ticker.run()
    assert ticker.beats.doubt is Doubt.BEHIND


def test_accepting_a_clock_twice_with_one_key_is_one_mark(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.jump(days=365)
    ticks(ticker, clock, SETTLE)
    clock.jump(days=-365)
    first = agreed.answer("clock.accept", key="once")
    assert first[0] == 200
    assert agreed.answer("clock.accept", key="once") == first


def test_a_home_without_people_can_show_its_clock(desk: Desk) -> None:
    assert desk.ask("clock.show")["newest_at"] is None
