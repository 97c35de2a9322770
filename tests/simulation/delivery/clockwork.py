"""Two sorts of time: what really passes, and what the machine's clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tracker.clock import Clock

BEGINS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Clockwork(Clock):
    """`real` are the seconds that passed since the beginning; nobody can set it.

    The wall clock may stand anywhere beside it. `elapsed` counts from the last boot.
    """

    __setattr__ = object.__setattr__  # the real one cannot be changed

    def __init__(self) -> None:
        super().__init__(origin=BEGINS)
        self.real = 0.0
        self.booted = 0.0
        self.off = timedelta(0)
        """By how much the wall clock is wrong."""

    @property
    def truth(self) -> datetime:
        """What a clock would say that nobody touched: a provider's, for one."""
        return BEGINS + timedelta(seconds=self.real)

    def now(self) -> datetime:
        return self.truth + self.off

    def elapsed(self) -> float:
        return self.real - self.booted

    def pass_to(self, real: float) -> None:
        self.real = max(real, self.real)

    def boot(self) -> None:
        self.booted = self.real
