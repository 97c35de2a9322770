"""Projection, outlook and rates, through the registry, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.desk import Desk

TWO = "2026-12-04 500.00\n2026-12-14 800.00\n"


def amounts(told: dict[str, Any], *names: str) -> list[str]:
    return [told[name]["amount"] for name in names]


def daily(desk: Desk, **more: Any) -> None:
    """A tenth of a percent a day from today on."""
    desk.ask("debt.terms", debt="maple", rate="0.1% a day", **more)


def test_a_plan_without_terms_is_projected_to_its_own_dates_and_says_so(maple: Desk) -> None:
    maple.plan()
    told = maple.ask("plan.project", debt="maple")
    assert (told["ends_on"], told["clears_on"]) == ("2027-12-31", "2027-12-31")
    assert amounts(told, "to_pay", "interest", "fees", "left") == [
        "1200.00",
        "0.00",
        "0.00",
        "0.00",
    ]
    assert told["counted"] is False
    assert told["said"] == [
        "No terms are recorded for maple, so no interest and no fee is counted."
    ]


def test_interest_to_come_is_counted_and_the_last_payment_cut(maple: Desk) -> None:
    maple.plan(rows=TWO)
    daily(maple)
    told = maple.ask("plan.project", debt="maple")
    # Ten days on 1,200.00 are 12.00; ten on 712.00 are 7.12.
    assert amounts(told, "to_pay", "interest", "left") == ["1219.12", "19.12", "-80.88"]
    assert told["counted"] is True
    assert any("£80.88 more than will be owed" in each for each in told["said"])


def test_what_a_plan_does_not_cover_is_said(maple: Desk) -> None:
    maple.plan(rows="2026-12-04 100.00\n2026-12-14 100.00\n")
    daily(maple)
    told = maple.ask("plan.project", debt="maple")
    # 12.00, then ten days on 1,112.00.
    assert amounts(told, "to_pay", "left") == ["200.00", "1023.12"]
    assert told["clears_on"] is None
    assert "MAPLE: after the last instalment £1,023.12 would still be owed." in told["said"]


def test_payments_and_waivers_are_not_projected_again(maple: Desk) -> None:
    maple.plan()
    maple.ask("pay", debt="maple", amount="150")
    maple.ask("plan.waive", debt="maple", instalment="12", agreed_by="letter of 1 November")
    told = maple.ask("plan.project", debt="maple")
    assert amounts(told, "to_pay") == ["950.00"]
    assert told["ends_on"] == "2027-11-30"


def test_a_gap_within_the_tolerance_is_not_still_to_pay(maple: Desk) -> None:
    maple.plan(tolerance="1.00")
    maple.ask("pay", debt="maple", amount="99.50")
    assert amounts(maple.ask("plan.project", debt="maple"), "to_pay") == ["1100.00"]


def test_an_extra_payment_tells_its_saving_and_that_no_budget_is_recorded(maple: Desk) -> None:
    maple.plan(rows=TWO)
    daily(maple)
    told = maple.ask("plan.project", debt="maple", extra="200", on="2026-11-29")
    # 6.00 in five days; 1,006.00 then cost 5.03; 711.03 are left, 7.11 in ten days.
    assert amounts(told["extra"], "amount", "saves") == ["200.00", "0.98"]
    assert (told["extra"]["on"], told["extra"]["days_earlier"]) == ("2026-11-29", 0)
    assert any("essentials and a reserve; no budget is recorded" in each for each in told["said"])
    assert told["missed"] is None


def test_an_extra_payment_by_a_plan_that_sends_it_back_is_said_to_save_nothing(maple: Desk) -> None:
    maple.plan(overpay="refund")
    told = maple.ask("plan.project", debt="maple", extra="500")
    assert any("comes back and saves nothing" in each for each in told["said"])
    assert told["extra"]["ends_on"] == "2027-12-31"


def test_an_extra_payment_to_the_last_ones_ends_the_plan_earlier(maple: Desk) -> None:
    maple.plan(overpay="last")
    told = maple.ask("plan.project", debt="maple", extra="300")
    # One hundred prepays January, two hundred take the place of November and December.
    assert (told["extra"]["ends_on"], told["extra"]["days_earlier"]) == ("2027-10-31", 61)


def test_a_missed_instalment_tells_its_cost(maple: Desk) -> None:
    maple.plan(rows=TWO)
    daily(maple, late_fee="25.00", grace="3")
    told = maple.ask("plan.project", debt="maple", missed=True)
    missed = told["missed"]
    assert (missed["seq"], missed["due_on"], missed["paid_on"]) == (1, "2026-12-04", "2026-12-14")
    # Twenty days on 1,200.00 are 24.00 in the place of 19.12.
    assert amounts(missed, "interest", "fees") == ["4.88", "25.00"]


def test_what_is_late_is_counted_as_paid_today(maple: Desk) -> None:
    maple.plan(rows=TWO)
    maple.clock.forward(days=15)
    told = maple.ask("plan.project", debt="maple", missed=True)
    assert told["missed"]["seq"] == 2
    assert "What is late is counted as paid today." in told["said"]
    maple.clock.forward(days=15)
    told = maple.ask("plan.project", debt="maple", missed=True)
    assert told["missed"] is None
    assert told["ends_on"] == "2026-12-24"
    assert "No instalment is still to come." in told["said"]


def test_a_settlement_says_what_it_forgives(maple: Desk) -> None:
    maple.plan(
        total=None, count=None, start=None, kind="settlement", offered="700", pay_by="2026-12-20"
    )
    told = maple.ask("plan.project", debt="maple")
    assert amounts(told, "to_pay", "forgiven", "left") == ["700.00", "500.00", "0.00"]
    assert told["clears_on"] == "2026-12-20"


def test_a_projection_that_comes_true_is_what_the_ledger_says(maple: Desk) -> None:
    maple.plan(rows=TWO)
    daily(maple)
    told = maple.ask("plan.project", debt="maple")
    maple.clock.forward(days=10)
    maple.ask("pay", debt="maple", amount="500")
    maple.clock.forward(days=10)
    rest = maple.ask("debt.show", debt="maple")["balance"]["amount"]
    assert amounts(told, "to_pay") == [f"{500 + float(rest):.2f}"]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"extra": "0"}, "extra", "more than nothing"),
        ({"extra": "-5"}, "extra", "never negative"),
        ({"extra": "ten"}, "extra", "no number"),
        ({"on": "2026-12-01"}, "extra", "extra is missing"),
        ({"extra": "5", "on": "2026-11-23"}, "on", "cannot be before 2026-11-24"),
        ({"extra": "5", "on": "2028-01-01"}, "on", "cannot be after 2027-12-31"),
        ({"extra": "5", "on": "soon"}, "on", "not a date"),
    ],
)
def test_a_bad_what_if_is_one_sentence(
    maple: Desk, typed: dict[str, str], field: str, said: str
) -> None:
    maple.plan()
    error = maple.refused("plan.project", debt="maple", **typed)
    assert (error["field"], error["exit"]) == (field, 2)
    assert said in error["sentence"]


def test_a_debt_without_a_live_plan_has_no_projection(maple: Desk) -> None:
    error = maple.refused("plan.project", debt="maple")
    assert (error["code"], error["field"]) == ("conflict", "debt")


# The household.


def card(desk: Desk, **more: Any) -> None:
    """A debt of another money without a plan."""
    desk.debt("KITE", "Elm Bank", currency="USD", total="100.00", **more)


def test_the_outlook_sums_by_currency_and_asks_for_the_rate_that_is_missing(maple: Desk) -> None:
    maple.plan()
    card(maple)
    told = maple.ask("outlook")
    assert told["ends_on"] == "2027-12-31"
    assert [each["debt"] for each in told["plans"]] == ["maple"]
    assert [each["debt"] for each in told["unplanned"]] == ["kite"]
    gbp, usd = told["totals"]
    assert amounts(gbp, "to_pay", "unplanned") == ["1200.00", "0.00"]
    assert usd["unplanned"] == {"amount": "100.00", "currency": "USD"}
    assert (told["home"], told["missing"], told["rates"]) == (None, ["USD"], [])
    assert any("`tracker rate add USD RATE`" in each for each in told["said"])


def test_the_outlook_uses_the_latest_typed_rate_and_tells_its_day(maple: Desk) -> None:
    maple.plan()
    card(maple)
    maple.ask("rate.add", base="USD", rate="0.9", on="2026-11-23")
    maple.ask("rate.add", base="USD", rate="0.7955", on="2026-11-24")
    maple.ask("rate.add", base="USD", rate="0.5", on="2026-11-01")
    told = maple.ask("outlook")
    assert amounts(told["home"], "to_pay", "unplanned") == ["1200.00", "79.55"]
    assert [(each["rate"], each["on"]) for each in told["rates"]] == [("0.7955", "2026-11-24")]
    assert told["missing"] == []


def test_a_rate_typed_the_other_way_round_serves_as_well(maple: Desk) -> None:
    card(maple)
    maple.ask("rate.add", base="GBP", rate="1.25", to="USD")
    assert amounts(maple.ask("outlook")["home"], "unplanned") == ["1280.00"]


def test_waiting_for_a_month_costs_what_the_terms_say(maple: Desk) -> None:
    daily(maple)
    (waits,) = maple.ask("outlook")["unplanned"]
    # Thirty days at 1.20.
    assert amounts(waits, "balance", "month") == ["1200.00", "36.00"]


def test_without_terms_the_cost_of_waiting_is_not_known_and_not_nothing(maple: Desk) -> None:
    maple.debt("LARK", "Elm Bank", currency="EUR", total=None)
    told = maple.ask("outlook")
    assert [(each["debt"], each["balance"], each["month"]) for each in told["unplanned"]] == [
        ("lark", None, None),
        ("maple", {"amount": "1200.00", "currency": "GBP"}, None),
    ]
    assert told["said"] == [
        "No statement says what is owed on lark, so it is in no total.",
        "No terms are recorded for maple, so what waiting costs is not known.",
    ]
    assert amounts(told["home"], "unplanned") == ["1200.00"]


def test_a_debt_that_is_paid_is_not_in_the_outlook(maple: Desk) -> None:
    maple.ask("pay", debt="maple", amount="1200")
    told = maple.ask("outlook")
    assert (told["plans"], told["unplanned"], told["totals"]) == ([], [], [])
    assert amounts(told["home"], "to_pay") == ["0.00"]


def test_the_outlook_tells_one_person_nothing_of_another(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana", phone="+447700900124")
    desk.of("li").debt()
    desk.of("ana").ask("rate.add", base="USD", rate="2")
    assert desk.of("ana").ask("outlook")["unplanned"] == []
    assert desk.of("li").ask("rate.list")["rates"] == []


# Rates.


def test_a_rate_is_kept_as_typed_newest_first(li: Desk) -> None:
    said = li.ask("rate.add", base="usd", rate="0.7955")["said"]
    assert said == ["Recorded: 1 USD = 0.7955 GBP, on 24 November 2026."]
    li.ask("rate.add", base="CNY", rate="0.110", to="USD", on="2026-11-01")
    assert [
        (each["base"], each["rate"], each["quote"], each["on"])
        for each in li.ask("rate.list")["rates"]
    ] == [("USD", "0.7955", "GBP", "2026-11-24"), ("CNY", "0.110", "USD", "2026-11-01")]


def test_the_same_pair_on_the_same_day_is_a_conflict_either_way_round(li: Desk) -> None:
    li.ask("rate.add", base="USD", rate="0.7955")
    for typed in ({"base": "USD", "rate": "0.8"}, {"base": "GBP", "rate": "1.3", "to": "USD"}):
        error = li.refused("rate.add", **typed)
        assert (error["code"], error["exit"]) == ("conflict", 4)
        assert "1 USD = 0.7955 GBP" in error["sentence"]
    assert len(li.ask("rate.list")["rates"]) == 1


def test_a_mistyped_rate_is_taken_back_and_typed_again(li: Desk) -> None:
    li.ask("rate.add", base="USD", rate="79.55")
    li.ask("rate.drop", base="USD")
    li.ask("rate.add", base="USD", rate="0.7955")
    assert [each["rate"] for each in li.ask("rate.list")["rates"]] == ["0.7955"]
    error = li.refused("rate.drop", base="USD", on="2026-11-01")
    assert (error["code"], error["exit"]) == ("not-found", 3)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"base": "USD", "rate": "0"}, "rate"),
        ({"base": "USD", "rate": "-1"}, "rate"),
        ({"base": "USD", "rate": "1e3"}, "rate"),
        ({"base": "USD", "rate": "1,25"}, "rate"),
        ({"base": "USD", "rate": "\uff17.1"}, "rate"),
        ({"base": "USD", "rate": "0.1234567890123"}, "rate"),
        ({"base": "XYZ", "rate": "1"}, "base"),
        ({"base": "USD", "rate": "1", "to": "pounds"}, "to"),
        ({"base": "GBP", "rate": "1"}, "to"),
        ({"base": "USD", "rate": "1", "on": "2026-11-25"}, "on"),
    ],
)
def test_a_bad_rate_is_one_sentence(li: Desk, typed: dict[str, str], field: str) -> None:
    error = li.refused("rate.add", **typed)
    assert (error["field"], error["exit"]) == (field, 2)
    assert error["sentence"].count("\n") == 0
    assert error["hint"]
    assert li.ask("rate.list")["rates"] == []
