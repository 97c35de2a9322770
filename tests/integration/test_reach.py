"""Numbers and addresses: nothing but its code goes to one before the code came back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import inspect, text

from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk, confirmed
from tracker.actions import dispatch
from tracker.actions.delivery import derive
from tracker.actions.office import Office
from tracker.config import Settings
from tracker.daemon.tick import Ticker
from tracker.store import destinations, people
from tracker.store.destinations import DestinationRow

PHONE, OTHER = "+447700900123", "+447700900124"
DIGITS = re.compile(r"\b[0-9]{6}\b")
ONE = "2026-12-04 100.00\n"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A home that can send texts and e-mail."""
    twilio = replace(settings.sms.twilio, account_sid=f"AC{'0' * 32}", from_number="+15550100199")
    return replace(
        settings,
        sms=replace(settings.sms, twilio=twilio),
        mail=replace(settings.mail, host="mail.example.org", from_address="home@example.org"),
    )


@pytest.fixture
def mail() -> Scripted:
    return Scripted("mail", can_ask=False)


@pytest.fixture
def ticker(office: Office, sms: Scripted, mail: Scripted, console: Scripted) -> Ticker:
    channels = {"sms": sms, "mail": mail, "console": console}
    return Ticker(office=office, channels=channels, home_id="home")


def add(desk: Desk, **more: Any) -> dict[str, Any]:
    """Li, whose number waits for its code."""
    request = {"name": "Li", "locale": "en_GB", "zone": "Europe/London", "country": "GB"}
    return desk.ask("person.add", **{**request, "phone": PHONE, "channels": ["sms"], **more})


def digits(channel: Scripted) -> str:
    """The code in the newest text."""
    (found,) = DIGITS.findall(channel.bodies[-1])
    return str(found)


def wrong(right: str) -> str:
    return f"{(int(right) + 1) % 10**6:06}"


def rows(desk: Desk, person: str = "li") -> list[DestinationRow]:
    with desk.office.database.read() as session:
        return destinations.of_person(session, people.find(session, person).id)


def states(desk: Desk) -> dict[str, str]:
    told = desk.ask("destination.list")["destinations"]
    return {each["address"]: each["state"] for each in told}


def everything(desk: Desk) -> str:
    engine = desk.office.database.engine
    with engine.connect() as connection:
        return "\n".join(
            repr(row)
            for table in inspect(engine).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        )


# A code.


def test_nothing_but_its_code_goes_to_a_number_before_the_code_came_back(
    desk: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    made = add(desk)
    assert made["phone_state"] == "waiting"
    assert PHONE in made["said"][0]
    ticker.run()
    assert len(sms.taken) == 1
    desk.debt()
    desk.plan(rows=ONE)
    clock.forward(days=6, hours=1)  # 30 November, ten o'clock: the first reminder was at nine
    ticker.run()
    assert len(sms.taken) == 1
    assert [(each.state, each.code) for each in desk.messages()[1:]] == [("held", "no-route")]
    desk.ask("destination.code", channel="sms")
    ticker.run()
    told = desk.ask("destination.confirm", code=digits(sms))
    assert told["ways"] == ["sms"]
    assert any("message that waited" in each for each in told["said"])
    ticker.run()
    assert "MAPLE 1 of 1" in sms.bodies[-1]
    assert states(desk) == {PHONE: "confirmed"}


def test_until_then_the_next_channel_carries_the_reminders(
    desk: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted, console: Scripted
) -> None:
    add(desk, channels=["sms", "console"])
    ticker.run()
    desk.debt()
    desk.plan(rows=ONE)
    clock.forward(days=6, hours=1)
    ticker.run()
    assert ["MAPLE" in body for body in sms.bodies] == [False]
    assert ["MAPLE" in body for body in console.bodies] == [True]


def test_a_code_is_six_digits_and_only_its_hash_is_kept_beside_the_text(
    desk: Desk, ticker: Ticker, sms: Scripted
) -> None:
    made = add(desk)
    ticker.run()
    code = digits(sms)
    assert code not in str(made)
    assert code not in (rows(desk)[0].code_sha256 or "")
    status, _ = desk.answer("destination.confirm", {"code": code}, key="k1")
    assert status == 200
    stored = everything(desk)
    # Once, in the text that went out.
    assert stored.count(code) == sum(code in message.body for message in desk.messages()) == 1
    entry = desk.ask("journal.list")["entries"][0]
    assert entry["action"] == "destination.confirm"
    assert entry["detail"] == {"channel": "sms", "confirmed": True}


@pytest.mark.parametrize(
    ("action", "field"), [("destination.confirm", "code"), ("destination.push", "target")]
)
def test_no_hash_that_could_be_guessed_from_is_kept_of_a_secret(action: str, field: str) -> None:
    kept = {
        dispatch._fingerprint(action, dispatch.Envelope({field: guess}, key="k1"))
        for guess in ("123456", "654321")
    }
    assert len(kept) == 1


def test_the_right_code_is_taken_with_spaces_and_within_half_an_hour(
    desk: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    add(desk)
    ticker.run()
    clock.forward(minutes=29, seconds=59)
    code = digits(sms)
    desk.ask("destination.confirm", code=f" {code[:3]} {code[3:]} ")
    assert states(desk) == {PHONE: "confirmed"}


def test_after_half_an_hour_it_is_worth_nothing(
    desk: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    add(desk)
    ticker.run()
    clock.forward(minutes=30)
    error = desk.refused("destination.confirm", code=digits(sms))
    assert (error["exit"], "too old" in error["sentence"]) == (4, True)
    assert states(desk) == {PHONE: "waiting"}


def test_five_wrong_tries_spend_a_code_though_each_was_refused(
    desk: Desk, ticker: Ticker, sms: Scripted
) -> None:
    add(desk)
    ticker.run()
    code = digits(sms)
    for left in (4, 3, 2, 1):
        error = desk.refused("destination.confirm", code=wrong(code))
        assert (error["field"], error["exit"]) == ("code", 2)
        assert f"left: {left}" in error["sentence"]
    assert desk.refused("destination.confirm", code=wrong(code))["exit"] == 4
    error = desk.refused("destination.confirm", code=code)
    assert "5 times" in error["sentence"]
    assert states(desk) == {PHONE: "waiting"}
    desk.ask("destination.code")
    ticker.run()
    desk.ask("destination.confirm", code=digits(sms))
    assert states(desk) == {PHONE: "confirmed"}


@pytest.mark.parametrize(
    "typed",
    ["12345", "1234567", "12345a", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "", "  "],
)
def test_what_is_no_code_uses_up_no_try(
    desk: Desk, ticker: Ticker, sms: Scripted, typed: str
) -> None:
    add(desk)
    ticker.run()
    error = desk.refused("destination.confirm", code=typed)
    assert (error["field"], error["exit"]) == ("code", 2)
    assert rows(desk)[0].tries == 0


def test_a_newer_code_takes_the_place_of_the_one_before(
    desk: Desk, ticker: Ticker, sms: Scripted
) -> None:
    add(desk)
    ticker.run()
    first = digits(sms)
    desk.ask("destination.code", channel="sms")
    ticker.run()
    second = digits(sms)
    if first != second:
        desk.refused("destination.confirm", code=first)
    desk.ask("destination.confirm", code=second)


def test_a_code_that_has_not_gone_yet_does_not_go_beside_the_newer_one(
    desk: Desk, ticker: Ticker, sms: Scripted
) -> None:
    add(desk)
    desk.ask("destination.code", channel="sms")
    ticker.run()
    assert len(sms.taken) == 1
    assert [each.state for each in desk.messages()] == ["cancelled", "sent"]
    desk.ask("destination.confirm", code=digits(sms))


def test_three_codes_a_day_go_to_one_number_whoever_asks(desk: Desk, clock: MovableClock) -> None:
    add(desk)
    add(desk, name="Ana")
    li, ana = desk.of("li"), desk.of("ana")
    li.ask("destination.code", channel="sms")
    for each in (li, ana):
        error = each.refused("destination.code", channel="sms")
        assert (error["exit"], error["field"]) == (5, "channel")
        assert "Wed 25 Nov 09:00" in error["hint"]
    made = add(desk, name="Bo")
    assert "used up" in made["said"][0]
    clock.forward(days=1)
    ana.ask("destination.code", channel="sms")
    assert len([each for each in desk.messages() if each.kind == "code"]) == 4


def test_a_confirmed_number_needs_no_code(li: Desk) -> None:
    error = li.refused("destination.code", channel="sms")
    assert (error["exit"], "confirmed already" in error["sentence"]) == (4, True)
    assert li.refused("destination.confirm", code="123456")["exit"] == 4


def test_of_two_that_wait_the_code_says_which_is_meant(
    desk: Desk, ticker: Ticker, sms: Scripted, mail: Scripted
) -> None:
    add(desk, email="li@example.org", channels=["sms", "mail"])
    ticker.run()
    assert desk.refused("destination.code")["exit"] == 2
    desk.ask("destination.confirm", code=digits(mail))
    assert states(desk) == {PHONE: "waiting", "li@example.org": "confirmed"}
    if digits(mail) != digits(sms):
        desk.refused("destination.confirm", code=digits(mail), channel="sms")
    desk.ask("destination.confirm", code=digits(sms), channel="sms")
    assert desk.ask("destination.list")["ways"] == ["sms", "mail"]


# Keeping, changing and giving up.


def test_the_same_number_again_keeps_its_state_and_another_one_waits(li: Desk) -> None:
    assert li.ask("person.edit", phone="07700 900123")["phone_state"] == "confirmed"
    changed = li.ask("person.edit", phone=OTHER)
    assert changed["phone_state"] == "waiting"
    assert states(li) == {PHONE: "confirmed", OTHER: "waiting"}
    back = li.ask("person.edit", phone=PHONE)
    assert (back["phone_state"], back["said"]) == ("confirmed", [])
    in_use = [each["address"] for each in li.ask("destination.list")["destinations"]
              if each["in_use"]]  # fmt: skip
    assert in_use == [PHONE]


def test_what_waits_for_a_number_that_is_given_up_goes_another_way_and_is_not_lost(
    li: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted, console: Scripted
) -> None:
    li.debt()
    li.plan(rows=ONE)
    clock.forward(days=6)
    derive.derive(li.office, clock.now())
    assert [each.channel for each in li.messages("pending")] == ["sms"]
    told = li.ask("destination.revoke", channel="sms")
    assert told["ways"] == ["console"]
    ticker.run()
    assert sms.taken == []
    assert ["MAPLE" in body for body in console.bodies] == [True]
    old, new = li.messages()
    assert (old.state, new.replaces_id) == ("cancelled", old.id)
    assert li.refused("destination.revoke", channel="sms")["exit"] == 4


def test_a_number_that_was_given_up_is_used_again_after_a_new_code_alone(
    li: Desk, ticker: Ticker, sms: Scripted
) -> None:
    li.ask("destination.revoke", channel="sms")
    assert li.ask("person.show")["phone_state"] == "revoked"
    assert li.ask("person.edit", phone=PHONE)["phone_state"] == "waiting"
    ticker.run()
    li.ask("destination.confirm", code=digits(sms))
    assert li.ask("destination.list")["ways"] == ["sms", "console"]


def test_without_any_way_left_that_is_said(desk: Desk) -> None:
    add(desk)
    confirmed(desk.office, "li")
    told = desk.ask("destination.revoke", channel="sms")
    assert told["ways"] == []
    assert any("no way left" in each for each in told["warnings"])


def test_after_a_stop_resuming_says_what_the_provider_still_wants(li: Desk) -> None:
    error = li.refused("destination.resume", channel="sms")
    assert (error["exit"], "not opted out" in error["sentence"]) == (4, True)
    with li.office.database.write() as session:
        (row,) = destinations.at(session, "sms", PHONE)
        row.opted_out_at = li.clock.now()
        session.add(row)
    assert li.ask("person.show")["phone_state"] == "opted-out"
    assert li.refused("destination.code", channel="sms")["exit"] == 4
    told = li.ask("destination.resume")
    assert states(li) == {PHONE: "confirmed"}
    assert any("START" in each and "+15550100199" in each for each in told["said"])


def test_what_waited_for_a_way_goes_when_texts_are_taken_again(
    desk: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    add(desk)
    confirmed(desk.office, "li")
    desk.debt()
    desk.plan(rows=ONE)
    with desk.office.database.write() as session:
        (row,) = destinations.at(session, "sms", PHONE)
        row.opted_out_at = clock.now()
        session.add(row)
    clock.forward(days=6, hours=1)
    ticker.run()
    assert [each.code for each in desk.messages("held")] == ["no-route"]
    desk.ask("destination.resume", channel="sms")
    ticker.run()
    assert ["MAPLE" in body for body in sms.bodies] == [True]


def test_two_persons_with_one_number_are_both_told_what_stop_does(desk: Desk) -> None:
    first = add(desk)
    second = add(desk, name="Ana")
    assert not any("STOP" in each for each in first["warnings"])
    assert any("STOP" in each for each in second["warnings"])
    for person in ("li", "ana"):
        warned = desk.of(person).ask("destination.list")["warnings"]
        assert any("STOP" in each for each in warned)
        assert not any("ana" in each.lower().split() for each in warned)
    desk.of("ana").ask("destination.revoke", channel="sms")
    assert not any("STOP" in each for each in desk.of("li").ask("destination.list")["warnings"])


# Channels.


def test_without_a_word_every_way_that_there_is_becomes_a_channel(desk: Desk) -> None:
    made = desk.ask("person.add", name="Li", locale="en_GB", zone="Europe/London", phone=PHONE,
                    email="li@example.org")  # fmt: skip
    assert made["channels"] == ["sms", "mail", "console"]
    made = desk.ask("person.add", name="Ana", locale="en_GB", zone="Europe/London")
    assert made["channels"] == ["console"]


@pytest.mark.parametrize("wanted", [[], ["pigeon"], [""], ["mail"], ["push"], ["sms", "sms"]])
def test_a_channel_needs_its_address_and_at_least_one_is_needed(
    li: Desk, wanted: list[str]
) -> None:
    error = li.refused("person.edit", channels=wanted)
    assert (error["field"], error["exit"]) == ("channels", 2)
    assert li.ask("person.show")["channels"] == ["sms", "console"]


def test_a_number_that_is_taken_away_leaves_the_channels_too(li: Desk) -> None:
    told = li.ask("person.edit", phone="")
    assert (told["phone"], told["channels"]) == (None, ["console"])
    assert "console" in told["warnings"][0]


def test_hours_are_the_persons_own_and_the_hour_of_reminders_lies_inside(li: Desk) -> None:
    assert li.refused("person.edit", send_time="21:00")["field"] == "send_time"
    told = li.ask("person.edit", hours="08:00-22:00", send_time="21:00")
    assert (told["hours"], told["send_time"]) == ("08:00-22:00", "21:00")
    error = li.refused("person.edit", hours="08:00-20:00")
    assert (error["field"], error["exit"], "21:00" in error["sentence"]) == ("hours", 2, True)
    told = li.ask("person.edit", hours="default", send_time="")
    assert (told["hours"], told["send_time"]) == (None, None)


def test_a_plan_may_have_its_hour_inside_the_persons_hours(maple: Desk) -> None:
    assert maple.refused("plan.agree", debt="maple", rows=ONE, send_time="21:00")["exit"] == 2
    maple.ask("person.edit", hours="08:00-22:00")
    maple.plan(rows=ONE, send_time="21:00")
    told = maple.ask("person.edit", hours="09:00-20:00")
    assert ["21:00" in each for each in told["warnings"]] == [True]


def test_hours_decide_when_a_text_may_go(
    maple: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    maple.ask("person.edit", hours="10:30-20:00")
    maple.plan(rows=ONE)
    clock.at = clock.at.replace(month=11, day=30, hour=9)
    ticker.run()
    assert sms.taken == []
    maple.ask("person.edit", hours="default")
    ticker.run()
    assert len(sms.taken) == 1


def test_wider_hours_let_go_what_waited_for_the_morning(
    maple: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    maple.plan(rows=ONE)
    maple.ask("pay", debt="maple")
    clock.at = clock.at.replace(hour=21)
    maple.ask("bounced", debt="maple")
    ticker.run()
    assert (sms.taken, maple.states()) == ([], ["pending"])
    maple.ask("person.edit", hours="08:00-22:00")
    ticker.run()
    assert ["open again" in body for body in sms.bodies] == [True]


@pytest.mark.parametrize(("typed", "day"), [("mon", "mon"), ("Sunday", "sun"), ("tues", "tue")])
def test_the_weekly_line_has_a_weekday(li: Desk, typed: str, day: str) -> None:
    assert li.ask("person.edit", alive=typed)["alive"] == day
    assert li.ask("person.edit", alive="off")["alive"] is None


@pytest.mark.parametrize("typed", ["", "x", "mo", "monkey", "8"])
def test_what_is_no_weekday_is_refused(li: Desk, typed: str) -> None:
    assert li.refused("person.edit", alive=typed)["field"] == "alive"


def test_the_weekly_line_comes_on_its_morning(
    li: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    li.ask("person.edit", alive="thu")
    ticker.run()
    clock.forward(days=2)
    ticker.run()
    assert len(sms.taken) == 1


def test_the_weekly_line_may_be_asked_for_from_the_beginning(
    desk: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    desk.li(alive="thu")
    ticker.run()
    codes = len(sms.taken)
    clock.forward(days=2)
    ticker.run()
    assert len(sms.taken) == codes + 1


def test_the_weekly_line_moves_with_the_person(
    li: Desk, clock: MovableClock, ticker: Ticker, sms: Scripted
) -> None:
    li.ask("person.edit", alive="thu")
    ticker.run()
    li.ask("person.edit", zone="Asia/Shanghai")
    ticker.run()
    clock.at = clock.at.replace(day=26, hour=1)  # nine in Shanghai
    ticker.run()
    assert len(sms.taken) == 1


# Push.


def test_a_push_address_is_kept_apart_from_its_name_and_is_told_nowhere(
    li: Desk, clock: MovableClock
) -> None:
    secret = "tgram://123456789:abcdefg_hijklmnop/-12315544/"
    told = li.ask("destination.push", target=secret)
    push = next(each for each in told["destinations"] if each["channel"] == "push")
    assert (push["address"], push["state"]) == ("tgram", "waiting")
    stored = everything(li)
    assert stored.count("abcdefg_hijklmnop") == 1
    assert "abcdefg_hijklmnop" not in str(li.ask("journal.list"))
    assert "abcdefg_hijklmnop" not in str(li.ask("outbox.list"))
    assert li.refused("person.add", name="X", locale="en_GB", zone="UTC",
                      channels=["push"])["field"] == "channels"  # fmt: skip
    li.ask("person.edit", channels=["push", "console"])
    again = li.ask("destination.push", target=secret)
    assert len(again["destinations"]) == len(told["destinations"])
    other = li.ask("destination.push", target=secret.replace("123456789", "987654321"))
    assert [each["address"] for each in other["destinations"]][-2:] == ["tgram", "tgram (2)"]
    confirmed(li.office, "li", "push")
    error = li.refused("destination.push", target="spare-key-4711")
    assert (error["field"], error["exit"]) == ("target", 2)
    assert "spare-key-4711" not in str(error)


def test_messages_go_to_the_push_address_that_was_confirmed_last(
    li: Desk, ticker: Ticker, office: Office
) -> None:
    push = Scripted("push", can_ask=False)
    ticker.channels["push"] = push  # type: ignore[index]
    for name in ("tgram://123456789:abcdefg_hijklmnop/-1/", "ntfys://ntfy.example.org/topic"):
        li.ask("destination.push", target=name)
        ticker.run()
        li.ask("destination.confirm", code=digits(push), channel="push")
    told = {each["address"]: each["state"] for each in li.ask("destination.list")["destinations"]
            if each["channel"] == "push"}  # fmt: skip
    assert told == {"tgram": "revoked", "ntfys://ntfy.example.org": "confirmed"}
    li.ask("person.edit", channels=["push"])
    li.ask("remind.test")
    ticker.run()
    assert push.taken[-1].address == "ntfys://ntfy.example.org/topic"


# A trial.


def test_a_trial_goes_over_the_channel_named_and_to_no_address_that_waits(
    desk: Desk, ticker: Ticker, sms: Scripted, console: Scripted
) -> None:
    add(desk)
    error = desk.refused("remind.test", channel="sms")
    assert (error["field"], error["exit"]) == ("channel", 4)
    assert desk.refused("remind.test", channel="pigeon")["exit"] == 2
    assert desk.refused("remind.test", channel="mail")["exit"] == 3
    confirmed(desk.office, "li")
    for channel in ("sms", "console"):
        told = desk.ask("remind.test", channel=channel)
        assert told["channel"] == channel
    ticker.run()
    assert sms.taken[-1].address == PHONE
    assert len(console.taken) == 1


def test_a_channel_that_is_not_set_up_is_said_at_once(desk: Desk, office: Office) -> None:
    bare = replace(office.settings, sms=replace(office.settings.sms, twilio=replace(
        office.settings.sms.twilio, account_sid="")))  # fmt: skip
    plain = Desk(replace(office, settings=bare), desk.clock)
    made = add(plain)
    assert "cannot send over sms" in made["said"][0]
    assert plain.messages() == []
    confirmed(office, "li")
    assert plain.refused("remind.test", channel="sms")["exit"] == 4
    with plain.office.database.write() as session:
        (row,) = destinations.at(session, "sms", PHONE)
        row.confirmed_at = None
        session.add(row)
    assert plain.refused("destination.code", channel="sms")["exit"] == 4
