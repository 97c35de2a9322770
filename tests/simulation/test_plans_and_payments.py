"""Whatever is agreed, paid, taken back and changed, in whatever order: the figures are right.

Random debts, plans, payments, voids, revisions and holidays go through the real
actions, and a naive model (model.py, naive.py) says after each of them what has
to have come of it. That the simulation can find something is shown on the
tracker with a planted bug (bugs.py).

A failing run names its seed and the shortest row of steps that was found to fail.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.simulation import bugs
from tests.simulation.home import Fault
from tests.simulation.machine import Machine, Report

SEED = 20270131
RUNS, STEPS = 8, 40
RUNS_OF_THE_PROOF, STEPS_OF_THE_PROOF = 60, 100
MOST_STEPS_UNTIL_FOUND = 600
STEPS_OF_A_PLANTED = 50
MOST_TRIES_TO_SHORTEN = 40

Home = Callable[[], Path]


@pytest.fixture
def fresh_home(tmp_path: Path, sqlite_template: Path) -> Home:
    """A folder with an empty database, another one each time."""
    names = count()

    def made() -> Path:
        home = tmp_path / f"home{next(names)}"
        home.mkdir(mode=0o700)
        shutil.copyfile(sqlite_template, home / "tracker.db")
        return home

    return made


@contextmanager
def machine(home: Path, seed: int, most_debts: int) -> Iterator[Machine]:
    found = Machine(home, seed, most_debts=most_debts)
    try:
        yield found
    finally:
        found.close()
        shutil.rmtree(home)


def numbers(seed: int, steps: int) -> list[int]:
    chance = random.Random(f"steps of {seed}")
    return [chance.randrange(2**32) for _ in range(steps)]


def fault(home: Path, seed: int, steps: Sequence[int], most_debts: int) -> str | None:
    """What a run of these steps finds wrong, with what was done before; None if nothing."""
    with machine(home, seed, most_debts) as running:
        try:
            running.run(steps)
        except Fault as found:
            told = "\n".join(running.report.told)
            return f"seed {seed}, {len(steps)} steps, at {running.home.clock.at}\n{told}\n{found}"
    return None


def shortest(fresh_home: Home, seed: int, steps: Sequence[int], most_debts: int) -> str:
    """Leave out steps for as long as something is still found, and tell what is left."""
    told, left = "", list(steps)
    size, tries = max(len(left) // 2, 1), MOST_TRIES_TO_SHORTEN
    while size and tries:
        for start in range(0, len(left), size):
            tries -= 1
            fewer = left[:start] + left[start + size :]
            if found := fault(fresh_home(), seed, fewer, most_debts):
                left, told = fewer, found
                break
            if not tries:
                break
        else:
            size //= 2
    return told


def run(fresh_home: Home, seed: int, steps: int, most_debts: int = 3) -> Report:
    wanted = numbers(seed, steps)
    with machine(fresh_home(), seed, most_debts) as running:
        for done, number in enumerate(wanted, 1):
            try:
                running.step(number)
            except Fault as found:
                told = "\n".join(running.report.told[-8:])
                short = shortest(fresh_home, seed, wanted[:done], most_debts)
                pytest.fail(
                    f"seed {seed}, step {done}:\n{told}\n{found}\n\nIn short:\n{short}",
                    pytrace=False,
                )
        return running.report


def run_all(fresh_home: Home, runs: int, steps: int) -> Report:
    whole = Report()
    for seed in range(SEED, SEED + runs):
        whole.add(run(fresh_home, seed, steps))
    return whole


def test_no_order_of_events_makes_a_wrong_figure(fresh_home: Home) -> None:
    found = run_all(fresh_home, RUNS, STEPS)

    assert_hard_enough(found, RUNS * STEPS)


@pytest.mark.prove
def test_no_order_of_events_makes_a_wrong_figure_in_thousands(fresh_home: Home) -> None:
    steps = RUNS_OF_THE_PROOF * STEPS_OF_THE_PROOF
    found = run_all(fresh_home, RUNS_OF_THE_PROOF, STEPS_OF_THE_PROOF)

    assert_hard_enough(found, steps)
    everything = {"debt.add", "debt.terms", "debt.order", "debt.charge", "debt.waiver"}
    everything |= {"plan.agree", "plan.pause", "plan.resume", "plan.waive", "plan.reschedule"}
    everything |= {"plan.withdraw", "pay", "payment.confirm", "payment.void", "bounced", "undo"}
    assert all(found.taken[action] >= steps // 1000 for action in everything), found.taken
    print(f"{steps} steps: {found.taken.total()} taken {dict(found.taken)},", end=" ")
    print(f"{found.refused.total()} refused {dict(found.refused)}, {found.reminders} reminders")


def assert_hard_enough(found: Report, steps: int) -> None:
    """A run in which little happened would show little."""
    assert found.taken.total() >= steps // 2
    assert found.refused.total() >= steps // 8
    assert found.reminders >= steps // 8
    assert len(found.taken) >= 12


@dataclass
class Found:
    """What a run found in its first `steps`; `steps_in_all` counts the runs before it too."""

    seed: int
    steps: list[int]
    steps_in_all: int
    what: str


def until_found(fresh_home: Home, first: int) -> Found:
    done = 0
    for seed in count(first):
        steps = numbers(seed, STEPS_OF_A_PLANTED)
        with machine(fresh_home(), seed, debts_of_a_planted(seed)) as running:
            for here, number in enumerate(steps, 1):
                done += 1
                try:
                    running.step(number)
                except Fault as found:
                    return Found(seed, steps[:here], done, str(found))
        if done >= MOST_STEPS_UNTIL_FOUND:
            pytest.fail(f"nothing was found in {done} steps")
    raise AssertionError("seeds have no end")


def debts_of_a_planted(seed: int) -> int:
    return 1 + seed % 2


@pytest.mark.parametrize("plant", bugs.PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    fresh_home: Home,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    found = until_found(fresh_home, SEED + bugs.PLANTED[plant])
    monkeypatch.undo()

    print(f"{plant.__name__}: after {found.steps_in_all} steps: {found.what[:150]}")
    # By the bug, and by nothing else.
    assert not fault(fresh_home(), found.seed, found.steps, debts_of_a_planted(found.seed))
