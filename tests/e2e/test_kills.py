"""The promise: a reminder is never lost and never sent twice; a recorded payment is never lost.

Real daemons are killed over and over while they send and while payments are recorded
(tests/peers/siege.py), and what came of it is judged from outside (tests/peers/verdict.py).
That the judge can say no is shown on daemons with a planted bug (tests/peers/planted.py),
and what all this is for on two loops that promise nothing (tests/peers/naive_senders.py).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BOTH
from tests.peers import household, naive_senders, planted, postgres, proof, verdict
from tests.peers.proof import Proven
from tests.peers.siege import Outcome, run
from tests.peers.trial import Trial
from tests.peers.zygote import Zygote
from tracker.actions.delivery.steps import STEPS
from tracker.clock import Clock

SEED = 20270104
KILLS, KILLS_OF_A_PLANTED, KILLS_OF_A_NAIVE = 100, 5, 20
KILLS_OF_THE_PROOF, TEXTS_OF_THE_PROOF = 2000, 10_000
NAIVE_KILLS_OF_THE_PROOF, NAIVE_TEXTS_OF_THE_PROOF = 250, 1000

HOMES = {"sqlite": 1, "postgresql": 4}
"""So many daemons work on one database at once, each from a home of its own."""
HOUSEHOLD = household.planned(20, 2, copies=5)
HOUSEHOLD_OF_THE_PROOF = household.planned(20, 2, copies=20)
MEMORY = Path("/dev/shm")
"""What is killed is the process, not the machine: so a file need not wait for a disk."""

Fill = Callable[[str, list[household.Debt]], None]


@dataclass(frozen=True, slots=True)
class Field:
    """Where trials are run: a folder and a database of its own for each, with the household."""

    request: pytest.FixtureRequest
    zygote: Zygote
    stack: ExitStack

    def endured(
        self, trial: Trial, *, fill: Fill = household.build, on_disk: bool = False
    ) -> Outcome:
        folder = self._folder(on_disk)
        url = self._database(trial.homes > 1, folder)
        owing = HOUSEHOLD_OF_THE_PROOF if trial.texts else HOUSEHOLD
        fill(url, owing)
        return run(trial, folder, url, owing, zygote=self.zygote)

    def _folder(self, on_disk: bool) -> Path:
        where = None if on_disk or not MEMORY.is_dir() else MEMORY
        return Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=where)))

    def _database(self, served: bool, folder: Path) -> str:
        if not served:
            template: Path = self.request.getfixturevalue("sqlite_template")
            shutil.copyfile(template, folder / "tracker.db")
            return f"sqlite:///{folder / 'tracker.db'}"
        server: postgres.Server = self.request.getfixturevalue("postgres")
        url: str = self.request.getfixturevalue("postgres_url")
        server.empty(url)
        return server.fresh_database(postgres.database_name(url))


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as made:
        yield made


@pytest.fixture
def field(request: pytest.FixtureRequest, zygote: Zygote) -> Iterator[Field]:
    with ExitStack() as stack:
        yield Field(request, zygote, stack)


def endured(field: Field, trial: Trial, *, on_disk: bool = False) -> Proven:
    outcome = field.endured(trial, on_disk=on_disk)
    return Proven(outcome=outcome, verdict=verdict.judge(outcome))


def killed(kind: str, kills: int, texts: int = 0) -> Trial:
    return Trial(name=kind, kills=kills, texts=texts, homes=HOMES[kind], seed=SEED)


def with_bug(variant: str) -> Trial:
    conditions: dict[str, Any] = {
        # Killed where it goes wrong, by a provider that does not.
        "send-then-mark": {"steps": ("answered",), "named": 1.0, "faults": {}},
        "mark-then-send": {"steps": ("checked",), "named": 1.0, "faults": {}},
        "blind-retry": {"steps": ("recorded",), "named": 1.0, "faults": {"drop": 0.3}},
        "forgetful-keys": {"named": 0.0, "faults": {}, "hangs_up": 1.0, "payments": 8},
        "answer-ahead": {"named": 0.0, "faults": {}, "payments": 5},
    }[variant]
    return Trial(name=variant, kills=KILLS_OF_A_PLANTED, seed=SEED, variant=variant, **conditions)


def naive(field: Field, variant: str, kills: int, texts: int = 0) -> Proven:
    trial = Trial(
        name=variant,
        kills=kills,
        texts=texts,
        seed=SEED,
        payments_a_second=0.0,
        variant=variant,
        work=naive_senders.NAIVE,
    )
    outcome = field.endured(trial, fill=naive_senders.fill)
    return Proven(outcome=outcome, verdict=naive_senders.judge(outcome))


def assert_hard_enough(proven: Proven) -> None:
    """A trial in which nothing was hit would prove nothing."""
    outcome, figures = proven.outcome, proven.verdict.figures
    kills = outcome.trial.kills
    assert outcome.kills.total() >= kills
    assert outcome.starts >= kills
    # On a busy machine a daemon gets less far before its end.
    assert sum(outcome.kills[step] for step in STEPS) >= kills // 8
    assert figures["left on their way by a kill"] >= kills // 20
    assert figures["answers in doubt"] >= kills // 8
    assert figures["found at the provider"] >= kills // 20
    assert figures["reminders due"] >= kills // 2
    assert figures["accepted"] >= outcome.trial.texts
    assert figures["payments"] >= kills // 8
    assert figures["payments whose answer was lost"] >= kills // 25


@pytest.mark.parametrize("kind", BOTH)
def test_a_hundred_kills_lose_nothing_and_double_nothing(kind: str, field: Field) -> None:
    proven = endured(field, killed(kind, KILLS))

    assert proven.verdict.wrong == {}
    assert_hard_enough(proven)


@pytest.mark.parametrize("variant", planted.VARIANTS)
def test_a_planted_bug_is_found(variant: str, field: Field) -> None:
    proven = endured(field, with_bug(variant))

    assert proven.outcome.kills.total() >= KILLS_OF_A_PLANTED
    assert proven.verdict.wrong.get(planted.SHOWS_AS[variant], []), proven.verdict.figures


@pytest.mark.parametrize("variant", naive_senders.VARIANTS)
def test_a_naive_loop_loses_or_doubles_under_the_same_kills(variant: str, field: Field) -> None:
    proven = naive(field, variant, KILLS_OF_A_NAIVE)

    assert proven.outcome.kills.total() >= KILLS_OF_A_NAIVE
    assert list(proven.verdict.wrong) == [naive_senders.SHOWS_AS[variant]], proven.verdict.figures


@pytest.mark.postgres
@pytest.mark.prove
def test_the_proof(field: Field) -> None:
    """Thousands of kills per database, naive loops, every planted bug; writes docs/proof.md."""
    full = {
        kind: endured(field, killed(kind, KILLS_OF_THE_PROOF, TEXTS_OF_THE_PROOF), on_disk=True)
        for kind in ("sqlite", "postgresql")
    }
    loops = {
        variant: naive(field, variant, NAIVE_KILLS_OF_THE_PROOF, NAIVE_TEXTS_OF_THE_PROOF)
        for variant in naive_senders.VARIANTS
    }
    bugs = {variant: endured(field, with_bug(variant)) for variant in planted.VARIANTS}

    proof.write(full, bugs, naive=loops, seed=SEED, day=Clock().now().date())
    for proven in full.values():
        assert proven.verdict.wrong == {}
        assert_hard_enough(proven)
    for variant, proven in loops.items():
        assert list(proven.verdict.wrong) == [naive_senders.SHOWS_AS[variant]], variant
    for variant, proven in bugs.items():
        assert proven.verdict.wrong.get(planted.SHOWS_AS[variant]), variant
