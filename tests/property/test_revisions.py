"""Whatever becomes of a plan, in whatever order: no minor unit that was paid is lost or doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count, pairwise
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core import dates, holiday, revision
from tracker.core.allocation import Allocated, Open, Overpay, Paid, allocate
from tracker.core.dates import Every
from tracker.core.holiday import How
from tracker.core.revision import Changed, Standing
from tracker.core.schedule import Row
from tracker.errors import InputError, TrackerError

FIRST = date(2027, 1, 1)
DAYS = st.integers(-20, 400).map(lambda n: FIRST + timedelta(days=n))
# Small, so that exact fits come up, beside a few of any size.
AMOUNTS = st.integers(1, 40) | st.integers(1, 10**9)
LENGTHS = st.integers(0, 200).map(lambda n: timedelta(days=n))
Act = Literal["pay", "revise", "pause", "resume", "waive", "reschedule"]
ACTS: list[Act] = ["pay", "pay", "pay", "revise", "pause", "resume", "waive", "reschedule"]


@dataclass(frozen=True, kw_only=True)
class Pause:
    before: list[Standing]
    from_on: date
    until_on: date
    every: Every | None
    how: How


class Plan:
    """A running plan as its caller keeps it: rows, payments, fresh refs, the last pause."""

    def __init__(self, rows: Sequence[Row], every: Every | None, tolerance: int) -> None:
        self.fresh = (f"r{n:03}" for n in count())
        self.every = every
        self.tolerance = tolerance
        self.payments: list[Paid] = []
        self.rows = self.numbered(
            [Changed(ref=None, due_on=row.due_on, amount_minor=row.amount_minor) for row in rows]
        )
        self.pause: Pause | None = None

    def numbered(self, changed: Sequence[Changed]) -> list[Standing]:
        """As the caller stores it; every ref is there once, and the dates go up."""
        rows = [
            Standing(
                seq=seq,
                ref=row.ref or next(self.fresh),
                due_on=row.due_on,
                amount_minor=row.amount_minor,
                waived_minor=row.waived_minor,
            )
            for seq, row in enumerate(changed, 1)
        ]
        assert len({row.ref for row in rows}) == len(rows)
        assert all(before.due_on < after.due_on for before, after in pairwise(rows))
        return rows

    def replay(self, rows: Sequence[Standing], overpay: Overpay = Overpay.FORWARD) -> Allocated:
        return allocate(
            [Open(ref=row.ref, due_on=row.due_on, amount_minor=row.asked_minor) for row in rows],
            self.payments,
            overpay=overpay,
        )

    def standing(self, rows: Sequence[Standing], overpay: Overpay) -> list[Standing]:
        totals = self.replay(rows, overpay).totals()
        return [replace(row, paid_minor=totals.get(row.ref, 0)) for row in rows]


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[Row], Every | None]:
    every = draw(st.none() | st.sampled_from(Every))
    if every is None:
        days = sorted(draw(st.sets(DAYS, min_size=1, max_size=9)))
    else:
        days = dates.occurrences(draw(DAYS), every, draw(st.integers(1, 12)))
    return [Row(due_on=day, amount_minor=draw(AMOUNTS)) for day in days], every


def asked(rows: Sequence[Standing] | Sequence[Changed]) -> int:
    return sum(row.asked_minor for row in rows)


def changed_by(
    act: Act, plan: Plan, before: list[Standing], data: st.DataObject
) -> tuple[list[Changed], int]:
    """The next version, and what it must ask for in all."""
    tolerance = plan.tolerance
    if act == "revise":
        days = sorted(data.draw(st.sets(DAYS, min_size=1, max_size=6)))
        new = [Row(due_on=day, amount_minor=data.draw(AMOUNTS)) for day in days]
        changed = revision.revised(
            before, new, agreed_on=data.draw(DAYS), tolerance_minor=tolerance
        )
        forgiven = sum(row.open_minor for row in before if row.settled(tolerance))
        paid = sum(row.paid_minor for row in before)
        return changed, paid + sum(row.amount_minor for row in new) + forgiven
    # What is still open changes more often; the rest is there to be refused.
    opens = [row for row in before if not row.settled(tolerance)] or before
    seq = data.draw(st.sampled_from(opens) | st.sampled_from(before)).seq
    if act == "waive":
        changed = revision.waived(before, seq, tolerance_minor=tolerance)
        return changed, asked(before) - before[seq - 1].open_minor
    if act == "reschedule":
        to = data.draw(DAYS)
        return revision.rescheduled(before, seq, to, tolerance_minor=tolerance), asked(before)
    if act == "pause":
        from_on = data.draw(st.sampled_from(opens)).due_on
        pause = Pause(
            before=before,
            from_on=from_on,
            until_on=from_on + data.draw(LENGTHS),
            every=plan.every,
            how=data.draw(st.sampled_from(How)),
        )
        changed = holiday.paused(
            before,
            from_on=pause.from_on,
            until_on=pause.until_on,
            every=pause.every,
            how=pause.how,
            tolerance_minor=tolerance,
        )
        plan.pause = pause
        return changed, asked(before)
    assert plan.pause is not None
    changed = holiday.resumed(
        before,
        from_on=plan.pause.from_on,
        resumed_on=plan.pause.from_on + data.draw(LENGTHS),
        every=plan.pause.every,
        how=plan.pause.how,
        tolerance_minor=tolerance,
    )
    return changed, asked(before)


@settings(max_examples=300)
@given(schedules(), st.integers(0, 5), st.sampled_from([Overpay.FORWARD, Overpay.LAST]), st.data())
def test_no_paid_unit_is_lost_or_doubled(
    schedule: tuple[list[Row], Every | None], tolerance: int, overpay: Overpay, data: st.DataObject
) -> None:
    plan = Plan(*schedule, tolerance)
    for act in data.draw(st.lists(st.sampled_from(ACTS), min_size=3, max_size=10)):
        if act == "pay":
            plan.payments.append(
                Paid(
                    payment_id=len(plan.payments) + 1,
                    paid_on=data.draw(DAYS),
                    amount_minor=data.draw(st.integers(1, 60) | AMOUNTS),
                    for_ref=data.draw(st.sampled_from([None, *(r.ref for r in plan.rows)])),
                )
            )
            continue
        if act == "resume" and plan.pause is None:
            continue
        rows = plan.rows if act != "resume" or plan.pause is None else plan.pause.before
        before = plan.standing(rows, overpay)
        last_pause, plan.pause = plan.pause, plan.pause if act == "resume" else None
        try:
            changed, expected = changed_by(act, plan, before, data)
        except TrackerError as error:
            check_told(error)
            plan.pause = last_pause
            continue
        if act == "resume":
            plan.pause = None
            # Moving asks for the same money, so going back does too.
            assert asked(before) == asked(plan.rows)
        check(plan, before, changed, expected, overpay, act)


def check_told(error: TrackerError) -> None:
    assert "{" not in str(error)
    assert error.field
    assert error.hint
    assert "{" not in error.hint.format(**error.params)


def check(
    plan: Plan,
    before: list[Standing],
    changed: list[Changed],
    expected: int,
    overpay: Overpay,
    act: Act,
) -> None:
    assert asked(changed) == expected
    by_ref = {row.ref: row for row in changed if row.ref is not None}
    for row in before:
        if row.paid_minor or row.waived_minor or row.settled(plan.tolerance):
            # The money has its place, and what was waived stays to be read.
            assert by_ref[row.ref].asked_minor >= row.paid_minor
            assert by_ref[row.ref].waived_minor >= row.waived_minor
        if row.settled(plan.tolerance):
            assert by_ref[row.ref] == row.repeated()
    assert all(row.was in (None, row.ref) for row in changed if row.ref is not None)
    assert all(row.amount_minor > 0 for row in changed)

    old = plan.replay(before, overpay)
    plan.rows = plan.numbered(changed)
    new = plan.replay(plan.rows, overpay)
    paid_before, paid_after = sum(old.totals().values()), sum(new.totals().values())
    if old.overpaid_minor:
        # Only a revision asks for more, and then it is there for it.
        assert paid_after >= paid_before
        assert new.overpaid_minor <= old.overpaid_minor
    else:
        assert paid_after == paid_before
        assert new.overpaid_minor == 0
    if act in ("pause", "resume", "waive") and plan.tolerance == 0 and overpay is Overpay.FORWARD:
        assert revision.lent(before, new.totals()) == ()
        assert {ref: old.paid(ref) for ref in by_ref} == {ref: new.paid(ref) for ref in by_ref}


@given(schedules(), DAYS, DAYS, st.sampled_from(How))
def test_after_a_holiday_nothing_is_due_in_it_and_a_shift_keeps_the_order(
    schedule: tuple[list[Row], Every | None], from_on: date, until_on: date, how: How
) -> None:
    plan = Plan(*schedule, 0)
    try:
        changed = holiday.paused(
            plan.rows,
            from_on=from_on,
            until_on=until_on,
            every=plan.every,
            how=how,
            tolerance_minor=0,
        )
    except InputError:
        assert not any(from_on <= row.due_on < until_on for row in plan.rows)
        return
    assert not any(from_on <= row.due_on < until_on for row in changed)
    assert {row.ref for row in changed} == {row.ref for row in plan.rows}
    if how is How.SHIFT:
        assert [row.ref for row in changed] == [row.ref for row in plan.rows]
        assert all(
            (now.due_on > was.due_on) == (was.due_on >= from_on)
            for was, now in zip(plan.rows, changed, strict=True)
        )


@given(DAYS, st.sampled_from(Every), st.integers(0, 12), st.integers(1, 6), st.sampled_from(How))
def test_after_a_holiday_a_rhythm_goes_on_as_if_it_had_not_been_interrupted(
    anchor: date, every: Every, at: int, missed: int, how: How
) -> None:
    # Enough rows to tell a plan for the 30th from one for the ends of months.
    many = 30
    days = dates.occurrences(anchor, every, many + missed)
    plan = Plan([Row(due_on=day, amount_minor=1) for day in days[:many]], every, 0)
    changed = holiday.paused(
        plan.rows,
        from_on=days[at],
        until_on=days[at + missed],
        every=every,
        how=how,
        tolerance_minor=0,
    )
    assert [row.due_on for row in changed] == days[:at] + days[at + missed :]
