"""The promise: a reminder is never lost and never sent twice, and it says what is true by then.

Most tests use one instalment of 100.00, due on Friday 4 December 2026 and to be sent by the
day before at 16:00, of which Li hears on the 30th, the 2nd and the 3rd at nine in London,
and once more on the 7th if nothing was done about it.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from tests.peers import twilio as peer
from tests.peers.channels import Lost, Scripted, account, permanent, transient, unknown
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tests.peers.twilio import FakeTwilio, Fault, Faults
from tracker.actions.booking import SCHEDULED
from tracker.actions.delivery import claim, derive, subjects
from tracker.actions.office import Office
from tracker.channels.cover import forbidden_in
from tracker.channels.message import Channel, ChannelError
from tracker.channels.sms import Sms
from tracker.daemon.tick import Ticker
from tracker.store import delivery
from tracker.store.delivery import DeliveryEventRow, MessageRow

ONE = "2026-12-04 100.00\n"
AtStep = Callable[[str, Callable[[], object]], None]
STILL_OPEN = "Li: MAPLE 1 of 1 is still open. Ref #"
REF = re.compile(r"[A-Z][2-9][A-Z][2-9]")


def at(day: int, hour: int = 9, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def live(ticker: Ticker, clock: MovableClock, until: datetime) -> None:
    """Tick at every moment that the engine asks for, as a heartbeat would, up to `until`."""
    while True:
        wanted = ticker.run()
        if wanted is None or max(wanted, clock.at + timedelta(minutes=1)) > until:
            break
        clock.at = max(wanted, clock.at + timedelta(minutes=1))
    clock.at = max(until, clock.at)
    ticker.run()


def without_ref(body: str) -> str:
    return REF.sub("#", body)


def sent(desk: Desk) -> list[tuple[datetime, str]]:
    """When each message went, and what it said."""
    return [
        (message.changed_at, without_ref(message.body))
        for message in desk.messages()
        if message.state in ("sent", "delivered")
    ]


def the(desk: Desk) -> MessageRow:
    (message,) = desk.messages()
    return message


def events(desk: Desk) -> list[tuple[int, str | None, str, str | None]]:
    with desk.office.database.read() as session:
        rows = session.exec(select(DeliveryEventRow).order_by(col(DeliveryEventRow.id))).all()
        return [(row.message_id, row.from_state, row.to_state, row.detail) for row in rows]


def with_settings(office: Office, **delivery: Any) -> Office:
    settings = replace(office.settings, delivery=replace(office.settings.delivery, **delivery))
    return replace(office, settings=settings)


def another(ticker: Ticker, office: Office | None = None, home_id: str = "elsewhere") -> Ticker:
    return Ticker(office=office or ticker.office, channels=ticker.channels, home_id=home_id)


def three_debts(desk: Desk, *, apart: bool = False) -> None:
    """MAPLE, KITE and FERRY, each with one instalment on 4 December.

    One text speaks of all of them, unless they are `apart`: at 9:00, 10:30 and 12:00.
    """
    desk.plan(rows=ONE)
    for word, hour in (("KITE", "10:30"), ("FERRY", "12:00")):
        desk.debt(word, creditor=f"{word.title()} Loans")
        desk.plan(word.casefold(), rows=ONE, **({"send_time": hour} if apart else {}))


def words(body: str) -> list[str]:
    """The cover words in a text, in order of the alphabet."""
    return sorted(re.findall("MAPLE|KITE|FERRY", body))


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.plan(rows=ONE)
    return maple


@pytest.fixture
def on_the_way(agreed: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """The first message is due at this moment, and nothing has gone yet."""
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = at(30, month=11)
    return agreed


# What goes, when, and what it says.


@pytest.mark.parametrize(
    ("paid_by", "expected"),
    [
        (
            "send",
            [
                (at(30, month=11), "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"),
                (at(2), "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"),
                (at(3), "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"),
                (at(7), STILL_OPEN),
            ],
        ),
        (
            "counter",
            [
                (at(1), "Li: MAPLE 1 of 1, take it by Fri 4 Dec. Ref #"),
                (at(3), "Li: MAPLE 1 of 1, take it by Fri 4 Dec. Ref #"),
                (at(4), "Li: MAPLE 1 of 1, take it by Fri 4 Dec. Ref #"),
                (at(7), STILL_OPEN),
            ],
        ),
        *(
            (
                paid_by,
                [
                    (at(30, month=11), "Li: MAPLE 1 of 1, have it in place by Thu 3 Dec. Ref #"),
                    (at(2), "Li: MAPLE 1 of 1, have it in place by Thu 3 Dec. Ref #"),
                    (at(3), "Li: MAPLE 1 of 1, have it in place by Thu 3 Dec. Ref #"),
                    (at(5), "Li: MAPLE 1 of 1, did it go through on Fri 4 Dec? Ref #"),
                    (at(7), STILL_OPEN),
                ],
            )
            for paid_by in ("collect", "standing-order")
        ),
    ],
)
def test_exactly_the_due_reminders_go_with_the_text_that_fits_how_it_is_paid(
    maple: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    paid_by: str,
    expected: list[tuple[datetime, str]],
) -> None:
    maple.plan(rows=ONE, paid_by=paid_by)
    live(ticker, clock, at(31))
    assert sent(maple) == expected
    assert [without_ref(body) for body in sms.bodies] == [body for _, body in expected]
    assert {message.address for message in sms.taken} == {"+447700900123"}
    assert maple.states() == ["sent"] * len(expected)


def test_the_same_moment_asked_again_sends_nothing_more(
    on_the_way: Desk, ticker: Ticker, sms: Scripted
) -> None:
    for _ in range(5):
        ticker.run()
        another(ticker).run()
    assert len(sms.requests) == 1


def test_each_message_has_a_ref_of_its_own_that_stands_in_it(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(31))
    assert all(f"Ref {message.ref}" in message.body for message in sms.taken)
    assert len({message.ref for message in sms.taken}) == len(sms.taken) == 4


def test_no_message_says_who_is_owed_how_much_or_that_it_is_about_money(
    desk: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    desk.li(name="李", locale="zh_Hans_CN")
    desk.debt("青松", creditor="Canary Bank", handle="canary", total="4321.09", reference="REF-77")
    desk.plan("canary", total="4321.09", count="2", start="2026-12-04", quote="REF-77")
    live(ticker, clock, at(3, 10))
    desk.ask("pay", debt="canary", amount="11.11")
    live(ticker, clock, at(31, 12))
    assert len(sms.bodies) > 3
    for body in sms.bodies:
        assert forbidden_in(body, "zh_Hans_CN") is None
        assert not re.search(r"Canary|4321|11\.11|2160|REF-77|£|http", body), body
        assert "青松" in body


def test_the_offsets_of_the_plan_go_before_the_persons_and_those_before_the_settings(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    maple.ask("person.edit", offsets=["-2d"], send_time="12:30")
    maple.debt("KITE", creditor="Birch Loans")
    maple.plan(rows=ONE)
    maple.plan("kite", rows=ONE, offsets=["-4d", "0d"], send_time="10:00")
    live(ticker, clock, at(31))
    assert [(when, body[4:9].strip()) for when, body in sent(maple)] == [
        (at(29, 10, month=11), "KITE"),
        (at(1, 12, 30), "MAPLE"),
        (at(3, 10), "KITE"),
        (at(7, 10), "KITE"),
        (at(7, 12, 30), "MAPLE"),
    ]


def test_nine_in_the_morning_is_nine_where_the_person_is(
    desk: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    desk.li(zone="Asia/Shanghai", locale="zh_Hans_CN", country="CN", name="李")
    desk.debt("青松", handle="maple", currency="CNY")
    desk.plan(rows=ONE)
    live(ticker, clock, at(31))
    assert [when for when, _ in sent(desk)] == [at(30, 1, month=11), at(2, 1), at(3, 1), at(7, 1)]
    for _, body in sent(desk)[:3]:
        assert body.startswith("李：青松第1（共1），12月3日周四前")
    assert sent(desk)[3][1] == "李：青松第1（共1）还没办。码#"


def test_who_moves_hears_at_the_new_hour_from_then_on_and_nothing_twice(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(1))
    agreed.ask("person.edit", zone="America/New_York")
    live(ticker, clock, at(31))
    moments = [at(30, month=11), at(2, 14), at(3, 14), at(7, 14)]
    assert [when for when, _ in sent(agreed)] == moments


def test_two_mornings_that_a_journey_makes_one_instant_are_one_text(
    desk: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    """Nine o'clock of the 3rd in Pago Pago is nine o'clock of the 4th in Auckland."""
    desk.li(zone="Pacific/Pago_Pago", channels=["sms"])
    desk.debt()
    desk.plan(rows=ONE, paid_by="counter")
    desk.ask("away.add", days="4dec..10dec", zone="Pacific/Auckland")
    live(ticker, clock, at(5))
    told = [when for when, body in sent(desk) if "MAPLE 1 of 1" in body]
    assert told == [at(1, 20), at(3, 20)]
    assert {each.state for each in desk.messages()} == {"sent"}


def test_over_the_night_of_the_clock_change_each_reminder_goes_once_at_its_hour(
    desk: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    desk.li(zone="America/New_York", country="US", currency="USD")
    desk.debt(currency="USD")
    desk.plan(rows="2027-03-15 100.00\n", paid_by="counter")  # the clocks go on on the 14th
    live(ticker, clock, datetime(2027, 3, 31, tzinfo=UTC))
    assert [when for when, _ in sent(desk)] == [
        datetime(2027, 3, 12, 14, tzinfo=UTC),
        datetime(2027, 3, 14, 13, tzinfo=UTC),
        datetime(2027, 3, 15, 13, tzinfo=UTC),
        datetime(2027, 3, 18, 13, tzinfo=UTC),
    ]


def test_what_the_preview_shows_is_what_goes(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.debt("KITE", creditor="Birch Loans")
    agreed.plan("kite", rows=ONE, paid_by="collect", send_time="11:00")
    shown = agreed.ask("remind.preview", days="30")["items"]
    assert len({item["key"] for item in shown}) == 9
    live(ticker, clock, at(31))
    assert Counter(sent(agreed)) == Counter(
        (datetime.fromisoformat(item["at"]), item["body"].replace("A2B3", "#")) for item in shown
    )


def test_a_plan_agreed_late_calls_only_for_what_is_still_ahead(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.at = at(2, 12)
    maple.plan(rows=ONE)
    live(ticker, clock, at(31))
    assert [when for when, _ in sent(maple)] == [at(3), at(7)]
    assert maple.states() == ["sent"] * 2


def test_a_plan_whose_dates_have_all_passed_calls_for_nothing(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.at = at(20)
    maple.plan(rows=ONE, agreed_on="2026-11-24")
    live(ticker, clock, at(31))
    assert maple.messages() == []


# What is true by then.


def test_a_payment_cancels_what_is_pending_and_nothing_more_comes(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    clock.at = at(30, 22, month=11)  # past the hours: it waits for the morning
    ticker.run()
    assert the(agreed).state == "pending"
    agreed.ask("pay", debt="maple", amount="100")
    assert (the(agreed).state, the(agreed).reason) == ("cancelled", "It was paid meanwhile.")
    live(ticker, clock, at(31))
    assert agreed.states() == ["cancelled"]
    assert sms.requests == []


def test_after_a_part_payment_the_text_says_that_a_part_is_left(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.at = at(30, 22, month=11)
    ticker.run()
    assert "send by" in the(agreed).body
    agreed.ask("pay", debt="maple", amount="60")
    live(ticker, clock, at(1))
    assert sent(agreed) == [(at(1), "Li: MAPLE 1 of 1, part left, by Thu 3 Dec. Ref #")]


def test_a_payment_between_the_claim_and_the_request_stops_it(
    on_the_way: Desk, ticker: Ticker, sms: Scripted, at_step: AtStep
) -> None:
    at_step("claimed", lambda: on_the_way.ask("pay", debt="maple", amount="100"))
    ticker.run()
    assert sms.requests == []
    assert (the(on_the_way).state, the(on_the_way).attempts) == ("cancelled", 0)
    assert the(on_the_way).reason == "It was paid meanwhile."


def test_a_hold_between_the_claim_and_the_request_stops_it_and_release_lets_it_go(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    at_step("claimed", lambda: on_the_way.ask("debt.hold", debt="maple", kind="disputed"))
    ticker.run()
    assert (the(on_the_way).state, sms.requests) == ("held", [])
    clock.forward(hours=2)
    on_the_way.ask("debt.release", debt="maple")
    ticker.run()
    assert (the(on_the_way).state, len(sms.requests)) == ("sent", 1)


def test_a_hold_keeps_silent_and_shows_what_was_not_said(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("debt.hold", debt="maple", kind="unverified-owner")
    live(ticker, clock, at(2, 12))
    assert sms.requests == []
    assert agreed.ask("remind.preview", days="30")["items"] == []
    assert agreed.ask("overview")["decide"][0]["kind"] == "hold"
    agreed.ask("debt.release", debt="maple")
    live(ticker, clock, at(31))
    assert [when for when, _ in sent(agreed)] == [at(2, 12), at(3), at(7)]
    assert agreed.states() == ["expired", "sent", "sent", "sent"]


def test_a_hold_with_an_end_ends_by_itself(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("debt.hold", debt="maple", kind="moratorium", until="2026-12-03")
    live(ticker, clock, at(31))
    assert [when for when, _ in sent(agreed)] == [at(3), at(7)]


def test_a_message_held_before_the_hold_ended_goes_when_it_ends(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, at_step: AtStep
) -> None:
    at_step(
        "claimed",
        lambda: on_the_way.ask("debt.hold", debt="maple", kind="moratorium", until="2026-12-01"),
    )
    ticker.run()
    assert the(on_the_way).state == "held"
    live(ticker, clock, at(1, 9, 1))
    assert [when for when, _ in sent(on_the_way)] == [at(1)]


def test_a_reminder_held_up_past_the_last_day_to_send_does_not_name_that_day(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.at = at(4, 9)
    ticker.run()
    said = [body for _, body in sent(agreed)]
    assert said == [STILL_OPEN]


def test_with_an_adviser_what_is_agreed_goes_on_being_reminded_of(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("debt.hold", debt="maple", kind="adviser")
    live(ticker, clock, at(31))
    assert len(sent(agreed)) == 4


def test_a_withdrawn_plan_withdraws_its_messages(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    clock.at = at(30, 22, month=11)
    ticker.run()
    agreed.ask("plan.withdraw", debt="maple", reason="they sold it")
    live(ticker, clock, at(31))
    assert (agreed.states(), sms.requests) == (["cancelled"], [])


def test_a_revision_withdraws_the_old_day_and_reminds_of_the_new_one(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(30, 12, month=11))
    clock.at = at(1, 22)
    agreed.plan(rows="2026-12-11 100.00\n", agreed_by="call of 24 November", revise="a week later")
    live(ticker, clock, at(31))
    assert [(when, body.removeprefix("Li: MAPLE 1 of 1")) for when, body in sent(agreed)] == [
        (at(30, month=11), ", send by Thu 3 Dec. Ref #"),
        (at(7), ", send by Thu 10 Dec. Ref #"),
        (at(9), ", send by Thu 10 Dec. Ref #"),
        (at(10), ", send by Thu 10 Dec. Ref #"),
        (at(14), " is still open. Ref #"),
    ]


def test_a_revision_that_leaves_the_day_as_it_was_reminds_of_nothing_twice(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(30, 12, month=11))
    agreed.plan(rows=ONE + "2027-01-04 50.00\n", agreed_by="call of 24 November", revise="one more")
    live(ticker, clock, at(29))
    moments = [at(30, month=11), at(2), at(3), at(7), at(28)]
    assert [when for when, _ in sent(agreed)] == moments


def test_a_bounce_says_so_once_and_opens_the_next_generation(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(30, 12, month=11))
    agreed.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(2, 10))
    agreed.ask("bounced", debt="maple")
    live(ticker, clock, at(31))
    assert sent(agreed) == [
        (at(30, month=11), "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"),
        (at(2, 10), "Li: MAPLE 1 of 1 is open again, send by Thu 3 Dec. Ref #"),
        (at(3), "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"),
        (at(7), STILL_OPEN),
    ]


def test_a_bounce_after_the_day_names_no_day_that_has_passed(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at(30, 12, month=11))
    agreed.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(7, 10))
    agreed.ask("bounced", debt="maple")
    live(ticker, clock, at(31))
    assert sent(agreed)[1:] == [(at(7, 10), "Li: MAPLE 1 of 1 is open again. Ref #")]


def test_two_bounces_are_two_generations(agreed: Desk, ticker: Ticker, clock: MovableClock) -> None:
    for day in (24, 25):
        clock.at = at(day, 10, month=11)
        agreed.ask("pay", debt="maple", amount="100")
        agreed.ask("bounced", debt="maple")
        live(ticker, clock, at(day, 12, month=11))
    assert [when for when, _ in sent(agreed)] == [at(24, 10, month=11), at(25, 10, month=11)]


# Scheduled payments.


def test_a_scheduled_payment_is_silent_until_the_morning_after_and_then_asks(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    live(ticker, clock, at(2, 9))
    assert [body for _, body in sent(agreed)] == [
        "Li: MAPLE 1 of 1, did it go through on Tue 1 Dec? Ref #"
    ]
    assert sent(agreed)[0][0] == at(2)


def test_a_yes_ends_the_matter(agreed: Desk, ticker: Ticker, clock: MovableClock) -> None:
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    live(ticker, clock, at(2, 10))
    agreed.ask("payment.confirm", payment="1", went="yes")
    live(ticker, clock, at(31))
    assert len(sent(agreed)) == 1


def test_a_yes_before_the_question_makes_it_unnecessary(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    live(ticker, clock, at(1, 12))
    agreed.ask("payment.confirm", payment="1", went="yes")
    live(ticker, clock, at(31))
    assert agreed.messages() == []


def test_a_no_opens_the_instalment_again_and_says_so(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    live(ticker, clock, at(2, 10))
    agreed.ask("payment.confirm", payment="1", went="no")
    live(ticker, clock, at(31))
    assert sent(agreed)[1:] == [
        (at(2, 10), "Li: MAPLE 1 of 1 is open again, send by Thu 3 Dec. Ref #"),
        (at(3), "Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"),
        (at(7), STILL_OPEN),
    ]


def test_without_an_answer_the_instalment_is_reminded_of_again(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    live(ticker, clock, at(31))
    assert [(when, "did it go" in body) for when, body in sent(agreed)] == [
        (at(2), True),
        (at(3), False),
        (at(7), False),
    ]


def test_a_question_about_a_named_instalment_names_that_one(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    maple.plan(rows="2027-02-04 100.00\n2027-03-04 100.00\n")
    maple.ask("pay", debt="maple", scheduled="2026-12-01", instalment="2")
    live(ticker, clock, at(2, 12))
    assert sent(maple) == [(at(2), "Li: MAPLE 2 of 2, did it go through on Tue 1 Dec? Ref #")]


@pytest.mark.parametrize(
    ("end", "told"),
    [
        # Nobody answers the question of the 2nd; what it took the place of comes a day later.
        ("nothing", (at(3), "Li: MAPLE 1 of 1, take it by Fri 4 Dec. Ref #")),
        ("no", (at(2, 10), "Li: MAPLE 1 of 1 is open again, take it by Fri 4 Dec. Ref #")),
        ("void", (at(2, 10), "Li: MAPLE 1 of 1 is open again, take it by Fri 4 Dec. Ref #")),
    ],
)
def test_what_a_scheduled_payment_silenced_is_heard_once_when_it_does_not_go(
    maple: Desk, ticker: Ticker, clock: MovableClock, end: str, told: tuple[datetime, str]
) -> None:
    maple.plan(rows=ONE, paid_by="counter", offsets=["-4d"])
    clock.at = at(30, 22, month=11)
    ticker.run()
    maple.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    assert (the(maple).state, the(maple).reason) == ("cancelled", SCHEDULED)
    live(ticker, clock, at(2, 10))
    if end == "no":
        maple.ask("payment.confirm", payment="1", went="no")
    elif end == "void":
        maple.ask("payment.void", payment="1")
    live(ticker, clock, at(6))
    assert sent(maple) == [(at(2), "Li: MAPLE 1 of 1, did it go through on Tue 1 Dec? Ref #"), told]


def test_what_was_silent_is_heard_once_when_its_cover_goes_to_an_earlier_instalment(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    maple.plan(rows="2026-12-04 100.00\n2026-12-11 100.00\n", paid_by="counter", offsets=["-10d"])
    clock.forward(minutes=1)
    maple.ask("pay", debt="maple", amount="100")
    clock.at = at(1, 22)
    ticker.run()
    maple.ask("pay", debt="maple", amount="100", scheduled="2026-12-03")
    assert maple.messages()[-1].reason == SCHEDULED
    maple.ask("bounced", debt="maple", payment="1")
    live(ticker, clock, at(3, 20))
    told = [each for each in sent(maple) if "2 of 2" in each[1]]
    assert told == [(at(2), "Li: MAPLE 2 of 2, take it by Fri 11 Dec. Ref #")]


def test_a_scheduled_part_does_not_silence_the_rest(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    agreed.ask("pay", debt="maple", amount="99.99", scheduled="2026-12-03")
    live(ticker, clock, at(2, 12))
    assert [when for when, _ in sent(agreed)] == [at(30, month=11), at(2)]


# Hours, caps, downtime, clocks.


def test_outside_the_persons_hours_it_waits_for_the_morning(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    clock.at = at(30, 20, month=11)
    ticker.run()
    assert (the(agreed).state, the(agreed).reason) == ("pending", claim.CLOSED_HOURS)
    assert sms.requests == []
    clock.at = at(1, 8, 59)
    ticker.run()
    assert sms.requests == []
    live(ticker, clock, at(1, 12))
    assert [when for when, _ in sent(agreed)] == [at(1)]


def test_no_more_than_the_cap_go_in_a_day_and_the_rest_goes_while_it_is_of_use(
    maple: Desk, office: Office, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    three_debts(maple, apart=True)
    capped = another(ticker, with_settings(office, daily_cap=2))
    live(capped, clock, at(30, 19, 30, month=11))
    assert len(sms.requests) == 2
    waiting = maple.messages("pending")
    assert [message.reason for message in waiting] == [claim.AT_CAP]
    live(capped, clock, at(2, 12))
    moments = sorted(when for when, _ in sent(maple))
    assert len(moments) > 4
    for moment in moments:
        day = [each for each in moments if moment <= each < moment + timedelta(days=1)]
        assert len(day) <= 2


def test_an_attempt_that_failed_does_not_use_up_the_cap(
    on_the_way: Desk, office: Office, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    capped = another(ticker, with_settings(office, daily_cap=1))
    sms.script.append(transient())
    live(capped, clock, at(30, 9, 30, month=11))
    assert on_the_way.states() == ["sent"]


def test_the_cap_of_one_person_is_not_the_cap_of_another(
    desk: Desk, office: Office, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    for name in ("Li", "Ana"):
        desk.li(name=name)
        desk.of(name.casefold()).debt()
        desk.of(name.casefold()).plan(rows=ONE)
    live(another(ticker, with_settings(office, daily_cap=1)), clock, at(30, 12, month=11))
    assert sorted(body[:3] for body in sms.bodies) == ["Ana", "Li:"]


def test_after_five_days_of_downtime_one_message_goes_and_the_rest_is_visibly_expired(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    three_debts(maple)
    live(ticker, clock, at(28, 12, month=11))
    clock.at = at(3, 12)
    ticker.start()
    live(ticker, clock, at(6))
    (body,) = sms.bodies
    assert words(body) == ["FERRY", "KITE", "MAPLE"]
    assert len(set(REF.findall(body))) == 3
    assert Counter(maple.states()) == {"expired": 6, "sent": 1}
    assert {message.reason for message in maple.messages("expired")} == {
        "Its time had passed before it could go."
    }
    listed = maple.ask("outbox.list", state="expired")["messages"]
    assert len(listed) == 6
    assert all(each["reason"] for each in listed)


def test_while_the_clock_is_before_what_was_recorded_nothing_goes(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(30, 12, month=11))
    agreed.debt("KITE", creditor="Birch Loans")
    agreed.plan("kite", rows=ONE)
    clock.at = at(30, 9, 30, month=11)
    ticker.run()
    clock.at = datetime(1970, 1, 1, tzinfo=UTC)
    ticker.run()
    assert ticker.beats.clock_holds
    assert len(sms.requests) == 1
    live(ticker, clock, at(2))
    assert not ticker.beats.clock_holds
    assert [words(body) for body in sms.bodies] == [["MAPLE"], ["KITE", "MAPLE"]]


def test_a_clock_set_back_an_hour_sends_nothing_twice(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(30, 9, 1, month=11))
    clock.at = at(30, 8, 1, month=11)
    live(ticker, clock, at(30, 12, month=11))
    assert len(sms.requests) == 1


def test_a_clock_that_jumps_a_year_sends_no_flood(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(start="2026-12-31")
    ticker.run()
    clock.forward(days=400)
    for _ in range(3):
        ticker.run()
        clock.forward(minutes=1)
    assert sms.requests == []
    assert Counter(maple.states()) == {"expired": 48}


def test_a_clock_that_jumps_sends_at_most_one_of_each_instalment(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(start="2026-12-31")
    clock.at = datetime(2027, 3, 30, 10, tzinfo=UTC)
    ticker.run()
    assert len(sms.bodies) == 1
    assert "4 of 12" in sms.bodies[0]


def test_a_tick_with_nothing_due_writes_nothing(
    agreed: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    wanted = ticker.run()
    assert wanted == at(30, month=11)
    before = (events(agreed), agreed.ask("person.show")["revision"])
    for _ in range(10):
        clock.forward(hours=1)
        assert ticker.run() == wanted
    assert (events(agreed), agreed.ask("person.show")["revision"]) == before


# Answers and no answers.


def test_an_answer_that_was_lost_is_found_in_the_list_and_not_sent_again(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(Lost())
    ticker.run()
    assert (the(on_the_way).state, the(on_the_way).provider_id) == ("unknown", None)
    clock.forward(seconds=299)
    ticker.run()
    assert sms.asked == []  # it may still be on its way
    clock.forward(seconds=1)
    ticker.run()
    assert (the(on_the_way).state, the(on_the_way).provider_id) == ("sent", "SM0001")
    assert len(sms.requests) == 1


def test_what_was_written_while_the_clock_was_ahead_is_looked_for_before_that(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(Lost())
    ticker.run()
    with on_the_way.office.database.write() as session:
        message = delivery.message(session, the(on_the_way).id)
        message.created_at = clock.at + timedelta(days=3652)
        session.add(message)
    clock.forward(minutes=5)
    ticker.run()
    ((_, since),) = sms.asked
    assert since < at(30, month=11)


def test_absent_from_two_lists_it_is_sent_again_once(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(unknown())
    ticker.run()
    clock.forward(seconds=300)
    ticker.run()
    assert (the(on_the_way).state, len(sms.asked), len(sms.requests)) == ("unknown", 1, 1)
    clock.forward(seconds=119)
    ticker.run()
    assert len(sms.asked) == 1
    clock.forward(seconds=1)
    ticker.run()
    assert (the(on_the_way).state, len(sms.asked), len(sms.requests)) == ("sent", 2, 2)
    live(ticker, clock, at(1, 12))
    assert len(sms.requests) == 2
    assert {message.ref for message in sms.requests} == {the(on_the_way).ref}


def test_two_workers_who_look_at_one_moment_have_looked_once(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    sms.script.append(unknown())
    ticker.run()
    clock.forward(seconds=300)
    at_step("asked", another(ticker).run)
    ticker.run()
    assert (the(on_the_way).state, the(on_the_way).asked) == ("unknown", 1)
    assert len(sms.requests) == 1


def test_without_a_list_it_stays_in_doubt_and_is_never_sent_blindly(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(Lost())
    sms.lists.extend([transient(), account(), RuntimeError("a defect"), transient()])
    ticker.run()
    for _ in range(4):
        clock.forward(seconds=300)
        ticker.run()
        assert (the(on_the_way).state, len(sms.requests)) == ("unknown", 1)
    assert the(on_the_way).reason
    clock.forward(hours=1)
    check = [c for c in on_the_way.ask("doctor")["checks"] if c["name"] == "delivery"]
    assert check[0]["ok"] is False
    ticker.run()
    assert (the(on_the_way).state, len(sms.requests)) == ("sent", 1)


def test_what_was_paid_while_in_doubt_is_not_sent_again(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(unknown())
    ticker.run()
    on_the_way.ask("pay", debt="maple", amount="100")
    live(ticker, clock, at(30, 12, month=11))
    assert (the(on_the_way).state, len(sms.requests)) == ("cancelled", 1)


def test_a_channel_that_fails_in_a_way_of_its_own_leaves_doubt_and_not_a_second_text(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    three_debts(maple, apart=True)
    live(ticker, clock, at(30, 8, 59, month=11))
    sms.script.append(RuntimeError("a defect of the channel"))
    clock.at = at(30, 12, month=11)
    ticker.run()
    assert maple.states() == ["unknown", "sent", "sent"]
    live(ticker, clock, at(30, 15, month=11))
    assert maple.states() == ["sent"] * 3
    assert Counter(message.ref for message in sms.taken).most_common(1)[0][1] == 1


def test_a_text_refused_for_good_goes_over_the_next_channel_once(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, console: Scripted
) -> None:
    sms.script.append(permanent())
    live(ticker, clock, at(1, 12))
    first, second = on_the_way.messages()
    assert (first.state, first.code, first.channel) == ("failed", "21211", "sms")
    assert (second.state, second.channel, second.replaces_id) == ("sent", "console", first.id)
    assert second.ref != first.ref
    assert (len(sms.requests), len(console.requests)) == (1, 1)
    failed = on_the_way.ask("outbox.list", state="failed")["messages"][0]
    assert "21211" in failed["reason"]


def test_what_was_withdrawn_while_it_was_refused_goes_over_no_other_channel(
    on_the_way: Desk, ticker: Ticker, sms: Scripted, console: Scripted, at_step: AtStep
) -> None:
    sms.script.append(permanent())
    at_step("answered", lambda: on_the_way.ask("plan.withdraw", debt="maple", reason="sold"))
    ticker.run()
    assert (on_the_way.states(), console.requests) == (["failed"], [])


def test_where_every_channel_refuses_it_ends_visibly(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, console: Scripted
) -> None:
    sms.script.append(permanent())
    console.script.append(permanent())
    live(ticker, clock, at(1, 12))
    assert on_the_way.states() == ["failed", "failed"]


def test_without_a_set_up_channel_the_next_one_takes_over(
    on_the_way: Desk, office: Office, console: Scripted, clock: MovableClock
) -> None:
    live(Ticker(office=office, channels={"console": console}, home_id="h"), clock, at(1, 12))
    assert on_the_way.states() == ["failed", "sent"]
    assert on_the_way.messages()[0].reason == "This channel is not set up."


def test_a_busy_provider_is_tried_again_when_it_says_so(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(transient(retry_after=240))
    assert ticker.run() == clock.at + timedelta(seconds=240)
    clock.forward(seconds=239)
    ticker.run()
    assert len(sms.requests) == 1
    clock.forward(seconds=1)
    ticker.run()
    assert (the(on_the_way).state, len(sms.requests)) == ("sent", 2)


def test_without_a_word_from_the_provider_the_waits_double_up_to_an_hour(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.extend(transient() for _ in range(8))
    waits = []
    for _ in range(8):
        wanted = ticker.run()
        assert wanted is not None
        waits.append(int((wanted - clock.at).total_seconds() // 60))
        clock.at = wanted
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    ticker.run()
    assert the(on_the_way).state == "sent"


def test_a_provider_busy_until_it_is_too_late_ends_as_expired_with_the_reason(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(rows=ONE, offsets=["0d"])
    sms.script.extend(transient() for _ in range(500))
    live(ticker, clock, at(5))
    assert [(each.state, each.reason) for each in maple.messages()] == [
        ("expired", "Its time had passed before it could go.")
    ]
    assert sms.taken == []
    assert 20 < len(sms.requests) < 40


def test_a_refused_account_holds_everything_with_one_attempt_per_pause_and_resumes(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, console: Scripted
) -> None:
    three_debts(maple, apart=True)
    sms.script.extend(account() for _ in range(4))
    clock.at = at(30, 12, month=11)
    ticker.run()
    for attempts in (1, 2, 3, 4):
        assert len(sms.requests) == attempts
        for _ in range(2):
            clock.forward(minutes=7)
            ticker.run()
        assert len(sms.requests) == attempts
        assert sms.taken == console.taken == []
        clock.forward(minutes=1)
        ticker.run()
    assert len(sms.taken) == 3
    assert [(m.state, m.attempts) for m in maple.messages()] == [("sent", 1)] * 3
    assert console.requests == []


def test_a_start_tries_a_refused_account_at_once(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(account())
    ticker.run()
    assert the(on_the_way).state == "held"
    clock.forward(minutes=1)
    again = another(ticker, home_id="home")
    again.start()
    again.run()
    assert the(on_the_way).state == "sent"


# Workers that die, sleep or meet.


def test_what_a_dead_start_of_this_home_left_is_in_doubt_at_once(
    on_the_way: Desk, office: Office, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    derive.derive(office, clock.now())
    claimed = claim.claim(office, clock.now(), owner="home:before")
    assert isinstance(claimed, claim.Claimed)
    ticker.run()
    assert the(on_the_way).state == "sending"
    ticker.start()
    assert the(on_the_way).state == "unknown"
    live(ticker, clock, at(30, 12, month=11))
    assert (the(on_the_way).state, len(sms.requests), len(sms.asked)) == ("sent", 1, 2)


def test_a_start_leaves_the_work_of_another_home_alone_until_its_lease_ends(
    on_the_way: Desk, office: Office, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    derive.derive(office, clock.now())
    claim.claim(office, clock.now(), owner="home-2:1")
    ticker.start()
    assert the(on_the_way).state == "sending"
    clock.forward(seconds=900)
    ticker.run()
    assert the(on_the_way).state == "sending"
    clock.forward(seconds=1)
    ticker.run()
    assert the(on_the_way).state == "unknown"
    live(ticker, clock, at(30, 12, month=11))
    assert (the(on_the_way).state, len(sms.requests)) == ("sent", 1)


def test_a_worker_that_slept_past_its_lease_sends_nothing(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    at_step("claimed", lambda: clock.forward(seconds=900))
    ticker.run()
    assert sms.requests == []
    live(ticker, clock, at(30, 12, month=11))
    assert (the(on_the_way).state, len(sms.requests)) == ("sent", 1)


def test_the_late_answer_of_a_stale_worker_is_adopted(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    def meanwhile() -> None:
        clock.forward(seconds=901)
        another(ticker).run()
        assert the(on_the_way).state == "unknown"

    at_step("answered", meanwhile)
    ticker.run()
    assert (the(on_the_way).state, the(on_the_way).provider_id) == ("sent", "SM0001")
    live(ticker, clock, at(30, 12, month=11))
    assert len(sms.requests) == 1


def test_a_late_answer_after_another_sent_it_is_flagged_as_maybe_twice(
    on_the_way: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    at_step: AtStep,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def meanwhile() -> None:
        other = another(ticker)
        sms.lists.extend([None, None])
        for seconds in (901, 300, 120):
            clock.forward(seconds=seconds)
            other.run()
        assert the(on_the_way).state == "sent"

    at_step("answered", meanwhile)
    ticker.run()
    assert the(on_the_way).provider_id == "SM0002"
    assert events(on_the_way)[-1][3] == "may have arrived twice: SM0001"
    assert "may have arrived twice" in caplog.text


def test_a_late_refusal_of_a_stale_worker_changes_nothing(
    on_the_way: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    def meanwhile() -> None:
        clock.forward(seconds=901)
        another(ticker).run()

    sms.script.append(permanent())
    at_step("answered", meanwhile)
    ticker.run()
    assert the(on_the_way).state == "unknown"


@pytest.mark.parametrize("workers", [2, 4])
def test_tickers_that_meet_never_send_one_message_twice(
    desk: Desk, office: Office, clock: MovableClock, sms: Scripted, workers: int
) -> None:
    if workers == 4 and office.database.is_sqlite:
        workers = 3
    for number in range(8):
        one = desk.of(desk.li(name=f"Li {number}", phone=f"+44770090012{number}")["handle"])
        one.debt()
        one.plan(rows=ONE)
    clock.at = at(30, month=11)
    sms.script.extend([Lost(), transient(), unknown()])
    start = threading.Barrier(workers)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        ticker = Ticker(office=office, channels={"sms": sms}, home_id=f"home-{number}")
        start.wait()
        try:
            ticker.run()
        except BaseException as error:
            failed.append(error)

    for _ in range(4):
        threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        start.reset()
        clock.forward(minutes=5)
    assert failed == []
    assert desk.states() == ["sent"] * 8
    assert Counter(message.ref for message in sms.taken).most_common(1)[0][1] == 1
    assert len(sms.taken) == 8
    assert len(sms.requests) == 10


def test_one_ticker_with_several_workers_sends_each_once(
    maple: Desk, office: Office, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    three_debts(maple, apart=True)
    clock.at = at(30, 12, month=11)
    another(ticker, with_settings(office, workers=3)).run()
    assert maple.states() == ["sent"] * 3
    assert len(sms.requests) == 3


# One that cannot be handled must not stop the others.


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """From now on nothing can be written about one cover word; "" mends it."""
    whole = subjects.instalment
    bad = [""]

    def instalment(ctx: Any, debt: Any, *more: Any) -> subjects.Subject:
        if bad[0] and debt.word == bad[0]:
            raise ZeroDivisionError("a poison row")
        return whole(ctx, debt, *more)

    monkeypatch.setattr(subjects, "instalment", instalment)

    def set_bad(word: str) -> None:
        bad[0] = word

    yield set_bad
    set_bad("")


def test_one_that_cannot_be_derived_does_not_stop_the_others_and_comes_when_mended(
    maple: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    poison: Callable[[str], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    three_debts(maple)
    poison("MAPLE")
    live(ticker, clock, at(30, 9, 30, month=11))
    assert [words(body) for body in sms.bodies] == [["FERRY", "KITE"]]
    assert "a poison row" in caplog.text
    poison("")
    live(ticker, clock, at(30, 12, month=11))
    assert [words(body) for body in sms.bodies] == [["FERRY", "KITE"], ["MAPLE"]]


def test_one_that_the_database_refuses_to_take_does_not_stop_the_others_and_comes_when_mended(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    three_debts(maple, apart=True)
    live(ticker, clock, at(1))
    debt = maple.messages()[0].debt_id
    database = maple.office.database.engine
    with database.begin() as connection:
        only_one = f"CREATE UNIQUE INDEX only_one ON message (debt_id) WHERE debt_id = {debt}"
        connection.execute(text(only_one))
    try:
        live(ticker, clock, at(2, 13))
    finally:
        with database.begin() as connection:
            connection.execute(text("DROP INDEX only_one"))
    assert [words(body) for body in sms.bodies[3:]] == [["KITE"], ["FERRY"]]
    live(ticker, clock, at(2, 14))
    assert [words(body) for body in sms.bodies[3:]] == [["KITE"], ["FERRY"], ["MAPLE"]]


def test_one_that_cannot_be_judged_is_held_visibly_and_the_others_go(
    maple: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    poison: Callable[[str], None],
) -> None:
    three_debts(maple)
    clock.at = at(30, 22, month=11)
    ticker.run()
    assert words(the(maple).body) == ["FERRY", "KITE", "MAPLE"]
    poison("MAPLE")
    live(ticker, clock, at(1, 9, 30))
    assert [words(body) for body in sms.bodies] == [["FERRY", "KITE"]]
    (held,) = maple.messages("held")
    assert (held.code, held.attempts) == ("defect", 0)
    assert held.reason
    poison("")
    live(ticker, clock, at(1, 12))
    assert [words(body) for body in sms.bodies] == [["FERRY", "KITE"], ["MAPLE"]]
    assert maple.states() == ["sent"] * 2


def test_one_that_breaks_a_rule_of_the_database_is_held_visibly_and_the_others_go(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    three_debts(maple, apart=True)
    clock.at = at(30, 22, month=11)
    ticker.run()
    first, _, last = maple.messages()
    assert words(first.body) == ["MAPLE"]

    def named(ref: str) -> None:
        """Under which ref the first is to go; no two to one number may have the same."""
        with maple.office.database.write() as session:
            (link,) = delivery.links(session, first.id)
            link.ref = ref
            session.add(link)

    named(last.ref)
    live(ticker, clock, at(1, 9, 30))
    assert [words(body) for body in sms.bodies] == [["KITE"], ["FERRY"]]
    (held,) = maple.messages("held")
    assert (held.id, held.code, held.attempts) == (first.id, "defect", 0)
    assert maple.ask("outbox.list", state="held")["messages"][0]["reason"]
    named(first.ref)
    live(ticker, clock, at(1, 12))
    assert [words(body) for body in sms.bodies] == [["KITE"], ["FERRY"], ["MAPLE"]]
    assert maple.states() == ["sent"] * 3


def test_one_that_breaks_between_claim_and_request_is_held_and_not_sent(
    on_the_way: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    poison: Callable[[str], None],
    at_step: AtStep,
) -> None:
    def meanwhile() -> None:
        clock.forward(seconds=6)  # after that a verdict is reached anew
        poison("MAPLE")

    at_step("claimed", meanwhile)
    ticker.run()
    assert (the(on_the_way).state, the(on_the_way).attempts, sms.requests) == ("held", 0, [])


# The real channel against a Twilio on loopback.


@pytest.fixture
def twilio(clock: MovableClock) -> Iterator[FakeTwilio]:
    with FakeTwilio(now=clock.now) as fake:
        yield fake


@pytest.fixture
def phone(office: Office, twilio: FakeTwilio, console: Scripted) -> Ticker:
    real: Channel = Sms(
        account_sid=peer.ACCOUNT_SID,
        auth_token=peer.AUTH_TOKEN,
        from_number=peer.SENDER,
        api_base_url=twilio.url,
        timeout_seconds=5,
    )
    return Ticker(office=office, channels={"sms": real, "console": console}, home_id="home")


def test_the_texts_reach_twilio_once_each_and_end_with_their_use(
    agreed: Desk, phone: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    live(phone, clock, at(31))
    assert [without_ref(each.body) for each in twilio.accepted()] == [
        *["Li: MAPLE 1 of 1, send by Thu 3 Dec. Ref #"] * 3,
        STILL_OPEN,
    ]
    assert [each.sid for each in twilio.accepted()] == [m.provider_id for m in agreed.messages()]
    assert [each.validity_period for each in twilio.accepted()] == [36_000] * 4


@pytest.mark.parametrize("fault", [Fault.drop, Fault.error_after, Fault.garbage])
def test_taken_without_an_answer_is_found_in_twilios_list(
    on_the_way: Desk, phone: Ticker, clock: MovableClock, twilio: FakeTwilio, fault: Fault
) -> None:
    twilio.script(fault)
    live(phone, clock, at(30, 12, month=11))
    assert (the(on_the_way).state, len(twilio.accepted())) == ("sent", 1)
    assert the(on_the_way).provider_id == twilio.accepted()[0].sid


def test_refused_before_it_was_taken_is_sent_again_after_two_lists(
    on_the_way: Desk, phone: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    twilio.script(Fault.error_before)
    live(phone, clock, at(30, 9, 8, month=11))
    assert (the(on_the_way).state, len(twilio.accepted())) == ("sent", 1)
    assert twilio.requests == 4  # the text, two lists, the text
    live(phone, clock, at(30, 12, month=11))
    assert (twilio.creates, len(twilio.accepted())) == (2, 1)


def test_a_storm_of_429_ends_with_one_text(
    on_the_way: Desk, phone: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    twilio.faults = Faults(retry_after="90")
    twilio.script(*[Fault.limited] * 10)
    live(phone, clock, at(30, 9, 16, month=11))
    assert (the(on_the_way).state, len(twilio.accepted())) == ("sent", 1)
    assert twilio.requests == 11
    live(phone, clock, at(30, 12, month=11))
    assert (twilio.creates, len(twilio.accepted())) == (11, 1)
    assert sent(on_the_way)[0][0] == at(30, 9, 15, month=11)


def test_a_suspended_account_holds_and_resumes_by_itself(
    on_the_way: Desk, phone: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    twilio.faults = Faults(suspended=True)
    live(phone, clock, at(30, 11, month=11))
    assert (the(on_the_way).state, the(on_the_way).code) == ("held", "account")
    assert twilio.requests == 9  # every fifteen minutes from nine to eleven
    twilio.faults = Faults()
    live(phone, clock, at(30, 12, month=11))
    assert (the(on_the_way).state, len(twilio.accepted())) == ("sent", 1)


def test_a_number_that_takes_no_texts_leads_to_the_next_channel(
    on_the_way: Desk, phone: Ticker, clock: MovableClock, twilio: FakeTwilio, console: Scripted
) -> None:
    twilio.faults = Faults(refuse={"+447700900123": 21211})
    live(phone, clock, at(30, 12, month=11))
    assert on_the_way.states() == ["failed", "sent"]
    assert len(console.bodies) == 1
    assert twilio.accepted() == []


def test_a_twilio_that_cannot_be_reached_for_long_loses_nothing_and_sends_no_flood(
    agreed: Desk, phone: Ticker, clock: MovableClock, twilio: FakeTwilio
) -> None:
    port = int(twilio.url.rpartition(":")[2])
    twilio.stop()
    clock.at = at(2)
    live(phone, clock, at(3, 8, 30))
    assert twilio.accepted() == []
    with FakeTwilio(port=port, now=clock.now) as again:
        live(phone, clock, at(6))
        assert len(again.accepted()) == 1
    assert agreed.states() == ["expired", "expired", "sent"]


def test_what_a_channel_raises_is_never_taken_for_success(
    on_the_way: Desk, ticker: Ticker, sms: Scripted
) -> None:
    for error in (unknown(), permanent(), transient(), account()):
        assert isinstance(error, ChannelError)
    sms.script.append(unknown())
    ticker.run()
    assert sent(on_the_way) == []


def test_two_people_with_one_telephone_never_share_a_ref(
    maple: Desk, ticker: Ticker, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Six messages, and nine refs to draw from: by chance two would be the same.
    monkeypatch.setattr("tracker.actions.delivery.messages.REF_LETTERS", "C")
    monkeypatch.setattr("tracker.actions.delivery.messages.REF_DIGITS", "234")
    maple.plan(rows=ONE)
    wei = maple.of(maple.li(name="Wei")["handle"])
    wei.debt("maple", creditor="Wei Bank")
    wei.plan("maple", rows=ONE)
    live(ticker, clock, at(5))
    messages = maple.messages()
    assert len({message.person_id for message in messages}) == 2
    assert len({message.address for message in messages}) == 1
    assert len({message.ref for message in messages}) == len(messages) == 6
