from __future__ import annotations

import random  # noqa: TID251 - with a seed
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.peers.desk import Desk

TWO = "2026-12-04 100.00\n2027-01-04 100.00\n"


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    """Two instalments of 100.00, due on 4 December and 4 January."""
    maple.plan(rows=TWO)
    maple.clock.forward(minutes=1)
    return maple


def rows(desk: Desk) -> list[tuple[str, str]]:
    plan = desk.ask("plan.show", debt="maple")
    return [(row["paid"]["amount"], row["state"]) for row in plan["instalments"]]


def states(desk: Desk) -> list[tuple[int, str]]:
    return [(each["number"], each["state"]) for each in desk.ask("payment.list")["payments"]]


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def figures_agree(desk: Desk) -> bool:
    checks = desk.ask("doctor")["checks"]
    return bool(next(check["ok"] for check in checks if check["name"] == "figures"))


def test_an_exact_payment_settles_one_instalment_and_tells_what_comes_next(agreed: Desk) -> None:
    receipt = agreed.ask("pay", debt="maple", amount="100")
    assert (receipt["amount"], receipt["on"]) == (money("100.00"), "2026-11-24")
    assert receipt["covered"] == [{"seq": 1, "amount": money("100.00"), "state": "paid"}]
    assert (receipt["seq"], receipt["count"], receipt["overpaid"]) == (1, 2, None)
    assert receipt["next"]["due_on"] == "2027-01-04"
    assert receipt["next"]["amount"] == money("100.00")
    assert rows(agreed) == [("100.00", "paid"), ("0.00", "upcoming")]
    said = " ".join(receipt["said"])
    assert "Recorded as #1: £100.00 for MAPLE on Tue 24 Nov." in said
    assert "1 of 2 is paid." in said
    assert "Next: 2 of 2, due Mon 4 Jan" in said


def test_money_that_left_before_the_agreement_counts_for_the_debt_and_not_for_the_plan(
    agreed: Desk,
) -> None:
    receipt = agreed.ask("pay", debt="maple", amount="100", on="yesterday", method="card")
    assert (receipt["on"], receipt["covered"]) == ("2026-11-23", [])
    assert any("24 November 2026" in warning for warning in receipt["warnings"])
    assert rows(agreed) == [("0.00", "upcoming"), ("0.00", "upcoming")]


def test_a_part_is_kept_as_a_part_and_says_what_is_left(agreed: Desk) -> None:
    receipt = agreed.ask("pay", debt="maple", amount="30")
    assert receipt["covered"] == [{"seq": 1, "amount": money("30.00"), "state": "part-paid"}]
    assert receipt["next"]["seq"] == 1
    assert receipt["next"]["amount"] == money("70.00")
    assert "1 of 2: part left, £70.00." in receipt["said"]
    assert rows(agreed) == [("30.00", "part-paid"), ("0.00", "upcoming")]


def test_without_an_amount_what_is_open_of_the_next_instalment_is_meant(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="30")
    assert agreed.ask("pay", debt="maple")["amount"] == money("70.00")
    assert agreed.ask("pay", debt="maple")["amount"] == money("100.00")
    error = agreed.refused("pay", debt="maple")
    assert (error["field"], error["exit"]) == ("amount", 2)


def test_more_than_an_instalment_flows_into_the_next(agreed: Desk) -> None:
    receipt = agreed.ask("pay", debt="maple", amount="150")
    assert [each["amount"]["amount"] for each in receipt["covered"]] == ["100.00", "50.00"]
    assert rows(agreed) == [("100.00", "paid"), ("50.00", "part-paid")]


def test_more_than_the_plan_asks_warns_and_is_kept_as_overpaid(agreed: Desk) -> None:
    receipt = agreed.ask("pay", debt="maple", amount="250.01")
    assert receipt["overpaid"] == money("50.01")
    assert any("50.01" in warning for warning in receipt["warnings"])
    assert "Nothing more is open in this plan." in receipt["said"]
    assert rows(agreed) == [("100.00", "paid"), ("100.00", "paid")]
    assert receipt["balance"] == money("949.99")


def test_the_same_amount_twice_on_a_day_is_kept_and_warned_of(agreed: Desk) -> None:
    assert agreed.ask("pay", debt="maple", amount="20")["warnings"] == []
    (warning,) = agreed.ask("pay", debt="maple", amount="20.00")["warnings"]
    assert "#1" in warning
    assert "tracker undo" in warning
    assert rows(agreed)[0] == ("40.00", "part-paid")
    agreed.clock.forward(days=1)
    assert agreed.ask("pay", debt="maple", amount="20")["warnings"] == []


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("amount", {"amount": "0"}),
        ("amount", {"amount": "-5"}),
        ("amount", {"amount": "1e2"}),
        ("amount", {"amount": "€5"}),
        ("method", {"amount": "5", "method": "pigeon"}),
        ("instalment", {"amount": "5", "instalment": "3"}),
        ("scheduled", {"amount": "5", "on": "today", "scheduled": "tomorrow"}),
        ("scheduled", {"amount": "5", "scheduled": "2026-11-23"}),
        ("on", {"amount": "5", "on": "2026-13-01"}),
        ("note", {"amount": "5", "note": "x" * 501}),
    ],
)
def test_a_payment_that_cannot_be_meant_is_refused_by_field(
    agreed: Desk, field: str, request_: dict[str, str]
) -> None:
    error = agreed.refused("pay", debt="maple", **request_)
    assert (error["field"], error["exit"]) == (field, 2)
    assert agreed.ask("payment.list")["payments"] == []


def test_money_that_is_still_to_leave_is_scheduled_not_recorded(agreed: Desk) -> None:
    error = agreed.refused("pay", debt="maple", amount="100", on="2026-12-01")
    assert (error["field"], error["exit"]) == ("on", 2)
    assert "--scheduled 2026-12-01" in error["hint"]
    assert agreed.ask("payment.list")["payments"] == []


def test_a_payment_may_name_its_instalment(agreed: Desk) -> None:
    receipt = agreed.ask("pay", debt="maple", instalment="2")
    assert receipt["covered"] == [{"seq": 2, "amount": money("100.00"), "state": "paid"}]
    assert rows(agreed) == [("0.00", "upcoming"), ("100.00", "paid")]
    assert receipt["next"]["seq"] == 1


def test_a_debt_without_a_plan_takes_payments_into_its_ledger(maple: Desk) -> None:
    maple.clock.forward(minutes=1)
    receipt = maple.ask("pay", debt="maple", amount="25.50")
    assert (receipt["seq"], receipt["next"], receipt["covered"]) == (None, None, [])
    assert receipt["balance"] == money("1174.50")
    assert maple.refused("pay", debt="maple", amount="5", instalment="1")["field"] == "instalment"


# Tolerance.


def test_a_gap_within_the_tolerance_is_shown_and_never_late(maple: Desk) -> None:
    maple.plan(rows=TWO, tolerance="1.00")
    receipt = maple.ask("pay", debt="maple", amount="99.50")
    assert receipt["covered"][0]["state"] == "paid"
    assert any("£0.50 is missing, within the tolerance" in said for said in receipt["said"])
    maple.clock.forward(days=20)
    assert rows(maple)[0] == ("99.50", "paid")
    assert maple.ask("overview")["late"] == []


def test_after_a_forgiven_gap_a_missing_amount_means_the_next_instalment(maple: Desk) -> None:
    maple.plan(rows=TWO, tolerance="1.00")
    maple.ask("pay", debt="maple", amount="99.50")
    receipt = maple.ask("pay", debt="maple")
    assert receipt["amount"] == money("100.00")
    assert [state for _, state in rows(maple)] == ["paid", "paid"]


def test_a_gap_above_the_tolerance_is_late(maple: Desk) -> None:
    maple.plan(rows=TWO, tolerance="1.00")
    maple.ask("pay", debt="maple", amount="98.99")
    maple.clock.forward(days=20)
    (late,) = maple.ask("overview")["late"]
    assert late["open"] == money("1.01")


# Taking back.


def test_a_void_opens_the_instalment_again_and_both_rows_stay(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="100", note="wrong account")
    voided = agreed.ask("payment.void", payment="#1", reason="typed twice")
    assert "Voided: #1" in voided["said"][0]
    assert rows(agreed)[0] == ("0.00", "upcoming")
    assert states(agreed) == [(2, "reversal"), (1, "void")]
    assert agreed.ask("ledger.show", debt="maple")["balance"] == money("1200.00")
    error = agreed.refused("payment.void", payment="1")
    assert error["exit"] == 4
    assert agreed.refused("payment.void", payment="2")["exit"] == 4
    assert agreed.refused("payment.void", payment="9")["exit"] == 3
    assert agreed.refused("payment.void", payment="x")["exit"] == 2


def test_a_bounce_gives_the_money_back_today_and_opens_the_instalment(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="100")
    agreed.clock.forward(days=3)
    receipt = agreed.ask("bounced", debt="maple", reason="refer to drawer")
    assert (receipt["kind"], receipt["on"]) == ("reversal", "2026-11-27")
    assert rows(agreed)[0] == ("0.00", "upcoming")
    assert agreed.refused("bounced", debt="maple")["exit"] == 4


def test_of_two_payments_the_one_named_bounced(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="60")
    agreed.ask("pay", debt="maple", amount="40")
    agreed.ask("bounced", debt="maple", payment="1")
    assert rows(agreed)[0] == ("40.00", "part-paid")
    assert states(agreed) == [(3, "reversal"), (2, "counts"), (1, "void")]


def test_a_payment_of_another_debt_did_not_bounce_here(agreed: Desk) -> None:
    agreed.debt("KITE", creditor="Birch Loans")
    agreed.ask("pay", debt="kite", amount="5")
    error = agreed.refused("bounced", debt="maple", payment="1")
    assert (error["field"], error["exit"]) == ("payment", 2)


def test_undo_takes_back_the_last_payment_within_a_day(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="60")
    agreed.ask("pay", debt="maple", amount="40")
    agreed.clock.forward(hours=23, minutes=59)
    agreed.ask("undo")
    assert rows(agreed)[0] == ("60.00", "part-paid")
    assert states(agreed) == [(3, "reversal"), (2, "void"), (1, "counts")]


def test_undo_does_not_reach_further_than_the_last_thing_recorded(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="60")
    agreed.ask("pay", debt="maple", amount="40")
    agreed.ask("undo")
    assert agreed.refused("undo")["exit"] == 4
    assert rows(agreed)[0] == ("60.00", "part-paid")


def test_undo_after_a_day_names_the_command_that_does_it(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="60")
    agreed.clock.forward(hours=24, seconds=1)
    error = agreed.refused("undo")
    assert (error["exit"], "tracker payment void 1" in error["hint"]) == (4, True)
    assert rows(agreed)[0] == ("60.00", "part-paid")


def test_undo_with_nothing_recorded_says_so(agreed: Desk) -> None:
    assert agreed.refused("undo")["exit"] == 4


# Scheduled.


def test_a_scheduled_payment_counts_only_once_it_is_said_that_it_went(agreed: Desk) -> None:
    receipt = agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    assert (receipt["kind"], receipt["covered"]) == ("scheduled", [])
    assert rows(agreed)[0] == ("0.00", "upcoming")
    assert agreed.ask("ledger.show", debt="maple")["balance"] == money("1200.00")
    agreed.clock.forward(days=8)
    (decision,) = [d for d in agreed.ask("overview")["decide"] if d["kind"] == "scheduled"]
    assert decision["command"] == "tracker payment confirm 1 yes"
    paid = agreed.ask("payment.confirm", payment="1", went="yes")
    assert paid["on"] == "2026-12-01"
    assert rows(agreed)[0] == ("100.00", "paid")
    assert states(agreed) == [(2, "counts"), (1, "confirmed")]
    assert agreed.refused("payment.confirm", payment="1", went="yes")["exit"] == 4
    assert agreed.refused("payment.confirm", payment="2", went="yes")["exit"] == 4


def test_a_scheduled_payment_that_did_not_go_leaves_the_instalment_open(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    agreed.clock.forward(days=8)
    agreed.ask("payment.confirm", payment="1", went="no")
    assert rows(agreed)[0] == ("0.00", "upcoming")
    assert states(agreed) == [(2, "reversal"), (1, "void")]
    assert [d for d in agreed.ask("overview")["decide"] if d["kind"] == "scheduled"] == []


def test_another_answer_than_yes_or_no_is_asked_again(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="100", scheduled="2026-12-01")
    assert agreed.refused("payment.confirm", payment="1", went="maybe")["field"] == "went"
    assert states(agreed) == [(1, "scheduled")]


def test_the_list_is_newest_first_per_debt_and_limited(agreed: Desk) -> None:
    agreed.debt("KITE", creditor="Birch Loans")
    for debt, amount in (("maple", "1"), ("kite", "2"), ("maple", "3")):
        agreed.ask("pay", debt=debt, amount=amount)
    found = agreed.ask("payment.list", debt="maple")["payments"]
    assert [(each["number"], each["amount"]["amount"]) for each in found] == [
        (3, "3.00"),
        (1, "1.00"),
    ]
    assert len(agreed.ask("payment.list", limit="2")["payments"]) == 2


# The cache.


def test_after_two_hundred_payments_and_voids_the_figures_equal_a_replay(maple: Desk) -> None:
    """Seeded: partial, exact and over, dated back and forth, naming instalments, taken back."""
    dice = random.Random(20261124)
    maple.plan(rows="".join(f"2027-{month:02}-04 100.00\n" for month in range(1, 13)))
    maple.clock.forward(days=40)
    standing: list[int] = []
    paid = 0
    for _ in range(200):
        if standing and dice.random() < 0.35:
            number = standing.pop(dice.randrange(len(standing)))
            maple.ask("payment.void", payment=str(number))
            continue
        request: dict[str, Any] = {
            "debt": "maple",
            "amount": f"{dice.choice([1, 17, 100, 250])}.{dice.randrange(100):02}",
            "on": (maple.clock.now() - timedelta(days=dice.randrange(40))).date().isoformat(),
        }
        if dice.random() < 0.3:
            request["instalment"] = str(dice.randrange(1, 13))
        standing.append(maple.ask("pay", **request)["payment"])
        paid += 1
    assert 100 < paid < 160
    assert figures_agree(maple)
    counting = [p for p in maple.ask("payment.list", limit="400")["payments"] if p["number"]]
    kept = sum(
        round(float(p["amount"]["amount"]) * 100) for p in counting if p["state"] == "counts"
    )
    plan = maple.ask("plan.show", debt="maple")
    on_rows = sum(round(float(r["paid"]["amount"]) * 100) for r in plan["instalments"])
    assert on_rows == min(kept, 120_000)
    assert len(maple.ask("payment.list", limit="400")["payments"]) == 200


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE instalment SET paid_minor = 1 WHERE seq = 2",
        "UPDATE allocation SET amount_minor = amount_minor - 1",
        "DELETE FROM allocation",
    ],
)
def test_a_figure_changed_by_hand_is_found_and_mended_by_the_next_fact(
    agreed: Desk, change: str
) -> None:
    agreed.ask("pay", debt="maple", amount="60")
    assert figures_agree(agreed)
    with agreed.office.database.engine.begin() as connection:
        assert connection.execute(text(change)).rowcount >= 1
    assert not figures_agree(agreed)
    agreed.ask("pay", debt="maple", amount="1")
    assert figures_agree(agreed)
