"""Money beyond everything owed: the credit that it is, and what it covered later."""

from __future__ import annotations

from tracker.core.components import NOTHING, Amounts
from tracker.core.policy import Order, divide


class Overpaid:
    """`minor` is what is there now, never below 0."""

    def __init__(self, minor: int) -> None:
        self.minor = minor
        self._used: list[tuple[Amounts, int]] = []  # and the capital in each

    def take_out(self, minor: int) -> int:
        """Takes out what there is of such a sum, and returns what it falls short by."""
        short = max(minor - self.minor, 0)
        self.minor -= minor - short
        return short

    def cover(self, owed: Amounts, order: Order) -> Amounts:
        """What of it goes to each component of what is owed."""
        taken, self.minor = divide(self.minor, owed, order)
        return taken

    def remember(self, taken: Amounts, capital: int) -> None:
        """What was covered, and how much of the interest in it bore interest itself."""
        self._used.append((taken, capital))

    def uncover(self, minor: int, order: Order) -> tuple[Amounts, int]:
        """What so much of the credit had covered, the latest first, and the capital in it.

        What a refund took out before is owed again as principal.
        """
        back, capital = NOTHING, 0
        while minor and self._used:
            used, of_capital = self._used.pop()
            if used.total > minor:
                # As if the credit had been smaller from the start.
                kept, _ = divide(used.total - minor, used, order)
                kept_capital = min(of_capital, kept.interest)
                self._used.append((kept, kept_capital))
                used, of_capital = used.plus(kept.negative()), of_capital - kept_capital
            back, capital, minor = back.plus(used), capital + of_capital, minor - used.total
        return back.plus(Amounts(principal=minor)), capital
