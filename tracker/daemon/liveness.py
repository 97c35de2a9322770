"""Liveness by progress: a service that stands still ends, so that it is started again.

That a thread is there says nothing: it may hang in a call that never returns, and
a scheduler says that it runs after its own thread has died.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

log = logging.getLogger(__name__)

STOOD_STILL = 80
"""The exit code of a service that ended itself because nothing moved in it any more."""
LOOKS = 4
"""So often within the time allowed somebody looks."""
RARELY_SECONDS = 15.0
LAST_WORDS_SECONDS = 5.0


@dataclass(slots=True)
class Progress:
    """What moved last. Written by the one who works, read by the one who watches."""

    steps: int = 0
    last: str = "start"
    rounds: int = 0
    ended_at: float | None = None
    """When the last round ended, by time.monotonic()."""

    def step(self, name: str) -> None:
        self.last = name
        self.steps += 1

    def round_ended(self) -> None:
        self.step("end")
        self.rounds += 1
        self.ended_at = time.monotonic()


class Watcher:
    """A thread that looks whether ticks and doors move, and tells the service manager so.

    After more than `usual_seconds` of standing still the manager is told nothing, so
    that its own patience begins to run out; after more than `allowed_seconds` this
    process ends by itself. Standing still is counted in its own looks and not by a
    clock: where the whole process was stopped, or the machine slept, nothing could
    move and nobody is to blame.
    """

    def __init__(
        self,
        progress: Progress,
        *,
        usual_seconds: float,
        allowed_seconds: float,
        told_every_seconds: float | None,
        tell: Callable[[], None],
        loop: asyncio.AbstractEventLoop | None = None,
        end: Callable[[str], None] | None = None,
    ) -> None:
        self._watched = {"the heart": progress}
        self._loop = loop
        if loop is not None:
            self._watched["the doors"] = Progress()
        self._usual, self._allowed = usual_seconds, allowed_seconds
        self._tell = tell if told_every_seconds is not None else None
        self._pause = min(
            allowed_seconds / LOOKS, told_every_seconds or RARELY_SECONDS, RARELY_SECONDS
        )
        self._end = end or give_up
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _watch(self) -> None:
        seen = dict.fromkeys(self._watched, -1)
        still = dict.fromkeys(self._watched, 0.0)
        while not self._stopping.wait(self._pause):
            self._ask_the_doors()
            for name, progress in self._watched.items():
                if progress.steps != seen[name]:
                    seen[name], still[name] = progress.steps, 0.0
                    continue
                still[name] += self._pause
                if still[name] > self._allowed:
                    self._end(
                        f"{name} stood still for {still[name]:.0f} s, after {progress.last!r}"
                    )
                    return
            if self._tell is not None and max(still.values()) <= self._usual:
                self._tell()

    def _ask_the_doors(self) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # closed: the end has begun
                self._loop.call_soon_threadsafe(self._watched["the doors"].step, "an answer")


def give_up(why: str, error: BaseException | None = None) -> None:
    """End this process at once, with a code of its own, whatever its threads wait for.

    What was being written is a transaction that never was; what was being sent is in
    doubt, and asked about at the next start.
    """
    # A log that nobody reads must not be what keeps it here.
    threading.Thread(target=_end_soon, daemon=True).start()
    log.critical("%s; this process ends, so that the service is started again", why, exc_info=error)
    with contextlib.suppress(Exception):
        faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
        logging.shutdown()
        sys.stderr.flush()
    os._exit(STOOD_STILL)


def _end_soon() -> None:
    time.sleep(LAST_WORDS_SECONDS)
    os._exit(STOOD_STILL)


def told_every(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often the service manager wants to hear of us, with room; None if it does not.

    sd_watchdog_enabled(3): WATCHDOG_USEC in microseconds, for the process WATCHDOG_PID.
    """
    text = environ.get("WATCHDOG_USEC", "")
    if not text.isdecimal() or int(text) == 0:
        return None
    if environ.get("WATCHDOG_PID", "") not in ("", str(os.getpid())):
        return None
    return int(text) / 1_000_000 / 3
