"""Money that a creditor sends back."""

from __future__ import annotations

import pytest

from tests.integration.test_payments import figures_agree, rows, states
from tests.peers.desk import Desk

THREE = "2026-12-04 100.00\n2027-01-04 100.00\n2027-02-04 100.00\n"


@pytest.fixture
def overpaid(maple: Desk) -> Desk:
    """Everything is paid, and 30.00 too much."""
    maple.plan(rows="2026-12-04 600.00\n2027-01-04 600.00\n")
    maple.clock.forward(minutes=1)
    maple.ask("pay", debt="maple", amount="600")
    maple.ask("pay", debt="maple", amount="630")
    return maple


def balance(desk: Desk) -> str:
    return str(desk.ask("ledger.show", debt="maple")["balance"]["amount"])


def test_what_was_overpaid_can_come_back_and_no_more(overpaid: Desk) -> None:
    assert balance(overpaid) == "-30.00"
    receipt = overpaid.ask("payment.refund", debt="maple", amount="25", note="cheque came")
    assert (receipt["kind"], receipt["amount"]["amount"]) == ("refund", "25.00")
    assert receipt["said"][0] == (
        "Refund recorded as #3: £25.00 came back from MAPLE on Tue 24 Nov."
    )
    assert balance(overpaid) == "-5.00"
    assert rows(overpaid) == [("600.00", "paid"), ("600.00", "paid")]
    error = overpaid.refused("payment.refund", debt="maple", amount="5.01")
    assert (error["field"], error["exit"]) == ("amount", 4)
    assert "5.01 GBP" in error["sentence"]
    assert "5.00 GBP" in error["sentence"]
    assert "tracker bounced maple" in error["hint"]
    overpaid.ask("payment.refund", debt="maple", amount="5")
    assert (
        "nothing is overpaid"
        in overpaid.refused("payment.refund", debt="maple", amount="0.01")["sentence"]
    )
    assert balance(overpaid) == "0.00"
    assert figures_agree(overpaid)


def test_a_refund_is_listed_as_one_and_can_be_voided(overpaid: Desk) -> None:
    overpaid.ask("payment.refund", debt="maple", amount="30", method="cheque")
    shown = overpaid.ask("payment.list")["payments"][0]
    assert (shown["kind"], shown["state"], shown["method"]) == ("refund", "refund", "cheque")
    overpaid.ask("payment.void", payment="3", reason="cheque was returned")
    assert states(overpaid)[:2] == [(4, "reversal"), (3, "void")]
    assert balance(overpaid) == "-30.00"
    assert overpaid.refused("payment.void", payment="3")["exit"] == 4
    overpaid.ask("payment.refund", debt="maple", amount="30")
    overpaid.ask("undo")
    assert balance(overpaid) == "-30.00"
    assert figures_agree(overpaid)


def test_a_refund_cannot_bounce(overpaid: Desk) -> None:
    overpaid.ask("payment.refund", debt="maple", amount="30")
    error = overpaid.refused("bounced", debt="maple", payment="3")
    assert (error["field"], error["exit"]) == ("payment", 2)
    overpaid.ask("bounced", debt="maple")
    assert states(overpaid)[0] == (4, "reversal")
    assert dict(states(overpaid))[2] == "void"


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e1", "€5"])
def test_an_amount_that_cannot_be_meant_is_refused(overpaid: Desk, amount: str) -> None:
    error = overpaid.refused("payment.refund", debt="maple", amount=amount)
    assert (error["field"], error["exit"]) == ("amount", 2)
    assert len(states(overpaid)) == 2


def test_a_refund_is_not_dated_before_the_money_was_there_nor_to_come(overpaid: Desk) -> None:
    assert overpaid.refused("payment.refund", debt="maple", amount="5", on="yesterday")["exit"] == 4
    error = overpaid.refused("payment.refund", debt="maple", amount="5", on="tomorrow")
    assert (error["field"], error["exit"]) == ("on", 2)


def test_what_was_overpaid_but_is_used_up_since_cannot_come_back_before_that(
    overpaid: Desk,
) -> None:
    overpaid.clock.forward(days=1)
    overpaid.ask("payment.refund", debt="maple", amount="20")
    error = overpaid.refused("payment.refund", debt="maple", amount="11", on="2026-11-24")
    assert "10.00 GBP" in error["sentence"]


def test_without_a_ledger_the_plan_says_what_is_overpaid(li: Desk) -> None:
    li.debt(total=None)
    li.plan(rows="2026-12-04 100.00\n")
    li.ask("pay", debt="maple", amount="130")
    assert "30.00 GBP" in li.refused("payment.refund", debt="maple", amount="31")["sentence"]
    li.ask("payment.refund", debt="maple", amount="30")
    assert "nothing" in li.refused("payment.refund", debt="maple", amount="1")["sentence"]
    assert rows(li) == [("100.00", "paid")]
    assert figures_agree(li)


def test_without_ledger_and_plan_nothing_is_known_to_be_overpaid(li: Desk) -> None:
    li.debt(total=None)
    li.ask("pay", debt="maple", amount="130")
    assert li.refused("payment.refund", debt="maple", amount="1")["exit"] == 4


def test_money_sent_back_prepays_no_instalment(maple: Desk) -> None:
    """The statement owed less than the plan asks: the ledger is overpaid, the plan prepaid."""
    maple.debt("RIVER", creditor="Birch Loans", total="150.00")
    maple.plan(debt="river", rows=THREE)
    maple.clock.forward(minutes=1)
    maple.ask("pay", debt="river", amount="100")
    maple.ask("pay", debt="river", amount="100")

    def paid() -> list[tuple[str, str]]:
        plan = maple.ask("plan.show", debt="river")
        return [(row["paid"]["amount"], row["state"]) for row in plan["instalments"]]

    assert paid() == [("100.00", "paid"), ("100.00", "paid"), ("0.00", "upcoming")]
    receipt = maple.ask("payment.refund", debt="river", amount="50")
    assert paid() == [("100.00", "paid"), ("50.00", "part-paid"), ("0.00", "upcoming")]
    assert receipt["next"]["seq"] == 2
    assert receipt["next"]["amount"]["amount"] == "50.00"
    assert figures_agree(maple)
    maple.ask("payment.void", payment=str(receipt["payment"]))
    assert paid() == [("100.00", "paid"), ("100.00", "paid"), ("0.00", "upcoming")]
    assert figures_agree(maple)


def test_under_a_plan_that_sends_back_what_is_over_only_that_comes_back(maple: Desk) -> None:
    maple.plan(rows=THREE, overpay="refund")
    maple.clock.forward(days=12)
    maple.ask("pay", debt="maple", amount="230")
    # The first and the next are filled; 30.00 of 230.00 stay over.
    assert rows(maple) == [("100.00", "paid"), ("100.00", "paid"), ("0.00", "upcoming")]
    maple.ask("pay", debt="maple", amount="100", instalment="3")
    assert maple.refused("payment.refund", debt="maple", amount="31")["exit"] == 4
    maple.ask("payment.refund", debt="maple", amount="30")
    # Not the newest payment but the one that was too large gave it.
    assert rows(maple)[2] == ("100.00", "paid")
    assert balance(maple) == "900.00"
    assert figures_agree(maple)


def test_the_report_shows_what_was_kept_of_each_payment(maple: Desk) -> None:
    maple.debt("RIVER", creditor="Birch Loans", total="150.00")
    maple.plan(debt="river", rows=THREE)
    maple.clock.forward(minutes=1)
    maple.ask("pay", debt="river", amount="200")
    maple.ask("payment.refund", debt="river", amount="50")
    made = maple.ask("report.make", debt="river", period="2026", accept=True)
    with open(made["html"], encoding="utf-8") as page:
        text = page.read()
    assert "£150.00</td>" in text
    assert "£200.00</td>" not in text
