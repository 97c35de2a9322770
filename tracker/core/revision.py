"""What a change of a running plan makes of its rows: revised, waived, moved.

Each function takes the rows of the version in force as they stand and gives the
rows of the next one, in order of their due dates; the caller numbers them from 1,
gives fresh refs and stores them. What has been paid is never lost and never
counts twice: the next version can hold at least what was paid on the one before
it, and asks for nothing that is not open already or newly agreed. A row that is
settled or waived is repeated as it is, whatever its date.

A ref is the obligation's identity (see `plans`). Money that names a ref stays
with it; all other money goes oldest due first at every replay. Two things follow:

- An open row that falls behind another open one leaves its paid part where it
  is, as a row of its own that is paid in full. Moved as a whole, its money would
  go to the row that is now the older one.
- An open row that comes to stand before a paid one is given that one's money by
  the replay. No total changes by it, but another row is the one that is paid.
  `lent` tells of it, for the caller to refuse or to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from tracker.core.dates import MOST
from tracker.core.plans import PlanRow, is_settled, lineage
from tracker.core.schedule import Row
from tracker.errors import ConflictError, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A row of the version in force; `paid_minor` is what the allocation gives it.

    Of `amount_minor`, `waived_minor` is not asked any more. ValueError where the
    figures cannot be: below zero, more waived than agreed, more paid than asked.
    """

    seq: int
    ref: str
    due_on: date
    amount_minor: int
    paid_minor: int = 0
    waived_minor: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.waived_minor <= self.amount_minor:
            raise ValueError(f"instalment {self.ref}: it waives {self.waived_minor}")
        if not 0 <= self.paid_minor <= self.asked_minor:
            raise ValueError(f"instalment {self.ref}: {self.paid_minor} is paid on it")

    @property
    def asked_minor(self) -> int:
        return self.amount_minor - self.waived_minor

    @property
    def open_minor(self) -> int:
        return self.asked_minor - self.paid_minor

    def settled(self, tolerance_minor: int) -> bool:
        """Nothing more is expected: paid, or the rest was waived."""
        return is_settled(self.asked_minor, self.paid_minor, tolerance_minor)

    def repeated(self) -> Changed:
        return Changed(
            ref=self.ref,
            due_on=self.due_on,
            amount_minor=self.amount_minor,
            waived_minor=self.waived_minor,
            was=self.ref,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A row of the next version.

    `ref` None asks the caller for a fresh one. `was` is the ref of the row that it
    comes from: with `was == ref` it is the same obligation, and where its date or
    amount is another one the caller opens its next generation of reminders. With
    `ref` None and a `was` it is the open rest of a row whose paid part stayed.
    """

    ref: str | None
    due_on: date
    amount_minor: int
    waived_minor: int = 0
    was: str | None = None

    @property
    def asked_minor(self) -> int:
        return self.amount_minor - self.waived_minor


def revised(
    rows: Sequence[Standing], new: Sequence[Row], *, agreed_on: date, tolerance_minor: int
) -> list[Changed]:
    """The next version when `new` is agreed as what is still to come.

    - Settled and waived rows are repeated.
    - An open row with money on it is repeated as its paid part (and what was waived
      of it): same ref, same date. If `new` has a row on its date, that row is larger
      by the paid part instead and keeps the ref.
    - All other open rows give way to `new`, which takes their refs by
      `plans.lineage`; rows that are repeated lend theirs to no other date.

    So what is asked in all is what was paid, plus the sum of `new`, plus the gaps
    that the tolerance forgives on settled rows.

    InputError names `rows`: none given, one on the date of a row that is paid or
    waived, one before a row with money on it that was due before `agreed_on`, or
    too many. Before a row that is paid ahead of its time a new one may stand; see
    `lent`. `new` has strictly increasing days and amounts above zero, as every
    builder of `schedule` gives them; ValueError else.
    """
    if any(row.amount_minor < 1 for row in new):
        raise ValueError("a new instalment has no amount")
    _check_new(rows, new, agreed_on, tolerance_minor)
    days = {row.due_on for row in new}
    # What stays of a row, by its date: the whole, or the part that was paid or waived.
    stays = {
        row.due_on: row.amount_minor
        if row.settled(tolerance_minor)
        else row.paid_minor + row.waived_minor
        for row in rows
        if row.settled(tolerance_minor) or row.paid_minor + row.waived_minor > 0
    }
    waived_on = {row.due_on: row.waived_minor for row in rows}
    asked = [
        Row(due_on=row.due_on, amount_minor=row.amount_minor + stays.get(row.due_on, 0))
        for row in new
    ]
    asked += [Row(due_on=day, amount_minor=kept) for day, kept in stays.items() if day not in days]

    # Sorts after every ref there is, so it can be none of them.
    beyond = max((row.ref for row in rows), default="") + "+"
    fresh: list[str] = []

    def new_ref() -> str:
        fresh.append(f"{beyond}{len(fresh)}")
        return fresh[-1]

    # Of a row that stays there is one on its own date, so it lends its ref to no other.
    placed = lineage(
        [
            PlanRow(seq=row.seq, ref=row.ref, due_on=row.due_on, amount_minor=row.amount_minor)
            for row in rows
        ],
        asked,
        new_ref,
    )
    fresh_refs = frozenset(fresh)
    return _in_order(
        [
            Changed(
                ref=(ref := None if row.ref in fresh_refs else row.ref),
                due_on=row.due_on,
                amount_minor=row.amount_minor,
                waived_minor=waived_on[row.due_on] if row.due_on in stays else 0,
                was=ref,
            )
            for row in placed
        ]
    )


def waived(rows: Sequence[Standing], seq: int, *, tolerance_minor: int) -> list[Changed]:
    """The next version when the creditor no longer asks for the rest of one instalment.

    The row stays where it is, and what was paid on it stays paid. InputError where
    there is no such row, ConflictError where nothing is open on it.
    """
    row = _open_row(rows, seq, tolerance_minor)
    rest = row.waived_minor + row.open_minor
    return _in_order(
        [
            replace(each.repeated(), waived_minor=rest) if each is row else each.repeated()
            for each in rows
        ]
    )


def rescheduled(
    rows: Sequence[Standing], seq: int, to: date, *, tolerance_minor: int
) -> list[Changed]:
    """The next version when one instalment moves to the day `to`, with its ref.

    Moved behind another open row it leaves its paid part where it was (see the
    module). Whether `to` has passed is for the caller to know. InputError where there
    is no such row or it is due on `to` already; ConflictError where nothing is open
    on it or another row has that day.
    """
    row = _open_row(rows, seq, tolerance_minor)
    if to == row.due_on:
        raise InputError(
            "Instalment {seq} is due on {day} already.",
            field="to",
            hint="Give the day to which it moves.",
            seq=seq,
            day=to.isoformat(),
        )
    if other := next((each for each in rows if each.due_on == to), None):
        raise ConflictError(
            "Instalment {other} is due on {day} already; two cannot share a day.",
            field="to",
            hint="Choose another day for instalment {seq}.",
            seq=seq,
            other=other.seq,
            day=to.isoformat(),
        )
    return moved(rows, {row.ref: to}, tolerance_minor=tolerance_minor)


def moved(
    rows: Sequence[Standing], to: Mapping[str, date], *, tolerance_minor: int
) -> list[Changed]:
    """The next version when open rows move to the days in `to`, by ref.

    A row takes its ref and its money along, unless an open one that came after it
    now comes before it: then its paid part, and what was waived of it, stays with
    the ref on the old day, and the rest moves without one. ValueError where two
    rows would share a day.
    """
    result: list[Changed] = []
    first_behind = date.max  # the earliest new day of the open rows that came after
    for row in sorted(rows, key=lambda each: each.due_on, reverse=True):
        day = to.get(row.ref, row.due_on)
        if row.paid_minor > 0 and first_behind < day and row.ref in to:
            stays = row.paid_minor + row.waived_minor
            result.append(replace(row.repeated(), amount_minor=stays))
            result.append(Changed(ref=None, due_on=day, amount_minor=row.open_minor, was=row.ref))
        else:
            result.append(replace(row.repeated(), due_on=day))
        if not row.settled(tolerance_minor):
            first_behind = min(first_behind, day)
    return _in_order(result)


def lent(rows: Sequence[Standing], paid: Mapping[str, int]) -> tuple[str, ...]:
    """The refs of `rows` that had money and have less of it in the next version.

    `paid` are the totals of a replay over that version. Empty, where nothing is
    forgiven within a tolerance, for every row waived and every holiday under
    `Overpay.FORWARD`; a revision or a move to before a paid row can lend.
    """
    return tuple(row.ref for row in rows if paid.get(row.ref, 0) < row.paid_minor)


def _in_order(rows: list[Changed]) -> list[Changed]:
    rows.sort(key=lambda row: row.due_on)
    for before, after in pairwise(rows):
        if before.due_on == after.due_on:
            raise ValueError(f"two instalments are due on {after.due_on}")
    if len(rows) > MOST:
        raise InputError(
            "With what stays of it the plan has {count} instalments; it can have {most}.",
            field="rows",
            hint="Choose fewer and larger instalments.",
            count=len(rows),
            most=MOST,
        )
    return rows


def _open_row(rows: Sequence[Standing], seq: int, tolerance_minor: int) -> Standing:
    """The row that a person named by its number, if something is open on it."""
    row = next((each for each in rows if each.seq == seq), None)
    if row is None:
        raise InputError(
            "There is no instalment {seq}; the plan has {count}.",
            field="instalment",
            hint="Take the number from the plan as it is shown now.",
            seq=seq,
            count=len(rows),
        )
    if row.settled(tolerance_minor) and row.waived_minor:
        raise ConflictError(
            "Instalment {seq}, due on {day}, is waived already.",
            field="instalment",
            hint="Choose one that is still open.",
            seq=seq,
            day=row.due_on.isoformat(),
        )
    if row.settled(tolerance_minor):
        raise ConflictError(
            "Instalment {seq}, due on {day}, is paid already.",
            field="instalment",
            hint="Choose one that is still open, or void the payment first if it did not arrive.",
            seq=seq,
            day=row.due_on.isoformat(),
        )
    return row


def _check_new(
    rows: Sequence[Standing], new: Sequence[Row], agreed_on: date, tolerance_minor: int
) -> None:
    """Refuse new rows where they would meet, or come before, what was paid."""
    if not new:
        raise InputError(
            "The revision has no instalment.",
            field="rows",
            hint="List what is still to come; waive instalments that are not asked any more.",
        )
    settled = {row.due_on: row for row in rows if row.settled(tolerance_minor)}
    paid_on = [row.due_on for row in rows if row.paid_minor > 0 and row.due_on < agreed_on]
    last = max(paid_on, default=date.min)
    for row in new:
        was = settled.get(row.due_on)
        if was is not None and was.waived_minor:
            raise InputError(
                "rows has an instalment on {day}, and the one of that day was waived.",
                field="rows",
                hint="Choose another day for it.",
                day=row.due_on.isoformat(),
            )
        if was is not None:
            raise InputError(
                "rows has an instalment on {day}, and the one of that day is paid already.",
                field="rows",
                hint="A revision lists what is still to come; begin after that day.",
                day=row.due_on.isoformat(),
            )
        if row.due_on < last:
            raise InputError(
                "rows has an instalment on {day}, before the one of {last} that money went to.",
                field="rows",
                hint="A revision lists what is still to come; begin after that day.",
                day=row.due_on.isoformat(),
                last=last.isoformat(),
            )
