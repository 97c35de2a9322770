"""What was said long ago is emptied, and goes in the end; what became of it stays till then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.actions.delivery import hearing
from tracker.channels.message import Heard
from tracker.daemon.tick import Ticker
from tracker.store import aging

SENT_AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def sent(maple: Desk, ticker: Ticker, clock: MovableClock) -> None:
    maple.plan(rows="2026-12-04 100.00\n")
    clock.at = SENT_AT
    ticker.run()
    maple.ask("pay", debt="maple")


def a_day_later(ticker: Ticker, clock: MovableClock, at: datetime) -> None:
    clock.at = at
    again = Ticker(office=ticker.office, channels=ticker.channels, home_id="home")
    again.run()


def test_after_ninety_days_neither_words_nor_number_are_left_and_the_rest_stays(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    sent(maple, ticker, clock)
    (before,) = maple.messages()
    hearing.hear(
        maple.office, Heard(provider_id="SM9", sender=before.address, body="thanks", at=clock.now())
    )
    a_day_later(ticker, clock, SENT_AT + timedelta(days=90) - timedelta(hours=1))
    assert maple.messages()[0].body == before.body
    a_day_later(ticker, clock, SENT_AT + timedelta(days=90, hours=1))
    (after,) = maple.messages()
    assert (after.body, before.address in after.address) == ("", False)
    assert (after.ref, after.state, after.changed_at) == (
        before.ref,
        before.state,
        before.changed_at,
    )
    (answer,) = maple.ask("outbox.answers")["answers"] or [{"body": ""}]
    assert answer["body"] == ""


def test_a_row_goes_only_when_the_plan_has_been_over_for_long(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    maple.plan(rows="2026-12-04 100.00\n2027-12-04 100.00\n")
    clock.at = SENT_AT
    ticker.run()
    maple.ask("pay", debt="maple")
    sent_ref = maple.messages()[0].ref

    def there() -> bool:
        return sent_ref in [message.ref for message in maple.messages()]

    a_day_later(ticker, clock, SENT_AT + timedelta(days=500))
    assert there()
    maple.ask("plan.withdraw", debt="maple", reason="done")
    a_day_later(ticker, clock, SENT_AT + timedelta(days=899))
    assert there()
    a_day_later(ticker, clock, SENT_AT + timedelta(days=901))
    assert not there()


def test_of_a_plan_that_was_kept_to_its_end_it_goes_as_well(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    sent(maple, ticker, clock)
    a_day_later(ticker, clock, SENT_AT + timedelta(days=399))
    assert len(maple.messages()) == 1
    a_day_later(ticker, clock, SENT_AT + timedelta(days=406))
    assert maple.messages() == []


def test_where_nothing_is_old_nothing_is_written(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    sent(maple, ticker, clock)
    with maple.office.database.read() as session:
        assert not aging.waits(session, clock.now() + timedelta(days=89))
        assert aging.waits(session, clock.now() + timedelta(days=91))
