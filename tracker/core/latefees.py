"""The late fees on what is overdue: one for each missed due date, or one for each month."""

from __future__ import annotations

from datetime import date

from tracker.core.arrears import Arrears
from tracker.core.components import Amounts
from tracker.core.dates import month_day
from tracker.core.interest import Times
from tracker.core.running import Running


class LateFees:
    """Says on which part a fee falls due, and keeps the days of the monthly ones.

    Those are counted from the day on which nothing had been overdue before. What is
    charged is told by `running`, what is overdue by `arrears`.
    """

    def __init__(self, since: date, running: Running, arrears: Arrears) -> None:
        self.on: date | None = None
        """The day of the next monthly one; None where no row of them runs."""
        self._since = since
        self._running = running
        self._arrears = arrears

    @property
    def monthly(self) -> bool:
        fee = self._running.late_fee
        return fee is not None and fee.times is Times.MONTHLY

    def begin(self, since: date) -> None:
        """A revision that leaves the same due date overdue goes on with its row."""
        if since != self._since:
            self._since, self.on = since, None

    def go_on(self, after: date, owed: Amounts) -> None:
        """What is overdue already bears the next monthly fee on its day, not at once."""
        if self.monthly and self.on is None and self._arrears.past_grace(owed):
            self._next(after)

    def at_once(self, new_minor: int, today: date, owed: Amounts) -> int:
        """What a fee falls due on when so much has become overdue: it, or all by the month."""
        if not self.monthly:
            return new_minor
        return self.month(today, owed) if self.on is None else 0

    def month(self, today: date, owed: Amounts) -> int:
        """What a month's fee falls due on; the row ends once nothing is overdue."""
        self.on = None
        overdue = self._arrears.past_grace(owed) if self.monthly else 0
        if overdue:
            self._next(today)
        return overdue

    def _next(self, after: date) -> None:
        since, after = self._since, max(after, self._since)
        months = (after.year - since.year) * 12 + after.month - since.month
        found = month_day(since, months, since.day)
        self.on = found if found > after else month_day(since, months + 1, since.day)
