"""Terms, orders and charges of a debt, and what is owed on any day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.test_registry import everything_stored
from tests.peers import cli
from tests.peers.cli import Household, refused
from tests.peers.desk import Desk

OPENED = {"as_of": "2026-01-10", "total": "1000.00", "first_missed": "?"}
CARD = {"rate": "18.25%", "compounding": "none"}


@pytest.fixture
def loan(li: Desk) -> Desk:
    """1,000.00 owed on 10 January 2026; today is 24 November."""
    li.debt(**OPENED)
    return li


def owed(desk: Desk, on: str | None = None) -> Any:
    return desk.ask("debt.show", debt="maple", on=on)["owed"]


def amounts(money: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: each["amount"] for name, each in money.items()}


def waiting(desk: Desk, on: str) -> dict[str, Any]:
    return {
        each["after"]: (each["adds"]["amount"], amounts(each["parts"]))
        for each in owed(desk, on)["waiting"]
    }


def said(result: dict[str, Any]) -> str:
    return " ".join(result["said"])


# Terms.


def test_interest_runs_from_the_opening_and_can_be_derived_by_hand(loan: Desk) -> None:
    # 1,000.00 × 18.25 % × 31/365 = 15.50
    made = loan.ask("debt.terms", debt="maple", **CARD)
    assert made["terms"][0]["from_on"] == "2026-01-10"
    there = owed(loan, "2026-02-10")
    assert amounts(there["parts"]) == {"principal": "1000.00", "interest": "15.50"}
    assert there["total"]["amount"] == "1015.50"
    line = loan.ask("ledger.show", debt="maple", on="2026-02-10")["entries"][-1]
    assert line["kind"] == "interest"
    assert line["detail"] == "31 days from 10 January 2026 on £1,000.00 at 18.25% a year (act/365f)"
    assert line["computed"] == {
        "from_on": "2026-01-10",
        "days": 31,
        "base": {"amount": "1000.00", "currency": "GBP"},
        "rate": "18.25%",
        "basis": "act/365f",
    }


def test_a_card_at_a_rate_a_day_with_a_monthly_compounding(li: Desk) -> None:
    li.debt(**OPENED | {"total": "10000.00"})
    li.ask(
        "debt.terms",
        debt="maple",
        rate="0.05% a day",
        compounding="monthly",
        compounds_on="10",
    )
    # 31 days of 5.00 until 10 February, then 28 of 5.0775 on 10,155.00.
    assert owed(li, "2026-02-10")["parts"]["interest"]["amount"] == "155.00"
    assert owed(li, "2026-03-10")["parts"]["interest"]["amount"] == "297.17"


def test_the_terms_are_told_in_a_sentence_that_can_be_checked(loan: Desk) -> None:
    made = loan.ask(
        "debt.terms",
        debt="maple",
        from_on="2026-01-10",
        rate="18.25%",
        compounding="monthly",
        grace="3",
        penalty_above="50%",
        penalty_instead=True,
        late_fee_share="5%",
        late_fee_min="10.00",
        late_fee_max="50.00",
        bears="fees, costs",
        rounding="each",
    )
    assert made["terms"][0]["sentence"] == (
        "18.25% a year, act/365f, compounding monthly on the 10th, running on fees, costs too, "
        "each posting rounded for itself; 3 days of grace after a due date; penalty interest of "
        "27.375% a year (the contract rate raised by 50%) on the overdue part, in place of the "
        "contract interest; late fee 5% of the overdue part, at least £10.00, at most £50.00, "
        "for each due date missed; from 10 January 2026"
    )
    assert made["terms"][0]["sentence"] in said(made)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"rate": "0%"}, "0% a year, act/365f, not compounding"),
        ({"rate": "100 %", "basis": "30/360"}, "100% a year, 30/360"),
        ({"rate": "5000 bps"}, "50% a year"),
        ({"rate": "1.5% a month", "compounding": "daily"}, "18% a year, act/365f, compounding d"),
        (
            {"rate": "8%", "compounding": "yearly", "compounds_on": "31"},
            "first on 31 December 2026",
        ),
        ({"rate": "8%", "compounding": "quarterly"}, "first on 10 April 2026"),
        ({"late_fee": "12.00", "late_fee_every": "monthly"}, "£12.00, every month while anything"),
        ({"penalty": "24%", "penalty_on": "balance"}, "24% a year on the whole principal"),
        ({"rate": "18%", "penalty_above": "50%"}, "9% a year (50% of the contract rate)"),
    ],
)
def test_every_kind_of_terms_is_taken_and_told(
    loan: Desk, typed: dict[str, str], told: str
) -> None:
    assert told in loan.ask("debt.terms", debt="maple", **typed)["terms"][0]["sentence"]


def test_terms_are_told_in_chinese_without_english_ordinals(desk: Desk) -> None:
    desk.li(locale="zh_Hans_CN", zone="Asia/Shanghai", country="CN", currency="CNY")
    desk.debt(**OPENED | {"jurisdiction": "GB"})
    made = desk.ask("debt.terms", debt="maple", rate="18.25%", compounding="monthly")
    sentence = made["terms"][0]["sentence"]
    assert "10th" not in sentence
    assert "2026年1月10日" in sentence


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({}, "rate", "rate is missing"),
        ({"rate": "5000"}, "rate", "percent or basis points"),
        ({"rate": "5000%"}, "rate", "1,000 %"),
        ({"rate": "high"}, "rate", "cannot be read"),
        ({"rate": "-5%"}, "rate", "cannot be read"),
        ({"rate": "18%", "basis": "act/364"}, "basis", "act/364"),
        ({"rate": "18%", "compounding": "weekly"}, "compounding", "weekly"),
        ({"rate": "18%", "compounding": "monthly", "compounds_on": "32"}, "compounds_on", "31"),
        ({"rate": "18%", "compounding": "monthly", "compounds_on": "0"}, "compounds_on", "1"),
        ({"rate": "18%", "compounds_on": "5"}, "compounds_on", "nothing compounds"),
        ({"late_fee": "5.00", "compounding": "monthly"}, "compounding", "without rate"),
        ({"rate": "18%", "grace": "367"}, "grace", "366"),
        ({"rate": "18%", "grace": "-1"}, "grace", "0 to 366"),
        ({"penalty": "24%", "penalty_above": "50%", "rate": "9%"}, "penalty_above", "both"),
        ({"penalty_above": "50%", "late_fee": "5.00"}, "penalty_above", "without rate"),
        ({"rate": "9%", "penalty_on": "balance"}, "penalty_on", "without penalty"),
        ({"rate": "9%", "penalty_instead": True}, "penalty_instead", "without penalty"),
        ({"penalty": "24%", "penalty_on": "all"}, "penalty_on", "all"),
        ({"late_fee": "5.00", "late_fee_share": "5%"}, "late_fee_share", "both"),
        ({"late_fee": "5.00", "late_fee_min": "1.00"}, "late_fee_min", "without late_fee_share"),
        ({"rate": "9%", "late_fee_every": "once"}, "late_fee_every", "without late_fee"),
        ({"late_fee": "0"}, "late_fee", "more than nothing"),
        (
            {"late_fee_share": "5%", "late_fee_min": "9.00", "late_fee_max": "8.00"},
            "late_fee_max",
            "below late_fee_min",
        ),
        ({"rate": "9%", "bears": "interest"}, "bears", "compounding alone"),
        ({"rate": "9%", "bears": "fees,fines"}, "bears", "fines"),
        ({"rate": "9%", "rounding": "down"}, "rounding", "down"),
        ({"rate": "9%", "from_on": "1989-12-31"}, "from_on", "1990"),
        ({"rate": "9%", "from_on": "2032-01-01"}, "from_on", "cannot be after"),
        ({"rate": "9%", "from_on": "20260110"}, "from_on", "eight digits"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_by_field_and_change_nothing(
    loan: Desk, typed: dict[str, Any], field: str, says: str
) -> None:
    before = everything_stored(loan.office.database)
    error = loan.refused("debt.terms", debt="maple", **typed)
    assert (error["field"], error["exit"]) == (field, 2)
    assert says in error["sentence"]
    assert error["hint"]
    assert everything_stored(loan.office.database) == before


def test_5000_percent_points_to_basis_points(loan: Desk) -> None:
    assert "bps" in loan.refused("debt.terms", debt="maple", rate="5000%")["hint"]


def test_terms_from_one_day_stand_once_and_the_refusal_says_how_to_drop_them(loan: Desk) -> None:
    loan.ask("debt.terms", debt="maple", **CARD)
    error = loan.refused("debt.terms", debt="maple", rate="20%", from_on="2026-01-10")
    assert (error["field"], error["exit"]) == ("from_on", 4)
    assert "`tracker debt terms-drop maple --from 2026-01-10`" in error["hint"]
    dropped = loan.ask("debt.terms-drop", debt="maple")
    assert dropped["terms"] == []
    assert "£1,000.00" in said(dropped)
    loan.ask("debt.terms", debt="maple", rate="20%", from_on="2026-01-10")
    assert owed(loan)["terms"].startswith("20% a year")


def test_terms_change_on_their_day_and_not_before(loan: Desk) -> None:
    loan.ask("debt.terms", debt="maple", **CARD)
    loan.ask("debt.terms", debt="maple", rate="36.5%", from_on="2026-02-10")
    # 31 days of 0.50, then 10 of 1.00.
    assert owed(loan, "2026-02-20")["parts"]["interest"]["amount"] == "25.50"
    assert owed(loan, "2026-02-09")["terms"].startswith("18.25%")
    assert owed(loan, "2026-02-10")["terms"].startswith("36.5%")


def test_of_several_terms_the_one_to_drop_is_named(loan: Desk) -> None:
    loan.ask("debt.terms", debt="maple", **CARD)
    loan.ask("debt.terms", debt="maple", rate="9%", from_on="2026-06-01")
    error = loan.refused("debt.terms-drop", debt="maple")
    assert error["sentence"] == "from_on is missing; maple has terms from 2026-01-10, 2026-06-01."
    assert loan.refused("debt.terms-drop", debt="maple", from_on="2026-06-02")["exit"] == 4
    left = loan.ask("debt.terms-drop", debt="maple", from_on="2026-06-01")["terms"]
    assert [each["from_on"] for each in left] == ["2026-01-10"]


def test_the_balance_before_and_after_is_told(loan: Desk) -> None:
    # 318 days of 0.50
    made = loan.ask("debt.terms", debt="maple", **CARD)
    assert made["balance"]["amount"] == "1159.00"
    assert "now £" not in said(made)
    assert "£1,159.00" in said(made)
    assert "£1,000.00" in said(made)


# Orders.


def test_the_order_is_spelled_out_with_its_change(loan: Desk) -> None:
    made = loan.ask("debt.order", debt="maple", order="cn-card", from_on="2026-01-10")
    assert made["orders"][0]["sentence"] == (
        "interest → penalties → fees → costs → principal; from the 91st day overdue: "
        "principal → interest → penalties → fees → costs; from 10 January 2026"
    )
    assert made["orders"][0]["sentence"] in said(made)


def test_the_order_decides_which_part_a_payment_covers(loan: Desk) -> None:
    loan.ask("debt.terms", debt="maple", **CARD)
    loan.ask("debt.charge", debt="maple", component="fees", amount="20.00", on="2026-02-01")
    loan.ask("pay", debt="maple", amount="30", on="2026-02-10")
    assert amounts(owed(loan, "2026-02-10")["parts"]) == {
        "principal": "1000.00",
        "interest": "5.50",
    }
    loan.ask("debt.order", debt="maple", order="principal-first")
    assert amounts(owed(loan, "2026-02-10")["parts"]) == {
        "principal": "970.00",
        "interest": "15.50",
        "fees": "20.00",
    }
    dropped = loan.ask("debt.order-drop", debt="maple")
    assert dropped["orders"] == []
    assert owed(loan, "2026-02-10")["parts"]["principal"]["amount"] == "1000.00"


def test_the_order_of_a_late_day_is_the_changed_one(li: Desk) -> None:
    li.debt(**OPENED | {"first_missed": "2026-03-01"})
    li.ask("debt.order", debt="maple", order="cn-card")
    before, after = owed(li, "2026-05-30"), owed(li, "2026-05-31")
    assert (before["days_overdue"], before["goes_to"][0]) == (90, "interest")
    assert (after["days_overdue"], after["goes_to"][0]) == (91, "principal")


def test_days_overdue_count_from_the_first_missed_payment_before_and_after_a_default(
    li: Desk,
) -> None:
    li.debt(**OPENED | {"first_missed": "2026-03-01", "defaulted": "2026-06-15"})
    li.ask("debt.order", debt="maple", order="cn-card")
    before, after = owed(li, "2026-05-31"), owed(li, "2026-06-16")
    assert (before["days_overdue"], before["goes_to"][0]) == (91, "principal")
    assert before["overdue"] is None
    assert (after["days_overdue"], after["goes_to"][0]) == (107, "principal")
    assert after["overdue"]["amount"] == "1000.00"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"order": "mine-first"}, "order"),
        ({"order": "cn-card", "after_days": "30"}, "after_days"),
        ({"order": "costs-first", "after_days": "30"}, "then"),
        ({"order": "costs-first", "then": "principal-first"}, "then"),
        ({"order": "costs-first", "after_days": "0", "then": "principal-first"}, "after_days"),
        ({"order": "costs-first", "after_days": "90", "then": "costs-first"}, "then"),
        ({"order": "costs-first", "after_days": "90", "then": "cn-card"}, "then"),
        ({"order": "costs-first", "from_on": "2040-01-01"}, "from_on"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(
    loan: Desk, typed: dict[str, str], field: str
) -> None:
    error = loan.refused("debt.order", debt="maple", **typed)
    assert (error["field"], error["exit"]) == (field, 2)
    assert error["hint"]


def test_an_order_from_one_day_stands_once(loan: Desk) -> None:
    loan.ask("debt.order", debt="maple", order="costs-first")
    error = loan.refused("debt.order", debt="maple", order="fees-first", from_on="2026-01-10")
    assert error["exit"] == 4
    assert "`tracker debt order-drop maple --from 2026-01-10`" in error["hint"]


# Charges and waivers.


def test_a_charge_and_a_waiver_change_their_part_from_their_day(loan: Desk) -> None:
    made = loan.ask(
        "debt.charge",
        debt="maple",
        component="costs",
        amount="85.00",
        on="2026-03-02",
        note="court",
    )
    assert made["charges"][0]["reason"] == "charge"
    assert made["balance"]["amount"] == "1085.00"
    assert "parts" in owed(loan, "2026-03-01")
    assert "costs" not in owed(loan, "2026-03-01")["parts"]
    assert owed(loan, "2026-03-02")["parts"]["costs"]["amount"] == "85.00"
    loan.ask("debt.waiver", debt="maple", component="costs", amount="all", on="2026-04-01")
    assert "costs" not in owed(loan, "2026-04-01")["parts"]
    loan.ask("debt.waiver", debt="maple", amount="100.00", on="2026-05-01")
    made = loan.ask("debt.waiver", debt="maple", amount="all", on="2026-06-01")
    assert made["balance"]["amount"] == "0.00"
    assert [each["amount"] and each["amount"]["amount"] for each in made["charges"]] == [
        "85.00",
        "-85.00",
        "-100.00",
        None,
    ]


def test_a_dropped_charge_leaves_the_ledger_as_it_was(loan: Desk) -> None:
    before = loan.ask("ledger.show", debt="maple")
    made = loan.ask("debt.charge", debt="maple", component="fees", amount="20.00")
    number = str(made["charges"][0]["number"])
    loan.ask("debt.charge-drop", charge=f"#{number}")
    assert loan.ask("ledger.show", debt="maple") == before
    error = loan.refused("debt.charge-drop", charge=number)
    assert error["exit"] == 4
    assert loan.ask("debt.charges", debt="maple")["charges"] == []


@pytest.mark.parametrize(
    ("action", "typed", "field"),
    [
        ("charge", {"component": "fines", "amount": "5.00"}, "component"),
        ("charge", {"component": "fees", "amount": "0"}, "amount"),
        ("charge", {"component": "fees", "amount": "-5"}, "amount"),
        ("charge", {"component": "fees", "amount": "1e3"}, "amount"),
        ("charge", {"component": "fees", "amount": "5.00", "on": "2026-01-09"}, "on"),
        ("charge", {"component": "fees", "amount": "5.00", "on": "2026-11-25"}, "on"),
        ("waiver", {"component": "fees", "amount": "5.00"}, "amount"),
        ("waiver", {"component": "fees", "amount": "all"}, "amount"),
        ("waiver", {"amount": "1000.01"}, "amount"),
        ("waiver", {}, "amount"),
        ("waiver", {"amount": "5.00", "on": "2026-01-09"}, "on"),
        ("charge-drop", {"charge": "first"}, "charge"),
    ],
)
def test_a_charge_that_cannot_be_meant_is_refused_and_changes_nothing(
    loan: Desk, action: str, typed: dict[str, str], field: str
) -> None:
    before = everything_stored(loan.office.database)
    debt = {} if action == "charge-drop" else {"debt": "maple"}
    error = loan.refused(f"debt.{action}", **debt, **typed)
    assert (error["field"], error["exit"]) == (field, 2)
    assert error["hint"]
    assert everything_stored(loan.office.database) == before


def test_a_charge_needs_a_ledger_and_belongs_to_its_person(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    li, ana = desk.of("li"), desk.of("ana")
    li.debt(total=None)
    assert li.refused("debt.charge", debt="maple", component="fees", amount="5.00")["exit"] == 4
    li.debt("KITE", creditor="Birch Loans")
    made = li.ask("debt.charge", debt="kite", component="fees", amount="5.00")
    number = str(made["charges"][0]["number"])
    assert ana.refused("debt.charge-drop", charge=number)["exit"] == 3
    assert len(li.ask("debt.charges", debt="kite")["charges"]) == 1


# What is owed.


def test_waiting_shows_what_a_day_a_week_and_a_month_add(li: Desk) -> None:
    li.debt(**OPENED | {"first_missed": "2026-03-01"})
    li.ask("debt.terms", debt="maple", rate="18.25%", late_fee_share="5%", late_fee_min="10.00")
    # 0.50 a day; on 2 March 5 % of 1,000.00 and 25.50 of interest come on top.
    assert waiting(li, "2026-02-10") == {
        "day": ("0.50", {"interest": "0.50"}),
        "week": ("3.50", {"interest": "3.50"}),
        "month": ("65.28", {"interest": "14.00", "fees": "51.28"}),
    }
    assert owed(li, "2026-03-01")["days_overdue"] == 0
    late = owed(li, "2026-03-11")
    assert (late["days_overdue"], late["overdue"]["amount"]) == (10, "1081.28")
    line = li.ask("ledger.show", debt="maple", on="2026-03-02")["entries"][-1]
    assert (line["kind"], line["overdue"]["amount"]) == ("late-fee", "1025.50")
    assert line["detail"] == "on £1,025.50 overdue"


def test_waiting_does_not_count_what_was_paid_afterwards(loan: Desk) -> None:
    loan.ask("debt.terms", debt="maple", **CARD)
    loan.ask("pay", debt="maple", amount="500", on="2026-02-11")
    loan.ask("pay", debt="maple", amount="5", on="2026-02-10")
    loan.ask("bounced", debt="maple", payment="2")
    loan.ask("debt.charge", debt="maple", component="fees", amount="20.00", on="2026-02-12")
    # 1,000.00 of principal at 0.50 a day, whatever came after.
    assert waiting(loan, "2026-02-10")["week"] == ("3.50", {"interest": "3.50"})
    # 511.00 at 0.2555 a day: 0.26 by the 12th, 2.04 by the 19th.
    assert waiting(loan, "2026-02-12")["week"] == ("1.78", {"interest": "1.78"})


def test_overdue_is_told_without_any_terms(maple: Desk) -> None:
    maple.plan()
    late = owed(maple, "2027-02-10")
    assert (late["overdue"]["amount"], late["days_overdue"]) == ("100.00", 10)
    assert late["terms"] is None
    assert "costs → fees → interest → penalties → principal" in late["order"]


def test_before_the_opening_nothing_is_known(loan: Desk) -> None:
    there = owed(loan, "2026-01-09")
    assert (there["known"], there["total"], there["waiting"]) == (False, None, [])
    assert there["notes"] == [
        "Nothing is known of 9 January 2026: the ledger opens on 10 January 2026."
    ]
    ledger = loan.ask("ledger.show", debt="maple", on="2026-01-09")
    assert (ledger["entries"], ledger["said"]) == ([], there["notes"])
    assert loan.ask("debt.show", debt="maple")["balance"]["amount"] == "1000.00"


def test_a_debt_without_a_statement_says_so(li: Desk) -> None:
    li.debt(total=None)
    there = owed(li)
    assert there["known"] is False
    assert "tracker statement add" in there["notes"][0]


def test_an_opening_without_parts_is_marked_so(li: Desk) -> None:
    li.debt(**OPENED)
    assert owed(li)["unsplit"] is True
    assert "until the creditor names the parts" in owed(li)["notes"][0]
    li.debt(
        "KITE",
        creditor="Birch Loans",
        total=None,
        principal="900.00",
        interest="60.00",
        costs="40.00",
    )
    there = li.ask("debt.show", debt="kite")["owed"]
    assert (there["unsplit"], there["notes"]) == (False, [])
    assert amounts(there["parts"]) == {
        "principal": "900.00",
        "interest": "60.00",
        "costs": "40.00",
    }


def test_overpaid_money_is_told_apart(loan: Desk) -> None:
    loan.ask("pay", debt="maple", amount="1100", on="2026-02-01")
    there = owed(loan)
    assert (there["total"]["amount"], there["overpaid"]["amount"]) == ("0.00", "100.00")


# At the command line.


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Household:
    made = cli.household(tmp_path_factory.mktemp("claims") / "home", "en_GB")
    for args in (
        ("terms", "maple", "--rate", "18.25%", "--late-fee", "12.00"),
        ("order", "maple", "cn-card"),
        ("charge", "maple", "costs", "85.00", "--on", "2026-11-20"),
        ("waiver", "maple", "costs", "5.00", "--on", "2026-11-21"),
        ("waiver", "maple", "10.00", "--on", "2026-11-22"),
    ):
        done = made.type("debt", *args)
        assert done.code == 0, done
    return made


def test_the_figures_of_a_day_are_a_table(typed: Household) -> None:
    done = typed.type("debt", "show", "maple", "--on", "2026-12-01")
    assert done.code == 0, done
    shown = done.out[done.out.index("Owed on") :].splitlines()
    assert shown[0] == "Owed on 2026-12-01, in GBP"
    assert shown[1].split("  ")[0] == "Part"
    assert shown[2].split() == ["Principal", "1,450.00"]
    assert "from the 91st day overdue" in done.out


def test_the_ledger_has_a_column_only_for_parts_that_any_line_uses(typed: Household) -> None:
    done = typed.type("ledger", "show", "maple")
    heading = done.out.splitlines()[0].split()
    assert [each for each in ("Principal", "Interest", "Costs") if each in heading] == [
        "Principal",
        "Interest",
        "Costs",
    ]
    assert "Fees" not in heading
    assert "19 days from 1 November 2026 on £1,450.00 at 18.25% a year (act/365f)" in done.out


def test_what_is_typed_wrongly_is_one_sentence(typed: Household) -> None:
    refused(typed, "debt", "terms", "maple", "--rate", "5000", code=2, names=("rate", "5000"))
    refused(typed, "debt", "order", "maple", "mine", code=2, names=("order", "mine"))
    refused(typed, "debt", "charge", "maple", "fees", "1e3", code=2, names=("amount", "1e3"))
    refused(typed, "debt", "waiver", "maple", code=2, names=("amount",))
    refused(typed, "debt", "show", "maple", "--on", "01/02/2026", code=2, names=("on",))


def test_charges_are_listed_as_json_too(typed: Household) -> None:
    done = typed.type("debt", "charges", "maple", "--json")
    assert done.code == 0
    assert '"reason": "waiver"' in done.out
