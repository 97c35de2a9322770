"""What others published, reproduced to the minor unit.

Each table says by which conventions it was made and where it stands; see
tests/golden/README.md.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import partial
from itertools import pairwise

import pytest

from tests.golden import tables
from tests.golden.tables import Table
from tracker.core.amortise import Level, amortise
from tracker.core.components import Amounts, Component
from tracker.core.dates import Every, occurrences
from tracker.core.entries import Kind
from tracker.core.facts import Charge, Fact, Payment, Reason, Reversal, Statement
from tracker.core.interest import Rate, Rounding, Terms, interest_minor, parse_rate
from tracker.core.ledger import replay
from tracker.core.policy import Order, Policy
from tracker.core.schedule import Row

FINE = 10**6
"""Parts of a minor unit in which a table is computed that rounds only what it prints."""


def named(check: str) -> list[object]:
    return [pytest.param(table, id=table.id) for table in tables.checked_by(check)]


def days_of(table: Table) -> list[date]:
    if table.first_due is not None:
        return occurrences(table.first_due, Every.MONTHLY, table.count)
    return [row.due for row in table.rows]


def balances_after(principal: int, rows: list[Row]) -> list[int]:
    left = []
    for row in rows:
        principal -= row.amount_minor - row.interest_minor
        left.append(principal)
    return left


def halves_up(fine: int) -> int:
    return (2 * fine + FINE) // (2 * FINE)


@pytest.mark.parametrize("table", named("amortise"))
def test_a_published_schedule_is_reproduced(table: Table) -> None:
    scale = FINE if table.rounding == "carried" else 1
    principal = table.minor(table.principal) * scale
    rows = amortise(
        principal,
        days_of(table),
        starts_on=table.start,
        rate=parse_rate(table.rate),
        basis=table.basis,
        currency=table.currency,
        payment_minor=None if table.payment is None else table.minor(table.payment) * scale,
    )
    left = balances_after(principal, rows)
    compared = 0
    for stated in table.rows:
        row, balance = rows[stated.nr - 1], left[stated.nr - 1]
        assert row.due_on == stated.due
        for text, minor in (
            (stated.principal, row.amount_minor - row.interest_minor),
            (stated.interest, row.interest_minor),
            (stated.due_total, row.amount_minor),
            (stated.balance, balance),
        ):
            if text is not None:
                expected = minor if scale == 1 else halves_up(minor)
                assert table.minor(text) == expected, (stated.nr, text)
                compared += 1
    assert compared >= len(table.rows)
    assert left[-1] == 0


def found(table: Table, total: int, level: Level) -> list[Row]:
    return amortise(
        total,
        days_of(table),
        starts_on=table.start,
        rate=parse_rate(table.rate),
        basis=table.basis,
        currency=table.currency,
        level=level,
    )


LEVELS = [
    pytest.param(table, id=table.id)
    for table in tables.checked_by("amortise")
    if table.payment is not None and table.level is not None
]


@pytest.mark.parametrize("table", LEVELS)
def test_the_published_level_payment_is_found(table: Table) -> None:
    assert table.payment is not None
    assert table.level is not None
    total = table.minor(table.principal)
    if table.level == "exact":
        fine = found(table, total * FINE, Level.UP)
        payments = {halves_up(fine[0].amount_minor)}
    else:
        rows = found(table, total, Level(table.level))
        payments = {row.amount_minor for row in rows[:-1]}
    assert payments == {table.minor(table.payment)}


@pytest.mark.parametrize("table", named("stages"))
def test_a_payment_found_anew_at_each_change_of_the_rate_is_the_published_one(
    table: Table,
) -> None:
    """The level payment is the exact one to the nearest minor unit, whatever the last row is."""
    balance, starts_on, days = table.minor(table.principal), table.start, days_of(table)
    for stage in table.stages:
        plan = partial(
            amortise,
            days=days,
            starts_on=starts_on,
            rate=parse_rate(stage.rate),
            basis=table.basis,
            currency=table.currency,
        )
        payment = halves_up(plan(balance * FINE)[0].amount_minor)
        if stage.payment is not None:
            assert payment == table.minor(stage.payment)
        left = balances_after(balance, plan(balance, payment_minor=payment))
        balance = left[stage.payments - 1]
        if stage.balance is not None:
            assert balance == table.minor(stage.balance)
        starts_on, days = days[stage.payments - 1], days[stage.payments :]


@pytest.mark.parametrize("table", named("apr"))
def test_a_published_annual_percentage_rate_is_the_one_that_the_payments_pay_off(
    table: Table,
) -> None:
    """Half a hundredth of a percent below the rate they overpay, above it they fall short."""
    paid = [
        (on, table.minor(each.amount) * FINE)
        for each in table.payments
        for on in occurrences(each.on, Every.MONTHLY, each.times)
    ]
    stated = parse_rate(table.rate)

    def left_at(rate: Rate) -> int:
        balance, since = table.minor(table.principal) * FINE, table.start
        for on, amount in paid:
            balance += interest_minor(balance, rate, since, on, table.basis) - amount
            since = on
        return balance

    half = 50_000  # parts per billion: 0.005 %
    assert left_at(Rate(ppb=stated.ppb - half)) < 0 < left_at(Rate(ppb=stated.ppb + half))


def facts_of(table: Table) -> list[Fact]:
    assert table.order is not None
    facts: list[Fact] = [
        Terms(
            from_on=table.start,
            rate=parse_rate(table.rate),
            basis=table.basis,
            rounding=Rounding.EACH,
        ),
        Policy(from_on=table.start, order=table.order),
    ]
    facts += [
        Charge(
            charge_id=index,
            on=charge.on,
            reason=Reason(charge.kind),
            amount_minor=table.minor(charge.amount),
            component=Component(charge.component),
            after_opening=True,
        )
        for index, charge in enumerate(table.charges)
    ]
    for index, paid in enumerate(table.payments):
        facts.append(
            Payment(
                payment_id=index,
                paid_on=paid.on,
                amount_minor=table.minor(paid.amount),
                note=str(index),
            )
        )
        if paid.undone_on is not None:
            facts.append(Reversal(payment_id=index, reversed_on=paid.undone_on))
    return facts


def opening_of(table: Table) -> Statement:
    return Statement(stated_on=table.start, principal_minor=table.minor(table.principal))


@pytest.mark.parametrize("table", named("replay"))
def test_a_published_history_of_payments_is_reproduced(table: Table) -> None:
    opening, facts = opening_of(table), facts_of(table)
    dates = [paid.on for paid in table.payments] + [each.on for each in table.balances]
    entries = replay(opening, facts, until=max(dates)).entries
    lines = {int(entry.note): entry for entry in entries if entry.kind is Kind.PAYMENT}
    compared = 0
    for index, paid in enumerate(table.payments):
        if not paid.split:
            continue
        stated = amounts(table, paid.principal, paid.interest, paid.penalties, paid.fees)
        entry = lines[index]
        assert entry.amounts.negative() == stated, paid
        assert entry.on == paid.on
        assert stated.total + table.minor(paid.overpaid) == table.minor(paid.amount)
        if paid.balance is not None:
            assert entry.balances.principal == table.minor(paid.balance), paid
        compared += 1
    for day in table.balances:
        stands = replay(opening, facts, until=day.on)
        owed = stands.balances
        for text, minor in ((day.interest, owed.interest), (day.penalties, owed.penalties)):
            if text is not None:
                assert minor == table.nearest(text), day
        if day.principal is not None:
            stated = amounts(table, day.principal, "0", "0", day.fees)
            assert (owed.principal, owed.fees) == (stated.principal, stated.fees), day
        if day.total is not None:
            assert stands.balance_minor == table.minor(day.total), day
        compared += 1
    assert compared


def amounts(
    table: Table,
    principal: str | None,
    interest: str | None,
    penalties: str | None,
    fees: str | None,
) -> Amounts:
    figures = [table.minor(text or "0") for text in (principal, interest, penalties, fees)]
    if table.financed_fees:
        figures = [figures[0] + figures[3], figures[1], figures[2], 0]
    return Amounts(*figures)


def test_the_tables_add_up_in_themselves() -> None:
    """A figure that was copied wrongly is found without any engine."""
    for table in tables.read():
        if table.rounding == "carried":
            continue
        left = table.minor(table.principal)
        for row in table.rows:
            parts = [table.minor(each or "0") for each in (row.principal, row.interest)]
            assert row.due_total is not None
            assert sum(parts) == table.minor(row.due_total), (table.id, row.nr)
            left -= parts[0]
            assert row.balance is not None
            assert left == table.minor(row.balance), (table.id, row.nr)
        assert all(one.due < next_one.due for one, next_one in pairwise(table.rows))
        for paid in table.payments:
            if paid.split:
                split = (paid.principal, paid.interest, paid.fees, paid.penalties, paid.overpaid)
                total = sum(table.minor(each or "0") for each in split)
                assert total == table.minor(paid.amount), (table.id, paid.on)


def test_there_are_tables_of_many_conventions_and_orders() -> None:
    known = tables.read()
    lenders = [each for each in known if each.id.startswith(("fineract-", "fsharp-"))]
    assert len(lenders) >= 20
    assert {each.basis.value for each in known} >= {"act/365f", "act/360", "act/act", "30/360"}
    orders = Counter(each.order for each in known if each.order is not None)
    assert {Order.FEES_FIRST, Order.INTEREST_FIRST, Order.PRINCIPAL_FIRST} <= orders.keys()
    assert all(each.source and each.conventions for each in known)
