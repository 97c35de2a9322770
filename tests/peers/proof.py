"""docs/proof.md: the figures of the promise, written by `make prove`.

`write` makes the page of the kills; `add` puts a section of another proof into it. Each keeps
what the other wrote.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.peers.front import EXEC_EVERY
from tests.peers.planted import SHOWS_AS, VARIANTS
from tests.peers.siege import Outcome
from tests.peers.trial import FAULTS
from tests.peers.twilio import Fault
from tests.peers.verdict import Verdict
from tracker.actions.delivery.steps import STEPS
from tracker.clock import Clock

PAGE = Path(__file__).resolve().parents[2] / "docs" / "proof.md"
COMMAND = "make prove"

HEAD = """\
# The proof of the promise

Written by `{command}` on {day}; do not edit. Commit {commit}, seed {seed}, Python {python},
SQLite {sqlite}, on {machine}.

> A reminder is never lost and never sent twice; a recorded payment is never lost.

{daemons}. They run on a simulated clock and send to a Twilio on the same machine, which
disturbs {disturbed} % of its answers: accepted and then no answer, accepted late, 500 before and
after accepting, 429, 401, slow, unreadable. All the while somebody records payments, and repeats
each with its key until it is answered. Each daemon is killed by SIGKILL and started again at once:
half of the time at a named step of its work, in turn, otherwise at a moment drawn by lot, while it
starts, while a payment is under way, right after one was answered, or after the database server
has ended every connection. One start in {exec_every} is an exec; the others are forks of a process
that has imported the same modules. Then the daemons are left alone until nothing is left to do.
What the provider's own log and the ledger hold is compared with what was agreed and paid. That this
comparison can fail is shown below, on daemons with a bug planted.

For comparison, under the same faults and the same kills: two small programs of the usual kind.
One sends and then marks as sent, the other marks and then sends.
"""

LIMITS = "The limits of this"
FOOT = """\
A worker that is frozen between its last look at the lease and the request, for longer than the
lease, can still send twice; the tracker detects that and shows it. SIGKILL ends the process, not
the machine. A disk that says "synced" before it is can lose whatever it likes. The Twilio here
keeps to its documentation; the real one was not asked.
"""

ROWS: tuple[tuple[str, str], ...] = (
    ("kills", "kills"),
    ("left on their way by a kill", "texts that a kill left on their way"),
    ("reminders due", "reminders due and not paid before"),
    ("accepted", "texts in the provider's log"),
    ("answers in doubt", "sends without a clear answer"),
    ("found at the provider", "of these found in the provider's list"),
    ("sent again after two looks", "sent again after two looks without them"),
    ("expired, and shown as such", "too late after downtime, and shown as expired"),
    ("payments", "payments"),
    ("payments whose answer was lost", "of these with a lost answer, and repeated"),
)
FINDINGS = {
    "lost": "**reminders lost**",
    "twice": "**reminders sent twice**",
    "stray": "**texts that nothing called for**",
    "untrue": "**rows that contradict the log**",
    "payments_lost": "**payments lost**",
    "payments_twice": "**payments counted twice**",
    "disagreeing": "**figures that disagree**",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    outcome: Outcome
    verdict: Verdict


def write(
    full: Mapping[str, Proven],
    planted: Mapping[str, Proven],
    *,
    seed: int,
    day: date,
    naive: Mapping[str, Proven] | None = None,
) -> None:
    """Write the page. `full` is by database, `planted` and `naive` by variant."""
    disturbed = 100 * sum(FAULTS.get(kind, 0.0) for kind in Fault)
    head = HEAD.format(
        command=COMMAND,
        day=day.isoformat(),
        commit=_commit(),
        seed=seed,
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        machine=_machine(),
        daemons="; ".join(_daemons(kind, each.outcome.trial.homes) for kind, each in full.items()),
        disturbed=f"{disturbed:.0f}",
        exec_every=EXEC_EVERY,
    )
    columns = {**full, **(naive or {})}
    outcomes = table(
        ["", *full, *(f"`{name}`" for name in naive or ())],
        [
            *([label, *(_figure(each, name) for each in columns.values())] for name, label in ROWS),
            *(
                [label, *(_finding(each, name) for each in columns.values())]
                for name, label in FINDINGS.items()
            ),
        ],
    )
    falls = table(
        ["", *full],
        [
            [name, *(str(each.outcome.kills[place]) for each in full.values())]
            for place, name in _places(full)
        ],
    )
    bugs = table(
        ["daemon", "what it does", "kills", "found"],
        [
            [
                f"`{name}`",
                str(VARIANTS[name].__doc__),
                str(each.outcome.kills.total()),
                f"{len(getattr(each.verdict, SHOWS_AS[name]))} "
                + FINDINGS[SHOWS_AS[name]].strip("*"),
            ]
            for name, each in planted.items()
        ],
    )
    _put(
        f"{head}\n{outcomes}",
        {
            **_sections(),
            "Where the kills fell": falls,
            "Planted bugs": f"Each must be found, or the comparison proves nothing.\n\n{bugs}",
        },
    )


def _daemons(kind: str, homes: int) -> str:
    return f"{homes} daemons on {kind}" if homes > 1 else f"One daemon on {kind}"


def _figure(proven: Proven, name: str) -> str:
    figures = proven.verdict.figures
    return f"{figures[name]:,}" if name in figures else "–"


def _finding(proven: Proven, name: str) -> str:
    found = len(getattr(proven.verdict, name))
    judged = "payments" in proven.verdict.figures or name in ("lost", "twice")
    return f"**{found}**" if judged else "–"


def _commit() -> str:
    """The commit of the checkout, and whether more than that was proven; this page aside."""
    here = ["git", "-C", str(PAGE.parents[1])]
    said = subprocess.run(
        [*here, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True
    )
    but = f":!{PAGE.relative_to(PAGE.parents[1])}"
    same = subprocess.run([*here, "diff", "--quiet", "HEAD", "--", ".", but], capture_output=True)
    if said.returncode:
        return "unknown"
    return said.stdout.strip() + (" with changes" if same.returncode else "")


def _machine() -> str:
    """Its processors and its kernel, and nothing that names it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} × {(models or [platform.machine()])[0]}, Linux {kernel.split('-')[0]}"


def add(title: str, body: str) -> None:
    """Put a section of another proof into the page, instead of its last one."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# The proof of the promise\n"
    day = Clock().now().date().isoformat()
    stamped = f"*Commit {_commit()}, {day}, on {_machine()}.*\n\n{body}"
    _put(text.partition("\n## ")[0], {**_sections(), title: stamped})


def _sections() -> dict[str, str]:
    """The page's sections as they stand, by title."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {title: body for title, _, body in parts}


def _put(head: str, sections: dict[str, str]) -> None:
    sections.pop(LIMITS, None)
    sections[LIMITS] = FOOT
    parts = [head, *(f"## {title}\n\n{body.strip()}" for title, body in sections.items())]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")


def _places(full: Mapping[str, Proven]) -> list[tuple[str, str]]:
    """Where kills fell: the named steps in their order, then the others."""
    others = {place for each in full.values() for place in each.outcome.kills} - set(STEPS)
    return [(step, f"at `{step}`") for step in STEPS] + [(each, each) for each in sorted(others)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown; the first column is text, the others are figures."""
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
