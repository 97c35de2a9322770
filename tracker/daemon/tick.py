"""One tick: derive what is due, ask about what is in doubt, send what has come."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tracker.actions.delivery import claim, derive, reconcile, send, ways
from tracker.actions.office import Office, open_office
from tracker.channels.message import Channel, Failure
from tracker.clock import Clock
from tracker.config import Settings
from tracker.daemon import home
from tracker.errors import UnavailableError
from tracker.store import delivery

log = logging.getLogger(__name__)

# No machine that runs this has a clock before it was written.
BUILT_AT = datetime(2026, 11, 24, tzinfo=UTC)
# A little backwards is ordinary: another process committed, the clock was trimmed.
CLOCK_SLACK = timedelta(minutes=2)
ACCOUNT_PAUSE = timedelta(minutes=15)


@dataclass(slots=True)
class Beats:
    """What the last ticks did; kept in memory, shown by /healthz."""

    last_tick_at: datetime | None = None
    last_send_at: datetime | None = None
    last_reconcile_at: datetime | None = None
    next_wake_at: datetime | None = None
    ticks: int = 0
    failures: int = 0
    problem: str | None = None
    clock_holds: bool = False


@dataclass(slots=True)
class Ticker:
    """The engine of one start of one home. `run` is never called twice at once."""

    office: Office
    channels: Mapping[str, Channel]
    home_id: str
    beats: Beats = field(default_factory=Beats)
    stopping: threading.Event = field(default_factory=threading.Event)
    _blocked: dict[str, datetime] = field(default_factory=dict)
    _owner: str = ""

    def __post_init__(self) -> None:
        self._owner = f"{self.home_id}:{os.urandom(6).hex()}"

    def start(self) -> None:
        """Before the first tick: what an earlier start left on its way is in doubt now."""
        now = self.office.clock.now()
        left = claim.abandon(self.office, now, home_id=self.home_id)
        if left:
            log.warning("%d messages were on their way when the last start ended", left)
        claim.resume_held(self.office, now, "account", at_once=True)

    def run(self) -> datetime | None:
        """One tick; the next moment at which there is anything to do, None if none is known.

        Ends after the time limit and goes on at the next beat. Raises
        UnavailableError when the store cannot be used.
        """
        ends = time.monotonic() + self.office.settings.daemon.tick_limit_seconds
        now = self.office.clock.now()
        with self.office.database.read() as session:
            newest = delivery.newest_instant(session)
            next_at = delivery.next_moment(session)
        floor = max(
            filter(None, (newest, None if self.office.clock.simulated else BUILT_AT)), default=now
        )
        self.beats.clock_holds = now < floor - CLOCK_SLACK
        if not self.beats.clock_holds and next_at is not None and next_at <= now:
            self._work(now, ends)
            with self.office.database.read() as session:
                next_at = delivery.next_moment(session)
        self.beats.last_tick_at = now
        self.beats.next_wake_at = next_at
        self.beats.ticks += 1
        self.beats.problem = None
        return next_at

    def _work(self, now: datetime, ends: float) -> None:
        while derive.derive(self.office, now) == derive.AT_MOST:
            if time.monotonic() > ends or self.stopping.is_set():
                return
        claim.abandon(self.office, now)
        claim.resume_held(self.office, now, "account")
        claim.resume_held(self.office, now, "hold")
        claim.resume_held(self.office, now, "defect")
        if reconcile.reconcile(self.office, self.channels):
            self.beats.last_reconcile_at = self.office.clock.now()
        workers = self.office.settings.delivery.workers
        if workers == 1:
            self._send_all(ends)
            return
        with ThreadPoolExecutor(workers) as pool:
            for done in [pool.submit(self._send_all, ends) for _ in range(workers)]:
                done.result()

    def _send_all(self, ends: float) -> None:
        while time.monotonic() < ends and not self.stopping.is_set():
            now = self.office.clock.now()
            claimed = claim.claim(
                self.office, now, owner=self._owner, blocked=self._blocked_now(now)
            )
            if claimed is None:
                return
            if not isinstance(claimed, claim.Claimed):
                continue
            failure = send.send(self.office, self.channels, claimed)
            self.beats.last_send_at = self.office.clock.now()
            if failure is Failure.account:
                self._blocked[claimed.channel] = now + ACCOUNT_PAUSE
                log.error("the %s account was refused; its messages are held", claimed.channel)

    def _blocked_now(self, now: datetime) -> frozenset[str]:
        return frozenset(name for name, until in self._blocked.items() if until > now)


def run_once(settings: Settings, clock: Clock) -> Beats:
    """One tick without a daemon, for `tracker tick`. Call under the home's lock."""
    office = open_office(settings, clock)
    try:
        channels = ways.open_channels(settings, clock, sys.stdout)
        ticker = Ticker(office=office, channels=channels, home_id=home.identity(settings.home))
        ticker.start()
        ticker.run()
        return ticker.beats
    finally:
        office.close()


def beat(ticker: Ticker) -> None:
    """One heartbeat: a tick whose failure is logged and never ends the heart."""
    try:
        ticker.run()
    except UnavailableError as error:
        ticker.beats.failures += 1
        ticker.beats.problem = str(error)
        log.error("the tick was skipped: %s", error)
    except Exception as error:
        ticker.beats.failures += 1
        ticker.beats.problem = type(error).__name__
        log.exception("the tick failed")
