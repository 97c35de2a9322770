"""A home and its processes: the real daemon, started and ended, and a fake Twilio beside it.

The daemon runs on a simulated clock on which an hour passes in a second. A start is an
exec as on a server, or, a tenth of that, a fork of a process that has imported
everything (tests/peers/zygote.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from tests.peers import twilio
from tests.peers.zygote import DAEMON, PACE, Child, Zygote, by_exec

ROOT = Path(__file__).resolve().parents[2]
BEGINS_AT = datetime(2027, 1, 4, tzinfo=UTC)
SPEED = 1800.0
"""Seconds of the simulated clock in one of the machine's."""
ANSWER_SECONDS = 30.0
"""Longer than any answer takes, on a busy machine too."""
# In simulated seconds, so that each outlasts what it has to in real time: settling
# the late acceptance and the list's lag, the lease the provider's timeout.
WAITS: Mapping[str, int] = {
    "settle_seconds": 600,
    "recheck_seconds": 300,
    "lease_seconds": 3600,
}
CONFIG = """\
[daemon]
tick_seconds = 0.1
tick_limit_seconds = 5

[web]
enabled = false

[delivery]
{waits}
daily_cap = 1000000

[reminders]
hours = ["00:00", "23:59"]

[sms]
segments_per_day = 10000000
segments_per_person = 100000
segments_per_number = 100000

[log]
level = "error"

[sms.twilio]
account_sid = "{sid}"
auth_token_file = "{token}"
from_number = "{sender}"
api_base_url = "{url}"
timeout_seconds = 1
"""


class NobodyListensError(Exception):
    """Nothing was sent."""


class LostAnswerError(Exception):
    """Bytes were sent, and no whole answer came."""


class Clock:
    """A simulated clock, which goes on while no daemon runs. Its pace may change meanwhile."""

    def __init__(self, origin: datetime = BEGINS_AT, speed: float = SPEED) -> None:
        self._at = (origin, time.monotonic(), speed)

    @property
    def speed(self) -> float:
        return self._at[2]

    def now(self) -> datetime:
        origin, began, speed = self._at
        return origin + timedelta(seconds=(time.monotonic() - began) * speed)

    def told(self) -> str:
        """As TRACKER_CLOCK, for a process that starts now."""
        return f"{self.now().isoformat()},{self.speed:g}"

    def shared(self) -> str:
        """As SIMULATED_PACE, for all processes of one trial: they never disagree."""
        origin, began, speed = self._at
        return f"{origin.isoformat()},{began!r},{speed!r}"

    def pace(self, speed: float) -> None:
        self._at = (self.now(), time.monotonic(), speed)


def ask(
    path: str,
    name: str,
    body: Mapping[str, object],
    *,
    sent: threading.Event | None = None,
    hang_up: float | None = None,
) -> tuple[int, dict[str, Any]]:
    """One action over the daemon's socket. `sent` is set once the request is out.

    With `hang_up`, go away so many seconds later, as a client does that is killed.
    """
    content = json.dumps(body).encode()
    head = f"POST /api/v1/{name} HTTP/1.1\r\nContent-Type: application/json\r\n"
    return _exchange(path, head, content, sent, hang_up)


def healthz(path: str) -> tuple[int, dict[str, Any]]:
    return _exchange(path, "GET /healthz HTTP/1.1\r\n", b"", None, None)


def _exchange(
    path: str, head: str, content: bytes, sent: threading.Event | None, hang_up: float | None
) -> tuple[int, dict[str, Any]]:
    head += f"Host: localhost\r\nConnection: close\r\nContent-Length: {len(content)}\r\n\r\n"
    received = b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(path)
        except OSError:
            raise NobodyListensError from None
        try:
            connection.sendall(head.encode() + content)
            if sent is not None:
                sent.set()
            if hang_up is not None:
                time.sleep(hang_up)
                raise LostAnswerError
            while part := connection.recv(65536):
                received += part
        except OSError:
            raise LostAnswerError from None
    first, _, answer = received.partition(b"\r\n\r\n")
    try:
        return int(first.split(b" ", 2)[1]), json.loads(answer)
    except (IndexError, ValueError):
        raise LostAnswerError from None


def environment(home: Path, **more: str) -> dict[str, str]:
    """The machine's, without its own tracker settings and proxies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TRACKER_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "TRACKER_HOME": str(home), "PYTHONPATH": str(ROOT), **more}


class Daemon:
    """One start of `tracker daemon`, or of a planted variant in its place.

    By exec, or with a `zygote` as a fork of it; `entry` names other work of a zygote's.
    """

    def __init__(
        self,
        home: Path,
        *,
        variant: str | None = None,
        log: IO[bytes] | int = subprocess.DEVNULL,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        env: Mapping[str, str] | None = None,
        close_stdout: bool = False,
        zygote: Zygote | None = None,
        entry: str = DAEMON,
    ) -> None:
        self.home = home
        self._ready = home / "ready"
        with contextlib.suppress(FileNotFoundError):
            self._ready.unlink()
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(str(self._ready))
        environ = environment(home, NOTIFY_SOCKET=str(self._ready), **(env or {}))
        self.started = time.monotonic()
        self.process: Child | subprocess.Popen[bytes]
        words = [variant] if variant else []
        if zygote is not None:
            self.process = zygote.start(entry, *words, env=environ, stdout=stdout, stderr=log)
            return
        command = (
            ["-m", "tests.peers.planted", *words]
            if variant
            else ["-c", "from tracker.cli.app import main; main()", "daemon"]
        )
        words = [sys.executable, *command]
        if PACE in environ:
            words = by_exec(entry, *([variant] if variant else []))
        if close_stdout:
            words = ["sh", "-c", 'exec "$@" >&-', "sh", *words]
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=stdout, stderr=log
        )

    @property
    def socket(self) -> str:
        return str(self.home / "tracker.sock")

    def wait_ready(self, seconds: float = 30.0) -> bool:
        """False if it ended before it was ready. Raises TimeoutError."""
        self._told.settimeout(0.02)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            try:
                if self._told.recv(100) == b"READY=1":
                    return True
            except TimeoutError:
                if self.process.poll() is not None:
                    return False
        self.kill()
        raise TimeoutError("the daemon did not become ready")

    def wait_frozen(self, seconds: float = 30.0) -> None:
        """Wait until it was stopped by SIGSTOP. Raises TimeoutError."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text()
            if stat.rpartition(")")[2].split()[0] == "T":
                return
            time.sleep(0.01)
        raise TimeoutError("the daemon was not stopped")

    def wait(self, seconds: float) -> int | None:
        """The exit code, or None if it still runs."""
        try:
            code = self.process.wait(max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            return None
        self._told.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.wait(10)

    def end(self) -> None:
        """Kill it unless it has ended; may be called again."""
        if self.process.poll() is None:
            self.process.kill()
        self.wait(10)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 20.0) -> int:
        self.process.send_signal(number)
        code = self.wait(seconds)
        if code is None:
            self.kill()
            raise TimeoutError(f"the daemon did not end within {seconds} s")
        return code


def set_up(home: Path, url: str, provider: str, waits: Mapping[str, int] = WAITS) -> None:
    """Make a home on a database that exists, with a Twilio at an address of this machine."""
    home.mkdir(mode=0o700)
    token, address = home / "token", home / "database-url"
    for path, content in ((token, twilio.AUTH_TOKEN), (address, url)):
        path.write_text(content)
        path.chmod(0o600)
    settings = CONFIG.format(
        waits="\n".join(f"{name} = {seconds}" for name, seconds in waits.items()),
        sid=twilio.ACCOUNT_SID,
        token=token,
        sender=twilio.SENDER,
        url=provider,
    )
    database = f"[database]\nurl_file = {json.dumps(str(address))}\n\n"
    (home / "config.toml").write_text(database + settings)
