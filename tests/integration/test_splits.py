"""One sum for several creditors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.test_payments import figures_agree
from tests.peers.desk import Desk


@pytest.fixture
def three(maple: Desk) -> Desk:
    """MAPLE with 1,200.00, RIVER with 600.00, and KITE in dollars."""
    maple.debt("RIVER", creditor="Birch Loans", total="600.00")
    maple.debt("KITE", creditor="Cedar Cards", total="300.00", currency="USD")
    maple.clock.forward(minutes=1)
    return maple


def listed(desk: Desk) -> list[tuple[int, str, str, str, str | None]]:
    return [
        (each["number"], each["debt"], each["amount"]["amount"], each["state"], each["batch"])
        for each in desk.ask("payment.list")["payments"]
    ]


def balance(desk: Desk, debt: str) -> str:
    return str(desk.ask("ledger.show", debt=debt)["balance"]["amount"])


def test_given_amounts_are_recorded_as_one_batch_with_a_receipt_for_each(three: Desk) -> None:
    done = three.ask(
        "payment.split", total="500", to=["maple=300", "river=200"], method="card", ref="R-7"
    )
    assert (done["total"]["amount"], done["batch"]) == ("500.00", "1")
    assert [(each["debt"], each["amount"]["amount"]) for each in done["parts"]] == [
        ("maple", "300.00"),
        ("river", "200.00"),
    ]
    assert done["said"][0] == "£500.00 is split: MAPLE £300.00, RIVER £200.00."
    assert "Recorded as #2: £200.00 for RIVER on Tue 24 Nov." in done["said"]
    assert listed(three) == [
        (2, "river", "200.00", "counts", "1"),
        (1, "maple", "300.00", "counts", "1"),
    ]
    assert {each["reference"] for each in three.ask("payment.list")["payments"]} == {"R-7"}
    assert (balance(three, "maple"), balance(three, "river")) == ("900.00", "400.00")


def test_without_amounts_what_is_open_decides_and_no_penny_is_lost(three: Desk) -> None:
    done = three.ask("payment.split", total="100.00", to=["maple", "river"])
    assert [each["amount"]["amount"] for each in done["parts"]] == ["66.67", "33.33"]
    assert done["said"][0] == "£100.00 is split by what is open: MAPLE £66.67, RIVER £33.33."
    # By what is open now, not by what was open once.
    three.ask("pay", debt="maple", amount="833.33")
    again = three.ask("payment.split", total="100.00", to=["river", "maple"])
    assert [each["amount"]["amount"] for each in again["parts"]] == ["65.38", "34.62"]


def test_a_debt_without_a_ledger_is_weighed_by_its_plan(li: Desk) -> None:
    for word, creditor in (("MAPLE", "Alder Bank"), ("RIVER", "Birch Loans")):
        li.debt(word, creditor=creditor, total=None)
    li.plan(rows="2026-12-04 300.00\n")
    li.plan(debt="river", rows="2026-12-04 100.00\n")
    done = li.ask("payment.split", total="40", to=["maple", "river"])
    assert [each["amount"]["amount"] for each in done["parts"]] == ["30.00", "10.00"]
    assert [each["covered"][0]["state"] for each in done["parts"]] == ["part-paid", "part-paid"]


def test_where_no_figure_says_anything_the_parts_are_equal(li: Desk) -> None:
    for word, creditor in (("MAPLE", "Alder Bank"), ("RIVER", "Birch Loans"), ("ASH", "Cedar")):
        li.debt(word, creditor=creditor, total=None)
    done = li.ask("payment.split", total="100", to=["maple", "river", "ash"])
    assert [each["amount"]["amount"] for each in done["parts"]] == ["33.34", "33.33", "33.33"]
    assert "in equal parts" in done["said"][0]


def test_undo_takes_the_whole_batch_back(three: Desk) -> None:
    three.ask("pay", debt="maple", amount="5")
    three.ask("payment.split", total="500", to=["maple=300", "river=200"])
    undone = three.ask("undo")
    assert [line for line in undone["said"] if line.startswith("Voided")] == [
        "Voided: #2, £300.00 for MAPLE; recorded as #4.",
        "Voided: #3, £200.00 for RIVER; recorded as #5.",
    ]
    assert (balance(three, "maple"), balance(three, "river")) == ("1195.00", "600.00")
    assert three.refused("undo")["exit"] == 4
    assert figures_agree(three)


def test_undo_after_a_day_leaves_the_batch(three: Desk) -> None:
    three.ask("payment.split", total="500", to=["maple=300", "river=200"])
    three.clock.forward(hours=24, seconds=1)
    assert three.refused("undo")["exit"] == 4
    assert balance(three, "river") == "400.00"


def test_a_single_part_can_be_voided(three: Desk) -> None:
    three.ask("payment.split", total="500", to=["maple=300", "river=200"])
    three.ask("payment.void", payment="2")
    assert (balance(three, "maple"), balance(three, "river")) == ("900.00", "600.00")
    assert three.refused("undo")["exit"] == 4


def test_a_likely_double_is_said_of_the_part_that_it_concerns(three: Desk) -> None:
    three.ask("pay", debt="river", amount="200")
    (warning,) = three.ask("payment.split", total="500", to=["maple=300", "river=200"])["warnings"]
    assert "river" in warning
    assert "#1" in warning
    assert "`tracker payment void 3`" in warning


def test_a_split_repeated_with_its_key_is_recorded_once(three: Desk) -> None:
    request = {"total": "500", "to": ["maple", "river"]}
    first = three.answer("payment.split", request, key="k1")
    assert first[0] == 200
    assert three.answer("payment.split", request, key="k1") == first
    assert len(listed(three)) == 2


@pytest.mark.parametrize(
    ("request_", "field", "exit_", "said"),
    [
        ({"total": "500", "to": ["maple"]}, "to", 2, "maple"),
        ({"total": "500", "to": []}, "to", 2, "to"),
        ({"total": "500", "to": ["maple", "maple"]}, "to", 2, "maple twice"),
        ({"total": "500", "to": ["maple=1", "MAPLE=499"]}, "to", 2, "maple twice"),
        ({"total": "500", "to": ["maple=300", "river"]}, "to", 2, "river"),
        ({"total": "500", "to": ["maple=300", "river=150"]}, "total", 2, "50.00 less"),
        ({"total": "500", "to": ["maple=300", "river=250"]}, "total", 2, "50.00 more"),
        ({"total": "500", "to": ["maple=500", "river=0"]}, "to", 2, "'0'"),
        ({"total": "500", "to": ["maple=3e2", "river=200"]}, "to", 2, "'3e2'"),
        ({"total": "500", "to": ["maple", "kite"]}, "to", 2, "kite in USD"),
        ({"total": "0", "to": ["maple", "river"]}, "total", 2, "'0'"),
        ({"total": "NaN", "to": ["maple", "river"]}, "total", 2, "'NaN'"),
        ({"total": "500", "to": ["maple", "birch"]}, "debt", 3, "birch"),
        ({"total": "0.01", "to": ["maple", "river"]}, "to", 2, "river"),
        ({"total": "500", "to": ["maple", "river"], "on": "tomorrow"}, "on", 2, "2026-11-25"),
        ({"total": "500", "to": ["maple", "river"], "method": "owl"}, "method", 2, "'owl'"),
        ({"total": "500", "to": ["maple", "river"], "note": "x" * 501}, "note", 2, "501"),
    ],
)
def test_a_split_that_cannot_be_meant_is_refused_and_nothing_is_recorded(
    three: Desk, request_: dict[str, Any], field: str, exit_: int, said: str
) -> None:
    error = three.refused("payment.split", **request_)
    assert (error["field"], error["exit"]) == (field, exit_)
    assert said in error["sentence"]
    assert listed(three) == []


def test_a_debt_with_nothing_open_gets_no_part(three: Desk) -> None:
    three.ask("pay", debt="river", amount="600")
    error = three.refused("payment.split", total="10", to=["maple", "river"])
    assert (error["field"], "river" in error["sentence"]) == ("to", True)
    three.debt("ASH", creditor="Dale Energy", total=None)
    error = three.refused("payment.split", total="10", to=["maple", "ash"])
    assert (error["field"], "ash" in error["sentence"]) == ("to", True)
