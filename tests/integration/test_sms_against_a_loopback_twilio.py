from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.peers import twilio as peer
from tests.peers.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER, FakeTwilio, Fault, Faults
from tracker.channels import account
from tracker.channels.message import (
    Accepted,
    Channel,
    ChannelError,
    Failure,
    Fate,
    Following,
    Heard,
    Outgoing,
)
from tracker.channels.sms import GONE, Sms

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LI = "+15550100001"
ROOT = Path(__file__).parents[2]


class Hands:
    """A clock that stands until it is moved."""

    at = NOON

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def twilio(hands: Hands) -> Iterator[FakeTwilio]:
    with FakeTwilio(now=hands.now, faults=Faults(late_seconds=60, delay_seconds=10)) as fake:
        yield fake


def sms(twilio: FakeTwilio, *, token: str = AUTH_TOKEN, **settings: Any) -> Sms:
    settings = {"from_number": SENDER, "timeout_seconds": 5.0, **settings}
    return Sms(account_sid=ACCOUNT_SID, auth_token=token, api_base_url=twilio.url, **settings)


def text(ref: str = "K7Q2", to: str = LI, **more: Any) -> Outgoing:
    return Outgoing(ref=ref, address=to, body=f"李：青松第7（共12）。码{ref}", **more)


def failed(channel: Channel, message: Outgoing) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(message)
    return caught.value


def refused(ask: Callable[[], object]) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        ask()
    return caught.value


def test_a_text_is_sent_as_it_is(twilio: FakeTwilio) -> None:
    accepted = sms(twilio).send(text())
    (found,) = twilio.accepted()
    assert accepted == Accepted(provider_id=found.sid, status="queued")
    assert (found.to, found.sender, found.body) == (LI, SENDER, text().body)
    assert found.validity_period is None


def test_a_messaging_service_can_be_the_sender(twilio: FakeTwilio) -> None:
    service = "MG" + "0" * 32
    channel = sms(twilio, from_number=None, messaging_service_sid=service)
    assert channel.send(text()).status == "accepted"
    assert twilio.accepted()[0].sender == service
    assert channel.find(text(), NOON) is not None


@pytest.mark.parametrize(("seconds", "period"), [(600, 600), (90_000, 36_000), (0, 1)])
def test_a_text_can_have_an_end(twilio: FakeTwilio, seconds: int, period: int) -> None:
    sms(twilio).send(text(valid_seconds=seconds))
    assert twilio.accepted()[0].validity_period == period


@pytest.mark.parametrize(
    "fault", [Fault.drop, Fault.late, Fault.error_before, Fault.error_after, Fault.garbage]
)
def test_without_a_clear_answer_nobody_knows(twilio: FakeTwilio, fault: Fault) -> None:
    twilio.script(fault)
    assert failed(sms(twilio), text()).kind is Failure.unknown
    assert twilio.requests == 1


def test_a_request_that_times_out_is_unknown_and_not_repeated(twilio: FakeTwilio) -> None:
    twilio.script(Fault.slow)
    assert failed(sms(twilio, timeout_seconds=0.3), text()).kind is Failure.unknown
    assert len(twilio.accepted()) == twilio.requests == 1


@pytest.mark.parametrize("fault", [Fault.drop, Fault.error_after, Fault.garbage])
def test_what_was_accepted_without_an_answer_is_found(twilio: FakeTwilio, fault: Fault) -> None:
    channel = sms(twilio)
    twilio.script(fault)
    failed(channel, text())
    found = channel.find(text(), NOON)
    assert found is not None
    assert found.provider_id == twilio.accepted()[0].sid


@pytest.mark.parametrize("fault", [Fault.html, Fault.moved, Fault.huge, Fault.odd])
def test_an_answer_that_is_not_twilios_is_no_answer(twilio: FakeTwilio, fault: Fault) -> None:
    """A redirect is not followed: the token would go along, and the text go twice."""
    channel = sms(twilio)
    twilio.script(fault)
    assert failed(channel, text()).kind is Failure.unknown
    assert twilio.requests == 1
    found = channel.find(text(), NOON)
    assert found is not None
    assert found.provider_id == twilio.accepted()[0].sid


@pytest.mark.parametrize(
    "location", ["http://[", "ftp://x", "http://*", "//", "https://api.example/", "\u20ac"]
)
def test_where_a_redirect_leads_to_is_not_even_read(twilio: FakeTwilio, location: str) -> None:
    twilio.faults = Faults(location=location.encode().decode("latin-1"))
    twilio.script(Fault.moved)
    assert failed(sms(twilio), text()).kind is Failure.unknown
    assert twilio.requests == 1


def test_an_answer_that_trickles_ends_in_time(twilio: FakeTwilio) -> None:
    """Each byte would renew a timeout of the socket: 20 s for this answer."""
    twilio.script(Fault.trickle)
    begun = time.monotonic()
    assert failed(sms(twilio, timeout_seconds=0.4), text()).kind is Failure.unknown
    assert time.monotonic() - begun < 4


def test_a_compressed_answer_is_read_and_bounded_by_what_it_unfolds_to(
    twilio: FakeTwilio,
) -> None:
    twilio.faults = Faults(compressed=True)
    channel = sms(twilio)
    assert channel.send(text()).status == "queued"
    assert channel.find(text(), NOON) is not None
    twilio.script(Fault.huge)
    assert failed(channel, text("M4T9")).kind is Failure.unknown


def test_a_long_answer_ends_at_four_megabytes(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def measured(raw: Any, seconds: float) -> bytes:
        real = raw.read1

        def read1(*args: Any, **named: Any) -> bytes:
            chunk: bytes = real(*args, **named)
            read.append(len(chunk))
            return chunk

        raw.read1 = read1
        return whole(raw, seconds)

    whole = account._whole
    monkeypatch.setattr(account, "_whole", measured)
    twilio.script(Fault.huge)
    failed(sms(twilio), text())
    assert account.BIGGEST_ANSWER < sum(read) <= account.BIGGEST_ANSWER + 2**16


def test_what_was_never_accepted_is_not_found(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    twilio.script(Fault.error_before)
    failed(channel, text())
    assert channel.find(text(), NOON) is None


def test_a_late_acceptance_is_found_only_once_it_is_there(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    twilio.script(Fault.late)
    failed(channel, text())
    assert channel.find(text(), NOON) is None
    twilio.settle()
    assert channel.find(text(), NOON) is not None


def test_a_list_that_lags_shows_it_later(twilio: FakeTwilio, hands: Hands) -> None:
    twilio.faults = Faults(list_lag_seconds=120)
    channel = sms(twilio)
    channel.send(text())
    assert channel.find(text(), NOON) is None
    hands.at += timedelta(seconds=120)
    assert channel.find(text(), NOON) is not None


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("90000", 86_400.0), ("soon", None), ("-1", None)]
)
def test_too_many_requests_may_be_repeated_after_the_wait(
    twilio: FakeTwilio, header: str, seconds: float | None
) -> None:
    twilio.faults = Faults(retry_after=header)
    twilio.script(Fault.limited)
    error = failed(sms(twilio), text())
    assert (error.kind, error.code) == (Failure.transient, "20429")
    assert error.retry_after == seconds
    assert twilio.accepted() == []


@pytest.mark.parametrize("seconds", ["7", "Sun, 01 Jan 2040 00:00:00 GMT"])
def test_an_overloaded_twilio_says_when_to_ask_again(twilio: FakeTwilio, seconds: str) -> None:
    """Nobody knows after a 503; the wait then holds for the question."""
    twilio.faults = Faults(retry_after=seconds, list_fails=True)
    channel = sms(twilio)
    sid = channel.send(text()).provider_id
    twilio.script(Fault.unavailable)
    error = failed(channel, text("M4T9"))
    assert error.kind is Failure.unknown
    asked = [lambda: channel.find(text(), NOON), lambda: channel.follow(sid)]
    errors = [error, *(refused(each) for each in asked), refused(lambda: channel.heard(NOON))]
    assert {each.retry_after for each in errors} == {7.0 if seconds == "7" else 86_400.0}
    assert {each.kind for each in errors[1:]} == {Failure.transient}


def test_the_wait_may_be_a_date(twilio: FakeTwilio) -> None:
    """Counted from the answer's own date, so that our clock does not matter."""
    twilio.faults = Faults(retry_after="Sun, 01 Jan 2040 00:00:00 GMT")
    twilio.script(Fault.limited)
    assert failed(sms(twilio), text()).retry_after == 86_400.0


def test_a_wait_is_not_carried_over_to_another_error(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    twilio.faults = Faults(retry_after="7", refuse={LI: 21611})
    twilio.script(Fault.limited)
    assert failed(channel, text(to="+15550100002")).retry_after == 7.0
    assert failed(channel, text()).retry_after is None


def test_a_wrong_token_holds_everything(twilio: FakeTwilio) -> None:
    channel = sms(twilio, token="wrong")
    assert failed(channel, text()).kind is Failure.account
    with pytest.raises(ChannelError) as caught:
        channel.find(text(), NOON)
    assert caught.value.kind is Failure.account


def test_a_suspended_account_holds_everything(twilio: FakeTwilio) -> None:
    twilio.faults = Faults(suspended=True)
    assert failed(sms(twilio), text()).kind is Failure.account


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (21211, Failure.permanent),
        (21610, Failure.permanent),
        (21608, Failure.permanent),
        (21611, Failure.transient),
        (20003, Failure.account),
        (20500, Failure.unknown),
    ],
)
def test_a_refusal_is_told_by_its_code(twilio: FakeTwilio, code: int, kind: Failure) -> None:
    twilio.faults = Faults(refuse={LI: code})
    channel = sms(twilio)
    error = failed(channel, text())
    assert (error.kind, error.code) == (kind, str(code))
    assert channel.send(text(to="+447700900001")).status == "queued"


def test_a_name_may_send_where_the_country_takes_it(twilio: FakeTwilio) -> None:
    channel = sms(twilio, from_number="Home 7")
    assert channel.send(text(to="+447700900001")).status == "queued"
    assert twilio.accepted()[0].sender == "Home 7"
    assert failed(channel, text()).code == "21612"


def test_twilio_is_told_where_to_post_what_becomes_of_a_text(twilio: FakeTwilio) -> None:
    sms(twilio).send(text())
    where = "https://home.example/hooks/twilio/status"
    sms(twilio, status_callback=where).send(text("M4T9"))
    assert [each.status_callback for each in twilio.accepted()] == [None, where]


def test_an_address_that_is_no_number_is_refused_for_good(twilio: FakeTwilio) -> None:
    assert failed(sms(twilio), text(to="07700900001")).code == "21211"


def test_nothing_was_sent_where_nobody_listens(twilio: FakeTwilio) -> None:
    twilio.stop()
    assert failed(sms(twilio), text()).kind is Failure.transient


def test_nothing_was_sent_to_a_name_that_does_not_resolve() -> None:
    channel = Sms(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        from_number=SENDER,
        api_base_url="https://twilio.invalid",
        timeout_seconds=5,
    )
    assert failed(channel, text()).kind is Failure.transient


def test_a_dropped_connection_is_unknown_even_while_another_error_is_handled(
    twilio: FakeTwilio, hands: Hands
) -> None:
    """The error that the caller is busy with says nothing about this request."""
    with FakeTwilio(now=hands.now) as gone:
        unreachable = sms(gone)
    twilio.script(Fault.drop)
    try:
        unreachable.send(text())
    except ChannelError:
        assert failed(sms(twilio), text()).kind is Failure.unknown
    assert len(twilio.accepted()) == 1


def test_a_connection_gone_stale_is_opened_anew(hands: Hands) -> None:
    with FakeTwilio(now=hands.now) as first:
        channel = sms(first)
        channel.send(text())
        port = int(first.url.rsplit(":", 1)[1])
    with FakeTwilio(now=hands.now, port=port) as second:
        channel.send(text("M4T9"))
        assert len(second.accepted()) == 1


@pytest.mark.parametrize(
    "body", ["Ref K7Q23", "Ref XK7Q2", "Ref k7q2", "Ref K7Q", "K7-Q2", "nothing"]
)
def test_a_ref_counts_only_as_a_word_of_its_own(twilio: FakeTwilio, body: str) -> None:
    channel = sms(twilio)
    channel.send(Outgoing(ref="X", address=LI, body=body))
    assert channel.find(text(), NOON) is None


def test_a_trial_prefix_does_not_hide_the_ref(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    channel.send(Outgoing(ref="X", address=LI, body=f"Sent from a trial account - {text().body}."))
    assert channel.find(text(), NOON) is not None


def test_an_answer_from_the_phone_is_not_our_text(twilio: FakeTwilio) -> None:
    twilio.receive(LI, "PAID K7Q2", to=LI)
    assert sms(twilio).find(text(), NOON) is None


def test_another_recipient_is_another_message(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    channel.send(text(to="+15550100002"))
    assert channel.find(text(), NOON) is None


def test_a_ref_of_long_ago_is_another_message(twilio: FakeTwilio, hands: Hands) -> None:
    channel = sms(twilio)
    channel.send(text())
    hands.at += timedelta(days=401)
    assert channel.find(text(), NOON + timedelta(days=400)) is None
    assert channel.find(text(), NOON + timedelta(minutes=59)) is not None


def test_a_clock_of_ours_that_is_years_ahead_hides_no_text(
    twilio: FakeTwilio, hands: Hands
) -> None:
    channel = sms(twilio)
    channel.send(text())
    hands.at += timedelta(days=2)
    found = channel.find(text(), NOON + timedelta(days=3652))
    assert found is not None
    assert found.provider_id == twilio.accepted()[0].sid


def test_of_two_with_one_ref_the_living_one_is_found(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    living, dead = channel.send(text()), channel.send(text())
    twilio.set_status(dead.provider_id, "failed", 30005)
    found = channel.find(text(), NOON)
    assert found is not None
    assert found.provider_id == living.provider_id


def test_a_text_on_a_later_page_is_found(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    first = channel.send(text())
    for _ in range(250):
        twilio.receive(SENDER, "x", to=LI)
    found = channel.find(text(), NOON)
    assert found is not None
    assert found.provider_id == first.provider_id
    assert channel.find(text("M4T9"), NOON) is None


def test_a_list_cut_by_the_limit_is_no_proof_of_absence(twilio: FakeTwilio, hands: Hands) -> None:
    channel = sms(twilio)
    for _ in range(1000):
        twilio.receive(SENDER, "x", to=LI)
    with pytest.raises(ChannelError) as caught:
        channel.find(text(), NOON)
    assert caught.value.kind is Failure.transient
    hands.at += timedelta(days=2)
    twilio.receive(SENDER, "x", to=LI)
    assert channel.find(text(), NOON + timedelta(days=1)) is None


def test_a_list_without_texts_is_no_proof_of_absence(twilio: FakeTwilio) -> None:
    """An account may be set to discard bodies; then no ref can be seen."""
    twilio._add(to=LI, sender=SENDER, body="", direction="outbound-api", status="sent")
    with pytest.raises(ChannelError) as caught:
        sms(twilio).find(text(), NOON)
    assert caught.value.kind is Failure.transient


def test_a_list_that_cannot_be_had_is_not_an_empty_one(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    channel.send(text())
    twilio.faults = Faults(list_fails=True)
    with pytest.raises(ChannelError) as caught:
        channel.find(text(), NOON)
    assert caught.value.kind is Failure.transient
    twilio.stop()
    with pytest.raises(ChannelError) as caught:
        channel.find(text(), NOON)
    assert caught.value.kind is Failure.transient


@pytest.mark.parametrize(
    "faults", [Faults(list_garbage=True), Faults(list_huge=True), Faults(list_fails=True)]
)
def test_a_list_that_cannot_be_read_is_not_an_empty_one(twilio: FakeTwilio, faults: Faults) -> None:
    channel = sms(twilio)
    channel.send(text())
    twilio.receive(LI, "STOP")
    twilio.faults = faults
    for ask in (lambda: channel.find(text(), NOON), lambda: channel.heard(NOON)):
        assert refused(ask).kind is Failure.transient


def test_a_list_may_repeat_a_text_and_show_it_as_it_was(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    sid = channel.send(text()).provider_id
    twilio.set_status(sid, "delivered")
    twilio.faults = Faults(list_repeats=True, list_stale=True)
    assert channel.find(text(), NOON) == Accepted(provider_id=sid, status="queued")
    assert channel.follow(sid).state == "delivered"
    assert channel.find(text("M4T9"), NOON) is None


# What became of a text.


def test_a_text_is_followed_to_its_end(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    following: Following = channel
    assert channel.can_follow
    sid = channel.send(text()).provider_id
    twilio.play(sid, ("sending", None), ("sent", None), ("delivered", None))
    fates = [following.follow(sid) for _ in range(4)]
    assert [each.state for each in fates] == ["sent", "sent", "delivered", "delivered"]
    assert [each.status for each in fates] == ["sending", "sent", "delivered", "delivered"]
    assert (twilio.requests, twilio.creates) == (5, 1)


def test_a_text_that_did_not_arrive_says_why(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    sid = channel.send(text()).provider_id
    twilio.faults = Faults(fates={LI: [["sent", None], ["undelivered", 30003]]})
    assert channel.follow(sid).state == "sent"
    found = channel.follow(sid)
    assert (found.state, found.kind, found.code) == ("undelivered", Failure.transient, "30003")
    assert "could not be reached" in str(found.reason)


def test_a_status_that_is_new_to_us_is_nothing_final(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    sid = channel.send(text()).provider_id
    twilio.set_status(sid, "teleported", 12)
    assert channel.follow(sid) == Fate(state="sent", status="teleported")


@pytest.mark.parametrize("sid", ["SM" + "f" * 32, "", "../Calls", "SM1/Media", "SM1\n", "é" * 34])
def test_a_text_that_twilio_does_not_know_stays_sent(twilio: FakeTwilio, sid: str) -> None:
    found = sms(twilio).follow(sid)
    assert (found.state, found.status, found.kind) == ("sent", GONE, None)
    assert twilio.requests == (1 if sid.startswith("SMf") else 0)


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        (Faults(list_fails=True), Failure.transient),
        (Faults(list_garbage=True), Failure.transient),
        (Faults(suspended=True), Failure.account),
    ],
)
def test_no_answer_says_nothing_of_a_text(
    twilio: FakeTwilio, faults: Faults, kind: Failure
) -> None:
    channel = sms(twilio)
    sid = channel.send(text()).provider_id
    twilio.faults = faults
    assert refused(lambda: channel.follow(sid)).kind is kind
    twilio.stop()
    assert refused(lambda: channel.follow(sid)).kind is Failure.transient


def test_another_texts_status_is_not_taken_for_this_ones(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    first, second = (channel.send(text(ref)).provider_id for ref in ("K7Q2", "M4T9"))
    for place in (0, 1):
        twilio._messages[place] = replace(twilio._messages[1 - place], status="delivered")
    twilio._one = lambda sid: FakeTwilio._one(twilio, second if sid == first else first)  # type: ignore[method-assign]
    assert refused(lambda: channel.follow(first)).kind is Failure.transient


# What came in.


def test_what_came_in_is_heard_the_oldest_first(twilio: FakeTwilio, hands: Hands) -> None:
    channel = sms(twilio)
    bodies = ["PAID K7Q2", "stop", "已还 M4T9", "START"]
    sids = []
    for place, body in enumerate(bodies):
        channel.send(text(f"R{place}X"))
        sids.append(twilio.receive(LI, body).sid)
        hands.at += timedelta(seconds=0.4)  # several within one second of Twilio's
    heard = channel.heard(NOON)
    assert [each.body for each in heard] == bodies
    assert [each.provider_id for each in heard] == sids
    assert heard[0] == Heard(provider_id=sids[0], sender=LI, body="PAID K7Q2", at=NOON)


def test_only_what_is_new_is_heard(twilio: FakeTwilio, hands: Hands) -> None:
    channel = sms(twilio)
    twilio.receive(LI, "old")
    hands.at += timedelta(minutes=5)
    twilio.receive(LI, "new")
    assert [each.body for each in channel.heard(NOON + timedelta(minutes=5))] == ["new"]
    assert channel.heard(NOON + timedelta(minutes=5, seconds=1)) == []


def test_what_went_to_another_number_is_not_ours(twilio: FakeTwilio) -> None:
    twilio.receive(LI, "STOP", to="+15550100009")
    assert sms(twilio).heard(NOON) == []
    twilio.faults = Faults(list_whole=True)
    assert sms(twilio).heard(NOON) == []
    service = sms(twilio, from_number=None, messaging_service_sid="MG" + "0" * 32)
    assert [each.body for each in service.heard(NOON)] == ["STOP"]


def test_a_service_hears_no_text_of_its_own(twilio: FakeTwilio) -> None:
    service = sms(twilio, from_number=None, messaging_service_sid="MG" + "0" * 32)
    service.send(text())
    twilio.receive(LI, "PAID K7Q2")
    assert [each.sender for each in service.heard(NOON)] == [LI]


def test_nobody_can_answer_a_name(twilio: FakeTwilio) -> None:
    twilio.receive(LI, "STOP")
    assert sms(twilio, from_number="Home").heard(NOON) == []
    assert twilio.requests == 0


def test_each_text_is_heard_once_however_often_it_is_listed(twilio: FakeTwilio) -> None:
    twilio.receive(LI, "PAID K7Q2")
    twilio.faults = Faults(list_repeats=True)
    assert len(sms(twilio).heard(NOON)) == 1


def test_what_came_in_over_several_pages_is_heard(twilio: FakeTwilio) -> None:
    for place in range(250):
        twilio.receive(LI, f"PAID {place}")
    heard = sms(twilio).heard(NOON)
    assert [each.body for each in heard] == [f"PAID {place}" for place in range(250)]
    assert twilio.requests == 3


def test_what_went_out_is_not_read_for_what_came_in(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    twilio.receive(LI, "PAID K7Q2")
    for place in range(150):
        channel.send(text(f"R{place}X"))
    twilio.requests = 0
    assert len(channel.heard(NOON)) == 1
    assert twilio.requests == 1


def test_the_search_ends_where_the_news_end(twilio: FakeTwilio, hands: Hands) -> None:
    for place in range(700):
        twilio.receive(LI, f"old {place}")
    hands.at += timedelta(hours=1)
    twilio.receive(LI, "new")
    assert [each.body for each in sms(twilio).heard(hands.at)] == ["new"]
    assert twilio.requests == 2


def test_a_flood_is_heard_up_to_a_bound_and_told(
    twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    for place in range(1005):
        twilio.receive(LI, f"{place}")
    heard = sms(twilio).heard(NOON)
    assert [each.body for each in heard] == [f"{place}" for place in range(5, 1005)]
    assert twilio.requests == 10
    assert "more than 1000 texts came in" in caplog.text
    assert LI not in caplog.text


def test_what_comes_in_is_cut_and_cleaned(twilio: FakeTwilio) -> None:
    twilio.receive("+" + "1" * 500, "\x00PAID\u202e K7Q2\ud800" + "x" * 3000)
    (heard,) = sms(twilio).heard(NOON)
    assert heard.body.startswith("PAID K7Q2x")
    assert len(heard.body) < 1600
    assert len(heard.sender) == 64


def test_the_environment_changes_no_route(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    sms(twilio).send(text())
    assert len(twilio.accepted()) == 1


def test_neither_log_nor_error_holds_a_number_a_text_or_the_token(
    twilio: FakeTwilio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = sms(twilio)
    twilio.faults = Faults(refuse={"+15550100002": 21211})
    sid = channel.send(text()).provider_id
    channel.find(text(), NOON)
    channel.follow(sid)
    twilio.receive(LI, "PAID K7Q2")
    channel.heard(NOON)
    error = failed(channel, text(to="+15550100002"))
    logging.getLogger("tests").error("it failed", exc_info=error)
    for secret in ("1555010000", "青松", "K7Q2", AUTH_TOKEN):
        assert secret not in caplog.text
        assert secret not in f"{error} {error!r} {channel!r}"


def test_eight_threads_share_one_channel(twilio: FakeTwilio) -> None:
    channel = sms(twilio)
    sent: list[str] = []

    def send(number: int) -> None:
        sent.extend(channel.send(text(f"R{number}X{each}")).provider_id for each in range(10))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(sent) == [each.sid for each in twilio.accepted()]
    assert len({each.body for each in twilio.accepted()}) == 80


def test_the_package_is_imported_with_the_first_text_only() -> None:
    code = (
        "import sys; from tracker.channels.sms import Sms;"
        f"Sms(account_sid={ACCOUNT_SID!r}, auth_token='x', from_number={SENDER!r});"
        "print(sorted({'twilio', 'requests'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


# The peer itself.


def test_the_peers_store_survives_its_death_and_a_cut_line(tmp_path: Path, hands: Hands) -> None:
    store = tmp_path / "accepted.jsonl"
    command = [sys.executable, "-m", "tests.peers.twilio", "--store", str(store), "--seconds=60"]
    environment = {**os.environ, "TRACKER_CLOCK": NOON.isoformat()}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        channel = Sms(
            account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, from_number=SENDER, api_base_url=url
        )
        channel.send(text())
        process.send_signal(signal.SIGKILL)
    with store.open("a") as file:
        file.write('{"sid": "SM')
    assert [each.body for each in peer.read(store)] == [text().body]
    hands.at += timedelta(hours=1)
    with FakeTwilio(store=store, now=hands.now) as again:
        assert sms(again).find(text(), NOON) is not None
        sms(again).send(text("M4T9"))
    assert [each.sid[-1] for each in peer.read(store)] == ["1", "2"]


def test_the_peer_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "tests.peers.twilio", "--seconds=60", "--faults={}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.terminate()
        assert process.wait(10) == 0


def test_the_same_seed_makes_the_same_faults(hands: Hands) -> None:
    faults = Faults(drop=0.2, error_before=0.2, error_after=0.2, limited=0.2)

    def run(seed: int) -> list[str]:
        kinds = []
        with FakeTwilio(now=hands.now, faults=faults, seed=seed) as fake:
            channel = sms(fake)
            for each in range(40):
                try:
                    kinds.append(channel.send(text(f"R{each}X")).status)
                except ChannelError as error:
                    kinds.append(f"{error.kind}-{error.code}")
            return [*kinds, *(each.body for each in fake.accepted())]

    assert run(1) == run(1) != run(2)
    assert {"queued", "transient-20429", "unknown-20500", "unknown-None"} <= set(run(1))


def test_the_peer_answers_for_one_message_and_lists_both_directions(twilio: FakeTwilio) -> None:
    sid = sms(twilio).send(text()).provider_id
    twilio.receive(LI, "PAID K7Q2")
    twilio.set_status(sid, "delivered")

    def get(path: str) -> dict[str, Any]:
        key = base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
        url = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT_SID}/{path}"
        request = urllib.request.Request(url, headers={"Authorization": f"Basic {key}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    assert get(f"Messages/{sid}.json")["status"] == "delivered"
    listed = get("Messages.json")["messages"]
    assert [each["direction"] for each in listed] == ["inbound", "outbound-api"]
    assert [each["body"] for each in get(f"Messages.json?To=%2B{SENDER[1:]}")["messages"]] == [
        "PAID K7Q2"
    ]


def test_the_peer_stops_while_a_slow_answer_is_under_way(hands: Hands) -> None:
    fake = FakeTwilio(now=hands.now, faults=Faults(delay_seconds=60)).start()
    fake.script(Fault.slow)
    channel = sms(fake)

    def send() -> None:
        with contextlib.suppress(ChannelError):  # it may still be answered
            channel.send(text())

    sending = threading.Thread(target=send)
    sending.start()
    host, port = fake.url.removeprefix("http://").split(":")
    while not fake.accepted():
        socket.create_connection((host, int(port))).close()
    fake.stop()
    sending.join(10)
    assert not sending.is_alive()
