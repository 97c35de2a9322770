"""Every kind of plan as it is agreed: its rows, the rule that is printed, what is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlmodel import col, select

from tests.integration.test_registry import everything_stored
from tests.peers.desk import Desk
from tracker.store.plans import PlanVersionRow

START = "2027-01-31"
MOST = "10000000000000.00"


def agree(desk: Desk, **request: Any) -> Any:
    rule = {} if "rows" in request or "pay_by" in request else {"start": START}
    return desk.ask("plan.agree", **{"debt": "maple", **rule, **request})


def revise(desk: Desk, **request: Any) -> Any:
    return agree(desk, revise="hours were cut", agreed_by="call of 24 November", **request)


def amounts(plan: Any) -> list[str]:
    return [row["amount"]["amount"] for row in plan["instalments"]]


def dues(plan: Any) -> list[str]:
    return [row["due_on"] for row in plan["instalments"]]


def minor(figure: str) -> int:
    return int(figure.replace(".", ""))


def stored(desk: Desk) -> PlanVersionRow:
    """The version written last."""
    with desk.office.database.read() as session:
        newest = select(PlanVersionRow).order_by(col(PlanVersionRow.id).desc()).limit(1)
        return session.exec(newest).one()


def balance(desk: Desk, on: str | None = None) -> str:
    figure: str = desk.ask("ledger.show", debt="maple", on=on)["balance"]["amount"]
    return figure


def lines(desk: Desk, kind: str) -> list[tuple[str, str]]:
    entries = desk.ask("ledger.show", debt="maple")["entries"]
    return [(each["on"], each["amount"]["amount"]) for each in entries if each["kind"] == kind]


def move_to(desk: Desk, day: str) -> None:
    on = date.fromisoformat(day)
    desk.clock.at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


def with_terms(desk: Desk, rate: str = "24%") -> Desk:
    """A contract whose interest runs on the balance from the opening on."""
    desk.ask("debt.terms", debt="maple", rate=rate, basis="act/365f", compounding="none")
    return desk


# The rows, the rule, and what is kept.

EQUAL = "monthly from 31 January 2027: equal parts, the last takes what does not divide."
KINDS: list[tuple[dict[str, str], list[str], str, dict[str, Any]]] = [
    (
        {"count": "7", "remainder": "spread"},
        ["171.43"] * 6 + ["171.42"],
        "7 × monthly from 31 January 2027: equal parts, the first ones take one unit more.",
        {"kind": "equal", "interest": "contract", "every": "monthly"},
    ),
    (
        {"count": "3", "amount": "100", "last": "50"},
        ["100.00", "100.00", "50.00"],
        f"3 × {EQUAL}",
        {"kind": "equal", "total_minor": 25000},
    ),
    (
        {"amount": "500", "every": "quarterly"},
        ["500.00", "500.00", "200.00"],
        "3 × quarterly from 31 January 2027: £500.00 each, the last takes the rest.",
        {"kind": "amount", "every": "quarterly"},
    ),
    (
        {"count": "4", "balloon": "500"},
        ["233.33", "233.33", "233.34", "500.00"],
        (
            "4 × monthly from 31 January 2027: equal parts, the last but one takes what does not "
            "divide; the last is £500.00."
        ),
        {"kind": "balloon", "every": "monthly"},
    ),
    (
        {"count": "4", "first": "150", "step": "100"},
        ["150.00", "250.00", "350.00", "450.00"],
        (
            "4 × monthly from 31 January 2027: £150.00 at first, £100.00 more each time, 1 of each "
            "amount; the last takes the rest."
        ),
        {"kind": "step-up"},
    ),
    (
        {"count": "5", "first": "200", "step": "12.5%", "step_every": "2", "total": "1100"},
        ["200.00", "200.00", "225.00", "225.00", "250.00"],
        (
            "5 × monthly from 31 January 2027: £200.00 at first, 12.5% more each time, rounded "
            "half up, 2 of each amount; the last takes the rest."
        ),
        {"kind": "step-up"},
    ),
    (
        {"count": "6", "months": "3:0, 4:2"},
        ["200.00", "200.00", "400.00", "200.00", "200.00"],
        (
            "5 instalments from 31 January 2027, monthly in the months 1:1, 2:1, 3:0, 4:2, 5:1, "
            "6:1, 7:1, 8:1, 9:1, 10:1, 11:1, 12:1: in proportion to the weight of the month; "
            "units left over go where most was rounded off."
        ),
        {"kind": "seasonal"},
    ),
    (
        {"offered": "500", "pay_by": "2027-03-31"},
        ["500.00"],
        (
            "£500.00 by 31 March 2027 settles £1,200.00; £700.00 is forgiven. Interest and charges "
            "are frozen while it is kept."
        ),
        {"kind": "settlement", "interest": "frozen", "forgiven_minor": 70000, "every": None},
    ),
    (
        {"count": "3", "offered": "500", "pay_by": "2027-03-31", "start": START},
        ["166.66", "166.66", "166.68"],
        (
            "£500.00 in 3 equal parts by 31 March 2027 settles £1,200.00, the last takes what does "
            "not divide; £700.00 is forgiven. Interest and charges are frozen while it is kept."
        ),
        {"kind": "settlement", "forgiven_minor": 70000, "every": "monthly"},
    ),
    (
        {"count": "3", "amount": "5", "review": "2027-04-15"},
        ["5.00", "5.00", "5.00"],
        (
            "3 × monthly from 31 January 2027: £5.00 each; £1,185.00 stays owed. It is looked at "
            "again on 15 April 2027."
        ),
        {"kind": "token", "review_on": date(2027, 4, 15)},
    ),
    (
        {"count": "3", "interest": "frozen"},
        ["400.00", "400.00", "400.00"],
        f"3 × {EQUAL} Interest and charges are frozen while it is kept.",
        {"kind": "equal", "interest": "frozen", "rate_ppb": None},
    ),
    (
        {"count": "3", "kind": "equal", "interest": "rate", "rate": "0.01% a day"},
        ["400.00", "400.00", "400.00"],
        f"3 × {EQUAL} While it is kept, interest runs at 0.01% a day (monthly).",
        {"interest": "rate", "rate_ppb": 100_000, "rate_per": "day", "basis": "monthly"},
    ),
    (
        {"count": "4", "every": "twice-monthly", "start": "2027-01-20"},
        ["300.00"] * 4,
        "4 × twice-monthly from 20 January 2027: equal parts, the last takes what does not divide.",
        {"every": "twice-monthly", "second_day": 5},
    ),
    (
        {"rows": "2027-01-31 100\n2027-03-31 200.50\n", "interest": "frozen"},
        ["100.00", "200.50"],
        (
            "Dates and amounts as listed in the agreement. Interest and charges are frozen while "
            "it is kept."
        ),
        {"kind": "list", "interest": "frozen", "every": None, "total_minor": 30050},
    ),
]


@pytest.mark.parametrize(("typed", "rows", "rule", "kept"), KINDS)
def test_each_kind_has_its_rows_prints_its_rule_and_is_kept_as_it_was_said(
    maple: Desk, typed: dict[str, str], rows: list[str], rule: str, kept: dict[str, Any]
) -> None:
    plan = agree(maple, **typed)
    assert amounts(plan) == rows
    assert minor(plan["total"]["amount"]) == sum(map(minor, rows))
    assert plan["rule"] == rule
    assert rule in plan["said"]
    version = stored(maple)
    assert {name: getattr(version, name) for name in kept} == kept
    assert version.total_minor == sum(map(minor, rows))
    assert maple.ask("plan.show", debt="maple")["instalments"] == plan["instalments"]


@pytest.mark.parametrize(
    ("currency", "total", "typed", "rows"),
    [
        ("JPY", "123457", {"count": "7"}, ["17636"] * 6 + ["17641"]),
        ("KWD", "1.000", {"count": "3", "remainder": "first"}, ["0.334", "0.333", "0.333"]),
        ("KWD", "100.001", {"offered": "0.001", "pay_by": "2027-02-01"}, ["0.001"]),
        ("JPY", "1000", {"count": "3", "months": "2:2"}, ["250", "500", "250"]),
        ("GBP", MOST, {"count": "3"}, ["3333333333333.33"] * 2 + ["3333333333333.34"]),
        (
            "GBP",
            MOST,
            {"count": "3", "months": "2:999999"},
            ["9999980.00", "9999980000040.00", "9999980.00"],
        ),
        ("GBP", MOST, {"offered": "9999999999999.99", "pay_by": "2027-02-01"}, [MOST[:-4] + ".99"]),
    ],
)
def test_currencies_without_decimals_and_with_three_and_the_largest_sums_keep_every_unit(
    li: Desk, currency: str, total: str, typed: dict[str, str], rows: list[str]
) -> None:
    li.debt(currency=currency, total=total)
    plan = agree(li, **typed)
    if total == MOST:
        rows = amounts(plan)
    assert amounts(plan) == rows
    asked = minor(typed.get("offered", total))
    assert sum(map(minor, rows)) == asked
    assert minor(plan["total"]["amount"]) == asked


def test_where_the_rule_moves_due_days_it_says_so(maple: Desk) -> None:
    plan = agree(maple, count="3", shift="following")
    assert dues(plan) == ["2027-02-01", "2027-03-01", "2027-03-31"]
    assert plan["rule"].endswith("What falls on a day off moves to the next working day.")


# Interest within the rows, worked out once more with fractions.


def half_up(value: Fraction) -> int:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def actual(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 365)


def monthly(start: date, end: date) -> Fraction:
    """Whole months, and the days over as parts of 30."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return Fraction(months * 30 + min(end.day, 30) - min(start.day, 30), 360)


@pytest.mark.parametrize(
    ("currency", "total", "typed", "years"),
    [
        ("GBP", "1200.00", {"rate": "9.5%", "basis": "act/365f", "count": "6"}, actual),
        (
            "GBP",
            "1200.00",
            {
                "rate": "18%",
                "basis": "act/365f",
                "count": "6",
                "shift": "modified-following",
            },
            actual,
        ),
        ("JPY", "345678", {"rate": "15%", "basis": "act/365f", "count": "24"}, actual),
        ("KWD", "1234.567", {"rate": "7.25%", "basis": "act/365f", "amount": "100"}, actual),
        ("GBP", MOST, {"rate": "100%", "basis": "act/365f", "count": "3"}, actual),
        (
            "GBP",
            "1200.00",
            {"rate": "12%", "count": "5", "start": "2026-12-24", "every": "monthly"},
            monthly,
        ),
    ],
)
def test_each_row_carries_the_interest_until_its_day_and_the_last_clears_the_rest(
    li: Desk,
    currency: str,
    total: str,
    typed: dict[str, str],
    years: Callable[[date, date], Fraction],
) -> None:
    li.debt(currency=currency, total=total)
    plan = agree(li, **typed)
    rate = Fraction(typed["rate"].rstrip("%")) / 100
    owed, before = minor(total), date(2026, 11, 24)
    for row in plan["instalments"]:
        on = date.fromisoformat(row["due_on"])
        interest = half_up(owed * rate * years(before, on))
        assert minor(row["interest"]["amount"]) == interest, row
        owed, before = owed + interest - minor(row["amount"]["amount"]), on
    assert owed == 0
    level = {*amounts(plan)[:-1]}
    assert len(level) == 1
    version = stored(li)
    assert (version.kind, version.interest) == ("amortising", "rate")
    assert version.basis == typed.get("basis", "monthly")
    assert version.rate_ppb == rate * 10**9
    assert f"interest at {typed['rate']} ({version.basis})" in plan["rule"]


def test_shifted_days_carry_the_interest_of_the_days_they_were_shifted_to(maple: Desk) -> None:
    typed = {"rate": "18%", "basis": "act/365f", "count": "2", "shift": "modified-following"}
    plan = agree(maple, **typed)
    assert dues(plan) == ["2027-01-29", "2027-02-26"]
    # 66 days from 24 November, not 68.
    assert plan["instalments"][0]["interest"]["amount"] == "39.06"


# A plan at a rate and the ledger beside it.


@pytest.mark.parametrize(
    "typed",
    [
        {"rate": "18%", "basis": "act/365f", "count": "6", "shift": "modified-following"},
        {"rate": "9.5%", "count": "6"},
        {"rate": "0.05% a day", "basis": "act/360", "amount": "260"},
    ],
)
def test_after_each_paid_instalment_the_ledger_has_the_amortisations_balance(
    maple: Desk, typed: dict[str, str]
) -> None:
    with_terms(maple)
    plan = agree(maple, **typed, total="1200")
    owed = 120000
    # What had run on the contract before the agreement is none of the plan's.
    assert balance(maple) == "1200.00"
    for row in plan["instalments"]:
        move_to(maple, row["due_on"])
        maple.ask("pay", debt="maple")
        owed += minor(row["interest"]["amount"]) - minor(row["amount"]["amount"])
        assert minor(balance(maple)) == owed, row
        # Looked at on any day between, nothing changes for the next.
        maple.ask("ledger.show", debt="maple", on="2028-01-01")
    assert owed == 0
    assert maple.ask("plan.show", debt="maple")["state"] == "completed"
    move_to(maple, "2028-12-01")
    assert balance(maple) == "0.00"


def test_a_plan_at_no_interest_at_all_is_equal_parts(maple: Desk) -> None:
    plan = agree(with_terms(maple), rate="0%", count="7", total="1200")
    assert amounts(plan) == ["171.42"] * 6 + ["171.48"]
    move_to(maple, "2027-06-01")
    assert balance(maple) == "1200.00"


# A payment that the interest eats.


def test_a_payment_below_its_interest_is_refused_with_the_smallest_that_works(maple: Desk) -> None:
    before = everything_stored(maple.office.database)
    error = maple.refused("plan.agree", debt="maple", start=START, amount="10", rate="60%")
    assert (error["exit"], error["field"]) == (2, "amount")
    assert error["sentence"] == (
        "amount is 10.00, and the interest alone is 134.00; the balance would not fall."
    )
    assert everything_stored(maple.office.database) == before
    least = error["hint"].removeprefix("The smallest that works is ").rstrip(".")
    below = f"{(minor(least) - 1) / 100:.2f}"
    typed = {"debt": "maple", "start": START, "rate": "60%"}
    assert maple.refused("plan.agree", **typed, amount=below)["field"] == "amount"
    assert amounts(agree(maple, rate="60%", amount=least))[0] == least


@pytest.mark.parametrize(
    "typed",
    [
        {"count": "60"},
        {"amount": "20"},
        # Three days until the first, then whole months.
        {"count": "60", "start": "2026-11-27"},
        {"count": "60", "kind": "equal", "interest": "rate", "rate": "24%", "basis": "act/365f"},
    ],
)
def test_equal_parts_that_interest_would_eat_are_refused_with_the_smallest_that_works(
    maple: Desk, typed: dict[str, str]
) -> None:
    with_terms(maple, "24%")
    before = everything_stored(maple.office.database)
    request = {"debt": "maple", "start": START, "total": "1200", **typed}
    error = maple.refused("plan.agree", **request)
    assert (error["exit"], error["field"]) == (2, "amount")
    assert "the balance would not fall" in error["sentence"]
    assert everything_stored(maple.office.database) == before
    least = error["hint"].removeprefix("The smallest that works is ").partition(";")[0]
    kind = {"kind": "amount"} if "kind" in typed else {}
    request = {name: value for name, value in request.items() if name != "count"} | kind
    below = {"amount": f"{(minor(least) - 1) / 100:.2f}"}
    assert maple.refused("plan.agree", **request | below)["field"] == "amount"
    plan = maple.ask("plan.agree", **request | {"amount": least})
    assert amounts(plan)[0] == least


def test_frozen_parts_however_small_are_taken(maple: Desk) -> None:
    plan = agree(with_terms(maple), count="600", total="1200", interest="frozen")
    assert amounts(plan) == ["2.00"] * 600


def test_only_what_bears_interest_eats_at_an_instalment(li: Desk) -> None:
    # Of 1,200.00 only 100.00 is principal: 2.00 a month.
    li.debt(total=None, principal="100", fees="1100", as_of="2026-11-24")
    with_terms(li)
    assert amounts(agree(li, count="60", total="1200"))[0] == "20.00"


# Options that are missing, or do not go together.

TOGETHER: list[tuple[dict[str, str], str]] = [
    ({"kind": "spiral"}, "kind"),
    ({"kind": "list", "start": ""}, "rows"),
    ({"kind": "list", "count": "3"}, "count"),
    ({"rows": "2027-01-31 5\n", "balloon": "5", "start": ""}, "rows"),
    ({"rows": "2027-01-31 5\n", "offered": "5", "start": ""}, "rows"),
    ({"rows": "2027-01-31 5\n", "rate": "9%", "start": ""}, "rate"),
    ({"kind": "amount"}, "amount"),
    ({"kind": "amount", "amount": "5", "count": "3"}, "count"),
    ({"amount": "100", "first": "5"}, "amount"),
    ({"amount": "100", "remainder": "first"}, "remainder"),
    ({"amount": "100", "count": "12", "total": "1000"}, "total"),
    ({"kind": "equal", "count": "3", "balloon": "500"}, "balloon"),
    ({"kind": "balloon", "count": "3"}, "balloon"),
    ({"balloon": "5", "step": "5", "count": "3"}, "step"),
    ({"balloon": "1200", "count": "3"}, "balloon"),
    ({"balloon": "1", "count": "3"}, "balloon"),
    ({"balloon": "500", "count": "1"}, "count"),
    ({"balloon": "500"}, "count"),
    ({"balloon": "500", "count": "3", "remainder": "spread"}, "remainder"),
    ({"step": "5", "count": "3"}, "first"),
    ({"kind": "step-up", "first": "5", "count": "3"}, "step"),
    ({"step": "5", "first": "5", "count": "3", "step_every": "3"}, "step_every"),
    ({"step": "5", "first": "5", "count": "3", "step_every": "0"}, "step_every"),
    ({"step": "5", "first": "5", "count": "3"}, "count"),
    ({"step": "500", "first": "700", "count": "3"}, "count"),
    ({"kind": "seasonal", "count": "3"}, "months"),
    ({"months": "13:1", "count": "3"}, "months"),
    ({"months": "0:1", "count": "3"}, "months"),
    ({"months": "1:-1", "count": "3"}, "months"),
    ({"months": "1", "count": "3"}, "months"),
    ({"months": "1:" + "9" * 5000, "count": "3"}, "months"),
    ({"months": "1:2, 1:3", "count": "3"}, "months"),
    ({"months": "1:0,2:0,3:0", "count": "3"}, "months"),
    ({"offered": "5", "start": ""}, "pay_by"),
    ({"pay_by": "2027-01-01", "start": ""}, "offered"),
    ({"offered": "1200", "pay_by": "2027-01-01", "start": ""}, "offered"),
    ({"offered": "5", "pay_by": "2026-11-23", "start": ""}, "pay_by"),
    ({"offered": "5", "pay_by": "2027-01-01"}, "count"),
    ({"offered": "5", "pay_by": "2027-01-01", "count": "3"}, "pay_by"),
    ({"offered": "5", "pay_by": "2027-03-31", "count": "3", "amount": "2"}, "amount"),
    ({"kind": "token", "amount": "5", "count": "3"}, "review"),
    ({"review": "2027-01-01", "count": "3"}, "amount"),
    ({"review": "2027-01-01", "amount": "5"}, "count"),
    ({"review": "2026-11-24", "amount": "5", "count": "3"}, "review"),
    ({"review": "2027-11-24", "amount": "400", "count": "3"}, "amount"),
    ({"kind": "amortising", "count": "3"}, "rate"),
    ({"rate": "9.5", "count": "3"}, "rate"),
    ({"rate": "5000%", "count": "3"}, "rate"),
    ({"rate": "9.5%"}, "count"),
    ({"rate": "9.5%", "count": "3", "interest": "frozen"}, "interest"),
    ({"rate": "9.5%", "count": "3", "interest": "contract"}, "interest"),
    ({"rate": "9.5%", "count": "3", "first": "5"}, "first"),
    ({"rate": "9.5%", "count": "3", "basis": "moon"}, "basis"),
    ({"rate": "9.5%", "count": "3", "start": "2026-11-20"}, "start"),
    ({"rate": "9.5%", "amount": "1300", "count": "3"}, "amount"),
    ({"interest": "rate", "count": "3"}, "rate"),
    ({"interest": "ice", "count": "3"}, "interest"),
    ({"kind": "equal", "rate": "9%", "count": "3"}, "rate"),
    ({"basis": "act/360", "count": "3"}, "basis"),
    ({"second_day": "5", "count": "3"}, "second_day"),
    ({"every": "twice-monthly", "second_day": "31", "count": "3"}, "second_day"),
    ({"overpay": "up", "count": "3"}, "overpay"),
    ({"every": "weekly", "shift": "sideways", "count": "3"}, "shift"),
]


def test_what_is_missing_or_does_not_go_together_is_one_sentence_and_changes_nothing(
    maple: Desk,
) -> None:
    before = everything_stored(maple.office.database)
    for typed, field in TOGETHER:
        error = maple.refused("plan.agree", **{"debt": "maple", "start": START, **typed})
        assert (error["exit"], error["field"]) == (2, field), (typed, error)
        assert error["sentence"].count("\n") == 0
        assert error["sentence"].endswith((".", "]"))
        assert len(error["sentence"]) < 200
    assert everything_stored(maple.office.database) == before


# What runs while it is kept.


def test_while_a_frozen_plan_is_kept_nothing_runs_and_after_it_the_contract_goes_on(
    maple: Desk,
) -> None:
    with_terms(maple, "36.5%")  # 1.20 a day on 1,200.00
    move_to(maple, "2026-12-04")
    assert balance(maple) == "1212.00"
    agree(maple, count="12", interest="frozen")
    move_to(maple, "2027-01-30")
    assert balance(maple) == "1212.00"
    maple.ask("plan.withdraw", debt="maple", reason="two were missed", broken=True)
    assert balance(maple) == "1212.00"
    move_to(maple, "2027-02-09")
    assert balance(maple) == "1224.00"


def test_a_frozen_plan_that_is_changed_stays_frozen_without_a_gap(maple: Desk) -> None:
    with_terms(maple, "36.5%")
    agree(maple, count="12", interest="frozen")
    move_to(maple, "2026-12-20")
    maple.ask("plan.reschedule", debt="maple", instalment="1", to="2027-02-05", agreed_by="a call")
    move_to(maple, "2027-01-05")
    plan = revise(maple, count="12", start="2027-02-28")
    assert plan["interest"] == "frozen"
    assert plan["rule"].endswith("Interest and charges are frozen while it is kept.")
    move_to(maple, "2027-01-20")
    assert balance(maple) == "1200.00"
    revise(maple, count="12", start="2027-02-28", interest="contract")
    move_to(maple, "2027-01-30")
    assert balance(maple) == "1212.00"


def test_a_revision_keeps_the_plans_own_rate_unless_it_says_another(maple: Desk) -> None:
    agree(maple, count="6", rate="9.5%", basis="act/365f")
    move_to(maple, "2026-12-24")
    plan = revise(maple, kind="amortising", count="12", start="2027-02-28")
    assert (plan["rate"], plan["kind"]) == ("9.5% (act/365f)", "amortising")
    plan = revise(maple, kind="amortising", count="12", start="2027-02-28", rate="4%")
    assert plan["rate"] == "4% (act/365f)"
    plan = revise(maple, count="12", start="2027-02-28", interest="frozen")
    assert (plan["rate"], plan["interest"]) == (None, "frozen")


# A settlement, and token payments.


def test_with_the_last_payment_of_a_settlement_the_rest_is_waived_on_that_day(
    maple: Desk,
) -> None:
    with_terms(maple, "36.5%")
    agree(maple, offered="500", pay_by="2027-02-28", count="2", start="2027-01-31")
    move_to(maple, "2027-01-30")
    maple.ask("pay", debt="maple", amount="250")
    assert balance(maple) == "950.00"
    move_to(maple, "2027-02-25")
    maple.ask("pay", debt="maple", amount="250")
    assert (balance(maple), lines(maple, "waiver")) == ("0.00", [("2027-02-25", "-700.00")])
    assert maple.ask("plan.show", debt="maple")["state"] == "settled"
    assert balance(maple, "2027-02-24") == "950.00"
    move_to(maple, "2027-06-01")
    assert balance(maple) == "0.00"
    error = maple.refused("plan.withdraw", debt="maple", reason="a slip")
    assert (error["exit"], balance(maple)) == (4, "0.00")


def test_money_that_comes_after_a_settlement_does_not_move_the_day_of_the_waiver(
    maple: Desk,
) -> None:
    agree(maple, offered="500", pay_by="2027-02-28")
    move_to(maple, "2027-02-20")
    maple.ask("pay", debt="maple", amount="500")
    move_to(maple, "2027-04-01")
    maple.ask("pay", debt="maple", amount="20")
    assert lines(maple, "waiver") == [("2027-02-20", "-700.00")]


def test_a_bounce_undoes_the_waiver_of_a_settlement(maple: Desk) -> None:
    agree(maple, offered="500", pay_by="2027-02-28")
    move_to(maple, "2027-02-20")
    maple.ask("pay", debt="maple", amount="500")
    assert balance(maple) == "0.00"
    move_to(maple, "2027-02-23")
    maple.ask("bounced", debt="maple")
    assert (balance(maple), lines(maple, "waiver")) == ("1200.00", [])
    assert maple.ask("plan.show", debt="maple")["state"] == "live"
    move_to(maple, "2027-02-24")
    maple.ask("pay", debt="maple", amount="500")
    assert (balance(maple), lines(maple, "waiver")) == ("0.00", [("2027-02-24", "-700.00")])


def test_a_settlement_that_is_broken_forgives_nothing(maple: Desk) -> None:
    with_terms(maple, "36.5%")
    agree(maple, offered="500", pay_by="2027-02-28", count="2", start="2027-01-31")
    move_to(maple, "2027-01-30")
    maple.ask("pay", debt="maple", amount="250")
    maple.ask("plan.withdraw", debt="maple", reason="they called it off", broken=True)
    assert balance(maple) == "950.00"
    move_to(maple, "2027-02-09")
    assert balance(maple) == "959.50"


def test_token_payments_come_up_for_a_decision_two_weeks_before_their_review(maple: Desk) -> None:
    agree(maple, amount="5", count="6", review="2027-06-30")

    def reviews() -> list[tuple[str, str]]:
        decide = maple.ask("overview")["decide"]
        return [(each["sentence"], each["command"]) for each in decide if each["kind"] == "review"]

    move_to(maple, "2027-06-15")
    assert reviews() == []
    move_to(maple, "2027-06-16")
    command = "tracker plan agree maple --revise REASON"
    coming = "MAPLE: the token payments are looked at again on Wed 30 Jun."
    assert reviews() == [(coming, command)]
    move_to(maple, "2027-07-01")
    passed = "MAPLE: the token payments were to be looked at again on Wed 30 Jun."
    assert reviews() == [(passed, command)]
    revise(maple, amount="10", count="6", start="2027-07-31", review="2027-12-31")
    assert reviews() == []
