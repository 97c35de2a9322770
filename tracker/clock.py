"""The only reader of time.

Doors read a clock once per request and pass `now` down. `TRACKER_CLOCK` gives
tests a clock of their own: `2026-01-31T09:00:00+00:00` stands at that instant
when the process starts and runs on; `…,60` runs sixty times as fast.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracker.errors import InputError

ENVIRONMENT = "TRACKER_CLOCK"
_UP: int | None = getattr(time, "CLOCK_BOOTTIME", None)


@dataclass(frozen=True, slots=True)
class Clock:
    """Aware UTC instants. With `origin` set, a clock for tests.

    `speed` is in seconds of this clock per second of the machine.
    """

    origin: datetime | None = None
    started: float = 0.0
    speed: float = 1.0

    @property
    def simulated(self) -> bool:
        return self.origin is not None

    def now(self) -> datetime:
        if self.origin is None:
            return datetime.now(UTC)
        return self.origin + timedelta(seconds=self.elapsed())

    def elapsed(self) -> float:
        """Seconds since a moment that stays the same while the machine is up.

        It goes on while the machine sleeps and nobody can set it, so that `now` is
        known to have jumped when it moves without this. Where the system has no such
        reading (CLOCK_BOOTTIME of clock_gettime(2)), sleep is not counted.
        """
        if self.origin is None:
            return time.clock_gettime(_UP) if _UP is not None else time.monotonic()
        return (time.monotonic() - self.started) * self.speed


def from_environment() -> Clock:
    """The machine's clock, or the one that `TRACKER_CLOCK` sets.

    Raises InputError for a value that is no aware instant, or no positive speed.
    """
    text = os.environ.get(ENVIRONMENT, "").strip()
    if not text:
        return Clock()
    instant, _, speed_text = text.partition(",")
    try:
        origin = datetime.fromisoformat(instant)
        speed = float(speed_text or 1)
    except ValueError:
        origin, speed = datetime.min, 0.0
    if origin.tzinfo is None or not 0 < speed <= 1_000_000:
        raise InputError(
            "{name} is {value!r}; it takes an instant with its offset and maybe a speed.",
            field=ENVIRONMENT,
            hint="For example 2026-01-31T09:00:00+00:00,60",
            name=ENVIRONMENT,
            value=text,
        )
    return Clock(origin=origin.astimezone(UTC), started=time.monotonic(), speed=speed)
