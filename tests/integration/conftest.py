"""An office on each database, with a clock that a test moves, and the delivery's engine on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.peers import seed
from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.actions.delivery import steps
from tracker.actions.office import Office
from tracker.config import Settings, load
from tracker.daemon.tick import Ticker
from tracker.store.db import Database


@pytest.fixture
def clock(now: datetime) -> MovableClock:
    return MovableClock(now)


@pytest.fixture
def settings(home: Path) -> Settings:
    return load(home, {})


@pytest.fixture
def office(database: Database, settings: Settings, clock: MovableClock) -> Office:
    return Office(settings=settings, database=database, clock=clock)


@pytest.fixture
def desk(office: Office, clock: MovableClock) -> Desk:
    return Desk(office, clock)


@pytest.fixture(scope="session")
def beginnings(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, seed.Rows]:
    """What `li` and `maple` begin with, made once by the use cases themselves."""
    home = tmp_path_factory.mktemp("beginnings")
    shutil.copyfile(sqlite_template, home / "tracker.db")
    database = Database(f"sqlite:///{home / 'tracker.db'}")
    clock = MovableClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    desk = Desk(Office(settings=load(home, {}), database=database, clock=clock), clock)
    found = {}
    desk.li()
    found["li"] = seed.taken(database)
    desk.debt()
    found["maple"] = seed.taken(database)
    database.dispose()
    return found


@pytest.fixture
def li(desk: Desk, beginnings: dict[str, seed.Rows]) -> Desk:
    """The desk of a home where Li is the only person."""
    seed.put(desk.office.database, beginnings["li"])
    return desk


@pytest.fixture
def maple(desk: Desk, beginnings: dict[str, seed.Rows]) -> Desk:
    """Li owes Alder Bank 1,200.00 under the cover word MAPLE; nothing is agreed yet."""
    seed.put(desk.office.database, beginnings["maple"])
    return desk


@pytest.fixture
def sms() -> Scripted:
    return Scripted("sms")


@pytest.fixture
def console() -> Scripted:
    return Scripted("console")


@pytest.fixture
def ticker(office: Office, sms: Scripted, console: Scripted) -> Ticker:
    return Ticker(office=office, channels={"sms": sms, "console": console}, home_id="home")


@pytest.fixture
def at_step() -> Iterator[Callable[[str, Callable[[], object]], None]]:
    """Do something once, at the moment when the engine reaches a step."""

    def watch(step: str, act: Callable[[], object]) -> None:
        left = [act]

        def reached(name: str) -> None:
            if name == step and left:
                left.pop()()

        steps.watch(reached)

    yield watch
    steps.watch(None)
