"""Which part of which payment went to which instalment.

A pure replay of the whole debt: the answer depends on the facts alone, never on
the order in which they were typed in. Payments are taken by (`paid_on`,
`payment_id`), instalments by (`due_on`, `ref`). A payment that names an
instalment (`for_ref`) fills that one first, since in most laws the payer's
designation at the moment of paying is what counts; the rest goes oldest due
first, as far ahead as the plan's rule on overpayments lets it (`Overpay`), and
what no instalment can take is overpaid.

The caller leaves out what does not count: voided payments together with their
reversing rows, scheduled ones that have not gone yet, instalments that belong to
a replaced version. An instalment of which the rest was waived can still take
what is asked of it: what was paid on it before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Overpay(StrEnum):
    """Where money goes that is more than an instalment asks.

    A payment never passes by what is due by its day. Under `LAST` and `REFUND` it
    fills, after that, the next instalment that is still open, and no other one
    ahead of its day: what is over goes to the last instalment and from there
    backwards, or stays overpaid.
    """

    FORWARD = "forward"  # the next ones are prepaid, however many it fills
    LAST = "last"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An instalment that can take money, up to `amount_minor`.

    That is all that is asked of it, paid or not: its amount less what was waived,
    0 for one of which nothing is asked any more.
    """

    ref: str
    due_on: date
    amount_minor: int

    def __post_init__(self) -> None:
        if self.amount_minor < 0:
            raise ValueError(f"instalment {self.ref}: the amount is negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Money that went; `for_ref` is the instalment that the payer named.

    A `for_ref` that is not among the instalments (withdrawn by a revision, waived)
    is as good as none: the money is kept and goes oldest due first.
    """

    payment_id: int
    paid_on: date
    amount_minor: int
    for_ref: str | None = None

    def __post_init__(self) -> None:
        if self.amount_minor < 0:
            raise ValueError(f"payment {self.payment_id}: the amount is negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`amount_minor` (always above 0) of one payment for one instalment; at most one per pair."""

    payment_id: int
    ref: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """The outcome of a replay; parts and overpaid together are exactly what was paid."""

    parts: tuple[Part, ...]
    """In replay order, so the dates of the payments behind them never go back."""
    overpaid: tuple[tuple[int, int], ...]
    """(payment_id, minor units above 0) for each payment of which something was left over."""

    @property
    def overpaid_minor(self) -> int:
        return sum(minor for _, minor in self.overpaid)

    def paid(self, ref: str) -> int:
        """What went to one instalment; 0 for an unknown one. For many, see `totals`."""
        return sum(part.amount_minor for part in self.parts if part.ref == ref)

    def totals(self) -> dict[str, int]:
        """What went to each instalment that received anything, by ref, in one pass."""
        totals: dict[str, int] = {}
        for part in self.parts:
            totals[part.ref] = totals.get(part.ref, 0) + part.amount_minor
        return totals


def allocate(
    instalments: Iterable[Open],
    payments: Iterable[Paid],
    *,
    overpay: Overpay = Overpay.FORWARD,
) -> Allocated:
    """Replay `payments` over `instalments` (see the module for the order).

    Raises ValueError where a ref or a payment id occurs twice: both are keys, and
    a doubled one would let the same money count twice.
    """
    by_age = sorted(instalments, key=lambda each: (each.due_on, each.ref))
    in_order = sorted(payments, key=lambda each: (each.paid_on, each.payment_id))
    left = {each.ref: each.amount_minor for each in by_age}
    if len(left) != len(by_age):
        raise ValueError("an instalment ref occurs twice")
    if len({each.payment_id for each in in_order}) != len(in_order):
        raise ValueError("a payment id occurs twice")

    parts: list[Part] = []
    overpaid: list[tuple[int, int]] = []
    # Everything before `oldest` and after `newest` is full. Nothing is ever given
    # back within a replay, so the marks only close in and the whole takes one pass.
    oldest, newest = 0, len(by_age) - 1
    for payment in in_order:
        rest = payment.amount_minor
        if payment.for_ref is not None and left.get(payment.for_ref, 0) > 0:
            rest -= _put(payment.payment_id, payment.for_ref, rest, left, parts)
        ahead = False
        while rest > 0 and oldest <= newest:
            each = by_age[oldest]
            if left[each.ref] == 0:
                oldest += 1
                continue
            if overpay is not Overpay.FORWARD and each.due_on > payment.paid_on:
                if ahead:
                    break
                ahead = True
            rest -= _put(payment.payment_id, each.ref, rest, left, parts)
        while rest > 0 and overpay is Overpay.LAST and oldest <= newest:
            ref = by_age[newest].ref
            if left[ref] == 0:
                newest -= 1
                continue
            rest -= _put(payment.payment_id, ref, rest, left, parts)
        if rest > 0:
            overpaid.append((payment.payment_id, rest))
    return Allocated(parts=tuple(parts), overpaid=tuple(overpaid))


def _put(payment_id: int, ref: str, rest: int, left: dict[str, int], parts: list[Part]) -> int:
    """Put as much of `rest` into `ref` as fits, and answer how much that was."""
    amount = min(rest, left[ref])
    if amount:
        left[ref] -= amount
        parts.append(Part(payment_id=payment_id, ref=ref, amount_minor=amount))
    return amount
