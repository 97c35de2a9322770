"""Several daemons: on one home, where one may run, and on one database, where one may freeze."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.peers import harness, household, postgres
from tests.peers.harness import Clock, Daemon
from tests.peers.twilio import FakeTwilio
from tests.peers.zygote import PACE, Zygote

HOUSEHOLD = household.planned(1, 1)
DUE = HOUSEHOLD[0].moment(2, "reminder", -6)
WAITS = {"settle_seconds": 300, "recheck_seconds": 150, "lease_seconds": 1800}
"""A third of a second and less; the lease lasts for one."""
ALREADY_RUNNING = 75
MAYBE_TWICE = """
SELECT 1 FROM message m JOIN delivery_event e ON e.message_id = m.id
WHERE m.doubtful AND e.detail LIKE 'may have arrived twice%'
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    """Half an hour passes in a second; the reminder is due in half of one."""
    return Clock(DUE - timedelta(minutes=15), 1800.0)


@pytest.fixture
def provider(clock: Clock) -> Iterator[FakeTwilio]:
    with FakeTwilio(now=clock.now, fsync=False) as twilio:
        yield twilio


Start = Callable[..., Daemon]


@pytest.fixture
def start(zygote: Zygote, clock: Clock, tmp_path: Path) -> Iterator[Start]:
    """Start a daemon on a home, or one that freezes at a step; all are killed at the end."""
    with contextlib.ExitStack() as stack, (tmp_path / "daemon.log").open("ab") as log:

        def started(home: Path, freezes_at: str | None = None) -> Daemon:
            daemon = Daemon(
                home,
                variant=freezes_at,
                entry=f"tests.peers.zygote:{'freezing_daemon' if freezes_at else 'daemon'}",
                zygote=zygote,
                log=log,
                env={PACE: clock.shared()},
            )
            stack.callback(daemon.end)
            return daemon

        yield started


def until(what: Callable[[], bool], seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)


def test_of_four_daemons_on_one_home_one_runs_and_the_others_say_so(
    sqlite_template: Path, provider: FakeTwilio, start: Start, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'tracker.db'}"
    (tmp_path / "tracker.db").write_bytes(sqlite_template.read_bytes())
    harness.set_up(tmp_path / "home", url, provider.url)

    daemons = [start(tmp_path / "home") for _ in range(4)]

    until(lambda: sum(each.wait(0) is not None for each in daemons) == 3)
    survivor = next(each for each in daemons if each.wait(0) is None)
    assert {each.wait(0) for each in daemons if each is not survivor} == {ALREADY_RUNNING}
    assert "Another daemon" in (tmp_path / "daemon.log").read_text()
    assert "ticks" in harness.healthz(survivor.socket)[1]
    assert survivor.stop() == 0


@pytest.mark.postgres
@pytest.mark.parametrize(("step", "texts"), [("claimed", 1), ("checked", 2)])
def test_a_worker_frozen_beyond_its_lease_sends_no_second_text_or_it_is_shown(
    step: str,
    texts: int,
    postgres: postgres.Server,
    postgres_url: str,
    provider: FakeTwilio,
    start: Start,
    clock: Clock,
    tmp_path: Path,
) -> None:
    """Frozen before its last look at the claim it sends nothing; after it, nobody can know."""
    postgres.empty(postgres_url)
    household.build(postgres_url, HOUSEHOLD)
    homes = [tmp_path / "frozen", tmp_path / "other"]
    for home in homes:
        harness.set_up(home, postgres_url, provider.url, WAITS)

    frozen = start(homes[0], freezes_at=step)
    frozen.wait_frozen()
    other = start(homes[1])
    until(lambda: len(provider.accepted()) == 1)
    frozen.process.send_signal(signal.SIGCONT)

    if texts == 2:
        until(lambda: bool(household.rows(postgres_url, MAYBE_TWICE)))
    ticks = harness.healthz(frozen.socket)[1]["ticks"]
    until(lambda: harness.healthz(frozen.socket)[1]["ticks"] > ticks + 2)
    assert len(provider.accepted()) == texts
    assert bool(household.rows(postgres_url, MAYBE_TWICE)) == (texts == 2)
    assert [frozen.stop(), other.stop()] == [0, 0]
