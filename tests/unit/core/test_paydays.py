from __future__ import annotations

from datetime import date, timedelta

import pytest

from tracker.core.dates import Every, occurrences
from tracker.core.paydays import Coming, Income, Short, days, short, tight

SALARY = Income(
    name="Salary",
    anchor_on=date(2026, 11, 25),
    every=Every.MONTHLY,
    amount_minor=1000_00,
    currency="GBP",
)


def coming(on: date, minor: int = 100_00, *, key: int = 1, currency: str = "GBP") -> Coming:
    return Coming(key=key, send_on=on, amount_minor=minor, currency=currency)


@pytest.mark.parametrize("every", list(Every))
@pytest.mark.parametrize("anchor", [date(2026, 1, 31), date(2026, 2, 5), date(2024, 2, 29)])
def test_its_days_are_those_of_the_rhythm_wherever_one_looks(every: Every, anchor: date) -> None:
    every_day = occurrences(anchor, every, 120)
    income = Income(name="x", anchor_on=anchor, every=every)
    for first in range(0, 400, 13):
        start = anchor + timedelta(days=first)
        until = start + timedelta(days=97)
        assert days(income, start, until) == [day for day in every_day if start <= day < until]


def test_nothing_comes_in_before_it_began_and_a_single_one_comes_once() -> None:
    assert days(SALARY, date(2026, 1, 1), date(2026, 12, 25)) == [date(2026, 11, 25)]
    once = Income(name="Refund", anchor_on=date(2027, 2, 15))
    assert days(once, date(2026, 1, 1), date(2030, 1, 1)) == [date(2027, 2, 15)]
    assert days(once, date(2027, 2, 16), date(2030, 1, 1)) == []
    assert days(once, date(2026, 1, 1), date(2027, 2, 15)) == []


@pytest.mark.parametrize(
    ("day", "before"),
    [(21, None), (22, 3), (23, 2), (24, 1), (25, None), (26, None)],
)
def test_the_last_three_days_before_money_comes_in_are_tight(day: int, before: int | None) -> None:
    found = tight([SALARY], [coming(date(2026, 12, day))])
    assert [each.days for each in found] == ([] if before is None else [before])
    assert all(each.on == date(2026, 12, 25) for each in found)


def test_days_are_not_tight_right_after_other_money_came_in() -> None:
    benefit = Income(name="Benefit", anchor_on=date(2026, 12, 22), every=Every.MONTHLY)
    assert tight([SALARY, benefit], [coming(date(2026, 12, 24))]) == []
    assert [
        each.income.name for each in tight([SALARY, benefit], [coming(date(2026, 12, 20))])
    ] == ["Benefit"]


def test_a_pay_period_in_which_more_goes_than_comes_is_short() -> None:
    due = [
        coming(date(2026, 11, 25), 600_00),
        coming(date(2026, 12, 24), 400_01),
        coming(date(2026, 12, 25), 1000_00),
    ]
    assert short([SALARY], due) == [
        Short(
            from_on=date(2026, 11, 25),
            until_on=date(2026, 12, 25),
            needed_minor=1000_01,
            arrives_minor=1000_00,
            currency="GBP",
        )
    ]


def test_all_that_comes_in_within_the_longest_rhythm_counts() -> None:
    weekly = Income(
        name="Side job",
        anchor_on=date(2026, 11, 27),
        every=Every.WEEKLY,
        amount_minor=50_00,
        currency="GBP",
    )
    once = Income(name="Gift", anchor_on=date(2026, 12, 1), amount_minor=1, currency="GBP")
    # Salary 1,000.00, four times 50.00, and a penny.
    assert short([weekly, SALARY, once], [coming(date(2026, 12, 10), 1200_01)]) == []
    found = short([weekly, SALARY, once], [coming(date(2026, 12, 10), 1200_02)])
    assert [each.arrives_minor for each in found] == [1200_01]


def test_where_an_amount_is_not_known_nothing_is_said_of_sums() -> None:
    unknown = Income(name="Side job", anchor_on=date(2026, 12, 1), every=Every.WEEKLY)
    due = [coming(date(2026, 12, 10), 5000_00)]
    assert short([SALARY, unknown], due) == []
    assert len(short([SALARY], due)) == 1


def test_money_of_another_currency_is_not_compared() -> None:
    assert short([SALARY], [coming(date(2026, 12, 10), 5000_00, currency="EUR")]) == []


def test_before_the_first_pay_day_and_without_a_rhythm_no_period_is_known() -> None:
    once = Income(name="Gift", anchor_on=date(2026, 12, 1), amount_minor=1, currency="GBP")
    assert short([once], [coming(date(2026, 12, 10))]) == []
    assert short([SALARY], [coming(date(2026, 11, 24), 5000_00)]) == []
    assert short([], [coming(date(2026, 12, 10))]) == []
    assert short([SALARY], []) == []
