"""A clock that stands until a test moves it."""

from __future__ import annotations

from datetime import datetime, timedelta

from tracker.clock import Clock


class MovableClock(Clock):
    """Safe to read from several threads; it counts as a clock for tests."""

    __setattr__ = object.__setattr__  # the real one cannot be changed

    def __init__(self, at: datetime) -> None:
        super().__init__(origin=at)
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        """Move by a timedelta's arguments, and answer the new instant."""
        self.at += timedelta(**span)
        return self.at
