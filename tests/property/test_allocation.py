"""Allocation, for any plan and any payments: money is neither made nor lost."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.core.allocation import Open, Overpay, Paid, allocate

FIRST = date(2027, 1, 1)
# Few days and small amounts, so that ties and exact fits come up often.
days = st.integers(0, 6).map(lambda n: FIRST + timedelta(days=n))
amounts = st.one_of(st.integers(0, 30), st.integers(0, 10**15))
rules = st.sampled_from(Overpay)
refs = st.sampled_from([f"r{n}" for n in range(8)])

instalments = st.lists(
    st.builds(Open, ref=refs, due_on=days, amount_minor=amounts),
    max_size=8,
    unique_by=lambda each: each.ref,
)
payments = st.lists(
    st.builds(
        Paid,
        payment_id=st.integers(1, 50),
        paid_on=days,
        amount_minor=amounts,
        for_ref=st.one_of(st.none(), refs),
    ),
    max_size=12,
    unique_by=lambda each: each.payment_id,
)


@given(instalments, payments, rules)
def test_every_payment_is_fully_accounted_for(
    opens: list[Open], gone: list[Paid], overpay: Overpay
) -> None:
    allocated = allocate(opens, gone, overpay=overpay)
    left_over = dict(allocated.overpaid)
    for payment in gone:
        parts = [p.amount_minor for p in allocated.parts if p.payment_id == payment.payment_id]
        assert sum(parts) + left_over.get(payment.payment_id, 0) == payment.amount_minor
    parts_minor = sum(part.amount_minor for part in allocated.parts)
    assert parts_minor + allocated.overpaid_minor == sum(each.amount_minor for each in gone)


@given(instalments, payments, rules)
def test_no_instalment_takes_more_than_is_open(
    opens: list[Open], gone: list[Paid], overpay: Overpay
) -> None:
    allocated = allocate(opens, gone, overpay=overpay)
    amounts_by_ref = {each.ref: each.amount_minor for each in opens}
    assert all(part.amount_minor > 0 for part in allocated.parts)
    for ref, total in allocated.totals().items():
        assert total <= amounts_by_ref[ref]
        assert total == allocated.paid(ref)


@given(instalments, payments, st.sampled_from([Overpay.FORWARD, Overpay.LAST]))
def test_money_is_left_over_only_when_everything_is_full_unless_it_goes_back(
    opens: list[Open], gone: list[Paid], overpay: Overpay
) -> None:
    allocated = allocate(opens, gone, overpay=overpay)
    if allocated.overpaid_minor:
        assert all(allocated.paid(each.ref) == each.amount_minor for each in opens)


@given(instalments, payments, rules)
def test_money_that_goes_back_leaves_nothing_open_that_was_due(
    opens: list[Open], gone: list[Paid], overpay: Overpay
) -> None:
    allocated = allocate(opens, gone, overpay=overpay)
    left_over = dict(allocated.overpaid)
    for payment in gone:
        if payment.payment_id in left_over:
            due = [each for each in opens if each.due_on <= payment.paid_on]
            assert all(allocated.paid(each.ref) == each.amount_minor for each in due)


@given(instalments, payments, rules)
def test_a_payment_and_an_instalment_meet_at_most_once(
    opens: list[Open], gone: list[Paid], overpay: Overpay
) -> None:
    parts = allocate(opens, gone, overpay=overpay).parts
    assert len({(part.payment_id, part.ref) for part in parts}) == len(parts)


@given(st.data(), instalments, payments, rules)
def test_the_order_of_the_input_does_not_matter(
    data: st.DataObject, opens: list[Open], gone: list[Paid], overpay: Overpay
) -> None:
    shuffled = allocate(
        data.draw(st.permutations(opens)), data.draw(st.permutations(gone)), overpay=overpay
    )
    assert shuffled == allocate(opens, gone, overpay=overpay)


@given(instalments, payments)
def test_without_a_named_instalment_a_later_one_waits_for_all_before_it(
    opens: list[Open], gone: list[Paid]
) -> None:
    unnamed = [
        Paid(payment_id=p.payment_id, paid_on=p.paid_on, amount_minor=p.amount_minor) for p in gone
    ]
    allocated = allocate(opens, unnamed)
    in_order = sorted(opens, key=lambda each: (each.due_on, each.ref))
    short = False
    for each in in_order:
        assert not (short and allocated.paid(each.ref))
        short = short or allocated.paid(each.ref) < each.amount_minor
