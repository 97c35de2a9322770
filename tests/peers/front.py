"""One home of a siege: its daemon is started, and killed in one of several ways."""

from __future__ import annotations

import itertools
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import IO

import psycopg

from tests.peers.harness import Clock, Daemon
from tests.peers.payer import Payer
from tests.peers.trial import Trial
from tests.peers.zygote import PACE, Zygote

USUAL_START_SECONDS, USUAL_EXEC_SECONDS = 0.08, 0.9
EXEC_EVERY = 20
"""Of so many starts of a home one is an exec; the others are forks."""
UNAVAILABLE = 6
ENDED = "the daemon ended by itself"


class Front:
    """One home of a siege: its daemon, and how it is killed."""

    def __init__(
        self,
        number: int,
        home: Path,
        url: str,
        trial: Trial,
        *,
        zygote: Zygote,
        clock: Clock,
        payer: Payer,
        log: IO[bytes],
    ) -> None:
        self.kills: Counter[str] = Counter()
        self.starts = 0
        self._number, self._home, self._url, self._trial = number, home, url, trial
        self._zygote, self._clock, self._payer, self._log = zygote, clock, payer, log
        self._is_cut_off = not url.startswith("sqlite")
        self._random = random.Random(f"kills {trial.seed} {number}")
        self._daemon: Daemon | None = None
        steps = trial.steps or trial.work.steps
        first = number * len(steps) // trial.homes
        self._named = frozenset(steps)
        self._steps = itertools.cycle(steps[first:] + steps[:first])
        self._slowness = 1.0

    def hold(self, kills: int) -> None:
        """Start and kill so many times; nothing runs afterwards."""
        share = self._trial.named
        for _ in range(kills):
            named = sum(self.kills[each] for each in self._named)
            if (self.kills.total() + 1) * share >= 1 + named:
                self._at_step(next(self._steps))
            else:
                self._by_lot()

    def start(self, **env: str) -> Daemon:
        self.starts += 1
        self._daemon = Daemon(
            self._home,
            variant=self._trial.variant,
            entry=self._trial.work.entry,
            zygote=None if self.starts % EXEC_EVERY == 0 else self._zygote,
            log=self._log,
            env={PACE: self._clock.shared(), **env},
        )
        return self._daemon

    def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.end()

    def _started(self, **env: str) -> Daemon | None:
        """A daemon that is ready; None where it was killed before that by its own order.

        One whose connection is cut while it starts ends by itself, and is started again.
        """
        while not (daemon := self.start(**env)).wait_ready(60):
            if daemon.wait(0) != UNAVAILABLE or not self._is_cut_off:
                assert daemon.wait(0) == -signal.SIGKILL, ENDED
                return None
        self._learn(daemon)
        return daemon

    def _learn(self, daemon: Daemon) -> None:
        """How slow this machine is at the moment."""
        if self.starts % EXEC_EVERY:
            now = (time.monotonic() - daemon.started) / USUAL_START_SECONDS
            self._slowness += (max(now, 1.0) - self._slowness) / 4

    def _at_step(self, step: str) -> None:
        nth = self._random.choice((1, 1, 2, 5))
        daemon = self._started(TRACKER_DIE_AT=f"{step},{nth}")
        code = daemon.wait(0.7 * self._slowness) if daemon else -signal.SIGKILL
        if daemon is not None and code is None:
            daemon.kill()
            step = "by lot"
        assert code in (None, -signal.SIGKILL), ENDED
        self.kills[step] += 1

    def _by_lot(self) -> None:
        lot, slowness = self._random, self._slowness
        kind = lot.choice(self._kinds())
        if kind == "while starting":
            daemon = self.start()
            usual = USUAL_START_SECONDS if self.starts % EXEC_EVERY else USUAL_EXEC_SECONDS
            time.sleep(lot.uniform(0.0, usual) * slowness)
        else:
            started = self._started()
            assert started is not None, ENDED
            daemon = started
            if kind == "while paying":
                self._payer.sent[self._number].wait(0.5 * slowness)
                time.sleep(lot.uniform(0.0, 0.03) * slowness)
            elif kind == "at an answer":
                self._payer.answered[self._number].clear()
                self._payer.answered[self._number].wait(0.5 * slowness)
            else:
                if kind == "without connections":
                    time.sleep(lot.uniform(0.0, 0.3) * slowness)
                    _cut_off(self._url)
                time.sleep(lot.uniform(0.0, 0.4) * slowness)
            assert daemon.wait(0) in (None, UNAVAILABLE), ENDED
        daemon.kill()
        self.kills[kind] += 1

    def _kinds(self) -> tuple[str, ...]:
        kinds: tuple[str, ...] = ("by lot", "by lot", "while starting")
        if self._trial.payments_a_second:
            kinds += ("while paying", "at an answer")
        if self._is_cut_off:
            kinds += ("without connections",)
        return kinds


def _cut_off(url: str) -> None:
    """End every connection to the database, as a server does that restarts."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
