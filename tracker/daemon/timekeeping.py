"""Whether the machine's clock may be believed: nothing is derived or sent by one that may not."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.actions.timekeeping import SLACK, floor
from tracker.clock import Clock

log = logging.getLogger(__name__)

# What a trimmed clock never does by itself; a clock that is set may.
JUMP = timedelta(minutes=10)


class Doubt(StrEnum):
    """Why a clock is not believed."""

    BEHIND = "behind"
    """It stands before what was committed last, or before this program was written."""
    JUMPED = "jumped"
    """It was set forward and has not run steadily for long enough since."""


@dataclass(slots=True)
class Timekeeper:
    """Compares the wall clock with a reading that nobody can set.

    A machine that slept moves both, so it catches up at once. A wall clock that
    moved forward by itself, by more than JUMP, is believed once it has gone with the
    other for `settle_seconds`; set back meanwhile, it is as if nothing had been. One
    that was set back is believed: what it must not undo is held by BEHIND.
    """

    clock: Clock
    settle_seconds: float
    _trusted: float | None = None
    _found: float = 0.0
    _since: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def jumped(self) -> bool:
        """Whether the clock was set forward a while ago or less. May be asked at any time."""
        elapsed, now = self.clock.elapsed(), self.clock.now()
        ahead = now.timestamp() - elapsed
        with self._lock:
            if self._trusted is None or ahead - self._trusted <= JUMP.total_seconds():
                if self._since is not None:
                    log.warning("the clock was set back; what it held goes on")
                self._trusted, self._since = ahead, None
                return False
            if self._since is None or abs(ahead - self._found) > SLACK.total_seconds():
                by = timedelta(seconds=round(ahead - self._trusted))
                log.error("the clock was set forward by %s; nothing is sent for now", by)
                self._found, self._since = ahead, elapsed
            if elapsed - self._since < self.settle_seconds:
                return True
            log.warning("the clock has run steadily; it is believed")
            self._trusted, self._since = ahead, None
            return False

    def doubt(self, newest: datetime | None) -> Doubt | None:
        """Why nothing may go by this clock now; `newest` is the newest instant committed."""
        if self.jumped():
            return Doubt.JUMPED
        if self.clock.now() + SLACK < floor(newest, simulated=self.clock.simulated):
            return Doubt.BEHIND
        return None
