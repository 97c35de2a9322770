"""A whole home under fire: the real daemon, killed over and over, restarted at once.

A home is filled with plans whose reminders fall due all through the day. The
daemon runs on a simulated clock on which half an hour passes in a second, sends to a
fake Twilio that loses answers, and is ended by SIGKILL: at a moment drawn by
lot, at a named step of a send (TRACKER_DIE_AT), while it starts, or while a
payment is being recorded. Afterwards it runs undisturbed until nothing is left
to do. What then stands in the provider's log and in the ledger is judged by
`tests.peers.verdict`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from tests.peers import twilio
from tests.peers.household import Debt, undone
from tracker.actions.delivery.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
BEGINS_AT = datetime(2027, 1, 4, tzinfo=UTC)
SPEED = 1800.0
"""Seconds of the simulated clock in one of the machine's."""
USUAL_START_SECONDS = 0.8
ENDED = "the daemon ended by itself"
FAULTS: Mapping[str, Any] = {
    "drop": 0.10,
    "late": 0.02,
    "error_before": 0.03,
    "error_after": 0.03,
    "limited": 0.03,
    "slow": 0.05,
    "garbage": 0.01,
    "unauthorised": 0.005,
    "retry_after": "300",
    "late_seconds": 0.1,
    "delay_seconds": 0.1,
    "list_lag_seconds": 150.0,
}
"""Of a hundred answers some twenty-seven are disturbed. Lag and Retry-After are simulated time."""

# In simulated seconds, so that each outlasts what it has to in real time: settling
# the late acceptance and the list's lag, the lease the provider's timeout.
CONFIG = """\
[daemon]
tick_seconds = 0.05
tick_limit_seconds = 5

[web]
enabled = false

[delivery]
settle_seconds = 600
recheck_seconds = 300
lease_seconds = 3600
daily_cap = 1000000

[reminders]
hours = ["00:00", "23:59"]

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


@dataclass(slots=True)
class Clock:
    """A simulated clock, which goes on while no daemon runs. Its pace may change."""

    origin: datetime = BEGINS_AT
    speed: float = SPEED
    started: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.origin + timedelta(seconds=(time.monotonic() - self.started) * self.speed)

    def told(self) -> str:
        """As TRACKER_CLOCK, for a process that starts now."""
        return f"{self.now().isoformat()},{self.speed:g}"

    def pace(self, speed: float) -> None:
        self.origin, self.started, self.speed = self.now(), time.monotonic(), speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`steps` are those of the named kills; `variant` is a planted one instead of the daemon.

    The share `named` of the kills happens at a named step, the others by lot; the share
    `hangs_up` of the payments is sent by somebody who goes away before the answer, and
    sends it again.
    """

    name: str
    kills: int
    seed: int
    faults: Mapping[str, Any] = field(default_factory=lambda: FAULTS)
    steps: tuple[str, ...] = STEPS
    named: float = 0.5
    payments_a_second: float = 5.0
    hangs_up: float = 0.15
    variant: str | None = None


@dataclass(slots=True, kw_only=True)
class Intent:
    """One payment that somebody wants recorded, and what they know of it.

    `amount_minor` None: "what is open". `answered_at` None: never answered;
    `provider_at` is the same moment on the provider's clock.
    """

    key: str
    debt: Debt
    amount_minor: int | None
    asked_at: datetime
    answered_at: datetime | None = None
    provider_at: datetime | None = None
    recorded_minor: int = 0
    number: int = 0
    lost: int = 0
    refused: str | None = None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a trial left behind, for the verdict."""

    trial: Trial
    url: str
    household: list[Debt]
    accepted: list[twilio.Message]
    intents: list[Intent]
    kills: Counter[str]
    cut: datetime
    """What fell due up to here had all the time it needs."""
    provider_cut: datetime
    """The same on the provider's clock."""
    stopped_at: datetime
    doctor: dict[str, bool | None]
    quiet: bool
    exit_code: int
    seconds: float
    log: str


def ask(
    path: str,
    name: str,
    body: Mapping[str, object],
    *,
    sent: threading.Event | None = None,
    hang_up: bool = False,
) -> tuple[int, dict[str, Any]]:
    """One action over the daemon's socket. `sent` is set once the request is out.

    With `hang_up`, go away then, as a client does that is killed.
    """
    content = json.dumps(body).encode()
    head = f"POST /api/v1/{name} HTTP/1.1\r\nContent-Type: application/json\r\n"
    return _exchange(path, head, content, sent, hang_up)


def healthz(path: str) -> tuple[int, dict[str, Any]]:
    return _exchange(path, "GET /healthz HTTP/1.1\r\n", b"", None, False)


def _exchange(
    path: str, head: str, content: bytes, sent: threading.Event | None, hang_up: bool
) -> tuple[int, dict[str, Any]]:
    head += f"Host: localhost\r\nConnection: close\r\nContent-Length: {len(content)}\r\n\r\n"
    received = b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        try:
            connection.connect(path)
        except OSError:
            raise NobodyListensError from None
        try:
            connection.sendall(head.encode() + content)
            if sent is not None:
                sent.set()
            if hang_up:
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
    """One start of `tracker daemon`, or of a planted variant in its place."""

    def __init__(
        self,
        home: Path,
        *,
        variant: str | None = None,
        log: IO[bytes] | int = subprocess.DEVNULL,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        env: Mapping[str, str] | None = None,
        close_stdout: bool = False,
    ) -> None:
        self.home = home
        self._ready = home / "ready"
        with contextlib.suppress(FileNotFoundError):
            self._ready.unlink()
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(str(self._ready))
        command = (
            ["-c", "from tracker.cli.app import main; main()", "daemon"]
            if variant is None
            else ["-m", "tests.peers.planted", variant]
        )
        words = [sys.executable, *command]
        if close_stdout:
            words = ["sh", "-c", 'exec "$@" >&-', "sh", *words]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment(home, NOTIFY_SOCKET=str(self._ready), **(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=log,
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


@contextlib.contextmanager
def twilio_process(folder: Path, *, clock: Clock, faults: Mapping[str, Any], seed: int) -> Any:
    """A fake Twilio in a process of its own; gives its URL and its store."""
    store = folder / "accepted.jsonl"
    arguments = ["--store", str(store), "--seed", str(seed), "--faults", json.dumps(dict(faults))]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.peers.twilio", *arguments, "--no-fsync"],
        cwd=ROOT,
        env=environment(folder, TRACKER_CLOCK=clock.told()),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), store
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


class Payer(threading.Thread):
    """Somebody who records payments all the time and repeats each until it is answered."""

    def __init__(
        self, path: str, household: list[Debt], clock: Clock, provider: Clock, trial: Trial
    ) -> None:
        super().__init__(name="payer", daemon=True)
        self.intents: list[Intent] = []
        self.ended = threading.Event()
        self.problem: Exception | None = None
        self.sent = threading.Event()
        """Set while a request is out that has no answer yet."""
        self.answered = threading.Event()
        """Set at each answer, and cleared by whoever waits for the next."""
        self._path, self._household, self._trial = path, household, trial
        self._clock, self._provider = clock, provider
        self._random = random.Random(f"payments {trial.seed}")

    def run(self) -> None:
        try:
            self._record()
        except Exception as error:  # a thread has nobody to tell; `close` tells it
            self.problem = error

    def close(self) -> None:
        """Let the last payment be answered. Raises what went wrong."""
        self.ended.set()
        self.join(70)
        if self.problem is not None:
            raise self.problem

    def _record(self) -> None:
        rate = self._trial.payments_a_second
        while rate and not self.ended.wait(self._random.expovariate(rate)):
            intent = Intent(
                key=f"{self._trial.name}-{len(self.intents) + 1}",
                debt=self._random.choice(self._household),
                amount_minor=None if self._random.random() < 0.06 else self._random.randint(1, 900),
                asked_at=self._clock.now(),
            )
            self.intents.append(intent)
            self._until_answered(intent)
            self.sent.clear()

    def _until_answered(self, intent: Intent) -> None:
        minor = intent.amount_minor
        request: dict[str, object] = {"debt": intent.debt.handle, "note": intent.key}
        if minor is not None:
            request["amount"] = f"{minor // 100}.{minor % 100:02}"
        body = {"request": request, "person": intent.debt.person, "key": intent.key}
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            try:
                hang_up = intent.lost == 0 and self._random.random() < self._trial.hangs_up
                status, answer = ask(self._path, "pay", body, sent=self.sent, hang_up=hang_up)
            except NobodyListensError:
                time.sleep(0.01)
                continue
            except LostAnswerError:
                intent.lost += 1
                continue
            if status == 200:
                result = answer["result"]
                intent.number = result["payment"]
                intent.recorded_minor = int(result["amount"]["amount"].replace(".", ""))
                intent.answered_at = self._clock.now()
                intent.provider_at = self._provider.now()
                self.answered.set()
            else:
                intent.refused = answer["error"]["sentence"]
            return


def set_up(home: Path, url: str, provider: str) -> None:
    """Make a home on a database that exists, with a Twilio at an address of this machine."""
    home.mkdir(mode=0o700)
    token, address = home / "token", home / "database-url"
    for path, content in ((token, twilio.AUTH_TOKEN), (address, url)):
        path.write_text(content)
        path.chmod(0o600)
    (home / "config.toml").write_text(
        f"[database]\nurl_file = {json.dumps(str(address))}\n\n"
        + CONFIG.format(sid=twilio.ACCOUNT_SID, token=token, sender=twilio.SENDER, url=provider)
    )


def run(trial: Trial, folder: Path, url: str, household: list[Debt]) -> Outcome:
    """Run a trial in an empty folder, on a database in which the household is recorded."""
    begun = time.monotonic()
    home = folder / "home"
    provider = Clock()
    with (
        twilio_process(folder, clock=provider, faults=trial.faults, seed=trial.seed) as (at, store),
        (folder / "daemon.log").open("ab") as log,
    ):
        set_up(home, url, at)
        siege = _Siege(trial, home, household, provider, log)
        try:
            siege.kill_over_and_over()
            end = siege.in_peace(url)
        finally:
            siege.stop()
    return Outcome(
        trial=trial,
        url=url,
        household=household,
        accepted=twilio.read(store),
        intents=siege.payer.intents,
        kills=siege.kills,
        **end,
        seconds=time.monotonic() - begun,
        log=(folder / "daemon.log").read_text(errors="replace"),
    )


class _Siege:
    """The kills of one trial, and the peace after them."""

    def __init__(
        self, trial: Trial, home: Path, household: list[Debt], provider: Clock, log: IO[bytes]
    ) -> None:
        self.trial, self.home, self.log = trial, home, log
        self.clock, self._provider = Clock(), provider
        self.kills: Counter[str] = Counter()
        self.payer = Payer(str(home / "tracker.sock"), household, self.clock, self._provider, trial)
        self._random = random.Random(f"kills {trial.seed}")
        self._daemon: Daemon | None = None
        self._slowness = 1.0

    def kill_over_and_over(self) -> None:
        self.payer.start()
        steps = self._steps()
        for number in range(self.trial.kills):
            if (number + 1) * self.trial.named >= 1 + sum(self.kills[each] for each in STEPS):
                self._at_step(next(steps))
            else:
                self._by_lot()

    def in_peace(self, url: str) -> dict[str, Any]:
        """Run undisturbed until what fell due before now is settled; then stop in order."""
        daemon = self._start()
        self._ready(daemon)
        self.payer.close()
        cut, provider_cut = self.clock.now(), self._provider.now()
        ends = time.monotonic() + 60
        while (left := undone(url, cut)) and time.monotonic() < ends:
            time.sleep(0.2)
        _, answer = ask(daemon.socket, "doctor", {"request": {}, "person": None, "key": None})
        code = daemon.stop()
        return {
            "cut": cut,
            "provider_cut": provider_cut,
            "quiet": not left,
            "doctor": {each["name"]: each["ok"] for each in answer["result"]["checks"]},
            "exit_code": code,
            "stopped_at": self.clock.now(),
        }

    def stop(self) -> None:
        self.payer.ended.set()
        if self._daemon is not None:
            self._daemon.end()

    def _start(self, **env: str) -> Daemon:
        """At the pace that this machine keeps up with: a start takes about half an hour."""
        self.clock.pace(SPEED / self._slowness)
        self._daemon = Daemon(
            self.home,
            variant=self.trial.variant,
            log=self.log,
            env={"TRACKER_CLOCK": self.clock.told(), **env},
        )
        return self._daemon

    def _steps(self) -> Iterator[str]:
        while True:
            yield from self.trial.steps

    def _ready(self, daemon: Daemon) -> bool:
        """Wait for it, and learn how slow this machine is at the moment."""
        if not daemon.wait_ready(60):
            return False
        now = max((time.monotonic() - daemon.started) / USUAL_START_SECONDS, 1.0)
        self._slowness += (now - self._slowness) / 2
        return True

    def _at_step(self, step: str) -> None:
        nth = self._random.choice((1, 1, 2, 4))
        daemon = self._start(TRACKER_DIE_AT=f"{step},{nth}")
        if self._ready(daemon) and daemon.wait(2.0 * self._slowness) is None:
            daemon.kill()
            self.kills["by lot"] += 1
            return
        assert daemon.wait(0) == -signal.SIGKILL, ENDED
        self.kills[step] += 1

    def _by_lot(self) -> None:
        lot = self._random
        kind = lot.choice(("by lot", "by lot", "while paying", "at an answer", "while starting"))
        daemon = self._start()
        if kind == "while starting":
            assert daemon.wait(lot.uniform(0.1, 1.0) * self._slowness) is None, ENDED
        else:
            assert self._ready(daemon), ENDED
            if kind == "while paying":
                self.payer.sent.wait(1.0)
                time.sleep(lot.uniform(0.0, 0.5) * self._slowness)
            elif kind == "at an answer":
                self.payer.answered.clear()
                self.payer.answered.wait(2.0 * self._slowness)
            else:
                time.sleep(lot.uniform(0.0, 0.8) * self._slowness)
        daemon.kill()
        self.kills[kind] += 1
