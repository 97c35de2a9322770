"""`tracker pay` as a person waits for it: the whole process, from the shell and back."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from tests.peers import measure
from tracker.clock import Clock

PAIRS = 25

_BARE = """\
import sqlite3, sys
import click

@click.command()
@click.argument("debt")
@click.argument("amount")
def pay(debt, amount):
    connection = sqlite3.connect(sys.argv[0] + ".db")
    connection.execute("PRAGMA synchronous = FULL")
    with connection:
        connection.execute("INSERT INTO payment (debt, amount) VALUES (?, ?)", (debt, amount))
    click.echo("Recorded.")

pay()
"""


@pytest.fixture
def household(home: Path, sqlite_template: Path) -> Path:
    """A home whose first instalment stays open however often a pound is paid."""
    office = measure.office(home, sqlite_template, f'web.bind = "127.0.0.1:{measure.free_port()}"')
    measure.add_person(office)
    start = Clock().now().date() + timedelta(days=40)
    measure.add_plan(office, "maple", start=start, count=12, total="48000.00")
    office.close()
    return home


def _bare(folder: Path) -> list[str]:
    import sqlite3

    script = folder / "bare.py"
    script.write_text(_BARE)
    connection = sqlite3.connect(f"{script}.db")
    connection.execute("CREATE TABLE payment (id INTEGER PRIMARY KEY, debt TEXT, amount TEXT)")
    connection.close()
    return [sys.executable, str(script), "maple", "1.00"]


def _run(words: list[str]) -> None:
    subprocess.run(words, env=measure.environment(), capture_output=True, check=True)


def test_a_payment_with_the_daemon_up_against_bare_click_and_sqlite(
    household: Path, tmp_path: Path
) -> None:
    bare, pence = _bare(tmp_path), count(101)
    with measure.daemon(household):
        before = _count(household)
        _pay(household, 100)  # the daemon's first imports
        ours, theirs, ratio = measure.in_turns(
            lambda: _pay(household, next(pence)),
            lambda: _run(bare),
            PAIRS,
        )
        assert _count(household) == before + PAIRS + 1
    measure.show(
        "tracker pay with the daemon up / click + sqlite3",
        f"{ours:.1f} / {theirs:.1f} ms = {ratio:.2f}",
        "1.35",
        over=ratio > 1.35,
    )


def test_a_payment_without_a_daemon_against_importing_sqlmodel(household: Path) -> None:
    bare, pence = [sys.executable, "-c", "import sqlmodel"], count(101)
    _pay(household, 100)
    before = _count(household)
    ours, theirs, ratio = measure.in_turns(
        lambda: _pay(household, next(pence)), lambda: _run(bare), PAIRS
    )
    assert _count(household) == before + PAIRS
    measure.show(
        "tracker pay without a daemon / import sqlmodel",
        f"{ours:.0f} / {theirs:.0f} ms = {ratio:.2f}",
        "2",
        over=ratio > 2,
    )


def _pay(household: Path, pence: int) -> None:
    """Another amount each time: the same once more on a day would be remarked on."""
    measure.command(household, "pay", "maple", f"{pence // 100}.{pence % 100:02}")


def _count(household: Path) -> int:
    import json

    told = measure.command(household, "--json", "payment", "list", "maple", "--limit", "1000")
    return len(json.loads(told)["payments"])
