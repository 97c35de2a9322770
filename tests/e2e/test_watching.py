"""The daemon watches itself, and somebody outside watches the daemon: real processes."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.peers import cli, harness
from tests.peers.harness import Daemon
from tracker.daemon.liveness import STOOD_STILL

NOBODY = "http://127.0.0.1:9"
ANSWER = ("GET /metrics HTTP/1.1\r\n", "Host: localhost\r\nConnection: close\r\n\r\n")


@pytest.fixture
def home(sqlite_template: Path, tmp_path: Path) -> Path:
    """A home that allows a second of standing still."""
    database = tmp_path / "tracker.db"
    shutil.copyfile(sqlite_template, database)
    database.chmod(0o600)
    folder = tmp_path / "home"
    harness.set_up(folder, f"sqlite:///{database}", NOBODY)
    config = (folder / "config.toml").read_text()
    config = config.replace("[daemon]\n", "[daemon]\nstall_seconds = 1.2\n")
    (folder / "config.toml").write_text(config)
    return folder


Start = Callable[..., Daemon]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    with contextlib.ExitStack() as stack, (home / "log").open("ab") as log:

        def started(variant: str | None = None, **env: str) -> Daemon:
            clock = {"TRACKER_CLOCK": "2027-01-04T09:00:00+00:00"}
            daemon = Daemon(home, variant=variant, log=log, env={**clock, **env})
            stack.callback(daemon.end)
            assert daemon.wait_ready()
            until(lambda: harness.healthz(daemon.socket)[0] == 200)
            return daemon

        yield started


def until(what: Callable[[], bool], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)


def limit_ticks(home: Path, stall: float = 3) -> None:
    """Let a tick of more than a tenth of a second be unusual."""
    config = (home / "config.toml").read_text()
    config = config.replace("tick_limit_seconds = 5", "tick_limit_seconds = 0.1")
    config = config.replace("stall_seconds = 1.2", f"stall_seconds = {stall}")
    (home / "config.toml").write_text(config)


@pytest.mark.parametrize(
    ("variant", "why"),
    [
        ("dies", "the tick died of SystemExit"),
        ("hangs", "the heart stood still"),
        ("heartless", "the heart stood still"),
    ],
)
def test_one_in_which_nothing_moves_ends_itself_and_the_next_start_is_well(
    variant: str, why: str, start: Start, home: Path
) -> None:
    daemon = start(variant)
    (home / "trouble").touch()
    assert daemon.wait(15) == STOOD_STILL
    log = (home / "log").read_text()
    assert why in log
    assert "thread" in log.casefold(), "where its threads stood is not told"
    (home / "trouble").unlink()
    start()


def test_one_that_was_stopped_for_longer_than_that_goes_on(start: Start) -> None:
    daemon = start()
    daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(2.5)
    daemon.process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    assert daemon.process.poll() is None
    assert harness.healthz(daemon.socket)[0] == 200


def test_a_hung_tick_shows_in_its_health_before_it_ends(start: Start, home: Path) -> None:
    limit_ticks(home, stall=30)
    daemon = start("hangs")
    (home / "trouble").touch()
    until(lambda: harness.healthz(daemon.socket)[1]["alarms"] == ["tick"])


def test_the_service_manager_hears_of_it_only_while_it_ticks(start: Start, home: Path) -> None:
    limit_ticks(home)
    daemon = start("hangs", WATCHDOG_USEC="300000")
    for _ in range(3):
        assert told(daemon) == "WATCHDOG=1"
    (home / "trouble").touch()
    hung_at = heard_at = time.monotonic()
    while daemon.process.poll() is None:
        with contextlib.suppress(TimeoutError):
            told(daemon, 0.05)
            heard_at = time.monotonic()
        assert time.monotonic() < hung_at + 15
    assert daemon.process.returncode == STOOD_STILL
    assert heard_at - hung_at < 1.0, "it was told that all is well until the end"


def test_a_service_manager_that_watches_another_process_hears_nothing(start: Start) -> None:
    daemon = start(WATCHDOG_USEC="300000", WATCHDOG_PID="1")
    with pytest.raises(TimeoutError):
        told(daemon, 0.5)


def told(daemon: Daemon, seconds: float = 5.0) -> str:
    daemon._told.settimeout(seconds)
    return daemon._told.recv(100).decode()


class Outside:
    """A service that waits for pings; `hears` is what it was asked, `answers` False a hang."""

    def __init__(self, *, answers: bool = True) -> None:
        self.hears: list[str] = []
        outside = self
        released = self._released = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outside.hears.append(self.path)
                if not answers:
                    released.wait(30)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/ping/one-of-ours"

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def outside() -> Iterator[Outside]:
    with contextlib.closing(Outside()) as service:
        yield service


def test_somebody_outside_hears_of_it_until_the_whole_service_is_dead(
    start: Start, outside: Outside, home: Path
) -> None:
    daemon = start(
        "trouble",
        TRACKER_WATCH_PING_URL=outside.url,
        TRACKER_WATCH_PING_SECONDS="0.1",
        TRACKER_LOG_LEVEL="debug",
    )
    until(lambda: len(outside.hears) > 2)
    assert set(outside.hears) == {"/ping/one-of-ours"}

    (home / "trouble").touch()
    until(lambda: "/ping/one-of-ours/fail" in outside.hears)
    (home / "trouble").unlink()
    until(lambda: outside.hears[-1] == "/ping/one-of-ours")

    daemon.kill()
    heard = len(outside.hears)
    time.sleep(0.5)
    assert len(outside.hears) <= heard + 1
    assert "one-of-ours" not in (home / "log").read_text()


def test_a_host_that_never_answers_delays_no_tick(start: Start, home: Path) -> None:
    with contextlib.closing(Outside(answers=False)) as outside:
        daemon = start(
            TRACKER_WATCH_PING_URL=outside.url,
            TRACKER_WATCH_PING_SECONDS="0.1",
            TRACKER_LOG_LEVEL="debug",
        )
        until(lambda: len(outside.hears) == 1)
        before = harness.healthz(daemon.socket)[1]["ticks"]
        until(lambda: harness.healthz(daemon.socket)[1]["ticks"] > before + 5)
        assert harness.healthz(daemon.socket)[0] == 200
        assert len(outside.hears) == 1
        asked_at = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - asked_at < 3
        assert "one-of-ours" not in (home / "log").read_text()


def test_a_clock_of_tests_tells_nobody_that_all_is_well(home: Path) -> None:
    done = cli.Household(home).run(
        "daemon",
        TRACKER_CLOCK="2027-01-04T09:00:00+00:00",
        TRACKER_WATCH_PING_URL="https://ping.example/one",
    )
    assert done.code == 5
    assert "TRACKER_CLOCK" in done.err
    assert "ping.example" not in done.err


def test_its_figures_stand_on_its_socket(start: Start) -> None:
    text = scraped(start().socket)
    assert re.search(r"^tracker_up 1$", text, re.MULTILINE)
    assert re.search(r"^tracker_ticks_total [1-9]", text, re.MULTILINE)


def scraped(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall("".join(ANSWER).encode())
        with connection.makefile("rb") as answer:
            return answer.read().decode()


def test_the_doctor_and_the_clock_ask_the_daemon_and_say_so_when_none_runs(
    start: Start, home: Path
) -> None:
    here = cli.Household(home)
    now = {"TRACKER_CLOCK": "2027-01-04T09:00:00+00:00"}
    daemon = start()
    with_daemon = here.run("doctor", **now)
    assert "ok  The daemon runs. Last look: 2027-01-04 09:0" in with_daemon.out
    shown = here.run("clock", **now)
    assert (shown.code, shown.err) == (0, "")
    assert "The clock says 2027-01-04 09:0" in shown.out
    daemon.kill()

    alone = here.run("doctor", **now)
    assert alone.code == 6
    assert alone.out.startswith("no  No daemon runs, so nothing is sent.\n"), alone
    refused = here.run("clock", "accept", **now)
    assert refused.code == 4
    assert "nothing to accept" in refused.err
