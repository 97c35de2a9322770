"""A plan's versions, what makes two rows the same obligation, and a row's state.

An instalment's `ref` names its obligation across versions: it is the feed's UID
and the key of its reminders. If it changed without need, the phone would show the
payment twice; if it stayed where the obligation is another one, a reminder that
went out for the old would silence the new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from tracker.core.schedule import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One instalment of one version; `seq` counts from 1 in order of the due dates."""

    seq: int
    ref: str
    due_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The agreed terms as they stood from one agreement to the next; `number` counts from 1."""

    number: int
    rows: tuple[PlanRow, ...]

    @property
    def total_minor(self) -> int:
        return sum(row.amount_minor for row in self.rows)


class State(StrEnum):
    """Where an instalment stands on a day; derived, never stored."""

    UPCOMING = "upcoming"
    DUE = "due"
    PART_PAID = "part-paid"
    PAID = "paid"
    LATE = "late"
    MISSED = "missed"
    WAIVED = "waived"


def lineage(
    previous: Sequence[PlanRow],
    rows: Sequence[Row],
    new_ref: Callable[[], str],
    *,
    settled: frozenset[str] = frozenset(),
) -> list[PlanRow]:
    """Give the rows of a new version their refs.

    Both sides are read in order of the due dates. Then:

    1. A new row with the due date of an old row keeps that row's ref, whatever its
       amount, and whether the old one is paid or not. (Should several rows share a
       date, the first goes with the first, the second with the second.)
    2. The rows kept by rule 1 stand still and cut both lists into stretches. Within
       a stretch the remaining new rows, in order, take the refs of the remaining
       unpaid old rows, in order: the obligation at the same position among the
       unpaid was moved or re-priced. A ref thus never steps over a row that kept
       its date: if January is dropped and a month added at the end, January is
       withdrawn and the added one is new.
    3. Surplus new rows get a fresh ref from `new_ref`; surplus old refs are
       `withdrawn`.

    `settled` are the refs that are paid (or waived): such a row keeps its ref under
    rule 1 only. It never lends it to another date, or money that was paid would
    count for an obligation that it was not paid for.

    Raises ValueError where `new_ref` answers with a ref that is in use.
    """
    old = sorted(previous, key=lambda row: (row.due_on, row.seq))
    new = sorted(rows, key=lambda row: row.due_on)
    refs: dict[int, str] = {}

    # The sentinels at both ends make the open stretches ordinary ones.
    kept = [(-1, -1), *_same_dates(old, new), (len(old), len(new))]
    for (old_from, new_from), (old_to, new_to) in pairwise(kept):
        if new_to < len(new):
            refs[new_to] = old[old_to].ref
        lenders = [row.ref for row in old[old_from + 1 : old_to] if row.ref not in settled]
        # Lengths differ where rows were added or dropped: rule 3 takes the surplus.
        refs.update(zip(range(new_from + 1, new_to), lenders, strict=False))

    used = {row.ref for row in previous}
    result: list[PlanRow] = []
    for index, row in enumerate(new):
        ref = refs.get(index)
        if ref is None:
            ref = new_ref()
            if ref in used:
                raise ValueError(f"the ref {ref} is in use already")
            used.add(ref)
        result.append(
            PlanRow(seq=index + 1, ref=ref, due_on=row.due_on, amount_minor=row.amount_minor)
        )
    return result


def _same_dates(old: Sequence[PlanRow], new: Sequence[Row]) -> list[tuple[int, int]]:
    """The pairs (old index, new index) of rule 1, ascending on both sides; one merge."""
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i].due_on == new[j].due_on:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif old[i].due_on < new[j].due_on:
            i += 1
        else:
            j += 1
    return pairs


def withdrawn(
    previous: Iterable[PlanRow],
    current: Iterable[PlanRow],
    *,
    settled: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """The refs of `previous` that `current` no longer has, in the old order.

    With `settled`, paid rows which the new version does not repeat are left out:
    they were met, there is nothing to call off.
    """
    there = {row.ref for row in current} | settled
    return tuple(row.ref for row in previous if row.ref not in there)


def gap(amount_minor: int, paid_minor: int) -> int:
    """What is still open, never below 0. Shown even where the tolerance forgives it."""
    return max(amount_minor - paid_minor, 0)


def is_settled(amount_minor: int, paid_minor: int, tolerance_minor: int) -> bool:
    """Whether an instalment counts as paid: the gap is within the tolerance.

    Where nothing came at all the tolerance does not help, or an instalment smaller
    than it would be paid without a payment.
    """
    open_minor = gap(amount_minor, paid_minor)
    return open_minor == 0 or (paid_minor > 0 and open_minor <= tolerance_minor)


def state(
    *,
    due_on: date,
    amount_minor: int,
    paid_minor: int,
    today: date,
    tolerance_minor: int,
    missed_after_days: int = 30,
    waived: bool = False,
) -> State:
    """The state on `today`, a date in the person's zone.

    `amount_minor` is what was agreed, whatever of it was waived since; `waived`
    says that nothing more is asked, since the rest was waived. Paid goes before
    waived: what was met stays met. Late begins the day after the due date, missed
    when it is late by more than `missed_after_days`. A part of the money shows as
    part-paid until the due date has passed, and as late after.
    """
    if is_settled(amount_minor, paid_minor, tolerance_minor):
        return State.PAID
    if waived:
        return State.WAIVED
    days_late = (today - due_on).days
    if days_late > max(missed_after_days, 0):
        return State.MISSED
    if days_late > 0:
        return State.LATE
    if paid_minor > 0:
        return State.PART_PAID
    return State.DUE if days_late == 0 else State.UPCOMING
