"""The stored allocation against its replay."""

from __future__ import annotations

from datetime import date

from tracker.core.allocation import Open, Paid
from tracker.core.checks import differences

PLAN = [
    Open(ref="jan", due_on=date(2027, 1, 1), amount_minor=5000),
    Open(ref="feb", due_on=date(2027, 2, 1), amount_minor=5000),
]
PAYMENTS = [Paid(payment_id=1, paid_on=date(2027, 1, 1), amount_minor=6000)]
PAID = {"jan": 5000, "feb": 1000}
PARTS = [(1, "jan", 5000), (1, "feb", 1000)]


def found(
    cached_paid: dict[str, int] | None = None,
    cached_parts: list[tuple[int, str, int]] | None = None,
) -> list[str]:
    return differences(
        PLAN,
        PAYMENTS,
        cached_paid=PAID if cached_paid is None else cached_paid,
        cached_parts=PARTS if cached_parts is None else cached_parts,
    )


def test_a_true_cache_has_no_differences_whatever_its_order() -> None:
    assert found() == []
    assert found(cached_parts=PARTS[::-1]) == []


def test_a_wrong_stored_amount_is_named_with_both_figures() -> None:
    assert found(cached_paid={"jan": 4000, "feb": 1000}) == [
        "Instalment jan is stored with 4000 paid; the replay says 5000."
    ]


def test_an_instalment_without_a_stored_amount_is_named() -> None:
    assert found(cached_paid={"jan": 5000}) == [
        "Instalment feb has no stored amount; the replay says 1000."
    ]


def test_money_on_an_instalment_that_is_no_longer_asked_is_named_but_zero_is_fine() -> None:
    assert found(cached_paid={**PAID, "old": 0}) == []
    assert found(cached_paid={**PAID, "old": 7}) == [
        "Instalment old is stored with 7 paid, but is not asked any more."
    ]


def test_a_missing_a_wrong_and_a_foreign_part_are_named() -> None:
    assert found(cached_parts=[(1, "jan", 4999), (2, "feb", 1000)]) == [
        "Payment 1 for instalment feb is stored as nothing; the replay says 1000.",
        "Payment 1 for instalment jan is stored as 4999; the replay says 5000.",
        "Payment 2 for instalment feb is stored as 1000; the replay says nothing.",
    ]


def test_a_part_stored_twice_is_named_even_if_the_sum_is_right() -> None:
    assert found(cached_parts=[(1, "jan", 2000), (1, "jan", 3000), (1, "feb", 1000)]) == [
        "Payment 1 for instalment jan is stored as 2000 and 3000; the replay says 5000."
    ]
