"""The replays that every payment and every look at a debt start with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.peers import measure
from tracker.core import allocation
from tracker.core.daycount import Basis
from tracker.core.entries import Kind
from tracker.core.facts import Asked, Fact, Payment, Statement
from tracker.core.interest import (
    Compounding,
    LateFee,
    Penalty,
    Terms,
    Times,
    parse_rate,
    parse_share,
)
from tracker.core.ledger import replay
from tracker.core.policy import PRESETS, Policy
from tracker.core.reconcile import compare

PAYMENTS = 600
FIRST = date(2020, 1, 1)
EACH_MINOR = 90_000
OPENING = Statement(stated_on=FIRST, total_minor=100_000 * PAYMENTS)


def _on(week: int) -> date:
    return FIRST + timedelta(weeks=week)


LAST = _on(PAYMENTS)
PAID: list[Fact] = [
    Payment(payment_id=each, paid_on=_on(each), amount_minor=EACH_MINOR)
    for each in range(1, PAYMENTS + 1)
]
ORDER, SWITCH_DAYS, THEN = PRESETS["cn-card"]
POLICY = Policy(from_on=FIRST, order=ORDER, switch_days=SWITCH_DAYS, then=THEN)
MONTHLY = Terms(
    from_on=FIRST,
    rate=parse_rate("18.25%"),
    basis=Basis.ACT_ACT,
    compounding=Compounding.MONTHLY,
)
EVERYTHING = Terms(
    from_on=FIRST,
    rate=parse_rate("18.25%"),
    basis=Basis.ACT_ACT,
    compounding=Compounding.MONTHLY,
    penalty=Penalty(above_ppb=parse_share("50%", field="penalty"), instead=True),
    late_fee=LateFee(share_ppb=parse_share("5%", field="late_fee"), times=Times.ONCE),
    grace_days=1,
)
# Six of seven are paid after their grace.
ASKED = Asked(
    from_on=FIRST,
    dues=tuple(
        (_on(each) + timedelta(days=-3 if each % 7 else 3), EACH_MINOR)
        for each in range(1, PAYMENTS + 1)
    ),
)


@pytest.mark.parametrize(
    ("what", "conditions", "kinds"),
    [
        ("plain", [], {Kind.OPENING, Kind.PAYMENT}),
        ("interest, compounded monthly", [MONTHLY, POLICY], {Kind.INTEREST}),
        (
            "late fees and penalties too",
            [EVERYTHING, POLICY, ASKED],
            {Kind.INTEREST, Kind.PENALTY, Kind.LATE_FEE},
        ),
    ],
)
def test_the_ledger_of_a_debt_with_600_payments(
    what: str, conditions: list[Fact], kinds: set[Kind]
) -> None:
    facts = [*PAID, *conditions]
    replayed = replay(OPENING, facts, until=LAST)
    assert kinds <= {entry.kind for entry in replayed.entries}
    paid = sum(entry.sum_minor for entry in replayed.entries if entry.kind is Kind.PAYMENT)
    assert paid == -EACH_MINOR * PAYMENTS
    spent = measure.median_ms(lambda: replay(OPENING, facts, until=LAST), 50)
    measure.show(
        f"ledger replay, 600 payments, {what}", f"{spent:.2f} ms", "10 ms", over=spent > 10
    )


def test_a_statement_that_nothing_explains_beside_600_payments() -> None:
    """The dearest case: every guess is tried, and every pair of them."""
    facts = [*PAID, MONTHLY, POLICY]
    statement = Statement(stated_on=LAST, principal_minor=1, interest_minor=1)
    compared = compare(OPENING, facts, statement)
    assert compared is not None
    assert not compared.explained
    spent = measure.median_ms(lambda: compare(OPENING, facts, statement), 3)
    measure.show("comparing a statement, 600 payments", f"{spent:.0f} ms", "none")


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
