"""A period of a plan as its creditor will read it."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.allocation import Paid
from tracker.core.plans import PlanRow
from tracker.core.progress import Outcome, Progress, parse_period, progress
from tracker.errors import InputError

# 50.00 on the first of each month, September 2026 to February 2027.
DAYS = [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
DAYS += [date(2027, 1, 1), date(2027, 2, 1)]
ROWS = [
    PlanRow(seq=i + 1, ref=f"r{i + 1}", due_on=day, amount_minor=5000) for i, day in enumerate(DAYS)
]
Q4 = parse_period("2026-Q4")


def paid(payment_id: int, on: date, amount: int = 5000, for_ref: str | None = None) -> Paid:
    return Paid(payment_id=payment_id, paid_on=on, amount_minor=amount, for_ref=for_ref)


def told(
    *payments: Paid,
    today: date = date(2026, 12, 31),
    tolerance: int = 0,
    waived: frozenset[str] = frozenset(),
) -> Progress:
    return progress(
        ROWS, payments, period=Q4, today=today, tolerance_minor=tolerance, waived=waived
    )


def outcomes(result: Progress) -> list[Outcome]:
    return [line.outcome for line in result.lines]


SEPTEMBER = paid(1, date(2026, 9, 1))


def test_a_quarter_that_was_kept_in_full() -> None:
    result = told(SEPTEMBER, *(paid(i, DAYS[i - 1]) for i in (2, 3, 4)))
    assert outcomes(result) == [Outcome.KEPT] * 3
    assert (result.due_count, result.kept, result.late, result.missed) == (3, 3, 0, 0)
    assert (result.due_minor, result.paid_minor) == (15_000, 15_000)
    assert result.total_paid_minor == 20_000
    assert result.balance_minor == 10_000
    assert result.next_row == ROWS[4]


def test_paid_a_day_late_is_late_with_the_day_it_was_made_good() -> None:
    result = told(SEPTEMBER, paid(2, date(2026, 10, 2)))
    assert result.lines[0].outcome is Outcome.LATE
    assert result.lines[0].settled_on == date(2026, 10, 2)


def test_paid_in_two_parts_counts_from_the_last_part() -> None:
    result = told(SEPTEMBER, paid(2, date(2026, 9, 20), 2500), paid(3, date(2026, 10, 5), 2500))
    assert result.lines[0].outcome is Outcome.LATE
    assert result.lines[0].settled_on == date(2026, 10, 5)


def test_paid_ahead_is_kept() -> None:
    result = told(paid(1, date(2026, 9, 1), 10_000))
    assert result.lines[0].outcome is Outcome.KEPT
    assert result.lines[0].settled_on == date(2026, 9, 1)


def test_unpaid_is_missed_then_overdue_then_to_come() -> None:
    result = told(SEPTEMBER, today=date(2026, 11, 20))
    assert outcomes(result) == [Outcome.MISSED, Outcome.OVERDUE, Outcome.TO_COME]
    assert (result.missed, result.overdue, result.to_come) == (1, 1, 1)
    assert result.next_row == ROWS[3]


def test_on_the_due_day_an_instalment_is_still_to_come() -> None:
    result = told(SEPTEMBER, today=date(2026, 10, 1))
    assert result.lines[0].outcome is Outcome.TO_COME
    assert result.next_row == ROWS[1]


def test_a_payment_after_the_period_still_makes_good_what_fell_due_in_it() -> None:
    result = told(
        SEPTEMBER,
        *(paid(i, DAYS[i - 1]) for i in (2, 3)),
        paid(4, date(2027, 1, 5)),
        today=date(2027, 1, 10),
    )
    assert outcomes(result) == [Outcome.KEPT, Outcome.KEPT, Outcome.LATE]
    assert result.paid_minor == 10_000
    assert result.total_paid_minor == 20_000


def test_payments_dated_after_today_are_left_out() -> None:
    result = told(SEPTEMBER, paid(2, date(2026, 10, 1)), today=date(2026, 9, 30))
    assert result.lines[0].outcome is Outcome.TO_COME
    assert (result.paid_minor, result.total_paid_minor) == (0, 5000)


def test_the_period_takes_in_its_first_day_and_leaves_out_its_end() -> None:
    first_of_january = paid(3, date(2027, 1, 1))
    result = told(SEPTEMBER, paid(2, date(2026, 10, 1)), first_of_january, today=date(2027, 1, 1))
    assert [line.row.due_on for line in result.lines] == DAYS[1:4]
    assert result.paid_minor == 5000


def test_a_gap_within_the_tolerance_is_kept_and_shown() -> None:
    result = told(SEPTEMBER, paid(2, date(2026, 10, 1), 4990), tolerance=10)
    assert result.lines[0].outcome is Outcome.KEPT
    assert result.lines[0].gap_minor == 10
    assert result.balance_minor == 20_010


def test_the_rest_of_a_forgiven_gap_coming_later_does_not_make_it_late() -> None:
    result = told(
        SEPTEMBER, paid(2, date(2026, 10, 1), 4990), paid(3, date(2026, 11, 1)), tolerance=10
    )
    assert outcomes(result)[:2] == [Outcome.KEPT, Outcome.KEPT]
    assert result.lines[0].settled_on == date(2026, 10, 1)
    assert [line.gap_minor for line in result.lines[:2]] == [0, 10]


def test_a_gap_above_the_tolerance_is_not_kept() -> None:
    result = told(SEPTEMBER, paid(2, date(2026, 10, 1), 4989), tolerance=10)
    assert result.lines[0].outcome is Outcome.MISSED
    assert (result.lines[0].paid_minor, result.lines[0].gap_minor) == (4989, 11)


def test_money_for_an_older_instalment_is_paid_in_the_period_but_keeps_none_of_it() -> None:
    result = told(paid(1, date(2026, 10, 1)), today=date(2026, 10, 15))
    assert result.paid_minor == 5000
    assert result.lines[0].outcome is Outcome.OVERDUE


def test_a_named_instalment_is_kept_while_an_older_one_is_open() -> None:
    result = told(paid(1, date(2026, 10, 1), for_ref="r2"))
    assert result.lines[0].outcome is Outcome.KEPT
    assert result.balance_minor == 25_000


def test_a_waived_instalment_is_neither_due_nor_owed_and_takes_no_money() -> None:
    result = told(
        SEPTEMBER, paid(2, date(2026, 10, 1)), paid(3, date(2026, 12, 1)), waived=frozenset({"r3"})
    )
    assert outcomes(result) == [Outcome.KEPT, Outcome.WAIVED, Outcome.KEPT]
    assert (result.due_count, result.waived) == (2, 1)
    assert result.due_minor == 10_000
    assert result.lines[1].gap_minor == 0
    assert result.balance_minor == 10_000


def test_the_counts_add_up() -> None:
    result = told(SEPTEMBER, paid(2, date(2026, 10, 9)), today=date(2026, 12, 15))
    counted = result.kept + result.late + result.overdue + result.missed + result.to_come
    assert counted == result.due_count == 3


def test_a_plan_paid_beyond_its_end_has_no_next_row_and_names_the_surplus() -> None:
    result = told(paid(1, date(2026, 9, 1), 30_700))
    assert result.next_row is None
    assert result.balance_minor == 0
    assert result.overpaid_minor == 700


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-q2", date(2026, 4, 1), date(2026, 7, 1)),
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-10-01..2026-12-31", date(2026, 10, 1), date(2027, 1, 1)),
        (" 2026-10-01 .. 2026-10-01 ", date(2026, 10, 1), date(2026, 10, 2)),
        ("2024-02-29..2029-02-28", date(2024, 2, 29), date(2029, 3, 1)),
        ("2026-01-01..2030-12-31", date(2026, 1, 1), date(2031, 1, 1)),
        ("2100", date(2100, 1, 1), date(2101, 1, 1)),
    ],
)
def test_a_period_is_read_with_its_typed_end_included(text: str, start: date, end: date) -> None:
    assert parse_period(text) == (start, end)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-Q5", "a quarter that does not exist"),
        ("2026-Q0", "a quarter that does not exist"),
        ("2026-13", "a month that does not exist"),
        ("2026-00", "a month that does not exist"),
        ("2026-12-31..2026-10-01", "ends before it starts"),
        ("2026-11-31..2026-12-31", "2026-11-31, a day that does not exist"),
        ("2026-01-01..2031-01-01", "longer than 5 years"),
        ("1989", "outside the years 1990 to 2100"),
        ("2101-Q1", "outside the years 1990 to 2100"),
        ("9999-12-31..9999-12-31", "outside the years 1990 to 2100"),
        ("", "cannot be read"),
        ("last year", "cannot be read"),
        ("2026-1", "cannot be read"),
        ("26-Q4", "cannot be read"),
        ("2026-Q", "cannot be read"),
        ("2026-10-01", "cannot be read"),
        ("2026-10-01..", "cannot be read"),
        ("..2026-10-01", "cannot be read"),
        ("2026-10-01...2026-12-31", "cannot be read"),
        ("2026-10..2026-12", "cannot be read"),
        ("20261001..20261231", "cannot be read"),
        ("\uff12\uff10\uff12\uff16", "cannot be read"),  # full-width digits
    ],
)
def test_what_is_no_period_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_period(text)
    assert reason in str(refused.value)
    assert repr(text) in str(refused.value)
    assert refused.value.field == "period"
    assert refused.value.hint
