"""The command line as a person meets it: inside this process for speed, or as its own.

Both work on a real home with a real database, and hand back exit code and streams.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from unittest import mock

from tracker.cli import app, output

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from tracker.cli.app import main; main()"]
NOW = "2026-11-24T10:00:00+00:00"
"""A Tuesday; in London, Paris and Berlin the same day."""
DEADLINE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str


def environment(home: Path, more: Mapping[str, str] = {}) -> dict[str, str]:
    """This machine's, without what would change what is said."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRACKER_", "LC_", "LANG")) and name != "TZ"
    }
    own = {"TRACKER_HOME": str(home), "TRACKER_CLOCK": NOW, "LANG": "C.UTF-8"}
    return {**kept, **own, "PYTHONPATH": str(ROOT), **more}


class _Stream(io.TextIOWrapper):
    """UTF-8 in memory; keeps what was written after the command has flushed it."""

    def __init__(self, content: bytes = b"") -> None:
        self.kept = io.BytesIO(content)
        super().__init__(self.kept, encoding="utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        return self.kept.getvalue().decode()


class Household:
    """One home, and the commands that are typed on it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def type(self, *args: str, stdin: str | bytes = "", **more: str) -> Done:
        """Run a command in this process."""
        content = stdin.encode() if isinstance(stdin, str) else stdin
        streams = _Stream(content), _Stream(), _Stream()
        with (
            mock.patch.dict(os.environ, environment(self.home, more), clear=True),
            mock.patch.multiple(sys, stdin=streams[0], stdout=streams[1], stderr=streams[2]),
            mock.patch.object(output, "clock", type(output.clock)()),
        ):
            code = app.run(list(args))
        return Done(code, streams[1].text(), streams[2].text())

    def run(self, *args: str | bytes, stdin: str | bytes = "", **more: str) -> Done:
        """Run a command as a process of its own."""
        return self._run(args, stdin, more, None)

    def run_without_rights(self, *args: str) -> Done:
        """As somebody from whom a file's mode keeps what it forbids; raises where that fails."""
        return self._run(args, "", {}, _lay_down_rights)

    def _run(
        self,
        args: Sequence[str | bytes],
        stdin: str | bytes,
        more: Mapping[str, str],
        before: Callable[[], None] | None,
    ) -> Done:
        done = subprocess.run(
            [*COMMAND, *args],
            env=environment(self.home, more),
            cwd=self.home.parent,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=DEADLINE_SECONDS,
            preexec_fn=before,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextmanager
    def started(
        self, *args: str, stdout: int | IO[bytes] = subprocess.PIPE, **more: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A process that is killed at the end if it still runs; stdin stays open."""
        running = subprocess.Popen(
            [*COMMAND, *args],
            env=environment(self.home, more),
            cwd=self.home.parent,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()
            running.wait(DEADLINE_SECONDS)
            for stream in (running.stdin, running.stdout, running.stderr):
                if stream is not None:
                    stream.close()

    def configured(self, text: str) -> Household:
        (self.home / "config.toml").write_text(text, "utf-8")
        return self

    def copied(self, to: Path) -> Household:
        shutil.copytree(self.home, to)
        return Household(to)

    @property
    def database(self) -> Path:
        return self.home / "tracker.db"

    def fingerprint(self) -> str:
        """A hash of every row of every table; of the bare file where SQLite reads none."""
        if not self.database.exists():
            return "absent"
        try:
            with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as file:
                text = "\n".join(file.iterdump())
        except sqlite3.DatabaseError:
            return hashlib.sha256(self.database.read_bytes()).hexdigest()
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as file:
            return file.execute(sql).fetchall()


def _lay_down_rights() -> None:
    """Root loses the right to read and write what a mode forbids.

    The bounding set limits what the command gets when it starts (capabilities(7)).
    """
    if os.geteuid() != 0:
        return
    set_limit = ctypes.CDLL(None, use_errno=True).prctl
    for right in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
        if set_limit(24, right, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "prctl")


def refused(
    household: Household,
    *args: str,
    code: int,
    names: tuple[str, ...],
    hint: bool = True,
    stdin: str | bytes = "",
    process: bool = False,
    **more: str,
) -> str:
    """Type it, and see that it was refused as everything must be; gives back what was said.

    One sentence that says all of `names`, one line with the cure, nothing on stdout,
    no trace, and not one row of the database changed.
    """
    before = household.fingerprint()
    ask = household.run if process else household.type
    done = ask(*args, stdin=stdin, **more)
    assert done.code == code, done
    assert done.out == ""
    sentence, *rest = done.err.splitlines()
    assert sentence.startswith("Error: "), done.err
    assert len(rest) == (1 if hint else 0), done.err
    assert all(rest), done.err
    for each in names:
        assert each in sentence, done.err
    assert "Traceback" not in done.err
    assert 'File "' not in done.err
    assert household.fingerprint() == before
    return done.err


def recorded(household: Household, *args: str, stdin: str = "", **more: str) -> Done:
    """Type it, and see that it was taken and changed the database."""
    before = household.fingerprint()
    done = household.type(*args, stdin=stdin, **more)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert household.fingerprint() != before
    return done


def household(home: Path, locale: str, *, name: str = "Li Wei") -> Household:
    """A home with one debt of 1,450.00 and a plan of twelve; in euro where that is spoken."""
    made = Household(home)
    german = locale == "de_DE"
    zone, country, currency = (
        ("Europe/Berlin", "DE", "EUR") if german else ("Europe/London", "GB", "GBP")
    )
    total = "1450,00" if german else "1450.00"
    for args in (
        (
            *("init", "--no-input", "--name", name, "--locale", locale, "--zone", zone),
            *("--country", country, "--currency", currency),
        ),
        (
            *(
                "debt",
                "add",
                "Example Bank",
                "--new-creditor",
                "--handle",
                "maple",
                "--word",
                "MAPLE",
            ),
            *("--total", total, "--as-of", "2026-11-01", "--last-payment", "2026-10-01", "--yes"),
        ),
        (
            *("plan", "agree", "maple", "--start", "2026-12-04", "--count", "12", "--yes"),
            *("--agreed-on", "2026-11-01"),
        ),
    ):
        done = made.type(*args)
        assert done.code == 0, done
    return made
