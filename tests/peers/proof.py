"""docs/proof.md: the figures of the promise, written by `make prove`."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.peers.harness import FAULTS, Outcome
from tests.peers.planted import SHOWS_AS, VARIANTS
from tests.peers.twilio import Fault
from tests.peers.verdict import Verdict
from tracker.actions.delivery.steps import STEPS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "proof.md"
COMMAND = "make prove"

HEAD = """\
# The proof of the promise

Written by `{command}` on {day}; do not edit. Seed {seed}, Python {python}, SQLite {sqlite}.

> A reminder is never lost and never sent twice; a recorded payment is never lost.

The real daemon runs on a simulated clock and sends to a Twilio on the same machine, which
disturbs {disturbed} % of its answers: accepted and then no answer, accepted late, 500 before and
after accepting, 429, 401, slow, unreadable. All the while somebody records payments, and repeats
each with its key until it is answered. The daemon is killed by SIGKILL and started again at once:
half of the time at a named step of its work, in turn, otherwise at a moment drawn by lot, while it
starts, while a payment is under way, or right after one was answered. Then it is left alone until
nothing is left to do. What the provider's own log and the ledger hold is compared with what was
agreed and paid. That this comparison can fail is shown below, on daemons with a bug planted.
"""

FOOT = """\
The limits of this. A worker that is frozen between its last look at the lease and the request,
for longer than the lease, can still send twice; the tracker detects that and shows it. SIGKILL
ends the process, not the machine: what a power cut leaves depends on the disk, too, and on
`synchronous = FULL`. The Twilio here keeps to its documentation; the real one was not asked.
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
) -> None:
    """Write the page. `full` is by database, `planted` by variant."""
    disturbed = 100 * sum(FAULTS.get(kind, 0.0) for kind in Fault)
    parts = [
        HEAD.format(
            command=COMMAND,
            day=day.isoformat(),
            seed=seed,
            python=platform.python_version(),
            sqlite=sqlite3.sqlite_version,
            disturbed=f"{disturbed:.0f}",
        ),
        _table(
            ["", *full],
            [
                *(
                    [label, *(str(each.verdict.figures[name]) for each in full.values())]
                    for name, label in ROWS
                ),
                *(
                    [label, *(f"**{len(getattr(each.verdict, name))}**" for each in full.values())]
                    for name, label in FINDINGS.items()
                ),
            ],
        ),
        "## Where the kills fell\n",
        _table(
            ["", *full],
            [
                [name, *(str(each.outcome.kills[place]) for each in full.values())]
                for place, name in _places(full)
            ],
        ),
        "## Planted bugs\n",
        "Each must be found, or the comparison proves nothing.\n",
        _table(
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
        ),
        FOOT,
    ]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def _places(full: Mapping[str, Proven]) -> list[tuple[str, str]]:
    """Where kills fell: the named steps in their order, then the others."""
    others = {place for each in full.values() for place in each.outcome.kills} - set(STEPS)
    return [(step, f"at `{step}`") for step in STEPS] + [(each, each) for each in sorted(others)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
