"""What is no instalment's reminder: the word after its day, receipts, lists before a journey.

MAPLE has one instalment, due on Friday 4 December 2026, of which Li hears on the 30th, the
2nd and the 3rd at nine in London.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.integration.test_delivery import (
    ONE,
    STILL_OPEN,
    another,
    at,
    live,
    sent,
    without_ref,
    words,
)
from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk, confirmed
from tracker.actions.booking import SETTLED, TOO_LATE, WITHDRAWN
from tracker.actions.delivery import subjects
from tracker.actions.office import Office
from tracker.channels.cover import forbidden_in
from tracker.daemon.tick import Ticker

NOTED = "Li: MAPLE 1 of 1 is noted. Ref #"
LEAVING = "Li: before you leave: MAPLE. Ref #"


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.plan(rows=ONE)
    return maple


@pytest.fixture
def mail() -> Scripted:
    return Scripted("mail", can_ask=False)


@pytest.fixture
def ticker(office: Office, sms: Scripted, mail: Scripted, console: Scripted) -> Ticker:
    channels = {"sms": sms, "mail": mail, "console": console}
    return Ticker(office=office, channels=channels, home_id="home")


def by_mail(desk: Desk, *channels: str) -> None:
    desk.ask("person.edit", email="li@example.org", channels=[*channels])
    confirmed(desk.office, "li", "mail")


def texts(channel: Scripted) -> list[str]:
    return [without_ref(body) for body in channel.bodies]


# Three days after the due day.


def test_one_that_is_late_is_spoken_of_once_more_and_then_never_again(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, datetime(2027, 1, 31, tzinfo=UTC))
    assert sent(agreed)[3:] == [(at(7), STILL_OPEN)]
    assert len(sms.requests) == 4


def test_after_ten_days_it_is_not_spoken_of_and_that_is_told(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(4))
    clock.at = at(14)
    live(ticker, clock, at(31))
    assert len(sms.requests) == 3
    (late,) = agreed.messages("expired")
    assert late.reason == TOO_LATE


def test_after_downtime_within_those_days_it_comes_late(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(4))
    clock.at = at(13, 19)
    live(ticker, clock, at(31))
    assert sent(agreed)[3:] == [(at(13, 19), STILL_OPEN)]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("pay", {"debt": "maple", "amount": "100"}),
        ("plan.withdraw", {"debt": "maple", "reason": "they sold it"}),
        ("plan.waive", {"debt": "maple", "instalment": "1"}),
    ],
)
def test_what_is_settled_by_then_is_not_late(
    agreed: Desk, ticker: Ticker, clock: MovableClock, name: str, request_: dict[str, str]
) -> None:
    live(ticker, clock, at(6))
    if name == "plan.waive":
        request_ = {**request_, "agreed_by": "call of 5 December"}
    agreed.ask(name, **request_)
    live(ticker, clock, at(31))
    assert len(sent(agreed)) == 3


def test_on_hold_it_waits_and_comes_when_the_hold_ends_in_time(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(6))
    agreed.ask("debt.hold", debt="maple", kind="disputed", until="2026-12-09")
    live(ticker, clock, at(31))
    assert sent(agreed)[3:] == [(at(9), STILL_OPEN)]


# Receipts.


def test_a_receipt_goes_over_the_first_way_if_that_is_one_for_receipts_and_once(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted, sms: Scripted
) -> None:
    by_mail(agreed, "mail", "sms")
    clock.at = at(25, 10, month=11)
    agreed.ask("pay", debt="maple", amount="100")
    for _ in range(3):
        ticker.run()
        another(ticker).run()
    assert (texts(mail), sms.requests) == ([NOTED], [])
    assert mail.taken[0].subject == "Li, MAPLE"
    assert forbidden_in(mail.bodies[0], "en_GB") is None
    assert "100" not in mail.bodies[0]


@pytest.mark.parametrize("channels", [["sms", "mail"], ["console", "mail"]])
def test_where_another_way_comes_first_there_is_none(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted, channels: list[str]
) -> None:
    by_mail(agreed, *channels)
    agreed.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(31))
    assert agreed.messages() == []
    assert mail.requests == []


def test_where_texts_are_ways_for_receipts_one_goes_as_a_text(
    agreed: Desk, office: Office, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    settings = replace(
        office.settings, reminders=replace(office.settings.reminders, receipts=("sms",))
    )
    costly = replace(office, settings=settings)
    desk = Desk(costly, clock)
    desk.ask("pay", debt="maple", amount="40")
    another(ticker, costly).run()
    assert texts(sms) == [NOTED]


def test_an_unconfirmed_address_gets_no_receipt(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    agreed.ask("person.edit", email="li@example.org", channels=["mail"])
    agreed.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(31))
    assert agreed.messages() == []


def test_what_was_taken_back_before_it_went_is_not_noted(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    by_mail(agreed, "mail")
    clock.at = at(25, 22, month=11)  # past the hours: it waits for the morning
    agreed.ask("pay", debt="maple", amount="40")
    ticker.run()
    agreed.ask("undo")
    live(ticker, clock, at(26, 12, month=11))
    assert mail.requests == []
    assert [each.reason for each in agreed.messages("cancelled")] == [subjects.UNDONE]


def test_a_scheduled_payment_is_noted_when_it_is_said_to_have_gone(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    by_mail(agreed, "mail")
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    live(ticker, clock, at(2, 10))
    assert [NOTED in text for text in texts(mail)] == [False]
    agreed.ask("payment.confirm", payment="1", went="yes")
    live(ticker, clock, at(3))
    assert texts(mail)[1:] == [NOTED]


def test_receipts_of_one_payment_over_several_debts_are_one_mail(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    by_mail(agreed, "mail")
    agreed.debt("KITE", creditor="Kite Loans")
    agreed.plan("kite", rows=ONE)
    clock.at = at(25, 10, month=11)
    agreed.ask("payment.split", total="150", to=["maple=100", "kite=50"])
    live(ticker, clock, at(25, 12, month=11))
    assert [words(body) for body in mail.bodies] == [["KITE", "MAPLE"]]


def test_a_receipt_two_days_old_is_of_no_use(
    agreed: Desk, ticker: Ticker, clock: MovableClock, mail: Scripted
) -> None:
    by_mail(agreed, "mail")
    agreed.ask("pay", debt="maple", amount="100")
    clock.forward(days=2)
    ticker.run()
    assert (mail.requests, agreed.states()) == ([], ["expired"])


# Before a journey.


def test_on_the_morning_before_a_journey_what_falls_into_it_is_said_at_home(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("away.add", days="2dec..10dec", zone="Asia/Tokyo")
    live(ticker, clock, at(1, 12))
    assert sent(agreed)[-1] == (at(1), LEAVING)
    assert forbidden_in(sms.bodies[-1], "en_GB") is None
    live(ticker, clock, at(31))
    assert texts(sms).count(LEAVING) == 1


def test_what_is_paid_before_the_journey_is_not_said(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("away.add", days="2dec..10dec")
    agreed.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(31))
    assert sms.requests == []


def test_what_is_paid_while_the_list_waits_is_left_out_of_it(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("away.add", days="2dec..10dec")
    agreed.ask("quiet.begin", until="1 dec 12:00")
    clock.at = at(1, 10)
    ticker.run()
    agreed.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(1, 18))
    assert sms.requests == []
    assert SETTLED in {each.reason for each in agreed.messages("cancelled")}


def test_a_journey_that_was_called_off_is_not_spoken_of(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("away.add", days="2dec..10dec")
    agreed.ask("quiet.begin", until="1 dec 12:00")
    clock.at = at(1, 10)
    ticker.run()
    agreed.ask("away.off")
    live(ticker, clock, at(1, 18))
    assert LEAVING not in texts(sms)


def test_one_that_was_recorded_after_that_morning_has_no_list(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    clock.at = at(1, 10)
    agreed.ask("away.add", days="2dec..10dec")
    live(ticker, clock, at(31))
    assert LEAVING not in texts(sms)


def test_on_hold_it_is_not_in_the_list(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("debt.hold", debt="maple", kind="disputed")
    agreed.ask("away.add", days="2dec..10dec")
    live(ticker, clock, at(2))
    assert sms.requests == []


# Away.


def test_far_in_the_west_the_last_morning_still_names_its_day(
    desk: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    """At nine in Los Angeles it is the next day already at home, in Tokyo."""
    desk.li(zone="Asia/Tokyo", country="JP")
    desk.debt()
    desk.plan(rows=ONE, offsets=["0d"], paid_by="counter")
    desk.ask("away.add", days="1dec..6dec", zone="America/Los_Angeles")
    live(ticker, clock, at(6))
    reminders = [(when, text) for when, text in sent(desk) if "take it" in text or "open" in text]
    assert len(reminders) == 1
    when, text = reminders[0]
    assert when.hour == 17
    assert text.startswith("Li: MAPLE 1 of 1, take it by ")


def test_outside_the_hours_of_the_place_it_waits_for_its_morning(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("away.add", days="1dec..10dec", zone="America/New_York")
    live(ticker, clock, at(1, 15))
    before = len(sms.requests)
    clock.at = at(2, 1)  # nothing ran; in New York it is the evening of the 1st
    agreed.ask("followup.add", debt="maple", text="call", by="2026-12-02", kind="call")
    live(ticker, clock, at(2, 13, 59))
    assert len(sms.requests) == before
    live(ticker, clock, at(2, 14))
    assert len(sms.requests) == before + 1


# A legal deadline.


def test_a_deadline_goes_out_in_time_though_it_is_quiet_but_at_no_hour_of_the_night(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("quiet.begin", until="20 dec")
    agreed.ask("followup.add", debt="maple", text="object", by="2026-12-04", kind="deadline")
    clock.at = at(30, 22, month=11)
    ticker.run()
    assert sms.requests == []
    live(ticker, clock, at(8))
    told = [(when, text) for when, text in sent(agreed)]
    deadline = "Li: MAPLE, the last day is Fri 4 Dec. Ref #"
    assert told == [(when, deadline) for when in (at(1), at(3), at(4))]


def test_a_deadline_is_under_the_cap_like_everything(
    agreed: Desk, office: Office, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    settings = replace(office.settings, delivery=replace(office.settings.delivery, daily_cap=1))
    capped = another(ticker, replace(office, settings=settings))
    agreed.ask("followup.add", debt="maple", text="object", by="2026-12-07", kind="deadline")
    live(capped, clock, at(30, 19, month=11))
    assert len(sms.requests) == 1
    waited = [each.reason for each in agreed.messages("pending")]
    assert waited == ["The most messages of one day were reached."]


def test_a_withdrawn_plan_takes_its_late_word_along(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(6))
    clock.at = at(7, 22)
    ticker.run()
    agreed.ask("plan.withdraw", debt="maple", reason="sold")
    live(ticker, clock, at(31))
    assert [each.reason for each in agreed.messages("cancelled")] == [WITHDRAWN]
