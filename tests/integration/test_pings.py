"""Pings to a service outside: what is asked, and what is not."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.peers.clock import MovableClock
from tracker import config
from tracker.clock import Clock
from tracker.daemon import ping
from tracker.daemon.ping import Pinger
from tracker.errors import RefusedError

EVERY = 0.05


class Outside:
    """Answers with `status` and, for a redirect, an address of its own."""

    def __init__(self) -> None:
        self.status = 200
        self.hears: list[str] = []
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outside.hears.append(self.path)
                self.send_response(outside.status)
                if 300 <= outside.status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/our-secret"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def outside() -> Iterator[Outside]:
    with contextlib.closing(Outside()) as service:
        yield service


@pytest.fixture
def pinged() -> Iterator[Callable[..., None]]:
    with contextlib.ExitStack() as stack:

        def start(url: str, well: Callable[[], bool] = lambda: True) -> None:
            pinger = Pinger(url, EVERY, well)
            stack.callback(pinger.stop)
            pinger.start()

        yield start


def until(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not what():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.01)


def test_while_all_is_well_the_address_is_asked_and_else_its_failing_one(
    outside: Outside, pinged: Callable[..., None]
) -> None:
    well = [True]
    pinged(outside.url, lambda: well[0])
    until(lambda: outside.hears[-2:] == ["/our-secret"] * 2)
    well[0] = False
    until(lambda: outside.hears[-2:] == ["/our-secret/fail"] * 2)


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
def test_no_redirect_is_followed_and_an_error_ends_nothing(
    status: int,
    outside: Outside,
    pinged: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    outside.status = status
    pinged(outside.url)
    until(lambda: len(outside.hears) > 3)
    assert set(outside.hears) == {"/our-secret"}
    told = [each.getMessage() for each in caplog.records if each.name == ping.__name__]
    assert len(told) == 1, "said once, and not at every ping"
    assert str(status) in told[0]
    outside.status = 200
    until(lambda: any("answers again" in each.getMessage() for each in caplog.records))
    ours = [each.getMessage() for each in caplog.records if each.name == ping.__name__]
    assert not any("our-secret" in each for each in ours)


def test_no_proxy_of_the_environment_is_asked(
    outside: Outside, pinged: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    pinged(outside.url)
    until(lambda: len(outside.hears) > 1)


def test_nobody_there_is_told_without_the_address(
    pinged: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    pinged("http://127.0.0.1:9/our-secret")
    until(lambda: any(each.name == ping.__name__ for each in caplog.records))
    assert "our-secret" not in caplog.text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ping.example/one", "https://ping.example/one/fail"),
        ("https://ping.example/one/", "https://ping.example/one/fail"),
        ("https://ping.example/one?rid=2", "https://ping.example/one/fail?rid=2"),
    ],
)
def test_the_failing_address(url: str, expected: str) -> None:
    assert ping.failing(url) == expected


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://ping.example/one", True),
        ("http://127.0.0.1:8000/one", False),
        ("http://localhost:8000/one", False),
        ("", False),
    ],
)
def test_a_clock_of_tests_pings_this_machine_alone(
    url: str, refused: bool, clock: MovableClock, home: Path
) -> None:
    settings = config.load(home, {"TRACKER_WATCH_PING_URL": url})
    ping.check(settings, Clock())
    if not refused:
        ping.check(settings, clock)
        return
    with pytest.raises(RefusedError) as caught:
        ping.check(settings, clock)
    assert "ping.example" not in str(caught.value)
