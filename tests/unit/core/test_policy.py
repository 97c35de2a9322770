"""In which order a short payment goes to the components."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.components import NOTHING, Amounts, Component
from tracker.core.policy import ORDERS, PRESETS, Order, Policy, divide, divide_as_stated
from tracker.errors import InputError

OWED = Amounts(principal=1_000, interest=200, penalties=100, fees=50, costs=30)
START = date(2026, 1, 1)


@pytest.mark.parametrize("order", list(Order))
def test_every_order_names_every_component_once(order: Order) -> None:
    assert sorted(ORDERS[order]) == sorted(Component)


@pytest.mark.parametrize("order", list(Order))
def test_what_is_left_over_is_beyond_all_that_is_owed(order: Order) -> None:
    assert divide(1_380, OWED, order) == (OWED, 0)
    assert divide(1_500, OWED, order) == (OWED, 120)
    assert divide(0, OWED, order) == (NOTHING, 0)
    assert divide(70, NOTHING, order) == (NOTHING, 70)


@pytest.mark.parametrize(
    ("order", "first"),
    [
        (Order.COSTS_FIRST, Amounts(costs=7)),
        (Order.FEES_FIRST, Amounts(fees=7)),
        (Order.INTEREST_FIRST, Amounts(interest=7)),
        (Order.PRINCIPAL_FIRST, Amounts(principal=7)),
        (Order.DEFAULT_INTEREST_LAST, Amounts(costs=7)),
        (Order.AS_STATED, Amounts(costs=7)),
    ],
)
def test_each_order_begins_where_its_name_says(order: Order, first: Amounts) -> None:
    assert divide(7, OWED, order) == (first, 0)


@pytest.mark.parametrize(
    ("order", "last"),
    [
        (Order.COSTS_FIRST, Amounts(principal=1)),
        (Order.FEES_FIRST, Amounts(principal=1)),
        (Order.INTEREST_FIRST, Amounts(principal=1)),
        (Order.PRINCIPAL_FIRST, Amounts(costs=1)),
        (Order.DEFAULT_INTEREST_LAST, Amounts(penalties=1)),
        (Order.AS_STATED, Amounts(principal=1)),
    ],
)
def test_each_order_ends_where_its_law_says(order: Order, last: Amounts) -> None:
    taken, rest = divide(OWED.total - 1, OWED, order)
    assert (OWED.plus(taken.negative()), rest) == (last, 0)


def test_a_stated_split_is_followed_to_the_letter_where_it_can_be() -> None:
    stated = Amounts(principal=60, penalties=40)
    assert divide_as_stated(100, OWED, stated) == (stated, 0)


def test_what_a_stated_split_leaves_open_goes_by_the_fallback() -> None:
    assert divide_as_stated(100, OWED, Amounts(principal=60)) == (
        Amounts(principal=60, fees=10, costs=30),
        0,
    )
    # More interest than is owed, and more money than everything.
    assert divide_as_stated(1_400, OWED, Amounts(interest=500)) == (OWED, 20)


@pytest.mark.parametrize("stated", [Amounts(principal=90, interest=90), Amounts(-50, 200)])
def test_a_stated_split_that_cannot_be_neither_makes_nor_loses_money(stated: Amounts) -> None:
    taken, rest = divide_as_stated(100, OWED, stated)
    assert taken.total + rest == 100
    assert min(taken) >= 0


def test_the_order_changes_the_day_after_the_days_overdue() -> None:
    order, days, then = PRESETS["cn-card"]
    card = Policy(from_on=START, order=order, switch_days=days, then=then)
    assert [card.at(day) for day in (0, 1, 90, 91, 400)] == [
        Order.INTEREST_FIRST,
        Order.INTEREST_FIRST,
        Order.INTEREST_FIRST,
        Order.PRINCIPAL_FIRST,
        Order.PRINCIPAL_FIRST,
    ]


def test_an_order_without_a_change_stays() -> None:
    assert Policy(from_on=START, order=Order.FEES_FIRST).at(10_000) is Order.FEES_FIRST


@pytest.mark.parametrize(("days", "then"), [(90, None), (None, Order.PRINCIPAL_FIRST)])
def test_half_a_change_is_refused(days: int | None, then: Order | None) -> None:
    with pytest.raises(InputError, match="both") as refused:
        Policy(from_on=START, order=Order.FEES_FIRST, switch_days=days, then=then)
    assert refused.value.field == "then"


def test_every_order_and_every_preset_can_be_picked_by_name() -> None:
    assert set(PRESETS) == {*Order, "cn-card"}
    for name, (order, days, then) in PRESETS.items():
        Policy(from_on=START, order=order, switch_days=days, then=then)
        assert name == "cn-card" or (order.value, days, then) == (name, None, None)
