"""Several things of one morning in one text: none of them lost, none said twice.

MAPLE, KITE and FERRY have one instalment each, due on Friday 4 December 2026, of which Li
hears on the 30th, the 2nd and the 3rd at nine in London.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from tests.integration.test_delivery import (
    ONE,
    REF,
    AtStep,
    at,
    live,
    sent,
    three_debts,
    words,
)
from tests.peers.channels import Lost, Scripted, permanent, transient, unknown
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.actions.booking import SCHEDULED, SETTLED, TOO_LATE, WITHDRAWN
from tracker.actions.delivery import claim, derive, messages, subjects
from tracker.actions.office import Office
from tracker.channels.cover import COVER_WORDS
from tracker.channels.segments import segments
from tracker.daemon.tick import Ticker
from tracker.store.debts import DebtRow
from tracker.store.delivery import GONE_STATES, MessageReminderRow, MessageRow, ReminderRow

ALL = ["FERRY", "KITE", "MAPLE"]
NINE = at(30, month=11)


@pytest.fixture
def three(maple: Desk) -> Desk:
    three_debts(maple)
    return maple


@pytest.fixture
def waiting(three: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """On the evening of the 30th; the three wait in one text for the next morning."""
    clock.at = at(30, 22, month=11)
    ticker.run()
    (message,) = three.messages()
    assert words(message.body) == ALL
    return three


def carried(desk: Desk) -> list[tuple[MessageRow, ReminderRow, str]]:
    """Every reminder with each message that has carried it, and its ref there."""
    with desk.office.database.read() as session:
        found = session.exec(
            select(MessageRow, ReminderRow, MessageReminderRow.ref)
            .join(MessageReminderRow, col(MessageReminderRow.message_id) == col(MessageRow.id))
            .join(ReminderRow, col(ReminderRow.id) == col(MessageReminderRow.reminder_id))
            .order_by(col(MessageReminderRow.id))
        ).all()
        assert len({reminder.id for _, reminder, _ in found}) == len(
            session.exec(select(ReminderRow)).all()
        )
    return [(message, reminder, ref) for message, reminder, ref in found]


def fates(desk: Desk) -> dict[str, list[tuple[str, str | None]]]:
    """What became of the reminders of each cover word: the states of their messages, with why.

    Whatever happens, each reminder stands in one text at most, and what a text says and
    what it carries are the same.
    """
    found: dict[str, list[tuple[str, str | None]]] = {}
    told: Counter[int] = Counter()
    links = carried(desk)
    with desk.office.database.read() as session:
        by_id = {debt.id: debt.word for debt in session.exec(select(DebtRow)).all()}
    for message, reminder, ref in links:
        if message.state in GONE_STATES:
            told[reminder.id] += 1
            assert ref in message.body
        found.setdefault(by_id[reminder.debt_id], []).append((message.state, message.reason))
    assert all(times == 1 for times in told.values())
    for message in desk.messages():
        refs = {ref for each, _, ref in links if each.id == message.id}
        assert message.ref in refs
        if message.state in GONE_STATES:
            assert set(REF.findall(message.body)) == refs
    return found


# What goes together.


def test_the_reminders_of_one_morning_are_one_text_with_a_ref_for_each(
    three: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(31))
    assert [when for when, _ in sent(three)] == [NINE, at(2), at(3), at(7)]
    assert [words(body) for body in sms.bodies] == [ALL] * 4
    refs = [ref for body in sms.bodies for ref in REF.findall(body)]
    assert len(refs) == len(set(refs)) == 12
    assert {len(each) for each in fates(three).values()} == {4}


def test_what_the_preview_shows_of_a_morning_stands_in_its_text(
    three: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    shown = three.ask("remind.preview", days="30")["items"]
    live(ticker, clock, at(31))
    texts = dict(sent(three))
    for item in shown:
        which = item["body"].removeprefix("Li: ").partition(", ")[0].partition(" is ")[0]
        assert which in texts[datetime.fromisoformat(item["at"])]
    assert len(shown) == 12


def test_a_text_goes_only_when_all_that_belongs_into_it_is_written(
    three: Desk, office: Office, clock: MovableClock
) -> None:
    derive.derive(office, clock.now())
    clock.at = NINE
    for left in (2, 1, 0):
        assert claim.claim(office, NINE, owner="home:1") is None
        assert derive.derive(office, NINE, at_most=1) == 1
        assert len(words(three.messages()[0].body)) == 3 - left
    claimed = claim.claim(office, NINE, owner="home:1")
    assert isinstance(claimed, claim.Claimed)
    assert words(claimed.body) == ALL


def test_what_is_more_than_an_hour_apart_goes_on_its_own(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(rows=ONE)
    for word, hour in (("KITE", "10:00"), ("FERRY", "11:01")):
        maple.debt(word, creditor=f"{word.title()} Loans")
        maple.plan(word.casefold(), rows=ONE, send_time=hour)
    clock.at = at(30, 12, month=11)  # nothing ran this morning
    ticker.run()
    assert [words(body) for body in sms.bodies] == [["KITE", "MAPLE"], ["FERRY"]]
    fates(maple)


def test_another_day_where_the_person_is_is_another_text(
    desk: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    desk.li(hours="00:00-23:59")
    for word, hour in (("MAPLE", "23:45"), ("KITE", "00:15")):
        desk.debt(word, creditor=f"{word.title()} Loans")
        # Half past midnight of the 30th is half an hour after the last evening of the 29th.
        offset = "-3d" if word == "KITE" else "-4d"
        desk.plan(word.casefold(), rows=ONE, send_time=hour, offsets=[offset], paid_by="counter")
    clock.at = at(1, 0, 30)
    ticker.run()
    assert [words(body) for body in sms.bodies] == [["MAPLE"], ["KITE"]]


def test_two_people_never_share_a_text_though_they_share_a_telephone(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(rows=ONE)
    wei = maple.of(maple.li(name="Wei")["handle"])
    wei.debt("KITE", creditor="Wei Bank")
    wei.plan("kite", rows=ONE)
    live(ticker, clock, NINE)
    assert sorted((body.partition(":")[0], words(body)) for body in sms.bodies) == [
        ("Li", ["MAPLE"]),
        ("Wei", ["KITE"]),
    ]


def test_a_legal_deadline_never_waits_in_a_text_with_others(
    three: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    three.ask("followup.add", debt="kite", text="object", by="2026-12-03", kind="deadline")
    three.ask("followup.add", debt="kite", text="call them", by="2026-11-30", kind="call")
    live(ticker, clock, NINE)
    of_the_30th = [body for when, body in sent(three) if when == NINE]
    together, deadline = sorted(of_the_30th, key=len, reverse=True)
    assert words(together) == ["FERRY", "KITE", "KITE", "MAPLE"]
    assert deadline == "Li: KITE, the last day is Thu 3 Dec. Ref #"


def test_a_text_of_many_is_never_longer_than_three_parts_and_leaves_none_out(
    desk: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    desk.li(name="李", locale="zh_Hans_CN")
    known = COVER_WORDS["zh_Hans"][:14]
    for number, word in enumerate(known):
        desk.debt(word, creditor=f"Bank {number}", handle=f"d{number}")
        desk.plan(f"d{number}", rows=ONE)
    live(ticker, clock, NINE)
    assert len(sms.bodies) > 1
    assert max(segments(body).count for body in sms.bodies) == messages.MOST_SEGMENTS
    assert sorted(word for word in known for body in sms.bodies if word in body) == sorted(known)


def test_after_it_was_tried_a_text_takes_nothing_more_in(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(rows=ONE)
    maple.debt("KITE", creditor="Kite Loans")
    maple.plan("kite", rows=ONE, send_time="09:01")
    live(ticker, clock, at(30, 8, 59, month=11))
    sms.script.append(transient(retry_after=600))
    live(ticker, clock, at(30, 9, 30, month=11))
    assert [words(each.body) for each in sms.requests] == [["MAPLE"], ["KITE"], ["MAPLE"]]
    fates(maple)


# What is true by then.

CHANGES: dict[str, tuple[Callable[[Desk], object], str]] = {
    "paid": (lambda desk: desk.ask("pay", debt="kite", amount="100"), SETTLED),
    "scheduled": (
        lambda desk: desk.ask("pay", debt="kite", amount="100", scheduled="2026-12-03"),
        SCHEDULED,
    ),
    "withdrawn": (
        lambda desk: desk.ask("plan.withdraw", debt="kite", reason="they sold it"),
        WITHDRAWN,
    ),
    "snoozed": (
        lambda desk: desk.ask("snooze", debt="kite", until="1 dec 18:00"),
        subjects.SNOOZED,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_became_silent_while_it_waited_is_left_out_and_the_others_go(
    waiting: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, change: str
) -> None:
    act, reason = CHANGES[change]
    act(waiting)
    assert "pending" in waiting.states()
    live(ticker, clock, at(1, 12))
    assert [words(body) for body in sms.bodies] == [["FERRY", "MAPLE"]]
    assert fates(waiting)["KITE"] == [("cancelled", reason)]


@pytest.mark.parametrize("change", CHANGES)
def test_what_became_silent_between_the_claim_and_the_request_stops_that_text_alone(
    three: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    at_step: AtStep,
    change: str,
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    act, reason = CHANGES[change]
    at_step("claimed", lambda: act(three))
    ticker.run()
    ticker.run()  # what was changed is looked at first
    assert [words(body) for body in sms.bodies] == [["FERRY", "MAPLE"]]
    assert fates(three)["KITE"] == [("cancelled", reason)]


def test_when_all_of_it_became_silent_nothing_goes(
    waiting: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    for debt in ("maple", "kite", "ferry"):
        waiting.ask("pay", debt=debt, amount="100")
    live(ticker, clock, at(31))
    assert sms.requests == []
    assert {each[0] for found in fates(waiting).values() for each in found} == {"cancelled"}


def test_what_was_put_off_to_before_the_text_goes_stands_in_it_once(
    waiting: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    waiting.ask("snooze", debt="kite", until="1 dec 8:30")
    live(ticker, clock, at(1, 12))
    assert [words(body) for body in sms.bodies] == [ALL]
    assert fates(waiting)["KITE"] == [("sent", None), ("cancelled", subjects.SNOOZED)]


def test_what_is_put_on_hold_goes_aside_and_comes_alone_when_released_under_the_same_ref(
    waiting: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    refs = {reminder.debt_id: ref for _, reminder, ref in carried(waiting)}
    waiting.ask("debt.hold", debt="kite", kind="disputed")
    live(ticker, clock, at(1, 12))
    assert [words(body) for body in sms.bodies] == [["FERRY", "MAPLE"]]
    assert fates(waiting)["KITE"] == [("held", claim.ON_HOLD)]
    waiting.ask("debt.release", debt="kite")
    ticker.run()
    assert [words(body) for body in sms.bodies] == [["FERRY", "MAPLE"], ["KITE"]]
    assert fates(waiting)["KITE"] == [("sent", None)]
    assert {reminder.debt_id: ref for _, reminder, ref in carried(waiting)} == refs


def test_of_several_on_hold_the_one_that_is_released_goes_at_once(
    waiting: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    for debt in ("maple", "kite", "ferry"):
        waiting.ask("debt.hold", debt=debt, kind="disputed")
    live(ticker, clock, at(1, 12))
    assert (sms.requests, waiting.states()) == ([], ["held"])
    waiting.ask("debt.release", debt="kite")
    ticker.run()
    assert [words(body) for body in sms.bodies] == [["KITE"]]
    assert fates(waiting) == {
        "KITE": [("sent", None)],
        "MAPLE": [("held", claim.ON_HOLD)],
        "FERRY": [("held", claim.ON_HOLD)],
    }


def test_what_is_too_late_is_told_as_expired_and_the_others_go(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(rows=ONE)
    maple.debt("KITE", creditor="Kite Loans")
    maple.plan("kite", rows=ONE, offsets=["-1d"])
    live(ticker, clock, at(1, 12))
    maple.ask("quiet.begin", until="3 dec 10:00")
    live(ticker, clock, at(3, 12))
    # Of MAPLE the 2nd is over, as the 3rd has come; of KITE nothing comes after the 2nd.
    assert [words(body) for body in sms.bodies[1:]] == [["KITE", "MAPLE"]]
    found = fates(maple)
    assert found["KITE"] == [("sent", None)]
    assert found["MAPLE"] == [("sent", None), ("sent", None), ("expired", TOO_LATE)]


def test_a_followup_that_was_closed_and_opened_again_is_not_lost_with_its_text(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    maple.plan(rows=ONE)
    maple.debt("KITE", creditor="Kite Loans")
    ref = maple.ask("followup.add", debt="kite", text="call", by="2026-11-30", kind="call")["ref"]
    clock.at = at(30, 22, month=11)
    ticker.run()
    assert words(maple.messages()[0].body) == ["KITE", "MAPLE"]
    maple.ask("followup.close", followup=ref)
    live(ticker, clock, at(1, 9, 30))
    assert [words(body) for body in sms.bodies] == [["MAPLE"]]
    maple.ask("followup.reopen", followup=ref)
    ticker.run()
    assert [words(body) for body in sms.bodies] == [["MAPLE"], ["KITE"]]


# What comes of the request.


def test_a_text_that_was_refused_goes_over_the_next_channel_whole_and_once(
    three: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, console: Scripted
) -> None:
    sms.script.append(permanent())
    live(ticker, clock, at(1, 12))
    assert [words(each.body) for each in sms.requests] == [ALL]
    assert [words(body) for body in console.bodies] == [ALL]
    first, second = three.messages()
    assert (first.state, second.state, second.replaces_id) == ("failed", "sent", first.id)
    assert not set(REF.findall(first.body)) & set(REF.findall(second.body))
    assert {tuple(each) for each in _states(three).values()} == {("failed", "sent")}


def _states(desk: Desk) -> dict[str, list[str]]:
    return {word: [state for state, _ in found] for word, found in fates(desk).items()}


def test_what_was_paid_while_it_was_refused_goes_over_no_other_channel(
    three: Desk,
    ticker: Ticker,
    clock: MovableClock,
    sms: Scripted,
    console: Scripted,
    at_step: AtStep,
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    sms.script.append(permanent())
    at_step("answered", lambda: three.ask("pay", debt="kite", amount="100"))
    ticker.run()
    ticker.run()
    assert [words(body) for body in console.bodies] == [["FERRY", "MAPLE"]]


def test_a_text_whose_answer_was_lost_is_found_and_says_none_of_it_again(
    three: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    sms.script.append(Lost())
    live(ticker, clock, at(1, 12))
    assert [words(each.body) for each in sms.requests] == [ALL]
    assert _states(three) == {word: ["sent"] for word in ALL}


def test_what_was_paid_while_a_text_was_in_doubt_is_left_out_when_it_goes_again(
    three: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = NINE
    sms.script.append(unknown())
    ticker.run()
    three.ask("pay", debt="maple", amount="100")  # the one whose ref was asked about
    live(ticker, clock, at(30, 12, month=11))
    assert [words(each.body) for each in sms.requests] == [ALL, ["FERRY", "KITE"]]
    assert _states(three) == {"MAPLE": ["cancelled"], "KITE": ["sent"], "FERRY": ["sent"]}


# Workers that meet.


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_who_derive_for_one_person_at_once_say_each_thing_once(
    three: Desk, office: Office, clock: MovableClock, sms: Scripted, workers: int
) -> None:
    if workers == 4 and office.database.is_sqlite:
        workers = 3
    clock.at = NINE
    start = threading.Barrier(workers)
    failed: list[BaseException] = []

    def work(number: int) -> None:
        ticker = Ticker(office=office, channels={"sms": sms}, home_id=f"home-{number}")
        start.wait()
        try:
            ticker.run()
        except BaseException as error:
            failed.append(error)

    for moment in (NINE, NINE + timedelta(minutes=5), at(2), at(3), at(7)):
        clock.at = moment
        threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert failed == []
    assert _states(three) == {word: ["sent"] * 4 for word in ALL}
    assert Counter(word for body in sms.bodies for word in words(body)) == dict.fromkeys(ALL, 4)
