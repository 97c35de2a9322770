"""What a creditor states, compared with the ledger until each difference is answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.test_registry import everything_stored
from tests.peers import cli
from tests.peers.cli import Household, recorded, refused
from tests.peers.desk import Desk

TERMS = {"rate": "18.25%", "from_on": "2026-01-10"}
STATED = {"on": "2026-02-10", "principal": "1000.00", "interest": "15.50", "fees": "20.00"}


@pytest.fixture
def loan(li: Desk) -> Desk:
    """1,000.00 at 18.25 % from 10 January 2026: 15.50 of interest by 10 February."""
    li.debt(as_of="2026-01-10", total="1000.00", first_missed="?")
    li.ask("debt.terms", debt="maple", **TERMS)
    return li


def amounts(money: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: each["amount"] for name, each in money.items()}


def stated(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.ask("statement.list", debt="maple")["statements"]
    return found


def states(desk: Desk) -> list[str]:
    return [each["state"] for each in stated(desk)]


def queries(desk: Desk) -> list[dict[str, Any]]:
    return [each for each in desk.ask("overview")["decide"] if each["kind"] == "query"]


def parts(desk: Desk, on: str | None = None) -> dict[str, str]:
    return amounts(desk.ask("debt.show", debt="maple", on=on)["owed"]["parts"])


def test_a_figure_is_compared_part_by_part(loan: Desk) -> None:
    made = loan.ask("statement.add", debt="maple", **STATED)
    assert (made["number"], made["state"]) == (2, "query")
    assert made["difference"]["amount"] == "20.00"
    assert amounts(made["differences"]) == {"fees": "20.00"}
    assert made["said"][2] == ("The creditor asks for £20.00 more in fees than is recorded here.")
    assert parts(loan, "2026-02-10") == {"principal": "1000.00", "interest": "15.50"}


def test_a_total_without_parts_is_compared_as_a_whole(loan: Desk) -> None:
    made = loan.ask("statement.add", debt="maple", on="2026-02-10", total="1016.00")
    assert (made["difference"]["amount"], made["differences"]) == ("0.50", {})
    assert made["principal"] is None
    agreed = loan.ask("statement.add", debt="maple", on="2026-02-10", total="1015.50")
    assert (agreed["state"], agreed["difference"]["amount"]) == ("agrees", "0.00")
    assert states(loan) == ["opening", "query", "agrees"]


def test_a_difference_is_explained_as_far_as_it_can_be(loan: Desk) -> None:
    loan.ask("pay", debt="maple", amount="100", on="2026-02-08")
    made = loan.ask(
        "statement.add", debt="maple", on="2026-02-10", principal="1000", interest="15.50"
    )
    assert [each["sentence"] for each in made["reasons"]] == [
        "The creditor has not booked the payment of £100.00 on 8 February 2026 yet."
    ]
    assert made["reasons"][0]["sentence"] in made["said"]
    assert made["reasons"][0]["amount"] == made["difference"]
    other = loan.ask("statement.add", debt="maple", on="2026-02-10", total="5000.00")
    assert [each["open"] for each in other["reasons"]] == [False, True]
    assert "states a total without its parts" in other["reasons"][0]["sentence"]


def test_a_payment_that_is_only_scheduled_here_may_explain_it(loan: Desk) -> None:
    loan.ask("pay", debt="maple", amount="100", scheduled="2026-11-25")
    loan.clock.forward(days=2)
    made = loan.ask(
        "statement.add", debt="maple", on="2026-11-25", principal="1000", interest="59.50"
    )
    assert [each["sentence"] for each in made["reasons"]] == [
        "The creditor has booked the payment of £100.00 on 25 November 2026, only scheduled here."
    ]


def test_costs_are_a_part_like_the_others(loan: Desk) -> None:
    made = loan.ask("statement.add", debt="maple", **STATED, costs="85.00", total="1120.50")
    assert made["costs"]["amount"] == "85.00"
    assert amounts(made["differences"]) == {"fees": "20.00", "costs": "85.00"}
    error = loan.refused("statement.add", debt="maple", principal="1", costs="1", total="1")
    assert (error["field"], error["exit"]) == ("total", 2)


def test_parts_that_differ_under_the_same_total_are_a_query_too(loan: Desk) -> None:
    made = loan.ask(
        "statement.add", debt="maple", on="2026-02-10", principal="1010.50", fees="5.00"
    )
    assert (made["difference"]["amount"], made["state"]) == ("0.00", "query")
    assert amounts(made["differences"]) == {
        "principal": "10.50",
        "interest": "-15.50",
        "fees": "5.00",
    }
    assert "parts differ" in made["said"][1]
    assert "parts of the figure of 10 February 2026" in queries(loan)[0]["sentence"]


def test_an_open_query_is_to_decide_until_it_is_settled(loan: Desk) -> None:
    assert queries(loan) == []
    loan.ask("statement.add", debt="maple", **STATED)
    assert queries(loan) == [
        {
            "kind": "query",
            "sentence": "MAPLE: the figure of 10 February 2026 differs from the tracker's own by "
            "£20.00; ask why.",
            "command": "tracker statement settle maple --statement 2 --how TEXT",
            "payment": None,
            "claim": None,
            "debt": "maple",
        }
    ]
    made = loan.ask("statement.settle", debt="maple", how="their error, letter of 3 March")
    assert (made["state"], made["settled_how"]) == ("settled", "their error, letter of 3 March")
    assert made["difference"]["amount"] == "20.00"
    assert queries(loan) == []
    assert loan.ask("debt.charges", debt="maple")["charges"] == []


def test_an_adjustment_for_each_part_brings_the_ledger_to_the_figure(loan: Desk) -> None:
    loan.ask("pay", debt="maple", amount="100", on="2026-02-10")
    stated_parts = {"principal": "950.00", "interest": "3.00", "fees": "20.00", "costs": "9.00"}
    loan.ask("statement.add", debt="maple", on="2026-02-10", **stated_parts)
    made = loan.ask("statement.settle", debt="maple", how="agreed by phone", adjust=True)
    assert (made["difference"]["amount"], made["differences"]) == ("0.00", {})
    assert parts(loan, "2026-02-10") == stated_parts
    charges = loan.ask("debt.charges", debt="maple")["charges"]
    assert [(each["component"], each["amount"]["amount"]) for each in charges] == [
        ("principal", "34.50"),
        ("interest", "3.00"),
        ("fees", "20.00"),
        ("costs", "9.00"),
    ]
    assert {(each["on"], each["settles"], each["note"], each["reason"]) for each in charges} == {
        ("2026-02-10", "2026-02-10", "agreed by phone", "adjustment")
    }
    # From there on interest runs on the principal that was agreed.
    assert parts(loan, "2026-02-20")["interest"] == "7.75"


def test_an_adjustment_stands_at_the_end_of_its_day(loan: Desk) -> None:
    """A payment of that day must not eat the fee that the creditor's figure still has."""
    loan.ask("pay", debt="maple", amount="15.50", on="2026-02-10")
    loan.ask("statement.add", debt="maple", on="2026-02-10", principal="1000.00", fees="20.00")
    loan.ask("statement.settle", debt="maple", how="agreed", adjust=True)
    assert parts(loan, "2026-02-10") == {"principal": "1000.00", "fees": "20.00"}


def test_a_total_is_adjusted_on_the_principal_or_the_part_that_is_named(loan: Desk) -> None:
    loan.ask("statement.add", debt="maple", on="2026-02-10", total="1035.50")
    loan.ask("statement.settle", debt="maple", how="late fee", adjust=True, component="fees")
    assert parts(loan, "2026-02-10")["fees"] == "20.00"
    loan.ask("statement.add", debt="maple", on="2026-02-11", total="1000.00")
    loan.ask("statement.settle", debt="maple", how="goodwill", adjust=True)
    assert parts(loan, "2026-02-11") == {
        "principal": "964.00",
        "interest": "16.00",
        "fees": "20.00",
    }


def test_a_figure_of_an_overpaid_debt_takes_the_credit_into_account(loan: Desk) -> None:
    loan.ask("pay", debt="maple", amount="1065.50", on="2026-02-10")
    made = loan.ask("statement.add", debt="maple", on="2026-02-10", principal="10.00", interest="0")
    assert (made["difference"]["amount"], amounts(made["differences"])) == (
        "60.00",
        {"principal": "10.00"},
    )
    made = loan.ask("statement.settle", debt="maple", how="agreed", adjust=True)
    assert (made["difference"]["amount"], made["differences"]) == ("0.00", {})
    assert parts(loan, "2026-02-10") == {"principal": "10.00"}


def test_a_dropped_adjustment_opens_the_query_again(loan: Desk) -> None:
    loan.ask("statement.add", debt="maple", **STATED, costs="85.00")
    loan.ask("statement.settle", debt="maple", how="agreed", adjust=True)
    number = loan.ask("debt.charges", debt="maple")["charges"][1]["number"]
    dropped = loan.ask("debt.charge-drop", charge=str(number))
    assert dropped["charges"] == []
    assert "a query again" in dropped["said"][0]
    assert states(loan) == ["opening", "query"]
    assert len(queries(loan)) == 1


def test_a_payment_after_the_figure_of_the_same_day_is_no_difference(loan: Desk) -> None:
    loan.ask("statement.add", debt="maple", total="1159.00")
    loan.clock.forward(minutes=1)
    loan.ask("pay", debt="maple", amount="159")
    assert states(loan) == ["opening", "agrees"]


def test_naming_the_parts_later_ends_the_mark_of_the_opening(loan: Desk) -> None:
    def unsplit() -> bool:
        found: bool = loan.ask("debt.show", debt="maple")["owed"]["unsplit"]
        return found

    loan.ask("statement.add", debt="maple", on="2026-01-10", principal="900.00", fees="100.00")
    assert unsplit()
    loan.ask("statement.settle", debt="maple", how="the letter has the parts", adjust=True)
    assert not unsplit()
    assert parts(loan, "2026-01-10") == {"principal": "900.00", "fees": "100.00"}


def test_a_figure_older_than_the_ledger_is_refused_with_the_way_to_correct_it(loan: Desk) -> None:
    before = everything_stored(loan.office.database)
    error = loan.refused("statement.add", debt="maple", on="2026-01-09", total="980.00")
    assert (error["field"], error["exit"]) == ("on", 2)
    assert "2026-01-10" in error["sentence"]
    assert "`tracker statement settle maple --adjust --how TEXT`" in error["hint"]
    assert everything_stored(loan.office.database) == before
    # The way that the hint says.
    loan.ask("statement.add", debt="maple", on="2026-01-10", total="980.00")
    loan.ask("statement.settle", debt="maple", how="read wrongly", adjust=True)
    assert parts(loan, "2026-01-10") == {"principal": "980.00"}


@pytest.mark.parametrize(
    ("typed", "field", "code"),
    [
        ({}, "how", 2),
        ({"how": " "}, "how", 2),
        ({"how": "x", "statement": "first"}, "statement", 2),
        ({"how": "x", "statement": "9"}, "statement", 3),
        ({"how": "x", "statement": "1"}, "statement", 4),
        ({"how": "x", "component": "fees"}, "component", 2),
        ({"how": "x", "component": "fees", "adjust": True}, "component", 2),
    ],
)
def test_a_settlement_that_cannot_be_meant_is_refused_and_changes_nothing(
    loan: Desk, typed: dict[str, Any], field: str, code: int
) -> None:
    loan.ask("statement.add", debt="maple", **STATED)
    before = everything_stored(loan.office.database)
    error = loan.refused("statement.settle", debt="maple", **typed)
    assert (error["field"], error["exit"]) == (field, code)
    assert error["hint"]
    assert everything_stored(loan.office.database) == before


def test_only_an_open_query_is_settled_and_each_once(loan: Desk) -> None:
    assert loan.refused("statement.settle", debt="maple", how="x")["exit"] == 4
    loan.ask("statement.add", debt="maple", on="2026-02-10", total="1015.50")
    assert (
        "agrees"
        in loan.refused("statement.settle", debt="maple", how="x", statement="2")["sentence"]
    )
    loan.ask("statement.add", debt="maple", **STATED)
    loan.ask("statement.add", debt="maple", on="2026-03-10", total="1.00")
    error = loan.refused("statement.settle", debt="maple", how="x")
    assert "#3, #4" in error["sentence"]
    loan.ask("statement.settle", debt="maple", how="x", statement="#3")
    assert (
        "already"
        in loan.refused("statement.settle", debt="maple", how="x", statement="3")["sentence"]
    )
    assert states(loan) == ["opening", "agrees", "settled", "query"]


def test_a_number_stays_with_its_statement(loan: Desk) -> None:
    loan.ask("statement.add", debt="maple", on="2026-03-10", total="1.00")
    loan.ask("statement.add", debt="maple", on="2026-02-10", total="2.00")
    assert [(each["number"], each["on"]) for each in stated(loan)] == [
        (1, "2026-01-10"),
        (3, "2026-02-10"),
        (2, "2026-03-10"),
    ]


def test_the_creditors_split_of_a_payment_stands_beside_the_estimate(loan: Desk) -> None:
    loan.ask("pay", debt="maple", amount="100", on="2026-02-10")
    loan.ask("payment.stated", payment="1", principal="90.00", interest="10.00")
    line = loan.ask("ledger.show", debt="maple", on="2026-02-10")["entries"][-1]
    assert amounts(line["parts"]) == {"principal": "-84.50", "interest": "-15.50"}
    assert amounts(line["stated"]) == {"principal": "90.00", "interest": "10.00"}
    assert line["detail"] == "the creditor's own split: principal £90.00, interest £10.00"
    loan.ask("debt.order", debt="maple", order="as-stated")
    line = loan.ask("ledger.show", debt="maple", on="2026-02-10")["entries"][-1]
    assert amounts(line["parts"]) == {"principal": "-90.00", "interest": "-10.00"}


# At the command line.


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return cli.household(tmp_path_factory.mktemp("statements") / "home", "en_GB")


def test_a_query_from_the_letter_to_its_answer(typed: Household) -> None:
    recorded(typed, "statement", "add", "maple", "--principal", "1450", "--costs", "85.00")
    listed = typed.type("statement", "list", "maple").out
    assert "85.00 GBP  query" in listed
    assert "tracker statement settle maple --statement 2 --how TEXT" in typed.type().out
    refused(typed, "statement", "settle", "maple", code=2, names=("how",))
    recorded(typed, "statement", "settle", "maple", "--how", "court fee", "--adjust")
    listed = typed.type("statement", "list", "maple").out
    assert "0.00 GBP  settled  court fee" in listed
    assert "1,535.00 GBP" in typed.type("debt", "list").out
