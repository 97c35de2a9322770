"""Quiet, away, snooze: what waits, what is said of it, and what nothing silences.

Most tests use one instalment of 100.00, due on Friday 4 December 2026 and to be sent by the
day before at 16:00, of which Li hears on the 30th, the 2nd and the 3rd at nine in London.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.daemon.tick import Ticker
from tracker.store import absences, people, wakes

ONE = "2026-12-04 100.00\n"


def at(day: int, hour: int = 9, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.plan(rows=ONE)
    return maple


def days(ticker: Ticker, clock: MovableClock, until: datetime) -> None:
    """An hour at a time, as a heartbeat would."""
    while clock.at < until:
        ticker.run()
        clock.forward(hours=1)
    clock.at = until
    ticker.run()


def seqs(told: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["debt"], each["seq"]) for each in told["falls"]]


# Quiet.


def test_quiet_says_until_when_and_what_falls_due_meanwhile(agreed: Desk) -> None:
    told = agreed.ask("quiet.begin", until="20 dec")
    assert told["until_at"] == "2026-12-20T00:00:00Z"
    (fall,) = told["falls"]
    assert (fall["debt"], fall["seq"], fall["open"]["amount"]) == ("maple", 1, "100.00")
    said = "\n".join(told["said"])
    assert "Quiet until Sun 20 Dec 00:00" in said
    assert "MAPLE 1 of 1: £100.00, send by Thu 3 Dec 16:00, due Fri 4 Dec" in said
    assert "Legal deadlines" in said
    assert agreed.ask("quiet.show")["said"] == told["said"]
    assert agreed.ask("person.show")["quiet_until_at"] == "2026-12-20T00:00:00Z"


@pytest.mark.parametrize(
    ("until", "falls"),
    [
        ("2026-12-03 16:00", []),  # the last moment to send is not before its end
        ("2026-12-03 16:01", [("maple", 1)]),
        ("2026-12-03", []),
    ],
)
def test_what_is_to_be_sent_before_its_end_falls_into_it(
    agreed: Desk, until: str, falls: list[tuple[str, int]]
) -> None:
    assert seqs(agreed.ask("quiet.begin", until=until)) == falls


def test_what_can_no_longer_arrive_in_time_but_is_due_meanwhile_is_told_too(
    agreed: Desk, clock: MovableClock
) -> None:
    clock.at = at(3, 17)
    assert seqs(agreed.ask("quiet.begin", until="1d")) == []
    assert seqs(agreed.ask("quiet.begin", until="2d")) == [("maple", 1)]
    clock.at = at(5)
    assert seqs(agreed.ask("quiet.begin", until="2d")) == []


def test_what_is_scheduled_or_on_hold_is_marked_and_not_summed(maple: Desk) -> None:
    maple.plan(rows=ONE)
    for word in ("KITE", "FERRY"):
        maple.debt(word, creditor=f"{word.title()} Loans")
        maple.plan(word.casefold(), rows=ONE)
    maple.ask("pay", debt="maple", amount="100", scheduled="2026-12-02")
    maple.ask("debt.hold", debt="kite", kind="disputed")
    told = maple.ask("quiet.begin", until="20 dec")
    marks = {each["debt"]: (each["scheduled"], each["held"]) for each in told["falls"]}
    assert marks == {
        "maple": (True, None), "kite": (False, "disputed"), "ferry": (False, None)
    }  # fmt: skip
    assert not any("Together" in each for each in told["said"])


def test_reminders_wait_and_what_is_still_of_use_goes_when_it_ends(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("quiet.begin", until="2 dec 12:00")
    days(ticker, clock, at(2, 11))
    assert sms.taken == []
    days(ticker, clock, at(2, 13))
    assert len(sms.taken) == 1
    assert agreed.states().count("expired") == 1  # that of the 30th, which the 2nd replaced


def test_turning_it_off_lets_what_waited_go_at_once(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("quiet.begin", until="20 dec")
    days(ticker, clock, at(30, 12, month=11))
    assert (sms.taken, agreed.states()) == ([], ["pending"])
    told = agreed.ask("quiet.end")
    assert told["until_at"] is None
    ticker.run()
    assert len(sms.taken) == 1
    assert agreed.refused("quiet.end")["exit"] == 4
    assert "not quiet" in agreed.ask("quiet.show")["said"][0]


def test_a_shorter_silence_takes_the_place_of_a_longer_one(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("quiet.begin", until="20 dec")
    days(ticker, clock, at(30, 12, month=11))
    agreed.ask("quiet.begin", until="30 nov 15:00")
    days(ticker, clock, at(30, 14, month=11))
    assert sms.taken == []
    days(ticker, clock, at(30, 15, month=11))
    assert len(sms.taken) == 1


def test_a_legal_deadline_passes_through(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("quiet.begin", until="20 dec")
    agreed.ask("followup.add", debt="maple", text="object", by="4 dec", kind="deadline")
    agreed.ask("followup.add", debt="maple", text="ask again", by="4 dec", kind="task")
    days(ticker, clock, at(4, 10))
    assert sms.taken
    assert all("the last day is Fri 4 Dec" in body for body in sms.bodies)


# Away.


def test_a_journey_lists_what_to_pay_before_and_from_when_the_clock_is_another(
    agreed: Desk,
) -> None:
    told = agreed.ask("away.add", days="1dec..10dec", zone="Asia/Shanghai")
    assert told["absence"] == {
        "number": 1,
        "from_on": "2026-12-01",
        "until_on": "2026-12-11",
        "zone": "Asia/Shanghai",
        "begun": False,
    }
    assert seqs(told) == [("maple", 1)]
    said = "\n".join(told["said"])
    assert "Away from Tue 1 Dec to Thu 10 Dec" in said
    assert "£100.00, send by Fri 4 Dec 00:00 (Asia/Shanghai)" in said
    assert "A message says it again on Mon 30 Nov 09:00." in said
    assert "no silence" in said
    assert "Legal deadlines" in said
    with agreed.office.database.read() as session:
        person = people.find(session, "li")
        assert len(absences.absences(session, person.id)) == 1
        assert "absence" in {wake.kind for wake in wakes.due_wakes(session, agreed.clock.at, 100)}
    assert agreed.ask("away.list")["absences"] == [told["absence"]]


@pytest.mark.parametrize(
    ("span", "falls"),
    [
        ("3dec..3dec", [("maple", 1)]),  # its last moment lies on the day of departure
        ("4dec..9dec", [("maple", 1)]),  # due then, though its last moment is the day before
        ("5dec..9dec", []),
        ("25nov..2dec", []),
        ("25nov..3dec", [("maple", 1)]),
    ],
)
def test_what_is_to_be_sent_on_a_day_away_is_in_the_list(
    agreed: Desk, span: str, falls: list[tuple[str, int]]
) -> None:
    assert seqs(agreed.ask("away.add", days=span, zone="Europe/Paris")) == falls


def test_messages_keep_the_clock_of_the_journey(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("away.add", days="1dec..10dec", zone="America/New_York")
    days(ticker, clock, at(2, 13))
    before = len(sms.taken)
    days(ticker, clock, at(2, 14))  # nine in New York
    assert len(sms.taken) == before + 1


def test_a_journey_that_is_called_off_changes_nothing_any_more(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("away.add", days="1dec..10dec", zone="America/New_York")
    told = agreed.ask("away.off")
    assert told["absences"] == []
    days(ticker, clock, at(2, 9))
    assert [body for body in sms.bodies if "leave" in body] == []
    assert len(sms.taken) == 2
    assert agreed.refused("away.off")["exit"] == 3


def test_two_journeys_do_not_overlap_but_may_follow_one_another(agreed: Desk) -> None:
    agreed.ask("away.add", days="1dec..10dec")
    for span in ("10dec..12dec", "28nov..1dec", "3dec..4dec", "25nov..20dec"):
        error = agreed.refused("away.add", days=span)
        assert (error["exit"], error["field"]) == (4, "days")
        assert "2026-12-01 to 2026-12-10" in error["sentence"]
    agreed.ask("away.add", days="11dec..12dec")
    assert agreed.refused("away.off")["field"] == "number"
    assert agreed.refused("away.off", number="3")["exit"] == 3
    left = agreed.ask("away.off", number="1")["absences"]
    assert [each["from_on"] for each in left] == ["2026-12-11"]


def test_one_that_is_over_is_no_longer_listed_and_is_in_nobodys_way(
    agreed: Desk, clock: MovableClock
) -> None:
    agreed.ask("away.add", days="1dec..2dec")
    clock.at = at(2, 12)
    assert agreed.ask("away.list")["absences"][0]["begun"] is True
    clock.at = at(3, 0)
    assert agreed.ask("away.list")["absences"] == []
    agreed.ask("away.add", days="today..5dec")


# Snooze.


def test_a_snooze_silences_one_instalment_until_then_and_speaks_once(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    told = agreed.ask("snooze", debt="maple", until="2 dec 18:00")
    assert (told["seq"], told["goes_at"]) == (1, "2026-12-02T18:00:00Z")
    assert "Wed 2 Dec 18:00" in told["said"][0]
    assert "Thu 3 Dec 16:00" in told["said"][0]
    days(ticker, clock, at(2, 17))
    assert sms.taken == []
    days(ticker, clock, at(2, 19))
    assert len(sms.taken) == 1
    days(ticker, clock, at(3, 10))  # that of the last day comes as ever
    assert len(sms.taken) == 2


@pytest.mark.parametrize(
    ("until", "goes_at"),
    [
        (None, "2026-11-25T09:00:00Z"),
        ("tomorrow", "2026-11-25T09:00:00Z"),
        ("2h", "2026-11-24T11:00:00Z"),
        ("until fri", "2026-11-27T09:00:00Z"),
        ("fri 18:00", "2026-11-27T18:00:00Z"),
        ("fri 21:00", "2026-11-28T09:00:00Z"),  # after the hours: the next morning
        ("3 dec 15:59", "2026-12-03T15:59:00Z"),
    ],
)
def test_it_is_said_when_the_reminder_comes(agreed: Desk, until: str | None, goes_at: str) -> None:
    assert agreed.ask("snooze", debt="maple", until=until)["goes_at"] == goes_at


@pytest.mark.parametrize("until", ["3 dec 16:00", "4 dec", "2 dec 23:00 ", "20 dec"])
def test_it_never_reaches_past_the_last_moment_to_send(
    agreed: Desk, clock: MovableClock, until: str
) -> None:
    if "23:00" in until:
        # The next hour at which messages go would be behind the last moment.
        agreed.ask("person.edit", hours="17:00-22:00", send_time="18:00")
    error = agreed.refused("snooze", debt="maple", until=until)
    assert (error["field"], error["exit"]) == ("until", 2)
    assert "Thu 3 Dec 16:00" in error["sentence"]


def test_what_waits_already_is_withdrawn(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("quiet.begin", until="2 dec")
    days(ticker, clock, at(30, 12, month=11))
    assert agreed.states() == ["pending"]
    agreed.ask("snooze", debt="maple", until="1 dec 12:00")
    assert agreed.states() == ["cancelled"]


def test_the_last_word_counts(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("snooze", debt="maple", until="2 dec 18:00")
    agreed.ask("snooze", debt="maple", until="1 dec 12:00")
    days(ticker, clock, at(1, 13))
    assert len(sms.taken) == 1
    days(ticker, clock, at(2, 19))
    assert len(sms.taken) == 2  # the one of the 2nd at nine; the first snooze is no more


def test_what_is_paid_meanwhile_is_not_spoken_of(
    agreed: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    agreed.ask("snooze", debt="maple", until="2 dec 18:00")
    agreed.ask("pay", debt="maple")
    days(ticker, clock, at(3, 12))
    assert [body for body in sms.bodies if "noted" not in body] == []


def test_there_must_be_something_to_put_off(maple: Desk, clock: MovableClock) -> None:
    assert maple.refused("snooze", debt="maple")["exit"] == 4
    maple.plan(rows=ONE)
    maple.ask("debt.hold", debt="maple", kind="disputed")
    assert "on hold" in maple.refused("snooze", debt="maple")["sentence"]
    maple.ask("debt.release", debt="maple")
    clock.at = at(3, 16)
    error = maple.refused("snooze", debt="maple")
    assert (error["exit"], "Thu 3 Dec 16:00" in error["sentence"]) == (4, True)
    maple.ask("pay", debt="maple")
    assert "Nothing is open" in maple.refused("snooze", debt="maple")["sentence"]


@pytest.mark.parametrize(("quiet", "said"), [("2 dec", "comes then"), ("20 dec", "no reminder")])
def test_a_silence_that_outlasts_it_is_told(agreed: Desk, quiet: str, said: str) -> None:
    agreed.ask("quiet.begin", until=quiet)
    (warning,) = agreed.ask("snooze", debt="maple", until="fri")["warnings"]
    assert said in warning
