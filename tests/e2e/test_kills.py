"""The promise: a reminder is never lost and never sent twice; a recorded payment is never lost.

The real daemon is killed over and over while it sends and while payments are
recorded (tests/peers/harness.py), and what came of it is judged from outside
(tests/peers/verdict.py). That the judge can say no is shown on daemons with a
planted bug (tests/peers/planted.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BOTH
from tests.peers import household, planted, postgres, proof
from tests.peers.harness import Trial, run
from tests.peers.proof import Proven
from tests.peers.verdict import judge
from tracker.actions.delivery.steps import STEPS
from tracker.clock import Clock

SEED = 20270104
KILLS, KILLS_OF_THE_PROOF, KILLS_OF_A_PLANTED = 100, 200, 5

HOUSEHOLD = household.planned()

Prepare = Callable[[str], tuple[Path, str]]


@pytest.fixture(scope="module")
def recorded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which the household is recorded."""
    path = tmp_path_factory.mktemp("household") / "tracker.db"
    shutil.copyfile(sqlite_template, path)
    household.build(f"sqlite:///{path}", HOUSEHOLD)
    return path


@pytest.fixture
def prepare(request: pytest.FixtureRequest, tmp_path: Path) -> Prepare:
    """A folder and a database of their own, with the household recorded."""

    def prepared(kind: str) -> tuple[Path, str]:
        folder = tmp_path / kind
        folder.mkdir()
        if kind != "postgresql":
            shutil.copyfile(request.getfixturevalue("recorded"), folder / "tracker.db")
            return folder, f"sqlite:///{folder / 'tracker.db'}"
        server: postgres.Server = request.getfixturevalue("postgres")
        url: str = request.getfixturevalue("postgres_url")
        server.empty(url)
        own = server.fresh_database(postgres.database_name(url))
        household.build(own, HOUSEHOLD)
        return folder, own

    return prepared


def endured(prepared: tuple[Path, str], trial: Trial) -> Proven:
    outcome = run(trial, *prepared, HOUSEHOLD)
    return Proven(outcome=outcome, verdict=judge(outcome))


def killed(kind: str, kills: int) -> Trial:
    return Trial(name=kind, kills=kills, seed=SEED)


def with_bug(variant: str) -> Trial:
    conditions: dict[str, Any] = {
        # Killed where it goes wrong, by a provider that does not.
        "send-then-mark": {"steps": ("answered",), "named": 1.0, "faults": {}},
        "mark-then-send": {"steps": ("checked",), "named": 1.0, "faults": {}},
        "blind-retry": {"steps": ("recorded",), "named": 1.0, "faults": {"drop": 0.3}},
        "forgetful-keys": {"named": 0.0, "faults": {}, "hangs_up": 1.0},
        "answer-ahead": {"named": 0.0, "faults": {}},
    }[variant]
    return Trial(name=variant, kills=KILLS_OF_A_PLANTED, seed=SEED, variant=variant, **conditions)


def assert_hard_enough(proven: Proven) -> None:
    """A trial in which nothing was hit would prove nothing."""
    outcome, figures = proven.outcome, proven.verdict.figures
    kills = outcome.trial.kills
    assert outcome.kills.total() == kills
    assert sum(outcome.kills[step] for step in STEPS) >= kills // 4
    assert figures["left on their way by a kill"] >= kills // 10
    assert figures["answers in doubt"] >= kills // 4
    assert figures["found at the provider"] >= kills // 10
    assert figures["reminders due"] >= 2 * kills
    assert figures["payments"] >= kills // 4
    assert figures["payments whose answer was lost"] >= kills // 10


@pytest.mark.parametrize("kind", BOTH)
def test_a_hundred_kills_lose_nothing_and_double_nothing(kind: str, prepare: Prepare) -> None:
    proven = endured(prepare(kind), killed(kind, KILLS))

    assert proven.verdict.wrong == {}
    assert_hard_enough(proven)


@pytest.mark.parametrize("variant", planted.VARIANTS)
def test_a_planted_bug_is_found(variant: str, prepare: Prepare) -> None:
    proven = endured(prepare(variant), with_bug(variant))

    assert proven.outcome.kills.total() == KILLS_OF_A_PLANTED
    assert proven.verdict.wrong.get(planted.SHOWS_AS[variant], []), proven.verdict.figures


@pytest.mark.postgres
@pytest.mark.prove
def test_the_proof(prepare: Prepare) -> None:
    """Two hundred kills per database, both at once, and every planted bug; writes docs/proof.md."""
    kinds = ("sqlite", "postgresql")
    with ThreadPoolExecutor(len(kinds)) as pool:
        trials = {
            kind: pool.submit(endured, prepare(kind), killed(kind, KILLS_OF_THE_PROOF))
            for kind in kinds
        }
        full = {kind: each.result() for kind, each in trials.items()}
    bugs = {variant: endured(prepare(variant), with_bug(variant)) for variant in planted.VARIANTS}

    proof.write(full, bugs, seed=SEED, day=Clock().now().date())
    for proven in full.values():
        assert proven.verdict.wrong == {}
        assert_hard_enough(proven)
    for variant, proven in bugs.items():
        assert proven.verdict.wrong.get(planted.SHOWS_AS[variant]), variant
