"""The service in numbers, in the text format of Prometheus (version 0.0.4).

No names, numbers of people's telephones, refs or tokens: counts, ages and instants.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker import __version__
from tracker.actions.office import Office
from tracker.daemon import health
from tracker.daemon.tick import Ticker
from tracker.errors import UnavailableError
from tracker.store import delivery, vitals

# A count of every message reads a whole index.
COUNTED_EVERY_SECONDS = 60.0

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Counted:
    by_state: Mapping[str, int]
    oldest_pending: datetime | None


class Metrics:
    """Counts at most once a minute, and not again while no message changed."""

    def __init__(self, office: Office, ticker: Ticker, started_at: datetime, started: float):
        self._office, self._ticker = office, ticker
        self._started_at, self._started = started_at, started
        self._lock = threading.Lock()
        self._counted: Counted | None = None
        self._counted_at = float("-inf")
        self._newest = -1

    def text(self) -> str:
        """One scrape. What the database cannot say at the moment is left out."""
        beats = self._ticker.beats
        now = self._office.clock.now()
        wrong = health.alarms(self._office, self._ticker, self._started)
        counted = self._count()
        lines: list[str] = []

        def add(name: str, kind: str, about: str, samples: Iterable[Sample]) -> None:
            found = [*samples]
            if found:
                lines.append(f"# HELP tracker_{name} {about}")
                lines.append(f"# TYPE tracker_{name} {kind}")
                lines.extend(f"tracker_{name}{_labels(at)} {value:.16g}" for at, value in found)

        def at(name: str, about: str, instant: datetime | None) -> None:
            samples: list[Sample] = [({}, instant.timestamp())] if instant else []
            add(f"{name}_timestamp_seconds", "gauge", about, samples)

        def age(name: str, about: str, since: datetime | None) -> None:
            seconds = max((now - since).total_seconds(), 0.0) if since else 0.0
            add(f"{name}_age_seconds", "gauge", about, [({}, seconds)])

        add("build_info", "gauge", "The version that runs.", [({"version": __version__}, 1)])
        add("up", "gauge", "1 while nothing needs somebody to look.", [({}, float(not wrong))])
        add(
            "alarm",
            "gauge",
            "What needs somebody to look.",
            [({"what": each.value}, float(each in wrong)) for each in health.Alarm],
        )
        at("start", "When this process began.", self._started_at)
        at("last_tick", "When the last look ended well.", beats.last_tick_at)
        at("last_send", "When something was last sent.", beats.last_send_at)
        at("last_reconcile", "When a provider was last asked.", beats.last_reconcile_at)
        at("last_poll", "When texts that came in were last fetched.", beats.last_poll_at)
        at("last_mirror", "When a calendar elsewhere was last kept.", beats.last_mirror_at)
        add("ticks_total", "counter", "Looks since the start.", [({}, beats.ticks)])
        add("tick_failures_total", "counter", "Of them failed.", [({}, beats.failures)])
        age("oldest_in_flight", "Since when a message is in doubt.", beats.in_flight_since)
        if counted is not None:
            oldest = counted.oldest_pending
            waits = oldest if oldest is not None and oldest < now else None
            age("oldest_pending", "For how long a message could have gone.", waits)
            add(
                "messages",
                "gauge",
                "Messages by state.",
                [({"state": each}, counted.by_state.get(each, 0)) for each in delivery.STATES],
            )
        add(
            "messages_held",
            "gauge",
            "Held messages by reason.",
            [({"code": code or "other"}, count) for code, count in sorted(beats.held.items())],
        )
        return "\n".join(lines) + "\n"

    def _count(self) -> Counted | None:
        with self._lock:
            elapsed = self._office.clock.elapsed()
            if elapsed - self._counted_at < COUNTED_EVERY_SECONDS:
                return self._counted
            try:
                with self._office.database.read() as session:
                    newest = vitals.newest_event(session)
                    if newest != self._newest:
                        self._counted = Counted(
                            by_state=delivery.count_by_state(session),
                            oldest_pending=vitals.oldest_pending(session),
                        )
                        self._newest = newest
            except UnavailableError:
                return None
            self._counted_at = elapsed
            return self._counted


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(each)}"' for name, each in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
