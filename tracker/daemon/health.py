"""What the daemon tells about itself, and what it tells systemd."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta

from tracker import __version__
from tracker.actions.office import Office
from tracker.daemon.tick import Ticker

# So many beats may be missed before the service calls itself unwell.
MISSED_BEATS = 4


def report(office: Office, ticker: Ticker, started_at: datetime) -> Mapping[str, object]:
    """The state of the service, without anything personal."""
    beats = ticker.beats
    now = office.clock.now()
    patience = timedelta(
        seconds=MISSED_BEATS * office.settings.daemon.tick_seconds
        + office.settings.daemon.tick_limit_seconds
    )
    last = beats.last_tick_at or started_at
    healthy = beats.problem is None and not beats.clock_holds and now - last < patience

    def instant(value: datetime | None) -> str | None:
        return None if value is None else value.isoformat(timespec="seconds")

    return {
        "status": "ok" if healthy else "unwell",
        "version": __version__,
        "clock": "simulated" if office.clock.simulated else "machine",
        "now": instant(now),
        "started_at": instant(started_at),
        "last_tick_at": instant(beats.last_tick_at),
        "last_send_at": instant(beats.last_send_at),
        "last_reconcile_at": instant(beats.last_reconcile_at),
        "next_wake_at": instant(beats.next_wake_at),
        "ticks": beats.ticks,
        "failures": beats.failures,
        "problem": beats.problem,
        "sends_held_by_clock": beats.clock_holds,
    }


def notify(state: str) -> None:
    """Tell the service manager (sd_notify(3)); nothing where there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        try:
            sender.sendto(state.encode(), address)
        except OSError:
            # A manager that does not listen is no reason to stop serving.
            return
