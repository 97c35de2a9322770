"""In which order a short payment goes to the components of a debt.

The order is the contract's or the law's, so it belongs to the debt, from a date
on. Some orders change once the debt is overdue for long enough: a Chinese credit
card takes interest and fees first until the 90th day and the principal first from
the 91st (商业银行信用卡业务监督管理办法, art. 57).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.core.components import PLACE, Amounts, Component
from tracker.errors import InputError


class Order(StrEnum):
    """The named orders; `ORDERS` spells each out."""

    COSTS_FIRST = "costs-first"
    FEES_FIRST = "fees-first"
    INTEREST_FIRST = "interest-first"
    PRINCIPAL_FIRST = "principal-first"
    DEFAULT_INTEREST_LAST = "default-interest-last"
    AS_STATED = "as-stated"


_P, _I, _N, _F, _C = Component

ORDERS: dict[Order, tuple[Component, ...]] = {
    # CN 民法典 561, TW 民法 323, DE BGB 367: costs, interest, principal.
    Order.COSTS_FIRST: (_C, _F, _I, _N, _P),
    # As many loan contracts have it.
    Order.FEES_FIRST: (_F, _C, _N, _I, _P),
    # Interest and fees before principal: CN cards up to the 90th day.
    Order.INTEREST_FIRST: (_I, _N, _F, _C, _P),
    Order.PRINCIPAL_FIRST: (_P, _I, _N, _F, _C),
    # DE BGB 497(3): costs, the amount due, and default interest last. CN courts:
    # the judgment first, doubled late interest last (SPC 2014 rule, arts. 1, 4).
    Order.DEFAULT_INTEREST_LAST: (_C, _F, _I, _P, _N),
    # Where the creditor stated no split of a payment, it is estimated like this.
    Order.AS_STATED: (_C, _F, _I, _N, _P),
}

_PLACES = {order: tuple(PLACE[each] for each in parts) for order, parts in ORDERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The order from `from_on`; `then` takes its place after `switch_days` days overdue.

    Raises InputError where only one of the two is given.
    """

    from_on: date
    order: Order
    switch_days: int | None = None
    then: Order | None = None

    def __post_init__(self) -> None:
        if (self.switch_days is None) != (self.then is None):
            raise InputError(
                "A change of order needs both the days overdue and the order from then on.",
                field="then",
                hint="Give both, or neither.",
            )

    def at(self, days_overdue: int) -> Order:
        """The order for a payment that comes so many days after the oldest unpaid due date."""
        if self.switch_days is not None and self.then and days_overdue > self.switch_days:
            return self.then
        return self.order


PRESETS: dict[str, tuple[Order, int | None, Order | None]] = {
    **{order.value: (order, None, None) for order in Order},
    "cn-card": (Order.INTEREST_FIRST, 90, Order.PRINCIPAL_FIRST),
}
"""What a person picks by name: an order, or an order with its change."""


def divide(amount_minor: int, owed: Amounts, order: Order) -> tuple[Amounts, int]:
    """What of a payment goes to each component, and what is left over, all ≥ 0."""
    taken = [0, 0, 0, 0, 0]
    for place in _PLACES[order]:
        due = owed[place]
        if due < amount_minor:
            taken[place] = due
            amount_minor -= due
        else:
            taken[place] = amount_minor
            amount_minor = 0
            break
    return Amounts._make(taken), amount_minor


def divide_as_stated(amount_minor: int, owed: Amounts, stated: Amounts) -> tuple[Amounts, int]:
    """The creditor's own split as far as the ledger owes so much; the rest by the fallback."""
    # Nor more than was paid, whatever was stated.
    wanted = Amounts._make(max(min(part, due), 0) for part, due in zip(stated, owed, strict=True))
    taken, left = divide(amount_minor, wanted, Order.AS_STATED)
    more, rest = divide(left, owed.plus(taken.negative()), Order.AS_STATED)
    return taken.plus(more), rest
