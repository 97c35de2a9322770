"""The ways to a person: in the order of their wish, confirmed, and none that was left.

MAPLE has one instalment, due on Friday 4 December 2026, of which Li hears on the 30th, the
2nd and the 3rd at nine in London.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.integration.test_delivery import ONE, AtStep, another, at, live, without_ref
from tests.peers.channels import Lost, Scripted, permanent, unknown
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk, confirmed
from tracker.actions.delivery import claim, hearing, messages, reconcile
from tracker.actions.office import Office
from tracker.channels.codes import OPTED_OUT
from tracker.channels.message import ChannelError, Failure, Heard
from tracker.daemon.tick import Ticker
from tracker.store import destinations, people

PHONE, NEW = "+447700900123", "+447700900124"
NINE = at(30, month=11)


@pytest.fixture
def mail() -> Scripted:
    return Scripted("mail", can_ask=False)


@pytest.fixture
def ticker(office: Office, sms: Scripted, mail: Scripted, console: Scripted) -> Ticker:
    channels = {"sms": sms, "mail": mail, "console": console}
    return Ticker(office=office, channels=channels, home_id="home")


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.plan(rows=ONE)
    return maple


@pytest.fixture
def waiting(agreed: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """On the evening of the 30th; the text waits for the next morning."""
    clock.at = at(30, 22, month=11)
    ticker.run()
    assert agreed.states() == ["pending"]
    return agreed


def reached(desk: Desk) -> list[tuple[str, str, str]]:
    return [(each.channel, each.address, each.state) for each in desk.messages()]


def left(desk: Desk, channel: str, what: str, person: str = "li") -> None:
    """As if an address had been given up, or had never been confirmed."""
    with desk.office.database.write() as session:
        for row in destinations.of_person(session, people.find(session, person).id):
            if row.channel == channel:
                setattr(row, what, None if what == "confirmed_at" else desk.clock.now())
                session.add(row)


def said(desk: Desk, body: str, sid: str = "SM9", sender: str = PHONE) -> bool:
    return hearing.hear(
        desk.office, Heard(provider_id=sid, sender=sender, body=body, at=desk.clock.now())
    )


def new_number(desk: Desk) -> None:
    """Another number, whose code came back at once."""
    desk.ask("person.edit", phone=NEW)
    confirmed(desk.office, "li", "sms")


# Which way.


@pytest.mark.parametrize("what", ["confirmed_at", "opted_out_at", "revoked_at"])
def test_a_number_that_may_not_be_used_is_passed_over(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, what: str
) -> None:
    left(agreed, "sms", what)
    live(ticker, clock, at(30, 12, month=11))
    assert reached(agreed) == [("console", "li", "sent")]
    assert sms.requests == []


@pytest.mark.parametrize("what", ["confirmed_at", "opted_out_at", "revoked_at"])
def test_without_any_way_it_waits_where_it_can_be_seen_and_goes_when_there_is_one(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, what: str
) -> None:
    agreed.ask("person.edit", channels=["sms"])
    left(agreed, "sms", what)
    live(ticker, clock, at(30, 12, month=11))
    (message,) = agreed.messages()
    assert (message.state, message.code, message.reason) == ("held", "no-route", messages.NO_ROUTE)
    assert agreed.ask("outbox.list", state="held")["messages"][0]["reason"]
    agreed.ask("person.edit", channels=["sms", "console"])
    live(ticker, clock, at(1, 9))
    assert [(channel, state) for channel, _, state in reached(agreed)] == [("console", "sent")]
    assert sms.requests == []


def test_what_waits_for_a_way_ends_with_its_use_and_says_so(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("person.edit", channels=["sms"])
    left(agreed, "sms", "confirmed_at")
    live(ticker, clock, at(31))
    assert agreed.states() == ["expired"] * 4
    assert all(each.reason for each in agreed.messages())


def test_the_order_is_the_persons(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted, sms: Scripted
) -> None:
    agreed.ask("person.edit", email="li@example.org", channels=["mail", "sms"])
    confirmed(agreed.office, "li", "mail")
    live(ticker, clock, at(30, 12, month=11))
    agreed.ask("person.edit", channels=["sms", "mail"])
    live(ticker, clock, at(2, 12))
    assert reached(agreed) == [("mail", "li@example.org", "sent"), ("sms", PHONE, "sent")]


def test_a_fallback_goes_forward_only_and_ends_visibly(
    agreed: Desk,
    ticker: Ticker,
    clock: MovableClock,
    mail: Scripted,
    sms: Scripted,
    console: Scripted,
) -> None:
    agreed.ask("person.edit", email="li@example.org", channels=["sms", "mail", "console"])
    confirmed(agreed.office, "li", "mail")
    for channel in (sms, mail, console):
        channel.script.append(permanent())
    live(ticker, clock, at(30, 12, month=11))
    assert [(channel, state) for channel, _, state in reached(agreed)] == [
        ("sms", "failed"),
        ("mail", "failed"),
        ("console", "failed"),
    ]
    assert [len(each.requests) for each in (sms, mail, console)] == [1, 1, 1]


# A number that changes.


def test_what_waits_for_an_old_number_goes_to_the_new_one(
    waiting: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    new_number(waiting)
    live(ticker, clock, at(1, 12))
    assert [each.address for each in sms.requests] == [NEW]
    first, second = waiting.messages()
    assert (first.state, second.replaces_id) == ("cancelled", first.id)
    assert first.reason
    assert first.ref != second.ref


def test_a_number_that_changes_between_the_claim_and_the_request_gets_nothing(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    at_step("claimed", lambda: new_number(agreed))
    ticker.run()
    ticker.run()
    assert [each.address for each in sms.requests] == [NEW]
    assert [state for _, _, state in reached(agreed)] == ["cancelled", "sent"]


def test_what_reached_the_old_number_is_not_said_again_to_the_new_one(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    sms.script.append(Lost())
    ticker.run()
    new_number(agreed)
    live(ticker, clock, at(30, 12, month=11))
    assert reached(agreed) == [("sms", PHONE, "sent")]
    assert len(sms.requests) == 1


def test_what_never_reached_the_old_number_goes_to_the_new_one(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    sms.script.append(unknown())
    ticker.run()
    new_number(agreed)
    live(ticker, clock, at(30, 12, month=11))
    assert reached(agreed) == [("sms", PHONE, "cancelled"), ("sms", NEW, "sent")]
    assert [each.address for each in sms.taken] == [NEW]


def test_a_text_that_is_refused_while_the_number_changes_goes_to_the_new_one_once(
    agreed: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    console: Scripted,
    at_step: AtStep,
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    sms.script.append(permanent())
    at_step("checked", lambda: new_number(agreed))
    live(ticker, clock, at(30, 12, month=11))
    assert reached(agreed) == [("sms", PHONE, "failed"), ("sms", NEW, "sent")]
    assert ([each.address for each in sms.requests], console.bodies) == ([PHONE, NEW], [])


def test_a_new_number_whose_code_has_not_come_back_gets_nothing(
    waiting: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, console: Scripted
) -> None:
    waiting.ask("person.edit", phone=NEW)
    live(ticker, clock, at(1, 12))
    assert sms.requests == []
    assert [without_ref(body) for body in console.bodies] == [
        "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"
    ]


def test_a_message_that_moves_and_a_payment_at_the_same_moment_both_come_through(
    waiting: Desk, ticker: Ticker, clock: MovableClock, at_step: AtStep
) -> None:
    said(waiting, "STOP")
    clock.at = at(1, 9)
    answers: list[int] = []

    def pay() -> None:
        answers.append(waiting.answer("pay", {"debt": "maple", "amount": "100"})[0])

    paying = threading.Thread(target=pay)

    def meanwhile() -> None:
        """The claim has its row, and the payment the person's; now each wants the other's."""
        paying.start()
        paying.join(0.5)

    at_step("claiming", meanwhile)
    ticker.run()
    paying.join(30)
    another(ticker).run()
    assert answers == [200]
    (first, second) = reached(waiting)
    assert first == ("sms", PHONE, "cancelled")
    # Where one writer waits for the other, the text may go before the payment is there.
    assert second in [("console", "li", "cancelled"), ("console", "li", "sent")]


# One number of two people.


@dataclass(frozen=True)
class Two:
    li: Desk
    wei: Desk


@pytest.fixture
def two(agreed: Desk) -> Two:
    wei = agreed.of(agreed.li(name="Wei")["handle"])
    wei.debt("KITE", creditor="Wei Bank")
    wei.plan("kite", rows=ONE)
    return Two(li=agreed.of("li"), wei=wei)


def test_both_get_their_own_texts_and_stop_ends_the_texts_to_both(
    two: Two, ticker: Ticker, clock: MovableClock, sms: Scripted, console: Scripted
) -> None:
    live(ticker, clock, at(30, 12, month=11))
    assert sorted(body.partition(" 1 of 1")[0] for body in sms.bodies) == ["Li: MAPLE", "Wei: KITE"]
    assert {each.address for each in sms.taken} == {PHONE}
    said(two.li, "STOP")
    live(ticker, clock, at(2, 12))
    assert len(sms.requests) == 2
    assert len(console.bodies) == 2


def test_the_providers_word_that_it_was_stopped_counts_for_both(
    two: Two, ticker: Ticker, clock: MovableClock, sms: Scripted, console: Scripted
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    sms.script.append(ChannelError(Failure.permanent, "stopped", code=str(OPTED_OUT)))
    live(ticker, clock, at(30, 12, month=11))
    assert len(sms.requests) == 1
    assert len(console.bodies) == 2
    live(ticker, clock, at(2, 12))
    assert len(sms.requests) == 1
    assert sorted(body.partition(" 1 of 1")[0] for body in console.bodies[2:]) == [
        "Li: MAPLE",
        "Wei: KITE",
    ]


def test_what_one_of_them_has_settled_is_not_said_for_the_other(
    two: Two, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(30, 12, month=11))
    two.wei.ask("pay", debt="kite")
    live(ticker, clock, at(2, 12))
    assert [body.partition(":")[0] for body in sms.bodies[2:]] == ["Li"]


# A way that cannot be asked.


@pytest.fixture
def by_mail(agreed: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    agreed.ask("person.edit", email="li@example.org", channels=["mail", "console"])
    confirmed(agreed.office, "li", "mail")
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    return agreed


def test_a_mail_of_which_nobody_knows_goes_once_more_under_the_same_name_and_is_doubtful(
    by_mail: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    mail.script.append(Lost())
    live(ticker, clock, at(1, 12))
    first, second = mail.requests
    assert (first.key, first.ref, first.body) == (second.key, second.ref, second.body)
    (message,) = by_mail.messages()
    assert (message.state, message.doubtful, mail.asked) == ("sent", True, [])


def test_a_mail_of_which_nobody_knows_twice_is_left_at_that(
    by_mail: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted, console: Scripted
) -> None:
    mail.script.extend([Lost(), unknown()])
    live(ticker, clock, at(1, 12))
    (message,) = by_mail.messages()
    assert (message.state, message.doubtful) == ("sent", True)
    assert message.reason == reconcile.NOBODY_KNOWS
    assert (len(mail.requests), console.requests) == (2, [])


def test_what_was_paid_while_nobody_knew_is_not_mailed_again(
    by_mail: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    mail.script.append(Lost())
    ticker.run()
    by_mail.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(1, 12))
    told = [without_ref(each.body) for each in mail.requests]
    assert told == [
        "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #",
        "Li: MAPLE 1 of 1 is noted. Ref #",
    ]


def test_a_mail_that_goes_once_more_with_less_in_it_is_still_the_same_mail(
    maple: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    maple.ask("person.edit", email="li@example.org", channels=["mail"])
    confirmed(maple.office, "li", "mail")
    maple.plan(rows=ONE)
    maple.debt("KITE", creditor="Kite Loans")
    maple.plan("kite", rows=ONE)
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    mail.script.append(Lost())
    ticker.run()
    maple.ask("pay", debt="maple", amount="100")  # the one that gave the mail its name
    live(ticker, clock, at(1, 12))
    first, second = (each for each in mail.requests if "KITE" in each.body)
    assert ("MAPLE" in first.body, "MAPLE" in second.body) == (True, False)
    assert first.key == second.key


def test_a_mail_names_what_it_is_about_as_little_as_a_text_does(
    by_mail: Desk, ticker: Ticker, mail: Scripted
) -> None:
    ticker.run()
    (letter,) = mail.taken
    assert letter.subject == "Li, MAPLE"
    assert without_ref(letter.body) == "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"
    assert letter.calendar is not None
    assert b"Alder" not in letter.calendar
    assert letter.key == f"{letter.ref.lower()}-1"


def test_each_of_several_has_a_line_of_its_own_in_a_mail(
    maple: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    maple.ask("person.edit", email="li@example.org", channels=["mail"])
    confirmed(maple.office, "li", "mail")
    maple.plan(rows=ONE)
    maple.debt("KITE", creditor="Kite Loans")
    maple.plan("kite", rows=ONE, paid_by="collect")
    live(ticker, clock, at(1, 12))
    (body,) = mail.bodies
    assert without_ref(body).splitlines() == [
        "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #",
        "Li: KITE 1 of 1, have it in place by Thu 3 Dec. Ref #",
    ]


# The claim's own check is the last one: what holds then counts.

LAST: dict[str, Callable[[Desk], object]] = {
    "stopped": lambda desk: said(desk, "STOP"),
    "given up": lambda desk: desk.ask("destination.revoke", channel="sms"),
    "sms no longer wanted": lambda desk: desk.ask("person.edit", channels=["console"]),
}


@pytest.mark.parametrize("change", LAST)
@pytest.mark.parametrize("step", ["derived", "claimed"])
def test_an_address_that_is_left_at_the_last_moment_gets_nothing(
    agreed: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    console: Scripted,
    at_step: AtStep,
    change: str,
    step: str,
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    at_step(step, lambda: LAST[change](agreed))
    ticker.run()
    ticker.run()
    assert sms.requests == []
    assert len(console.bodies) == 1


def test_the_reason_that_is_shown_says_that_it_went_elsewhere(
    waiting: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    said(waiting, "STOP")
    live(ticker, clock, at(1, 12))
    shown = waiting.ask("outbox.list", state="cancelled")["messages"][0]
    assert shown["reason"] == claim.MOVED
