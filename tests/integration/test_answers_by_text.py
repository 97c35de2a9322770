"""Answers by text: each once, believed only as far as a sender that can be forged deserves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.actions.delivery import hearing
from tracker.channels.message import Heard
from tracker.daemon.tick import Ticker
from tracker.store import payments
from tracker.store.inbound import InboundRow, PaymentClaimRow

LI = "+447700900123"
AtStep = Callable[[str, Callable[[], object]], None]


def said(desk: Desk, body: str, *, sid: str = "SM1", sender: str = LI) -> bool:
    return hearing.hear(
        desk.office, Heard(provider_id=sid, sender=sender, body=body, at=desk.clock.now())
    )


def outcomes(desk: Desk) -> list[tuple[str, str, str | None]]:
    with desk.office.database.read() as session:
        rows = session.exec(select(InboundRow).order_by(col(InboundRow.id))).all()
        return [(row.verb, row.body, row.outcome) for row in rows]


def claims(desk: Desk, **more: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = desk.ask("payment.claims", **more)["claims"]
    return found


@pytest.fixture
def texted(maple: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """Li had a text about the one instalment of MAPLE."""
    maple.plan(rows="2026-12-04 100.00\n")
    clock.at = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    ticker.run()
    assert maple.states() == ["sent"]
    return maple


def ref(desk: Desk) -> str:
    return desk.messages()[0].ref


@pytest.mark.parametrize("form", ["PAID {}", "paid {}!!", "已还 {}", "\uff30\uff21\uff29\uff24 {}"])
def test_paid_with_its_ref_makes_a_claim_and_no_payment(texted: Desk, form: str) -> None:
    assert said(texted, form.format(ref(texted)))
    (claim,) = claims(texted)
    assert (claim["debt"], claim["seq"], claim["state"]) == ("maple", 1, "open")
    assert texted.ask("payment.list")["payments"] == []
    assert texted.ask("plan.show", debt="maple")["instalments"][0]["paid"]["amount"] == "0.00"


def test_an_accepted_claim_is_a_payment_on_the_day_it_was_said(texted: Desk) -> None:
    said(texted, f"PAID {ref(texted)}")
    texted.clock.at += timedelta(days=2)
    done = texted.ask("payment.accept", claim="1")
    assert (done["amount"]["amount"], done["on"]) == ("100.00", "2026-11-30")
    assert claims(texted) == []
    assert claims(texted, all=True)[0]["state"] == "accepted"
    assert texted.refused("payment.accept", claim="1")["exit"] == 4


def test_a_dismissed_claim_leaves_everything_as_it_was(texted: Desk) -> None:
    said(texted, f"PAID {ref(texted)}")
    texted.ask("payment.dismiss", claim="1")
    assert claims(texted) == []
    assert texted.ask("payment.list")["payments"] == []
    assert texted.refused("payment.dismiss", claim="7")["exit"] == 3


def test_one_text_seen_by_poll_and_by_webhook_a_hundred_times_is_one_claim(texted: Desk) -> None:
    heard = [said(texted, f"PAID {ref(texted)}") for _ in range(100)]
    assert heard == [True, *[False] * 99]
    assert len(claims(texted)) == 1


def test_saying_it_again_while_the_first_waits_makes_no_second_claim(texted: Desk) -> None:
    said(texted, f"PAID {ref(texted)}")
    said(texted, f"PAID {ref(texted)}", sid="SM2")
    assert len(claims(texted)) == 1
    assert "before" in str(outcomes(texted)[1][2])


def test_a_claim_does_not_silence_but_asks(
    texted: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    said(texted, f"PAID {ref(texted)}")
    clock.at = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    ticker.run()
    assert "did it go through" in texted.messages()[-1].body


@pytest.mark.parametrize("body", ["PAID", "PAID K9Q9", "paid nothing yet", "thanks!", ""])
def test_what_names_no_ref_of_this_number_claims_nothing_and_is_kept_to_be_seen(
    texted: Desk, body: str
) -> None:
    said(texted, body)
    assert claims(texted) == []
    (row,) = outcomes(texted)
    assert row[1] == body
    assert row[2]


def test_a_stranger_who_knows_the_ref_claims_nothing_and_is_not_kept(texted: Desk) -> None:
    said(texted, f"PAID {ref(texted)}", sender="+447700900999")
    assert claims(texted) == []
    assert outcomes(texted) == [("paid", "", hearing.STRANGER)]


def test_what_is_paid_already_is_not_claimed(texted: Desk) -> None:
    texted.ask("pay", debt="maple")
    said(texted, f"PAID {ref(texted)}")
    assert claims(texted) == []


def test_the_claim_of_one_person_is_never_the_others(texted: Desk) -> None:
    texted.ask(
        "person.add", name="Ada", locale="en_GB", zone="Europe/London", phone="+447700900124"
    )
    said(texted.of("li"), f"PAID {ref(texted)}", sender="+447700900124")
    assert claims(texted.of("li")) == []
    assert claims(texted.of("ada")) == []


@pytest.mark.parametrize("word", ["STOP", "stop", "退订", "TD", "Unsubscribe"])
def test_after_stop_no_text_goes_and_the_next_way_takes_over(
    texted: Desk, ticker: Ticker, clock: MovableClock, word: str
) -> None:
    said(texted, word)
    clock.at = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    ticker.run()
    assert [each.channel for each in texted.messages()] == ["sms", "console"]
    said(texted, "START", sid="SM2")
    clock.at = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    ticker.run()
    assert [each.channel for each in texted.messages()] == ["sms", "console", "sms"]


def test_stop_in_the_middle_of_a_send_lets_nothing_out(
    texted: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, at_step: AtStep
) -> None:
    at_step("claimed", lambda: said(texted, "STOP"))
    clock.at = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    before = len(sms.taken)
    ticker.run()
    assert len(sms.taken) == before
    assert "sent" not in [each.state for each in texted.messages()[1:] if each.channel == "sms"]


@dataclass
class Phone:
    """The provider's list of what came in, whatever it is asked for."""

    has: list[Heard] = field(default_factory=list)
    asked: int = 0
    name, can_ask, can_follow = "sms", True, False

    def heard(self, since: datetime) -> list[Heard]:
        self.asked += 1
        return list(self.has)


def listening(desk: Desk, phone: Phone, **twilio: Any) -> Ticker:
    """The engine where answers come in as `twilio` sets it."""
    settings = desk.office.settings
    sms = replace(settings.sms, twilio=replace(settings.sms.twilio, **twilio))
    office = replace(desk.office, settings=replace(settings, sms=sms))
    return Ticker(office=office, channels={"sms": phone}, home_id="elsewhere")  # type: ignore[dict-item]


def test_the_list_is_polled_only_as_often_as_it_is_set_and_what_it_has_is_heard(
    texted: Desk, clock: MovableClock
) -> None:
    text = f"PAID {ref(texted)}"
    phone = Phone([Heard(provider_id="SM9", sender=LI, body=text, at=clock.now())])
    polling = listening(texted, phone, inbound="poll", inbound_seconds=300.0)
    for _ in range(20):
        polling.run()
        clock.at += timedelta(seconds=60)
    assert phone.asked == 4
    assert len(claims(texted)) == 1


def test_an_answer_that_was_posted_while_nothing_listened_is_heard_within_the_hour_and_once(
    texted: Desk, clock: MovableClock
) -> None:
    phone = Phone()
    polling = listening(texted, phone, inbound="webhook")
    polling.run()
    answer = Heard(provider_id="SM9", sender=LI, body=f"PAID {ref(texted)}", at=clock.now())
    phone.has.append(answer)
    for _ in range(3 * 6):
        clock.at += timedelta(minutes=10)
        polling.run()
        if clock.at == answer.at + timedelta(hours=1):
            assert len(claims(texted)) == 1
    assert phone.asked == 4
    assert hearing.hear(texted.office, answer) is False  # should it be posted after all
    assert len(claims(texted)) == 1


# An answer to the question whether a scheduled payment went.


@pytest.fixture
def asked(maple: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """On the 2nd Li was asked about the payment that was to go for the second of two."""
    maple.plan(rows="2026-12-04 100.00\n2027-01-04 100.00\n", offsets=["0d"])
    maple.ask("pay", debt="maple", amount="100", scheduled="2026-12-01", instalment="2")
    clock.at = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    ticker.run()
    (message,) = maple.messages()
    assert "MAPLE 2 of 2, did it go through" in message.body
    return maple


def paid(desk: Desk) -> list[str]:
    rows = desk.ask("plan.show", debt="maple")["instalments"]
    return [row["paid"]["amount"] for row in rows]


def test_paid_to_the_question_about_a_scheduled_payment_is_a_claim_about_that_payment(
    asked: Desk,
) -> None:
    said(asked, f"PAID {ref(asked)}")
    (claim,) = claims(asked)
    assert (claim["debt"], claim["seq"], claim["state"]) == ("maple", 2, "open")
    with asked.office.database.read() as session:
        row = session.exec(select(PaymentClaimRow)).one()
        scheduled = payments.of_debt(session, row.debt_id)[0]
    assert row.instalment_ref == f"payment:{scheduled.id}"
    assert paid(asked) == ["0.00", "0.00"]


def test_accepting_it_says_that_the_scheduled_payment_went_and_records_no_other(
    asked: Desk,
) -> None:
    said(asked, f"PAID {ref(asked)}")
    done = asked.ask("payment.accept", claim="1")
    assert (done["amount"]["amount"], done["on"]) == ("100.00", "2026-12-01")
    assert paid(asked) == ["0.00", "100.00"]
    # It waits for no other answer, so that it cannot be counted a second time.
    assert asked.refused("payment.confirm", payment="1", went="yes")["exit"] == 4
    assert claims(asked) == []
