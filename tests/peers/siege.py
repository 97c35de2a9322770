"""A household under fire: real daemons, killed over and over, restarted at once.

A database is filled with plans whose reminders fall due all through the day. One daemon
or several, each with a home of its own, work on it, on a simulated clock and against a
fake Twilio that loses answers. They are ended by SIGKILL: at a moment drawn by lot, at a
named step of a send (TRACKER_DIE_AT), while they start, or while a payment is being
recorded. Afterwards they run undisturbed until nothing is left to do. What then stands
in the provider's log and in the ledger is judged by `tests.peers.verdict`.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from tests.peers.front import ENDED, Front
from tests.peers.harness import Clock, ask, set_up
from tests.peers.household import Debt
from tests.peers.payer import Intent, Payer
from tests.peers.trial import TRACKER, Trial
from tests.peers.twilio import FakeTwilio, Faults, Message
from tests.peers.zygote import Zygote

SPEED = 1800.0
"""Seconds of the simulated clock in one of the machine's, where it keeps up with that."""
SLOWEST = SPEED / 50
ROUND = 5
"""After so many kills of each home the pace is looked at."""
PEACE_SECONDS = 300.0
DELIVERED = (("delivered", None),)
# A second and a half, and four, where the machine keeps up: each is much longer than
# what it has to outlast, since a test shares its machine with others.
WAITS = {"settle_seconds": 1800, "recheck_seconds": 900, "lease_seconds": 7200}


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a trial left behind, for the verdict."""

    trial: Trial
    url: str
    household: list[Debt]
    accepted: list[Message]
    intents: list[Intent]
    kills: Counter[str]
    starts: int
    cut: datetime
    """What fell due up to here had all the time it needs."""
    stopped_at: datetime
    doctor: dict[str, bool | None]
    quiet: bool
    exit_codes: list[int]
    seconds: float
    log: str


def run(trial: Trial, folder: Path, url: str, household: list[Debt], *, zygote: Zygote) -> Outcome:
    """Run a trial in an empty folder, on a database in which the household is recorded."""
    begun = time.monotonic()
    clock = Clock(speed=SPEED / 4)
    provider = FakeTwilio(
        store=folder / "accepted.jsonl",
        faults=Faults(**trial.faults, fates={debt.phone: DELIVERED for debt in household}),
        seed=trial.seed,
        now=clock.now,
        fsync=False,
    )
    with provider, (folder / "daemon.log").open("ab") as log:
        siege = _Siege(trial, folder, url, household, provider, zygote, clock, log)
        try:
            siege.kill_over_and_over()
            end = siege.in_peace()
        finally:
            siege.stop()
    return Outcome(
        trial=trial,
        url=url,
        household=household,
        accepted=provider.accepted(),
        intents=siege.payer.intents,
        kills=siege.kills,
        starts=sum(front.starts for front in siege.fronts),
        **end,
        seconds=time.monotonic() - begun,
        log=(folder / "daemon.log").read_text(errors="replace"),
    )


class _Siege:
    """The kills of one trial, and the peace after them."""

    def __init__(
        self,
        trial: Trial,
        folder: Path,
        url: str,
        household: list[Debt],
        provider: FakeTwilio,
        zygote: Zygote,
        clock: Clock,
        log: IO[bytes],
    ) -> None:
        self.trial, self.url, self.clock = trial, url, clock
        self._provider, self._log = provider, log
        homes = [folder / f"home-{number + 1}" for number in range(trial.homes)]
        for home in homes:
            set_up(home, url, provider.url, WAITS)
        self.payer = Payer(
            trial.name,
            [str(home / "tracker.sock") for home in homes],
            household,
            clock,
            seed=trial.seed,
            a_second=trial.payments_a_second,
            hangs_up=trial.hangs_up,
        )
        self.fronts = [
            Front(number, home, url, trial, zygote=zygote, clock=clock, payer=self.payer, log=log)
            for number, home in enumerate(homes)
        ]

    @property
    def kills(self) -> Counter[str]:
        return sum((front.kills for front in self.fronts), Counter[str]())

    def kill_over_and_over(self) -> None:
        self.payer.start()
        with ThreadPoolExecutor(len(self.fronts)) as pool:
            while (left := self._left()) > 0:
                each = min(-(-left // len(self.fronts)), ROUND)
                for done in [pool.submit(front.hold, each) for front in self.fronts]:
                    done.result()
                if self._is_broken():
                    break  # more kills would only take longer to say so
                self._pace()

    def _left(self) -> int:
        """How many kills are still to come, at least."""
        trial = self.trial
        texts = len(self._provider.accepted())
        payments = sum(each.answered_at is not None for each in self.payer.intents)
        more = len(self.fronts) if texts < trial.texts or payments < trial.payments else 0
        return max(trial.kills - self.kills.total(), more)

    def _is_broken(self) -> bool:
        return b"Traceback" in Path(self._log.name).read_bytes()

    def _pace(self) -> None:
        """Let time go as fast as this machine keeps up with; now, since nothing runs."""
        now = self.clock.now()
        late = now - (self.trial.work.next_at(self.url) or now)
        if late > timedelta(hours=2):
            self.clock.pace(max(self.clock.speed * 0.6, SLOWEST))
        elif late < timedelta(minutes=45):
            self.clock.pace(min(self.clock.speed * 1.3, SPEED))

    def in_peace(self) -> dict[str, Any]:
        """Run undisturbed until what fell due before now is settled; then stop in order."""
        self.clock.pace(min(self.clock.speed, SPEED / 2))
        daemons = [front.start() for front in self.fronts]
        for daemon in daemons:
            assert daemon.wait_ready(60), ENDED
        self.payer.close()
        cut = self.clock.now()
        ends = time.monotonic() + PEACE_SECONDS
        while (left := self.trial.work.undone(self.url, cut)) and time.monotonic() < ends:
            time.sleep(0.2)
        doctor = {}
        if self.trial.work is TRACKER:
            _, answer = ask(daemons[0].socket, "doctor", {"request": {}})
            doctor = {each["name"]: each["ok"] for each in answer["result"]["checks"]}
        return {
            "cut": cut,
            "quiet": not left,
            "doctor": doctor,
            "exit_codes": [daemon.stop() for daemon in daemons],
            "stopped_at": self.clock.now(),
        }

    def stop(self) -> None:
        self.payer.ended.set()
        for front in self.fronts:
            front.stop()
