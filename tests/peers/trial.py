"""What a trial of the promise is: the work that is besieged, the faults around it, the kills."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.peers.household import next_at, undone
from tests.peers.zygote import DAEMON
from tracker.actions.delivery.steps import STEPS

FAULTS: Mapping[str, Any] = {
    "drop": 0.10,
    "late": 0.02,
    "error_before": 0.03,
    "error_after": 0.03,
    "limited": 0.03,
    "slow": 0.05,
    "garbage": 0.01,
    "unauthorised": 0.005,
    "retry_after": "300",
    "late_seconds": 0.1,
    "delay_seconds": 0.1,
    "list_lag_seconds": 150.0,
}
"""Of a hundred answers some twenty-eight are disturbed. Lag and Retry-After are simulated time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is besieged: where it begins, its named steps, and how far it has come by its rows."""

    entry: str
    steps: tuple[str, ...]
    undone: Callable[[str, datetime], int]
    next_at: Callable[[str], datetime | None]


TRACKER = Work(entry=DAEMON, steps=STEPS, undone=undone, next_at=next_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How hard a siege is. `homes` daemons work on one database.

    It lasts until there were so many `kills`, the provider took so many `texts`, and so many
    `payments` were answered. The share `named` of the kills happens at one of `steps`, the
    others by lot; the share `hangs_up` of the payments is asked by somebody who goes away
    before the answer. `variant` is a planted one instead of the daemon, or one of the `work`.
    """

    name: str
    kills: int
    seed: int
    texts: int = 0
    payments: int = 0
    homes: int = 1
    faults: Mapping[str, Any] = field(default_factory=lambda: FAULTS)
    steps: tuple[str, ...] = ()
    """Where the named kills happen; none: at all of the work's."""
    named: float = 0.5
    payments_a_second: float = 4.0
    hangs_up: float = 0.15
    variant: str | None = None
    work: Work = TRACKER
