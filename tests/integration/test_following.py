"""What became of a text after the provider had accepted it: asked for, and acted on once.

MAPLE has one instalment, due on Friday 4 December 2026, of which Li hears on the 30th, the
2nd and the 3rd at nine in London. The texts go to a Twilio on loopback.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.integration.test_delivery import (
    ONE,
    AtStep,
    at,
    live,
    three_debts,
    without_ref,
    words,
)
from tests.peers import twilio as peer
from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk, confirmed
from tests.peers.twilio import FakeTwilio, Faults
from tracker.actions.delivery import following
from tracker.actions.office import Office
from tracker.channels.message import Failure, Fate
from tracker.channels.sms import Sms
from tracker.daemon.tick import Ticker
from tracker.store import delivery
from tracker.store.delivery import MessageRow

NINE = at(30, month=11)
PHONE_OFF, NO_SUCH_PHONE = 30003, 30005
PHONE, NEW = "+447700900123", "+447700900124"


@pytest.fixture
def twilio(clock: MovableClock) -> Iterator[FakeTwilio]:
    with FakeTwilio(now=clock.now) as fake:
        yield fake


@pytest.fixture
def ticker(office: Office, twilio: FakeTwilio, console: Scripted) -> Ticker:
    texts = Sms(
        account_sid=peer.ACCOUNT_SID,
        auth_token=peer.AUTH_TOKEN,
        from_number=peer.SENDER,
        api_base_url=twilio.url,
        timeout_seconds=5,
    )
    return Ticker(office=office, channels={"sms": texts, "console": console}, home_id="home")


@pytest.fixture
def texted(maple: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """The first text was accepted at nine on the 30th."""
    maple.plan(rows=ONE)
    live(ticker, clock, NINE)
    assert maple.states() == ["sent"]
    return maple


def told(desk: Desk) -> list[tuple[str, str, datetime]]:
    return [(each.channel, each.state, each.created_at) for each in desk.messages()]


def sid(desk: Desk, number: int = 0) -> str:
    provider_id = desk.messages()[number].provider_id
    assert provider_id is not None
    return provider_id


def test_a_text_that_arrived_is_known_to_have_arrived_and_is_asked_about_no_more(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    twilio.set_status(sid(texted), "delivered")
    before = twilio.requests
    live(ticker, clock, at(30, 20, month=11))
    assert texted.states() == ["delivered"]
    assert texted.messages()[0].provider_status == "delivered"
    assert twilio.requests - before == 1


def test_one_of_which_nothing_more_is_heard_is_asked_about_ever_more_rarely_and_stays_sent(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    asked: list[int] = []
    before = twilio.requests
    # Of what came later nothing is to be asked for here.
    texted.ask("pay", debt="maple", amount="100")
    while clock.at < at(10):
        wanted = ticker.run()
        if twilio.requests > before:
            asked.append(int((clock.at - NINE).total_seconds() // 60))
            before = twilio.requests
        if wanted is None:
            break
        clock.at = max(wanted, clock.at + timedelta(minutes=1))
    # In minutes; after three days nothing more will come.
    assert asked == [2, 12, 72, 432, 1872, 3312, 4752]
    assert texted.states() == ["sent"]


def test_a_phone_that_was_off_is_tried_twice_more_hours_apart_and_then_another_way(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    twilio.faults = Faults(fates={"+447700900123": [("undelivered", PHONE_OFF)] * 20})
    live(ticker, clock, at(30, 19, 59, month=11))
    assert [(channel, state) for channel, state, _ in told(texted)] == [
        ("sms", "undelivered"),
        ("sms", "undelivered"),
        ("sms", "undelivered"),
        ("console", "sent"),
    ]
    accepted = [datetime.fromisoformat(each.at) for each in twilio.accepted()]
    apart = following.AGAIN_AFTER + timedelta(minutes=2)
    assert accepted == [NINE, NINE + apart, NINE + 2 * apart]
    assert len(console.bodies) == 1
    assert [each.again for each in texted.messages()] == [0, 1, 2, 0]
    assert len({each.ref for each in texted.messages()}) == 4
    assert {each.code for each in texted.messages() if each.channel == "sms"} == {str(PHONE_OFF)}


def test_a_phone_that_comes_back_on_gets_it_once(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    twilio.set_status(sid(texted), "undelivered", PHONE_OFF)
    live(ticker, clock, at(30, 12, 2, month=11))
    twilio.set_status(sid(texted, 1), "delivered")
    live(ticker, clock, at(1, 20))
    assert [(channel, state) for channel, state, _ in told(texted)] == [
        ("sms", "undelivered"),
        ("sms", "delivered"),
    ]
    assert console.bodies == []


def test_a_number_that_does_not_exist_leads_to_the_next_way_at_once_and_once(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    twilio.set_status(sid(texted), "undelivered", NO_SUCH_PHONE)
    live(ticker, clock, at(1, 20))
    assert told(texted) == [
        ("sms", "undelivered", NINE),
        ("console", "sent", NINE + timedelta(minutes=2)),
    ]
    assert len(twilio.accepted()) == len(console.bodies) == 1
    failed = texted.ask("outbox.list", state="undelivered")["messages"][0]
    assert str(NO_SUCH_PHONE) in failed["reason"]


def test_a_second_try_that_would_come_too_late_goes_another_way_at_once(
    maple: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    """It is of use until midnight, and after six in the evening no text goes."""
    maple.ask("person.edit", hours="09:00-18:00")
    maple.plan(rows=ONE, paid_by="counter", offsets=["0d"], send_time="15:30")
    live(ticker, clock, at(4, 15, 30))
    assert maple.states() == ["sent"]
    twilio.set_status(sid(maple), "undelivered", PHONE_OFF)
    live(ticker, clock, at(5))
    assert [(channel, state) for channel, state, _ in told(maple)] == [
        ("sms", "undelivered"),
        ("console", "sent"),
    ]
    assert len(console.bodies) == 1


@pytest.mark.parametrize("known_at", [at(4, 15, 31), at(5, 10)])
def test_of_two_in_a_text_that_did_not_arrive_the_one_still_of_use_is_said_again_once(
    maple: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, known_at: datetime
) -> None:
    """MAPLE is of use until midnight: before the second try, or before it is even known."""
    maple.ask("person.edit", hours="09:00-18:00", channels=["sms"])
    maple.plan(rows=ONE, paid_by="counter", offsets=["0d"], send_time="15:30")
    maple.debt("KITE", creditor="Kite Loans")
    rows = "2026-12-11 100.00\n"
    maple.plan("kite", rows=rows, paid_by="counter", offsets=["-7d"], send_time="15:30")
    live(ticker, clock, known_at)
    twilio.set_status(sid(maple), "undelivered", PHONE_OFF)
    live(ticker, clock, at(7, 12))
    assert [words(each.body) for each in twilio.accepted()] == [["KITE", "MAPLE"], ["KITE"]]
    assert maple.states() == ["undelivered", "sent"]


@pytest.mark.parametrize(
    ("status", "code", "numbers"),
    [
        ("undelivered", PHONE_OFF, [PHONE, NEW]),
        ("undelivered", NO_SUCH_PHONE, [PHONE, NEW]),
        ("delivered", None, [PHONE]),
    ],
)
def test_what_did_not_arrive_at_a_number_that_was_changed_goes_to_the_new_one_once(
    texted: Desk,
    ticker: Ticker,
    clock: MovableClock,
    twilio: FakeTwilio,
    console: Scripted,
    status: str,
    code: int | None,
    numbers: list[str],
) -> None:
    texted.ask("person.edit", phone=NEW)
    confirmed(texted.office, "li", "sms")
    twilio.set_status(sid(texted), status, code)
    live(ticker, clock, at(1, 20))
    assert [each.to for each in twilio.accepted()] == numbers
    assert console.bodies == []


def test_what_was_paid_before_it_failed_to_arrive_is_not_said_again(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    texted.ask("pay", debt="maple", amount="100")
    twilio.set_status(sid(texted), "undelivered", PHONE_OFF)
    live(ticker, clock, at(1, 20))
    assert (texted.states(), len(twilio.accepted()), console.bodies) == (["undelivered"], 1, [])


def test_what_was_paid_before_the_second_try_is_not_tried_again(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    twilio.set_status(sid(texted), "undelivered", PHONE_OFF)
    live(ticker, clock, at(30, 10, month=11))
    texted.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(1, 20))
    assert texted.states() == ["undelivered", "cancelled"]
    assert (len(twilio.accepted()), console.bodies) == (1, [])


def test_the_later_reminders_of_it_come_as_ever(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    twilio.set_status(sid(texted), "undelivered", NO_SUCH_PHONE)
    live(ticker, clock, at(2, 12))
    assert [without_ref(each.body) for each in twilio.accepted()] == [
        "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"
    ] * 2
    assert len(console.bodies) == 1


# What is told twice, late or out of order, as by a webhook.

SENT = Fate(state="sent", status="sent")
DELIVERED = Fate(state="delivered", status="delivered")
OFF = Fate(
    state="undelivered", status="undelivered", kind=Failure.transient, reason="off", code="30003"
)
NOBODY = Fate(
    state="undelivered", status="failed", kind=Failure.permanent, reason="none", code="30005"
)


@pytest.mark.parametrize(
    ("fates", "states"),
    [
        ([SENT, DELIVERED, SENT, DELIVERED], ["delivered"]),
        ([DELIVERED, NOBODY, OFF], ["delivered"]),
        ([NOBODY, NOBODY, NOBODY], ["undelivered", "pending"]),
        ([NOBODY, DELIVERED, OFF], ["undelivered", "pending"]),
        ([OFF, OFF, NOBODY, SENT], ["undelivered", "pending"]),
    ],
)
def test_the_first_final_word_counts_and_leads_to_one_more_message_at_most(
    texted: Desk, office: Office, fates: list[Fate], states: list[str]
) -> None:
    number = texted.messages()[0].id
    changed = [following.settle(office, number, fate) for fate in fates]
    assert texted.states() == states
    assert changed.count(True) == 1


def test_a_word_that_comes_before_the_answer_settles_nothing(
    maple: Desk, ticker: Ticker, office: Office, clock: MovableClock, twilio: FakeTwilio
) -> None:
    maple.plan(rows=ONE)
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    twilio.script(peer.Fault.drop)
    ticker.run()
    (message,) = maple.messages()
    assert message.state == "unknown"
    assert following.settle(office, message.id, NOBODY) is False
    assert maple.states() == ["unknown"]
    live(ticker, clock, at(30, 12, month=11))
    assert (maple.states(), len(twilio.accepted())) == (["sent"], 1)


@pytest.mark.parametrize("posted", [DELIVERED, NOBODY])
def test_a_word_that_is_posted_while_it_is_asked_for_counts_once(
    texted: Desk,
    ticker: Ticker,
    office: Office,
    clock: MovableClock,
    twilio: FakeTwilio,
    console: Scripted,
    at_step: AtStep,
    posted: Fate,
) -> None:
    """What is posted is the first to be written; the answer that was asked for comes second."""
    number = sid(texted)
    twilio.set_status(number, "undelivered", NO_SUCH_PHONE)
    at_step("asked", lambda: following.told(office, "sms", number, posted))
    live(ticker, clock, at(1, 20))
    failed = posted.state == "undelivered"
    assert texted.states() == (["undelivered", "sent"] if failed else ["delivered"])
    assert (len(twilio.accepted()), len(console.bodies)) == (1, int(failed))


def test_what_is_posted_while_the_list_fails_is_the_end_of_asking(
    texted: Desk,
    ticker: Ticker,
    office: Office,
    clock: MovableClock,
    twilio: FakeTwilio,
    at_step: AtStep,
) -> None:
    number = sid(texted)
    twilio.faults = Faults(suspended=True)
    at_step("asked", lambda: following.told(office, "sms", number, DELIVERED))
    live(ticker, clock, NINE + timedelta(minutes=2))
    twilio.faults = Faults()
    assert texted.states() == ["delivered"]
    before = twilio.requests
    live(ticker, clock, at(1, 20))
    assert (texted.states(), twilio.requests) == (["delivered"], before)


# When the provider does not tell.


def test_a_list_that_fails_is_asked_again_later_and_changes_nothing(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    twilio.set_status(sid(texted), "delivered")
    twilio.faults = Faults(suspended=True)
    live(ticker, clock, at(30, 9, 30, month=11))
    assert texted.states() == ["sent"]
    twilio.faults = Faults()
    live(ticker, clock, at(30, 20, month=11))
    assert (texted.states(), console.bodies) == (["delivered"], [])


def test_a_refused_account_is_asked_once_a_tick_and_not_for_each_text(
    maple: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    for word, hour in (("MAPLE", "09:00"), ("KITE", "10:30"), ("FERRY", "12:00")):
        if word != "MAPLE":
            maple.debt(word, creditor=f"{word.title()} Loans")
        maple.plan(word.casefold(), rows=ONE, send_time=hour)
    clock.at = at(30, 12, month=11)
    ticker.run()
    assert maple.states() == ["sent"] * 3
    twilio.faults = Faults(suspended=True)
    before = twilio.requests
    clock.forward(minutes=2)
    ticker.run()
    assert twilio.requests - before == 1


def test_one_of_which_the_end_cannot_be_written_down_keeps_no_other_from_going(
    maple: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    three_debts(maple, apart=True)
    live(ticker, clock, NINE)
    (first,) = maple.messages()
    with maple.office.database.write() as session:
        # A row after it is there already, and the schema allows one.
        row = first.model_dump(exclude={"id"})
        row |= {"ref": "Z9Z9", "state": "cancelled", "replaces_id": first.id, "follow_at": None}
        session.add(MessageRow(**row))
    twilio.set_status(sid(maple), "undelivered", NO_SUCH_PHONE)
    live(ticker, clock, at(30, 13, month=11))
    assert [words(each.body) for each in twilio.accepted()] == [["MAPLE"], ["KITE"], ["FERRY"]]
    # It is asked about again later, ever more rarely.
    assert maple.messages()[0].follow_at == NINE + timedelta(hours=7, minutes=12)


def test_what_twilio_keeps_no_longer_stays_sent(
    texted: Desk, ticker: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    with texted.office.database.write() as session:
        message = delivery.message(session, texted.messages()[0].id)
        message.provider_id = f"SM{'f' * 32}"
        session.add(message)
    live(ticker, clock, at(1, 20))
    assert (texted.states(), console.bodies) == (["sent"], [])
