"""What is owed from day to day: an opening figure, then payments and reversals.

The opening figure is a creditor's statement (or the person's own figure) that was
adopted as the start. Adopting a later one means passing that one as the opening;
a statement that was not adopted is only compared (`difference`).

The rule of the opening day: a statement already includes everything dated on or
before its own date, but for a payment on that very day that is known to have come
after it. Such payments make no entry, or they would be taken off twice.
A reversal goes by the day on which it took effect: a returned debit on the day the
money came back, so that one from before the statement which bounces after it raises
the balance again; a mistake (it never happened) on the date of the payment itself,
where it falls under the same rule as the payment.

No interest accrues here yet: between two facts the balance stands still.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The creditor's figure at the end of a day: components, a total, or both.

    None means that the creditor did not state it, which is not the same as 0. The
    total stands where it is given; what the components do not explain of it is
    shown, not spread over them. Raises InputError without any figure.
    """

    stated_on: date
    total_minor: int | None = None
    principal_minor: int | None = None
    interest_minor: int | None = None
    penalties_minor: int | None = None
    fees_minor: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.total_minor is None and not self._components():
            raise InputError(
                "The statement of {stated_on} has no figure.",
                field="total",
                hint="Give the total, or the parts that the creditor names.",
                stated_on=self.stated_on,
            )

    def _components(self) -> list[int]:
        parts = (self.principal_minor, self.interest_minor, self.penalties_minor, self.fees_minor)
        return [part for part in parts if part is not None]

    @property
    def balance_minor(self) -> int:
        """The figure that counts: the total if stated, else the sum of the components."""
        return sum(self._components()) if self.total_minor is None else self.total_minor

    @property
    def unexplained_minor(self) -> int:
        """Total minus components, either sign; 0 where only one of the two was stated."""
        parts = self._components()
        return self.total_minor - sum(parts) if parts and self.total_minor is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that went to the creditor; `amount_minor` above 0.

    `after_opening` says of a payment on the opening day itself that it came after
    the statement was taken down, so that the statement cannot include it.
    """

    payment_id: int
    paid_on: date
    amount_minor: int
    note: str = ""
    after_opening: bool = False

    def __post_init__(self) -> None:
        if self.amount_minor <= 0:
            raise ValueError(f"payment {self.payment_id}: the amount is not above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Takes one payment back, whole, as of `reversed_on` (see the module)."""

    payment_id: int
    reversed_on: date
    note: str = ""


Fact = Payment | Reversal


class Kind(StrEnum):
    OPENING = "opening"
    PAYMENT = "payment"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: `amount_minor` is signed (payments below 0), `balance_minor` is after it.

    A balance below 0 means that more was paid than was owed.
    """

    on: date
    kind: Kind
    amount_minor: int
    balance_minor: int
    note: str = ""


def ledger(opening: Statement, facts: Iterable[Fact]) -> list[Entry]:
    """The entries in order of their dates, the opening first.

    On one day payments come before reversals, each by payment id, so that the input
    order does not matter. A reversal dated before its payment takes effect with it.
    Raises ValueError where a payment id occurs twice, or is reversed twice or
    without being among the facts.
    """
    payments: dict[int, Payment] = {}
    reversals: dict[int, Reversal] = {}
    for fact in facts:
        if isinstance(fact, Payment):
            if fact.payment_id in payments:
                raise ValueError(f"payment {fact.payment_id} occurs twice")
            payments[fact.payment_id] = fact
        else:
            if fact.payment_id in reversals:
                raise ValueError(f"payment {fact.payment_id} is reversed twice")
            reversals[fact.payment_id] = fact
    if unknown := sorted(reversals.keys() - payments.keys()):
        raise ValueError(f"reversed but unknown: payment {unknown[0]}")

    moves = [
        (
            each.paid_on,
            0,
            each.payment_id,
            Kind.PAYMENT,
            -each.amount_minor,
            each.note,
            each.after_opening,
        )
        for each in payments.values()
    ]
    for back in reversals.values():
        paid = payments[back.payment_id]
        on = max(back.reversed_on, paid.paid_on)
        moves.append(
            (
                on,
                1,
                back.payment_id,
                Kind.REVERSAL,
                paid.amount_minor,
                back.note,
                paid.after_opening,
            )
        )
    moves.sort(key=lambda move: move[:3])

    running = opening.balance_minor
    entries = [
        Entry(
            on=opening.stated_on,
            kind=Kind.OPENING,
            amount_minor=running,
            balance_minor=running,
            note=opening.note,
        )
    ]
    for on, _, _, kind, amount, note, after in moves:
        if on < opening.stated_on or (on == opening.stated_on and not after):
            continue
        running += amount
        entries.append(
            Entry(on=on, kind=kind, amount_minor=amount, balance_minor=running, note=note)
        )
    return entries


def balance(entries: Sequence[Entry], on: date) -> int | None:
    """The balance at the end of a day; None before the opening, where nothing is known."""
    index = bisect_right(entries, on, key=lambda entry: entry.on)
    return entries[index - 1].balance_minor if index else None


def difference(entries: Sequence[Entry], statement: Statement) -> int | None:
    """The creditor's figure minus the ledger's on the statement's date.

    Above 0 the creditor asks for more than the ledger knows; None before the opening.
    """
    own = balance(entries, statement.stated_on)
    return None if own is None else statement.balance_minor - own
