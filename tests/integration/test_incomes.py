"""Income dates, and the warning where instalments lie badly against them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.clock import MovableClock
from tests.peers.desk import Desk


def salary(desk: Desk, **more: Any) -> dict[str, Any]:
    return desk.ask("income.add", **{"name": "Salary", "every": "monthly", "on": "25", **more})


def next_days(desk: Desk) -> dict[str, str | None]:
    return {each["name"]: each["next_on"] for each in desk.ask("income.list")["incomes"]}


def test_a_day_of_the_month_is_the_next_one_and_the_31st_stays_the_31st(
    li: Desk, clock: MovableClock
) -> None:
    salary(li)
    salary(li, name="Rent in", on="24")
    salary(li, name="Benefit", on="31")
    salary(li, name="Side job", every="weekly", on="fri")
    salary(li, name="Refund", every=None, on="2027-02-15", amount="120.00")
    assert next_days(li) == {
        "Salary": "2026-11-25",
        "Rent in": "2026-11-24",
        "Benefit": "2026-11-30",
        "Side job": "2026-11-27",
        "Refund": "2027-02-15",
    }
    clock.forward(days=100)  # 4 March 2027
    assert next_days(li) == {
        "Salary": "2027-03-25",
        "Rent in": "2027-03-24",
        "Benefit": "2027-03-31",
        "Side job": "2027-03-05",
        "Refund": None,
    }


def test_the_31st_is_not_taken_from_a_month_that_has_none(li: Desk, clock: MovableClock) -> None:
    clock.at = clock.at.replace(year=2027, month=3, day=15)
    salary(li, on="31")
    assert next_days(li) == {"Salary": "2027-03-31"}


def test_one_that_ends_is_counted_on_no_more(li: Desk) -> None:
    salary(li)
    assert li.refused("income.add", name="SALARY", every="monthly", on="1")["exit"] == 4
    assert li.ask("income.end", income="salary")["incomes"] == []
    assert li.refused("income.end", income="salary")["exit"] == 3
    salary(li)


def test_a_plan_against_pay_day_is_warned_of_when_it_is_agreed(maple: Desk) -> None:
    salary(maple)
    told = maple.plan(start="2026-12-24")
    (warning,) = told["warnings"]
    # Due on the 24th and to be sent the working day before: two days before the 25th.
    assert warning.startswith("MAPLE 1 of 12 is to be sent by Wed 23 Dec, 2 days before Salary")
    assert "So are" in warning
    (decision,) = [each for each in maple.ask("overview")["decide"] if each["kind"] == "payday"]
    assert decision["sentence"].startswith("MAPLE 1 of 12 is to be sent by Wed 23 Dec")
    assert maple.ask("income.list")["warnings"] == [warning]


def test_a_plan_right_after_pay_day_is_not_warned_of(maple: Desk) -> None:
    salary(maple)
    assert maple.plan(start="2027-01-05")["warnings"] == []
    assert [each for each in maple.ask("overview")["decide"] if each["kind"] == "payday"] == []


def test_without_incomes_nothing_is_said(maple: Desk) -> None:
    assert maple.plan(start="2026-12-24")["warnings"] == []


def test_all_plans_together_are_set_against_what_comes_in(maple: Desk) -> None:
    salary(maple, amount="150.00")
    assert maple.plan(start="2027-01-05")["warnings"] == []
    maple.debt("KITE", creditor="Birch Loans")
    (warning,) = maple.plan("kite", start="2027-01-06")["warnings"]
    assert "£200.00 is to be sent, and £150.00 comes in" in warning
    assert "Fri 25 Dec until before Mon 25 Jan" in warning


def test_a_holiday_that_moves_the_last_day_to_send_before_pay_day_is_seen(maple: Desk) -> None:
    """Due after pay day, on the 28th, and to be sent before Christmas all the same."""
    salary(maple)
    (warning,) = maple.plan(rows="2026-12-28 100.00\n")["warnings"]
    assert "sent by Wed 23 Dec, 2 days before Salary comes in (Fri 25 Dec)" in warning


def test_what_is_paid_scheduled_or_on_hold_lies_badly_no_more(maple: Desk) -> None:
    salary(maple)
    maple.plan(rows="2026-12-24 100.00\n")
    assert maple.ask("income.list")["warnings"]
    maple.ask("debt.hold", debt="maple", kind="disputed")
    assert maple.ask("income.list")["warnings"] == []
    maple.ask("debt.release", debt="maple")
    maple.ask("pay", debt="maple", amount="100", scheduled="2026-12-20")
    assert maple.ask("income.list")["warnings"] == []


def test_a_warning_of_a_plan_is_about_that_plan(maple: Desk) -> None:
    salary(maple)
    maple.plan(start="2026-12-24")
    maple.debt("KITE", creditor="Birch Loans")
    assert maple.plan("kite", start="2027-01-05")["warnings"] == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"every": "daily"}, "every"),
        ({"on": ""}, "on"),
        ({"on": "0"}, "on"),
        ({"on": "32"}, "on"),
        ({"on": "-1"}, "on"),
        ({"on": "25", "every": "weekly"}, "on"),
        ({"on": "25", "every": "quarterly"}, "on"),
        ({"on": "25", "every": None}, "on"),
        ({"on": "2026-11-23", "every": None}, "on"),
        ({"on": "2026-02-30"}, "on"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "12.345"}, "amount"),
        ({"amount": "5.00", "currency": "XXX"}, "currency"),
        ({"currency": "GBP"}, "currency"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_field(
    li: Desk, more: dict[str, str | None], field: str
) -> None:
    error = li.refused("income.add", **{"name": "Salary", "every": "monthly", "on": "25", **more})
    assert (error["field"], error["exit"]) == (field, 2)
    assert next_days(li) == {}
