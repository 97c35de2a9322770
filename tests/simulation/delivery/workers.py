"""Daemons that run beside each other in one thread, each up to its next named step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from greenlet import getcurrent, greenlet

from tests.simulation.delivery.provider import Broken, Crash
from tracker.daemon.tick import Ticker
from tracker.errors import UnavailableError

MOST_STEPS = 4000
"""A tick that reaches more named steps than this does not come to rest."""


class Worker:
    """The daemon of one home, over all its starts. `frozen_until` is in real seconds.

    `looked` is what the watcher saw of each message on its way when the engine had
    looked at it for the last time.
    """

    def __init__(self, name: str, start: Callable[[], Ticker]) -> None:
        self.name = name
        self._start = start
        self.ticker: Ticker | None = None
        self.started = False
        self.died = False
        self.down_until = 0.0
        self.frozen_until = 0.0
        self.frozen = False
        """Whether it was frozen for long since it looked at a message for the last time."""
        self.waits_for_lock = False
        self.wanted: datetime | None = None
        self.clean = True
        """Whether the last tick ended without any fault."""
        self.looked: dict[int, object] = {}
        self.steps = 0
        self.unclean = 0
        """Ticks since the last clean one."""
        self._running: greenlet | None = None

    @property
    def running(self) -> bool:
        return self._running is not None

    def begin(self) -> None:
        """A heartbeat; the first one starts the daemon."""
        self.steps = 0
        self.clean = False
        self.unclean += 1
        self._running = greenlet(self._whole)

    def go_on(self) -> None:
        """Up to the next point at which others may run, or to the end of the tick."""
        assert self._running is not None
        self.waits_for_lock = False
        self._running.switch()
        if self._running is not None and self._running.dead:
            self._running = None

    def kill(self) -> None:
        """The process is gone, wherever it was."""
        running, self._running = self._running, None
        if running:
            running.throw(Crash)
        self.ticker, self.started, self.died = None, False, False
        self.frozen_until, self.waits_for_lock, self.frozen = 0.0, False, False
        self.looked.clear()

    def give_way(self) -> None:
        """Call inside: the others go on, until somebody wakes this one."""
        assert self._running is not None and self._running.parent is not None  # noqa: PT018
        self._running.parent.switch()

    def is_current(self) -> bool:
        return self._running is getcurrent()

    def count_step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Broken("I8: a tick does not come to rest")

    def _whole(self) -> None:
        try:
            self.ticker = self.ticker or self._start()
            if not self.started:
                self.ticker.start()
                self.started = True
            self.wanted = self.ticker.run()
            self.clean, self.unclean = True, 0
        except UnavailableError:
            self.wanted = None
        except Crash:
            self.died = True
        except Exception as error:
            raise Broken(f"the tick failed with {type(error).__name__}: {error}") from error
