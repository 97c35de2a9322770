"""Which part of which payment goes to which instalment."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.allocation import Allocated, Open, Overpay, Paid, Part, allocate

JAN, FEB, MAR = date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)
PLAN = (
    Open(ref="jan", due_on=JAN, amount_minor=5000),
    Open(ref="feb", due_on=FEB, amount_minor=5000),
    Open(ref="mar", due_on=MAR, amount_minor=5000),
)


def paid(payment_id: int, on: date, amount: int, for_ref: str | None = None) -> Paid:
    return Paid(payment_id=payment_id, paid_on=on, amount_minor=amount, for_ref=for_ref)


def triples(allocated: Allocated) -> list[tuple[int, str, int]]:
    return [(part.payment_id, part.ref, part.amount_minor) for part in allocated.parts]


def test_a_payment_fills_the_oldest_due_first_and_flows_on() -> None:
    allocated = allocate(PLAN, [paid(1, FEB, 7000)])
    assert triples(allocated) == [(1, "jan", 5000), (1, "feb", 2000)]
    assert allocated.overpaid == ()


def test_the_next_payment_takes_up_where_the_last_one_stopped() -> None:
    allocated = allocate(PLAN, [paid(1, JAN, 7000), paid(2, FEB, 4000)])
    assert triples(allocated)[2:] == [(2, "feb", 3000), (2, "mar", 1000)]
    assert allocated.paid("feb") == 5000
    assert allocated.totals() == {"jan": 5000, "feb": 5000, "mar": 1000}


def test_a_payment_that_names_an_instalment_fills_it_first_and_the_rest_goes_to_the_oldest() -> (
    None
):
    allocated = allocate(PLAN, [paid(1, JAN, 6000, "mar")])
    assert triples(allocated) == [(1, "mar", 5000), (1, "jan", 1000)]


def test_a_named_instalment_is_skipped_by_the_payments_after_it() -> None:
    allocated = allocate(PLAN, [paid(1, JAN, 5000, "feb"), paid(2, FEB, 8000)])
    assert triples(allocated)[1:] == [(2, "jan", 5000), (2, "mar", 3000)]


def test_a_named_instalment_that_is_full_already_takes_nothing_more() -> None:
    allocated = allocate(PLAN, [paid(1, JAN, 5000), paid(2, FEB, 3000, "jan")])
    assert triples(allocated)[1:] == [(2, "feb", 3000)]


def test_a_payment_for_a_withdrawn_instalment_is_kept_and_goes_to_the_oldest() -> None:
    allocated = allocate(PLAN, [paid(1, JAN, 3000, "gone")])
    assert triples(allocated) == [(1, "jan", 3000)]


def test_what_no_instalment_can_take_is_reported_for_each_payment() -> None:
    allocated = allocate(PLAN, [paid(1, JAN, 14000), paid(2, FEB, 1500), paid(3, MAR, 200, "jan")])
    assert allocated.overpaid == ((2, 500), (3, 200))
    assert allocated.overpaid_minor == 700


def test_without_instalments_everything_is_overpaid() -> None:
    assert allocate([], [paid(1, JAN, 100)]) == Allocated(parts=(), overpaid=((1, 100),))


def test_a_payment_entered_late_takes_its_place_by_its_date() -> None:
    allocated = allocate(PLAN, [paid(1, FEB, 5000), paid(2, JAN, 5000)])
    assert allocated.parts == (
        Part(payment_id=2, ref="jan", amount_minor=5000),
        Part(payment_id=1, ref="feb", amount_minor=5000),
    )


def test_payments_of_one_day_go_by_their_ids() -> None:
    allocated = allocate(PLAN, [paid(10, JAN, 5000), paid(9, JAN, 5000)])
    assert triples(allocated) == [(9, "jan", 5000), (10, "feb", 5000)]


def test_instalments_of_one_day_go_by_their_refs() -> None:
    twins = [
        Open(ref="b", due_on=JAN, amount_minor=10),
        Open(ref="a", due_on=JAN, amount_minor=10),
    ]
    assert triples(allocate(twins, [paid(1, JAN, 15)])) == [(1, "a", 10), (1, "b", 5)]


def test_an_unknown_ref_has_received_nothing() -> None:
    assert allocate(PLAN, [paid(1, JAN, 100)]).paid("gone") == 0


def test_a_ref_or_a_payment_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="ref occurs twice"):
        allocate([*PLAN, PLAN[0]], [])
    with pytest.raises(ValueError, match="id occurs twice"):
        allocate(PLAN, [paid(1, JAN, 100), paid(1, FEB, 100)])


def test_an_amount_below_zero_is_refused_on_both_sides() -> None:
    with pytest.raises(ValueError, match="payment 1"):
        paid(1, JAN, -1)
    with pytest.raises(ValueError, match="instalment x"):
        Open(ref="x", due_on=JAN, amount_minor=-1)


def by_rule(overpay: Overpay, *payments: Paid) -> tuple[dict[str, int], int]:
    allocated = allocate(PLAN, payments, overpay=overpay)
    return allocated.totals(), allocated.overpaid_minor


def test_forward_prepays_as_many_as_the_money_fills() -> None:
    assert by_rule(Overpay.FORWARD, paid(1, JAN, 12_000)) == (
        {"jan": 5000, "feb": 5000, "mar": 2000},
        0,
    )


def test_under_last_what_is_over_goes_to_the_last_one_and_backwards() -> None:
    longer = [*PLAN, Open(ref="apr", due_on=date(2027, 4, 1), amount_minor=5000)]
    allocated = allocate(longer, [paid(1, JAN, 12_000)], overpay=Overpay.LAST)
    assert triples(allocated) == [(1, "jan", 5000), (1, "feb", 5000), (1, "apr", 2000)]
    more = allocate(longer, [paid(1, JAN, 12_000), paid(2, FEB, 5500)], overpay=Overpay.LAST)
    assert triples(more)[3:] == [(2, "mar", 5000), (2, "apr", 500)]


def test_under_last_money_is_left_over_only_when_everything_is_full() -> None:
    assert by_rule(Overpay.LAST, paid(1, JAN, 16_000)) == (
        {"jan": 5000, "feb": 5000, "mar": 5000},
        1000,
    )


def test_under_refund_what_is_over_stays_overpaid() -> None:
    assert by_rule(Overpay.REFUND, paid(1, JAN, 12_000)) == ({"jan": 5000, "feb": 5000}, 2000)
    # The next payment fills the next one that is open, and no other.
    assert by_rule(Overpay.REFUND, paid(1, JAN, 12_000), paid(2, FEB, 6000)) == (
        {"jan": 5000, "feb": 5000, "mar": 5000},
        3000,
    )


@pytest.mark.parametrize("overpay", Overpay)
def test_what_is_due_by_the_day_of_the_payment_is_never_passed_by(overpay: Overpay) -> None:
    assert by_rule(overpay, paid(1, FEB, 8000)) == ({"jan": 5000, "feb": 3000}, 0)
    assert by_rule(overpay, paid(1, FEB, 12_000)) == ({"jan": 5000, "feb": 5000, "mar": 2000}, 0)


@pytest.mark.parametrize("overpay", Overpay)
def test_a_named_instalment_goes_first_under_every_rule(overpay: Overpay) -> None:
    assert by_rule(overpay, paid(1, JAN, 7000, "mar")) == ({"mar": 5000, "jan": 2000}, 0)


@pytest.mark.parametrize("overpay", Overpay)
def test_an_instalment_of_which_nothing_is_asked_takes_nothing(overpay: Overpay) -> None:
    waived = Open(ref="jan", due_on=JAN, amount_minor=0)
    money = [paid(1, JAN, 3000), paid(2, JAN, 100, "jan")]
    assert allocate([waived, *PLAN[1:]], money, overpay=overpay).totals() == {"feb": 3100}
