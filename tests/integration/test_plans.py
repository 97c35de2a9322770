from __future__ import annotations

from typing import Any

import pytest

from tests.peers.desk import Desk

LIST = "2026-12-04 100.00\n2027-01-04 100.00\n2027-02-04 50.00\n"


def dues(plan: dict[str, Any]) -> list[str]:
    return [row["due_on"] for row in plan["instalments"]]


def amounts(plan: dict[str, Any]) -> list[str]:
    return [row["amount"]["amount"] for row in plan["instalments"]]


def refs(plan: dict[str, Any]) -> list[str]:
    return [row["ref"] for row in plan["instalments"]]


def test_a_rule_of_month_ends_is_counted_from_its_anchor_and_never_chained(maple: Desk) -> None:
    plan = maple.plan(count="14", total="1400", start="2027-01-31")
    assert dues(plan) == [
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
        "2027-04-30",
        "2027-05-31",
        "2027-06-30",
        "2027-07-31",
        "2027-08-31",
        "2027-09-30",
        "2027-10-31",
        "2027-11-30",
        "2027-12-31",
        "2028-01-31",
        "2028-02-29",
    ]
    assert plan["ends_on"] == "2028-02-29"
    assert [row["seq"] for row in plan["instalments"]] == list(range(1, 15))


def test_the_rule_is_echoed_as_a_sentence_with_its_total_and_first_send_by(maple: Desk) -> None:
    plan = maple.plan()
    said = " ".join(plan["said"])
    assert "12 instalments, together £1,200.00" in said
    assert "from 31 January 2027 to 31 December 2027" in said
    assert "12 × monthly" in said
    assert "The next is due on 31 January 2027; send it by Thu 28 Jan 16:00." in said


def test_a_list_is_taken_as_it_was_agreed(maple: Desk) -> None:
    plan = maple.plan(rows=LIST)
    assert dues(plan) == ["2026-12-04", "2027-01-04", "2027-02-04"]
    assert amounts(plan) == ["100.00", "100.00", "50.00"]
    assert plan["total"]["amount"] == "250.00"


@pytest.mark.parametrize(
    "rule", [{"total": "1200"}, {"count": "12"}, {"start": "2027-01-31"}, {"amount": "100"}]
)
def test_a_list_and_a_rule_at_once_are_refused(maple: Desk, rule: dict[str, str]) -> None:
    error = maple.refused("plan.agree", debt="maple", rows=LIST, **rule)
    assert (error["field"], error["exit"]) == ("rows", 2)
    assert next(iter(rule)) in error["sentence"]
    assert maple.ask("plan.list")["plans"] == []


def test_every_bad_line_of_a_list_is_told_at_once(maple: Desk) -> None:
    rows = "2026-12-04 100.00\n2027-01-04 1e2\nsoon 5\n2026-12-01 7\n"
    error = maple.refused("plan.agree", debt="maple", rows=rows)
    assert (error["field"], error["exit"]) == ("rows", 2)
    for number in ("2", "3"):
        assert number in error["sentence"]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({}, "start"),
        ({"start": "2027-01-31"}, "count"),
        ({"start": "2027-01-31", "count": "0"}, "count"),
        ({"start": "2027-01-31", "count": "601"}, "count"),
        ({"start": "2027-01-31", "count": "12", "every": "daily"}, "every"),
        ({"start": "2027-01-31", "count": "12", "paid_by": "pigeon"}, "paid_by"),
        ({"start": "2027-01-31", "count": "12", "account": "12345678"}, "account"),
        ({"start": "2027-01-31", "count": "12", "send_time": "22:00"}, "send_time"),
        ({"start": "2027-01-31", "count": "12", "agreed_on": "2026-11-25"}, "agreed_on"),
        ({"start": "2037-01-31", "count": "12"}, "start"),
        ({"start": "2027-01-31", "count": "12", "amount": "50", "total": "700"}, "total"),
        ({"start": "2027-01-31", "count": "3", "total": "0.02"}, "total"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_by_field(
    maple: Desk, request_: dict[str, str], field: str
) -> None:
    error = maple.refused("plan.agree", debt="maple", **request_)
    assert error["exit"] == 2
    assert error["field"] == field
    assert maple.ask("plan.list")["plans"] == []


def test_without_a_total_the_ledgers_balance_is_what_is_agreed(maple: Desk) -> None:
    maple.clock.forward(minutes=1)
    maple.ask("pay", debt="maple", amount="200")
    maple.clock.forward(days=1)
    plan = maple.ask("plan.agree", debt="maple", count="10", start="2027-01-31")
    assert plan["total"]["amount"] == "1000.00"
    assert plan["progress"]["paid"]["amount"] == "0.00"


def test_what_does_not_divide_goes_where_the_agreement_says(maple: Desk) -> None:
    rule = {"debt": "maple", "total": "100", "count": "3", "start": "2027-01-31"}
    assert amounts(maple.ask("plan.agree", **rule)) == ["33.33", "33.33", "33.34"]
    first = maple.ask(
        "plan.agree", **rule, remainder="first", agreed_by="call of 24 November", revise="asked for"
    )
    assert amounts(first) == ["33.34", "33.33", "33.33"]
    own = maple.ask(
        "plan.agree", **rule, last="10", agreed_by="call of 24 November", revise="a small last one"
    )
    assert amounts(own) == ["45.00", "45.00", "10.00"]


def test_an_amount_alone_makes_the_number_and_the_last_takes_the_rest(maple: Desk) -> None:
    plan = maple.ask("plan.agree", debt="maple", amount="350", start="2027-01-31")
    assert amounts(plan) == ["350.00", "350.00", "350.00", "150.00"]


def test_due_dates_move_off_weekends_only_where_that_was_agreed(maple: Desk) -> None:
    assert dues(maple.plan(count="1"))[0] == "2027-01-31"  # a Sunday
    moved = maple.plan(
        count="2",
        shift="modified-following",
        agreed_by="call of 24 November",
        revise="the bank's rule",
    )
    assert dues(moved) == ["2027-01-29", "2027-02-26"]


def test_the_last_moment_to_send_is_counted_in_working_days_on_the_creditors_clock(
    maple: Desk,
) -> None:
    maple.ask("creditor.edit", creditor="alder", zone="America/New_York", cutoff="15:00")
    plan = maple.plan(rows="2026-12-28 100.00\n")
    # A Bank Holiday Monday (the 28th, for Boxing Day), Christmas, and one day of clearing.
    assert plan["instalments"][0]["send_by_at"] == "2026-12-23T20:00:00Z"


@pytest.mark.parametrize(
    ("paid_by", "send_by"),
    [("send", "2026-12-03"), ("collect", "2026-12-03"), ("counter", "2026-12-04")],
)
def test_how_it_is_paid_decides_the_last_day(maple: Desk, paid_by: str, send_by: str) -> None:
    plan = maple.plan(rows="2026-12-04 100.00\n", paid_by=paid_by)
    assert plan["instalments"][0]["send_by_at"].startswith(send_by)


def test_a_creditor_that_takes_longer_moves_what_is_still_to_come(maple: Desk) -> None:
    before = maple.plan()
    maple.ask("creditor.edit", creditor="alder", clearing_days="3")
    after = maple.ask("plan.show", debt="maple")
    assert refs(after) == refs(before)
    assert after["instalments"][0]["send_by_at"].startswith("2027-01-26")


# One live plan, in versions.


def test_a_second_agreement_on_a_live_plan_is_refused(maple: Desk) -> None:
    plan = maple.plan()
    error = maple.refused("plan.agree", debt="maple", rows=LIST)
    assert (error["exit"], "--revise" in error["hint"]) == (4, True)
    assert maple.ask("plan.show", debt="maple")["instalments"] == plan["instalments"]


def test_nothing_can_be_revised_where_nothing_was_agreed(maple: Desk) -> None:
    error = maple.refused(
        "plan.agree", debt="maple", rows=LIST, agreed_by="call of 24 November", revise="less"
    )
    assert (error["field"], error["exit"]) == ("revise", 4)


def test_a_revision_keeps_the_refs_of_the_same_rows_and_the_old_version_readable(
    maple: Desk,
) -> None:
    first = maple.plan(rows=LIST, payee="Alder Bank", quote="AB-77", account="1234")
    second = maple.plan(
        rows="2026-12-04 80.00\n2027-01-04 80.00\n2027-02-04 80.00\n2027-03-04 10.00\n",
        agreed_by="call of 24 November",
        revise="hours were cut",
    )
    assert refs(second)[:3] == refs(first)
    assert refs(second)[3] not in refs(first)
    assert (second["version"], second["versions"], second["reason"]) == (2, 2, "hours were cut")
    assert (second["payee"], second["quote"], second["account"]) == ("Alder Bank", "AB-77", "1234")
    old = maple.ask("plan.show", debt="maple", version="1")
    assert amounts(old) == ["100.00", "100.00", "50.00"]
    assert refs(old) == refs(first)


def test_a_revision_that_drops_a_row_withdraws_it(maple: Desk) -> None:
    first = maple.plan(rows=LIST)
    second = maple.plan(
        rows="2026-12-04 100.00\n2027-01-04 150.00\n",
        agreed_by="call of 24 November",
        revise="shorter",
    )
    assert refs(second) == refs(first)[:2]


def test_a_moved_row_keeps_its_ref_and_opens_the_next_generation(maple: Desk) -> None:
    first = maple.plan(rows=LIST)
    second = maple.plan(
        rows="2026-12-04 100.00\n2027-01-11 100.00\n2027-02-04 50.00\n",
        agreed_by="call of 24 November",
        revise="a week later",
    )
    assert refs(second) == refs(first)


def test_what_is_paid_stays_paid_in_the_next_version(maple: Desk) -> None:
    first = maple.plan(rows=LIST)
    maple.ask("pay", debt="maple", amount="100")
    second = maple.plan(
        rows="2027-01-11 75.00\n2027-02-11 75.00\n", agreed_by="call of 24 November", revise="later"
    )
    assert dues(second) == ["2026-12-04", "2027-01-11", "2027-02-11"]
    assert [row["state"] for row in second["instalments"]] == ["paid", "upcoming", "upcoming"]
    assert refs(second)[0] == refs(first)[0]
    assert second["progress"]["paid"]["amount"] == "100.00"
    error = maple.refused(
        "plan.agree", debt="maple", rows=LIST, agreed_by="call of 24 November", revise="again"
    )
    assert (error["field"], "2026-12-04" in error["sentence"]) == ("rows", True)


def test_part_of_the_money_stays_with_the_row_it_was_paid_for(maple: Desk) -> None:
    maple.plan(rows=LIST)
    maple.ask("pay", debt="maple", amount="30")
    second = maple.plan(
        rows="2026-12-11 100.00\n2027-01-11 150.00\n",
        agreed_by="call of 24 November",
        revise="a week later",
    )
    # The part that was paid stays a row of its own; what was agreed anew is asked in full.
    assert [row["paid"]["amount"] for row in second["instalments"]] == ["30.00", "0.00", "0.00"]
    assert amounts(second) == ["30.00", "100.00", "150.00"]
    assert second["progress"]["open"]["amount"] == "250.00"


def test_a_withdrawn_plan_stays_readable_and_makes_room_for_another(maple: Desk) -> None:
    first = maple.plan(rows=LIST)
    ended = maple.ask("plan.withdraw", debt="maple", reason="they sold it")
    assert ended["state"] == "withdrawn"
    assert maple.refused("plan.withdraw", debt="maple", reason="again")["exit"] == 4
    assert maple.ask("plan.show", debt="maple")["state"] == "withdrawn"
    second = maple.plan(rows=LIST)
    assert (second["version"], second["state"]) == (1, "live")
    assert set(refs(second)).isdisjoint(refs(first))


def test_states_follow_the_day_where_the_person_is(maple: Desk) -> None:
    maple.ask("person.edit", zone="Pacific/Auckland")
    maple.plan(rows="2026-12-04 100.00\n2027-01-04 100.00\n")
    maple.clock.forward(days=9, hours=2)  # 3 December 11:00 UTC is the 4th in Auckland
    assert maple.ask("plan.show", debt="maple")["instalments"][0]["state"] == "due"
    maple.clock.forward(days=1)
    assert maple.ask("plan.show", debt="maple")["instalments"][0]["state"] == "late"
    maple.clock.forward(days=30)
    assert maple.ask("plan.show", debt="maple")["instalments"][0]["state"] == "missed"


def test_an_unknown_version_is_named(maple: Desk) -> None:
    maple.plan()
    error = maple.refused("plan.show", debt="maple", version="2")
    assert (error["field"], error["exit"]) == ("version", 3)
