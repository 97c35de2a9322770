"""What a revision, a waiver and a move make of a plan's rows."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.allocation import Open, Paid, allocate
from tracker.core.revision import Changed, Standing, lent, rescheduled, revised, waived
from tracker.core.schedule import Row
from tracker.errors import ConflictError, InputError, TrackerError

JAN, FEB, MAR, APR, MAY = (date(2027, month, 1) for month in range(1, 6))


def plan(*paid: int, waived_minor: int = 0) -> list[Standing]:
    """Rows a, b, c … of 100 on the first of the months; `waived_minor` is of the last."""
    return [
        Standing(
            seq=i + 1,
            ref="abcdefgh"[i],
            due_on=date(2027, i + 1, 1),
            amount_minor=100,
            paid_minor=minor,
            waived_minor=waived_minor if i + 1 == len(paid) else 0,
        )
        for i, minor in enumerate(paid)
    ]


def row(day: date, amount: int = 100) -> Row:
    return Row(due_on=day, amount_minor=amount)


def revise(
    rows: list[Standing], *new: Row, agreed: date = FEB, tolerance: int = 0
) -> list[Changed]:
    return revised(rows, new, agreed_on=agreed, tolerance_minor=tolerance)


def brief(changed: list[Changed]) -> list[tuple[str | None, date, int]]:
    return [(each.ref, each.due_on, each.amount_minor) for each in changed]


def refused(error: TrackerError) -> tuple[str, str | None]:
    """The sentence and its field; the hint must read as well."""
    assert error.hint
    assert "{" not in error.hint.format(**error.params)
    return str(error), error.field


def test_a_revision_repeats_what_is_paid_and_replaces_the_rest() -> None:
    changed = revise(plan(100, 0, 0), row(FEB, 60), row(date(2027, 3, 15), 70), row(APR, 70))
    assert changed == [
        Changed(ref="a", due_on=JAN, amount_minor=100, was="a"),
        Changed(ref="b", due_on=FEB, amount_minor=60, was="b"),
        Changed(ref="c", due_on=date(2027, 3, 15), amount_minor=70, was="c"),
        Changed(ref=None, due_on=APR, amount_minor=70),
    ]


def test_a_part_paid_row_stays_with_what_was_paid_and_lends_nothing() -> None:
    changed = revise(plan(100, 30, 0), row(date(2027, 2, 15), 85), row(APR, 85))
    assert brief(changed) == [
        ("a", JAN, 100),
        ("b", FEB, 30),
        ("c", date(2027, 2, 15), 85),
        (None, APR, 85),
    ]
    assert sum(each.asked_minor for each in changed) == 130 + 170


def test_a_new_row_on_the_date_of_a_part_paid_one_is_larger_by_the_paid_part() -> None:
    changed = revise(plan(100, 30, 0), row(FEB, 85), row(MAR, 85))
    assert brief(changed) == [("a", JAN, 100), ("b", FEB, 115), ("c", MAR, 85)]


def test_a_row_within_the_tolerance_is_repeated_with_its_gap() -> None:
    changed = revise(plan(98, 0), row(MAR), tolerance=2)
    assert brief(changed) == [("a", JAN, 100), ("b", MAR, 100)]
    assert brief(revise(plan(98, 0), row(MAR), tolerance=1)) == [("a", JAN, 98), ("b", MAR, 100)]


def test_a_row_that_is_paid_ahead_of_its_time_is_repeated_too() -> None:
    assert brief(revise(plan(0, 0, 100), row(FEB, 50))) == [("b", FEB, 50), ("c", MAR, 100)]


def test_a_waived_row_is_repeated_with_what_was_waived() -> None:
    assert revise(plan(0, 40, waived_minor=60), row(date(2027, 1, 15)), agreed=JAN) == [
        Changed(ref="a", due_on=date(2027, 1, 15), amount_minor=100, was="a"),
        Changed(ref="b", due_on=FEB, amount_minor=100, waived_minor=60, was="b"),
    ]


def test_what_was_waived_stays_to_be_read_where_the_paid_part_did_not_arrive() -> None:
    # 60 of b were waived when 40 were paid; then the payment was returned.
    returned = plan(100, 0, waived_minor=60)
    assert revise(returned, row(MAR, 40))[1:] == [
        Changed(ref="b", due_on=FEB, amount_minor=60, waived_minor=60, was="b"),
        Changed(ref=None, due_on=MAR, amount_minor=40),
    ]
    assert revise(returned, row(FEB, 40))[1:] == [
        Changed(ref="b", due_on=FEB, amount_minor=100, waived_minor=60, was="b")
    ]


def test_an_old_ref_never_comes_back_as_a_fresh_one() -> None:
    rows = [Standing(seq=1, ref="+0", due_on=JAN, amount_minor=100, paid_minor=100)]
    assert [each.ref for each in revise(rows, row(FEB), row(MAR))] == ["+0", None, None]


def test_a_revision_on_the_day_of_a_paid_instalment_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        revise(plan(100, 0), row(JAN))
    assert refused(caught.value) == (
        "rows has an instalment on 2027-01-01, and the one of that day is paid already.",
        "rows",
    )


def test_a_revision_dated_before_a_paid_instalment_is_refused() -> None:
    early = date(2026, 12, 31)
    for rows in (plan(100, 0), plan(30, 0)):
        with pytest.raises(InputError) as caught:
            revise(rows, row(early))
        assert refused(caught.value) == (
            f"rows has an instalment on {early}, before the one of {JAN} that money went to.",
            "rows",
        )
    # Due on the day of the agreement or after it, it was paid ahead of its time.
    assert brief(revise(plan(100, 0), row(early), agreed=JAN))[0] == (None, early, 100)


def test_a_revision_on_the_day_of_a_waived_instalment_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        revise(plan(100, 0, waived_minor=100), row(FEB))
    assert refused(caught.value)[0].endswith("was waived.")


def test_a_revision_without_instalments_or_with_too_many_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        revise(plan(100, 0))
    assert refused(caught.value) == ("The revision has no instalment.", "rows")
    many = [row(date.fromordinal(FEB.toordinal() + n)) for n in range(600)]
    assert len(revise(plan(100), *many[:599])) == 600
    with pytest.raises(InputError, match="601 instalments") as caught:
        revise(plan(100), *many)
    assert refused(caught.value)[1] == "rows"


def test_new_rows_that_no_builder_gives_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="two instalments"):
        revise(plan(100), row(FEB), row(FEB))
    with pytest.raises(ValueError, match="no amount"):
        revise(plan(100), row(FEB, 0))


def test_a_waived_instalment_stays_with_what_was_paid_on_it() -> None:
    changed = waived(plan(100, 30, 0), 2, tolerance_minor=0)
    assert changed[1] == Changed(ref="b", due_on=FEB, amount_minor=100, waived_minor=70, was="b")
    assert changed[1].asked_minor == 30
    assert brief(changed) == [("a", JAN, 100), ("b", FEB, 100), ("c", MAR, 100)]


def test_the_rest_of_a_waived_instalment_can_be_waived_when_its_payment_was_returned() -> None:
    assert waived(plan(100, 0, waived_minor=60), 2, tolerance_minor=0)[1].waived_minor == 100


def test_waiving_what_is_paid_waived_or_unknown_is_refused() -> None:
    for rows, sentence, kind in (
        (plan(0, 100), "Instalment 2, due on 2027-02-01, is paid already.", ConflictError),
        (
            plan(0, 40, waived_minor=60),
            "Instalment 2, due on 2027-02-01, is waived already.",
            ConflictError,
        ),
        (
            plan(0, 0, waived_minor=100),
            "Instalment 2, due on 2027-02-01, is waived already.",
            ConflictError,
        ),
        (plan(0), "There is no instalment 2; the plan has 1.", InputError),
    ):
        with pytest.raises(kind) as caught:
            waived(rows, 2, tolerance_minor=0)
        assert refused(caught.value) == (sentence, "instalment")
        with pytest.raises(kind, match=sentence[:20]):
            rescheduled(rows, 2, MAY, tolerance_minor=0)
    with pytest.raises(ConflictError, match="paid already"):
        waived(plan(99), 1, tolerance_minor=1)


def test_a_rescheduled_instalment_takes_its_ref_to_its_new_place() -> None:
    changed = rescheduled(plan(100, 0, 0), 2, APR, tolerance_minor=0)
    assert brief(changed) == [("a", JAN, 100), ("c", MAR, 100), ("b", APR, 100)]
    assert [each.was for each in changed] == ["a", "c", "b"]


def test_a_part_paid_instalment_takes_its_money_along_where_no_open_one_overtakes_it() -> None:
    later = date(2027, 2, 20)
    assert brief(rescheduled(plan(100, 30, 0), 2, later, tolerance_minor=0)) == [
        ("a", JAN, 100),
        ("b", later, 100),
        ("c", MAR, 100),
    ]
    # One that is paid is no older debt.
    assert brief(rescheduled(plan(100, 30, 100), 2, APR, tolerance_minor=0))[1:] == [
        ("c", MAR, 100),
        ("b", APR, 100),
    ]


def test_a_part_paid_instalment_that_is_overtaken_leaves_its_paid_part() -> None:
    changed = rescheduled(plan(100, 30, 0), 2, APR, tolerance_minor=0)
    assert changed[1:] == [
        Changed(ref="b", due_on=FEB, amount_minor=30, was="b"),
        Changed(ref="c", due_on=MAR, amount_minor=100, was="c"),
        Changed(ref=None, due_on=APR, amount_minor=70, was="b"),
    ]
    # Oldest due first, the money of b would have gone to c.
    opens = [
        Open(ref=each.ref or "rest", due_on=each.due_on, amount_minor=each.asked_minor)
        for each in changed
    ]
    money = [Paid(payment_id=1, paid_on=JAN, amount_minor=130)]
    assert allocate(opens, money).totals() == {"a": 100, "b": 30}


def test_a_move_to_the_same_or_a_taken_day_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        rescheduled(plan(0, 0), 1, JAN, tolerance_minor=0)
    assert refused(caught.value) == ("Instalment 1 is due on 2027-01-01 already.", "to")
    with pytest.raises(ConflictError) as conflict:
        rescheduled(plan(0, 100), 1, FEB, tolerance_minor=0)
    assert refused(conflict.value) == (
        "Instalment 2 is due on 2027-02-01 already; two cannot share a day.",
        "to",
    )


def test_a_move_to_before_a_paid_instalment_is_told_as_money_lent() -> None:
    rows = plan(100, 0)
    changed = rescheduled(rows, 2, date(2026, 12, 1), tolerance_minor=0)
    opens = [
        Open(ref=each.ref or "", due_on=each.due_on, amount_minor=each.asked_minor)
        for each in changed
    ]
    unnamed = allocate(opens, [Paid(payment_id=1, paid_on=JAN, amount_minor=100)])
    assert lent(rows, unnamed.totals()) == ("a",)
    named = allocate(opens, [Paid(payment_id=1, paid_on=JAN, amount_minor=100, for_ref="a")])
    assert lent(rows, named.totals()) == ()


def test_a_row_whose_figures_cannot_be_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="waives 101"):
        Standing(seq=1, ref="a", due_on=JAN, amount_minor=100, waived_minor=101)
    with pytest.raises(ValueError, match="41 is paid"):
        Standing(seq=1, ref="a", due_on=JAN, amount_minor=100, waived_minor=60, paid_minor=41)
