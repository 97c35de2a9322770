"""Balloons, steps, seasons, settlements and token payments, by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from string import Formatter

import pytest

from tracker.core import patterns
from tracker.core.dates import MOST, Every, occurrences
from tracker.core.money import MAX_MINOR
from tracker.core.patterns import RULES, Pattern
from tracker.core.schedule import Row
from tracker.errors import InputError

FIRST = date(2027, 1, 31)


def months(count: int) -> list[date]:
    return occurrences(FIRST, Every.MONTHLY, count)


def amounts(rows: list[Row]) -> list[int]:
    return [row.amount_minor for row in rows]


def refusal(make: Callable[[], object]) -> tuple[str | None, str]:
    """The field that a refusal names, and its sentence; the hint must be complete too."""
    with pytest.raises(InputError) as caught:
        make()
    error = caught.value
    assert error.hint is not None
    error.hint.format(**error.params)
    return error.field, str(error)


# balloon


def balloon(total: int, count: int, last: int) -> list[Row]:
    return patterns.balloon(total, months(count), balloon_minor=last, currency="GBP")


def test_a_balloon_comes_after_equal_parts() -> None:
    rows = balloon(1000_00, 4, 700_00)
    assert amounts(rows) == [100_00, 100_00, 100_00, 700_00]
    assert [row.due_on for row in rows] == months(4)


def test_the_row_before_the_balloon_takes_what_does_not_divide() -> None:
    assert amounts(balloon(1000_00, 4, 500_00)) == [166_66, 166_66, 166_68, 500_00]


def test_a_balloon_may_be_as_large_as_the_parts_and_no_smaller() -> None:
    assert amounts(balloon(300, 3, 100)) == [100, 100, 100]
    assert refusal(lambda: balloon(300, 3, 99)) == (
        "balloon",
        "balloon is 0.99, less than the 1.01 before it.",
    )


@pytest.mark.parametrize("last", [300, 301])
def test_a_balloon_leaves_something_for_the_others(last: int) -> None:
    field, said = refusal(lambda: balloon(300, 3, last))
    assert field == "balloon"
    assert said == (
        f"balloon is {last / 100:.2f}, and the total is 3.00; nothing is left for the others."
    )


def test_a_balloon_that_leaves_less_than_a_unit_each_is_refused() -> None:
    assert refusal(lambda: balloon(300, 3, 299))[0] == "total"


def test_a_single_instalment_is_no_balloon() -> None:
    assert refusal(lambda: balloon(300, 1, 100))[0] == "count"


def test_a_balloon_of_nothing_is_refused() -> None:
    assert refusal(lambda: balloon(300, 3, 0))[0] == "balloon"


def test_the_largest_debt_can_end_in_a_balloon() -> None:
    rows = balloon(MAX_MINOR, MOST, MAX_MINOR // 2)
    assert sum(amounts(rows)) == MAX_MINOR


# step-up


def step_up(total: int, count: int, first: int, step: int, every: int = 1) -> list[Row]:
    return patterns.step_up(
        total, months(count), first_minor=first, step_minor=step, every_rows=every, currency="GBP"
    )


def test_steps_rise_by_an_amount_and_the_last_takes_the_rest() -> None:
    assert amounts(step_up(100, 4, 10, 10)) == [10, 20, 30, 40]
    assert amounts(step_up(95, 4, 10, 10)) == [10, 20, 30, 35]
    assert amounts(step_up(61, 4, 10, 10)) == [10, 20, 30, 1]


def test_a_step_may_come_after_several_rows() -> None:
    assert amounts(step_up(95, 7, 10, 5, every=3)) == [10, 10, 10, 15, 15, 15, 20]


def test_a_step_may_be_a_share_of_the_amount_before() -> None:
    rows = patterns.step_up(
        # 10.05 + 10 % = 11.055, half up 11.06; + 10 % = 12.166, so 12.17
        33_28,
        months(3),
        first_minor=10_05,
        step_share_ppb=100_000_000,
        currency="GBP",
    )
    assert amounts(rows) == [10_05, 11_06, 12_17]


def test_steps_that_reach_the_total_too_early_are_refused_with_how_many_do() -> None:
    assert refusal(lambda: step_up(60, 4, 10, 10)) == (
        "count",
        "With 3 instalments the total is reached; 4 are too many.",
    )
    assert amounts(step_up(60, 3, 10, 10)) == [10, 20, 30]


def test_steps_that_do_not_reach_the_total_are_refused_with_how_many_do() -> None:
    assert refusal(lambda: step_up(101, 4, 10, 10)) == (
        "count",
        "The 4 instalments come to 1.00, less than the total of 1.01.",
    )
    assert amounts(step_up(101, 5, 10, 10)) == [10, 20, 30, 40, 1]


def test_steps_that_never_reach_the_total_say_so() -> None:
    with pytest.raises(InputError) as caught:
        step_up(MAX_MINOR, 600, 1, 1)
    assert caught.value.field == "count"
    assert caught.value.hint == "Choose a larger first amount or a larger step."


@pytest.mark.parametrize(
    ("amount", "share"), [(None, None), (10, 10), (0, None), (-1, None), (None, 0)]
)
def test_a_step_is_one_thing_above_nothing(amount: int | None, share: int | None) -> None:
    assert (
        refusal(
            lambda: patterns.step_up(
                100,
                months(4),
                first_minor=10,
                step_minor=amount,
                step_share_ppb=share,
                currency="GBP",
            )
        )[0]
        == "step"
    )


@pytest.mark.parametrize("every", [0, -1, 4, 5])
def test_steps_that_would_not_come_are_refused(every: int) -> None:
    field, said = refusal(lambda: step_up(100, 4, 10, 10, every=every))
    assert field == "every"
    assert said == f"every is {every}; with 4 instalments no step would come."


def test_the_first_amount_is_more_than_nothing() -> None:
    assert refusal(lambda: step_up(100, 4, 0, 10))[0] == "first"


# seasonal


def test_parts_follow_the_weight_of_the_month() -> None:
    # Twice as much in December as in October and November, nothing in January.
    days = occurrences(date(2026, 10, 15), Every.MONTHLY, 5)
    rows = patterns.seasonal(1000_00, days, weights_by_month={10: 1, 11: 1, 12: 2, 1: 0, 2: 1})
    assert [(row.due_on.month, row.amount_minor) for row in rows] == [
        (10, 200_00),
        (11, 200_00),
        (12, 400_00),
        (2, 200_00),
    ]


def test_left_units_go_where_most_was_rounded_off() -> None:
    # 100 × 1/6 = 16.67, 2/6 = 33.33, 3/6 = 50: the first fraction is the largest.
    rows = patterns.seasonal(100, months(3), weights_by_month={1: 1, 2: 2, 3: 3})
    assert amounts(rows) == [17, 33, 50]
    # Of equal fractions the earlier row.
    rows = patterns.seasonal(100, months(3), weights_by_month=dict.fromkeys(range(1, 13), 1))
    assert amounts(rows) == [34, 33, 33]


def test_a_month_that_is_not_named_has_no_instalment() -> None:
    rows = patterns.seasonal(100, months(24), weights_by_month={3: 1})
    assert [row.due_on for row in rows] == [date(2027, 3, 31), date(2028, 3, 31)]


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({}, "None of the due days lies in a month with a weight."),
        ({1: 0, 2: 0}, "None of the due days lies in a month with a weight."),
        ({12: 1}, "None of the due days lies in a month with a weight."),
        ({13: 1}, "weights name month 13; months are 1 to 12."),
        ({0: 1}, "weights name month 0; months are 1 to 12."),
        ({1: -1, 2: 1}, "weights are -1 in month 1; a weight is never negative."),
    ],
)
def test_weights_that_make_no_season_are_refused(weights: dict[int, int], said: str) -> None:
    made = refusal(lambda: patterns.seasonal(100, months(3), weights_by_month=weights))
    assert made == ("weights", said)


def test_a_weight_too_light_for_a_unit_is_refused() -> None:
    made = refusal(lambda: patterns.seasonal(100, months(2), weights_by_month={1: 1, 2: 1000}))
    assert made[0] == "total"


# settlement


def settlement(total: int, offered: int, days: list[date] | None = None) -> patterns.Settlement:
    return patterns.settlement(
        total, offered_minor=offered, pay_by=date(2027, 3, 31), days=days, currency="GBP"
    )


def test_a_settlement_is_one_row_and_says_what_is_forgiven() -> None:
    made = settlement(1000_00, 400_01)
    assert made.rows == [Row(due_on=date(2027, 3, 31), amount_minor=400_01)]
    assert made.forgiven_minor == 599_99


def test_a_settlement_may_be_paid_in_parts_until_its_day() -> None:
    made = settlement(1000_00, 400_00, months(3))
    assert amounts(made.rows) == [133_33, 133_33, 133_34]
    assert made.forgiven_minor == 600_00


def test_a_part_after_the_day_to_pay_by_is_refused() -> None:
    assert refusal(lambda: settlement(1000_00, 400_00, months(4))) == (
        "pay_by",
        "2027-04-30 comes after 2027-03-31, by which the settlement has to be paid.",
    )


@pytest.mark.parametrize("offered", [1000_00, 1000_01])
def test_an_offer_of_all_or_more_is_no_settlement(offered: int) -> None:
    field, said = refusal(lambda: settlement(1000_00, offered))
    assert field == "offered"
    assert said == (
        f"offered is {offered / 100:.2f}, and 1000.00 is owed; a settlement is less than that."
    )


def test_an_offer_of_nothing_is_no_settlement() -> None:
    assert refusal(lambda: settlement(1000_00, 0))[0] == "offered"


def test_an_offer_one_unit_below_the_largest_debt_forgives_one() -> None:
    assert settlement(MAX_MINOR, MAX_MINOR - 1).forgiven_minor == 1


# token payments


def token(amount: int, count: int, total: int) -> patterns.Token:
    return patterns.token(amount, months(count), total_minor=total, currency="GBP")


def test_token_payments_say_what_stays_owed() -> None:
    made = token(1_00, 6, 1000_00)
    assert amounts(made.rows) == [1_00] * 6
    assert made.left_minor == 994_00


def test_token_payments_leave_something() -> None:
    assert token(100, 3, 301).left_minor == 1
    assert refusal(lambda: token(100, 3, 300)) == (
        "amount",
        "3 token payments of 1.00 come to 3.00, and only 3.00 is owed.",
    )
    assert refusal(lambda: token(400, 1, 300))[0] == "amount"


def test_a_token_of_nothing_is_refused() -> None:
    assert refusal(lambda: token(0, 3, 300))[0] == "amount"


# all


@pytest.mark.parametrize(
    "make",
    [
        lambda days: patterns.balloon(10**6, days, balloon_minor=10**5, currency="GBP"),
        lambda days: patterns.step_up(10**6, days, first_minor=1, step_minor=1, currency="GBP"),
        lambda days: patterns.seasonal(10**6, days, weights_by_month={1: 1}),
        lambda days: patterns.settlement(
            10**6, offered_minor=10**5, pay_by=date(2100, 1, 1), days=days, currency="GBP"
        ),
        lambda days: patterns.token(1, days, total_minor=10**6, currency="GBP"),
    ],
)
@pytest.mark.parametrize(
    ("days", "field"),
    [
        ([], "count"),
        ([FIRST, FIRST], "days"),
        ([FIRST, date(2027, 1, 30)], "days"),
        ([*occurrences(FIRST, Every.MONTHLY, MOST), date(2100, 1, 1)], "count"),
    ],
)
def test_days_that_are_none_too_many_or_out_of_order_are_refused(
    make: Callable[[list[date]], object], days: list[date], field: str
) -> None:
    assert refusal(lambda: make(days))[0] == field


@pytest.mark.parametrize("total", [0, -1, MAX_MINOR + 1])
@pytest.mark.parametrize(
    "make",
    [
        lambda total: balloon(total, 3, 10),
        lambda total: step_up(total, 3, 10, 10),
        lambda total: patterns.seasonal(total, months(3), weights_by_month={1: 1}),
        lambda total: settlement(total, 10),
        lambda total: token(1, 3, total),
    ],
)
def test_a_total_out_of_range_is_refused(make: Callable[[int], object], total: int) -> None:
    assert refusal(lambda: make(total))[0] == "total"


def test_every_pattern_has_a_sentence_that_names_its_amounts() -> None:
    places = {
        pattern: {name for _, name, _, _ in Formatter().parse(said) if name}
        for pattern, said in RULES.items()
    }
    rhythm = {"count", "every", "start"}
    assert places == {
        Pattern.BALLOON: rhythm | {"balloon"},
        Pattern.STEP_UP: rhythm | {"first", "step", "rows"},
        Pattern.STEP_UP_SHARE: rhythm | {"first", "share", "rows"},
        Pattern.SEASONAL: rhythm | {"months"},
        Pattern.SETTLEMENT: {"offered", "pay_by", "total", "forgiven"},
        Pattern.SETTLEMENT_PARTS: {"offered", "count", "pay_by", "total", "forgiven"},
        Pattern.TOKEN: rhythm | {"amount", "left"},
    }
