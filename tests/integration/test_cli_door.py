"""The command line as a process of its own, against a small daemon on a Unix socket."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.peers.daemon import Daemon, answer, refusal, result

ROOT = Path(__file__).parents[2]
MAIN = "from tracker.cli.app import main; main()"
RECEIPT: dict[str, Any] = {
    "payment": 7,
    "debt": "maple",
    "said": ["Recorded: MAPLE, £85.00 on Fri 4 Dec."],
    "warnings": ["That is £5.00 more than was open."],
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    (path / "config.toml").write_text("")
    return path


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRACKER_", "LC_", "LANG"))
    }
    return {**kept, "TRACKER_HOME": str(home), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **more}


def tracker(
    home: Path, *args: str | bytes, code: str = MAIN, stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        env=environment(home, **more),
        cwd=home.parent,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )


def start(home: Path, *args: str, stdout: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *args],
        env=environment(home),
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def locked(home: Path) -> Iterator[None]:
    with (home / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_what_was_typed_goes_out_as_it_is_and_what_was_understood_is_said(home: Path) -> None:
    with Daemon(home / "tracker.sock", result(**RECEIPT)) as daemon:
        done = tracker(home, "--person", "li", "pay", "maple", "85,00", "--on", "fri")
    assert done.returncode == 0
    assert done.stdout == "Recorded: MAPLE, £85.00 on Fri 4 Dec.\n"
    assert done.stderr == "That is £5.00 more than was open.\n"
    ((path, envelope),) = daemon.calls
    assert path == "/api/v1/pay"
    assert envelope["request"] == {
        "debt": "maple",
        "amount": "85,00",
        "on": "fri",
    }
    assert envelope["person"] == "li"
    assert len(envelope["key"]) == 32


def test_json_is_the_result_as_it_came_with_sorted_keys(home: Path) -> None:
    with Daemon(home / "tracker.sock", result(**RECEIPT)):
        done = tracker(home, "pay", "maple", "--json")
    assert done.stdout == json.dumps(RECEIPT, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert done.stderr == ""


def test_a_read_sends_no_key(home: Path) -> None:
    with Daemon(home / "tracker.sock", result(payments=[])) as daemon:
        done = tracker(home, "payment", "list")
    assert "No payment is recorded yet" in done.stdout
    assert daemon.calls[0][1]["key"] is None


def test_a_refusal_is_one_sentence_with_its_cure_and_its_exit_code(home: Path) -> None:
    told = refusal(
        "There is no debt 'mapel'.",
        status=404,
        code="not-found",
        exit_code=3,
        hint="Did you mean maple?",
        field="debt",
    )
    with Daemon(home / "tracker.sock", told):
        done = tracker(home, "pay", "mapel")
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == "Error: There is no debt 'mapel'.\nDid you mean maple?\n"


def test_a_lost_answer_is_asked_for_again_under_the_same_key(home: Path) -> None:
    cut = result(**RECEIPT)[:-10]
    with Daemon(home / "tracker.sock", b"", cut, result(**RECEIPT)) as daemon:
        done = tracker(home, "pay", "maple")
    assert done.returncode == 0
    assert "Recorded" in done.stdout
    assert len(daemon.calls) == 3
    assert len({envelope["key"] for _, envelope in daemon.calls}) == 1


def test_a_daemon_that_restarts_answers_the_repeat(home: Path) -> None:
    socket_path = home / "tracker.sock"
    with Daemon(socket_path, b"") as first:
        running = start(home, "pay", "maple")
        while not first.calls:
            time.sleep(0.01)
    socket_path.unlink()
    with Daemon(socket_path, result(**RECEIPT)) as second:
        out, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    assert "Recorded" in out
    assert second.calls[0][1]["key"] == first.calls[0][1]["key"]


def test_an_answer_that_stays_lost_names_the_key_and_the_command(
    home: Path,
) -> None:
    shorter = f"from tracker.cli import client; client.REPEAT_SECONDS = 0.3; {MAIN}"
    with Daemon(home / "tracker.sock", b"") as daemon:
        done = tracker(home, "pay", "maple", "85.00", code=shorter)
    assert done.returncode == 6
    key = daemon.calls[0][1]["key"]
    assert f"tracker pay maple 85.00 --key {key}" in done.stderr
    assert done.stdout == ""
    # Nothing was tried in this process: there is no database, and none was asked for.
    assert sorted(path.name for path in home.iterdir()) == ["config.toml", "tracker.sock"]


def test_the_key_given_is_the_key_sent(home: Path) -> None:
    with Daemon(home / "tracker.sock", result(**RECEIPT)) as daemon:
        tracker(home, "pay", "maple", "--key", "k" * 32)
    assert daemon.calls[0][1]["key"] == "k" * 32


def test_a_held_lock_without_a_socket_is_a_daemon_that_starts(home: Path) -> None:
    with locked(home):
        running = start(home, "pay", "maple")
        time.sleep(0.3)
        with Daemon(home / "tracker.sock", result(**RECEIPT)) as daemon:
            out, err = running.communicate(timeout=30)
        assert (running.returncode, err) == (0, RECEIPT["warnings"][0] + "\n")
        assert "Recorded" in out
        assert len(daemon.calls) == 1


def test_a_lock_that_stays_held_ends_with_try_again(home: Path) -> None:
    shorter = f"from tracker.cli import client; client.STARTING_SECONDS = 0.3; {MAIN}"
    with locked(home):
        done = tracker(home, "pay", "maple", code=shorter)
    assert done.returncode == 6
    assert done.stderr.startswith("Error: The daemon is starting or an upgrade runs.\n")


def test_without_a_home_the_way_to_begin_is_told(tmp_path: Path) -> None:
    done = tracker(tmp_path / "nowhere", "pay", "maple")
    assert done.returncode == 3
    assert done.stderr.endswith("Start with: tracker init\n")
    assert not (tmp_path / "nowhere").exists()


def test_a_socket_path_beyond_what_the_system_takes_is_reached_all_the_same(
    tmp_path: Path,
) -> None:
    home = tmp_path / ("x" * 90) / "home"
    home.mkdir(parents=True)
    (home / "config.toml").write_text("")
    assert len(str(home / "tracker.sock")) > 108
    directory = os.open(home, os.O_RDONLY)
    try:
        short = Path(f"/proc/self/fd/{directory}/tracker.sock")
        with Daemon(short, result(**RECEIPT)):
            done = tracker(home, "pay", "maple")
    finally:
        os.close(directory)
    assert done.returncode == 0
    assert "Recorded" in done.stdout


def test_something_else_on_the_socket_is_told_as_such(home: Path) -> None:
    with Daemon(home / "tracker.sock", b"220 mail ready\r\n\r\nhello"):
        done = tracker(home, "pay", "maple")
    assert done.returncode == 6
    assert "does not speak the tracker's language" in done.stderr


def test_a_rule_without_a_terminal_is_not_overridden(home: Path) -> None:
    asks = refusal(
        "Read this first.", status=403, code="refused", exit_code=5, field="accept", hint="--yes"
    )
    with Daemon(home / "tracker.sock", asks) as daemon:
        done = tracker(home, "report", "maple", "--period", "2026-Q4", stdin="y\n")
    assert done.returncode == 5
    assert done.stderr == "Error: Read this first.\n--yes\n"
    assert len(daemon.calls) == 1
    assert daemon.calls[0][0] == "/api/v1/report.make"


def test_yes_is_sent_with_the_first_request(home: Path) -> None:
    with Daemon(home / "tracker.sock", result(said=["Made."])) as daemon:
        tracker(home, "report", "make", "maple", "--period", "2026-Q4", "--yes")
    assert daemon.calls[0][1]["request"]["accept"] is True


def test_a_note_from_stdin_stays_out_of_the_arguments(home: Path) -> None:
    with Daemon(home / "tracker.sock", result(**RECEIPT)) as daemon:
        tracker(home, "pay", "maple", "--note", "-", stdin="rang them, 还款\n")
    assert daemon.calls[0][1]["request"]["note"] == "rang them, 还款"


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_arguments_that_are_not_utf8_are_refused_with_a_sentence(home: Path, locale: str) -> None:
    done = tracker(home, "pay", b"ma\xffple", LANG=locale)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: Argument 2 is not valid UTF-8.\n")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_chinese_survives_a_terminal_that_cannot_show_it(home: Path, encoding: str) -> None:
    with Daemon(home / "tracker.sock", result(said=["已记录：青松"], warnings=[])) as daemon:
        done = tracker(home, "pay", "青松", LANG="C", PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert daemon.calls[0][1]["request"]["debt"] == "青松"
    expected = "已记录：青松" if encoding == "utf-8" else "\\u5df2\\u8bb0"
    assert expected in done.stdout


def test_what_came_from_others_cannot_drive_the_terminal(home: Path) -> None:
    evil = "a\x1b[31mb\x9b0mc\u202ed\x00e"
    reply = result(payments=[{"number": 1, "debt": evil, "amount": None, "note": evil}])
    with Daemon(home / "tracker.sock", reply):
        shown = tracker(home, "payment", "list").stdout
        as_json = tracker(home, "payment", "list", "--json").stdout
    for each in (shown, as_json):
        assert not set(each) & set("\x1b\x9b\u202e\x00")
    assert json.loads(as_json)["payments"][0]["debt"] == evil


def test_a_reader_that_goes_away_leaves_no_complaint(home: Path) -> None:
    rows = [{"number": n, "debt": "maple", "note": "x" * 200} for n in range(3000)]
    with Daemon(home / "tracker.sock", result(payments=rows)):
        reading, writing = os.pipe()
        with os.fdopen(writing, "w") as file:
            running = start(home, "payment", "list", stdout=file)
        os.read(reading, 10)
        os.close(reading)
        _, err = running.communicate(timeout=30)
    assert running.returncode == 141
    assert err == ""


def test_ctrl_c_is_quiet(home: Path) -> None:
    waiting = threading.Event()

    def never(envelope: dict[str, object]) -> bytes:
        waiting.set()
        time.sleep(1)
        return b""

    with Daemon(home / "tracker.sock", never):
        running = start(home, "pay", "maple")
        waiting.wait(10)
        running.send_signal(2)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert (out, err.strip()) == ("", "")


def test_a_defect_is_one_sentence_and_the_trace_is_there_on_request(home: Path) -> None:
    broken = (
        "from tracker.cli import client\n"
        "def call(*a, **k): raise RuntimeError('x')\n"
        f"client.call = call\n{MAIN}"
    )
    quiet = tracker(home, "pay", "maple", code=broken)
    assert quiet.returncode == 70
    assert quiet.stderr.count("\n") == 2
    assert "Traceback" not in quiet.stderr
    loud = tracker(home, "pay", "maple", code=broken, TRACKER_DEBUG="1")
    assert "RuntimeError" in loud.stderr


def test_an_answer_that_is_no_result_is_a_defect_of_the_daemon(home: Path) -> None:
    with Daemon(home / "tracker.sock", answer({"hello": 1})):
        done = tracker(home, "pay", "maple")
    assert done.returncode == 70
    assert "Traceback" not in done.stderr


def modules(home: Path, code: str, *args: str) -> set[str]:
    report = "import sys; sys.stderr.write(chr(10) + ' '.join(sys.modules))"
    done = tracker(home, *args, code=f"{code}\n{report}")
    return set(done.stderr.splitlines()[-1].split())


def test_paying_loads_click_the_client_and_little_else(home: Path) -> None:
    bare = modules(home, "import click, json, socket")
    with Daemon(home / "tracker.sock", result(**RECEIPT)) as daemon:
        run = "import sys; from tracker.cli.app import run; run(sys.argv[1:])"
        loaded = modules(home, run, "pay", "maple", "85.00")
        assert len(daemon.calls) == 1
    added = loaded - bare
    forbidden = (
        "asyncio babel dataclasses email gettext http pathlib pydantic secrets shlex sqlalchemy"
        " sqlite3 sqlmodel ssl subprocess tomllib urllib uuid zoneinfo logging"
    )
    assert not added & set(forbidden.split())
    assert {name for name in added if name.startswith("tracker")} == {
        "tracker",
        "tracker.cli",
        "tracker.cli.app",
        "tracker.cli.client",
        "tracker.cli.command",
        "tracker.cli.output",
        "tracker.cli.payments",
        "tracker.errors",
        "tracker.home",
    }
