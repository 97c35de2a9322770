"""A clock that stands until a test moves it."""

from __future__ import annotations

from datetime import datetime, timedelta

from tracker.clock import Clock


class MovableClock(Clock):
    """Safe to read from several threads; it counts as a clock for tests.

    Setting `at`, as `forward` does, is time that passes; `jump` is somebody who sets
    the clock. What `elapsed` says never goes back.
    """

    __setattr__ = object.__setattr__  # the real one cannot be changed

    def __init__(self, at: datetime) -> None:
        super().__init__(origin=at)
        self._at = at
        self._elapsed = 0.0

    @property
    def at(self) -> datetime:
        return self._at

    @at.setter
    def at(self, at: datetime) -> None:
        self._elapsed += max((at - self._at).total_seconds(), 0.0)
        self._at = at

    def now(self) -> datetime:
        return self._at

    def elapsed(self) -> float:
        return self._elapsed

    def forward(self, **span: float) -> datetime:
        """Let a timedelta's arguments pass, and answer the new instant."""
        self.at += timedelta(**span)
        return self.at

    def jump(self, **span: float) -> datetime:
        """Set the clock by a timedelta's arguments, forward or back, while no time passes."""
        self._at += timedelta(**span)
        return self._at
