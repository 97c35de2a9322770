"""Whatever the agreement says, its rows make the total to the last minor unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.core import money, patterns
from tracker.core.amortise import Level, amortise, amortise_by_payment
from tracker.core.compare import burden, compare
from tracker.core.dates import MOST, Every, occurrences
from tracker.core.daycount import YEAR, Basis, year_units
from tracker.core.interest import MOST_YEARLY, Per, Rate
from tracker.core.schedule import Row
from tracker.errors import InputError

TOTALS = st.integers(min_value=1, max_value=money.MAX_MINOR) | st.integers(1, 1_000_000)
COUNTS = st.integers(min_value=1, max_value=120) | st.just(MOST)
ANCHORS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))
EVERY = st.sampled_from(list(Every))
# Up to 36 % a year mostly, with the dearest that can be typed beside them.
YEARLY = st.integers(1, 360_000_000) | st.integers(1, MOST_YEARLY)
RATES = st.builds(Rate, ppb=YEARLY, per=st.just(Per.YEAR)) | st.builds(
    Rate, ppb=st.integers(1, 1_000_000), per=st.just(Per.DAY)
)
TERMS = st.tuples(RATES, st.sampled_from(list(Basis)))

T = TypeVar("T")


def outcome(make: Callable[[], T]) -> T | InputError:
    try:
        return make()
    except InputError as error:
        return error


@st.composite
def due_days(draw: st.DrawFn) -> list[date]:
    return occurrences(draw(ANCHORS), draw(EVERY), draw(COUNTS))


def sound(rows: list[Row], total: int) -> None:
    """What holds for all rows."""
    assert 1 <= len(rows) <= MOST
    assert all(row.amount_minor >= 1 for row in rows)
    assert all(0 <= row.interest_minor <= row.amount_minor for row in rows)
    assert all(a.due_on < b.due_on for a, b in pairwise(rows))
    assert sum(row.amount_minor - row.interest_minor for row in rows) == total


def half_up(exact: Fraction) -> int:
    return (exact + Fraction(1, 2)).__floor__()


def replayed(rows: list[Row], principal: int, start: date, rate: Rate, basis: Basis) -> None:
    """Each interest once more, from the balance before its row, in fractions."""
    for row in rows:
        time = (
            Fraction((row.due_on - start).days)
            if rate.per is Per.DAY
            else Fraction(year_units(start, row.due_on, basis), YEAR)
        )
        assert row.interest_minor == half_up(principal * Fraction(rate.ppb, 10**9) * time)
        principal -= row.amount_minor - row.interest_minor
        start = row.due_on
    assert principal == 0


@given(TOTALS, due_days(), st.integers(0, 400), TERMS, st.sampled_from(list(Level)))
def test_an_amortisation_pays_the_principal_and_its_interest(
    total: int, days: list[date], before: int, terms: tuple[Rate, Basis], level: Level
) -> None:
    rate, basis = terms
    start = days[0] - timedelta(days=before)

    def made(payment: int | None) -> list[Row] | InputError:
        return outcome(
            lambda: amortise(
                total,
                days,
                starts_on=start,
                rate=rate,
                basis=basis,
                currency="GBP",
                payment_minor=payment,
                level=level,
            )
        )

    rows = made(None)
    if isinstance(rows, InputError):
        # Too little for so many rows, or one row beyond all amounts.
        assert rows.field in {"count", "total"}
        assert rows.params.get("fewer", 0) < len(days)
        return
    sound(rows, total)
    replayed(rows, total, start, rate, basis)
    assert [row.due_on for row in rows] == days
    payment, last = rows[0].amount_minor, rows[-1].amount_minor
    assert all(row.amount_minor == payment for row in rows[:-1])

    def with_payment(payment: int) -> int | None:
        """The last row that another payment leaves; None when that never ends or ends early."""
        other = made(payment)
        return None if isinstance(other, InputError) else other[-1].amount_minor

    if len(rows) == 1:
        return
    assert with_payment(payment) == last
    if level is Level.UP and last <= payment:
        # One unit less leaves a larger last row, or does not cover the interest.
        less = with_payment(payment - 1)
        assert less is None or less > payment - 1
    elif level is Level.UP:
        # The level payment would be done before the last day.
        assert with_payment(payment + 1) is None
    else:
        for beside in (payment - 1, payment + 1):
            other = with_payment(beside)
            assert other is None or abs(other - beside) >= abs(last - payment)


@given(TOTALS, ANCHORS, EVERY, st.integers(1, 2 * MOST), TERMS)
def test_an_amortisation_by_payment_pays_the_principal_and_its_interest(
    total: int, start: date, every: Every, parts: int, terms: tuple[Rate, Basis]
) -> None:
    rate, basis = terms

    def days(count: int) -> list[date]:
        return occurrences(start, every, count)

    def made(payment: int) -> list[Row] | InputError:
        return outcome(
            lambda: amortise_by_payment(
                total,
                payment,
                days,
                starts_on=start - timedelta(days=7),
                rate=rate,
                basis=basis,
                currency="JPY",
            )
        )

    payment = min(total // parts + 1, money.MAX_MINOR)
    rows = made(payment)
    if isinstance(rows, InputError):
        assert rows.field == "amount"
        least = int(rows.params["least"])
        assert least > payment
        assert isinstance(made(least - 1), InputError)
        assume(least <= money.MAX_MINOR)
        payment, rows = least, made(least)
    assert not isinstance(rows, InputError)
    sound(rows, total)
    replayed(rows, total, start - timedelta(days=7), rate, basis)
    assert [row.due_on for row in rows] == days(len(rows))
    assert all(row.amount_minor == payment for row in rows[:-1])
    assert rows[-1].amount_minor <= payment


@given(TOTALS, due_days(), st.integers(1, 100))
def test_a_balloon_sums(total: int, days: list[date], percent: int) -> None:
    last = max(total * percent // 100, 1)
    rows = outcome(lambda: patterns.balloon(total, days, balloon_minor=last, currency="GBP"))
    if isinstance(rows, InputError):
        assert rows.field in {"balloon", "count", "total"}
        return
    sound(rows, total)
    assert rows[-1].amount_minor == last == max(row.amount_minor for row in rows)
    assert [row.due_on for row in rows] == days
    # What does not divide is less than one unit for each of the others.
    assert 0 <= rows[-2].amount_minor - rows[0].amount_minor < max(len(rows) - 1, 1)


@given(
    due_days(),
    st.integers(1, 10**9),
    st.integers(1, 10**7),
    st.booleans(),
    st.integers(1, 24),
    st.data(),
)
def test_a_step_up_sums(
    days: list[date], first: int, step: int, share: bool, every: int, data: st.DataObject
) -> None:
    assume(every < len(days))
    steps = [first]
    for i in range(1, len(days)):
        more = (
            (half_up(steps[-1] * Fraction(step, 10**9)) if share else step) if i % every == 0 else 0
        )
        steps.append(steps[-1] + more)
    assume(sum(steps) <= money.MAX_MINOR)
    total = data.draw(st.integers(sum(steps[:-1]) + 1, sum(steps)))

    def made(total: int) -> list[Row]:
        return patterns.step_up(
            total,
            days,
            first_minor=first,
            step_minor=None if share else step,
            step_share_ppb=step if share else None,
            every_rows=every,
            currency="GBP",
        )

    rows = made(total)
    sound(rows, total)
    assert [row.due_on for row in rows] == days
    assert [row.amount_minor for row in rows[:-1]] == steps[:-1]
    assert rows[-1].amount_minor <= steps[-1]
    for beyond in (sum(steps[:-1]), sum(steps) + 1):
        with pytest.raises(InputError) as caught:
            made(beyond)
        assert caught.value.field == "count"


@given(
    TOTALS,
    due_days(),
    st.dictionaries(st.integers(1, 12), st.integers(0, 100), min_size=1),
)
def test_a_season_sums(total: int, days: list[date], weights: dict[int, int]) -> None:
    rows = outcome(lambda: patterns.seasonal(total, days, weights_by_month=weights))
    if isinstance(rows, InputError):
        assert rows.field in {"total", "weights"}
        return
    sound(rows, total)
    whole = sum(weights.get(day.month, 0) for day in days)
    assert [row.due_on for row in rows] == [day for day in days if weights.get(day.month)]
    for row in rows:
        exact = Fraction(total * weights[row.due_on.month], whole)
        assert abs(row.amount_minor - exact) < 1


@given(TOTALS, due_days(), st.integers(1, 99))
def test_a_settlement_and_what_it_forgives_are_the_debt(
    total: int, days: list[date], percent: int
) -> None:
    offered = max(total * percent // 100, 1)
    made = outcome(
        lambda: patterns.settlement(
            total, offered_minor=offered, pay_by=days[-1], days=days, currency="GBP"
        )
    )
    if isinstance(made, InputError):
        assert offered == total or offered < len(days)
        return
    sound(made.rows, offered)
    assert made.forgiven_minor >= 1
    assert sum(row.amount_minor for row in made.rows) + made.forgiven_minor == total


@given(TOTALS, due_days(), st.integers(1, 10**6))
def test_token_payments_and_what_they_leave_are_the_debt(
    total: int, days: list[date], amount: int
) -> None:
    made = outcome(lambda: patterns.token(amount, days, total_minor=total, currency="GBP"))
    if isinstance(made, InputError):
        assert amount * len(days) >= total
        return
    sound(made.rows, total - made.left_minor)
    assert made.left_minor >= 1
    assert {row.amount_minor for row in made.rows} == {amount}


@given(st.dictionaries(ANCHORS, st.integers(1, 10**9), max_size=20))
def test_the_months_of_a_schedule_sum_to_it(due: dict[date, int]) -> None:
    rows = [Row(due_on=day, amount_minor=minor) for day, minor in sorted(due.items())]
    months = burden(rows)
    assert sum(minor for _, minor in months) == sum(due.values())
    assert all(a < b <= a + timedelta(days=31) for (a, _), (b, _) in pairwise(months))
    compared = compare(rows, rows[1:])
    assert compared.old.total_minor - compared.new.total_minor == (
        rows[0].amount_minor if rows else 0
    )
    assert compared.old.highest_month_minor >= compared.old.average_month_minor
