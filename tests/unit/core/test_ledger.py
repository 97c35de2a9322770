"""What is owed from day to day: the opening, payments, their reversals, charges and credit.

What the terms add is in test_ledger_terms.py.
"""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.components import NOTHING, Amounts, Component
from tracker.core.entries import Kind, Replayed
from tracker.core.facts import (
    Asked,
    Charge,
    Fact,
    Payment,
    Reason,
    Refund,
    Reversal,
    Statement,
)
from tracker.core.interest import Terms, parse_rate
from tracker.core.ledger import replay
from tracker.core.policy import Order, Policy
from tracker.errors import InputError

OPENING = Statement(stated_on=date(2026, 10, 1), total_minor=100_000, note="letter of 3 Oct")
LONG_AFTER = date(2027, 1, 1)
SPLIT = Statement(
    stated_on=date(2026, 10, 1),
    principal_minor=1_000,
    interest_minor=200,
    penalties_minor=100,
    fees_minor=50,
    costs_minor=30,
)


def payment(payment_id: int, on: date, amount: int) -> Payment:
    return Payment(payment_id=payment_id, paid_on=on, amount_minor=amount)


def charge(
    charge_id: int,
    on: date,
    amount: int | None,
    component: Component | None = None,
    reason: Reason = Reason.CHARGE,
    *,
    after_opening: bool = False,
) -> Charge:
    return Charge(
        charge_id=charge_id,
        on=on,
        reason=reason,
        amount_minor=amount,
        component=component,
        after_opening=after_opening,
    )


def on(day: date, facts: list[Fact], opening: Statement = OPENING) -> Replayed:
    return replay(opening, facts, until=day)


def kinds(replayed: Replayed) -> list[Kind]:
    return [entry.kind for entry in replayed.entries]


# The opening and payments.


def test_the_balance_runs_from_the_opening_figure() -> None:
    replayed = on(
        LONG_AFTER, [payment(2, date(2026, 12, 1), 20_000), payment(1, date(2026, 11, 1), 15_000)]
    )
    assert [(e.on, e.kind, e.amount_minor, e.balance_minor) for e in replayed.entries] == [
        (date(2026, 10, 1), Kind.OPENING, 100_000, 100_000),
        (date(2026, 11, 1), Kind.PAYMENT, -15_000, 85_000),
        (date(2026, 12, 1), Kind.PAYMENT, -20_000, 65_000),
    ]


def test_notes_travel_with_their_entries() -> None:
    paid = Payment(payment_id=1, paid_on=date(2026, 11, 1), amount_minor=1, note="ref 44")
    back = Reversal(payment_id=1, reversed_on=date(2026, 11, 4), note="returned")
    assert [e.note for e in on(LONG_AFTER, [paid, back]).entries] == [
        "letter of 3 Oct",
        "ref 44",
        "returned",
    ]


def test_what_is_to_come_is_not_in_it() -> None:
    replayed = on(date(2026, 10, 31), [payment(1, date(2026, 11, 1), 15_000)])
    assert kinds(replayed) == [Kind.OPENING]
    assert replayed.on == date(2026, 10, 31)
    assert on(date(2026, 11, 1), [payment(1, date(2026, 11, 1), 15_000)]).balance_minor == 85_000


@pytest.mark.parametrize("day", [date(2026, 9, 30), date(2026, 10, 1)])
def test_a_payment_on_or_before_the_day_of_the_statement_is_in_it_already(day: date) -> None:
    replayed = on(LONG_AFTER, [payment(1, day, 15_000)])
    assert kinds(replayed) == [Kind.OPENING]
    assert replayed.balance_minor == 100_000


def test_a_payment_on_the_opening_day_counts_if_it_came_after_the_statement() -> None:
    paid = Payment(payment_id=1, paid_on=date(2026, 10, 1), amount_minor=15_000, after_opening=True)
    assert on(date(2026, 10, 1), [paid]).balance_minor == 85_000
    earlier = Payment(
        payment_id=1, paid_on=date(2026, 9, 30), amount_minor=15_000, after_opening=True
    )
    assert on(LONG_AFTER, [earlier]).balance_minor == 100_000


def test_a_payment_on_the_day_after_the_statement_counts() -> None:
    facts: list[Fact] = [payment(1, date(2026, 10, 2), 15_000)]
    assert on(date(2026, 10, 2), facts).balance_minor == 85_000


def test_a_returned_debit_raises_the_balance_on_the_day_it_came_back() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 15_000),
        Reversal(payment_id=1, reversed_on=date(2026, 11, 5)),
    ]
    assert on(date(2026, 11, 4), facts).balance_minor == 85_000
    last = on(date(2026, 11, 5), facts).entries[-1]
    assert last.kind is Kind.REVERSAL
    assert last.amount_minor == 15_000
    assert last.balance_minor == 100_000


def test_a_debit_in_the_statement_that_bounces_after_it_raises_the_balance() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 9, 29), 15_000),
        Reversal(payment_id=1, reversed_on=date(2026, 10, 3)),
    ]
    assert on(date(2026, 10, 3), facts).balance_minor == 115_000


def test_a_debit_that_bounced_before_the_statement_is_in_it() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 9, 25), 15_000),
        Reversal(payment_id=1, reversed_on=date(2026, 9, 29)),
    ]
    assert kinds(on(LONG_AFTER, facts)) == [Kind.OPENING]


def test_a_mistake_before_the_statement_changes_nothing() -> None:
    day = date(2026, 9, 29)
    facts: list[Fact] = [payment(1, day, 15_000), Reversal(payment_id=1, reversed_on=day)]
    assert kinds(on(LONG_AFTER, facts)) == [Kind.OPENING]


def test_a_reversal_dated_before_its_payment_takes_effect_with_it() -> None:
    """It never was: a trail on the payment's day, and no day without the money."""
    day = date(2026, 12, 1)
    facts: list[Fact] = [
        Reversal(payment_id=1, reversed_on=date(2026, 11, 1)),
        payment(1, day, 15_000),
    ]
    lines = on(LONG_AFTER, facts).entries[1:]
    assert [(e.on, e.kind, e.sum_minor, e.balance_minor) for e in lines] == [
        (day, Kind.VOID, -15_000, 100_000),
        (day, Kind.VOID, 15_000, 100_000),
    ]


def test_a_void_of_the_same_day_leaves_its_trail_and_nothing_else() -> None:
    """Not even the order of a later day: interest and arrears run as if it had never been."""
    day = date(2026, 11, 1)
    others: list[Fact] = [
        Terms(from_on=date(2026, 10, 1), rate=parse_rate("18.25%")),
        Asked(from_on=date(2026, 10, 1), dues=((date(2026, 10, 20), 15_000),)),
        payment(2, date(2026, 12, 1), 20_000),
    ]
    voided: list[Fact] = [payment(1, day, 15_000), Reversal(payment_id=1, reversed_on=day)]
    without, with_ = on(LONG_AFTER, others), on(LONG_AFTER, [*others, *voided])
    assert with_.balances == without.balances
    assert (with_.overdue_minor, with_.days_overdue) == (
        without.overdue_minor,
        without.days_overdue,
    )
    trail = [entry for entry in with_.entries if entry.kind is Kind.VOID]
    assert [entry.amounts for entry in trail] == [NOTHING, NOTHING]
    assert tuple(entry for entry in with_.entries if entry not in trail) == without.entries


def test_more_paid_than_owed_shows_below_zero() -> None:
    replayed = on(LONG_AFTER, [payment(1, date(2026, 11, 1), 100_500)])
    assert replayed.entries[-1].balance_minor == -500
    assert replayed.balance_minor == -500
    assert (replayed.balances, replayed.overpaid_minor) == (NOTHING, 500)


def test_the_order_of_the_facts_does_not_matter() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 1000),
        payment(2, date(2026, 11, 1), 2000),
        Reversal(payment_id=1, reversed_on=date(2026, 11, 1)),
    ]
    assert on(LONG_AFTER, facts) == on(LONG_AFTER, facts[::-1])


def test_before_the_opening_nothing_is_known() -> None:
    replayed = on(date(2026, 9, 30), [payment(1, date(2026, 9, 1), 15_000)])
    assert replayed.before_opening
    assert replayed.entries == ()
    assert not on(date(2026, 10, 1), []).before_opening


# The creditor's figure.


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
    replayed = on(date(2026, 10, 1), [], statement)
    (entry,) = replayed.entries
    assert (entry.on, entry.kind) == (date(2026, 10, 1), Kind.OPENING)
    assert entry.amount_minor == entry.balance_minor == 100_500
    assert entry.amounts == replayed.balances == Amounts(80_000, 15_000, 3_000, 2_500, 0)


def test_a_stated_total_stands_and_what_the_components_leave_open_is_shown() -> None:
    statement = Statement(
        stated_on=date(2026, 10, 1), total_minor=100_000, principal_minor=80_000, fees_minor=0
    )
    assert statement.balance_minor == 100_000
    assert statement.unexplained_minor == 20_000
    assert on(LONG_AFTER, [], statement).balance_minor == 100_000


def test_a_statement_of_zero_is_a_figure() -> None:
    assert Statement(stated_on=date(2026, 10, 1), principal_minor=0).balance_minor == 0
    assert Statement(stated_on=date(2026, 10, 1), total_minor=0).balance_minor == 0


def test_a_statement_without_any_figure_is_refused() -> None:
    with pytest.raises(InputError, match="has no figure") as refused:
        Statement(stated_on=date(2026, 10, 1))
    assert refused.value.field == "total"


def test_a_statement_in_the_persons_favour_is_credit_for_what_comes() -> None:
    opening = Statement(stated_on=date(2026, 10, 1), total_minor=-500)
    later: list[Fact] = [charge(1, date(2026, 10, 5), 800, Component.FEES)]
    assert on(date(2026, 10, 1), [], opening).overpaid_minor == 500
    replayed = on(date(2026, 10, 5), later, opening)
    assert (replayed.balances, replayed.overpaid_minor) == (Amounts(fees=300), 0)


def test_a_later_statement_is_no_fact_and_what_is_owed_on_its_day_stands() -> None:
    """What it differs by is test_reconcile.py's."""
    facts: list[Fact] = [payment(1, date(2026, 11, 1), 15_000)]
    later = Statement(stated_on=date(2026, 12, 31), total_minor=86_200)
    assert later.balance_minor - on(later.stated_on, facts).balance_minor == 1_200
    before = Statement(stated_on=date(2026, 9, 1), total_minor=1)
    assert on(before.stated_on, facts).before_opening


def test_contradicting_facts_are_refused() -> None:
    day = date(2026, 11, 1)
    paid = payment(1, day, 1000)
    back = Reversal(payment_id=1, reversed_on=date(2026, 11, 2))
    fee = charge(1, day, 5, Component.FEES)
    refund = Refund(refund_id=1, on=day, amount_minor=5)
    refused: list[tuple[list[Fact], str]] = [
        ([paid, paid], "payment 1 occurs twice"),
        ([paid, back, back], "reversed twice"),
        ([back], "unknown: payment 1"),
        ([fee, fee], "charge 1 occurs twice"),
        ([refund, refund], "refund 1 occurs twice"),
    ]
    for facts, reason in refused:
        with pytest.raises(ValueError, match=reason):
            on(LONG_AFTER, facts)
    with pytest.raises(ValueError, match="not above 0"):
        payment(1, date(2026, 11, 1), 0)
    with pytest.raises(ValueError, match="has a component"):
        charge(1, day, 5)
    with pytest.raises(ValueError, match="only a whole waiver"):
        charge(1, day, None)
    with pytest.raises(ValueError, match="only a whole waiver"):
        charge(1, day, None, Component.FEES, Reason.WAIVER)


# Into which components a payment goes.


@pytest.mark.parametrize(
    ("order", "taken"),
    [
        (Order.COSTS_FIRST, Amounts(interest=180, fees=50, costs=30)),
        (Order.FEES_FIRST, Amounts(interest=80, penalties=100, fees=50, costs=30)),
        (Order.INTEREST_FIRST, Amounts(interest=200, penalties=60)),
        (Order.PRINCIPAL_FIRST, Amounts(principal=260)),
        (Order.DEFAULT_INTEREST_LAST, Amounts(interest=180, fees=50, costs=30)),
        (Order.AS_STATED, Amounts(interest=180, fees=50, costs=30)),
    ],
)
def test_a_short_payment_follows_the_order(order: Order, taken: Amounts) -> None:
    policy = Policy(from_on=date(2026, 1, 1), order=order)
    replayed = on(LONG_AFTER, [policy, payment(1, date(2026, 11, 1), 260)], SPLIT)
    assert replayed.entries[-1].amounts == taken.negative()
    assert replayed.balances == SPLIT.amounts().plus(taken.negative())


def test_default_interest_comes_after_the_principal() -> None:
    policy = Policy(from_on=date(2026, 1, 1), order=Order.DEFAULT_INTEREST_LAST)
    replayed = on(LONG_AFTER, [policy, payment(1, date(2026, 11, 1), 1_300)], SPLIT)
    # 30 costs, 50 fees, 200 interest, all 1,000 of the principal; 20 reach the penalties.
    assert replayed.balances == Amounts(penalties=80)


def test_without_a_policy_costs_come_first() -> None:
    assert on(LONG_AFTER, [payment(1, date(2026, 11, 1), 30)], SPLIT).balances.costs == 0


def test_an_order_holds_from_its_day_on() -> None:
    later = Policy(from_on=date(2026, 11, 2), order=Order.PRINCIPAL_FIRST)
    facts: list[Fact] = [
        later,
        payment(1, date(2026, 11, 1), 30),
        payment(2, date(2026, 11, 2), 40),
    ]
    assert on(LONG_AFTER, facts, SPLIT).balances == Amounts(960, 200, 100, 50, 0)


@pytest.mark.parametrize(
    ("paid_on", "left"),
    [
        # 1 January and 90 days is 1 April.
        (date(2026, 4, 1), Amounts(principal=1_000, penalties=40, fees=50, costs=30)),
        (date(2026, 4, 2), Amounts(740, 200, 100, 50, 30)),
    ],
)
def test_a_chinese_card_turns_to_the_principal_on_the_91st_day(
    paid_on: date, left: Amounts
) -> None:
    opening = Statement(
        stated_on=date(2026, 1, 1),
        principal_minor=1_000,
        interest_minor=200,
        penalties_minor=100,
        fees_minor=50,
        costs_minor=30,
    )
    card = Policy(
        from_on=date(2026, 1, 1),
        order=Order.INTEREST_FIRST,
        switch_days=90,
        then=Order.PRINCIPAL_FIRST,
    )
    asked = Asked(from_on=date(2026, 1, 1), dues=((date(2026, 1, 1), 500),))
    assert on(paid_on, [card, asked, payment(1, paid_on, 260)], opening).balances == left
    called_in = Asked(from_on=date(2026, 1, 1), whole_from=date(2026, 1, 1))
    assert on(paid_on, [card, called_in, payment(1, paid_on, 260)], opening).balances == left


def test_a_payment_that_catches_up_ends_the_days_that_change_the_order() -> None:
    card = Policy(
        from_on=date(2026, 10, 1),
        order=Order.INTEREST_FIRST,
        switch_days=10,
        then=Order.PRINCIPAL_FIRST,
    )
    asked = Asked(
        from_on=date(2026, 10, 1), dues=((date(2026, 10, 5), 100), (date(2026, 11, 5), 100))
    )
    facts: list[Fact] = [
        card,
        asked,
        payment(1, date(2026, 10, 20), 100),  # 15 days after the oldest due date
        payment(2, date(2026, 11, 6), 100),  # 1 day after the next
    ]
    assert on(LONG_AFTER, facts, SPLIT).balances == Amounts(900, 100, 100, 50, 30)


def test_the_creditors_own_split_counts_as_far_as_so_much_is_owed() -> None:
    policy = Policy(from_on=date(2026, 10, 1), order=Order.AS_STATED)
    paid = Payment(
        payment_id=1,
        paid_on=date(2026, 11, 1),
        amount_minor=300,
        stated=Amounts(principal=160, fees=140),
    )
    replayed = on(LONG_AFTER, [policy, paid], SPLIT)
    # 90 of the 140 are more fees than are owed: costs first, then interest, as ever.
    assert replayed.entries[-1].amounts == Amounts(-160, -60, 0, -50, -30)
    assert replayed.entries[-1].detail == paid.stated


def test_the_creditors_split_is_kept_beside_another_order() -> None:
    policy = Policy(from_on=date(2026, 10, 1), order=Order.PRINCIPAL_FIRST)
    stated = Amounts(interest=100)
    paid = Payment(payment_id=1, paid_on=date(2026, 11, 1), amount_minor=100, stated=stated)
    entry = on(LONG_AFTER, [policy, paid], SPLIT).entries[-1]
    assert (entry.amounts, entry.detail) == (Amounts(principal=-100), stated)


def test_a_stated_split_beyond_the_payment_takes_no_more_than_was_paid() -> None:
    policy = Policy(from_on=date(2026, 10, 1), order=Order.AS_STATED)
    paid = Payment(
        payment_id=1,
        paid_on=date(2026, 11, 1),
        amount_minor=100,
        stated=Amounts(principal=90, interest=90, fees=-20),
    )
    entry = on(LONG_AFTER, [policy, paid], SPLIT).entries[-1]
    assert entry.amounts == Amounts(principal=-10, interest=-90)


# Charges, waivers, adjustments.


def test_a_charge_adds_to_its_component() -> None:
    facts: list[Fact] = [charge(1, date(2026, 11, 1), 45, Component.COSTS)]
    replayed = on(LONG_AFTER, facts, SPLIT)
    assert replayed.balances == Amounts(1_000, 200, 100, 50, 75)
    assert kinds(replayed) == [Kind.OPENING, Kind.CHARGE]


def test_a_waiver_of_a_component_goes_no_further() -> None:
    facts: list[Fact] = [charge(1, date(2026, 11, 1), -80, Component.FEES, Reason.WAIVER)]
    replayed = on(LONG_AFTER, facts, SPLIT)
    assert replayed.balances == Amounts(1_000, 200, 100, 0, 30)
    assert replayed.overpaid_minor == 0
    assert replayed.entries[-1].sum_minor == -80


def test_a_waiver_without_a_component_follows_the_order_of_a_payment() -> None:
    facts: list[Fact] = [
        Policy(from_on=date(2026, 10, 1), order=Order.INTEREST_FIRST),
        charge(1, date(2026, 11, 1), -250, reason=Reason.WAIVER),
    ]
    assert on(LONG_AFTER, facts, SPLIT).balances == Amounts(1_000, 0, 50, 50, 30)


def test_a_waiver_of_all_takes_what_the_payments_of_its_day_have_left() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 500),
        charge(1, date(2026, 11, 1), None, reason=Reason.WAIVER),
        payment(2, date(2026, 11, 2), 20),
    ]
    replayed = on(LONG_AFTER, facts, SPLIT)
    assert [entry.kind for entry in replayed.entries[1:]] == [
        Kind.PAYMENT,
        Kind.WAIVER,
        Kind.PAYMENT,
    ]
    assert (replayed.balances, replayed.overpaid_minor) == (NOTHING, 20)


def test_a_waiver_of_more_than_is_owed_makes_no_credit() -> None:
    facts: list[Fact] = [charge(1, date(2026, 11, 1), -5_000, reason=Reason.WAIVER)]
    replayed = on(LONG_AFTER, facts, SPLIT)
    assert (replayed.balances, replayed.overpaid_minor) == (NOTHING, 0)


def test_an_adjustment_beyond_what_is_owed_was_paid_for_nothing() -> None:
    facts: list[Fact] = [
        charge(1, date(2026, 11, 1), -80, Component.FEES, Reason.ADJUSTMENT),
    ]
    replayed = on(LONG_AFTER, facts, SPLIT)
    # 50 of the fees; the other 30 were paid before and cover the costs now.
    assert replayed.balances == Amounts(1_000, 200, 100, 0, 0)
    assert kinds(replayed)[1:] == [Kind.ADJUSTMENT, Kind.CREDIT]


def test_nothing_charged_and_nothing_waived_is_no_change() -> None:
    facts: list[Fact] = [
        charge(1, date(2026, 11, 1), 0),
        charge(2, date(2026, 11, 1), 0, Component.FEES),
    ]
    assert on(LONG_AFTER, facts, SPLIT).balances == SPLIT.amounts()


@pytest.mark.parametrize(
    ("reason", "after_opening", "counts"),
    [
        (Reason.CHARGE, False, False),
        (Reason.CHARGE, True, True),
        (Reason.WAIVER, False, False),
        (Reason.WAIVER, True, True),
        (Reason.ADJUSTMENT, False, True),
    ],
)
def test_on_the_opening_day_only_what_came_after_it_and_adjustments_count(
    reason: Reason, after_opening: bool, counts: bool
) -> None:
    fact = charge(1, SPLIT.stated_on, -10, Component.FEES, reason, after_opening=after_opening)
    assert on(LONG_AFTER, [fact], SPLIT).balances.fees == (40 if counts else 50)
    earlier = charge(1, date(2026, 9, 30), -10, Component.FEES, reason, after_opening=after_opening)
    assert on(LONG_AFTER, [earlier], SPLIT).balances.fees == 50


# Credit, refunds, and what comes back.


def test_an_overpayment_covers_what_comes_after_it() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 100_500),
        charge(1, date(2026, 11, 9), 300, Component.COSTS),
        charge(2, date(2026, 11, 20), 900, Component.FEES),
    ]
    replayed = on(LONG_AFTER, facts)
    assert [(e.kind, e.amount_minor, e.balance_minor) for e in replayed.entries[1:]] == [
        (Kind.PAYMENT, -100_000, -500),
        (Kind.CHARGE, 300, -200),
        (Kind.CREDIT, -300, -200),
        (Kind.CHARGE, 900, 700),
        (Kind.CREDIT, -200, 700),
    ]
    assert (replayed.balances, replayed.overpaid_minor) == (Amounts(fees=700), 0)


def test_a_refund_takes_what_was_overpaid_and_beyond_it_principal_is_owed() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 100_500),
        Refund(refund_id=1, on=date(2026, 11, 5), amount_minor=400),
    ]
    assert on(LONG_AFTER, facts).overpaid_minor == 100
    more = Refund(refund_id=2, on=date(2026, 11, 6), amount_minor=250)
    replayed = on(LONG_AFTER, [*facts, more])
    assert (replayed.balances, replayed.overpaid_minor) == (Amounts(principal=150), 0)
    assert replayed.entries[-1].sum_minor == 250


def test_a_bounce_gives_back_the_same_parts() -> None:
    """Though the order has changed since, and other parts are owed meanwhile."""
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 260),
        Policy(from_on=date(2026, 11, 2), order=Order.PRINCIPAL_FIRST),
        charge(1, date(2026, 11, 3), 7, Component.COSTS),
    ]
    bounced: list[Fact] = [*facts, Reversal(payment_id=1, reversed_on=date(2026, 11, 9))]
    assert on(LONG_AFTER, bounced, SPLIT).entries[-1].amounts == Amounts(0, 180, 0, 50, 30)
    assert on(LONG_AFTER, bounced, SPLIT).balances == Amounts(1_000, 200, 100, 50, 37)


def test_a_bounce_gives_back_what_its_surplus_covered_later() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 100_500),
        charge(1, date(2026, 11, 9), 300, Component.COSTS),
        charge(2, date(2026, 11, 10), 80, Component.FEES),
    ]
    bounced: list[Fact] = [*facts, Reversal(payment_id=1, reversed_on=date(2026, 11, 20))]
    replayed = on(LONG_AFTER, bounced)
    assert replayed.balances == Amounts(principal=100_000, fees=80, costs=300)
    assert replayed.overpaid_minor == 0


def test_a_bounce_takes_back_the_latest_of_what_credit_covered() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 100_100),
        payment(2, date(2026, 11, 2), 200),
        charge(1, date(2026, 11, 9), 150, Component.COSTS),
        charge(2, date(2026, 11, 10), 100, Component.FEES),
        Reversal(payment_id=2, reversed_on=date(2026, 11, 20)),
    ]
    # 300 of credit, of which 250 are used: 50 are left, so 150 come back, 100 of them fees.
    replayed = on(LONG_AFTER, facts)
    assert replayed.balances == Amounts(fees=100, costs=50)
    assert replayed.overpaid_minor == 0


def test_a_bounced_surplus_that_was_refunded_is_principal() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 11, 1), 100_500),
        Refund(refund_id=1, on=date(2026, 11, 5), amount_minor=500),
        Reversal(payment_id=1, reversed_on=date(2026, 11, 9)),
    ]
    assert on(LONG_AFTER, facts).balances == Amounts(principal=100_500)


# What is overdue.


def test_what_is_due_is_overdue_from_the_day_after() -> None:
    asked = Asked(
        from_on=date(2026, 10, 1),
        dues=((date(2026, 10, 31), 10_000), (date(2026, 11, 30), 10_000)),
    )
    facts: list[Fact] = [asked, payment(1, date(2026, 11, 10), 4_000)]
    assert [
        (on(day, facts).overdue_minor, on(day, facts).days_overdue)
        for day in (
            date(2026, 10, 31),
            date(2026, 11, 1),
            date(2026, 11, 10),
            date(2026, 11, 30),
            date(2026, 12, 1),
        )
    ] == [(0, 0), (10_000, 1), (6_000, 10), (6_000, 30), (16_000, 31)]


def test_with_the_whole_called_in_all_that_is_owed_is_overdue() -> None:
    asked = Asked(
        from_on=date(2026, 10, 1),
        dues=((date(2026, 12, 31), 10_000),),
        whole_from=date(2026, 10, 10),
    )
    assert on(date(2026, 10, 10), [asked], SPLIT).overdue_minor == 0
    replayed = on(date(2026, 10, 11), [asked], SPLIT)
    assert (replayed.overdue_minor, replayed.days_overdue) == (1_380, 1)


def test_a_missed_payment_of_which_no_more_is_known_counts_its_days_alone() -> None:
    asked = Asked(
        from_on=date(2026, 9, 1), whole_from=date(2026, 11, 1), missed_on=date(2026, 9, 1)
    )
    replayed = on(date(2026, 10, 11), [asked], SPLIT)
    assert (replayed.overdue_minor, replayed.days_overdue) == (0, 40)
    replayed = on(date(2026, 11, 2), [asked], SPLIT)
    assert (replayed.overdue_minor, replayed.days_overdue) == (1_380, 62)


def test_what_was_waived_is_not_overdue() -> None:
    facts: list[Fact] = [
        Asked(from_on=date(2026, 10, 1), dues=((date(2026, 10, 31), 1_000),)),
        charge(1, date(2026, 10, 20), -980, reason=Reason.WAIVER),
    ]
    assert on(LONG_AFTER, facts, SPLIT).overdue_minor == 400
    forgiven = charge(2, date(2026, 10, 21), None, reason=Reason.WAIVER)
    replayed = on(LONG_AFTER, [*facts, forgiven], SPLIT)
    assert (replayed.overdue_minor, replayed.days_overdue) == (0, 0)


def test_a_revision_asks_anew_and_what_was_paid_before_it_counts() -> None:
    facts: list[Fact] = [
        Asked(from_on=date(2026, 10, 1), dues=((date(2026, 10, 31), 10_000),)),
        payment(1, date(2026, 10, 31), 4_000),
        Asked(
            from_on=date(2026, 11, 15),
            dues=((date(2026, 10, 31), 4_000), (date(2026, 12, 15), 6_000)),
            paid_minor=4_000,
        ),
    ]
    assert on(date(2026, 11, 14), facts).overdue_minor == 6_000
    assert on(date(2026, 11, 15), facts).overdue_minor == 0
    late = on(date(2026, 12, 20), facts)
    assert (late.overdue_minor, late.days_overdue) == (6_000, 5)


def test_a_payment_on_the_day_of_a_revision_counts_towards_it() -> None:
    day = date(2026, 11, 15)
    facts: list[Fact] = [
        Asked(from_on=day, dues=((date(2026, 11, 20), 5_000),)),
        payment(1, day, 5_000),
    ]
    assert on(LONG_AFTER, facts).overdue_minor == 0


def test_of_two_revisions_on_one_day_the_last_counts() -> None:
    day = date(2026, 11, 15)
    facts: list[Fact] = [
        Terms(from_on=date(2026, 10, 1)),
        Asked(from_on=day, dues=((date(2026, 10, 31), 9_000),)),
        Asked(from_on=day, dues=((date(2026, 11, 30), 5_000),)),
    ]
    assert on(date(2026, 11, 30), facts).overdue_minor == 0
    assert on(date(2026, 12, 1), facts).overdue_minor == 5_000


def test_what_was_paid_between_an_agreement_and_a_later_opening_is_no_longer_due() -> None:
    asked = Asked(
        from_on=date(2026, 9, 1),
        dues=((date(2026, 9, 15), 5_000), (date(2026, 10, 15), 5_000)),
    )
    facts: list[Fact] = [asked, payment(1, date(2026, 9, 14), 5_000)]
    assert on(date(2026, 10, 2), facts).overdue_minor == 0
    assert on(date(2026, 10, 16), facts).overdue_minor == 5_000
    # And due again once it bounces after the opening, and not twice.
    bounced: list[Fact] = [*facts, Reversal(payment_id=1, reversed_on=date(2026, 10, 5))]
    assert on(date(2026, 10, 4), bounced).overdue_minor == 0
    assert on(date(2026, 10, 5), bounced).overdue_minor == 5_000
    before: list[Fact] = [*facts, Reversal(payment_id=1, reversed_on=date(2026, 9, 20))]
    assert on(date(2026, 10, 2), before).overdue_minor == 5_000


def test_a_bounce_of_what_was_paid_before_the_plan_makes_nothing_of_the_plan_due() -> None:
    facts: list[Fact] = [
        payment(1, date(2026, 10, 10), 3_000),
        Asked(from_on=date(2026, 11, 1), dues=((date(2026, 11, 15), 5_000),)),
        payment(2, date(2026, 11, 15), 5_000),
        Reversal(payment_id=1, reversed_on=date(2026, 11, 20)),
    ]
    assert on(LONG_AFTER, facts).overdue_minor == 0


def test_a_bounce_gives_nothing_that_was_never_counted() -> None:
    """Below 0: what the day of the agreement saw before it, which is not towards the plan."""
    day = date(2026, 11, 1)
    facts: list[Fact] = [
        payment(1, date(2026, 10, 10), 3_000),
        payment(2, day, 700),
        Asked(from_on=day, dues=((date(2026, 11, 15), 5_000),), paid_minor=-700),
        Reversal(payment_id=1, reversed_on=date(2026, 11, 20)),
    ]
    assert on(LONG_AFTER, facts).overdue_minor == 5_000


def test_a_refund_is_no_longer_paid_towards_what_is_due() -> None:
    facts: list[Fact] = [
        Asked(from_on=date(2026, 10, 1), dues=((date(2026, 11, 15), 5_000),)),
        payment(1, date(2026, 11, 1), 5_000),
        Refund(refund_id=1, on=date(2026, 11, 10), amount_minor=2_000),
    ]
    assert on(date(2026, 11, 16), facts).overdue_minor == 2_000
