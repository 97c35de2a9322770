"""When each bad mark leaves its register: every date with the rule it comes from."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from tests.peers.desk import Desk
from tracker.rules import retention
from tracker.store.credit import EntryEventRow, EntryRow
from tracker.store.db import add as insert

CITE = re.compile(r"[A-Z0-9-]+@\d{4}-\d{2}-\d{2}")


def timeline(desk: Desk, kind: str | None = None) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.ask("timeline")["items"]
    return [item for item in items if kind is None or item["kind"] == kind]


def mark(desk: Desk, entry: str, debt: str = "maple", **events: str) -> dict[str, Any]:
    return desk.ask("credit.add", debt=debt, entry=entry, events=events)


@pytest.fixture
def abroad(maple: Desk) -> Desk:
    """A second debt, in Australia."""
    maple.debt("KITE", creditor="Birch Loans")
    maple.ask("debt.edit", debt="kite", jurisdiction="AU")
    return maple


def test_a_default_leaves_six_years_after_it_and_cites_why(maple: Desk) -> None:
    mark(maple, "default", default_date="2026-05-04")
    (item,) = timeline(maple, "entry-removal")
    assert (item["on"], item["status"], item["debt"]) == ("2032-05-04", "known", "maple")
    assert item["cites"][0].startswith("GB-CRA-DEFAULT@")
    assert item["source"]
    assert item["confidence"] in ("high", "medium", "low")
    assert "4 May 2032" in item["reason"]


def test_a_plan_that_is_kept_does_not_move_a_date_fixed_at_the_default(maple: Desk) -> None:
    mark(maple, "default", default_date="2026-05-04")
    before = timeline(maple, "entry-removal")
    maple.plan()
    maple.ask("pay", debt="maple", amount="1200")
    assert timeline(maple, "entry-removal") == before


def test_every_removal_cites_a_rule_that_exists_in_every_place_and_for_every_mark(
    maple: Desk,
) -> None:
    maple.plan()
    marks = [
        EntryRow(
            person_id=1,
            debt_id=1,
            jurisdiction=place,
            kind=entry,
            recorded_at=maple.clock.now(),
        )
        for place in retention.jurisdictions()
        for entry in retention.entries(place)
    ]
    with maple.office.database.write() as session:
        for row in marks:
            insert(session, row)
            event = EntryEventRow(entry_id=row.id, name="default_date", on_date=date(2024, 5, 4))
            insert(session, event)
    items = timeline(maple, "entry-removal")
    assert len(items) >= len(marks) > 40
    for item in items:
        assert item["cites"], item
        assert item["source"], item
        assert item["reason"], item
        for cite in item["cites"]:
            rule = retention.rules()[cite.partition("@")[0]]
            assert rule.cite == cite
        if item["on"] is None:
            assert item["status"] != "known", item


def test_a_date_that_cannot_be_known_is_shown_as_unknown_with_the_reason(maple: Desk) -> None:
    mark(maple, "default")
    (item,) = timeline(maple, "entry-removal")
    assert (item["on"], item["status"]) == (None, "unknown")
    assert item["reason"]
    assert item["cites"][0].startswith("GB-CRA-DEFAULT@")


def test_a_place_without_a_rule_for_the_mark_says_so_and_guesses_nothing(maple: Desk) -> None:
    maple.ask("debt.edit", debt="maple", jurisdiction="BR")
    mark(maple, "default", default_date="2026-05-04")
    (item,) = timeline(maple, "entry-removal")
    assert (item["on"], item["status"], item["cites"]) == (None, "unknown", [])
    assert "No rule is known" in item["reason"]


def test_what_starts_with_the_end_of_the_plan_follows_it(maple: Desk) -> None:
    mark(maple, "closed_account")
    (before,) = timeline(maple, "entry-removal")
    assert before["on"] is None
    maple.plan()
    (kept,) = timeline(maple, "entry-removal")
    assert (kept["on"], kept["status"]) == ("2033-12-31", "projected")
    assert any(cite.startswith("GB-CRA-CLOSED@") for cite in kept["cites"])
    maple.plan(count="24", agreed_by="call of 24 November", revise="half as much")
    (longer,) = timeline(maple, "entry-removal")
    assert (longer["on"], longer["status"]) == ("2034-12-31", "projected")
    maple.ask("plan.withdraw", debt="maple", reason="no more")
    (withdrawn,) = timeline(maple, "entry-removal")
    assert withdrawn["on"] is None


def test_a_mark_that_should_be_gone_says_what_to_do(maple: Desk) -> None:
    made = mark(maple, "default", default_date="2019-05-04")
    assert "ask for its removal" in made["items"][0]["reason"]


def test_the_plan_stands_in_the_timeline_with_its_milestones(maple: Desk) -> None:
    maple.plan()
    items = timeline(maple)
    assert [(item["kind"], item["on"], item["status"]) for item in items] == [
        ("plan-start", "2026-11-24", "done"),
        ("instalment", "2027-06-30", "planned"),
        ("plan-end", "2027-12-31", "projected"),
    ]
    maple.ask("pay", debt="maple", amount="1200")
    assert [item["status"] for item in timeline(maple)] == ["done", "done", "done"]


def test_a_plan_that_ran_late_ends_today_at_the_earliest(maple: Desk) -> None:
    maple.plan(rows="2026-12-04 100.00\n")
    maple.clock.forward(days=60)
    end = timeline(maple, "plan-end")[0]
    assert (end["on"], end["status"]) == ("2027-01-23", "projected")


def test_items_are_in_order_of_their_dates_and_unknown_ones_last(maple: Desk) -> None:
    maple.plan()
    mark(maple, "default", default_date="2026-05-04")
    mark(maple, "default")
    dates = [item["on"] for item in timeline(maple)]
    assert dates == ["2026-11-24", "2027-06-30", "2027-12-31", "2032-05-04", None]


def test_one_debt_can_be_asked_about_alone(abroad: Desk) -> None:
    mark(abroad, "default", default_date="2026-05-04")
    mark(abroad, "default", debt="kite", default_date="2026-05-04")
    alone = abroad.ask("timeline", debt="kite")["items"]
    assert {item["debt"] for item in alone} == {"kite"}
    assert all(cite.startswith("AU-") for item in alone for cite in item["cites"])
    assert {item["debt"] for item in timeline(abroad)} == {"maple", "kite"}


def test_a_mark_says_at_once_when_it_will_go(maple: Desk) -> None:
    made = mark(maple, "default", default_date="2026-05-04")
    assert any("4 May 2032" in sentence for sentence in made["said"])
    assert maple.ask("credit.list")["entries"][0]["events"] == {"default_date": "2026-05-04"}


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"entry": "nonsense"}, "entry"),
        ({"entry": "default", "events": {"birthday": "2026-05-04"}}, "events"),
        ({"entry": "default", "events": {"default_date": "2026-02-30"}}, "default_date"),
        ({"entry": "default", "register": "Nowhere"}, "register"),
        ({"entry": ""}, "entry"),
    ],
)
def test_a_mark_that_cannot_be_meant_is_refused_by_field(
    maple: Desk, request_: dict[str, Any], field: str
) -> None:
    error = maple.refused("credit.add", debt="maple", **request_)
    assert (error["field"], error["exit"]) == (field, 2)
    assert maple.ask("credit.list")["entries"] == []


def test_the_rules_of_a_place_are_listed_with_their_sources(li: Desk) -> None:
    found = li.ask("credit.rules", jurisdiction="GB")["rules"]
    assert len(found) > 5
    assert all(CITE.fullmatch(rule["cite"]) and rule["source"] for rule in found)
    assert li.refused("credit.rules", jurisdiction="BR")["exit"] == 2


def test_the_reason_is_told_in_the_persons_language(desk: Desk) -> None:
    desk.li(locale="zh_Hans_CN")
    desk.debt("青松", handle="maple")
    mark(desk, "default", default_date="2026-05-04")
    (item,) = timeline(desk, "entry-removal")
    assert "2032年5月4日" in item["reason"]
    assert item["cites"][0].startswith("GB-CRA-DEFAULT@")
