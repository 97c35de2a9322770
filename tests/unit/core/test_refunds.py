"""Money that came back is taken off the payments that it came out of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from tracker.core.allocation import Open, Overpay, Paid, allocate
from tracker.core.refunds import Back, less, sent_back


def on(day: int) -> date:
    return date(2026, 12, day)


def paid(number: int, day: int, amount: int, for_ref: str | None = None) -> Paid:
    return Paid(payment_id=number, paid_on=on(day), amount_minor=amount, for_ref=for_ref)


def back(number: int, day: int, amount: int) -> Back:
    return Back(refund_id=number, on=on(day), amount_minor=amount)


def nothing_spare(payments: Sequence[Paid]) -> Mapping[int, int]:
    return {}


def test_the_newest_payment_loses_first_and_then_the_one_before() -> None:
    payments = [paid(1, 1, 100), paid(2, 2, 100), paid(3, 3, 30)]
    assert sent_back(payments, [back(9, 4, 50)], nothing_spare) == {3: 30, 2: 20}


def test_of_two_on_one_day_the_one_recorded_later_loses_first() -> None:
    assert sent_back([paid(2, 1, 100), paid(1, 1, 100)], [back(9, 1, 40)], nothing_spare) == {2: 40}


def test_what_was_paid_after_the_refund_is_not_touched() -> None:
    payments = [paid(1, 1, 100), paid(2, 9, 100)]
    assert sent_back(payments, [back(9, 4, 40)], nothing_spare) == {1: 40}


def test_what_no_instalment_could_take_goes_before_the_newest_payment() -> None:
    rows = [Open(ref=str(n), due_on=on(n), amount_minor=100) for n in (5, 10, 15)]
    payments = [paid(1, 5, 230), paid(2, 15, 100)]
    overpaid = allocate(rows, payments, overpay=Overpay.REFUND).overpaid
    assert dict(overpaid) == {1: 30}

    def spare(given: Sequence[Paid]) -> Mapping[int, int]:
        return dict(allocate(rows, given, overpay=Overpay.REFUND).overpaid)

    assert sent_back(payments, [back(9, 20, 30)], spare) == {1: 30}
    assert sent_back(payments, [back(9, 20, 50)], spare) == {1: 30, 2: 20}


def test_two_refunds_do_not_come_out_of_the_same_money() -> None:
    payments = [paid(1, 1, 100), paid(2, 2, 50)]
    refunds = [back(8, 5, 40), back(7, 3, 40)]
    assert sent_back(payments, refunds, nothing_spare) == {2: 50, 1: 30}
    assert sent_back(payments, list(reversed(refunds)), nothing_spare) == {2: 50, 1: 30}


def test_more_than_was_ever_paid_comes_off_none() -> None:
    assert sent_back([paid(1, 1, 100)], [back(9, 2, 130)], nothing_spare) == {1: 100}
    assert sent_back([], [back(9, 2, 130)], nothing_spare) == {}


def test_a_payment_that_came_back_whole_is_left_out() -> None:
    payments = [paid(1, 1, 100), paid(2, 2, 50, for_ref="a")]
    assert less(payments, {1: 100, 2: 20}) == [paid(2, 2, 30, for_ref="a")]
    assert less(payments, {}) == payments
