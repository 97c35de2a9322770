"""What may explain a creditor's other figure; each test works the creditor's figure out by hand.

18.25 % by act/365 is 0.05 % a day: 50 minor units a day on 100,000.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tracker.core import guesses, reconcile
from tracker.core.components import Amounts, Component
from tracker.core.facts import Charge, Fact, Payment, Reason, Reversal, Statement
from tracker.core.interest import Compounding, Rounding, Terms, parse_rate
from tracker.core.ledger import replay
from tracker.core.policy import Order, Policy
from tracker.core.reconcile import MONEY_PARAMS, Compared, Explained, compare

START = date(2026, 1, 1)
OPENING = Statement(stated_on=START, principal_minor=100_000, fees_minor=500)
TERMS = Terms(from_on=START, rate=parse_rate("18.25%"))
PRINCIPAL_FIRST = Policy(from_on=START, order=Order.PRINCIPAL_FIRST)
ON = date(2026, 3, 2)  # 60 days on: 3,000 of interest on all of it


def payment(payment_id: int, day: date, amount: int) -> Payment:
    return Payment(payment_id=payment_id, paid_on=day, amount_minor=amount)


def split(owed: Amounts, on: date = ON, *, total: int | None = None) -> Statement:
    return Statement(
        stated_on=on,
        total_minor=total,
        principal_minor=owed.principal,
        interest_minor=owed.interest,
        penalties_minor=owed.penalties,
        fees_minor=owed.fees,
        costs_minor=owed.costs,
    )


def compared(
    facts: list[Fact],
    statement: Statement,
    *,
    opening: Statement = OPENING,
    scheduled: list[Payment] | None = None,
) -> Compared:
    found = compare(opening, facts, statement, scheduled=scheduled or [])
    assert found is not None
    assert sum(reason.minor for reason in found.reasons) == found.difference_minor
    for reason in found.reasons:
        assert "{" not in reason.msgid.format(**reason.params)
        assert all(int(str(reason.params[name])) > 0 for name in MONEY_PARAMS & set(reason.params))
    return found


def said(found: Compared) -> list[tuple[str, int]]:
    return [(reason.msgid, reason.minor) for reason in found.reasons]


def test_before_the_opening_there_is_nothing_to_compare_with() -> None:
    assert compare(OPENING, [], split(Amounts(), date(2025, 12, 31))) is None


def test_a_statement_that_agrees_needs_no_reason() -> None:
    found = compared([TERMS], split(Amounts(100_000, 3_000, 0, 500)))
    assert found.agrees
    assert found.explained
    assert (found.difference_minor, found.difference) == (0, Amounts())
    assert found.own == found.stated == Amounts(100_000, 3_000, 0, 500)
    assert found.reasons == ()


def test_a_bare_total_is_compared_as_such_and_marked() -> None:
    found = compared([TERMS], Statement(stated_on=ON, total_minor=103_500))
    assert (found.split, found.stated, found.difference) == (False, None, None)
    assert found.agrees
    assert said(found) == [(reconcile.TOTAL_ONLY, 0)]
    assert found.explained


def test_another_total_that_nothing_explains_stays_open() -> None:
    found = compared([TERMS], Statement(stated_on=ON, total_minor=104_711))
    assert said(found) == [(reconcile.TOTAL_ONLY, 0), (reconcile.TOTAL_MORE, 1_211)]
    assert found.reasons[1].params == {"amount": 1_211}
    assert not found.explained
    less = compared([TERMS], Statement(stated_on=ON, total_minor=103_377))
    assert said(less)[1] == (reconcile.TOTAL_LESS, -123)
    assert less.reasons[1].params == {"amount": 123}


# A payment that one side has not booked.


def test_a_payment_just_before_the_statement_may_not_be_booked_yet() -> None:
    paid = payment(1, date(2026, 2, 25), 10_000)
    found = compared([TERMS, paid], split(Amounts(100_000, 3_000, 0, 500)))
    # Own: 55 × 50 = 2,750 and the fees are paid, 6,750 of the principal too; 5 × 46.625 since.
    assert found.own == Amounts(93_250, 233)
    assert found.reasons == (
        Explained(
            msgid=guesses.NOT_BOOKED,
            params={"amount": 10_000, "day": date(2026, 2, 25)},
            minor=10_017,
        ),
    )


def test_so_may_one_that_is_booked_late_as_of_its_day() -> None:
    paid = payment(1, date(2026, 2, 25), 10_000)
    # The whole is owed still, but interest was reckoned without what it paid.
    found = compared([TERMS, paid], split(Amounts(100_000, 2_983, 0, 500)))
    assert said(found) == [(guesses.NOT_BOOKED, 10_000)]


def test_the_total_alone_shows_it_too() -> None:
    facts: list[Fact] = [payment(1, date(2026, 2, 1), 10_000), payment(2, date(2026, 2, 25), 7_000)]
    found = compared(facts, Statement(stated_on=ON, total_minor=90_500))
    assert said(found) == [(reconcile.TOTAL_ONLY, 0), (guesses.NOT_BOOKED, 7_000)]


def test_the_latest_payments_together() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 2, 1), 10_000),
        payment(2, date(2026, 2, 22), 7_000),
        payment(3, date(2026, 3, 1), 800),
    ]
    found = compared(facts, Statement(stated_on=ON, total_minor=90_500))
    assert said(found)[1:] == [(guesses.NONE_BOOKED, 7_800)]
    assert found.reasons[1].params == {"amount": 7_800, "count": 2}


def test_a_payment_from_long_before_should_be_booked() -> None:
    fortnight: list[Fact] = [payment(1, date(2026, 2, 16), 7_000)]
    assert said(compared(fortnight, Statement(stated_on=ON, total_minor=100_500)))[1:] == [
        (guesses.NOT_BOOKED, 7_000)
    ]
    older: list[Fact] = [payment(1, date(2026, 2, 15), 7_000)]
    found = compared(older, Statement(stated_on=ON, total_minor=100_500))
    assert said(found)[1:] == [(reconcile.TOTAL_MORE, 7_000)]


def test_a_scheduled_payment_may_be_booked_already() -> None:
    paid = payment(1, date(2026, 2, 28), 7_000)
    found = compared([], Statement(stated_on=ON, total_minor=93_500), scheduled=[paid])
    assert said(found)[1:] == [(guesses.SCHEDULED, -7_000)]
    later = payment(1, date(2026, 3, 3), 7_000)
    found = compared([], Statement(stated_on=ON, total_minor=93_500), scheduled=[later])
    assert said(found)[1:] == [(reconcile.TOTAL_LESS, -7_000)]


@pytest.mark.parametrize("reversed_on", [date(2026, 2, 2), date(2026, 2, 20)])
def test_a_reversed_payment_may_still_count_for_the_creditor(reversed_on: date) -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 2, 2), 7_000),
        Reversal(payment_id=1, reversed_on=reversed_on),
    ]
    found = compared(facts, split(Amounts(93_500)))
    assert said(found) == [(guesses.REVERSED, -7_000)]


def test_a_payment_that_bounces_after_the_statement_may_not_be_booked_on_its_day() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 2, 28), 7_000),
        Reversal(payment_id=1, reversed_on=date(2026, 3, 5)),
    ]
    assert said(compared(facts, split(Amounts(100_000, fees=500)))) == [(guesses.NOT_BOOKED, 7_000)]


# Charges.


@pytest.mark.parametrize("component", [Component.FEES, Component.COSTS])
def test_a_charge_that_is_not_recorded(component: Component) -> None:
    owed = Amounts(100_000, 3_000, 0, 500).plus(Amounts.one(component, 1_200))
    found = compared([TERMS], split(owed))
    assert found.reasons == (
        Explained(
            msgid=reconcile.MORE_CHARGED,
            params={"amount": 1_200, "component": component.value},
            minor=1_200,
        ),
    )
    assert found.explained


def test_fees_that_the_creditor_does_not_ask_for() -> None:
    assert said(compared([TERMS], split(Amounts(100_000, 3_000)))) == [
        (reconcile.LESS_CHARGED, -500)
    ]


def test_fees_and_costs_are_named_apart() -> None:
    found = compared([TERMS], split(Amounts(100_000, 3_000, 0, 900, 70)))
    assert [(reason.params["component"], reason.minor) for reason in found.reasons] == [
        ("fees", 400),
        ("costs", 70),
    ]


# Another reckoning.


def test_another_day_count() -> None:
    # 100,000 × 18.25 % × 60/360 = 3,041.67
    found = compared([TERMS], split(Amounts(100_000, 3_042, 0, 500)))
    assert found.reasons == (
        Explained(msgid=guesses.DAY_COUNT, params={"basis": "act/360"}, minor=42),
    )


def test_interest_on_interest() -> None:
    # 1,550 on 1 February and 1,421.7 on 1 March, of which 2,971.7 bear for one more day.
    found = compared([TERMS], split(Amounts(100_000, 3_023, 0, 500)))
    assert found.reasons == (
        Explained(msgid=guesses.COMPOUNDED, params={"compounding": "monthly"}, minor=23),
    )


def test_no_interest_on_interest() -> None:
    monthly = replace(TERMS, compounding=Compounding.MONTHLY)
    found = compared([monthly], split(Amounts(100_000, 3_000, 0, 500)))
    assert said(found) == [(guesses.SIMPLE, -23)]


def test_rounding_of_each_posting() -> None:
    opening = Statement(stated_on=START, principal_minor=1_000)
    facts: list[Fact] = [
        TERMS,
        *(
            Charge(
                charge_id=n,
                on=date(2026, 1, 1 + n),
                reason=Reason.CHARGE,
                amount_minor=10,
                component=Component.COSTS,
            )
            for n in range(1, 21)
        ),
    ]
    # Half a minor unit a day, each rounded up.
    statement = split(Amounts(1_000, 20, 0, 0, 200), date(2026, 1, 21))
    assert said(compared(facts, statement, opening=opening)) == [(guesses.ROUNDED, 10)]
    each: list[Fact] = [replace(TERMS, rounding=Rounding.EACH), *facts[1:]]
    statement = split(Amounts(1_000, 10, 0, 0, 200), date(2026, 1, 21))
    assert said(compared(each, statement, opening=opening)) == [(guesses.CARRIED, -10)]


@pytest.mark.parametrize(("days", "msgid"), [(61, guesses.DAY_MORE), (59, guesses.DAY_LESS)])
def test_a_day_more_or_less_of_interest(days: int, msgid: str) -> None:
    found = compared([TERMS], split(Amounts(100_000, 50 * days, 0, 500)))
    assert said(found) == [(msgid, 50 * (days - 60))]


def test_what_happens_on_the_next_day_is_not_in_a_day_more() -> None:
    facts: list[Fact] = [
        TERMS,
        replace(TERMS, from_on=date(2026, 3, 3), rate=parse_rate("99%")),
        payment(1, date(2026, 3, 3), 50_000),
        Reversal(payment_id=1, reversed_on=date(2026, 3, 4)),
    ]
    assert said(compared(facts, split(Amounts(100_000, 3_050, 0, 500)))) == [(guesses.DAY_MORE, 50)]


def test_a_total_shows_another_reckoning_too() -> None:
    found = compared([TERMS], Statement(stated_on=ON, total_minor=103_542))
    assert said(found)[1:] == [(guesses.DAY_COUNT, 42)]


def test_another_order_of_the_payments_behind_a_total_that_agrees() -> None:
    facts: list[Fact] = [payment(1, date(2026, 1, 5), 1_000)]
    found = compared(facts, split(Amounts(99_000, fees=500)))
    assert found.difference_minor == 0
    assert found.difference == Amounts(-500, fees=500)
    assert not found.agrees
    assert found.reasons == (
        Explained(msgid=guesses.OTHER_ORDER, params={"order": "principal-first"}, minor=0),
    )


# Together, and not at all.


def test_a_payment_and_another_day_count() -> None:
    facts: list[Fact] = [TERMS, PRINCIPAL_FIRST, payment(1, date(2026, 2, 25), 10_000)]
    # Unbooked and by act/360; own: 100,000 for 55 days and 90,000 for 5.
    found = compared(facts, split(Amounts(100_000, 3_042, 0, 500)))
    assert found.own == Amounts(90_000, 2_975, 0, 500)
    assert said(found) == [(guesses.NOT_BOOKED, 10_025), (guesses.DAY_COUNT, 42)]


def test_a_payment_and_a_charge() -> None:
    facts: list[Fact] = [TERMS, PRINCIPAL_FIRST, payment(1, date(2026, 2, 25), 10_000)]
    found = compared(facts, split(Amounts(100_000, 3_000, 0, 500, 333)))
    assert said(found) == [(guesses.NOT_BOOKED, 10_025), (reconcile.MORE_CHARGED, 333)]


def test_a_day_count_a_charge_and_something_open() -> None:
    found = compared([TERMS], split(Amounts(100_007, 3_042, 0, 600)))
    assert said(found) == [
        (guesses.DAY_COUNT, 42),
        (reconcile.OPEN_MORE, 7),
        (reconcile.MORE_CHARGED, 100),
    ]
    assert found.reasons[1].params == {"amount": 7, "component": "principal"}
    assert not found.explained


def test_a_difference_of_parts_never_hides_behind_a_total_that_agrees() -> None:
    found = compared([TERMS], split(Amounts(100_000, 2_871, 0, 629)))
    assert found.difference_minor == 0
    assert not found.agrees
    # Neither is explained: what is more in one is less in the other.
    assert said(found) == [(reconcile.OPEN_LESS, -129), (reconcile.OPEN_MORE, 129)]
    assert [reason.params["component"] for reason in found.reasons] == ["interest", "fees"]
    assert not found.explained


def test_a_guess_that_breaks_what_agrees_is_none() -> None:
    """The principal differs by just what was paid, but nothing else changes as it would."""
    opening = Statement(stated_on=START, principal_minor=100_000, interest_minor=9_000)
    facts: list[Fact] = [payment(1, date(2026, 2, 25), 4_000)]
    found = compared(facts, split(Amounts(104_000, 5_000)), opening=opening)
    assert said(found) == [(reconcile.OPEN_MORE, 4_000)]


def test_nor_is_one_that_trades_one_difference_for_another() -> None:
    opening = Statement(
        stated_on=START, principal_minor=100_000, interest_minor=300, fees_minor=500
    )
    facts: list[Fact] = [payment(1, date(2026, 2, 25), 800)]
    # Without the payment 300 of interest would be owed, as stated, but 500 of fees too.
    found = compared(facts, split(Amounts(100_000, 300)), opening=opening)
    assert said(found) == [(reconcile.OPEN_MORE, 300)]


def test_a_total_beside_parts_that_do_not_make_it_is_said() -> None:
    owed = Amounts(100_000, 3_000, 0, 500)
    assert said(compared([TERMS], split(owed, total=103_800))) == [(reconcile.OUTSIDE_MORE, 300)]
    assert said(compared([TERMS], split(owed, total=103_300))) == [(reconcile.OUTSIDE_LESS, -200)]


def test_parts_that_are_not_named_beside_a_total_are_compared_as_one() -> None:
    named = Statement(stated_on=ON, total_minor=103_500, principal_minor=100_000)
    found = compared([TERMS], named)
    assert found.agrees
    assert found.stated == Amounts(principal=100_000)
    more = Statement(stated_on=ON, total_minor=103_542, principal_minor=100_000)
    assert said(compared([TERMS], more)) == [(guesses.DAY_COUNT, 42)]


def test_without_a_total_a_part_that_is_not_named_is_none() -> None:
    found = compared([TERMS], Statement(stated_on=ON, principal_minor=100_000, fees_minor=500))
    assert found.difference == Amounts(interest=-3_000)
    assert said(found) == [(reconcile.OPEN_LESS, -3_000)]


def test_credit_that_the_creditor_does_not_state_is_a_difference() -> None:
    facts: list[Fact] = [payment(1, date(2026, 1, 20), 100_900)]
    found = compared(facts, split(Amounts()))
    assert (found.overpaid_minor, found.difference_minor) == (400, 400)
    assert said(found) == [(reconcile.OUTSIDE_MORE, 400)]
    assert compared(facts, Statement(stated_on=ON, total_minor=-400)).agrees


def test_comparing_changes_nothing() -> None:
    facts: list[Fact] = [TERMS, payment(1, date(2026, 2, 25), 10_000)]
    before = replay(OPENING, facts, until=ON)
    compared(facts, split(Amounts(1, 2, 3, 4, 5)))
    assert replay(OPENING, facts, until=ON) == before
