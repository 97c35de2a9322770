"""What the terms add from day to day; every figure can be worked out from the test.

18.25 % by act/365 is 0.05 % a day: 50 minor units a day on 100,000.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tracker.core.components import Amounts, Component
from tracker.core.daycount import Basis
from tracker.core.entries import Accrual, Kind, Replayed
from tracker.core.facts import (
    Asked,
    Charge,
    Concession,
    Fact,
    Payment,
    Reason,
    Reversal,
    Statement,
)
from tracker.core.interest import (
    Compounding,
    LateFee,
    Penalty,
    Rate,
    Reach,
    Rounding,
    Terms,
    Times,
    parse_rate,
)
from tracker.core.ledger import replay

START = date(2026, 1, 1)
OPENING = Statement(stated_on=START, principal_minor=100_000)
RATE = parse_rate("18.25%")
PLAIN = Terms(from_on=START, rate=RATE)
# One tenth of a percent a day.
PENAL = Penalty(rate=parse_rate("36.5%"))
DUE = Asked(from_on=START, dues=((date(2026, 1, 10), 10_000),))


def on(day: date, facts: list[Fact], opening: Statement = OPENING) -> Replayed:
    return replay(opening, facts, until=day)


def after(days: int, facts: list[Fact], opening: Statement = OPENING) -> Amounts:
    return on(opening.stated_on + timedelta(days=days), facts, opening).balances


def payment(payment_id: int, day: date, amount: int) -> Payment:
    return Payment(payment_id=payment_id, paid_on=day, amount_minor=amount)


def waiver(day: date) -> Charge:
    return Charge(charge_id=99, on=day, reason=Reason.WAIVER, amount_minor=None)


def lines(replayed: Replayed, kind: Kind) -> list[tuple[date, int]]:
    return [(entry.on, entry.amount_minor) for entry in replayed.entries if entry.kind is kind]


# Contract interest.


def test_simple_interest_grows_by_the_same_each_day_and_bears_none() -> None:
    assert after(0, [PLAIN]).interest == 0
    assert after(1, [PLAIN]).interest == 50
    assert after(30, [PLAIN]).interest == 1_500
    assert after(365, [PLAIN]) == Amounts(principal=100_000, interest=18_250)


def test_a_rate_by_the_day_counts_days() -> None:
    daily = Terms(from_on=START, rate=parse_rate("0.05% a day"), basis=Basis.ACT_360)
    assert after(30, [daily]).interest == 1_500


def test_another_day_count_counts_otherwise() -> None:
    by_360 = Terms(from_on=START, rate=RATE, basis=Basis.ACT_360)
    # 100,000 × 18.25 % × 30/360 = 1,520.83
    assert after(30, [by_360]).interest == 1_521


def test_without_terms_nothing_is_added() -> None:
    assert after(365, []) == Amounts(principal=100_000)


def test_a_payment_ends_the_interest_on_what_it_repays_from_its_day_on() -> None:
    facts: list[Fact] = [PLAIN, payment(1, date(2026, 1, 11), 60_000)]
    # 10 days × 50 = 500 of interest, then 59,500 of the principal; 20.25 a day after it.
    assert after(10, facts) == Amounts(principal=40_500)
    assert after(20, facts).interest == 203
    assert after(21, facts).interest == 223


def test_an_interest_line_says_what_it_was_computed_from() -> None:
    facts: list[Fact] = [PLAIN, payment(1, date(2026, 1, 11), 60_000)]
    entries = on(date(2026, 1, 21), facts).entries
    assert [entry.detail for entry in entries if entry.kind is Kind.INTEREST] == [
        Accrual(START, 100_000, RATE, Basis.ACT_365F),
        Accrual(date(2026, 1, 11), 40_500, RATE, Basis.ACT_365F),
    ]


def test_interest_runs_on_what_the_terms_say_besides_the_principal() -> None:
    opening = Statement(
        stated_on=START,
        principal_minor=100_000,
        interest_minor=7_000,
        penalties_minor=40_000,
        fees_minor=20_000,
        costs_minor=10_000,
    )

    def first_day(*beside: Component) -> int:
        bears = frozenset({Component.PRINCIPAL, *beside})
        return after(1, [Terms(from_on=START, rate=RATE, bears=bears)], opening).interest - 7_000

    assert first_day() == 50
    assert first_day(Component.FEES) == 60
    assert first_day(Component.COSTS) == 55
    assert first_day(Component.PENALTIES, Component.COSTS) == 75


def test_new_terms_hold_from_their_day_on() -> None:
    dearer = Terms(from_on=date(2026, 1, 11), rate=parse_rate("36.5%"))
    assert after(10, [PLAIN, dearer]).interest == 500
    assert after(20, [dearer, PLAIN]).interest == 1_500
    entries = on(date(2026, 1, 21), [PLAIN, dearer]).entries
    assert [entry.amount_minor for entry in entries[1:]] == [500, 1_000]


def test_of_terms_from_before_the_opening_the_last_ones_count_from_it_on() -> None:
    old = Terms(from_on=date(2024, 1, 1), rate=parse_rate("99%"))
    newer = Terms(from_on=date(2025, 1, 1), rate=RATE)
    assert after(10, [newer, old]).interest == 500


def test_a_void_splits_no_interest() -> None:
    by_30_360 = Terms(from_on=START, rate=RATE, basis=Basis.THIRTY_360)
    day = date(2026, 1, 30)
    voided: list[Fact] = [payment(1, day, 5), Reversal(payment_id=1, reversed_on=day)]
    assert after(30, [by_30_360, *voided]) == after(30, [by_30_360])


# Compounding.


def test_monthly_compounding_at_month_ends() -> None:
    opening = Statement(stated_on=date(2025, 12, 31), principal_minor=100_000)
    terms = Terms(
        from_on=date(2025, 12, 31), rate=RATE, compounding=Compounding.MONTHLY, compounds_on=31
    )
    # January: 31 × 50 = 1,550. February: 28 × 50.775 (of 101,550) = 1,421.7.
    # March: 31 × 51.486 (of 102,972) = 1,596.066, less the 0.3 that February had too much.
    assert lines(on(date(2026, 3, 31), [terms], opening), Kind.INTEREST) == [
        (date(2026, 1, 31), 1_550),
        (date(2026, 2, 28), 1_422),
        (date(2026, 3, 31), 1_596),
    ]


def test_daily_compounding() -> None:
    opening = Statement(stated_on=START, principal_minor=10_000_000)
    terms = Terms(from_on=START, rate=RATE, compounding=Compounding.DAILY)
    # 5,000; 5,002.5 of 10,005,000; 5,005.0015 of 10,010,003, less the half carried on.
    assert after(3, [terms], opening).interest == 5_000 + 5_003 + 5_005


@pytest.mark.parametrize(
    ("how", "compounds_on", "days"),
    [
        (Compounding.MONTHLY, None, [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]),
        (Compounding.MONTHLY, 15, [date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)]),
        (Compounding.QUARTERLY, None, [date(2026, 4, 1), date(2026, 7, 1)]),
        (Compounding.QUARTERLY, 31, [date(2026, 3, 31), date(2026, 6, 30)]),
        (Compounding.YEARLY, None, [date(2027, 1, 1), date(2028, 1, 1)]),
        (Compounding.YEARLY, 31, [date(2026, 12, 31), date(2027, 12, 31)]),
    ],
)
def test_the_compounding_days_are_counted_from_the_first_day_of_the_terms(
    how: Compounding, compounds_on: int | None, days: list[date]
) -> None:
    terms = Terms(from_on=START, rate=RATE, compounding=how, compounds_on=compounds_on)
    posted = lines(on(days[-1], [terms]), Kind.INTEREST)
    assert [day for day, _ in posted] == days


def test_a_payment_takes_first_the_interest_that_bears_interest() -> None:
    terms = Terms(from_on=START, rate=RATE, compounding=Compounding.MONTHLY)
    # 1,550 on 1 February, on which 101,550 bear 50.775 a day: 507.75 by the 11th.
    paid = payment(1, date(2026, 2, 11), 1_600)
    facts: list[Fact] = [terms, paid]
    assert after(41, facts) == Amounts(principal=100_000, interest=458)
    # All that was capital is paid, so that 50 a day are added again (and 0.25 was too much).
    assert after(51, facts).interest == 458 + 500
    # Back again: 1,550 of the 1,600 bear interest as before; 9 × 50.775 − 0.25 = 456.7 more.
    back = Reversal(payment_id=1, reversed_on=date(2026, 2, 11) + timedelta(days=1))
    assert after(42, [*facts, back]).interest == 2_058 + 50
    assert after(51, [*facts, back]).interest == 2_058 + 50 + 457


def test_compounding_begins_with_terms_that_say_so_and_ends_with_others() -> None:
    compounds = Terms(
        from_on=date(2026, 2, 1), rate=RATE, compounding=Compounding.MONTHLY, compounds_on=1
    )
    plain = Terms(from_on=date(2026, 3, 2), rate=RATE)
    facts: list[Fact] = [PLAIN, compounds, plain]
    # To 1 March 59 × 50 = 2,950, all capital then; what was made capital stays it:
    # 102,950 × 0.05 % = 51.475 a day, on 1 March and on the 31 days of the simple terms.
    assert on(date(2026, 3, 1), facts).balances.interest == 2_950
    assert on(date(2026, 4, 2), facts).balances.interest == 2_950 + 1_647


# Rounding.


def test_carried_rounding_never_drifts_and_rounding_each_does() -> None:
    """Half a minor unit a day, posted every day since each day has a charge."""
    opening = Statement(stated_on=START, principal_minor=1_000)
    daily: list[Fact] = [
        Charge(
            charge_id=n,
            on=START + timedelta(days=n),
            reason=Reason.CHARGE,
            amount_minor=1,
            component=Component.COSTS,
        )
        for n in range(1, 9)
    ]
    carried = Terms(from_on=START, rate=RATE)
    each = Terms(from_on=START, rate=RATE, rounding=Rounding.EACH)
    assert [after(n, [carried, *daily], opening).interest for n in range(1, 5)] == [1, 1, 2, 2]
    assert [after(n, [each, *daily], opening).interest for n in range(1, 5)] == [1, 2, 3, 4]


def test_rounding_each_drops_what_is_below_half() -> None:
    opening = Statement(stated_on=START, principal_minor=800)  # 0.4 a day
    each = Terms(from_on=START, rate=RATE, rounding=Rounding.EACH, compounding=Compounding.DAILY)
    assert after(100, [each], opening).interest == 0


def test_rounding_each_posts_no_fraction_for_a_due_date_alone() -> None:
    opening = Statement(stated_on=START, principal_minor=800)
    dues = tuple((START + timedelta(days=n), 1) for n in range(100))
    each = Terms(from_on=START, rate=RATE, rounding=Rounding.EACH, penalty=PENAL)
    # 0.4 a day on the 800 all the while, rounded once at the end.
    assert after(100, [each, Asked(from_on=START, dues=dues)], opening).interest == 40


def test_the_day_asked_for_changes_no_later_figure() -> None:
    each = Terms(from_on=START, rate=RATE, rounding=Rounding.EACH)
    opening = Statement(stated_on=START, principal_minor=800)
    for looked in range(5):
        after(looked, [each], opening)
    assert after(5, [each], opening).interest == 2


# Penalty interest.


def test_penalty_interest_runs_on_the_overdue_part_from_the_day_after() -> None:
    terms = Terms(from_on=START, penalty=PENAL)
    assert on(date(2026, 1, 11), [terms, DUE]).balances.penalties == 0
    assert on(date(2026, 1, 12), [terms, DUE]).balances.penalties == 10
    assert on(date(2026, 1, 21), [terms, DUE]).balances.penalties == 100


def test_in_the_days_of_grace_nothing_is_added_though_it_is_overdue() -> None:
    fee = LateFee(flat_minor=500)
    terms = Terms(from_on=START, penalty=PENAL, late_fee=fee, grace_days=3)
    last = on(date(2026, 1, 13), [terms, DUE])
    assert (last.balances, last.overdue_minor, last.days_overdue) == (
        Amounts(principal=100_000),
        10_000,
        3,
    )
    assert on(date(2026, 1, 14), [terms, DUE]).balances == Amounts(principal=100_000, fees=500)
    assert on(date(2026, 1, 15), [terms, DUE]).balances.penalties == 10
    in_time: list[Fact] = [terms, DUE, payment(1, date(2026, 1, 13), 10_000)]
    assert on(date(2026, 3, 1), in_time).balances == Amounts(principal=90_000)


def test_the_grace_is_that_of_the_due_date_though_it_is_shorter_later() -> None:
    long = Terms(from_on=START, penalty=PENAL, grace_days=10)
    short = Terms(from_on=date(2026, 1, 11), penalty=PENAL)
    asked = Asked(from_on=START, dues=((date(2026, 1, 10), 10_000), (date(2026, 1, 12), 20_000)))
    # The second begins on the 13th, the first on the 21st.
    facts: list[Fact] = [long, short, asked]
    assert on(date(2026, 1, 15), facts).balances.penalties == 40
    assert on(date(2026, 1, 21), facts).balances.penalties == 160
    assert on(date(2026, 1, 22), facts).balances.penalties == 190


def test_a_share_above_the_contract_rate_comes_on_top() -> None:
    terms = Terms(from_on=START, rate=RATE, penalty=Penalty(above_ppb=500_000_000))
    # Half of 18.25 % on 10,000 is 2.5 a day.
    assert on(date(2026, 1, 21), [terms, DUE]).balances == Amounts(100_000, 1_000, 25)


def test_a_share_above_the_contract_rate_takes_its_place() -> None:
    terms = Terms(from_on=START, rate=RATE, penalty=Penalty(above_ppb=500_000_000, instead=True))
    # 10 days × 7.5 on the overdue part; 10 days × 50, then 10 × 45 on the rest.
    assert on(date(2026, 1, 21), [terms, DUE]).balances == Amounts(100_000, 950, 75)


def test_a_share_above_no_contract_rate_is_none() -> None:
    terms = Terms(from_on=START, penalty=Penalty(above_ppb=500_000_000, instead=True))
    assert on(date(2026, 1, 21), [terms, DUE]).balances == Amounts(100_000)


def test_a_penalty_on_the_whole_balance_while_anything_is_overdue() -> None:
    penalty = Penalty(rate=parse_rate("36.5%"), reach=Reach.BALANCE, instead=True)
    facts: list[Fact] = [Terms(from_on=START, rate=RATE, penalty=penalty), DUE]
    assert on(date(2026, 1, 21), facts).balances == Amounts(100_000, 500, 1_000)
    # Caught up (1,500 interest and penalties go first), the contract rate is back.
    caught_up = payment(1, date(2026, 1, 21), 11_500)
    assert on(date(2026, 1, 31), [*facts, caught_up]).balances == Amounts(90_000, 450)


def test_a_part_payment_leaves_the_penalty_on_the_rest() -> None:
    facts: list[Fact] = [
        Terms(from_on=START, penalty=PENAL),
        DUE,
        payment(1, date(2026, 1, 16), 4_000),
    ]
    # 5 × 10, then 5 × 6.
    assert on(date(2026, 1, 21), facts).entries[-1].amounts == Amounts(penalties=30)


def test_an_overdue_part_beyond_the_principal_bears_only_on_the_principal() -> None:
    opening = Statement(stated_on=START, principal_minor=4_000, interest_minor=50_000)
    facts: list[Fact] = [Terms(from_on=START, penalty=PENAL), DUE]
    assert on(date(2026, 1, 21), facts, opening).balances.penalties == 40


def test_terms_to_come_change_nothing_before_them() -> None:
    """Not even by splitting a period at a due date: 30/360 would count it otherwise."""
    before = Terms(from_on=START, rate=RATE, basis=Basis.THIRTY_360)
    later = Terms(
        from_on=date(2026, 3, 1), rate=RATE, penalty=PENAL, late_fee=LateFee(flat_minor=1)
    )
    asked = Asked(from_on=START, dues=((date(2026, 1, 29), 10_000),))
    facts: list[Fact] = [before, asked]
    for days in range(59):
        assert after(days, [*facts, later]) == after(days, facts)
    assert on(date(2026, 1, 31), [*facts, later]).entries == on(date(2026, 1, 31), facts).entries


# Late fees.


def fees(
    late_fee: LateFee, facts: list[Fact], until: date = date(2026, 4, 30)
) -> list[tuple[date, int]]:
    return lines(on(until, [Terms(from_on=START, late_fee=late_fee), *facts]), Kind.LATE_FEE)


TWO = Asked(from_on=START, dues=((date(2026, 1, 10), 10_000), (date(2026, 2, 10), 12_000)))


def test_a_flat_late_fee_for_each_missed_due_date() -> None:
    assert fees(LateFee(flat_minor=500), [TWO]) == [
        (date(2026, 1, 11), 500),
        (date(2026, 2, 11), 500),
    ]
    assert fees(LateFee(flat_minor=500), [TWO, payment(1, date(2026, 1, 10), 10_000)]) == [
        (date(2026, 2, 11), 500)
    ]


def test_a_late_fee_of_a_share_is_of_what_has_just_become_overdue() -> None:
    five = LateFee(share_ppb=50_000_000)
    assert fees(five, [TWO]) == [(date(2026, 1, 11), 500), (date(2026, 2, 11), 600)]
    part = payment(1, date(2026, 1, 9), 3_333)
    # 5 % of 6,667 is 333.35.
    assert fees(five, [TWO, part]) == [(date(2026, 1, 11), 333), (date(2026, 2, 11), 600)]
    replayed = on(date(2026, 1, 11), [Terms(from_on=START, late_fee=five), TWO])
    assert replayed.entries[-1].detail == 10_000


def test_a_late_fee_has_a_minimum_and_a_cap() -> None:
    assert fees(LateFee(share_ppb=50_000_000, least_minor=550, most_minor=580), [TWO]) == [
        (date(2026, 1, 11), 550),
        (date(2026, 2, 11), 580),
    ]


def test_a_monthly_late_fee_is_of_all_that_is_overdue_until_it_is_paid() -> None:
    monthly = LateFee(share_ppb=50_000_000, times=Times.MONTHLY)
    caught_up = payment(1, date(2026, 3, 20), 50_000)
    assert fees(monthly, [TWO, caught_up]) == [
        (date(2026, 1, 11), 500),
        (date(2026, 2, 11), 1_100),  # with what was due the day before
        (date(2026, 3, 11), 1_100),
    ]


def test_a_monthly_row_begins_anew_with_new_arrears() -> None:
    monthly = LateFee(flat_minor=500, times=Times.MONTHLY)
    asked = Asked(from_on=START, dues=((date(2026, 1, 10), 10_000), (date(2026, 2, 1), 12_000)))
    facts: list[Fact] = [asked, payment(1, date(2026, 1, 20), 10_000)]
    assert fees(monthly, facts, date(2026, 3, 10)) == [
        (date(2026, 1, 11), 500),
        (date(2026, 2, 2), 500),
        (date(2026, 3, 2), 500),
    ]


def test_a_monthly_row_at_the_end_of_months_keeps_its_day() -> None:
    monthly = LateFee(flat_minor=500, times=Times.MONTHLY)
    asked = Asked(from_on=START, dues=((date(2026, 1, 30), 10_000),))
    assert [day for day, _ in fees(monthly, [asked])] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


@pytest.mark.parametrize(
    "asked",
    [
        Asked(from_on=date(2025, 1, 1), dues=((date(2025, 12, 19), 10_000),)),
        Asked(from_on=date(2025, 1, 1), whole_from=date(2025, 12, 19)),
    ],
)
def test_what_was_overdue_before_the_opening_bears_no_new_fee_but_goes_on_by_the_month(
    asked: Asked,
) -> None:
    assert fees(LateFee(flat_minor=500), [asked]) == []
    monthly = LateFee(flat_minor=500, times=Times.MONTHLY)
    assert fees(monthly, [asked], date(2026, 2, 28)) == [
        (date(2026, 1, 20), 500),
        (date(2026, 2, 20), 500),
    ]


def test_what_holds_from_the_day_of_a_monthly_fee_on_holds_for_it() -> None:
    monthly = LateFee(flat_minor=500, times=Times.MONTHLY)
    day = date(2026, 2, 11)
    frozen = Concession(from_on=date(2026, 1, 20), until_on=day)
    assert fees(monthly, [DUE, frozen], day) == [(date(2026, 1, 11), 500), (day, 500)]
    assert fees(monthly, [DUE, Concession(from_on=day)], day) == [(date(2026, 1, 11), 500)]
    dearer = Terms(from_on=day, late_fee=LateFee(flat_minor=700, times=Times.MONTHLY))
    assert fees(monthly, [DUE, dearer], day) == [(date(2026, 1, 11), 500), (day, 700)]
    # A payment of the day comes too late for it, and a revision changes nothing of it.
    assert fees(monthly, [DUE, payment(1, day, 10_000)])[1:] == [(day, 500)]
    revised = Asked(from_on=day, dues=DUE.dues)
    assert fees(monthly, [DUE, revised], date(2026, 3, 11))[1:] == [
        (day, 500),
        (date(2026, 3, 11), 500),
    ]


def test_a_monthly_fee_begins_with_its_terms() -> None:
    later = Terms(from_on=date(2026, 2, 15), late_fee=LateFee(flat_minor=500, times=Times.MONTHLY))
    replayed = on(date(2026, 3, 31), [Terms(from_on=START), DUE, later])
    assert lines(replayed, Kind.LATE_FEE) == [(date(2026, 3, 11), 500)]


def test_with_the_whole_called_in_the_fee_is_on_principal_and_interest() -> None:
    opening = Statement(stated_on=START, principal_minor=10_000, fees_minor=9_000)
    terms = Terms(from_on=START, rate=RATE, late_fee=LateFee(share_ppb=50_000_000))
    asked = Asked(from_on=START, whole_from=date(2026, 1, 20))
    replayed = on(date(2026, 3, 31), [terms, asked], opening)
    # 20 days × 5 = 100 of interest; 5 % of 10,100.
    assert lines(replayed, Kind.LATE_FEE) == [(date(2026, 1, 21), 505)]


@pytest.mark.parametrize("times", list(Times))
def test_what_was_waived_bears_no_late_fee(times: Times) -> None:
    flat = LateFee(flat_minor=500, times=times)
    assert fees(flat, [TWO, waiver(date(2026, 1, 5))]) == []


def test_two_revisions_on_one_day_do_not_count_twice() -> None:
    day = date(2026, 1, 20)
    facts: list[Fact] = [
        Terms(from_on=START, penalty=PENAL),
        Asked(from_on=day, dues=((date(2026, 1, 10), 10_000),)),
        Asked(from_on=day, dues=((date(2026, 1, 10), 10_000),)),
    ]
    # 10 a day from the day on which it is asked.
    assert on(date(2026, 1, 30), facts).balances.penalties == 100


def test_a_bounce_makes_the_monthly_fees_go_on() -> None:
    monthly = LateFee(flat_minor=500, times=Times.MONTHLY)
    facts: list[Fact] = [
        DUE,
        payment(1, date(2026, 1, 20), 10_000),
        Reversal(payment_id=1, reversed_on=date(2026, 2, 25)),
    ]
    assert fees(monthly, facts, date(2026, 3, 31)) == [
        (date(2026, 1, 11), 500),
        (date(2026, 3, 11), 500),
    ]


# What the creditor grants.


def test_frozen_means_that_nothing_is_added_until_it_ends() -> None:
    terms = Terms(
        from_on=START,
        rate=RATE,
        compounding=Compounding.MONTHLY,
        penalty=PENAL,
        late_fee=LateFee(flat_minor=500, times=Times.MONTHLY),
    )
    frozen = Concession(from_on=date(2026, 1, 6), until_on=date(2026, 3, 1))
    facts: list[Fact] = [terms, DUE, frozen]
    assert on(date(2026, 3, 1), facts).balances == Amounts(100_000, 250)
    # Then 50 of interest and 10 of penalty interest a day; the month of the fee ends on the 11th.
    assert on(date(2026, 3, 10), facts).balances == Amounts(100_000, 700, 90)
    assert on(date(2026, 3, 11), facts).balances == Amounts(100_000, 750, 100, 500)


def test_a_frozen_debt_without_an_end_stays_as_it_is() -> None:
    assert after(3_650, [PLAIN, Concession(from_on=date(2026, 1, 6))]).interest == 250


def test_a_granted_rate_takes_the_place_of_the_contract_rate() -> None:
    lower = Concession(
        from_on=date(2026, 1, 11), until_on=date(2026, 1, 21), rate=parse_rate("3.65%")
    )
    # 10 × 50, 10 × 10, 10 × 50.
    assert after(10, [PLAIN, lower]).interest == 500
    assert after(20, [PLAIN, lower]).interest == 600
    assert after(30, [PLAIN, lower]).interest == 1_100


def test_a_granted_rate_of_nothing_is_no_freeze() -> None:
    terms = Terms(from_on=START, rate=RATE, penalty=PENAL)
    none = Concession(from_on=START, rate=Rate(ppb=0))
    assert on(date(2026, 1, 21), [terms, DUE, none]).balances == Amounts(100_000, 0, 100)


def test_a_granted_rate_may_leave_out_the_penalties() -> None:
    terms = Terms(from_on=START, rate=RATE, penalty=PENAL, late_fee=LateFee(flat_minor=500))
    lower = Concession(from_on=START, rate=parse_rate("3.65%"), penalties=False)
    assert on(date(2026, 1, 21), [terms, DUE, lower]).balances == Amounts(100_000, 200)


def test_a_granted_rate_has_its_own_day_count_and_compounding() -> None:
    terms = Terms(from_on=START, rate=RATE, compounding=Compounding.MONTHLY)
    simple = Concession(from_on=START, rate=RATE, basis=Basis.ACT_360, compounding=Compounding.NONE)
    # 100,000 × 18.25 % × 90/360 = 4,562.5, half up.
    assert after(90, [terms, simple]).interest == 4_563


def test_of_two_grants_at_once_the_later_one_counts_and_then_the_other_again() -> None:
    outer = Concession(from_on=START, rate=parse_rate("3.65%"))
    inner = Concession(from_on=date(2026, 1, 11), until_on=date(2026, 1, 21))
    assert after(30, [PLAIN, inner, outer]).interest == 100 + 0 + 100


def test_a_grant_that_ended_by_the_opening_is_none() -> None:
    past = Concession(from_on=date(2025, 6, 1), until_on=START)
    empty = Concession(from_on=date(2026, 1, 5), until_on=date(2026, 1, 5))
    assert after(10, [PLAIN, past, empty]).interest == 500


def test_interest_that_accrues_on_a_credit_is_none() -> None:
    assert after(30, [PLAIN, payment(1, date(2026, 1, 2), 100_150)]) == Amounts()
    assert (
        on(date(2026, 1, 31), [PLAIN, payment(1, date(2026, 1, 2), 100_150)]).overpaid_minor == 100
    )
