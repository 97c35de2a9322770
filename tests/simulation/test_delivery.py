"""Households over years, in which everything goes wrong: nothing is lost, nothing comes twice.

The real engine, on a clock that is turned forward, with providers that lose answers,
crashes at every step, full disks, wrong clocks, restored backups, several daemons, and
people who pay, take back, agree anew, move house and say STOP in between. After every
beat the rules I1 to I10 are held against it (tests/simulation/delivery/looks.py), and a
naive model says what had to come of it (naive.py). That this finds something is shown on
the engine with a planted bug (bugs.py).

What a power cut leaves of the file is tests/integration/test_power_cuts.py's.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import proof, schema
from tests.simulation.delivery import bugs
from tests.simulation.delivery.bugs import Plant
from tests.simulation.delivery.many import Failure, play_all, scripts
from tests.simulation.delivery.script import Report, Script, broken

SEED = 1
YEARS, PARTS = 50, 10
YEARS_OF_THE_PROOF = 1000
MOST_SEEDS = 1000
MOST_SEEDS_HERE = 25
"""From the seed on at which a bug is known to be found soon."""

NOT_ASKED, FROZEN = "again, and nobody could be asked", "twice, by one that was frozen"
MISHAPS = {
    "storm": "weeks in which a provider loses or delays its answers",
    "no_account": "hours without an account",
    "number_refused": "days on which a number takes nothing",
    "crash": "crashes at a named step",
    "freeze": "daemons that stood still, within their lease or beyond it",
    "act_between": "somebody writes in the middle of a daemon's work",
    "down": "hours and days without power",
    "asleep": "hours of sleep",
    "disk": "hours with a full, broken or locked disk",
    "another_worker": "another daemon on the same database",
    "wrong_clock": "clocks set wrong",
    "boot_in_the_past": "starts in 1970",
    "restore": "older backups put back",
}
SECTION = """\
By `make simulate SEED={seed} YEARS=1000`. The real engine lives with households on a clock that is
turned forward: one person or three, one debt or four, ten zones from Havana to Chatham. They pay,
take back, agree anew, move house, go away, go quiet, say STOP and change their number; around
them everything goes wrong that is counted here. After every beat of the engine the rules are held
against it: no reminder twice at a provider; none lost, and of each that did not go a reason that
is told; none after a payment, a STOP or a withdrawal was recorded; none outside the person's
hours; states forward only; sums whole; no payment lost; rest after finite work; no more than the
cap within a day; a feed that depends on nothing but the data. What was due is said by a model that
shares no code with the engine.

{figures}
Where a channel cannot be asked what became of a message (mail, push), a lost answer is followed by
one more try under the same name, and the message is marked. A worker that stood still between its
last look and the request is the limit named below."""
BUGS = """\
What happens in a run hangs on its seed alone. Each of these has to be found in one of the first
thousand runs; the same run without it has to be sound.

"""
BUGS_HEAD = ["planted", "what it does", "found by", "in run"]


def played(first: int, years: int, template: Path, jobs: int | None = None) -> Report:
    whole, failures = Report(), []
    for found in play_all(scripts(first, years), template, jobs=jobs):
        if isinstance(found, Failure):
            failures.append(found)
        else:
            whole.add(found)
    if failures:
        pytest.fail("\n".join(map(str, failures)), pytrace=False)
    return whole


def assert_hard_enough(found: Report, years: int) -> None:
    """Years in which nothing went wrong would show little."""
    assert found.years >= years
    assert found.counts["accepted"] >= 10 * years
    assert found.counts["unknown"] >= years
    assert found.happened.total() >= 4 * years
    assert found.taken.total() >= 6 * years


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_and_nothing_comes_twice_over_years(
    part: int, sqlite_template: Path
) -> None:
    years = YEARS // PARTS
    # Each part has seeds of its own, since a run lasts a year at least.
    found = played(SEED + part * years, years, sqlite_template, jobs=1)

    assert_hard_enough(found, years)


@pytest.mark.parametrize("plant", bugs.PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(
    plant: Plant, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = _template(plant, sqlite_template, tmp_path, monkeypatch)
    first = bugs.PLANTED[plant]
    script, what = _until_found(range(first, first + MOST_SEEDS_HERE), template)

    monkeypatch.undo()

    print(f"{plant.__name__}: {script}: {what[:150]}")
    # By the bug, and by nothing else.
    assert broken(script, sqlite_template) is None


@pytest.mark.prove
def test_a_thousand_years(sqlite_template: Path) -> None:
    """Writes a section of docs/proof.md."""
    found = played(SEED, YEARS_OF_THE_PROOF, sqlite_template)

    assert_hard_enough(found, YEARS_OF_THE_PROOF)
    proof.add("Simulated years", _section(found))


@pytest.mark.prove
def test_every_planted_bug_is_found_in_the_first_thousand_runs(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes a section of docs/proof.md."""
    rows = []
    for plant, first in bugs.PLANTED.items():
        template = _template(plant, sqlite_template, tmp_path, monkeypatch)
        script, what = _until_found(range(first, SEED + MOST_SEEDS), template)
        monkeypatch.undo()
        assert broken(script, sqlite_template) is None, plant
        rows.append(
            [
                f"`{plant.__name__}`",
                str(plant.__doc__),
                what.partition(":")[0][:60],
                str(script.seed),
            ]
        )
    proof.add("Bugs planted in simulated years", BUGS + proof.table(BUGS_HEAD, rows))


def _template(plant: Plant, empty: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty database, made with the bug: it may be one of the schema."""
    plant(monkeypatch)
    path = folder / f"{plant.__name__}.db"
    schema.create(f"sqlite:///{path}")
    return path


def _until_found(seeds: range, template: Path) -> tuple[Script, str]:
    for seed in seeds:
        script = Script.of(seed)
        if what := broken(script, template):
            return script, what
    pytest.fail(f"nothing was found in {len(seeds)} seeds")


def _section(found: Report) -> str:
    figures = [
        ("simulated years", found.years),
        ("households", found.runs),
        ("requests to a provider", found.counts["requests"]),
        ("texts taken", found.counts["accepted"]),
        ("sends without a clear answer", found.counts["unknown"]),
        ("held for a while", found.counts["held"]),
        ("too late after downtime, and shown as expired", found.counts["expired"]),
        ("things that people did", found.taken.total()),
        ("of these refused, and nothing changed", found.refused.total()),
        *((MISHAPS[name], found.happened[name]) for name in MISHAPS),
        ("twice over a channel that cannot be asked, and marked so", found.counts[NOT_ASKED]),
        ("twice by a worker that was frozen past its lease", found.counts[FROZEN]),
        ("**rules broken**", "**0**"),
    ]
    rows = [
        [name, f"{figure:,}" if isinstance(figure, int) else figure] for name, figure in figures
    ]
    return SECTION.format(figures=proof.table(["", "times"], rows), seed=SEED)
