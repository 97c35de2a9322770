"""What goes wrong around the household: each by one number."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import inf
from pathlib import Path

from tests.simulation.delivery.household import Household
from tests.simulation.delivery.looks import Looks
from tests.simulation.delivery.workers import Worker
from tests.simulation.delivery.world import Ambush, World
from tracker.actions.delivery.steps import STEPS
from tracker.store import restoring

HOUR, DAY = 3600.0, 86_400.0
AFTERMATH = 2 * HOUR
"""So long after a storm's last request may the provider's list still be wrong."""
HOURS = [timedelta(hours=n) for n in (-24, -1, 1, 24)]
SHORT, LONG = (20.0, 400.0), (1000.0, 4000.0)
"""For how long a worker stands still: within its lease, and beyond it."""

USUAL: Mapping[str, int] = {
    "storm": 40,
    "no_account": 5,
    "number_refused": 4,
    "crash": 30,
    "freeze": 8,
    "act_between": 20,
    "down": 8,
    "asleep": 4,
    "disk": 10,
    "another_worker": 4,
    "wrong_clock": 8,
    "boot_in_the_past": 3,
    "backup": 6,
    "restore": 3,
}
MANNERS: Mapping[str, Mapping[str, int]] = {
    "alone": {},
    "many": {"freeze": 40, "another_worker": 8, "act_between": 30},
    "restores": {"backup": 40, "restore": 25},
    "clocks": {"wrong_clock": 30, "boot_in_the_past": 10},
}
"""What a household is about, of which more happens there than is usual."""
WEATHER: Mapping[str, float] = {
    "lost before": 0.1,
    "lost after": 0.1,
    "late": 0.06,
    "busy": 0.1,
    "error before": 0.05,
    "error after": 0.05,
    "html": 0.04,
    "slow": 0.05,
    "slow and lost": 0.04,
    "defect": 0.02,
    "crash before": 0.02,
    "crash after": 0.04,
    "no list": 0.15,
    "stale list": 0.25,
    "list crash": 0.02,
    "list account": 0.02,
    "undelivered": 0.1,
}


@dataclass
class Mishaps:
    world: World
    looks: Looks
    household: Household
    manner: str
    """Whether there are several daemons, each with a home of its own; restores; wrong clocks."""
    mended_at: float = 0.0
    paid_at: float = 0.0
    refused_until: float = 0.0
    right_at: float = inf
    accepts: bool = False
    """Whether somebody will say that the clock is right, once it is."""
    fair_after: dict[str, int] = field(default_factory=dict)
    """By provider, the number of the last request of its storm."""
    fair_at: dict[str, float] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    backups: list[tuple[Path, float]] = field(default_factory=list)

    def act(self, number: int) -> None:
        chance = random.Random(number)
        often = {**USUAL, **MANNERS[self.manner]}
        name = chance.choices(list(often), list(often.values()))[0]
        do: Callable[[random.Random], bool | None] = getattr(self, name)
        if do(chance) is not False:
            self.happened[name] += 1
            self.looks.trouble()

    def calm(self) -> None:
        """All is well from now on."""
        self.world.ambushes.clear()
        self.fair(random.Random(0))
        self.disk_mended(random.Random(0))
        for provider in self.world.providers.values():
            provider.refused.clear()
        for worker in self.world.workers:
            worker.down_until = 0.0
        self.mended_at = self.paid_at = self.refused_until = 0.0
        if self.world.clock.off or self.accepts:
            self._set_right()

    def pass_by(self) -> None:
        """Storms pass, and what is broken is seen to within hours or days."""
        now = self.world.clock.real
        if now >= self.mended_at:
            self.world.storage.fails = None
        if now >= self.paid_at:
            self.world.providers["sms"].no_account = False
        if now >= self.refused_until:
            self.world.providers["sms"].refused.clear()
        if now >= self.right_at:
            self._set_right()
        for name, last in list(self.fair_after.items()):
            provider = self.world.providers[name]
            if provider.requests >= last and name not in self.fair_at:
                self.fair_at[name] = now + AFTERMATH
            if now >= self.fair_at.get(name, inf):
                provider.weather = {}
                del self.fair_after[name], self.fair_at[name]

    # Providers.

    def storm(self, chance: random.Random) -> None:
        """For some requests some things go wrong often, others not at all."""
        for provider in self.world.providers.values():
            if provider.name == "console":
                continue
            provider.chance = random.Random(chance.random())
            provider.weather = {
                fault: often * chance.choice([0, 1, 3]) for fault, often in WEATHER.items()
            }
            self.fair_after[provider.name] = provider.requests + chance.choice([2, 5, 12])
            self.fair_at.pop(provider.name, None)

    def fair(self, chance: random.Random) -> None:
        for provider in self.world.providers.values():
            provider.weather = {}
            provider.no_account = False
        self.fair_after.clear()
        self.fair_at.clear()

    def no_account(self, chance: random.Random) -> None:
        seconds = chance.choice([HOUR, 5 * HOUR])

        def act(worker: Worker | None) -> None:
            self.world.providers["sms"].no_account = True
            self.paid_at = self.world.clock.real + seconds

        self.world.ambushes.append(Ambush("request", 0, act))

    def number_refused(self, chance: random.Random) -> bool | None:
        """A number takes nothing for a while."""
        people = list(self.looks.books.persons())
        if not people:
            return False
        self.world.providers["sms"].refused.add(chance.choice(people)["phone"])
        self.refused_until = self.world.clock.real + chance.choice([2 * DAY, 12 * DAY])
        return None

    # Daemons.

    def _ambush(self, chance: random.Random, act: Callable[[Worker | None], None]) -> None:
        step = chance.choice([*STEPS, "in flight", "request"])
        self.world.ambushes.append(Ambush(step, chance.choice([0, 0, 0, 1, 2, 5]), act))

    def crash(self, chance: random.Random) -> None:
        self._ambush(chance, self.world.crash)

    def freeze(self, chance: random.Random) -> None:
        seconds = chance.choice(SHORT + LONG)
        step = chance.choice(["deriving", "derived", "claimed", "checked", "answered", "asked"])
        act = partial(self.world.freeze, seconds=seconds)
        self.world.ambushes.append(Ambush(step, chance.choice([0, 0, 1, 2]), act))

    def act_between(self, chance: random.Random) -> None:
        """Somebody writes while a daemon is in the middle of its work."""
        number = chance.randrange(2**32)
        step = chance.choice(["deriving", "derived", "claimed", "answered", "asked", "reconciled"])

        def act(worker: Worker | None) -> None:
            self.household.act(number)
            self.looks.acted = True

        self.world.ambushes.append(Ambush(step, chance.choice([0, 0, 1, 2]), act))

    def down(self, chance: random.Random) -> None:
        """The machine goes off in the middle of something, for hours or days."""
        seconds = chance.choice([HOUR, 5 * HOUR, DAY, 3 * DAY, 6 * DAY])

        def act(worker: Worker | None) -> None:
            for each in self.world.workers:
                each.down_until = self.world.clock.real + seconds
            self.world.clock.boot()
            self.world.crash(worker)

        self._ambush(chance, act)

    def asleep(self, chance: random.Random) -> None:
        """The machine sleeps, and goes on where it was."""
        self.world.clock.pass_to(self.world.clock.real + chance.choice([HOUR, 8 * HOUR]))

    def another_worker(self, chance: random.Random) -> bool | None:
        if self.manner != "many":
            return False
        if len(self.world.workers) < 3:
            self.world.add_worker()
        else:
            worker = self.world.workers[-1]
            worker.kill()
            worker.down_until = self.world.clock.real + 2 * DAY
        return None

    # Disk and clock.

    def disk(self, chance: random.Random) -> None:
        """It fails from the middle of something on."""
        storage = self.world.storage
        kind, often = chance.choice(["full", "io", "locked"]), chance.choice([0.03, 0.2, 1.0])
        seconds, number = chance.choice([600.0, HOUR, 8 * HOUR]), chance.random()

        def act(worker: Worker | None) -> None:
            storage.chance = random.Random(number)
            storage.fails, storage.often = kind, often
            self.mended_at = self.world.clock.real + seconds
            self.looks.trouble()

        self._ambush(chance, act)

    def disk_mended(self, chance: random.Random) -> None:
        self.world.storage.fails = None

    def wrong_clock(self, chance: random.Random) -> bool | None:
        """Somebody sets it wrong, in the middle of something; and right again, later."""
        by = chance.choice([*HOURS, *HOURS, timedelta(days=3652)])
        seconds = chance.choice([400.0, HOUR, 9 * HOUR, DAY])
        accepts = by.days > 365 or chance.random() < 0.3
        if self.manner != "clocks":
            return False

        def act(worker: Worker | None) -> None:
            self.world.clock.off += by
            self.right_at = self.world.clock.real + seconds
            self.accepts = self.accepts or accepts
            self.world.stops.append(self.right_at)
            self.looks.trouble()

        self._ambush(chance, act)
        return None

    def boot_in_the_past(self, chance: random.Random) -> bool | None:
        """A board without a battery: 1970 until it has found the time."""
        seconds = chance.choice([40.0, 600.0, 5 * HOUR])
        if self.manner != "clocks":
            return False

        def act(worker: Worker | None) -> None:
            clock = self.world.clock
            clock.boot()
            clock.off -= clock.now() - clock.now().replace(year=1970, day=1)
            self.right_at = clock.real + seconds
            self.world.stops.append(self.right_at)
            self.world.crash(worker)

        self._ambush(chance, act)
        return None

    def _set_right(self) -> None:
        """The clock is right again; where it had been ahead, somebody may have to say so."""
        self.right_at = inf
        self.world.clock.off = timedelta(0)
        self.looks.trouble()
        self.world.hurry()
        if self.accepts and self.household.accept_clock():
            self.accepts = False
        elif self.accepts:
            self.right_at = self.world.clock.real + HOUR

    # Backups.

    def backup(self, chance: random.Random) -> bool | None:
        if self.manner != "restores":
            return False
        path = self.world.folder / f"backup-{len(self.backups)}"
        self.world.copy_to(path)
        self.backups.append((path, self.world.clock.real))
        return None

    def restore(self, chance: random.Random) -> bool | None:
        """The newest copy, or one before it, takes the place of the database."""
        if not self.backups or self.world.storage.fails is not None:
            return False
        path, _ = chance.choice(self.backups[-2:])
        self.world.put_back(path)
        self.looks.forget()
        self.household.forget()
        self.mark_restored()
        return None

    def mark_restored(self) -> None:
        settle = timedelta(seconds=self.world.settings.delivery.settle_seconds)
        with self.world.database.write() as session:
            restoring.mark(session, self.world.clock.now(), settle)
