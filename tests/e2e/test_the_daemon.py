"""The daemon as a process: how it starts, what keeps it from starting, and how it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.peers import cli, harness, household
from tests.peers.harness import Clock, Daemon
from tests.peers.twilio import FakeTwilio, Fault, Faults

HOUSEHOLD = household.planned(1, 1)
DUE = datetime(2027, 1, 4, 16, 15, tzinfo=UTC)
"""When the first reminder of the only debt is due."""
NEVER_SECONDS = 60.0
"""Longer than any test waits, and any daemon."""


@pytest.fixture(scope="module")
def recorded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recorded") / "tracker.db"
    shutil.copyfile(sqlite_template, path)
    household.build(f"sqlite:///{path}", HOUSEHOLD)
    return path


@pytest.fixture
def clock() -> Clock:
    """Half an hour passes in a second, so that what is in doubt is soon asked about."""
    return Clock(origin=DUE - timedelta(minutes=15))


@pytest.fixture
def provider(clock: Clock) -> Iterator[FakeTwilio]:
    with FakeTwilio(faults=Faults(delay_seconds=NEVER_SECONDS), now=clock.now) as twilio:
        yield twilio


@pytest.fixture
def database(recorded: Path, tmp_path: Path) -> Path:
    path = tmp_path / "tracker.db"
    shutil.copyfile(recorded, path)
    path.chmod(0o600)
    return path


@pytest.fixture
def home(database: Path, provider: FakeTwilio, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    harness.set_up(folder, f"sqlite:///{database}", provider.url)
    config = (folder / "config.toml").read_text()
    config = config.replace("timeout_seconds = 1\n", f"timeout_seconds = {NEVER_SECONDS}\n")
    (folder / "config.toml").write_text(config)
    return folder


Start = Callable[..., Daemon]


@pytest.fixture
def start(home: Path, clock: Clock) -> Iterator[Start]:
    """Start a daemon on the home and wait until it is ready; all are killed at the end."""
    with contextlib.ExitStack() as stack:

        def started(variant: str | None = None, at: Clock = clock) -> Daemon:
            daemon = Daemon(home, variant=variant, env={"TRACKER_CLOCK": at.told()})
            stack.callback(daemon.end)
            assert daemon.wait_ready()
            return daemon

        yield started


def tried(home: Path) -> cli.Done:
    """A daemon that is expected not to start."""
    return cli.Household(home).run("daemon")


def refused(done: cli.Done, code: int, *names: str) -> None:
    """One sentence that says all of `names`, the cure, and no trace."""
    assert done.code == code, done
    sentence, *cure = done.err.splitlines()
    assert sentence.startswith("Error: "), done.err
    assert len(cure) == 1, done.err
    assert "Traceback" not in done.err
    for name in names:
        assert name in done.err, done.err


def until(what: Callable[[], bool], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)


def states(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as file:
        return [state for (state,) in file.execute("SELECT state FROM message ORDER BY id")]


def answers(daemon: Daemon) -> bool:
    request: dict[str, object] = {"request": {}, "person": None, "key": None}
    status, answer = harness.ask(daemon.socket, "payment.list", request)
    return status == 200 and answer["result"]["payments"] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_while_a_send_hangs_and_the_next_start_asks_what_became_of_it(
    number: int, start: Start, provider: FakeTwilio, database: Path
) -> None:
    provider.script(Fault.slow)
    daemon = start()
    until(lambda: len(provider.accepted()) == 1)

    asked_at = time.monotonic()
    code = daemon.stop(number, seconds=15)
    took = time.monotonic() - asked_at

    assert code == 0
    assert took < 5
    assert states(database) == ["sending"]

    start()
    until(lambda: states(database)[0] == "sent")
    with closing(sqlite3.connect(database)) as file:
        went = file.execute(
            "SELECT from_state, to_state FROM delivery_event WHERE message_id = 1 ORDER BY id"
        ).fetchall()
        (provider_id,) = file.execute("SELECT provider_id FROM message WHERE id = 1").fetchone()
    assert went[1:] == [("pending", "sending"), ("sending", "unknown"), ("unknown", "sent")]
    assert provider_id == provider.accepted()[0].sid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_when_nothing_is_on_its_way(number: int, start: Start) -> None:
    daemon = start()

    asked_at = time.monotonic()
    code = daemon.stop(number)

    assert code == 0
    assert time.monotonic() - asked_at < 3
    assert not os.path.lexists(daemon.socket)


def test_a_restart_needs_nothing(start: Start) -> None:
    assert start().stop() == 0
    assert answers(start())


def test_after_kill_9_a_start_works(start: Start) -> None:
    killed = start()
    killed.kill()
    assert os.path.lexists(killed.socket)  # it had no time to clear up

    assert answers(start())


def test_a_second_daemon_on_the_home_is_sent_away(start: Start, home: Path) -> None:
    first = start()

    refused(tried(home), 75, "Another daemon", str(home))
    assert answers(first)


def test_the_socket_is_its_owners_alone_and_a_stale_one_is_replaced(
    start: Start, home: Path
) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as stale:
        stale.bind(str(home / "tracker.sock"))
    (home / "tracker.sock").chmod(0o666)

    daemon = start()

    mode = (home / "tracker.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert answers(daemon)


@pytest.mark.parametrize(
    ("revision", "names"),
    [("0000", ("older version", "tracker db upgrade")), ("9999", ("newer",))],
)
def test_a_schema_that_is_not_its_own_is_refused_and_left_alone(
    revision: str, names: tuple[str, ...], home: Path, database: Path
) -> None:
    with closing(sqlite3.connect(database)) as file:
        file.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        file.commit()
    before = database.read_bytes()

    refused(tried(home), 6, str(database), *names)
    assert database.read_bytes() == before


def test_without_a_database_it_names_what_makes_one(home: Path, database: Path) -> None:
    database.unlink()

    refused(tried(home), 6, str(database), "tracker db upgrade")
    assert not database.exists()


@pytest.mark.parametrize("key", ["web.bind", "feed.bind"])
def test_a_port_in_use_is_told_with_its_key(key: str, home: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        section = key.partition(".")[0]
        config = (home / "config.toml").read_text().replace("[web]\nenabled = false\n", "")
        if section == "feed":
            config += "\n[web]\nenabled = false\n"
        (home / "config.toml").write_text(config + f'\n[{section}]\nbind = "{address}"\n')

        refused(tried(home), 2, key, address)
    assert not os.path.lexists(home / "tracker.sock")


def test_a_home_that_cannot_be_written_is_told(home: Path) -> None:
    home.chmod(0o500)
    try:
        done = cli.Household(home).run_without_rights("daemon")
    finally:
        home.chmod(0o700)

    refused(done, 6, str(home))


def test_a_database_that_cannot_be_used_shows_in_its_health_until_it_can(
    start: Start, database: Path
) -> None:
    daemon = start(at=Clock(origin=DUE, speed=1))
    until(lambda: harness.healthz(daemon.socket)[0] == 200)
    with closing(sqlite3.connect(database, isolation_level=None)) as file:
        file.execute("ALTER TABLE wake RENAME TO gone")
        until(lambda: harness.healthz(daemon.socket)[0] == 503)
        file.execute("ALTER TABLE gone RENAME TO wake")
    until(lambda: harness.healthz(daemon.socket)[0] == 200)


def test_a_tick_that_fails_does_not_end_it_and_shows_in_its_health(
    start: Start, home: Path, provider: FakeTwilio
) -> None:
    trouble = home / "trouble"
    trouble.touch()
    daemon = start("trouble", Clock(origin=DUE, speed=1))
    until(lambda: harness.healthz(daemon.socket)[1]["failures"] > 2)

    status, health = harness.healthz(daemon.socket)

    assert (status, health["status"], health["problem"]) == (503, "unwell", "RuntimeError")
    assert answers(daemon)
    trouble.unlink()
    until(lambda: harness.healthz(daemon.socket)[0] == 200)
    until(lambda: len(provider.accepted()) == 1)


def test_the_doctor_can_be_asked_while_payments_are_recorded(start: Start) -> None:
    """Whoever reads and asks for a second connection meets a writer who waits for the reader."""
    daemon = start()
    done = threading.Event()
    paid: list[int] = []

    def pay() -> None:
        while not done.is_set():
            request = {"debt": HOUSEHOLD[0].handle, "amount": "1.00"}
            body = {"request": request, "person": None, "key": f"key-{len(paid)}"}
            paid.append(harness.ask(daemon.socket, "pay", body)[0])

    payer = threading.Thread(target=pay)
    payer.start()
    try:
        asked_at = time.monotonic()
        for _ in range(20):
            status, answer = harness.ask(daemon.socket, "doctor", {"request": {}})
            assert status == 200
            assert [
                each["name"] for each in answer["result"]["checks"] if each["ok"] is False
            ] == []
        assert time.monotonic() - asked_at < 20
    finally:
        done.set()
        payer.join()
    assert set(paid) == {200}


@pytest.mark.parametrize("closed", ["a pipe that nobody reads", "no stream at all"])
def test_it_runs_without_a_stdout_and_sends(
    closed: str, home: Path, database: Path, clock: Clock
) -> None:
    with closing(sqlite3.connect(database)) as file:
        file.execute("UPDATE person SET channels = 'console'")
        file.commit()
    reader, writer = os.pipe()
    os.close(reader)
    daemon = Daemon(
        home,
        stdout=writer,
        env={"TRACKER_CLOCK": clock.told()},
        close_stdout=closed == "no stream at all",
    )
    os.close(writer)
    try:
        assert daemon.wait_ready()
        until(lambda: states(database)[:1] == ["delivered"])
        assert daemon.stop() == 0
    finally:
        daemon.end()
    assert "Ref" in (home / "console.log").read_text()
