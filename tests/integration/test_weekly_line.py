"""The weekly line that the tracker still runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.daemon.tick import Ticker

# 24 November 2026, the day on which these tests begin, is a Tuesday.
SATURDAY = datetime(2026, 11, 28, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)


@pytest.fixture
def weekly(maple: Desk) -> Desk:
    maple.ask("person.edit", alive="sat")
    return maple


def until(ticker: Ticker, clock: MovableClock, instant: datetime) -> None:
    """Tick at every moment that the engine asks for, up to `instant`."""
    while (wanted := ticker.run()) is not None and wanted <= instant:
        clock.at = max(wanted, clock.at + timedelta(minutes=1))
    clock.at = max(clock.at, instant)
    ticker.run()


def test_it_comes_once_a_week_on_its_day_and_names_what_is_next(
    weekly: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    weekly.plan(rows="2027-03-05 100.00\n")
    until(ticker, clock, SATURDAY - timedelta(minutes=1))
    assert sms.requests == []
    until(ticker, clock, SATURDAY)
    assert len(sms.requests) == 1
    assert "MAPLE" in sms.requests[0].body
    until(ticker, clock, SATURDAY + 2 * WEEK)
    assert len(sms.requests) == 3


def test_without_anything_due_it_says_so(
    weekly: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    until(ticker, clock, SATURDAY)
    (only,) = sms.requests
    assert "MAPLE" not in only.body


def test_after_weeks_without_power_only_its_own_day_counts(
    weekly: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    ticker.run()
    clock.at = SATURDAY + 3 * WEEK + timedelta(days=1)
    ticker.run()
    assert sms.requests == []
    assert [message.reason is not None for message in weekly.messages("expired")] == [True]
    until(ticker, clock, SATURDAY + 4 * WEEK)
    assert len(sms.requests) == 1


def test_after_a_morning_without_power_it_comes_late_that_day(
    weekly: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    ticker.run()
    clock.at = SATURDAY + timedelta(hours=5)
    ticker.run()
    assert len(sms.requests) == 1


def test_wished_for_after_the_hour_of_its_day_it_begins_a_week_later(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    clock.at = SATURDAY + timedelta(hours=1)
    maple.ask("person.edit", alive="sat")
    until(ticker, clock, SATURDAY + WEEK - timedelta(minutes=1))
    assert sms.requests == []
    until(ticker, clock, SATURDAY + WEEK)
    assert len(sms.requests) == 1


def test_no_longer_wished_for_it_comes_no_more(
    weekly: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    until(ticker, clock, SATURDAY)
    weekly.ask("person.edit", alive="off")
    until(ticker, clock, SATURDAY + 2 * WEEK)
    assert len(sms.requests) == 1
