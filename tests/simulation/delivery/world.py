"""A household, its tracker and everything around both: clock, disk, providers, several daemons."""

from __future__ import annotations

import contextlib
import logging
import random
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.peers.desk import Desk
from tests.simulation.delivery.clockwork import Clockwork
from tests.simulation.delivery.provider import Broken, Crash, Provider
from tests.simulation.delivery.storage import Storage
from tests.simulation.delivery.workers import Worker
from tracker.actions.delivery import steps
from tracker.actions.office import Office
from tracker.channels.message import Channel, Outgoing
from tracker.config import Settings, load
from tracker.daemon.tick import Ticker
from tracker.store.db import Database

BEAT = 15.0
INSIDE = "claiming"
"""The step that lies within a transaction."""
LEASE = 900.0


@dataclass(frozen=True)
class Ambush:
    """When `step` is reached for the `skip`-th time from now, something happens there."""

    step: str
    skip: int
    act: Callable[[Worker | None], None]


class World:
    """Everything hangs on the seed and on what is done to it; nothing on the machine's clock."""

    def __init__(self, folder: Path, seed: int, *, delivery: Mapping[str, Any]) -> None:
        self.folder = folder
        self.seed = seed
        self.chance = random.Random(f"world {seed}")
        self.clock = Clockwork()
        self.database = Database(f"sqlite:///{folder / 'tracker.db'}")
        self.storage = Storage(self.database.engine, give_way=self._give_way)
        self.settings = _settings(folder, delivery)
        self.office = Office(settings=self.settings, database=self.database, clock=self.clock)
        self.desk = Desk(self.office, self.clock)  # type: ignore[arg-type]
        self.providers = {
            name: Provider(
                name,
                self.clock,
                self._asked_for,
                can_ask=name in ("sms", "console"),
                can_follow=name == "sms",
                passing=self.pass_seconds,
            )
            for name in ("sms", "mail", "push", "console")
        }
        self.workers: list[Worker] = []
        self.ambushes: list[Ambush] = []
        self.on_request: Callable[[Worker | None, str, Outgoing], object] = lambda *given: None
        self.on_look: Callable[[Worker], None] = lambda worker: None
        self.on_trouble: Callable[[], None] = lambda: None
        self.logged = _Logged()
        self.beats = 0
        self.stops: list[float] = []
        """Real moments at which somebody means to do something."""
        self.idle = 0
        """Beats since somebody committed anything."""
        self.beat_at = self.clock.now()
        self.add_worker()

    # Daemons.

    def add_worker(self) -> None:
        name = f"home-{len(self.workers)}"
        self.workers.append(Worker(name, partial(self._ticker, name)))

    def _ticker(self, name: str) -> Ticker:
        channels: dict[str, Channel] = dict(self.providers)
        return Ticker(office=self.office, channels=channels, home_id=name)

    @property
    def current(self) -> Worker | None:
        return next((each for each in self.workers if each.is_current()), None)

    def beat(self) -> None:
        """Every daemon that is up looks for work, and all go on until each is done or frozen."""
        self.beats += 1
        self.beat_at = self.clock.now()
        for worker in self.workers:
            if not worker.running and worker.down_until <= self.clock.real:
                worker.begin()
        self.run_workers()
        if self.storage.stuck:
            raise Broken("somebody was told that the database is locked, though nobody held it")
        self.logged.raise_unexpected()

    def run_workers(self) -> None:
        while ready := self._ready():
            self._step(self.chance.choice(ready) if len(ready) > 1 else ready[0])
        if any(each.waits_for_lock and not self._is_frozen(each) for each in self.workers):
            raise Broken("all wait for each other")

    def _ready(self) -> list[Worker]:
        return [
            each
            for each in self.workers
            if each.running and not self._is_frozen(each) and not each.waits_for_lock
        ]

    def _is_frozen(self, worker: Worker) -> bool:
        return worker.frozen_until > self.clock.real

    def _step(self, worker: Worker) -> None:
        worker.go_on()
        for each in self.workers:
            each.waits_for_lock = each.waits_for_lock and each is worker
        if worker.died:
            worker.kill()
            self.on_trouble()

    def _give_way(self) -> bool:
        """The database is locked: let somebody else go on. False if there is nobody."""
        worker = self.current
        if worker is not None:
            worker.waits_for_lock = True
            worker.give_way()
            return True
        ready = self._ready()
        if ready:
            self._step(ready[0])
        return bool(ready)

    def reached(self, step: str) -> None:
        worker = self.current
        if worker is None:
            return
        worker.count_step()
        if step == "checked":
            worker.frozen = False
            self.on_look(worker)
        self.ambushed(step, worker)
        crowd = sum(each.running for each in self.workers) > 1
        if crowd and (step != INSIDE or self.chance.random() < 0.3):
            worker.give_way()

    def ambushed(self, step: str, worker: Worker | None) -> None:
        for each in self.ambushes:
            if each.step != step:
                continue
            self.ambushes.remove(each)
            if each.skip:
                self.ambushes.append(replace(each, skip=each.skip - 1))
            else:
                each.act(worker)
            return

    def freeze(self, worker: Worker | None, seconds: float) -> None:
        """The process stands still where it is, for so long."""
        if worker is None or not worker.is_current():
            return
        worker.frozen_until = self.clock.real + seconds
        worker.frozen = True
        self.on_trouble()
        worker.give_way()

    def crash(self, worker: Worker | None) -> None:
        if worker is not None and worker.is_current():
            raise Crash
        for each in self.workers:
            each.kill()
        self.on_trouble()

    # Time.

    def pass_seconds(self, seconds: float) -> None:
        """While a request is on its way."""
        self.clock.pass_to(self.clock.real + seconds)
        worker = self.current
        self.ambushed("in flight", worker)
        if worker is not None and sum(each.running for each in self.workers) > 1:
            worker.give_way()

    def live(self, until: float, look: Callable[[], bool]) -> None:
        """`look` answers whether anything was written. Beat at every moment that the engine asks for, as a heart every 15 seconds would."""  # noqa: E501
        while True:
            self.beat()
            self.idle = 0 if look() else self.idle + 1
            following = self.next_beat()
            if following >= until:
                break
            self.clock.pass_to(following)
        self.clock.pass_to(until)

    def next_beat(self) -> float:
        """The real moment at which a beat next finds something to do; one heartbeat away at least."""  # noqa: E501
        now, real = self.clock.now(), self.clock.real
        # Of beats in which nothing happens fewer are played the longer that lasts: they
        # are all alike.
        idle = real + BEAT * 2 ** min(self.idle, 9)
        found = [float("inf")]
        for each in self.workers:
            if each.down_until > real:
                found.append(each.down_until)
            elif self._is_frozen(each):
                found.append(each.frozen_until)
            elif not each.started or not each.clean or (each.wanted and each.wanted <= now):
                found.append(idle)
            elif each.wanted is not None:
                found.append(real + (each.wanted - now) / timedelta(seconds=1))
        self.stops = [each for each in self.stops if each > real]
        return max(min(found + self.stops), real + BEAT)

    def hurry(self) -> None:
        """Somebody wrote something: what a daemon knew of the time to come may be old."""
        for each in self.workers:
            each.wanted = self.clock.now()
        self.idle = 0

    # What the providers tell.

    def _asked_for(self, channel: str, message: Outgoing) -> object:
        worker = self.current
        self.ambushed("request", worker)
        return self.on_request(worker, channel, message)

    @contextlib.contextmanager
    def running(self) -> Iterator[World]:
        """Everything random comes from the seed while this lasts."""
        with _seeded(self.seed), self.logged:
            steps.watch(self.reached)
            try:
                yield self
            finally:
                steps.watch(None)
                for each in self.workers:
                    with contextlib.suppress(BaseException):
                        each.kill()
                self.database.dispose()

    def copy_to(self, path: Path) -> None:
        shutil.copyfile(self.folder / "tracker.db", path)

    def put_back(self, path: Path) -> None:
        """Every daemon is down; the file of then takes the place of the one of now."""
        for each in self.workers:
            each.kill()
        self.database.dispose()
        for each in self.folder.glob("tracker.db*"):
            each.unlink()
        shutil.copyfile(path, self.folder / "tracker.db")


def _settings(folder: Path, delivery: Mapping[str, Any]) -> Settings:
    settings = load(folder, {})
    # A home that has an account; what it sends goes to the providers of here all the same.
    twilio = replace(settings.sms.twilio, account_sid=f"AC{0:032}", from_number="+15550100000")
    # The machine may be slow; a tick's limit must not depend on that.
    return replace(
        settings,
        sms=replace(settings.sms, twilio=twilio),
        mail=replace(settings.mail, host="mail.example.org", from_address="home@example.org"),
        delivery=replace(settings.delivery, **delivery),
        daemon=replace(settings.daemon, tick_limit_seconds=3600.0),
    )


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Each from a row of its own: who else asks for a random number must not matter."""

    def numbers(name: str) -> random.Random:
        return random.Random(f"{name} {seed}")

    of_bytes, of_names, of_urls = numbers("bytes"), numbers("names"), numbers("urls")
    seeded: dict[str, Any] = {
        "choice": numbers("choices").choice,
        "token_bytes": lambda nbytes=32: of_bytes.randbytes(nbytes),
        "token_hex": lambda nbytes=32: of_names.randbytes(nbytes).hex(),
        "token_urlsafe": lambda nbytes=32: of_urls.randbytes(nbytes).hex(),
        "randbelow": numbers("below").randrange,
    }
    kept = {name: getattr(secrets, name) for name in seeded}
    for name, function in seeded.items():
        setattr(secrets, name, function)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(secrets, name, function)


class _Logged(logging.Handler):
    """What the tracker logs as a failure of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []
        self._logger = logging.getLogger("tracker")

    def __enter__(self) -> _Logged:
        self._propagates, self._logger.propagate = self._logger.propagate, False
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagates

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and "a defect of the channel" not in str(error):
            self.found.append(f"{record.getMessage()}: {error!r}")

    def raise_unexpected(self) -> None:
        if self.found:
            raise Broken(f"the tracker logged: {self.found[0]}")
