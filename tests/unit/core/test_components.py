"""Amounts by component."""

from __future__ import annotations

import pytest

from tracker.core.components import NOTHING, PLACE, Amounts, Component

SOME = Amounts(principal=1, interest=20, penalties=300, fees=4_000, costs=50_000)


def test_the_total_is_the_sum_of_all_five() -> None:
    assert SOME.total == 54_321
    assert NOTHING.total == 0


def test_each_component_has_its_own_place() -> None:
    assert [SOME.of(each) for each in Component] == [1, 20, 300, 4_000, 50_000]
    assert [each.value for each in Component] == list(Amounts._fields)
    assert [SOME[PLACE[each]] for each in Component] == list(SOME)


def test_amounts_add_component_by_component() -> None:
    assert SOME.plus(Amounts(5, 4, 3, 2, 1)) == Amounts(6, 24, 303, 4_002, 50_001)
    assert SOME.plus(SOME.negative()) == NOTHING
    assert isinstance(SOME.plus(SOME), Amounts)


@pytest.mark.parametrize("component", list(Component))
def test_one_component_alone(component: Component) -> None:
    one = Amounts.one(component, 7)
    assert one.of(component) == one.total == 7
