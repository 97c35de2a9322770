"""Eight workers, each a process of its own, and one outbox: no message is claimed twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.peers import claimers, household, postgres, proof
from tests.peers.claimers import Claims

pytestmark = pytest.mark.postgres

WORKERS, EACH, EACH_OF_THE_PROOF = 8, 100, 2000
HOUSEHOLD = household.planned(20, 2, copies=10)
NOW = household.RECORDED_AT + timedelta(seconds=1)

Outbox = Callable[[int], str]


@pytest.fixture
def outbox(postgres: postgres.Server, postgres_url: str) -> Outbox:
    """A PostgreSQL database with so many messages that wait to be claimed."""

    def filled(count: int) -> str:
        postgres.empty(postgres_url)
        household.build(postgres_url, HOUSEHOLD)
        claimers.fill(postgres_url, count)
        return postgres_url

    return filled


def assert_shared(claims: Claims, count: int) -> None:
    """Everything was claimed, and everybody claimed: they did work at once."""
    assert claims.taken.keys() == set(range(1, count + 1))
    assert min(len(each) for each in claims.by_worker) > count / WORKERS / 5


def test_eight_workers_claim_each_message_once(outbox: Outbox, tmp_path: Path) -> None:
    url = outbox(WORKERS * EACH)

    claims = claimers.claimed("real", url, WORKERS, tmp_path, NOW)

    assert claims.twice == []
    assert_shared(claims, WORKERS * EACH)


def test_a_naive_claim_doubles_among_eight_workers(outbox: Outbox, tmp_path: Path) -> None:
    claims = claimers.claimed("naive", outbox(WORKERS * EACH), WORKERS, tmp_path, NOW)

    assert claims.twice
    assert_shared(claims, WORKERS * EACH)


@pytest.mark.prove
def test_the_proof_of_the_claims(outbox: Outbox, tmp_path: Path) -> None:
    """Thousands of rows for each worker; writes its part of docs/proof.md."""
    count = WORKERS * EACH_OF_THE_PROOF
    found = {
        way: claimers.claimed(way, outbox(count), WORKERS, tmp_path, NOW) for way in claimers.WAYS
    }

    rows = [
        [label, *(str(figure(each)) for each in found.values())]
        for label, figure in (
            ("messages", lambda each: len(each.taken)),
            ("claims", lambda each: each.taken.total()),
            ("**messages claimed twice**", lambda each: len(each.twice)),
        )
    ]
    proof.add(
        "Claims by many workers",
        f"{WORKERS} processes claim from one PostgreSQL at once until nothing is left: with the "
        "engine's claim,\nand with an update of the row that a subquery picked.\n\n"
        + proof.table(["", "the engine", "naive"], rows),
    )
    assert found["real"].twice == []
    assert found["naive"].twice
    for each in found.values():
        assert_shared(each, count)
