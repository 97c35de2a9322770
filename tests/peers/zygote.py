"""Cheap starts: a process that has imported everything once forks one child per start.

By exec a daemon imports for most of a second before it does anything; a fork of one that
has imported is there after a twentieth of that, so that it can be killed ten times as
often. The child is what `tracker daemon` is: a session, an environment and files of its
own, the command's own entry, and a process id that SIGKILL ends.

    with Zygote() as zygote:
        child = zygote.start("tests.peers.zygote:daemon", env={...}, stderr=log)
        child.kill()

Nothing may be open here when it forks: no thread, no database, no file of the parent's.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
DAEMON = "tests.peers.zygote:daemon"
PACE = "SIMULATED_PACE"
"""`<instant>,<monotonic seconds at that instant>,<speed>`: a clock that several processes share."""

# What a daemon imports by its first text, in the order in which it does.
IMPORTED = (
    "tracker.cli.app",
    "tracker.cli.service",
    "tracker.daemon.main",
    "tracker.actions.payments",
    "tracker.web.app",
    "tracker.store.schema",
    "apscheduler.schedulers.background",
    "apscheduler.triggers.interval",
    "babel.dates",
    "babel.numbers",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "twilio.rest.api.v2010.account.message",
    "uvicorn.lifespan.off",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "tests.peers.planted",
)
_BIGGEST = 65_536
_FILES = 2


class ZygoteError(Exception):
    """The zygote itself is gone, or could not do what was asked."""


class Child:
    """A started process, with the part of subprocess.Popen that the harness uses."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._zygote = zygote
        # It is not our child, so that its end shows here; its id stays taken until it
        # is asked for, so that no signal can reach another process.
        self._ended = os.pidfd_open(pid)

    def poll(self) -> int | None:
        return self.returncode if self._over(0.0) else None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative for a signal. Raises subprocess.TimeoutExpired."""
        if not self._over(timeout):
            raise subprocess.TimeoutExpired("a forked child", timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _over(self, timeout: float | None) -> bool:
        if self.returncode is not None:
            return True
        waiting = select.poll()
        waiting.register(self._ended, select.POLLIN)
        if not waiting.poll(None if timeout is None else timeout * 1000):
            return False
        self.returncode = self._zygote.reaped(self.pid)
        os.close(self._ended)
        return True


class Zygote:
    """The parent's end. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.peers.zygote", str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # an interrupted test ends it by hanging up
            )
        self._answer()

    def start(
        self,
        entry: str,
        *arguments: str,
        env: Mapping[str, str],
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        stderr: IO[bytes] | int = subprocess.DEVNULL,
    ) -> Child:
        """A process that calls `module:function` with `arguments`, in exactly this environment."""
        asked = {"entry": entry, "arguments": arguments, "env": dict(env)}
        with contextlib.ExitStack() as stack:
            files = [_descriptor(each, stack) for each in (stdout, stderr)]
            with self._lock:
                socket.send_fds(self._control, [json.dumps(asked).encode()], files)
                return Child(self, self._answer())

    def reaped(self, pid: int) -> int:
        """The exit code of a child that has ended."""
        with self._lock:
            self._control.send(json.dumps({"reap": pid}).encode())
            return self._answer()

    def close(self) -> None:
        """End it, and with it every child that still runs."""
        self._control.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self) -> int:
        answer = self._control.recv(_BIGGEST)
        if not answer:
            raise ZygoteError(f"the zygote ended with {self._process.wait(10)}")
        return int(answer)


def _descriptor(file: IO[bytes] | int, stack: contextlib.ExitStack) -> int:
    if file != subprocess.DEVNULL:
        return file if isinstance(file, int) else file.fileno()
    descriptor = os.open(os.devnull, os.O_RDWR)
    stack.callback(os.close, descriptor)
    return descriptor


# The zygote's end.


def main(control: socket.socket) -> None:
    """Fork as asked until the other end is closed; in a child, do its work and return."""
    for name in IMPORTED:
        importlib.import_module(name)
    from sqlalchemy.orm import configure_mappers

    configure_mappers()
    # What is collected or moved in a child is a page of its own; so nothing is.
    gc.collect()
    gc.freeze()
    assert len(os.listdir("/proc/self/task")) == 1, "a thread would not survive the fork"
    control.send(b"0")
    living: set[int] = set()
    while True:
        asked, files, _, _ = socket.recv_fds(control, _BIGGEST, _FILES)
        if not asked:
            break
        told: dict[str, Any] = json.loads(asked)
        if "reap" in told:
            pid, status = os.waitpid(told["reap"], 0)
            living.discard(pid)
            control.send(str(os.waitstatus_to_exitcode(status)).encode())
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            _begin(told, files)
            return
        for each in files:
            os.close(each)
        living.add(pid)
        control.send(str(pid).encode())
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _begin(told: Mapping[str, Any], files: list[int]) -> None:
    """In the child: what exec would have done, then the work. Raises SystemExit with its end."""
    os.setsid()
    for number, descriptor in enumerate(files, start=1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(told["env"])
    set_clock()
    module, _, function = told["entry"].partition(":")
    work: Callable[..., object] = getattr(importlib.import_module(module), function)
    sys.exit(work(*told["arguments"]))  # type: ignore[arg-type]


# What the children do.


def set_clock() -> None:
    """Tell the clock of tests as it stands now: all the processes of one trial agree on it."""
    if PACE in os.environ:
        instant, began, speed = os.environ[PACE].split(",")
        passed = (time.monotonic() - float(began)) * float(speed)
        now = datetime.fromisoformat(instant) + timedelta(seconds=passed)
        os.environ["TRACKER_CLOCK"] = f"{now.isoformat()},{speed}"


def daemon(variant: str = "") -> None:
    """`tracker daemon`, or a planted variant of it."""
    if variant:
        from tests.peers import planted
        from tracker import config
        from tracker.daemon import main as daemon_main

        planted.VARIANTS[variant]()
        sys.exit(daemon_main.run(config.load()))
    from tracker.cli import app

    sys.argv = ["tracker", "daemon"]
    app.main()


def freezing_daemon(step: str) -> None:
    """`tracker daemon`, which stops by SIGSTOP when it first reaches a named step."""
    from tracker.actions.delivery import steps

    original, left = steps.reached, [step]

    def reached(name: str) -> None:
        original(name)
        if name in left:
            left.clear()
            os.kill(os.getpid(), signal.SIGSTOP)

    vars(steps)["reached"] = reached
    daemon()


def by_exec(entry: str, *arguments: str) -> list[str]:
    """The words that start the same by exec. Its imports come before the clock is told."""
    module, _, function = entry.partition(":")
    steps = (
        "import sys, tracker.cli.service, tracker.daemon.main",
        f"from {module} import {function} as work",
        "from tests.peers.zygote import set_clock",
        "set_clock()",
        f"sys.exit(work(*{arguments!r}))",
    )
    return [sys.executable, "-c", "; ".join(steps)]


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
