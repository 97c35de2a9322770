"""Lineage of instalments across versions, and their states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tracker.core.plans import PlanRow, State, Version, gap, is_settled, lineage, state, withdrawn
from tracker.core.schedule import Row

JAN, FEB, MAR, APR = (date(2027, month, 1) for month in (1, 2, 3, 4))


def plan(*days: date, amount: int = 5000) -> list[PlanRow]:
    """A version whose refs are the letters a, b, c … in order."""
    return [
        PlanRow(seq=i + 1, ref="abcdefgh"[i], due_on=day, amount_minor=amount)
        for i, day in enumerate(days)
    ]


def rows(*days: date, amount: int = 5000) -> list[Row]:
    return [Row(due_on=day, amount_minor=amount) for day in days]


def fresh() -> Callable[[], str]:
    numbers = iter(range(1, 100))
    return lambda: f"new{next(numbers)}"


def refs(
    previous: list[PlanRow], new: list[Row], settled: frozenset[str] = frozenset()
) -> list[str]:
    return [row.ref for row in lineage(previous, new, fresh(), settled=settled)]


def test_the_first_version_gets_fresh_refs_and_counts_from_one() -> None:
    result = lineage([], rows(JAN, FEB), fresh())
    assert result == [
        PlanRow(seq=1, ref="new1", due_on=JAN, amount_minor=5000),
        PlanRow(seq=2, ref="new2", due_on=FEB, amount_minor=5000),
    ]


def test_a_row_with_the_same_due_date_keeps_its_ref_at_another_price() -> None:
    result = lineage(plan(JAN, FEB), rows(JAN, FEB, amount=4000), fresh())
    assert [(row.ref, row.amount_minor) for row in result] == [("a", 4000), ("b", 4000)]


def test_a_paid_row_keeps_its_ref_on_its_own_date() -> None:
    assert refs(plan(JAN, FEB), rows(JAN, FEB), frozenset({"a"})) == ["a", "b"]


def test_a_moved_row_takes_its_ref_along() -> None:
    moved = date(2027, 2, 15)
    assert refs(plan(JAN, FEB, MAR), rows(JAN, moved, MAR)) == ["a", "b", "c"]


def test_a_plan_moved_as_a_whole_keeps_all_refs_in_order() -> None:
    moved = [date(2027, month, 20) for month in (1, 2, 3)]
    assert refs(plan(JAN, FEB, MAR), rows(*moved)) == ["a", "b", "c"]


def test_after_a_dropped_row_the_next_moved_row_still_finds_its_own() -> None:
    moved = date(2027, 3, 15)
    assert refs(plan(JAN, FEB, MAR, APR), rows(FEB, moved, APR)) == ["b", "c", "d"]


def test_a_row_put_in_between_is_new_and_its_neighbours_stay() -> None:
    assert refs(plan(JAN, FEB), rows(JAN, date(2027, 1, 15), FEB)) == ["a", "new1", "b"]


def test_a_ref_never_steps_over_a_row_that_kept_its_date() -> None:
    previous = plan(JAN, FEB, MAR)
    current = lineage(previous, rows(FEB, MAR, APR), fresh())
    assert [row.ref for row in current] == ["b", "c", "new1"]
    assert withdrawn(previous, current) == ("a",)


def test_more_rows_than_before_get_fresh_refs_at_the_end_of_the_stretch() -> None:
    halves = [date(2027, 2, day) for day in (5, 12, 19)]
    assert refs(plan(JAN, FEB), rows(JAN, *halves)) == ["a", "b", "new1", "new2"]


def test_fewer_rows_than_before_withdraw_the_surplus() -> None:
    previous = plan(JAN, FEB, MAR, APR)
    current = lineage(previous, rows(JAN, date(2027, 2, 10)), fresh())
    assert [row.ref for row in current] == ["a", "b"]
    assert withdrawn(previous, current) == ("c", "d")


def test_a_paid_row_never_lends_its_ref_to_another_date() -> None:
    previous = plan(JAN, FEB, MAR)
    moved = [date(2027, month, 20) for month in (2, 3)]
    current = lineage(previous, rows(*moved), fresh(), settled=frozenset({"a"}))
    assert [row.ref for row in current] == ["b", "c"]


def test_when_everything_is_paid_other_dates_are_new() -> None:
    moved = date(2027, 1, 20)
    assert refs(plan(JAN), rows(moved), frozenset({"a"})) == ["new1"]


def test_rows_that_share_a_date_go_with_each_other_in_order() -> None:
    assert refs(plan(JAN, JAN, FEB), rows(JAN, JAN, FEB), frozenset({"a", "b"})) == ["a", "b", "c"]
    assert refs(plan(JAN), rows(JAN, JAN)) == ["a", "new1"]


def test_rows_given_out_of_order_are_numbered_by_their_dates() -> None:
    result = lineage(plan(JAN, FEB)[::-1], rows(MAR, FEB, JAN), fresh())
    assert [(row.seq, row.ref, row.due_on) for row in result] == [
        (1, "a", JAN),
        (2, "b", FEB),
        (3, "new1", MAR),
    ]


def test_a_fresh_ref_that_is_in_use_is_refused() -> None:
    with pytest.raises(ValueError, match="in use"):
        lineage(plan(JAN), rows(JAN, FEB), lambda: "a")
    with pytest.raises(ValueError, match="in use"):
        lineage([], rows(JAN, FEB), lambda: "same")


def test_a_paid_row_that_the_new_version_does_not_repeat_is_not_called_off() -> None:
    previous = plan(JAN, FEB, MAR)
    current = [previous[2]]
    assert withdrawn(previous, current) == ("a", "b")
    assert withdrawn(previous, current, settled=frozenset({"a"})) == ("b",)


def test_a_version_knows_its_total() -> None:
    assert Version(number=1, rows=tuple(plan(JAN, FEB))).total_minor == 10_000


def test_a_gap_is_what_is_open_and_never_below_zero() -> None:
    assert gap(5000, 4999) == 1
    assert gap(5000, 5000) == 0
    assert gap(5000, 6000) == 0


def on(
    day: date, *, paid: int = 0, tolerance: int = 0, waived: bool = False, missed_after: int = 30
) -> State:
    return state(
        due_on=FEB,
        amount_minor=5000,
        paid_minor=paid,
        today=day,
        tolerance_minor=tolerance,
        missed_after_days=missed_after,
        waived=waived,
    )


@pytest.mark.parametrize(
    ("day", "paid", "expected"),
    [
        (date(2027, 1, 31), 0, State.UPCOMING),
        (date(2027, 2, 1), 0, State.DUE),
        (date(2027, 2, 2), 0, State.LATE),
        (date(2027, 3, 3), 0, State.LATE),  # 30 days
        (date(2027, 3, 4), 0, State.MISSED),  # 31 days
        (date(2027, 1, 31), 1, State.PART_PAID),
        (date(2027, 2, 1), 4999, State.PART_PAID),
        (date(2027, 2, 2), 4999, State.LATE),
        (date(2027, 3, 4), 4999, State.MISSED),
        (date(2027, 1, 1), 5000, State.PAID),
        (date(2027, 3, 4), 5000, State.PAID),
    ],
)
def test_the_state_follows_the_day_and_the_money(day: date, paid: int, expected: State) -> None:
    assert on(day, paid=paid) is expected


def test_a_gap_within_the_tolerance_counts_as_paid_and_one_above_does_not() -> None:
    late = date(2027, 2, 2)
    assert on(late, paid=4900, tolerance=100) is State.PAID
    assert on(late, paid=4899, tolerance=100) is State.LATE


def test_an_instalment_smaller_than_the_tolerance_is_not_paid_without_a_payment() -> None:
    assert not is_settled(50, 0, 100)
    assert is_settled(50, 1, 100)


def test_missed_begins_after_the_days_that_were_asked_for() -> None:
    assert on(date(2027, 2, 8), missed_after=7) is State.LATE
    assert on(date(2027, 2, 9), missed_after=7) is State.MISSED
    assert on(FEB, missed_after=0) is State.DUE


def test_a_waived_row_is_never_late_but_what_was_met_stays_met() -> None:
    assert on(date(2027, 6, 1), waived=True) is State.WAIVED
    assert on(date(2027, 6, 1), paid=1000, waived=True) is State.WAIVED
    assert on(date(2027, 6, 1), paid=5000, waived=True) is State.PAID


def test_states_read_as_the_words_of_the_trade() -> None:
    assert [str(each) for each in State] == [
        "upcoming",
        "due",
        "part-paid",
        "paid",
        "late",
        "missed",
        "waived",
    ]
