"""Every benchmark has its mark, and runs on compiled files, as an installed tracker does."""

from __future__ import annotations

import compileall
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import BOTH
from tests.peers import measure, postgres, schema


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.benchmark)


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    compileall.compile_dir(measure.ROOT / "tracker", quiet=1)


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest) -> Iterator[Callable[[], Path | str]]:
    """Empty databases of one kind, as `measure.office` takes them."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield lambda: template
        return
    server: postgres.Server = request.getfixturevalue("postgres")
    made: list[str] = []

    def another() -> str:
        made.append(server.fresh_database())
        schema.create(made[-1])
        return made[-1]

    yield another
    for url in made:
        server.drop(url)
