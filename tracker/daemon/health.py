"""What the daemon tells about itself, and what it tells systemd."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from tracker import __version__
from tracker.actions.office import Office
from tracker.daemon.tick import Ticker

# So many beats may be missed before the service calls itself unwell.
MISSED_BEATS = 4
DOUBT_LASTS = timedelta(hours=1)
"""A message that has been in doubt for longer needs somebody to look."""


class Alarm(StrEnum):
    """What needs somebody to look; the words of `alarms` in /healthz."""

    TICK = "tick"
    """The last look failed, or too many were missed."""
    CLOCK = "clock"
    """The clock is not believed; nothing is sent."""
    IN_FLIGHT = "in-flight"
    """What became of a message has not been known for an hour."""
    ACCOUNT = "account"
    """A provider refuses the account; its messages are held."""


def alarms(office: Office, ticker: Ticker, started: float) -> list[Alarm]:
    """`started` is by time.monotonic(), as progress is: no clock that is set delays an alarm."""
    beats, daemon = ticker.beats, office.settings.daemon
    patience = MISSED_BEATS * daemon.tick_seconds + daemon.tick_limit_seconds
    quiet = time.monotonic() - (ticker.progress.ended_at or started)
    now, since = office.clock.now(), beats.in_flight_since
    found = {
        Alarm.TICK: beats.problem is not None or quiet > patience,
        Alarm.CLOCK: beats.doubt is not None,
        Alarm.IN_FLIGHT: since is not None and now - since > DOUBT_LASTS,
        Alarm.ACCOUNT: bool(ticker.refused(now)) or "account" in beats.held,
    }
    return [alarm for alarm, is_so in found.items() if is_so]


def report(
    office: Office, ticker: Ticker, started_at: datetime, started: float
) -> Mapping[str, object]:
    """The state of the service, without anything personal. Reads memory only, so never waits."""
    beats = ticker.beats
    wrong = alarms(office, ticker, started)

    def instant(value: datetime | None) -> str | None:
        return None if value is None else value.isoformat(timespec="seconds")

    return {
        "status": "unwell" if wrong else "ok",
        "alarms": [alarm.value for alarm in wrong],
        "version": __version__,
        "clock": "simulated" if office.clock.simulated else "machine",
        "now": instant(office.clock.now()),
        "started_at": instant(started_at),
        "last_tick_at": instant(beats.last_tick_at),
        "last_send_at": instant(beats.last_send_at),
        "last_reconcile_at": instant(beats.last_reconcile_at),
        "last_poll_at": instant(beats.last_poll_at),
        "last_mirror_at": instant(beats.last_mirror_at),
        "next_wake_at": instant(beats.next_wake_at),
        "ticks": beats.ticks,
        "failures": beats.failures,
        "problem": beats.problem,
        "clock_doubt": beats.doubt.value if beats.doubt else None,
        "sends_held_by_clock": beats.clock_holds,
        "oldest_in_flight_at": instant(beats.in_flight_since),
        "held": dict(beats.held),
        "accounts_refused": sorted(ticker.refused(office.clock.now())),
    }


def notify(state: str) -> None:
    """Tell the service manager (sd_notify(3)); nothing where there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    # Without waiting: a manager that reads no more must not stop the one who watches.
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    with socket.socket(socket.AF_UNIX, kind) as sender:
        try:
            sender.sendto(state.encode(), address)
        except OSError:
            # A manager that does not listen is no reason to stop serving.
            return
