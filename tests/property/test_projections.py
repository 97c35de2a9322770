"""Projections of random plans: paying more never costs, paying late never saves."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.core import ledger
from tracker.core.allocation import Overpay
from tracker.core.amortise import amortise
from tracker.core.dates import Every, occurrences
from tracker.core.daycount import Basis
from tracker.core.facts import Asked, Concession, Payment, Statement
from tracker.core.interest import Compounding, LateFee, Penalty, Per, Rate, Terms, Times
from tracker.core.policy import Order, Policy
from tracker.core.projection import Course, Due

START = date(2027, 1, 10)
ORDERS = [order for order in Order if order is not Order.AS_STATED]

rates = st.one_of(
    st.builds(Rate, ppb=st.integers(0, 400_000_000)),
    st.builds(Rate, ppb=st.integers(0, 1_000_000), per=st.just(Per.DAY)),
)
late_fees = st.one_of(
    st.none(),
    st.builds(LateFee, flat_minor=st.integers(0, 5_000), times=st.sampled_from(Times)),
    st.builds(LateFee, share_ppb=st.integers(0, 10**8), times=st.sampled_from(Times)),
)
penalties = st.one_of(
    st.none(),
    st.builds(Penalty, rate=rates),
    st.builds(Penalty, above_ppb=st.integers(0, 10**9), instead=st.booleans()),
)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """A plan of monthly rows around what is owed, some of them late, with terms of every kind."""
    count = draw(st.integers(1, 12))
    owed = draw(st.integers(1_000, 10_000_000))
    days = occurrences(START + timedelta(days=30), Every.MONTHLY, count)
    amounts = [draw(st.integers(1, 2 * owed // count)) for _ in days]
    terms = Terms(
        from_on=START,
        rate=draw(rates),
        basis=draw(st.sampled_from(Basis)),
        compounding=draw(st.sampled_from(Compounding)),
        grace_days=draw(st.integers(0, 10)),
        penalty=draw(penalties),
        late_fee=draw(late_fees),
    )
    return Course(
        opening=Statement(stated_on=START, total_minor=owed),
        facts=(
            terms,
            Policy(from_on=START, order=draw(st.sampled_from(ORDERS))),
            Asked(from_on=START, dues=tuple(zip(days, amounts, strict=True))),
        ),
        rows=tuple(
            Due(ref=f"r{number:02}", due_on=day, open_minor=minor)
            for number, (day, minor) in enumerate(zip(days, amounts, strict=True), 1)
        ),
        today=START + timedelta(days=draw(st.integers(0, 30 * count))),
        overpay=draw(st.sampled_from(Overpay)),
    )


@given(courses(), st.integers(1, 20_000_000), st.integers(0, 400))
def test_an_extra_payment_never_costs(plan: Course, minor: int, days: int) -> None:
    saved = plan.extra(minor, plan.today + timedelta(days=days))
    assert saved.interest_minor >= 0
    assert saved.days_earlier >= 0 or plan.today + timedelta(days=days) > plan.rows[-1].due_on


@given(courses())
def test_a_missed_instalment_never_saves(plan: Course) -> None:
    cost = plan.missed()
    if cost is None:
        return
    terms = next(fact for fact in plan.facts if isinstance(fact, Terms))
    if terms.penalty is not None and terms.penalty.instead:
        # It takes the place of interest, and the two are rounded apart.
        assert cost.interest_minor + cost.fees_minor >= -1
    else:
        assert min(cost.interest_minor, cost.fees_minor) >= 0


@given(courses())
def test_a_plan_that_is_kept_ends_as_it_was_projected(plan: Course) -> None:
    """Paid by the plan's own days, what is not owed left out, the ledger says the same."""
    assert plan.opening is not None
    projected = plan.projected()
    left, pays = projected.to_pay_minor, []
    for number, row in enumerate(plan.rows, 1):
        if minor := min(row.open_minor, left):
            day = max(row.due_on, plan.today)
            pays.append(Payment(payment_id=number, paid_on=day, amount_minor=minor))
        left -= minor
    ends_on = projected.ends_on or plan.today
    now = ledger.replay(plan.opening, plan.facts, until=plan.today).balance_minor
    then = ledger.replay(plan.opening, (*plan.facts, *pays), until=ends_on).balance_minor
    accrued = projected.interest_minor + projected.fees_minor
    assert then == now + accrued - projected.to_pay_minor
    assert then == (max(projected.left_minor, 0) if accrued else projected.left_minor)


@given(
    st.integers(10_000, 10**9),
    st.integers(2, 120),
    st.integers(1_000_000, 300_000_000),
    st.sampled_from(Basis),
)
def test_a_plan_with_interest_in_its_rows_is_projected_to_its_own_table(
    principal: int, count: int, ppb: int, basis: Basis
) -> None:
    days = occurrences(START + timedelta(days=31), Every.MONTHLY, count)
    rate = Rate(ppb=ppb)
    rows = amortise(principal, days, starts_on=START, rate=rate, basis=basis, currency="GBP")
    projected = Course(
        opening=Statement(stated_on=START, total_minor=principal),
        facts=(Concession(from_on=START, rate=rate, basis=basis, whole=True),),
        rows=tuple(
            Due(ref=row.due_on.isoformat(), due_on=row.due_on, open_minor=row.amount_minor)
            for row in rows
        ),
        today=START,
    ).projected()
    assert projected.interest_minor == sum(row.interest_minor for row in rows)
    assert projected.to_pay_minor == sum(row.amount_minor for row in rows)
    assert projected.left_minor == 0
    assert projected.ends_on == projected.clears_on == rows[-1].due_on
