"""Payment holidays: which rows move, where to, and what an early end brings back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tracker.core import dates
from tracker.core.dates import Every
from tracker.core.holiday import How, paused, resumed
from tracker.core.revision import Changed, Standing
from tracker.errors import InputError

JAN, FEB, MAR, APR, MAY, JUN, JUL = (date(2027, month, 1) for month in range(1, 8))


def plan(*days: date, paid: dict[str, int] | None = None) -> list[Standing]:
    """Rows a, b, c … of 100 on `days`."""
    return [
        Standing(
            seq=i + 1,
            ref="abcdefghijklmnop"[i],
            due_on=day,
            amount_minor=100,
            paid_minor=(paid or {}).get("abcdefghijklmnop"[i], 0),
        )
        for i, day in enumerate(days)
    ]


def pause(
    rows: list[Standing],
    from_on: date,
    until_on: date,
    every: Every | None = Every.MONTHLY,
    how: How = How.SHIFT,
    tolerance: int = 0,
) -> list[Changed]:
    return paused(
        rows,
        from_on=from_on,
        until_on=until_on,
        every=every,
        how=how,
        tolerance_minor=tolerance,
    )


def brief(changed: list[Changed]) -> list[tuple[str | None, date]]:
    return [(each.ref, each.due_on) for each in changed]


def days(changed: list[Changed]) -> list[date]:
    return [each.due_on for each in changed]


def test_a_shift_moves_the_holiday_and_all_after_it_by_its_periods() -> None:
    changed = pause(plan(JAN, FEB, MAR, APR), FEB, APR)
    assert brief(changed) == [("a", JAN), ("b", APR), ("c", MAY), ("d", JUN)]
    assert [each.was for each in changed] == ["a", "b", "c", "d"]


def test_a_skip_moves_the_holiday_alone_to_behind_the_last() -> None:
    changed = pause(plan(JAN, FEB, MAR, APR), FEB, APR, how=How.SKIP)
    assert brief(changed) == [("a", JAN), ("d", APR), ("b", MAY), ("c", JUN)]


def test_what_was_late_before_the_holiday_stays_late() -> None:
    changed = pause(plan(JAN, FEB, MAR), date(2027, 1, 20), date(2027, 2, 20))
    assert brief(changed) == [("a", JAN), ("b", MAR), ("c", APR)]


def test_what_is_paid_or_waived_stays_and_its_day_is_passed_over() -> None:
    rows = plan(FEB, MAR, APR, MAY, JUN, paid={"c": 100, "d": 99})
    rows[4] = replace(rows[4], waived_minor=100)
    changed = pause(rows, FEB, MAR, tolerance=1)
    assert changed[1:4] == [rows[2].repeated(), rows[3].repeated(), rows[4].repeated()]
    assert brief(changed) == [("a", MAR), ("c", APR), ("d", MAY), ("e", JUN), ("b", JUL)]


def test_the_holiday_counts_from_the_first_open_row_in_it() -> None:
    # February was paid ahead: the first to come after the holiday is due on its end.
    changed = pause(plan(FEB, MAR, APR, paid={"a": 100}), FEB, APR)
    assert brief(changed) == [("a", FEB), ("b", APR), ("c", MAY)]


def test_a_plan_for_the_ends_of_months_remains_one() -> None:
    ends = dates.occurrences(date(2027, 1, 31), Every.MONTHLY, 8)
    assert days(pause(plan(*ends[:5]), ends[1], ends[4])) == [ends[0], *ends[4:8]]
    assert days(pause(plan(*ends[:5]), ends[1], ends[3], how=How.SKIP)) == [
        ends[0],
        *ends[3:7],
    ]


def test_a_plan_for_the_thirtieth_is_none_for_the_ends_of_months() -> None:
    thirtieth = dates.occurrences(date(2027, 1, 30), Every.MONTHLY, 7)
    rows = plan(*thirtieth[:4])
    assert days(pause(rows, thirtieth[1], date(2027, 5, 1))) == [thirtieth[0], *thirtieth[4:7]]


@pytest.mark.parametrize(
    ("every", "anchor"),
    [
        (Every.WEEKLY, date(2027, 1, 6)),
        (Every.FORTNIGHTLY, date(2027, 1, 6)),
        (Every.FOUR_WEEKLY, date(2027, 1, 6)),
        (Every.TWICE_MONTHLY, date(2027, 1, 15)),
        (Every.TWICE_MONTHLY, date(2027, 1, 31)),
        (Every.MONTHLY, date(2027, 1, 29)),
        (Every.QUARTERLY, date(2027, 5, 31)),
    ],
)
@pytest.mark.parametrize("how", How)
def test_every_rhythm_goes_on_after_three_periods(every: Every, anchor: date, how: How) -> None:
    found = dates.occurrences(anchor, every, 11)
    changed = pause(plan(*found[:8]), found[2], found[5], every, how)
    assert days(changed) == [*found[:2], *found[5:]]


def test_a_row_on_a_day_of_its_own_moves_by_that_day() -> None:
    changed = pause(plan(JAN, date(2027, 2, 10), MAR), date(2027, 2, 5), MAR)
    assert days(changed) == [JAN, date(2027, 3, 10), APR]
    twice = plan(JAN, date(2027, 1, 16), date(2027, 2, 5), date(2027, 2, 16))
    assert days(pause(twice, FEB, date(2027, 2, 10), Every.TWICE_MONTHLY))[2:] == [
        date(2027, 2, 20),
        MAR,
    ]


def test_a_last_row_on_a_day_of_its_own_does_not_take_the_rhythm_along() -> None:
    changed = pause(plan(JAN, FEB, date(2027, 3, 20)), FEB, MAR, how=How.SKIP)
    assert days(changed) == [JAN, date(2027, 3, 20), APR]
    weekly = [date(2027, 1, 6), date(2027, 1, 13), date(2027, 1, 20), date(2027, 1, 29)]
    skipped = pause(plan(*weekly), weekly[1], weekly[2], Every.WEEKLY, How.SKIP)
    assert days(skipped)[-1] == date(2027, 2, 3)


def test_a_list_without_a_rhythm_moves_by_whole_months_where_the_holiday_has_them() -> None:
    rows = plan(date(2027, 1, 5), date(2027, 1, 20), date(2027, 4, 7))
    assert days(pause(rows, JAN, MAR, None)) == [
        date(2027, 3, 5),
        date(2027, 3, 20),
        date(2027, 6, 7),
    ]


def test_a_list_without_a_rhythm_moves_by_days_where_it_has_not() -> None:
    rows = plan(date(2027, 1, 5), date(2027, 1, 20), date(2027, 4, 7))
    assert days(pause(rows, JAN, date(2027, 1, 11), None)) == [
        date(2027, 1, 15),
        date(2027, 1, 30),
        date(2027, 4, 17),
    ]


def test_a_list_without_a_rhythm_goes_on_monthly_behind_its_last_row() -> None:
    rows = plan(date(2027, 1, 5), date(2027, 1, 20), date(2027, 4, 7))
    changed = pause(rows, JAN, FEB, None, How.SKIP)
    assert brief(changed) == [
        ("c", date(2027, 4, 7)),
        ("a", date(2027, 5, 7)),
        ("b", date(2027, 6, 7)),
    ]


def test_a_list_of_the_ends_of_months_goes_on_at_their_ends() -> None:
    ends = dates.occurrences(date(2027, 1, 31), Every.MONTHLY, 6)
    rows = plan(*ends[:4])
    assert days(pause(rows, ends[0], ends[1], None, How.SKIP)) == ends[1:5]
    assert days(pause(rows, ends[0], ends[2], None)) == ends[2:6]


def test_a_skipped_row_never_lands_in_the_holiday() -> None:
    changed = pause(plan(JAN, FEB), FEB, JUN, how=How.SKIP)
    assert brief(changed) == [("a", JAN), ("b", JUN)]


def test_a_part_paid_row_moves_with_its_money_in_a_shift() -> None:
    changed = pause(plan(JAN, FEB, MAR, paid={"a": 100, "b": 30}), FEB, MAR)
    assert changed[1] == Changed(ref="b", due_on=MAR, amount_minor=100, was="b")


def test_a_part_paid_row_leaves_its_paid_part_when_it_is_skipped() -> None:
    changed = pause(plan(JAN, FEB, MAR, paid={"a": 100, "b": 30}), FEB, MAR, how=How.SKIP)
    assert changed[1:] == [
        Changed(ref="b", due_on=FEB, amount_minor=30, was="b"),
        Changed(ref="c", due_on=MAR, amount_minor=100, was="c"),
        Changed(ref=None, due_on=APR, amount_minor=70, was="b"),
    ]


def test_a_holiday_without_a_day_or_without_an_open_row_is_refused() -> None:
    rows = plan(JAN, FEB, MAR, paid={"b": 100})
    with pytest.raises(InputError) as caught:
        pause(rows, FEB, FEB)
    assert caught.value.field == "until"
    assert str(caught.value) == (
        "The holiday ends on 2027-02-01, and begins on 2027-02-01; it has no day."
    )
    with pytest.raises(InputError) as caught:
        pause(rows, FEB, MAR)
    assert caught.value.field == "start"
    assert str(caught.value) == "No open instalment is due from 2027-02-01 to before 2027-03-01."
    assert caught.value.hint


def resume(rows: list[Standing], on: date, how: How = How.SHIFT) -> list[Changed]:
    return resumed(
        rows, from_on=FEB, resumed_on=on, every=Every.MONTHLY, how=how, tolerance_minor=0
    )


@pytest.mark.parametrize("how", How)
def test_an_early_end_is_the_pause_as_it_would_have_been(how: How) -> None:
    before = plan(JAN, FEB, MAR, APR, MAY)
    on = date(2027, 3, 15)
    assert resume(before, on, how) == pause(before, FEB, on, how=how)
    assert days(resume(before, on)) == [JAN, APR, MAY, JUN, JUL]


def test_a_holiday_that_ends_before_its_first_row_moves_nothing() -> None:
    before = plan(JAN, FEB, MAR, paid={"a": 40})
    for on in (date(2027, 1, 10), FEB):
        assert resume(before, on) == [row.repeated() for row in before]


def test_what_was_paid_in_the_holiday_does_not_move_when_it_ends() -> None:
    # February was paid all the same, on the rows as they were before.
    before = plan(JAN, FEB, MAR, APR, paid={"a": 100, "b": 100})
    assert brief(resume(before, date(2027, 3, 15))) == [
        ("a", JAN),
        ("b", FEB),
        ("c", APR),
        ("d", MAY),
    ]
