"""The daemon: take the home, open the doors, beat, and end on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from datetime import datetime
from typing import Any

from tracker import clock as clocks
from tracker.actions.delivery import steps, ways
from tracker.actions.office import Office, open_office
from tracker.config import Settings
from tracker.daemon import health, home, servers
from tracker.daemon.tick import Ticker, beat

log = logging.getLogger(__name__)

# The service manager kills after ten seconds (deploy/); the send in hand gets four.
END_WITHIN_SECONDS = 4.0


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; 0 at an orderly end.

    Raises TrackerError for what keeps it from starting: another daemon, an old
    schema, a port in use.
    """
    _log(settings)
    clock = clocks.from_environment()
    with home.locked(settings.home):
        office = open_office(settings, clock)
        try:
            channels = ways.open_channels(settings, clock, sys.stdout)
            ticker = Ticker(office=office, channels=channels, home_id=home.identity(settings.home))
            _die_where_told(settings)
            ticker.start()
            ended = asyncio.run(_serve(office, ticker, settings))
        finally:
            office.close()
    if not ended:
        # A thread still waits for a provider; the interpreter would wait for it.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
    return 0


async def _serve(office: Office, ticker: Ticker, settings: Settings) -> bool:
    """True if the heart had come to rest at the end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    started_at = office.clock.now()
    with contextlib.ExitStack() as stack:
        parts = _doors(office, ticker, settings, started_at, stack)
        serving = asyncio.ensure_future(servers.serve(parts, stop))
        heart = _heart(ticker, settings)
        heart.start()
        health.notify("READY=1")
        log.info("ready")
        waiting = asyncio.ensure_future(stop.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        health.notify("STOPPING=1")
        ticker.stopping.set()
        ended = await asyncio.to_thread(_end, heart)
        await serving
        return ended


def _doors(
    office: Office,
    ticker: Ticker,
    settings: Settings,
    started_at: datetime,
    stack: contextlib.ExitStack,
) -> list[tuple[Any, list[Any]]]:
    """The apps with their listeners; every listener is closed with the stack."""
    from tracker.web import app as web

    def report() -> Any:
        return health.report(office, ticker, started_at)

    local = stack.enter_context(home.listen(settings.daemon.socket))
    stack.callback(_unlink, settings.daemon.socket)
    default = str(settings.home / "tracker.sock")
    if settings.daemon.socket != default:
        _point(default, settings.daemon.socket)
        stack.callback(_unlink, default)
    parts: list[tuple[Any, list[Any]]] = [(web.socket_app(office, report), [local])]
    if settings.web.enabled:
        pages = stack.enter_context(servers.bound(settings.web.bind, "web.bind"))
        parts.append((web.pages_app(office, report), [pages]))
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
        beat,
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


def _end(heart: Any) -> bool:
    """Wait a little for the send in hand; what it leaves in `sending` is in doubt at the start."""
    waiting = threading.Thread(target=heart.shutdown, kwargs={"wait": True}, daemon=True)
    waiting.start()
    waiting.join(END_WITHIN_SECONDS)
    if waiting.is_alive():
        log.warning("a send was still on its way at the end; it will be asked about")
        return False
    return True


def _log(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log.level.upper(),
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    # The heart would say at each beat that it beats, and at each long tick that it skips.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _point(link: str, target: str) -> None:
    _unlink(link)
    os.symlink(target, link)


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _die_where_told(settings: Settings) -> None:
    """For tests of the promise: TRACKER_DIE_AT=<step>,<n> kills at the n-th time it is reached.

    Only together with a clock of tests, which no real provider is ever used with.
    """
    told = os.environ.get("TRACKER_DIE_AT", "")
    if not told or not clocks.from_environment().simulated:
        return
    step, _, count = told.partition(",")
    left = int(count or 1)
    guard = threading.Lock()

    def watch(reached: str) -> None:
        nonlocal left
        with guard:
            if reached == step:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

    steps.watch(watch)
