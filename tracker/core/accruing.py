"""The interest that accrues between two postings of a ledger."""

from __future__ import annotations

from datetime import date

from tracker.core.arrears import Arrears
from tracker.core.components import Amounts
from tracker.core.entries import Accrual, Kind
from tracker.core.interest import UNIT, Rate, Reach, rounded
from tracker.core.running import Running

Posting = tuple[Kind, Amounts, Accrual | None]
"""A line of interest: its kind, what it adds, and what it was computed from."""


class Accruing:
    """Contract and penalty interest since the last posting, summed exactly.

    What runs is told by `running`, what is overdue by `arrears`; what is owed is
    given by the caller each time, as it was since the last call. `capital` is the
    part of the posted interest that bears interest itself.
    """

    def __init__(self, since: date, running: Running, arrears: Arrears) -> None:
        self.capital = 0
        self._running = running
        self._arrears = arrears
        self._since = since
        self._pieces = 0
        # Both in 1/UNIT minor units.
        self._contract = 0
        self._penalty = 0

    def uncapital(self, taken: Amounts) -> int:
        """What is taken off the interest comes off the part that bears interest first."""
        capital = min(self.capital, taken.interest)
        self.capital -= capital
        return capital

    def cut(self, today: date, owed: Amounts) -> None:
        """Close a piece without posting it, where a posting would drop its fraction."""
        if today > self._since:
            self._accrue(today, owed)
            self._since = today
            self._pieces += 1

    def post(self, today: date, owed: Amounts) -> list[Posting]:
        """What has accrued since the last posting, each kind rounded to one line."""
        since, pieces, running = self._since, self._pieces, self._running
        if today <= since and not pieces:
            return []
        base, overdue = self._accrue(today, owed)
        self._since, self._pieces = today, 0
        if not self._contract and not self._penalty:
            return []
        minor, penalty = rounded(self._contract, UNIT), rounded(self._penalty, UNIT)
        postings: list[Posting] = []
        if minor:
            told = None if pieces else self._told(since, base, running.rate)
            postings.append((Kind.INTEREST, Amounts(0, minor), told))
        if penalty:
            told = None if pieces else self._told(since, overdue, running.penalty_rate)
            postings.append((Kind.PENALTY, Amounts(0, 0, penalty), told))
        if running.carries:
            self._contract -= minor * UNIT
            self._penalty -= penalty * UNIT
        else:
            self._contract = self._penalty = 0
        return postings

    def _accrue(self, today: date, owed: Amounts) -> tuple[int, int]:
        running, since = self._running, self._since
        rate, penalty = running.rate, running.penalty_rate
        if rate is None and penalty is None:
            return 0, 0
        base, overdue = bases = self._bases(owed)
        if rate is not None and base:
            self._contract += base * rate.units(since, today, running.basis)
        if penalty is not None and overdue:
            self._penalty += overdue * penalty.units(since, today, running.basis)
        return bases

    def _bases(self, owed: Amounts) -> tuple[int, int]:
        """What contract and penalty interest run on now."""
        running = self._running
        if running.whole:
            base = owed.total
        else:
            base = owed.principal + self.capital
            for place in running.beside:
                base += owed[place]
        penalty = running.penalty
        if penalty is None or (arrears := self._arrears.past_grace(owed)) == 0:
            return base, 0
        overdue = owed.principal
        if penalty.reach is Reach.OVERDUE and arrears < overdue:
            overdue = arrears
        if penalty.instead:
            base -= overdue
        return base, overdue

    def _told(self, since: date, base_minor: int, rate: Rate | None) -> Accrual | None:
        if rate is None:
            return None
        return Accrual(since, base_minor, rate, self._running.basis)
