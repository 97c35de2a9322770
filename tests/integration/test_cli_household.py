"""The command line without a daemon, on a real home: init, questions, payments, the demo."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MAIN = "from tracker.cli.app import main; main()"
NOW = "2026-11-24T10:00:00+00:00"
INIT = ("init", "--no-input", "--name", "Li Wei", "--locale", "en_GB", "--zone", "Europe/London")


def tracker(
    home: Path, *args: str, stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRACKER_", "LC_", "LANG"))
    }
    return subprocess.run(
        [sys.executable, "-c", MAIN, *args],
        env={
            **kept,
            "TRACKER_HOME": str(home),
            "TRACKER_CLOCK": NOW,
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            **more,
        },
        cwd=home.parent,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


def result(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def typed(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `init` makes it."""
    path = tmp_path_factory.mktemp("made") / "home"
    assert tracker(path, *INIT, "--country", "GB").returncode == 0
    return path


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "home")


ABOUT_THE_DEBT = (
    "Example Bank",
    "",  # GBP
    "1,450.00",
    "",  # today
    "SAMPLE-1",
    "",  # ordinary
    "",  # GB
    "1 nov",  # last payment
    "1 nov",
    "never",
    "1 jun",
    "",  # no hold
    "",  # the word that is offered
)


def test_init_makes_a_home_that_only_its_owner_can_read(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    for name in ("config.toml", "tracker.db", "lock"):
        assert stat.S_IMODE((made / name).stat().st_mode) == 0o600
    person = result(tracker(made, "person", "show", "--json"))
    assert (person["name"], person["currency"], person["zone"]) == (
        "Li Wei",
        "GBP",
        "Europe/London",
    )


def test_a_second_init_changes_nothing(home: Path) -> None:
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    done = tracker(home, *INIT)
    assert done.returncode == 4
    assert "nothing was changed" in done.stderr
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before


def test_an_init_that_is_refused_can_be_repeated(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = tracker(home, "init", "--no-input", "--name", "Li", "--zone", "Mars/Olympus")
    assert done.returncode == 2
    assert "Mars/Olympus" in done.stderr
    assert tracker(home, *INIT).returncode == 0


def test_init_says_that_carriers_in_the_united_states_may_refuse(tmp_path: Path) -> None:
    done = tracker(tmp_path / "home", *INIT, "--country", "US", "--phone", "+12025550123")
    assert done.returncode == 0, done.stderr
    assert "carriers in the United States may refuse" in done.stderr


def test_four_answers_beyond_enter_make_a_debt_and_its_plan(home: Path) -> None:
    plan = ("2", "", "4dec", "x12", "", "2", "", "", "4821", "")
    done = tracker(home, "add", stdin=typed(*ABOUT_THE_DEBT, *plan))
    assert done.returncode == 0, done.stderr
    shown = result(tracker(home, "plan", "show", "maple", "--json"))
    assert (shown["total"]["amount"], len(shown["instalments"])) == ("1450.00", 12)
    assert (shown["paid_by"], shown["account"]) == ("standing-order", "4821")
    assert shown["quote"] == "SAMPLE-1"
    assert not (home / "add.json").exists()


def test_pasted_dates_are_taken_and_bad_ones_asked_again(home: Path) -> None:
    rows = ("1", "31 Dec 2026 1000.00", "31 Jan 2027 oops", "")
    again = ("31 Dec 2026 1000.00", "31 Jan 2027 450.00", "")
    rest = ("", "", "", "", "", "y")
    done = tracker(home, "add", stdin=typed(*ABOUT_THE_DEBT, *rows, *again, *rest))
    assert done.returncode == 0, done.stderr
    assert "line 2 is 'oops'" in done.stderr or "oops" in done.stderr
    shown = result(tracker(home, "plan", "show", "maple", "--json"))
    assert [row["amount"]["amount"] for row in shown["instalments"]] == ["1000.00", "450.00"]


def test_what_is_typed_wrong_is_asked_again_with_the_reason(home: Path) -> None:
    answers = list(ABOUT_THE_DEBT)
    answers[1:3] = ["pounds", "GBP", "1.450,00", "1450,00", "1450.00"]
    done = tracker(home, "add", stdin=typed(*answers, "3", ""))
    assert done.returncode == 0, done.stderr
    assert "'pounds'" in done.stderr
    assert "'1.450,00'" in done.stderr
    assert result(tracker(home, "debt", "show", "maple", "--json"))["balance"] == {
        "amount": "1450.00",
        "currency": "GBP",
    }


def test_back_and_the_summary_change_an_answer(home: Path) -> None:
    answers = [*ABOUT_THE_DEBT[:5], "back", "SAMPLE-2", *ABOUT_THE_DEBT[5:]]
    done = tracker(home, "add", stdin=typed(*answers, "3", "3", "900.00", "y"))
    assert done.returncode == 0, done.stderr
    debt = result(tracker(home, "debt", "show", "maple", "--json"))
    assert (debt["reference"], debt["balance"]["amount"]) == ("SAMPLE-2", "900.00")


def test_add_goes_on_where_it_was_stopped(home: Path) -> None:
    first = tracker(home, "add", stdin=typed(*ABOUT_THE_DEBT[:6]))
    assert first.returncode == 130
    assert "tracker add goes on from here" in first.stderr
    saved = home / "add.json"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert result(tracker(home, "debt", "list", "--json"))["debts"] == []
    second = tracker(home, "add", stdin=typed("", *ABOUT_THE_DEBT[6:], "3", ""))
    assert second.returncode == 0, second.stderr
    assert "Go on with Example Bank?" in second.stderr
    debt = result(tracker(home, "debt", "show", "maple", "--json"))
    assert debt["reference"] == "SAMPLE-1"
    assert not saved.exists()


def test_a_rule_that_asks_for_a_yes_is_put_to_the_person(home: Path) -> None:
    answers = list(ABOUT_THE_DEBT)
    answers[7] = answers[9] = answers[10] = "?"
    refused = tracker(home, "add", stdin=typed(*answers, "3", "", "n"))
    assert refused.returncode == 130
    assert result(tracker(home, "debt", "list", "--json"))["debts"] == []
    accepted = tracker(home, "add", stdin=typed("", "", "y"))
    assert accepted.returncode == 0, accepted.stderr
    assert len(result(tracker(home, "debt", "list", "--json"))["debts"]) == 1


def test_the_same_key_pays_once(home: Path) -> None:
    tracker(home, "add", stdin=typed(*ABOUT_THE_DEBT, "2", "", "4dec", "x12", *[""] * 6))
    one = result(tracker(home, "pay", "maple", "--key", "a" * 32, "--json"))
    two = result(tracker(home, "pay", "maple", "--key", "a" * 32, "--json"))
    assert one == two
    assert len(result(tracker(home, "payment", "list", "--json"))["payments"]) == 1
    other = tracker(home, "pay", "maple", "5.00", "--key", "a" * 32)
    assert other.returncode == 4


def test_instants_are_shown_on_the_persons_own_clock(home: Path) -> None:
    tracker(home, "add", stdin=typed(*ABOUT_THE_DEBT, "2", "", "4dec", "x12", *[""] * 6))
    in_london = tracker(home, "plan", "show", "maple").stdout
    tracker(home, "person", "edit", "--zone", "Asia/Hong_Kong")
    in_hong_kong = tracker(home, "plan", "show", "maple").stdout
    assert "2026-12-03 16:00" in in_london
    assert "2026-12-04 00:00" in in_hong_kong


def test_an_upgrade_waits_for_nobody_but_says_who_holds_the_home(home: Path) -> None:
    with (home / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        done = tracker(home, "db", "upgrade")
    assert done.returncode == 75
    assert tracker(home, "db", "upgrade").returncode == 0


def test_a_backup_is_a_database_of_its_own(home: Path) -> None:
    done = result(tracker(home, "db", "backup", "--out", "copy.db", "--json"))
    assert done == {"path": str(home.parent / "copy.db")}
    assert (home.parent / "copy.db").read_bytes()[:15] == b"SQLite format 3"
    assert tracker(home, "db", "backup", "--out", "copy.db").returncode == 4


def test_the_demo_makes_its_own_home_anew_and_no_other(tmp_path: Path, home: Path) -> None:
    refused = tracker(home, "demo", "--home", str(home), "--no-daemon")
    assert refused.returncode == 4
    demo = tmp_path / "demo"
    for _ in range(2):
        done = tracker(home, "demo", "--home", str(demo), "--no-daemon", TRACKER_CLOCK="")
        assert done.returncode == 0, done.stderr
    overview = result(tracker(demo, "--json", TRACKER_CLOCK=""))
    assert len(overview["plans"]) == 3
    ticked = tracker(demo, "tick", TRACKER_CLOCK="")
    assert "Li Wei (sample): HARBOUR 3 of 6" in ticked.stdout


def test_the_demo_runs_and_reminds_within_seconds(tmp_path: Path) -> None:
    demo = tmp_path / "demo"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    environment.pop("TRACKER_HOME", None)
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", MAIN, "demo", "--home", str(demo), "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    try:
        seen = []
        for line in running.stdout:
            seen.append(line)
            if "HARBOUR 3 of 6" in line:
                break
        assert "HARBOUR 3 of 6" in seen[-1]
        paid = tracker(demo, "pay", "harbour", TRACKER_CLOCK="")
        assert paid.returncode == 0, paid.stderr
        assert "HARBOUR" in paid.stdout
        assert "The daemon runs; it last looked at" in tracker(demo, TRACKER_CLOCK="").stdout
        assert tracker(demo, "tick", TRACKER_CLOCK="").returncode == 75
    finally:
        running.send_signal(signal.SIGTERM)
        running.stdout.close()
        assert running.wait(15) == 0
