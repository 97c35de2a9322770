"""The replays that every payment and every look at a debt start with."""

from __future__ import annotations

from datetime import date, timedelta

from tests.peers import measure
from tracker.core import allocation, ledger

PAYMENTS = 600
FIRST = date(2020, 1, 1)


def _on(week: int) -> date:
    return FIRST + timedelta(weeks=week)


def test_the_ledger_of_a_debt_with_600_payments() -> None:
    opening = ledger.Statement(stated_on=FIRST, total_minor=100 * PAYMENTS)
    facts = [
        ledger.Payment(payment_id=each, paid_on=_on(each), amount_minor=100)
        for each in range(1, PAYMENTS + 1)
    ]
    assert ledger.balance(ledger.ledger(opening, facts), _on(PAYMENTS)) == 0
    spent = measure.median_ms(lambda: ledger.ledger(opening, facts), 50)
    measure.show("ledger replay, 600 payments", f"{spent:.2f} ms", "10 ms", over=spent > 10)


def test_the_allocation_of_600_payments_to_600_instalments() -> None:
    rows = [
        allocation.Open(ref=str(each), due_on=_on(each), amount_minor=100)
        for each in range(PAYMENTS)
    ]
    # Seventy at a time, so that most payments are parted.
    paid = [
        allocation.Paid(payment_id=each, paid_on=_on(each), amount_minor=70)
        for each in range(1, PAYMENTS + 1)
    ]
    assert sum(allocation.allocate(rows, paid).totals().values()) == 70 * PAYMENTS
    spent = measure.median_ms(lambda: allocation.allocate(rows, paid), 50)
    measure.show("allocation replay, 600 payments", f"{spent:.2f} ms", "10 ms", over=spent > 10)
