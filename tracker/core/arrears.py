"""What should have been paid by now, and for how long it has been missing."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from itertools import accumulate

from tracker.core.components import Amounts
from tracker.core.facts import Asked

_ONE_DAY = timedelta(days=1)


class Arrears:
    """Follows one `Asked` after the other while a ledger is replayed.

    Penalty interest and late fees run on what is `past_grace`; `due` counts without
    grace.
    """

    def __init__(self) -> None:
        self.asked: Asked | None = None
        self._counted = 0  # the dues whose grace is over
        self._whole = False
        self._sums: list[int] = []
        self._paid = 0
        self._paid_before = 0  # of it, what had been paid before this was asked
        self._unpaid_since = date.max  # whatever is paid

    def ask(self, asked: Asked) -> None:
        self.asked = asked
        self._sums = list(accumulate(minor for _, minor in asked.dues))
        self._paid = self._paid_before = asked.paid_minor
        self._counted, self._whole = 0, False
        self._unpaid_since = min(asked.whole_from or date.max, asked.missed_on or date.max)

    def pay(self, minor: int) -> None:
        self._paid += minor

    def take_back(self, paid_on: date, minor: int) -> None:
        """A payment came back; one from before this was asked, as far as it had counted."""
        if self.asked is not None and paid_on < self.asked.from_on:
            minor = min(minor, max(self._paid_before, 0))
            self._paid_before -= minor
        self._paid -= minor

    def past_grace(self, owed: Amounts) -> int:
        """Principal and interest that are overdue with their grace over.

        No late fee and no penalty interest runs on fees and penalties. Never more
        than is owed: what was waived is not overdue.
        """
        missing = self._counted - self._paid
        if missing <= 0 and not self._whole:
            return 0
        most = owed.principal + owed.interest
        return most if self._whole or missing > most else missing

    def count(self, minor: int | None) -> None:
        """The grace of so much more is over, or (None) of all that is owed."""
        if minor is None:
            self._whole = True
        else:
            self._counted += minor

    def misses(self, minor: int | None) -> bool:
        """Whether anything may be missing once so much more counts."""
        return minor is None or self._counted + minor > self._paid

    def due(self, today: date, owed: Amounts) -> int:
        """What should have been paid before today, grace or not, as far as it is owed."""
        asked = self.asked
        if asked is None:
            return 0
        if asked.whole_from is not None and today > asked.whole_from:
            return owed.total
        past = bisect_right(asked.dues, today - _ONE_DAY, key=lambda due: due[0])
        missing = (self._sums[past - 1] if past else 0) - self._paid
        return max(min(missing, owed.total), 0)

    def days(self, today: date, owed: Amounts) -> int:
        """Days since the oldest due date that is not paid in full; 0 where there is none."""
        asked = self.asked
        if asked is None or not any(owed):
            return 0
        oldest = bisect_right(self._sums, self._paid)
        since = self._unpaid_since
        if oldest < len(asked.dues):
            since = min(since, asked.dues[oldest][0])
        return max((today - since).days, 0)
