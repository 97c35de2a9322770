"""One tick: derive what is due, ask about what is in doubt, send what has come."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tracker.actions.delivery import claim, derive, following, hearing, reconcile, send, ways
from tracker.actions.delivery.spending import Spending
from tracker.actions.office import Office, open_office
from tracker.channels.message import Channel, ChannelError, Failure
from tracker.clock import Clock
from tracker.config import Settings
from tracker.daemon import home
from tracker.daemon.liveness import Progress
from tracker.daemon.mirroring import Mirroring
from tracker.daemon.timekeeping import Doubt, Timekeeper
from tracker.errors import UnavailableError
from tracker.store import aging, delivery, mirrors, upkeep, vitals

log = logging.getLogger(__name__)

# Why a message is held that may go by itself later.
RESUMED = ("account", "hold", "no-route", "defect")
ACCOUNT_PAUSE = timedelta(minutes=15)
# What is looked at for whoever watches, at least this often; it costs a read.
LOOK_EVERY_SECONDS = 60.0
AGE_EVERY_SECONDS = 86_400.0
HEAR_EVERY_SECONDS = 3_600.0


@dataclass(slots=True)
class Beats:
    """What the last ticks did; kept in memory, shown by /healthz.

    A `last_…` of None: not since this start.
    """

    last_tick_at: datetime | None = None
    last_send_at: datetime | None = None
    last_reconcile_at: datetime | None = None
    last_poll_at: datetime | None = None
    """When a provider was last asked for texts that came in."""
    last_mirror_at: datetime | None = None
    """When a calendar elsewhere was last brought up to date."""
    next_wake_at: datetime | None = None
    ticks: int = 0
    failures: int = 0
    problem: str | None = None
    doubt: Doubt | None = None
    """Why the clock is not believed; nothing is derived or sent meanwhile."""
    in_flight_since: datetime | None = None
    """When the message that has been in doubt the longest came to be so."""
    held: Mapping[str, int] = field(default_factory=dict)
    """Messages that are held, by the code of the reason."""

    @property
    def clock_holds(self) -> bool:
        return self.doubt is not None


@dataclass(frozen=True, slots=True)
class Round:
    """One tick: the instant that it works with, and when it has to end (time.monotonic())."""

    now: datetime
    ends: float

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a tick. False from `work`: the rest of the tick waits for the next one.

    `always`: also when the store says that nothing has come yet.
    """

    name: str
    work: Callable[[Round], bool | None]
    always: bool = False


@dataclass(slots=True)
class Ticker:
    """The engine of one start of one home. `run` is never called twice at once.

    `mirrors_apart`: calendars elsewhere are kept in a thread of their own, so that no
    message waits for their servers.
    """

    office: Office
    channels: Mapping[str, Channel]
    home_id: str
    beats: Beats = field(default_factory=Beats)
    progress: Progress = field(default_factory=Progress)
    stopping: threading.Event = field(default_factory=threading.Event)
    mirrors_apart: bool = False
    mirroring: Mirroring = field(init=False)
    timekeeper: Timekeeper = field(init=False)
    spending: Spending = field(init=False)
    _blocked: dict[str, datetime] = field(default_factory=dict)
    _owner: str = ""
    _looked: float | None = None
    _heard: float | None = None
    _aged: float | None = None

    def __post_init__(self) -> None:
        self.spending = Spending(self.office)
        self.mirroring = Mirroring(self.office, self.stopping, apart=self.mirrors_apart)
        self._owner = f"{self.home_id}:{os.urandom(6).hex()}"
        self.timekeeper = Timekeeper(
            self.office.clock, self.office.settings.delivery.clock_settle_seconds
        )

    def phases(self) -> tuple[Phase, ...]:
        """What a tick does, in this order."""
        return (
            Phase("derive", self._derive),
            Phase("recover", self._recover),
            Phase("reconcile", self._reconcile),
            Phase("follow", self._follow),
            Phase("send", self._send),
            Phase("hear", self._hear, always=True),
            Phase("age", self._age, always=True),
            Phase("mirror", self._mirror, always=True),
            Phase("look", self._look, always=True),
        )

    def start(self) -> None:
        """Before the first tick: what an earlier start left on its way is in doubt now.

        Raises UnavailableError where the database is damaged: it may not know what was sent.
        """
        upkeep.require_whole(self.office.database, self.office.settings.home / "backups")
        now = self.office.clock.now()
        left = claim.abandon(self.office, now, home_id=self.home_id)
        if left:
            log.warning("%d messages were on their way when the last start ended", left)
        claim.resume_held(self.office, now, "account", at_once=True)
        with self.office.database.write() as session:
            mirrors.hurry_all(session, now)

    def run(self) -> datetime | None:
        """One tick; the next moment at which there is anything to do, None if none is known.

        Ends after the time limit and goes on at the next beat. Raises
        UnavailableError when the store cannot be used.
        """
        now = self.office.clock.now()
        ends = time.monotonic() + self.office.settings.daemon.tick_limit_seconds
        self.progress.step("tick")
        with self.office.database.read() as session:
            newest = delivery.newest_instant(session)
            next_at = delivery.next_moment(session)
        self.beats.doubt = self.timekeeper.doubt(newest)
        come = self.beats.doubt is None and next_at is not None and next_at <= now
        self._go_through(Round(now=now, ends=ends), come)
        if come:
            with self.office.database.read() as session:
                next_at = delivery.next_moment(session)
        self.beats.last_tick_at = now
        self.beats.next_wake_at = next_at
        self.beats.ticks += 1
        self.beats.problem = None
        return next_at

    def _go_through(self, tick: Round, come: bool) -> None:
        ended = False
        for phase in self.phases():
            if not phase.always and (ended or not come):
                continue
            self.progress.step(phase.name)
            ended = phase.work(tick) is False or ended

    def _derive(self, tick: Round) -> bool:
        """False where the time was not enough: nothing is sent before its digest is whole."""
        while (derived := derive.derive(self.office, tick.now)) > 0:
            self.mirroring.hurry()
            if derived < derive.AT_MOST:
                break
            if tick.is_over or self._stops():
                return False
        return True

    def _recover(self, tick: Round) -> None:
        """What a worker left behind, and what was held until now; most ticks find none of it."""
        with self.office.database.read() as session:
            if not delivery.is_left(session, tick.now, RESUMED):
                return
        claim.abandon(self.office, tick.now)
        for code in RESUMED:
            claim.resume_held(self.office, tick.now, code)

    def _reconcile(self, tick: Round) -> None:
        if reconcile.reconcile(self.office, self.channels, lambda: tick.is_over or self._stops()):
            self.beats.last_reconcile_at = self.office.clock.now()

    def _follow(self, tick: Round) -> None:
        following.follow(self.office, self.channels, lambda: tick.is_over or self._stops())

    def _hear(self, tick: Round) -> None:
        """What people answered, where the provider's list is to be read for it."""
        twilio = self.office.settings.sms.twilio
        elapsed = self.office.clock.elapsed()
        # What is posted is not posted again: what came while nothing listened is in the list.
        every = {"poll": twilio.inbound_seconds, "webhook": HEAR_EVERY_SECONDS}.get(twilio.inbound)
        if every is None or (self._heard is not None and elapsed - self._heard < every):
            return
        self._heard = elapsed
        try:
            hearing.poll(self.office, self.channels)
        except ChannelError as error:
            log.warning("the list of answers cannot be read: %s", error)
            return
        self.beats.last_poll_at = self.office.clock.now()

    def _send(self, tick: Round) -> None:
        workers = self.office.settings.delivery.workers
        if workers == 1:
            self._send_all(tick)
            return
        with ThreadPoolExecutor(workers) as pool:
            for done in [pool.submit(self._send_all, tick) for _ in range(workers)]:
                done.result()

    def _send_all(self, tick: Round) -> None:
        while not (tick.is_over or self._stops()):
            now = self.office.clock.now()
            claimed = claim.claim(self.office, now, owner=self._owner, blocked=self.blocked(now))
            if claimed is None:
                return
            self.progress.step("claimed")
            if not isinstance(claimed, claim.Claimed):
                continue
            self.spending.spent(claimed.segments)
            failure = send.send(self.office, self.channels, claimed)
            self.progress.step("sent")
            self.beats.last_send_at = self.office.clock.now()
            if failure is Failure.account:
                self._blocked[claimed.channel] = now + ACCOUNT_PAUSE
                log.error("the %s account was refused; its messages are held", claimed.channel)

    def _age(self, tick: Round) -> None:
        """Once a day: what was said long ago is emptied, and what nobody needs goes."""
        elapsed = self.office.clock.elapsed()
        if self._aged is not None and elapsed - self._aged < AGE_EVERY_SECONDS:
            return
        if self.beats.clock_holds:
            return  # by a clock that is wrong everything might seem old
        with self.office.database.read() as session:
            waiting = aging.waits(session, tick.now)
        while waiting and not tick.is_over:
            with self.office.database.write() as session:
                waiting = aging.blank(session, tick.now) + aging.drop(session, tick.now) > 0
        if not waiting:
            self._aged = elapsed

    def _mirror(self, tick: Round) -> None:
        if self.beats.doubt is None:
            self.mirroring.beat(tick.ends)
        self.beats.last_mirror_at = self.mirroring.last_at

    def _look(self, tick: Round) -> None:
        """For whoever watches: what is in doubt, and what is held."""
        elapsed = self.office.clock.elapsed()
        if self._looked is not None and elapsed - self._looked < LOOK_EVERY_SECONDS:
            return
        with self.office.database.read() as session:
            self.beats.in_flight_since = delivery.oldest_in_doubt(session)
            self.beats.held = vitals.held_by_code(session)
        self._looked = elapsed

    def _stops(self) -> bool:
        """The end was asked for, or the clock was set in the middle of a tick."""
        return self.stopping.is_set() or self.timekeeper.jumped()

    def blocked(self, now: datetime) -> frozenset[str]:
        """Channels whose account was refused lately, and SMS when the day's are used up."""
        spent = {"sms"} if self.spending.exhausted(now) else set()
        return self.refused(now) | spent

    def refused(self, now: datetime) -> frozenset[str]:
        """Channels whose account was refused lately. Reads memory only."""
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
    """One heartbeat: a tick whose failure is logged and never ends the heart.

    What is no failure but the end of a thread (a BaseException) goes up.
    """
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
    ticker.progress.round_ended()
