"""Paid in another money, and split by the creditor's own word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.desk import Desk


def listed(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.ask("payment.list")["payments"]
    return found


def balance(desk: Desk) -> str:
    return str(desk.ask("ledger.show", debt="maple")["balance"]["amount"])


# Sent in another money.


def test_the_rate_is_a_fact_and_makes_the_amount(maple: Desk) -> None:
    receipt = maple.ask("pay", debt="maple", sent="100 USD", rate="0.791")
    assert receipt["amount"] == {"amount": "79.10", "currency": "GBP"}
    assert "Sent: US$100.00, at 0.791 GBP for 1 USD." in receipt["said"]
    (shown,) = listed(maple)
    assert (shown["sent"], shown["rate"]) == ({"amount": "100.00", "currency": "USD"}, "0.791")
    assert balance(maple) == "1120.90"


def test_half_a_minor_unit_is_rounded_up_and_yen_have_none(maple: Desk) -> None:
    assert maple.ask("pay", debt="maple", sent="JPY 1001", rate="0.005")["amount"]["amount"] == (
        "5.01"
    )


def test_an_amount_typed_as_well_stands_and_is_warned_of_when_it_is_far_off(maple: Desk) -> None:
    near = maple.ask("pay", debt="maple", amount="78.31", sent="100 USD", rate="0.791")
    assert (near["amount"]["amount"], near["warnings"]) == ("78.31", [])
    far = maple.ask("pay", debt="maple", amount="78.30", sent="100 USD", rate="0.791")
    assert far["amount"]["amount"] == "78.30"
    (warning,) = far["warnings"]
    assert "0.791" in warning
    assert "£79.10" in warning
    assert "£78.30" in warning
    assert [each["rate"] for each in listed(maple)] == ["0.791", "0.791"]


def test_an_instalment_can_be_named_and_a_scheduled_one_keeps_its_rate_when_it_went(
    maple: Desk,
) -> None:
    maple.plan(rows="2026-12-04 100.00\n2027-01-04 100.00\n")
    request = {"sent": "100 USD", "rate": "0.79", "instalment": "2"}
    maple.ask("pay", debt="maple", scheduled="2026-12-01", **request)
    maple.clock.forward(days=8)
    paid = maple.ask("payment.confirm", payment="1", went="yes")
    assert paid["covered"][0]["seq"] == 2
    assert (listed(maple)[0]["sent"]["amount"], listed(maple)[0]["rate"]) == ("100.00", "0.79")


@pytest.mark.parametrize(
    ("request_", "field", "said"),
    [
        ({"sent": "100 USD", "rate": "0"}, "rate", "'0'"),
        ({"sent": "100 USD", "rate": "NaN"}, "rate", "'NaN'"),
        ({"sent": "100 USD", "rate": "1e5"}, "rate", "'1e5'"),
        ({"sent": "100 USD", "rate": "-0.79"}, "rate", "'-0.79'"),
        ({"sent": "100 USD", "rate": "0.7900000000001"}, "rate", "'0.7900000000001'"),
        ({"sent": "100 USD", "rate": ""}, "rate", "rate"),
        ({"sent": "100 USD", "rate": "0.00001"}, "rate", "'0.00001'"),
        ({"sent": "9999999999999 USD", "rate": "99999"}, "rate", "'99999'"),
        ({"sent": "100 USD"}, "rate", "'100 USD'"),
        ({"rate": "0.79"}, "sent", "'0.79'"),
        ({"sent": "100 GBP", "rate": "1"}, "sent", "'100 GBP'"),
        ({"sent": "100", "rate": "0.79"}, "sent", "'100'"),
        ({"sent": "$100", "rate": "0.79"}, "sent", "'$100'"),
        ({"sent": "100 XXX", "rate": "0.79"}, "sent", "'XXX'"),
        ({"sent": "0 USD", "rate": "0.79"}, "sent", "'0 USD'"),
        ({"sent": "1e2 USD", "rate": "0.79"}, "sent", "'1e2 USD'"),
        ({"sent": "100.5 USD", "rate": "0.79"}, "sent", "'100.5 USD'"),
        ({"sent": "-100 USD", "rate": "0.79"}, "sent", "'-100 USD'"),
        ({"sent": "", "rate": "0.79"}, "sent", "sent"),
    ],
)
def test_a_sum_or_rate_that_cannot_be_meant_is_refused_by_field(
    maple: Desk, request_: dict[str, str], field: str, said: str
) -> None:
    error = maple.refused("pay", debt="maple", **request_)
    assert (error["field"], error["exit"]) == (field, 2)
    assert said in error["sentence"]
    assert listed(maple) == []


# Split by the creditor's own word.


def run_up_interest(desk: Desk) -> None:
    """36.5 % a year, 0.1 % a day, simple; payments go where the creditor says, if it says."""
    desk.ask("debt.terms", debt="maple", rate="36.5%", basis="act/365f")
    desk.ask("debt.order", debt="maple", order="as-stated")


@pytest.fixture
def paid(maple: Desk) -> Desk:
    """100.00 paid on 4 December, ten days into an interest of 1.20 a day."""
    run_up_interest(maple)
    maple.clock.forward(days=10)
    maple.ask("pay", debt="maple", amount="100")
    return maple


def test_what_the_creditor_says_is_kept_beside_the_trackers_own_figures(paid: Desk) -> None:
    done = paid.ask("payment.stated", payment="1", principal="95", interest="5")
    assert {name: each["amount"] for name, each in done["stated"].items()} == {
        "principal": "95.00",
        "interest": "5.00",
    }
    assert {name: each["amount"] for name, each in done["estimate"].items()} == {
        "principal": "88.00",
        "interest": "12.00",
    }
    assert done["said"] == [
        "Stated of #1: principal £95.00, interest £5.00.",
        "The tracker's own figures say: principal £88.00, interest £12.00.",
    ]
    # The policy takes the creditor's word: 7.00 more of the principal are repaid.
    paid.clock.forward(days=10)
    assert balance(paid) == "1123.05"


def test_said_again_it_takes_the_place_of_what_was_said_before(paid: Desk) -> None:
    paid.ask("payment.stated", payment="1", principal="95", interest="5")
    done = paid.ask("payment.stated", payment="1", principal="88", interest="12", fees="0")
    assert done["said"] == [
        "Stated of #1, instead of what was stated before: principal £88.00, interest £12.00.",
        "The tracker's own figures say the same.",
    ]
    paid.clock.forward(days=10)
    assert balance(paid) == "1123.12"


def test_without_a_ledger_there_is_nothing_beside_it(li: Desk) -> None:
    li.debt(total=None)
    li.ask("pay", debt="maple", amount="100")
    done = li.ask("payment.stated", payment="1", costs="100")
    assert (done["estimate"], done["said"]) == (None, ["Stated of #1: costs £100.00."])


@pytest.mark.parametrize(
    ("request_", "field", "exit_"),
    [
        ({"payment": "1", "principal": "95", "interest": "6"}, "payment", 2),
        ({"payment": "1", "principal": "99.99"}, "payment", 2),
        ({"payment": "1"}, "principal", 2),
        ({"payment": "1", "principal": "-1", "interest": "101"}, "principal", 2),
        ({"payment": "1", "interest": "ten"}, "interest", 2),
        ({"payment": "1", "principal": ""}, "principal", 2),
        ({"payment": "7", "principal": "100"}, "payment", 3),
        ({"payment": "x", "principal": "100"}, "payment", 2),
    ],
)
def test_parts_that_cannot_be_meant_are_refused(
    paid: Desk, request_: dict[str, str], field: str, exit_: int
) -> None:
    error = paid.refused("payment.stated", **request_)
    assert (error["field"], error["exit"]) == (field, exit_)
    paid.clock.forward(days=10)
    assert balance(paid) == "1123.12"


def test_a_reversal_and_a_payment_that_was_voided_are_not_split(paid: Desk) -> None:
    paid.ask("payment.void", payment="1")
    error = paid.refused("payment.stated", payment="2", principal="100")
    assert (error["field"], error["exit"], "reversal" in error["sentence"]) == ("payment", 2, True)
    assert paid.refused("payment.stated", payment="1", principal="100")["exit"] == 4
