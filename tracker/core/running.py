"""The terms in force while a ledger is replayed: the contract's, and what was granted."""

from __future__ import annotations

from datetime import date, timedelta

from tracker.core.components import PLACE, Component
from tracker.core.dates import month_day
from tracker.core.daycount import Basis
from tracker.core.facts import Concession
from tracker.core.interest import (
    COMPOUNDING_MONTHS,
    Compounding,
    LateFee,
    Penalty,
    Rate,
    Rounding,
    Terms,
)

_BESIDE = (Component.PENALTIES, Component.FEES, Component.COSTS)


class Running:
    """Of several grants at once the one that began last counts."""

    def __init__(self) -> None:
        self.terms: Terms | None = None
        self.grants: list[Concession] = []
        self.rate: Rate | None = None
        self.basis = Basis.ACT_365F
        self.penalty: Penalty | None = None
        self.penalty_rate: Rate | None = None
        self.late_fee: LateFee | None = None
        self.carries = True
        self.whole = False
        self.beside: tuple[int, ...] = ()
        """Places of the components that bear interest beside the principal."""

    def take(self, terms: Terms) -> None:
        self.terms = terms
        self._settle()

    def grant(self, concession: Concession) -> None:
        self.grants.append(concession)
        self._settle()

    def end(self, concession: Concession) -> None:
        self.grants.remove(concession)
        self._settle()

    def _settle(self) -> None:
        terms, grant = self.terms, self.grants[-1] if self.grants else None
        self.rate = grant.rate if grant else terms.rate if terms else None
        self.basis = (grant.basis if grant else None) or (terms.basis if terms else Basis.ACT_365F)
        punished = terms if grant is None or (grant.rate and grant.penalties) else None
        self.penalty = punished.penalty if punished else None
        self.penalty_rate = self.penalty.at(self.rate) if self.penalty else None
        self.late_fee = punished.late_fee if punished else None
        self.whole = grant is not None and grant.whole
        self.carries = not self.whole and (terms is None or terms.rounding is Rounding.CARRY)
        self.beside = tuple(PLACE[each] for each in _BESIDE if terms and each in terms.bears)

    def next_compounding(self, after: date) -> date | None:
        """The first compounding day after a day, counted from the terms' own first day.

        The first of all is the last one within a whole period: from 1 January, on
        the 31st and quarterly, 31 March.
        """
        how = self.terms.compounding if self.terms else Compounding.NONE
        if self.grants:
            if self.grants[-1].frozen:
                return None
            how = self.grants[-1].compounding or how
        if how is Compounding.NONE:
            return None
        if how is Compounding.DAILY:
            return after + timedelta(days=1)
        anchor = self.terms.from_on if self.terms else self.grants[-1].from_on
        day = (self.terms.compounds_on if self.terms else None) or anchor.day
        step = COMPOUNDING_MONTHS[how]
        months = (after.year - anchor.year) * 12 + after.month - anchor.month
        first = 0 if month_day(anchor, 0, day) <= anchor else -1
        months -= (months - first) % step
        while (found := month_day(anchor, months, day)) <= after:
            months += step
        return found
