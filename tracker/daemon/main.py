"""The daemon: take the home, open the doors, beat, and end on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tracker import clock as clocks
from tracker import language
from tracker.actions.delivery import steps, ways
from tracker.actions.office import Office, open_office
from tracker.config import Settings
from tracker.daemon import health, home, liveness, logbook, memory, metrics, ping, servers
from tracker.daemon.liveness import Watcher
from tracker.daemon.tick import Ticker, beat
from tracker.errors import UnavailableError
from tracker.store import people, restoring

log = logging.getLogger(__name__)

# The service manager kills after ten seconds (deploy/); the send in hand gets four.
END_WITHIN_SECONDS = 4.0
# Each is half a megabyte that stays; a household has one or two.
MOST_LOCALES = 4


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; 0 at an orderly end.

    Raises TrackerError for what keeps it from starting: another daemon, an old
    schema, a port in use. Where nothing moves in it any more the process ends by
    itself, with liveness.STOOD_STILL.
    """
    memory.one_heap()
    logbook.begin(settings.log.level)
    clock = clocks.from_environment()
    ping.check(settings, clock)
    with home.locked(settings.home):
        office = open_office(settings, clock)
        try:
            channels = ways.open_channels(settings, clock, sys.stdout)
            ticker = Ticker(
                office=office,
                channels=channels,
                home_id=home.identity(settings.home),
                mirrors_apart=True,
            )
            _follow_steps(ticker)
            _warm_up(office)
            _notice_restore(office)
            ticker.start()
            ended = asyncio.run(_serve(office, ticker, settings))
            _note_newest(office)
        finally:
            office.close()
    if not ended:
        # A thread still waits for a provider; the interpreter would wait for it.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
    return 0


def _notice_restore(office: Office) -> None:
    """An older database than this home has seen was put in place by hand: ask before sending."""
    with office.database.read() as session:
        newest = restoring.newest_event(session)
    if newest < home.newest_known(office.settings.home):
        settle = timedelta(seconds=office.settings.delivery.settle_seconds)
        with office.database.write() as session:
            asked = restoring.mark(session, office.clock.now(), settle)
        log.warning("an older database is in place; %d messages are asked about first", asked)
    _note_newest(office)


def _note_newest(office: Office) -> None:
    """After a start and at an orderly end; what a crash leaves out is found by a restore's mark."""
    try:
        with office.database.read() as session:
            home.note_newest(office.settings.home, restoring.newest_event(session))
    except (OSError, UnavailableError) as error:
        log.warning("the newest event cannot be noted: %s", error)


def _warm_up(office: Office) -> None:
    """Load now what the first page would wait for.

    Before the doors: what loading takes for a moment becomes their room.
    """
    with office.database.read() as session:
        locales = people.locales(session)
    for locale in locales[:MOST_LOCALES]:
        language.warm(locale)


async def _serve(office: Office, ticker: Ticker, settings: Settings) -> bool:
    """True if the heart had come to rest at the end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watched = _Watched(office, ticker)
    with contextlib.ExitStack() as stack:
        parts = _doors(office, watched, settings, stack)
        serving = asyncio.ensure_future(servers.serve(parts, stop))
        heart = _heart(ticker, settings)
        heart.start()
        _watchers(watched, settings, loop, stack)
        memory.settle()
        health.notify("READY=1")
        log.info("ready")
        waiting = asyncio.ensure_future(stop.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        health.notify("STOPPING=1")
        ticker.stopping.set()
        ended = await asyncio.to_thread(_end, heart)
        await asyncio.to_thread(ticker.mirroring.end)
        await serving
        return ended


class _Watched:
    """What this start tells about itself."""

    def __init__(self, office: Office, ticker: Ticker) -> None:
        self._office, self.ticker = office, ticker
        self._started_at, self._started = office.clock.now(), time.monotonic()
        self.metrics = metrics.Metrics(office, ticker, self._started_at, self._started)

    def report(self) -> Mapping[str, object]:
        return health.report(self._office, self.ticker, self._started_at, self._started)

    def well(self) -> bool:
        return not health.alarms(self._office, self.ticker, self._started)


def _watchers(
    watched: _Watched,
    settings: Settings,
    loop: asyncio.AbstractEventLoop,
    stack: contextlib.ExitStack,
) -> None:
    """Those inside and outside who notice when nothing moves; they end with the stack."""
    daemon = settings.daemon
    watcher = Watcher(
        watched.ticker.progress,
        usual_seconds=daemon.tick_seconds + daemon.tick_limit_seconds,
        allowed_seconds=daemon.tick_seconds + daemon.stall_seconds,
        told_every_seconds=liveness.told_every(),
        tell=lambda: health.notify("WATCHDOG=1"),
        loop=loop,
    )
    watcher.start()
    stack.callback(watcher.stop)
    if settings.watch.ping_url:
        pinger = ping.Pinger(settings.watch.ping_url, settings.watch.ping_seconds, watched.well)
        pinger.start()
        stack.callback(pinger.stop)


def _doors(
    office: Office, watched: _Watched, settings: Settings, stack: contextlib.ExitStack
) -> list[tuple[Any, list[Any]]]:
    """The apps with their listeners; every listener is closed with the stack."""
    from tracker.web import app as web
    from tracker.web import render

    report, scrape = watched.report, watched.metrics.text
    local = stack.enter_context(home.listen(settings.daemon.socket))
    stack.callback(_unlink, settings.daemon.socket)
    default = str(settings.home / "tracker.sock")
    if settings.daemon.socket != default:
        _point(default, settings.daemon.socket)
        stack.callback(_unlink, default)
    parts: list[tuple[Any, list[Any]]] = [(web.socket_app(office, report, scrape), [local])]
    if settings.web.enabled:
        render.warm()
        pages = stack.enter_context(servers.bound(settings.web.bind, "web.bind"))
        public = scrape if settings.web.metrics else None
        parts.append((web.pages_app(office, report, public), [pages]))
    if settings.feed.bind:
        feeds = stack.enter_context(servers.bound(settings.feed.bind, "feed.bind"))
        parts.append((web.feed_app(office), [feeds]))
    return parts


def _heart(ticker: Ticker, settings: Settings) -> Any:
    """APScheduler as nothing but a heartbeat: one job, in memory, in UTC.

    What is due stands in the database; a beat that comes late, or twice, changes
    only when the next tick looks.
    """
    from apscheduler.schedulers.background import BackgroundScheduler

    heart = BackgroundScheduler(timezone="UTC")
    heart.add_job(
        _beat,
        "interval",
        args=[ticker],
        seconds=settings.daemon.tick_seconds,
        id="tick",
        # The first at once: what came due while nothing ran has waited enough.
        next_run_time=clocks.Clock().now(),
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
    )
    return heart


def _beat(ticker: Ticker) -> None:
    """APScheduler would log what ends a thread, and beat on as if nothing had been."""
    try:
        beat(ticker)
    except BaseException as error:
        liveness.give_up(f"the tick died of {type(error).__name__}", error)


def _end(heart: Any) -> bool:
    """Wait a little for the send in hand; what it leaves in `sending` is in doubt at the start."""
    waiting = threading.Thread(target=heart.shutdown, kwargs={"wait": True}, daemon=True)
    waiting.start()
    waiting.join(END_WITHIN_SECONDS)
    if waiting.is_alive():
        log.warning("a send was still on its way at the end; it will be asked about")
        return False
    return True


def _point(link: str, target: str) -> None:
    _unlink(link)
    os.symlink(target, link)


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _follow_steps(ticker: Ticker) -> None:
    """Each step of a send counts as progress, and some are where a test ends the process."""
    die = _die_where_told()

    def reached(step: str) -> None:
        ticker.progress.step(step)
        if die is not None:
            die(step)

    steps.watch(reached)


def _die_where_told() -> Callable[[str], None] | None:
    """For tests of the promise: TRACKER_DIE_AT=<step>,<n> kills at the n-th time it is reached.

    Only together with a clock of tests, which no real provider is ever used with.
    """
    told = os.environ.get("TRACKER_DIE_AT", "")
    if not told or not clocks.from_environment().simulated:
        return None
    step, _, count = told.partition(",")
    left = int(count or 1)
    guard = threading.Lock()

    def reached(name: str) -> None:
        nonlocal left
        with guard:
            if name == step:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

    return reached
