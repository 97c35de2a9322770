"""What a debt is made of: five components, and amounts by component."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Component(StrEnum):
    """The parts that laws and contracts treat apart when a payment is short."""

    PRINCIPAL = "principal"
    INTEREST = "interest"  # at the contract rate
    PENALTIES = "penalties"  # interest on what is overdue
    FEES = "fees"  # late fees and other charges of the creditor
    COSTS = "costs"  # of collecting: court, bailiff, lawyer


class Amounts(NamedTuple):
    """Minor units by component; a tuple, since a replay makes thousands of them."""

    principal: int = 0
    interest: int = 0
    penalties: int = 0
    fees: int = 0
    costs: int = 0

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.penalties + self.fees + self.costs

    def of(self, component: Component) -> int:
        return self[PLACE[component]]

    def plus(self, other: Amounts) -> Amounts:
        # Spelled out: a replay does this some thousand times.
        return Amounts._make(
            (
                self[0] + other[0],
                self[1] + other[1],
                self[2] + other[2],
                self[3] + other[3],
                self[4] + other[4],
            )
        )

    def negative(self) -> Amounts:
        return Amounts._make((-self[0], -self[1], -self[2], -self[3], -self[4]))

    @classmethod
    def one(cls, component: Component, minor: int) -> Amounts:
        return cls(*(minor if each is component else 0 for each in Component))


PLACE = {component: index for index, component in enumerate(Component)}
"""Where a component stands in `Amounts`."""

NOTHING = Amounts()
