"""What is owed from day to day."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.ledger import (
    Entry,
    Fact,
    Kind,
    Payment,
    Reversal,
    Statement,
    balance,
    difference,
    ledger,
)
from tracker.errors import InputError

OPENING = Statement(stated_on=date(2026, 10, 1), total_minor=100_000, note="letter of 3 Oct")


def payment(payment_id: int, on: date, amount: int) -> Payment:
    return Payment(payment_id=payment_id, paid_on=on, amount_minor=amount)


def test_the_balance_runs_from_the_opening_figure() -> None:
    entries = ledger(
        OPENING, [payment(2, date(2026, 12, 1), 20_000), payment(1, date(2026, 11, 1), 15_000)]
    )
    assert [(e.on, e.kind, e.amount_minor, e.balance_minor) for e in entries] == [
        (date(2026, 10, 1), Kind.OPENING, 100_000, 100_000),
        (date(2026, 11, 1), Kind.PAYMENT, -15_000, 85_000),
        (date(2026, 12, 1), Kind.PAYMENT, -20_000, 65_000),
    ]


def test_notes_travel_with_their_entries() -> None:
    paid = Payment(payment_id=1, paid_on=date(2026, 11, 1), amount_minor=1, note="ref 44")
    back = Reversal(payment_id=1, reversed_on=date(2026, 11, 4), note="returned")
    assert [e.note for e in ledger(OPENING, [paid, back])] == [
        "letter of 3 Oct",
        "ref 44",
        "returned",
    ]


@pytest.mark.parametrize("day", [date(2026, 9, 30), date(2026, 10, 1)])
def test_a_payment_on_or_before_the_day_of_the_statement_is_in_it_already(day: date) -> None:
    entries = ledger(OPENING, [payment(1, day, 15_000)])
    assert [e.kind for e in entries] == [Kind.OPENING]
    assert balance(entries, date(2027, 1, 1)) == 100_000


def test_a_payment_on_the_day_after_the_statement_counts() -> None:
    entries = ledger(OPENING, [payment(1, date(2026, 10, 2), 15_000)])
    assert balance(entries, date(2026, 10, 2)) == 85_000


def test_a_returned_debit_raises_the_balance_on_the_day_it_came_back() -> None:
    entries = ledger(
        OPENING,
        [
            payment(1, date(2026, 11, 1), 15_000),
            Reversal(payment_id=1, reversed_on=date(2026, 11, 5)),
        ],
    )
    assert balance(entries, date(2026, 11, 4)) == 85_000
    assert balance(entries, date(2026, 11, 5)) == 100_000
    assert entries[-1].kind is Kind.REVERSAL
    assert entries[-1].amount_minor == 15_000


def test_a_debit_in_the_statement_that_bounces_after_it_raises_the_balance() -> None:
    entries = ledger(
        OPENING,
        [
            payment(1, date(2026, 9, 29), 15_000),
            Reversal(payment_id=1, reversed_on=date(2026, 10, 3)),
        ],
    )
    assert balance(entries, date(2026, 10, 3)) == 115_000


def test_a_mistake_before_the_statement_changes_nothing() -> None:
    day = date(2026, 9, 29)
    entries = ledger(OPENING, [payment(1, day, 15_000), Reversal(payment_id=1, reversed_on=day)])
    assert [e.kind for e in entries] == [Kind.OPENING]


def test_a_reversal_dated_before_its_payment_takes_effect_with_it() -> None:
    day = date(2026, 12, 1)
    entries = ledger(
        OPENING,
        [Reversal(payment_id=1, reversed_on=date(2026, 11, 1)), payment(1, day, 15_000)],
    )
    assert [(e.on, e.balance_minor) for e in entries[1:]] == [(day, 85_000), (day, 100_000)]


def test_more_paid_than_owed_shows_below_zero() -> None:
    entries = ledger(OPENING, [payment(1, date(2026, 11, 1), 100_500)])
    assert entries[-1].balance_minor == -500


def test_the_order_of_the_facts_does_not_matter() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 1000),
        payment(2, date(2026, 11, 1), 2000),
        Reversal(payment_id=1, reversed_on=date(2026, 11, 1)),
    ]
    assert ledger(OPENING, facts) == ledger(OPENING, facts[::-1])


def test_before_the_opening_nothing_is_known() -> None:
    entries = ledger(OPENING, [])
    assert balance(entries, date(2026, 9, 30)) is None
    assert balance([], date(2026, 9, 30)) is None


def test_a_statement_of_components_counts_by_their_sum() -> None:
    statement = Statement(
        stated_on=date(2026, 10, 1),
        principal_minor=80_000,
        interest_minor=15_000,
        penalties_minor=3_000,
        fees_minor=2_500,
    )
    assert statement.balance_minor == 100_500
    assert statement.unexplained_minor == 0
    assert ledger(statement, []) == [
        Entry(on=date(2026, 10, 1), kind=Kind.OPENING, amount_minor=100_500, balance_minor=100_500)
    ]


def test_a_stated_total_stands_and_what_the_components_leave_open_is_shown() -> None:
    statement = Statement(
        stated_on=date(2026, 10, 1), total_minor=100_000, principal_minor=80_000, fees_minor=0
    )
    assert statement.balance_minor == 100_000
    assert statement.unexplained_minor == 20_000


def test_a_statement_of_zero_is_a_figure() -> None:
    assert Statement(stated_on=date(2026, 10, 1), principal_minor=0).balance_minor == 0
    assert Statement(stated_on=date(2026, 10, 1), total_minor=0).balance_minor == 0


def test_a_statement_without_any_figure_is_refused() -> None:
    with pytest.raises(InputError, match="has no figure") as refused:
        Statement(stated_on=date(2026, 10, 1))
    assert refused.value.field == "total"


def test_a_later_statement_is_compared_and_changes_nothing() -> None:
    entries = ledger(OPENING, [payment(1, date(2026, 11, 1), 15_000)])
    later = Statement(stated_on=date(2026, 12, 31), total_minor=86_200)
    assert difference(entries, later) == 1_200
    assert balance(entries, date(2026, 12, 31)) == 85_000
    before = Statement(stated_on=date(2026, 9, 1), total_minor=1)
    assert difference(entries, before) is None


def test_contradicting_facts_are_refused() -> None:
    paid = payment(1, date(2026, 11, 1), 1000)
    back = Reversal(payment_id=1, reversed_on=date(2026, 11, 2))
    with pytest.raises(ValueError, match="occurs twice"):
        ledger(OPENING, [paid, paid])
    with pytest.raises(ValueError, match="reversed twice"):
        ledger(OPENING, [paid, back, back])
    with pytest.raises(ValueError, match="unknown: payment 1"):
        ledger(OPENING, [back])
    with pytest.raises(ValueError, match="not above 0"):
        payment(1, date(2026, 11, 1), 0)
