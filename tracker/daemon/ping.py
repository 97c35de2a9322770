"""Somebody outside hears of us while all is well, and notices when that ends.

A service that is dead cannot say so. Healthchecks and the like wait for a request
at an address of one's own and raise the alarm when none comes in time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from tracker.clock import Clock
from tracker.config import Settings
from tracker.config.addresses import is_loopback
from tracker.errors import RefusedError
from tracker.language import N_

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
FAIL = "/fail"
"""Added to the address's path when something needs somebody to look (healthchecks.io/docs)."""


class Pinger:
    """A thread of its own, so that a host which never answers delays nothing but itself."""

    def __init__(self, url: str, every_seconds: float, well: Callable[[], bool]) -> None:
        self._url, self._every, self._well = url, every_seconds, well
        self._stopping = threading.Event()
        self._said: str | None = None
        self._thread = threading.Thread(target=self._run, name="ping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        # By then there was a first look, and what it found can be told.
        pause = min(self._every, TIMEOUT_SECONDS)
        while not self._stopping.wait(pause):
            pause = self._every
            self._ping(self._url if self._well() else failing(self._url))

    def _ping(self, url: str) -> None:
        """Never raises, and never writes the address down: whoever knows it can still an alarm."""
        import requests

        try:
            with requests.Session() as session:
                session.trust_env = False
                # Not a byte of the body is read: a host could send one for ever.
                with session.get(
                    url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
                ) as answer:
                    ok = answer.status_code < 300
                    self._tell(None if ok else f"it answered {answer.status_code}")
        except Exception as error:
            self._tell(type(error).__name__)

    def _tell(self, problem: str | None) -> None:
        if problem != self._said and problem is not None:
            log.warning("watch.ping_url could not be asked: %s", problem)
        elif problem is None and self._said is not None:
            log.info("watch.ping_url answers again")
        self._said = problem


def failing(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + FAIL))


def check(settings: Settings, clock: Clock) -> None:
    """Raises RefusedError for a clock of tests beside an address that is real."""
    url = settings.watch.ping_url
    if url and clock.simulated and not is_loopback(urlsplit(url).hostname or ""):
        raise RefusedError(
            "TRACKER_CLOCK is set, but watch.ping_url is a real address.",
            field="TRACKER_CLOCK",
            hint=N_("Unset it: a clock of tests must not tell anybody that all is well."),
        )
