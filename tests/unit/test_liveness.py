"""Who watches: by what moved, and never by what merely exists."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tracker.daemon import health
from tracker.daemon.liveness import Progress, Watcher, told_every

SECONDS = 0.4


def watched(
    progress: Progress,
    *,
    loop: asyncio.AbstractEventLoop | None = None,
    tell: Callable[[], None] = lambda: None,
) -> tuple[Watcher, list[str], threading.Event]:
    """A watcher that ends nothing: it leaves its last words."""
    words: list[str] = []
    ended = threading.Event()

    def end(why: str) -> None:
        words.append(why)
        ended.set()

    watcher = Watcher(
        progress,
        usual_seconds=SECONDS / 2,
        allowed_seconds=SECONDS,
        told_every_seconds=SECONDS / 8,
        tell=tell,
        loop=loop,
        end=end,
    )
    watcher.start()
    return watcher, words, ended


def test_what_moves_is_left_alone_however_long_one_round_takes() -> None:
    progress, moved = Progress(), threading.Event()

    def told() -> None:
        progress.step("claimed")
        if progress.steps > 3 * SECONDS / (SECONDS / 8):
            moved.set()

    watcher, words, _ = watched(progress, tell=told)
    assert moved.wait(10)
    watcher.stop()
    assert words == []
    assert progress.rounds == 0


def test_what_stands_still_is_ended_and_what_it_did_last_is_told() -> None:
    progress = Progress()
    progress.step("answered")
    told: list[int] = []
    _, words, ended = watched(progress, tell=lambda: told.append(1))
    assert ended.wait(10)
    assert "the heart" in words[0]
    assert "answered" in words[0]
    assert 1 <= len(told) <= 6, "the service manager heard that all is well to the end"


class _Stopped(threading.Event):
    """Each wait lasts as long as if the whole process had been stopped meanwhile."""

    def wait(self, timeout: float | None = None) -> bool:
        time.sleep(2 * SECONDS)
        return self.is_set()


def test_a_process_that_was_stopped_is_not_taken_for_one_that_stands_still() -> None:
    looks: list[int] = []
    looked_thrice = threading.Event()

    def tell() -> None:
        looks.append(1)
        if len(looks) == 3:
            looked_thrice.set()

    words: list[str] = []
    watcher = Watcher(
        Progress(),
        usual_seconds=SECONDS,
        allowed_seconds=SECONDS,
        told_every_seconds=SECONDS / 8,
        tell=tell,
        end=words.append,
    )
    watcher._stopping = _Stopped()
    watcher.start()
    assert looked_thrice.wait(20)
    watcher.stop()
    assert words == []


def test_doors_that_do_not_open_are_an_end_too() -> None:
    loop = asyncio.new_event_loop()
    blocked, rests = threading.Event(), threading.Event()
    doors = threading.Thread(target=loop.run_forever)
    doors.start()
    loop.call_soon_threadsafe(blocked.wait, 10)
    progress = Progress()
    heart = threading.Thread(target=_beat, args=(progress, rests))
    heart.start()
    watcher, words, ended = watched(progress, loop=loop)
    try:
        assert ended.wait(10)
        assert "the doors" in words[0]
    finally:
        watcher.stop()
        blocked.set()
        rests.set()
        heart.join(10)
        loop.call_soon_threadsafe(loop.stop)
        doors.join(10)
        loop.close()


def _beat(progress: Progress, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        progress.step("tick")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "600000000"}, 200.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 1.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": ""}, None),
    ],
)
def test_how_often_the_service_manager_wants_to_hear(
    environ: dict[str, str], expected: float | None
) -> None:
    assert told_every(environ) == expected


def test_a_service_manager_that_reads_no_more_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        told = threading.Thread(target=_tell_often, daemon=True)
        told.start()
        told.join(10)
        assert not told.is_alive()


def _tell_often() -> None:
    for _ in range(2000):
        health.notify("WATCHDOG=1")
