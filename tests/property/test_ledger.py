"""The ledger, for any facts: money is neither made nor lost, and time runs one way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random  # noqa: TID251 - Hypothesis seeds it

from hypothesis import given
from hypothesis import strategies as st

from tracker.core.components import NOTHING, Amounts, Component
from tracker.core.daycount import YEAR, Basis
from tracker.core.entries import Entry, Kind, Replayed
from tracker.core.facts import (
    Asked,
    Charge,
    Concession,
    Fact,
    Payment,
    Reason,
    Refund,
    Reversal,
    Statement,
)
from tracker.core.interest import (
    BILLION,
    Compounding,
    LateFee,
    Penalty,
    Per,
    Rate,
    Reach,
    Rounding,
    Terms,
    Times,
)
from tracker.core.ledger import replay
from tracker.core.policy import Order, Policy
from tracker.core.reconcile import compare

START = date(2027, 12, 30)  # two days before a leap year
SPAN = 80
_ACCRUALS = (Kind.INTEREST, Kind.PENALTY)
_MONEY = (Kind.PAYMENT, Kind.REVERSAL, Kind.REFUND)


def _day(n: int) -> date:
    return START + timedelta(days=n)


days = st.integers(-5, SPAN).map(_day)
later_days = st.integers(0, SPAN).map(_day)
# Small sums on few days, so that exact fits, overpayments and ties come up often.
sums = st.one_of(st.integers(1, 60), st.integers(1, 5_000), st.integers(1, 10**13))
parts = st.one_of(st.just(0), st.integers(0, 60), st.integers(0, 10**6), st.integers(0, 10**13))
rates = st.builds(Rate, ppb=st.integers(0, 2 * BILLION), per=st.just(Per.YEAR)) | st.builds(
    Rate, ppb=st.integers(0, 5_000_000), per=st.just(Per.DAY)
)
shares = st.integers(0, BILLION)
penalties = st.one_of(
    st.builds(Penalty, rate=rates, reach=st.sampled_from(Reach), instead=st.booleans()),
    st.builds(Penalty, above_ppb=shares, reach=st.sampled_from(Reach), instead=st.booleans()),
)
late_fees = st.one_of(
    st.builds(LateFee, flat_minor=st.integers(0, 50), times=st.sampled_from(Times)),
    st.builds(
        LateFee, share_ppb=shares, least_minor=st.integers(0, 20), times=st.sampled_from(Times)
    ),
)
openings = st.builds(
    Statement,
    stated_on=st.just(START),
    principal_minor=parts,
    interest_minor=parts,
    penalties_minor=parts,
    fees_minor=parts,
    costs_minor=parts,
) | st.builds(Statement, stated_on=st.just(START), total_minor=st.integers(-500, 10**6))

terms = st.lists(
    st.builds(
        Terms,
        from_on=days,
        rate=st.none() | rates,
        basis=st.sampled_from(Basis),
        compounding=st.sampled_from(Compounding),
        compounds_on=st.none() | st.integers(1, 31),
        grace_days=st.integers(0, 12),
        penalty=st.none() | penalties,
        late_fee=st.none() | late_fees,
        bears=st.sets(st.sampled_from(list(Component)[2:])).map(
            lambda beside: frozenset({Component.PRINCIPAL, *beside})
        ),
        rounding=st.sampled_from(Rounding),
    ),
    max_size=3,
    unique_by=lambda each: each.from_on,
)
policies = st.lists(
    st.builds(Policy, from_on=days, order=st.sampled_from(Order))
    | st.builds(
        Policy,
        from_on=days,
        order=st.sampled_from(Order),
        switch_days=st.integers(0, 20),
        then=st.sampled_from(Order),
    ),
    max_size=2,
    unique_by=lambda each: each.from_on,
)
grants = st.lists(
    st.builds(
        Concession,
        from_on=days,
        until_on=st.none() | days,
        rate=st.none() | rates,
        compounding=st.none() | st.sampled_from(Compounding),
        penalties=st.booleans(),
    ),
    max_size=2,
    unique_by=lambda each: each.from_on,
)
asked = st.lists(
    st.builds(
        Asked,
        from_on=days,
        dues=st.lists(st.tuples(days, sums), max_size=5, unique_by=lambda due: due[0]).map(
            lambda dues: tuple(sorted(dues))
        ),
        paid_minor=st.just(0) | st.integers(-100, 100),
        whole_from=st.none() | days,
        missed_on=st.none() | days,
    ),
    max_size=3,
    unique_by=lambda each: each.from_on,
)
settings = st.tuples(terms, policies, grants, asked).map(
    lambda lists: [fact for some in lists for fact in some]
)
payments = st.lists(
    st.builds(
        Payment,
        payment_id=st.integers(1, 30),
        paid_on=days,
        amount_minor=sums,
        after_opening=st.booleans(),
        stated=st.none() | st.builds(Amounts, principal=parts, interest=parts, fees=parts),
    ),
    max_size=8,
    unique_by=lambda each: each.payment_id,
)
refunds = st.lists(
    st.builds(Refund, refund_id=st.integers(1, 9), on=days, amount_minor=sums),
    max_size=2,
    unique_by=lambda each: each.refund_id,
)
components = st.sampled_from(Component)
charges = st.lists(
    st.builds(
        Charge,
        charge_id=st.integers(1, 30),
        on=days,
        reason=st.sampled_from(Reason),
        amount_minor=sums.flatmap(lambda minor: st.sampled_from([minor, -minor])),
        component=components,
        after_opening=st.booleans(),
    )
    | st.builds(
        Charge,
        charge_id=st.integers(1, 30),
        on=days,
        reason=st.sampled_from(Reason),
        amount_minor=sums.map(lambda minor: -minor),
        after_opening=st.booleans(),
    )
    | st.builds(
        Charge,
        charge_id=st.integers(1, 30),
        on=days,
        reason=st.just(Reason.WAIVER),
        amount_minor=st.none(),
        after_opening=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda each: each.charge_id,
)


@st.composite
def money(draw: st.DrawFn) -> list[Fact]:
    paid = draw(payments)
    back = [
        Reversal(payment_id=each.payment_id, reversed_on=draw(days))
        for each in paid
        if draw(st.integers(0, 3)) == 0
    ]
    return [*paid, *back, *draw(refunds), *draw(charges)]


facts = st.tuples(settings, money()).map(lambda both: [*both[0], *both[1]])


def _gone_minor(facts: Sequence[Fact]) -> int:
    """Counted once more, by the rules as they are written: money that went, less what came back."""
    back = {each.payment_id: each.reversed_on for each in facts if isinstance(each, Reversal)}
    gone = 0
    for fact in facts:
        if isinstance(fact, Refund) and fact.on >= START:
            gone -= fact.amount_minor
        if not isinstance(fact, Payment):
            continue
        after = fact.after_opening
        returned = back.get(fact.payment_id)
        if returned is not None and returned <= fact.paid_on:
            continue
        if fact.paid_on > START or (fact.paid_on == START and after):
            gone += fact.amount_minor
        if returned is not None and (returned > START or (returned == START and after)):
            gone -= fact.amount_minor
    return gone


@given(openings, facts)
def test_every_minor_unit_is_accounted_for_in_total(opening: Statement, facts: list[Fact]) -> None:
    replayed = replay(opening, facts, until=_day(SPAN))
    others = sum(
        entry.amount_minor
        if entry.kind is not Kind.ADJUSTMENT or not entry.sum_minor
        else entry.sum_minor
        for entry in replayed.entries
        if entry.kind not in (*_MONEY, Kind.CREDIT, Kind.VOID, Kind.OPENING)
    )
    assert replayed.balance_minor == opening.balance_minor + others - _gone_minor(facts)


@given(openings, facts)
def test_every_line_changes_what_it_says_and_nothing_else(
    opening: Statement, facts: list[Fact]
) -> None:
    replayed = replay(opening, facts, until=_day(SPAN))
    first, *_ = replayed.entries
    assert first.amounts == first.balances
    assert first.balance_minor == opening.balance_minor
    for before, entry in pairwise(replayed.entries):
        assert before.on <= entry.on
        assert entry.balances == before.balances.plus(entry.amounts)
        changed = entry.balance_minor - before.balance_minor
        if entry.kind in _MONEY or (entry.kind is Kind.ADJUSTMENT and entry.sum_minor):
            assert changed == entry.sum_minor
        elif entry.kind is Kind.CREDIT:
            assert changed == 0
        elif entry.kind is Kind.VOID:
            assert (entry.amounts, changed) == (NOTHING, 0)
        else:
            assert changed == entry.amount_minor
            assert entry.overpaid_minor == before.overpaid_minor
    last = replayed.entries[-1]
    assert (last.balances, last.overpaid_minor) == (replayed.balances, replayed.overpaid_minor)


@given(openings, facts, later_days)
def test_nothing_is_below_zero_and_overpaid_only_where_nothing_is_owed(
    opening: Statement, facts: list[Fact], until: date
) -> None:
    replayed = replay(opening, facts, until=until)
    for entry in replayed.entries:
        assert min(*entry.balances, entry.overpaid_minor) >= 0
    assert replayed.overpaid_minor == 0 or replayed.balances == NOTHING
    assert 0 <= replayed.overdue_minor <= replayed.balances.total
    assert replayed.days_overdue >= 0


def _dated(fact: Fact, paid_on: dict[int, date]) -> date:
    match fact:
        case Payment():
            return fact.paid_on
        case Reversal():
            return max(fact.reversed_on, paid_on[fact.payment_id])
        case Refund() | Charge():
            return fact.on
        case _:
            return fact.from_on


@given(openings, facts, later_days)
def test_what_is_dated_later_does_not_change_a_day(
    opening: Statement, facts: list[Fact], until: date
) -> None:
    paid_on = {each.payment_id: each.paid_on for each in facts if isinstance(each, Payment)}
    known = [fact for fact in facts if _dated(fact, paid_on) <= until]
    assert replay(opening, facts, until=until) == replay(opening, known, until=until)


@given(openings, facts, st.integers(0, SPAN), st.integers(0, SPAN))
def test_looking_earlier_shows_the_same_lines(
    opening: Statement, facts: list[Fact], one: int, other: int
) -> None:
    """All but interest, which is posted for the day that is looked at too."""

    def lines(replayed: Replayed, until: date) -> list[Entry]:
        return [e for e in replayed.entries if e.kind not in _ACCRUALS and e.on <= until]

    early, late = _day(min(one, other)), _day(max(one, other))
    then, now = (replay(opening, facts, until=day) for day in (early, late))
    posted_for_the_look = [e for e in then.entries if e.kind is Kind.CREDIT and e.on == early]
    if not posted_for_the_look:
        assert lines(then, early) == lines(now, early)


@given(openings, facts, sums, later_days, st.integers(0, 9), st.integers(0, SPAN))
def test_a_void_leaves_its_trail_and_nothing_else(
    opening: Statement, facts: list[Fact], minor: int, day: date, earlier: int, until: int
) -> None:
    void: list[Fact] = [
        Payment(payment_id=99, paid_on=day, amount_minor=minor, after_opening=True),
        Reversal(payment_id=99, reversed_on=day - timedelta(days=earlier)),
    ]
    with_ = replay(opening, [*facts, *void], until=_day(until))
    without = replay(opening, facts, until=_day(until))
    assert _but_voids(with_) == _but_voids(without)
    assert (with_.balances, with_.overpaid_minor) == (without.balances, without.overpaid_minor)
    assert (with_.overdue_minor, with_.days_overdue) == (
        without.overdue_minor,
        without.days_overdue,
    )
    trail = len(with_.entries) - len(without.entries)
    assert trail == (2 if day <= _day(until) else 0)


def _but_voids(replayed: Replayed) -> list[Entry]:
    return [entry for entry in replayed.entries if entry.kind is not Kind.VOID]


@given(openings, facts, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(
    opening: Statement, facts: list[Fact], seeded: Random
) -> None:
    mixed = list(facts)
    seeded.shuffle(mixed)
    until = _day(SPAN)
    assert replay(opening, mixed, until=until) == replay(opening, facts, until=until)


raised = st.lists(
    st.builds(
        Charge,
        charge_id=st.integers(1, 9),
        on=days,
        reason=st.just(Reason.CHARGE),
        amount_minor=sums,
        component=components,
    ),
    max_size=3,
    unique_by=lambda each: each.charge_id,
)


@given(openings, settings, raised, st.integers(0, SPAN - 1))
def test_a_day_more_never_lowers_what_is_owed_where_nothing_is_paid(
    opening: Statement, settings: list[Fact], raised: list[Charge], n: int
) -> None:
    facts = [*settings, *raised]
    today, tomorrow = (replay(opening, facts, until=_day(day)) for day in (n, n + 1))
    assert tomorrow.balance_minor >= today.balance_minor
    if opening.balance_minor >= 0:
        assert all(new >= old for old, new in zip(today.balances, tomorrow.balances, strict=True))


statements = st.builds(
    Statement,
    stated_on=later_days,
    total_minor=st.none() | st.integers(-100, 10**6),
    principal_minor=st.none() | parts,
    interest_minor=parts,
    penalties_minor=st.none() | parts,
    fees_minor=st.none() | parts,
    costs_minor=st.none() | parts,
) | st.builds(Statement, stated_on=later_days, total_minor=st.integers(-100, 10**6))


@given(openings, facts, payments, statements)
def test_the_reasons_make_up_the_whole_difference_to_a_statement(
    opening: Statement, facts: list[Fact], scheduled: list[Payment], statement: Statement
) -> None:
    ours = {each.payment_id for each in facts if isinstance(each, Payment)}
    waiting = [each for each in scheduled if each.payment_id not in ours]
    compared = compare(opening, facts, statement, scheduled=waiting)
    own = replay(opening, facts, until=statement.stated_on)
    assert compared is not None
    assert compared.own == own.balances
    assert compared.difference_minor == statement.balance_minor - own.balance_minor
    assert sum(reason.minor for reason in compared.reasons) == compared.difference_minor
    assert (
        compared.agrees
        or any(reason.minor for reason in compared.reasons)
        or (
            # Parts set off against one another by an order that is named.
            compared.difference_minor == 0 and compared.reasons
        )
    )


@given(openings, facts, later_days)
def test_the_ledgers_own_figures_as_a_statement_agree(
    opening: Statement, facts: list[Fact], on: date
) -> None:
    own = replay(opening, facts, until=on)
    principal, interest, penalties, fees, costs = own.balances
    statement = Statement(
        stated_on=on,
        total_minor=own.balance_minor,
        principal_minor=principal,
        interest_minor=interest,
        penalties_minor=penalties,
        fees_minor=fees,
        costs_minor=costs,
    )
    compared = compare(opening, facts, statement)
    assert compared is not None
    assert compared.agrees
    assert compared.reasons == ()


# Those whose parts add up, so that it does not matter where a period is split.
additive = st.sampled_from([Basis.ACT_365F, Basis.ACT_360, Basis.ACT_ACT, Basis.THIRTY_E_360])


def _earned(base_minor: int, terms: Terms, day: date) -> Fraction:
    """What a day earns exactly, up to the next."""
    assert terms.rate is not None
    units = terms.rate.units(day, day + timedelta(days=1), terms.basis)
    return Fraction(base_minor * units, BILLION * YEAR)


def _interest_posted(replayed: Replayed) -> int:
    return sum(each.amount_minor for each in replayed.entries if each.kind is Kind.INTEREST)


@given(
    openings,
    money(),
    st.lists(
        st.builds(Terms, from_on=days, rate=rates, basis=additive),
        min_size=1,
        max_size=2,
        unique_by=lambda each: each.from_on,
    ),
    policies,
)
def test_carried_interest_is_the_exact_sum_to_less_than_a_minor_unit_at_any_moment(
    opening: Statement, money: list[Fact], terms: list[Terms], policies: list[Policy]
) -> None:
    exact = Fraction(0)
    for n in range(0, SPAN, 3):
        for each in range(n - 3, n):
            if each >= 0 and (in_force := [t for t in terms if t.from_on <= _day(each)]):
                owed = replay(opening, [*money, *terms, *policies], until=_day(each)).balances
                exact += _earned(owed.principal, max(in_force, key=lambda t: t.from_on), _day(each))
        now = replay(opening, [*money, *terms, *policies], until=_day(n))
        assert abs(_interest_posted(now) - exact) < 1


@given(st.integers(0, 10**13), payments, additive, rates)
def test_so_is_interest_that_bears_interest_from_day_to_day(
    principal: int, paid: list[Payment], basis: Basis, rate: Rate
) -> None:
    opening = Statement(stated_on=START, principal_minor=principal)
    terms = Terms(from_on=START, rate=rate, basis=basis, compounding=Compounding.DAILY)
    exact = Fraction(0)
    for n in range(SPAN):
        now = replay(opening, [terms, *paid], until=_day(n))
        assert abs(_interest_posted(now) - exact) < 1
        exact += _earned(now.balances.principal + now.balances.interest, terms, _day(n))
