"""Whose a debt is: sold and verified; changed details wait; others who owe it are named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_feeds import add, events, fetch
from tests.peers import ics_checker
from tests.peers.clock import MovableClock
from tests.peers.desk import CLEAR, Desk
from tracker.daemon.tick import Ticker
from tracker.documents import pdf

TWO = "2026-12-04 100.00\n2027-01-04 100.00\n"
THE_REST = "2027-01-04 60.00\n2027-02-04 40.00\n"
DETAILS = {"payee": "Alder Collections", "quote": "ALD-Q", "account": "1234"}
NEWS = {"payee": "Kestrel Ltd", "quote": "KES-Q", "account": "9876"}


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.ask("debt.edit", debt="maple", reference="ALD-REF")
    maple.clock.forward(minutes=1)
    maple.plan(rows=TWO, **DETAILS)
    maple.clock.forward(minutes=1)
    return maple


@pytest.fixture
def sold(agreed: Desk) -> Desk:
    sell(agreed)
    agreed.clock.forward(minutes=1)
    return agreed


def sell(desk: Desk, to: str = "Birch Loans", **request: Any) -> Any:
    known = [each["name"] for each in desk.ask("creditor.list")["creditors"]]
    made = desk.ask(
        "debt.sold", **{"debt": "maple", "to": to, "new_creditor": to not in known, **request}
    )
    desk.clock.forward(minutes=1)
    return made


def verify(desk: Desk, proof: str = "notice of Alder Bank of 24 November") -> Any:
    made = desk.ask("debt.verify", debt="maple", proof=proof)
    desk.clock.forward(minutes=1)
    return made


def debt(desk: Desk) -> dict[str, Any]:
    return desk.ask("debt.show", debt="maple")


def holds(desk: Desk) -> list[str]:
    return [each["kind"] for each in debt(desk)["holds"]]


def pay_to(desk: Desk, **request: Any) -> dict[str, Any]:
    plan = desk.ask("plan.show", debt="maple", **request)
    return {name: plan[name] for name in DETAILS}


def changed(desk: Desk, **request: Any) -> Any:
    made = desk.ask(
        "debt.payee", **{"debt": "maple", "told_by": "letter of 24 November", **request}
    )
    desk.clock.forward(minutes=1)
    return made


def checked(desk: Desk, **request: Any) -> Any:
    return desk.ask("debt.payee-check", debt="maple", **request)


def confirm(desk: Desk) -> Any:
    desk.clock.forward(hours=48)
    return checked(desk, called="number on the statement of January")


def decisions(desk: Desk, kind: str) -> list[dict[str, Any]]:
    return [each for each in desk.ask("overview")["decide"] if each["kind"] == kind]


def sequences(desk: Desk, token: str) -> list[int]:
    return [int(event["SEQUENCE"]) for event in events(fetch(desk, token))]


NOTHING = {"payee": None, "quote": None, "account": None}


# Sold.


def test_a_sold_debt_has_its_new_owner_and_keeps_what_happened_before(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="40")
    agreed.clock.forward(minutes=1)
    before = agreed.ask("ledger.show", debt="maple")
    made = sell(agreed, told_by="letter of Birch", reference="BIR-1", on="2026-11-20")
    now = debt(agreed)
    assert (now["creditor_name"], now["reference"]) == ("Birch Loans", "BIR-1")
    assert agreed.ask("ledger.show", debt="maple") == before
    plan = agreed.ask("plan.show", debt="maple")
    assert (plan["state"], plan["progress"]["paid"]["amount"]) == ("live", "40.00")
    assert now["owners"] == made["owners"] == agreed.ask("debt.owners", debt="maple")["owners"]
    assert made["owners"] == [
        {
            "creditor": "alder-bank",
            "creditor_name": "Alder Bank",
            "reference": "ALD-REF",
            "from_on": None,
            "until": "2026-11-20",
            "told_by": None,
            "proof": None,
            "state": "first",
        },
        {
            "creditor": "birch-loans",
            "creditor_name": "Birch Loans",
            "reference": "BIR-1",
            "from_on": "2026-11-20",
            "until": None,
            "told_by": "letter of Birch",
            "proof": None,
            "state": "unverified",
        },
    ]


def test_a_sale_places_the_hold_on_its_owner_and_says_how_it_ends(agreed: Desk) -> None:
    said = " ".join(sell(agreed)["said"])
    assert "notice of Alder Bank" in said
    assert "tracker debt verify maple" in said
    (hold,) = debt(agreed)["holds"]
    assert (hold["kind"], hold["until"]) == ("unverified-owner", None)
    assert hold["note"] == "sold by Alder Bank to Birch Loans"
    assert hold["silences"] == ["offers", "reminders", "reports"]
    (decision,) = decisions(agreed, "hold")
    assert "reminders" in decision["sentence"]
    assert decision["command"] == "tracker debt verify maple --proof TEXT"


def test_no_reminder_of_a_sold_debt_goes_before_the_proof_and_they_go_after(
    sold: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.at = datetime(2026, 12, 2, 9, 30, tzinfo=UTC)
    ticker.run()
    assert [message.state for message in sold.messages() if message.state == "sent"] == []
    verify(sold)
    clock.at = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    ticker.run()
    assert [message.state for message in sold.messages() if message.state == "sent"] == ["sent"]


def test_a_report_to_an_owner_who_is_not_verified_is_refused(
    sold: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "pdf_in_child", lambda content: b"%PDF-" + content.json().encode())
    request = {"debt": "maple", "period": "2026-Q4"}
    assert sold.refused("report.make", **request)["exit"] == 5
    verify(sold)
    made = sold.ask("report.make", **request)
    for path in (made["html"], made["pdf"]):
        assert not re.search(r"Alder|ALD-|1234\b", Path(path).read_text())


def test_a_report_that_was_made_stays_one_for_the_creditor_of_its_day(
    agreed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "pdf_in_child", lambda content: b"%PDF-")
    agreed.ask("report.make", debt="maple", period="2026-Q4")
    sell(agreed)
    (report,) = agreed.ask("report.list")["reports"]
    assert report["creditor_name"] == "Alder Bank"


@pytest.mark.parametrize("detail", ["neutral", "full"])
def test_a_calendar_tells_nobody_to_pay_an_owner_who_is_not_verified(
    agreed: Desk, detail: str
) -> None:
    token = add(agreed, detail=detail)
    before = sequences(agreed, token)
    sell(agreed, reference="BIR-1")
    changed(agreed, **NEWS)
    file = fetch(agreed, token)
    body = file.body.decode()
    assert not re.search(r"send by|Alder|Birch|Kestrel|ALD-|BIR-1|KES-|1234\b|9876", body)
    assert "being checked" in body or detail == "neutral"
    assert [event["SUMMARY"] for event in events(file)] == [
        "MAPLE 1 of 2: on hold",
        "MAPLE 2 of 2: on hold",
    ]
    assert [event["TRIGGERS"] for event in events(file)] == ["", ""]
    assert all(was < now for was, now in zip(before, sequences(agreed, token), strict=True))
    assert ics_checker.problems(file.body) == []
    held = sequences(agreed, token)
    verify(agreed)
    again = events(fetch(agreed, token))
    assert all("send by" in event["SUMMARY"] for event in again)
    assert all(was < now for was, now in zip(held, sequences(agreed, token), strict=True))


def test_a_full_calendar_of_a_verified_owner_says_no_details_of_the_one_before(
    sold: Desk,
) -> None:
    token = add(sold, detail="full")
    verify(sold)
    body = fetch(sold, token).body.decode()
    assert "Birch Loans 1 of 2" in body
    assert not re.search(r"Alder|ALD-|1234\b", body)
    said = sold.ask("plan.show", debt="maple")["payee_note"]
    assert "tracker debt payee maple" in said


def test_what_was_paid_before_the_sale_was_not_paid_to_the_new_owner(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="100")
    agreed.clock.forward(minutes=1)
    sell(agreed)
    verify(agreed)
    first, second = events(fetch(agreed, add(agreed, detail="full")))
    assert first["SUMMARY"] == "MAPLE 1 of 2: done"
    assert second["SUMMARY"].startswith("Birch Loans 2 of 2")


def test_the_page_of_a_plan_says_no_payee_before_the_new_owner_is_verified(sold: Desk) -> None:
    plan = sold.ask("plan.show", debt="maple")
    assert pay_to(sold) == NOTHING
    assert "Birch Loans has not shown yet" in plan["payee_note"]


def test_a_debt_can_be_sold_twice_and_back_and_its_history_tells_all(sold: Desk) -> None:
    verify(sold, "notice 1")
    sell(sold, "Cedar Finance", reference="CED-1", on="2026-11-24")
    assert (debt(sold)["creditor"], holds(sold)) == ("cedar-finance", ["unverified-owner"])
    sell(sold, "Alder Bank")
    assert holds(sold) == ["unverified-owner"]
    verify(sold, "letter of Alder Bank")
    assert holds(sold) == []
    found = sold.ask("debt.owners", debt="maple")["owners"]
    assert [(each["creditor"], each["state"], each["proof"]) for each in found] == [
        ("alder-bank", "first", None),
        ("birch-loans", "verified", "notice 1"),
        ("cedar-finance", "unverified", None),
        ("alder-bank", "verified", "letter of Alder Bank"),
    ]
    assert [each["reference"] for each in found] == ["ALD-REF", None, "CED-1", None]


def test_sold_back_the_details_of_the_first_owner_hold_again_once_it_is_verified(
    sold: Desk,
) -> None:
    sell(sold, "Alder Bank")
    assert pay_to(sold) == NOTHING
    verify(sold)
    assert pay_to(sold) == DETAILS


@pytest.mark.parametrize("to", ["alder", "Alder Bank", "ALDER BANK"])
def test_a_debt_is_not_sold_to_the_one_who_owns_it(agreed: Desk, to: str) -> None:
    error = agreed.refused("debt.sold", debt="maple", to=to)
    assert (error["field"], error["exit"]) == ("to", 4)
    assert holds(agreed) == []


@pytest.mark.parametrize(
    ("request_", "field", "code"),
    [
        ({"to": "Nobody"}, "creditor", 3),
        ({"to": "Alder Bank", "new_creditor": True}, "creditor", 4),
        ({"to": "Birch", "on": "2026-11-25"}, "on", 2),
        ({"to": "Birch", "on": "01/02/2026"}, "on", 2),
        ({"to": "Birch", "country": "GB"}, "country", 2),
        ({"to": "Birch", "reference": "R" * 61}, "reference", 2),
        ({"to": "Cedar", "new_creditor": True, "zone": "Nowhere"}, "zone", 2),
    ],
)
def test_a_sale_that_cannot_be_meant_changes_nothing(
    agreed: Desk, request_: dict[str, Any], field: str, code: int
) -> None:
    agreed.ask("creditor.add", name="Birch")
    before = debt(agreed), agreed.ask("creditor.list")
    error = agreed.refused("debt.sold", debt="maple", **request_)
    assert (error["field"], error["exit"]) == (field, code)
    assert (debt(agreed), agreed.ask("creditor.list")) == before


def test_a_sale_does_not_come_before_the_one_that_it_follows(agreed: Desk) -> None:
    sell(agreed, on="2026-11-20")
    error = agreed.refused("debt.sold", debt="maple", to="alder", on="2026-11-19")
    assert (error["field"], "2026-11-20" in error["sentence"]) == ("on", True)


def test_the_clearing_days_of_the_new_owner_count_from_the_sale(agreed: Desk) -> None:
    before = agreed.ask("plan.show", debt="maple")["instalments"][1]["send_by_at"]
    sell(agreed, clearing_days="5")
    assert agreed.ask("plan.show", debt="maple")["instalments"][1]["send_by_at"] < before


# Verified.


def test_the_hold_of_a_sale_ends_with_the_proof_and_not_by_release(sold: Desk) -> None:
    for kind in ({"kind": "unverified-owner"}, {}):
        error = sold.refused("debt.release", debt="maple", **kind)
        assert error["exit"] == 5
        assert "attach the proof" in error["sentence"]
        assert "tracker debt verify maple" in error["hint"]
    assert holds(sold) == ["unverified-owner"]
    assert "reminders go out again" in verify(sold)["said"][0]
    assert holds(sold) == []


def test_other_holds_are_released_beside_it_and_stay_when_the_owner_is_verified(
    sold: Desk,
) -> None:
    sold.ask("debt.hold", debt="maple", kind="disputed")
    made = sold.ask("debt.release", debt="maple")
    assert [each["kind"] for each in made["holds"]] == ["unverified-owner"]
    assert "tracker debt verify maple" in made["warnings"][0]
    sold.ask("debt.hold", debt="maple", kind="disputed")
    assert "disputed" in verify(sold)["said"][0]
    assert holds(sold) == ["disputed"]


def test_a_hold_placed_by_hand_is_released_by_hand_and_gives_way_to_a_sale(agreed: Desk) -> None:
    agreed.ask("debt.hold", debt="maple", kind="unverified-owner")
    agreed.ask("debt.release", debt="maple", kind="unverified-owner")
    assert holds(agreed) == []
    agreed.ask("debt.hold", debt="maple", kind="unverified-owner", until="2026-12-01")
    sell(agreed)
    agreed.clock.forward(days=30)
    assert holds(agreed) == ["unverified-owner"]


def test_only_a_sale_is_verified_and_only_once(agreed: Desk) -> None:
    assert agreed.refused("debt.verify", debt="maple", proof="a notice")["exit"] == 4
    sell(agreed)
    error = agreed.refused("debt.verify", debt="maple", proof=" ")
    assert (error["field"], error["exit"]) == ("proof", 2)
    assert holds(agreed) == ["unverified-owner"]
    verify(agreed)
    assert agreed.refused("debt.verify", debt="maple", proof="another")["exit"] == 4


# Changed details.


def test_changed_details_wait_and_everything_shows_the_old_ones_meanwhile(agreed: Desk) -> None:
    token = add(agreed, detail="full")
    before = fetch(agreed, token).body
    made = changed(agreed, account="9876")
    assert made["payee_waiting"]["account"] == "9876"
    assert made["payee_waiting"]["check_from"].startswith("2026-11-26T09:02")
    assert pay_to(agreed) == DETAILS
    assert fetch(agreed, token).body == before
    for waiting in (
        debt(agreed)["payee_waiting"],
        agreed.ask("plan.show", debt="maple")["payee_waiting"],
        *decisions(agreed, "payee"),
    ):
        assert "wait until Thu 26 Nov 09:02" in waiting["sentence"]
        assert waiting["command"].startswith("tracker debt payee-check maple")
    agreed.clock.forward(hours=48)
    (decision,) = decisions(agreed, "payee")
    assert "number from an earlier document" in decision["sentence"]


def test_changed_details_are_not_confirmed_before_two_days_have_passed(agreed: Desk) -> None:
    at = agreed.clock.now()
    agreed.clock.at = at - timedelta(seconds=20)
    changed(agreed, account="9876")
    for moment in (at + timedelta(minutes=1), at + timedelta(hours=48, seconds=-1)):
        agreed.clock.at = moment
        error = checked_early(agreed)
        assert (error["code"], error["exit"]) == ("refused", 5)
        assert "Thu 26 Nov 09:02" in error["sentence"]
    agreed.clock.at = at + timedelta(hours=48)
    made = checked(agreed, called="number on the statement of January")
    assert (made["account"], made["payee"]) == ("9876", "Alder Collections")
    assert made["payee_waiting"] is None


def checked_early(desk: Desk) -> dict[str, Any]:
    return desk.refused("debt.payee-check", debt="maple", called="number on the statement")


def test_confirmed_details_stand_in_the_plan_and_calendars_notice(agreed: Desk) -> None:
    token = add(agreed, detail="full")
    before = sequences(agreed, token)
    changed(agreed, **NEWS)
    confirm(agreed)
    assert pay_to(agreed) == NEWS
    first = events(fetch(agreed, token))[0]
    assert "Kestrel Ltd" in first["DESCRIPTION"]
    assert all(was < now for was, now in zip(before, sequences(agreed, token), strict=True))
    assert decisions(agreed, "payee") == []


@pytest.mark.parametrize("hours", [0, 48])
def test_rejected_details_change_nothing_and_say_whom_to_tell(agreed: Desk, hours: int) -> None:
    changed(agreed, **NEWS)
    agreed.clock.forward(hours=hours)
    said = " ".join(checked(agreed, reject=True)["said"])
    assert "fraud" in said
    assert "Alder Bank" in said
    assert (pay_to(agreed), debt(agreed)["payee_waiting"]) == (DETAILS, None)
    changed(agreed, account="5555")


def test_details_that_an_unverified_owner_sent_are_told_to_the_one_before(sold: Desk) -> None:
    changed(sold, **NEWS)
    said = " ".join(checked(sold, reject=True)["said"])
    assert "Alder Bank" in said
    assert "Birch" not in said


def test_only_one_change_waits_at_a_time(agreed: Desk) -> None:
    changed(agreed, account="9876")
    error = agreed.refused("debt.payee", debt="maple", account="5555", told_by="an e-mail")
    assert (error["exit"], "--reject" in error["hint"]) == (4, True)
    assert debt(agreed)["payee_waiting"]["account"] == "9876"


def test_details_that_were_never_known_are_taken_at_once(maple: Desk) -> None:
    maple.plan(rows=TWO)
    maple.clock.forward(minutes=1)
    made = changed(maple, **DETAILS)
    assert (made["payee_waiting"], pay_to(maple)) == (None, DETAILS)
    changed(maple, account="9876")
    assert pay_to(maple) == DETAILS


def test_details_that_a_new_owner_gives_wait_even_if_none_were_known(maple: Desk) -> None:
    maple.plan(rows=TWO)
    maple.clock.forward(minutes=1)
    sell(maple)
    assert changed(maple, **NEWS)["payee_waiting"] is not None
    confirm(maple)
    assert pay_to(maple) == NOTHING
    verify(maple)
    assert pay_to(maple) == NEWS


def test_nothing_of_the_old_owners_details_is_mixed_with_the_new_ones(sold: Desk) -> None:
    verify(sold)
    changed(sold, account="9876")
    confirm(sold)
    assert pay_to(sold) == {"payee": None, "quote": None, "account": "9876"}


def test_a_revision_with_other_details_keeps_the_old_ones_while_they_wait(agreed: Desk) -> None:
    revised = agreed.plan(
        rows=THE_REST, revise="they asked to", agreed_by="call of 24 November", account="9876"
    )
    assert (revised["version"], revised["account"]) == (2, "1234")
    assert revised["payee_waiting"]["account"] == "9876"
    assert revised["payee_waiting"]["told_by"] == "they asked to"
    assert any("wait until" in sentence for sentence in revised["said"])
    confirm(agreed)
    assert pay_to(agreed) == DETAILS | {"account": "9876"}
    assert pay_to(agreed, version="1") == DETAILS


def test_a_revision_with_the_same_details_or_none_has_nothing_that_waits(agreed: Desk) -> None:
    for version, same in enumerate(({}, DETAILS, {"payee": "Alder Collections"}), 2):
        revised = agreed.plan(rows=THE_REST, revise="again", agreed_by="a call", **same)
        assert (revised["version"], revised["payee_waiting"]) == (version, None)
        assert pay_to(agreed) == DETAILS


def test_a_revision_may_repeat_what_waits_and_not_say_otherwise(agreed: Desk) -> None:
    changed(agreed, account="9876")
    again = {"debt": "maple", "rows": THE_REST, "revise": "again", "agreed_by": "a call"}
    assert agreed.refused("plan.agree", **again, account="5555")["exit"] == 4
    assert agreed.ask("plan.show", debt="maple")["version"] == 1
    revised = agreed.ask("plan.agree", **again, account="9876")
    assert (revised["version"], revised["account"]) == (2, "1234")


def test_a_first_plan_takes_its_details_at_once(maple: Desk) -> None:
    plan = maple.plan(rows=TWO, **DETAILS)
    assert (pay_to(maple), plan["payee_waiting"]) == (DETAILS, None)


def test_a_second_plan_with_other_details_waits_too(agreed: Desk) -> None:
    agreed.ask("plan.withdraw", debt="maple", reason="a new offer")
    agreed.clock.forward(minutes=1)
    plan = agreed.plan(rows=TWO, **NEWS)
    assert (pay_to(agreed), plan["payee_waiting"]["payee"]) == (DETAILS, "Kestrel Ltd")


def test_a_plan_with_the_new_owner_says_nothing_of_the_old_ones_details(sold: Desk) -> None:
    sold.ask("plan.withdraw", debt="maple", reason="sold")
    verify(sold)
    plan = sold.plan(rows=TWO, **NEWS)
    assert (pay_to(sold), plan["payee_waiting"]["account"]) == (NOTHING, "9876")
    confirm(sold)
    assert pay_to(sold) == NEWS


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"told_by": "a letter"}, "payee"),
        ({"told_by": "a letter", "payee": " ", "quote": ""}, "payee"),
        ({"account": "9876"}, "told_by"),
        ({"account": "9876", "told_by": " "}, "told_by"),
        ({"account": "987", "told_by": "a letter"}, "account"),
        ({"account": "12345678", "told_by": "a letter"}, "account"),
        ({"account": "987\u0664", "told_by": "a letter"}, "account"),
        ({"payee": "P" * 121, "told_by": "a letter"}, "payee"),
    ],
)
def test_a_change_of_details_that_cannot_be_meant_is_refused_by_field(
    agreed: Desk, request_: dict[str, str], field: str
) -> None:
    error = agreed.refused("debt.payee", debt="maple", **request_)
    assert (error["field"], error["exit"]) == (field, 2)
    assert debt(agreed)["payee_waiting"] is None


def test_a_change_to_the_same_details_or_without_a_plan_is_refused(agreed: Desk) -> None:
    request = {"debt": "maple", "told_by": "a letter"}
    assert agreed.refused("debt.payee", **request, **DETAILS)["exit"] == 4
    agreed.ask("plan.withdraw", debt="maple", reason="a new offer")
    assert agreed.refused("debt.payee", **request, account="9876")["exit"] == 4


def test_a_check_needs_something_that_waits_and_a_number_from_before(agreed: Desk) -> None:
    assert agreed.refused("debt.payee-check", debt="maple", reject=True)["exit"] == 4
    changed(agreed, account="9876")
    agreed.clock.forward(hours=48)
    for called in ({}, {"called": " "}):
        error = agreed.refused("debt.payee-check", debt="maple", **called)
        assert (error["field"], error["exit"]) == ("called", 2)
    assert pay_to(agreed) == DETAILS


# Others who owe it.


def test_joint_holders_and_guarantors_are_named_on_the_debt(agreed: Desk) -> None:
    agreed.ask("debt.party", debt="maple", role="joint-holder", name="Wren Canary", note="spouse")
    made = agreed.ask("debt.party", debt="maple", role="Guarantor", name="Robin Canary")
    assert debt(agreed)["parties"] == made["parties"]
    assert [(each["role"], each["name"], each["note"]) for each in made["parties"]] == [
        ("joint-holder", "Wren Canary", "spouse"),
        ("guarantor", "Robin Canary", None),
    ]
    agreed.ask("debt.party-end", debt="maple", name="wren canary")
    assert [each["name"] for each in debt(agreed)["parties"]] == ["Robin Canary"]
    agreed.ask("debt.party", debt="maple", role="guarantor", name="Wren Canary")


@pytest.mark.parametrize(
    ("role", "name", "field", "code"),
    [
        ("cousin", "Robin", "role", 2),
        ("", "Robin", "role", 2),
        ("guarantor", " ", "name", 2),
        ("guarantor", "R\tobin", "name", 2),
        ("guarantor", "R" * 121, "name", 2),
        ("guarantor", "WREN canary", "name", 4),
    ],
)
def test_a_party_that_cannot_be_meant_or_is_there_already_is_refused(
    agreed: Desk, role: str, name: str, field: str, code: int
) -> None:
    agreed.ask("debt.party", debt="maple", role="joint-holder", name="Wren Canary")
    error = agreed.refused("debt.party", debt="maple", role=role, name=name)
    assert (error["field"], error["exit"]) == (field, code)
    assert len(debt(agreed)["parties"]) == 1


def test_nobody_can_end_a_party_that_is_not_named(agreed: Desk) -> None:
    agreed.ask("debt.party", debt="maple", role="joint-holder", name="Wren Canary")
    error = agreed.refused("debt.party-end", debt="maple", name="Robin")
    assert (error["field"], error["exit"]) == ("name", 3)
    assert "Wren Canary" in error["hint"]


def test_no_creditor_hears_who_owes_the_debt_too(
    agreed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "pdf_in_child", lambda content: b"%PDF-" + content.json().encode())
    agreed.ask("debt.party", debt="maple", role="guarantor", name="Wren Canary", note="Spouse")
    made = agreed.ask("report.make", debt="maple", period="2026-Q4")
    for path in (made["html"], made["pdf"]):
        told = Path(path).read_text()
        assert "Alder Bank" in told
        assert not re.search(r"Wren|Canary|Spouse|guarantor", told, re.IGNORECASE)
    for detail in ("neutral", "full"):
        assert b"Wren" not in fetch(agreed, add(agreed, name=detail, detail=detail)).body


def test_owners_details_and_parties_of_one_person_are_nobody_elses(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("li").debt()
    ana = desk.of("ana")
    for name, request in (
        ("debt.sold", {"to": "Birch", "new_creditor": True}),
        ("debt.verify", {"proof": "a notice"}),
        ("debt.owners", {}),
        ("debt.payee", {"account": "9876", "told_by": "a letter"}),
        ("debt.payee-check", {"reject": True}),
        ("debt.party", {"role": "guarantor", "name": "Ana"}),
        ("debt.party-end", {"name": "Ana"}),
    ):
        assert ana.refused(name, debt="maple", **request)["exit"] == 3
    ana.ask("creditor.add", name="Birch")
    assert desk.of("li").refused("debt.sold", debt="maple", to="Birch")["exit"] == 3


def test_two_debts_have_owners_of_their_own(sold: Desk) -> None:
    sold.ask("debt.add", creditor="alder", word="KITE", handle="kite", total="50", **CLEAR)
    shown = sold.ask("debt.show", debt="kite")
    assert ([each["creditor"] for each in shown["owners"]], shown["holds"]) == (["alder-bank"], [])
