"""Every benchmark has its mark, and runs on compiled files, as an installed tracker does."""

from __future__ import annotations

import compileall
from pathlib import Path

import pytest

from tests.peers import measure


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.benchmark)


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    compileall.compile_dir(measure.ROOT / "tracker", quiet=1)
