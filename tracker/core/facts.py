"""The dated facts of a debt, from which its ledger is replayed.

None of them is ever derived from another: what is stored is what somebody said,
agreed or paid, and on which day it took effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.core.components import Amounts, Component
from tracker.core.daycount import Basis
from tracker.core.interest import Compounding, Rate, Terms
from tracker.core.policy import Policy
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
    costs_minor: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.total_minor is None and not self.split:
            raise InputError(
                "The statement of {stated_on} has no figure.",
                field="total",
                hint="Give the total, or the parts that the creditor names.",
                stated_on=self.stated_on,
            )

    def parts(self) -> tuple[int | None, ...]:
        """In the order of `Component`."""
        return (
            self.principal_minor,
            self.interest_minor,
            self.penalties_minor,
            self.fees_minor,
            self.costs_minor,
        )

    @property
    def split(self) -> bool:
        """Whether the creditor named any component at all."""
        return any(part is not None for part in self.parts())

    @property
    def balance_minor(self) -> int:
        """The figure that counts: the total if stated, else the sum of the components."""
        if self.total_minor is not None:
            return self.total_minor
        return sum(part or 0 for part in self.parts())

    @property
    def unexplained_minor(self) -> int:
        """Total minus components, either sign; 0 where only one of the two was stated."""
        if not self.split or self.total_minor is None:
            return 0
        return self.total_minor - sum(part or 0 for part in self.parts())

    def amounts(self) -> Amounts:
        """By component; what none of them explains counts as principal, in want of better."""
        stated = Amounts(*(part or 0 for part in self.parts()))
        return stated._replace(principal=stated.principal + self.balance_minor - stated.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that went to the creditor; `amount_minor` above 0.

    `after_opening` says of a payment on the opening day itself that it came after
    the statement was taken down, so that the statement cannot include it. `stated`
    is how the creditor says that it was split.
    """

    payment_id: int
    paid_on: date
    amount_minor: int
    note: str = ""
    after_opening: bool = False
    stated: Amounts | None = None

    def __post_init__(self) -> None:
        if self.amount_minor <= 0:
            raise ValueError(f"payment {self.payment_id}: the amount is not above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Takes one payment back, whole, as of `reversed_on`.

    On the payment's own day or before: it never was. Later: the money came back then.
    """

    payment_id: int
    reversed_on: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that the creditor sent back; `amount_minor` above 0."""

    refund_id: int
    on: date
    amount_minor: int
    note: str = ""


class Reason(StrEnum):
    """Why the creditor's claim changed otherwise than by a payment."""

    CHARGE = "charge"
    WAIVER = "waiver"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A change of the claim: `amount_minor` is above 0 where more is owed, below 0 where less.

    Without a component what is taken off follows the order of a payment. None as
    the amount of a waiver is all that is left. A charge or waiver on the opening
    day is in the statement already unless `after_opening`; an adjustment never is.
    """

    charge_id: int
    on: date
    reason: Reason
    amount_minor: int | None
    component: Component | None = None
    note: str = ""
    after_opening: bool = False

    def __post_init__(self) -> None:
        if self.amount_minor is None:
            if self.reason is not Reason.WAIVER or self.component is not None:
                raise ValueError(f"charge {self.charge_id}: only a whole waiver has no amount")
        elif self.component is None and self.amount_minor > 0:
            raise ValueError(f"charge {self.charge_id}: what is added has a component")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concession:
    """What the creditor grants from `from_on` until before `until_on` (None: open).

    Without a rate everything is frozen: interest, penalty interest and late fees.
    With one it takes the place of the contract rate, and `penalties` says whether
    penalty interest and late fees go on. `whole`: a new agreement on all that is
    owed, whatever it was before; the rate runs on all of it, posted interest
    included, and each posting is rounded for itself, as an amortisation does.
    """

    from_on: date
    until_on: date | None = None
    rate: Rate | None = None
    basis: Basis | None = None
    compounding: Compounding | None = None
    penalties: bool = True
    whole: bool = False

    @property
    def frozen(self) -> bool:
        return self.rate is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be paid by when, as it stands from `from_on` on; it says what is overdue.

    `dues` are (due date, minor units) in order of time, `paid_minor` what had gone
    towards them before `from_on`. With `whole_from`, everything owed is overdue
    from that day on (the loan was called in, the account closed). `missed_on`: since
    that day something has been unpaid, of which nobody knows how much; it counts for
    the days overdue alone.
    """

    from_on: date
    dues: tuple[tuple[date, int], ...] = ()
    paid_minor: int = 0
    whole_from: date | None = None
    missed_on: date | None = None


Fact = Payment | Reversal | Refund | Charge | Terms | Policy | Concession | Asked
