"""What is still to come of a plan, worked out by hand at a tenth of a percent a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tracker.core.allocation import Overpay
from tracker.core.facts import Asked, Concession, Fact, Payment, Statement
from tracker.core.interest import LateFee, Penalty, Per, Rate, Terms
from tracker.core.projection import Cost, Course, Due, Projected

START = date(2027, 1, 1)
DAILY = Rate(ppb=1_000_000, per=Per.DAY)
INTEREST = Terms(from_on=START, rate=DAILY)


def on(day: int) -> date:
    return date(2027, 1, day)


def course(
    rows: list[tuple[int, int]],
    *facts: Fact,
    owed: int = 100_000,
    today: date = START,
    overpay: Overpay = Overpay.FORWARD,
) -> Course:
    return Course(
        opening=Statement(stated_on=START, total_minor=owed),
        facts=facts,
        rows=tuple(
            Due(ref=f"r{number}", due_on=on(day), open_minor=minor)
            for number, (day, minor) in enumerate(rows, 1)
        ),
        today=today,
        overpay=overpay,
    )


def asked(plan: Course) -> Asked:
    return Asked(from_on=START, dues=tuple((row.due_on, row.open_minor) for row in plan.rows))


def with_asked(plan: Course) -> Course:
    return replace(plan, facts=(*plan.facts, asked(plan)))


def test_without_terms_a_plan_costs_what_it_asks() -> None:
    assert course([(11, 50_000), (21, 50_000)]).projected() == Projected(
        ends_on=on(21),
        to_pay_minor=100_000,
        interest_minor=0,
        fees_minor=0,
        left_minor=0,
        clears_on=on(21),
    )


def test_without_terms_agreed_rows_are_not_cut_to_the_ledger() -> None:
    projected = course([(11, 50_000), (21, 60_000)]).projected()
    assert (projected.to_pay_minor, projected.left_minor) == (110_000, -10_000)
    assert (projected.ends_on, projected.clears_on) == (on(21), on(21))


def test_without_a_ledger_the_dates_and_sums_are_the_plans() -> None:
    projected = replace(course([(11, 50_000), (21, 50_000)]), opening=None).projected()
    assert (projected.ends_on, projected.to_pay_minor) == (on(21), 100_000)
    assert (projected.interest_minor, projected.left_minor, projected.clears_on) == (0, 0, None)


def test_a_plan_with_nothing_open_has_no_end() -> None:
    projected = course([], INTEREST).projected()
    assert (projected.ends_on, projected.to_pay_minor, projected.interest_minor) == (None, 0, 0)
    assert projected.left_minor == 100_000
    assert course([], INTEREST).missed() is None


def test_the_last_payment_is_cut_to_what_is_owed() -> None:
    # Ten days on 1,000.00 are 10.00; 500.00 leave 510.00, on which ten days are 5.10.
    projected = course([(11, 50_000), (21, 60_000)], INTEREST).projected()
    assert projected == Projected(
        ends_on=on(21),
        to_pay_minor=50_000 + 51_510,
        interest_minor=1_000 + 510,
        fees_minor=0,
        left_minor=-8_490,
        clears_on=on(21),
    )


def test_rows_after_the_debt_is_paid_are_not_paid_and_cost_no_late_fee() -> None:
    fee = replace(INTEREST, late_fee=LateFee(flat_minor=2_500))
    plan = with_asked(course([(11, 101_000), (21, 60_000), (31, 60_000)], fee))
    projected = plan.projected()
    assert (projected.ends_on, projected.clears_on) == (on(11), on(11))
    assert (projected.to_pay_minor, projected.fees_minor) == (101_000, 0)
    assert projected.left_minor == -120_000


def test_what_the_plan_does_not_cover_is_left() -> None:
    projected = course([(11, 50_000), (21, 50_000)], INTEREST).projected()
    assert (projected.to_pay_minor, projected.left_minor) == (100_000, 1_510)
    assert projected.clears_on is None


def test_interest_that_is_owed_already_is_not_still_to_come() -> None:
    # Until the 6th 5.00 have accrued; they are owed, not to come.
    projected = course([(11, 50_000), (21, 60_000)], INTEREST, today=on(6)).projected()
    assert (projected.interest_minor, projected.to_pay_minor) == (1_010, 101_510)


def test_what_is_late_is_paid_today() -> None:
    # Fifteen days on 1,000.00 are 15.00, on the 16th 500.00: six days on 515.00 are 3.09.
    projected = course([(11, 50_000), (22, 60_000)], INTEREST, today=on(16)).projected()
    assert (projected.interest_minor, projected.to_pay_minor) == (309, 50_000 + 51_809)


def test_payments_of_today_are_not_taken_for_those_to_come() -> None:
    paid = Payment(payment_id=7, paid_on=on(11), amount_minor=50_000)
    projected = course([(21, 60_000)], INTEREST, paid, today=on(11)).projected()
    assert (projected.interest_minor, projected.to_pay_minor) == (510, 51_510)


def test_a_debt_that_is_paid_off_asks_for_nothing_more_where_interest_ran() -> None:
    paid = Payment(payment_id=7, paid_on=on(11), amount_minor=101_000)
    projected = course([(21, 60_000)], INTEREST, paid, today=on(12)).projected()
    assert projected.interest_minor == 0
    # Nothing accrues any more, so the agreed row stands; the ledger says that it is too much.
    assert (projected.to_pay_minor, projected.left_minor) == (60_000, -60_000)


def test_a_settlement_forgives_what_it_leaves_out() -> None:
    plan = replace(course([(11, 60_000)], INTEREST), settles=True)
    projected = plan.projected()
    assert (projected.to_pay_minor, projected.forgiven_minor) == (60_000, 41_000)
    assert (projected.left_minor, projected.clears_on) == (0, on(11))


def test_frozen_interest_is_not_to_come() -> None:
    frozen = Concession(from_on=START)
    projected = course([(11, 50_000), (21, 50_000)], INTEREST, frozen).projected()
    assert (projected.interest_minor, projected.left_minor) == (0, 0)


# Another payment.


def test_an_extra_payment_saves_the_interest_on_what_it_repays() -> None:
    # 5.00 until the 6th; 200.00 leave 805.00, five days are 4.03 (4.025 rounded up); the
    # rest of the first row, 300.00, leaves 509.03, and ten days on it are 5.09.
    saved = course([(11, 50_000), (21, 60_000)], INTEREST).extra(20_000, on(6))
    assert (saved.interest_minor, saved.days_earlier) == (1_510 - (500 + 403 + 509), 0)
    assert saved.ends_on == on(21)


@pytest.mark.parametrize(
    ("overpay", "ends_on"),
    [(Overpay.FORWARD, on(31)), (Overpay.LAST, on(21)), (Overpay.REFUND, on(31))],
)
def test_the_plans_rule_says_where_an_extra_payment_goes(overpay: Overpay, ends_on: date) -> None:
    rows = [(11, 30_000), (21, 30_000), (31, 40_000)]
    plan = course(rows, overpay=overpay)
    saved = plan.extra(70_000, on(6))
    # Under each rule the next row is prepaid; what is over goes on, to the last, or back.
    assert saved.ends_on == ends_on
    assert saved.days_earlier == (on(31) - ends_on).days
    assert saved.interest_minor == 0


def test_what_comes_back_saves_nothing() -> None:
    rows = [(11, 30_000), (21, 30_000), (31, 45_000)]
    kept = course(rows, INTEREST, overpay=Overpay.LAST)
    back = replace(kept, overpay=Overpay.REFUND)
    assert back.extra(30_000, on(6)) == kept.extra(30_000, on(6))
    assert back.extra(70_000, on(6)) == back.extra(30_000, on(6))
    assert kept.extra(70_000, on(6)).interest_minor > kept.extra(30_000, on(6)).interest_minor


def test_more_than_is_owed_ends_the_plan_on_that_day() -> None:
    saved = course([(11, 50_000), (21, 60_000)], INTEREST).extra(500_000, on(6))
    assert (saved.interest_minor, saved.days_earlier) == (1_510 - 500, 15)
    assert saved.ends_on == on(6)


def test_an_extra_payment_lies_ahead_and_is_more_than_nothing() -> None:
    plan = course([(21, 50_000)], today=on(11))
    for minor, day in ((0, 12), (-1, 12), (100, 10)):
        with pytest.raises(ValueError, match="extra payment"):
            plan.extra(minor, on(day))


# A missed one.


def test_a_missed_instalment_costs_interest_on_it_for_a_period() -> None:
    # Twenty days on 1,000.00 are 20.00, then everything is paid at once.
    cost = course([(11, 50_000), (21, 60_000)], INTEREST).missed()
    assert cost == Cost(ref="r1", paid_on=on(21), interest_minor=2_000 - 1_510, fees_minor=0)


def test_a_missed_instalment_costs_the_late_fee_and_the_penalty() -> None:
    terms = replace(
        INTEREST,
        grace_days=3,
        late_fee=LateFee(flat_minor=2_500),
        penalty=Penalty(rate=Rate(ppb=2_000_000, per=Per.DAY)),
    )
    plan = with_asked(course([(11, 50_000), (21, 60_000)], terms))
    assert plan.projected().fees_minor == 0
    cost = plan.missed()
    assert cost is not None
    # From the 15th, when the grace is over, six days at 0.2 % on 500.00, and 25.00.
    assert (cost.interest_minor, cost.fees_minor) == (490, 600 + 2_500)


def test_the_last_one_missed_comes_as_much_later_as_it_came_after_the_one_before() -> None:
    late = course([(5, 50_000), (11, 60_000)], INTEREST, today=on(9)).missed()
    alone = course([(31, 110_000)], INTEREST).missed()
    assert late is not None
    assert alone is not None
    assert (late.ref, late.paid_on) == ("r2", on(17))
    assert (alone.ref, alone.paid_on) == ("r1", date(2027, 2, 28))


def test_where_everything_is_late_none_is_to_be_missed() -> None:
    assert course([(5, 50_000), (11, 60_000)], INTEREST, today=on(12)).missed() is None
