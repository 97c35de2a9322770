"""What the benchmarks measure with: medians of interleaved runs, a daemon's process, one line each.

A figure alone says little on a machine that does other things too; a ratio of
two things measured in turns says more. So nothing here fails on a figure.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.peers import site
from tracker import config
from tracker.actions import dispatch
from tracker.actions.office import Office, open_office
from tracker.clock import Clock

ROOT = Path(__file__).parent.parent.parent
TRACKER = str(Path(sys.executable).with_name("tracker"))
START_SECONDS = 60.0


def show(work: str, figure: str, budget: str, *, over: bool = False) -> None:
    print(f"\n  {work:<58} {figure:>28}   budget {budget}{'   OVER' if over else ''}", end="")


def note(text: str) -> None:
    print(f"\n    {text}", end="")


def environment(**more: str) -> dict[str, str]:
    """As on a machine that runs the tracker: compiled files are used, nothing else is set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "TRACKER_"))
    }
    return {**kept, **more}


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_ms(work: Callable[[], object], times: int) -> float:
    return 1000 * statistics.median(seconds(work) for _ in range(times))


def in_turns(
    first: Callable[[], object], second: Callable[[], object], pairs: int
) -> tuple[float, float, float]:
    """Medians of both in milliseconds, and the median of the pairs' ratios, in turns A B A B."""
    measured = [(seconds(first), seconds(second)) for _ in range(pairs)]
    return (
        1000 * statistics.median(each[0] for each in measured),
        1000 * statistics.median(each[1] for each in measured),
        statistics.median(each[0] / each[1] for each in measured),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def office(
    home: Path, template: Path | str, settings: str = "", clock: Clock | None = None
) -> Office:
    """An office on an empty database; the home has a configuration, as `tracker init` leaves it.

    `template` is a file to copy, or the address of a PostgreSQL database.
    """
    if isinstance(template, Path):
        shutil.copyfile(template, home / "tracker.db")
        (home / "tracker.db").chmod(0o600)
    else:
        address = home / "database-url"
        address.write_text(template)
        address.chmod(0o600)
        settings = f'database.url_file = "{address}"\n{settings}'
    (home / "config.toml").write_text(settings, encoding="utf-8")
    return open_office(config.load(home, {}), clock or Clock())


def ask(office: Office, action: str, /, **request: object) -> dict[str, Any]:
    status, body = dispatch.answer(office, action, {"request": request})
    assert status == 200, body
    result: dict[str, Any] = body["result"]
    return result


def add_person(office: Office, *, channel: str = "console") -> None:
    ask(
        office,
        "person.add",
        name="Li",
        locale="en_GB",
        zone="Europe/London",
        currency="GBP",
        phone="+447700900123",
        channels=[channel],
    )


def add_plan(office: Office, handle: str, *, start: date, count: int, total: str) -> None:
    """A debt with a monthly plan that the person pays themselves."""
    ask(
        office,
        "debt.add",
        creditor=f"Example {handle}",
        new_creditor=True,
        handle=handle,
        currency="GBP",
        total=total,
        accept=True,
    )
    ask(
        office,
        "plan.agree",
        debt=handle,
        start=start.isoformat(),
        every="monthly",
        count=str(count),
        paid_by="send",
        accept=True,
    )


def command(home: Path, *words: str) -> bytes:
    """What one `tracker` command prints, run as a whole process. AssertionError where it fails."""
    done = subprocess.run(
        [TRACKER, *words],
        env=environment(TRACKER_HOME=str(home)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@contextlib.contextmanager
def daemon(home: Path, **environ: str) -> Iterator[int]:
    """A daemon's process on `home`; gives its id once it answers on its socket."""
    with open(home / "daemon.log", "ab") as log:
        process = subprocess.Popen(
            [TRACKER, "daemon"],
            env=environment(TRACKER_HOME=str(home), **environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(home, process)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    assert process.returncode == 0, (home / "daemon.log").read_text()


def _wait_for(home: Path, process: subprocess.Popen[bytes]) -> None:
    client = site.Client(str(home / "tracker.sock"))
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        if answers(client):
            return
        time.sleep(0.05)
    raise AssertionError((home / "daemon.log").read_text())


def answers(client: site.Client) -> bool:
    """Whether a server that starts is there yet."""
    with contextlib.suppress(OSError):
        return client.get("/healthz").status > 0
    return False


def until(done: Callable[[], bool], what: str, *, within: float = 60.0) -> None:
    """Wait for another process. Raises AssertionError when it takes too long."""
    ends = time.monotonic() + within
    while not done():
        assert time.monotonic() < ends, f"still waiting for {what}"
        time.sleep(0.1)


def rss_mb(pid: int | str = "self") -> float:
    return _status(pid)["VmRSS"] / 1024


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads; by the scheduler's nanoseconds where it keeps them."""
    folder = Path(f"/proc/{pid}")
    with contextlib.suppress(OSError, ValueError, IndexError):
        tasks = [each / "schedstat" for each in (folder / "task").iterdir()]
        return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def written_bytes(pid: int) -> int:
    """What the process has had written to disk."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def _status(pid: int | str) -> Mapping[str, int]:
    """The sizes of /proc/<pid>/status in kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): int(size) for name, size, _ in fields}


@contextlib.contextmanager
def twilio(folder: Path) -> Iterator[tuple[str, Path]]:
    """The fake Twilio as a process of its own, without fsync; gives its address and its store."""
    store = folder / "accepted.jsonl"
    words = ["-m", "tests.peers.twilio", "--store", str(store), "--no-fsync"]
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), store
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
