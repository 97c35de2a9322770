"""What a change of a plan costs, month by month and in all."""

from __future__ import annotations

from datetime import date

from tracker.core.compare import Figures, burden, compare
from tracker.core.dates import Every, occurrences
from tracker.core.schedule import Row, equal


def row(on: str, amount: int, interest: int = 0) -> Row:
    return Row(due_on=date.fromisoformat(on), amount_minor=amount, interest_minor=interest)


def test_rows_of_one_month_are_one_burden() -> None:
    rows = [row("2027-01-04", 50), row("2027-01-18", 50), row("2027-02-01", 70)]
    assert burden(rows) == [(date(2027, 1, 1), 100), (date(2027, 2, 1), 70)]


def test_months_without_a_row_stand_between_as_nothing() -> None:
    rows = [row("2026-11-30", 30), row("2027-02-28", 60)]
    assert burden(rows) == [
        (date(2026, 11, 1), 30),
        (date(2026, 12, 1), 0),
        (date(2027, 1, 1), 0),
        (date(2027, 2, 1), 60),
    ]
    assert burden(rows[::-1]) == burden(rows)


def test_no_rows_are_no_burden() -> None:
    assert burden([]) == []


def test_two_schedules_side_by_side() -> None:
    weekly = equal(1000_00, occurrences(date(2027, 1, 1), Every.WEEKLY, 10))
    quarterly = [row("2027-01-31", 400_00, 40_00), row("2027-04-30", 645_01, 5_01)]
    compared = compare(weekly, quarterly)
    # Five Fridays in January, four in February, one in March.
    assert compared.old == Figures(
        count=10,
        total_minor=1000_00,
        interest_minor=0,
        ends_on=date(2027, 3, 5),
        highest_month_minor=500_00,
        average_month_minor=333_33,
    )
    assert compared.new == Figures(
        count=2,
        total_minor=1045_01,
        interest_minor=45_01,
        ends_on=date(2027, 4, 30),
        highest_month_minor=645_01,
        average_month_minor=261_25,
    )


def test_an_average_is_rounded_half_up() -> None:
    rows = [row("2027-01-31", 1), row("2027-02-28", 2)]
    assert compare(rows, rows).old.average_month_minor == 2


def test_nothing_left_to_pay_compares_as_nothing() -> None:
    nothing = Figures(
        count=0,
        total_minor=0,
        interest_minor=0,
        ends_on=None,
        highest_month_minor=0,
        average_month_minor=0,
    )
    compared = compare([], [row("2027-01-31", 1)])
    assert compared.old == nothing
    assert compared.new.total_minor == 1
