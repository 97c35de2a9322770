"""The systemd unit: well-formed, tight, and no tighter than what it runs can bear."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers import sandbox
from tracker import config
from tracker.daemon.liveness import STOOD_STILL
from tracker.errors import AlreadyRunningError, InputError

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "tracker.service"
EXPOSURE = 1.5
MAIN = "from tracker.cli.app import main; main()"

systemd_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here"
)


def value(key: str) -> str:
    (only,) = sandbox.values(UNIT, key)
    return only


def analyze(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, timeout=60)


@systemd_analyze
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    # The installed program is not here, and systemd looks for it.
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace("/opt/tracker/bin/tracker", sys.executable), encoding="utf-8")
    checked = analyze("verify", "--man=no", str(copy))
    assert (checked.returncode, checked.stderr) == (0, "")
    copy.write_text(copy.read_text() + "\n[Service]\nUmask=0077\n", encoding="utf-8")
    assert "Umask" in analyze("verify", "--man=no", str(copy)).stderr, "a slip would not be seen"


@systemd_analyze
def test_the_unit_exposes_little(tmp_path: Path) -> None:
    def exposure(unit: Path) -> float:
        shown = analyze("security", "--offline=true", "--no-pager", str(unit)).stdout
        found = re.search(r"exposure level for \S+: ([\d.]+)", shown)
        assert found is not None, shown
        return float(found[1])

    assert exposure(UNIT) <= EXPOSURE
    plain = tmp_path / "plain.service"
    plain.write_text("[Service]\nExecStart=/bin/true\n")
    assert exposure(plain) > 9, "the measure would let anything pass"


def test_the_unit_starts_the_daemon_and_nothing_else() -> None:
    assert shlex.split(value("ExecStart")) == ["/opt/tracker/bin/tracker", "daemon"]
    others = ("ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost", "ExecReload")
    assert not any(sandbox.values(UNIT, key) for key in others)


def test_the_unit_gives_up_only_where_trying_again_cannot_help() -> None:
    given_up = {int(code) for code in value("RestartPreventExitStatus").split()}
    assert given_up == {AlreadyRunningError.exit_code, InputError.exit_code}
    assert value("Restart") == "always"
    assert STOOD_STILL not in given_up
    assert value("Type") == "notify"


def test_the_daemon_has_the_first_word_when_nothing_moves(tmp_path: Path) -> None:
    """systemd's own patience is for a process that can no longer end itself."""
    minutes = re.fullmatch(r"(\d+)min", value("WatchdogSec"))
    assert minutes is not None
    daemon = config.load(tmp_path, {}).daemon
    assert int(minutes[1]) * 60 > daemon.tick_seconds + daemon.stall_seconds + 60


def test_the_units_folders_are_those_that_its_environment_names() -> None:
    environment = dict(each.split("=", 1) for each in sandbox.values(UNIT, "Environment"))
    assert environment == {
        "TRACKER_HOME": f"/var/lib/{value('StateDirectory')}",
        "TRACKER_DAEMON_SOCKET": f"/run/{value('RuntimeDirectory')}/tracker.sock",
    }
    assert value("StateDirectoryMode") == value("RuntimeDirectoryMode") == "0700"
    assert value("UMask") == "0077"


@pytest.mark.parametrize("code", ["import os; os.nice(1)", "import os; os.chroot('/')"])
def test_what_the_unit_forbids_fails_in_the_sandbox_of_these_tests(code: str) -> None:
    done = subprocess.run(confined(sys.executable, "-c", code), cwd=ROOT, capture_output=True)
    assert b"PermissionError" in done.stderr


def test_the_daemon_lives_within_the_units_limits(home: Path, tmp_path: Path) -> None:
    """It says that it is ready, answers, sets a PDF in a child process, and ends with 0."""
    environ = environment(home, TRACKER_WEB_BIND=f"127.0.0.1:{free_port()}")

    def tracker(*args: str) -> str:
        command = [sys.executable, "-c", MAIN, *args]
        done = subprocess.run(
            command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    home.rmdir()
    tracker("init", "--no-input", "--name", "Li", "--locale", "en_GB", "--zone", "Europe/London")
    debt = ["Example Bank", "--new-creditor", "--handle", "bank", "--total", "90.00", "--yes"]
    tracker("debt", "add", *debt)
    tracker("plan", "agree", "bank", "--start", "tomorrow", "--every", "monthly", "--count", "3")
    with notified(tmp_path / "notify") as (address, told):
        daemon = subprocess.Popen(
            confined(sys.executable, "-c", MAIN, "daemon"),
            env={**environ, "NOTIFY_SOCKET": address},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            assert told() == "READY=1"
            assert health(home / "tracker.sock")["status"] == "ok"
            month = json.loads(tracker("plan", "show", "bank", "--json"))["agreed_on"][:7]
            made = json.loads(tracker("report", "bank", "--period", month, "--json"))
            assert Path(made["pdf"]).read_bytes().startswith(b"%PDF-")
            daemon.send_signal(signal.SIGTERM)
            assert told() == "STOPPING=1"
            _, log = daemon.communicate(timeout=int(value("TimeoutStopSec")))
        finally:
            daemon.kill()
            daemon.wait()
    assert daemon.returncode == 0, log
    assert b"Traceback" not in log


def confined(*command: str) -> list[str]:
    if lack := sandbox.missing():
        pytest.skip(f"{lack} is not here")
    return [sys.executable, "-m", "tests.peers.sandbox", str(UNIT), "--", *command]


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "TRACKER_HOME": str(home), "PYTHONPATH": str(ROOT), **more}


def health(path: Path) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with connection.makefile("rb") as answer:
            _, _, body = answer.read().partition(b"\r\n\r\n")
    told: dict[str, object] = json.loads(body)
    return told


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def notified(path: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """A manager that listens, as systemd does: its address, and what comes next."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(30)
        yield str(path), lambda: manager.recv(4096).decode()
