"""Follow-ups: opened by a day, listed until they are closed, and reminded of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.daemon.tick import Ticker


def add(desk: Desk, text: str = "no answer yet", by: str = "fri", **more: str) -> str:
    made = desk.ask("followup.add", **{"debt": "maple", "text": text, "by": by, **more})
    ref: str = made["ref"]
    return ref


def refs(desk: Desk, **more: object) -> list[str]:
    return [each["ref"] for each in desk.ask("followup.list", **more)["followups"]]


def run(ticker: Ticker, clock: MovableClock, day: int, hour: int = 9) -> None:
    clock.at = datetime(2026, 11, day, hour, tzinfo=UTC)
    ticker.run()


def test_one_is_kept_as_it_was_said_and_the_overdue_come_first(
    maple: Desk, clock: MovableClock
) -> None:
    later = add(maple, "call them", "2026-12-04", kind="call")
    soon = add(maple, "no answer by the 26th", "26 nov", kind="answer")
    none = add(maple, "renew the passport", "27 nov", debt="-")
    clock.forward(days=3)
    told = maple.ask("followup.list")["followups"]
    assert [each["ref"] for each in told] == [soon, none, later]
    assert told[0] | {"ref": ""} == {
        "ref": "",
        "kind": "answer",
        "debt": "maple",
        "word": "MAPLE",
        "text": "no answer by the 26th",
        "by": "2026-11-26",
        "days": -1,
        "overdue": True,
        "closed_at": None,
        "closed_how": None,
    }
    assert (told[1]["debt"], told[1]["overdue"], told[1]["days"]) == (None, False, 0)
    assert refs(maple, debt="maple") == [soon, later]
    assert [each["ref"] for each in maple.ask("overview")["followups"]] == [soon, none, later]


def test_its_message_says_the_cover_word_and_not_what_it_is_about(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    add(maple, "letter of Alder Bank about 1,200.00", kind="answer")
    run(ticker, clock, 27, 8)
    assert sms.taken == []
    run(ticker, clock, 27)
    (body,) = sms.bodies
    assert body.startswith("Li: MAPLE, answer expected by Fri 27 Nov. Ref ")
    run(ticker, clock, 28)
    assert len(sms.taken) == 1


def test_one_that_is_closed_says_nothing_and_leaves_the_list(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    ref = add(maple)
    told = maple.ask("followup.close", followup=ref.upper(), how="they agreed")
    assert (told["closed_how"], told["overdue"]) == ("they agreed", False)
    assert "they agreed" in told["said"][0]
    run(ticker, clock, 27)
    assert sms.taken == []
    assert refs(maple) == []
    assert refs(maple, closed=True) == [ref]
    assert maple.refused("followup.close", followup=ref)["exit"] == 4
    assert maple.refused("followup.move", followup=ref, by="fri")["exit"] == 4


def test_closing_withdraws_the_message_that_waits_and_reopening_brings_it_back(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    ref = add(maple)
    maple.ask("quiet.begin", until="27 nov 15:00")
    run(ticker, clock, 27)
    assert maple.states() == ["pending"]
    maple.ask("followup.close", followup=ref)
    assert maple.states() == ["cancelled"]
    maple.ask("followup.reopen", followup=ref)
    assert refs(maple) == [ref]
    run(ticker, clock, 27, 15)
    assert len(sms.taken) == 1
    assert maple.refused("followup.reopen", followup=ref)["exit"] == 4


def test_one_that_was_reminded_of_and_is_reopened_is_not_reminded_of_twice(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    ref = add(maple)
    run(ticker, clock, 27)
    maple.ask("followup.close", followup=ref)
    maple.ask("followup.reopen", followup=ref)
    run(ticker, clock, 27, 12)
    assert len(sms.taken) == 1


def test_one_that_is_moved_is_reminded_of_on_its_new_day(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    ref = add(maple)
    told = maple.ask("followup.move", followup=ref, by="28 nov")
    assert told["by"] == "2026-11-28"
    run(ticker, clock, 27)
    assert sms.taken == []
    run(ticker, clock, 28)
    assert ["Sat 28 Nov" in body for body in sms.bodies] == [True]
    error = maple.refused("followup.move", followup=ref, by="28 nov")
    assert (error["exit"], error["field"]) == (4, "by")


def test_a_deadline_is_announced_days_before_whatever_is_quiet(
    maple: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted
) -> None:
    told = maple.ask("followup.add", debt="maple", text="object", by="2026-12-04", kind="deadline")
    assert "legal deadline" in told["said"][1]
    maple.ask("quiet.begin", until="20 dec")
    maple.ask("debt.hold", debt="maple", kind="moratorium")
    run(ticker, clock, 27)
    assert ["the last day is Fri 4 Dec" in body for body in sms.bodies] == [True]


def test_one_whose_hour_has_passed_says_that_no_message_comes(maple: Desk) -> None:
    told = maple.ask("followup.add", debt="maple", text="call", by="today")
    assert "No message comes" in told["said"][1]


def test_a_beginning_that_only_one_has_is_enough(maple: Desk) -> None:
    made = [add(maple, f"number {number}") for number in range(3)]
    assert maple.ask("followup.close", followup=made[0][:5])["ref"] == made[0]
    error = maple.refused("followup.close", followup="")
    assert (error["field"], error["exit"]) == ("followup", 3)
    assert maple.refused("followup.close", followup="zzzz")["exit"] == 3


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"kind": "wish"}, "kind", 2),
        ({"text": ""}, "text", 2),
        ({"text": "a\nb"}, "text", 2),
        ({"text": "x" * 501}, "text", 2),
        ({"by": "2026-11-23"}, "by", 2),
        ({"by": "2026-02-30"}, "by", 2),
        ({"by": ""}, "by", 2),
        ({"by": "2099-01-01"}, "by", 2),
        ({"debt": "oak"}, "debt", 3),
    ],
)
def test_what_cannot_be_meant_is_refused_by_field(
    maple: Desk, more: dict[str, str], field: str, code: int
) -> None:
    request = {"debt": "maple", "text": "call", "by": "fri", **more}
    error = maple.refused("followup.add", **request)
    assert (error["field"], error["exit"]) == (field, code)
    assert refs(maple) == []


def test_nobody_closes_those_of_somebody_else(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("li").debt()
    ref = add(desk.of("li"))
    assert desk.of("ana").refused("followup.close", followup=ref)["exit"] == 3
    assert refs(desk.of("ana")) == []
