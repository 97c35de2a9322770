"""The lines of a ledger, and the ledger as it stands on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from tracker.core.components import Amounts
from tracker.core.daycount import Basis
from tracker.core.interest import Rate


class Kind(StrEnum):
    OPENING = "opening"
    INTEREST = "interest"
    PENALTY = "penalty"
    LATE_FEE = "late-fee"
    CHARGE = "charge"
    WAIVER = "waiver"
    ADJUSTMENT = "adjustment"
    PAYMENT = "payment"
    REVERSAL = "reversal"
    REFUND = "refund"
    CREDIT = "credit"  # what was overpaid covers what came later
    VOID = "void"  # a payment that never was, and its reversal


class Accrual(NamedTuple):
    """What an interest line was computed from; `from_on` until before the line's date."""

    from_on: date
    base_minor: int
    rate: Rate
    basis: Basis


class Entry(NamedTuple):
    """One line; `amounts` are signed (payments below 0), `balances` stand after it.

    `overpaid_minor` is money beyond everything owed, after the line. `detail` is
    the accrual behind interest, the overdue part behind a late fee, and the
    creditor's own split behind a payment.
    """

    on: date
    kind: Kind
    amounts: Amounts
    balances: Amounts
    overpaid_minor: int
    note: str = ""
    detail: Accrual | Amounts | int | None = None
    sum_minor: int = 0
    """Of money, waivers and what never was: the whole sum of the fact, signed."""

    @property
    def amount_minor(self) -> int:
        return self.amounts.total

    @property
    def balance_minor(self) -> int:
        """Below 0 where more was paid than was owed."""
        return self.balances.total - self.overpaid_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The ledger as it stands at the end of `on`, interest of that day's morning included.

    `before_opening`: the day lies before the opening, of which nothing is known.
    """

    on: date
    entries: tuple[Entry, ...]
    balances: Amounts
    overpaid_minor: int
    overdue_minor: int
    days_overdue: int
    before_opening: bool = False

    @property
    def balance_minor(self) -> int:
        return self.balances.total - self.overpaid_minor
